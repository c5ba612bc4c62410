//! The contract between Wellsent and a carrier.

use crate::{Acknowledgement, Callback, CallbackError, CallbackKind, Event, EventSink};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::{AttemptToken, Released};
use wellsent_domain::{Phi, PhoneNumber};

/// A carrier: takes released texts, reports about them, and keeps a log that can be asked.
pub trait Carrier: Send + Sync {
    /// The account's name in the settings. It stands in callback addresses, beside senders and agreements, and in the ledger.
    fn name(&self) -> &str;

    /// What kind of carrier it is, as staff call it: `Twilio`. For pages.
    fn kind(&self) -> &'static str {
        "Carrier"
    }

    /// Whether it has a log that can be asked, so that [`Carrier::lookup`] can answer at all.
    fn keeps_log(&self) -> bool {
        true
    }

    /// The account at the carrier, as the agreement with it must name it (TW-01); `None` where a carrier has no accounts.
    fn account(&self) -> Option<&str> {
        None
    }

    /// Hands one text over, once. The answer says exactly what is known about it; there is no retry inside (TW-13).
    ///
    /// It ends by itself within the adapter's total deadline. A caller that stops waiting earlier knows nothing, and treats the attempt as
    /// [`Outcome::Unknown`].
    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome>;

    /// Checks and reads one callback. Every event in it is returned, or none.
    ///
    /// # Errors
    /// When the signature is absent or wrong, the body is too large or not what this carrier sends. Nothing of it may be acted upon.
    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>>;

    /// What a callback is answered with once everything in it is on disk.
    fn acknowledgement(&self, kind: CallbackKind) -> Acknowledgement {
        let _ = kind;
        Acknowledgement::Empty
    }

    /// Asks the carrier's own log what became of texts to one number. Presence is proof; absence is evidence only.
    ///
    /// # Errors
    /// [`LookupError::NotKept`] where the carrier has no log; otherwise when it could not be read. Nothing may be concluded then.
    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>>;

    /// Asks the carrier to forget a text, sent or received: its body and, where it can, all of it (TW-17). A text that is already gone counts as
    /// forgotten. Carriers whose [`Traits::forgets`] is false are not asked.
    ///
    /// # Errors
    /// When it is still there; [`ForgetError::again`] says whether asking again makes sense.
    fn forget<'a>(&'a self, carrier_message_id: &'a str) -> BoxFuture<'a, Result<(), ForgetError>> {
        let _ = carrier_message_id;
        Box::pin(std::future::ready(Err(ForgetError::Refused)))
    }

    /// The texts that a sender received since an instant, from the carrier's own log, as the same events with the same keys as by callback: what
    /// a callback lost is made good, and what it brought is not taken twice (TW-07). Carriers whose [`Traits::keeps_received`] is false are not
    /// asked.
    ///
    /// # Errors
    /// When the log could not be read.
    fn received<'a>(&'a self, sender_address: &'a str, since: Timestamp) -> BoxFuture<'a, Result<Vec<Event>, LookupError>> {
        let _ = (sender_address, since);
        Box::pin(std::future::ready(Err(LookupError::NotKept)))
    }

    /// The work of a carrier that holds a line of its own, over which events come: it runs until it is dropped, and hands each event to the sink.
    /// `None` where everything comes by callback.
    fn hold_line(&self, sink: Arc<dyn EventSink>) -> Option<BoxFuture<'static, ()>> {
        let _ = sink;
        None
    }

    /// What this carrier can and cannot do.
    fn traits(&self) -> Traits;
}

/// What is known after one submission. The four classes decide what may happen next (P4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The carrier has it and named it.
    Accepted {
        /// The carrier's own name for the text.
        carrier_message_id: String,
        /// How many parts it counts, if it says so.
        parts: Option<u32>,
    },
    /// The carrier read it and will not take it. Never submitted again as it is.
    Rejected {
        /// Why, in the closed list.
        failure: Failure,
        /// The carrier's own code, for the attempt's page.
        code: Option<u32>,
    },
    /// The carrier is known not to have it: it may be submitted again.
    NotSubmitted {
        /// Why it did not get there.
        cause: NotSubmittedCause,
        /// How long the carrier asks to wait, at most an hour.
        retry_after: Option<Duration>,
    },
    /// The carrier may have it or not. Never submitted again by itself; the reconciler asks.
    Unknown {
        /// At which point sight of it was lost.
        cause: UnknownCause,
    },
}

/// Why a carrier surely does not have a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSubmittedCause {
    /// No connection came about, so no byte of the request left.
    NoConnection,
    /// The carrier answered that it did not process the request (429, TW-14).
    Throttled,
    /// Its time was over before the first byte left (TW-10).
    PastValidity,
    /// The address in the settings is not on the allow-list or not an address.
    AddressNotAllowed,
    /// The carrier refused the account itself: wrong credentials, or an account that was suspended (20003, 30002). Nothing goes until somebody
    /// mends that.
    AccountRefused,
}

impl NotSubmittedCause {
    /// Stable word for storage, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoConnection => "no_connection",
            Self::Throttled => "throttled",
            Self::PastValidity => "past_validity",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::AccountRefused => "account_refused",
        }
    }
}

/// At which point it became unclear whether the carrier has a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownCause {
    /// The total deadline passed after a connection was there.
    Deadline,
    /// The line broke before an answer was read.
    LineLost,
    /// The carrier answered with an error of its own (5xx).
    ServerError,
    /// An answer came that cannot be understood: a redirect, or a success without a usable id.
    Unreadable,
}

impl UnknownCause {
    /// Stable word for storage, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::LineLost => "line_lost",
            Self::ServerError => "server_error",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What to look for in the carrier's log.
#[derive(Debug, Clone)]
pub struct LookupQuery {
    /// The recipient.
    pub to: Phi<PhoneNumber>,
    /// Nothing older than this; the caller allows for clock differences.
    pub sent_after: Timestamp,
    /// The attempt looked for. A carrier whose log shows the token narrows the answer to it; others return everything to that number.
    pub token: Option<AttemptToken>,
}

/// One text in the carrier's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The carrier's own name for the text.
    pub carrier_message_id: String,
    /// The attempt's token, where the carrier's log shows it.
    pub token: Option<AttemptToken>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Why it did not arrive.
    pub failure: Option<Failure>,
    /// When the carrier took it.
    pub sent_at: Timestamp,
    /// SHA-256 of the text as the carrier has it, to compare with [`body_digest`] of what was rendered.
    pub body_digest: [u8; 32],
}

/// Why a carrier's log could not be read. Nothing may be concluded from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// No answer.
    #[error("the carrier's log did not answer; ask again later")]
    NoAnswer,
    /// An answer that is not a log.
    #[error("the carrier refused to show its log (HTTP status {0}); check the account's settings")]
    Refused(u16),
    /// An answer that cannot be understood.
    #[error("the carrier's log could not be understood; check the address and the account's settings")]
    Unreadable,
    /// This carrier has no log that can be asked.
    #[error("this carrier keeps no log that can be asked; ask its support what became of the text")]
    NotKept,
}

/// Why a carrier still has a text that it was asked to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForgetError {
    /// The text is not at rest yet (20009).
    #[error("the carrier keeps the text until it is at rest; it is asked again later")]
    TooEarly,
    /// No answer, or one that says to come again.
    #[error("the carrier did not answer; it is asked again later")]
    NoAnswer,
    /// It will not.
    #[error("the carrier refused to forget the text; check the account's settings and its retention")]
    Refused,
}

impl ForgetError {
    /// Whether asking again makes sense.
    pub const fn again(self) -> bool {
        matches!(self, Self::TooEarly | Self::NoAnswer)
    }
}

/// What a carrier can and cannot do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// The periods of validity that it takes, in seconds; the adapter shortens to the upper end.
    pub validity_s: RangeInclusive<u32>,
    /// The longest text in characters.
    pub body_chars_max: usize,
    /// Whether a repeated submission is recognised (TW-13).
    pub idempotency: Idempotency,
    /// Whether its log shows the attempt's token, so that one look finds the attempt.
    pub log_shows_token: bool,
    /// Whether it reports delivery to the handset.
    pub reports_delivery: bool,
    /// Whether it answers STOP by itself, so that ours would be a second confirmation (TW-18).
    pub answers_stop: bool,
    /// Whether it can be asked to forget a text (TW-17).
    pub forgets: bool,
    /// Whether its log shows the texts that a sender received, so that missed callbacks can be made good (TW-07).
    pub keeps_received: bool,
    /// Whether no real phone is behind it.
    pub simulated: bool,
}

/// Whether a carrier recognises a repeated submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// It does not: a repeated submission is a second text.
    None,
    /// It does for this long after the first.
    Key {
        /// How long the key is remembered.
        ttl: Duration,
    },
}

/// The digest by which a text in a carrier's log is compared with what was rendered.
pub fn body_digest(body: &str) -> [u8; 32] {
    crate::digest::sha256(&[body.as_bytes()])
}
