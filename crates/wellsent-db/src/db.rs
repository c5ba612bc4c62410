//! The handle of a database.

use crate::{
    DbError, Engine, Options, Sql, Stats, Tx,
    job::Typed,
    postgres,
    session::Mode,
    sqlite,
    worker::{Pool, Shared, Task, on_worker},
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The most jobs in one transaction on SQLite: enough that the sync no longer matters.
const SQLITE_GROUP: usize = 1_000;
/// More subtransactions than this overflow a PostgreSQL backend's cache and slow down everyone.
const POSTGRES_GROUP: usize = 64;

/// A database. Clones share it; the last one to be dropped finishes what waits and closes it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    shared: Arc<Shared>,
    closed: AtomicBool,
    write: Option<crossbeam_channel::Sender<Task>>,
    read: crossbeam_channel::Sender<Task>,
    pools: Mutex<Pools>,
    file: Option<(PathBuf, Options)>,
}

/// Readers end first: the writer is then the last connection and folds the log into the file.
struct Pools {
    readers: Pool,
    writers: Option<Pool>,
    lock: Option<File>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.inner.engine)
    }
}

impl Db {
    /// Opens or creates the SQLite database at `path` for this process alone; a second instance gets
    /// [`DbError::InUse`] (I18). Blocks briefly.
    pub fn open_sqlite(path: impl AsRef<Path>, options: Options) -> Result<Self, DbError> {
        let path = path.as_ref().to_path_buf();
        let lock = sqlite::lock(&path)?;
        let shared = Arc::new(Shared { faults: options.faults.clone(), ..Shared::default() });
        let opener = {
            let (path, options) = (path.clone(), options.clone());
            move || sqlite::Connection::open_writer(&path, &options)
        };
        let group = options.group_max.unwrap_or(SQLITE_GROUP);
        let mut writers = Pool::start("db-write", 1, options.queue_max, Mode::Write, group, &shared, opener)?;
        let opener = {
            let (path, options) = (path.clone(), options.clone());
            move || sqlite::Connection::open_reader(&path, &options)
        };
        let readers = match Pool::start("db-read", options.readers, options.queue_max, Mode::Read, 1, &shared, opener) {
            Ok(readers) => readers,
            Err(error) => {
                writers.stop();
                return Err(error);
            }
        };
        let file = Some((path, options));
        Ok(Self::assemble(Engine::Sqlite, shared, readers, Some(writers), Some(lock), file))
    }

    /// Opens an existing SQLite database for reading, also beside a running server; writes are
    /// [`DbError::ReadOnly`]. For offline verification and diagnosis.
    pub fn open_sqlite_read_only(path: impl AsRef<Path>, options: Options) -> Result<Self, DbError> {
        let path = path.as_ref().to_path_buf();
        let shared = Arc::new(Shared::default());
        let opener = {
            let (path, options) = (path.clone(), options.clone());
            move || sqlite::Connection::open_read_only(&path, &options)
        };
        let readers = Pool::start("db-read", options.readers, options.queue_max, Mode::Read, 1, &shared, opener)?;
        let file = Some((path, options));
        Ok(Self::assemble(Engine::Sqlite, shared, readers, None, None, file))
    }

    /// Connects to PostgreSQL: `postgres://user:password@host:port/database`. Blocks until every
    /// connection is open.
    pub fn open_postgres(url: &str, options: Options) -> Result<Self, DbError> {
        let target = postgres::Target::parse(url, &options)?;
        let shared = Arc::new(Shared { faults: options.faults.clone(), ..Shared::default() });
        let opener = {
            let target = target.clone();
            move || postgres::Connection::open(target.clone())
        };
        let group = options.group_max.unwrap_or(POSTGRES_GROUP);
        let queue = options.queue_max;
        let mut writers = Pool::start("db-write", options.writers, queue, Mode::Write, group, &shared, opener.clone())?;
        let readers = match Pool::start("db-read", options.readers, queue, Mode::Read, 1, &shared, opener) {
            Ok(readers) => readers,
            Err(error) => {
                writers.stop();
                return Err(error);
            }
        };
        Ok(Self::assemble(Engine::Postgres, shared, readers, Some(writers), None, None))
    }

    fn assemble(
        engine: Engine,
        shared: Arc<Shared>,
        readers: Pool,
        writers: Option<Pool>,
        lock: Option<File>,
        file: Option<(PathBuf, Options)>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                engine,
                shared,
                closed: AtomicBool::new(false),
                write: writers.as_ref().map(|pool| pool.queue.clone()),
                read: readers.queue.clone(),
                pools: Mutex::new(Pools { readers, writers, lock }),
                file,
            }),
        }
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// What the writers did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.shared.counters.read()
    }

    /// Whether a COMMIT of unknown outcome ended the work of this SQLite handle. The process should
    /// leave and start again: opening the file anew shows what was kept (I3).
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.inner.shared.poisoned.load(Ordering::Acquire)
    }

    /// Runs a job in a write transaction, possibly together with others, and answers when it is durable.
    ///
    /// `Ok` keeps what the job did, `Err` undoes it. The job may be run more than once, each time from a
    /// clean state, so it has no effects outside the transaction. It is queued at the first poll; dropping
    /// the future afterwards does not stop it. Errors of the database arrive as `E::from`.
    pub fn write<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.later(Mode::Write, job)
    }

    /// Runs a job in a read-only transaction, which sees one committed state throughout.
    pub fn read<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.later(Mode::Read, job)
    }

    /// As [`Db::write`], for threads: blocks until the answer is there. Not for async code.
    pub fn write_wait<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.wait(Mode::Write, job)
    }

    /// As [`Db::read`], for threads: blocks until the answer is there. Not for async code.
    pub fn read_wait<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.wait(Mode::Read, job)
    }

    /// Prepares every statement without running it; answers the errors of those the engine refuses.
    /// Needs the schema that the statements speak of.
    pub fn prepare_all(&self, statements: &[&'static Sql]) -> Vec<DbError> {
        let prepare = |sql: &'static Sql| self.write_wait(move |tx: &mut Tx<'_>| tx.prepare(sql));
        statements.iter().filter_map(|sql| prepare(sql).err()).collect()
    }

    /// Writes a consistent copy of a SQLite database to a new file while work goes on; blocks until it
    /// is synced to disk. An existing file is refused. PostgreSQL has its own tools: [`DbError::Open`].
    pub fn snapshot_to(&self, target: impl AsRef<Path>) -> Result<(), DbError> {
        match &self.inner.file {
            Some((path, options)) => sqlite::snapshot(path, options, target.as_ref()),
            None => Err(DbError::Open { reason: "back up PostgreSQL with pg_dump or pg_basebackup".to_owned() }),
        }
    }

    /// Finishes what waits, closes every connection and refuses further work. Blocks.
    pub fn close(&self) {
        self.inner.close();
    }

    fn later<T, E, F>(&self, mode: Mode, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        async move {
            let (reply, answer) = tokio::sync::oneshot::channel();
            let job = Typed::new(job, move |result| drop(reply.send(result)));
            inner.queue(mode)?.try_send(Task::Job(Box::new(job))).map_err(|error| match error {
                crossbeam_channel::TrySendError::Full(_) => DbError::Overloaded,
                crossbeam_channel::TrySendError::Disconnected(_) => DbError::Closed,
            })?;
            answer.await.unwrap_or_else(|_| Err(E::from(DbError::Closed)))
        }
    }

    fn wait<T, E, F>(&self, mode: Mode, job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if on_worker() {
            return Err(E::from(DbError::Nested));
        }
        let (reply, answer) = crossbeam_channel::bounded(1);
        let job = Typed::new(job, move |result| drop(reply.send(result)));
        self.inner.queue(mode)?.send(Task::Job(Box::new(job))).map_err(|_| DbError::Closed)?;
        answer.recv().unwrap_or_else(|_| Err(E::from(DbError::Closed)))
    }
}

impl Inner {
    fn queue(&self, mode: Mode) -> Result<&crossbeam_channel::Sender<Task>, DbError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(DbError::Closed);
        }
        match mode {
            Mode::Read => Ok(&self.read),
            Mode::Write => self.write.as_ref().ok_or(DbError::ReadOnly),
        }
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.readers.stop();
        if let Some(writers) = &mut pools.writers {
            writers.stop();
        }
        // Released last, when no connection of ours is open any more.
        pools.lock = None;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
