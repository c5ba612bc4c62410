//! The octets of texts, from the tables of 3GPP TS 23.038.

use super::behaviour::Coding0;

/// Rows of sixteen, as the standard prints them; `␛` stands for the escape.
const ROWS: [&str; 8] = [
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ␛ÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
];

const fn extended(code: u8) -> Option<char> {
    Some(match code {
        0x0A => '\u{0C}',
        0x14 => '^',
        0x28 => '{',
        0x29 => '}',
        0x2F => '\\',
        0x3C => '[',
        0x3D => '~',
        0x3E => ']',
        0x40 => '|',
        0x65 => '€',
        _ => return None,
    })
}

fn basic(code: u8) -> Option<char> {
    ROWS.get(usize::from(code >> 4))?.chars().nth(usize::from(code & 15)).filter(|ch| *ch != '␛')
}

/// Reads octets; what is in no table shows as `\u{FFFD}`, so that a check notices.
pub(super) fn read(coding: u8, octets: &[u8], coding_0: Coding0) -> String {
    match (coding, coding_0) {
        (8, _) => {
            let units: Vec<u16> =
                octets.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0xFF)])).collect();
            String::from_utf16_lossy(&units)
        }
        (0, Coding0::Gsm7) => {
            let mut text = String::new();
            let mut octets = octets.iter();
            while let Some(&code) = octets.next() {
                let ch = if code == 0x1B { octets.next().and_then(|&code| extended(code)) } else { basic(code) };
                text.push(ch.unwrap_or('\u{FFFD}'));
            }
            text
        }
        (0, Coding0::Latin1) | (3, _) => octets.iter().map(|&octet| char::from(octet)).collect(),
        _ => octets.iter().map(|&octet| if octet.is_ascii() { char::from(octet) } else { '\u{FFFD}' }).collect(),
    }
}

/// One character as octets of coding 0, if it has any there.
fn written(ch: char, coding_0: Coding0) -> Option<Vec<u8>> {
    match coding_0 {
        Coding0::Gsm7 => (0..128)
            .find(|&code| basic(code) == Some(ch))
            .map(|code| vec![code])
            .or_else(|| (0..128).find(|&code| extended(code) == Some(ch)).map(|code| vec![0x1B, code])),
        Coding0::Latin1 => u8::try_from(u32::from(ch)).ok().map(|code| vec![code]),
        Coding0::Ascii => ch.is_ascii().then_some(vec![ch as u8]),
    }
}

/// A phone's text: its coding, and its octets in parts of what fits beside a header, or in one if they fit.
pub(super) fn write(text: &str, coding_0: Coding0) -> (u8, Vec<Vec<u8>>) {
    let plain: Option<Vec<Vec<u8>>> = text.chars().map(|ch| written(ch, coding_0)).collect();
    let (coding, characters, alone, joined) = match plain {
        Some(characters) => (0, characters, 160, 153),
        None => {
            let units = |ch: char| ch.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect();
            (8, text.chars().map(units).collect(), 140, 134)
        }
    };
    if characters.iter().map(Vec::len).sum::<usize>() <= alone {
        return (coding, vec![characters.concat()]);
    }
    let mut parts = vec![Vec::new()];
    for character in characters {
        if parts.last().is_some_and(|part: &Vec<u8>| part.len() + character.len() > joined) {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.extend(character);
        }
    }
    (coding, parts)
}
