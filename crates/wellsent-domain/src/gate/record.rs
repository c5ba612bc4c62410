//! The facts of a ruling in words that can be kept and shown: which fact had which value. It names no number, no date of birth and no text.

use super::{Facts, GuardFinding, Reached, Reassigned};
use crate::Tier;
use crate::consent::{Directive, Warning};
use crate::person::age_on;
use crate::practice::Service;
use jiff::Timestamp;
use std::fmt::Write;

impl Facts {
    /// One line a fact, `name=value`. Together with the keyed digest on the ledger it shows later what the gate saw.
    pub fn record(&self, now: Timestamp) -> String {
        let mut out = String::with_capacity(640);
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name}={value}");
        };
        line("now", &now);
        line("practice.sending", &self.settings.sending.as_str());
        line("practice.part2", &self.part2);
        line("practice.clinical_texts", &self.settings.clinical_texts);
        match &self.person {
            None => line("person", &"unknown"),
            Some(person) => {
                line("person.standing", &person.standing.as_str());
                line("person.birth_date_known", &person.birth_date.is_some());
                line("person.sensitive", &person.sensitive);
                // The birth date itself is nobody's to read here; what the gate asked of it is.
                let birth = person.birth_date.as_ref().map(|date| *date.expose());
                let of_age = birth.map(|birth| age_on(birth, self.practice_zone.to_datetime(now).date()) >= self.settings.majority_years);
                line("person.of_age", &of_age.map_or("unknown", |yes| if yes { "yes" } else { "no" }));
                if let Reached::Proxy(proxy) = person.reached {
                    let today = self.practice_zone.to_datetime(now).date();
                    line("proxy.holds", &proxy.holds(birth, today, self.settings.majority_years));
                    line("proxy.clinical", &proxy.clinical);
                }
                line(
                    "person.reached",
                    &match person.reached {
                        Reached::Own => "own",
                        Reached::MatureMinor => "mature_minor",
                        Reached::Proxy(proxy) => proxy.authority.as_str(),
                    },
                );
            }
        }
        line("number.state", &self.contact.state.as_str());
        line("number.obtained", &self.contact.obtained.as_str());
        line("number.verified_at", &Moment(self.contact.verified_at));
        line("number.confirmed_at", &Moment(self.contact.confirmed_at));
        line("number.line", &self.contact.line.as_str());
        line("number.shared", &self.contact.shared);
        line(
            "number.reassigned",
            &match self.contact.reassigned {
                Reassigned::Unchecked => "unchecked",
                Reassigned::No { .. } => "no",
                Reassigned::Yes => "yes",
                Reassigned::NoData => "no_data",
            },
        );
        match &self.consent {
            None => line("consent", &"none"),
            Some(consent) => {
                line("consent", &consent.event);
                line("consent.at", &consent.at);
                line("consent.written", &consent.written);
                line("consent.confirmed", &consent.confirmed);
            }
        }
        match &self.suppression {
            None => line("suppression", &"none"),
            Some(suppression) => {
                line("suppression", &suppression.id);
                line("suppression.at", &suppression.at);
            }
        }
        line(
            "warning",
            &match self.warning {
                Warning::NotShown => "not_shown",
                Warning::Shown => "shown",
                Warning::Accepted => "accepted",
                Warning::Withdrawn => "withdrawn",
            },
        );
        let today = self.practice_zone.to_datetime(now).date();
        line(
            "authorization",
            &match self.authorization {
                None => "none",
                Some(held) if held.holds(today) => "in_force",
                Some(_) => "over",
            },
        );
        for directive in &self.directives {
            if let Directive::OnlyBetween(window) = directive {
                line("directive.opens", &window.opens());
                line("directive.closes", &window.closes());
            }
            line(
                "directive",
                &match directive {
                    Directive::NeverText => "never_text",
                    Directive::NotThisNumber => "not_this_number",
                    Directive::OnlyBetween(_) => "only_between",
                    Directive::NothingClinical => "nothing_clinical",
                },
            );
        }
        for visit in &self.visits {
            line("visit.version_planned", &visit.planned_version);
            line("visit.version_now", &visit.version.unwrap_or(0));
            line("visit.coming", &visit.coming);
            line("visit.starts_at", &visit.starts_at);
            line("visit.sensitive", &visit.sensitive);
            line("visit.permitted", &visit.permitted);
        }
        line(
            "guard",
            &match self.guard {
                GuardFinding::NotFreeText => "not_free_text",
                GuardFinding::Clear => "clear",
                GuardFinding::Needs { tier: Tier::T0, .. } | GuardFinding::Needs { tier: Tier::T1, .. } => "T1",
                GuardFinding::Needs { tier: Tier::T2, sensitive: false } => "T2",
                GuardFinding::Needs { tier: Tier::T2, sensitive: true } => "T2 sensitive",
                GuardFinding::Needs { tier: Tier::T3, .. } => "T3",
            },
        );
        line("frequency.last_seven_days", &self.frequency.in_last_week(now));
        for zone in &self.zones {
            line("zone", &zone.iana_name().unwrap_or("fixed"));
        }
        line("inbound.unrouted", &self.unrouted_inbound);
        line("inbound.last_at", &Moment(self.last_inbound_at));
        line("sender", &self.sender.id);
        line("inbound.auto_replies", &self.auto_replies_last_hour);
        line("sender.registration", &self.sender.registration.as_str());
        line("sender.free_at", &self.sender.free_at);
        if let Some(day) = &self.sender.brand_day {
            line("sender.parts_left_today", &day.parts_left);
        }
        if let Some(until) = &self.sender.unavailable_until {
            line("carrier.unavailable_until", until);
        }
        if self.sender.makes_codes {
            line("sender.makes_codes", &true);
        }
        match &self.agreement {
            None => line("agreement", &"none"),
            Some(agreement) => {
                line("agreement.from", &agreement.from);
                match agreement.until {
                    None => line("agreement.until", &"open"),
                    Some(until) => line("agreement.until", &until),
                }
                line("agreement.ended", &agreement.ended_at.is_some_and(|at| at <= now));
                line("agreement.covers", &agreement.covers(Service::Sms, self.sender.account.as_deref()));
                if self.sender.makes_codes {
                    line("agreement.covers_codes", &agreement.covers(Service::Verify, self.sender.account.as_deref()));
                }
            }
        }
        out
    }
}

struct Moment(Option<Timestamp>);

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            None => f.write_str("never"),
            Some(at) => write!(f, "{at}"),
        }
    }
}
