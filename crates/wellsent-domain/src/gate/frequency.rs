//! How often automated texts went to a number (T-04 F).

use crate::practice::Settings;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The instants at which automated texts left for a number within the last seven days. Answers within a conversation are not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frequency {
    sent: Vec<Timestamp>,
}

/// Which cap is reached, and when it is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapReached {
    /// The cap.
    pub cap: Cap,
    /// From when another text fits.
    pub free_at: Timestamp,
}

/// The caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// In any 24 hours, and on one local day.
    Day,
    /// In any seven days. The rule does not say what a week is; rolling is the stricter reading.
    Week,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Frequency {
    /// From the instants of earlier texts, in any order.
    pub fn new(mut sent: Vec<Timestamp>) -> Self {
        sent.sort_unstable();
        Self { sent }
    }

    /// How many texts left in the seven days before `now`.
    pub fn in_last_week(&self, now: Timestamp) -> usize {
        self.sent.iter().filter(|at| now.duration_since(**at) < WEEK).count()
    }

    /// The cap that one more text at `now` would break, if any; where both would, the one that is free later.
    pub fn cap_reached(&self, now: Timestamp, settings: &Settings, zone: &TimeZone) -> Option<CapReached> {
        let day = self.free_in(now, DAY, settings.texts_per_day_max).max(self.free_on_local_day(now, zone, settings.texts_per_day_max));
        let week = self.free_in(now, WEEK, settings.texts_per_week_max);
        match (day, week) {
            (None, None) => None,
            (day, week) if week >= day => week.map(|free_at| CapReached { cap: Cap::Week, free_at }),
            (day, _) => day.map(|free_at| CapReached { cap: Cap::Day, free_at }),
        }
    }

    /// When fewer than `max` texts lie within `span` before that instant; `None` if that is so now.
    fn free_in(&self, now: Timestamp, span: SignedDuration, max: u32) -> Option<Timestamp> {
        let within: Vec<_> = self.sent.iter().filter(|at| now.duration_since(**at) < span).collect();
        let max = max as usize;
        if within.len() < max {
            return None;
        }
        if max == 0 {
            return Some(now.saturating_add(span).unwrap_or(Timestamp::MAX));
        }
        within[within.len() - max].saturating_add(span).ok()
    }

    fn free_on_local_day(&self, now: Timestamp, zone: &TimeZone, max: u32) -> Option<Timestamp> {
        let today = zone.to_datetime(now).date();
        let count = self.sent.iter().filter(|at| zone.to_datetime(**at).date() == today).count();
        if count < max as usize {
            return None;
        }
        let tomorrow = today.tomorrow().ok()?;
        tomorrow.to_zoned_datetime(zone.clone()).ok().map(|zoned| zoned.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn caps(per_day: u32, per_week: u32) -> Settings {
        Settings { texts_per_day_max: per_day, texts_per_week_max: per_week, ..Settings::default() }
    }

    #[test]
    fn ten_to_midnight_and_ten_past_are_two_days_but_within_one_rolling_day() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let earlier = Frequency::new(vec![at("2026-11-24T04:50:00Z")]);
        let reached = earlier.cap_reached(at("2026-11-24T05:10:00Z"), &caps(1, 3), &zone).expect("the rolling day binds");
        assert_eq!(reached, CapReached { cap: Cap::Day, free_at: at("2026-11-25T04:50:00Z") });
    }

    #[test]
    fn the_fourth_text_of_seven_rolling_days_waits() {
        let sent = vec![at("2026-11-20T15:00:00Z"), at("2026-11-22T15:00:00Z"), at("2026-11-24T15:00:00Z")];
        let reached = Frequency::new(sent).cap_reached(at("2026-11-26T15:00:00Z"), &caps(1, 3), &TimeZone::UTC).unwrap();
        assert_eq!(reached, CapReached { cap: Cap::Week, free_at: at("2026-11-27T15:00:00Z") });
    }

    proptest! {
        #[test]
        fn when_it_says_free_it_is_free_and_not_before(
            offsets in proptest::collection::vec(0i64..(8 * 86_400), 0..12), per_day in 1u32..4, per_week in 1u32..6,
        ) {
            let now = at("2026-11-24T15:00:00Z");
            let sent = offsets.iter().map(|s| now - SignedDuration::from_secs(*s)).collect();
            let frequency = Frequency::new(sent);
            let settings = caps(per_day, per_week);
            let zone = TimeZone::get("America/Chicago").unwrap();
            if let Some(reached) = frequency.cap_reached(now, &settings, &zone) {
                prop_assert!(reached.free_at > now);
                prop_assert!(frequency.cap_reached(reached.free_at, &settings, &zone).is_none());
                let just_before = reached.free_at - SignedDuration::from_nanos(1);
                prop_assert!(frequency.cap_reached(just_before, &settings, &zone).is_some());
            }
        }
    }
}
