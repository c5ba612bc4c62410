//! A search as it stands in an address: sealed, because what is searched for is a name, a birth date or a number (P6).

use crate::Tx;
use wellsent_domain::{Phi, SessionId};

/// Seals what is searched for. Only the session that searched can open it.
pub fn seal(tx: &Tx<'_, '_>, session: SessionId, text: &Phi<String>) -> String {
    let sealed = tx.seal("search", "words", &session.bytes(), text.expose().as_bytes());
    sealed.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was searched for; `None` for anything that this session did not seal.
pub fn open(tx: &Tx<'_, '_>, session: SessionId, sealed: &str) -> Option<Phi<String>> {
    let digits = sealed.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or_default();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    tx.open("search", "words", &session.bytes(), &bytes).ok()
}
