//! P2 and P9: what is true at the moment of sending decides, and times are those of the patient's own day.

use crate::crowd::*;
use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use wellsent_db::{DbError, FaultAction, Faults, Sql, Tx as RawTx, args};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::consent::{Category, Channel, Directive};
use wellsent_domain::gate::Reached;
use wellsent_domain::message::MessageState;
use wellsent_domain::person::{Authority, ContactState, Name, Obtained, Proxy, Standing};
use wellsent_domain::practice::{Agreement, Sending};
use wellsent_domain::quiet::Window;
use wellsent_domain::{MessageId, Phi, PhoneNumber};
use wellsent_engine::Clock;
use wellsent_store::messages::NewMessage;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::{StoreError, Tx, agreements, appointments, consents, directives, messages, numbers, people, plans, practices, rules};
use wellsent_testkit::house::{Backend, House, Patient, Plan, consent, start};

async fn with_faults(backend: Backend) -> (House, Arc<Faults>) {
    let faults = Arc::new(Faults::new());
    let mut plan = Plan::on(backend);
    plan.options.faults = Some(Arc::clone(&faults));
    (House::build(plan).await, faults)
}

/// Sends what is due at this moment, without planning anything anew.
async fn send(house: &House) {
    house.engine.dispatch_due(house.practice).await.unwrap();
    house.quiet_phones().await;
}

type Change = fn(&mut Tx<'_, '_>, &Due, Timestamp) -> Result<(), StoreError>;

/// Each of these turns a text that could go into one that may not.
const CHANGES: &[(&str, Change)] = &[
    ("the visit is cancelled", |tx, due, now| appointments::set_status(tx, due.visit, AppointmentStatus::Cancelled, now)),
    ("the visit is moved", |tx, due, now| appointments::reschedule(tx, due.visit, now + days(3), now)),
    ("the consent is withdrawn", |tx, due, now| {
        consents::revoke(tx, consent(due.patient.person, due.patient.contact, now), Category::Appointments).map(drop)
    }),
    ("the number is suppressed", |tx, due, now| {
        let key = numbers::key(tx, due.patient.number);
        numbers::suppress(tx, key, Channel::Spoken, None, now).map(drop)
    }),
    ("the number is disputed", |tx, due, now| {
        let key = numbers::key(tx, due.patient.number);
        numbers::set_contact_state(tx, key, ContactState::Disputed, now)
    }),
    ("the patient has another number", |tx, due, now| {
        let other = ContactData {
            number: Phi::new(number(9_000 + usize::from(due.patient.person.bytes()[15]))),
            obtained: Obtained::Patient,
            verified_at: Some(now),
            reached: Reached::Own,
        };
        people::set_number(tx, due.patient.person, &other, now).map(drop)
    }),
    ("the patient has died", |tx, due, now| {
        let known = people::get(tx, due.patient.person)?;
        let dead = PersonData {
            record_number: None,
            name: known.name,
            birth_date: known.birth_date,
            language: known.language,
            zone: None,
            standing: Standing::Deceased,
            sensitive: false,
        };
        people::update(tx, due.patient.person, &dead, None, now)
    }),
    ("the patient asks never to be texted", |tx, due, now| {
        directives::add(tx, due.patient.person, None, Directive::NeverText, Channel::Spoken, now).map(drop)
    }),
];

/// The gate holds every text, something changes for all but the last, and the gate is asked again. Returns what went all the same.
async fn changed_while_held(house: &House) -> Vec<&'static str> {
    let numbers: Vec<_> = (0..=CHANGES.len()).map(number).collect();
    let switch = |to: Sending| house.write(move |tx| practices::set_sending(tx, to, start()));
    switch(Sending::Off).await;
    let people = crowd(house, &numbers, false).await;
    send(house).await;
    let now = house.engine.now();
    for (due, (_, change)) in people.iter().zip(CHANGES) {
        let (due, change) = (*due, *change);
        house.write(move |tx| change(tx, &due, now)).await;
    }
    switch(Sending::On).await;
    house.wait_until(now + SignedDuration::from_mins(16));
    send(house).await;
    let last = people.last().expect("somebody");
    assert_eq!(house.got(&last.patient.number).len(), 1, "to whom nothing happened gets the text");
    let went = people.iter().zip(CHANGES).filter(|(due, _)| !house.got(&due.patient.number).is_empty());
    went.map(|(_, (name, _))| *name).collect()
}

#[test]
fn what_changes_between_plan_and_send_counts() {
    on_each(|backend| async move {
        let (house, _) = with_faults(backend).await;
        assert_eq!(changed_while_held(&house).await, Vec::<&str>::new());
    });
}

#[test]
fn control_a_claim_that_remembers_facts_is_seen_for_every_one_of_them() {
    on_each(|backend| async move {
        let (house, faults) = with_faults(backend).await;
        for statement in ["claims::CONTACT", "claims::VISITS", "numbers::GET_FOR_CLAIM", "consents::GET_FOR_CLAIM"] {
            faults.arm_statement(statement, FaultAction::Stale);
        }
        let went = changed_while_held(&house).await;
        assert_eq!(went, CHANGES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    });
}

/// A child whose parent is texted, born on this day, with a reminder that is due in four days.
async fn child(house: &House, number: PhoneNumber, born: Date) -> MessageId {
    let now = house.engine.now();
    let patient = house
        .write(move |tx| {
            let person = PersonData {
                record_number: None,
                name: Phi::new(Name { given: "Kai".into(), family: "Rivera".into() }),
                birth_date: Some(Phi::new(born)),
                language: wellsent_domain::Language::En,
                zone: None,
                standing: Standing::Active,
                sensitive: false,
            };
            let person = people::add(tx, &person, None, now)?;
            let parent = Proxy { authority: Authority::Parent, from: date(2020, 1, 1), until: None, clinical: true };
            let contact = ContactData {
                number: Phi::new(number),
                obtained: Obtained::Proxy,
                verified_at: Some(now),
                reached: Reached::Proxy(parent),
            };
            let contact = people::set_number(tx, person, &contact, now)?;
            consents::grant(tx, consent(person, contact, now), Category::Appointments, true, true)?;
            Ok(Patient { person, contact, number })
        })
        .await;
    let visit = house.visit(&patient, now + days(30)).await;
    house.engine.plan_waiting(house.practice).await.unwrap();
    let due_at = now + days(4);
    let message = NewMessage { due_at, useful_until: due_at + hours(2), ..reminder(&patient, visit, now, false) };
    house.write(move |tx| Ok(messages::add(tx, &message, now)?.expect("new"))).await
}

#[test]
fn a_parent_gets_no_text_about_a_child_who_came_of_age_since_it_was_planned() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        // Texts leave on Friday, March 5, 2027.
        let came_of_age = child(&house, number(0), date(2009, 3, 5)).await;
        let a_day_younger = child(&house, number(1), date(2009, 3, 6)).await;
        let leapling_not_yet = child(&house, number(2), date(2012, 2, 29)).await;
        house.wait_until(start() + days(4));
        send(&house).await;
        assert_eq!(state(&house, came_of_age).await, MessageState::Refused);
        assert_eq!(state(&house, a_day_younger).await, MessageState::Delivered, "one day decides");
        assert_eq!(state(&house, leapling_not_yet).await, MessageState::Delivered);
    });
}

#[test]
fn nothing_leaves_once_the_agreement_with_the_carrier_is_over() {
    on_each(|backend| async move {
        for (last_day, goes) in [(date(2027, 3, 1), true), (date(2027, 2, 28), false)] {
            let house = House::build(Plan::on(backend)).await;
            let crowd = crowd(&house, &[number(0)], false).await;
            end_agreement(&house, last_day).await;
            send(&house).await;
            assert_eq!(house.got(&number(0)).len(), usize::from(goes), "the last day counts in full");
            if !goes {
                // A new agreement lets it go, while it is still of use.
                let now = house.engine.now();
                let fresh = Agreement::for_texts(date(2027, 3, 1), None);
                house.write(move |tx| agreements::add(tx, "simulator", "Simulator", fresh.clone(), None, now)).await;
                house.wait_until(now + SignedDuration::from_mins(16));
                send(&house).await;
                assert_eq!(state(&house, crowd[0].message).await, MessageState::Delivered);
            }
        }
    });
}

static END_AGREEMENT: Sql = Sql::new("test::END_AGREEMENT", "UPDATE agreement SET until_day = $1");

async fn end_agreement(house: &House, last_day: Date) {
    let last_day = last_day.to_string();
    change(house, &END_AGREEMENT, last_day.into()).await;
}

/// Changes the database past the store.
async fn change(house: &House, sql: &'static Sql, value: wellsent_db::Value) {
    let job = move |tx: &mut RawTx<'_>| -> Result<u64, DbError> { tx.execute(sql, &args![value.clone()]) };
    assert!(house.engine.store().db().write(job).await.unwrap() > 0);
}

/// Area codes, and eight o'clock there in UTC: after an ordinary night in winter, after the night in which the clocks go forward,
/// and after the one in which they go back.
const ZONES: [(&str, &str, [&str; 3]); 9] = [
    ("787", "America/Puerto_Rico", ["12:00", "12:00", "12:00"]),
    ("212", "America/New_York", ["13:00", "12:00", "13:00"]),
    ("312", "America/Chicago", ["14:00", "13:00", "14:00"]),
    ("303", "America/Denver", ["15:00", "14:00", "15:00"]),
    ("602", "America/Phoenix", ["15:00", "15:00", "15:00"]),
    ("213", "America/Los_Angeles", ["16:00", "15:00", "16:00"]),
    // Alaska's area code spans two clocks, and both must show eight.
    ("907", "America/Adak", ["18:00", "17:00", "18:00"]),
    ("808", "Pacific/Honolulu", ["18:00", "18:00", "18:00"]),
    ("671", "Pacific/Guam", ["22:00", "22:00", "22:00"]),
];

/// The evenings: the next mornings are those of the columns above.
const EVENINGS: [Date; 3] = [date(2027, 3, 2), date(2027, 3, 13), date(2027, 11, 6)];

/// In every zone a text is due at half past nine in the evening. The clock goes on by twenty minutes at a time. Returns every text that did not
/// arrive at eight in the morning sharp.
async fn nights(backend: Backend, night: usize, window: Option<Window>) -> Vec<String> {
    let evening = EVENINGS[night];
    let begin = evening.to_datetime(Time::constant(0, 0, 0, 0)).to_zoned_datetime(TimeZone::UTC).unwrap().timestamp();
    let mut plan = Plan { clock: Some(Clock::standing_at(begin)), ..Plan::on(backend) };
    if let Some(window) = window {
        plan.settings.texting_window = window;
    }
    let house = House::build(plan).await;
    // Only the texts of this test: no rule wants any.
    house
        .write(move |tx| {
            let rules = rules::list(tx)?;
            rules.iter().try_for_each(|rule| rules::disable(tx, rule.id, begin))
        })
        .await;
    let phones: Vec<_> = ZONES.iter().map(|(area, ..)| PhoneNumber::parse(&format!("+1{area}5550101")).unwrap()).collect();
    let people = patients(&house, &phones).await;
    let mut wanted = HashMap::new();
    let mut moments = Vec::new();
    for (patient, (_, zone, mornings)) in people.iter().zip(ZONES) {
        let due_at = evening.to_datetime(Time::constant(21, 30, 0, 0)).to_zoned_datetime(TimeZone::get(zone).unwrap()).unwrap().timestamp();
        // Guam's morning begins on the evening's own date in UTC.
        let day = if zone == "Pacific/Guam" { evening } else { evening.tomorrow().unwrap() };
        let morning: Timestamp = format!("{day}T{}:00Z", mornings[night]).parse().unwrap();
        let visit = house.visit(patient, due_at + days(5)).await;
        let message = NewMessage { due_at, useful_until: due_at + hours(14), ..reminder(patient, visit, begin, false) };
        wanted.insert(patient.number, (zone, morning));
        moments.extend([due_at, morning - SignedDuration::from_secs(1), morning]);
        house.engine.plan_waiting(house.practice).await.unwrap();
        house.write(move |tx| messages::add(tx, &message, begin)).await;
    }
    moments.extend((0..144).map(|n| begin + SignedDuration::from_mins(20 * n)));
    moments.sort_unstable();
    let mut arrived: HashMap<PhoneNumber, Timestamp> = HashMap::new();
    for moment in moments {
        house.wait_until(moment);
        send(&house).await;
        for phone in &phones {
            if !arrived.contains_key(phone) && !house.got(phone).is_empty() {
                arrived.insert(*phone, moment);
            }
        }
    }
    let mut violations = Vec::new();
    for phone in &phones {
        let (zone, morning) = wanted[phone];
        match arrived.get(phone) {
            Some(at) if *at == morning && house.got(phone).len() == 1 => {}
            other => violations.push(format!("{zone}: wanted {morning}, was {other:?}, {} copies", house.got(phone).len())),
        }
    }
    violations
}

/// Patients of whom only the number tells where they are.
async fn patients(house: &House, numbers: &[PhoneNumber]) -> Vec<Patient> {
    let crowd = crowd(house, numbers, false).await;
    let now = house.engine.now();
    for due in &crowd {
        let message = due.message;
        house.write(move |tx| messages::withdraw(tx, message, now)).await;
    }
    crowd.into_iter().map(|due| due.patient).collect()
}

#[test]
fn a_text_held_over_night_arrives_at_eight_of_the_patients_next_morning() {
    on_each(|backend| async move {
        for night in 0..EVENINGS.len() {
            assert_eq!(nights(backend, night, None).await, Vec::<String>::new(), "night {night}");
        }
    });
}

#[test]
fn control_a_practice_without_quiet_hours_is_seen_in_every_zone() {
    on_each(|backend| async move {
        let always = Window::new(Time::constant(0, 0, 0, 0), Time::MAX);
        assert_eq!(nights(backend, 0, Some(always)).await.len(), ZONES.len());
    });
}

static SLOW_SENDER: Sql = Sql::new("test::SLOW_SENDER", "UPDATE sender SET parts_per_minute = $1");

/// What goes wrong when a practice comes back after an hour in which nothing could leave: half of the texts are of no use any more, and the sender may
/// hand over sixty parts a minute.
async fn after_outage(house: &House) -> Vec<String> {
    let (due_at, back) = (house.engine.now(), house.engine.now() + hours(1));
    let numbers: Vec<_> = (0..160).map(number).collect();
    let crowd = crowd(house, &numbers, false).await;
    let mut stale = Vec::new();
    for due in crowd.iter().take(80) {
        let (patient, visit) = (due.patient, due.visit);
        let message = NewMessage {
            occurrence: format!("of no use {visit}"),
            useful_until: due_at + SignedDuration::from_mins(50),
            ..reminder(&patient, visit, due_at, false)
        };
        let withdrawn = due.message;
        let id = house.write(move |tx| {
            messages::withdraw(tx, withdrawn, due_at)?;
            Ok(messages::add(tx, &message, due_at)?.expect("new"))
        });
        stale.push(id.await);
    }
    house.wait_until(back);
    let mut violations = Vec::new();
    let mut sent_by = Vec::new();
    for second in 0..=120 {
        house.wait_until(back + SignedDuration::from_secs(second));
        send(house).await;
        sent_by.push(house.network.stats().got);
    }
    for (second, sent) in sent_by.iter().enumerate() {
        let allowed = 60 * second as u64 / 60 + 6;
        if *sent > allowed {
            violations.push(format!("{sent} texts within {second} s"));
        }
    }
    for message in &stale {
        let state = state(house, *message).await;
        if state != MessageState::Refused {
            violations.push(format!("a text of no use is {}", state.as_str()));
        }
    }
    let useful = sent_by.last().copied().unwrap_or_default();
    if useful != 80 {
        violations.push(format!("{useful} of 80 useful texts arrived in two minutes"));
    }
    violations
}

#[test]
fn after_an_outage_useless_texts_are_dropped_and_the_others_do_not_flood() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        change(&house, &SLOW_SENDER, 60_i64.into()).await;
        assert_eq!(after_outage(&house).await, Vec::<String>::new());
    });
}

#[test]
fn control_a_sender_without_a_rate_is_seen_to_flood() {
    on_each(|backend| async move {
        let violations = after_outage(&House::build(Plan::on(backend)).await).await;
        assert!(violations.iter().any(|violation| violation.contains("within 0 s")), "{violations:?}");
    });
}

/// In a batch of so many, one opted out: at every position in turn. Returns the positions at which the wrong ones were texted.
async fn one_of_a_batch(house: &House, size: usize) -> Vec<usize> {
    let mut wrong = Vec::new();
    for position in 0..size {
        let numbers: Vec<_> = (0..size).map(|n| number(position * size + n)).collect();
        let people = crowd(house, &numbers, false).await;
        let (out, now) = (numbers[position], house.engine.now());
        house
            .write(move |tx| {
                let key = numbers::key(tx, out);
                numbers::suppress(tx, key, Channel::Spoken, None, now)
            })
            .await;
        send(house).await;
        let right = people.iter().enumerate().all(|(n, due)| house.got(&due.patient.number).len() == usize::from(n != position));
        if !right {
            wrong.push(position);
        }
    }
    wrong
}

#[test]
fn the_one_who_opted_out_is_left_out_at_every_position_of_a_batch() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        assert_eq!(one_of_a_batch(&house, 12).await, Vec::<usize>::new());
    });
}

#[test]
fn control_an_opt_out_that_is_not_kept_is_seen_at_every_position() {
    on_each(|backend| async move {
        let (house, faults) = with_faults(backend).await;
        faults.arm_statement("numbers::SUPPRESS", FaultAction::Swallow);
        assert_eq!(one_of_a_batch(&house, 6).await, (0..6).collect::<Vec<_>>());
    });
}

static MESSAGES: Sql = Sql::new("test::MESSAGES", "SELECT id, state, due_at, useful_until, state_at FROM message ORDER BY id");

async fn table(house: &House) -> Vec<(Vec<u8>, String, i64, i64, i64)> {
    let read =
        |row: &wellsent_db::Row| Ok::<_, DbError>((row.blob(0)?.to_vec(), row.text(1)?.to_owned(), row.int(2)?, row.int(3)?, row.int(4)?));
    rows(house, &MESSAGES).await.iter().map(|row| read(row).unwrap()).collect()
}

/// Plans everything anew and says whether anything is different from before.
async fn planning_changes_something(house: &House) -> bool {
    let before = table(house).await;
    assert!(!before.is_empty());
    let now = house.engine.now();
    house.write(move |tx| plans::mark_all(tx, now)).await;
    house.settle().await;
    table(house).await != before
}

#[test]
fn planning_twice_changes_nothing_before_and_after_the_texts_have_gone() {
    on_each(|backend| async move {
        let (house, faults) = with_faults(backend).await;
        let mut visits = Vec::new();
        for n in 0..20 {
            let patient = house.patient().await;
            visits.push(house.visit(&patient, start() + days(9) + SignedDuration::from_mins(15 * n)).await);
        }
        house.settle().await;
        assert!(!planning_changes_something(&house).await);
        house.wait_until(start() + days(2));
        house.settle().await;
        assert!(house.network.stats().got == 20);
        assert!(!planning_changes_something(&house).await);
        // Even a planner that forgot what exists adds nothing: the occurrence is the wall behind it.
        faults.arm_statement("plans::EXISTING", FaultAction::Swallow);
        assert!(!planning_changes_something(&house).await);
        faults.clear();
        // The control: a visit that really moved is seen.
        let (moved, now) = (visits[0], house.engine.now());
        house.write(move |tx| appointments::reschedule(tx, moved, now + days(40), now)).await;
        assert!(planning_changes_something(&house).await);
    });
}
