//! Texts that the gate really released: nothing else can be handed to a carrier.

use crate::case::{Place, Text};
use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use wellsent_domain::consent::{Category, Standing, Warning};
use wellsent_domain::gate::{
    ContactFacts, Facts, Frequency, GuardFinding, Intent, Origin, Reached, Reassigned, Released, Rendering, Ruling, SenderFacts, Wording,
    rule,
};
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{ContactState, LineType, Obtained, Standing as PersonStanding};
use wellsent_domain::practice::{Agreement, Registration, Settings};
use wellsent_domain::{
    AttemptId, ConsentEventId, ContactPointId, MessageId, PersonId, Phi, PhoneNumber, PracticeId, SenderId, Tier, gate::PersonFacts,
};

/// The recipient: a number that stands nowhere but where it must.
pub const TO: &str = "+12125550187";
/// The text: words that stand nowhere but where they must, with signs that forms and JSON must carry over.
pub const BODY: &str = "Zebrafink Dental: see you Tue 9:30 + bring 2 forms & \"ID\" = 100% ok? ñ";
/// The words by which the text is looked for in places where it must not be.
pub const CANARIES: [&str; 4] = ["2125550187", "Zebrafink", "zebrafink", "bring"];

/// The instant at which the suite takes place: a Tuesday morning in New York.
pub fn now() -> Timestamp {
    "2026-11-24T15:00:00Z".parse().expect("an instant")
}

/// A place at a peer.
pub fn place(base_url: String) -> Place {
    Place { base_url, callback_base: "https://texts.practice.example".into(), now: now(), deadline: Duration::from_secs(2) }
}

/// The text of most cases.
pub fn text(from: &'static str) -> Text {
    Text { to: TO, body: BODY, from, useful_s: 200, token: [0x5a; 16] }
}

/// Has the gate release a text.
pub fn released(text: &Text, now: Timestamp) -> Released {
    match rule(&intent(text, now), &facts(text, now), now) {
        Ruling::Release(release) => release.released,
        other => panic!("the gate does not release the suite's text: {other:?}"),
    }
}

fn intent(text: &Text, now: Timestamp) -> Intent {
    Intent {
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
            body: Phi::new(text.body.to_owned()),
            parts: 1,
            sensitive: false,
        }],
        due_at: now,
        useful_until: now + SignedDuration::from_secs(text.useful_s),
        attempt: AttemptId::from_bytes([5; 16]),
        token: wellsent_domain::gate::AttemptToken(text.token),
    }
}

fn facts(text: &Text, now: Timestamp) -> Facts {
    let zone = TimeZone::get("America/New_York").expect("a zone");
    Facts {
        settings: Settings::default(),
        practice_zone: zone.clone(),
        part2: false,
        person: Some(PersonFacts { standing: PersonStanding::Active, birth_date: None, sensitive: false, reached: Reached::Own }),
        contact: ContactFacts {
            number: Phi::new(PhoneNumber::parse(text.to).expect("a number")),
            state: ContactState::Live,
            obtained: Obtained::Patient,
            verified_at: Some(now - SignedDuration::from_hours(24)),
            confirmed_at: None,
            line: LineType::Mobile,
            shared: false,
            reassigned: Reassigned::Unchecked,
        },
        consent: Some(Standing {
            event: ConsentEventId::from_bytes([7; 16]),
            at: now - SignedDuration::from_hours(240),
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
        zones: vec![zone],
        last_inbound_at: None,
        unrouted_inbound: 0,
        auto_replies_last_hour: 0,
        sender: SenderFacts {
            id: SenderId::from_bytes([8; 16]),
            address: text.from.into(),
            registration: Registration::Approved,
            account: None,
            free_at: now,
            brand_day: None,
            unavailable_until: None,
            makes_codes: false,
        },
        agreement: Some(Agreement::for_texts(date(2026, 1, 1), None)),
    }
}
