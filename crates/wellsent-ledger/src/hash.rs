//! Hashes of the tree (RFC 6962, section 2.1).

use std::fmt;

use aws_lc_rs::digest;

const LEAF: u8 = 0x00;
const NODE: u8 = 0x01;
/// Entries up to this length are hashed without an allocation.
const SHORT_ENTRY: usize = 1023;

/// A SHA-256 hash of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; Hash::LEN]);

impl Hash {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Hash::LEN]) -> Hash {
        Hash(bytes)
    }

    /// The hash in a slice of exactly [`Hash::LEN`] bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }

    /// The hash's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Hash::LEN] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hash({self})")
    }
}

/// The hash of an entry: SHA-256 of a zero byte and the entry. The prefix keeps an entry from
/// passing for an inner node.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    if entry.len() <= SHORT_ENTRY {
        let mut buffer = [LEAF; SHORT_ENTRY + 1];
        buffer[1..=entry.len()].copy_from_slice(entry);
        return sha256(&buffer[..=entry.len()]);
    }
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&[LEAF]);
    context.update(entry);
    of_digest(&context.finish())
}

/// The hash of an inner node: SHA-256 of a one byte and both children.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut buffer = [NODE; 1 + 2 * Hash::LEN];
    buffer[1..=Hash::LEN].copy_from_slice(&left.0);
    buffer[1 + Hash::LEN..].copy_from_slice(&right.0);
    sha256(&buffer)
}

/// The root of a tree without entries: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    of_digest(&digest::digest(&digest::SHA256, bytes))
}

fn of_digest(digest: &digest::Digest) -> Hash {
    let mut hash = [0; Hash::LEN];
    hash.copy_from_slice(digest.as_ref());
    Hash(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_tree_and_the_empty_entry_have_their_known_hashes() {
        assert_eq!(empty_root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(leaf_hash(b"").to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }

    #[test]
    fn short_and_long_entries_are_hashed_alike() {
        for length in [SHORT_ENTRY - 1, SHORT_ENTRY, SHORT_ENTRY + 1, 70_000] {
            let entry = vec![0xab; length];
            let mut prefixed = vec![LEAF];
            prefixed.extend_from_slice(&entry);
            assert_eq!(leaf_hash(&entry), sha256(&prefixed));
        }
    }

    #[test]
    fn an_entry_does_not_pass_for_a_node() {
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let joined = [left.as_bytes().as_slice(), right.as_bytes()].concat();
        assert_ne!(leaf_hash(&joined), node_hash(&left, &right));
    }
}
