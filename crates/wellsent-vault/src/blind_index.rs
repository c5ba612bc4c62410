//! Keyed hashes: blind indexes for look-ups, and digests for the ledger.
//!
//! A blind index lets the database find "the row with this number" without knowing the number.
//! It reveals which rows share a value, and nothing else to anyone without the key.

use aws_lc_rs::hmac;

/// The key of one use, expanded once.
pub(crate) struct KeyedHash(hmac::Key);

impl KeyedHash {
    pub(crate) fn new(key: &[u8; 32]) -> KeyedHash {
        KeyedHash(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// HMAC-SHA-256 of `label ‖ 0 ‖ bytes`. Labels are names in our code and hold no zero byte,
    /// so label and bytes cannot run into each other.
    pub(crate) fn hash(&self, label: &str, bytes: &[u8]) -> [u8; 32] {
        debug_assert!(!label.as_bytes().contains(&0), "a label holds no zero byte");
        let mut context = hmac::Context::with_key(&self.0);
        context.update(label.as_bytes());
        context.update(&[0]);
        context.update(bytes);
        let tag = context.sign();
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }

    /// [`KeyedHash::hash`] cut to 16 bytes: enough for a look-up, half the index size.
    pub(crate) fn short(&self, label: &str, bytes: &[u8]) -> [u8; 16] {
        let long = self.hash(label, bytes);
        let mut out = [0; 16];
        out.copy_from_slice(&long[..16]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_hmac_sha_256_of_label_zero_and_bytes() {
        let key = [0x0b; 32];
        let joined = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), b"phone\0+12125550123");
        assert_eq!(KeyedHash::new(&key).hash("phone", b"+12125550123"), joined.as_ref());
    }

    #[test]
    fn label_and_bytes_do_not_run_into_each_other() {
        let hash = KeyedHash::new(&[7; 32]);
        assert_ne!(hash.hash("ab", b"c"), hash.hash("a", b"bc"));
        assert_ne!(hash.hash("a", b""), hash.hash("", b"a"));
    }

    #[test]
    fn the_short_form_is_the_beginning_of_the_long_one() {
        let hash = KeyedHash::new(&[9; 32]);
        assert_eq!(hash.short("x", b"y"), hash.hash("x", b"y")[..16]);
    }
}
