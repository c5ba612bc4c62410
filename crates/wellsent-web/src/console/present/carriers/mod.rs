//! Carrier accounts, agreements and senders as pages tell of them.

mod account;
mod agreement;
mod application;
mod sender;

pub(crate) use account::charts_begin;
pub(crate) use agreement::service;
pub(crate) use application::application;
pub(crate) use sender::sender_address;

use super::calendar::Calendar;
use super::words::{count, thousands};
use crate::console::view::{Alarm, When};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use wellsent_domain::practice::{Agreement, EndStage, Registration, Sender, Service};
use wellsent_engine::CarrierHealth;
use wellsent_store::views::carriers::{CarriersView, SenderLine};
use wellsent_store::views::traffic::{ApplicationLine, Traffic};

/// Everything that the page is made from.
pub(crate) struct Books<'a> {
    /// Agreements, senders, unclear texts.
    pub view: &'a CarriersView,
    /// How texts went.
    pub traffic: &'a Traffic,
    /// The accounts of this server that the practice may see.
    pub health: &'a [CarrierHealth],
    /// The moment.
    pub calendar: &'a Calendar,
    /// The address at which carriers see this server.
    pub public_url: &'a str,
    /// When the day of brands begins anew.
    pub brand_day_ends: Timestamp,
}

/// `at 2:15 PM`, `tomorrow at 2:15 PM`.
pub(crate) fn at_moment(calendar: &Calendar, at: Timestamp) -> When {
    let When { iso, text } = calendar.when(at);
    let text = if text.starts_with(|first: char| first.is_ascii_digit()) { format!("at {text}") } else { text };
    When { iso, text }
}

impl Books<'_> {
    /// The names of the accounts that the page tells of.
    pub fn names(&self) -> BTreeSet<&str> {
        let of_senders = self.view.senders.iter().map(|line| line.sender.carrier.as_str());
        let of_agreements = self.view.agreements.iter().map(|stored| stored.carrier.as_str());
        self.health.iter().map(|health| health.name.as_str()).chain(of_senders).chain(of_agreements).collect()
    }

    /// An account of this server.
    pub fn health_of(&self, name: &str) -> Option<&CarrierHealth> {
        self.health.iter().find(|health| health.name == name)
    }

    /// All senders.
    pub fn senders(&self) -> Vec<Sender> {
        self.view.senders.iter().map(|line| line.sender.clone()).collect()
    }

    fn of_account(&self, name: &str) -> Vec<&SenderLine> {
        self.view.senders.iter().filter(|line| line.sender.carrier == name).collect()
    }

    /// Why nothing goes through an account, as far as its agreements are concerned (H-19, TW-01).
    pub fn gap(&self, name: &str) -> Option<String> {
        let known: Vec<Agreement> =
            self.view.agreements.iter().filter(|stored| stored.carrier == name).map(|stored| stored.agreement.clone()).collect();
        let account = self.health_of(name).and_then(|health| health.account.as_deref());
        let (now, zone) = (self.calendar.now(), self.calendar.zone());
        let day = |day: Date| self.calendar.on_day(self.calendar.day_span(day).0).text;
        let why = match Agreement::that_counts(&known, account, now, zone) {
            None => "no agreement with it is recorded".to_owned(),
            Some(one) if one.in_force(now, zone) => match (account, one.account.as_deref()) {
                _ if one.covers(Service::Sms, account) => return None,
                _ if !one.services.covers(Service::Sms) => "its agreement does not cover texts".to_owned(),
                (Some(account), Some(named)) => format!("its agreement names the account {named}, and texts would go over {account}"),
                (Some(account), None) => format!("its agreement names no account, and texts would go over {account}"),
                (None, _) => "its agreement names an account, and this carrier has none".to_owned(),
            },
            Some(one) => match (one.ended_at, one.until) {
                (Some(at), _) if at <= now => format!("its agreement was ended on {}", self.calendar.on_day(at).text),
                (_, Some(until)) if until < self.calendar.today() => format!("its agreement ended on {}", day(until)),
                _ => format!("its agreement begins on {}", day(one.from)),
            },
        };
        Some(format!("Nothing goes through {name}: {why}."))
    }

    /// What keeps texts from going and what waits for a person, the worst first.
    pub fn alarms(&self, applications: &[ApplicationLine]) -> Vec<Alarm> {
        let alarm = |is_bad, text: String, href, link| Alarm { is_bad, text, href, link };
        let mut alarms = Vec::new();
        let used: BTreeSet<_> = self.view.senders.iter().map(|line| line.sender.carrier.as_str()).collect();
        for name in &used {
            alarms.extend(self.gap(name).map(|text| alarm(true, text, "#record-agreement", "Record an agreement")));
            match self.health_of(name) {
                None => alarms.push(alarm(true, format!("Nothing goes through {name}: it is not in the settings of this server."), "", "")),
                Some(health) if health.refused => {
                    alarms.push(alarm(
                        true,
                        format!("{name} refuses the account. Nothing goes through it until that is mended."),
                        "#accounts",
                        "See what to do",
                    ));
                }
                Some(_) => {}
            }
        }
        let senders = &self.view.senders;
        if !senders.is_empty() && senders.iter().all(|line| line.sender.registration != Registration::Approved) {
            alarms.push(alarm(true, "No sender is approved by the carriers, so every text waits.".to_owned(), "#senders", "Senders"));
        }
        let (now, zone) = (self.calendar.now(), self.calendar.zone());
        for one in &self.view.agreements {
            let others: Vec<_> = self.view.agreements.iter().filter(|other| other.carrier == one.carrier && other.id != one.id).collect();
            let others: Vec<Agreement> = others.into_iter().map(|other| other.agreement.clone()).collect();
            let ends_soon = one.agreement.in_force(now, zone) && one.agreement.end_stage(now, zone) == EndStage::Soon;
            if ends_soon && used.contains(one.carrier.as_str()) && !one.agreement.is_followed(&others, now, zone) {
                let text = format!("The agreement for {} {}, and no other follows it.", one.carrier, self.ends(one));
                alarms.push(alarm(false, text, "#record-agreement", "Record the next one"));
            }
        }
        match self.view.unclear.iter().filter(|line| line.given_up).count() {
            0 => {}
            1 => alarms.push(alarm(false, "Of one text nobody knows whether it went.".to_owned(), "#unclear", "Settle it")),
            some => alarms.push(alarm(false, format!("Of {some} texts nobody knows whether they went."), "#unclear", "Settle them")),
        }
        if self.view.erasures.given_up > 0 {
            let text = format!("Carriers would not forget {} that they carried. Ask their support.", texts(self.view.erasures.given_up));
            alarms.push(alarm(false, text, "", ""));
        }
        if applications.iter().any(|line| line.given_up > 0) {
            alarms.push(alarm(false, "An application does not take its callbacks.".to_owned(), "#applications", "Applications"));
        }
        alarms.sort_by_key(|alarm| !alarm.is_bad);
        alarms
    }
}

/// At which point sight of a text was lost.
pub(crate) fn lost(cause: Option<&str>) -> &'static str {
    match cause {
        Some("deadline") => "No answer came in time.",
        Some("line_lost") => "The line broke before the answer.",
        Some("server_error") => "The carrier answered with an error of its own.",
        Some("unreadable") => "The carrier's answer could not be understood.",
        Some("overdue") => "This server stopped in between.",
        _ => "",
    }
}

fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn number(count: i64) -> String {
    thousands(whole(count))
}

fn texts(some: i64) -> String {
    if count(some) == 1 { "one text".to_owned() } else { format!("{} texts", number(some)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use wellsent_carrier::{Idempotency, Traits};
    use wellsent_domain::practice::{SenderKind, Services};
    use wellsent_domain::{AgreementId, PracticeId, SenderId};
    use wellsent_engine::CarrierState;
    use wellsent_store::agreements::StoredAgreement;
    use wellsent_store::erasures;
    use wellsent_store::views::carriers::Outcomes;

    /// A page of Thanksgiving week, noon in New York.
    struct Page {
        view: CarriersView,
        traffic: Traffic,
        health: Vec<CarrierHealth>,
        calendar: Calendar,
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    impl Page {
        fn new(account: Option<&str>) -> Self {
            let sender = Sender {
                id: SenderId::from_bytes([1; 16]),
                practice: PracticeId::from_bytes([2; 16]),
                carrier: "twilio-main".into(),
                address: "+12125550199".into(),
                kind: SenderKind::LongCode,
                registration: Registration::Approved,
                campaign: None,
                brand: Some("B1".into()),
                parts_per_minute: 60,
                parts_per_day_max: Some(2_000),
                rank: 1,
            };
            let line = SenderLine { sender, counts: Outcomes::default(), used_today: Some(2_000), received_until: None };
            let traits = Traits {
                validity_s: 1..=14_400,
                body_chars_max: 1_600,
                idempotency: Idempotency::None,
                log_shows_token: false,
                reports_delivery: true,
                answers_stop: true,
                forgets: true,
                keeps_received: true,
                simulated: false,
            };
            let health = CarrierHealth {
                name: "twilio-main".into(),
                kind: "Twilio",
                keeps_log: true,
                account: account.map(Into::into),
                traits,
                state: CarrierState::Up,
                refused: false,
            };
            Self {
                view: CarriersView {
                    senders: vec![line],
                    agreements: vec![],
                    unclear: vec![],
                    erasures: erasures::Counts::default(),
                    waiting: 0,
                    waiting_since: None,
                },
                traffic: Traffic::default(),
                health: vec![health],
                calendar: Calendar::new(at("2026-11-24T17:00:00Z"), TimeZone::get("America/New_York").expect("a zone")),
            }
        }

        fn with(mut self, agreement: Agreement) -> Self {
            self.view.agreements.push(StoredAgreement {
                id: AgreementId::from_bytes([self.view.agreements.len() as u8; 16]),
                carrier: "twilio-main".into(),
                party: "Twilio Inc.".into(),
                agreement,
                file_digest: Some([0xab; 32]),
                recorded_at: at("2026-01-01T12:00:00Z"),
                told: EndStage::Far,
            });
            self
        }

        fn books(&self) -> Books<'_> {
            Books {
                view: &self.view,
                traffic: &self.traffic,
                health: &self.health,
                calendar: &self.calendar,
                public_url: "https://texts.example.com",
                brand_day_ends: at("2026-11-25T08:00:00Z"),
            }
        }

        fn gap(&self) -> String {
            self.books().gap("twilio-main").unwrap_or_default()
        }
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn agreement(until: Option<&str>) -> Agreement {
        Agreement::for_texts(day("2026-01-01"), until.map(day))
    }

    #[test]
    fn a_gap_says_which_agreement_is_missing_and_why() {
        let named = |gap: &str| format!("Nothing goes through twilio-main: {gap}.");
        assert_eq!(Page::new(None).gap(), named("no agreement with it is recorded"));
        assert_eq!(Page::new(None).with(agreement(None)).gap(), "");
        assert_eq!(Page::new(None).with(agreement(Some("2026-11-23"))).gap(), named("its agreement ended on Nov 23, 2026"));
        assert_eq!(Page::new(None).with(agreement(Some("2026-11-24"))).gap(), "", "it holds to the end of its last day");
        let ended = Agreement { ended_at: Some(at("2026-11-20T15:00:00Z")), ..agreement(None) };
        assert_eq!(Page::new(None).with(ended).gap(), named("its agreement was ended on Nov 20, 2026"));
        let ahead = Agreement::for_texts(day("2026-12-01"), None);
        assert_eq!(Page::new(None).with(ahead).gap(), named("its agreement begins on Dec 1, 2026"));
        let lookup = Agreement { services: Services::of(&[Service::Lookup]), ..agreement(None) };
        assert_eq!(Page::new(None).with(lookup).gap(), named("its agreement does not cover texts"));
        let other = agreement(None).on_account("AC2");
        assert_eq!(
            Page::new(Some("AC1")).with(other.clone()).gap(),
            named("its agreement names the account AC2, and texts would go over AC1")
        );
        assert_eq!(Page::new(Some("AC1")).with(other).with(agreement(None).on_account("AC1")).gap(), "");
        assert_eq!(
            Page::new(Some("AC1")).with(agreement(None)).gap(),
            named("its agreement names no account, and texts would go over AC1")
        );
    }

    #[test]
    fn an_end_that_is_near_is_an_alarm_unless_another_agreement_follows() {
        let page = Page::new(None).with(agreement(Some("2026-12-06")));
        let alarms = page.books().alarms(&[]);
        assert_eq!(alarms.len(), 1);
        assert_eq!(alarms[0].text, "The agreement for twilio-main ends in 12 days, and no other follows it.");
        assert!(!alarms[0].is_bad);
        let page = page.with(Agreement::for_texts(day("2026-12-07"), None));
        assert!(page.books().alarms(&[]).is_empty());
        let rows = page.books().agreements();
        assert_eq!((rows[0].note.as_str(), rows[1].note.as_str()), ("ends in 12 days", "begins in 13 days"));
        assert_eq!((rows[0].digest.as_str(), rows[0].digest_whole.len()), ("abababababab", 64));
    }

    #[test]
    fn the_worst_stands_first() {
        let mut page = Page::new(None).with(agreement(Some("2026-11-23")));
        page.health[0].refused = true;
        page.view.erasures.given_up = 1;
        let alarms = page.books().alarms(&[]);
        assert_eq!(alarms.iter().map(|alarm| alarm.is_bad).collect::<Vec<_>>(), [true, true, false]);
        assert!(alarms[2].text.contains("one text"));
    }

    #[test]
    fn a_queue_says_when_it_is_through_and_what_else_it_waits_for() {
        let mut page = Page::new(None).with(agreement(None));
        assert!(page.books().queue(None).text.starts_with("Nothing waits"));
        (page.view.waiting, page.view.waiting_since) = (412, Some(at("2026-11-24T16:30:00Z")));
        let text = page.books().queue(Some(at("2026-11-24T19:40:00Z"))).text;
        assert_eq!(text, "412 texts are due and have not gone since 11:30 AM. All will have gone about 2:40 PM, at one part each.");
        page.traffic.held = 400;
        let text = page.books().queue(Some(at("2026-11-24T17:00:12Z"))).text;
        assert!(text.contains("400 of them are held") && text.ends_with("The others will have gone within a minute."), "{text}");
        assert!(page.books().queue(None).text.ends_with("No sender can be used at this moment, so they wait."));
    }

    #[test]
    fn a_brand_whose_day_is_used_up_says_when_the_next_begins() {
        let page = Page::new(None).with(agreement(None));
        let rows = page.books().sender_rows();
        let day = rows[0].day.as_ref().expect("the brand's parts are counted");
        assert_eq!((day.used.as_str(), day.of.as_str(), day.tone), ("2,000", "of 2,000 parts of its brand today", "bad"));
        assert_eq!(rows[0].calls_at, format!("https://texts.example.com/hooks/twilio-main/{}", rows[0].id));
        assert_eq!(day.note, "used up: the next texts go tomorrow at 3:00 AM (midnight Pacific)");
    }

    #[test]
    fn an_account_says_what_is_wrong_and_what_to_do() {
        let mut page = Page::new(Some("AC1"));
        page.health[0].state = CarrierState::DownUntil(at("2026-11-24T17:10:00Z"));
        let account = page.books().accounts().remove(0);
        assert_eq!(account.what, "Twilio, account AC1");
        assert!(account.health.starts_with("Resting until 12:10 PM after 5 failures in a row"), "{}", account.health);
        page.health[0].refused = true;
        let account = page.books().accounts().remove(0);
        assert!(
            account.health.contains("Look into the carrier's console") && account.health.ends_with("One text tries again at 12:10 PM.")
        );
        page.health.clear();
        assert!(page.books().accounts()[0].health.contains("Put the account back into wellsent.toml"));
    }
}
