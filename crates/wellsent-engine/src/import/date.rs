//! Dates as people, spreadsheets and programs write them in the United States.

use super::report::RejectReason;
use jiff::civil::{Date, date};

/// Into which century a year of two digits falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Century {
    /// The latest that is not in the future: for births and signatures.
    Past,
    /// The one nearest to today: for visits.
    Near,
}

/// Words before or in a date that say nothing.
const FILLER: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "lunes",
    "martes",
    "miércoles",
    "miercoles",
    "jueves",
    "viernes",
    "sábado",
    "sabado",
    "domingo",
    "de",
    "del",
    "of",
];

/// Reads a date without a time. The text is in lower case and trimmed.
pub(super) fn parse(text: &str, today: Date, century: Century) -> Result<Date, RejectReason> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text);
    }
    let mut parts = Parts::default();
    let mut dotted = false;
    for part in text.split(|ch: char| ch.is_whitespace() || matches!(ch, '/' | '-' | ',' | '.' | '\u{2013}')) {
        if part.is_empty() || FILLER.contains(&part) {
            continue;
        }
        parts.push(part)?;
    }
    if !text.contains(['/', '-']) {
        dotted = text.matches('.').count() == 2;
    }
    parts.date(dotted, today, century)
}

/// The parts of a date in the order in which they stand.
#[derive(Default)]
struct Parts {
    /// Value and count of digits.
    numbers: [(i16, usize); 3],
    len: usize,
    month: Option<i8>,
}

impl Parts {
    fn push(&mut self, part: &str) -> Result<(), RejectReason> {
        let digits = part.trim_end_matches(|ch: char| ch.is_ascii_lowercase());
        let suffix = &part[digits.len()..];
        let is_number = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && matches!(suffix, "" | "st" | "nd" | "rd" | "th") {
            let value = digits.parse().map_err(|_| RejectReason::DateUnreadable)?;
            let place = self.numbers.get_mut(self.len).ok_or(RejectReason::DateUnreadable)?;
            *place = (value, digits.len());
            self.len += 1;
            return Ok(());
        }
        let month = month(part).ok_or(RejectReason::DateUnreadable)?;
        if self.month.replace(month).is_some() {
            return Err(RejectReason::DateUnreadable);
        }
        Ok(())
    }

    fn date(&self, dotted: bool, today: Date, century: Century) -> Result<Date, RejectReason> {
        let numbers = &self.numbers[..self.len];
        let (year, month, day) = match (self.month, numbers) {
            (Some(month), [year @ (_, 4), day]) | (Some(month), [day, year]) => (*year, i16::from(month), day.0),
            (None, [year @ (_, 4), month, day]) => (*year, month.0, day.0),
            (None, [month, day, year]) if dotted && month.0 != day.0 && year.1 != 3 => {
                // Dots are German or Russian as well as American; only one reading may be possible, and even then the file is of that kind.
                return Err(match (month.0, day.0) {
                    (13.., 13..) => RejectReason::DateImpossible,
                    _ => RejectReason::DateAmbiguous,
                });
            }
            (None, [month, day, year]) => (*year, month.0, day.0),
            _ => return Err(RejectReason::DateUnreadable),
        };
        let make = |year: i16| {
            let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
            Date::new(year, month, day).ok()
        };
        match year {
            (year, 4) => make(year),
            (short, 2) => match century {
                Century::Past => [2000, 1900].into_iter().filter_map(|base| make(base + short)).find(|date| *date <= today),
                Century::Near => [1900, 2000, 2100]
                    .into_iter()
                    .filter_map(|base| make(base + short))
                    .min_by_key(|date| (i32::from(date.year()) - i32::from(today.year())).abs()),
            },
            _ => return Err(RejectReason::DateUnreadable),
        }
        .ok_or(RejectReason::DateImpossible)
    }
}

/// A date of digits alone: 20270310, 03102027, or the day count of a spreadsheet.
fn digits(text: &str) -> Result<Date, RejectReason> {
    let value: u32 = text.parse().map_err(|_| RejectReason::DateUnreadable)?;
    match text.len() {
        5 => serial(value),
        8 => {
            let (year, month, day) = match value / 10_000 {
                1800..=2200 => (value / 10_000, value / 100 % 100, value % 100),
                _ => (value % 10_000, value / 1_000_000, value / 10_000 % 100),
            };
            let small = |value: u32| i8::try_from(value).ok();
            let made = || Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok();
            made().ok_or(RejectReason::DateImpossible)
        }
        _ => Err(RejectReason::DateUnreadable),
    }
}

/// The day count of a spreadsheet, from 1927 on: smaller counts look like years and times.
pub(super) fn serial(days: u32) -> Result<Date, RejectReason> {
    if !(10_000..=80_000).contains(&days) {
        return Err(RejectReason::DateUnreadable);
    }
    let span = jiff::Span::new().days(i64::from(days));
    date(1899, 12, 30).checked_add(span).map_err(|_| RejectReason::DateImpossible)
}

/// A month by its English or Spanish name, whole or cut to three letters or more.
fn month(word: &str) -> Option<i8> {
    const NAMES: [(&str, i8); 25] = [
        ("january", 1),
        ("february", 2),
        ("march", 3),
        ("april", 4),
        ("may", 5),
        ("june", 6),
        ("july", 7),
        ("august", 8),
        ("september", 9),
        ("october", 10),
        ("november", 11),
        ("december", 12),
        ("enero", 1),
        ("febrero", 2),
        ("marzo", 3),
        ("abril", 4),
        ("mayo", 5),
        ("junio", 6),
        ("julio", 7),
        ("agosto", 8),
        ("septiembre", 9),
        ("setiembre", 9),
        ("octubre", 10),
        ("noviembre", 11),
        ("diciembre", 12),
    ];
    if word.len() < 3 {
        return None;
    }
    NAMES.iter().find(|(name, _)| name.starts_with(word)).map(|(_, month)| *month)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2027, 3, 1);

    fn read(text: &str, century: Century) -> Result<String, &'static str> {
        parse(text, TODAY, century).map(|date| date.to_string()).map_err(RejectReason::code)
    }

    #[test]
    fn the_ways_to_write_a_date_mean_the_same_day() {
        for text in [
            "3/10/2027",
            "03/10/2027",
            "03-10-2027",
            "3-10-27",
            "3/10/27",
            "2027-03-10",
            "2027/3/10",
            "2027.03.10",
            "20270310",
            "03102027",
            "mar 10, 2027",
            "march 10 2027",
            "march 10th, 2027",
            "10 march 2027",
            "10-mar-2027",
            "10-mar-27",
            "2027-mar-10",
            "wed, mar 10, 2027",
            "wednesday 3/10/2027",
            "10 de marzo de 2027",
            "mar. 10, 2027",
            "46456",
        ] {
            assert_eq!(read(text, Century::Near).as_deref(), Ok("2027-03-10"), "{text}");
        }
    }

    #[test]
    fn a_year_of_two_digits_lies_in_the_past_for_births_and_near_for_visits() {
        assert_eq!(read("3/10/27", Century::Past).as_deref(), Ok("1927-03-10"));
        assert_eq!(read("2/28/27", Century::Past).as_deref(), Ok("2027-02-28"));
        assert_eq!(read("7/4/85", Century::Past).as_deref(), Ok("1985-07-04"));
        assert_eq!(read("1/5/26", Century::Near).as_deref(), Ok("2026-01-05"));
        assert_eq!(read("2/29/00", Century::Past).as_deref(), Ok("2000-02-29"));
    }

    #[test]
    fn a_date_that_does_not_exist_or_could_be_two_is_refused() {
        for text in ["13/14/2027", "25/12/2027", "2/30/2027", "2/29/2027", "0/0/0000", "2027-13-01", "1/0/1900", "20271301"] {
            assert_eq!(read(text, Century::Near), Err("date_impossible"), "{text}");
        }
        assert_eq!(read("10.03.2027", Century::Near), Err("date_ambiguous"));
        assert_eq!(read("25.12.2027", Century::Near), Err("date_ambiguous"));
        for text in ["", "tomorrow", "3/10", "2027", "1985", "3/10/2027/1", "mar apr 10", "031027", "99999999999", "3/10/202", "ma 10 2027"]
        {
            assert_eq!(read(text, Century::Near), Err("date_unreadable"), "{text}");
        }
    }
}
