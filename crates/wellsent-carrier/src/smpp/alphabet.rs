//! The alphabets of short messages: the GSM default alphabet as octets, and what arrives in others (3GPP TS 23.038).

use super::settings::Coding0;

/// The escape that leads to the extension table.
const ESCAPE: u8 = 0x1B;

/// The default alphabet in the order of its codes; the escape's place is held by a character that no text has.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

const EXTENSION: [(u8, char); 10] = [
    (0x0A, '\u{0C}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2F, '\\'),
    (0x3C, '['),
    (0x3D, '~'),
    (0x3E, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// A text in the GSM default alphabet, one septet an octet; `None` if a character is missing there.
pub(super) fn gsm7(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    for ch in text.chars() {
        if let Some(code) = BASIC.chars().position(|basic| basic == ch).filter(|_| ch != '\u{1B}') {
            octets.push(u8::try_from(code).ok()?);
        } else {
            let (code, _) = EXTENSION.iter().find(|(_, extended)| *extended == ch)?;
            octets.extend([ESCAPE, *code]);
        }
    }
    Some(octets)
}

/// A text in the alphabet that the carrier reads coding 0 in; `None` if a character is missing there.
pub(super) fn coding_0(text: &str, alphabet: Coding0) -> Option<Vec<u8>> {
    match alphabet {
        Coding0::Gsm7 => gsm7(text),
        Coding0::Latin1 => text.chars().map(|ch| u8::try_from(u32::from(ch)).ok().filter(|code| !(0x80..0xA0).contains(code))).collect(),
        Coding0::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
    }
}

/// A text as UTF-16, high octet first, which is what carriers mean by UCS-2.
pub(super) fn ucs2(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Reads octets of the GSM default alphabet. An octet above 127 is not of it: the carrier sends Latin-1 and calls it GSM.
pub(super) fn read_gsm7(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut codes = octets.iter().copied();
    while let Some(code) = codes.next() {
        let code = if code == ESCAPE {
            let Some(code) = codes.next() else { break };
            if let Some((_, ch)) = EXTENSION.iter().find(|(extended, _)| *extended == code) {
                text.push(*ch);
                continue;
            }
            // An escape to nowhere shows the basic character (23.038, 6.2.1.1).
            code
        } else {
            code
        };
        match code {
            ESCAPE => {}
            0..=127 => text.extend(BASIC.chars().nth(usize::from(code))),
            _ => text.push(char::from(code)),
        }
    }
    text
}

/// Reads a text by its data coding. Nothing is refused: a reply in an alphabet that is not known here is still a reply, and octets that
/// mean nothing show as replacement characters. NUL is left out, because databases take none.
pub(super) fn read(coding: u8, octets: &[u8], alphabet: Coding0) -> String {
    let mut text = match coding {
        0x08 | 0x18..=0x1B => read_ucs2(octets),
        0x03 => octets.iter().copied().map(char::from).collect(),
        // Some carriers call GSM text IA5; its control codes give that away.
        0x01 if octets.iter().all(|octet| octet.is_ascii() && (*octet >= 0x20 || matches!(octet, b'\n' | b'\r'))) => read_other(octets),
        0x01 => read_gsm7(octets),
        0x00 | 0x10..=0x13 | 0xF0..=0xF3 => match alphabet {
            Coding0::Gsm7 => read_gsm7(octets),
            Coding0::Latin1 => octets.iter().copied().map(char::from).collect(),
            Coding0::Ascii => read_other(octets),
        },
        _ => read_other(octets),
    };
    text.retain(|ch| ch != '\0');
    text
}

fn read_ucs2(octets: &[u8]) -> String {
    let units = octets.chunks(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0xFFFD,
    });
    char::decode_utf16(units).map(|ch| ch.unwrap_or(char::REPLACEMENT_CHARACTER)).filter(|ch| *ch != '\u{FEFF}').collect()
}

fn read_other(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wellsent_text::sms::{Encoding, measure};

    #[test]
    fn the_alphabet_has_the_codes_of_the_standard() {
        assert_eq!(gsm7("@$ _é").as_deref(), Some([0x00, 0x02, 0x20, 0x11, 0x05].as_slice()));
        assert_eq!(gsm7("aZ€[").as_deref(), Some([0x61, 0x5A, 0x1B, 0x65, 0x1B, 0x3C].as_slice()));
        assert_eq!(gsm7("ñüà").as_deref(), Some([0x7D, 0x7E, 0x7F].as_slice()));
        assert_eq!(gsm7("á"), None);
        assert_eq!(gsm7("\u{1B}"), None);
    }

    #[test]
    fn codes_that_mean_nothing_do_not_spoil_a_text() {
        assert_eq!(read_gsm7(&[0x53, 0x1B, 0x54, 0x4F, 0x50, 0x1B]), "STOP");
        assert_eq!(read_gsm7(&[0x1B, 0x1B, 0x41]), "A");
        assert_eq!(read(0, &[0x53, 0xE9], Coding0::Gsm7), "Sé");
        assert_eq!(read(8, &[0x00, 0x53, 0x00], Coding0::Gsm7), "S\u{FFFD}");
        assert_eq!(read(8, &[0xD8, 0x3D], Coding0::Gsm7), "\u{FFFD}");
        assert_eq!(read(3, b"S\0TOP", Coding0::Gsm7), "STOP");
    }

    #[test]
    fn coding_1_is_read_as_gsm_only_where_it_cannot_be_ascii() {
        assert_eq!(read(1, b"a@b", Coding0::Gsm7), "a@b");
        assert_eq!(read(1, &[0x61, 0x00, 0x62], Coding0::Gsm7), "a@b");
    }

    proptest! {
        #[test]
        fn a_text_reads_back_in_every_alphabet_that_has_it(text in "[a-zA-Z0-9 @€\\[\\]éñΔ¿\n’á😀]{0,200}") {
            if let Some(octets) = gsm7(&text) {
                prop_assert_eq!(measure(&text).encoding, Encoding::Gsm7);
                prop_assert_eq!(octets.len(), measure(&text).units);
                prop_assert_eq!(read(0, &octets, Coding0::Gsm7), text.clone());
            } else {
                prop_assert_eq!(measure(&text).encoding, Encoding::Ucs2);
            }
            for alphabet in [Coding0::Latin1, Coding0::Ascii] {
                if let Some(octets) = coding_0(&text, alphabet) {
                    prop_assert_eq!(read(0, &octets, alphabet), text.clone());
                }
            }
            prop_assert_eq!(read(8, &ucs2(&text), Coding0::Gsm7), text);
        }

        #[test]
        fn any_octets_of_any_coding_are_some_text_without_nul(coding: u8, octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            for alphabet in [Coding0::Gsm7, Coding0::Latin1, Coding0::Ascii] {
                prop_assert!(!read(coding, &octets, alphabet).contains('\0'));
            }
        }
    }
}
