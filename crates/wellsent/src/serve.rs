//! The running server: the web, the workers and how they end.

use crate::open::Opened;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wellsent_carrier::Carrier;
use wellsent_carrier::simulator::{CarrierSettings, SimulatorCarrier};
use wellsent_engine::{Clock, Demo, Engine, Parts, Tuning, Workers};

/// What a server is made of, besides the installation.
pub struct Setup {
    /// The clock.
    pub clock: Clock,
    /// The address as carriers see it.
    pub public_url: String,
    /// Where the simulator listens, if it is used.
    pub simulator_url: Option<String>,
    /// The demo's phones.
    pub demo: Option<Demo>,
    /// Sizes and times.
    pub tuning: Tuning,
}

/// How long a carrier may take to answer: well below the lease of an attempt.
pub const CARRIER_DEADLINE: Duration = Duration::from_secs(20);

/// Puts an engine together on an open installation.
pub fn engine(opened: Opened, setup: &Setup) -> Result<Engine, wellsent_carrier::HttpSetupError> {
    let mut carriers: Vec<Arc<dyn Carrier>> = Vec::new();
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
        signing_key: opened.signing_key,
        origin: opened.origin,
        tuning: setup.tuning.clone(),
        demo: setup.demo.clone(),
    }))
}

/// A server that runs until it is told to stop.
pub struct Running {
    stop: watch::Sender<bool>,
    web: tokio::task::JoinHandle<std::io::Result<()>>,
    workers: Option<Workers>,
    engine: Engine,
}

impl Running {
    /// Starts the web server; the workers start with [`Running::start_workers`].
    pub fn start(engine: Engine, listener: TcpListener, public_url: String) -> Self {
        let (stop, stopped) = watch::channel(false);
        let demo = engine.demo().is_some();
        let app = wellsent_web::App { engine: engine.clone(), public_url: public_url.into(), demo, shutdown: stopped.clone() };
        let mut ended = stopped;
        let web = tokio::spawn(async move {
            let router = wellsent_web::router(app);
            axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    let _ = ended.wait_for(|stop| *stop).await;
                })
                .await
        });
        Self { stop, web, workers: None, engine }
    }

    /// Starts the workers.
    pub fn start_workers(&mut self) {
        if self.workers.is_none() {
            self.workers = Some(Workers::start(&self.engine));
        }
    }

    /// Serves until `signal` comes, then ends in order: no new requests, workers after their round, a last checkpoint, the database.
    pub async fn until(mut self, signal: impl Future<Output = ()>) {
        tokio::select! {
            () = signal => {}
            ended = &mut self.web => {
                if let Ok(Err(error)) = ended {
                    tracing::error!(%error, "the web server ended");
                }
            }
        }
        let _ = self.stop.send(true);
        if let Some(workers) = self.workers.take() {
            workers.stop().await;
        }
        if tokio::time::timeout(Duration::from_secs(10), &mut self.web).await.is_err() {
            self.web.abort();
        }
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

/// Completes at SIGINT or SIGTERM.
pub async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
