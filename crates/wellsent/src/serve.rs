//! The running server: the web, the workers and how they end.

use crate::open::Opened;
use crate::twilio_proxy::Front;
use crate::{listen, metrics};
use metrics_exporter_prometheus::PrometheusHandle;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use wellsent_carrier::simulator::{CarrierSettings, SimulatorCarrier};
use wellsent_carrier::{Carrier, NumberLookup, VerifyService};
use wellsent_engine::{Clock, Demo, Engine, Parts, Tuning, Workers};

/// What a server is made of, besides the installation.
pub struct Setup {
    /// The clock.
    pub clock: Clock,
    /// The address as carriers see it.
    pub public_url: String,
    /// Where the simulator listens, if it is used.
    pub simulator_url: Option<String>,
    /// The carrier accounts, connected.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// The service that knows of numbers that changed hands, where an account is used for it.
    pub lookup: Option<Arc<dyn NumberLookup>>,
    /// The services that make and check codes, by the name of their account.
    pub verify: HashMap<String, Arc<dyn VerifyService>>,
    /// The demo's phones.
    pub demo: Option<Demo>,
    /// Sizes and times.
    pub tuning: Tuning,
}

/// How long a carrier may take to answer: well below the lease of an attempt.
pub const CARRIER_DEADLINE: Duration = Duration::from_secs(20);

/// How long requests that are under way may take when the server ends.
const REQUESTS_DEADLINE: Duration = Duration::from_secs(10);

/// Puts an engine together on an open installation.
pub fn engine(opened: Opened, setup: &Setup) -> Result<Engine, wellsent_carrier::HttpSetupError> {
    let mut carriers = setup.carriers.clone();
    if let Some(base_url) = &setup.simulator_url {
        let clock = setup.clock.clone();
        carriers.push(Arc::new(SimulatorCarrier::new(CarrierSettings {
            base_url: base_url.clone(),
            callback_base: setup.public_url.clone(),
            secret: opened.callback_secret(),
            clock: Arc::new(move || clock.now()),
            deadline: CARRIER_DEADLINE,
            connections: setup.tuning.in_flight_max,
        })?));
    }
    let host = setup.public_url.split("://").last().unwrap_or_default().to_owned();
    Ok(Engine::new(Parts {
        store: opened.store,
        clock: setup.clock.clone(),
        carriers,
        own_hosts: vec![host],
        link_base: setup.public_url.clone(),
        lookup: setup.lookup.clone(),
        verify: setup.verify.clone(),
        signing_key: opened.signing_key,
        origin: opened.origin,
        tuning: setup.tuning.clone(),
        demo: setup.demo.clone(),
    }))
}

/// A server that runs until it is told to stop.
pub struct Running {
    stop: watch::Sender<bool>,
    web: tokio::task::JoinHandle<()>,
    metrics: JoinSet<()>,
    proxy: JoinSet<()>,
    workers: Option<Workers>,
    engine: Engine,
}

impl Running {
    /// Starts the web server; the workers start with [`Running::start_workers`].
    pub fn start(engine: Engine, listener: TcpListener, public_url: String) -> Self {
        let (stop, stopped) = watch::channel(false);
        let demo = engine.demo().is_some();
        let app = wellsent_web::App { engine: engine.clone(), public_url: public_url.into(), demo, shutdown: stopped.clone() };
        let web = tokio::spawn(listen::serve(listener, wellsent_web::router(app), stopped));
        Self { stop, web, metrics: JoinSet::new(), proxy: JoinSet::new(), workers: None, engine }
    }

    /// Serves the Twilio-compatible routes, and nothing else, behind the proxy for applications that know only Twilio's address.
    pub fn serve_proxy(&mut self, front: Front, public_url: String) {
        let app =
            wellsent_web::App { engine: self.engine.clone(), public_url: public_url.into(), demo: false, shutdown: self.stop.subscribe() };
        let mut stopped = self.stop.subscribe();
        let served = front.proxy(self.engine.clock().clone(), wellsent_web::twilio_router(app)).serve(async move {
            // A sender that is gone means the same.
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        self.proxy.spawn(async move {
            if let Err(error) = served.await {
                tracing::error!(%error, "the proxy for applications ended");
            }
        });
    }

    /// Serves metrics on a listener of their own.
    pub fn serve_metrics(&mut self, listener: TcpListener, handle: PrometheusHandle) {
        let router = metrics::router(handle.clone(), self.engine.clone());
        self.metrics.spawn(listen::serve(listener, router, self.stop.subscribe()));
        self.metrics.spawn(metrics::count(handle, self.engine.clone(), self.stop.subscribe()));
    }

    /// Starts the workers.
    pub fn start_workers(&mut self) {
        if self.workers.is_none() {
            self.workers = Some(Workers::start(&self.engine));
        }
    }

    /// Serves until `signal` comes, then ends in order: no new requests, workers after their round, a last checkpoint, the database.
    pub async fn until(mut self, signal: impl Future<Output = ()>) {
        let serving = tokio::select! {
            () = signal => true,
            _ = &mut self.web => {
                tracing::error!("the web server ended by itself");
                false
            }
        };
        let _ = self.stop.send(true);
        if let Some(workers) = self.workers.take() {
            workers.stop().await;
        }
        if serving && tokio::time::timeout(REQUESTS_DEADLINE, &mut self.web).await.is_err() {
            self.web.abort();
        }
        let proxy_ends = async { while self.proxy.join_next().await.is_some() {} };
        if tokio::time::timeout(REQUESTS_DEADLINE, proxy_ends).await.is_err() {
            self.proxy.abort_all();
        }
        self.metrics.shutdown().await;
        if let Err(error) = self.engine.sequence().await {
            tracing::error!(%error, "the ledger's last entries wait for the next start");
        }
        if let Err(error) = self.engine.checkpoint().await {
            tracing::error!(%error, "the last checkpoint could not be signed");
        }
        let db = self.engine.store().db().clone();
        let _ = tokio::task::spawn_blocking(move || db.close()).await;
    }
}

/// Completes at SIGINT or SIGTERM. From this call on, not only from the first wait, neither of them ends the process by itself. Needs a runtime.
pub fn interrupted() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = signal(SignalKind::interrupt()).and_then(|interrupt| Ok((interrupt, signal(SignalKind::terminate())?)));
        async move {
            match signals {
                Ok((mut interrupt, mut terminate)) => tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                },
                Err(error) => {
                    tracing::error!(%error, "signals are not heard; only SIGKILL ends this server");
                    std::future::pending().await
                }
            }
        }
    }
    #[cfg(not(unix))]
    async move {
        let _ = tokio::signal::ctrl_c().await;
    }
}
