//! The planner: from visits and reminder rules to the set of messages that is wanted, and the difference to what is planned already.
//!
//! Pure and idempotent: planning twice changes nothing, a moved visit replaces its own unsent texts, a cancelled one withdraws them.

mod diff;
mod due;
mod plan;
mod rules;

pub use diff::*;
pub use due::*;
pub use plan::*;
pub use rules::*;
