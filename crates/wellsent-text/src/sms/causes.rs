//! Naming the characters that make a text expensive.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

use super::gsm7;
use super::normalise::{Change, change, stays_in_nfc};

/// A character that forces UCS-2 and that [`normalise`](super::normalise) does not replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ucs2Cause {
    /// Its place in the text as given, counted in characters.
    pub index: usize,
    /// The character, composed with the marks that follow it.
    pub ch: char,
    /// A character of GSM-7 that a writer may use instead, where there is one: `a` for `á`.
    pub suggestion: Option<char>,
}

/// Finds what forces UCS-2 once a text is normalised, so that an editor can say "this accent makes it
/// three parts" (`C-13`). Empty if and only if the normalised text is GSM-7.
pub fn ucs2_causes(text: &str) -> Vec<Ucs2Cause> {
    let mut causes = Vec::new();
    if text.is_ascii() {
        return causes;
    }
    let mut rest = text.chars().enumerate().filter(|&(_, ch)| !matches!(change(ch), Change::Remove | Change::Join)).peekable();
    let mut cluster = String::new();
    while let Some((index, first)) = rest.next() {
        let alone = rest.peek().is_none_or(|&(_, next)| stays_in_nfc(next));
        if alone && gsm7::contains(first) {
            continue;
        }
        cluster.clear();
        push_plain(&mut cluster, first);
        while let Some((_, mark)) = rest.next_if(|&(_, ch)| canonical_combining_class(ch) > 0) {
            cluster.push(mark);
        }
        let forcing = cluster.nfc().find(|&ch| !gsm7::contains(ch));
        if let Some(ch) = forcing {
            causes.push(Ucs2Cause { index, ch, suggestion: suggest(ch) });
        }
    }
    causes
}

/// Appends what stands for a character after normalising.
fn push_plain(text: &mut String, ch: char) {
    match change(ch) {
        Change::Replace(with) => text.push_str(with),
        Change::Narrow(with) => push_plain(text, with),
        Change::Keep => text.push(ch),
        Change::Remove | Change::Join => {}
    }
}

/// The plain letter that people write where an accented one is not at hand.
fn suggest(ch: char) -> Option<char> {
    match ch {
        'ł' => return Some('l'),
        'Ł' => return Some('L'),
        'đ' | 'ð' => return Some('d'),
        'Đ' | 'Ð' => return Some('D'),
        'ħ' => return Some('h'),
        'ı' => return Some('i'),
        'ĸ' => return Some('k'),
        'ŧ' => return Some('t'),
        'ª' => return Some('a'),
        'º' => return Some('o'),
        '×' => return Some('x'),
        '·' => return Some('.'),
        '÷' => return Some('/'),
        _ => {}
    }
    let mut base = None;
    decompose_canonical(ch, |part| {
        base.get_or_insert(part);
    });
    base.filter(|&base| base != ch && gsm7::contains(base))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sms::{Encoding, measure, normalise};

    fn cause(index: usize, ch: char, suggestion: Option<char>) -> Ucs2Cause {
        Ucs2Cause { index, ch, suggestion }
    }

    #[test]
    fn an_expensive_accent_is_named_with_its_plain_letter() {
        assert_eq!(ucs2_causes("no más, gracias"), [cause(4, 'á', Some('a'))]);
        for (ch, plain) in [('í', 'i'), ('ó', 'o'), ('ú', 'u'), ('ç', 'c'), ('Á', 'A'), ('ł', 'l')] {
            assert_eq!(ucs2_causes(&ch.to_string()), [cause(0, ch, Some(plain))]);
        }
    }

    #[test]
    fn what_costs_nothing_or_is_replaced_is_not_named() {
        assert_eq!(ucs2_causes("¿mañana? “sí” é\u{200B}"), [cause(11, 'í', Some('i'))]);
        assert_eq!(ucs2_causes("It’s… n\u{303} ＳＴＯＰ \t`"), []);
    }

    #[test]
    fn an_emoji_has_no_replacement_and_counts_once() {
        assert_eq!(ucs2_causes("ok ❤\u{FE0F}"), [cause(3, '❤', None)]);
    }

    #[test]
    fn a_loose_accent_is_named_at_its_letter() {
        assert_eq!(ucs2_causes("ma\u{301}s"), [cause(1, 'á', Some('a'))]);
    }

    proptest! {
        #[test]
        fn there_is_a_cause_if_and_only_if_the_normalised_text_is_ucs_2(
            text in prop_oneof!["[ -~áéñç’…]{0,30}", ".{0,40}", "[a-e\u{301}\u{303}\u{200B}ñ😀\u{FE0F}]{0,10}"]
        ) {
            let ucs2 = measure(&normalise(&text)).encoding == Encoding::Ucs2;
            prop_assert_eq!(!ucs2_causes(&text).is_empty(), ucs2);
        }

        #[test]
        fn taking_every_suggestion_makes_the_text_gsm_7(text in "[a-záíóúçâêôãõÁÍÓÚ ]{0,40}") {
            let mut chars: Vec<char> = text.chars().collect();
            for cause in ucs2_causes(&text) {
                prop_assert_eq!(chars[cause.index], cause.ch);
                chars[cause.index] = cause.suggestion.unwrap_or('?');
            }
            let plain: String = chars.into_iter().collect();
            prop_assert_eq!(measure(&plain).encoding, Encoding::Gsm7);
        }
    }
}
