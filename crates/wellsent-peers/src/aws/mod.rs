//! An AWS on this machine: the SMS API with Signature Version 4, and SNS with its certificate, subscriptions and signed messages, as their
//! references describe them.
//!
//! What goes wrong is said as data, submission by submission. Nothing happens by chance but the key of the certificate: ids are counted, and the
//! time is the caller's.

mod plan;
mod rsa;
mod server;
mod sigv4;
mod sns;

pub use plan::{Copies, Plan, Submission};
pub use rsa::Certificate;
pub use server::{Accepted, FakeAws, Settings};
pub use sigv4::Keys;
pub use sns::{Delivery, SignatureVersion, Topic, envelope};

#[cfg(test)]
mod tests;
