//! C-09: a brand's day ends at midnight Pacific, whatever the clocks do, and a queue is done when its parts have gone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use wellsent_domain::throughput::*;

fn pacific() -> TimeZone {
    TimeZone::get(BRAND_DAY_ZONE).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_brands_day_ends_at_midnight_pacific_on_both_days_of_the_clock_change() {
    let table = [
        ("2026-11-24T15:00:00Z", "2026-11-25T08:00:00Z"),
        ("2026-11-25T07:59:59Z", "2026-11-25T08:00:00Z"),
        ("2026-11-25T08:00:00Z", "2026-11-26T08:00:00Z"),
        // Clocks go forward: a day of 23 hours.
        ("2027-03-14T08:00:00Z", "2027-03-15T07:00:00Z"),
        // Clocks go back: a day of 25 hours.
        ("2027-11-07T07:00:00Z", "2027-11-08T08:00:00Z"),
        ("2027-11-08T07:59:59Z", "2027-11-08T08:00:00Z"),
    ];
    for (now, next) in table {
        assert_eq!(next_brand_day(at(now), &pacific()), at(next), "{now}");
    }
}

#[test]
fn a_queue_beyond_the_cap_goes_on_after_midnight() {
    let flow = Flow { parts_per_minute: 60, parts_per_day_max: Some(100), used_today: 40 };
    let now = at("2026-11-24T15:00:00Z");
    assert_eq!(finishes_at(60, flow, now, &pacific()), at("2026-11-24T15:01:00Z"));
    assert_eq!(finishes_at(61, flow, now, &pacific()), at("2026-11-25T08:00:01Z"));
    assert_eq!(finishes_at(260, flow, now, &pacific()), at("2026-11-26T08:01:40Z"));
    let uncapped = Flow { parts_per_day_max: None, ..flow };
    assert_eq!(finishes_at(6_000, uncapped, now, &pacific()), now + SignedDuration::from_secs(6_000));
    assert_eq!(finishes_at(1, Flow { parts_per_day_max: Some(0), ..flow }, now, &pacific()), Timestamp::MAX);
    assert_eq!(finishes_at(0, flow, now, &pacific()), now);
}

/// One part after another, each as soon as it may.
fn by_hand(parts: u64, flow: Flow, now: Timestamp) -> Timestamp {
    let (mut free, mut used, mut next) = (now, flow.used_today, next_brand_day(now, &pacific()));
    for _ in 0..parts {
        let mut done = free + SignedDuration::from_nanos(spacing(flow.parts_per_minute));
        if used >= flow.parts_per_day_max.unwrap_or(u32::MAX) || (flow.parts_per_day_max.is_some() && done > next) {
            done = next + SignedDuration::from_nanos(spacing(flow.parts_per_minute));
            (used, next) = (0, next_brand_day(next, &pacific()));
        }
        (free, used) = (done, used + 1);
    }
    free
}

proptest! {
    #[test]
    fn the_estimate_is_what_sending_part_by_part_gives(
        parts in 0u64..400, rate in 1u32..30, cap in prop::option::of(1u32..120), used in 0u32..150, minutes in 0i64..600_000,
    ) {
        let now = at("2026-10-01T00:00:00Z") + SignedDuration::from_mins(minutes);
        let flow = Flow { parts_per_minute: rate, parts_per_day_max: cap, used_today: used };
        prop_assert_eq!(finishes_at(parts, flow, now, &pacific()), by_hand(parts, flow, now));
    }

    #[test]
    fn more_parts_or_a_tighter_limit_never_finish_earlier(
        parts in 0u64..5_000, more in 0u64..500, rate in 1u32..5_000, cap in 1u32..3_000, used in 0u32..3_000,
    ) {
        let now = at("2027-03-13T20:00:00Z");
        let flow = Flow { parts_per_minute: rate, parts_per_day_max: Some(cap), used_today: used };
        let at = |parts, flow| finishes_at(parts, flow, now, &pacific());
        let finishes = at(parts, flow);
        let (faster, wider) = (Flow { parts_per_minute: rate + 1, ..flow }, Flow { parts_per_day_max: Some(cap + 1), ..flow });
        let uncounted = Flow { parts_per_day_max: None, ..flow };
        prop_assert!(finishes >= now);
        prop_assert!(at(parts + more, flow) >= finishes);
        prop_assert!(at(parts, faster) <= finishes);
        prop_assert!(at(parts, wider) <= finishes);
        prop_assert!(at(parts, uncounted) <= finishes);
    }
}
