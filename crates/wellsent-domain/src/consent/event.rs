//! The log of acts. An event never changes; what stands is computed from all of them.

use super::{Category, ConsentAct, Directive};
use crate::{ConsentEventId, ContactPointId};
use jiff::Timestamp;
use jiff::civil::Date;

/// One act in the consent log of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its id. Among acts of one instant, ids are in the order in which they were recorded.
    pub id: ConsentEventId,
    /// For which number; `None` for an act that is about the person whatever the number.
    pub contact_point: Option<ContactPointId>,
    /// What was done.
    pub act: Act,
    /// When it was done, which may be before it was recorded: a paper form is signed before it is entered.
    pub at: Timestamp,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Texts of a category are agreed to.
    Granted {
        /// Which.
        category: Category,
        /// Whether in writing (T-03).
        written: bool,
        /// Whether a source vouches that the opt-in confirmation went out before (C-02).
        confirmed: bool,
    },
    /// That agreement is withdrawn.
    Revoked(Category),
    /// The opt-in confirmation went out.
    Confirmed(Category),
    /// The warning was shown.
    Warned,
    /// The warning was accepted.
    WarningAccepted,
    /// The warning was declined, or its acceptance withdrawn.
    WarningWithdrawn,
    /// A marketing authorization was signed.
    Authorized {
        /// Its last day, if it ends by itself.
        until: Option<Date>,
    },
    /// An authorization ended.
    AuthorizationEnded(ConsentEventId),
    /// A confidential-communication request.
    Directed(Directive),
    /// Such a request ended.
    DirectiveEnded(ConsentEventId),
    /// A code was asked for.
    CodeAsked,
    /// A code came back.
    Verified,
    /// The number was confirmed in person.
    NumberConfirmed,
    /// The number was replaced.
    NumberReplaced,
    /// Texts to the number are stopped.
    Suppressed,
    /// The person came back.
    Resumed,
}

impl Act {
    /// The stable word.
    pub const fn word(&self) -> ConsentAct {
        match self {
            Self::Granted { .. } => ConsentAct::Granted,
            Self::Revoked(_) => ConsentAct::Revoked,
            Self::Confirmed(_) => ConsentAct::Confirmed,
            Self::Warned => ConsentAct::Warned,
            Self::WarningAccepted => ConsentAct::WarningAccepted,
            Self::WarningWithdrawn => ConsentAct::WarningWithdrawn,
            Self::Authorized { .. } => ConsentAct::Authorized,
            Self::AuthorizationEnded(_) => ConsentAct::AuthorizationEnded,
            Self::Directed(_) => ConsentAct::Directed,
            Self::DirectiveEnded(_) => ConsentAct::DirectiveEnded,
            Self::CodeAsked => ConsentAct::CodeAsked,
            Self::Verified => ConsentAct::Verified,
            Self::NumberConfirmed => ConsentAct::NumberConfirmed,
            Self::NumberReplaced => ConsentAct::NumberReplaced,
            Self::Suppressed => ConsentAct::Suppressed,
            Self::Resumed => ConsentAct::Resumed,
        }
    }

    /// The category, where the act is about one.
    pub const fn category(&self) -> Option<Category> {
        match self {
            Self::Granted { category, .. } | Self::Revoked(category) | Self::Confirmed(category) => Some(*category),
            _ => None,
        }
    }
}
