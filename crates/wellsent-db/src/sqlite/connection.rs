//! One SQLite connection.

use super::{
    error::{translate, translate_text},
    file::{create_private, rewrite_log},
};
use crate::{
    DbError, Engine, Options, Row, Sql, Synchronous, Value,
    row::Cell,
    session::{CommitError, Mode, Session},
    sql::numbered,
};
use rusqlite::{
    CachedStatement, OpenFlags, ToSql,
    config::DbConfig,
    types::{ToSqlOutput, ValueRef},
};
use std::{collections::HashMap, path::Path};

/// Page caches in KiB, filled as pages are used: 64 MiB for the writer and 4 MiB for each of four readers are 80 MiB in all.
const WRITER_CACHE_KIB: i64 = 64 * 1024;
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Pages in the log after which a commit folds it into the file (16 MiB). Idle moments usually do it
/// first, see [`Session::idle`].
const CHECKPOINT_PAGES: i64 = 4_000;
/// What the log keeps on disk after a busy hour.
const LOG_LIMIT_BYTES: i64 = 64 * 1024 * 1024;
const STATEMENT_CACHE: usize = 256;

pub(crate) struct Connection {
    inner: rusqlite::Connection,
    /// SQLite's spelling of each text, by address and length: the texts are static.
    texts: HashMap<(usize, usize), Box<str>>,
    in_transaction: bool,
    unfolded: bool,
    writer: bool,
}

/// Opens the file and applies what every connection needs.
pub(super) fn raw(path: &Path, flags: OpenFlags, options: &Options) -> Result<rusqlite::Connection, DbError> {
    let opened = match &options.vfs {
        Some(vfs) => rusqlite::Connection::open_with_flags_and_vfs(path, flags, vfs.as_str()),
        None => rusqlite::Connection::open_with_flags(path, flags),
    };
    let connection = opened.map_err(|error| match translate("open", &error) {
        DbError::Io { code } => DbError::Open { reason: format!("the file cannot be opened (code {code})") },
        other => other,
    })?;
    let set = || -> rusqlite::Result<()> {
        connection.busy_timeout(options.busy_timeout)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        Ok(())
    };
    set().map_err(|error| translate("open", &error))?;
    Ok(connection)
}

impl Connection {
    fn new(inner: rusqlite::Connection, writer: bool) -> Self {
        Self { inner, texts: HashMap::new(), in_transaction: false, unfolded: writer, writer }
    }

    pub(crate) fn open_writer(path: &Path, options: &Options) -> Result<Self, DbError> {
        if options.vfs.is_none() {
            create_private(path)?;
            rewrite_log(path)?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let inner = raw(path, flags, options)?;
        let set = || -> rusqlite::Result<String> {
            let mode = inner.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
            inner.pragma_update(
                None,
                "synchronous",
                match options.synchronous {
                    Synchronous::Full => "FULL",
                    Synchronous::Normal => "NORMAL",
                },
            )?;
            inner.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
            inner.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
            inner.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT_BYTES, |_| Ok(()))?;
            if let Some(pages) = options.max_pages {
                inner.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            }
            Ok(mode)
        };
        let mode = set().map_err(|error| translate("open", &error))?;
        if mode != "wal" {
            return Err(DbError::Open { reason: "the file system does not support a write-ahead log".to_owned() });
        }
        Ok(Self::new(inner, true))
    }

    /// A reader of the running instance. It may write to the shared memory beside the file, so it is
    /// not opened read-only; `query_only` keeps it from writing rows.
    pub(crate) fn open_reader(path: &Path, options: &Options) -> Result<Self, DbError> {
        Self::reader(path, options, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// A reader of a file that another process may have open.
    pub(crate) fn open_read_only(path: &Path, options: &Options) -> Result<Self, DbError> {
        Self::reader(path, options, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    fn reader(path: &Path, options: &Options, flags: OpenFlags) -> Result<Self, DbError> {
        let inner = raw(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX, options)?;
        let set = || -> rusqlite::Result<()> {
            inner.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            inner.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
            inner.pragma_update(None, "query_only", true)?;
            // Reading the header now makes a file that is no database fail here.
            inner.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        };
        set().map_err(|error| translate("open", &error))?;
        Ok(Self::new(inner, false))
    }

    fn control(&mut self, text: &'static str) -> Result<(), DbError> {
        let run = || self.inner.prepare_cached(text)?.raw_execute();
        run().map(drop).map_err(|error| translate(text, &error))
    }

    /// The cached statement, its parameter count checked.
    fn statement<'a>(
        inner: &'a rusqlite::Connection,
        texts: &mut HashMap<(usize, usize), Box<str>>,
        sql: &Sql,
    ) -> Result<CachedStatement<'a>, DbError> {
        let key = (sql.sqlite.as_ptr().addr(), sql.sqlite.len());
        let text = texts.entry(key).or_insert_with(|| numbered(sql.sqlite).into_boxed_str());
        inner.prepare_cached(text).map_err(|error| translate_text(sql.name, &error))
    }
}

fn bind(statement: &mut CachedStatement<'_>, sql: &Sql, args: &[Value]) -> Result<(), DbError> {
    let expected = statement.parameter_count();
    if expected != args.len() {
        return Err(DbError::WrongCount { statement: sql.name, expected, given: args.len() });
    }
    for (index, value) in args.iter().enumerate() {
        // PostgreSQL's text cannot hold NUL, so SQLite's may not either.
        if matches!(value, Value::Text(Some(text)) if text.contains('\0')) {
            let detail = "text holds a NUL character".to_owned();
            return Err(DbError::Statement { name: sql.name, code: "22021".to_owned(), detail });
        }
        statement.raw_bind_parameter(index + 1, value).map_err(|error| translate(sql.name, &error))?;
    }
    Ok(())
}

fn execute(statement: &mut CachedStatement<'_>, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
    bind(statement, sql, args)?;
    let changed = statement.raw_execute().map_err(|error| translate(sql.name, &error))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

fn query(statement: &mut CachedStatement<'_>, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError> {
    bind(statement, sql, args)?;
    let columns = statement.column_count();
    let failed = |error: rusqlite::Error| translate(sql.name, &error);
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failed)? {
        let mut cells = Vec::with_capacity(columns);
        for column in 0..columns {
            cells.push(match row.get_ref(column).map_err(failed)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Int(value),
                ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => Cell::Text(text.to_owned()),
                    Err(_) => Cell::Foreign,
                },
                ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
                ValueRef::Real(_) => Cell::Foreign,
            });
        }
        found.push(Row::new(sql.name, cells));
    }
    Ok(found)
}

impl Session for Connection {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn begin(&mut self, mode: Mode) -> Result<(), DbError> {
        self.control(match mode {
            Mode::Write => "BEGIN IMMEDIATE",
            Mode::Read => "BEGIN",
        })?;
        self.in_transaction = true;
        Ok(())
    }

    fn savepoint(&mut self) -> Result<(), DbError> {
        self.control("SAVEPOINT job")
    }

    fn release(&mut self) -> Result<(), DbError> {
        self.control("RELEASE job")
    }

    fn rollback_to(&mut self) -> Result<(), DbError> {
        self.control("ROLLBACK TO job")?;
        self.control("RELEASE job")
    }

    fn commit(&mut self) -> Result<(), CommitError> {
        let error = match self.control("COMMIT") {
            Ok(()) => {
                self.in_transaction = false;
                self.unfolded = true;
                return Ok(());
            }
            Err(error) => error,
        };
        self.rollback();
        match error {
            // No room for the commit frame: SQLite reports this only from writing, never from syncing, so
            // the log ends before the commit and the transaction is certainly not kept.
            DbError::Full | DbError::ForeignKey { .. } => Err(CommitError::NotKept(error)),
            _ => Err(CommitError::Unknown),
        }
    }

    fn rollback(&mut self) {
        self.in_transaction = false;
        if !self.inner.is_autocommit() {
            // Fails only where SQLite has rolled back by itself already.
            let _ = self.control("ROLLBACK");
        }
    }

    fn transaction_lost(&self) -> bool {
        self.in_transaction && self.inner.is_autocommit()
    }

    fn distrust(&mut self) {
        // Pages whose sync failed may look written; folding them into the file could spoil it.
        let _ = self.inner.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Folds the log into the file when nobody waits, so that commits seldom have to.
    fn idle(&mut self) {
        if self.writer && self.unfolded {
            self.unfolded = false;
            // Readers may keep part of the log; the next idle moment or commit folds the rest.
            let _ = self.inner.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }

    fn execute(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
        execute(&mut Self::statement(&self.inner, &mut self.texts, sql)?, sql, args)
    }

    fn query(&mut self, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError> {
        query(&mut Self::statement(&self.inner, &mut self.texts, sql)?, sql, args)
    }

    fn execute_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<u64, DbError> {
        let mut statement = Self::statement(&self.inner, &mut self.texts, sql)?;
        let mut changed = 0;
        for args in args {
            changed += execute(&mut statement, sql, args)?;
        }
        Ok(changed)
    }

    fn query_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<Vec<Vec<Row>>, DbError> {
        let mut statement = Self::statement(&self.inner, &mut self.texts, sql)?;
        args.iter().map(|args| query(&mut statement, sql, args)).collect()
    }

    fn batch(&mut self, name: &'static str, text: &str) -> Result<(), DbError> {
        self.inner.execute_batch(text).map_err(|error| translate_text(name, &error))
    }

    fn prepare(&mut self, sql: &Sql) -> Result<(), DbError> {
        Self::statement(&self.inner, &mut self.texts, sql).map(drop)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Int(Some(value)) => ValueRef::Integer(*value),
            Value::Bool(Some(value)) => ValueRef::Integer(i64::from(*value)),
            Value::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Value::Blob(Some(value)) => ValueRef::Blob(value),
            Value::Int(None) | Value::Bool(None) | Value::Text(None) | Value::Blob(None) => ValueRef::Null,
        }))
    }
}
