//! Callbacks that come to the address of another sender than the one that they are about: one topic or one profile of a carrier tells of several
//! numbers, and every hook that listens hears it all.

use crate::crowd::*;
use crate::scripted::*;
use wellsent_carrier::{Event, Heard};
use wellsent_db::{Row, Sql};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::consent::Category;
use wellsent_domain::message::Purpose;
use wellsent_domain::practice::{Registration, SenderKind, Settings};
use wellsent_domain::{ApplicationId, Phi, PhoneNumber, PracticeId, SenderId};
use wellsent_engine::{Verdict, Workers};
use wellsent_store::application_texts::{self, NewText};
use wellsent_store::applications::{self, NewApplication};
use wellsent_store::practices::NewPractice;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Access, Actor, application_callbacks};
use wellsent_testkit::house::{House, start};

static INBOUND: Sql = Sql::new("test::ADDRESSED", "SELECT practice_id, sender_id FROM inbound ORDER BY received_at, id");

fn written(from: PhoneNumber, to: &str, words: &str, key: u8) -> Event {
    Event::Inbound {
        carrier_message_id: format!("MO{key}"),
        from: Phi::new(from),
        to_sender: to.to_owned(),
        body: Phi::new(words.to_owned()),
        key: [key; 32],
        opt_out: None,
    }
}

async fn kept(house: &House) -> Vec<(PracticeId, SenderId)> {
    let ids = |row: &Row| (PracticeId::from_bytes(row.id(0).unwrap()), SenderId::from_bytes(row.id(1).unwrap()));
    rows(house, &INBOUND).await.iter().map(ids).collect()
}

/// Another practice on the same server, with a sender over the same account of the carrier.
async fn neighbour(house: &House, carrier: &str, address: &str) -> (PracticeId, SenderId) {
    let new = NewPractice {
        name: "Oak Street Clinic".into(),
        text_name: "Oak St Clinic".into(),
        call_back: number(90),
        zone: "America/New_York".into(),
        part2: false,
        settings: Settings::default(),
    };
    let (store, sender) = (house.engine.store().clone(), NewSender::approved(carrier, address, SenderKind::LongCode, 600_000));
    tokio::task::spawn_blocking(move || {
        let practice = store.create_practice(new, start()).unwrap();
        let access = Access { practice, actor: Actor::Operator };
        let added = store.write_wait::<_, wellsent_store::StoreError, _>(access, move |tx| senders::add(tx, &sender, start()));
        (practice, added.unwrap())
    })
    .await
    .unwrap()
}

#[test]
fn a_text_that_every_hook_hears_is_kept_once_with_the_sender_that_it_was_written_to() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let first = sender(&house, &script, "+12125550101", |_| {}).await;
        let second = sender(&house, &script, "+12125550102", |_| {}).await;
        let patient = house.patient().await;
        let text = written(patient.number, "+12125550102", "STOP", 1);
        for hook in [first, second, first] {
            calls_back(&house, &script, hook, vec![text.clone()]).await;
        }
        assert_eq!(kept(&house).await, [(house.practice, second)]);
        house.engine.route_waiting(house.practice).await.unwrap();
        pass(&house, 4).await;
        let answers: Vec<_> = script.handed().iter().map(|handed| handed.sender).collect();
        assert_eq!(answers, [second], "one confirmation, from the number that was written to");
        // What no sender is named like, such as a number behind a service, belongs to the address that was called.
        calls_back(&house, &script, first, vec![written(patient.number, "+12125550177", "Hello", 2)]).await;
        assert_eq!(kept(&house).await.last(), Some(&(house.practice, first)));
    });
}

#[test]
fn a_text_to_another_practice_of_the_account_never_gets_into_this_one() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let ours = sender(&house, &script, "+12125550101", |_| {}).await;
        let (practice, theirs) = neighbour(&house, "carrier", "+12125550102").await;
        calls_back(&house, &script, ours, vec![written(number(91), "+12125550102", "My results?", 1)]).await;
        calls_back(&house, &script, theirs, vec![written(number(92), "+12125550101", "And mine?", 2)]).await;
        let workers = Workers::start(&house.engine);
        let sink = lock(&script.sink).clone().expect("the line is held");
        let heard = Heard { sender_address: "+12125550101".into(), event: written(number(93), "+12125550102", "Hello", 3) };
        sink.take(heard).await.unwrap();
        workers.stop().await;
        let mut kept = kept(&house).await;
        kept.sort();
        let mut expected = vec![(house.practice, ours), (practice, theirs), (practice, theirs)];
        expected.sort();
        assert_eq!(kept, expected);
    });
}

#[test]
fn a_receipt_at_the_address_of_another_sender_takes_the_registration_of_its_own() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let first = sender(&house, &script, "+12125550101", |_| {}).await;
        let second = sender(&house, &script, "+12125550102", |_| {}).await;
        let patient = house.patient().await;
        text(&house, &patient, 2, false).await;
        pass(&house, 0).await;
        let handed = script.handed().remove(0);
        assert_eq!(handed.sender, first);
        let receipt = Event::Receipt {
            token: Some(handed.token),
            carrier_message_id: handed.id,
            status: DeliveryStatus::Undelivered,
            failure: Some(Failure::SenderNotRegistered),
            key: [9; 32],
        };
        calls_back(&house, &script, second, vec![receipt]).await;
        let stand = house.write(senders::list).await;
        let of = |id| stand.iter().find(|sender| sender.id == id).unwrap().registration;
        assert_eq!((of(first), of(second)), (Registration::Unregistered, Registration::Approved));
    });
}

/// An application with a sender, which wants to be told of everything.
async fn application(house: &House, account: &str, sender: SenderId) -> ApplicationId {
    let now = house.engine.now();
    let new = NewApplication {
        name: "Portal".into(),
        account_sid: format!("AC{account:0>32}"),
        service_sid: format!("MG{account:0>32}"),
        token: Phi::new("0123456789abcdef0123456789abcdef".into()),
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        hosts: vec!["127.0.0.1:9".into()],
        inbound_url: Some("http://127.0.0.1:9/in".into()),
        status_url: Some("http://127.0.0.1:9/status".into()),
        senders: vec![sender],
        requests_per_minute: 600,
    };
    house.write(move |tx| applications::add(tx, &new, now)).await
}

#[test]
fn an_application_that_does_not_answer_leaves_room_for_the_calls_to_another() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let first = sender(&house, &script, "+12125550101", |_| {}).await;
        let second = sender(&house, &script, "+12125550102", |_| {}).await;
        let (silent, other) = (application(&house, "1", first).await, application(&house, "2", second).await);
        let patient = house.patient().await;
        for key in 0..60 {
            let to = if key < 59 { "+12125550101" } else { "+12125550102" };
            calls_back(&house, &script, first, vec![written(patient.number, to, "Thank you", key)]).await;
            house.engine.route_waiting(house.practice).await.unwrap();
        }
        let now = house.engine.now() + hours(1);
        let taken = house.write(move |tx| application_callbacks::take(tx, 32, 8, now + hours(1), now)).await;
        let to = |id| taken.iter().filter(|due| due.application.id == id).count();
        assert_eq!((to(silent), to(other)), (8, 1));
        // Nothing is taken twice, and nothing is left out.
        let mut rest = 0;
        loop {
            let taken = house.write(move |tx| application_callbacks::take(tx, 32, 8, now + hours(1), now)).await;
            assert!(taken.len() <= 8 && taken.iter().all(|due| due.application.id == silent));
            rest += taken.len();
            if taken.is_empty() {
                break;
            }
        }
        assert_eq!(rest, 51);
    });
}

#[test]
fn an_application_is_told_what_a_person_settled() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let application = application(&house, "1", over).await;
        let mut messages = Vec::new();
        for _ in 0..2 {
            let patient = house.patient().await;
            script.ends_with([unknown()]);
            let message = text(&house, &patient, 2, false).await;
            let shown = NewText {
                application,
                text: message.bytes(),
                direction: wellsent_domain::application::Direction::Api,
                sender: over,
                by_service: false,
                number: Phi::new(patient.number),
                step: wellsent_domain::application::Step::Queued,
                status_url: None,
                hidden: false,
            };
            let now = house.engine.now();
            house.write(move |tx| application_texts::add(tx, &shown, now)).await;
            house.engine.dispatch_due(house.practice).await.unwrap();
            messages.push(message);
        }
        let steps = async |house: &House| {
            let mut steps = Vec::new();
            for message in messages.clone() {
                let text = house.write(move |tx| application_texts::get(tx, application, message.bytes())).await.unwrap();
                steps.push(text.step.as_str());
            }
            steps
        };
        assert_eq!(steps(&house).await, ["sending", "sending"]);
        static ATTEMPT: Sql = Sql::new("test::ADDRESSED_ATTEMPTS", "SELECT id, message_id FROM attempt");
        let attempts = rows(&house, &ATTEMPT).await;
        for (message, verdict) in
            [(messages[0], Verdict::Went { carrier_message_id: None }), (messages[1], Verdict::DidNotGo { again: false })]
        {
            let row = attempts.iter().find(|row| row.id(1).unwrap() == message.bytes()).unwrap();
            let attempt = wellsent_domain::AttemptId::from_bytes(row.id(0).unwrap());
            house.engine.settle_unknown(house.access(), attempt, verdict).await.unwrap();
        }
        assert_eq!(steps(&house).await, ["sent", "failed"]);
        assert_eq!(house.write(application_callbacks::counts).await.0, 2, "both are told");
    });
}

#[test]
fn an_id_that_a_carrier_gives_again_means_the_latest_text() {
    on_each(|backend| async move {
        let script = Script::new("carrier");
        let house = house_with(backend, &[&script]).await;
        let over = sender(&house, &script, "+12125550101", |_| {}).await;
        let taken = || wellsent_carrier::Outcome::Accepted { carrier_message_id: "7".into(), parts: Some(1) };
        script.ends_with([taken(), taken(), taken()]);
        let mut messages = Vec::new();
        for _ in 0..3 {
            let patient = house.patient().await;
            messages.push(text(&house, &patient, 2, false).await);
            pass(&house, 4).await;
        }
        let (carrier_message_id, status) = ("7".to_owned(), DeliveryStatus::Delivered);
        calls_back(&house, &script, over, vec![Event::Receipt { token: None, carrier_message_id, status, failure: None, key: [5; 32] }])
            .await;
        let mut states = Vec::new();
        for message in messages {
            states.push(state(&house, message).await.as_str());
        }
        assert_eq!(states, ["submitted", "submitted", "delivered"]);
    });
}
