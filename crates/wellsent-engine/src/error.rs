//! What can go wrong in a use case.

use wellsent_carrier::CallbackError;
use wellsent_db::DbError;
use wellsent_store::StoreError;
use wellsent_text::template::Finding;

/// An error of a use case. It carries no PHI.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A text was empty or too long.
    #[error("the text is empty or longer than 1,600 characters; shorten it")]
    BadText,
    /// The person has no number that can be texted.
    #[error("this patient has no number that can be texted; add one first")]
    NoNumber,
    /// Only the demo can do this.
    #[error("only the demo can do this")]
    NotDemo,
    /// A template does not pass its checks.
    #[error("the template does not pass its checks")]
    Template(Vec<Finding>),
    /// The service that made a code did not say whether it is right.
    #[error("the code could not be checked; try again in a moment")]
    CodeUnchecked,
    /// No carrier adapter of this name is set up.
    #[error("no carrier named {0:?} is set up; check the settings of the sender")]
    UnknownCarrier(String),
}

impl From<DbError> for EngineError {
    fn from(error: DbError) -> Self {
        Self::Store(StoreError::Db(error))
    }
}

/// Why a callback was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// No sender has this id.
    #[error("there is no such sender")]
    UnknownSender,
    /// The signature is missing or wrong.
    #[error("the signature is missing or wrong")]
    BadSignature,
    /// Signed, but not what this carrier sends.
    #[error("the callback's {0} is missing or not understood")]
    Malformed(&'static str),
    /// Larger than anything this carrier sends.
    #[error("the callback is too large")]
    TooLarge,
    /// It could not be checked or stored: the carrier should try again.
    #[error("the callback could not be checked or stored; try again")]
    Unavailable,
}

impl From<CallbackError> for ReceiveError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::BadSignature => Self::BadSignature,
            CallbackError::Malformed(field) => Self::Malformed(field),
            CallbackError::TooLarge => Self::TooLarge,
            CallbackError::NotNow => Self::Unavailable,
        }
    }
}
