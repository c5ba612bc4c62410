//! P4 over several carriers: while nobody knows whether a text went, it goes nowhere else; the carrier's log or a person settles it.

use crate::crowd::*;
use crate::scripted::*;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use std::sync::Arc;
use wellsent_carrier::{Callback, CallbackError, Carrier, Event, LogEntry, LookupError, LookupQuery, Outcome, Traits};
use wellsent_db::Sql;
use wellsent_domain::gate::Released;
use wellsent_domain::message::MessageState;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AttemptId, MessageId, SessionId, StaffId};
use wellsent_engine::{LogError, Verdict};
use wellsent_store::{Access, Actor, ledger, views};
use wellsent_testkit::house::{Backend, House, Plan};

/// Takes an unclear answer for a clear no: what a careless adapter would do.
struct Careless(Arc<Script>);

impl Carrier for Careless {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match self.0.submit(released).await {
                Outcome::Unknown { .. } => no_connection(),
                clear => clear,
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        self.0.read_callback(callback)
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        self.0.lookup(query)
    }

    fn traits(&self) -> Traits {
        self.0.traits()
    }
}

/// A text whose first submission ends unclear, with a second carrier at hand: how often it was handed over in all, and where it ends.
async fn handed_over(backend: Backend, careless: bool) -> (usize, MessageState) {
    let (first, second) = (Script::new("first"), Script::new("second"));
    let outer: Arc<dyn Carrier> = if careless { Arc::new(Careless(first.clone())) } else { first.clone() };
    let house = House::build(Plan { more_carriers: vec![outer, second.clone()], ..Plan::on(backend) }).await;
    agree(&house, "first", None, None).await;
    agree(&house, "second", None, None).await;
    let one = sender(&house, &first, "+12125550101", |_| {}).await;
    let two = sender(&house, &second, "+12125550102", |_| {}).await;
    prefer(&house, &[one, two]).await;
    first.ends_with([unknown()]);
    let patient = house.patient().await;
    let message = text(&house, &patient, 2, false).await;
    pass(&house, 120).await;
    assert_eq!(first.handed().len(), 1);
    (first.handed().len() + second.handed().len(), state(&house, message).await)
}

/// Puts senders before all others.
async fn prefer(house: &House, senders: &[wellsent_domain::SenderId]) {
    let (senders, now) = (senders.to_vec(), house.engine.now());
    let change = move |tx: &mut wellsent_store::Tx<'_, '_>| {
        for (sender, rank) in wellsent_store::senders::list(tx)?.into_iter().zip(1000..) {
            let place = senders.iter().position(|known| *known == sender.id);
            let rank = place.map_or(rank, |place| place as i64);
            wellsent_store::senders::change(tx, &wellsent_domain::practice::Sender { rank, ..sender }, now)?;
        }
        Ok(())
    };
    house.write(change).await;
}

#[test]
fn a_text_of_unknown_outcome_never_goes_over_another_carrier() {
    on_each(|backend| async move {
        assert_eq!(handed_over(backend, false).await, (1, MessageState::Failed));
    });
}

#[test]
fn control_a_carrier_that_takes_unclear_for_no_makes_a_double_over_the_other() {
    on_each(|backend| async move {
        assert_eq!(handed_over(backend, true).await.0, 2, "the check must see doubles");
    });
}

#[test]
fn an_entry_of_the_log_with_the_same_text_settles_an_attempt_unless_another_has_it() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        let first = text(&house, &patient, 2, false).await;
        pass(&house, 0).await;
        script.ends_with([unknown()]);
        let second = text(&house, &patient, 2, false).await;
        let sent_at = house.engine.now();
        house.engine.dispatch_due(house.practice).await.unwrap();
        let handed = script.handed();
        assert_eq!(handed[0].digest, handed[1].digest, "two texts in the same words");
        // The log shows the first, and one that is too old; neither is the second.
        let known = script.entry(&handed[0], &handed[0].id, sent_at);
        let old = script.entry(&handed[1], "SM-old", sent_at - SignedDuration::from_mins(6));
        *lock(&script.log) = Ok(vec![known.clone(), old]);
        house.engine.reconcile(house.practice).await.unwrap();
        assert_eq!(state(&house, second).await, MessageState::Unknown);
        *lock(&script.log) = Ok(vec![known, script.entry(&handed[1], "SM-second", sent_at)]);
        pass(&house, 8).await;
        assert_eq!(state(&house, second).await, MessageState::Submitted);
        assert_eq!(state(&house, first).await, MessageState::Submitted);
        assert_eq!(script.handed().len(), 2);
    });
}

#[test]
fn two_unclear_texts_in_the_same_words_never_share_one_entry() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        script.ends_with([unknown(), unknown()]);
        let sent_at = house.engine.now();
        let mut messages = Vec::new();
        for _ in 0..2 {
            messages.push(text(&house, &patient, 2, false).await);
            house.engine.dispatch_due(house.practice).await.unwrap();
        }
        let handed = script.handed();
        *lock(&script.log) = Ok(vec![script.entry(&handed[0], "SM-one", sent_at)]);
        pass(&house, 60).await;
        let mut states = [state(&house, messages[0]).await, state(&house, messages[1]).await];
        states.sort_by_key(|state| state.as_str());
        assert_eq!(states, [MessageState::Failed, MessageState::Submitted]);
        assert_eq!(kinds(&house).await, [TaskKind::UnknownOutcome]);
        assert_eq!(script.handed().len(), 2);
    });
}

#[test]
fn where_no_log_is_kept_not_even_an_urgent_text_is_sent_again() {
    on_each(|backend| async move {
        let script = Script::new("line");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with([unknown()]);
        *lock(&script.log) = Err(LookupError::NotKept);
        let patient = house.patient().await;
        let message = text(&house, &patient, 2, true).await;
        pass(&house, 8).await;
        assert_eq!(state(&house, message).await, MessageState::Unknown);
        pass(&house, 60).await;
        assert_eq!(script.handed().len(), 1);
        assert_eq!(state(&house, message).await, MessageState::Failed);
        assert_eq!(kinds(&house).await, [TaskKind::UnknownOutcome]);
    });
}

static ATTEMPTS: Sql = Sql::new("test::SETTLED_ATTEMPTS", "SELECT id, message_id FROM attempt ORDER BY n DESC");

async fn attempt_of(house: &House, message: MessageId) -> AttemptId {
    let all = rows(house, &ATTEMPTS).await;
    AttemptId::from_bytes(all.iter().find(|row| row.id(1).unwrap() == message.bytes()).unwrap().id(0).unwrap())
}

#[test]
fn a_person_settles_what_nobody_knows_and_the_ledger_names_them() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with([unknown(), unknown(), unknown()]);
        let mut messages = Vec::new();
        for _ in 0..3 {
            let patient = house.patient().await;
            messages.push(text(&house, &patient, 2, false).await);
        }
        pass(&house, 60).await;
        let listed = house.write(|tx| views::carriers::unclear(tx, 100)).await;
        assert_eq!(listed.iter().filter(|line| line.given_up).count(), 3);
        assert_eq!(kinds(&house).await, [TaskKind::UnknownOutcome; 3]);

        let staff = StaffId::from_bytes([0x5a; 16]);
        let access = Access { practice: house.practice, actor: Actor::Staff(staff, SessionId::from_bytes([1; 16])) };
        let log = house.engine.log_of_unknown(access, attempt_of(&house, messages[0]).await).await.unwrap();
        assert!(log.is_empty());
        let settle = async |message, verdict| house.engine.settle_unknown(access, attempt_of(&house, message).await, verdict).await;
        settle(messages[0], Verdict::Went { carrier_message_id: Some("SM-support".into()) }).await.unwrap();
        settle(messages[1], Verdict::DidNotGo { again: false }).await.unwrap();
        settle(messages[2], Verdict::DidNotGo { again: true }).await.unwrap();
        assert_eq!(state(&house, messages[0]).await, MessageState::Submitted);
        assert_eq!(state(&house, messages[1]).await, MessageState::Failed);
        assert_eq!(state(&house, messages[2]).await, MessageState::Planned);
        assert!(settle(messages[0], Verdict::DidNotGo { again: true }).await.is_err(), "what is settled stays");
        let asked = house.engine.log_of_unknown(access, attempt_of(&house, messages[0]).await).await;
        assert!(matches!(asked, Err(LogError::Settled)));
        assert_eq!(kinds(&house).await, []);
        assert_eq!(script.handed().len(), 3, "nothing goes by being settled");
        pass(&house, 2).await;
        assert_eq!(script.handed().len(), 4);
        assert_eq!(script.handed()[3].message, messages[2]);
        assert_eq!(state(&house, messages[2]).await, MessageState::Submitted);

        house.engine.sequence().await.unwrap();
        let placed = |tx: &mut wellsent_store::SystemTx<'_, '_>| ledger::entries(tx, 0, 100_000);
        let entries = house.engine.store().system_read(placed).await.unwrap();
        let texts = entries.iter().map(|placed| String::from_utf8_lossy(&placed.entry).into_owned());
        let named = texts.filter(|entry| entry.contains("\"kind\":\"settled\"") && entry.contains(&staff.to_string())).count();
        assert_eq!(named, 3);
    });
}

#[test]
fn a_text_that_is_of_no_use_any_more_is_not_sent_again_by_hand() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with([unknown()]);
        let patient = house.patient().await;
        let message = text(&house, &patient, 1, false).await;
        pass(&house, 60).await;
        house.wait_until(house.engine.now() + hours(2));
        let attempt = attempt_of(&house, message).await;
        let verdict = Verdict::DidNotGo { again: true };
        assert!(house.engine.settle_unknown(house.access(), attempt, verdict).await.is_err());
        pass(&house, 10).await;
        assert_eq!((script.handed().len(), state(&house, message).await), (1, MessageState::Failed));
    });
}

#[test]
fn a_receipt_for_what_was_given_up_proves_that_it_went_and_nobody_sends_it_again() {
    on_each(|backend| async move {
        let script = Script::new("line");
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with([unknown()]);
        *lock(&script.log) = Err(LookupError::NotKept);
        let patient = house.patient().await;
        let message = text(&house, &patient, 2, false).await;
        pass(&house, 60).await;
        assert_eq!((state(&house, message).await, kinds(&house).await), (MessageState::Failed, vec![TaskKind::UnknownOutcome]));
        let handed = script.handed().remove(0);
        let attempt = attempt_of(&house, message).await;
        let receipt = Event::Receipt {
            token: Some(handed.token),
            carrier_message_id: handed.id,
            status: wellsent_domain::carrier_report::DeliveryStatus::Sent,
            failure: None,
            key: [3; 32],
        };
        calls_back(&house, &script, over, vec![receipt]).await;
        assert_eq!(state(&house, message).await, MessageState::Submitted);
        let settled = house.engine.settle_unknown(house.access(), attempt, Verdict::DidNotGo { again: true }).await;
        assert!(settled.is_err(), "the carrier has it");
        assert!(house.write(|tx| views::carriers::unclear(tx, 100)).await.is_empty());
        assert_eq!(kinds(&house).await, [], "there is nothing left to find out");
        pass(&house, 10).await;
        assert_eq!(script.handed().len(), 1);
    });
}
