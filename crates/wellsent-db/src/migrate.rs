//! The schema's versions.

use crate::{Db, DbError, Engine, Sql, Tx, args, statements};

/// One step of the schema. Once released it never changes: its text is frozen by a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Ascending, from 1.
    pub version: i64,
    /// A short name for people.
    pub name: &'static str,
    /// One or more statements for SQLite.
    pub sqlite: &'static str,
    /// One or more statements for PostgreSQL.
    pub postgres: &'static str,
}

impl Migration {
    fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    /// FNV-1a over the text. It catches a mistake of ours, not an attacker, who could edit the schema
    /// just as well.
    fn checksum(&self, engine: Engine) -> i64 {
        let hash = self
            .text(engine)
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        i64::from_ne_bytes(hash.to_ne_bytes())
    }
}

const TABLE: &Sql = &Sql::pair(
    "schema.table",
    "CREATE TABLE IF NOT EXISTS wellsent_schema (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS wellsent_schema (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum BIGINT NOT NULL)",
);
const APPLY: &Sql = &Sql::new("schema.apply", "");

statements! {
    /// One node migrates at a time; a long step may take longer than a statement usually may.
    LOCK = sqlite "SELECT 1"
           postgres "SELECT pg_advisory_xact_lock(7594621), set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)";
    EXISTS = sqlite "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'wellsent_schema'"
             postgres "SELECT count(*) FROM pg_class WHERE oid = to_regclass('wellsent_schema')";
    LIST = "SELECT version, checksum FROM wellsent_schema ORDER BY version";
    RECORD = "INSERT INTO wellsent_schema (version, name, checksum) VALUES ($1, $2, $3)";
}

/// Reads what ran and holds it against what is known; returns the newest version that ran, 0 for none.
fn compare(tx: &mut Tx<'_>, known: &[Migration]) -> Result<i64, DbError> {
    let newest = known.last().map_or(0, |migration| migration.version);
    let mut ran = Vec::new();
    for row in tx.query(LIST, &[])? {
        ran.push((row.int(0)?, row.int(1)?));
    }
    let found = ran.last().map_or(0, |(version, _)| *version);
    if found > newest {
        return Err(DbError::NewerSchema { found, known: newest });
    }
    let engine = tx.engine();
    let mut expected = known.iter();
    for (version, checksum) in ran {
        match expected.next() {
            Some(m) if m.version == version && m.checksum(engine) == checksum => {}
            _ => return Err(DbError::MigrationChanged { version }),
        }
    }
    Ok(found)
}

fn in_order(migrations: &[Migration]) -> Result<(), DbError> {
    let mut last = 0;
    for migration in migrations {
        if migration.version <= last {
            return Err(DbError::MigrationOrder { version: migration.version });
        }
        last = migration.version;
    }
    Ok(())
}

impl Db {
    /// Brings the schema up to date in one transaction; blocks until that is done.
    ///
    /// A database written by a newer release is [`DbError::NewerSchema`], a migration whose text changed
    /// after it ran is [`DbError::MigrationChanged`]; nothing is touched then.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError> {
        in_order(migrations)?;
        let migrations = migrations.to_vec();
        self.write_wait(move |tx: &mut Tx<'_>| {
            tx.query(LOCK, &[])?;
            if tx.query_one(EXISTS, &[])?.int(0)? == 0 {
                let text = TABLE.text(tx.engine());
                tx.batch(TABLE, text)?;
            }
            let found = compare(tx, &migrations)?;
            let engine = tx.engine();
            for migration in migrations.iter().filter(|migration| migration.version > found) {
                tx.batch(APPLY, migration.text(engine))?;
                tx.execute(RECORD, &args![migration.version, migration.name, migration.checksum(engine)])?;
            }
            Ok(())
        })
    }

    /// Compares the schema with what this program knows, without writing; returns its version, which is
    /// lower than the newest known one if migrations are still to be run.
    pub fn schema_version(&self, known: &[Migration]) -> Result<i64, DbError> {
        in_order(known)?;
        let known = known.to_vec();
        self.read_wait(move |tx: &mut Tx<'_>| {
            if tx.query_one(EXISTS, &[])?.int(0)? == 0 {
                return Ok(0);
            }
            compare(tx, &known)
        })
    }
}
