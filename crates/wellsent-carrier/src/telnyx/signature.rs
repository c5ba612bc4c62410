//! The signatures of Telnyx's webhooks: Ed25519 over the time, a bar and the body.

use crate::{Callback, CallbackError};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

pub(super) const SIGNATURE_HEADER: &str = "telnyx-signature-ed25519";
pub(super) const TIMESTAMP_HEADER: &str = "telnyx-timestamp";

/// How far a webhook's time may be from ours, in seconds, either way: afterwards a captured one is worth nothing.
const WINDOW_S: u64 = 300;

/// A public key is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Telnyx's public key must be 32 bytes in base64; copy it from the portal's page of keys")]
pub struct PublicKeyError;

/// The public keys that webhooks may be signed with: the one in use, and while it is being changed the next one (TW-04).
#[derive(Debug, Clone)]
pub struct PublicKeys {
    current: [u8; 32],
    next: Option<[u8; 32]>,
}

impl PublicKeys {
    /// Reads keys as Telnyx's portal shows them.
    ///
    /// # Errors
    /// When one of them is not a key.
    pub fn new(current: &str, next: Option<&str>) -> Result<Self, PublicKeyError> {
        Ok(Self { current: key(current)?, next: next.map(key).transpose()? })
    }

    /// Checks that a webhook is signed by one of the keys and not older or newer than the window allows.
    pub(super) fn check(&self, callback: &Callback<'_>, now: Timestamp) -> Result<(), CallbackError> {
        let stamp = callback.header(TIMESTAMP_HEADER).ok_or(CallbackError::BadSignature)?;
        let signature = callback.header(SIGNATURE_HEADER).ok_or(CallbackError::BadSignature)?;
        let signature: [u8; 64] =
            STANDARD.decode(signature).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(CallbackError::BadSignature)?;
        if stamp.is_empty() || stamp.len() > 12 || !stamp.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CallbackError::BadSignature);
        }
        let seconds: i64 = stamp.parse().map_err(|_| CallbackError::BadSignature)?;
        if seconds.abs_diff(now.as_second()) > WINDOW_S {
            return Err(CallbackError::BadSignature);
        }
        let signed = [stamp.as_bytes(), b"|", callback.body].concat();
        let good = [Some(self.current), self.next]
            .into_iter()
            .flatten()
            .any(|key| UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature).is_ok());
        good.then_some(()).ok_or(CallbackError::BadSignature)
    }
}

fn key(text: &str) -> Result<[u8; 32], PublicKeyError> {
    STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(PublicKeyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_bytes_in_base64_are_a_key() {
        assert!(PublicKeys::new(&STANDARD.encode([7; 32]), None).is_ok());
        assert!(PublicKeys::new(&format!(" {}\n", STANDARD.encode([7; 32])), Some(&STANDARD.encode([8; 32]))).is_ok());
        for wrong in ["", "AAAA", &STANDARD.encode([7; 31]), &STANDARD.encode([7; 33]), &"-".repeat(44)] {
            assert_eq!(PublicKeys::new(wrong, None).unwrap_err(), PublicKeyError, "{wrong}");
            assert_eq!(PublicKeys::new(&STANDARD.encode([7; 32]), Some(wrong)).unwrap_err(), PublicKeyError, "{wrong}");
        }
    }
}
