//! What was brought in with files.

use crate::entry::Entry;
use crate::{StoreError, Tx, micros};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::ImportId;

statements! {
    INSERT = "INSERT INTO import_run (id, practice_id, kind, actor, at, rows_read, added, changed, unchanged, rejected) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
}

/// The counts of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read.
    pub rows: i64,
    /// New.
    pub added: i64,
    /// Changed.
    pub changed: i64,
    /// As they were.
    pub unchanged: i64,
    /// Not taken.
    pub rejected: i64,
}

/// Keeps what an import did.
pub fn record(tx: &mut Tx<'_, '_>, kind: &'static str, counts: Counts, now: Timestamp) -> Result<ImportId, StoreError> {
    let id = tx.fresh(now, ImportId::from_uuid);
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    let Counts { rows, added, changed, unchanged, rejected } = counts;
    tx.execute(INSERT, &args![id.bytes(), practice.bytes(), kind, actor, micros(now), rows, added, changed, unchanged, rejected])?;
    let entry = Entry::new("import", now).word("import", id).word("what", kind).number("added", added).number("changed", changed);
    tx.record(now, entry.number("unchanged", unchanged).number("rejected", rejected));
    Ok(id)
}
