//! Twilio, as its published description has it: texts, their log, signed webhooks, number lookup and verification, with phones behind it.
//!
//! It answers like the real one to requests that are right and to most that are wrong, does what [`Behaviour`] says to texts and callbacks, and
//! writes down what each phone really got: that journal is the truth that a check compares with. Its phones are invented, so numbers and texts
//! may stand in its journal. Beside the API it has pages for testers:
//!
//! | request | answer |
//! |---|---|
//! | `POST /phones/{number}/texts` `{to_sender?,body}` | the phone's owner texts; 201 |
//! | `GET /phones/{number}` | what the phone got |
//! | `PUT /senders/{number or service}` `{inbound_url}` | where texts to a sender go; the sender is the account's from then on |
//! | `GET`, `PUT /behaviour` | [`Behaviour`] |
//! | `GET /stats` | [`Stats`] |
//!
//! It differs from the real one where that would only slow a test down: callbacks are repeated within a second, and a text is at rest as soon
//! as it has arrived, unless [`Behaviour::at_rest_ms`] says otherwise.

mod behaviour;
mod callbacks;
mod client;
mod control;
mod error;
mod fate;
mod form;
mod journal;
mod lookup;
mod messages;
mod network;
mod server;
mod shape;
mod state;
mod stop;
mod texts;
mod verify;

pub use behaviour::{Behaviour, CallbackFaults, KnownNumber, Quirk, Range};
pub use network::{Request, Running, Settings, TextError, Twilio};
pub use server::serve;
pub use state::{Got, Stats};

#[cfg(test)]
mod tests;
