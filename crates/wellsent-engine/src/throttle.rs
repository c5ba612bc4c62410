//! How many parts a sender may hand over at a time (C-09): a steady rate with a burst of a few seconds.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wellsent_domain::SenderId;

const BURST: SignedDuration = SignedDuration::from_secs(5);

/// The throughput of all senders of this node.
#[derive(Debug, Clone, Default)]
pub struct Throttle {
    next: Arc<Mutex<HashMap<SenderId, Timestamp>>>,
}

impl Throttle {
    /// How many parts may go now, and when the next may if none.
    pub fn room(&self, sender: SenderId, parts_per_minute: u32, now: Timestamp) -> (u32, Timestamp) {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).get(&sender).copied().unwrap_or(Timestamp::MIN);
        let spacing = spacing(parts_per_minute);
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        let from = next.max(earliest);
        let ahead = now.duration_since(from).as_nanos().max(0);
        let room = u32::try_from(ahead / i128::from(spacing)).unwrap_or(u32::MAX);
        (room, if room > 0 { now } else { from + SignedDuration::from_nanos(spacing) })
    }

    /// Takes parts that went.
    pub fn take(&self, sender: SenderId, parts_per_minute: u32, parts: u32, now: Timestamp) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.entry(sender).or_insert(Timestamp::MIN);
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        let used = SignedDuration::from_nanos(spacing(parts_per_minute).saturating_mul(i64::from(parts)));
        *slot = (*slot).max(earliest).saturating_add(used).unwrap_or(Timestamp::MAX);
    }
}

fn spacing(parts_per_minute: u32) -> i64 {
    60_000_000_000 / i64::from(parts_per_minute.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_never_carries_more_than_the_rate_and_one_burst() {
        let throttle = Throttle::default();
        let sender = SenderId::from_bytes([1; 16]);
        let start: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let mut sent = 0;
        for tick in 0..600 {
            let now = start + SignedDuration::from_millis(tick * 100);
            let (room, _) = throttle.room(sender, 240, now);
            throttle.take(sender, 240, room, now);
            sent += room;
        }
        assert!((240..=262).contains(&sent), "{sent}");
    }

    #[test]
    fn without_room_it_says_when_there_is_some() {
        let throttle = Throttle::default();
        let sender = SenderId::from_bytes([1; 16]);
        let now: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        throttle.take(sender, 60, 5, now);
        let (room, at) = throttle.room(sender, 60, now);
        assert_eq!((room, at), (0, now + SignedDuration::from_secs(1)));
        assert_eq!(throttle.room(sender, 60, at).0, 1);
    }
}
