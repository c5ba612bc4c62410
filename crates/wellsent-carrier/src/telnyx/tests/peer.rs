//! End to end with a Telnyx that was written from its API reference.

use super::hook::Hook;
use super::{NOW, NUMBER, ORGANIZATION, PHONE, PROFILE, carrier, outgoing};
use crate::telnyx::TelnyxCarrier;
use crate::{Carrier, CarrierOptOut, Event, LookupError, LookupQuery, NotSubmittedCause, Outcome, UnknownCause, body_digest};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_peers::telnyx::{FakeTelnyx, Fate, Plan, Settings, Submission, Webhooks};

struct World {
    telnyx: FakeTelnyx,
    adapter: Arc<TelnyxCarrier>,
    hook: Hook,
}

async fn world() -> World {
    let hook = Hook::start().await;
    let telnyx = FakeTelnyx::start(Settings {
        api_key: "KEY0123".into(),
        signing_seed: [5; 32],
        organization: ORGANIZATION.into(),
        profile: PROFILE.into(),
        numbers: vec![NUMBER.into()],
        profile_webhook: Some(format!("{}/hooks/telnyx-main/snd/inbound", hook.base)),
        now: Arc::new(|| NOW),
    });
    let telnyx = telnyx.await.unwrap();
    let adapter = Arc::new(carrier(&telnyx.base_url(), &telnyx.public_key(), "KEY0123"));
    hook.read_by(adapter.clone());
    World { telnyx, adapter, hook }
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn query(token: u8, ago: SignedDuration) -> LookupQuery {
    LookupQuery { to: Phi::new(PhoneNumber::parse(PHONE).unwrap()), sent_after: now() - ago, token: Some(AttemptToken([token; 16])) }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn statuses(events: &[Event]) -> Vec<(DeliveryStatus, Option<Failure>)> {
    let receipts = events.iter().filter_map(|event| match event {
        Event::Receipt { status, failure, .. } => Some((*status, *failure)),
        Event::Inbound { .. } => None,
    });
    receipts.collect()
}

#[tokio::test]
async fn a_text_goes_once_and_its_receipts_name_the_attempt() {
    let World { telnyx, adapter, hook } = world().await;
    let outcome = adapter.submit_outgoing(&outgoing(&hook.base, 7)).await;
    telnyx.settled().await;
    let messages = telnyx.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].to.as_str(), messages[0].text.as_str()), (PHONE, outgoing("", 7).body.as_str()));
    assert_eq!(messages[0].idempotency_key, Some(AttemptToken([7; 16]).to_hex()));
    assert_eq!(outcome, Outcome::Accepted { carrier_message_id: messages[0].id.clone(), parts: Some(1) });
    assert_eq!(statuses(&hook.events()), [(DeliveryStatus::Sent, None), (DeliveryStatus::Delivered, None)]);
    for event in hook.events() {
        assert!(matches!(event, Event::Receipt { token: Some(token), .. } if token == AttemptToken([7; 16])));
    }
}

#[tokio::test]
async fn a_messaging_profile_sends_from_its_own_numbers() {
    let World { telnyx, adapter, hook } = world().await;
    let text = crate::outgoing::Outgoing { from: PROFILE.into(), ..outgoing(&hook.base, 7) };
    assert!(matches!(adapter.submit_outgoing(&text).await, Outcome::Accepted { .. }));
    assert_eq!(telnyx.messages()[0].from, NUMBER);
}

#[tokio::test]
async fn receipts_twice_or_in_another_order_are_the_same_events_and_end_in_the_same_state() {
    for webhooks in [Webhooks::Twice, Webhooks::Reversed] {
        let World { telnyx, adapter, hook } = world().await;
        telnyx.plan(Plan { webhooks, ..Plan::default() });
        adapter.submit_outgoing(&outgoing(&hook.base, 7)).await;
        telnyx.settled().await;
        let keys: HashSet<[u8; 32]> = hook.events().iter().map(|event| *event.key()).collect();
        assert_eq!(keys.len(), 2, "{webhooks:?}");
        assert_eq!(hook.events().len(), if webhooks == Webhooks::Twice { 4 } else { 2 });
        let end = statuses(&hook.events()).into_iter().map(|(status, _)| status).reduce(DeliveryStatus::join);
        assert_eq!(end, Some(DeliveryStatus::Delivered));
    }
}

#[tokio::test]
async fn each_fate_of_a_text_is_told_with_its_reason() {
    let World { telnyx, adapter, hook } = world().await;
    for (fate, status, failure) in [
        (Fate::DeliveryFailed("40001".into()), DeliveryStatus::Undelivered, Some(Failure::NotTextable)),
        (Fate::DeliveryFailed("40300".into()), DeliveryStatus::Undelivered, Some(Failure::Blocked)),
        (Fate::DeliveryFailed("49999".into()), DeliveryStatus::Undelivered, Some(Failure::Other)),
        (Fate::SendingFailed("40010".into()), DeliveryStatus::Failed, Some(Failure::SenderNotRegistered)),
        (Fate::Expired, DeliveryStatus::Failed, Some(Failure::Expired)),
        (Fate::Unconfirmed, DeliveryStatus::Sent, None),
    ] {
        telnyx.plan(Plan { fate: fate.clone(), ..Plan::default() });
        adapter.submit_outgoing(&outgoing(&hook.base, hook.events().len() as u8)).await;
        telnyx.settled().await;
        assert_eq!(statuses(&hook.events()).last(), Some(&(status, failure)), "{fate:?}");
    }
}

#[tokio::test]
async fn a_text_whose_answer_was_lost_is_found_in_the_log_by_its_token() {
    for (plan, cause) in [
        (Submission::AcceptAndCut, UnknownCause::LineLost),
        (Submission::AcceptAndFail(500), UnknownCause::ServerError),
        (Submission::AcceptAndPage, UnknownCause::Unreadable),
    ] {
        let World { telnyx, adapter, hook } = world().await;
        telnyx.plan(Plan::default());
        telnyx.plan(Plan { submission: plan.clone(), ..Plan::default() });
        adapter.submit_outgoing(&outgoing(&hook.base, 6)).await;
        assert_eq!(adapter.submit_outgoing(&outgoing(&hook.base, 7)).await, Outcome::Unknown { cause }, "{plan:?}");
        telnyx.settled().await;
        let found = adapter.lookup(query(7, HOUR)).await.unwrap();
        assert_eq!(found.len(), 1, "the other text to the same number is another attempt's");
        assert_eq!((found[0].token, found[0].status), (Some(AttemptToken([7; 16])), DeliveryStatus::Delivered));
        assert_eq!(found[0].carrier_message_id, telnyx.messages()[1].id);
        assert_eq!(found[0].body_digest, body_digest(&outgoing("", 7).body));
        assert_eq!(telnyx.messages().len(), 2);
    }
}

#[tokio::test]
async fn absence_counts_only_when_the_log_had_time_to_settle() {
    let World { telnyx, adapter, hook } = world().await;
    telnyx.plan(Plan { submission: Submission::Cut, ..Plan::default() });
    assert_eq!(adapter.submit_outgoing(&outgoing(&hook.base, 7)).await, Outcome::Unknown { cause: UnknownCause::LineLost });
    assert_eq!(adapter.lookup(query(7, SignedDuration::from_mins(14))).await, Err(LookupError::NoAnswer));
    assert_eq!(adapter.lookup(query(7, SignedDuration::from_mins(15))).await, Ok(vec![]));
}

#[tokio::test]
async fn a_log_of_many_pages_is_read_to_its_end_and_no_further_than_is_sensible() {
    let World { telnyx, adapter, hook } = world().await;
    for token in 0..120 {
        adapter.submit_outgoing(&outgoing(&hook.base, token)).await;
    }
    assert_eq!(adapter.lookup(query(119, HOUR)).await.map(|found| found.len()), Ok(1));
    for token in 120..220 {
        adapter.submit_outgoing(&outgoing(&hook.base, token)).await;
    }
    assert_eq!(adapter.lookup(query(219, HOUR)).await, Err(LookupError::Unreadable));
    assert_eq!(telnyx.messages().len(), 220);
}

#[tokio::test]
async fn the_same_attempt_twice_is_one_text() {
    let World { telnyx, adapter, hook } = world().await;
    let first = adapter.submit_outgoing(&outgoing(&hook.base, 7)).await;
    assert_eq!(adapter.submit_outgoing(&outgoing(&hook.base, 7)).await, first);
    assert_eq!(telnyx.messages().len(), 1);
}

#[tokio::test]
async fn a_stop_is_a_stop_on_both_sides() {
    let World { telnyx, adapter, hook } = world().await;
    telnyx.text(PHONE, NUMBER, "What time is it?").await;
    telnyx.text(PHONE, NUMBER, " stop").await;
    let said: Vec<_> = hook
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Inbound { from, to_sender, body, opt_out, .. } => (from.expose().to_e164(), to_sender, body.into_exposed(), opt_out),
            Event::Receipt { .. } => panic!("a receipt"),
        })
        .collect();
    let line = |body: &str, opt_out| (PHONE.to_owned(), NUMBER.to_owned(), body.to_owned(), opt_out);
    assert_eq!(said, [line("What time is it?", None), line(" stop", Some(CarrierOptOut::Stop))]);
    let outcome = adapter.submit_outgoing(&outgoing(&hook.base, 7)).await;
    assert_eq!(outcome, Outcome::Rejected { failure: Failure::OptedOut, code: Some(40300) });
    telnyx.text(PHONE, NUMBER, "START").await;
    assert!(matches!(adapter.submit_outgoing(&outgoing(&hook.base, 7)).await, Outcome::Accepted { .. }));
}

#[tokio::test]
async fn texts_whose_webhooks_were_lost_are_in_the_log_with_the_keys_that_the_others_have() {
    let World { telnyx, adapter, hook } = world().await;
    telnyx.text(PHONE, NUMBER, "heard").await;
    telnyx.text_unheard(PHONE, NUMBER, "unheard");
    hook.set_down(true);
    telnyx.text(PHONE, NUMBER, "refused three times").await;
    hook.set_down(false);
    assert_eq!(telnyx.attempts().len(), 4);
    let received = adapter.received(NUMBER, now() - HOUR).await.unwrap();
    assert_eq!(received.len(), 3);
    assert_eq!(received[0], hook.events()[0], "the same event with the same key");
    assert_eq!(adapter.received(PROFILE, now() - HOUR).await.unwrap(), received, "by the profile as by its number");
    assert_eq!(adapter.received("40018f15-0000-4ec6-8390-c9ed22cb5605", now() - HOUR).await, Ok(vec![]));
    assert_eq!(adapter.received("+12125550198", now() - HOUR).await, Ok(vec![]));
    assert_eq!(adapter.received(NUMBER, now() + HOUR).await, Ok(vec![]));
}

#[tokio::test]
async fn a_wrong_key_opens_the_breaker_and_takes_no_text() {
    let World { telnyx, hook, .. } = world().await;
    let adapter = carrier(&telnyx.base_url(), &telnyx.public_key(), "KEYwrong");
    let refused = Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None };
    assert_eq!(adapter.submit_outgoing(&outgoing(&hook.base, 7)).await, refused);
    assert_eq!(adapter.lookup(query(7, HOUR)).await, Err(LookupError::Refused(401)));
    assert!(telnyx.messages().is_empty());
}
