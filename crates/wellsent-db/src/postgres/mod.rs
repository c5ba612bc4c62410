//! PostgreSQL: several writers and readers, each a thread with its own connection.

mod connection;
mod error;
mod target;
mod types;

pub(crate) use connection::Connection;
pub(crate) use target::Target;
