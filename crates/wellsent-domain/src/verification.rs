//! Proving that a phone is the patient's: one-time codes and the limits on guessing them (H-07, N-01 to N-05, N-14), and when to ask again.

use crate::words::words;
use jiff::{SignedDuration, Timestamp};

/// How long a code can be used (N-02).
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Digits of a code (N-01).
pub const CODE_DIGITS: usize = 6;
/// Tries on one code (N-04).
pub const TRIES_PER_CODE: u32 = 5;
/// Failed tries on one number within an hour, whatever the number of codes (N-04).
pub const FAILURES_PER_HOUR: u32 = 10;
/// Failed tries in a row on one number, however long it takes, until a person at the practice looks at it (N-04).
pub const FAILURES_IN_A_ROW: u32 = 100;
/// Codes that may be asked for within an hour: a phone is not to be flooded either.
pub const CODES_PER_HOUR: u32 = 5;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What was tried at a number lately. A new code does not begin it anew (N-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guesses {
    /// When the hour that is counted began.
    pub hour_began_at: Timestamp,
    /// Codes asked for since then.
    pub codes_in_hour: u32,
    /// Failed tries since then.
    pub failures_in_hour: u32,
    /// Failed tries since the last code that came back.
    pub failures_in_a_row: u32,
}

/// Why no code is sent or none is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Too much within an hour: again from this instant on.
    Hour {
        /// When.
        until: Timestamp,
    },
    /// Too many failures in a row: a person at the practice has to look at it.
    Locked,
}

impl Guesses {
    /// Nothing was tried.
    pub const fn none() -> Self {
        Self { hour_began_at: Timestamp::UNIX_EPOCH, codes_in_hour: 0, failures_in_hour: 0, failures_in_a_row: 0 }
    }

    fn current(self, now: Timestamp) -> Self {
        if now.duration_since(self.hour_began_at) < HOUR {
            return self;
        }
        Self { hour_began_at: now, codes_in_hour: 0, failures_in_hour: 0, ..self }
    }

    fn limit(self) -> Result<Self, Limit> {
        if self.failures_in_a_row >= FAILURES_IN_A_ROW {
            return Err(Limit::Locked);
        }
        if self.failures_in_hour >= FAILURES_PER_HOUR {
            return Err(Limit::Hour { until: self.hour_began_at + HOUR });
        }
        Ok(self)
    }

    /// A code is asked for: what is counted afterwards, or why none is sent.
    pub fn ask(self, now: Timestamp) -> Result<Self, Limit> {
        let current = self.current(now).limit()?;
        if current.codes_in_hour >= CODES_PER_HOUR {
            return Err(Limit::Hour { until: current.hour_began_at + HOUR });
        }
        Ok(Self { codes_in_hour: current.codes_in_hour + 1, ..current })
    }

    /// A code is about to be looked at: whether it may be.
    pub fn may_try(self, now: Timestamp) -> Result<(), Limit> {
        self.current(now).limit().map(drop)
    }

    /// A try failed.
    pub fn failed(self, now: Timestamp) -> Self {
        let current = self.current(now);
        Self {
            failures_in_hour: current.failures_in_hour.saturating_add(1),
            failures_in_a_row: current.failures_in_a_row.saturating_add(1),
            ..current
        }
    }

    /// A code came back.
    pub fn passed(self, now: Timestamp) -> Self {
        Self { failures_in_a_row: 0, failures_in_hour: 0, ..self.current(now) }
    }

    /// A try that was counted as failed in the hour that began at `hour` was never looked at: it is given back.
    pub fn given_back(self, hour: Timestamp) -> Self {
        // Failures of an hour that is over are forgotten already, and giving one of them back would be a try too many now.
        let of_hour = u32::from(self.hour_began_at == hour);
        Self {
            failures_in_hour: self.failures_in_hour.saturating_sub(of_hour),
            failures_in_a_row: self.failures_in_a_row.saturating_sub(1),
            ..self
        }
    }
}

words! {
    /// What became of a try.
    pub enum Tried {
        /// It is the code: the phone is proven.
        Passed = "passed",
        /// It is not the code.
        Wrong = "wrong",
        /// There is no code that could still be used: none was asked for, its time is over, or it was used.
        NoCode = "no_code",
        /// Too many tries within the hour.
        TooMany = "too_many",
        /// Too many failures in a row.
        Locked = "locked",
        /// The service that made the code did not say; it does not count, and can be tried again (TW-20).
        Unchecked = "unchecked",
    }
}

/// When a number is due to be confirmed with the patient (H-07: at every visit, and at the latest when the verification lapses).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recheck {
    /// It was never proven by a code.
    NeverVerified,
    /// It was proven and should be confirmed.
    Due {
        /// When it was last proven or confirmed.
        since: Timestamp,
    },
    /// It is fresh enough.
    NotDue,
}

/// Whether to ask the patient at a visit whether the number is still theirs.
pub fn recheck(verified_at: Option<Timestamp>, confirmed_at: Option<Timestamp>, every_days: i64, now: Timestamp) -> Recheck {
    let Some(verified_at) = verified_at else { return Recheck::NeverVerified };
    let since = confirmed_at.map_or(verified_at, |confirmed| confirmed.max(verified_at));
    if now.duration_since(since) >= SignedDuration::from_hours(24 * every_days) { Recheck::Due { since } } else { Recheck::NotDue }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).expect("an instant")
    }

    #[test]
    fn asking_for_a_new_code_gives_no_new_tries() {
        let mut guesses = Guesses::none();
        for n in 0..FAILURES_PER_HOUR {
            if n % TRIES_PER_CODE == 0 {
                guesses = guesses.ask(at(0)).expect("a code");
            }
            guesses.may_try(at(0)).expect("a try");
            guesses = guesses.failed(at(0));
        }
        assert_eq!(guesses.may_try(at(1)), Err(Limit::Hour { until: at(60) }));
        assert_eq!(guesses.ask(at(1)), Err(Limit::Hour { until: at(60) }));
        assert!(guesses.may_try(at(60)).is_ok());
    }

    #[test]
    fn a_hundred_failures_in_a_row_lock_the_number_however_slowly_they_come() {
        let mut guesses = Guesses::none();
        for n in 0..i64::from(FAILURES_IN_A_ROW) {
            assert!(guesses.may_try(at(n * 61)).is_ok(), "{n}");
            guesses = guesses.failed(at(n * 61));
        }
        assert_eq!(guesses.may_try(at(1_000_000)), Err(Limit::Locked));
        assert_eq!(guesses.ask(at(1_000_000)), Err(Limit::Locked));
        assert!(guesses.passed(at(0)).may_try(at(0)).is_ok());
    }

    #[test]
    fn a_phone_gets_a_few_codes_an_hour_and_no_flood() {
        let mut guesses = Guesses::none();
        for _ in 0..CODES_PER_HOUR {
            guesses = guesses.ask(at(0)).expect("a code");
        }
        assert!(guesses.ask(at(59)).is_err());
        assert!(guesses.ask(at(60)).is_ok());
    }

    #[test]
    fn a_try_that_was_not_looked_at_is_given_back_once_and_in_its_own_hour() {
        let before = Guesses::none().failed(at(0));
        let counted = before.failed(at(1));
        assert_eq!(counted.given_back(counted.hour_began_at), before);
        let later = counted.failed(at(61));
        assert_eq!(later.given_back(counted.hour_began_at).failures_in_hour, 1, "it is not of this hour");
        assert_eq!(Guesses::none().given_back(Timestamp::UNIX_EPOCH), Guesses::none());
    }

    #[test]
    fn a_confirmation_at_the_desk_refreshes_a_proof_and_makes_none() {
        let day = 24 * 60;
        assert_eq!(recheck(None, Some(at(0)), 90, at(1)), Recheck::NeverVerified);
        assert_eq!(recheck(Some(at(0)), None, 90, at(89 * day)), Recheck::NotDue);
        assert_eq!(recheck(Some(at(0)), None, 90, at(90 * day)), Recheck::Due { since: at(0) });
        assert_eq!(recheck(Some(at(0)), Some(at(80 * day)), 90, at(90 * day)), Recheck::NotDue);
    }
}
