//! The pure parts: the gate and the planner.

use super::Figures;
use jiff::civil::{Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::hint::black_box;
use std::time::Instant;
use wellsent_domain::consent::{Category, Standing, Warning};
use wellsent_domain::gate::*;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{ContactState, LineType, Obtained, Standing as PersonStanding};
use wellsent_domain::planner::{Covered, Lead, ReminderRule, VisitToPlan, plan};
use wellsent_domain::practice::{Agreement, Registration, Settings};
use wellsent_domain::*;

const RULINGS: u32 = 300_000;
/// Visits planned at a time, so that memory stays bounded.
const CHUNK: usize = 1_000;

fn now() -> Timestamp {
    Timestamp::constant(1_803_913_200, 0)
}

fn new_york() -> TimeZone {
    TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC)
}

/// Rulings a second on a reminder that goes, with a realistic set of facts.
pub fn gate(figures: &mut Figures) {
    let (Ok(number), zone) = (PhoneNumber::parse("212-555-0123"), new_york()) else { return };
    let at = now();
    let facts = Facts {
        settings: Settings::default(),
        practice_zone: zone.clone(),
        part2: false,
        person: Some(PersonFacts {
            standing: PersonStanding::Active,
            birth_date: Some(Phi::new(date(1980, 5, 5))),
            sensitive: false,
            reached: Reached::Own,
        }),
        contact: ContactFacts {
            number: Phi::new(number),
            state: ContactState::Live,
            obtained: Obtained::Patient,
            verified_at: Some(at),
            confirmed_at: None,
            line: LineType::Mobile,
            shared: false,
            reassigned: Reassigned::Unchecked,
        },
        consent: Some(Standing { event: ConsentEventId::from_bytes([1; 16]), at, written: true, confirmed: true }),
        suppression: None,
        warning: Warning::Accepted,
        authorization: None,
        directives: Vec::new(),
        visits: vec![VisitFacts {
            planned_version: 1,
            version: Some(1),
            coming: true,
            starts_at: at + SignedDuration::from_hours(48),
            sensitive: false,
            permitted: true,
        }],
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::new(vec![at - SignedDuration::from_hours(120)]),
        zones: vec![zone.clone(), zone],
        last_inbound_at: None,
        unrouted_inbound: 0,
        auto_replies_last_hour: 0,
        sender: SenderFacts {
            id: SenderId::from_bytes([2; 16]),
            address: "+12125550199".into(),
            registration: Registration::Approved,
            account: None,
            free_at: at,
            brand_day: None,
            unavailable_until: None,
            makes_codes: false,
        },
        agreement: Some(Agreement::for_texts(date(2026, 1, 1), None)),
    };
    let body = "Elm St Clinic: you have an appointment Wed 3/10 2:00 PM. Reply C to confirm, R to reschedule or call 212-555-0100.";
    let intent = Intent {
        practice: PracticeId::from_bytes([3; 16]),
        message: MessageId::from_bytes([4; 16]),
        person: Some(PersonId::from_bytes([5; 16])),
        contact_point: Some(ContactPointId::from_bytes([6; 16])),
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
        due_at: at,
        useful_until: at + SignedDuration::from_hours(24),
        attempt: AttemptId::from_bytes([7; 16]),
        token: AttemptToken([8; 16]),
    };
    let begun = Instant::now();
    let mut released = 0_u32;
    for _ in 0..RULINGS {
        released += u32::from(matches!(rule(black_box(&intent), black_box(&facts), at), Ruling::Release(_)));
    }
    let seconds = begun.elapsed().as_secs_f64();
    debug_assert_eq!(released, RULINGS);
    figures.add("gate: one ruling", seconds / f64::from(RULINGS) * 1e6, "µs");
    figures.add("gate: rulings", f64::from(RULINGS) / seconds, "/s");
}

/// Appointments a second through the planner, three rules each.
pub fn planner(appointments: usize, figures: &mut Figures) {
    let rule = |n: u8, lead| ReminderRule {
        id: ReminderRuleId::from_bytes([n; 16]),
        location: None,
        visit_type: None,
        lead,
        template: "reminder".into(),
        template_for_several: "reminder_day".into(),
        useful_for: SignedDuration::from_hours(12),
        not_within: SignedDuration::from_mins(30),
    };
    let ten = Time::constant(10, 0, 0, 0);
    let rules = [rule(1, Lead::DaysAt { days: 7, at: ten }), rule(2, Lead::DaysAt { days: 2, at: ten }), rule(3, Lead::Minutes(120))];
    let (zone, at) = (new_york(), now());
    let visit = |n: usize| VisitToPlan {
        appointment: AppointmentId::from_bytes((n as u128).to_be_bytes()),
        version: 1,
        starts_at: at + SignedDuration::from_mins(60 * 24 * 10 + (n % 40_000) as i64),
        location: LocationId::from_bytes([1; 16]),
        zone: zone.clone(),
        visit_type: "Follow-up".into(),
        known_at: at,
        coming: true,
        person: PersonId::from_bytes((n as u128).to_be_bytes()),
        contact_point: ContactPointId::from_bytes((n as u128).to_be_bytes()),
        number: ((n / 2) as u128).to_be_bytes(),
        language: Language::En,
        patient_zone: zone.clone(),
        permitted: true,
    };
    let covered = Covered::new();
    let begun = Instant::now();
    let mut wanted = 0;
    let mut next = 0;
    while next < appointments {
        let visits: Vec<_> = (next..(next + CHUNK).min(appointments)).map(visit).collect();
        wanted += plan(&visits, &rules, &covered, at).len();
        next += CHUNK;
    }
    let seconds = begun.elapsed().as_secs_f64();
    figures.add("planner: appointments", appointments as f64 / seconds, "/s");
    figures.add("planner: reminders wanted", wanted as f64, "");
}
