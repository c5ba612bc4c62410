//! The append-only log that everything important is written to (P7, H-26, H-27).
//!
//! Entries are the leaves of a Merkle tree as in RFC 6962. From time to time the server signs a
//! [`Checkpoint`], which fixes every entry so far; whoever keeps a checkpoint elsewhere can later
//! prove that nothing before it was changed, removed, swapped or added. The formats are those of
//! C2SP (tlog-tiles, signed-note, tlog-checkpoint), so that tools of others can check us.
//!
//! - [`Frontier`] grows the tree, needing no more than its right edge.
//! - [`tile`] says which stored tiles a growth changes, and packs entries into bundles.
//! - [`Checkpoint`] with [`SigningKey`] and [`VerifyingKey`] fixes a state.
//! - [`proof`] makes and checks inclusion and consistency proofs.
//! - [`verify()`] checks a whole ledger offline. It hashes the entries again and never trusts a
//!   stored hash.
//!
//! This crate does not know what an entry means.

mod checkpoint;
mod frontier;
mod hash;
mod key;
mod note;
pub mod proof;
mod reader;
pub mod tile;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use frontier::{Frontier, FrontierError};
pub use hash::{Hash, empty_root, leaf_hash, node_hash};
pub use key::{KeyError, SigningKey, VerifyingKey};
pub use note::NoteError;
pub use proof::{ConsistencyProof, InclusionProof, ProofError, ProofInvalid};
pub use reader::{HashReader, MemoryTiles, ReadError, frontier_at, root_at};
pub use tile::{TileAppend, TileId};
pub use verify::{Claims, EntryError, Finding, Report, StoredTiles, Which, entries_of_bundles, verify};
