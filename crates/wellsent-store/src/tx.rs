//! The store, and the transaction of one practice.

use crate::entry::{self, Entry, LedgerSlot};
use crate::{StoreError, ids};
use jiff::Timestamp;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use wellsent_db::{Db, DbError, Engine, Row, Sql, Value, args, statements};
use wellsent_domain::{ApplicationId, LedgerBatchId, PageId, Phi, PracticeId, SessionId, StaffId};
use wellsent_vault::{Kek, Place, PracticeKeys, WrappedDek};

statements! {
    /// Names the practice for row-level security; SQLite has none.
    SCOPE = sqlite "SELECT $1" postgres "SELECT set_config('wellsent.practice', $1, true)";
    WRAPPED = "SELECT wrapped_dek FROM practice WHERE id = $1";
}

/// The store of an installation.
#[derive(Clone)]
pub struct Store {
    db: Db,
    kek: Arc<Kek>,
    keys: Arc<RwLock<HashMap<PracticeId, PracticeKeys>>>,
}

/// For whom a transaction runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The practice: nothing else is visible.
    pub practice: PracticeId,
    /// Who acts.
    pub actor: Actor,
}

/// Who acts. It stands on every ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A worker of the program.
    System,
    /// A carrier, through its callback.
    Carrier,
    /// Somebody at the command line of the server.
    Operator,
    /// A staff member in a session.
    Staff(StaffId, SessionId),
    /// A patient on a page behind a link.
    Patient(PageId),
    /// A program of the practice's own, through the API.
    Application(ApplicationId),
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Carrier => f.write_str("carrier"),
            Self::Operator => f.write_str("operator"),
            Self::Staff(staff, _) => write!(f, "{staff}"),
            Self::Patient(page) => write!(f, "{page}"),
            Self::Application(application) => write!(f, "{application}"),
        }
    }
}

impl Store {
    /// A store on an open and migrated database.
    pub fn new(db: Db, kek: Kek) -> Self {
        Self { db, kek: Arc::new(kek), keys: Arc::default() }
    }

    /// The database underneath, for statistics, snapshots and closing.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The key-encryption key, for practices that are made and for rotation.
    pub(crate) fn kek(&self) -> &Kek {
        &self.kek
    }

    /// Runs a job in a write transaction of one practice; answers when it is durable. The job may run more than once, each time from a clean
    /// state.
    pub fn write<T, E, F>(&self, access: Access, mut job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        self.db.write(move |raw: &mut wellsent_db::Tx<'_>| store.scoped(raw, access, &mut job))
    }

    /// As [`Store::write`], blocking: for threads and the command line.
    pub fn write_wait<T, E, F>(&self, access: Access, mut job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        self.db.write_wait(move |raw: &mut wellsent_db::Tx<'_>| store.scoped(raw, access, &mut job))
    }

    /// Runs a job that reads no PHI in a read-only transaction. A read of PHI writes a ledger entry and so goes through [`Store::write`]: no
    /// entry, no read (P7).
    pub fn read<T, E, F>(&self, access: Access, mut job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        self.db.read(move |raw: &mut wellsent_db::Tx<'_>| store.scoped(raw, access, &mut job))
    }

    /// As [`Store::read`], blocking.
    pub fn read_wait<T, E, F>(&self, access: Access, mut job: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        self.db.read_wait(move |raw: &mut wellsent_db::Tx<'_>| store.scoped(raw, access, &mut job))
    }

    /// A transaction that belongs to no practice: the ledger's sequencer, leases, sign-in, the list of practices.
    pub fn system<T, E, F>(&self, mut job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut SystemTx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        self.db.write(move |raw: &mut wellsent_db::Tx<'_>| SystemTx::run(raw, &mut job))
    }

    /// As [`Store::system`], blocking.
    pub fn system_wait<T, E, F>(&self, mut job: F) -> Result<T, E>
    where
        F: FnMut(&mut SystemTx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        self.db.write_wait(move |raw: &mut wellsent_db::Tx<'_>| SystemTx::run(raw, &mut job))
    }

    /// A read-only transaction that belongs to no practice.
    pub fn system_read_wait<T, E, F>(&self, mut job: F) -> Result<T, E>
    where
        F: FnMut(&mut SystemTx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        self.db.read_wait(move |raw: &mut wellsent_db::Tx<'_>| SystemTx::run(raw, &mut job))
    }

    /// As [`Store::system_read_wait`], for async callers.
    pub fn system_read<T, E, F>(&self, mut job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut SystemTx<'_, '_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + From<StoreError> + Send + 'static,
    {
        self.db.read(move |raw: &mut wellsent_db::Tx<'_>| SystemTx::run(raw, &mut job))
    }

    fn scoped<T, E>(
        &self,
        raw: &mut wellsent_db::Tx<'_>,
        access: Access,
        job: &mut impl FnMut(&mut Tx<'_, '_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<DbError> + From<StoreError>,
    {
        if raw.engine() == Engine::Postgres {
            raw.query(SCOPE, &args![hex(&access.practice.bytes())])?;
        }
        let keys = self.keys(raw, access.practice)?;
        let mut tx = Tx { raw, access, keys, entries: Vec::new(), batch: None };
        let answer = job(&mut tx)?;
        let Tx { entries, batch, .. } = tx;
        entry::leave(raw, entries, batch)?;
        Ok(answer)
    }

    fn keys(&self, raw: &mut wellsent_db::Tx<'_>, practice: PracticeId) -> Result<PracticeKeys, StoreError> {
        if let Some(keys) = self.keys.read().unwrap_or_else(PoisonError::into_inner).get(&practice) {
            return Ok(keys.clone());
        }
        let row = raw.query_opt(WRAPPED, &args![practice.bytes()])?.ok_or(StoreError::NotFound { what: "practice" })?;
        let wrapped = WrappedDek::from_bytes(row.blob(0)?.to_vec());
        let keys = PracticeKeys::unwrap(&self.kek, practice.bytes(), &wrapped).map_err(StoreError::Key)?;
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(practice, keys.clone());
        Ok(keys)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A transaction of one practice and one actor.
pub struct Tx<'a, 'b> {
    raw: &'a mut wellsent_db::Tx<'b>,
    access: Access,
    keys: PracticeKeys,
    entries: Vec<Vec<u8>>,
    batch: Option<(LedgerBatchId, Timestamp)>,
}

impl Tx<'_, '_> {
    /// The practice.
    pub fn practice(&self) -> PracticeId {
        self.access.practice
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.access.actor
    }

    /// A new id, made from the instant of the act.
    pub fn fresh<T>(&self, now: Timestamp, wrap: impl Fn(uuid::Uuid) -> T) -> T {
        wrap(ids::fresh(now))
    }

    /// Leaves an entry for the ledger: it commits with this transaction or not at all (P7).
    pub fn record(&mut self, now: Timestamp, entry: Entry) -> LedgerSlot {
        let (batch, _) = *self.batch.get_or_insert_with(|| (LedgerBatchId::from_uuid(ids::fresh(now)), now));
        self.entries.push(entry.word("practice", self.access.practice).word("actor", self.access.actor).into_bytes());
        LedgerSlot { batch, slot: self.entries.len() as i64 - 1 }
    }

    /// A keyed digest, for ledger entries.
    pub fn digest(&self, label: &'static str, bytes: &[u8]) -> [u8; 32] {
        self.keys.digest(label, bytes)
    }

    /// The keyed index of a value, for look-ups without the value.
    pub(crate) fn index(&self, column: &'static str, normalised: &[u8]) -> [u8; 16] {
        self.keys.index(column, normalised)
    }

    pub(crate) fn seal(&self, table: &'static str, column: &'static str, row: &[u8; 16], plain: &[u8]) -> Vec<u8> {
        self.keys.seal(Place { table, column, row }, plain)
    }

    pub(crate) fn open(&self, table: &'static str, column: &'static str, row: &[u8; 16], sealed: &[u8]) -> Result<Phi<String>, StoreError> {
        let plain = self.open_bytes(table, column, row, sealed)?.into_exposed();
        String::from_utf8(plain).map(Phi::new).map_err(|_| StoreError::corrupt(table, column))
    }

    pub(crate) fn open_bytes(
        &self,
        table: &'static str,
        column: &'static str,
        row: &[u8; 16],
        sealed: &[u8],
    ) -> Result<Phi<Vec<u8>>, StoreError> {
        let plain = self.keys.open(Place { table, column, row }, sealed);
        plain.map(Phi::new).map_err(|source| StoreError::Sealed { table, column, source })
    }

    /// Whether a keyed digest is that of these bytes, compared in a time that tells nothing.
    pub(crate) fn digest_matches(&self, label: &'static str, bytes: &[u8], digest: &[u8]) -> bool {
        self.keys.digest_matches(label, bytes, digest)
    }

    pub(crate) fn execute(&mut self, sql: &'static Sql, args: &[Value]) -> Result<u64, StoreError> {
        Ok(self.raw.execute(sql, args)?)
    }

    pub(crate) fn execute_many<A: AsRef<[Value]>>(&mut self, sql: &'static Sql, rows: &[A]) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        Ok(self.raw.execute_many(sql, rows)?)
    }

    pub(crate) fn query(&mut self, sql: &'static Sql, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        Ok(self.raw.query(sql, args)?)
    }

    pub(crate) fn query_many<A: AsRef<[Value]>>(&mut self, sql: &'static Sql, rows: &[A]) -> Result<Vec<Vec<Row>>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.raw.query_many(sql, rows)?)
    }

    pub(crate) fn query_opt(&mut self, sql: &'static Sql, args: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.raw.query_opt(sql, args)?)
    }
}

/// A transaction that belongs to no practice. It reads and writes only tables that hold no PHI.
pub struct SystemTx<'a, 'b> {
    pub(crate) raw: &'a mut wellsent_db::Tx<'b>,
    entries: Vec<Vec<u8>>,
    batch: Option<(LedgerBatchId, Timestamp)>,
}

impl SystemTx<'_, '_> {
    fn run<T, E>(raw: &mut wellsent_db::Tx<'_>, job: &mut impl FnMut(&mut SystemTx<'_, '_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DbError> + From<StoreError>,
    {
        let mut tx = SystemTx { raw, entries: Vec::new(), batch: None };
        let answer = job(&mut tx)?;
        let SystemTx { entries, batch, .. } = tx;
        entry::leave(raw, entries, batch)?;
        Ok(answer)
    }

    /// A new id.
    pub fn fresh<T>(&self, now: Timestamp, wrap: impl Fn(uuid::Uuid) -> T) -> T {
        wrap(ids::fresh(now))
    }

    /// Leaves an entry for the ledger.
    pub fn record(&mut self, now: Timestamp, actor: Actor, entry: Entry) {
        self.batch.get_or_insert_with(|| (LedgerBatchId::from_uuid(ids::fresh(now)), now));
        self.entries.push(entry.word("actor", actor).into_bytes());
    }
}
