//! Tiles and entry bundles (C2SP tlog-tiles, tiles of height 8).
//!
//! A tile holds up to 256 consecutive hashes of one level; level 0 holds leaf hashes, and each
//! hash of a higher level is the root of a full tile of the level below. A tile only ever grows
//! at its end until it is full, so an older, narrower copy is a prefix of a newer one.

use std::fmt::Write as _;
use std::ops::Range;

use thiserror::Error;

use crate::hash::Hash;

/// Height of the subtree below one hash of the next level.
pub(crate) const HEIGHT: u32 = 8;
/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: usize = 1 << HEIGHT;
/// Levels that a tree of up to 2⁶⁴ entries can have.
pub(crate) const LEVELS: usize = 8;
/// The longest entry that a bundle can hold, in bytes.
pub const LONGEST_ENTRY: usize = u16::MAX as usize;

/// Which tile: its level, 0 for leaf hashes, and its index within the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 to 7.
    pub level: u8,
    /// Counted from the left.
    pub index: u64,
}

impl TileId {
    /// How many hashes the tile has in a tree of this size: 0 when it does not exist yet, at most
    /// [`WIDTH`].
    #[must_use]
    pub fn width_at(self, size: u64) -> usize {
        let before = u128::from(self.index) * WIDTH as u128;
        let there = u128::from(hashes_at(self.level, size)).saturating_sub(before);
        // At most 256 is left, which any `usize` holds.
        there.min(WIDTH as u128) as usize
    }

    /// The entries that the tile covers when it is full.
    #[must_use]
    pub fn entries(self) -> Range<u64> {
        let height = HEIGHT * (u32::from(self.level) + 1);
        let start = shift_left(self.index, height);
        start..shift_left(self.index.saturating_add(1), height)
    }

    /// The entry that the `position`-th hash of the tile begins with.
    #[must_use]
    pub fn entry_at(self, position: usize) -> u64 {
        let hash = self.index.saturating_mul(WIDTH as u64).saturating_add(position as u64);
        shift_left(hash, HEIGHT * u32::from(self.level))
    }

    /// The path of the tile in the C2SP layout, such as `tile/0/x001/x234/067.p/5`. `width` below
    /// [`WIDTH`] marks a partial tile.
    #[must_use]
    pub fn path(self, width: usize) -> String {
        path(&self.level.to_string(), self.index, width)
    }
}

/// The path of an entry bundle in the C2SP layout, such as `tile/entries/000`.
#[must_use]
pub fn bundle_path(index: u64, width: usize) -> String {
    path("entries", index, width)
}

fn path(kind: &str, index: u64, width: usize) -> String {
    let mut groups = vec![format!("{:03}", index % 1_000)];
    let mut rest = index / 1_000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.reverse();
    let mut path = format!("tile/{kind}/{}", groups.join("/"));
    if width < WIDTH {
        // Writing to a string cannot fail.
        let _ = write!(path, ".p/{width}");
    }
    path
}

/// How many complete hashes a tree of this size has at a tile level.
fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0)
}

fn shift_left(number: u64, by: u32) -> u64 {
    if number == 0 {
        0
    } else if by > number.leading_zeros() {
        u64::MAX
    } else {
        number << by
    }
}

/// The tile and position that hold the node of this height and index. `None` when tiles do not
/// store nodes of this height.
pub(crate) fn position_of(height: u32, index: u64) -> Option<(TileId, usize)> {
    if !height.is_multiple_of(HEIGHT) {
        return None;
    }
    let level = u8::try_from(height / HEIGHT).ok()?;
    if usize::from(level) >= LEVELS {
        return None;
    }
    let id = TileId { level, index: index / WIDTH as u64 };
    Some((id, (index % WIDTH as u64) as usize))
}

/// A tile that growing the tree changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileChange {
    /// The tile.
    pub tile: TileId,
    /// Its hashes before; 0 when it is new.
    pub from: usize,
    /// Its hashes after; [`WIDTH`] when it is complete.
    pub to: usize,
}

/// The tiles that change when the tree grows from one size to another, in the order of level and
/// index. A shrinking tree changes none.
#[must_use]
pub fn changes(from: u64, to: u64) -> Vec<TileChange> {
    let mut changes = Vec::new();
    for level in 0..LEVELS as u8 {
        let (before, after) = (hashes_at(level, from), hashes_at(level, to));
        if after <= before {
            break;
        }
        let first = before / WIDTH as u64;
        let last = (after - 1) / WIDTH as u64;
        changes.extend((first..=last).map(|index| {
            let tile = TileId { level, index };
            TileChange { tile, from: tile.width_at(from), to: tile.width_at(to) }
        }));
    }
    changes
}

/// Hashes to append to a stored tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileAppend {
    /// The tile.
    pub tile: TileId,
    /// How many hashes the tile has before: where these go.
    pub from: usize,
    /// The new hashes.
    pub hashes: Vec<Hash>,
}

impl TileAppend {
    pub(crate) fn new(tile: TileId, from: usize) -> TileAppend {
        TileAppend { tile, from, hashes: Vec::new() }
    }

    /// How many hashes the tile has after.
    #[must_use]
    pub fn width(&self) -> usize {
        self.from + self.hashes.len()
    }

    /// Whether the tile is full after this and never changes again.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.width() >= WIDTH
    }

    /// The bytes to append to the stored ones.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.as_bytes()).copied().collect()
    }
}

/// Why entries and bundles do not fit together.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum BundleError {
    /// An entry is longer than [`LONGEST_ENTRY`].
    #[error("an entry of {length} bytes is too long for the ledger; {LONGEST_ENTRY} is the most")]
    EntryTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// There are more than [`WIDTH`] entries.
    #[error("a bundle holds at most {WIDTH} entries; start the next one")]
    TooMany,
    /// The bytes end within an entry.
    #[error("a bundle of entries ends within an entry; it was cut or changed")]
    Cut,
}

/// Appends an entry to a bundle, with its length before it (2 bytes, big-endian).
///
/// # Errors
/// [`BundleError::EntryTooLong`]; the bundle is unchanged then.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong { length: entry.len() })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// Packs up to [`WIDTH`] entries into a bundle.
///
/// # Errors
/// [`BundleError::EntryTooLong`], [`BundleError::TooMany`].
pub fn encode_bundle<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Result<Vec<u8>, BundleError> {
    let mut bundle = Vec::new();
    for (position, entry) in entries.into_iter().enumerate() {
        if position >= WIDTH {
            return Err(BundleError::TooMany);
        }
        push_entry(&mut bundle, entry.as_ref())?;
    }
    Ok(bundle)
}

/// The entries of a bundle.
///
/// # Errors
/// [`BundleError::Cut`], [`BundleError::TooMany`].
pub fn decode_bundle(mut bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        if entries.len() >= WIDTH {
            return Err(BundleError::TooMany);
        }
        let (length, rest) = bundle.split_first_chunk::<2>().ok_or(BundleError::Cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(BundleError::Cut)?;
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::leaf_hash;
    use crate::{Frontier, proof::plain_root};

    fn tile(level: u8, index: u64) -> TileId {
        TileId { level, index }
    }

    #[test]
    fn seventy_thousand_entries_have_the_tiles_of_the_specification() {
        let all = changes(0, 70_000);
        let of_level = |level| all.iter().filter(move |c| c.tile.level == level);
        assert_eq!(of_level(0).filter(|c| c.to == WIDTH).count(), 273);
        assert_eq!(of_level(0).filter(|c| c.to == 112).count(), 1);
        assert_eq!(of_level(1).map(|c| c.to).collect::<Vec<_>>(), [256, 17]);
        assert_eq!(of_level(2).map(|c| c.to).collect::<Vec<_>>(), [1]);
        assert_eq!(of_level(3).count(), 0);
        assert_eq!(all.len(), 274 + 2 + 1);
    }

    #[test]
    fn a_tree_of_256_has_one_full_tile_and_one_hash_above() {
        let found = changes(0, 256);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].tile, found[0].to), (tile(0, 0), 256));
        assert_eq!((found[1].tile, found[1].to), (tile(1, 0), 1));
    }

    #[test]
    fn growth_names_only_what_changes() {
        assert_eq!(changes(5, 5), []);
        assert_eq!(changes(6, 5), []);
        assert_eq!(
            changes(254, 258),
            [
                TileChange { tile: tile(0, 0), from: 254, to: 256 },
                TileChange { tile: tile(0, 1), from: 0, to: 2 },
                TileChange { tile: tile(1, 0), from: 0, to: 1 },
            ]
        );
        assert!(changes(256, 257).iter().all(|c| c.tile == tile(0, 1)));
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile(0, 1_234_067).path(256), "tile/0/x001/x234/067");
        assert_eq!(tile(1, 0).path(17), "tile/1/000.p/17");
        assert_eq!(bundle_path(1_000, 256), "tile/entries/x001/000");
        assert_eq!(bundle_path(999, 1), "tile/entries/999.p/1");
    }

    #[test]
    fn a_tile_knows_its_entries_even_at_the_far_end() {
        assert_eq!(tile(0, 2).entries(), 512..768);
        assert_eq!(tile(1, 1).entries(), 65_536..131_072);
        assert_eq!(tile(1, 1).entry_at(3), 65_536 + 768);
        assert_eq!(tile(7, 0).entries(), 0..u64::MAX);
        assert_eq!(tile(7, 1).width_at(u64::MAX), 0);
        assert_eq!(tile(7, 0).width_at(u64::MAX), 255);
        assert_eq!(tile(0, u64::MAX).width_at(u64::MAX), 0);
    }

    #[test]
    fn bundles_refuse_what_does_not_fit() {
        let long = vec![0; LONGEST_ENTRY + 1];
        assert_eq!(encode_bundle([&long]), Err(BundleError::EntryTooLong { length: 65_536 }));
        assert!(encode_bundle([&long[1..]]).is_ok());
        assert_eq!(encode_bundle([b"x"; 257]), Err(BundleError::TooMany));
        assert!(encode_bundle([b"x"; 256]).is_ok());
        assert_eq!(decode_bundle(&[0; 257 * 2]), Err(BundleError::TooMany));
        assert_eq!(decode_bundle(b"\x00"), Err(BundleError::Cut));
        assert_eq!(decode_bundle(b"\x00\x02a"), Err(BundleError::Cut));
        assert_eq!(decode_bundle(b""), Ok(vec![]));
    }

    #[test]
    fn stored_tiles_hold_the_roots_of_the_definition() {
        let leaves: Vec<Hash> = (0..66_100_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let appends = Frontier::new().append_all(leaves.iter().copied());
        for append in &appends {
            let span = 1_usize << (HEIGHT * u32::from(append.tile.level));
            for (position, hash) in append.hashes.iter().enumerate().step_by(37) {
                let start = usize::try_from(append.tile.entry_at(position)).unwrap();
                assert_eq!(*hash, plain_root(&leaves[start..start + span]));
            }
        }
    }

    proptest! {
        #[test]
        fn bundles_give_back_their_entries(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..=WIDTH)) {
            let bundle = encode_bundle(&entries).unwrap();
            prop_assert_eq!(decode_bundle(&bundle).unwrap(), entries);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = decode_bundle(&bytes);
        }

        #[test]
        fn appending_changes_just_the_tiles_that_are_announced(from in 0_u64..140_000, more in 0_u64..1_000) {
            let leaf = leaf_hash(b"x");
            let mut frontier = Frontier::new();
            (0..from).for_each(|_| frontier.append(leaf));
            let appends = frontier.append_all((0..more).map(|_| leaf));
            let done: Vec<TileChange> = appends
                .iter()
                .map(|append| TileChange { tile: append.tile, from: append.from, to: append.width() })
                .collect();
            prop_assert_eq!(done, changes(from, from + more));
        }
    }
}
