//! Keeps the line: connects, binds, and does so again when it is lost.

use super::book::Book;
use super::codes::refuses_account;
use super::connect::Connector;
use super::link::Link;
use super::pdu::Role;
use super::repeats::Repeats;
use super::session::{self, End};
use super::settings::{Bind, Settings};
use crate::EventSink;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// A session that held for this long was a good one: the next attempt comes soon.
const GOOD: Duration = Duration::from_secs(60);

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
    held: tokio::sync::Mutex<()>,
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

/// Holds the line until it is dropped. One task at a time does; another waits for its end.
pub(super) async fn hold(shared: Arc<Shared>, sink: Arc<dyn EventSink>) {
    let _held = shared.held.lock().await;
    match shared.settings.bind {
        Bind::Transceiver => drive(&shared, Role::Transceiver, &sink).await,
        Bind::Pair => {
            futures_util::future::join(drive(&shared, Role::Transmitter, &sink), drive(&shared, Role::Receiver, &sink)).await;
        }
    }
}

async fn drive(shared: &Arc<Shared>, role: Role, sink: &Arc<dyn EventSink>) {
    let (shortest, longest) = shared.settings.backoff;
    let mut wait = shortest;
    loop {
        let start = Instant::now();
        let end = match timeout(shared.settings.response_timeout, shared.connector.connect()).await {
            Ok(Ok(wire)) => session::run(shared, role, wire, sink).await,
            Ok(Err(_)) | Err(_) => End::NotBound,
        };
        shared.count("sessions_ended");
        let refused = matches!(end, End::Refused(status) if refuses_account(status));
        shared.stands(role, if refused { State::Refused } else { State::Down });
        if start.elapsed() >= GOOD {
            wait = shortest;
        }
        let pause = jittered(wait);
        let seconds = pause.as_secs_f32();
        match end {
            End::Refused(status) => {
                tracing::error!(carrier = %shared.settings.name, status, seconds, "the SMPP bind was refused; check system_id and password");
            }
            end => tracing::warn!(carrier = %shared.settings.name, ?end, seconds, "no SMPP session; connecting again"),
        }
        sleep(pause).await;
        wait = (wait * 2).min(longest);
    }
}

/// Between half of the wait and all of it, so that many clients of a centre that came back do not all come at once.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + f64::from(u16::from_be_bytes(random())) / f64::from(u16::MAX) / 2.0)
}

/// Random bytes; zeros where the system has none, which harms nothing here.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_between_half_and_all() {
        let wait = Duration::from_secs(60);
        for _ in 0..1000 {
            assert!((wait / 2..=wait).contains(&jittered(wait)));
        }
    }
}
