//! AWS End User Messaging SMS: texts by its second API, events by Amazon SNS.
//!
//! Requests are signed with Signature Version 4. Events of a configuration set and texts from patients come through SNS topics that are subscribed
//! to our hooks; each message of SNS is signed, and the certificate that it names is taken from Amazon's own host only. The attempt's token goes
//! along as context and comes back in each event. There is no log that can be asked, nothing can be deleted, and what SNS could not deliver within
//! an hour is lost, unless the subscription has a dead-letter queue (TW-07, TW-17).

mod carrier;
mod certificates;
mod codes;
mod receive;
mod sigv4;
mod sns;
mod wire;

pub use carrier::{AwsCarrier, Settings, SetupError};
pub use codes::{failure_of, failure_of_event};
pub use sigv4::Credentials;

#[cfg(test)]
mod tests;
