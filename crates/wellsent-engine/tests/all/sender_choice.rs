//! Which sender a text leaves from, what campaigns and brands may carry (C-09), and whose agreement covers it (H-19, TW-01).

use crate::crowd::*;
use crate::scripted::*;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::Outcome;
use wellsent_db::{FaultAction, Faults};
use wellsent_domain::Phi;
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::message::MessageState;
use wellsent_domain::practice::Registration;
use wellsent_domain::task::TaskKind;
use wellsent_engine::Clock;
use wellsent_store::inbound::{self, NewInbound};
use wellsent_store::{Access, Actor, agreements, practices, senders};
use wellsent_testkit::house::{Backend, House, Plan};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_text_that_did_not_get_there_goes_over_another_sender_once_and_the_thread_stays_with_it() {
    on_each(|backend| async move {
        let (first, second) = (Script::new("first"), Script::new("second"));
        let house = house_with(backend, &[&first, &second]).await;
        sender(&house, &first, "+12125550101", |_| {}).await;
        sender(&house, &second, "+12125550102", |_| {}).await;
        first.ends_with([no_connection()]);
        let patient = house.patient().await;
        let message = text(&house, &patient, 2, false).await;
        pass(&house, 40).await;
        assert_eq!((first.handed().len(), second.handed().len()), (1, 1));
        assert_eq!(state(&house, message).await, MessageState::Submitted);
        // The next text comes from the number that the patient knows by now, although the first sender is well again.
        let next = text(&house, &patient, 2, false).await;
        pass(&house, 4).await;
        assert_eq!(second.handed().last().map(|handed| handed.message), Some(next));
        // Somebody new gets the first in order.
        let other = house.patient().await;
        text(&house, &other, 2, false).await;
        pass(&house, 4).await;
        assert_eq!((first.handed().len(), second.handed().len()), (2, 2));
    });
}

#[test]
fn whoever_writes_to_a_sender_is_answered_from_it() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        let second = sender(&house, &script, "+12125550102", |_| {}).await;
        let patient = house.patient().await;
        writes(&house, second, &patient, 1).await;
        text(&house, &patient, 2, false).await;
        pass(&house, 2).await;
        assert_eq!(script.handed().iter().map(|handed| handed.sender).collect::<Vec<_>>(), [second]);
    });
}

async fn writes(house: &House, over: wellsent_domain::SenderId, patient: &wellsent_testkit::house::Patient, key: u8) {
    let (from, now) = (Phi::new(patient.number), house.engine.now());
    let new = NewInbound {
        sender: over,
        event_key: [key; 32],
        from,
        body: Phi::new("Thank you".into()),
        opt_out: None,
        page: None,
        late: false,
        erase: None,
    };
    house.write(move |tx| inbound::keep(tx, &new, now).map(drop)).await;
    house.engine.route_waiting(house.practice).await.unwrap();
}

/// Sends to twelve patients, six of whom wrote to the second of two senders; how many went at once.
async fn went_at_once(backend: Backend, campaigns: [&'static str; 2]) -> usize {
    let script = Script::new("carrier");
    let house = house_with(backend, &[&script]).await;
    let mut over = Vec::new();
    for (campaign, address) in campaigns.into_iter().zip(["+12125550101", "+12125550102"]) {
        let change = |new: &mut senders::NewSender| {
            new.campaign = Some(campaign.into());
            new.parts_per_minute = 60;
        };
        over.push(sender(&house, &script, address, change).await);
    }
    for n in 0..12 {
        let patient = house.patient().await;
        writes(&house, over[n % 2], &patient, n as u8).await;
        text(&house, &patient, 2, false).await;
    }
    house.engine.dispatch_due(house.practice).await.unwrap();
    let at_once = script.handed().len();
    pass(&house, 20).await;
    assert_eq!(script.handed().len(), 12, "what was over the rate went later");
    at_once
}

#[test]
fn two_senders_of_one_campaign_share_its_rate() {
    on_each(|backend| async move {
        // Sixty a minute with a burst of five seconds: five at once, however many numbers there are.
        assert_eq!(went_at_once(backend, ["C1", "C1"]).await, 5);
        // Control: two campaigns have a rate each, and the check sees it.
        assert_eq!(went_at_once(backend, ["C1", "C2"]).await, 10);
    });
}

#[test]
fn a_brand_that_used_up_its_day_waits_for_midnight_pacific_and_then_for_the_patients_morning() {
    let table = [
        ("2027-03-01T17:00:00Z", "2027-03-02T08:00:00Z", "2027-03-02T13:00:00Z"),
        // Clocks go forward in the night after: midnight is still in winter time, eight in the morning in summer time.
        ("2027-03-13T18:00:00Z", "2027-03-14T08:00:00Z", "2027-03-14T12:00:00Z"),
        // The day of the change has 23 hours.
        ("2027-03-14T18:00:00Z", "2027-03-15T07:00:00Z", "2027-03-15T12:00:00Z"),
        // Clocks go back: 25 hours.
        ("2027-11-07T18:00:00Z", "2027-11-08T08:00:00Z", "2027-11-08T13:00:00Z"),
    ];
    on_each(|backend| async move {
        for (start, midnight, morning) in table {
            let script = Script::new("carrier");
            let plan = Plan { clock: Some(Clock::standing_at(at(start))), ..Plan::on(backend) };
            let house = house_of(plan, &[&script]).await;
            let change = |new: &mut senders::NewSender| {
                new.brand = Some("B1".into());
                new.parts_per_day_max = Some(2);
            };
            sender(&house, &script, "+12125550101", change).await;
            let mut messages = Vec::new();
            for _ in 0..3 {
                let patient = house.patient().await;
                messages.push(text(&house, &patient, 30, false).await);
            }
            pass(&house, 2).await;
            assert_eq!(script.handed().len(), 2);
            assert_eq!(reasons(&house).await, ["brand_cap"]);
            let mut held = None;
            for message in messages {
                if state(&house, message).await == MessageState::Planned {
                    held = Some(message);
                }
            }
            let held = held.expect("one waits");
            assert_eq!(next_at(&house, held).await, at(midnight));
            house.wait_until(at(midnight));
            pass(&house, 0).await;
            assert_eq!(reasons(&house).await, ["brand_cap", "outside_hours"]);
            assert_eq!(next_at(&house, held).await, at(morning));
            house.wait_until(at(morning));
            pass(&house, 0).await;
            assert_eq!(script.handed().len(), 3, "{start}");
        }
    });
}

#[test]
fn parts_that_the_carrier_did_not_take_are_not_counted_against_the_day() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let change = |new: &mut senders::NewSender| {
            new.brand = Some("B1".into());
            new.parts_per_day_max = Some(1);
        };
        sender(&house, &script, "+12125550101", change).await;
        script.ends_with([no_connection(), no_connection()]);
        let patient = house.patient().await;
        let message = text(&house, &patient, 2, false).await;
        pass(&house, 30).await;
        assert_eq!(state(&house, message).await, MessageState::Submitted);
        assert_eq!(script.handed().len(), 3);
        let used = house.write(|tx| wellsent_store::brand_days::used(tx, "B1", date(2027, 3, 1))).await;
        assert_eq!(used, 1);
    });
}

#[test]
fn an_account_that_the_agreement_does_not_name_sends_nothing() {
    on_each(|backend| async move {
        let script = Script::with_accounts("carrier", vec![Some("AC1"), Some("AC2")]);
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        text(&house, &patient, 2, false).await;
        pass(&house, 2).await;
        assert_eq!(script.handed().len(), 1);
        // Somebody swapped the credentials for those of another subaccount.
        script.use_account(1);
        let held = text(&house, &patient, 2, false).await;
        pass(&house, 60).await;
        assert_eq!(script.handed().len(), 1);
        assert_eq!(reasons(&house).await, ["not_eligible"]);
        assert_eq!(state(&house, held).await, MessageState::Planned);
        // With the right account back it goes.
        script.use_account(0);
        pass(&house, 16 * 60).await;
        assert_eq!(script.handed().len(), 2);
    });
}

#[test]
fn an_agreement_that_was_ended_stops_texts_at_once() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        text(&house, &patient, 2, false).await;
        let now = house.engine.now();
        let end = move |tx: &mut wellsent_store::Tx<'_, '_>| {
            let known = agreements::list(tx)?;
            let of_carrier = known.iter().find(|known| known.carrier == "carrier").expect("it is recorded");
            agreements::end(tx, of_carrier.id, now)
        };
        house.write(end).await;
        pass(&house, 30).await;
        assert!(script.handed().is_empty());
        assert_eq!(reasons(&house).await, ["no_agreement"]);
    });
}

#[test]
fn staff_is_told_once_that_an_agreement_ends_soon_and_once_that_it_is_over() {
    on_each(|backend| async move {
        let (ending, followed) = (Script::new("ending"), Script::new("followed"));
        let house = House::build(Plan { more_carriers: vec![ending.clone(), followed.clone()], ..Plan::on(backend) }).await;
        agree(&house, "ending", None, Some(date(2027, 4, 10))).await;
        agree(&house, "followed", None, Some(date(2027, 3, 5))).await;
        agree(&house, "followed", None, None).await;
        let told = async || house.engine.check_agreements(house.practice).await.unwrap();
        assert_eq!(told().await, 0);
        house.wait_until(at("2027-03-12T12:00:00Z"));
        assert_eq!((told().await, told().await), (1, 0));
        house.wait_until(at("2027-04-11T12:00:00Z"));
        assert_eq!((told().await, told().await), (1, 0));
        assert_eq!(kinds(&house).await, [TaskKind::AgreementEnds, TaskKind::AgreementEnds]);
    });
}

#[test]
fn a_sender_whose_registration_is_gone_is_passed_over_whoever_brings_the_news() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let first = sender(&house, &script, "+12125550101", |_| {}).await;
        let second = sender(&house, &script, "+12125550102", |_| {}).await;
        script.ends_with([Outcome::Rejected { failure: Failure::SenderNotRegistered, code: Some(30034) }]);
        let patient = house.patient().await;
        text(&house, &patient, 2, false).await;
        pass(&house, 2).await;
        text(&house, &patient, 2, false).await;
        pass(&house, 2).await;
        assert_eq!(script.handed().iter().map(|handed| handed.sender).collect::<Vec<_>>(), [first, second]);
        // A receipt says the same of the second.
        let handed = script.handed();
        let receipt = wellsent_carrier::Event::Receipt {
            token: Some(handed[1].token),
            carrier_message_id: handed[1].id.clone(),
            status: wellsent_domain::carrier_report::DeliveryStatus::Undelivered,
            failure: Some(Failure::SenderNotRegistered),
            key: [7; 32],
        };
        calls_back(&house, &script, second, vec![receipt]).await;
        let access = Access { practice: house.practice, actor: Actor::Operator };
        let known = house.engine.store().read(access, |tx: &mut wellsent_store::Tx<'_, '_>| practices::senders(tx)).await.unwrap();
        assert!(known.iter().all(|sender| sender.registration == Registration::Unregistered));
        let waits = text(&house, &patient, 2, false).await;
        pass(&house, 2).await;
        assert_eq!(next_at(&house, waits).await, house.engine.now() - SignedDuration::from_secs(2) + SignedDuration::from_mins(15));
    });
}

/// How many parts go when four claims at a time share ten.
async fn parts_of_a_shared_day(backend: Backend, faults: Option<std::sync::Arc<Faults>>) -> usize {
    let script = Script::new("carrier");
    let mut plan = Plan::on(backend);
    plan.tuning.claim_max = 3;
    plan.options.faults = faults;
    let house = house_of(plan, &[&script]).await;
    let change = |new: &mut senders::NewSender| {
        new.brand = Some("B1".into());
        new.parts_per_day_max = Some(10);
    };
    sender(&house, &script, "+12125550101", change).await;
    crowd(&house, &(0..40).map(number).collect::<Vec<_>>(), false).await;
    let claims = (0..4).map(|_| house.engine.dispatch_due(house.practice));
    for claimed in futures_util::future::join_all(claims).await {
        claimed.unwrap();
    }
    script.handed().len()
}

#[test]
fn claims_at_the_same_time_never_share_the_last_parts_of_a_day() {
    on_each(|backend| async move {
        for _ in 0..3 {
            assert_eq!(parts_of_a_shared_day(backend, None).await, 10);
        }
    });
}

#[test]
fn control_a_day_whose_parts_are_not_counted_is_overdrawn() {
    on_each(|backend| async move {
        let faults = std::sync::Arc::new(Faults::new());
        faults.arm_statement("brand_days::TAKE", FaultAction::Swallow);
        assert!(parts_of_a_shared_day(backend, Some(faults)).await > 10, "the check must see it");
    });
}
