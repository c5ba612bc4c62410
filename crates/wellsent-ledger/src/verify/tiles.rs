//! Holds stored tiles against the hashes that the entries give.

use crate::hash::Hash;
use crate::reader::HashReader;
use crate::tile::{HEIGHT, LEVELS, TileId, WIDTH, position_of};

use super::Finding;
use super::report::Findings;

/// Stored tiles as the verifier reads them. Every [`HashReader`] is one.
pub trait StoredTiles {
    /// The bytes of a tile as stored, `None` when it is not.
    ///
    /// # Errors
    /// What the storage said.
    fn stored(&mut self, id: TileId) -> Result<Option<Vec<u8>>, String>;
}

impl<R: HashReader> StoredTiles for R {
    fn stored(&mut self, id: TileId) -> Result<Option<Vec<u8>>, String> {
        self.tile(id).map_err(|error| error.to_string())
    }
}

/// Rebuilds tiles from the entries, one of each level at a time.
pub(super) struct TileWatch<'t> {
    tiles: Option<&'t mut dyn StoredTiles>,
    /// Up to this size the stored tiles must reach; beyond it they may lag behind the entries.
    signed_size: u64,
    rebuilt: [Vec<u8>; LEVELS],
    next: [u64; LEVELS],
}

impl<'t> TileWatch<'t> {
    pub(super) fn new(tiles: Option<&'t mut dyn StoredTiles>, signed_size: u64) -> TileWatch<'t> {
        TileWatch { tiles, signed_size, rebuilt: Default::default(), next: [0; LEVELS] }
    }

    /// Takes a node that an entry completed.
    pub(super) fn completed(&mut self, height: u32, index: u64, hash: Hash, findings: &mut Findings) {
        if self.tiles.is_none() || !height.is_multiple_of(HEIGHT) {
            return;
        }
        let Some((id, _)) = position_of(height, index) else {
            return;
        };
        let level = usize::from(id.level);
        self.rebuilt[level].extend_from_slice(hash.as_bytes());
        if self.rebuilt[level].len() == WIDTH * Hash::LEN {
            self.check(id, findings);
            self.rebuilt[level].clear();
            self.next[level] = id.index + 1;
        }
    }

    /// Checks the tiles at the right edge, also that none goes on where the entries end.
    pub(super) fn finish(&mut self, findings: &mut Findings) {
        for level in 0..LEVELS {
            let id = TileId { level: level as u8, index: self.next[level] };
            self.check(id, findings);
        }
    }

    fn check(&mut self, id: TileId, findings: &mut Findings) {
        let TileId { level, index } = id;
        let Some(tiles) = self.tiles.as_mut() else {
            return;
        };
        let stored = match tiles.stored(id) {
            Ok(stored) => stored.unwrap_or_default(),
            Err(reason) => {
                findings.push(Finding::StoredTileUnreadable { level, index, reason });
                return;
            }
        };
        let rebuilt = &self.rebuilt[usize::from(level)];
        let common = stored.iter().zip(rebuilt).take_while(|(stored, rebuilt)| stored == rebuilt).count();
        if common < stored.len() {
            // A half hash at the end of a short tile is a difference, too.
            let entry = id.entry_at(common / Hash::LEN);
            findings.push(Finding::StoredTileDiffers { level, index, entry });
        } else if !stored.len().is_multiple_of(Hash::LEN) || stored.len() < id.width_at(self.signed_size) * Hash::LEN {
            findings.push(Finding::StoredTileMissing { level, index });
        }
    }
}
