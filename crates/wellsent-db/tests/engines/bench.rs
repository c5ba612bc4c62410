//! A fresh database of each engine.

use crate::server::Postgres;
use std::sync::mpsc;
use tempfile::TempDir;
use wellsent_db::{Db, DbError, Engine, Migration, Options, Tx, args, statements};

statements! {
    pub PUT = "INSERT INTO thing (id, note, weight) VALUES ($1, $2, $3)";
    pub COUNT = "SELECT count(*) FROM thing";
    pub IDS = "SELECT id FROM thing ORDER BY id";
    pub ADD = "UPDATE thing SET weight = weight + $2 WHERE id = $1";
    pub WEIGHT = "SELECT weight FROM thing WHERE id = $1";
}

pub const SCHEMA: &[Migration] = &[Migration {
    version: 1,
    name: "things",
    sqlite: "CREATE TABLE thing (id INTEGER PRIMARY KEY, note TEXT NOT NULL, weight INTEGER NOT NULL,
                 CONSTRAINT thing_weight CHECK (weight >= 0)) STRICT;
             CREATE TABLE part (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES thing (id)) STRICT;
             CREATE TABLE field (i INTEGER, b INTEGER, t TEXT, x BLOB) STRICT;",
    postgres: "CREATE TABLE thing (id BIGINT PRIMARY KEY, note TEXT NOT NULL, weight BIGINT NOT NULL,
                   CONSTRAINT thing_weight CHECK (weight >= 0));
               CREATE TABLE part (id BIGINT PRIMARY KEY, thing BIGINT NOT NULL REFERENCES thing (id));
               CREATE TABLE field (i BIGINT, b BOOLEAN, t TEXT, x BYTEA);",
}];

pub struct Bench {
    pub engine: Engine,
    folder: TempDir,
    url: String,
}

impl Bench {
    pub fn sqlite() -> Self {
        Self { engine: Engine::Sqlite, folder: TempDir::new().unwrap(), url: String::new() }
    }

    pub fn postgres() -> Option<Self> {
        let url = Postgres::shared()?.database();
        Some(Self { engine: Engine::Postgres, folder: TempDir::new().unwrap(), url })
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("test.db")
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn open(&self, options: Options) -> Db {
        match self.engine {
            Engine::Sqlite => Db::open_sqlite(self.path(), options),
            Engine::Postgres => Db::open_postgres(&self.url, options),
        }
        .unwrap()
    }

    /// With the schema, and one writer so that groups can be forced.
    pub fn ready(&self, options: Options) -> Db {
        let db = self.open(Options { writers: 1, readers: 2, ..options });
        db.migrate(SCHEMA).unwrap();
        db
    }
}

pub fn put(tx: &mut Tx<'_>, id: i64) -> Result<u64, DbError> {
    tx.execute(PUT, &args![id, "note", 1_i64])
}

pub fn count(db: &Db) -> i64 {
    db.read_wait(|tx: &mut Tx<'_>| tx.query_one(COUNT, &[])?.int(0)).unwrap()
}

pub fn ids(db: &Db) -> Vec<i64> {
    db.read_wait(|tx: &mut Tx<'_>| tx.query(IDS, &[])?.iter().map(|row| row.int(0)).collect()).unwrap()
}

/// Holds the single writer while `queue` fills its queue, so that what is queued shares a transaction.
pub fn hold_writer<T>(db: &Db, queue: impl FnOnce() -> T) -> T {
    let (entered, is_in) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let holder = db.clone();
    let thread = std::thread::spawn(move || {
        holder.write_wait(move |_: &mut Tx<'_>| {
            let _ = entered.send(());
            let _ = released.recv();
            Ok::<_, DbError>(())
        })
    });
    is_in.recv().unwrap();
    let out = queue();
    drop(release);
    thread.join().unwrap().unwrap();
    out
}

/// A job that can be listed beside others.
pub type Job<T> = Box<dyn FnMut(&mut Tx<'_>) -> Result<T, DbError> + Send>;

/// Starts each job on a thread of its own, in order, and waits until it is queued.
pub fn queue_all<T: Send + 'static>(db: &Db, jobs: Vec<Job<T>>) -> Vec<std::thread::JoinHandle<Result<T, DbError>>> {
    jobs.into_iter()
        .map(|mut job| {
            let db = db.clone();
            let thread = std::thread::spawn(move || db.write_wait(move |tx: &mut Tx<'_>| job(tx)));
            // Queueing is a single send; this is far longer than it takes.
            std::thread::sleep(std::time::Duration::from_millis(15));
            thread
        })
        .collect()
}

/// Makes a test of a function over a [`Bench`] on each engine.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* fn $name:ident($bench:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs everything")]
            use super::*;
            fn run($bench: &$crate::bench::Bench) $body

            #[test]
            fn sqlite() {
                run(&$crate::bench::Bench::sqlite());
            }

            #[test]
            fn postgres() {
                if let Some(bench) = $crate::bench::Bench::postgres() {
                    run(&bench);
                }
            }
        }
    )*};
}
