//! A carrier's own service that proves who holds a phone: it makes the code, texts it, and says whether it was right (TW-20).

use futures_util::future::BoxFuture;
use wellsent_domain::{Phi, PhoneNumber};

/// A verification service. It is told a number and what was typed, and nothing else about anybody.
pub trait VerifyService: Send + Sync {
    /// The stable name that stands in the ledger.
    fn name(&self) -> &'static str;

    /// Has a code texted to a number. Within a code's time the same code goes again.
    ///
    /// # Errors
    /// When nothing is known about whether a code went, or the service refused the request.
    fn start<'a>(&'a self, number: Phi<PhoneNumber>) -> BoxFuture<'a, Result<Started, VerifyError>>;

    /// Asks whether a code is the one that was texted to the number.
    ///
    /// # Errors
    /// When the service did not say. The code proves nothing then; it may be tried again.
    fn check<'a>(&'a self, number: Phi<PhoneNumber>, code: &'a str) -> BoxFuture<'a, Result<Checked, VerifyError>>;
}

/// What came of asking for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// A code is on its way.
    Sent,
    /// No further code goes to this number until the time of the last is over.
    SendsUsedUp,
    /// The number does not exist or cannot be texted.
    NotTextable,
    /// Too many codes are asked for at the moment.
    Throttled,
}

/// What a typed code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Who typed it holds the phone.
    Approved,
    /// Nothing: it is another code.
    Wrong,
    /// Nothing, and no further code is checked until a new one was sent.
    ChecksUsedUp,
    /// Nothing: no code is waiting for this number, because its time is over or it was used.
    Gone,
    /// Nothing yet: too much is asked at the moment.
    Throttled,
}

/// Why the service said nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No answer, or none that can be understood.
    #[error("the verification service did not answer; try again")]
    Unavailable,
    /// It refused the credentials or the request.
    #[error("the verification service refused the request; check its settings")]
    Refused,
}
