//! Runs static SQL in transactions on SQLite or PostgreSQL.
//!
//! Use cases are plain synchronous closures over a [`Tx`]. The database runs many of them in one
//! transaction, each in a savepoint, and syncs once for all (group commit). Only integers, truth
//! values, text and bytes cross the seam, and every statement is a named constant ([`Sql`]). Faults
//! can be injected at the seam on both engines ([`Faults`]).

mod db;
mod error;
mod faults;
mod group;
mod job;
mod migrate;
mod options;
mod postgres;
mod row;
mod session;
mod sql;
mod sqlite;
mod stats;
mod tx;
mod value;
mod worker;

pub use db::Db;
pub use error::DbError;
pub use faults::{FaultAction, FaultPoint, Faults};
pub use migrate::Migration;
pub use options::{Options, Synchronous};
pub use row::Row;
pub use sql::{Engine, Sql};
pub use stats::Stats;
pub use tx::Tx;
pub use value::Value;
