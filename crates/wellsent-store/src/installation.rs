//! The installation itself: its identity, and in the demo the offset of its clock.

use crate::{StoreError, SystemTx, micros};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_vault::random_bytes;

statements! {
    INSERT = "INSERT INTO installation (one, id, origin, epoch, created_at, demo_offset) VALUES (1, $1, $2, 1, $3, 0) ON CONFLICT (one) DO NOTHING";
    GET = "SELECT id, origin, epoch, demo_offset FROM installation WHERE one = 1";
    SET_OFFSET = "UPDATE installation SET demo_offset = $1 WHERE one = 1";
}

/// What is known of the installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Its id.
    pub id: [u8; 16],
    /// The name of its ledger, which stands in every checkpoint.
    pub origin: String,
    /// Goes up with every restore.
    pub epoch: i64,
    /// By how many microseconds the demo's clock is ahead.
    pub demo_offset: i64,
}

/// The installation, made at the first call with the name of its ledger. Later calls answer the name that was given then.
pub fn ensure(tx: &mut SystemTx<'_, '_>, origin: &str, now: Timestamp) -> Result<Installation, StoreError> {
    let id = random_bytes::<16>();
    tx.raw.execute(INSERT, &args![id, origin, micros(now)])?;
    let row = tx.raw.query_one(GET, &[])?;
    Ok(Installation { id: row.id(0)?, origin: row.text(1)?.to_owned(), epoch: row.int(2)?, demo_offset: row.int(3)? })
}

/// The installation, if it was made.
pub fn get(tx: &mut SystemTx<'_, '_>) -> Result<Option<Installation>, StoreError> {
    let row = tx.raw.query_opt(GET, &[])?;
    row.map(|row| Ok(Installation { id: row.id(0)?, origin: row.text(1)?.to_owned(), epoch: row.int(2)?, demo_offset: row.int(3)? }))
        .transpose()
}

/// Moves the demo's clock.
pub fn set_demo_offset(tx: &mut SystemTx<'_, '_>, micros: i64) -> Result<(), StoreError> {
    tx.raw.execute(SET_OFFSET, &args![micros])?;
    Ok(())
}
