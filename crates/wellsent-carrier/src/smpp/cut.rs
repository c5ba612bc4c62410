//! Cuts a text into what travels: octets and coding of each part.

use super::alphabet::{coding_0, ucs2};
use super::settings::{Coding0, LongTexts};
use wellsent_text::sms::{Encoding, measure, split};

/// Coding 8.
const UCS2: u8 = 0x08;

/// A text as it travels. No `Debug`: the octets are the text.
pub(super) struct Cut {
    /// The data coding of every part.
    pub coding: u8,
    /// The octets of what is submitted, one after the other, headers not included.
    pub submissions: Vec<Vec<u8>>,
    /// The parts that the carrier will count.
    pub parts: u32,
}

/// Cuts a text. In coding 0 as GSM the parts are exactly those that [`measure`] counts (C-13), and neither an escape nor a surrogate pair
/// is cut.
pub(super) fn cut(text: &str, alphabet: Coding0, long: LongTexts) -> Cut {
    let plain = match measure(text).encoding {
        Encoding::Gsm7 => split(text).iter().map(|part| coding_0(part, alphabet)).collect::<Option<Vec<_>>>().map(|parts| (0, parts)),
        Encoding::Ucs2 => Some((UCS2, split(text).iter().map(|part| ucs2(part)).collect())),
    };
    let (coding, parts) = plain.unwrap_or_else(|| (UCS2, split_ucs2(text).iter().map(|part| ucs2(part)).collect()));
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let submissions = if long == LongTexts::Payload { vec![parts.concat()] } else { parts };
    Cut { coding, submissions, parts: count }
}

/// Cuts a text that GSM has and this carrier's alphabet has not.
fn split_ucs2(text: &str) -> Vec<String> {
    let alone = Encoding::Ucs2.units_alone();
    if text.chars().map(char::len_utf16).sum::<usize>() <= alone {
        return vec![text.to_owned()];
    }
    let mut parts = vec![String::new()];
    let mut used = 0;
    for ch in text.chars() {
        if used + ch.len_utf16() > Encoding::Ucs2.units_joined() {
            parts.push(String::new());
            used = 0;
        }
        used += ch.len_utf16();
        if let Some(part) = parts.last_mut() {
            part.push(ch);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::alphabet::read;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_alphabet_without_the_euro_sends_ucs_2() {
        let text = "€".repeat(80);
        assert_eq!((cut(&text, Coding0::Gsm7, LongTexts::Udh).coding, cut(&text, Coding0::Gsm7, LongTexts::Udh).parts), (0, 1));
        let latin = cut(&text, Coding0::Latin1, LongTexts::Udh);
        assert_eq!((latin.coding, latin.parts), (UCS2, 2));
        assert_eq!(cut("café", Coding0::Latin1, LongTexts::Udh).coding, 0);
        assert_eq!(cut("café", Coding0::Ascii, LongTexts::Udh).coding, UCS2);
    }

    #[test]
    fn a_payload_travels_whole_and_counts_its_parts() {
        let whole = cut(&"a".repeat(400), Coding0::Gsm7, LongTexts::Payload);
        assert_eq!((whole.submissions.len(), whole.submissions[0].len(), whole.parts), (1, 400, 3));
    }

    proptest! {
        #[test]
        fn parts_are_those_that_were_counted_and_join_to_the_text(text in "([a-z€\\[\\]é ]{0,500}|[a-z’😀á]{0,300})", long in 0..3usize) {
            let long = [LongTexts::Udh, LongTexts::Sar, LongTexts::Payload][long];
            let cut = cut(&text, Coding0::Gsm7, long);
            prop_assert_eq!(cut.parts as usize, measure(&text).parts);
            let limit = if cut.parts == 1 { (160, 140) } else { (153, 134) };
            if long != LongTexts::Payload {
                prop_assert_eq!(cut.submissions.len(), cut.parts as usize);
                let limit = if cut.coding == 0 { limit.0 } else { limit.1 };
                prop_assert!(cut.submissions.iter().all(|part| part.len() <= limit));
            }
            // Each part reads by itself: no escape and no surrogate pair is cut.
            let read: String = cut.submissions.iter().map(|part| read(cut.coding, part, Coding0::Gsm7)).collect();
            prop_assert_eq!(read, text);
        }

        #[test]
        fn our_own_cut_of_ucs_2_is_the_measured_one(text in "[a-z’😀]{0,200}’") {
            prop_assert_eq!(split_ucs2(&text), split(&text));
        }
    }
}
