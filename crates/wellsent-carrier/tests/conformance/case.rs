//! What the suite knows about an adapter: how to make one, and what its carrier says, as data.

use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::{Callback, CallbackKind, Carrier, Clock, Event, ForgetError, LogEntry, LookupError, LookupQuery, Outcome};
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_peers::scripted::{Act, Request, response};

/// Where an adapter under test is put.
#[derive(Clone)]
pub struct Place {
    /// Where its carrier is: a peer on this machine.
    pub base_url: String,
    /// Our own address, to which callbacks go.
    pub callback_base: String,
    /// What the adapter reads as the time.
    pub now: Timestamp,
    /// The total deadline of a request.
    pub deadline: Duration,
}

impl Place {
    /// The clock that stands still at [`Place::now`].
    pub fn clock(&self) -> Clock {
        let now = self.now;
        Arc::new(move || now)
    }
}

/// An adapter as the suite meets it. One file implements it for one adapter and lists it in `main.rs`.
pub trait Subject: Send + Sync {
    /// The adapter's name in failures.
    fn name(&self) -> &'static str;

    /// An adapter of its own connections at a place.
    fn adapter(&self, place: &Place) -> Arc<dyn Carrier>;

    /// The address of a sender at this carrier, as it stands in the settings.
    fn sender(&self) -> &'static str;

    /// The address at which texts arrive for that sender: the same, unless the sender is a service that has numbers.
    fn receives_at(&self) -> &'static str {
        self.sender()
    }

    /// The answer with which the carrier takes a text, and what the adapter makes of it.
    fn accepted(&self) -> Canned;

    /// All other answers that the carrier is known to give to a submission. 5xx, plain 429, redirects, nonsense and broken lines need not be
    /// here: they are tried with every adapter.
    fn answers(&self) -> Vec<Canned>;

    /// Whether a request is exactly the one that this carrier wants for this text.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check_request(&self, request: &Request, text: &Text) -> Result<(), String>;

    /// How this carrier calls back; `None` for one with a line of its own.
    fn callbacks(&self) -> Option<&dyn Callbacks>;

    /// Looks into the log and what the adapter makes of them; `None` for a carrier without a log.
    fn lookups(&self) -> Option<Vec<Look<LogEntry>>>;

    /// Answers to a request to forget; `None` where nothing can be forgotten.
    fn forgetting(&self) -> Option<Vec<Forgetting>> {
        None
    }

    /// Looks for received texts; `None` where the log does not show them.
    fn received(&self) -> Option<Vec<Look<Event>>> {
        None
    }

    /// A name as this carrier gives it to texts.
    fn message_id(&self) -> &'static str;
}

/// A text that is handed over.
#[derive(Debug, Clone)]
pub struct Text {
    /// The recipient, E.164.
    pub to: &'static str,
    /// The text.
    pub body: &'static str,
    /// The sender's address.
    pub from: &'static str,
    /// How many seconds it is still useful for: less than the gate gives to any text, so that the carrier is told exactly this.
    pub useful_s: i64,
    /// The attempt's token.
    pub token: [u8; 16],
}

/// An answer and what the adapter must make of it.
#[derive(Debug, Clone)]
pub struct Canned {
    /// What it is, for failures.
    pub name: String,
    /// Its bytes on the line.
    pub bytes: Vec<u8>,
    /// The outcome.
    pub outcome: Outcome,
}

impl Canned {
    /// An answer in HTTP.
    pub fn new(name: impl Into<String>, status: u16, headers: &[(&str, &str)], body: &str, outcome: Outcome) -> Self {
        Self { name: name.into(), bytes: response(status, headers, body), outcome }
    }
}

/// One look into the carrier's log: what it answers, request by request, and what the adapter makes of it.
#[derive(Debug)]
pub struct Look<T> {
    /// What it is, for failures.
    pub name: &'static str,
    /// The answers, in order.
    pub answers: Vec<Vec<u8>>,
    /// The result.
    pub result: Result<Vec<T>, LookupError>,
    /// What every request must contain in its target or body, besides what one must.
    pub asks: Vec<&'static str>,
}

/// One request to forget.
#[derive(Debug)]
pub struct Forgetting {
    /// What it is, for failures.
    pub name: &'static str,
    /// The answer.
    pub answer: Vec<u8>,
    /// The result.
    pub result: Result<(), ForgetError>,
}

/// How a carrier calls back.
pub trait Callbacks: Send + Sync {
    /// A callback as the carrier would send it, signed.
    fn call(&self, url: &str, report: &Report, signer: Signer, extra: Extra) -> Call;

    /// The carrier's words for how far a text has come, and what they mean; `None` for a word that says nothing, or that is not known.
    fn words(&self) -> Vec<(&'static str, Option<DeliveryStatus>)>;

    /// Whether a second secret counts while secrets are changed.
    fn takes_next_secret(&self) -> bool;

    /// Whether the signature covers the whole body, as opposed to certain fields of it.
    fn signs_whole_body(&self) -> bool;

    /// Whether the signature covers the address.
    fn signs_address(&self) -> bool;

    /// Signed callbacks that no carrier would send: each must be refused or taken as nothing.
    fn hostile(&self, url: &str) -> Vec<(&'static str, Call)>;
}

/// What a callback reports.
#[derive(Debug, Clone)]
pub enum Report {
    /// Something became of a text of ours.
    Receipt {
        /// The carrier's name for it.
        id: &'static str,
        /// The carrier's word.
        word: &'static str,
    },
    /// A person texted.
    Inbound {
        /// The carrier's name for it.
        id: &'static str,
        /// Who.
        from: &'static str,
        /// What.
        body: &'static str,
    },
}

impl Report {
    /// To which address it goes.
    pub fn kind(&self) -> CallbackKind {
        match self {
            Self::Receipt { .. } => CallbackKind::Status,
            Self::Inbound { .. } => CallbackKind::Inbound,
        }
    }
}

/// Whose secret signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The secret in use.
    Current,
    /// The one that comes next.
    Next,
    /// Somebody else's.
    Stranger,
}

/// What a callback brings besides what it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// Nothing.
    None,
    /// Fields that nobody has heard of, as carriers add them without notice; it is another delivery of the same event.
    UnknownFields,
}

/// A callback on its way.
#[derive(Debug, Clone)]
pub struct Call {
    /// To which address.
    pub kind: CallbackKind,
    /// The address.
    pub url: String,
    /// Names in lower case and values.
    pub headers: Vec<(&'static str, String)>,
    /// Which headers carry the signature.
    pub signature_headers: Vec<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

impl Call {
    /// Has an adapter read it.
    pub async fn read_by(&self, adapter: &dyn Carrier) -> Result<Vec<Event>, wellsent_carrier::CallbackError> {
        let header = |name: &str| self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        adapter.read_callback(Callback { kind: self.kind, public_url: &self.url, headers: &header, body: &self.body }).await
    }
}

/// What is wrong with an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The adapter.
    pub adapter: &'static str,
    /// The case.
    pub case: String,
    /// What is wrong.
    pub what: String,
}

/// Everything that is wrong with an adapter.
#[derive(Debug, Default)]
pub struct Findings {
    adapter: &'static str,
    found: Vec<Finding>,
    tried: usize,
}

impl Findings {
    /// None yet.
    pub fn about(subject: &dyn Subject) -> Self {
        Self { adapter: subject.name(), ..Self::default() }
    }

    /// Counts a case, and remembers it if it went wrong.
    pub fn expect(&mut self, case: &str, right: bool, what: impl FnOnce() -> String) {
        self.tried += 1;
        if !right {
            self.found.push(Finding { adapter: self.adapter, case: case.to_owned(), what: what() });
        }
    }

    /// Whether a case of that name went wrong.
    pub fn name(&self, case: &str) -> bool {
        self.found.iter().any(|finding| finding.case.contains(case))
    }

    /// Fails with all of them, and also when hardly anything was tried.
    #[track_caller]
    pub fn none(self, at_least: usize) {
        let lines: Vec<String> = self.found.iter().map(|found| format!("{}: {}: {}", found.adapter, found.case, found.what)).collect();
        assert!(lines.is_empty(), "{} of {} cases went wrong:\n{}", lines.len(), self.tried, lines.join("\n"));
        assert!(self.tried >= at_least, "{}: only {} cases were tried", self.adapter, self.tried);
    }
}

/// Starts a peer for one answer, as an act.
pub fn acts(answers: &[Vec<u8>]) -> Vec<Act> {
    answers.iter().cloned().map(Act::answer).collect()
}

/// The query with which logs are asked.
pub fn query(text: &Text, now: Timestamp) -> LookupQuery {
    LookupQuery {
        to: wellsent_domain::Phi::new(wellsent_domain::PhoneNumber::parse(text.to).expect("a number")),
        sent_after: now,
        token: Some(wellsent_domain::gate::AttemptToken(text.token)),
    }
}
