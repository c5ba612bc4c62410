//! The one place that reads a clock. Everything else takes instants as arguments (P9).

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock: the system's, ahead by an offset that only the demo and tests move.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
    fixed: Option<Arc<AtomicI64>>,
}

/// How the demo's clock is moved. It never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMove {
    /// So many hours ahead.
    Hours(i64),
    /// So many days ahead.
    Days(i64),
    /// To the moment at which the next message is due.
    NextDue,
    /// To this instant.
    To(Timestamp),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved, for tests and for runs without a web page.
    pub fn standing_at(at: Timestamp) -> Self {
        Self { offset_micros: Arc::default(), fixed: Some(Arc::new(AtomicI64::new(at.as_microsecond()))) }
    }

    /// The present instant.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        let base = match &self.fixed {
            Some(fixed) => Timestamp::from_microsecond(fixed.load(Ordering::Acquire)).unwrap_or(Timestamp::UNIX_EPOCH),
            None => Timestamp::now(),
        };
        let offset = SignedDuration::from_micros(self.offset_micros.load(Ordering::Acquire));
        base.saturating_add(offset).unwrap_or(base)
    }

    /// By how many microseconds it is ahead.
    pub fn offset_micros(&self) -> i64 {
        self.offset_micros.load(Ordering::Acquire)
    }

    /// Sets by how many microseconds it is ahead, as the demo remembers it over restarts. A demo begins behind the system's clock, plays a few
    /// days in quick motion, and has caught up when the offset is zero.
    pub fn set_offset_micros(&self, micros: i64) {
        self.offset_micros.store(micros, Ordering::Release);
    }

    /// Moves it ahead to an instant; an instant in the past leaves it where it is.
    pub fn advance_to(&self, at: Timestamp) {
        let ahead = at.duration_since(self.now()).as_micros();
        if ahead > 0 {
            self.offset_micros.fetch_add(i64::try_from(ahead).unwrap_or(i64::MAX), Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_it_is_moved_and_never_back() {
        let start: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let clock = Clock::standing_at(start);
        assert_eq!(clock.now(), start);
        clock.advance_to(start + SignedDuration::from_hours(2));
        assert_eq!(clock.now(), start + SignedDuration::from_hours(2));
        clock.advance_to(start);
        assert_eq!(clock.now(), start + SignedDuration::from_hours(2));
    }
}
