//! Instants as people say them, in the zone of the practice.

use crate::console::view::When;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ZonedDateTime};

/// A zone and the present moment in it.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    now: Timestamp,
    zone: TimeZone,
}

impl Calendar {
    pub(crate) fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { now, zone }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The same moment in another zone.
    pub(crate) fn at_zone(&self, zone: TimeZone) -> Self {
        Self { now: self.now, zone }
    }

    /// The same in a zone by its IANA name; in this zone where the name is unknown.
    pub(crate) fn in_zone(&self, name: &str) -> Self {
        TimeZone::get(name).map_or_else(|_| self.clone(), |zone| self.at_zone(zone))
    }

    pub(crate) fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }

    pub(crate) fn date_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// The instants at which a day begins and ends.
    pub(crate) fn day_span(&self, day: Date) -> (Timestamp, Timestamp) {
        let begin = |day: Date| day.to_zoned_datetime(self.zone.clone()).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
        (begin(day), begin(day.checked_add(Span::new().days(1)).unwrap_or(day)))
    }

    /// An instant with its words: the time alone for today, the day as well for another.
    pub(crate) fn when(&self, at: Timestamp) -> When {
        When::new(self.iso(at), self.words(at))
    }

    /// An instant with the time alone.
    pub(crate) fn clock(&self, at: Timestamp) -> When {
        When::new(self.iso(at), self.time(at))
    }

    /// An instant to the second.
    pub(crate) fn exactly(&self, at: Timestamp) -> When {
        let time = self.local(at).strftime("%-I:%M:%S %p").to_string();
        When::new(self.iso(at), self.with_day(at, &time))
    }

    /// The day of an instant.
    pub(crate) fn on_day(&self, at: Timestamp) -> When {
        When::new(self.date_of(at).to_string(), date(self.date_of(at)))
    }

    /// The instant with its zone: `Tue, Nov 24, 2026 at 10:42 AM EST`.
    pub(crate) fn in_full(&self, at: Timestamp) -> When {
        When::new(self.iso(at), self.local(at).strftime("%a, %b %-d, %Y at %-I:%M %p %Z").to_string())
    }

    /// The words of [`Calendar::when`].
    pub(crate) fn words(&self, at: Timestamp) -> String {
        self.with_day(at, &self.time(at))
    }

    /// `2:15 PM`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        self.local(at).strftime("%-I:%M %p").to_string()
    }

    /// The day and the time, whichever day it is: `Tue, Mar 10 at 2:15 PM`.
    pub(crate) fn day_and_time(&self, at: Timestamp) -> String {
        format!("{} at {}", short_day(self.date_of(at), self.today()), self.time(at))
    }

    /// The value of a date and time field: `2026-11-24T10:42`.
    pub(crate) fn field(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// How long ago, roughly: `41 days ago`.
    pub(crate) fn ago(&self, at: Timestamp) -> String {
        let passed = self.now.duration_since(at);
        match passed.as_hours() {
            ..1 => "just now".to_owned(),
            1..24 => plural(passed.as_hours(), "hour"),
            24..1440 => plural(passed.as_hours() / 24, "day"),
            1440..17520 => plural(passed.as_hours() / (24 * 30), "month"),
            hours => plural(hours / (24 * 365), "year"),
        }
    }

    fn with_day(&self, at: Timestamp, time: &str) -> String {
        let (day, today) = (self.date_of(at), self.today());
        match (day - today).get_days() {
            0 => time.to_owned(),
            1 => format!("tomorrow at {time}"),
            -1 => format!("yesterday at {time}"),
            _ => format!("{} at {time}", short_day(day, today)),
        }
    }

    fn local(&self, at: Timestamp) -> ZonedDateTime {
        at.to_zoned_datetime(self.zone.clone())
    }

    fn iso(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

fn plural(count: i64, unit: &str) -> String {
    if count == 1 { format!("1 {unit} ago") } else { format!("{count} {unit}s ago") }
}

/// `Tue, Mar 10`, with the year where it is not this one.
fn short_day(day: Date, today: Date) -> String {
    let format = if day.year() == today.year() { "%a, %b %-d" } else { "%a, %b %-d, %Y" };
    day.strftime(format).to_string()
}

/// `Mar 10, 2026`.
pub(super) fn date(day: Date) -> String {
    day.strftime("%b %-d, %Y").to_string()
}

/// A span below this is told in hours, even over midnight.
const HOURS_BELOW: SignedDuration = SignedDuration::from_hours(12);

/// How long before a visit something is, as people count it in the visit's zone: in days by the calendar, on one day in hours and minutes.
pub(super) fn before(at: Timestamp, visit: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let days = (zone.to_datetime(visit).date() - zone.to_datetime(at).date()).get_days();
    let span = visit.duration_since(at);
    let minutes = span.as_mins();
    let (count, unit) = match minutes {
        _ if days > 0 && span >= HOURS_BELOW => (i64::from(days), "day"),
        ..120 => (minutes, "minute"),
        _ => (minutes / 60, "hour"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new("2026-11-24T15:42:00Z".parse().unwrap(), TimeZone::get("America/New_York").unwrap())
    }

    #[test]
    fn a_moment_is_told_with_its_day_unless_it_is_today() {
        let calendar = calendar();
        let words = |text: &str| calendar.words(text.parse().unwrap());
        assert_eq!(words("2026-11-24T19:15:00Z"), "2:15 PM");
        assert_eq!(words("2026-11-25T04:59:00Z"), "11:59 PM");
        assert_eq!(words("2026-11-25T05:00:00Z"), "tomorrow at 12:00 AM");
        assert_eq!(words("2026-11-23T21:12:00Z"), "yesterday at 4:12 PM");
        assert_eq!(words("2026-03-10T18:15:00Z"), "Tue, Mar 10 at 2:15 PM");
        assert_eq!(words("2027-03-10T19:15:00Z"), "Wed, Mar 10, 2027 at 2:15 PM");
    }

    #[test]
    fn a_day_that_begins_summer_time_has_twenty_three_hours() {
        let (begin, end) = calendar().day_span("2027-03-14".parse().unwrap());
        assert_eq!(end.duration_since(begin).as_hours(), 23);
    }

    #[test]
    fn the_machine_form_has_the_offset() {
        assert_eq!(calendar().when("2026-11-24T14:15:00Z".parse().unwrap()).iso, "2026-11-24T09:15:00-05:00");
    }

    #[test]
    fn a_reminder_is_so_many_days_before_as_the_calendar_counts_them() {
        let before = |at: &str| before(at.parse().unwrap(), "2026-11-23T13:30:00Z".parse().unwrap(), "America/New_York");
        assert_eq!(before("2026-11-21T15:00:00Z"), "2 days", "46 hours and a half");
        assert_eq!(before("2026-11-16T15:00:00Z"), "7 days");
        assert_eq!(before("2026-11-22T15:00:00Z"), "1 day");
        assert_eq!(before("2026-11-23T04:30:00Z"), "9 hours", "over midnight, and yet near");
        assert_eq!(before("2026-11-23T11:30:00Z"), "2 hours");
        assert_eq!(before("2026-11-23T13:29:00Z"), "1 minute");
    }

    #[test]
    fn ages_are_rounded_down() {
        assert_eq!(calendar().ago("2026-10-14T15:42:00Z".parse().unwrap()), "41 days ago");
        assert_eq!(calendar().ago("2023-10-14T15:42:00Z".parse().unwrap()), "3 years ago");
    }
}
