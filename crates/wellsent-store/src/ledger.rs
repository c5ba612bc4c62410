//! The ledger in the database: entries wait in the batch that their transaction left, the sequencer gives them their places (P7).
//!
//! Places are given after the transaction that an entry describes, so that no two transactions wait for each other at the end of the log.

use crate::entry::LedgerSlot;
use crate::when::{from_micros, micros};
use crate::{StoreError, SystemTx};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_ledger::tile::{WIDTH, decode_bundle, push_entry};
use wellsent_ledger::{Checkpoint, Frontier, Hash, HashReader, InclusionProof, SigningKey, TileId, leaf_hash};

statements! {
    PENDING = "SELECT id, entries FROM ledger_batch WHERE first_index IS NULL ORDER BY id LIMIT $1";
    COUNT_PENDING = "SELECT count(*) FROM ledger_batch WHERE first_index IS NULL";
    PLACED = "UPDATE ledger_batch SET entries = NULL, first_index = $2 WHERE id = $1";
    BATCH = "SELECT first_index, count FROM ledger_batch WHERE id = $1";
    STATE = "SELECT size, frontier FROM ledger_state WHERE one = 1";
    SET_STATE = "INSERT INTO ledger_state (one, size, frontier) VALUES (1, $1, $2) ON CONFLICT (one) DO UPDATE SET size = excluded.size, frontier = excluded.frontier";
    BUNDLE = "SELECT entries FROM ledger_bundle WHERE idx = $1";
    PUT_BUNDLE = "INSERT INTO ledger_bundle (idx, entries) VALUES ($1, $2) ON CONFLICT (idx) DO UPDATE SET entries = excluded.entries";
    BUNDLES = "SELECT entries FROM ledger_bundle WHERE idx >= $1 ORDER BY idx LIMIT $2";
    TILE = "SELECT hashes FROM ledger_tile WHERE level = $1 AND idx = $2";
    PUT_TILE = "INSERT INTO ledger_tile (level, idx, hashes) VALUES ($1, $2, $3) ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes";
    PUT_CHECKPOINT = "INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING";
    LATEST_CHECKPOINT = "SELECT size, at, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1";
}

/// Gives waiting entries their places. Returns how many. Only one process at a time may do this: the caller holds the lease.
pub fn sequence(tx: &mut SystemTx<'_, '_>, batches: i64) -> Result<u64, StoreError> {
    let pending = tx.raw.query(PENDING, &args![batches])?;
    if pending.is_empty() {
        return Ok(0);
    }
    let mut frontier = frontier(tx)?;
    let before = frontier.size();
    let mut entries: Vec<Vec<u8>> = Vec::new();
    let mut placed = Vec::with_capacity(pending.len());
    for row in &pending {
        placed.push(args![row.id(0)?, (before + entries.len() as u64) as i64]);
        entries.extend(unpack(row.blob(1)?)?);
    }
    write_bundles(tx, before, &entries)?;
    let appends = frontier.append_all(entries.iter().map(|entry| leaf_hash(entry)));
    let mut tiles = Vec::with_capacity(appends.len());
    for append in &appends {
        let mut hashes = match append.from {
            0 => Vec::new(),
            _ => tile(tx, append.tile)?.ok_or(StoreError::corrupt("ledger_tile", "hashes"))?,
        };
        hashes.truncate(append.from * Hash::LEN);
        hashes.extend_from_slice(&append.bytes());
        tiles.push(args![i64::from(append.tile.level), append.tile.index as i64, hashes]);
    }
    tx.raw.execute_many(PUT_TILE, &tiles)?;
    tx.raw.execute_many(PLACED, &placed)?;
    tx.raw.execute(SET_STATE, &args![frontier.size() as i64, frontier.to_bytes()])?;
    Ok(entries.len() as u64)
}

/// A batch may hold more entries than a bundle, so it is unpacked without the bundle's limit.
pub(crate) fn unpack(mut packed: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
    let cut = || StoreError::corrupt("ledger_batch", "entries");
    let mut entries = Vec::new();
    while !packed.is_empty() {
        let (length, rest) = packed.split_first_chunk::<2>().ok_or_else(cut)?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or_else(cut)?;
        entries.push(entry.to_vec());
        packed = rest;
    }
    Ok(entries)
}

fn write_bundles(tx: &mut SystemTx<'_, '_>, before: u64, entries: &[Vec<u8>]) -> Result<(), StoreError> {
    let width = WIDTH as u64;
    let mut index = before / width;
    let filled = (before % width) as usize;
    let mut bundle = match filled {
        0 => Vec::new(),
        _ => {
            let row = tx.raw.query_opt(BUNDLE, &args![index as i64])?.ok_or(StoreError::corrupt("ledger_bundle", "entries"))?;
            row.blob(0)?.to_vec()
        }
    };
    let mut room = WIDTH - filled;
    let mut rows = Vec::new();
    for entry in entries {
        push_entry(&mut bundle, entry).map_err(|_| StoreError::corrupt("ledger_bundle", "entries"))?;
        room -= 1;
        if room == 0 {
            rows.push(args![index as i64, std::mem::take(&mut bundle)]);
            index += 1;
            room = WIDTH;
        }
    }
    if !bundle.is_empty() {
        rows.push(args![index as i64, bundle]);
    }
    tx.raw.execute_many(PUT_BUNDLE, &rows)?;
    Ok(())
}

fn frontier(tx: &mut SystemTx<'_, '_>) -> Result<Frontier, StoreError> {
    match tx.raw.query_opt(STATE, &[])? {
        None => Ok(Frontier::new()),
        Some(row) => {
            let frontier = Frontier::from_bytes(row.blob(1)?).map_err(|_| StoreError::corrupt("ledger_state", "frontier"))?;
            if frontier.size() as i64 == row.int(0)? { Ok(frontier) } else { Err(StoreError::corrupt("ledger_state", "size")) }
        }
    }
}

fn tile(tx: &mut SystemTx<'_, '_>, id: TileId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.raw.query_opt(TILE, &args![i64::from(id.level), id.index as i64])?;
    Ok(row.map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()?)
}

/// The stored tiles, as the proofs and the verifier read them.
pub struct StoredTiles<'t, 'a, 'b>(pub &'t mut SystemTx<'a, 'b>);

impl HashReader for StoredTiles<'_, '_, '_> {
    type Error = StoreError;
    fn tile(&mut self, id: TileId) -> Result<Option<Vec<u8>>, StoreError> {
        tile(self.0, id)
    }
}

/// How large the ledger is, and how many batches still wait for their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Entries that have a place.
    pub entries: u64,
    /// Batches that wait.
    pub pending: u64,
    /// The root over the entries.
    pub root: Hash,
}

/// The size of the ledger.
pub fn size(tx: &mut SystemTx<'_, '_>) -> Result<Size, StoreError> {
    let frontier = frontier(tx)?;
    let pending = tx.raw.query_one(COUNT_PENDING, &[])?.int(0)?;
    Ok(Size { entries: frontier.size(), pending: pending as u64, root: frontier.root() })
}

/// A signed checkpoint as stored.
#[derive(Debug, Clone)]
pub struct StoredCheckpoint {
    /// The entries that it covers.
    pub size: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The signed note.
    pub note: String,
}

/// Signs a checkpoint of everything that has a place, unless the latest covers it already. Before it signs, it makes sure from the stored
/// tiles that the ledger continues the latest checkpoint: a log that was rewritten is not signed (H-27).
pub fn checkpoint(
    tx: &mut SystemTx<'_, '_>,
    origin: &str,
    key: &SigningKey,
    now: Timestamp,
) -> Result<Option<StoredCheckpoint>, StoreError> {
    let frontier = frontier(tx)?;
    let latest = latest_checkpoint(tx)?;
    if frontier.size() == 0 || latest.as_ref().is_some_and(|latest| latest.size == frontier.size()) {
        return Ok(latest);
    }
    if let Some(latest) = &latest {
        let verifying = [key.verifying_key().clone()];
        let before = Checkpoint::open(&latest.note, origin, &verifying).map_err(|_| StoreError::corrupt("ledger_checkpoint", "note"))?;
        let root = wellsent_ledger::root_at(&mut StoredTiles(tx), before.size).map_err(|_| StoreError::corrupt("ledger_tile", "hashes"))?;
        if frontier.size() < before.size || root != before.root {
            return Err(StoreError::corrupt("ledger_tile", "hashes"));
        }
    }
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: frontier.size(), root: frontier.root() };
    let note = checkpoint.sign(key).map_err(|_| StoreError::corrupt("ledger_checkpoint", "note"))?;
    tx.raw.execute(PUT_CHECKPOINT, &args![frontier.size() as i64, micros(now), &note])?;
    Ok(Some(StoredCheckpoint { size: frontier.size(), at: now, note }))
}

/// The latest checkpoint.
pub fn latest_checkpoint(tx: &mut SystemTx<'_, '_>) -> Result<Option<StoredCheckpoint>, StoreError> {
    let row = tx.raw.query_opt(LATEST_CHECKPOINT, &[])?;
    row.map(|row| Ok(StoredCheckpoint { size: row.int(0)? as u64, at: from_micros(row.int(1)?), note: row.text(2)?.to_owned() }))
        .transpose()
}

/// The stored bundles from an index on, at most `limit`.
pub fn bundles(tx: &mut SystemTx<'_, '_>, from: u64, limit: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = tx.raw.query(BUNDLES, &args![from as i64, limit])?;
    rows.iter().map(|row| Ok(row.blob(0)?.to_vec())).collect()
}

/// An entry that has its place.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its place.
    pub index: u64,
    /// Its bytes: a line of JSON.
    pub entry: Vec<u8>,
}

/// Entries from a place on.
pub fn entries(tx: &mut SystemTx<'_, '_>, from: u64, limit: usize) -> Result<Vec<Placed>, StoreError> {
    let width = WIDTH as u64;
    let bundles = bundles(tx, from / width, limit as i64 / WIDTH as i64 + 2)?;
    let mut found = Vec::new();
    let mut index = from / width * width;
    for bundle in &bundles {
        for entry in decode_bundle(bundle).map_err(|_| StoreError::corrupt("ledger_bundle", "entries"))? {
            if index >= from && found.len() < limit {
                found.push(Placed { index, entry: entry.to_vec() });
            }
            index += 1;
        }
    }
    Ok(found)
}

/// What shows that an entry is in the ledger.
#[derive(Debug, Clone)]
pub struct Proven {
    /// Its place.
    pub index: u64,
    /// Its hash.
    pub leaf: Hash,
    /// The way to the root of the tree.
    pub proof: InclusionProof,
    /// The root.
    pub root: Hash,
}

/// The proof that the entry of a slot is in the ledger as it is now; `None` while it waits for its place.
pub fn prove(tx: &mut SystemTx<'_, '_>, slot: LedgerSlot) -> Result<Option<Proven>, StoreError> {
    let Some(row) = tx.raw.query_opt(BATCH, &args![slot.batch.bytes()])? else { return Ok(None) };
    let Some(first) = row.opt_int(0)? else { return Ok(None) };
    let index = first as u64 + slot.slot as u64;
    let frontier = frontier(tx)?;
    let entry = entries(tx, index, 1)?.pop().ok_or(StoreError::corrupt("ledger_bundle", "entries"))?;
    let proof = wellsent_ledger::proof::inclusion_proof(&mut StoredTiles(tx), index, frontier.size())
        .map_err(|_| StoreError::corrupt("ledger_tile", "hashes"))?;
    Ok(Some(Proven { index, leaf: leaf_hash(&entry.entry), proof, root: frontier.root() }))
}
