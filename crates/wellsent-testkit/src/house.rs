//! A whole house for one test: a store on either engine, a practice, the simulated phones, and the engine on a clock that stands still.

use crate::postgres::Postgres;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use wellsent_carrier::simulator::{Behaviour, CarrierSettings, Network, NetworkSettings, SimulatorCarrier, serve};
use wellsent_carrier::{Callback, CallbackKind, CallbackSecret, Carrier, Clock as CarrierClock, SimulatedLookup, VerifyService};
use wellsent_db::{Db, Options};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::consent::{Category, Channel, ConsentAct};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::planner::Lead;
use wellsent_domain::practice::{Agreement, SenderKind, Service, Services, Settings};
use wellsent_domain::{AppointmentId, ContactPointId, Language, LocationId, PersonId, Phi, PhoneNumber, PracticeId, SenderId, VisitTypeId};
use wellsent_engine::{Clock, Demo, Engine, Parts, Tuning};
use wellsent_ledger::SigningKey;
use wellsent_store::appointments::VisitData;
use wellsent_store::consents::ConsentRecord;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::practices::NewPractice;
use wellsent_store::rules::NewRule;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{
    Access, Actor, Store, StoreError, Tx, agreements, appointments, consents, migrations, people, plans, practices, rules,
};
use wellsent_vault::Kek;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// A private PostgreSQL server.
    Postgres,
}

impl Backend {
    /// The databases that this machine has.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Sqlite];
        if Postgres::shared().is_some() {
            all.push(Self::Postgres);
        }
        all
    }

    /// A fresh, migrated database. The folder holds it as long as it lives.
    pub fn open(self, folder: &TempDir, options: Options) -> Db {
        let db = match self {
            Self::Sqlite => Db::open_sqlite(folder.path().join("wellsent.db"), options).expect("SQLite opens"),
            Self::Postgres => {
                let server = Postgres::shared().expect("PostgreSQL is installed");
                Db::open_postgres(&server.database(), options).expect("PostgreSQL opens")
            }
        };
        db.migrate(migrations()).expect("the schema applies");
        db
    }
}

/// The instant at which a test begins: a Monday, noon in New York.
pub fn start() -> Timestamp {
    "2027-03-01T17:00:00Z".parse().expect("an instant")
}

/// A patient of a test.
#[derive(Debug, Clone, Copy)]
pub struct Patient {
    /// The person.
    pub person: PersonId,
    /// The number's contact point.
    pub contact: ContactPointId,
    /// The number.
    pub number: PhoneNumber,
}

/// How a house is built.
pub struct Plan {
    /// On which database.
    pub backend: Backend,
    /// What the practice sets.
    pub settings: Settings,
    /// How the phones behave.
    pub behaviour: Behaviour,
    /// Sizes and times of the workers.
    pub tuning: Tuning,
    /// Options of the database.
    pub options: Options,
    /// How long the carrier may take to answer.
    pub deadline: Duration,
    /// The clock; one that stands still if `None`.
    pub clock: Option<Clock>,
    /// What stands between the engine and the carrier: a witness, or for a negative control something broken.
    pub wrap: Option<Wrap>,
    /// Carriers beside the simulated one.
    pub more_carriers: Vec<Arc<dyn Carrier>>,
    /// A service that makes and checks codes for the simulated carrier; the agreement covers it.
    pub verify: Option<Arc<dyn VerifyService>>,
    /// Whether the phones keep their journal in a file, see [`House::journal`].
    pub journal: bool,
    /// Whether callbacks are kept, see [`House::calls`].
    pub keep_calls: bool,
}

/// Puts something between the engine and the carrier.
pub type Wrap = Box<dyn FnOnce(Arc<dyn Carrier>) -> Arc<dyn Carrier> + Send>;

/// A callback that came to the hooks of a house.
#[derive(Clone)]
pub struct Call {
    /// The path with its query.
    pub target: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// What it was answered.
    pub status: u16,
    /// When the answer was decided: everything in it is on disk by then, if it was taken.
    pub answered: Instant,
}

impl Plan {
    /// The plain house on a database.
    pub fn on(backend: Backend) -> Self {
        Self {
            backend,
            settings: Settings { texts_per_day_max: 10, texts_per_week_max: 20, ..Settings::default() },
            behaviour: Behaviour::default(),
            tuning: Tuning { unknown_check_every: SignedDuration::from_secs(5), idle: Duration::from_millis(20), ..Tuning::default() },
            options: Options::default(),
            deadline: Duration::from_secs(2),
            clock: None,
            wrap: None,
            more_carriers: Vec::new(),
            verify: None,
            journal: false,
            keep_calls: false,
        }
    }
}

/// A whole house.
pub struct House {
    /// The engine.
    pub engine: Engine,
    /// The phones.
    pub network: Network,
    /// What a lookup service would say of numbers.
    pub lookup: Arc<SimulatedLookup>,
    /// The practice.
    pub practice: PracticeId,
    /// Its one location.
    pub location: LocationId,
    /// Its one sender.
    pub sender: SenderId,
    /// Its one visit type.
    pub visit_type: VisitTypeId,
    /// The folder with the database.
    pub folder: TempDir,
    /// Where callbacks go, for callbacks that a test makes itself.
    pub hooks: std::net::SocketAddr,
    calls: Option<Calls>,
    made: std::sync::atomic::AtomicU32,
}

type Calls = Arc<Mutex<Vec<Call>>>;

const ZONE: &str = "America/New_York";
const JOURNAL: &str = "phones.jsonl";

impl House {
    /// Builds the house and starts its phones.
    pub async fn build(plan: Plan) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = plan.backend.open(&folder, plan.options.clone());
        let store = Store::new(db, Kek::generate());
        let clock = plan.clock.clone().unwrap_or_else(|| Clock::standing_at(start()));
        let now = clock.now();
        let new = NewPractice {
            name: "Elm Street Clinic".into(),
            text_name: "Elm St Clinic".into(),
            call_back: PhoneNumber::parse("212-555-0100").expect("a number"),
            zone: ZONE.into(),
            part2: false,
            settings: plan.settings.clone(),
        };
        let (practice, location, sender, visit_type) = {
            let store = store.clone();
            let makes_codes = plan.verify.is_some();
            tokio::task::spawn_blocking(move || furnish(&store, new, makes_codes, now)).await.expect("a thread").expect("a practice")
        };

        let secret = || CallbackSecret::new(b"a secret of the tests");
        let shown: CarrierClock = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let hooks = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hooks_at = hooks.local_addr().expect("an address");
        let callback_base = format!("http://{hooks_at}");
        let phones = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}", phones.local_addr().expect("an address"));
        let network = Network::new(NetworkSettings {
            behaviour: plan.behaviour.clone(),
            clock: Arc::clone(&shown),
            callback_base: Some(callback_base.clone()),
            journal: plan.journal.then(|| folder.path().join(JOURNAL)),
            ..NetworkSettings::new(secret())
        })
        .expect("a network");
        tokio::spawn(serve(network.clone(), phones, std::future::pending()));
        let carrier = SimulatorCarrier::new(CarrierSettings {
            base_url,
            callback_base: callback_base.clone(),
            secret: secret(),
            clock: shown,
            deadline: plan.deadline,
            connections: 64,
        })
        .expect("a carrier");
        let mut carrier: Arc<dyn Carrier> = Arc::new(carrier);
        if let Some(wrap) = plan.wrap {
            carrier = wrap(carrier);
        }
        let lookup = Arc::new(SimulatedLookup::default());
        let engine = Engine::new(Parts {
            store,
            clock,
            carriers: [carrier].into_iter().chain(plan.more_carriers).collect(),
            own_hosts: vec!["go.elmst.example".into()],
            link_base: "https://go.elmst.example".into(),
            lookup: Some(lookup.clone()),
            verify: plan.verify.map(|service| ("simulator".to_owned(), service)).into_iter().collect(),
            signing_key: SigningKey::generate("wellsent.example/test").expect("a key"),
            origin: "wellsent.example/test".into(),
            tuning: plan.tuning,
            demo: Some(Demo::new(network.clone())),
        });
        let calls = plan.keep_calls.then(Calls::default);
        tokio::spawn(hook_server(engine.clone(), hooks, callback_base, calls.clone()));
        Self { engine, network, lookup, practice, location, sender, visit_type, folder, hooks: hooks_at, calls, made: Default::default() }
    }

    /// Access as the operator.
    pub fn access(&self) -> Access {
        Access { practice: self.practice, actor: Actor::Operator }
    }

    /// Runs a job in a write transaction of the practice.
    pub async fn write<T: Send + 'static>(&self, job: impl FnMut(&mut Tx<'_, '_>) -> Result<T, StoreError> + Send + 'static) -> T {
        self.engine.store().write(self.access(), job).await.expect("the transaction commits")
    }

    /// A patient with consent to appointment texts, confirmed, at a number of this test's own.
    pub async fn patient(&self) -> Patient {
        let n = self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let number = PhoneNumber::parse(&format!("+1{}55501{:02}", AREAS[(n / 100) as usize % AREAS.len()], n % 100)).expect("a number");
        self.patient_at(number, Language::En).await
    }

    /// A patient with consent to appointment texts at this number.
    pub async fn patient_at(&self, number: PhoneNumber, language: Language) -> Patient {
        let (now, n) = (self.engine.now(), self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        self.write(move |tx| {
            let person = PersonData {
                record_number: Some(Phi::new(format!("R{n}"))),
                name: Phi::new(Name { given: "Ana".into(), family: format!("Rivera{n}") }),
                birth_date: Some(Phi::new(Date::constant(1980, 5, 5))),
                language,
                zone: Some(ZONE.into()),
                standing: Standing::Active,
                sensitive: false,
            };
            let person = people::add(tx, &person, None, now)?;
            let contact =
                ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: Some(now), reached: Reached::Own };
            let contact = people::set_number(tx, person, &contact, now)?;
            let record = consent(person, contact, now);
            consents::grant(tx, record, Category::Appointments, true, true)?;
            consents::record_warning(tx, record, ConsentAct::Warned)?;
            consents::record_warning(tx, record, ConsentAct::WarningAccepted)?;
            Ok(Patient { person, contact, number })
        })
        .await
    }

    /// A visit of a patient.
    pub async fn visit(&self, patient: &Patient, starts_at: Timestamp) -> AppointmentId {
        let (now, n) = (self.engine.now(), self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let (person, location, visit_type) = (patient.person, self.location, self.visit_type);
        self.write(move |tx| {
            let zone = jiff::tz::TimeZone::get(ZONE).expect("a zone");
            let data = VisitData {
                source_id: format!("V{n}"),
                person,
                location,
                visit_type,
                starts_at,
                starts_local: zone.to_datetime(starts_at).to_string(),
                zone: ZONE.into(),
                status: AppointmentStatus::Booked,
            };
            match appointments::upsert(tx, &data, [n as u8; 32], now)? {
                appointments::Upserted::Added(id) | appointments::Upserted::Changed(id) | appointments::Upserted::Unchanged(id) => Ok(id),
            }
        })
        .await
    }

    /// Plans, dispatches, routes and waits for the phones until nothing more happens at this instant.
    pub async fn settle(&self) {
        loop {
            let planned = self.engine.plan_waiting(self.practice).await.expect("planning");
            let sent = self.engine.dispatch_due(self.practice).await.expect("dispatching");
            self.quiet_phones().await;
            let routed = self.engine.route_waiting(self.practice).await.expect("routing");
            if planned + sent.ruled + routed == 0 {
                return;
            }
        }
    }

    /// Waits until the phones have no delivery and no callback under way.
    pub async fn quiet_phones(&self) {
        for _ in 0..500 {
            let stats = self.network.stats();
            let under_way = stats.accepted.saturating_sub(stats.got + stats.undelivered + stats.expired);
            if stats.waiting == 0 && under_way == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the phones do not come to rest: {:?}", self.network.stats());
    }

    /// Moves the clock ahead.
    pub fn wait_until(&self, at: Timestamp) {
        self.engine.clock().advance_to(at);
    }

    /// What a phone really got, oldest first.
    pub fn got(&self, number: &PhoneNumber) -> Vec<String> {
        let lines = self.network.conversation(number);
        lines.iter().filter(|line| !line.from_phone).map(|line| line.body.expose().to_string()).collect()
    }

    /// What really happened at the phones, one JSON line a record, if the plan asked for a journal.
    pub fn journal(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(JOURNAL)).expect("the plan asked for a journal")
    }

    /// The callbacks so far, if the plan asked to keep them.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.calls.as_ref().expect("the plan asked to keep callbacks");
        calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a callback by hand, over a connection of its own; the status of the answer.
    pub async fn call(&self, target: &str, headers: &[(String, String)], body: &[u8]) -> u16 {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.hooks).await.expect("the hooks listen");
        let mut request =
            format!("POST {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n", self.hooks, body.len());
        for (name, value) in headers {
            if !matches!(name.as_str(), "host" | "connection" | "content-length") {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await.expect("the request leaves");
        stream.write_all(body).await.expect("the body leaves");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// The owner of a phone texts, and everything that follows happens.
    pub async fn says(&self, number: &PhoneNumber, text: &str) {
        self.network.text(number, Some(&self.sender.to_string()), text).expect("the phone texts");
        self.quiet_phones().await;
        self.settle().await;
    }
}

const AREAS: [&str; 6] = ["212", "646", "718", "917", "347", "929"];

/// A consent record by way of a paper form.
pub fn consent(person: PersonId, contact_point: ContactPointId, at: Timestamp) -> ConsentRecord {
    ConsentRecord { person, contact_point, channel: Channel::Paper, wording: None, evidence: None, language: Some(Language::En), at }
}

fn furnish(
    store: &Store,
    new: NewPractice,
    makes_codes: bool,
    now: Timestamp,
) -> Result<(PracticeId, LocationId, SenderId, VisitTypeId), StoreError> {
    let practice = store.create_practice(new, now)?;
    let access = Access { practice, actor: Actor::Operator };
    let (location, sender, visit_type) = store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
        let location = practices::add_location(tx, "main", "Main Street", Some("Main St office"), ZONE, now)?;
        let sender = senders::add(tx, &NewSender::approved("simulator", "+12125550199", SenderKind::Simulated, 600_000), now)?;
        let codes = makes_codes.then_some(Service::Verify);
        let services: Vec<_> = [Service::Sms, Service::Lookup].into_iter().chain(codes).collect();
        let services = Services::of(&services);
        let agreement = Agreement { services, ..Agreement::for_texts(Date::constant(2026, 1, 1), None) };
        agreements::add(tx, "simulator", "Simulator", agreement, None, now)?;
        let visit_type = practices::ensure_visit_type(tx, "Follow-up", false, now)?;
        for (lead, useful_for) in [
            (Lead::DaysAt { days: 7, at: jiff::civil::Time::constant(10, 0, 0, 0) }, SignedDuration::from_hours(24)),
            (Lead::DaysAt { days: 2, at: jiff::civil::Time::constant(10, 0, 0, 0) }, SignedDuration::from_hours(24)),
            (Lead::Minutes(120), SignedDuration::from_mins(90)),
        ] {
            let soon = matches!(lead, Lead::Minutes(_));
            let rule = NewRule {
                location: None,
                visit_type: None,
                lead,
                template: if soon { "reminder_soon" } else { "reminder" }.to_owned(),
                template_for_several: "reminder_day".to_owned(),
                useful_for,
                not_within: SignedDuration::from_mins(15),
            };
            rules::add(tx, &rule, now)?;
        }
        plans::mark_all(tx, now)?;
        Ok((location, sender, visit_type))
    })?;
    Ok((practice, location, sender, visit_type))
}

/// Takes the phones' callbacks as the web server does: verified, stored, then acknowledged.
async fn hook_server(engine: Engine, listener: TcpListener, base: String, calls: Option<Calls>) {
    use axum::extract::{Path, RawQuery, State};
    use axum::http::{HeaderMap, StatusCode};
    type Hook = (Engine, String, Option<Calls>);
    async fn hook(
        State((engine, base, calls)): State<Hook>,
        Path((carrier, sender, kind)): Path<(String, String, String)>,
        RawQuery(query): RawQuery,
        headers: HeaderMap,
        body: axum::body::Bytes,
    ) -> StatusCode {
        let Ok(id) = sender.parse::<SenderId>() else { return StatusCode::NOT_FOUND };
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let target = format!("/hooks/{carrier}/{sender}/{kind}{query}");
        let public_url = format!("{base}{target}");
        let find = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let kind = if kind == "inbound" { CallbackKind::Inbound } else { CallbackKind::Status };
        let callback = Callback { kind, public_url: &public_url, headers: &find, body: &body };
        let status = match engine.receive(id, callback).await {
            Ok(_) => StatusCode::NO_CONTENT,
            Err(wellsent_engine::ReceiveError::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Err(_) => StatusCode::FORBIDDEN,
        };
        if let Some(calls) = calls {
            let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
            let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
            let call = Call { target, headers, body: body.to_vec(), status: status.as_u16(), answered: Instant::now() };
            calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        }
        status
    }
    let router = axum::Router::new().route("/hooks/{carrier}/{sender}/{kind}", axum::routing::post(hook)).with_state((engine, base, calls));
    let _ = axum::serve(listener, router).await;
}
