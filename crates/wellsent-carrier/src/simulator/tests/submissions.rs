//! Texts on their way through the network: how they are answered, and what comes back.

use super::super::behaviour::{Behaviour, Range, Receipts};
use super::world::World;
use super::{NUMBER, TOKEN, wire};
use crate::{NotSubmittedCause, Outcome, UnknownCause, body_digest};
use std::time::{Duration, Instant};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};

#[tokio::test]
async fn a_text_reaches_its_phone_once_and_its_receipts_come_back() {
    let world = World::new(Behaviour::default()).await;
    let outcome = world.submit(NUMBER).await;
    let Outcome::Accepted { carrier_message_id, parts } = outcome else { panic!("{outcome:?}") };
    assert_eq!(parts, Some(1));
    world.settled(2).await;
    assert_eq!(world.receipts(), [(DeliveryStatus::Sent, None), (DeliveryStatus::Delivered, None)]);
    assert_eq!(world.got(NUMBER), 1);
    let log = world.log(NUMBER).await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].carrier_message_id, carrier_message_id);
    assert_eq!(log[0].body_digest, body_digest(&wire(NUMBER, "").body));
    let stats = world.network.stats();
    assert_eq!((stats.accepted, stats.got, stats.acknowledged, stats.waiting), (1, 1, 2, 0));
}

#[tokio::test]
async fn an_answer_that_was_lost_after_accepting_is_unclear_and_found_in_the_log() {
    let world = World::new(Behaviour { slow_ms: 1600, ..Behaviour::default() }).await;
    for (to, cause) in [
        ("+12125550021", UnknownCause::LineLost),
        ("+12125550022", UnknownCause::ServerError),
        ("+12125550023", UnknownCause::Unreadable),
        ("+12125550024", UnknownCause::Deadline),
    ] {
        assert_eq!(world.submit(to).await, Outcome::Unknown { cause }, "{to}");
        let log = world.log(to).await;
        assert_eq!(log.len(), 1, "{to}");
        assert_eq!(log[0].token, Some(TOKEN));
    }
    world.settled(8).await;
    for to in ["+12125550021", "+12125550022", "+12125550023", "+12125550024"] {
        assert_eq!(world.got(to), 1, "{to}");
    }
}

#[tokio::test]
async fn a_line_dropped_before_accepting_is_just_as_unclear_and_absent_from_the_log() {
    let world = World::new(Behaviour::default()).await;
    assert_eq!(world.submit("+12125550020").await, Outcome::Unknown { cause: UnknownCause::LineLost });
    assert!(world.log("+12125550020").await.is_empty());
    assert_eq!(world.got("+12125550020"), 0);
}

#[tokio::test]
async fn refusals_and_throttling_take_nothing() {
    let world = World::new(Behaviour::default()).await;
    for (to, code, failure) in [
        ("+12125550001", 21211, Failure::InvalidNumber),
        ("+12125550002", 21612, Failure::Other),
        ("+12125550003", 21408, Failure::Configuration),
        ("+12125550004", 21610, Failure::OptedOut),
        ("+12125550009", 21614, Failure::NotTextable),
    ] {
        assert_eq!(world.submit(to).await, Outcome::Rejected { failure, code: Some(code) });
    }
    let throttled = Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: Some(Duration::from_secs(1)) };
    assert_eq!(world.submit("+12125550026").await, throttled);
    assert!(matches!(world.submit("+12125550026").await, Outcome::Accepted { .. }));
    world.network.set_behaviour(Behaviour { throttle_per_s: Some(2), retry_after_s: None, ..Behaviour::default() });
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        outcomes.push(world.submit(NUMBER).await);
    }
    assert!(outcomes.contains(&Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: None }), "{outcomes:?}");
    world.settled(2).await;
    let stats = world.network.stats();
    assert_eq!(stats.accepted, stats.got);
    assert_eq!(stats.refused, 5);
}

#[tokio::test]
async fn a_text_does_not_outlive_its_validity() {
    let world = World::new(Behaviour { delivery_ms: Range(5000, 5000), ..Behaviour::default() }).await;
    let mut short = wire(NUMBER, &world.callback_base);
    short.validity_s = 1;
    assert!(matches!(world.carrier.submit_outgoing(&short).await, Outcome::Accepted { .. }));
    world.settled(1).await;
    assert_eq!(world.receipts(), [(DeliveryStatus::Failed, Some(Failure::Expired))]);
    assert_eq!(world.got(NUMBER), 0);
}

#[tokio::test]
async fn receipts_fail_repeat_reorder_and_vanish_as_asked() {
    use DeliveryStatus::{Delivered, Sent, Undelivered};
    for (to, expected) in [
        ("+12125550031", vec![(Sent, None), (Undelivered, Some(Failure::UnknownHandset))]),
        ("+12125550040", vec![]),
        ("+12125550041", vec![(Sent, None), (Delivered, None), (Delivered, None)]),
        ("+12125550042", vec![(Delivered, None), (Sent, None)]),
    ] {
        let receipts = Receipts { delay_ms: Range(60, 60), ..Receipts::default() };
        let world = World::new(Behaviour { receipts, ..Behaviour::default() }).await;
        world.submit(to).await;
        world.settled(expected.len()).await;
        if expected.is_empty() {
            // Nothing tells that nothing will come: wait longer than a receipt would take.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(world.receipts(), expected, "{to}");
        let keys: Vec<_> = world.events().iter().map(|event| *event.key()).collect();
        if to.ends_with("41") {
            assert_eq!(keys[1], keys[2], "a repeated event keeps its identity");
            assert_ne!(keys[0], keys[1]);
        }
    }
}

#[tokio::test]
async fn receipts_can_come_before_the_answer() {
    let world = World::new(Behaviour::default()).await;
    assert!(matches!(world.submit("+12125550043").await, Outcome::Accepted { .. }));
    let answered = Instant::now();
    world.settled(2).await;
    assert!(world.calls.lock().unwrap().iter().all(|(at, _)| *at < answered));
}

#[tokio::test]
async fn receipts_come_in_batches_when_asked_and_each_names_its_attempt() {
    let receipts = Receipts { delay_ms: Range(100, 100), ..Receipts::default() };
    let world = World::new(Behaviour { receipts, receipt_batch: 50, ..Behaviour::default() }).await;
    for _ in 0..20 {
        world.submit(NUMBER).await;
    }
    world.settled(40).await;
    assert_eq!(world.receipts().len(), 40);
    let calls = world.calls.lock().unwrap().len();
    assert!(calls < 40, "{calls} calls for 40 events");
}

#[tokio::test]
async fn a_text_just_taken_can_be_absent_from_the_log_for_a_while() {
    let world = World::new(Behaviour { log_lag_ms: 1000, ..Behaviour::default() }).await;
    world.submit(NUMBER).await;
    assert!(world.log(NUMBER).await.is_empty());
    tokio::time::sleep(Duration::from_millis(1050)).await;
    assert_eq!(world.log(NUMBER).await.len(), 1);
}
