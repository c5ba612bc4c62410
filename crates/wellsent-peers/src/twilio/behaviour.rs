//! How the peer behaves: what a tester sets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The settings. Everything left out of a JSON document has its default: a quick network without faults, with Twilio's own handling of STOP.
///
/// Shares are between 0 and 1. What happens to a text follows from the seed, the number and how many submissions to that number came before.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The seed of every choice.
    pub seed: u64,
    /// How long the answer to a submission takes, in milliseconds.
    pub answer_ms: Range,
    /// Submissions taken in a second before the answer is 429; none for no limit.
    pub throttle_per_s: Option<u32>,
    /// The `Retry-After` in seconds that comes with 429; none to leave it out.
    pub retry_after_s: Option<u32>,
    /// The share refused with [`refuse_code`](Self::refuse_code).
    pub refuse: f64,
    /// The code of such a refusal.
    pub refuse_code: u32,
    /// The share where the line is dropped and the text was not taken.
    pub drop_before_accept: f64,
    /// The share where the text is taken and the line dropped without an answer.
    pub drop_after_accept: f64,
    /// The share where the answer is 503 and the text was not taken.
    pub error_before_accept: f64,
    /// The share where the text is taken and the answer is 500.
    pub error_after_accept: f64,
    /// The share where the text is taken and the answer is 201 with nonsense.
    pub garbage_after_accept: f64,
    /// The share where the text is taken and the answer comes after [`slow_ms`](Self::slow_ms).
    pub slow: f64,
    /// How long such an answer takes, in milliseconds.
    pub slow_ms: u32,
    /// How long until the phone has the text, in milliseconds.
    pub delivery_ms: Range,
    /// The share that leaves and does not arrive, with [`undelivered_code`](Self::undelivered_code).
    pub undelivered: f64,
    /// The code of such a failure.
    pub undelivered_code: u32,
    /// The share that arrives without anybody saying so: it stays `sent`.
    pub unconfirmed: f64,
    /// What becomes of callbacks about texts.
    pub callbacks: CallbackFaults,
    /// How long a callback is repeated while the server does not take it, in seconds, whatever its address asks for; none to do what the address
    /// asks for, as the real one does.
    pub callback_retry_s: Option<u32>,
    /// How long a taken text is absent from the log, in milliseconds: absence is evidence and no proof.
    pub log_lag_ms: u32,
    /// How long after it was taken a text cannot be deleted or redacted (20009), in milliseconds, besides until it has arrived.
    pub at_rest_ms: u32,
    /// Whether the account keeps a list of its own of who texted STOP, refuses texts to them with 21610 and answers the word.
    pub stop_handling: bool,
    /// Whether it says so with the text (`OptOutType`), as Advanced Opt-Out does.
    pub advanced_opt_out: bool,
    /// Whether the log shows no words of texts that are at rest, as Message Redaction has it.
    pub redaction: bool,
    /// Whether it shows no numbers of phones either, so that texts are not found by them.
    pub number_redaction: bool,
    /// What happens to texts to certain numbers, whatever the shares say.
    pub numbers: BTreeMap<String, Quirk>,
    /// What number lookup knows; a number that is not here is a mobile that never changed hands.
    pub known: BTreeMap<String, KnownNumber>,
}

/// What becomes of callbacks about texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallbackFaults {
    /// How long after the event, in milliseconds.
    pub delay_ms: Range,
    /// The share of texts whose callbacks never come.
    pub lose: f64,
    /// The share whose last callback comes twice.
    pub duplicate: f64,
    /// The share whose callbacks come in the wrong order.
    pub reorder: f64,
    /// The share whose callbacks come before the submission is answered.
    pub before_answer: f64,
    /// The share of texts from phones whose callback never comes: only the log shows them.
    pub lose_inbound: f64,
    /// The share of texts from phones whose callback comes twice.
    pub duplicate_inbound: f64,
}

/// A range of milliseconds, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range(
    /// The shortest.
    pub u32,
    /// The longest.
    pub u32,
);

/// What can be asked for one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// Nothing special, even where shares say otherwise.
    None,
    /// Refused with this code.
    Refuse(u32),
    /// Line dropped, text not taken.
    DropBeforeAccept,
    /// Text taken, line dropped.
    DropAfterAccept,
    /// 503, text not taken.
    ErrorBeforeAccept,
    /// Text taken, answered with 500.
    ErrorAfterAccept,
    /// Text taken, answered with 201 and nonsense.
    GarbageAfterAccept,
    /// Text taken, answered late.
    Slow,
    /// Answered with 429, always.
    Throttle,
    /// Answered with 429 the first time.
    ThrottleOnce,
    /// Left and not arrived, with this code.
    Undelivered(u32),
    /// Arrived, and nobody says so.
    Unconfirmed,
    /// Callbacks never come.
    LoseCallbacks,
    /// The last callback comes twice.
    DuplicateCallbacks,
    /// Callbacks come in the wrong order.
    ReorderCallbacks,
    /// Callbacks come before the submission is answered.
    CallbacksFirst,
}

/// What number lookup knows of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnownNumber {
    /// The type of line, as the API writes it; none for a package that failed.
    pub line_type: Option<String>,
    /// `yes`, `no` or `no_data_available`; none for a package that failed.
    pub reassigned: Option<String>,
}

impl Default for KnownNumber {
    fn default() -> Self {
        Self { line_type: Some("mobile".into()), reassigned: Some("no".into()) }
    }
}

impl std::fmt::Debug for Behaviour {
    // Numbers stand in it, and numbers do not print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behaviour").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            seed: 1,
            answer_ms: Range(0, 0),
            throttle_per_s: None,
            retry_after_s: None,
            refuse: 0.0,
            refuse_code: 30_007,
            drop_before_accept: 0.0,
            drop_after_accept: 0.0,
            error_before_accept: 0.0,
            error_after_accept: 0.0,
            garbage_after_accept: 0.0,
            slow: 0.0,
            slow_ms: 30_000,
            delivery_ms: Range(0, 0),
            undelivered: 0.0,
            undelivered_code: 30_003,
            unconfirmed: 0.0,
            callbacks: CallbackFaults::default(),
            callback_retry_s: None,
            log_lag_ms: 0,
            at_rest_ms: 0,
            stop_handling: true,
            advanced_opt_out: false,
            redaction: false,
            number_redaction: false,
            numbers: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }
}

impl Default for CallbackFaults {
    fn default() -> Self {
        Self {
            delay_ms: Range(0, 0),
            lose: 0.0,
            duplicate: 0.0,
            reorder: 0.0,
            before_answer: 0.0,
            lose_inbound: 0.0,
            duplicate_inbound: 0.0,
        }
    }
}
