//! What a lookup service knows of a number: what kind of line it is (N-03), and whether it changed hands (T-14, N-14).

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use wellsent_domain::person::LineType;
use wellsent_domain::{Phi, PhoneNumber};

/// A service that can be asked about numbers. It gets a number and a date and nothing else about anybody.
pub trait NumberLookup: Send + Sync {
    /// The stable name that stands in the ledger.
    fn name(&self) -> &'static str;

    /// Asks about one number. `consented_on` is the day since which the number must not have changed hands.
    ///
    /// # Errors
    /// When the service did not answer. Nothing is known then, and it is asked again later.
    fn look_up<'a>(&'a self, number: Phi<PhoneNumber>, consented_on: Date) -> BoxFuture<'a, Result<NumberAnswer, NumberLookupError>>;
}

/// What a service answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberAnswer {
    /// What kind of line.
    pub line: LineType,
    /// Whether it was given to somebody else since the day that was asked about.
    pub changed_hands: ChangedHands,
}

/// Whether a number was given to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedHands {
    /// Not since that day.
    No,
    /// Yes.
    Yes,
    /// The database has nothing about it. That is not "no".
    NoData,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberLookupError {
    /// The service could not be reached or did not answer in time.
    #[error("the lookup service did not answer; it is asked again later")]
    Unavailable,
    /// It refused the credentials or the request.
    #[error("the lookup service refused the request; check its settings")]
    Refused,
}

/// A lookup service for the demo and for tests: every number is a mobile that never changed hands, unless it was said otherwise.
#[derive(Debug, Default)]
pub struct SimulatedLookup {
    answers: Mutex<HashMap<PhoneNumber, Result<NumberAnswer, NumberLookupError>>>,
}

impl SimulatedLookup {
    /// Has the service answer this about a number from now on.
    pub fn answer(&self, number: PhoneNumber, answer: Result<NumberAnswer, NumberLookupError>) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(number, answer);
    }
}

impl NumberLookup for SimulatedLookup {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn look_up<'a>(&'a self, number: Phi<PhoneNumber>, _: Date) -> BoxFuture<'a, Result<NumberAnswer, NumberLookupError>> {
        let mobile = NumberAnswer { line: LineType::Mobile, changed_hands: ChangedHands::No };
        let known = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(number.expose()).copied();
        Box::pin(std::future::ready(known.unwrap_or(Ok(mobile))))
    }
}
