//! What carriers owe us: to forget the texts that they carried (TW-17), and to hand over texts whose callbacks were lost (TW-07).

use crate::crowd::*;
use crate::scripted::*;
use jiff::SignedDuration;
use std::sync::Arc;
use wellsent_carrier::{Event, ForgetError, LookupError};
use wellsent_db::{FaultAction, Faults, Sql};
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Phi, SenderId};
use wellsent_store::{erasures, numbers};
use wellsent_testkit::house::{House, Patient, Plan};

fn forgetful(script: &Script) {
    lock(&script.traits).forgets = true;
}

fn receipt(of: &Handed, status: DeliveryStatus) -> Event {
    let key = [status as u8 + 1; 32];
    Event::Receipt { token: Some(of.token), carrier_message_id: of.id.clone(), status, failure: None, key }
}

fn texted(patient: &Patient, words: &str, key: u8) -> Event {
    Event::Inbound {
        carrier_message_id: format!("MO{key}"),
        from: Phi::new(patient.number),
        to_sender: "+12125550101".into(),
        body: Phi::new(words.into()),
        key: [key; 32],
        opt_out: None,
    }
}

/// Lets time pass and the caretaker work; which texts the carrier was asked to forget meanwhile.
async fn asked_after(house: &House, script: &Script, by: SignedDuration) -> Vec<String> {
    lock(&script.asked_to_forget).clear();
    house.wait_until(house.engine.now() + by);
    house.engine.forget_due(house.practice).await.unwrap();
    lock(&script.asked_to_forget).clone()
}

async fn counts(house: &House) -> erasures::Counts {
    let now = house.engine.now();
    house.write(move |tx| erasures::counts(tx, now)).await
}

#[test]
fn a_text_is_forgotten_a_little_after_it_is_at_rest_and_one_that_never_is_after_a_day() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        forgetful(&script);
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        for _ in 0..2 {
            let patient = house.patient().await;
            text(&house, &patient, 2, false).await;
        }
        pass(&house, 0).await;
        let handed = script.handed();
        let receipts = vec![receipt(&handed[0], DeliveryStatus::Delivered), receipt(&handed[1], DeliveryStatus::Sent)];
        calls_back(&house, &script, over, receipts).await;
        let none: Vec<String> = Vec::new();
        assert_eq!(asked_after(&house, &script, SignedDuration::from_secs(59)).await, none, "carriers refuse within the first minute");
        assert_eq!(asked_after(&house, &script, SignedDuration::from_secs(12)).await, [handed[0].id.clone()]);
        assert_eq!(asked_after(&house, &script, hours(23)).await, none);
        assert_eq!(asked_after(&house, &script, hours(1)).await, [handed[1].id.clone()], "it never came to rest");
        // News that comes late asks for nothing again.
        calls_back(&house, &script, over, vec![receipt(&handed[1], DeliveryStatus::Delivered)]).await;
        assert_eq!(asked_after(&house, &script, hours(48)).await, none);
        assert_eq!(counts(&house).await, erasures::Counts { waiting: 0, overdue: 0, forgotten: 2, given_up: 0 });
    });
}

#[test]
fn a_carrier_that_cannot_forget_is_never_asked() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        text(&house, &patient, 2, false).await;
        pass(&house, 0).await;
        calls_back(&house, &script, over, vec![receipt(&script.handed()[0], DeliveryStatus::Delivered)]).await;
        assert!(asked_after(&house, &script, hours(48)).await.is_empty());
        assert_eq!(counts(&house).await, erasures::Counts::default());
    });
}

#[test]
fn a_text_from_a_patient_is_forgotten_when_it_is_stored_here() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        forgetful(&script);
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        calls_back(&house, &script, over, vec![texted(&patient, "Thank you", 1)]).await;
        assert_eq!(asked_after(&house, &script, SignedDuration::from_secs(71)).await, ["MO1"]);
    });
}

#[test]
fn a_text_that_only_the_log_or_a_receipt_proves_is_forgotten_too() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        forgetful(&script);
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with([unknown(), unknown()]);
        for _ in 0..2 {
            let patient = house.patient().await;
            text(&house, &patient, 2, false).await;
        }
        house.engine.dispatch_due(house.practice).await.unwrap();
        let handed = script.handed();
        calls_back(&house, &script, over, vec![receipt(&handed[0], DeliveryStatus::Delivered)]).await;
        *lock(&script.log) = Ok(vec![script.entry(&handed[1], "SM-found", house.engine.now())]);
        pass(&house, 10).await;
        assert_eq!(asked_after(&house, &script, SignedDuration::from_secs(71)).await, [handed[0].id.clone()]);
        assert_eq!(asked_after(&house, &script, hours(24)).await, ["SM-found"]);
    });
}

#[test]
fn a_carrier_that_says_later_is_asked_with_growing_waits_and_after_two_weeks_a_person_looks() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        forgetful(&script);
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        lock(&script.forgetting).extend([ForgetError::TooEarly; 1_000]);
        calls_back(&house, &script, over, vec![texted(&patient, "Thank you", 1)]).await;
        let began = house.engine.now();
        let mut asked = Vec::new();
        while house.engine.now() < began + days(16) {
            if !asked_after(&house, &script, SignedDuration::from_mins(1)).await.is_empty() {
                asked.push(house.engine.now().duration_since(began).as_mins());
            }
            // Nothing happens for long; the clock is moved ahead in larger steps then.
            if asked.len() > 8 {
                house.wait_until(house.engine.now() + hours(3));
            }
        }
        assert!(asked[1] - asked[0] >= 2 && asked[2] - asked[1] >= 4 && asked[3] - asked[2] >= 8, "{asked:?}");
        assert!(asked.windows(2).all(|pair| pair[1] - pair[0] <= 16 * 60), "{asked:?}");
        assert!((20..60).contains(&asked.len()), "{asked:?}");
        assert!(*asked.last().unwrap() >= 14 * 24 * 60, "{asked:?}");
        assert_eq!(kinds(&house).await, [TaskKind::NotForgotten]);
        assert_eq!(counts(&house).await.given_up, 1);
    });
}

#[test]
fn a_refusal_to_forget_is_told_at_once_by_one_task_and_mended_later() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        forgetful(&script);
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        lock(&script.forgetting).extend([ForgetError::Refused, ForgetError::Refused, ForgetError::NoAnswer]);
        let texts = (1..=3).map(|key| texted(&patient, "Thank you", key)).collect();
        calls_back(&house, &script, over, texts).await;
        assert_eq!(asked_after(&house, &script, SignedDuration::from_secs(71)).await.len(), 3);
        assert_eq!(kinds(&house).await, [TaskKind::NotForgotten]);
        assert_eq!(asked_after(&house, &script, SignedDuration::from_mins(30)).await.len(), 1, "the one without an answer");
        // Somebody mended the account.
        assert_eq!(asked_after(&house, &script, hours(1)).await.len(), 2);
        assert_eq!(counts(&house).await, erasures::Counts { waiting: 0, overdue: 0, forgotten: 3, given_up: 0 });
        // One that refuses for good is given up.
        lock(&script.forgetting).extend([ForgetError::Refused; 200]);
        calls_back(&house, &script, over, vec![texted(&patient, "Thank you", 4)]).await;
        for _ in 0..40 {
            asked_after(&house, &script, hours(12)).await;
        }
        assert_eq!(counts(&house).await, erasures::Counts { waiting: 0, overdue: 0, forgotten: 3, given_up: 1 });
        assert_eq!(kinds(&house).await, [TaskKind::NotForgotten]);
    });
}

static INBOUND: Sql = Sql::new("test::FETCHED", "SELECT id FROM inbound");

async fn is_stopped(house: &House, patient: &Patient) -> bool {
    let number = patient.number;
    house.write(move |tx| numbers::is_suppressed(tx, numbers::key(tx, number))).await
}

async fn keeping(plan: Plan) -> (House, Arc<Script>, SenderId) {
    let script = Script::new("carrier");
    lock(&script.traits).keeps_received = true;
    let house = house_of(plan, &[&script]).await;
    let over = sender(&house, &script, "+12125550101", |_| {}).await;
    (house, script, over)
}

#[test]
fn a_stop_whose_callback_was_lost_is_fetched_once_and_not_twice() {
    on_each(|backend| async move {
        let (house, script, over) = keeping(Plan::on(backend)).await;
        let patient = house.patient().await;
        *lock(&script.received) = Ok(vec![texted(&patient, "STOP", 1)]);
        assert_eq!(house.engine.fetch_missed(house.practice).await.unwrap(), 1);
        let first_look = house.engine.now();
        house.settle().await;
        assert!(is_stopped(&house, &patient).await);
        assert_eq!(script.handed().len(), 1, "one confirmation");
        house.wait_until(first_look + SignedDuration::from_mins(3));
        house.engine.fetch_missed(house.practice).await.unwrap();
        // Its callback comes after all.
        calls_back(&house, &script, over, vec![texted(&patient, "STOP", 1)]).await;
        house.settle().await;
        assert_eq!(rows(&house, &INBOUND).await.len(), 1);
        assert_eq!(script.handed().len(), 1);
        assert_eq!(*lock(&script.asked_since), [first_look - hours(24), first_look - SignedDuration::from_mins(15)]);
    });
}

#[test]
fn the_log_is_read_from_the_same_point_again_until_everything_is_stored() {
    on_each(|backend| async move {
        let faults = Arc::new(Faults::new());
        let mut plan = Plan::on(backend);
        plan.options.faults = Some(faults.clone());
        let (house, script, _) = keeping(plan).await;
        let patient = house.patient().await;
        house.engine.fetch_missed(house.practice).await.unwrap();
        let mark = house.engine.now();
        house.wait_until(mark + hours(1));
        *lock(&script.received) = Err(LookupError::NoAnswer);
        house.engine.fetch_missed(house.practice).await.unwrap();
        *lock(&script.received) = Ok(vec![texted(&patient, "STOP", 1)]);
        faults.arm_statement("inbound::KEEP", FaultAction::Fail);
        house.engine.fetch_missed(house.practice).await.unwrap();
        assert!(rows(&house, &INBOUND).await.is_empty());
        faults.clear();
        house.engine.fetch_missed(house.practice).await.unwrap();
        house.settle().await;
        assert!(is_stopped(&house, &patient).await);
        let from = mark - SignedDuration::from_mins(15);
        assert_eq!(lock(&script.asked_since)[1..], [from, from, from]);
    });
}

#[test]
fn a_start_that_was_fetched_late_does_not_undo_a_stop_that_came_after_it() {
    on_each(|backend| async move {
        let (house, script, over) = keeping(Plan::on(backend)).await;
        let patient = house.patient().await;
        calls_back(&house, &script, over, vec![texted(&patient, "STOP", 2)]).await;
        house.settle().await;
        *lock(&script.received) = Ok(vec![texted(&patient, "START", 1), texted(&patient, "STOP", 2)]);
        house.engine.fetch_missed(house.practice).await.unwrap();
        house.settle().await;
        assert!(is_stopped(&house, &patient).await);
        assert_eq!(kinds(&house).await, [TaskKind::Resubscribe]);
        // Control: by a callback the same word lifts it.
        calls_back(&house, &script, over, vec![texted(&patient, "START", 3)]).await;
        house.settle().await;
        assert!(!is_stopped(&house, &patient).await);
    });
}
