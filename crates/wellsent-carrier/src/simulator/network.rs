//! The handle of a simulated network: what the phones page, the HTTP server and tests hold.

use super::behaviour::Behaviour;
use super::journal::Journal;
use super::phone::ConversationLine;
use super::post::Queue;
use super::state::State;
use super::step::{Now, Plan, Post, Taken};
use super::wire::{BODY_CHARS_MAX, Listed};
use crate::digest::to_hex;
use crate::http::{Allow, Http, Settings as HttpSettings, parse_url};
use crate::{CallbackSecret, Clock, HttpSetupError};
use jiff::Timestamp;
use reqwest::Url;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use wellsent_domain::{Phi, PhoneNumber};

/// How a network is set up.
pub struct Settings {
    /// The secret that callbacks are signed with.
    pub secret: CallbackSecret,
    /// How it behaves at first.
    pub behaviour: Behaviour,
    /// The clock that phones show.
    pub clock: Clock,
    /// Where inbound texts go to a sender that never sent and has no hook: `{base}/hooks/simulator/{sender}/inbound`.
    pub callback_base: Option<String>,
    /// Origins besides this machine's own that may be called back.
    pub callback_origins: Vec<String>,
    /// The file of the journal; none to keep it in memory only.
    pub journal: Option<PathBuf>,
    /// How many texts and records are kept in memory.
    pub kept_max: usize,
    /// How many callbacks are under way at once.
    pub callback_workers: usize,
}

impl Settings {
    /// Settings with the system's clock, no journal file and 100,000 texts kept.
    #[allow(clippy::disallowed_methods, reason = "phones that no one gave a clock show the system's")]
    pub fn new(secret: CallbackSecret) -> Self {
        Self {
            secret,
            behaviour: Behaviour::default(),
            clock: Arc::new(Timestamp::now),
            callback_base: None,
            callback_origins: Vec::new(),
            journal: None,
            kept_max: 100_000,
            callback_workers: 16,
        }
    }
}

/// Why a network could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A callback address is not usable.
    #[error("the simulator's callback address: {0}")]
    Callback(#[from] HttpSetupError),
    /// The journal file cannot be opened.
    #[error("the simulator's journal file cannot be opened; check the folder and its permissions")]
    Journal(#[source] std::io::Error),
    /// No random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

/// Why a phone could not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The phone has no conversation and no sender was named.
    #[error("this phone has no text to answer yet; name the sender to text to")]
    NoSender,
    /// Nobody said where texts to this sender go.
    #[error("nothing is known about where texts to this sender go; send from it first or register its hook")]
    NoHook,
    /// The sender's name is not one.
    #[error("a sender is named by 1 to 64 letters, digits, _, - or +")]
    BadSender,
    /// Longer than a text can be.
    #[error("a text has at most 1600 characters")]
    TooLong,
}

/// One phone in the list of phones.
#[derive(Debug, Clone)]
pub struct PhoneSummary {
    /// Its number.
    pub number: Phi<PhoneNumber>,
    /// When the newest line came.
    pub last_at: Option<Timestamp>,
    /// The newest line.
    pub last: Option<Phi<Arc<str>>>,
    /// How many texts it really got.
    pub got: u64,
}

/// What has happened so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stats {
    /// Texts taken.
    pub accepted: u64,
    /// Submissions refused with a code.
    pub refused: u64,
    /// Submissions answered with 429.
    pub throttled: u64,
    /// Lines dropped before accepting.
    pub dropped: u64,
    /// Texts that reached a phone.
    pub got: u64,
    /// Texts that left and did not arrive.
    pub undelivered: u64,
    /// Texts whose validity ended first.
    pub expired: u64,
    /// Texts that phones sent.
    pub texts: u64,
    /// Events that the server acknowledged.
    pub acknowledged: u64,
    /// Events that the server refused (4xx).
    pub turned_away: u64,
    /// Events given up after repeated tries.
    pub given_up: u64,
    /// Events not yet delivered.
    pub waiting: u64,
}

pub(super) struct Inner {
    state: Mutex<State>,
    pub queue: Queue,
    pub http: Http,
    pub secret: CallbackSecret,
    pub callback_workers: usize,
    callback_base: Option<String>,
    clock: Clock,
    changed: watch::Sender<u64>,
}

/// A simulated carrier network. Copies share the same phones.
#[derive(Clone)]
pub struct Network(pub(super) Arc<Inner>);

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network(..)")
    }
}

impl Network {
    /// Sets a network up. It takes texts and makes callbacks while [`super::serve`] runs.
    ///
    /// # Errors
    /// When a callback address is not usable or the journal file cannot be opened.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let mut origins = settings.callback_origins.iter().map(|origin| parse_url(origin)).collect::<Result<Vec<Url>, _>>()?;
        let callback_base = settings.callback_base.map(|base| base.trim_end_matches('/').to_owned());
        if let Some(base) = &callback_base {
            origins.push(parse_url(base)?);
        }
        let http = Http::new(HttpSettings {
            allow: Allow::Loopback(origins),
            deadline: Duration::from_secs(15),
            connect_deadline: Duration::from_secs(5),
            idle_connections: settings.callback_workers,
        })?;
        // Ids of two runs must differ: the server remembers events by them.
        let mut epoch = [0; 8];
        aws_lc_rs::rand::fill(&mut epoch).map_err(|_| SettingsError::Random)?;
        let journal = Journal::open(settings.journal.as_deref(), settings.kept_max.max(1)).map_err(SettingsError::Journal)?;
        Ok(Self(Arc::new(Inner {
            state: Mutex::new(State::new(settings.behaviour, journal, settings.kept_max.max(1), to_hex(&epoch))),
            queue: Queue::default(),
            http,
            secret: settings.secret,
            callback_workers: settings.callback_workers.max(1),
            callback_base,
            clock: settings.clock,
            changed: watch::Sender::new(0),
        })))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock would be a bug of the simulator; its state is counters and queues, and stays usable.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[allow(clippy::disallowed_methods, reason = "signatures and the journal are about real time, not about the clock that phones show")]
    pub(super) fn now(&self) -> Now {
        Now { timer: Instant::now(), shown: (self.0.clock)(), real_us: Timestamp::now().as_microsecond() }
    }

    pub(super) fn mark_changed(&self) {
        self.0.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A counter that moves whenever a conversation changes.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// How the network behaves now.
    pub fn behaviour(&self) -> Behaviour {
        (*self.state().behaviour).clone()
    }

    /// Makes it behave differently from now on.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        self.state().behaviour = Arc::new(behaviour);
    }

    /// What has happened so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.state().stats.clone();
        stats.waiting = self.0.queue.waiting();
        stats
    }

    /// The phones that ever got or sent a text, the most recently active first.
    pub fn phones(&self, limit: usize) -> Vec<PhoneSummary> {
        let state = self.state();
        let mut phones: Vec<PhoneSummary> = state
            .phones
            .iter()
            .filter(|(_, phone)| !phone.lines.is_empty())
            .map(|(number, phone)| PhoneSummary {
                number: Phi::new(*number),
                last_at: phone.lines.back().map(|line| line.at),
                last: phone.lines.back().map(|line| line.body.clone()),
                got: phone.got,
            })
            .collect();
        drop(state);
        phones.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.number.cmp(&b.number)));
        phones.truncate(limit);
        phones
    }

    /// The conversation on one phone, oldest line first, at most the last 200 lines.
    pub fn conversation(&self, number: &PhoneNumber) -> Vec<ConversationLine> {
        self.state().phones.get(number).map(|phone| phone.lines.iter().cloned().collect()).unwrap_or_default()
    }

    /// The phone's owner texts; without a sender, they answer the last one. Returns the text's id.
    ///
    /// # Errors
    /// When it is not known to whom, or where to report it, or the text is too long.
    pub fn text(&self, from: &PhoneNumber, to_sender: Option<&str>, body: &str) -> Result<String, TextError> {
        if to_sender.is_some_and(|sender| !is_sender(sender)) {
            return Err(TextError::BadSender);
        }
        if body.chars().count() > BODY_CHARS_MAX {
            return Err(TextError::TooLong);
        }
        let now = self.now();
        let (id, post) = self.state().text(*from, to_sender, body, self.0.callback_base.as_deref(), now)?;
        self.0.queue.send(post);
        self.mark_changed();
        Ok(id)
    }

    /// Says where texts to a sender go.
    ///
    /// # Errors
    /// When the address is not one that may be called.
    pub fn register_hook(&self, sender: &str, inbound_url: &str) -> Result<(), HttpSetupError> {
        if !self.may_call(inbound_url) || inbound_url.contains('?') || !is_sender(sender) {
            return Err(HttpSetupError::Address);
        }
        self.state().register_hook(sender, inbound_url);
        Ok(())
    }

    fn may_call(&self, hook: &str) -> bool {
        parse_url(hook).is_ok_and(|url| self.0.http.allows(&url))
    }

    /// Whether callbacks to this address (without its query) may be made.
    pub(super) fn knows_or_may_call(&self, hook: &str) -> bool {
        // Two looks at the state instead of one, so that parsing an address never happens under the lock.
        let known = self.state().knows(hook);
        known || self.may_call(hook)
    }

    pub(super) fn submit(&self, taken: &Taken<'_>) -> Plan {
        let now = self.now();
        let (plan, due) = self.state().submit(taken, now);
        if let Some((seq, at)) = due {
            self.0.queue.deliver_at(at, seq);
        }
        plan
    }

    pub(super) fn listed(&self, to: PhoneNumber, since: Option<Timestamp>, token: Option<[u8; 16]>) -> Vec<Listed> {
        self.state().listed(to, since, token, Instant::now())
    }

    pub(super) fn journal_after(&self, after: u64, limit: usize) -> Option<String> {
        self.state().journal.after(after, limit)
    }

    /// Several texts are due at their phones.
    pub(super) fn deliver(&self, due: &[u64]) -> Vec<(Instant, Post)> {
        if due.is_empty() {
            return Vec::new();
        }
        let now = self.now();
        let mut state = self.state();
        let posts = due.iter().flat_map(|seq| state.deliver(*seq, now)).collect();
        drop(state);
        self.mark_changed();
        posts
    }
}

/// Whether a text names a sender: it stands in addresses.
pub(super) fn is_sender(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
}
