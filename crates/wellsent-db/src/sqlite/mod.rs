//! SQLite: one file, one writer, readers beside it.

mod connection;
mod error;
mod file;

pub(crate) use connection::Connection;
pub(crate) use file::{lock, snapshot};
