//! Undoing what spreadsheets do to numbers, where that can be undone.

use super::PhoneError;
use super::parse::Digits;

/// Takes away what spreadsheets put around a number to keep it text: `'212…` and `="212…"`.
pub(super) fn unwrap(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"=").unwrap_or(text);
    let text = match text {
        [b'"', inner @ .., b'"'] => inner,
        _ => text,
    };
    text.strip_prefix(b"'").unwrap_or(text).trim_ascii()
}

/// Digits that a spreadsheet treated as an amount: `2.125550123e+09` or `2125550123.0`.
///
/// `None` if the text is neither. In scientific form every digit has to be there: `2.13E+09` has lost some, and so may have
/// `2.12555012E+09`, where a rounded digit looks just like a zero that was cut off.
pub(super) fn calculated(text: &[u8]) -> Option<Result<Digits, PhoneError>> {
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let e = text.iter().position(|&b| b == b'e');
    let (mantissa, exponent) = match e {
        Some(e) => (&text[..e], Some(&text[e + 1..])),
        None => (text, None),
    };
    let dot = mantissa.iter().position(|&b| b == b'.');
    let (whole, fraction) = match dot {
        Some(dot) => (&mantissa[..dot], &mantissa[dot + 1..]),
        None => (mantissa, &mantissa[mantissa.len()..]),
    };
    let fraction_fits = fraction.is_empty() || is_number(fraction);
    if !is_number(whole) || !fraction_fits {
        return None;
    }
    let Some(exponent) = exponent else {
        return match fraction {
            b"0" | b"00" => Some(Digits::scan(whole)),
            [_] | [_, _] => Some(Err(PhoneError::LostDigits)),
            _ => None,
        };
    };
    let exponent = exponent.strip_prefix(b"+").unwrap_or(exponent);
    if !is_number(exponent) || exponent.len() > 3 {
        return None;
    }
    let places = exponent.iter().fold(0, |value, &b| value * 10 + usize::from(b - b'0'));
    if whole.len() != 1 || fraction.len() < places {
        return Some(Err(PhoneError::LostDigits));
    }
    let (kept, beyond) = fraction.split_at(places);
    if beyond.iter().any(|&b| b != b'0') {
        return Some(Err(PhoneError::LostDigits));
    }
    let mut digits = Digits::default();
    for &b in whole.iter().chain(kept) {
        digits.push(b);
    }
    Some(Ok(digits))
}
