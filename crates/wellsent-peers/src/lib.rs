//! Other people's systems, as the tests meet them: carriers written from their published descriptions.
//!
//! Nothing here is built from Wellsent, so that a misreading of a carrier is not made twice in the same way. They listen on this machine only.

pub mod aws;
mod loopback;
pub mod scripted;
pub mod smsc;
pub mod telnyx;
pub mod twilio;
