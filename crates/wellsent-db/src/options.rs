//! How a database is opened.

use crate::Faults;
use std::{sync::Arc, time::Duration};

/// When SQLite calls sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// At every commit: what was acknowledged survives a power cut (P5).
    #[default]
    Full,
    /// At checkpoints only. **Loses acknowledged commits at a power cut.** It exists as the negative
    /// control of power-loss tests and for nothing else.
    Normal,
}

/// Settings of a database; `Options::default()` is right for production.
#[derive(Debug, Clone)]
pub struct Options {
    /// SQLite: when to sync.
    pub synchronous: Synchronous,
    /// SQLite: the name of a registered VFS; `None` for the system's.
    pub vfs: Option<String>,
    /// SQLite: the largest number of pages of 4 KiB; `None` for the engine's own limit.
    pub max_pages: Option<u32>,
    /// Reader connections, each with a thread.
    pub readers: usize,
    /// PostgreSQL: writer connections, each with a thread. SQLite always has one.
    pub writers: usize,
    /// The most jobs that share one transaction; `None` for 1,000 on SQLite and 64 on PostgreSQL,
    /// where more than 64 subtransactions overflow a backend's cache.
    pub group_max: Option<usize>,
    /// The most jobs that may wait; more is [`DbError::Overloaded`](crate::DbError::Overloaded).
    pub queue_max: usize,
    /// SQLite: how long to wait for a lock of another process, such as a backup tool.
    pub busy_timeout: Duration,
    /// PostgreSQL: how long one statement may run.
    pub statement_timeout: Duration,
    /// PostgreSQL: how long one statement may wait for a lock.
    pub lock_timeout: Duration,
    /// PostgreSQL: how long opening a connection may take.
    pub connect_timeout: Duration,
    /// PostgreSQL: the schema that names resolve in; `None` for the role's own search path.
    pub schema: Option<String>,
    /// PostgreSQL: allow an unencrypted connection to another machine.
    pub allow_plaintext: bool,
    /// Faults that tests inject.
    pub faults: Option<Arc<Faults>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::Full,
            vfs: None,
            max_pages: None,
            readers: 4,
            writers: 6,
            group_max: None,
            queue_max: 16_384,
            busy_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            schema: None,
            allow_plaintext: false,
            faults: None,
        }
    }
}
