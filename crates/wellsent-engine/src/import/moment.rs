//! Times of day, and dates with times.

use super::date::{self, Century};
use super::report::RejectReason;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

/// What a text says of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A day.
    Day(Date),
    /// A day and a time on the clock of the place.
    Local(DateTime),
    /// An instant, from a text that names its offset.
    Instant(Timestamp),
}

/// Reads a date with or without a time. The text is in lower case and trimmed.
pub(super) fn parse(text: &str, today: Date, century: Century) -> Result<Moment, RejectReason> {
    if let Some(moment) = iso(text) {
        return moment;
    }
    if let Some((days, fraction)) = text.split_once('.')
        && days.len() == 5
        && days.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        let day = date::serial(days.parse().map_err(|_| RejectReason::DateUnreadable)?)?;
        return Ok(match day_fraction(fraction) {
            Some(time) => Moment::Local(day.to_datetime(time)),
            None => return Err(RejectReason::TimeUnreadable),
        });
    }
    let mut first_error = None;
    // The date is the shortest beginning that is one, and the rest is the time.
    let ends = text.char_indices().filter(|(_, ch)| ch.is_whitespace()).map(|(at, _)| at);
    for end in ends.chain([text.len()]).take(12) {
        let rest = text[end..].trim_start_matches([' ', '-', ',', '\u{a0}', '\u{202f}']);
        match date::parse(text[..end].trim_end_matches([' ', ',']), today, century) {
            Ok(day) if rest.is_empty() => return Ok(Moment::Day(day)),
            Ok(day) => match time(rest.strip_prefix("at ").unwrap_or(rest)) {
                Ok(time) => return Ok(Moment::Local(day.to_datetime(time))),
                Err(error) => first_error = first_error.or(Some(error)),
            },
            Err(error) if error != RejectReason::DateUnreadable => first_error = first_error.or(Some(error)),
            Err(_) => {}
        }
    }
    Err(first_error.unwrap_or(RejectReason::DateUnreadable))
}

/// ISO 8601 and what SQL prints: `2027-03-10T14:15`, with seconds, fraction and offset or without.
fn iso(text: &str) -> Option<Result<Moment, RejectReason>> {
    let bytes = text.as_bytes();
    let form = |at: usize, wanted: &str| {
        wanted.bytes().enumerate().all(|(index, kind)| match (kind, bytes.get(at + index)) {
            (b'0', Some(byte)) => byte.is_ascii_digit(),
            (_, Some(byte)) => *byte == kind,
            _ => false,
        })
    };
    if !form(0, "0000-00-00") || !matches!(bytes.get(10), Some(b't' | b' ')) || !form(11, "00:00") {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<i16>().unwrap_or(i16::MAX);
    let small = |value: i16| i8::try_from(value).unwrap_or(i8::MAX);
    let Ok(day) = Date::new(number(0..4), small(number(5..7)), small(number(8..10))) else {
        return Some(Err(RejectReason::DateImpossible));
    };
    let mut at = 16;
    let mut second = 0;
    if form(at, ":00") {
        second = small(number(at + 1..at + 3)).min(59);
        at += 3;
        if matches!(bytes.get(at), Some(b'.' | b',')) {
            at += 1 + bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        }
    }
    let zone = text.get(at..)?.trim();
    if matches!(zone, "am" | "pm" | "a.m." | "p.m.") {
        return None;
    }
    let Ok(time) = Time::new(small(number(11..13)), small(number(14..16)), second, 0) else {
        return Some(Err(RejectReason::TimeUnreadable));
    };
    let local = day.to_datetime(time);
    if zone.is_empty() {
        return Some(Ok(Moment::Local(local)));
    }
    let instant = offset_seconds(zone)
        .and_then(|seconds| jiff::tz::Offset::from_seconds(seconds).ok())
        .and_then(|offset| offset.to_timestamp(local).ok());
    Some(instant.map(Moment::Instant).ok_or(RejectReason::TimeUnreadable))
}

/// `z`, `utc`, `-05:00`, `-0500` or `-05`.
fn offset_seconds(text: &str) -> Option<i32> {
    if matches!(text, "z" | "utc" | "gmt") {
        return Some(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|ch| *ch != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = match digits.len() {
        2 => (digits.parse().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads the time of a visit from a column of its own. A spreadsheet may have put its day zero before it.
pub(super) fn clock(text: &str) -> Result<Time, RejectReason> {
    let error = match time(text) {
        Ok(time) => return Ok(time),
        Err(error) => error,
    };
    match text.split_once([' ', 't']) {
        Some((day, rest)) if day.contains(['/', '-']) && day.starts_with(|ch: char| ch.is_ascii_digit()) => time(rest.trim()),
        _ => Err(error),
    }
}

/// Reads a time of day: `2:15 pm`, `2:15p`, `14:15`, `1415`, `2pm`, `noon`, or a fraction of a day. Of a span, the beginning.
fn time(text: &str) -> Result<Time, RejectReason> {
    if let Some((from, until)) = text.split_once(['-', '\u{2013}']).or_else(|| text.split_once(" to "))
        && let (from, until) = (from.trim(), until.trim())
        && let Ok(end) = one_time(until)
    {
        let has_half = |text: &str| text.contains(['a', 'p']);
        let start = one_time(from)?;
        // "2:15 - 2:45 pm": the mark at the end counts for both, unless the span would then run backwards.
        if has_half(until) && !has_half(from) && start.hour() < 12 {
            let later = one_time(&format!("{from} pm"))?;
            return Ok(if end.hour() >= 12 && later <= end { later } else { start });
        }
        return Ok(start);
    }
    one_time(text)
}

fn one_time(text: &str) -> Result<Time, RejectReason> {
    let unreadable = RejectReason::TimeUnreadable;
    let plain: String = text.chars().filter(|ch| !ch.is_whitespace()).collect();
    match plain.as_str() {
        "noon" | "12noon" | "12:00noon" | "mediodia" | "mediodía" => return Time::new(12, 0, 0, 0).map_err(|_| unreadable),
        _ => {}
    }
    if let Some(fraction) = plain.strip_prefix("0.").or_else(|| plain.strip_prefix('.')) {
        return day_fraction(fraction).ok_or(unreadable);
    }
    let plain = plain.trim_end_matches("hrs").trim_end_matches("hours").trim_end_matches('.').replace("h", ":");
    let letters = plain.find(|ch: char| ch.is_ascii_alphabetic()).unwrap_or(plain.len());
    let (digits, half) = plain.split_at(letters);
    let half = match half {
        "" => None,
        "a" | "am" | "a.m" => Some(false),
        "p" | "pm" | "p.m" => Some(true),
        _ => return Err(unreadable),
    };
    let digits = digits.trim_end_matches(':');
    let whole = |part: &str| -> Option<i8> {
        (matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let pair = |part: &str| if part.len() == 2 { whole(part) } else { None };
    let parts: Vec<&str> = digits.split(':').collect();
    let read = match parts[..] {
        [hour, minute] => (whole(hour), pair(minute), Some(0)),
        [hour, minute, second] => (whole(hour), pair(minute), pair(second.split('.').next().unwrap_or_default())),
        [run] if run.is_ascii() && matches!(run.len(), 3 | 4) => (whole(&run[..run.len() - 2]), pair(&run[run.len() - 2..]), Some(0)),
        // A bare number is a time only when it says which half of the day.
        [hour] if half.is_some() => (whole(hour), Some(0), Some(0)),
        _ => return Err(unreadable),
    };
    let (Some(hour), Some(minute), Some(second)) = read else { return Err(unreadable) };
    let hour = match (half, hour) {
        (Some(false), 12) => 0,
        (Some(true), 1..=11) => hour + 12,
        // "14:15 PM" is what some programs print.
        (None, _) | (Some(false), 1..=11) | (Some(true), 12..=23) => hour,
        _ => return Err(unreadable),
    };
    Time::new(hour, minute, second, 0).map_err(|_| unreadable)
}

/// The time that is this fraction of a day, to the second. The text is the digits after the point.
fn day_fraction(digits: &str) -> Option<Time> {
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: f64 = format!("0.{digits}").parse().ok()?;
    let seconds = (value * 86_400.0).round() as i32;
    let part = |value: i32| i8::try_from(value).ok();
    Time::new(part(seconds / 3600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = Date::constant(2027, 3, 1);

    fn read(text: &str) -> Result<String, &'static str> {
        parse(text, TODAY, Century::Near).map_err(RejectReason::code).map(|moment| match moment {
            Moment::Day(day) => day.to_string(),
            Moment::Local(local) => local.to_string(),
            Moment::Instant(instant) => instant.to_string(),
        })
    }

    #[test]
    fn the_ways_to_write_a_quarter_past_two_mean_the_same() {
        for text in [
            "2:15 pm",
            "2:15pm",
            "02:15 pm",
            "2:15p",
            "2:15 p.m.",
            "14:15",
            "1415",
            "2:15:00 pm",
            "14:15:00",
            "14:15:00.000",
            "215p",
            "0215pm",
            "0.59375",
            ".59375",
            "14h15",
            "14:15 hrs",
            "2:15 pm - 2:45 pm",
            "2:15-2:45pm",
            "1/0/1900 14:15",
            "12/30/1899 2:15 pm",
            "2:15\u{202f}pm",
            "14:15 pm",
        ] {
            assert_eq!(clock(text).map(|time| time.to_string()).as_deref(), Ok("14:15:00"), "{text}");
        }
        for (text, expected) in [
            ("12:00 am", "00:00:00"),
            ("12:30 pm", "12:30:00"),
            ("noon", "12:00:00"),
            ("9am", "09:00:00"),
            ("0915", "09:15:00"),
            ("915", "09:15:00"),
            ("11:30 - 12:15 pm", "11:30:00"),
            ("0.604166667", "14:30:00"),
        ] {
            assert_eq!(clock(text).map(|time| time.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "9",
            "25:00",
            "24:00",
            "14:60",
            "2:5",
            "am",
            "2:15 xm",
            "0:30 pm",
            "14:15 am",
            "2:15 pm est",
            "soon",
            "1",
            "12345",
            "1:2:3:4",
        ] {
            assert_eq!(clock(text), Err(RejectReason::TimeUnreadable), "{text}");
        }
    }

    #[test]
    fn dates_with_times_are_read_in_every_form() {
        for text in [
            "3/10/2027 2:15 pm",
            "3/10/27 2:15p",
            "03/10/2027 14:15",
            "2027-03-10 14:15",
            "2027-03-10 14:15:00",
            "2027-03-10t14:15:00",
            "2027-03-10t14:15",
            "2027-03-10 14:15:00.000",
            "20270310 1415",
            "mar 10, 2027 2:15 pm",
            "march 10, 2027 at 2:15 pm",
            "10 march 2027 14:15",
            "wed, mar 10, 2027 - 2:15 pm",
            "46456.59375",
            "3/10/2027  2:15:00 pm",
            "3/10/2027, 2:15 pm",
            "2027-03-10 02:15 pm",
        ] {
            assert_eq!(read(text).as_deref(), Ok("2027-03-10T14:15:00"), "{text}");
        }
        assert_eq!(read("3/10/2027").as_deref(), Ok("2027-03-10"));
        for text in [
            "2027-03-10t14:15:00z",
            "2027-03-10t09:15:00-05:00",
            "2027-03-10t09:15-0500",
            "2027-03-10 09:15:00.123 -05",
            "2027-03-10t14:15:00+00:00",
        ] {
            assert_eq!(read(text).as_deref(), Ok("2027-03-10T14:15:00Z"), "{text}");
        }
    }

    #[test]
    fn the_reason_says_which_half_is_wrong() {
        assert_eq!(read("13/14/2027 2:15 pm"), Err("date_impossible"));
        assert_eq!(read("3/10/2027 25:00"), Err("time_unreadable"));
        assert_eq!(read("2027-02-30t10:00"), Err("date_impossible"));
        assert_eq!(read("2027-03-10t10:00+99"), Err("time_unreadable"));
        assert_eq!(read("next tuesday 2:15 pm"), Err("date_unreadable"));
    }

    proptest! {
        #[test]
        fn nothing_that_anybody_writes_makes_it_panic(text in prop_oneof![".{0,40}", "[0-9apm:/. tz+-]{0,30}"]) {
            let text = text.to_lowercase();
            let _ = (parse(&text, TODAY, Century::Past), clock(&text));
        }

        #[test]
        fn a_minute_reads_back_from_american_iso_and_spreadsheet_notation(day in 0i64..3000, minute in 0i32..1440) {
            let date = TODAY.checked_add(jiff::Span::new().days(day)).expect("near");
            let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).expect("a time");
            let local = date.to_datetime(time);
            let (hour, half) = match time.hour() { 0 => (12, "am"), 12 => (12, "pm"), 13.. => (time.hour() - 12, "pm"), hour => (hour, "am") };
            let american = format!("{}/{}/{} {hour}:{:02} {half}", date.month(), date.day(), date.year(), time.minute());
            let serial = (date - Date::constant(1899, 12, 30)).get_days();
            let sheet = format!("{}", f64::from(serial) + f64::from(minute) / 1440.0);
            for text in [american, local.to_string().to_lowercase()] {
                prop_assert_eq!(parse(&text, TODAY, Century::Near), Ok(Moment::Local(local)), "{}", text);
            }
            if sheet.contains('.') {
                prop_assert_eq!(parse(&sheet, TODAY, Century::Near), Ok(Moment::Local(local)), "{}", sheet);
            }
        }
    }
}
