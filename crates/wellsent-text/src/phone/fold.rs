//! Bringing what people type and paste to plain ASCII before it is read as a number.

use super::PhoneError;

/// Stands in the folded text for a letter outside ASCII.
pub(super) const LETTER: u8 = 1;
/// Stands in the folded text for any other sign that has no business in a number.
const STRANGE: u8 = 2;

/// The longest folded text that is looked at; no notation of one number is as long.
const LONGEST: usize = 64;

/// A text in lower-case ASCII: full-width forms narrowed, spaces and dashes made plain, invisible characters gone.
pub(super) struct Folded {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Folded {
    pub(super) fn new(text: &str) -> Result<Folded, PhoneError> {
        let mut folded = Folded { bytes: [0; LONGEST], len: 0 };
        for ch in text.chars() {
            let Some(byte) = fold(ch) else { continue };
            let after_space = folded.len == 0 || folded.bytes[folded.len - 1] == b' ';
            if byte == b' ' && after_space {
                continue;
            }
            if folded.len == LONGEST {
                return Err(folded.too_long());
            }
            folded.bytes[folded.len] = byte;
            folded.len += 1;
        }
        Ok(folded)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes[..self.len].trim_ascii()
    }

    /// What is wrong with a text that is longer than any number.
    fn too_long(&self) -> PhoneError {
        if self.bytes.iter().any(|b| b.is_ascii_lowercase() || *b == LETTER) { PhoneError::Letters } else { PhoneError::TooManyDigits }
    }
}

/// The plain form of one character, or `None` if nobody sees it.
fn fold(ch: char) -> Option<u8> {
    let ch = match ch {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(ch as u32 - 0xFEE0).unwrap_or(ch),
        _ => ch,
    };
    if ch.is_ascii_graphic() {
        return Some((ch as u8).to_ascii_lowercase());
    }
    match ch {
        _ if ch.is_whitespace() => Some(b' '),
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '−' | 'ー' | '﹣' => Some(b'-'),
        '·' | '•' | '∙' | '・' => Some(b'.'),
        '‘' | '’' => Some(b'\''),
        '“' | '”' => Some(b'"'),
        _ if ch.is_alphabetic() => Some(LETTER),
        _ => Some(STRANGE),
    }
}
