//! Random bytes and tokens from the cryptographic generator.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes in a [`random_token`]: 128 bits cannot be guessed, and 22 characters keep a link in a
/// text short.
const TOKEN_BYTES: usize = 16;

/// `N` random bytes, fit for keys and nonces.
///
/// # Panics
/// When the operating system gives no randomness. Nothing safe can be done then.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    assert!(rand::fill(&mut bytes).is_ok(), "the operating system gave no random bytes");
    bytes
}

/// A token of 128 random bits as 22 characters that are safe in a URL: for secure links, attempt
/// tokens and sessions. It says nothing about whom it was made for (H-03).
///
/// # Panics
/// As [`random_bytes`].
#[must_use]
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<TOKEN_BYTES>())
}

/// `count` random decimal digits, each equally likely: for codes that a person types.
///
/// # Panics
/// As [`random_bytes`].
#[must_use]
pub fn random_digits(count: usize) -> String {
    let mut digits = String::with_capacity(count);
    while digits.len() < count {
        for byte in random_bytes::<16>() {
            // 250 is the largest multiple of ten in a byte; the rest would favour low digits.
            if byte < 250 && digits.len() < count {
                digits.push(char::from(b'0' + byte % 10));
            }
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_are_url_safe_and_do_not_repeat() {
        let mut seen = HashSet::new();
        for _ in 0..1_000 {
            let token = random_token();
            assert_eq!(token.len(), 22);
            assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            assert!(seen.insert(token));
        }
    }

    #[test]
    fn codes_have_the_asked_length_and_use_every_digit_about_equally() {
        assert_eq!(random_digits(0), "");
        let mut counts = [0_usize; 10];
        for digit in random_digits(10_000).bytes() {
            counts[usize::from(digit - b'0')] += 1;
        }
        // The standard deviation of each count is 30; six of them either way.
        assert!(counts.iter().all(|count| (820..=1_180).contains(count)));
    }

    #[test]
    fn bytes_differ_from_call_to_call() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
    }
}
