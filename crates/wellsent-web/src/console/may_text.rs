//! What may be texted to a number at this moment, and why not: the gate itself is asked, so that this page and the gate cannot disagree.
//!
//! What it would release is thrown away; nothing here reaches a carrier, and the real ruling is made again when a message is claimed (P2).

use super::present::Calendar;
use super::view::{MayGo, MayText};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{Authorization, Category};
use wellsent_domain::gate::*;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::practice::{Agreement, Sender};
use wellsent_domain::{AttemptId, MessageId, Phi, StaffId, Tier};
use wellsent_store::views::frame::Frame;
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_text::phone::AreaCode;

/// A kind of text that staff ask about.
struct Kind {
    what: &'static str,
    programme: Programme,
    category: Category,
    purpose: Purpose,
    tiers: &'static [Tier],
    by_staff: bool,
}

const KINDS: &[Kind] = &[
    Kind {
        what: "Reminders and logistics",
        programme: Programme::Reminders,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        tiers: &[Tier::T1],
        by_staff: false,
    },
    Kind {
        what: "Clinical details",
        programme: Programme::Application,
        category: Category::Care,
        purpose: Purpose::Treatment,
        tiers: &[Tier::T2, Tier::T1],
        by_staff: false,
    },
    Kind {
        what: "Billing",
        programme: Programme::Application,
        category: Category::Billing,
        purpose: Purpose::Payment,
        tiers: &[Tier::T1],
        by_staff: false,
    },
    Kind {
        what: "News and offers",
        programme: Programme::Application,
        category: Category::Marketing,
        purpose: Purpose::Marketing,
        tiers: &[Tier::T1],
        by_staff: false,
    },
    Kind {
        what: "A text that you write",
        programme: Programme::Conversation,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        tiers: &[Tier::T1],
        by_staff: true,
    },
];

/// The gate's answers for a number, one row a kind of text; empty for a practice without a sender.
pub(crate) fn rows(chart: &Chart, number: &NumberChart, frame: &Frame, by: StaffId, calendar: &Calendar) -> Vec<MayText> {
    let Some(sender) = &frame.sender else { return Vec::new() };
    KINDS
        .iter()
        .map(|kind| {
            let facts = facts(chart, number, frame, sender, kind.category, calendar);
            let ruling = rule(&intent(chart, number, frame, kind, by, calendar.now()), &facts, calendar.now());
            row(kind, &ruling, calendar)
        })
        .collect()
}

fn row(kind: &Kind, ruling: &Ruling, calendar: &Calendar) -> MayText {
    let sentence = ruling.reasons().first().map_or("", |reason| reason.sentence());
    let (may_go, why) = match ruling {
        Ruling::Release(release) if release.rendering == Rendering::Preferred => {
            (MayGo::Now, "Nothing is against it at this moment.".to_owned())
        }
        Ruling::Release(_) => (MayGo::Now, format!("In neutral words only: {sentence}")),
        Ruling::Hold { until, .. } => (MayGo::Later, format!("{sentence} Asked again {}.", calendar.words(*until))),
        Ruling::Review { .. } => (MayGo::AfterReview, sentence.to_owned()),
        Ruling::Refuse { .. } => (MayGo::Never, sentence.to_owned()),
    };
    let mut rules: Vec<_> = ruling.reasons().iter().map(|reason| reason.rule()).collect();
    rules.sort_unstable();
    rules.dedup();
    MayText { what: kind.what.to_owned(), may_go, why, rules: rules.join(", ") }
}

fn intent(chart: &Chart, number: &NumberChart, frame: &Frame, kind: &Kind, by: StaffId, now: Timestamp) -> Intent {
    let wording = |(place, tier): (usize, &Tier)| Wording {
        rendering: if place == 0 { Rendering::Preferred } else { Rendering::Neutral },
        tier: *tier,
        body: Phi::new(String::new()),
        parts: 1,
        sensitive: false,
    };
    Intent {
        practice: frame.practice.practice.id,
        message: MessageId::from_bytes([0; 16]),
        person: Some(chart.person.id),
        contact_point: Some(number.stored.contact.id),
        programme: kind.programme,
        category: kind.category,
        purpose: kind.purpose,
        origin: if kind.by_staff { Origin::Staff { by, overridden: false } } else { Origin::Automated },
        wordings: kind.tiers.iter().enumerate().map(wording).collect(),
        due_at: now,
        useful_until: now.saturating_add(SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MAX),
        attempt: AttemptId::from_bytes([0; 16]),
        token: AttemptToken([0; 16]),
    }
}

fn facts(chart: &Chart, number: &NumberChart, frame: &Frame, sender: &Sender, category: Category, calendar: &Calendar) -> Facts {
    let (person, contact, now) = (&chart.person, &number.stored.contact, calendar.now());
    let binding = chart.directives.iter().filter(|held| held.contact_point.is_none_or(|at| at == contact.id));
    let area = contact.number.expose().area_code();
    let mut zones: Vec<_> = person.zone.iter().cloned().collect();
    for name in AreaCode::zones(area).unwrap_or_default() {
        if let Ok(zone) = jiff::tz::TimeZone::get(name)
            && !zones.contains(&zone)
        {
            zones.push(zone);
        }
    }
    if zones.is_empty() {
        zones.push(calendar.zone().clone());
    }
    Facts {
        settings: frame.practice.practice.settings.clone(),
        practice_zone: calendar.zone().clone(),
        part2: frame.practice.part2,
        person: Some(PersonFacts {
            standing: person.standing,
            birth_date: person.birth_date.clone(),
            sensitive: person.sensitive,
            reached: number.stored.reached,
        }),
        contact: ContactFacts {
            number: contact.number.clone(),
            state: contact.state,
            obtained: contact.obtained,
            verified_at: contact.verified_at,
            confirmed_at: contact.confirmed_at,
            line: number.state.line,
            shared: number.state.people > 1,
            reassigned: number.state.reassigned,
        },
        consent: number.consents.iter().find(|(known, _)| *known == category).map(|(_, standing)| *standing),
        suppression: number.stopped.as_ref().map(|stopped| stopped.suppression),
        warning: number.stored.warning,
        authorization: authorization(chart, calendar),
        directives: binding.map(|held| held.directive).collect(),
        visits: Vec::new(),
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::new(number.sent.clone()),
        zones,
        last_inbound_at: number.state.last_inbound_at,
        unrouted_inbound: number.state.unrouted_inbound,
        auto_replies_last_hour: number.state.auto_replies_within_hour(now),
        sender: SenderFacts { id: sender.id, registration: sender.registration, free_at: now, eligible: true },
        agreement: agreement(&frame.agreements, calendar),
    }
}

/// The authorization that holds today, or else the newest.
fn authorization(chart: &Chart, calendar: &Calendar) -> Option<Authorization> {
    let today = calendar.zone().to_datetime(calendar.now()).date();
    chart.authorizations.iter().rev().find(|held| held.holds(today)).or(chart.authorizations.last()).copied()
}

/// The agreement that is in force, or else the newest.
fn agreement(agreements: &[Agreement], calendar: &Calendar) -> Option<Agreement> {
    let in_force = agreements.iter().find(|agreement| agreement.in_force(calendar.now(), calendar.zone()));
    in_force.or(agreements.first()).copied()
}
