//! Receipts in any order, any number of times, before or after the carrier's answer, end in the same state (TW-06, TW-12, I4 to I6); forged ones
//! change nothing.

use crate::crowd::*;
use std::collections::BTreeMap;
use std::time::Duration;
use wellsent_carrier::simulator::Behaviour;
use wellsent_db::{FaultAction, Faults, Row, Sql};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::message::MessageState;
use wellsent_domain::{AttemptId, MessageId};
use wellsent_store::attempts::{self, Closing};
use wellsent_store::receipts::{self, Receipt};
use wellsent_testkit::house::{Backend, House, Plan};

/// One thing that reaches the store about an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// The carrier's answer to the submission.
    Answer,
    /// A receipt; the number is its identity.
    Receipt(DeliveryStatus, u8),
}

use DeliveryStatus::{Delivered, Failed, Queued, Sent, Undelivered};
use Event::{Answer, Receipt as Got};

/// Every multiset of events is tried in all of its orders.
const SETS: [&[Event]; 7] = [
    &[Answer, Got(Sent, 1), Got(Delivered, 2), Got(Delivered, 2), Got(Sent, 1)],
    &[Answer, Got(Sent, 1), Got(Undelivered, 2), Got(Undelivered, 2), Got(Queued, 3)],
    &[Answer, Got(Undelivered, 1), Got(Delivered, 2), Got(Failed, 3), Got(Sent, 4)],
    &[Answer, Got(Queued, 1), Got(Failed, 2), Got(Sent, 3), Got(Failed, 2)],
    &[Got(Sent, 1), Got(Delivered, 2), Got(Sent, 3), Got(Undelivered, 4), Got(Delivered, 2)],
    &[Answer, Got(Sent, 1)],
    &[Answer, Got(Delivered, 1), Got(Delivered, 2)],
];

/// All orders of some events.
fn orders(events: &[Event]) -> Vec<Vec<Event>> {
    if events.len() < 2 {
        return vec![events.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..events.len() {
        let mut rest = events.to_vec();
        let event = rest.remove(first);
        for mut order in orders(&rest) {
            order.insert(0, event);
            if !all.contains(&order) {
                all.push(order);
            }
        }
    }
    all
}

/// Where a message must end: at the farthest that anybody reported.
fn wanted(events: &[Event]) -> MessageState {
    let farthest = events.iter().filter_map(|event| match event {
        Got(status, _) => Some(*status),
        Answer => None,
    });
    match farthest.fold(Queued, DeliveryStatus::join) {
        Queued | Sent => MessageState::Submitted,
        Failed => MessageState::Failed,
        Undelivered => MessageState::Undelivered,
        Delivered => MessageState::Delivered,
    }
}

struct Case {
    order: Vec<Event>,
    message: MessageId,
    attempt: AttemptId,
    token: AttemptToken,
}

static OPEN: Sql = Sql::new("test::OPEN", "SELECT message_id, id, token FROM attempt WHERE state = 'open'");
static RECEIPTS: Sql = Sql::new("test::RECEIPTS", "SELECT count(*) FROM receipt WHERE attempt_id IS NULL");

/// A house in which as many texts as there are orders are with a carrier that does not answer.
async fn unanswered(backend: Backend, orders: Vec<Vec<Event>>, faults: Option<std::sync::Arc<Faults>>) -> (House, Vec<Case>) {
    let mut plan =
        Plan { behaviour: Behaviour { drop_before_accept: 1.0, answer_ms: range(60_000), ..Behaviour::default() }, ..Plan::on(backend) };
    plan.options.faults = faults;
    plan.deadline = Duration::from_secs(30);
    plan.tuning.claim_max = 2_000;
    let house = House::build(plan).await;
    let numbers: Vec<_> = (0..orders.len()).map(number).collect();
    let crowd = crowd(&house, &numbers, false).await;
    let (engine, practice) = (house.engine.clone(), house.practice);
    // The dispatcher is dropped while it waits for answers: what it claimed stays open.
    let mut open = Vec::new();
    let waiting = tokio::spawn(async move { engine.dispatch_due(practice).await });
    for _ in 0..1_000 {
        open = rows(&house, &OPEN).await;
        if open.len() == orders.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    waiting.abort();
    assert_eq!(open.len(), orders.len());
    let find = |message: MessageId| open.iter().find(|row| row.id(0).unwrap() == message.bytes()).expect("every text is open");
    let case = |(due, order): (&Due, Vec<Event>)| {
        let row: &Row = find(due.message);
        Case { order, message: due.message, attempt: AttemptId::from_bytes(row.id(1).unwrap()), token: AttemptToken(row.id(2).unwrap()) }
    };
    let cases = crowd.iter().zip(orders).map(case).collect();
    (house, cases)
}

fn range(ms: u32) -> wellsent_carrier::simulator::Range {
    wellsent_carrier::simulator::Range(ms, ms)
}

/// Plays every order, one event of each at a time, and returns the orders that end elsewhere than they must.
async fn violations(house: &House, cases: &[Case], with_token: bool) -> Vec<String> {
    let steps = cases.iter().map(|case| case.order.len()).max().unwrap_or(0);
    for step in 0..steps {
        let (sender, now) = (house.sender, house.engine.now());
        let events: Vec<_> = cases.iter().filter_map(|case| case.order.get(step).map(|event| (*event, case.attempt, case.token))).collect();
        house
            .write(move |tx| {
                for (event, attempt, token) in &events {
                    let carrier_message_id = format!("SM{attempt}");
                    match event {
                        Answer => attempts::close(tx, &[(*attempt, Closing::Accepted { carrier_message_id, erase: false })], now)?,
                        Got(status, identity) => {
                            let mut event_key = [*identity; 32];
                            event_key[..16].copy_from_slice(&token.0);
                            let failure = matches!(status, Failed | Undelivered).then_some(Failure::Unreachable);
                            let token = with_token.then_some(*token);
                            receipts::receive(
                                tx,
                                &Receipt { sender, event_key, token, carrier_message_id, status: *status, failure, erase: false },
                                now,
                            )?;
                        }
                    }
                }
                Ok(())
            })
            .await;
    }
    // Receipts that came before their attempt had its name are joined to it by the reconciler.
    for _ in 0..20 {
        house.engine.reconcile(house.practice).await.unwrap();
    }
    let mut violations = Vec::new();
    for case in cases {
        let state = state(house, case.message).await;
        if state != wanted(&case.order) {
            violations.push(format!("{:?} ends as {}", case.order, state.as_str()));
        }
    }
    violations
}

#[test]
fn receipts_in_any_order_end_in_the_same_state() {
    on_each(|backend| async move {
        for with_token in [true, false] {
            // Without the token a receipt finds its attempt only by the name that the answer brings.
            let sets = SETS.iter().filter(|set| with_token || set.contains(&Answer));
            let orders: Vec<_> = sets.flat_map(|set| orders(set)).collect();
            let count = orders.len();
            let (house, cases) = unanswered(backend, orders, None).await;
            assert_eq!(violations(&house, &cases, with_token).await, Vec::<String>::new());
            let parked = rows(&house, &RECEIPTS).await[0].int(0).unwrap();
            assert_eq!(parked, 0, "no receipt stays parked");
            println!("{backend:?}: {count} orders of receipts {} a token end as they must", if with_token { "with" } else { "without" });
        }
    });
}

#[test]
fn control_a_receipt_that_overwrites_what_is_final_is_seen() {
    on_each(|backend| async move {
        // What is known of the message is not moved by receipts at all: most orders must end elsewhere.
        let faults = std::sync::Arc::new(Faults::new());
        let (house, cases) = unanswered(backend, orders(SETS[0]), Some(faults.clone())).await;
        faults.arm_statement("attempts::DELIVERY", FaultAction::Swallow);
        assert!(!violations(&house, &cases, true).await.is_empty());
    });
}

static COUNTS: [Sql; 5] = [
    Sql::new("test::MESSAGES", "SELECT state, count(*) FROM message GROUP BY state ORDER BY state"),
    Sql::new("test::ALL_RECEIPTS", "SELECT status, count(*) FROM receipt GROUP BY status ORDER BY status"),
    Sql::new("test::INBOUND", "SELECT 'inbound', count(*) FROM inbound"),
    Sql::new("test::SUPPRESSED", "SELECT 'suppressed', count(*) FROM number WHERE suppressed_at IS NOT NULL"),
    Sql::new("test::TASKS", "SELECT kind, count(*) FROM task GROUP BY kind ORDER BY kind"),
];

/// Everything that a callback could have changed.
async fn counts(house: &House) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for sql in &COUNTS {
        for row in rows(house, sql).await {
            counts.insert(format!("{} {}", sql.name, row.text(0).unwrap()), row.int(1).unwrap());
        }
    }
    counts
}

#[test]
fn a_forged_or_altered_callback_is_turned_away_and_changes_nothing() {
    on_each(|backend| async move {
        let house = House::build(Plan { keep_calls: true, ..Plan::on(backend) }).await;
        let people = crowd(&house, &[number(0), number(1)], false).await;
        house.settle().await;
        house.says(&people[0].patient.number, "C").await;
        let before = counts(&house).await;
        let calls = house.calls();
        let receipt = calls.iter().find(|call| call.target.contains("/status")).expect("a receipt");
        let text = calls.iter().find(|call| call.target.contains("/inbound")).expect("a text");

        let mut forged = Vec::new();
        for call in [receipt, text] {
            let body = String::from_utf8(call.body.clone()).unwrap();
            let altered = body.replace("\"sent\"", "\"failed\"").replace("\"delivered\"", "\"failed\"").replace("\"C\"", "\"STOP\"");
            assert_ne!(altered, body);
            let without = |name: &str| call.headers.iter().filter(|(key, _)| key != name).cloned().collect::<Vec<_>>();
            let with = |name: &str, value: &str| {
                let mut headers = without(name);
                headers.push((name.to_owned(), value.to_owned()));
                headers
            };
            let header = |name: &str| call.headers.iter().find(|(key, _)| key == name).expect("a header").1.clone();
            let signature = header("x-simulator-signature");
            let flipped: String = signature.chars().rev().collect();
            let later = (header("x-simulator-timestamp").parse::<i64>().unwrap() + 60).to_string();
            for (headers, target, body) in [
                (Vec::new(), call.target.clone(), body.clone()),
                (without("x-simulator-signature"), call.target.clone(), body.clone()),
                (without("x-simulator-timestamp"), call.target.clone(), body.clone()),
                (with("x-simulator-signature", &flipped), call.target.clone(), body.clone()),
                (with("x-simulator-signature", &signature[..62]), call.target.clone(), body.clone()),
                (with("x-simulator-signature", ""), call.target.clone(), body.clone()),
                (with("x-simulator-timestamp", &later), call.target.clone(), body.clone()),
                (call.headers.clone(), call.target.clone(), altered.clone()),
                (call.headers.clone(), call.target.clone(), format!("{body} ")),
                (call.headers.clone(), call.target.clone(), format!("[{body}]")),
                (call.headers.clone(), format!("{}&x=1", call.target.replace("?t=", "?t=0")), body.clone()),
                (call.headers.clone(), call.target.replace("/status", "/inbound").replace("/inbound?", "/inbound?u"), "{}".to_owned()),
            ] {
                forged.push((headers, target, body));
            }
        }
        for (n, (headers, target, body)) in forged.iter().enumerate() {
            assert_eq!(house.call(target, headers, body.as_bytes()).await, 403, "forgery {n}");
        }
        house.settle().await;
        assert_eq!(counts(&house).await, before);

        // The same callbacks again, unaltered, are welcome and change nothing either.
        for call in &calls {
            assert_eq!(house.call(&call.target, &call.headers, &call.body).await, 204);
        }
        house.settle().await;
        assert_eq!(counts(&house).await, before);
    });
}
