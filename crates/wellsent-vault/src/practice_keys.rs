//! The unwrapped keys of one practice: sealing, opening, blind indexes, digests.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::blind_index::KeyedHash;
use crate::kek::{KEY_LEN, Kek, NONCE_LEN, cipher, seal_with};
use crate::random::random_bytes;
use crate::{Place, VaultError, WrappedDek};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const HEADER_LEN: usize = 1 + KEY_ID_LEN;
const NONCE_END: usize = HEADER_LEN + NONCE_LEN;
const TAG_LEN: usize = 16;

/// Bytes by which a sealed value is longer than its plaintext.
pub const SEALING_OVERHEAD: usize = NONCE_END + TAG_LEN;

/// The keys of one practice, expanded and ready. The first data key is current; retired ones
/// still open what they sealed.
///
/// Cloning is cheap and shares the keys.
#[derive(Clone)]
pub struct PracticeKeys {
    practice: [u8; 16],
    ring: Arc<[DataKey]>,
}

/// What is derived from one data key. The data key itself is not kept.
struct DataKey {
    id: [u8; KEY_ID_LEN],
    sealing: LessSafeKey,
    index: KeyedHash,
    digest: KeyedHash,
}

impl PracticeKeys {
    /// Makes the data key of a new practice, and its wrapped form to store.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    #[must_use]
    pub fn create(kek: &Kek, practice: [u8; 16]) -> (PracticeKeys, WrappedDek) {
        let key = Zeroizing::new(random_bytes::<KEY_LEN>());
        let wrapped = WrappedDek::seal(kek.current(), &practice, &key);
        (PracticeKeys::from_ring(practice, [&key]), wrapped)
    }

    /// Opens the data key of a practice.
    ///
    /// # Errors
    /// [`VaultError::WrongKek`] when another key-encryption key wrapped it,
    /// [`VaultError::DamagedDek`] when it was changed or is another practice's.
    pub fn unwrap(kek: &Kek, practice: [u8; 16], wrapped: &WrappedDek) -> Result<PracticeKeys, VaultError> {
        let key = wrapped.open(kek, &practice)?;
        Ok(PracticeKeys::from_ring(practice, [&key]))
    }

    /// Opens the data keys of a practice whose data key is being rotated: `current` seals, the
    /// `retired` ones open what they sealed.
    ///
    /// # Errors
    /// As [`PracticeKeys::unwrap`].
    pub fn unwrap_ring(kek: &Kek, practice: [u8; 16], current: &WrappedDek, retired: &[WrappedDek]) -> Result<PracticeKeys, VaultError> {
        let keys = std::iter::once(current).chain(retired).map(|wrapped| wrapped.open(kek, &practice)).collect::<Result<Vec<_>, _>>()?;
        Ok(PracticeKeys::from_ring(practice, keys.iter()))
    }

    fn from_ring<'a>(practice: [u8; 16], keys: impl IntoIterator<Item = &'a Zeroizing<[u8; KEY_LEN]>>) -> PracticeKeys {
        PracticeKeys { practice, ring: keys.into_iter().map(|key| DataKey::new(key)).collect() }
    }

    /// The practice that these keys belong to.
    #[must_use]
    pub fn practice(&self) -> [u8; 16] {
        self.practice
    }

    /// Seals a value for its place: version ‖ key id ‖ nonce ‖ ciphertext and tag.
    ///
    /// The same value sealed twice gives different bytes.
    ///
    /// # Panics
    /// When the operating system gives no randomness.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        let key = self.current();
        let header = header(key.id);
        let nonce: [u8; NONCE_LEN] = random_bytes();
        let mut body = Vec::with_capacity(plaintext.len() + TAG_LEN);
        body.extend_from_slice(plaintext);
        let aad = place.associated_data(&header, &self.practice);
        seal_with(&key.sealing, nonce, &aad, &mut body);
        let mut sealed = Vec::with_capacity(NONCE_END + body.len());
        sealed.extend_from_slice(&header);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// [`VaultError::DamagedValue`] when it was changed or stands in another place than it was
    /// sealed for; [`VaultError::UnknownDataKey`] when a data key that is not in the ring sealed
    /// it; [`VaultError::MalformedValue`] when it is no sealed value.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (table, column) = (place.table, place.column);
        if sealed.len() < SEALING_OVERHEAD || sealed[0] != VERSION {
            return Err(VaultError::MalformedValue { table, column });
        }
        let (header, rest) = sealed.split_at(HEADER_LEN);
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let key = self.ring.iter().find(|key| key.id == header[1..]).ok_or(VaultError::UnknownDataKey { table, column })?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::MalformedValue { table, column })?;
        let aad = place.associated_data(header, &self.practice);
        let mut buffer = body.to_vec();
        let length = key
            .sealing
            .open_in_place(nonce, Aad::from(aad.as_slice()), &mut buffer)
            .map_err(|_| VaultError::DamagedValue { table, column })?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// Whether a sealed value should be sealed anew because a retired data key sealed it.
    #[must_use]
    pub fn is_outdated(&self, sealed: &[u8]) -> bool {
        sealed.get(..HEADER_LEN) != Some(&header(self.current().id))
    }

    /// The blind index of a value, to store and to look it up by. `normalised` must be the one
    /// form of the value, since a single differing byte gives another index.
    #[must_use]
    pub fn index(&self, column: &'static str, normalised: &[u8]) -> [u8; 16] {
        self.current().index.short(column, normalised)
    }

    /// The blind index under every data key, the current one first: while a data key is being
    /// rotated a look-up asks for any of these.
    #[must_use]
    pub fn indexes(&self, column: &'static str, normalised: &[u8]) -> Vec<[u8; 16]> {
        self.ring.iter().map(|key| key.index.short(column, normalised)).collect()
    }

    /// A keyed digest, for ledger entries that must prove what a text or a set of facts was
    /// without holding it. Without the key nobody can test guesses against it.
    #[must_use]
    pub fn digest(&self, label: &str, bytes: &[u8]) -> [u8; 32] {
        self.current().digest.hash(label, bytes)
    }

    /// Whether `digest` is the digest of these bytes under any data key of the practice. The
    /// comparison takes the same time whatever differs.
    #[must_use]
    pub fn digest_matches(&self, label: &str, bytes: &[u8], digest: &[u8]) -> bool {
        self.ring.iter().any(|key| verify_slices_are_equal(&key.digest.hash(label, bytes), digest).is_ok())
    }

    fn current(&self) -> &DataKey {
        &self.ring[0]
    }
}

impl fmt::Debug for PracticeKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PracticeKeys(..)")
    }
}

impl DataKey {
    fn new(key: &[u8; KEY_LEN]) -> DataKey {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"wellsent-vault-v1").extract(key);
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&derive(&root, b"id")[..KEY_ID_LEN]);
        DataKey {
            id,
            sealing: cipher(&derive(&root, b"sealing")),
            index: KeyedHash::new(&derive(&root, b"blind index")),
            digest: KeyedHash::new(&derive(&root, b"digest")),
        }
    }
}

/// The key for one use; different labels give unrelated keys.
fn derive(root: &hkdf::Prk, label: &[u8]) -> Zeroizing<[u8; KEY_LEN]> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    let filled = root.expand(&[label], hkdf::HKDF_SHA256).and_then(|material| material.fill(key.as_mut_slice()));
    assert!(filled.is_ok(), "HKDF-SHA-256 gives 32 bytes");
    key
}

fn header(id: [u8; KEY_ID_LEN]) -> [u8; HEADER_LEN] {
    let mut header = [VERSION; HEADER_LEN];
    header[1..].copy_from_slice(&id);
    header
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRACTICE: [u8; 16] = [1; 16];
    const PLACE: Place<'static> = Place { table: "contact_point", column: "number", row: b"row-1" };

    fn keys() -> PracticeKeys {
        PracticeKeys::create(&Kek::generate(), PRACTICE).0
    }

    #[test]
    fn a_sealed_value_hides_its_plaintext_and_differs_each_time() {
        let keys = keys();
        let (first, second) = (keys.seal(PLACE, b"+12125550123"), keys.seal(PLACE, b"+12125550123"));
        assert_ne!(first, second);
        assert_eq!(first.len(), 12 + SEALING_OVERHEAD);
        assert!(!first.windows(4).any(|window| window == b"5550"));
    }

    #[test]
    fn a_value_opens_only_in_the_place_it_was_sealed_for() {
        let kek = Kek::generate();
        let (keys, _) = PracticeKeys::create(&kek, PRACTICE);
        let sealed = keys.seal(PLACE, b"Pat Example");
        assert_eq!(keys.open(PLACE, &sealed).unwrap(), b"Pat Example");
        let elsewhere = [
            Place { row: b"row-2", ..PLACE },
            Place { row: b"", ..PLACE },
            Place { column: "name", ..PLACE },
            Place { table: "person", ..PLACE },
        ];
        for place in elsewhere {
            assert_eq!(keys.open(place, &sealed), Err(VaultError::DamagedValue { table: place.table, column: place.column }));
        }
    }

    #[test]
    fn the_place_binds_the_practice_even_under_the_same_data_key() {
        let key = Zeroizing::new([3; 32]);
        let here = PracticeKeys::from_ring(PRACTICE, [&key]);
        let there = PracticeKeys::from_ring([2; 16], [&key]);
        let sealed = here.seal(PLACE, b"Pat Example");
        assert!(here.open(PLACE, &sealed).is_ok());
        assert!(matches!(there.open(PLACE, &sealed), Err(VaultError::DamagedValue { .. })));
    }

    #[test]
    fn practices_do_not_share_keys() {
        let kek = Kek::generate();
        let (here, _) = PracticeKeys::create(&kek, PRACTICE);
        let (there, _) = PracticeKeys::create(&kek, [2; 16]);
        let sealed = here.seal(PLACE, b"Pat Example");
        assert!(matches!(there.open(PLACE, &sealed), Err(VaultError::UnknownDataKey { .. })));
        assert_ne!(here.index("number", b"x"), there.index("number", b"x"));
        assert_ne!(here.digest("body", b"x"), there.digest("body", b"x"));
    }

    #[test]
    fn the_wrong_key_file_is_told_apart_from_damage() {
        let (right, wrong) = (Kek::generate(), Kek::generate());
        let (keys, wrapped) = PracticeKeys::create(&right, PRACTICE);
        let again = PracticeKeys::unwrap(&right, PRACTICE, &wrapped).unwrap();
        let sealed = keys.seal(PLACE, b"Pat Example");
        assert_eq!(again.open(PLACE, &sealed).unwrap(), b"Pat Example");
        assert_eq!(again.index("number", b"x"), keys.index("number", b"x"));

        let error = PracticeKeys::unwrap(&wrong, PRACTICE, &wrapped).unwrap_err();
        assert_eq!(error, VaultError::WrongKek { wanted: right.current_id(), have: wrong.ids() });
        let error = PracticeKeys::unwrap(&right, [2; 16], &wrapped).unwrap_err();
        assert_eq!(error, VaultError::DamagedDek);
    }

    #[test]
    fn a_new_data_key_seals_and_the_retired_one_still_opens_and_finds() {
        let kek = Kek::generate();
        let (old, old_wrapped) = PracticeKeys::create(&kek, PRACTICE);
        let (_, new_wrapped) = PracticeKeys::create(&kek, PRACTICE);
        let ring = PracticeKeys::unwrap_ring(&kek, PRACTICE, &new_wrapped, &[old_wrapped]).unwrap();
        let alone = PracticeKeys::unwrap(&kek, PRACTICE, &new_wrapped).unwrap();

        let sealed = old.seal(PLACE, b"Pat Example");
        assert_eq!(ring.open(PLACE, &sealed).unwrap(), b"Pat Example");
        assert!(ring.is_outdated(&sealed));
        let resealed = ring.seal(PLACE, b"Pat Example");
        assert!(!ring.is_outdated(&resealed));
        assert!(alone.open(PLACE, &resealed).is_ok());
        assert!(alone.open(PLACE, &sealed).is_err());

        assert_eq!(ring.indexes("number", b"x"), vec![alone.index("number", b"x"), old.index("number", b"x")]);
        assert!(ring.digest_matches("body", b"x", &old.digest("body", b"x")));
        assert!(!alone.digest_matches("body", b"x", &old.digest("body", b"x")));
        assert!(!ring.digest_matches("body", b"y", &old.digest("body", b"x")));
    }

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let keys = keys();
        assert_ne!(keys.index("a", b"x"), keys.index("b", b"x"));
        assert_ne!(keys.digest("a", b"x"), keys.digest("b", b"x"));
        assert_ne!(keys.index("a", b"x"), keys.digest("a", b"x")[..16]);
    }

    #[test]
    fn derived_keys_stay_the_same_from_version_to_version() {
        // Stored indexes and digests are looked up for years. If this value changes, nothing
        // that was stored before is found any more.
        let keys = PracticeKeys::from_ring(PRACTICE, [&Zeroizing::new([7; 32])]);
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex(&keys.index("number", b"+12125550123")), "3932cd7df94c06130ac0e1e98c2d6d30");
        assert_eq!(hex(&keys.digest("body", b"Hello")), "ea7e95ae42786c5e6a0450edd218fbcfe64b91807fd954da0d0ebcf1ec98a164");
        assert_eq!(hex(&keys.current().id), "63a1ed4f");
    }

    #[test]
    fn what_another_implementation_of_the_format_sealed_opens() {
        // Made with the AES-GCM-SIV, HMAC and HKDF of another library: data key 32 times 7,
        // practice 16 times 1, nonce 0 to 11.
        let sealed = "0163a1ed4f000102030405060708090a0bfd4ed975b288a40619c92a27ea112b0fdfbd338c208075ae27bad8cd";
        let sealed: Vec<u8> = (0..sealed.len()).step_by(2).map(|at| u8::from_str_radix(&sealed[at..at + 2], 16).unwrap()).collect();
        let keys = PracticeKeys::from_ring(PRACTICE, [&Zeroizing::new([7; 32])]);
        assert_eq!(keys.open(PLACE, &sealed).unwrap(), b"+12125550123");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_to_itself(plaintext: Vec<u8>, row: Vec<u8>) {
            let keys = keys();
            let place = Place { row: &row, ..PLACE };
            prop_assert_eq!(keys.open(place, &keys.seal(place, &plaintext)), Ok(plaintext));
        }

        #[test]
        fn any_changed_bit_is_refused(plaintext: Vec<u8>, position: prop::sample::Index, bit in 0..8_u8) {
            let keys = keys();
            let mut sealed = keys.seal(PLACE, &plaintext);
            let position = position.index(sealed.len());
            sealed[position] ^= 1 << bit;
            prop_assert!(keys.open(PLACE, &sealed).is_err());
        }

        #[test]
        fn a_cut_or_grown_value_is_refused(plaintext: Vec<u8>, cut: prop::sample::Index, more: u8) {
            let keys = keys();
            let mut sealed = keys.seal(PLACE, &plaintext);
            prop_assert!(keys.open(PLACE, &sealed[..cut.index(sealed.len())]).is_err());
            sealed.push(more);
            prop_assert!(keys.open(PLACE, &sealed).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_open_and_never_panic(bytes: Vec<u8>) {
            prop_assert!(keys().open(PLACE, &bytes).is_err());
        }

        #[test]
        fn a_value_moved_to_another_row_is_refused(first: Vec<u8>, second: Vec<u8>) {
            prop_assume!(first != second);
            let keys = keys();
            let sealed = keys.seal(Place { row: &first, ..PLACE }, b"x");
            let refused = keys.open(Place { row: &second, ..PLACE }, &sealed).is_err();
            prop_assert!(refused);
        }
    }
}
