//! What the adapter, its line and its sessions share.

use super::book::Book;
use super::connect::Connector;
use super::link::Link;
use super::pdu::Role;
use super::repeats::Repeats;
use super::settings::Settings;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

const EVENTS: &str = "wellsent_smpp_events_total";
const BOUND: &str = "wellsent_smpp_bound";

/// Says to the metrics page what the line counts.
pub fn describe_metrics() {
    metrics::describe_counter!(EVENTS, "What happened on SMPP lines besides texts and receipts, by kind; most kinds should stay at zero");
    metrics::describe_gauge!(BOUND, "Whether the SMPP session of this role stands");
}

/// Where the line stands for those who submit.
#[derive(Clone)]
pub(super) enum State {
    Down,
    /// The carrier refuses the account.
    Refused,
    Bound(Arc<Link>),
}

/// What the adapter and its line share.
pub(super) struct Shared {
    pub settings: Settings,
    pub connector: Connector,
    /// The session that texts go out over.
    pub sending: watch::Sender<State>,
    /// The session that replies come in over, where it is another one.
    pub receiving: watch::Sender<State>,
    pub book: Book,
    pub reference: AtomicU16,
    repeats: Mutex<Repeats>,
    sessions: AtomicU64,
    /// Held by the task that holds the line.
    pub held: tokio::sync::Mutex<()>,
}

impl Shared {
    pub fn new(settings: Settings, connector: Connector) -> Self {
        Self {
            settings,
            connector,
            sending: watch::Sender::new(State::Down),
            receiving: watch::Sender::new(State::Down),
            book: Book::default(),
            reference: AtomicU16::new(u16::from_be_bytes(random())),
            repeats: Mutex::default(),
            sessions: AtomicU64::new(0),
            held: tokio::sync::Mutex::new(()),
        }
    }

    pub fn repeats(&self) -> MutexGuard<'_, Repeats> {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the session of a role stands.
    pub fn stands(&self, role: Role, state: State) {
        let session = if role == Role::Receiver { &self.receiving } else { &self.sending };
        session.send_replace(state);
    }

    pub fn next_session(&self) -> u64 {
        self.sessions.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts something that happened on the line. No number, text or id is in it (P6).
    pub fn count(&self, event: &'static str) {
        metrics::counter!(EVENTS, "carrier" => self.settings.name.clone(), "event" => event).increment(1);
    }

    /// Tells those who watch the line whether a session stands.
    pub fn tell(&self, role: Role, stands: bool) {
        let gauge = metrics::gauge!(BOUND, "carrier" => self.settings.name.clone(), "role" => role.as_str());
        gauge.set(if stands { 1.0 } else { 0.0 });
        tracing::info!(carrier = %self.settings.name, role = role.as_str(), stands, "SMPP session");
    }
}

/// Random bytes; zeros where the system has none, which harms nothing here.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}
