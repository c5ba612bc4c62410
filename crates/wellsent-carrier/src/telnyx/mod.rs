//! Telnyx: texts by its HTTP API, events by webhooks that are signed with Ed25519.
//!
//! Its log of detail records can be searched by number, and a message that is found there shows the address that we gave for its receipts, and
//! with it the attempt's token: so an attempt whose outcome is unknown can be looked up. There is nothing by which a text could be deleted there;
//! its text is wiped after ten days (TW-17). The time that a text may wait cannot be set: Telnyx drops it after about an hour.

mod carrier;
mod codes;
mod log;
mod receive;
mod signature;
mod wire;

pub use carrier::{ApiKey, ApiKeyError, Settings, TelnyxCarrier};
pub use codes::failure_of;
pub use signature::{PublicKeyError, PublicKeys};

#[cfg(test)]
pub(crate) mod tests;
