//! Twilio's adapter against a whole Twilio: what the adapter says about a text is compared with what really became of it.

use crate::case::{Text, query};
use crate::released::{BODY, CANARIES, TO, now, place, released};
use crate::twilio::{ACCOUNT, KEY, KEY_SECRET, NAME, NUMBER, SERVICE, TOKEN, pairs, settings};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wellsent_carrier::twilio::{AuthToken, Forgetting, Settings, Twilio, TwilioLookup, TwilioVerify};
use wellsent_carrier::{
    Acknowledgement, Callback, CallbackKind, Carrier, CarrierOptOut, ChangedHands, Checked, Event, ForgetError, NumberAnswer, NumberLookup,
    Outcome, Started, VerifyService, body_digest,
};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::person::LineType;
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_peers::twilio::{Behaviour, CallbackFaults, KnownNumber, Quirk, Range, Running, Settings as PeerSettings, Twilio as Peer};

const VERIFY: &str = "VA00000000000000000000000000000001";

/// A Twilio, an adapter, and a server that takes callbacks at a public address.
struct World {
    running: Running,
    adapter: Arc<Twilio>,
    settings: Settings,
    events: Arc<Mutex<Vec<Event>>>,
    refused: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl World {
    async fn new(behaviour: Behaviour) -> Self {
        Self::with(behaviour, |_| {}).await
    }

    async fn with(behaviour: Behaviour, change: impl FnOnce(&mut Settings)) -> Self {
        let hooks = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = Peer::start(PeerSettings {
            api_keys: vec![(KEY.into(), KEY_SECRET.into())],
            verify_services: vec![VERIFY.into()],
            behaviour,
            clock: Arc::new(now),
            routes: [("texts.practice.example".to_owned(), hooks.local_addr().unwrap())].into(),
            ..PeerSettings::new(ACCOUNT, TOKEN)
        })
        .await
        .unwrap();
        let inbound = |sender: &str| format!("https://texts.practice.example/hooks/{NAME}/snd_{sender}/inbound#rc=3&rp=all");
        running.twilio.add_sender(NUMBER, &[], Some(&inbound("1")));
        running.twilio.add_sender(SERVICE, &["+12125550198"], Some(&inbound("2")));
        let mut place = place(running.base_url());
        place.deadline = Duration::from_millis(600);
        let mut settings = settings(&place);
        change(&mut settings);
        let adapter = Arc::new(Twilio::new(settings.clone()).unwrap());
        let (events, refused) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let router = axum::Router::new().fallback({
            let (adapter, events, refused) = (adapter.clone(), events.clone(), refused.clone());
            async move |uri: Uri, headers: HeaderMap, body: Bytes| {
                let kind = if uri.path().ends_with("/inbound") { CallbackKind::Inbound } else { CallbackKind::Status };
                let public_url = format!("https://texts.practice.example{}", uri.path_and_query().unwrap());
                let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
                match adapter.read_callback(Callback { kind, public_url: &public_url, headers: &header, body: &body }).await {
                    Ok(read) => {
                        events.lock().unwrap().extend(read);
                        acknowledge(adapter.acknowledgement(kind))
                    }
                    Err(_) => {
                        *refused.lock().unwrap() += 1;
                        StatusCode::FORBIDDEN.into_response()
                    }
                }
            }
        });
        let task = tokio::spawn(async move { axum::serve(hooks, router).await.unwrap() });
        Self { running, adapter, settings, events, refused, task }
    }

    async fn send(&self, text: &Text) -> Outcome {
        self.adapter.submit(released(text, now())).await
    }

    async fn settle(&self) {
        assert!(self.running.twilio.settled(Duration::from_secs(20)).await, "{:?}", self.running.twilio.stats());
    }

    fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// Tokens and names of the texts that were taken, from the journal.
    fn taken(&self) -> Vec<(String, String)> {
        let field = |record: &serde_json::Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
        self.running
            .twilio
            .journal()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|record| record["kind"] == "accepted")
            .map(|record| (field(&record, "token"), field(&record, "id")))
            .collect()
    }
}

fn acknowledge(acknowledgement: Acknowledgement) -> Response {
    match acknowledgement {
        Acknowledgement::Empty => StatusCode::NO_CONTENT.into_response(),
        Acknowledgement::Body { content_type, body } => ([(CONTENT_TYPE, content_type)], body).into_response(),
    }
}

/// The `nth` text: to one of a hundred numbers, with words of its own.
fn nth(nth: u32) -> Text {
    let mut token = [0xa5; 16];
    token[..4].copy_from_slice(&nth.to_be_bytes());
    Text {
        to: format!("+12135550{}", 100 + nth % 100).leak(),
        body: format!("{BODY} ({nth})").leak(),
        from: if nth.is_multiple_of(3) { SERVICE } else { NUMBER },
        useful_s: 200,
        token,
    }
}

fn one() -> Text {
    Text { to: TO, body: BODY, from: NUMBER, useful_s: 200, token: [0x5a; 16] }
}

/// A network as bad as real ones on their worst day.
fn stormy(seed: u64) -> Behaviour {
    Behaviour {
        seed,
        answer_ms: Range(0, 30),
        retry_after_s: Some(2),
        refuse: 0.06,
        drop_before_accept: 0.08,
        drop_after_accept: 0.08,
        error_before_accept: 0.05,
        error_after_accept: 0.06,
        garbage_after_accept: 0.05,
        slow: 0.05,
        slow_ms: 1_500,
        delivery_ms: Range(0, 100),
        undelivered: 0.1,
        unconfirmed: 0.1,
        callbacks: CallbackFaults {
            delay_ms: Range(0, 60),
            lose: 0.05,
            duplicate: 0.2,
            reorder: 0.2,
            before_answer: 0.1,
            ..CallbackFaults::default()
        },
        throttle_per_s: Some(120),
        ..Behaviour::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_nothing_is_said_about_a_text_that_is_not_so() {
    for seed in [1, 2] {
        storm(seed).await;
    }
}

async fn storm(seed: u64) {
    const TEXTS: u32 = 160;
    let world = World::new(stormy(seed)).await;
    let mut outcomes = Vec::new();
    for from in (0..TEXTS).step_by(20) {
        let texts: Vec<Text> = (from..from + 20).map(nth).collect();
        outcomes.extend(futures_util::future::join_all(texts.iter().map(|text| world.send(text))).await);
    }
    world.running.twilio.set_behaviour(Behaviour::default());
    world.settle().await;
    let taken = world.taken();
    let by_token: HashMap<_, _> = taken.iter().cloned().collect();
    assert_eq!(by_token.len(), taken.len(), "no text was taken twice");
    let creations = world.running.twilio.requests().iter().filter(|request| request.method == "POST").count();
    assert_eq!(creations, TEXTS as usize, "one request for one submission");
    let mut unclear = [0; 2];
    for (nth, outcome) in (0..TEXTS).map(nth).zip(&outcomes) {
        let really = by_token.get(&AttemptToken(nth.token).to_hex());
        match outcome {
            Outcome::Accepted { carrier_message_id, .. } => assert_eq!(really, Some(carrier_message_id)),
            Outcome::Rejected { .. } | Outcome::NotSubmitted { .. } => assert_eq!(really, None, "{outcome:?}"),
            Outcome::Unknown { .. } => {
                unclear[usize::from(really.is_some())] += 1;
                let log = world.adapter.lookup(query(&nth, now())).await.unwrap();
                let found = log.iter().find(|entry| entry.body_digest == body_digest(nth.body)).map(|entry| &entry.carrier_message_id);
                assert_eq!(found, really, "the log shows what became of an unclear text");
            }
        }
    }
    assert!(unclear[0] > 5 && unclear[1] > 5, "the storm was one: {unclear:?}");
    assert_eq!((*world.refused.lock().unwrap(), world.running.twilio.stats().turned_away), (0, 0), "every callback was believed");
    receipts_tell_the_truth(&world, &by_token).await;
    nothing_personal_leaves(&world);
}

/// Whatever came, lost, doubled and in any order: the join of a text's receipts is not further than the text.
async fn receipts_tell_the_truth(world: &World, by_token: &HashMap<String, String>) {
    let mut known: HashMap<String, DeliveryStatus> = HashMap::new();
    for event in world.events() {
        let Event::Receipt { token, carrier_message_id, status, failure, .. } = event else { panic!("{event:?}") };
        assert_eq!(by_token.get(&token.unwrap().to_hex()), Some(&carrier_message_id), "a receipt names its attempt");
        assert_eq!(failure.is_some(), status == DeliveryStatus::Undelivered);
        assert!(failure.is_none_or(|failure| failure == Failure::Unreachable));
        let best = known.entry(carrier_message_id).or_insert(status);
        *best = best.join(status);
    }
    assert!(known.len() > 40, "{} texts were reported", known.len());
    let mut log = HashMap::new();
    for to in (100..200).map(|line| format!("+12135550{line}")) {
        let text = Text { to: to.leak(), ..one() };
        let entries = world.adapter.lookup(query(&text, now())).await.unwrap();
        log.extend(entries.into_iter().map(|entry| (entry.carrier_message_id, entry.status)));
    }
    for (id, status) in known {
        assert_eq!(log.get(&id), Some(&status), "receipts and the log agree");
    }
}

/// Neither number nor words stand anywhere but in `To` and `Body`, and in the question about a number (TW-03).
fn nothing_personal_leaves(world: &World) {
    for request in world.running.twilio.requests() {
        for (name, value) in &request.headers {
            assert!(CANARIES.iter().all(|canary| !value.contains(canary)) && !value.contains("2135550"), "the header {name}");
        }
        let (path, question) = request.target.split_once('?').unwrap_or((&request.target, ""));
        assert!(!path.contains("555"), "a path");
        for (name, value) in pairs(question).into_iter().chain(pairs(&request.text())) {
            let clean = CANARIES.iter().all(|canary| !value.contains(canary)) && !value.contains("2135550");
            let may = if request.method == "GET" { name == "To" } else { name == "To" || name == "Body" };
            assert!(clean || may, "{} carries it in {name}", request.method);
        }
    }
}

#[tokio::test]
async fn a_text_that_still_waits_at_twilio_is_found_in_its_log() {
    let numbers = [(TO.to_owned(), Quirk::DropAfterAccept)].into();
    let world = World::new(Behaviour { numbers, delivery_ms: Range(60_000, 60_000), ..Behaviour::default() }).await;
    assert!(matches!(world.send(&one()).await, Outcome::Unknown { .. }));
    let log = world.adapter.lookup(query(&one(), now())).await.unwrap();
    assert_eq!(
        log.iter().map(|entry| (entry.body_digest, entry.status)).collect::<Vec<_>>(),
        [(body_digest(BODY), DeliveryStatus::Queued)]
    );
}

#[tokio::test]
async fn receipts_may_come_before_the_answer() {
    let world = World::new(Behaviour { numbers: [(TO.to_owned(), Quirk::CallbacksFirst)].into(), ..Behaviour::default() }).await;
    let text = one();
    let mut sending = std::pin::pin!(world.send(&text));
    let first = tokio::select! {
        outcome = &mut sending => panic!("the answer came first: {outcome:?}"),
        event = async {
            loop {
                if let Some(event) = world.events().first().cloned() {
                    return event;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        } => event,
    };
    let Event::Receipt { token, carrier_message_id, .. } = first else { panic!("{first:?}") };
    assert_eq!(token, Some(AttemptToken(one().token)));
    assert!(matches!(sending.await, Outcome::Accepted { carrier_message_id: id, .. } if id == carrier_message_id));
}

#[tokio::test]
async fn a_text_whose_callback_was_lost_is_pulled_and_one_that_came_twice_is_one() {
    let lose = CallbackFaults { lose_inbound: 1.0, ..CallbackFaults::default() };
    let twice = CallbackFaults { duplicate_inbound: 1.0, ..CallbackFaults::default() };
    let world = World::new(Behaviour { callbacks: lose, advanced_opt_out: true, ..Behaviour::default() }).await;
    let peer = &world.running.twilio;
    peer.text(TO, Some(NUMBER), "leave me alone").unwrap();
    assert!(peer.settled(Duration::from_secs(5)).await && world.events().is_empty());
    peer.set_behaviour(Behaviour { callbacks: twice, advanced_opt_out: true, ..Behaviour::default() });
    peer.text(TO, Some(NUMBER), "Stop").unwrap();
    peer.text(TO, Some(SERVICE), "to the service").unwrap();
    peer.text_with(TO, Some(NUMBER), "", &["https://media.example/1"]).unwrap();
    world.settle().await;
    let called = world.events();
    assert_eq!(called.len(), 6, "three texts, each twice");
    let said = |event: &Event| match event {
        Event::Inbound { from, to_sender, body, opt_out, .. } => {
            assert_eq!(from.expose().to_e164(), TO);
            (to_sender.clone(), body.expose().clone(), *opt_out)
        }
        other => panic!("{other:?}"),
    };
    let mut keys: Vec<[u8; 32]> = called.iter().map(|event| *event.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    assert!(called.iter().map(said).any(|line| line == (NUMBER.to_owned(), "Stop".to_owned(), Some(CarrierOptOut::Stop))));
    let pulled = world.adapter.received(NUMBER, now()).await.unwrap();
    let bodies: Vec<_> = pulled.iter().map(|event| said(event).1).collect();
    assert_eq!(bodies, ["", "Stop", "leave me alone"]);
    assert!(pulled[..2].iter().all(|event| keys.contains(event.key())) && !keys.contains(pulled[2].key()));
    let at_service = world.adapter.received(SERVICE, now()).await.unwrap();
    assert_eq!(at_service.iter().map(|event| said(event).1).collect::<Vec<_>>(), ["to the service"]);
    assert!(keys.contains(at_service[0].key()));
    assert_eq!(world.running.twilio.stats().replied, 0, "no webhook answered a person");
    assert!(matches!(world.send(&one()).await, Outcome::Rejected { failure: Failure::OptedOut, code: Some(21_610) }));
}

#[tokio::test]
async fn a_text_is_forgotten_once_it_is_at_rest() {
    for how in [Forgetting::Delete, Forgetting::Redact] {
        let behaviour = Behaviour { delivery_ms: Range(150, 150), ..Behaviour::default() };
        let world = World::with(behaviour, |settings| settings.forgetting = how).await;
        let Outcome::Accepted { carrier_message_id, .. } = world.send(&one()).await else { panic!("not taken") };
        assert_eq!(world.adapter.forget(&carrier_message_id).await, Err(ForgetError::TooEarly));
        world.settle().await;
        assert_eq!(world.adapter.forget(&carrier_message_id).await, Ok(()));
        assert_eq!(world.adapter.forget(&carrier_message_id).await, Ok(()), "what is gone is forgotten");
        let log = world.adapter.lookup(query(&one(), now())).await;
        match how {
            Forgetting::Delete => assert_eq!(log, Ok(vec![])),
            Forgetting::Redact => assert_eq!(log, Err(wellsent_carrier::LookupError::Unreadable)),
        }
        let received = world.running.twilio.text(TO, Some(NUMBER), "hello").unwrap();
        world.settle().await;
        assert_eq!(world.adapter.forget(&received).await, Ok(()), "received texts are forgotten too");
    }
}

#[tokio::test]
async fn tokens_are_changed_without_a_callback_lost() {
    let next = "the token that comes next";
    let world = World::new(Behaviour::default()).await;
    world.send(&one()).await;
    world.settle().await;
    world.running.twilio.set_auth_token(next);
    world.send(&one()).await;
    world.settle().await;
    assert_eq!((world.events().len(), *world.refused.lock().unwrap()), (4, 0));
    let world = World::with(Behaviour::default(), |settings| {
        settings.auth_token = AuthToken::new(next);
        settings.next_auth_token = None;
    })
    .await;
    world.send(&one()).await;
    world.settle().await;
    assert!(world.events().is_empty() && world.running.twilio.stats().turned_away > 0, "the old token is over");
}

#[tokio::test]
async fn numbers_are_looked_up_and_phones_proven() {
    let known = KnownNumber { line_type: Some("nonFixedVoip".into()), reassigned: Some("yes".into()) };
    let nothing = KnownNumber { line_type: None, reassigned: None };
    let behaviour = Behaviour { known: [(TO.to_owned(), known), ("+12125550101".to_owned(), nothing)].into(), ..Behaviour::default() };
    let world = World::new(behaviour).await;
    let lookup = TwilioLookup::new(&world.settings).unwrap();
    let number = |text: &str| Phi::new(PhoneNumber::parse(text).unwrap());
    let day = jiff::civil::date(2026, 1, 2);
    for (to, line, changed_hands) in [
        (TO, LineType::Voip, ChangedHands::Yes),
        ("+12125550101", LineType::Unknown, ChangedHands::NoData),
        ("+12125550102", LineType::Mobile, ChangedHands::No),
    ] {
        assert_eq!(lookup.look_up(number(to), day).await, Ok(NumberAnswer { line, changed_hands }));
    }
    let verify = TwilioVerify::new(&world.settings, VERIFY).unwrap();
    assert_eq!(verify.check(number(TO), "123456").await, Ok(Checked::Gone), "nothing was asked for");
    let code = |world: &World| world.running.twilio.got(TO).last().unwrap().body.rsplit(' ').next().unwrap().to_owned();
    assert_eq!(verify.start(number(TO)).await, Ok(Started::Sent));
    let first = code(&world);
    assert_eq!(verify.start(number(TO)).await, Ok(Started::Sent));
    assert_eq!(code(&world), first, "the same code goes again");
    let wrong = if first == "000000" { "111111" } else { "000000" };
    assert_eq!(verify.check(number(TO), wrong).await, Ok(Checked::Wrong));
    assert_eq!(verify.check(number(TO), &first).await, Ok(Checked::Approved));
    assert_eq!(verify.check(number(TO), &first).await, Ok(Checked::Gone), "a code proves once");
    for _ in 0..5 {
        assert_eq!(verify.start(number(TO)).await, Ok(Started::Sent));
    }
    assert_eq!(verify.start(number(TO)).await, Ok(Started::SendsUsedUp));
    for _ in 0..5 {
        assert_eq!(verify.check(number(TO), wrong).await, Ok(Checked::Wrong));
    }
    assert_eq!(verify.check(number(TO), &code(&world)).await, Ok(Checked::ChecksUsedUp), "the sixth check is none, even of the right code");
}

#[tokio::test]
async fn an_account_that_is_refused_is_not_the_texts_fault() {
    let world = World::with(Behaviour::default(), |settings| {
        settings.account_sid = "AC00000000000000000000000000000002".into();
    })
    .await;
    let outcome = world.send(&one()).await;
    assert!(matches!(outcome, Outcome::NotSubmitted { cause: wellsent_carrier::NotSubmittedCause::AccountRefused, .. }), "{outcome:?}");
}

#[tokio::test]
async fn an_account_with_redaction_proves_nothing_by_its_log() {
    for number_redaction in [false, true] {
        let numbers = [(TO.to_owned(), Quirk::DropAfterAccept)].into();
        let behaviour = Behaviour { redaction: true, number_redaction, stop_handling: false, numbers, ..Behaviour::default() };
        let world = World::with(behaviour, |settings| settings.redaction_ready = true).await;
        assert!(matches!(world.send(&one()).await, Outcome::Unknown { .. }));
        world.settle().await;
        assert!(world.adapter.lookup(query(&one(), now())).await.is_err(), "it was sent, and the log does not show it");
        world.running.twilio.text(TO, Some(NUMBER), "STOP").unwrap();
        world.settle().await;
        assert!(world.events().iter().any(|event| matches!(event, Event::Inbound { opt_out: None, body, .. } if body.expose() == "STOP")));
        assert_eq!(world.running.twilio.got(TO).len(), 1, "nobody answered but us");
        assert!(!world.adapter.traits().keeps_received);
        assert_eq!(world.adapter.received(NUMBER, now()).await, Err(wellsent_carrier::LookupError::NotKept));
    }
}
