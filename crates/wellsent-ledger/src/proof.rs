//! Proofs that an entry is in the ledger, and that one state of it continues another.
//!
//! Making a proof reads a few stored tiles; for entries at hand, [`crate::MemoryTiles`] holds them. Checking one is pure and follows RFC 9162, sections
//! 2.1.3.2 and 2.1.4.2.

use std::ops::Range;

use thiserror::Error;

use crate::hash::{Hash, empty_root, node_hash};
use crate::reader::{HashReader, Hashes, ReadError};

/// That an entry is at its place in a tree: the hashes beside its path to the root, from below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// Position of the entry, counted from 0.
    pub index: u64,
    /// Size of the tree.
    pub size: u64,
    /// The sibling hashes.
    pub path: Vec<Hash>,
}

/// That a tree begins with all entries of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Size of the earlier tree.
    pub from: u64,
    /// Size of the later tree.
    pub to: u64,
    /// The hashes that both roots are computed from.
    pub path: Vec<Hash>,
}

/// Why a proof could not be made.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum ProofError<E> {
    /// There is no such entry or earlier size in a tree of this size.
    #[error("{asked} is not within a ledger of {size} entries; ask for one that is")]
    OutOfRange {
        /// The index or the earlier size.
        asked: u64,
        /// The tree's size.
        size: u64,
    },
    /// The stored tiles do not give the hashes.
    #[error(transparent)]
    Read(#[from] ReadError<E>),
}

/// A proof does not prove what it claims.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("the proof does not hold: the entry or the earlier state is not part of this ledger")]
pub struct ProofInvalid;

/// Proves that entry `index` is in the tree of the first `size` entries.
///
/// # Errors
/// [`ProofError`].
pub fn inclusion_proof<R: HashReader>(reader: &mut R, index: u64, size: u64) -> Result<InclusionProof, ProofError<R::Error>> {
    if index >= size {
        return Err(ProofError::OutOfRange { asked: index, size });
    }
    let mut hashes = Hashes::new(reader);
    let path = inclusion_ranges(index, size).into_iter().map(|range| hashes.of_range(range)).collect::<Result<_, _>>()?;
    Ok(InclusionProof { index, size, path })
}

/// Proves that the tree of the first `to` entries continues that of the first `from`.
///
/// # Errors
/// [`ProofError`].
pub fn consistency_proof<R: HashReader>(reader: &mut R, from: u64, to: u64) -> Result<ConsistencyProof, ProofError<R::Error>> {
    if from > to {
        return Err(ProofError::OutOfRange { asked: from, size: to });
    }
    let mut hashes = Hashes::new(reader);
    let path = consistency_ranges(from, to).into_iter().map(|range| hashes.of_range(range)).collect::<Result<_, _>>()?;
    Ok(ConsistencyProof { from, to, path })
}

/// Checks that the entry with this leaf hash is in the tree with this root.
///
/// # Errors
/// [`ProofInvalid`].
pub fn verify_inclusion(proof: &InclusionProof, leaf: &Hash, root: &Hash) -> Result<(), ProofInvalid> {
    if proof.index >= proof.size {
        return Err(ProofInvalid);
    }
    let (mut node, mut last) = (proof.index, proof.size - 1);
    let mut hash = *leaf;
    for sibling in &proof.path {
        if last == 0 {
            return Err(ProofInvalid);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            climb_to_right_child(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0 && hash == *root).then_some(()).ok_or(ProofInvalid)
}

/// Checks that the tree with the root `later` continues the tree with the root `earlier`.
///
/// # Errors
/// [`ProofInvalid`].
pub fn verify_consistency(proof: &ConsistencyProof, earlier: &Hash, later: &Hash) -> Result<(), ProofInvalid> {
    let ConsistencyProof { from, to, ref path } = *proof;
    let holds = if from > to {
        false
    } else if from == to {
        path.is_empty() && earlier == later
    } else if from == 0 {
        // Every tree continues the empty one.
        path.is_empty() && *earlier == empty_root()
    } else {
        roots_of(from, to, path, earlier) == Some((*earlier, *later))
    };
    holds.then_some(()).ok_or(ProofInvalid)
}

/// Both roots, as the path of a consistency proof gives them.
fn roots_of(from: u64, to: u64, path: &[Hash], earlier: &Hash) -> Option<(Hash, Hash)> {
    // When the earlier tree is complete, its root is itself a node of the later one and is left
    // out of the path.
    let (start, rest) = if from.is_power_of_two() { (earlier, path) } else { path.split_first()? };
    let (mut node, mut last) = (from - 1, to - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            climb_to_right_child(&mut node, &mut last);
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0 && !rest.is_empty()).then_some((old, new))
}

/// A node at the right edge of an incomplete tree has no sibling on some levels; go up to where
/// it is a right child.
fn climb_to_right_child(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

/// The ranges whose hashes make up an inclusion proof, from below: PATH of RFC 6962.
fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut start, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The ranges whose hashes make up a consistency proof, from below: PROOF of RFC 6962.
fn consistency_ranges(from: u64, to: u64) -> Vec<Range<u64>> {
    if from == 0 || from >= to {
        return Vec::new();
    }
    let (mut start, mut end) = (0, to);
    let mut ranges = Vec::new();
    while end != from {
        let middle = start + split(end - start);
        if from <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    if start != 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below `length`, which must be above 1.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// The root by the recursive definition of RFC 6962, section 2.1: slow, and the measure for all
/// else.
#[must_use]
pub fn plain_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
            node_hash(&plain_root(left), &plain_root(right))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryTiles;
    use crate::hash::leaf_hash;

    const MOST: u64 = 70;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    fn at(number: u64) -> usize {
        usize::try_from(number).unwrap()
    }

    /// Every proof that differs from this path in one hash, lacks one, or has one more.
    fn altered(path: &[Hash]) -> Vec<Vec<Hash>> {
        let mut all = Vec::new();
        for position in 0..path.len() {
            for byte in [0, 31] {
                let mut bytes = *path[position].as_bytes();
                bytes[byte] ^= 1;
                let mut changed = path.to_vec();
                changed[position] = Hash::from_bytes(bytes);
                all.push(changed);
            }
            let mut shorter = path.to_vec();
            shorter.remove(position);
            all.push(shorter);
            if position > 0 {
                let mut swapped = path.to_vec();
                swapped.swap(position - 1, position);
                all.push(swapped);
            }
        }
        for position in 0..=path.len() {
            let mut longer = path.to_vec();
            longer.insert(position, leaf_hash(b"more"));
            all.push(longer);
        }
        all
    }

    #[test]
    fn every_inclusion_proof_holds_and_fails_when_altered() {
        let leaves = leaves(MOST);
        let mut tiles = MemoryTiles::of(leaves.iter().copied());
        for size in 1..=MOST {
            let root = plain_root(&leaves[..at(size)]);
            for index in 0..size {
                let proof = inclusion_proof(&mut tiles, index, size).unwrap();
                let leaf = leaves[at(index)];
                assert_eq!(verify_inclusion(&proof, &leaf, &root), Ok(()));

                let other = leaves[at((index + 1) % MOST)];
                assert!(verify_inclusion(&proof, &other, &root).is_err());
                let other_root = plain_root(&leaves[..at(size - 1)]);
                assert!(verify_inclusion(&proof, &leaf, &other_root).is_err());
                for path in altered(&proof.path) {
                    let proof = InclusionProof { index, size, path };
                    assert!(verify_inclusion(&proof, &leaf, &root).is_err());
                }
                for elsewhere in (0..size).filter(|other| *other != index) {
                    let proof = InclusionProof { index: elsewhere, ..proof.clone() };
                    assert!(verify_inclusion(&proof, &leaf, &root).is_err());
                }
            }
        }
    }

    #[test]
    fn every_consistency_proof_holds_and_fails_when_altered() {
        let leaves = leaves(MOST);
        let mut tiles = MemoryTiles::of(leaves.iter().copied());
        for to in 0..=MOST {
            let later = plain_root(&leaves[..at(to)]);
            for from in 0..=to {
                let earlier = plain_root(&leaves[..at(from)]);
                let proof = consistency_proof(&mut tiles, from, to).unwrap();
                assert_eq!(verify_consistency(&proof, &earlier, &later), Ok(()));

                let wrong = leaf_hash(b"another ledger");
                assert!(verify_consistency(&proof, &wrong, &later).is_err());
                if from > 0 {
                    assert!(verify_consistency(&proof, &earlier, &wrong).is_err());
                }
                for path in altered(&proof.path) {
                    let proof = ConsistencyProof { from, to, path };
                    assert!(verify_consistency(&proof, &earlier, &later).is_err(), "{from} to {to}");
                }
            }
        }
    }

    #[test]
    fn a_proof_that_stops_below_the_claimed_size_is_refused() {
        let leaves = leaves(7);
        let mut tiles = MemoryTiles::of(leaves.iter().copied());
        let (earlier, later) = (plain_root(&leaves[..4]), plain_root(&leaves));
        let proof = consistency_proof(&mut tiles, 4, 7).unwrap();
        assert_eq!(verify_consistency(&proof, &earlier, &later), Ok(()));
        let boast = ConsistencyProof { to: 16, ..proof };
        assert!(verify_consistency(&boast, &earlier, &later).is_err());
    }

    #[test]
    fn a_changed_early_entry_has_no_consistency_proof() {
        let honest = leaves(20);
        let mut forged = honest.clone();
        forged[3] = leaf_hash(b"forged");
        let proof = consistency_proof(&mut MemoryTiles::of(forged.iter().copied()), 10, 20);
        let (earlier, later) = (plain_root(&honest[..10]), plain_root(&forged));
        assert!(verify_consistency(&proof.unwrap(), &earlier, &later).is_err());
    }

    #[test]
    fn proofs_cross_the_borders_of_tiles() {
        let leaves = leaves(66_000);
        let mut tiles = MemoryTiles::of(leaves.iter().copied());
        let sizes = [1, 2, 255, 256, 257, 512, 1_000, 65_535, 65_536, 65_537, 66_000];
        for to in sizes {
            let later = plain_root(&leaves[..at(to)]);
            for from in sizes.into_iter().filter(|from| *from <= to) {
                let earlier = plain_root(&leaves[..at(from)]);
                let proof = consistency_proof(&mut tiles, from, to).unwrap();
                assert_eq!(verify_consistency(&proof, &earlier, &later), Ok(()));
                let proof = inclusion_proof(&mut tiles, from - 1, to).unwrap();
                let leaf = &leaves[at(from - 1)];
                assert_eq!(verify_inclusion(&proof, leaf, &later), Ok(()));
            }
        }
    }

    #[test]
    fn the_known_proofs_of_the_rfc_example_have_their_shape() {
        // RFC 6962, section 2.1.3: a tree of seven entries.
        assert_eq!(inclusion_ranges(0, 7), [1..2, 2..4, 4..7]);
        assert_eq!(inclusion_ranges(3, 7), [2..3, 0..2, 4..7]);
        assert_eq!(inclusion_ranges(4, 7), [5..6, 6..7, 0..4]);
        assert_eq!(inclusion_ranges(6, 7), [4..6, 0..4]);
        assert_eq!(consistency_ranges(3, 7), [2..3, 3..4, 0..2, 4..7]);
        assert_eq!(consistency_ranges(4, 7), vec![4_u64..7]);
        assert_eq!(consistency_ranges(6, 7), [4..6, 6..7, 0..4]);
    }

    #[test]
    fn what_is_not_there_cannot_be_proven() {
        let mut tiles = MemoryTiles::of(leaves(5));
        assert_eq!(inclusion_proof(&mut tiles, 5, 5), Err(ProofError::OutOfRange { asked: 5, size: 5 }));
        assert_eq!(consistency_proof(&mut tiles, 6, 5), Err(ProofError::OutOfRange { asked: 6, size: 5 }));
        assert!(matches!(inclusion_proof(&mut tiles, 0, 9), Err(ProofError::Read(ReadError::Missing { .. }))));
    }
}
