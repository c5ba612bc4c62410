//! The same suite on both engines, and what only one of them has.

mod bench;
mod errors;
mod faults;
mod groups;
mod jobs;
mod migrations;
mod postgres;
mod sqlite;
mod values;

// Included, not a dependency: the test kit stands on the crates above this one, and the lowest seam must
// be testable without them.
#[path = "../../../wellsent-testkit/src/postgres.rs"]
mod server;
