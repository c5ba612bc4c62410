//! New ids: UUIDv7 from a given instant, a counter, and the vault's random numbers.

use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;
use wellsent_vault::random_bytes;

/// Bits of the counter below the milliseconds.
const COUNTER_BITS: u32 = 18;

/// The last tick that was given out: milliseconds and counter.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A fresh UUIDv7 for `now`. Ids of one process are in the order in which they were made, even within one millisecond and where `now` lies
/// before an instant that was used earlier: acts recorded together keep their order.
pub(crate) fn fresh(now: Timestamp) -> Uuid {
    let wanted = u64::try_from(now.as_millisecond()).unwrap_or(0) << COUNTER_BITS;
    let next = |last: u64| Some(wanted.max(last + 1));
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default();
    let tick = wanted.max(last + 1);
    let mut bytes = random_bytes::<10>();
    // The version takes the upper half of the first byte and the variant two bits of the third: 12 and 6 bits of the counter stand beside them.
    let [high, low] = ((tick >> 6) as u16 & 0x0fff).to_be_bytes();
    (bytes[0], bytes[1], bytes[2]) = (high, low, (tick & 0x3f) as u8);
    uuid::Builder::from_unix_timestamp_millis(tick >> COUNTER_BITS, &bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn ids_are_in_the_order_in_which_they_were_made_whatever_the_clock_says() {
        let now = Timestamp::from_second(1_800_000_000).expect("an instant");
        let mut last = fresh(now);
        for n in 0..10_000 {
            let back = SignedDuration::from_hours(n % 3);
            let next = fresh(now - back);
            assert!(last < next && next.get_version_num() == 7);
            last = next;
        }
    }
}
