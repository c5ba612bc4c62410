//! How much the carriers let through: a brand's parts of a day, and when a queue is done (C-09).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The zone at whose midnight the carriers begin to count a brand's parts anew.
pub const BRAND_DAY_ZONE: &str = "America/Los_Angeles";

/// The day of a brand that an instant belongs to. `pacific` is the zone [`BRAND_DAY_ZONE`].
pub fn brand_day(now: Timestamp, pacific: &TimeZone) -> Date {
    pacific.to_datetime(now).date()
}

/// When the next day of a brand begins: the first instant of the next day in Pacific time, whatever daylight saving does to this one.
pub fn next_brand_day(now: Timestamp, pacific: &TimeZone) -> Timestamp {
    let tomorrow = brand_day(now, pacific).tomorrow().unwrap_or(Date::MAX);
    pacific.to_timestamp(tomorrow.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

/// What may go through one campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Parts a minute.
    pub parts_per_minute: u32,
    /// Parts of a brand's day, if they are counted.
    pub parts_per_day_max: Option<u32>,
    /// Parts of this day that are used up.
    pub used_today: u32,
}

/// More days than any queue is worth waiting for.
const DAYS_MAX: usize = 3_660;

/// When the last of `parts` will have gone if nothing else is sent and nothing but throughput is in the way; [`Timestamp::MAX`] if never.
pub fn finishes_at(parts: u64, flow: Flow, now: Timestamp, pacific: &TimeZone) -> Timestamp {
    let spacing = spacing(flow.parts_per_minute);
    let after = |from: Timestamp, parts: u64| -> Timestamp {
        let nanos = i64::try_from(u128::from(parts) * u128::from(spacing.unsigned_abs())).unwrap_or(i64::MAX);
        from.saturating_add(SignedDuration::from_nanos(nanos)).unwrap_or(Timestamp::MAX)
    };
    let Some(cap) = flow.parts_per_day_max.map(u64::from) else { return after(now, parts) };
    let (mut left, mut from, mut of_day) = (parts, now, cap.saturating_sub(u64::from(flow.used_today)));
    for _ in 0..DAYS_MAX {
        let ends = next_brand_day(from, pacific);
        let time = u64::try_from(ends.duration_since(from).as_nanos() / i128::from(spacing)).unwrap_or(u64::MAX);
        let goes = of_day.min(time);
        if left <= goes {
            return after(from, left);
        }
        (left, from, of_day) = (left - goes, ends, cap);
    }
    Timestamp::MAX
}

/// The nanoseconds that one part takes.
pub const fn spacing(parts_per_minute: u32) -> i64 {
    60_000_000_000 / if parts_per_minute == 0 { 1 } else { parts_per_minute as i64 }
}
