//! What a carrier is to Wellsent, and the carriers that are built in.
//!
//! [`Carrier`] is the contract: hand over one released text, read the carrier's callbacks, look an uncertain attempt up in the carrier's
//! own log. An adapter never retries a submission and never rewords, and cuts a text only where its line carries nothing longer ([`smpp`]).
//! [`simulator`] is a whole carrier network with phones, for the demo, for tests and for trying an installation before a real carrier is
//! connected.

mod callback;
mod contract;
mod digest;
mod http;
mod number_lookup;
mod outgoing;
mod secret;
mod verify;
mod webhook;

pub mod aws;
pub mod simulator;
pub mod smpp;
pub mod telnyx;
pub mod twilio;

pub use callback::*;
pub use contract::*;
pub use http::HttpSetupError;
pub use number_lookup::*;
pub use secret::CallbackSecret;
pub use verify::*;
pub use webhook::{AddressFault, CallHeaders, WebhookClient, WebhookReply, check_address, parse_host, sign as sign_webhook};

use std::sync::Arc;

/// Where an adapter reads the time: the demo moves it forward, everything else passes the system's clock.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;
