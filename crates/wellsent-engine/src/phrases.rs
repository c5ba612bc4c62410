//! Dates and times as texts tell them, in the patient's language and the place's time.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use wellsent_domain::Language;
use wellsent_domain::practice::Practice;
use wellsent_store::claims::ClaimedVisit;
use wellsent_text::template::{Values, Variable};

/// "Tue 3/10", "mar 3/10". Spanish goes without accents, which would triple the price of a text (C-13).
pub fn day(local: DateTime, language: Language) -> String {
    let weekday = match (language, local.weekday()) {
        (Language::En, Weekday::Monday) => "Mon",
        (Language::En, Weekday::Tuesday) => "Tue",
        (Language::En, Weekday::Wednesday) => "Wed",
        (Language::En, Weekday::Thursday) => "Thu",
        (Language::En, Weekday::Friday) => "Fri",
        (Language::En, Weekday::Saturday) => "Sat",
        (Language::En, Weekday::Sunday) => "Sun",
        (Language::Es, Weekday::Monday) => "lun",
        (Language::Es, Weekday::Tuesday) => "mar",
        (Language::Es, Weekday::Wednesday) => "mie",
        (Language::Es, Weekday::Thursday) => "jue",
        (Language::Es, Weekday::Friday) => "vie",
        (Language::Es, Weekday::Saturday) => "sab",
        (Language::Es, Weekday::Sunday) => "dom",
    };
    format!("{weekday} {}/{}", local.month(), local.day())
}

/// "2:15 PM".
pub fn time(local: DateTime) -> String {
    let (hour, half) = match local.hour() {
        0 => (12, "AM"),
        hour @ 1..=11 => (hour, "AM"),
        12 => (12, "PM"),
        hour => (hour - 12, "PM"),
    };
    format!("{hour}:{:02} {half}", local.minute())
}

/// "Tue 3/10 2:15 PM".
pub fn when(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let local = zone.to_datetime(at);
    format!("{} {}", day(local, language), time(local))
}

/// The values that a template may name, as far as they are known for these visits.
pub fn values(practice: &Practice, visits: &[ClaimedVisit], location: Option<&str>, language: Language) -> Values {
    let phone = practice.call_back.national();
    let frequency = match language {
        Language::En => "about 4/mo",
        Language::Es => "unos 4 al mes",
    };
    let mut values = Values::new()
        .with(Variable::Practice, &practice.text_name)
        .with(Variable::Phone, &phone)
        .with(Variable::Help, &phone)
        .with(Variable::Frequency, frequency);
    let Some(first) = visits.first() else { return values };
    let local = |visit: &ClaimedVisit| visit.zone.to_datetime(visit.starts_at);
    let same_day = visits.iter().all(|visit| local(visit).date() == local(first).date());
    let name = |visit: &ClaimedVisit| {
        if same_day { time(local(visit)) } else { format!("{} {}", day(local(visit), language), time(local(visit))) }
    };
    let numbered: Vec<_> = visits.iter().enumerate().map(|(n, visit)| format!("{}) {}", n + 1, name(visit))).collect();
    let joined = match language {
        Language::En => " and ",
        Language::Es => " y ",
    };
    values.set(Variable::When, when(first.starts_at, &first.zone, language));
    values.set(Variable::Date, day(local(first), language));
    values.set(Variable::Day, day(local(first), language));
    values.set(Variable::Time, time(local(first)));
    values.set(Variable::VisitList, numbered.join(" "));
    values.set(Variable::VisitTimes, visits.iter().map(name).collect::<Vec<_>>().join(joined));
    if let Some(location) = location {
        values.set(Variable::Location, location);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_told_in_the_time_of_its_place() {
        let at: Timestamp = "2027-03-10T19:15:00Z".parse().unwrap();
        let zone = TimeZone::get("America/New_York").unwrap();
        assert_eq!(when(at, &zone, Language::En), "Wed 3/10 2:15 PM");
        assert_eq!(when(at, &zone, Language::Es), "mie 3/10 2:15 PM");
    }

    #[test]
    fn noon_and_midnight_are_twelve() {
        let clock = |text: &str| time(text.parse().unwrap());
        assert_eq!(clock("2027-03-10T00:05:00"), "12:05 AM");
        assert_eq!(clock("2027-03-10T12:00:00"), "12:00 PM");
        assert_eq!(clock("2027-03-10T23:59:00"), "11:59 PM");
    }
}
