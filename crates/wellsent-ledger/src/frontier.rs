//! The right edge of the tree: all that is needed to grow it and to know its root.

use thiserror::Error;

use crate::hash::{Hash, empty_root, node_hash};
use crate::tile::{self, TileAppend};

const VERSION: u8 = 1;

/// Why stored bytes are no frontier.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("the stored edge of the ledger is damaged; rebuild it from the stored tiles")]
pub struct FrontierError;

/// The roots of the complete subtrees that make up a tree, the largest first: one for each bit
/// that is set in its size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    edge: Vec<Hash>,
}

impl Frontier {
    /// The frontier of an empty tree.
    #[must_use]
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// How many entries the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut from_right = self.edge.iter().rev();
        let Some(smallest) = from_right.next() else {
            return empty_root();
        };
        from_right.fold(*smallest, |right, left| node_hash(left, &right))
    }

    /// Appends one entry by its leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _, _| ());
    }

    /// Appends entries by their leaf hashes and returns what to append to which stored tile, in
    /// the order of level and index.
    pub fn append_all(&mut self, leaves: impl IntoIterator<Item = Hash>) -> Vec<TileAppend> {
        let mut open: [Option<TileAppend>; tile::LEVELS] = Default::default();
        let mut done = Vec::new();
        for leaf in leaves {
            self.append_with(leaf, |height, index, hash| {
                let Some((id, position)) = tile::position_of(height, index) else {
                    return;
                };
                let slot = &mut open[usize::from(id.level)];
                let growing = slot.get_or_insert_with(|| TileAppend::new(id, position));
                growing.hashes.push(hash);
                if growing.is_complete() {
                    done.extend(slot.take());
                }
            });
        }
        done.extend(open.into_iter().flatten());
        done.sort_by_key(|append: &TileAppend| append.tile);
        done
    }

    /// Appends one entry and hands every node that it completes, with its height above the leaves
    /// and its index at that height, to `completed`.
    pub(crate) fn append_with(&mut self, leaf: Hash, mut completed: impl FnMut(u32, u64, Hash)) {
        let (mut height, mut index, mut hash) = (0, self.size, leaf);
        completed(height, index, hash);
        // An odd index is a right child: its left sibling is the last root of the edge.
        while index & 1 == 1 {
            let Some(left) = self.edge.pop() else { break };
            hash = node_hash(&left, &hash);
            height += 1;
            index >>= 1;
            completed(height, index, hash);
        }
        self.edge.push(hash);
        self.size += 1;
    }

    /// A frontier from subtree roots that were read elsewhere.
    pub(crate) fn from_parts(size: u64, edge: Vec<Hash>) -> Option<Frontier> {
        (edge.len() == size.count_ones() as usize).then_some(Frontier { size, edge })
    }

    /// The bytes to store: version (1) ‖ size (8, big-endian) ‖ hashes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(9 + self.edge.len() * Hash::LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        for hash in &self.edge {
            bytes.extend_from_slice(hash.as_bytes());
        }
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`FrontierError`] when the bytes do not have that form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Frontier, FrontierError> {
        let (version, rest) = bytes.split_first().ok_or(FrontierError)?;
        let (size, hashes) = rest.split_first_chunk::<8>().ok_or(FrontierError)?;
        if *version != VERSION || !hashes.len().is_multiple_of(Hash::LEN) {
            return Err(FrontierError);
        }
        let edge = hashes.chunks_exact(Hash::LEN).filter_map(Hash::from_slice).collect();
        Frontier::from_parts(u64::from_be_bytes(*size), edge).ok_or(FrontierError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::leaf_hash;
    use crate::proof::plain_root;

    /// The entries and roots of the test tree that implementations of Certificate Transparency
    /// share; the n-th root is that of the first n entries.
    const ENTRIES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    #[test]
    fn the_known_tree_has_its_known_roots() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root().to_string(), ROOTS[0]);
        for (entry, root) in ENTRIES.iter().zip(&ROOTS[1..]) {
            frontier.append(leaf_hash(entry));
            assert_eq!(frontier.root().to_string(), *root);
        }
    }

    #[test]
    fn every_size_up_to_six_hundred_has_the_root_of_the_definition() {
        let leaves = leaves(600);
        let mut frontier = Frontier::new();
        for (size, leaf) in (1..).zip(&leaves) {
            frontier.append(*leaf);
            assert_eq!(frontier.size(), size as u64);
            assert_eq!(frontier.root(), plain_root(&leaves[..size]));
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let mut frontier = Frontier::new();
        frontier.append_all(leaves(11));
        let bytes = frontier.to_bytes();
        for length in 0..bytes.len() {
            assert_eq!(Frontier::from_bytes(&bytes[..length]), Err(FrontierError));
        }
        let mut wrong_version = bytes.clone();
        wrong_version[0] = 2;
        assert_eq!(Frontier::from_bytes(&wrong_version), Err(FrontierError));
        let mut wrong_size = bytes;
        wrong_size[8] = 15;
        assert_eq!(Frontier::from_bytes(&wrong_size), Err(FrontierError));
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_recursive_definition(entries: Vec<Vec<u8>>) {
            let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
            let mut frontier = Frontier::new();
            frontier.append_all(leaves.iter().copied());
            prop_assert_eq!(frontier.root(), plain_root(&leaves));
        }

        #[test]
        fn storing_it_in_between_changes_nothing(before in 0_u64..700, after in 0_u64..700) {
            let all = leaves(before + after);
            let (first, second) = all.split_at(usize::try_from(before).unwrap());
            let mut whole = Frontier::new();
            whole.append_all(all.iter().copied());
            let mut parts = Frontier::new();
            parts.append_all(first.iter().copied());
            let mut parts = Frontier::from_bytes(&parts.to_bytes()).unwrap();
            parts.append_all(second.iter().copied());
            prop_assert_eq!(parts, whole);
        }
    }
}
