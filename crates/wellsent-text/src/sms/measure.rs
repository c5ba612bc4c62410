//! Measuring a text and cutting it into the parts in which it travels.

use super::gsm7;

/// How a text is put on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// Two-byte units; what everything else needs. Emoji take two units (UTF-16).
    Ucs2,
}

impl Encoding {
    /// The name people know: `"GSM-7"` or `"UCS-2"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "GSM-7",
            Encoding::Ucs2 => "UCS-2",
        }
    }

    /// Units that fit when the text travels as one part.
    pub const fn units_alone(self) -> usize {
        match self {
            Encoding::Gsm7 => 160,
            Encoding::Ucs2 => 70,
        }
    }

    /// Units that fit in each part of a longer text, next to the header that joins the parts.
    pub const fn units_joined(self) -> usize {
        match self {
            Encoding::Gsm7 => 153,
            Encoding::Ucs2 => 67,
        }
    }

    /// Units of one character, which is never cut.
    const fn units(self, ch: char) -> usize {
        match self {
            Encoding::Gsm7 => gsm7::septets(ch),
            Encoding::Ucs2 => ch.len_utf16(),
        }
    }
}

/// The size of a text as SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Measure {
    /// How the text is put on the air.
    pub encoding: Encoding,
    /// Septets in GSM-7, UTF-16 units in UCS-2.
    pub units: usize,
    /// Parts that a carrier charges for; an empty text is one part.
    pub parts: usize,
}

/// Measures a text exactly as given (`C-13`).
///
/// One character outside GSM-7 turns the whole text to UCS-2. An escape pair and a surrogate pair stay
/// in one part, so a text can need a part more than its units suggest.
pub fn measure(text: &str) -> Measure {
    let (encoding, units) = encode(text);
    let mut parts = 1;
    if units > encoding.units_alone() {
        for_each_cut(text, encoding, |_| parts += 1);
    }
    Measure { encoding, units, parts }
}

/// Cuts a text into the parts that [`measure`] counts; joined they are the text again.
pub fn split(text: &str) -> Vec<String> {
    let (encoding, units) = encode(text);
    if units <= encoding.units_alone() {
        return vec![text.to_owned()];
    }
    let mut parts = Vec::with_capacity(units / encoding.units_joined() + 1);
    let mut start = 0;
    for_each_cut(text, encoding, |cut| {
        parts.push(text[start..cut].to_owned());
        start = cut;
    });
    parts.push(text[start..].to_owned());
    parts
}

/// The encoding that a text needs and its units in it.
fn encode(text: &str) -> (Encoding, usize) {
    let mut units = 0;
    for ch in text.chars() {
        match gsm7::septets(ch) {
            0 => return (Encoding::Ucs2, text.chars().map(char::len_utf16).sum()),
            septets => units += septets,
        }
    }
    (Encoding::Gsm7, units)
}

/// Calls `cut` with the byte offset at which each part but the first begins.
fn for_each_cut(text: &str, encoding: Encoding, mut cut: impl FnMut(usize)) {
    let mut used = 0;
    for (offset, ch) in text.char_indices() {
        let units = encoding.units(ch);
        if used + units > encoding.units_joined() {
            cut(offset);
            used = 0;
        }
        used += units;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a(n: usize) -> String {
        "a".repeat(n)
    }

    fn assert_size(text: &str, encoding: Encoding, units: usize, parts: usize) {
        let expected = Measure { encoding, units, parts };
        assert_eq!(measure(text), expected, "{text}");
    }

    #[test]
    fn the_limits_of_gsm_7_are_160_and_153() {
        for (n, parts) in [(0, 1), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3)] {
            assert_size(&a(n), Encoding::Gsm7, n, parts);
        }
    }

    #[test]
    fn an_extension_character_costs_two() {
        assert_size(&(a(158) + "€"), Encoding::Gsm7, 160, 1);
        assert_size(&(a(159) + "€"), Encoding::Gsm7, 161, 2);
        assert_size(&"[]".repeat(40), Encoding::Gsm7, 160, 1);
        assert_size(&"[]".repeat(41), Encoding::Gsm7, 164, 2);
        for ch in "^{}\\[]~|€\u{0C}".chars() {
            assert_size(&ch.to_string(), Encoding::Gsm7, 2, 1);
        }
    }

    #[test]
    fn an_escape_pair_is_not_cut() {
        assert_size(&(a(152) + "€" + &a(152)), Encoding::Gsm7, 306, 3);
        assert_eq!(split(&(a(152) + "€" + &a(152)))[0], a(152));
    }

    #[test]
    fn the_limits_of_ucs_2_are_70_and_67() {
        for (n, parts) in [(69, 1), (70, 2), (133, 2), (134, 3)] {
            assert_size(&("’".to_owned() + &a(n)), Encoding::Ucs2, n + 1, parts);
        }
        assert_size(&"😀".repeat(35), Encoding::Ucs2, 70, 1);
        assert_size(&"😀".repeat(36), Encoding::Ucs2, 72, 2);
    }

    #[test]
    fn a_surrogate_pair_is_not_cut() {
        assert_size(&(a(66) + "😀" + &a(66)), Encoding::Ucs2, 134, 3);
    }

    #[test]
    fn some_accents_are_free_and_some_are_not() {
        for ch in "éñÇ¿àèìòùü¡".chars() {
            assert_size(&ch.to_string(), Encoding::Gsm7, 1, 1);
        }
        for ch in "áíóúç`\t\u{A0}’–—…".chars() {
            assert_size(&ch.to_string(), Encoding::Ucs2, 1, 1);
        }
    }

    /// Encodes to units first and then cuts, stepping back from a cut inside a pair.
    fn naive(text: &str) -> (Encoding, usize, usize) {
        let basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                     ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
        let extension = "\u{0C}^{}\\[~]|€";
        let gsm = text.chars().all(|ch| basic.contains(ch) || extension.contains(ch));
        let (encoding, alone, joined) = if gsm { (Encoding::Gsm7, 160, 153) } else { (Encoding::Ucs2, 70, 67) };
        // `true` marks a unit that the next one belongs to.
        let mut opens = Vec::new();
        if gsm {
            for ch in text.chars() {
                if extension.contains(ch) {
                    opens.push(true);
                }
                opens.push(false);
            }
        } else {
            opens.extend(text.encode_utf16().map(|unit| unit & 0xFC00 == 0xD800));
        }
        if opens.len() <= alone {
            return (encoding, opens.len(), 1);
        }
        let (mut parts, mut start) = (0, 0);
        while start < opens.len() {
            let mut end = (start + joined).min(opens.len());
            if opens[end - 1] {
                end -= 1;
            }
            start = end;
            parts += 1;
        }
        (encoding, opens.len(), parts)
    }

    proptest! {
        #[test]
        fn measuring_agrees_with_a_naive_reference(
            text in prop_oneof!["[a-z€\\[\\] éñ]{0,500}", "[a-z€’á😀]{0,300}", ".{0,200}"]
        ) {
            let size = measure(&text);
            prop_assert_eq!((size.encoding, size.units, size.parts), naive(&text));
        }

        #[test]
        fn the_parts_are_the_text_again_and_each_fits(
            text in prop_oneof!["[a-z€\\[\\]]{0,500}", "[a-z€’😀]{0,300}"]
        ) {
            let size = measure(&text);
            let parts = split(&text);
            prop_assert_eq!(parts.len(), size.parts);
            prop_assert_eq!(parts.concat(), text);
            let limit = match size.parts {
                1 => size.encoding.units_alone(),
                _ => size.encoding.units_joined(),
            };
            for part in parts {
                let units: usize = part.chars().map(|ch| size.encoding.units(ch)).sum();
                prop_assert!(units <= limit);
            }
        }
    }
}
