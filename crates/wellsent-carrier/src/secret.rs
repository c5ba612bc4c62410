//! The secret shared with a carrier, by which callbacks are signed.

use crate::digest::{from_hex, to_hex};
use aws_lc_rs::hmac;
use std::sync::Arc;

/// A shared secret for HMAC-SHA-256 signatures. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct CallbackSecret(Arc<hmac::Key>);

impl CallbackSecret {
    /// Takes the secret as both sides were given it.
    pub fn new(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The signature over the parts, in hexadecimal digits.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        to_hex(context.sign().as_ref())
    }

    /// Whether the signature is that of the parts; takes the same time whichever byte differs.
    pub(crate) fn verify(&self, parts: &[&[u8]], signature: &str) -> bool {
        let Some(signature) = from_hex::<32>(signature) else {
            return false;
        };
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), &signature).is_ok()
    }
}

impl std::fmt::Debug for CallbackSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackSecret(..)")
    }
}
