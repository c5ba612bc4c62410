//! The handle of the peer: what tests hold.

use super::behaviour::Behaviour;
use super::client::Target;
use super::journal::Journal;
use super::serve;
use super::state::{Got, Sender, State, Stats};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub use crate::scripted::Request;

/// Callbacks that are under way at one time.
const CALLBACKS_AT_ONCE: usize = 32;

/// Requests that are remembered; a run that makes more looks at its journal.
const REQUESTS_KEPT: usize = 100_000;

/// How an account is set up.
pub struct Settings {
    /// `AC` and 32 digits.
    pub account_sid: String,
    /// Signs callbacks; with the account's SID it may also make requests.
    pub auth_token: String,
    /// API keys and their secrets.
    pub api_keys: Vec<(String, String)>,
    /// Verification services (`VA` and 32 digits).
    pub verify_services: Vec<String>,
    /// How it behaves at first.
    pub behaviour: Behaviour,
    /// The file of the journal; none to keep it in memory only.
    pub journal: Option<PathBuf>,
    /// The clock that dates texts.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Where on this machine public hosts really are, so that callbacks can be signed for a public address.
    pub routes: BTreeMap<String, SocketAddr>,
    /// The first half of every name; none for a random one, so that names of two runs differ.
    pub epoch: Option<u64>,
}

impl Settings {
    /// An account with the system's clock and no faults.
    #[allow(clippy::disallowed_methods, reason = "a network that no one gave a clock has the system's")]
    pub fn new(account_sid: &str, auth_token: &str) -> Self {
        Self {
            account_sid: account_sid.to_owned(),
            auth_token: auth_token.to_owned(),
            api_keys: Vec::new(),
            verify_services: Vec::new(),
            behaviour: Behaviour::default(),
            journal: None,
            clock: Arc::new(Timestamp::now),
            routes: BTreeMap::new(),
            epoch: None,
        }
    }
}

/// Why a phone could not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The phone has no conversation and no sender was named.
    #[error("this phone has no text to answer yet; name the sender to text to")]
    NoSender,
    /// The sender is not the account's.
    #[error("the account has no such sender; register it first")]
    UnknownSender,
    /// Longer than a text can be.
    #[error("a text has at most 1600 characters")]
    TooLong,
}

pub(super) struct Inner {
    state: Mutex<State>,
    pub account_sid: String,
    auth_token: Mutex<String>,
    pub api_keys: Vec<(String, String)>,
    pub verify_services: Vec<String>,
    pub routes: BTreeMap<String, SocketAddr>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    requests: Mutex<Vec<Request>>,
    pub waiting: AtomicU64,
    pub calling: Semaphore,
}

/// The account, its phones and its callbacks. Copies share them.
#[derive(Clone)]
pub struct Twilio(pub(super) Arc<Inner>);

impl std::fmt::Debug for Twilio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Twilio(..)")
    }
}

/// An account that is served on a port of this machine, until this is dropped.
pub struct Running {
    /// The account.
    pub twilio: Twilio,
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Running {
    /// `http://` and the address.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Twilio {
    /// Sets an account up. It is reached while [`serve`] runs.
    ///
    /// # Errors
    /// When the journal file cannot be opened.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let journal = Journal::open(settings.journal.as_deref())?;
        let epoch = match settings.epoch {
            Some(epoch) => epoch,
            None => {
                let mut random = [0; 8];
                aws_lc_rs::rand::fill(&mut random).map_err(|_| io::Error::other("the system gave no random bytes"))?;
                u64::from_be_bytes(random)
            }
        };
        Ok(Self(Arc::new(Inner {
            state: Mutex::new(State {
                behaviour: Arc::new(settings.behaviour),
                stats: Stats::default(),
                journal,
                messages: BTreeMap::new(),
                next: 1,
                senders: BTreeMap::new(),
                phones: HashMap::new(),
                submissions: HashMap::new(),
                last_sender: HashMap::new(),
                stopped: HashSet::new(),
                verifications: HashMap::new(),
                next_delivery: 1,
                second: (Instant::now(), 0),
                epoch,
            }),
            account_sid: settings.account_sid,
            auth_token: Mutex::new(settings.auth_token),
            api_keys: settings.api_keys,
            verify_services: settings.verify_services,
            routes: settings.routes,
            clock: settings.clock,
            requests: Mutex::new(Vec::new()),
            waiting: AtomicU64::new(0),
            calling: Semaphore::new(CALLBACKS_AT_ONCE),
        })))
    }

    /// Sets an account up and serves it on a port of this machine.
    ///
    /// # Errors
    /// When the journal file cannot be opened or this machine gives no port.
    pub async fn start(settings: Settings) -> io::Result<Running> {
        let twilio = Self::new(settings)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(serve(twilio.clone(), listener, std::future::pending()));
        Ok(Running { twilio, address, task })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    pub(super) fn auth_token(&self) -> String {
        lock(&self.0.auth_token).clone()
    }

    pub(super) fn remember(&self, request: Request) {
        let mut requests = lock(&self.0.requests);
        if requests.len() < REQUESTS_KEPT {
            requests.push(request);
        }
    }

    /// Signs callbacks with another token from now on.
    pub fn set_auth_token(&self, token: &str) {
        token.clone_into(&mut lock(&self.0.auth_token));
    }

    /// How the account behaves now.
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
        stats.waiting = self.0.waiting.load(Ordering::SeqCst);
        stats
    }

    /// Waits until every text is where it ends and no callback is to come. Whether that came about in time.
    pub async fn settled(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        while !self.stats().at_rest() {
            if Instant::now() > until {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        true
    }

    /// Gives the account a number, or a messaging service (`MG` and 32 digits) with its numbers, and says where texts to it go.
    ///
    /// # Panics
    /// When the address is not one that Twilio would call.
    pub fn add_sender(&self, address: &str, numbers: &[&str], inbound_url: Option<&str>) {
        let inbound = inbound_url.map(|url| Target::read(url).expect("an address for callbacks"));
        let mut state = self.state();
        for number in numbers {
            state.senders.entry((*number).to_owned()).or_default();
        }
        let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
        state.senders.insert(address.to_owned(), Sender { inbound, numbers });
    }

    /// What a phone really got, in order.
    pub fn got(&self, number: &str) -> Vec<Got> {
        self.state().phones.get(number).cloned().unwrap_or_default()
    }

    /// The requests that came to the API, in order, the whole of them; the first 100,000.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.0.requests).clone()
    }

    /// The journal of this run, as JSON lines.
    pub fn journal(&self) -> String {
        self.state().journal.lines()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under the lock would be a bug of the peer; its state is counters and maps, and stays usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
