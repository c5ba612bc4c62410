//! The engine: the store, the carriers, the clock and what the use cases share.

use crate::application::Doors;
use crate::batcher::Batcher;
use crate::catalog::Catalogs;
use crate::circuit::Circuits;
use crate::clock::{Clock, ClockMove};
use crate::live::Change;
use crate::news::News;
use crate::probes::Probes;
use crate::receive::InboundItem;
use crate::throttle::Throttle;
use crate::{EngineError, news, receive};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, broadcast};
use wellsent_carrier::simulator::Network;
use wellsent_carrier::{Carrier, NumberLookup, VerifyService};
use wellsent_domain::{PracticeId, SenderId};
use wellsent_ledger::SigningKey;
use wellsent_store::{Access, Actor, Store, StoreError, SystemTx, Tx, installation, messages, practices};
use wellsent_vault::random_bytes;

/// What an engine is made of.
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The carrier adapters.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// The hosts that links in texts may have (C-07).
    pub own_hosts: Vec<String>,
    /// What the links of pages begin with, without a slash at the end: `https://texts.example.com`. Its host is an own host.
    pub link_base: String,
    /// The service that knows of numbers that changed hands, where one is set up.
    pub lookup: Option<Arc<dyn NumberLookup>>,
    /// The services that make and check codes, by the name of their carrier account (TW-20).
    pub verify: HashMap<String, Arc<dyn VerifyService>>,
    /// The key that signs checkpoints.
    pub signing_key: SigningKey,
    /// The name of the ledger.
    pub origin: String,
    /// Sizes and times.
    pub tuning: Tuning,
    /// The demo's phones.
    pub demo: Option<Demo>,
}

/// Sizes and times of the workers. The defaults are right for production.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Messages in one claim.
    pub claim_max: usize,
    /// Messages that are with a carrier at one time.
    pub in_flight_max: usize,
    /// How long an attempt may take. A carrier's total deadline must be well below.
    pub lease: SignedDuration,
    /// What must be left of the lease when bytes leave.
    pub lease_margin: Duration,
    /// How long to wait between two looks into a carrier's log for an unknown attempt. The first look is taken at once.
    pub unknown_check_every: SignedDuration,
    /// How often a carrier's log must be without it before it counts as absent.
    pub unknown_checks: i64,
    /// How long an idle worker sleeps at most.
    pub idle: Duration,
    /// How often a checkpoint is signed while entries arrive.
    pub checkpoint_every: Duration,
    /// How long a node keeps the work that only one node may do, counted from its last sign of life. When a node dies, routing and sequencing
    /// rest for as long.
    pub role_lease: Duration,
    /// How often carriers are asked to forget what is due.
    pub care_every: Duration,
    /// How often texts whose callbacks were lost are fetched.
    pub fetch_missed_every: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            claim_max: 500,
            in_flight_max: 512,
            lease: SignedDuration::from_secs(90),
            lease_margin: Duration::from_secs(45),
            unknown_check_every: SignedDuration::from_secs(20),
            unknown_checks: 3,
            idle: Duration::from_millis(500),
            checkpoint_every: Duration::from_secs(10),
            role_lease: Duration::from_secs(10),
            care_every: Duration::from_secs(5),
            fetch_missed_every: Duration::from_secs(180),
        }
    }
}

/// What only the demo has.
#[derive(Clone)]
pub struct Demo {
    network: Network,
}

impl Demo {
    /// With the simulated phones.
    pub fn new(network: Network) -> Self {
        Self { network }
    }

    /// The simulated phones.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

/// The engine. Copies share everything.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub store: Store,
    pub clock: Clock,
    pub carriers: HashMap<String, Arc<dyn Carrier>>,
    pub catalogs: Catalogs,
    pub link_base: String,
    pub probes: Probes,
    pub applications: Doors,
    pub lookup: Option<Arc<dyn NumberLookup>>,
    pub verify: HashMap<String, Arc<dyn VerifyService>>,
    pub signing_key: SigningKey,
    pub origin: String,
    pub tuning: Tuning,
    pub demo: Option<Demo>,
    pub throttle: Throttle,
    pub circuits: Circuits,
    pub changes: broadcast::Sender<Change>,
    pub node: [u8; 16],
    pub wake_dispatch: Notify,
    pub wake_route: Notify,
    pub wake_plan: Notify,
    pub senders: RwLock<HashMap<SenderId, (PracticeId, String)>>,
    /// Senders by carrier account and address.
    pub addresses: RwLock<HashMap<String, HashMap<String, (PracticeId, SenderId)>>>,
    pub news: Batcher<News, StoreError>,
    pub inbound: Batcher<InboundItem, StoreError>,
}

/// The name under which this process holds leases. An embedded database has one process at a time (I18), so that its next process is the same
/// node: after a crash it goes on at once with what its predecessor held.
fn node(store: &Store) -> [u8; 16] {
    match store.db().engine() {
        wellsent_db::Engine::Sqlite => *b"the only process",
        wellsent_db::Engine::Postgres => random_bytes(),
    }
}

impl Engine {
    /// Puts an engine together. Needs a running tokio runtime.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, clock, carriers, own_hosts, link_base, lookup, verify, signing_key, origin, tuning, demo } = parts;
        let (changes, _) = broadcast::channel(256);
        Self(Arc::new(Inner {
            news: news::batcher(store.clone(), clock.clone(), changes.clone()),
            inbound: receive::inbound_batcher(store.clone(), clock.clone()),
            carriers: carriers.into_iter().map(|carrier| (carrier.name().to_owned(), carrier)).collect(),
            catalogs: Catalogs::new(own_hosts),
            link_base,
            probes: Probes::default(),
            applications: Doors::default(),
            lookup,
            verify,
            throttle: Throttle::default(),
            circuits: Circuits::default(),
            node: node(&store),
            wake_dispatch: Notify::new(),
            wake_route: Notify::new(),
            wake_plan: Notify::new(),
            senders: RwLock::default(),
            addresses: RwLock::default(),
            store,
            clock,
            signing_key,
            origin,
            tuning,
            demo,
            changes,
        }))
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The present instant, the demo's clock included.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// The demo, where this is one.
    pub fn demo(&self) -> Option<&Demo> {
        self.0.demo.as_ref()
    }

    /// The hosts that links in texts may have.
    pub fn own_hosts(&self) -> &[String] {
        self.0.catalogs.own_hosts()
    }

    /// The key that checks checkpoints.
    pub fn verifying_key(&self) -> &wellsent_ledger::VerifyingKey {
        self.0.signing_key.verifying_key()
    }

    /// The name of the ledger.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Tells the pages that something changed, and wakes the workers.
    pub fn announce(&self, change: Change) {
        // Nobody listening is no error.
        let _ = self.0.changes.send(change);
        match change {
            Change::Visits(_) => self.0.wake_plan.notify_one(),
            Change::Inbound(_) => self.0.wake_route.notify_one(),
            Change::Messages(_) => self.0.wake_dispatch.notify_one(),
            Change::Clock => {
                self.0.wake_dispatch.notify_one();
                self.0.wake_plan.notify_one();
            }
            Change::Tasks(_) | Change::Ledger => {}
        }
    }

    /// All practices.
    pub async fn practices(&self) -> Result<Vec<PracticeId>, EngineError> {
        let listed = self.0.store.system_read(|tx: &mut SystemTx<'_, '_>| practices::list(tx)).await?;
        Ok(listed.into_iter().map(|(id, _)| id).collect())
    }

    pub(crate) fn system(&self, practice: PracticeId) -> Access {
        Access { practice, actor: Actor::System }
    }

    /// When the next message of any practice is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, EngineError> {
        let mut next: Option<Timestamp> = None;
        for practice in self.practices().await? {
            let due = self.0.store.read(self.system(practice), |tx: &mut Tx<'_, '_>| messages::next_due(tx)).await?;
            next = [next, due].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// Moves the demo's clock ahead and lets everything that became due happen.
    pub async fn advance_clock(&self, by: ClockMove) -> Result<Timestamp, EngineError> {
        if self.0.demo.is_none() {
            return Err(EngineError::NotDemo);
        }
        let now = self.now();
        let to = match by {
            ClockMove::Hours(hours) => now.saturating_add(SignedDuration::from_hours(hours.clamp(0, 24 * 366))).unwrap_or(now),
            ClockMove::Days(days) => now.saturating_add(SignedDuration::from_hours(24 * days.clamp(0, 366))).unwrap_or(now),
            ClockMove::To(at) => at,
            ClockMove::NextDue => self.next_due().await?.unwrap_or(now),
        };
        self.0.clock.advance_to(to);
        let offset = self.0.clock.offset_micros();
        self.0.store.system(move |tx: &mut SystemTx<'_, '_>| installation::set_demo_offset(tx, offset)).await?;
        self.announce(Change::Clock);
        Ok(self.now())
    }
}
