//! Reading hashes of the tree from stored tiles.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::ops::Range;

use thiserror::Error;

use crate::Frontier;
use crate::hash::{Hash, empty_root, node_hash};
use crate::tile::{HEIGHT, TileAppend, TileId};

/// Gives stored tiles. A store implements this.
pub trait HashReader {
    /// What can go wrong when reading.
    type Error: fmt::Display;

    /// The bytes of a tile as stored: hashes of 32 bytes, as many as are there. `None` when it is
    /// not stored.
    ///
    /// # Errors
    /// Whatever reading failed with.
    fn tile(&mut self, id: TileId) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// Why a hash of the tree could not be had from the stored tiles.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum ReadError<E> {
    /// A tile, or a hash at its end, is missing.
    #[error(
        "the stored tile {index} of level {level} is missing or too short; verify the ledger, \
         which rebuilds hashes from the entries"
    )]
    Missing {
        /// Its level.
        level: u8,
        /// Its index.
        index: u64,
    },
    /// Reading failed.
    #[error("a stored tile of the ledger could not be read: {0}")]
    Failed(E),
}

/// Tiles in memory, grown by [`Frontier::append_all`].
#[derive(Debug, Clone, Default)]
pub struct MemoryTiles {
    tiles: HashMap<TileId, Vec<u8>>,
}

impl MemoryTiles {
    /// No tiles.
    #[must_use]
    pub fn new() -> MemoryTiles {
        MemoryTiles::default()
    }

    /// The tiles of a tree with these leaf hashes.
    #[must_use]
    pub fn of(leaves: impl IntoIterator<Item = Hash>) -> MemoryTiles {
        let mut tiles = MemoryTiles::new();
        tiles.apply(&Frontier::new().append_all(leaves));
        tiles
    }

    /// Stores what a growth of the tree adds.
    pub fn apply(&mut self, appends: &[TileAppend]) {
        for append in appends {
            let stored = self.tiles.entry(append.tile).or_default();
            stored.truncate(append.from * Hash::LEN);
            stored.extend_from_slice(&append.bytes());
        }
    }

    /// The stored bytes of a tile, to change them in a test of tampering.
    pub fn stored_mut(&mut self, id: TileId) -> Option<&mut Vec<u8>> {
        self.tiles.get_mut(&id)
    }

    /// Takes a tile away.
    pub fn remove(&mut self, id: TileId) -> Option<Vec<u8>> {
        self.tiles.remove(&id)
    }

    /// All tiles that are there.
    pub fn ids(&self) -> impl Iterator<Item = TileId> {
        self.tiles.keys().copied()
    }
}

impl HashReader for MemoryTiles {
    type Error = Infallible;

    fn tile(&mut self, id: TileId) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.tiles.get(&id).cloned())
    }
}

/// The root of the first `size` entries, from stored tiles.
///
/// # Errors
/// [`ReadError`] when the tiles do not reach that far or cannot be read.
pub fn root_at<R: HashReader>(reader: &mut R, size: u64) -> Result<Hash, ReadError<R::Error>> {
    if size == 0 {
        return Ok(empty_root());
    }
    Hashes::new(reader).of_range(0..size)
}

/// The frontier of the first `size` entries, from stored tiles: to go on after the stored edge
/// was lost.
///
/// # Errors
/// As [`root_at`].
pub fn frontier_at<R: HashReader>(reader: &mut R, size: u64) -> Result<Frontier, ReadError<R::Error>> {
    let mut hashes = Hashes::new(reader);
    let edge = complete_subtrees(0..size).map(|(height, index)| hashes.of_subtree(height, index)).collect::<Result<Vec<_>, _>>()?;
    Frontier::from_parts(size, edge).ok_or(ReadError::Missing { level: 0, index: 0 })
}

/// Hashes of subtrees, with the tiles read so far.
pub(crate) struct Hashes<'r, R: HashReader> {
    reader: &'r mut R,
    read: HashMap<TileId, Vec<u8>>,
}

impl<'r, R: HashReader> Hashes<'r, R> {
    pub(crate) fn new(reader: &'r mut R) -> Hashes<'r, R> {
        Hashes { reader, read: HashMap::new() }
    }

    /// The tree hash of a range of entries as RFC 6962 splits trees: its start is a multiple of
    /// the largest power of two below its length.
    pub(crate) fn of_range(&mut self, range: Range<u64>) -> Result<Hash, ReadError<R::Error>> {
        let mut parts = Vec::new();
        for (height, index) in complete_subtrees(range) {
            parts.push(self.of_subtree(height, index)?);
        }
        let mut from_right = parts.into_iter().rev();
        let Some(last) = from_right.next() else {
            return Ok(empty_root());
        };
        Ok(from_right.fold(last, |right, left| node_hash(&left, &right)))
    }

    /// The root of the complete subtree of this height and index.
    fn of_subtree(&mut self, height: u32, index: u64) -> Result<Hash, ReadError<R::Error>> {
        let level = (height / HEIGHT) as u8;
        let above = height % HEIGHT;
        let (id, first) = (TileId { level, index: index >> (HEIGHT - above) }, ((index << above) & 0xff) as usize);
        let missing = ReadError::Missing { level, index: id.index };
        if !self.read.contains_key(&id) {
            let bytes = self.reader.tile(id).map_err(ReadError::Failed)?;
            self.read.insert(id, bytes.unwrap_or_default());
        }
        let wanted = first * Hash::LEN..(first + (1 << above)) * Hash::LEN;
        let bytes = self.read.get(&id).and_then(|bytes| bytes.get(wanted));
        let mut hashes: Vec<Hash> = bytes.unwrap_or_default().chunks_exact(Hash::LEN).filter_map(Hash::from_slice).collect();
        while hashes.len() > 1 {
            hashes = hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        hashes.first().copied().ok_or(missing)
    }
}

/// The complete subtrees that make up a range, from the left, as height and index.
fn complete_subtrees(range: Range<u64>) -> impl Iterator<Item = (u32, u64)> {
    let mut start = range.start;
    std::iter::from_fn(move || {
        let length = range.end.checked_sub(start).filter(|length| *length > 0)?;
        let height = length.ilog2();
        let index = start >> height;
        start += 1 << height;
        Some((height, index))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::leaf_hash;
    use crate::proof::plain_root;

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    #[test]
    fn tiles_give_the_root_and_the_frontier_of_every_earlier_size() {
        let leaves = leaves(66_000);
        let mut tiles = MemoryTiles::of(leaves.iter().copied());
        let mut frontier = Frontier::new();
        let sizes = [0, 1, 2, 255, 256, 257, 300, 511, 513, 65_535, 65_536, 65_537, 66_000];
        for size in sizes {
            while frontier.size() < size {
                frontier.append(leaves[usize::try_from(frontier.size()).unwrap()]);
            }
            assert_eq!(root_at(&mut tiles, size), Ok(frontier.root()));
            assert_eq!(frontier_at(&mut tiles, size), Ok(frontier.clone()));
        }
        let size = usize::try_from(frontier.size()).unwrap();
        assert_eq!(frontier.root(), plain_root(&leaves[..size]));
    }

    #[test]
    fn missing_hashes_are_told_and_not_guessed() {
        let mut tiles = MemoryTiles::of(leaves(300));
        assert!(root_at(&mut tiles, 300).is_ok());
        assert_eq!(root_at(&mut tiles, 301), Err(ReadError::Missing { level: 0, index: 1 }));
        tiles.remove(TileId { level: 1, index: 0 });
        assert_eq!(root_at(&mut tiles, 300), Err(ReadError::Missing { level: 1, index: 0 }));
        assert_eq!(root_at(&mut tiles, 0), Ok(empty_root()));
    }
}
