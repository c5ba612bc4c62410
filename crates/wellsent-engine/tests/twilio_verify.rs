//! Codes through Twilio's verification, from the request at the desk to the proof, against a Twilio on this machine (TW-20).
//!
//! A test binary of its own, because it listens to everything that the process logs.

use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::twilio::{ApiKey, AuthToken, Forgetting, Settings, TwilioVerify};
use wellsent_domain::Phi;
use wellsent_domain::consent::Channel;
use wellsent_domain::verification::{TRIES_PER_CODE, Tried};
use wellsent_peers::twilio::{Behaviour, KnownNumber, Running, Settings as PeerSettings, Twilio};
use wellsent_testkit::canary::{Canary, Kind, LogBuffer, Scanner};
use wellsent_testkit::house::{Backend, House, Patient, Plan, start};
use wellsent_testkit::postgres::Postgres;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const KEY: (&str, &str) = ("SK00000000000000000000000000000001", "a secret of the tests");
const SERVICE: &str = "VA00000000000000000000000000000001";

async fn twilio(behaviour: Behaviour) -> Running {
    let settings = PeerSettings {
        api_keys: vec![(KEY.0.into(), KEY.1.into())],
        verify_services: vec![SERVICE.into()],
        behaviour,
        clock: Arc::new(start),
        ..PeerSettings::new(ACCOUNT, "a token of the tests")
    };
    Twilio::start(settings).await.expect("a Twilio")
}

async fn house(backend: Backend, base_url: String) -> House {
    let settings = Settings {
        name: "simulator".into(),
        account_sid: ACCOUNT.into(),
        api_key: ApiKey::new(KEY.0, KEY.1).expect("a key"),
        auth_token: AuthToken::new("a token of the tests"),
        next_auth_token: None,
        redaction_ready: false,
        forgetting: Forgetting::Delete,
        base_url: None,
        lookups_base_url: None,
        verify_base_url: Some(base_url),
        callback_base: "https://texts.practice.example".into(),
        clock: Arc::new(start),
        deadline: Duration::from_secs(2),
        connections: 2,
    };
    let service = Arc::new(TwilioVerify::new(&settings, SERVICE).expect("a service"));
    House::build(Plan { verify: Some(service), ..Plan::on(backend) }).await
}

async fn ask(house: &House, patient: &Patient) {
    house.engine.send_code(house.access(), patient.contact, Channel::Spoken, None).await.unwrap().expect("a code");
    house.settle().await;
}

async fn type_in(house: &House, patient: &Patient, code: &str) -> Tried {
    house.engine.try_code(house.access(), patient.contact, &Phi::new(code.to_owned()), Channel::Spoken).await.unwrap()
}

/// What Twilio texted to the phone.
fn code_on(running: &Running, patient: &Patient) -> String {
    let texts = running.twilio.got(&patient.number.to_e164());
    texts.last().expect("a text").body.rsplit(' ').next().expect("a code").to_owned()
}

fn wrong(code: &str) -> &'static str {
    if code == "271828" { "314159" } else { "271828" }
}

/// Where a code stands in the clear in the database, its files included.
async fn in_the_clear(house: &House, backend: Backend, code: &str) -> Vec<String> {
    let scanner = Scanner::new(vec![Canary { what: "it".into(), kind: Kind::Words, value: code.to_owned() }]);
    let hits = match backend {
        Backend::Sqlite => scanner.scan_folder(house.folder.path()).0,
        Backend::Postgres => scanner.scan_postgres(Postgres::shared().expect("a server"), &house.practice.bytes()).await.hits,
    };
    hits.into_iter().map(|hit| format!("{} in {}", hit.spelling, hit.place)).collect()
}

#[test]
fn codes_go_through_twilio_from_the_desk_to_the_proof_and_leave_no_trace() {
    let log = LogBuffer::listen();
    for backend in Backend::all() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(the_whole_way(backend, &log));
    }
}

async fn the_whole_way(backend: Backend, log: &LogBuffer) {
    let running = twilio(Behaviour::default()).await;
    let house = house(backend, running.base_url()).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        let ana = house.patient().await;
        ask(&house, &ana).await;
        assert!(house.got(&ana.number).is_empty(), "no text of ours goes");
        let code = code_on(&running, &ana);
        assert_eq!(type_in(&house, &ana, wrong(&code)).await, Tried::Wrong);
        ask(&house, &ana).await;
        assert_eq!(code_on(&running, &ana), code, "within its time Twilio sends the same code again");
        assert_eq!(type_in(&house, &ana, &code).await, Tried::Passed);
        assert_eq!(type_in(&house, &ana, &code).await, Tried::NoCode, "it proves once");
        codes.push(code);
    }
    let ben = house.patient().await;
    ask(&house, &ben).await;
    let code = code_on(&running, &ben);
    for _ in 0..TRIES_PER_CODE {
        assert_eq!(type_in(&house, &ben, wrong(&code)).await, Tried::Wrong);
    }
    assert_eq!(type_in(&house, &ben, &code).await, Tried::NoCode, "five guesses are all");
    ask(&house, &ben).await;
    assert_eq!(type_in(&house, &ben, &code).await, Tried::NoCode, "Twilio checks no more either");
    // Six digits may turn up by chance, but not those of three codes in a row.
    let mut traces = Vec::new();
    for code in &codes {
        let logged = String::from_utf8_lossy(&log.bytes()).matches(code.as_str()).count();
        let stored = in_the_clear(&house, backend, code).await;
        let stored = stored.into_iter().filter(|hit| backend == Backend::Sqlite || !hit.contains('/')).count();
        traces.push(logged + stored);
    }
    assert!(traces.contains(&0), "{traces:?}");
    tracing::info!(code = codes[0], "a careless line");
    assert!(String::from_utf8_lossy(&log.bytes()).contains(&codes[0]), "what is logged is heard");
    drop(running);
    let eve = house.patient().await;
    ask(&house, &eve).await;
    assert_eq!(type_in(&house, &eve, "123456").await, Tried::Unchecked, "Twilio is away");
}

#[test]
fn a_landline_at_twilio_gets_no_code_and_is_known_from_then_on() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let landline = KnownNumber { line_type: Some("landline".into()), reassigned: None };
        let running = twilio(Behaviour { known: [("+12125550100".to_owned(), landline)].into(), ..Behaviour::default() }).await;
        let house = house(Backend::Sqlite, running.base_url()).await;
        let ana = house.patient().await;
        assert_eq!(ana.number.to_e164(), "+12125550100");
        ask(&house, &ana).await;
        let contact = ana.contact;
        let state = house.write(move |tx| Ok(wellsent_store::people::contact_point(tx, contact)?.contact.state)).await;
        assert_eq!(state, wellsent_domain::person::ContactState::NotTextable);
        assert!(running.twilio.got(&ana.number.to_e164()).is_empty());
    });
}
