//! Moments in the words of a language, as people in the United States write them.

use jiff::ZonedDateTime;
use jiff::civil::{Date, Time};
use wellsent_domain::Language;

use crate::console::view::When;

const MONTHS_EN: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const MONTHS_ES: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

/// A day: `November 24, 2026`, `24 de noviembre de 2026`.
pub fn day_words(lang: Language, date: Date) -> When {
    When::new(date.to_string(), day(lang, date))
}

/// A moment where it happened: `November 24, 2026, 9:15 AM`, `24 de noviembre de 2026, 9:15 a. m.`.
pub fn moment_words(lang: Language, at: &ZonedDateTime) -> When {
    let iso = at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    When::new(iso, format!("{}, {}", day(lang, at.date()), time(lang, at.time())))
}

/// A whole hour of the day from 0 to 24: `8 AM`, `8 p. m.`, `midnight`.
pub fn hour_words(lang: Language, hour: u8) -> String {
    match (hour, lang) {
        (12, Language::En) => "noon".to_owned(),
        (12, Language::Es) => "mediodía".to_owned(),
        (0 | 24.., Language::En) => "midnight".to_owned(),
        (0 | 24.., Language::Es) => "medianoche".to_owned(),
        (hour, lang) => format!("{} {}", twelve(hour), half(lang, hour)),
    }
}

fn day(lang: Language, date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()) - 1;
    match lang {
        Language::En => format!("{} {}, {}", MONTHS_EN[month], date.day(), date.year()),
        Language::Es => format!("{} de {} de {}", date.day(), MONTHS_ES[month], date.year()),
    }
}

fn time(lang: Language, time: Time) -> String {
    let hour = time.hour().unsigned_abs();
    // Spaces that do not break keep a time on one line.
    format!("{}:{:02}\u{a0}{}", twelve(hour), time.minute(), half(lang, hour))
}

const fn twelve(hour: u8) -> u8 {
    match hour % 12 {
        0 => 12,
        hour => hour,
    }
}

const fn half(lang: Language, hour: u8) -> &'static str {
    match (lang, hour < 12) {
        (Language::En, true) => "AM",
        (Language::En, false) => "PM",
        (Language::Es, true) => "a.\u{a0}m.",
        (Language::Es, false) => "p.\u{a0}m.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    #[test]
    fn each_language_writes_a_day_its_own_way() {
        assert_eq!(day_words(Language::En, date(2026, 11, 24)).text, "November 24, 2026");
        assert_eq!(day_words(Language::Es, date(2026, 1, 1)).text, "1 de enero de 2026");
        assert_eq!(day_words(Language::Es, date(2026, 12, 31)).iso, "2026-12-31");
    }

    #[test]
    fn noon_and_midnight_are_twelve() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let at = |hour, minute| date(2026, 11, 24).at(hour, minute, 0, 0).to_zoned_datetime(zone.clone()).expect("a moment");
        assert_eq!(moment_words(Language::En, &at(0, 5)).text, "November 24, 2026, 12:05\u{a0}AM");
        assert_eq!(moment_words(Language::En, &at(12, 0)).text, "November 24, 2026, 12:00\u{a0}PM");
        assert_eq!(moment_words(Language::Es, &at(21, 15)).text, "24 de noviembre de 2026, 9:15\u{a0}p.\u{a0}m.");
        assert_eq!(moment_words(Language::En, &at(9, 15)).iso, "2026-11-24T09:15:00-05:00");
    }

    #[test]
    fn whole_hours_have_names() {
        let words = |lang| [0, 8, 12, 21, 24].map(|hour| hour_words(lang, hour).replace('\u{a0}', " "));
        assert_eq!(words(Language::En), ["midnight", "8 AM", "noon", "9 PM", "midnight"]);
        assert_eq!(words(Language::Es), ["medianoche", "8 a. m.", "mediodía", "9 p. m.", "medianoche"]);
    }
}
