//! A Telnyx on this machine: messages, detail records and signed webhooks, as its API reference describes them.
//!
//! What goes wrong is said as data, submission by submission. Nothing happens by chance: ids are counted, and the time is the caller's.

mod plan;
mod server;
mod state;
mod webhooks;

pub use plan::{Fate, Plan, Submission, Webhooks};
pub use server::{FakeTelnyx, Settings};
pub use state::{Attempt, Message};

#[cfg(test)]
mod tests;
