//! A house with an application, on real sockets: its API, and a small server that the application would have, which takes calls.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use wellsent_domain::consent::Category;
use wellsent_domain::message::Purpose;
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_store::applications::{self, NewApplication};
use wellsent_testkit::house::{Backend, House, Patient, Plan};

const FROM: &str = "+12125550199";

/// The house, with what a script is told of it.
pub struct Told {
    house: House,
    told: Value,
    patient: Patient,
    stopped: Patient,
    before: usize,
    _stop: watch::Sender<bool>,
}

/// Calls that came: kind, address, parameters, signature.
#[derive(Clone, Default)]
struct Receiver {
    host: Arc<str>,
    came: Arc<Mutex<Vec<Value>>>,
}

impl Told {
    pub async fn build() -> Self {
        let house = House::build(Plan::on(Backend::Sqlite)).await;
        let receiver = receiver().await;
        let (account, service, token, key, secret) = (
            wellsent_engine::account_sid(),
            wellsent_engine::service_sid(),
            wellsent_engine::token(),
            wellsent_engine::key_sid(),
            wellsent_engine::token(),
        );
        let (now, host) = (house.engine.now(), receiver.host.to_string());
        let new = NewApplication {
            name: "Portal".into(),
            account_sid: account.clone(),
            service_sid: service.clone(),
            token: Phi::new(token.clone()),
            category: Category::Appointments,
            purpose: Purpose::Treatment,
            inbound_url: Some(format!("http://{host}/inbound?for=portal")),
            status_url: Some(format!("http://{host}/status")),
            hosts: vec![host],
            senders: vec![house.sender],
            requests_per_minute: 6_000,
        };
        let (kept_key, kept_secret) = (key.clone(), Phi::new(secret.clone()));
        house
            .write(move |tx| {
                let id = applications::add(tx, &new, now)?;
                applications::add_key(tx, id, &kept_key, &kept_secret, now)
            })
            .await;
        let (patient, stopped) = (house.patient().await, house.patient().await);

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, shutdown) = watch::channel(false);
        let app = wellsent_web::App { engine: house.engine.clone(), public_url: base.as_str().into(), demo: false, shutdown };
        tokio::spawn(async move { axum::serve(listener, wellsent_web::router(app)).await });

        // Something happens, so that there are calls to judge: a patient writes, with letters that forms and signatures trip over.
        house.says(&patient.number, "Can I bring my daughter?").await;
        house.says(&stopped.number, "STOP").await;
        let odd = PhoneNumber::parse("+12125550187").expect("a number");
        house.says(&odd, " \u{e9}t\u{e9} + 50% & \"caf\u{e9}\" \u{1f600}=\u{2019} ").await;
        let told = json!({
            "base": base, "account": account, "token": token, "service": service, "key": key, "secret": secret, "from": FROM,
            "to": patient.number.to_e164(), "stopped": stopped.number.to_e164(), "now": now.to_string(),
        });
        let mut this = Self { before: house.got(&stopped.number).len(), house, told, patient, stopped, _stop: stop };
        this.first_text().await;
        this.live().await;
        let calls = receiver.came.lock().expect("no panic").clone();
        assert!(calls.len() >= 5, "two steps and three texts: {}", calls.len());
        this.told["calls"] = Value::Array(calls);
        this
    }

    /// A text of the application, by a plain client.
    async fn first_text(&self) {
        let text = |name: &str| self.told[name].as_str().expect("a word").to_owned();
        let form = [("To", text("to")), ("From", text("from")), ("Body", "Your forms are ready.".to_owned())];
        let address = format!("{}/2010-04-01/Accounts/{}/Messages.json", text("base"), text("account"));
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build().expect("a client");
        let answer = client.post(address).basic_auth(text("account"), Some(text("token"))).form(&form).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 201);
    }

    /// What a script is told.
    pub fn told(&self) -> &Value {
        &self.told
    }

    /// Everything that is due happens.
    pub async fn live(&self) {
        self.house.settle().await;
        while self.house.engine.call_applications(self.house.practice).await.expect("calls are made") > 0 {}
    }

    /// What must be true at the end: nothing went to the phone that opted out, and each text went once.
    pub fn check(&self) {
        assert_eq!(self.house.got(&self.stopped.number).len(), self.before);
        let got = self.house.got(&self.patient.number);
        let mut once = got.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), got.len(), "{got:?}");
        assert!(!got.iter().any(|text| text.contains("See you soon")), "what was taken back did not go");
    }
}

async fn receiver() -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let receiver = Receiver { host: host.into(), ..Receiver::default() };
    let router = Router::new().fallback(take).with_state(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    receiver
}

async fn take(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, form: axum::Form<Vec<(String, String)>>) -> StatusCode {
    let signature = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = if uri.path() == "/status" { "status" } else { "inbound" };
    let url = format!("http://{}{uri}", receiver.host);
    let call = json!({ "kind": kind, "url": url, "parameters": form.0, "signature": signature });
    receiver.came.lock().expect("no panic").push(call);
    StatusCode::NO_CONTENT
}
