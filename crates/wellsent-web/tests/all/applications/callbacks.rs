//! What applications are called about. The calls go over real sockets to a small server of the test.

use super::{Client, FROM, Grant};
use crate::site::{LOCAL, Site};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use wellsent_carrier::sign_webhook;
use wellsent_store::application_callbacks;
use wellsent_testkit::house::Backend;

/// A call that came.
#[derive(Debug, Clone)]
pub struct Came {
    path: String,
    signature: String,
    token: String,
    agent: String,
    parameters: Vec<(String, String)>,
}

impl Came {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A server that takes calls and answers what it was told to, then 204.
#[derive(Clone, Default)]
pub struct Receiver {
    came: Arc<Mutex<Vec<Came>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    host: String,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self { host: listener.local_addr().unwrap().to_string(), ..Self::default() };
        let router = axum::Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    pub fn will_answer(&self, status: u16, body: &str) {
        self.answers.lock().unwrap().push_back((status, body.to_owned()));
    }

    pub fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    pub fn grant(&self) -> Grant {
        Grant {
            hosts: vec![self.host.clone()],
            inbound_url: Some(self.url("/in?a=1")),
            status_url: Some(self.url("/status")),
            ..Grant::default()
        }
    }
}

async fn take(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let parameters = form_pairs(&body);
    receiver.came.lock().unwrap().push(Came {
        path: uri.to_string(),
        signature: text("x-twilio-signature"),
        token: text("i-twilio-idempotency-token"),
        agent: text("user-agent"),
        parameters,
    });
    let answer = receiver.answers.lock().unwrap().pop_front();
    match answer {
        None => StatusCode::NO_CONTENT.into_response(),
        Some((status @ 300..=399, target)) => (StatusCode::from_u16(status).unwrap(), [(header::LOCATION, target)]).into_response(),
        Some((status, body)) => (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "text/xml")], body).into_response(),
    }
}

fn form_pairs(body: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(body).unwrap();
    let decoded = |part: &str| {
        let mut bytes = Vec::new();
        let mut rest = part.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                }
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

async fn call(site: &Site) -> usize {
    let mut calls = 0;
    loop {
        let made = site.house.engine.call_applications(site.house.practice).await.unwrap();
        calls += made;
        if made == 0 {
            return calls;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_told_once_in_its_order_and_signed() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let receiver = Receiver::start().await;
        let client = Client::with(&site.house, receiver.grant()).await;
        let patient = site.house.patient().await;
        let to = patient.number.to_e164();
        let url = receiver.url("/steps?for=one#rc=3");
        let form = [("To", to.as_str()), ("From", FROM), ("Body", "Please bring your card."), ("StatusCallback", url.as_str())];
        let sid = client.post(&site, "/Messages.json", &form).await.sid();
        assert_eq!(call(&site).await, 0, "nothing is told about the first step");
        site.house.settle().await;
        call(&site).await;
        site.house.settle().await;
        call(&site).await;
        let came = receiver.came();
        let told: Vec<_> = came.iter().map(|call| call.get("MessageStatus").unwrap()).collect();
        assert_eq!(told, ["sent", "delivered"], "{backend:?}");
        for call in &came {
            assert_eq!(call.path, "/steps?for=one");
            assert_eq!(call.signature, sign_webhook(&client.secret, &url, &call.parameters), "over what really came");
            assert!(call.agent.starts_with("wellsent/"));
            let named = |name| call.get(name).unwrap();
            assert_eq!((named("MessageSid"), named("AccountSid"), named("To"), named("From")), (&*sid, &*client.sid, &*to, FROM));
            assert_eq!((named("SmsStatus"), named("ApiVersion"), call.get("ErrorCode")), (named("MessageStatus"), "2010-04-01", None));
            assert_eq!(call.get("Body"), None, "a call about a step tells nothing of the text");
        }
        assert_ne!(came[0].token, came[1].token);
        // A receipt that is repeated tells nothing new.
        site.house.settle().await;
        assert_eq!(call(&site).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_with_its_code_at_the_applications_own_address() {
    let site = Site::local().await;
    let receiver = Receiver::start().await;
    let client = Client::with(&site.house, receiver.grant()).await;
    let patient = site.house.patient().await;
    let at = (site.house.engine.now() + SignedDuration::from_mins(30)).to_string();
    let to = patient.number.to_e164();
    let form = [("To", to.as_str()), ("From", FROM), ("Body", "Hello."), ("ScheduleType", "fixed"), ("SendAt", at.as_str())];
    client.post(&site, "/Messages.json", &form).await.sid();
    site.house.says(&patient.number, "stop").await;
    site.house.wait_until(site.house.engine.now() + SignedDuration::from_mins(31));
    site.house.settle().await;
    call(&site).await;
    let came = receiver.came();
    let status: Vec<_> = came.iter().filter(|call| call.path == "/status").collect();
    assert_eq!(status.len(), 1);
    assert_eq!((status[0].get("MessageStatus"), status[0].get("ErrorCode")), (Some("failed"), Some("21610")));
    let inbound: Vec<_> = came.iter().filter(|call| call.path == "/in?a=1").collect();
    assert_eq!((inbound.len(), inbound[0].get("OptOutType")), (1, Some("STOP")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_made_until_it_is_acknowledged_and_looks_the_same_each_time() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let receiver = Receiver::start().await;
        let client = Client::with(&site.house, receiver.grant()).await;
        let patient = site.house.patient().await;
        client.send(&site, &patient.number.to_e164(), "Please bring your card.").await.sid();
        site.house.settle().await;
        for answer in [500, 302, 404] {
            receiver.will_answer(answer, &receiver.url("/elsewhere"));
        }
        for wait in [0, 6, 31, 121] {
            site.house.wait_until(site.house.engine.now() + SignedDuration::from_secs(wait));
            call(&site).await;
        }
        let came = receiver.came();
        let told: Vec<_> = came.iter().map(|call| call.get("MessageStatus").unwrap()).collect();
        assert_eq!(told, ["sent", "sent", "sent", "sent", "delivered"], "{backend:?}: a later step waits for the earlier one");
        assert!(came[..4].windows(2).all(|pair| pair[0].token == pair[1].token && pair[0].signature == pair[1].signature));
        assert!(came.iter().all(|call| call.path == "/status"), "a redirect is not followed");
        assert_eq!(site.house.write(application_callbacks::counts).await, (0, 2, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_do_not_make_the_same_call() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let receiver = Receiver::start().await;
        let client = Client::with(&site.house, receiver.grant()).await;
        let mut patients = Vec::new();
        for _ in 0..12 {
            patients.push(site.house.patient().await);
        }
        for patient in &patients {
            client.send(&site, &patient.number.to_e164(), "Please bring your card.").await.sid();
        }
        site.house.settle().await;
        for _ in 0..20 {
            let rounds = (0..4).map(|_| site.house.engine.call_applications(site.house.practice));
            futures_util::future::join_all(rounds).await.into_iter().for_each(|made| assert!(made.is_ok()));
        }
        let came = receiver.came();
        let tokens: std::collections::BTreeSet<_> = came.iter().map(|call| call.token.clone()).collect();
        assert_eq!((came.len(), tokens.len()), (24, 24), "{backend:?}: two steps of twelve texts, each told once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_without_an_acknowledgement_a_call_is_given_up() {
    let site = Site::local().await;
    let client = Client::with(
        &site.house,
        Grant { hosts: vec!["127.0.0.1".into()], status_url: Some("http://127.0.0.1:9/".into()), ..Grant::default() },
    )
    .await;
    let patient = site.house.patient().await;
    client.send(&site, &patient.number.to_e164(), "Please bring your card.").await.sid();
    site.house.settle().await;
    let mut rounds = 0;
    while site.house.write(application_callbacks::counts).await.2 < 1 {
        call(&site).await;
        site.house.wait_until(site.house.engine.now() + SignedDuration::from_hours(2));
        rounds += 1;
        assert!(rounds < 20, "it is tried for ever");
    }
    assert!(rounds > 10, "it is tried for a day: {rounds}");
    assert!(site.ledger().await.iter().any(|entry| entry.contains(r#""kind":"callback_given_up""#)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patients_text_is_told_and_the_answer_goes_through_the_gate() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let receiver = Receiver::start().await;
        let client = Client::with(&site.house, receiver.grant()).await;
        let patient = site.house.patient().await;
        receiver.will_answer(200, "<Response><Message>Yes, of course &amp; welcome.</Message></Response>");
        site.house.says(&patient.number, "Can I bring my daughter? \u{1f600} a+b&c=d").await;
        call(&site).await;
        site.house.settle().await;
        let came = receiver.came();
        let first = &came[0];
        assert_eq!((first.get("Body"), first.get("SmsStatus")), (Some("Can I bring my daughter? \u{1f600} a+b&c=d"), Some("received")));
        assert_eq!((first.get("From"), first.get("To")), (Some(&*patient.number.to_e164()), Some(FROM)));
        assert_eq!((first.get("NumMedia"), first.get("NumSegments"), first.get("OptOutType")), (Some("0"), Some("1"), None));
        assert_eq!(first.signature, sign_webhook(&client.secret, &receiver.url("/in?a=1"), &first.parameters));
        assert_eq!(site.house.got(&patient.number), ["Yes, of course & welcome."], "{backend:?}");
        let listed = client.get(&site, "/Messages.json").await;
        let directions: Vec<_> =
            listed.value["messages"].as_array().unwrap().iter().map(|text| text["direction"].as_str().unwrap()).collect();
        assert_eq!(directions, ["outbound-reply", "inbound"]);
        call(&site).await;
        let told: Vec<_> = receiver.came()[1..].iter().map(|call| call.get("MessageStatus").unwrap().to_owned()).collect();
        assert_eq!(told, ["sent", "delivered"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn to_an_opt_out_only_the_practice_answers() {
    let site = Site::local().await;
    let receiver = Receiver::start().await;
    let _client = Client::with(&site.house, receiver.grant()).await;
    let patient = site.house.patient().await;
    for (says, word) in [("HELP", "HELP"), ("STOP", "STOP"), ("START", "START")] {
        receiver.will_answer(200, "<Response><Message>We heard you.</Message></Response>");
        site.house.says(&patient.number, says).await;
        call(&site).await;
        site.house.settle().await;
        assert_eq!(receiver.came().last().unwrap().get("OptOutType"), Some(word));
    }
    assert!(!site.house.got(&patient.number).contains(&"We heard you.".to_owned()));
    assert_eq!(site.house.got(&patient.number).len(), 3, "one answer each, and it is the practice's");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_tells_of_health_does_not_go_as_it_is() {
    let site = Site::local().await;
    let receiver = Receiver::start().await;
    let client = Client::with(&site.house, receiver.grant()).await;
    let number = wellsent_domain::PhoneNumber::parse("+12125550188").unwrap();
    receiver.will_answer(200, "<Response><Message>Your HIV test was positive.</Message></Response>");
    site.house.says(&number, "hello?").await;
    call(&site).await;
    site.house.settle().await;
    assert!(site.house.got(&number).is_empty(), "nobody here has this number");
    let listed = client.get(&site, "/Messages.json").await;
    let text = &listed.value["messages"][0];
    assert_eq!((&text["direction"], &text["status"], &text["error_code"]), (&"outbound-reply".into(), &"failed".into(), &70002.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_application_is_not_called_any_more_nor_one_whose_host_is_not_allowed() {
    let site = Site::local().await;
    let receiver = Receiver::start().await;
    let disabled = Client::with(&site.house, receiver.grant()).await;
    let grant = Grant { hosts: vec!["app.example.com".into()], ..receiver.grant() };
    let _elsewhere = Client::with(&site.house, grant).await;
    let patient = site.house.patient().await;
    site.house.says(&patient.number, "hello?").await;
    let (id, now) = (disabled.id, site.house.engine.now());
    site.house.write(move |tx| wellsent_store::applications::disable(tx, id, now)).await;
    call(&site).await;
    assert!(receiver.came().is_empty());
    assert_eq!(site.house.write(application_callbacks::counts).await, (0, 0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_answers_by_itself_gets_no_answer_nor_does_an_answer_with_a_blocked_link_go() {
    let site = Site::local().await;
    let receiver = Receiver::start().await;
    let _client = Client::with(&site.house, receiver.grant()).await;
    let patient = site.house.patient().await;
    for (says, answer) in [
        ("Auto-reply: I'm driving right now and will get back to you later.", "Thank you for your text."),
        ("Where can I pay?", "Pay at bit.ly/abc"),
        ("Where do I park?", "Behind the house."),
    ] {
        receiver.will_answer(200, &format!("<Response><Message>{answer}</Message></Response>"));
        site.house.says(&patient.number, says).await;
        call(&site).await;
        site.house.settle().await;
        assert_eq!(receiver.came().iter().filter(|call| call.get("Body") == Some(says)).count(), 1, "it is told all the same");
    }
    assert_eq!(site.house.got(&patient.number), ["Behind the house."]);
}
