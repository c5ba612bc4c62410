//! The ledger as a practice sees it, and the proof that one of its entries is there.

use crate::ledger::{self, StoredCheckpoint, StoredTiles};
use crate::{LedgerSlot, StoreError, SystemTx};
use wellsent_db::{args, statements};
use wellsent_domain::PracticeId;
use wellsent_ledger::proof::{InclusionProof, inclusion_proof, verify_inclusion};
use wellsent_ledger::tile::WIDTH;
use wellsent_ledger::{Checkpoint, Hash, leaf_hash, root_at};

statements! {
    FIRST_INDEX = "SELECT first_index FROM ledger_batch WHERE id = $1";
    PENDING = "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM ledger_batch WHERE first_index IS NULL";
    STAFF = "SELECT id, name FROM staff WHERE practice_id = $1 LIMIT 1000";
}

/// How far back one page looks for entries of a practice, in bundles.
const BUNDLES_MAX: u64 = 24;

/// The state of the ledger with the latest entries of one practice.
#[derive(Debug, Clone)]
pub struct Journal {
    /// Entries that have a place, of all practices.
    pub size: u64,
    /// Entries that wait for one.
    pub pending: u64,
    /// The latest checkpoint.
    pub checkpoint: Option<StoredCheckpoint>,
    /// Entries of the practice, the latest first.
    pub entries: Vec<Listed>,
    /// Where the next page begins: entries before this place.
    pub older: Option<u64>,
    /// Names of the staff, by id.
    pub staff: Vec<(wellsent_domain::StaffId, String)>,
}

/// An entry in the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its place.
    pub index: u64,
    /// A line of JSON. It holds no PHI.
    pub json: String,
    /// Its hash.
    pub hash: Hash,
}

/// The latest entries of a practice before a place, and the state of the ledger. Entries of other practices are not shown (P8).
pub fn page(tx: &mut SystemTx<'_, '_>, practice: PracticeId, before: Option<u64>, limit: usize) -> Result<Journal, StoreError> {
    let size = ledger::size(tx)?.entries;
    let pending = tx.raw.query_one(PENDING, &[])?.int(0)?;
    let checkpoint = ledger::latest_checkpoint(tx)?;
    let mark = format!(r#""practice":"{practice}""#);
    let width = WIDTH as u64;
    let mut end = before.unwrap_or(size).min(size);
    let mut entries: Vec<Listed> = Vec::new();
    let mut older = None;
    for _ in 0..BUNDLES_MAX {
        if end == 0 || older.is_some() {
            break;
        }
        let start = (end - 1) / width * width;
        let count = usize::try_from(end - start).unwrap_or(WIDTH);
        for placed in ledger::entries(tx, start, count)?.into_iter().rev() {
            let json = String::from_utf8(placed.entry.clone()).map_err(|_| StoreError::corrupt("ledger_bundle", "entries"))?;
            if !json.contains(&mark) {
                continue;
            }
            if entries.len() == limit {
                older = entries.last().map(|entry| entry.index);
                break;
            }
            entries.push(Listed { index: placed.index, hash: leaf_hash(&placed.entry), json });
        }
        end = start;
    }
    if older.is_none() && end > 0 {
        older = Some(end);
    }
    let rows = tx.raw.query(STAFF, &args![practice.bytes()])?;
    let staff = rows
        .iter()
        .map(|row| Ok((wellsent_domain::StaffId::from_bytes(row.id(0)?), row.text(1)?.to_owned())))
        .collect::<Result<_, StoreError>>()?;
    Ok(Journal { size, pending: u64::try_from(pending).unwrap_or(0), checkpoint, entries, older, staff })
}

/// The proof that an entry is in the ledger, made and checked at this moment.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The hash of the entry, computed from its bytes.
    pub leaf: Hash,
    /// The way to the root.
    pub proof: InclusionProof,
    /// The root that the proof has to lead to: that of the latest checkpoint, or of the present tree where no checkpoint covers the entry.
    pub root: Hash,
    /// The checkpoint, where one covers the entry.
    pub checkpoint: Option<StoredCheckpoint>,
    /// Whether the proof leads to the root.
    pub holds: bool,
}

/// Makes and checks the proof of the entry in a slot; `None` while it waits for its place.
pub fn prove(tx: &mut SystemTx<'_, '_>, slot: LedgerSlot) -> Result<Option<Shown>, StoreError> {
    let Some(row) = tx.raw.query_opt(FIRST_INDEX, &args![slot.batch.bytes()])? else { return Ok(None) };
    let Some(first) = row.opt_int(0)? else { return Ok(None) };
    let index = u64::try_from(first.saturating_add(slot.slot)).unwrap_or(u64::MAX);
    let entry = ledger::entries(tx, index, 1)?.pop().ok_or(StoreError::corrupt("ledger_bundle", "entries"))?;
    let leaf = leaf_hash(&entry.entry);
    let checkpoint = ledger::latest_checkpoint(tx)?.filter(|checkpoint| index < checkpoint.size);
    let (size, root, is_signed_one) = match &checkpoint {
        Some(checkpoint) => {
            let (root, is_signed_one) = signed_root(tx, checkpoint)?;
            (checkpoint.size, root, is_signed_one)
        }
        None => {
            let now = ledger::size(tx)?;
            (now.entries, now.root, true)
        }
    };
    let proof = inclusion_proof(&mut StoredTiles(tx), index, size).map_err(|_| StoreError::corrupt("ledger_tile", "hashes"))?;
    let holds = is_signed_one && verify_inclusion(&proof, &leaf, &root).is_ok();
    Ok(Some(Shown { leaf, proof, root, checkpoint, holds }))
}

/// The root of the stored tiles at the size of a checkpoint, and whether it is the one that was signed.
fn signed_root(tx: &mut SystemTx<'_, '_>, checkpoint: &StoredCheckpoint) -> Result<(Hash, bool), StoreError> {
    let root = root_at(&mut StoredTiles(tx), checkpoint.size).map_err(|_| StoreError::corrupt("ledger_tile", "hashes"))?;
    let origin = checkpoint.note.lines().next().unwrap_or_default().to_owned();
    let signed = Checkpoint { origin, size: checkpoint.size, root }.text();
    Ok((root, checkpoint.note.starts_with(&signed)))
}
