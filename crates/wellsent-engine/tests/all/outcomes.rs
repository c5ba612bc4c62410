//! P4: whatever the carrier answers, or does not, no text goes twice, and none is lost without anybody being told.
//!
//! What really happened is read from the phones' own journal, never from our database.

use crate::crowd::*;
use jiff::SignedDuration;
use std::collections::HashMap;
use std::time::Duration;
use wellsent_carrier::simulator::{Behaviour, Range, Receipts};
use wellsent_db::Sql;
use wellsent_domain::message::MessageState;
use wellsent_domain::person::ContactState;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{MessageId, PhoneNumber};
use wellsent_store::{numbers, people};
use wellsent_testkit::house::{Backend, House, Plan};

static ATTEMPTS: Sql = Sql::new("test::ATTEMPTS", "SELECT token, message_id, checks FROM attempt");

/// What the phones' journal says about a message.
#[derive(Default, Clone, Copy)]
struct Truth {
    taken: usize,
    got: usize,
}

async fn truth(house: &House) -> HashMap<MessageId, Truth> {
    let mut by_token = HashMap::new();
    for row in rows(house, &ATTEMPTS).await {
        let hex: String = row.id(0).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        by_token.insert(hex, MessageId::from_bytes(row.id(1).unwrap()));
    }
    let mut truth: HashMap<MessageId, Truth> = HashMap::new();
    for line in house.journal().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(token) = record["token"].as_str() else { continue };
        // A submission that no attempt stands behind would be a text without a ruling.
        let message = by_token.get(token).unwrap_or_else(|| panic!("the carrier has a text that was never released"));
        let entry = truth.entry(*message).or_default();
        match record["kind"].as_str() {
            Some("accepted") => entry.taken += 1,
            Some("got") => entry.got += 1,
            _ => {}
        }
    }
    truth
}

/// What breaks P4 among these messages.
async fn violations(house: &House, crowd: &[Due], may_double: bool) -> Vec<String> {
    let (truth, with_task) = (truth(house).await, with_task(house).await);
    let mut violations = Vec::new();
    for due in crowd {
        let Truth { taken, got } = truth.get(&due.message).copied().unwrap_or_default();
        let state = state(house, due.message).await;
        let mut broken = |what: &str| violations.push(format!("{}: {what}; taken {taken}, got {got}, {}", due.message, state.as_str()));
        if taken > 1 && !may_double {
            broken("the carrier took it more than once");
        }
        match state {
            MessageState::Submitted | MessageState::Delivered if taken == 0 => broken("it counts as gone and the carrier never took it"),
            MessageState::Delivered if got == 0 => broken("it counts as delivered and no phone got it"),
            MessageState::Submitted | MessageState::Delivered => {}
            MessageState::Failed | MessageState::Undelivered if !with_task.contains(&due.message) => broken("it failed and nobody is told"),
            MessageState::Failed | MessageState::Undelivered => {}
            MessageState::Refused if taken == 0 => {}
            MessageState::Refused => broken("the carrier took it and it counts as refused"),
            MessageState::Planned | MessageState::Review | MessageState::Submitting | MessageState::Unknown | MessageState::Withdrawn => {
                broken("it never came to an end");
            }
        }
    }
    violations
}

/// Lets time pass until everything has come to an end, or its time is over.
async fn wind_down(house: &House) {
    for _ in 0..12 {
        house.settle().await;
        house.engine.reconcile(house.practice).await.unwrap();
        house.wait_until(house.engine.now() + SignedDuration::from_secs(6));
    }
    for _ in 0..2 {
        house.wait_until(house.engine.now() + hours(2));
        house.settle().await;
        house.engine.reconcile(house.practice).await.unwrap();
    }
    house.settle().await;
}

fn quick(backend: Backend, behaviour: Behaviour) -> Plan {
    Plan { behaviour: Behaviour { slow_ms: 900, ..behaviour }, deadline: Duration::from_millis(450), journal: true, ..Plan::on(backend) }
}

#[test]
fn every_answer_of_a_carrier_ends_as_it_must() {
    use MessageState::*;
    // The last two digits of the number, where the message ends, the copies on the phone, and the task for staff.
    let table: [(u8, MessageState, usize, Option<TaskKind>); 20] = [
        (1, Failed, 0, Some(TaskKind::NotDelivered)),
        (2, Failed, 0, Some(TaskKind::NotDelivered)),
        (3, Failed, 0, Some(TaskKind::NotDelivered)),
        (4, Failed, 0, Some(TaskKind::NotDelivered)),
        (9, Failed, 0, Some(TaskKind::NotDelivered)),
        (20, Failed, 0, Some(TaskKind::UnknownOutcome)),
        (21, Delivered, 1, None),
        (22, Delivered, 1, None),
        (23, Delivered, 1, None),
        (24, Delivered, 1, None),
        (25, Refused, 0, None),
        (26, Delivered, 1, None),
        (30, Undelivered, 0, Some(TaskKind::NotDelivered)),
        (31, Undelivered, 0, Some(TaskKind::NotDelivered)),
        (32, Undelivered, 0, Some(TaskKind::NotDelivered)),
        (33, Undelivered, 0, Some(TaskKind::NotDelivered)),
        (40, Submitted, 1, None),
        (41, Delivered, 1, None),
        (42, Delivered, 1, None),
        (43, Delivered, 1, None),
    ];
    on_each(|backend| async move {
        for retry_after_s in [Some(1), None] {
            let house = House::build(quick(backend, Behaviour { retry_after_s, ..Behaviour::default() })).await;
            let numbers: Vec<_> = table.iter().map(|row| PhoneNumber::parse(&format!("+121255500{:02}", row.0)).unwrap()).collect();
            let crowd = crowd(&house, &numbers, false).await;
            wind_down(&house).await;
            assert_eq!(violations(&house, &crowd, false).await, Vec::<String>::new());
            let tasks = house.write(|tx| wellsent_store::tasks::list(tx, 100)).await;
            for ((digits, ends, copies, task), due) in table.iter().zip(&crowd) {
                assert_eq!(state(&house, due.message).await, *ends, "..{digits:02}");
                assert_eq!(house.got(&due.patient.number).len(), *copies, "..{digits:02}");
                let told: Vec<_> =
                    tasks.iter().filter(|task| task.about.message == Some(due.message)).map(|task| task.about.kind).collect();
                assert_eq!(told, task.iter().copied().collect::<Vec<_>>(), "..{digits:02}");
            }
            let opted_out = numbers[3];
            let suppressed = house.write(move |tx| numbers::is_suppressed(tx, numbers::key(tx, opted_out))).await;
            assert!(suppressed, "an opt-out at the carrier is an opt-out here");
        }
    });
}

#[test]
fn a_text_that_was_throttled_does_not_count_as_sent_against_its_own_cap() {
    on_each(|backend| async move {
        let mut plan = quick(backend, Behaviour::default());
        plan.settings.texts_per_day_max = 1;
        let house = House::build(plan).await;
        let crowd = crowd(&house, &[PhoneNumber::parse("+12125550026").unwrap()], false).await;
        wind_down(&house).await;
        assert_eq!(state(&house, crowd[0].message).await, MessageState::Delivered);
    });
}

#[test]
fn an_urgent_text_may_go_twice_and_any_other_is_given_up() {
    on_each(|backend| async move {
        // The log shows nothing for long, so that what was taken looks absent, and receipts never come.
        let receipts = Receipts { lose: 1.0, ..Receipts::default() };
        let house =
            House::build(quick(backend, Behaviour { drop_after_accept: 1.0, log_lag_ms: 60_000, receipts, ..Behaviour::default() })).await;
        let urgent = crowd(&house, &[number(0)], true).await[0];
        let other = crowd(&house, &[number(1)], false).await[0];
        for _ in 0..5 {
            house.settle().await;
            house.engine.reconcile(house.practice).await.unwrap();
            house.wait_until(house.engine.now() + SignedDuration::from_secs(6));
        }
        assert!(house.got(&urgent.patient.number).len() >= 2);
        assert_eq!(house.got(&other.patient.number).len(), 1);
        assert_eq!(state(&house, other.message).await, MessageState::Failed);
        assert!(with_task(&house).await.contains(&other.message), "staff is told that nobody knows");
    });
}

#[test]
fn a_receipt_that_comes_while_an_urgent_text_waits_to_go_again_keeps_it_from_going() {
    on_each(|backend| async move {
        let mut behaviour = Behaviour { drop_after_accept: 1.0, log_lag_ms: 60_000, ..Behaviour::default() };
        // The receipts come when the log was asked often enough already.
        behaviour.receipts.delay_ms = Range(1_200, 1_200);
        let house = House::build(quick(backend, behaviour)).await;
        let urgent = crowd(&house, &[number(0)], true).await[0];
        house.engine.dispatch_due(house.practice).await.unwrap();
        for _ in 0..3 {
            house.engine.reconcile(house.practice).await.unwrap();
            house.wait_until(house.engine.now() + SignedDuration::from_secs(6));
        }
        assert_eq!(state(&house, urgent.message).await, MessageState::Planned);
        house.quiet_phones().await;
        wind_down(&house).await;
        assert_eq!(house.got(&urgent.patient.number).len(), 1);
        assert_eq!(state(&house, urgent.message).await, MessageState::Delivered);
    });
}

#[test]
fn a_failure_that_only_the_log_tells_of_is_told_to_staff_and_learnt_from() {
    on_each(|backend| async move {
        let receipts = Receipts { lose: 1.0, ..Receipts::default() };
        let behaviour = Behaviour { drop_after_accept: 1.0, undelivered: 1.0, undelivered_code: 30006, receipts, ..Behaviour::default() };
        let house = House::build(quick(backend, behaviour)).await;
        let due = crowd(&house, &[number(0)], false).await[0];
        wind_down(&house).await;
        assert_eq!(violations(&house, &[due], false).await, Vec::<String>::new());
        assert_eq!(state(&house, due.message).await, MessageState::Undelivered);
        assert_eq!(kinds(&house).await, [TaskKind::NotDelivered]);
        let contact = due.patient.contact;
        let found = house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.state)).await;
        assert_eq!(found, ContactState::NotTextable);
    });
}

fn mixed(seed: u64) -> Behaviour {
    Behaviour {
        seed,
        refuse: 0.05,
        drop_before_accept: 0.08,
        drop_after_accept: 0.1,
        error_after_accept: 0.1,
        garbage_after_accept: 0.1,
        slow: 0.05,
        undelivered: 0.05,
        delivery_ms: Range(0, 40),
        throttle_per_s: Some(150),
        log_lag_ms: 10,
        receipts: Receipts { lose: 0.2, duplicate: 0.3, reorder: 0.3, before_answer: 0.1, delay_ms: Range(0, 30), ..Receipts::default() },
        ..Behaviour::default()
    }
}

#[test]
fn under_mixed_faults_nothing_goes_twice_and_nothing_is_lost() {
    on_each(|backend| async move {
        for seed in 1..=seeds() {
            let (plan, seen) = witnessed(quick(backend, mixed(seed)));
            let house = House::build(plan).await;
            let numbers: Vec<_> = (0..200).map(number).collect();
            let people = crowd(&house, &numbers, false).await;
            wind_down(&house).await;
            assert_eq!(violations(&house, &people, false).await, Vec::<String>::new(), "seed {seed}");
            let unclear: Vec<_> = lock(&seen).iter().filter(|submission| submission.unclear).map(|submission| submission.message).collect();
            let truth = truth(&house).await;
            let (mut left, mut had) = (0, 0);
            for message in &unclear {
                if state(&house, *message).await == MessageState::Failed {
                    left += 1;
                    had += truth.get(message).map_or(0, |truth| truth.taken);
                }
            }
            println!(
                "{backend:?} seed {seed}: 200 texts, {} unclear answers, {} settled by receipt or log, {left} left to staff ({had} of them the carrier had), none twice",
                unclear.len(),
                unclear.len() - left
            );
            assert!(unclear.len() > 20, "the faults must strike");
            assert_eq!(had, 0, "what the carrier has is found in its log or by its receipts");
        }
    });
}

fn seeds() -> u64 {
    std::env::var("WELLSENT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

#[test]
fn control_a_carrier_that_takes_unclear_for_no_makes_doubles() {
    on_each(|backend| async move {
        let wrap = Some(witness(&Submissions::default(), true));
        let house = House::build(Plan { wrap, ..quick(backend, mixed(1)) }).await;
        let numbers: Vec<_> = (0..60).map(number).collect();
        let people = crowd(&house, &numbers, false).await;
        wind_down(&house).await;
        let violations = violations(&house, &people, false).await;
        assert!(violations.iter().any(|violation| violation.contains("more than once")), "the check must see doubles: {violations:?}");
    });
}

#[test]
fn control_a_rejection_that_tells_nobody_is_seen() {
    on_each(|backend| async move {
        let faults = std::sync::Arc::new(wellsent_db::Faults::new());
        let mut plan = quick(backend, Behaviour::default());
        plan.options.faults = Some(faults.clone());
        let house = House::build(plan).await;
        let people = crowd(&house, &[PhoneNumber::parse("+12125550001").unwrap()], false).await;
        faults.arm_statement("tasks::INSERT", wellsent_db::FaultAction::Swallow);
        wind_down(&house).await;
        let violations = violations(&house, &people, false).await;
        assert!(violations.iter().any(|violation| violation.contains("nobody is told")), "{violations:?}");
    });
}
