//! What the negative controls put in the place of right parts.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use wellsent::open::Opened;
use wellsent::serve::{CARRIER_DEADLINE, Setup};
use wellsent_carrier::simulator::{CarrierSettings, SimulatorCarrier};
use wellsent_carrier::{
    Callback, CallbackError, CallbackKind, Carrier, Event, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits,
};
use wellsent_db::{DbError, Sql, Tx as RawTx};
use wellsent_domain::SenderId;
use wellsent_domain::gate::Released;
use wellsent_engine::{Engine, Parts};

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Takes an unclear answer for a clear no, as a careless retry does.
struct Blind(SimulatorCarrier);

impl Carrier for Blind {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn submit<'a>(&'a self, released: Released) -> Answer<'a, Outcome> {
        Box::pin(async move {
            match self.0.submit(released).await {
                Outcome::Unknown { .. } => Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None },
                clear => clear,
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> Answer<'a, Result<Vec<Event>, CallbackError>> {
        self.0.read_callback(callback)
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> Answer<'a, Result<Vec<LogEntry>, LookupError>> {
        self.0.lookup(query)
    }

    fn traits(&self) -> Traits {
        self.0.traits()
    }
}

/// The engine of `wellsent::serve::engine`, with a carrier adapter that retries blindly.
pub fn blind_engine(opened: Opened, setup: &Setup) -> Engine {
    let clock = setup.clock.clone();
    let carrier = SimulatorCarrier::new(CarrierSettings {
        base_url: setup.simulator_url.clone().expect("the phones' address"),
        callback_base: setup.public_url.clone(),
        secret: opened.callback_secret(),
        clock: Arc::new(move || clock.now()),
        deadline: CARRIER_DEADLINE,
        connections: setup.tuning.in_flight_max,
    })
    .expect("a carrier");
    Engine::new(Parts {
        store: opened.store,
        clock: setup.clock.clone(),
        carriers: vec![Arc::new(Blind(carrier))],
        own_hosts: Vec::new(),
        link_base: setup.public_url.clone(),
        lookup: None,
        signing_key: opened.signing_key,
        origin: opened.origin,
        tuning: setup.tuning.clone(),
        demo: None,
    })
}

/// Answers every callback at once and stores it a moment later.
pub async fn early_hooks(engine: Engine, listener: TcpListener, public_url: String) {
    use axum::extract::{OriginalUri, Path, State};
    use axum::http::{HeaderMap, StatusCode};
    type Hook = (Engine, String);
    async fn hook(
        State((engine, public_url)): State<Hook>,
        OriginalUri(uri): OriginalUri,
        Path((_, sender, kind)): Path<(String, String, String)>,
        headers: HeaderMap,
        body: axum::body::Bytes,
    ) -> StatusCode {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(40)).await;
            let kind = if kind == "inbound" { CallbackKind::Inbound } else { CallbackKind::Status };
            let public_url = format!("{public_url}{uri}");
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let callback = Callback { kind, public_url: &public_url, headers: &header, body: &body };
            // The phones were told that all is well; there is nobody to tell otherwise.
            let _ = engine.receive(sender.parse::<SenderId>().expect("the sender"), callback).await;
        });
        StatusCode::NO_CONTENT
    }
    let router = axum::Router::new().route("/hooks/{carrier}/{sender}/{kind}", axum::routing::post(hook)).with_state((engine, public_url));
    axum::serve(listener, router).await.expect("hooks are served");
}

/// Books every cancelled visit again, without a word.
pub async fn undo_cancellations(engine: &Engine) {
    const UNDO: &Sql = &Sql::new("crash.undo", "UPDATE appointment SET status = 'booked' WHERE status = 'cancelled'");
    let undo = |tx: &mut RawTx<'_>| -> Result<u64, DbError> { tx.execute(UNDO, &[]) };
    engine.store().db().write(undo).await.expect("the update");
}
