//! Text of a text message: its encoding, the numbers it goes to, what a reply means, and templates.
//!
//! Everything here is pure. There is no clock, no randomness and no input or output.

pub mod consent_wording;
pub mod guard;
mod letters;
pub mod phone;
pub mod reply;
pub mod sms;
pub mod template;
pub mod tier;

pub use letters::fold_letters;
pub use tier::Tier;
