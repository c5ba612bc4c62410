//! What a carrier tells us by calling back.

use std::fmt;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::{Phi, PhoneNumber};

/// What the address of a callback says it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackKind {
    /// A person texted.
    Inbound,
    /// Something became of a text of ours.
    Status,
}

/// One callback as it arrived, nothing of it trusted yet.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    /// Which of the two addresses it came to.
    pub kind: CallbackKind,
    /// The address as the carrier sees it, query included: signatures cover it, so a proxy in between must not change it.
    pub public_url: &'a str,
    /// Finds a header by its lower-case name.
    pub headers: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    /// The body, byte for byte.
    pub body: &'a [u8],
}

impl<'a> Callback<'a> {
    /// The header of that lower-case name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        (self.headers)(name)
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One thing that a carrier reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something became of a text of ours. May come before the submission was answered, twice, or in any order (TW-09).
    Receipt {
        /// The attempt, from the callback's address.
        token: Option<AttemptToken>,
        /// The carrier's own name for the text.
        carrier_message_id: String,
        /// How far it has come.
        status: DeliveryStatus,
        /// Why it did not arrive.
        failure: Option<Failure>,
        /// The event's identity: the same event always has the same key, however often it is sent (TW-06).
        key: [u8; 32],
    },
    /// A person texted.
    Inbound {
        /// The carrier's own name for the text.
        carrier_message_id: String,
        /// Who texted.
        from: Phi<PhoneNumber>,
        /// The sender of ours that was texted, as the carrier names it.
        to_sender: String,
        /// What they wrote.
        body: Phi<String>,
        /// The event's identity, as above.
        key: [u8; 32],
        /// What the carrier itself already did about it (TW-18).
        opt_out: Option<CarrierOptOut>,
    },
}

impl Event {
    /// The event's identity.
    pub const fn key(&self) -> &[u8; 32] {
        match self {
            Self::Receipt { key, .. } | Self::Inbound { key, .. } => key,
        }
    }
}

/// What a callback is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// 204, nothing more.
    Empty,
    /// 200 with this body.
    Body {
        /// Its media type.
        content_type: &'static str,
        /// The body.
        body: &'static str,
    },
}

/// Where a carrier with a line of its own hands events to.
pub trait EventSink: Send + Sync {
    /// Takes one event. Only when it returns well is the event on disk, and only then may it be acknowledged on the line (P5).
    ///
    /// # Errors
    /// When it could not be stored; the carrier must be made to send it again.
    fn take<'a>(&'a self, heard: Heard) -> futures_util::future::BoxFuture<'a, Result<(), NotStored>>;
}

/// An event that came over a carrier's own line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The sender of ours that it concerns, as the carrier names it.
    pub sender_address: String,
    /// What happened.
    pub event: Event,
}

/// An event could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// No sender of this address is known at this carrier.
    #[error("no sender of this carrier has that address; add the sender")]
    UnknownSender,
    /// The database could not take it.
    #[error("the database could not take it; it must come again")]
    Unavailable,
}

/// What a carrier did by itself about an opt-out word, its answer to the person included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierOptOut {
    /// It blocks the number and confirmed it: we must not confirm again.
    Stop,
    /// It lifted its block.
    Start,
    /// It answered a request for help.
    Help,
}

/// Why a callback is not believed. Says which field, never what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// No signature, or not that of this body at this address.
    #[error("the callback's signature is missing or wrong; check the shared secret and the public address in the settings")]
    BadSignature,
    /// Signed, but not what this carrier sends.
    #[error("the callback's {0} is missing or not understood")]
    Malformed(&'static str),
    /// Larger than anything that this carrier sends.
    #[error("the callback is too large")]
    TooLarge,
    /// What is needed for checking it could not be had just now: the carrier must send it again.
    #[error("the callback could not be checked just now; the carrier is asked to send it again")]
    NotNow,
}
