//! Texts that the real gate releases.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use wellsent_domain::consent::{Category, Standing, Warning};
use wellsent_domain::gate::*;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{ContactState, LineType, Obtained, Standing as PersonStanding};
use wellsent_domain::practice::{Agreement, Registration, Settings};
use wellsent_domain::*;

/// The sender of all texts.
pub const SENDER: &str = "+12125550199";
/// The same as it stands on the line.
pub const SENDER_DIGITS: &str = "12125550199";
/// A phone, as it stands on the line.
pub const PHONE: &str = "12125550123";

/// The time by which texts are released.
pub fn now() -> Timestamp {
    "2026-11-24T15:00:00Z".parse().expect("a time")
}

/// A text to a number in digits, useful for twelve hours.
pub fn text(to: &str, body: &str) -> Released {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut token = [6; 16];
    token[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let intent = Intent {
        practice: PracticeId::from_bytes([1; 16]),
        message: MessageId::from_bytes([2; 16]),
        person: Some(PersonId::from_bytes([3; 16])),
        contact_point: Some(ContactPointId::from_bytes([4; 16])),
        programme: Programme::Reminders,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        wordings: vec![Wording {
            rendering: Rendering::Preferred,
            tier: Tier::T1,
            body: Phi::new(body.to_owned()),
            parts: 1,
            sensitive: false,
        }],
        due_at: now(),
        useful_until: now() + SignedDuration::from_hours(12),
        attempt: AttemptId::from_bytes([5; 16]),
        token: AttemptToken(token),
    };
    let facts = Facts {
        settings: Settings::default(),
        practice_zone: TimeZone::get("America/New_York").expect("a zone"),
        part2: false,
        person: Some(PersonFacts {
            standing: PersonStanding::Active,
            birth_date: Some(Phi::new(date(1980, 5, 5))),
            sensitive: false,
            reached: Reached::Own,
        }),
        contact: ContactFacts {
            number: Phi::new(PhoneNumber::parse(&format!("+{to}")).expect("a number")),
            state: ContactState::Live,
            obtained: Obtained::Patient,
            verified_at: Some(now() - SignedDuration::from_hours(24)),
            confirmed_at: None,
            line: LineType::Mobile,
            shared: false,
            reassigned: Reassigned::Unchecked,
        },
        consent: Some(Standing {
            event: ConsentEventId::from_bytes([7; 16]),
            at: now() - SignedDuration::from_hours(240),
            written: true,
            confirmed: true,
        }),
        suppression: None,
        warning: Warning::Accepted,
        authorization: None,
        directives: vec![],
        visits: vec![],
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::default(),
        zones: vec![TimeZone::get("America/New_York").expect("a zone")],
        last_inbound_at: None,
        unrouted_inbound: 0,
        auto_replies_last_hour: 0,
        sender: SenderFacts {
            id: SenderId::from_bytes([8; 16]),
            address: SENDER.into(),
            registration: Registration::Approved,
            account: None,
            free_at: now(),
            brand_day: None,
            unavailable_until: None,
            makes_codes: false,
        },
        agreement: Some(Agreement::for_texts(date(2026, 1, 1), None)),
    };
    match rule(&intent, &facts, now()) {
        Ruling::Release(release) => release.released,
        other => panic!("the gate holds the text: {other:?}"),
    }
}
