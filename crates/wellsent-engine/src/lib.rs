//! Use cases and workers: load, decide, write in one transaction; then act.
//!
//! A use case is a plain function on the [`Engine`]. Workers are reconcilers: they take no input, do the same after a restart as on any other
//! day, and may run twice. Nothing here speaks HTTP or SQL.

mod agreements;
mod application;
mod batcher;
mod catalog;
mod check_in;
mod choice;
mod circuit;
mod clock;
mod content;
mod conversation;
mod coverage;
mod dispatch;
mod error;
mod facts;
mod forgetting;
mod health;
mod line;
mod live;
mod missed;
mod news;
mod number_check;
mod pages;
mod permissions;
mod phrases;
mod planning;
mod probes;
mod queue;
mod receive;
mod reconcile;
mod routing;
mod sequence;
mod settling;
mod throttle;
mod verification;
mod wordings;
mod workers;

pub mod import;

mod engine;

pub use application::{
    CHARS_MAX, Caller, Changed, Content, ListRequest, NotLetIn, PageToken, SEND_AT_MAX, SEND_AT_MIN, SentFrom, TextFault, TextOutcome,
    TextPage, TextRequest, VALIDITY_MAX, account_sid, key_sid, sender_sid, service_sid, text_of_sid, text_sid, token,
};
pub use catalog::Catalog;
pub use circuit::OPENS_AFTER;
pub use clock::{Clock, ClockMove};
pub use content::{Found, reveals};
pub use conversation::{ReplyOutcome, ReplyRequest};
pub use coverage::{Coming, CoverageQuestion, CoverageReport, Listed, Shown, Steps};
pub use dispatch::{DispatchReport, Settled};
pub use engine::{Demo, Engine, Parts, Tuning};
pub use error::{EngineError, ReceiveError};
pub use facts::facts_of;
pub use health::{CarrierHealth, CarrierState};
pub use live::Change;
pub use pages::{Door, DoorView, PAGE_CHARS_MAX, Preferences, REPLY_CHARS_MAX, SecondFact};
pub use permissions::Choices;
pub use queue::BrandDay;
pub use receive::Received;
pub use settling::{LogError, LogLine, Verdict};
pub use workers::Workers;
