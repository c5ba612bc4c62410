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

#[path = "../../../wellsent-testkit/src/postgres.rs"]
mod server;
