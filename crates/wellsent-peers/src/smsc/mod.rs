//! A message centre that speaks SMPP 3.4, with phones behind it, written from the standard.
//!
//! It binds whoever knows the password, takes texts, loses, delays and refuses them as [`Behaviour`] says, reports in the dialect that was
//! asked for, sends the phones' own texts and repeats them until they are acknowledged, and writes down what each phone really got: that
//! journal is the truth that a check compares with. It runs in a test ([`Smsc::start`]) or as a process of its own with an HTTP port
//! ([`run`]).

mod alphabet;
mod behaviour;
mod control;
mod dialect;
mod fate;
mod journal;
mod network;
mod session;
mod submission;

pub use behaviour::{Behaviour, Coding0, Dialect, Ids, LongTexts, Quirk, Range, Receipts, Replies};
pub use control::{control, run};
pub use network::{Got, Smsc, Stats};

#[cfg(test)]
mod tests;
