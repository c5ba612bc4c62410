//! Replacing what only looks different, so that a curly quote does not triple the price of a text.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use super::gsm7;

/// What [`normalise`] does with one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays.
    Keep,
    /// Another one, or a few, stand for it.
    Replace(&'static str),
    /// A full-width form of this character.
    Narrow(char),
    /// Nobody sees it.
    Remove,
    /// Nobody sees it after an ordinary letter, but scripts and emoji are built with it.
    Join,
}

/// Replaces punctuation, spaces and invisible characters by look-alikes that GSM-7 has (`C-13`).
///
/// Quotes, dashes, bullets, the ellipsis and the backtick become their plain forms, every kind of space and the tab
/// a space, every line end a line feed; zero-width and control characters go; full-width ASCII and typographic ligatures
/// become ordinary letters; and the result is composed (NFC). A letter with an accent stays as it is, because an accent can
/// change the meaning: see [`ucs2_causes`](super::ucs2_causes) for those. A text that is GSM-7 stays GSM-7 and differs
/// at most in its line ends.
pub fn normalise(text: &str) -> String {
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let text = composed(Cow::Borrowed(text));
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(ch) = rest.next() {
        match change(ch) {
            Change::Keep => plain.push(ch),
            Change::Replace("\n") => {
                if ch == '\r' {
                    rest.next_if_eq(&'\n');
                }
                plain.push('\n');
            }
            Change::Replace(with) => plain.push_str(with),
            Change::Narrow(with) => plain.push(with),
            Change::Remove => {}
            Change::Join => {
                if plain.chars().next_back().is_some_and(is_joined) {
                    plain.push(ch);
                }
            }
        }
    }
    // A mark that followed something invisible or full-width can be composed only now.
    composed(Cow::Owned(plain)).into_owned()
}

/// A text in NFC, untouched if nothing in it can be composed.
fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.chars().all(stays_in_nfc) { text } else { Cow::Owned(text.nfc().collect()) }
}

/// Whether NFC leaves a character alone wherever it stands. True of what is common: Latin letters, punctuation,
/// currency signs and emoji. False means that one has to look.
pub(super) const fn stays_in_nfc(ch: char) -> bool {
    matches!(ch, '\0'..='\u{02FF}' | '\u{2002}'..='\u{20CF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Whether a byte is an ASCII character that [`normalise`] leaves alone.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\x0C') && byte != b'`'
}

/// Whether a joiner after this character can matter: the character is of a script beyond Greek and Cyrillic, or an
/// emoji, and has made the text UCS-2 already.
const fn is_joined(ch: char) -> bool {
    ch as u32 >= 0x0590 && !gsm7::contains(ch)
}

/// What becomes of one character.
pub(super) const fn change(ch: char) -> Change {
    use Change::{Join, Keep, Narrow, Remove, Replace};
    match ch {
        ' '..='_' | 'a'..='~' | '\n' | '\u{0C}' => Keep,

        // Single quotes, primes, apostrophes, and accents that stand alone.
        '`' | '´' | '‘' | '’' | '‚' | '‛' | '′' | '‵' | '‹' | '›' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ' | 'ˊ' | 'ˋ' | '\u{0374}' | '\u{1FEF}'
        | '\u{1FFD}' | '❛' | '❜' | 'ꞌ' | '\u{FF40}' => Replace("'"),
        '“' | '”' | '„' | '‟' | '″' | '‶' | '«' | '»' | 'ˮ' | '❝' | '❞' | '〝' | '〞' | '〟' => Replace("\""),

        // Hyphens, dashes, the minus sign, and bullets.
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '−' | '﹘' | '﹣' | '•' | '‣' | '◦' | '∙' | '▪' => Replace("-"),

        '…' => Replace("..."),
        '‥' => Replace(".."),
        '⁄' | '∕' => Replace("/"),
        '∗' | '⁎' => Replace("*"),
        '∶' => Replace(":"),
        '˜' | '∼' => Replace("~"),
        'ˆ' => Replace("^"),
        '¦' => Replace("|"),
        '￡' => Replace("£"),
        '￥' => Replace("¥"),

        'ﬀ' => Replace("ff"),
        'ﬁ' => Replace("fi"),
        'ﬂ' => Replace("fl"),
        'ﬃ' => Replace("ffi"),
        'ﬄ' => Replace("ffl"),

        '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Replace(" "),
        '\r' | '\u{0B}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Replace("\n"),

        // Full-width ASCII lies at a fixed distance.
        '\u{FF01}'..='\u{FF5E}' => match char::from_u32(ch as u32 - 0xFEE0) {
            Some(narrow) => Narrow(narrow),
            None => Keep,
        },

        // Control characters, the soft hyphen, zero-width spaces, marks of writing direction.
        '\0'..='\u{1F}'
        | '\u{7F}'..='\u{9F}'
        | '\u{AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => Remove,

        // Joiners and variation selectors.
        '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' => Join,

        _ => Keep,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sms::{Encoding, measure};

    #[test]
    fn a_curly_quote_does_not_triple_the_price() {
        let text = format!("We’re open “late” – call us… {}", "a".repeat(130));
        assert_eq!(measure(&text).parts, 3);
        assert_eq!(measure(&normalise(&text)).parts, 2);
        assert!(normalise(&text).starts_with("We're open \"late\" - call us... aaa"));
    }

    #[test]
    fn every_kind_of_space_is_a_space() {
        assert_eq!(normalise("2:15\u{202F}PM\tTue\u{A0}3"), "2:15 PM Tue 3");
    }

    #[test]
    fn invisible_characters_go() {
        assert_eq!(normalise("\u{FEFF}S\u{200B}T\u{AD}O\u{200D}P\u{FE0F}\0"), "STOP");
    }

    #[test]
    fn full_width_letters_and_ligatures_become_ordinary() {
        assert_eq!(normalise("ＳＴＯＰ！｀ ﬁne"), "STOP!' fine");
    }

    #[test]
    fn a_line_end_of_a_browser_costs_one_unit() {
        assert_eq!(normalise("one\r\ntwo\rthree\n"), "one\ntwo\nthree\n");
    }

    #[test]
    fn accents_stay_and_are_composed() {
        let accents = "áéíóúçñüàèìòùÁÉ¿¡";
        assert_eq!(normalise(accents), accents);
        assert_eq!(normalise("man\u{303}ana"), "mañana");
        assert_eq!(normalise("e\u{200B}\u{301}"), "é");
    }

    #[test]
    fn joiners_stay_where_emoji_and_scripts_need_them() {
        for text in ["👩\u{200D}⚕\u{FE0F}", "می\u{200C}خواهم", "❤\u{FE0F}"] {
            assert_eq!(normalise(text), text);
        }
    }

    #[test]
    fn every_replacement_is_gsm_7_and_is_final() {
        for ch in (0..=char::MAX as u32).filter_map(char::from_u32) {
            let plain = match change(ch) {
                Change::Replace(with) => with.to_owned(),
                Change::Narrow(with) => normalise(&with.to_string()),
                Change::Keep | Change::Remove | Change::Join => continue,
            };
            assert!(plain.chars().all(gsm7::contains), "U+{:04X}", ch as u32);
            assert_eq!(normalise(&plain), plain);
        }
    }

    #[test]
    fn what_is_taken_to_be_composed_is() {
        use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
        for ch in (0..=char::MAX as u32).filter_map(char::from_u32) {
            if stays_in_nfc(ch) {
                assert!(ch.to_string().nfc().eq([ch]), "U+{:04X}", ch as u32);
                assert!(!is_combining_mark(ch) && canonical_combining_class(ch) == 0);
            }
        }
    }

    #[test]
    fn no_letter_loses_an_accent() {
        for ch in ('\u{C0}'..='\u{24F}').chain('\u{1E00}'..='\u{1EFF}') {
            let composed: String = ch.to_string().nfc().collect();
            assert_eq!(normalise(&ch.to_string()), composed);
        }
    }

    proptest! {
        #[test]
        fn a_gsm_7_text_is_left_alone_but_for_its_line_ends(
            text in "[@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !-?¡A-ZÄÖÑÜ§¿a-zäöñüà¤^{}\\\\\\[~\\]|€\x0C]{0,80}"
        ) {
            prop_assert_eq!(measure(&text).encoding, Encoding::Gsm7);
            prop_assert_eq!(normalise(&text), text);
        }

        #[test]
        fn twice_is_once(text in prop_oneof![
            ".{0,80}",
            "\\PC{0,60}",
            "[a-e’…\u{301}\u{323}\u{200D}\u{FE0F}\u{1FEF}Ωᾳ\u{1F71}\u{212B}😀ｅ`\r\n]{0,30}",
        ]) {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }
    }
}
