//! What an engine's connection offers to the group runner.

use crate::{DbError, Engine, Row, Sql, Value};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Read,
}

/// How a COMMIT failed.
#[derive(Debug)]
pub(crate) enum CommitError {
    /// The engine rolled back for certain.
    NotKept(DbError),
    /// The transaction may or may not be durable.
    Unknown,
}

/// One connection. At most one transaction is open and within it at most one savepoint.
pub(crate) trait Session {
    fn engine(&self) -> Engine;
    fn begin(&mut self, mode: Mode) -> Result<(), DbError>;
    fn savepoint(&mut self) -> Result<(), DbError>;
    /// Keeps what was done since the savepoint.
    fn release(&mut self) -> Result<(), DbError>;
    /// Undoes what was done since the savepoint and forgets it.
    fn rollback_to(&mut self) -> Result<(), DbError>;
    fn commit(&mut self) -> Result<(), CommitError>;
    /// Undoes the transaction; never fails, a connection that cannot roll back is thrown away.
    fn rollback(&mut self);
    /// Whether the open transaction is gone as a whole, so that its other jobs have to run again.
    fn transaction_lost(&self) -> bool;
    /// After a COMMIT of unknown outcome: PostgreSQL throws the connection away, SQLite goes silent.
    fn distrust(&mut self);
    /// Called when there has been nothing to do for a while.
    fn idle(&mut self) {}

    fn execute(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError>;
    fn query(&mut self, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError>;
    fn execute_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<u64, DbError>;
    fn query_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<Vec<Vec<Row>>, DbError>;
    /// Runs several statements of a migration.
    fn batch(&mut self, name: &'static str, text: &str) -> Result<(), DbError>;
    /// Asks the engine whether it understands the statement.
    fn prepare(&mut self, sql: &Sql) -> Result<(), DbError>;
}
