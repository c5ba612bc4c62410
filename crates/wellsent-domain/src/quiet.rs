//! The hours in which automated texts may arrive, in the patient's own time (T-07, P9).

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A stretch of the day by the wall clock: from `opens` inclusive to `closes` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    opens: Time,
    closes: Time,
}

impl Window {
    /// A window inside one day. `opens` before `closes`; otherwise the window is empty.
    pub const fn new(opens: Time, closes: Time) -> Self {
        Self { opens, closes }
    }

    /// First moment inside.
    pub fn opens(&self) -> Time {
        self.opens
    }

    /// First moment outside again.
    pub fn closes(&self) -> Time {
        self.closes
    }

    /// Whether a wall time lies inside.
    pub fn contains(&self, time: Time) -> bool {
        self.opens <= time && time < self.closes
    }

    /// The hours that both windows have.
    pub fn intersect(&self, other: &Self) -> Self {
        Self { opens: self.opens.max(other.opens), closes: self.closes.min(other.closes) }
    }

    /// Whether `now` lies inside in every zone. Where the sources of a zone disagree, all of them have to agree on the hour (T-07).
    pub fn is_open(&self, now: Timestamp, zones: &[TimeZone]) -> bool {
        zones.iter().all(|zone| self.contains(zone.to_datetime(now).time()))
    }

    /// The first instant at or after `now` that lies inside in every zone; `None` where the zones have no common hour.
    pub fn next_open(&self, now: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
        let mut at = now;
        // Each round moves to the opening of some zone that is still closed. Zones lie less than a day apart, so a common hour shows within
        // two days or not at all.
        for _ in 0..(2 * zones.len() + 4) {
            match zones.iter().find(|zone| !self.contains(zone.to_datetime(at).time())) {
                None => return Some(at),
                Some(zone) => at = self.opening(at, zone)?,
            }
        }
        None
    }

    /// The instant at which the window that contains `now` closes in the first of the zones.
    pub fn closes_at(&self, now: Timestamp, zones: &[TimeZone]) -> Option<Timestamp> {
        zones
            .iter()
            .filter_map(|zone| {
                let today = zone.to_datetime(now).date();
                today.to_datetime(self.closes).to_zoned_datetime(zone.clone()).ok().map(|zoned| zoned.timestamp())
            })
            .filter(|closes| *closes > now)
            .min()
    }

    fn opening(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(now);
        let day = if local.time() < self.opens { local.date() } else { local.date().checked_add(Span::new().days(1)).ok()? };
        // A wall time that a change to summer time skips is moved forward by jiff's rule, so the opening is never before the wanted hour.
        let opening = day.to_datetime(self.opens).to_zoned_datetime(zone.clone()).ok()?.timestamp();
        (opening > now).then_some(opening)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone of the bundled database")
    }

    fn window() -> Window {
        Window::new(time(8, 0, 0, 0), time(21, 0, 0, 0))
    }

    fn at(text: &str, zone_name: &str) -> Timestamp {
        text.parse::<jiff::civil::DateTime>().unwrap().to_zoned_datetime(zone(zone_name)).unwrap().timestamp()
    }

    #[test]
    fn the_last_second_before_nine_is_open_and_nine_is_closed() {
        let zones = [zone("America/New_York")];
        assert!(window().is_open(at("2026-11-24T20:59:59", "America/New_York"), &zones));
        assert!(!window().is_open(at("2026-11-24T21:00:00", "America/New_York"), &zones));
        assert!(window().is_open(at("2026-11-24T08:00:00", "America/New_York"), &zones));
    }

    #[test]
    fn a_text_held_at_21_05_goes_at_eight_of_the_next_local_day() {
        let zones = [zone("America/Denver")];
        let opened = window().next_open(at("2026-11-24T21:05:00", "America/Denver"), &zones);
        assert_eq!(opened, Some(at("2026-11-25T08:00:00", "America/Denver")));
    }

    #[test]
    fn phoenix_and_denver_part_in_summer() {
        let noon = at("2026-07-01T07:30:00", "America/Phoenix");
        assert!(!window().is_open(noon, &[zone("America/Phoenix")]));
        assert!(window().is_open(noon, &[zone("America/Denver")]));
        assert!(!window().is_open(noon, &[zone("America/Phoenix"), zone("America/Denver")]), "where sources disagree all must be open");
    }

    #[test]
    fn san_juan_stays_at_its_hour_all_year() {
        let instant: Timestamp = "2027-03-14T01:00:00Z".parse().unwrap();
        assert!(window().is_open(instant, &[zone("America/Phoenix")]));
        assert!(window().is_open(instant, &[zone("America/New_York")]));
        assert!(!window().is_open(instant, &[zone("America/Puerto_Rico")]), "21:00 sharp is closed");
    }

    const ZONES: [&str; 14] = [
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "America/Adak",
        "Pacific/Honolulu",
        "America/Puerto_Rico",
        "Pacific/Guam",
        "Pacific/Pago_Pago",
        "America/Detroit",
        "America/Indiana/Knox",
        "America/Boise",
    ];

    proptest! {
        #[test]
        fn the_next_opening_is_open_and_nothing_before_it_is(minutes in 0i64..(10 * 366 * 24 * 60), first in 0usize..14, second in 0usize..14) {
            let now = date(2024, 1, 1).to_zoned_datetime(TimeZone::UTC).unwrap().timestamp() + jiff::SignedDuration::from_mins(minutes);
            let near = [zone(ZONES[first])];
            let opening = window().next_open(now, &near).expect("one zone always opens");
            prop_assert!(opening >= now);
            prop_assert!(window().is_open(opening, &near));
            prop_assert!(opening.duration_since(now) <= jiff::SignedDuration::from_hours(13));
            if opening > now {
                prop_assert!(!window().is_open(now, &near));
                prop_assert!(!window().is_open(opening - jiff::SignedDuration::from_nanos(1), &near));
            }
            let both = [zone(ZONES[first]), zone(ZONES[second])];
            if let Some(common) = window().next_open(now, &both) {
                prop_assert!(window().is_open(common, &both));
            }
        }

        #[test]
        fn a_closing_is_the_first_closed_instant(minutes in 0i64..(4 * 366 * 24 * 60), index in 0usize..14) {
            let now = date(2025, 1, 1).to_zoned_datetime(TimeZone::UTC).unwrap().timestamp() + jiff::SignedDuration::from_mins(minutes);
            let zones = [zone(ZONES[index])];
            if window().is_open(now, &zones) {
                let closes = window().closes_at(now, &zones).expect("an open window closes");
                prop_assert!(!window().is_open(closes, &zones));
                prop_assert!(window().is_open(closes - jiff::SignedDuration::from_nanos(1), &zones));
            }
        }
    }
}
