//! When a reminder of a visit is due and until when it is of use (T-07, P9).

use super::{Lead, ReminderRule};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A stretch of time: from when a text may go and after which it is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// From when.
    pub due_at: Timestamp,
    /// Until when.
    pub useful_until: Timestamp,
}

/// The instant at which a lead falls for a visit.
///
/// `visit_zone` is where the visit takes place, `patient_zone` where the patient reads the text. A wall time that a change to summer time
/// skips moves forward; one that occurs twice is the first.
pub fn due_at(lead: Lead, starts_at: Timestamp, visit_zone: &TimeZone, patient_zone: &TimeZone) -> Option<Timestamp> {
    match lead {
        Lead::Minutes(minutes) => starts_at.checked_sub(jiff::SignedDuration::from_mins(minutes)).ok(),
        Lead::Days(days) => {
            let local = visit_zone.to_datetime(starts_at);
            instant(days_before(local, days)?, visit_zone)
        }
        Lead::DaysAt { days, at } => {
            let local = visit_zone.to_datetime(starts_at);
            let day = days_before(local, days)?.date();
            instant(day.to_datetime(at), patient_zone)
        }
    }
}

/// The slot of a rule for visits of which the first begins at `first_start`; `None` where there is no time in which the text would be of use.
pub fn slot(rule: &ReminderRule, first_start: Timestamp, visit_zone: &TimeZone, patient_zone: &TimeZone) -> Option<Slot> {
    let due_at = due_at(rule.lead, first_start, visit_zone, patient_zone)?;
    let by_rule = due_at.checked_add(rule.useful_for).ok()?;
    let by_visit = first_start.checked_sub(rule.not_within).ok()?;
    let useful_until = by_rule.min(by_visit);
    (due_at < useful_until).then_some(Slot { due_at, useful_until })
}

fn days_before(local: DateTime, days: i32) -> Option<DateTime> {
    local.checked_sub(Span::new().try_days(days).ok()?).ok()
}

fn instant(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(local).compatible().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a zone of the bundled database")
    }

    fn at(text: &str, zone_name: &str) -> Timestamp {
        text.parse::<DateTime>().unwrap().to_zoned_datetime(zone(zone_name)).unwrap().timestamp()
    }

    #[test]
    fn a_day_before_a_visit_after_the_clocks_go_back_is_twenty_five_hours() {
        let new_york = zone("America/New_York");
        let visit = at("2026-11-01T10:00:00", "America/New_York");
        let due = due_at(Lead::Days(1), visit, &new_york, &new_york).unwrap();
        assert_eq!(due, at("2026-10-31T10:00:00", "America/New_York"));
        assert_eq!(visit.duration_since(due).as_hours(), 25);
    }

    #[test]
    fn two_hours_before_are_elapsed_hours_over_a_clock_change() {
        let new_york = zone("America/New_York");
        let visit = at("2026-11-01T03:00:00", "America/New_York");
        let due = due_at(Lead::Minutes(120), visit, &new_york, &new_york).unwrap();
        assert_eq!(due.to_zoned_datetime(new_york).datetime(), "2026-11-01T01:00:00".parse::<DateTime>().unwrap());
        assert_eq!(visit.duration_since(due).as_hours(), 2);
    }

    #[test]
    fn ten_o_clock_two_days_before_is_ten_o_clock_where_the_patient_is() {
        let due = due_at(
            Lead::DaysAt { days: 2, at: time(10, 0, 0, 0) },
            at("2026-07-10T14:15:00", "America/Denver"),
            &zone("America/Denver"),
            &zone("America/Phoenix"),
        );
        assert_eq!(due, Some(at("2026-07-08T10:00:00", "America/Phoenix")));
    }

    #[test]
    fn a_wall_time_that_spring_skips_moves_forward() {
        let chicago = zone("America/Chicago");
        let lead = Lead::DaysAt { days: 1, at: time(2, 30, 0, 0) };
        let due = due_at(lead, at("2027-03-15T09:00:00", "America/Chicago"), &chicago, &chicago).unwrap();
        assert_eq!(due.to_zoned_datetime(chicago).datetime(), "2027-03-14T03:30:00".parse::<DateTime>().unwrap());
    }

    #[test]
    fn a_visit_on_1_march_of_a_leap_year_is_reminded_on_29_february() {
        let zone_ny = zone("America/New_York");
        let due = due_at(Lead::Days(1), at("2028-03-01T09:00:00", "America/New_York"), &zone_ny, &zone_ny);
        assert_eq!(due, Some(at("2028-02-29T09:00:00", "America/New_York")));
    }

    proptest! {
        #[test]
        fn a_reminder_days_before_keeps_the_wall_clock_unless_spring_skips_it(
            minutes in 0i64..(10 * 366 * 24 * 60), index in 0usize..10, days in 1i32..15, hour in 0i8..24, minute in 0i8..60,
        ) {
            const ZONES: [&str; 10] = [
                "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
                "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "America/Adak",
            ];
            let zone = zone(ZONES[index]);
            let visit = "2024-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minutes);
            let at = time(hour, minute, 0, 0);
            let due = due_at(Lead::DaysAt { days, at }, visit, &zone, &zone).unwrap();
            prop_assert!(due < visit);
            let local = zone.to_datetime(due);
            let day = zone.to_datetime(visit).date();
            prop_assert_eq!((day - local.date()).get_days(), days);
            let skipped = zone.to_ambiguous_timestamp(local.date().to_datetime(at)).is_ambiguous();
            prop_assert!(local.time() == at || skipped);
        }
    }
}
