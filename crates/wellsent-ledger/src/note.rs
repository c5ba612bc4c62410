//! Signed notes (C2SP signed-note): a text, an empty line, and one line for each signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::key::{SigningKey, VerifyingKey};

/// Notes with more signatures than this are refused unread; the specification asks for 16.
const MOST_SIGNATURES: usize = 100;
/// Longest note in bytes.
const LONGEST_NOTE: usize = 64 * 1024;
const SIGNATURE_MARK: &str = "\u{2014} ";

/// Why a note is not accepted.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum NoteError {
    /// The note does not have the form of one.
    #[error("this is not a signed note; give the whole text of a checkpoint, its last line too")]
    Malformed,
    /// No signature is by a key that was given.
    #[error("no signature is by a known key; give the verifying key of this ledger")]
    UnknownKey,
    /// A signature that names a known key is not by it.
    #[error("the signature is not valid: the text was changed after it was signed")]
    BadSignature,
}

/// Signs a text, which must end in a newline and hold no other control characters.
pub(crate) fn sign(text: &str, key: &SigningKey) -> Result<String, NoteError> {
    if !text.ends_with('\n') || has_control_characters(text) {
        return Err(NoteError::Malformed);
    }
    let mut signature = key.verifying_key().id().to_vec();
    signature.extend_from_slice(&key.sign(text.as_bytes()));
    let name = key.verifying_key().name();
    let encoded = STANDARD.encode(signature);
    Ok(format!("{text}\n{SIGNATURE_MARK}{name} {encoded}\n"))
}

/// The text of a note, once a signature by one of `keys` was found valid and none by them was
/// found invalid. Signatures by other keys, of witnesses for example, are ignored.
pub(crate) fn open<'n>(note: &'n str, keys: &[VerifyingKey]) -> Result<&'n str, NoteError> {
    if note.len() > LONGEST_NOTE || has_control_characters(note) {
        return Err(NoteError::Malformed);
    }
    let border = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, signatures) = (&note[..=border], &note[border + 2..]);
    let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Malformed)?.split('\n');
    let mut valid = false;
    for (count, line) in signatures.enumerate() {
        if count >= MOST_SIGNATURES {
            return Err(NoteError::Malformed);
        }
        let (name, id, signature) = read_signature(line).ok_or(NoteError::Malformed)?;
        let mut known = keys.iter().filter(|key| key.name() == name && key.id() == id).peekable();
        if known.peek().is_none() {
            continue;
        }
        if !known.any(|key| key.verify(text.as_bytes(), &signature)) {
            return Err(NoteError::BadSignature);
        }
        valid = true;
    }
    if valid { Ok(text) } else { Err(NoteError::UnknownKey) }
}

fn read_signature(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    if name.is_empty() || signature.is_empty() {
        return None;
    }
    Some((name, *id, signature.to_vec()))
}

fn has_control_characters(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the note format's first implementation.
    const SIGNING_KEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const VERIFYING_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n";
    const SIGNATURE: &str =
        "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn keys() -> (SigningKey, [VerifyingKey; 1]) {
        (SigningKey::parse(SIGNING_KEY).unwrap(), [VERIFYING_KEY.parse().unwrap()])
    }

    #[test]
    fn the_known_key_signs_the_known_text_byte_for_byte() {
        let (signing, verifying) = keys();
        let note = sign(TEXT, &signing).unwrap();
        assert_eq!(note, format!("{TEXT}\n{SIGNATURE}"));
        assert_eq!(open(&note, &verifying), Ok(TEXT));
        assert_eq!(signing.verifying_key(), &verifying[0]);
    }

    #[test]
    fn every_changed_bit_of_a_note_is_refused() {
        let (signing, verifying) = keys();
        let note = sign(TEXT, &signing).unwrap();
        for position in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[position] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(open(&changed, &verifying).is_err(), "{position} bit {bit}");
                }
            }
            if note.is_char_boundary(position) {
                assert!(open(&note[..position], &verifying).is_err());
            }
        }
    }

    #[test]
    fn signatures_of_others_are_ignored_and_a_wrong_one_of_ours_is_not() {
        let (signing, verifying) = keys();
        let note = sign(TEXT, &signing).unwrap();
        let witness = SigningKey::generate("witness.example").unwrap();
        let by_witness = sign(TEXT, &witness).unwrap();
        let witness_line = &by_witness[TEXT.len() + 1..];
        let both = format!("{note}{witness_line}");
        assert_eq!(open(&both, &verifying), Ok(TEXT));
        assert_eq!(open(&by_witness, &verifying), Err(NoteError::UnknownKey));
        assert_eq!(open(&note, &[]), Err(NoteError::UnknownKey));

        let other_text = sign("Another text\n", &signing).unwrap();
        let other_line = &other_text["Another text\n".len() + 1..];
        let contradicting = format!("{note}{other_line}");
        assert_eq!(open(&contradicting, &verifying), Err(NoteError::BadSignature));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let (signing, verifying) = keys();
        let note = sign(TEXT, &signing).unwrap();
        for bad in ["", "\n", "\n\n", "text\n\n", TEXT, SIGNATURE] {
            assert!(open(bad, &verifying).is_err());
        }
        let tab = note.replace(' ', "\t");
        assert_eq!(open(&tab, &verifying), Err(NoteError::Malformed));
        assert_eq!(sign("no newline", &signing), Err(NoteError::Malformed));
        let flood = format!("{note}{}", SIGNATURE.repeat(MOST_SIGNATURES));
        assert_eq!(open(&flood, &verifying), Err(NoteError::Malformed));
    }

    #[test]
    fn a_text_may_hold_empty_lines() {
        let (signing, verifying) = keys();
        let note = sign("one\n\ntwo\n", &signing).unwrap();
        assert_eq!(open(&note, &verifying), Ok("one\n\ntwo\n"));
    }
}
