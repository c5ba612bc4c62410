//! A carrier that is out of reach or refuses the account: texts wait, one tries, and staff is told where they have to act. And a line of a
//! carrier's own, over which events come.

use crate::crowd::*;
use crate::scripted::*;
use std::sync::Arc;
use wellsent_carrier::{Event, Heard, NotStored};
use wellsent_db::{FaultAction, Faults, Sql};
use wellsent_domain::Phi;
use wellsent_domain::message::MessageState;
use wellsent_domain::task::TaskKind;
use wellsent_engine::{CarrierState, Workers};
use wellsent_testkit::house::Plan;

#[test]
fn after_five_failures_in_a_row_texts_wait_and_one_tries() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with((0..6).map(|_| no_connection()));
        for _ in 0..8 {
            let patient = house.patient().await;
            text(&house, &patient, 4, false).await;
        }
        // All eight were under way before the first answer came.
        house.engine.dispatch_due(house.practice).await.unwrap();
        let health = house.engine.carriers().into_iter().find(|health| health.name == "carrier").unwrap();
        // Two of them went through, after the six that did not.
        assert_eq!((script.handed().len(), health.state), (8, CarrierState::Up));

        script.ends_with((0..30).map(|_| no_connection()));
        let began = script.handed().len();
        for _ in 0..5 {
            let patient = house.patient().await;
            text(&house, &patient, 4, false).await;
        }
        house.engine.dispatch_due(house.practice).await.unwrap();
        let health = house.engine.carriers().into_iter().find(|health| health.name == "carrier").unwrap();
        assert!(matches!(health.state, CarrierState::DownUntil(_)), "{health:?}");
        let tried = script.handed().len();
        assert!(tried >= began + 5);
        pass(&house, 14).await;
        assert_eq!(script.handed().len(), tried, "nothing is handed over while it is open");
        assert!(reasons(&house).await.contains(&"carrier_unavailable".to_owned()));
        // One tries after 15 seconds, one 30 seconds after that failed, and so on.
        pass(&house, 6).await;
        assert_eq!(script.handed().len(), tried + 1);
        pass(&house, 60).await;
        assert_eq!(script.handed().len(), tried + 2);
        lock(&script.outcomes).clear();
        pass(&house, 120).await;
        let health = house.engine.carriers().into_iter().find(|health| health.name == "carrier").unwrap();
        assert_eq!(health.state, CarrierState::Up);
        let waiting = house.write(wellsent_store::messages::next_due).await;
        assert!(waiting.is_none_or(|due| due > house.engine.now()), "everything went when it answered again");
    });
}

#[test]
fn while_one_carrier_is_down_texts_go_over_the_other() {
    on_each(|backend| async move {
        let (first, second) = (Script::new("first"), Script::new("second"));
        let house = house_with(backend, &[&first, &second]).await;
        sender(&house, &first, "+12125550101", |_| {}).await;
        sender(&house, &second, "+12125550102", |_| {}).await;
        first.ends_with([account_refused()]);
        let patient = house.patient().await;
        text(&house, &patient, 2, false).await;
        pass(&house, 4).await;
        assert_eq!((first.handed().len(), second.handed().len()), (1, 1));
        for _ in 0..3 {
            let patient = house.patient().await;
            text(&house, &patient, 2, false).await;
        }
        pass(&house, 2).await;
        assert_eq!((first.handed().len(), second.handed().len()), (1, 4), "nothing waits for the one that is down");
    });
}

#[test]
fn a_refused_account_stops_at_once_and_makes_one_task() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        sender(&house, &script, "+12125550101", |_| {}).await;
        script.ends_with((0..3).map(|_| account_refused()));
        let patient = house.patient().await;
        let message = text(&house, &patient, 2, false).await;
        pass(&house, 10).await;
        assert_eq!(script.handed().len(), 1);
        pass(&house, 50).await;
        assert!(script.handed().len() > 1, "it tries again");
        assert_eq!(kinds(&house).await, [TaskKind::CarrierStopped]);
        let health = house.engine.carriers().into_iter().find(|health| health.name == "carrier").unwrap();
        assert!(health.refused);
        pass(&house, 300).await;
        assert_eq!(state(&house, message).await, MessageState::Submitted);
        assert!(!house.engine.carriers().iter().any(|health| health.refused));
    });
}

static INBOUND: Sql = Sql::new("test::LINE_INBOUND", "SELECT id FROM inbound");

#[test]
fn what_comes_over_a_line_is_acknowledged_only_when_it_is_stored() {
    on_each(|backend| async move {
        let (script, faults) = (Script::new("line"), Arc::new(Faults::new()));
        let mut plan = Plan::on(backend);
        plan.options.faults = Some(faults.clone());
        let house = house_of(plan, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let patient = house.patient().await;
        let workers = Workers::start(&house.engine);
        let sink = lock(&script.sink).clone().expect("the line is held");
        let stop = |address: &str, key: u8| Heard {
            sender_address: address.to_owned(),
            event: Event::Inbound {
                carrier_message_id: format!("MO{key}"),
                from: Phi::new(patient.number),
                to_sender: address.to_owned(),
                body: Phi::new("STOP".into()),
                key: [key; 32],
                opt_out: None,
            },
        };
        assert_eq!(sink.take(stop("+12125550177", 1)).await, Err(NotStored::UnknownSender));
        faults.arm_statement("inbound::KEEP", FaultAction::Fail);
        assert_eq!(sink.take(stop("+12125550101", 1)).await, Err(NotStored::Unavailable));
        assert!(rows(&house, &INBOUND).await.is_empty());
        faults.clear();
        assert_eq!(sink.take(stop("+12125550101", 1)).await, Ok(()));
        assert_eq!(sink.take(stop("+12125550101", 1)).await, Ok(()), "the same again is taken and changes nothing");
        assert_eq!(rows(&house, &INBOUND).await.len(), 1);
        house.engine.route_waiting(house.practice).await.unwrap();
        workers.stop().await;
        house.engine.dispatch_due(house.practice).await.unwrap();
        assert_eq!(script.handed().iter().filter(|handed| handed.sender == over).count(), 1, "one confirmation");
    });
}
