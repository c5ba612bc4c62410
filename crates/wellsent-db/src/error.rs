//! What can go wrong at the seam.

use std::path::PathBuf;

/// An error of the database. It names statements, columns and constraints, never a value: a value may
/// be a patient's data (P6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// A row with this key exists already. SQLite names `table.column, table.column`, PostgreSQL the
    /// constraint.
    #[error("a row with the same key exists already ({constraint})")]
    Unique {
        /// The constraint as the engine names it.
        constraint: String,
    },
    /// A referenced row is missing, or a row is still referred to. SQLite does not name the constraint.
    #[error("a reference does not hold ({constraint})")]
    ForeignKey {
        /// The constraint's name; empty on SQLite.
        constraint: String,
    },
    /// A CHECK of the schema does not hold.
    #[error("a check of the schema does not hold ({constraint})")]
    Check {
        /// The constraint's name, or its text where it has none.
        constraint: String,
    },
    /// A required column got NULL.
    #[error("a required column is empty ({column})")]
    NotNull {
        /// `table.column` on SQLite, the column on PostgreSQL.
        column: String,
    },
    /// The disk, or the size limit of the database, is reached. Nothing of the transaction was kept.
    #[error("the database's disk is full; free space and try again")]
    Full,
    /// Reading or writing the disk failed before COMMIT. Nothing of the transaction was kept.
    #[error("the database's disk reported an error (code {code}); check the disk, then restart")]
    Io {
        /// The engine's code.
        code: String,
    },
    /// The file is not a sound database.
    #[error("the database file is damaged (code {code}); restore a backup")]
    Corrupt {
        /// The engine's code.
        code: String,
    },
    /// COMMIT was asked for and its answer was lost or was an error: the transaction may or may not be
    /// durable. Do not act on it; reopen and look (I3).
    #[error("it is not known whether the transaction was kept; reopen the database and look")]
    CommitUnknown,
    /// An earlier COMMIT on this SQLite database had an unknown outcome; the handle does no more work.
    #[error("the database stopped after a commit of unknown outcome; restart to reopen it")]
    Poisoned,
    /// The handle was closed while the work waited, or its thread is gone. Nothing was kept.
    #[error("the database is closed")]
    Closed,
    /// Too much work waits for the writer.
    #[error("the database is overloaded; try again shortly")]
    Overloaded,
    /// A second instance has this SQLite file open (I18).
    #[error("{path} is in use by another instance; stop it first")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file or server could not be opened.
    #[error("the database could not be opened: {reason}")]
    Open {
        /// What to look at.
        reason: String,
    },
    /// The server is on another machine and the line to it would not be encrypted.
    #[error(
        "the PostgreSQL server {host} is on another machine and the connection would not be encrypted; \
         use a local tunnel, or allow plaintext explicitly on a private network"
    )]
    PlaintextRefused {
        /// The server's host name.
        host: String,
    },
    /// The database was opened for reading only.
    #[error("the database is open for reading only")]
    ReadOnly,
    /// A job waits for another job on the database's own thread, which would never end.
    #[error("a database job may not wait for another one")]
    Nested,
    /// The database was written by a newer release.
    #[error("the database has schema version {found}, this release knows {known}; install the newer release")]
    NewerSchema {
        /// The version in the database.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// A migration that ran already has another text now, or is missing from the program.
    #[error("migration {version} differs from the one that ran on this database; install the release that made it")]
    MigrationChanged {
        /// The migration's version.
        version: i64,
    },
    /// The list of migrations is not in ascending order of version.
    #[error("migration {version} is out of order")]
    MigrationOrder {
        /// The migration's version.
        version: i64,
    },
    /// A column or parameter has another type than the code asked for.
    #[error("column {column} of {statement} has another type than expected")]
    WrongType {
        /// The statement's name.
        statement: &'static str,
        /// The column, from 0.
        column: usize,
    },
    /// The number of parameters differs from the statement's.
    #[error("{statement} takes {expected} parameters, {given} were given")]
    WrongCount {
        /// The statement's name.
        statement: &'static str,
        /// What the statement takes.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// The statement gave no row where one was needed.
    #[error("{statement} found no row")]
    NoRow {
        /// The statement's name.
        statement: &'static str,
    },
    /// The statement gave more than one row where at most one was allowed.
    #[error("{statement} found more than one row")]
    ManyRows {
        /// The statement's name.
        statement: &'static str,
    },
    /// Row security or privileges forbid it (PostgreSQL).
    #[error("{statement} is not permitted for this database role")]
    Denied {
        /// The statement's name.
        statement: &'static str,
    },
    /// Another transaction was in the way more often than the job may be repeated.
    #[error("{statement} kept conflicting with other transactions; try again")]
    Conflict {
        /// The statement's name.
        statement: &'static str,
    },
    /// The statement or a lock took longer than allowed.
    #[error("{statement} took longer than allowed; try again")]
    Timeout {
        /// The statement's name.
        statement: &'static str,
    },
    /// The line to the server broke before COMMIT. Nothing was kept.
    #[error("the connection to the database server was lost; try again")]
    ConnectionLost,
    /// An earlier statement of this job failed, so the job cannot go on; it is undone as a whole.
    #[error("{statement} was not run because an earlier statement of the job failed")]
    Spoiled {
        /// The statement's name.
        statement: &'static str,
    },
    /// The job panicked; what it wrote was undone.
    #[error("a database job panicked; what it wrote was undone")]
    JobPanicked,
    /// A fault that a test asked for.
    #[error("injected fault")]
    Injected,
    /// Any other failure of a statement.
    #[error("{name} failed (code {code}){}{detail}", if detail.is_empty() { "" } else { ": " })]
    Statement {
        /// The statement's name.
        name: &'static str,
        /// The engine's code.
        code: String,
        /// What is wrong with the statement's own text, when that is the cause; otherwise empty.
        detail: String,
    },
}

impl DbError {
    /// Whether the same job may succeed if it is simply run again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Timeout { .. } | Self::ConnectionLost | Self::Overloaded)
    }

    /// Whether this is a uniqueness violation.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Unique { .. })
    }
}
