//! Twilio, by its REST API and its webhooks (TW-01 to TW-23).
//!
//! Body and number go where they must and nowhere else; everything else that goes to Twilio is opaque (TW-03). Only texts: addresses of other
//! channels are refused before anything leaves (TW-02). The account decides who answers STOP, see [`Settings::redaction_ready`].

mod address;
mod carrier;
mod codes;
mod form;
mod log;
mod number_lookup;
mod receive;
mod rest;
mod settings;
mod sid;
mod signature;
mod verify;
mod wire;

pub use carrier::Twilio;
pub use codes::failure_of;
pub use number_lookup::TwilioLookup;
pub use settings::{ApiKey, AuthToken, Forgetting, Settings, SettingsError};
pub use verify::TwilioVerify;

/// Whether an address can send texts at Twilio: a number in E.164, a short code, or a messaging service. Settings with any other, `whatsapp:`
/// and `rcs:` above all, are refused before anything starts (TW-02).
pub fn is_sender(address: &str) -> bool {
    address::From::read(address).is_some()
}
