//! The number itself.

use std::fmt;

use super::PhoneError;
use super::area_code::{self, Kind};

/// A telephone number of the North American Numbering Plan.
///
/// A number is protected health information, so it does not print: there is no `Display`, and `Debug` shows no
/// digit. Where one must leave the type, the caller says so with [`as_e164`](Self::as_e164),
/// [`to_e164`](Self::to_e164), [`national`](Self::national) or [`to_u64`](Self::to_u64).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(u64);

/// The country code 1 in front of ten digits.
const COUNTRY: u64 = 10_000_000_000;

impl PhoneNumber {
    /// Reads a number as people, spreadsheets and other programs write it, and accepts only what can be
    /// texted: an assigned geographic or toll-free area code and a possible exchange.
    ///
    /// Accepted are ten digits with or without `1` or `+1`, punctuation and any kind of space between them, `tel:`
    /// links, full-width digits, and what spreadsheets make of numbers (`2.125550123E+09`, `2125550123.0`,
    /// `2,125,550,123`, `="2125550123"`) as long as no digit is lost.
    ///
    /// # Errors
    ///
    /// [`PhoneError`] names what is wrong and carries no digit.
    pub fn parse(text: &str) -> Result<PhoneNumber, PhoneError> {
        let number = super::parse::parse(text)?;
        number.check()?;
        Ok(number)
    }

    /// Reads the exact form `+12125550123`, for databases and carriers.
    ///
    /// Only the form is checked and not whether the area code is assigned: a STOP from an area code
    /// that is newer than our table must count. [`check`](Self::check) tells the rest.
    ///
    /// # Errors
    ///
    /// [`PhoneError::OutsideNanp`] for a number of another country, [`PhoneError::NotE164`] for anything else.
    pub fn from_e164_exact(text: &str) -> Result<PhoneNumber, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError::NotE164)?;
        if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::NotE164);
        }
        if !digits.starts_with('1') {
            return Err(PhoneError::OutsideNanp);
        }
        if digits.len() != 11 {
            return Err(PhoneError::NotE164);
        }
        let value = digits.bytes().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        PhoneNumber::from_u64(value).ok_or(PhoneError::NotE164)
    }

    /// Reads what [`to_u64`](Self::to_u64) gave; `None` if that cannot be a number.
    pub const fn from_u64(value: u64) -> Option<PhoneNumber> {
        if value / COUNTRY != 1 {
            return None;
        }
        let number = PhoneNumber(value);
        let area = number.area_code();
        let well_formed = area >= 200 && area / 10 % 10 != 9 && number.exchange() >= 200;
        if well_formed { Some(number) } else { None }
    }

    /// Joins country code and ten digits without looking at them; [`check`](Self::check) follows.
    pub(super) fn from_national(digits: &[u8; 10]) -> PhoneNumber {
        PhoneNumber(digits.iter().fold(1, |value, &digit| value * 10 + u64::from(digit)))
    }

    /// Whether the number can be texted, as [`parse`](Self::parse) asks.
    ///
    /// # Errors
    ///
    /// [`PhoneError`] names what is wrong and carries no digit.
    pub fn check(self) -> Result<(), PhoneError> {
        let exchange = self.exchange();
        let service_code = exchange % 100 == 11;
        match area_code::kind(self.area_code()) {
            Kind::Geographic if exchange < 200 || service_code => Err(PhoneError::InvalidExchange),
            // Toll-free numbers do use 411 and 511 after the area code.
            Kind::TollFree if exchange < 200 => Err(PhoneError::InvalidExchange),
            Kind::Geographic | Kind::TollFree => Ok(()),
            Kind::Premium => Err(PhoneError::Premium),
            Kind::Placeless => Err(PhoneError::NotTextable),
            Kind::Unassigned => Err(PhoneError::UnassignedAreaCode),
        }
    }

    /// The number in E.164 form, without an allocation. Exposes the number.
    pub fn as_e164(&self) -> E164 {
        let mut text = *b"+00000000000";
        let mut rest = self.0;
        for place in text[1..].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        E164(text)
    }

    /// The number in E.164 form: `+12125550123`. Exposes the number.
    pub fn to_e164(&self) -> String {
        AsRef::<str>::as_ref(&self.as_e164()).to_owned()
    }

    /// The twelve ASCII bytes of the E.164 form, for keyed digests and blind indexes. Exposes the number.
    pub fn to_bytes(&self) -> [u8; 12] {
        self.as_e164().0
    }

    /// The number packed as country code and ten digits: 12125550123. Exposes the number.
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The number as Americans write it, `212-555-0123`: for the practice's own number in texts. Exposes the number.
    pub fn national(&self) -> String {
        let line = self.0 % 10_000;
        format!("{}-{:03}-{line:04}", self.area_code(), self.exchange())
    }

    /// The last two digits, for a masked display such as "ends in 23".
    pub fn last_two(&self) -> String {
        format!("{:02}", self.0 % 100)
    }

    /// The area code, digits one to three.
    pub const fn area_code(self) -> u16 {
        (self.0 / 10_000_000 % 1_000) as u16
    }

    /// Digits four to six.
    const fn exchange(self) -> u16 {
        (self.0 / 10_000 % 1_000) as u16
    }

    /// Whether the number lies in the range for fiction, 555-0100 to 555-0199, which nobody answers.
    pub const fn is_fictional(self) -> bool {
        let line = self.0 % 10_000;
        self.exchange() == 555 && line >= 100 && line <= 199
    }

    /// Whether the area code is toll-free.
    pub fn is_toll_free(self) -> bool {
        area_code::kind(self.area_code()) == Kind::TollFree
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(..)")
    }
}

/// The E.164 form of a number on the stack; [`AsRef`] gives it as text or bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct E164([u8; 12]);

impl AsRef<str> for E164 {
    fn as_ref(&self) -> &str {
        // The bytes are ASCII by construction, so the default is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl AsRef<[u8]> for E164 {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("E164(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phone::AreaCode;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).expect("a number for tests")
    }

    #[test]
    fn a_number_shows_only_where_it_is_asked_for() {
        let number = number("212-555-0123");
        assert_eq!(format!("{number:?} {:?}", number.as_e164()), "PhoneNumber(..) E164(..)");
        assert_eq!(number.to_e164(), "+12125550123");
        assert_eq!(number.to_bytes(), *b"+12125550123");
        assert_eq!(number.national(), "212-555-0123");
        assert_eq!(number.last_two(), "23");
        assert_eq!(number.to_u64(), 12_125_550_123);
        assert_eq!(number.area_code(), 212);
        assert_eq!(self::number("212-555-0100").last_two(), "00");
    }

    #[test]
    fn fiction_and_toll_free_are_recognised() {
        for (text, fictional, toll_free) in [
            ("212-555-0100", true, false),
            ("212-555-0199", true, false),
            ("212-555-0200", false, false),
            ("212-555-0099", false, false),
            ("212-556-0123", false, false),
            ("800-555-0123", true, true),
            ("833-555-1212", false, true),
        ] {
            assert_eq!(number(text).is_fictional(), fictional, "{text}");
            assert_eq!(number(text).is_toll_free(), toll_free, "{text}");
        }
    }

    #[test]
    fn the_exact_form_admits_nothing_else() {
        for wrong in [
            "",
            "+",
            "2125550123",
            "12125550123",
            "+1212555012",
            "+121255501234",
            " +12125550123",
            "+12125550123 ",
            "+1 2125550123",
            "+11125550123",
            "+12120550123",
            "+12925550123",
            "+1212555o123",
            "+１2125550123",
            "12345",
        ] {
            assert_eq!(PhoneNumber::from_e164_exact(wrong), Err(PhoneError::NotE164), "{wrong}");
        }
        assert_eq!(PhoneNumber::from_e164_exact("+442079460123"), Err(PhoneError::OutsideNanp));
    }

    #[test]
    fn a_stop_from_an_area_code_newer_than_the_table_can_be_read() {
        let newer = PhoneNumber::from_e164_exact("+12225550123").expect("a well-formed number");
        assert_eq!(newer.check(), Err(PhoneError::UnassignedAreaCode));
    }

    #[test]
    fn a_packed_number_is_checked_on_the_way_back() {
        for wrong in [0, 2_125_550_123, 11_125_550_123, 22_125_550_123, 112_125_550_123, u64::MAX] {
            assert_eq!(PhoneNumber::from_u64(wrong), None);
        }
    }

    proptest! {
        #[test]
        fn every_form_leads_back_to_the_number(
            area in proptest::sample::select(AreaCode::all().collect::<Vec<_>>()),
            exchange in (200u64..=999).prop_filter("service code", |n| n % 100 != 11),
            line in 0u64..=9_999,
        ) {
            let packed = COUNTRY + u64::from(area) * 10_000_000 + exchange * 10_000 + line;
            let number = PhoneNumber::from_u64(packed).expect("well formed");
            prop_assert_eq!(number.check(), Ok(()));
            prop_assert_eq!(number.to_u64(), packed);
            prop_assert_eq!(PhoneNumber::from_e164_exact(&number.to_e164()), Ok(number));
            prop_assert_eq!(PhoneNumber::parse(&number.national()), Ok(number));
            prop_assert_eq!(number.area_code(), area);
        }

        #[test]
        fn the_exact_reader_never_panics(text in ".{0,20}") {
            let _ = PhoneNumber::from_e164_exact(&text);
        }
    }
}
