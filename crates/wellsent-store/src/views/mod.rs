//! What the console's pages read: joined rows of several aggregates.
//!
//! A view that opens PHI belongs into a write transaction in which the caller also records who read what: no entry, no read (P7). Every list
//! has a limit.

use wellsent_db::Sql;

pub mod carriers;
pub mod coverage;
pub mod day;
pub mod frame;
pub mod inbox;
pub mod journal;
pub mod message;
pub mod messages;
pub mod owners;
pub mod person;
pub mod search;
pub mod tasks;
pub mod thread;
pub mod traffic;

/// Every statement of the views.
pub(crate) fn statements() -> Vec<&'static Sql> {
    [
        carriers::ALL,
        coverage::ALL,
        day::ALL,
        frame::ALL,
        inbox::ALL,
        journal::ALL,
        message::ALL,
        messages::ALL,
        owners::ALL,
        person::ALL,
        tasks::ALL,
        thread::ALL,
        traffic::ALL,
    ]
    .concat()
}
