//! Checkpoints (C2SP tlog-checkpoint): a signed statement of how long the ledger is and what its
//! root is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::hash::Hash;
use crate::key::{SigningKey, VerifyingKey};
use crate::note::{self, NoteError};

/// Why a checkpoint is not accepted.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum CheckpointError {
    /// The note around it is not accepted.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The signed text is not a checkpoint.
    #[error("the signed text is not a checkpoint; give a checkpoint of this ledger")]
    Malformed,
    /// It is a checkpoint of another ledger.
    #[error("this is a checkpoint of the ledger {found}, not of {wanted}; give one of this ledger")]
    OtherLedger {
        /// The ledger that it names.
        found: String,
        /// The ledger that was asked for.
        wanted: String,
    },
}

/// The state of a ledger at one size. It says what every entry so far is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which ledger, such as `texts.example.com/ledger`.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: origin, size and base64 root, a line each.
    #[must_use]
    pub fn text(&self) -> String {
        let root = STANDARD.encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// The signed note. Sign no checkpoint that does not continue the one signed before.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] when the origin is empty or not one line.
    pub fn sign(&self, key: &SigningKey) -> Result<String, CheckpointError> {
        let text = self.text();
        if Checkpoint::parse(&text).as_ref() != Some(self) {
            return Err(CheckpointError::Malformed);
        }
        Ok(note::sign(&text, key)?)
    }

    /// Reads a signed note. One valid signature by any of `keys` is enough, so that notes from
    /// before a change of the signing key stay good; an invalid one by any of them is refused.
    /// Extension lines are accepted and ignored.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &str, origin: &str, keys: &[VerifyingKey]) -> Result<Checkpoint, CheckpointError> {
        let text = note::open(note, keys)?;
        let checkpoint = Checkpoint::parse(text).ok_or(CheckpointError::Malformed)?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::OtherLedger { found: checkpoint.origin, wanted: origin.to_owned() });
        }
        Ok(checkpoint)
    }

    fn parse(text: &str) -> Option<Checkpoint> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        if origin.is_empty() || lines.any(str::is_empty) {
            return None;
        }
        let number: u64 = size.parse().ok()?;
        // One number has one form: no sign, no leading zeros.
        if number.to_string() != size {
            return None;
        }
        Some(Checkpoint { origin: origin.to_owned(), size: number, root: Hash::from_slice(&STANDARD.decode(root).ok()?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{empty_root, leaf_hash};

    const ORIGIN: &str = "texts.example.com/ledger";

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint { origin: ORIGIN.to_owned(), size, root: leaf_hash(b"root") }
    }

    #[test]
    fn a_signed_checkpoint_opens_to_itself() {
        let key = SigningKey::generate(ORIGIN).unwrap();
        for size in [0, 1, 20_852_163, u64::MAX] {
            let note = checkpoint(size).sign(&key).unwrap();
            let keys = [key.verifying_key().clone()];
            assert_eq!(Checkpoint::open(&note, ORIGIN, &keys), Ok(checkpoint(size)));
        }
    }

    #[test]
    fn the_text_is_that_of_the_specification() {
        let checkpoint = Checkpoint { origin: "example.com/behind-the-sofa".to_owned(), size: 0, root: empty_root() };
        assert_eq!(checkpoint.text(), "example.com/behind-the-sofa\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
        let published = "example.com/behind-the-sofa\n20852163\n\
                         CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let read = Checkpoint::parse(published).unwrap();
        assert_eq!(read.size, 20_852_163);
        assert_eq!(read.text(), published);
    }

    #[test]
    fn a_key_that_was_replaced_still_verifies_what_it_signed() {
        let (old, new) = (SigningKey::generate(ORIGIN).unwrap(), SigningKey::generate(ORIGIN).unwrap());
        let note = checkpoint(3).sign(&old).unwrap();
        let both = [new.verifying_key().clone(), old.verifying_key().clone()];
        assert!(Checkpoint::open(&note, ORIGIN, &both).is_ok());
        assert_eq!(Checkpoint::open(&note, ORIGIN, &both[..1]), Err(CheckpointError::Note(NoteError::UnknownKey)));
    }

    #[test]
    fn a_checkpoint_of_another_ledger_is_refused() {
        let key = SigningKey::generate(ORIGIN).unwrap();
        let note = checkpoint(3).sign(&key).unwrap();
        let keys = [key.verifying_key().clone()];
        assert!(matches!(Checkpoint::open(&note, "elsewhere.example.com/ledger", &keys), Err(CheckpointError::OtherLedger { .. })));
    }

    #[test]
    fn malformed_texts_are_refused() {
        let root = STANDARD.encode([7; 32]);
        let short = STANDARD.encode([7; 31]);
        let good = format!("o\n5\n{root}\n");
        assert!(Checkpoint::parse(&good).is_some());
        assert!(Checkpoint::parse(&format!("{good}extension\n")).is_some());
        for bad in [
            format!("\n5\n{root}\n"),
            format!("o\n05\n{root}\n"),
            format!("o\n+5\n{root}\n"),
            format!("o\n-5\n{root}\n"),
            format!("o\n\n{root}\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            format!("o\n5\n{short}\n"),
            format!("o\n5\n{root}"),
            format!("o\n5\n{root}\n\n"),
            "o\n5\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(Checkpoint::parse(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_origin_of_two_lines_is_not_signed() {
        let key = SigningKey::generate(ORIGIN).unwrap();
        for origin in ["", "a\nb", "a\n5"] {
            let mut bad = checkpoint(1);
            bad.origin = origin.to_owned();
            assert_eq!(bad.sign(&key), Err(CheckpointError::Malformed));
        }
    }
}
