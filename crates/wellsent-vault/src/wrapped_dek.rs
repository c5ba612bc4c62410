//! A practice's data key as the database holds it.

use std::fmt;

use zeroize::Zeroizing;

use crate::VaultError;
use crate::kek::{KEY_LEN, Kek, KekEntry, KekId, NONCE_LEN};
use crate::random::random_bytes;

const VERSION: u8 = 1;
const ID_END: usize = 1 + 8;
const NONCE_END: usize = ID_END + NONCE_LEN;
const TAG_LEN: usize = 16;
const LENGTH: usize = NONCE_END + KEY_LEN + TAG_LEN;

/// A data key, sealed by a key-encryption key and bound to its practice.
///
/// Layout: version (1) ‖ key-encryption key id (8) ‖ nonce (12) ‖ sealed key and tag (48).
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedDek(Vec<u8>);

impl WrappedDek {
    /// A wrapped key as read from the database. It is checked when it is opened.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> WrappedDek {
        WrappedDek(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The key-encryption key that opens this.
    ///
    /// # Errors
    /// [`VaultError::MalformedDek`] when these bytes are no wrapped data key.
    pub fn kek_id(&self) -> Result<KekId, VaultError> {
        self.parts().map(|(id, ..)| id)
    }

    /// Wraps the same data key by the current key-encryption key: the step of a rotation for one
    /// practice. What the data key sealed stays as it is.
    ///
    /// # Errors
    /// As [`crate::PracticeKeys::unwrap`].
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    pub fn rewrap(&self, kek: &Kek, practice: [u8; 16]) -> Result<WrappedDek, VaultError> {
        let key = self.open(kek, &practice)?;
        Ok(WrappedDek::seal(kek.current(), &practice, &key))
    }

    pub(crate) fn seal(kek: &KekEntry, practice: &[u8; 16], key: &[u8; KEY_LEN]) -> WrappedDek {
        let nonce = random_bytes();
        let mut sealed = Vec::with_capacity(KEY_LEN + TAG_LEN);
        sealed.extend_from_slice(key);
        kek.seal(nonce, &associated_data(kek.id(), practice), &mut sealed);
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend_from_slice(&kek.id().to_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        WrappedDek(bytes)
    }

    pub(crate) fn open(&self, kek: &Kek, practice: &[u8; 16]) -> Result<Zeroizing<[u8; KEY_LEN]>, VaultError> {
        let (id, nonce, sealed) = self.parts()?;
        let entry = kek.find(id).ok_or_else(|| VaultError::WrongKek { wanted: id, have: kek.ids() })?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let opened = entry.open(nonce, &associated_data(id, practice), &mut buffer).ok_or(VaultError::DamagedDek)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        key.copy_from_slice(opened);
        Ok(key)
    }

    fn parts(&self) -> Result<(KekId, [u8; NONCE_LEN], &[u8]), VaultError> {
        let bytes = self.0.as_slice();
        if bytes.len() != LENGTH || bytes[0] != VERSION {
            return Err(VaultError::MalformedDek);
        }
        let mut id = [0; 8];
        id.copy_from_slice(&bytes[1..ID_END]);
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&bytes[ID_END..NONCE_END]);
        Ok((KekId::from_bytes(id), nonce, &bytes[NONCE_END..]))
    }
}

impl fmt::Debug for WrappedDek {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WrappedDek(..)")
    }
}

fn associated_data(kek: KekId, practice: &[u8; 16]) -> Vec<u8> {
    let mut data = b"wellsent data key v1\0".to_vec();
    data.extend_from_slice(&kek.to_bytes());
    data.extend_from_slice(practice);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRACTICE: [u8; 16] = [1; 16];

    #[test]
    fn a_wrapped_key_opens_to_the_same_key() {
        let kek = Kek::generate();
        let wrapped = WrappedDek::seal(kek.current(), &PRACTICE, &[42; 32]);
        assert_eq!(*wrapped.open(&kek, &PRACTICE).unwrap(), [42; 32]);
        assert_eq!(wrapped.kek_id(), Ok(kek.current_id()));
        assert_eq!(wrapped.as_bytes().len(), LENGTH);
    }

    #[test]
    fn every_changed_bit_and_every_missing_byte_is_refused() {
        let kek = Kek::generate();
        let wrapped = WrappedDek::seal(kek.current(), &PRACTICE, &[42; 32]);
        for position in 0..wrapped.as_bytes().len() {
            for bit in 0..8 {
                let mut bytes = wrapped.as_bytes().to_vec();
                bytes[position] ^= 1 << bit;
                assert!(WrappedDek::from_bytes(bytes).open(&kek, &PRACTICE).is_err());
            }
            let short = wrapped.as_bytes()[..position].to_vec();
            assert_eq!(WrappedDek::from_bytes(short).open(&kek, &PRACTICE), Err(VaultError::MalformedDek));
        }
        let mut long = wrapped.into_bytes();
        long.push(0);
        assert!(WrappedDek::from_bytes(long).open(&kek, &PRACTICE).is_err());
    }

    #[test]
    fn a_wrapped_key_of_one_practice_does_not_open_for_another() {
        let kek = Kek::generate();
        let wrapped = WrappedDek::seal(kek.current(), &PRACTICE, &[42; 32]);
        assert_eq!(wrapped.open(&kek, &[2; 16]), Err(VaultError::DamagedDek));
    }

    #[test]
    fn a_rotated_key_file_opens_old_keys_and_rewraps_them_under_the_new_one() {
        let old = Kek::generate();
        let wrapped = WrappedDek::seal(old.current(), &PRACTICE, &[42; 32]);
        let both = old.rotated();
        let rewrapped = wrapped.rewrap(&both, PRACTICE).unwrap();
        assert_eq!(rewrapped.kek_id(), Ok(both.current_id()));
        let new = both.current_only();
        assert_eq!(*rewrapped.open(&new, &PRACTICE).unwrap(), [42; 32]);
        assert_eq!(wrapped.open(&new, &PRACTICE), Err(VaultError::WrongKek { wanted: old.current_id(), have: new.ids() }));
    }

    #[test]
    fn what_another_implementation_of_the_format_wrapped_opens() {
        // Made with another library: key-encryption key 32 times 5, data key 32 times 7, nonce 0
        // to 11.
        let entry = KekEntry::new(Zeroizing::new([5; 32]));
        let kek = Kek::from_entries(vec![entry]).unwrap();
        let wrapped = "01bbc21dce4d413eee000102030405060708090a0b85beab6a06cbce0264f3e40305677f250044713f5869f69b3d08981e898955015cf55e35fc9b65c1a2f0b945ef7ce6af";
        let wrapped: Vec<u8> = (0..wrapped.len()).step_by(2).map(|at| u8::from_str_radix(&wrapped[at..at + 2], 16).unwrap()).collect();
        let key = WrappedDek::from_bytes(wrapped).open(&kek, &PRACTICE).unwrap();
        assert_eq!(*key, [7; 32]);
    }
}
