//! The one gate through which every text leaves (P1, P2).
//!
//! [`rule`] is a pure function of an [`Intent`], the [`Facts`] read in the transaction that claims the message, and the present instant.
//! It degrades before it refuses: where PHI may not go, the tier-1 wording or a notice goes instead (tiers in docs/RULES.md).

mod facts;
mod frequency;
mod intent;
mod reason;
mod record;
mod released;
mod rule;
mod ruling;

pub use facts::*;
pub use frequency::*;
pub use intent::*;
pub use reason::*;
pub use released::*;
pub use rule::rule;
pub use ruling::*;
