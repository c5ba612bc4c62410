//! What the gate says.

use super::{Reason, Released, Rendering};
use crate::{ConsentEventId, InboundId, StaffId, Tier};
use jiff::Timestamp;

/// The ruling on one message.
#[derive(Debug)]
pub enum Ruling {
    /// It may go, in this wording.
    Release(Release),
    /// Not yet: ask again at `until`.
    Hold {
        /// When to ask again.
        until: Timestamp,
        /// Why.
        reasons: Vec<Reason>,
    },
    /// A person has to decide.
    Review {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// No.
    Refuse {
        /// Why.
        reasons: Vec<Reason>,
    },
}

/// A release with what stands behind it.
#[derive(Debug)]
pub struct Release {
    /// What the carrier gets.
    pub released: Released,
    /// Which wording was chosen.
    pub rendering: Rendering,
    /// Its tier.
    pub tier: Tier,
    /// What allows it. There is no release without (T-00).
    pub basis: Basis,
    /// Why a better wording was not chosen; empty if the preferred one goes.
    pub degraded_by: Vec<Reason>,
}

/// What allows a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A recorded consent.
    Consent(ConsentEventId),
    /// The patient's own text, just now or within the open conversation (C-01).
    Inbound(InboundId),
    /// An open conversation that staff goes on with.
    Conversation,
    /// A safety notice with its approver (T-06).
    Emergency(StaffId),
}

impl Basis {
    /// Stable word for storage.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Consent(_) => "consent",
            Self::Inbound(_) => "inbound",
            Self::Conversation => "conversation",
            Self::Emergency(_) => "emergency",
        }
    }

    /// The id of what stands behind it, where it has one.
    pub fn id(&self) -> Option<[u8; 16]> {
        match self {
            Self::Consent(id) => Some(id.bytes()),
            Self::Inbound(id) => Some(id.bytes()),
            Self::Conversation => None,
            Self::Emergency(id) => Some(id.bytes()),
        }
    }
}

impl Ruling {
    /// Stable word for storage and API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Release(_) => "release",
            Self::Hold { .. } => "hold",
            Self::Review { .. } => "review",
            Self::Refuse { .. } => "refuse",
        }
    }

    /// The reasons, those of a degraded wording included.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Release(release) => &release.degraded_by,
            Self::Hold { reasons, .. } | Self::Review { reasons } | Self::Refuse { reasons } => reasons,
        }
    }
}
