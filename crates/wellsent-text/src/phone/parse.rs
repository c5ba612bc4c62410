//! Reading numbers as people and spreadsheets write them.

use super::fold::{Folded, LETTER};
use super::spreadsheet::{calculated, unwrap};
use super::{PhoneError, PhoneNumber};

/// More digits than any number, dialled from anywhere, has.
const MOST_DIGITS: usize = 18;

/// Reads a number without asking whether its area code and exchange exist.
pub(super) fn parse(text: &str) -> Result<PhoneNumber, PhoneError> {
    let folded = Folded::new(text)?;
    let text = unwrap(folded.as_bytes());
    let text = match text.strip_prefix(b"tel:") {
        Some(link) => link_number(link)?,
        None => text,
    };
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(PhoneError::Empty);
    }
    match calculated(text) {
        Some(digits) => digits?.number(),
        None => Digits::scan(text)?.number(),
    }
}

/// The number in a `tel:` link (RFC 3966), whose parameters may only say what holds anyway.
fn link_number(link: &[u8]) -> Result<&[u8], PhoneError> {
    let mut parts = link.split(|&b| b == b';');
    let number = parts.next().unwrap_or_default();
    for parameter in parts {
        if parameter.starts_with(b"ext=") {
            return Err(PhoneError::Extension);
        }
        if let Some(context) = parameter.strip_prefix(b"phone-context=") {
            match context {
                b"+1" => {}
                [b'+', ..] => return Err(PhoneError::OutsideNanp),
                _ => return Err(PhoneError::UnexpectedCharacter),
            }
        } else {
            return Err(PhoneError::UnexpectedCharacter);
        }
    }
    Ok(number)
}

/// The digits of a text and whether a plus stood before them.
#[derive(Default)]
pub(super) struct Digits {
    digits: [u8; MOST_DIGITS],
    len: usize,
    plus: bool,
    overflow: bool,
}

impl Digits {
    /// Adds one ASCII digit.
    pub(super) fn push(&mut self, ascii: u8) {
        match self.digits.get_mut(self.len) {
            Some(place) => {
                *place = ascii - b'0';
                self.len += 1;
            }
            None => self.overflow = true,
        }
    }

    /// Collects the digits of a folded text, as long as everything between them is usual.
    pub(super) fn scan(text: &[u8]) -> Result<Digits, PhoneError> {
        let mut digits = Digits::default();
        let mut at = 0;
        while let Some(&b) = text.get(at) {
            at += 1;
            match b {
                b'0'..=b'9' => digits.push(b),
                b'+' if digits.len == 0 && !digits.plus => digits.plus = true,
                b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'_' => {}
                // Before the tenth digit a comma groups thousands; after it, it dials a pause.
                b',' if digits.len < 10 => {}
                b',' | b';' | b'#' if digits.len >= 7 => return Err(after_number(&text[at..])),
                b'a'..=b'z' => {
                    let run = text[at - 1..].iter().take_while(|b| b.is_ascii_lowercase()).count();
                    let word = &text[at - 1..at - 1 + run];
                    return Err(if digits.len >= 7 && is_extension(word) { PhoneError::Extension } else { PhoneError::Letters });
                }
                LETTER => return Err(PhoneError::Letters),
                _ => return Err(PhoneError::UnexpectedCharacter),
            }
        }
        Ok(digits)
    }

    /// Finds the ten digits of the number among all that were dialled.
    fn number(&self) -> Result<PhoneNumber, PhoneError> {
        let digits = &self.digits[..self.len];
        if self.plus {
            return match digits {
                [] => Err(PhoneError::TooShort),
                [1, ..] if self.overflow => Err(PhoneError::TooManyDigits),
                [1, national @ ..] => ten(national),
                _ => Err(PhoneError::OutsideNanp),
            };
        }
        if self.overflow {
            return Err(PhoneError::TooManyDigits);
        }
        match digits {
            // Dialled from abroad or as if to abroad.
            [0, 1, 1, abroad @ ..] | [0, 0, abroad @ ..] if digits.len() >= 11 => match abroad {
                [1, national @ ..] if national.len() == 10 => ten(national),
                _ => Err(PhoneError::OutsideNanp),
            },
            [1, national @ ..] => ten(national),
            _ if digits.len() == 7 => Err(PhoneError::MissingAreaCode),
            [0, ..] if digits.len() == 11 => Err(PhoneError::OutsideNanp),
            _ if (12..=15).contains(&digits.len()) => Err(PhoneError::OutsideNanp),
            _ => ten(digits),
        }
    }
}

fn ten(national: &[u8]) -> Result<PhoneNumber, PhoneError> {
    match <&[u8; 10]>::try_from(national) {
        Ok(digits) => Ok(PhoneNumber::from_national(digits)),
        Err(_) if national.len() < 10 => Err(PhoneError::TooShort),
        Err(_) => Err(PhoneError::TooManyDigits),
    }
}

/// What follows a number behind a comma, semicolon or number sign: another number or an extension.
fn after_number(rest: &[u8]) -> PhoneError {
    if rest.iter().filter(|b| b.is_ascii_digit()).count() >= 7 { PhoneError::TooManyDigits } else { PhoneError::Extension }
}

/// Whether a word announces an extension, in English, Spanish or French, or a pause in dialling.
fn is_extension(word: &[u8]) -> bool {
    matches!(word, b"x" | b"ex" | b"ext" | b"extn" | b"extension" | b"int" | b"anexo" | b"poste" | b"p" | b"w")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NUMBER: &str = "+12125550123";

    fn read(text: &str) -> Result<String, PhoneError> {
        PhoneNumber::parse(text).map(|number| number.to_e164())
    }

    fn assert_refused(texts: &[&str], error: PhoneError) {
        for text in texts {
            assert_eq!(read(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn the_usual_ways_to_write_a_number_mean_the_same() {
        for text in [
            "2125550123",
            "212-555-0123",
            "(212) 555-0123",
            "(212)555-0123",
            "212.555.0123",
            "212 555 0123",
            "212/555-0123",
            "1-212-555-0123",
            "1 (212) 555-0123",
            "12125550123",
            "+12125550123",
            "+1 212 555 0123",
            "+1 (212) 555-0123",
            "(+1) 212-555-0123",
            "tel:+12125550123",
            "TEL:+1-212-555-0123",
            "tel:212-555-0123;phone-context=+1",
            "  212-555-0123\r\n",
            "212\u{A0}555\u{2011}0123",
            "\u{202A}+1 212-555-0123\u{202C}",
            "２１２－５５５－０１２３",
            "（２１２）５５５　０１２３",
            "212·555·0123",
            "212–555–0123",
            "011 1 212 555 0123",
            "001 212 555 0123",
        ] {
            assert_eq!(read(text).as_deref(), Ok(NUMBER), "{text:?}");
        }
    }

    #[test]
    fn a_number_survives_a_spreadsheet_that_kept_its_digits() {
        for text in [
            "2.125550123E+09",
            "2.125550123e9",
            "2.1255501230E+09",
            "1.2125550123E+10",
            "2125550123.0",
            "12125550123.00",
            "2,125,550,123",
            "12,125,550,123",
            "'2125550123",
            "=\"2125550123\"",
            "\"212-555-0123\"",
            "’2125550123",
        ] {
            assert_eq!(read(text).as_deref(), Ok(NUMBER), "{text:?}");
        }
    }

    #[test]
    fn a_number_that_a_spreadsheet_rounded_is_refused() {
        assert_refused(
            &["2.13E+09", "2E+09", "2.12555E+09", "2.12555012E+09", "2.1255501234E+09", "21255501.23", "21.25550123E+08"],
            PhoneError::LostDigits,
        );
        // Nine digits and a decimal zero are not ten digits.
        assert_refused(&["212555012.0"], PhoneError::TooShort);
    }

    #[test]
    fn letters_are_refused() {
        assert_refused(
            &[
                "1-800-FLOWERS",
                "cell 212-555-0123",
                "212-555-0123 (cell)",
                "212-555-O123",
                "none",
                "212-555-0123 or 212-555-0124",
                "д2125550123",
                "212-555-0123 please do not call, ask for the patient's daughter instead",
            ],
            PhoneError::Letters,
        );
    }

    #[test]
    fn an_extension_is_refused_as_such() {
        assert_refused(
            &[
                "212-555-0123 x5",
                "212-555-0123x5",
                "212-555-0123 ext. 45",
                "(212) 555-0123 Extension 4",
                "212-555-0123 #5",
                "212-555-0123,5",
                "2125550123;5",
                "tel:+12125550123;ext=5",
                "555-0123 ext 5",
                "212-555-0123 ｘ5",
                "+12125550123p5",
            ],
            PhoneError::Extension,
        );
    }

    #[test]
    fn a_number_of_another_plan_is_refused_as_such() {
        assert_refused(
            &[
                "+44 20 7946 0123",
                "+52 55 1234 5678",
                "+2125550123",
                "011 44 20 7946 0123",
                "0044 20 7946 0123",
                "442079460123",
                "020 7946 0123",
                "tel:2125550123;phone-context=+44",
            ],
            PhoneError::OutsideNanp,
        );
    }

    #[test]
    fn a_number_of_the_wrong_length_is_refused() {
        assert_refused(&["", " ", "\u{200B}", "'", "=\"\"", "tel:"], PhoneError::Empty);
        assert_refused(&["555-0123"], PhoneError::MissingAreaCode);
        assert_refused(&["1", "+", "212-555", "212-555-012", "1-212-555-012", "+1 212 555 012", "911"], PhoneError::TooShort);
        assert_refused(
            &["1-212-555-01234", "21255501234", "+1 212 555 01234", "212-555-0123 / 212-555-0124", "212-555-0123; 212-555-0124"],
            PhoneError::TooManyDigits,
        );
        let long = "2".repeat(1_000);
        assert_refused(&[&long], PhoneError::TooManyDigits);
    }

    #[test]
    fn an_area_code_or_exchange_that_cannot_be_is_refused() {
        assert_refused(
            &["555-555-0123", "999-555-0123", "012-555-0123", "211-555-0123", "222-222-2222", "511-555-0123"],
            PhoneError::UnassignedAreaCode,
        );
        assert_refused(&["212-055-0123", "212-155-0123", "212-911-0123", "212-411-0123", "800-055-0123"], PhoneError::InvalidExchange);
        assert_eq!(read("877-511-0123").as_deref(), Ok("+18775110123"));
    }

    #[test]
    fn premium_and_personal_numbers_are_refused_with_their_reason() {
        assert_refused(&["900-555-0123", "1-900-555-0123"], PhoneError::Premium);
        assert_refused(
            &["500-555-0123", "521-555-0123", "533-555-0123", "588-555-0123", "600-555-0123", "700-555-0123", "710-555-0123"],
            PhoneError::NotTextable,
        );
    }

    #[test]
    fn other_signs_are_refused() {
        assert_refused(
            &["212*555*0123", "212-555-0123?", "212+5550123", "++12125550123", "😀2125550123", "212\u{0}5550123", "#212"],
            PhoneError::UnexpectedCharacter,
        );
    }

    #[test]
    fn an_error_carries_no_digit_of_the_number() {
        for text in ["999-876-5432", "212-055-9876", "212-555-0123 x98", "2.98E+09"] {
            let error = PhoneNumber::parse(text).expect_err("refused");
            let shown = format!("{error} {error:?} {}", error.code()).replace("164", "");
            assert!(!shown.contains(|ch: char| ch.is_ascii_digit()), "{shown}");
        }
    }

    /// Writes ten digits in a notation that `parse` has to read.
    fn notation() -> impl Strategy<Value = (String, String)> {
        let separator = || proptest::sample::select(vec!["", "-", ".", " ", "\u{A0}", "–", "/", " - "]);
        let digits = ("[2-9][02-9][0-9][0-9]{4}", proptest::sample::select(vec!["212", "850", "416", "787", "800"]));
        let prefix = proptest::sample::select(vec!["", "1", "1-", "+1", "+1 ", "tel:+1", " 1 ", "001"]);
        (digits, prefix, separator(), separator(), any::<(bool, bool)>()).prop_map(|((local, area), prefix, one, two, (brackets, wide))| {
            let (exchange, line) = local.split_at(3);
            let area_shown = if brackets { format!("({area})") } else { area.to_owned() };
            let mut text = format!("{prefix}{area_shown}{one}{exchange}{two}{line}");
            if wide {
                text = text
                    .chars()
                    .map(|ch| match ch {
                        '0'..='9' => char::from_u32(ch as u32 + 0xFEE0).unwrap_or(ch),
                        _ => ch,
                    })
                    .collect();
            }
            (text, format!("+1{area}{local}"))
        })
    }

    proptest! {
        #[test]
        fn every_notation_of_a_number_means_that_number((text, expected) in notation()) {
            prop_assert_eq!(read(&text), Ok(expected));
        }

        #[test]
        fn parsing_never_panics_and_what_it_accepts_reads_back(
            text in prop_oneof![".{0,40}", "[0-9+() .,xeE/;#-]{0,24}", "[0-9.]{1,12}[eE][+0-9]{0,4}"]
        ) {
            if let Ok(number) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::from_e164_exact(&number.to_e164()), Ok(number));
                prop_assert_eq!(number.check(), Ok(()));
            }
        }
    }
}
