//! How many parts a campaign may hand over at a time (C-09): a steady rate with a burst of a few seconds.
//!
//! All senders of a campaign share one lane: spreading texts over numbers to get more through is forbidden.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wellsent_domain::PracticeId;
use wellsent_domain::practice::Sender;
use wellsent_domain::throughput::spacing;

const BURST: SignedDuration = SignedDuration::from_secs(5);

/// What shares one throughput: the senders of a campaign, or one sender without a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lane(String);

impl Lane {
    /// The lane of a sender.
    pub fn of(sender: &Sender) -> Self {
        Self(match &sender.campaign {
            Some(campaign) => format!("{}/{}/{campaign}", sender.practice, sender.carrier),
            None => sender.id.to_string(),
        })
    }
}

/// The throughput of all lanes of this node, and the practices that wait for some.
#[derive(Debug, Clone, Default)]
pub struct Throttle {
    next: Arc<Mutex<HashMap<Lane, Timestamp>>>,
    resting: Arc<Mutex<HashMap<PracticeId, Timestamp>>>,
}

impl Throttle {
    /// How many parts may go now, and when the next may if none.
    pub fn room(&self, lane: &Lane, parts_per_minute: u32, now: Timestamp) -> (u32, Timestamp) {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).get(lane).copied().unwrap_or(Timestamp::MIN);
        let spacing = spacing(parts_per_minute);
        let from = next.max(earliest(spacing, now));
        let ahead = now.duration_since(from).as_nanos().max(0);
        let room = u32::try_from(ahead / i128::from(spacing)).unwrap_or(u32::MAX);
        (room, if room > 0 { now } else { from.saturating_add(SignedDuration::from_nanos(spacing)).unwrap_or(Timestamp::MAX) })
    }

    /// Takes parts that went.
    pub fn take(&self, lane: &Lane, parts_per_minute: u32, parts: u32, now: Timestamp) {
        if parts == 0 {
            return;
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.entry(lane.clone()).or_insert(Timestamp::MIN);
        let spacing = spacing(parts_per_minute);
        let used = SignedDuration::from_nanos(spacing.saturating_mul(i64::from(parts)));
        *slot = (*slot).max(earliest(spacing, now)).saturating_add(used).unwrap_or(Timestamp::MAX);
    }

    /// Nothing of a practice can go before `until`: no message needs to be looked at again and again meanwhile.
    pub fn rest(&self, practice: PracticeId, until: Timestamp) {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).insert(practice, until);
    }

    /// Whether a practice rests.
    pub fn rests(&self, practice: PracticeId, now: Timestamp) -> bool {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).get(&practice).is_some_and(|until| now < *until)
    }

    /// Something changed for the better: no practice rests any longer.
    pub fn wake(&self) {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// From when on unused room counts. A rate so low that a burst holds no part still lets one go.
fn earliest(spacing: i64, now: Timestamp) -> Timestamp {
    now.checked_sub(BURST.max(SignedDuration::from_nanos(spacing))).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> Lane {
        Lane("campaign".into())
    }

    #[test]
    fn a_minute_never_carries_more_than_the_rate_and_one_burst() {
        let throttle = Throttle::default();
        let start: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let mut sent = 0;
        for tick in 0..600 {
            let now = start + SignedDuration::from_millis(tick * 100);
            let (room, _) = throttle.room(&lane(), 240, now);
            throttle.take(&lane(), 240, room, now);
            sent += room;
        }
        assert!((240..=262).contains(&sent), "{sent}");
    }

    #[test]
    fn without_room_it_says_when_there_is_some() {
        let throttle = Throttle::default();
        let now: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        throttle.take(&lane(), 60, 5, now);
        let (room, at) = throttle.room(&lane(), 60, now);
        assert_eq!((room, at), (0, now + SignedDuration::from_secs(1)));
        assert_eq!(throttle.room(&lane(), 60, at).0, 1);
    }

    #[test]
    fn a_rate_below_one_part_in_a_burst_still_lets_parts_go() {
        let throttle = Throttle::default();
        let start: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let (mut sent, mut now) = (0, start);
        while now < start + SignedDuration::from_mins(10) {
            let (room, free_at) = throttle.room(&lane(), 3, now);
            throttle.take(&lane(), 3, room, now);
            sent += room;
            now = if room > 0 { now + SignedDuration::from_millis(1) } else { free_at };
        }
        assert!((29..=31).contains(&sent), "{sent}");
    }
}
