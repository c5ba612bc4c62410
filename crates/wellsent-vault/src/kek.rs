//! The key-encryption key: the one secret that is not in the database.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::KeyFileError;
use crate::key_file;
use crate::random::random_bytes;

/// Length of a key in bytes.
pub(crate) const KEY_LEN: usize = 32;
/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 12;

/// Names a key-encryption key without telling anything about it. It is computed from the key, so
/// that a mistyped key does not pass for another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KekId([u8; 8]);

impl KekId {
    /// The identifier with these bytes, as stored in a wrapped data key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> KekId {
        KekId(bytes)
    }

    /// The identifier's bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }

    /// Reads the 16 hexadecimal digits of a key file's header.
    pub(crate) fn parse(text: &str) -> Option<KekId> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(|number| KekId(number.to_be_bytes()))
    }

    fn of(key: &[u8; KEY_LEN]) -> KekId {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"wellsent key-encryption key id");
        let mut id = [0; 8];
        id.copy_from_slice(&tag.as_ref()[..8]);
        KekId(id)
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KekId({self})")
    }
}

/// One key of the list, with its expanded form.
pub(crate) struct KekEntry {
    id: KekId,
    bytes: Zeroizing<[u8; KEY_LEN]>,
    cipher: LessSafeKey,
}

impl KekEntry {
    pub(crate) fn new(bytes: Zeroizing<[u8; KEY_LEN]>) -> KekEntry {
        KekEntry { id: KekId::of(&bytes), cipher: cipher(&bytes), bytes }
    }

    pub(crate) fn id(&self) -> KekId {
        self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }

    /// Seals a data key in place and appends the tag.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_LEN], aad: &[u8], in_out: &mut Vec<u8>) {
        seal_with(&self.cipher, nonce, aad, in_out);
    }

    /// Opens a data key in place; `None` when it was changed.
    pub(crate) fn open<'a>(&self, nonce: [u8; NONCE_LEN], aad: &[u8], in_out: &'a mut [u8]) -> Option<&'a mut [u8]> {
        self.cipher.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), in_out).ok()
    }
}

/// Expands a key for AES-256-GCM-SIV.
pub(crate) fn cipher(key: &[u8; KEY_LEN]) -> LessSafeKey {
    let Ok(key) = UnboundKey::new(&AES_256_GCM_SIV, key) else { unreachable!("32 bytes are a key of AES-256-GCM-SIV") };
    LessSafeKey::new(key)
}

/// Seals `in_out` in place and appends the tag.
///
/// AES-256-GCM-SIV keeps its promises even if a nonce came twice, so a random one is enough.
pub(crate) fn seal_with(cipher: &LessSafeKey, nonce: [u8; NONCE_LEN], aad: &[u8], in_out: &mut Vec<u8>) {
    let sealed = cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), in_out);
    assert!(sealed.is_ok(), "a value to seal is shorter than 64 GiB");
}

/// The key-encryption keys of an installation: the first is current and wraps new data keys, the
/// others are retired and still open what they wrapped.
///
/// Cloning is cheap and shares the keys. They are wiped from memory with the last clone.
#[derive(Clone)]
pub struct Kek {
    keys: Arc<[Arc<KekEntry>]>,
}

impl Kek {
    /// A new random key, alone in its list.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    #[must_use]
    pub fn generate() -> Kek {
        Kek { keys: Arc::from([Arc::new(fresh())]) }
    }

    /// Reads a key file, which only its owner may be able to read (H-39).
    ///
    /// # Errors
    /// [`KeyFileError`] says what is wrong with the file and what to do.
    pub fn load(path: impl AsRef<Path>) -> Result<Kek, KeyFileError> {
        key_file::load(path.as_ref(), key_file::Access::OwnerOnly)
    }

    /// Writes the keys to a new file, readable for its owner only, and syncs it.
    ///
    /// # Errors
    /// [`KeyFileError::AlreadyExists`] when there is a file: a key is never overwritten, because
    /// what it sealed could not be opened any more.
    pub fn write_new(&self, path: impl AsRef<Path>) -> Result<(), KeyFileError> {
        key_file::write_new(self, path.as_ref())
    }

    /// Replaces a key file by this list in one step, for rotation. A crash leaves the old or the
    /// new file, never a part.
    ///
    /// # Errors
    /// [`KeyFileError::WouldLoseKey`] when the file holds a key that this list does not, so that
    /// a rotation cannot drop a key which something is still sealed with.
    pub fn replace_file(&self, path: impl AsRef<Path>) -> Result<(), KeyFileError> {
        key_file::replace(self, path.as_ref())
    }

    /// Takes the retired keys out of a key file, once every data key has been wrapped anew.
    ///
    /// # Errors
    /// As [`Kek::load`], and when the file cannot be written.
    pub fn retire_old_keys(path: impl AsRef<Path>) -> Result<Kek, KeyFileError> {
        key_file::retire(path.as_ref())
    }

    /// The same list with a new random key in front.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    #[must_use]
    pub fn rotated(&self) -> Kek {
        let mut keys = Vec::with_capacity(self.keys.len() + 1);
        keys.push(Arc::new(fresh()));
        keys.extend(self.keys.iter().cloned());
        Kek { keys: keys.into() }
    }

    /// The list without its retired keys.
    #[must_use]
    pub(crate) fn current_only(&self) -> Kek {
        Kek { keys: self.keys.iter().take(1).cloned().collect() }
    }

    /// The key that wraps new data keys.
    #[must_use]
    pub fn current_id(&self) -> KekId {
        self.current().id()
    }

    /// All keys, the current one first.
    #[must_use]
    pub fn ids(&self) -> Vec<KekId> {
        self.keys.iter().map(|key| key.id()).collect()
    }

    /// Whether the list holds this key.
    #[must_use]
    pub fn holds(&self, id: KekId) -> bool {
        self.find(id).is_some()
    }

    /// A list from keys in file order. `None` when there is none.
    pub(crate) fn from_entries(entries: Vec<KekEntry>) -> Option<Kek> {
        if entries.is_empty() {
            return None;
        }
        Some(Kek { keys: entries.into_iter().map(Arc::new).collect() })
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &KekEntry> {
        self.keys.iter().map(AsRef::as_ref)
    }

    pub(crate) fn current(&self) -> &KekEntry {
        &self.keys[0]
    }

    pub(crate) fn find(&self, id: KekId) -> Option<&KekEntry> {
        self.entries().find(|key| key.id() == id)
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kek(..)")
    }
}

fn fresh() -> KekEntry {
    KekEntry::new(Zeroizing::new(random_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_puts_a_new_key_first_and_keeps_the_old_ones() {
        let first = Kek::generate();
        let second = first.rotated();
        assert_ne!(first.current_id(), second.current_id());
        assert_eq!(second.ids(), vec![second.current_id(), first.current_id()]);
        assert!(second.holds(first.current_id()));
        assert!(!first.holds(second.current_id()));
        assert_eq!(second.current_only().ids(), vec![second.current_id()]);
    }

    #[test]
    fn the_identifier_comes_from_the_key_and_reads_back() {
        let entry = KekEntry::new(Zeroizing::new([5; 32]));
        assert_eq!(entry.id(), KekEntry::new(Zeroizing::new([5; 32])).id());
        assert_ne!(entry.id(), KekEntry::new(Zeroizing::new([6; 32])).id());
        assert_eq!(KekId::parse(&entry.id().to_string()), Some(entry.id()));
        assert_eq!(KekId::parse("12"), None);
        assert_eq!(KekId::parse("+23456789abcdef0"), None);
    }
}
