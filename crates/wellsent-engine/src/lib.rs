//! Use cases and workers: load, decide, write in one transaction; then act.
//!
//! A use case is a plain function on the [`Engine`]. Workers are reconcilers: they take no input, do the same after a restart as on any other
//! day, and may run twice. Nothing here speaks HTTP or SQL.

mod batcher;
mod catalog;
mod check_in;
mod clock;
mod content;
mod conversation;
mod coverage;
mod dispatch;
mod error;
mod facts;
mod live;
mod news;
mod number_check;
mod pages;
mod permissions;
mod phrases;
mod planning;
mod probes;
mod receive;
mod reconcile;
mod routing;
mod sequence;
mod throttle;
mod verification;
mod wordings;
mod workers;

pub mod import;

mod engine;

pub use catalog::Catalog;
pub use clock::{Clock, ClockMove};
pub use content::{Found, reveals};
pub use conversation::{ReplyOutcome, ReplyRequest};
pub use coverage::{Coming, CoverageQuestion, CoverageReport, Listed, Shown, Steps};
pub use dispatch::{DispatchReport, Settled};
pub use engine::{Demo, Engine, Parts, Tuning};
pub use error::{EngineError, ReceiveError};
pub use facts::facts_of;
pub use live::Change;
pub use pages::{Door, DoorView, PAGE_CHARS_MAX, Preferences, REPLY_CHARS_MAX, SecondFact};
pub use permissions::Choices;
pub use receive::Received;
pub use workers::Workers;
