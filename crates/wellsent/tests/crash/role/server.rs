//! The server as a process: put together as `wellsent serve` does, with a loader on its standard input.
//!
//! The loader stands for any caller of the program: it answers `ok` after the commit and not before. Every request names a key of its own, so
//! that one that was not answered can be made again.

use super::{asked, say};
use crate::beside::{Beside, Listens};
use crate::broken::{self, Broken};
use crate::load::Unfinished;
use crate::look;
use crate::stage::{self, Ground, parsed};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use wellsent::carriers::{Shared, connect};
use wellsent::open::{Opened, open};
use wellsent::serve::{CARRIER_DEADLINE, Running, Setup, engine};
use wellsent_carrier::Carrier;
use wellsent_carrier::simulator::{CarrierSettings as SimulatorSettings, SimulatorCarrier};
use wellsent_db::{DbError, FaultAction, Faults, Options, Tx as RawTx};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::consent::Category;
use wellsent_domain::gate::Origin;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::{Language, Phi, PhoneNumber};
use wellsent_engine::{Change, Engine, EngineError, Tuning};
use wellsent_store::appointments::{self, Upserted, VisitData};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::{StoreError, Tx};

/// What is broken on purpose, so that the checker must see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// Nothing: the server as it is.
    None,
    /// A text whose outcome is unclear is taken for one that did not leave.
    RetriesBlindly,
    /// The same, but only where the carrier answered 5xx.
    RetriesServerErrors,
    /// The loader answers before the commit.
    AcknowledgesEarly,
    /// Callbacks are acknowledged before they are stored.
    AcknowledgesCallbacksEarly,
    /// The statement that suppresses a number does nothing.
    ForgetsStops,
    /// A visit that was cancelled is booked again behind everybody's back.
    UndoesCancellations,
    /// Attempts are not written before bytes leave.
    ForgetsAttempts,
}

/// What the server needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerPlan {
    pub ground: Ground,
    pub port: u16,
    pub phones: Listens,
    pub control: Control,
    /// How long a node's roles outlive it.
    pub role_lease_ms: u64,
}

impl ServerPlan {
    /// The address as the phones see it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Times of production, shortened so that what follows a crash happens within the run.
    fn tuning(&self) -> Tuning {
        Tuning {
            lease: SignedDuration::from_secs(8),
            lease_margin: Duration::from_secs(3),
            unknown_check_every: SignedDuration::from_millis(400),
            idle: Duration::from_millis(40),
            checkpoint_every: Duration::from_millis(300),
            role_lease: Duration::from_millis(self.role_lease_ms),
            care_every: Duration::from_millis(300),
            fetch_missed_every: Duration::from_secs(1),
            ..Tuning::default()
        }
    }

    fn faults(&self) -> Option<Arc<Faults>> {
        let statement = match self.control {
            Control::ForgetsStops => "numbers::SUPPRESS",
            Control::ForgetsAttempts => "claims::ATTEMPT",
            _ => return None,
        };
        let faults = Faults::new();
        faults.arm_statement(statement, FaultAction::Swallow);
        Some(Arc::new(faults))
    }
}

/// Runs until asked to stop, or killed.
pub async fn serve(plan: ServerPlan) {
    wellsent::logging::start(&wellsent::config::Log { level: "warn".into(), json: false });
    let clock = plan.ground.clock();
    let (place, options, now) = (plan.ground.installation(), Options { faults: plan.faults(), ..Options::default() }, clock.now());
    let opened = tokio::task::spawn_blocking(move || open(&place, options, now)).await.expect("a thread").expect("the installation opens");
    let listener = TcpListener::bind(("127.0.0.1", plan.port)).await.expect("the port of this run");
    let carriers = carriers(&plan, &opened).into_iter().map(|carrier| Broken::by(plan.control, carrier)).collect();
    let setup = Setup {
        clock,
        public_url: plan.url(),
        simulator_url: None,
        carriers,
        lookup: None,
        verify: Default::default(),
        demo: None,
        tuning: plan.tuning(),
    };
    let engine = engine(opened, &setup).expect("an engine");
    let listener = match plan.control {
        Control::AcknowledgesCallbacksEarly if plan.ground.beside != Beside::Smpp => {
            tokio::spawn(broken::early_hooks(engine.clone(), listener, plan.url()));
            TcpListener::bind("127.0.0.1:0").await.expect("a port")
        }
        _ => listener,
    };
    let mut running = Running::start(engine.clone(), listener, plan.url());
    running.start_workers();
    say("ready");
    running.until(load(engine, plan)).await;
}

/// The adapters, made as the server makes them.
fn carriers(plan: &ServerPlan, opened: &Opened) -> Vec<Arc<dyn Carrier>> {
    let clock = plan.ground.clock();
    let clock: wellsent_carrier::Clock = Arc::new(move || clock.now());
    let (callback_base, deadline, connections) = (plan.url(), CARRIER_DEADLINE, plan.tuning().in_flight_max);
    let Some(settings) = plan.ground.beside.settings(plan.phones) else {
        let base_url = format!("http://{}", plan.phones.http);
        let settings = SimulatorSettings { base_url, callback_base, secret: opened.callback_secret(), clock, deadline, connections };
        return vec![Arc::new(SimulatorCarrier::new(settings).expect("a carrier"))];
    };
    let mut place = plan.ground.installation();
    place.config.carriers = vec![settings];
    connect(&place, &Shared { callback_base, clock, deadline, connections }).expect("the account connects").carriers
}

async fn load(engine: Engine, plan: ServerPlan) {
    let (mut asked, plan) = (asked(), Arc::new(plan));
    while let Some(line) = asked.recv().await {
        if line == "stop" {
            return;
        }
        let (engine, plan) = (engine.clone(), Arc::clone(&plan));
        tokio::spawn(async move {
            let words: Vec<&str> = line.split(' ').collect();
            let key = words.get(1).copied().unwrap_or_default();
            match answer(&engine, &plan, &words).await {
                Ok(more) => say(format!("ok {key} {more}").trim_end()),
                Err(error) => say(&format!("no {key} {error}")),
            }
        });
    }
}

async fn answer(engine: &Engine, plan: &ServerPlan, words: &[&str]) -> Result<String, EngineError> {
    let now = engine.now();
    match words {
        ["patient", key, number] => {
            let (key, number) = ((*key).to_owned(), PhoneNumber::parse(number).expect("a number"));
            let added = write(engine, plan, move |tx| stage::patient(tx, &key, number, now)).await?;
            Ok(format!("{} {}", added.0, added.1))
        }
        ["message", key, person, contact, number, urgent] => {
            let message = NewMessage {
                occurrence: (*key).to_owned(),
                person: Some(parsed(person)),
                contact_point: Some(parsed(contact)),
                number: Phi::new(PhoneNumber::parse(number).expect("a number")),
                programme: Programme::Application,
                category: Category::Appointments,
                purpose: Purpose::Treatment,
                origin: Origin::Automated,
                template: "text".into(),
                language: Language::En,
                text: Some(Phi::new(stage::words(key))),
                values: Vec::new(),
                visits: Vec::new(),
                prompt: None,
                due_at: now,
                useful_until: now + SignedDuration::from_hours(4),
                urgent: *urgent == "urgent",
            };
            if plan.control == Control::AcknowledgesEarly {
                say(&format!("ok {key}"));
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            write(engine, plan, move |tx| messages::add(tx, &message, now)).await?;
            engine.announce(Change::Messages(plan.ground.access().practice));
            Ok(String::new())
        }
        ["visit", key, person, starts_at] => {
            let starts_at = Timestamp::from_microsecond(starts_at.parse().expect("microseconds")).expect("an instant");
            let data = VisitData {
                source_id: (*key).to_owned(),
                person: parsed(person),
                location: parsed(&plan.ground.location),
                visit_type: parsed(&plan.ground.visit_type),
                starts_at,
                starts_local: jiff::tz::TimeZone::get(stage::ZONE).expect("a zone").to_datetime(starts_at).to_string(),
                zone: stage::ZONE.into(),
                status: AppointmentStatus::Booked,
            };
            let visit = match write(engine, plan, move |tx| appointments::upsert(tx, &data, [1; 32], now)).await? {
                Upserted::Added(id) | Upserted::Changed(id) | Upserted::Unchanged(id) => id,
            };
            engine.announce(Change::Visits(plan.ground.access().practice));
            Ok(visit.to_string())
        }
        ["cancel", _, visit] => {
            let visit = parsed(visit);
            write(engine, plan, move |tx| appointments::set_status(tx, visit, AppointmentStatus::Cancelled, now)).await?;
            if plan.control == Control::UndoesCancellations {
                broken::undo_cancellations(engine).await;
            }
            engine.announce(Change::Visits(plan.ground.access().practice));
            Ok(String::new())
        }
        ["checkpoint", _] => {
            engine.sequence().await?;
            let note = engine.checkpoint().await?.map(|checkpoint| checkpoint.note);
            Ok(serde_json::to_string(&note).expect("JSON"))
        }
        ["unfinished", _] => {
            let soon = (now + SignedDuration::from_mins(1)).as_microsecond();
            let read = move |tx: &mut RawTx<'_>| -> Result<Unfinished, DbError> { Ok((look::unfinished(tx, soon)?, look::stored(tx)?)) };
            let counts = engine.store().db().read(read).await?;
            Ok(serde_json::to_string(&counts).expect("JSON"))
        }
        other => panic!("the loader does not know {other:?}"),
    }
}

fn write<T: Send + 'static>(
    engine: &Engine,
    plan: &ServerPlan,
    job: impl FnMut(&mut Tx<'_, '_>) -> Result<T, StoreError> + Send + 'static,
) -> impl Future<Output = Result<T, EngineError>> {
    let written = engine.store().write(plan.ground.access(), job);
    async move { Ok(written.await?) }
}
