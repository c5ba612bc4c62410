//! A carrier network with phones, in one process or beside it.
//!
//! It takes texts over HTTP like a carrier, delays, refuses, throttles, loses the line after accepting, repeats, reorders and loses receipts
//! as [`Behaviour`] says, and writes down what each phone really got: that journal, not our database, is the truth that a check compares with.
//! Its phones are invented, so numbers and texts may stand in its journal.

mod behaviour;
mod carrier;
mod codes;
mod fate;
mod journal;
mod network;
mod opt_out;
mod phone;
mod post;
mod receive;
mod server;
mod state;
mod step;
mod wire;

pub use behaviour::{Behaviour, Quirk, Range, Receipts};
pub use carrier::{Settings as CarrierSettings, SimulatorCarrier};
pub use codes::failure_of;
pub use network::{Network, PhoneSummary, Settings as NetworkSettings, SettingsError, Stats, TextError};
pub use phone::ConversationLine;
pub use server::serve;

#[cfg(test)]
mod tests;
