//! Tries at addresses that lead nowhere, counted in memory: a mistyped link is nothing, a hundred within minutes are somebody who guesses (H-03).

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// How long tries are counted together.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Failed tries from one address within the window; after them nothing is looked at.
const PER_ADDRESS_MAX: u32 = 20;
/// Failed tries from everywhere within the window that raise the alarm: many addresses, each below its own limit.
const ALARM_AT: u32 = 100;
/// Addresses remembered at one time.
const ADDRESSES_MAX: usize = 10_000;

/// The counters.
#[derive(Debug, Default)]
pub(crate) struct Probes(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    began_at: Option<Timestamp>,
    total: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// What to do about a failed try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Count(u32),
    /// Raise the alarm: this address, or all together, went over the limit just now.
    Alarm(u32),
}

impl Probes {
    /// Whether anything from this address is looked at.
    pub(crate) fn allows(&self, address: IpAddr, now: Timestamp) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.roll(now);
        counts.by_address.get(&address).is_none_or(|tries| *tries < PER_ADDRESS_MAX)
    }

    /// Counts a failed try.
    pub(crate) fn failed(&self, address: IpAddr, now: Timestamp) -> Verdict {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.roll(now);
        counts.total = counts.total.saturating_add(1);
        let total = counts.total;
        let crowded = counts.by_address.len() >= ADDRESSES_MAX && !counts.by_address.contains_key(&address);
        let tries = if crowded {
            1
        } else {
            let tries = counts.by_address.entry(address).or_default();
            *tries = tries.saturating_add(1);
            *tries
        };
        if tries == PER_ADDRESS_MAX || total == ALARM_AT { Verdict::Alarm(total) } else { Verdict::Count(total) }
    }
}

impl Counts {
    fn roll(&mut self, now: Timestamp) {
        if self.began_at.is_none_or(|began| now.duration_since(began) >= WINDOW) {
            *self = Self { began_at: Some(now), ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).expect("an instant")
    }

    fn address(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    #[test]
    fn an_address_that_guesses_is_shut_out_for_a_while_and_others_are_not() {
        let probes = Probes::default();
        let alarms = (0..PER_ADDRESS_MAX).filter(|_| matches!(probes.failed(address(1), at(0)), Verdict::Alarm(_))).count();
        assert_eq!(alarms, 1);
        assert!(!probes.allows(address(1), at(9)));
        assert!(probes.allows(address(2), at(9)));
        assert!(probes.allows(address(1), at(10)));
    }

    #[test]
    fn many_addresses_that_guess_a_little_raise_the_alarm_together() {
        let probes = Probes::default();
        let alarms = (0..ALARM_AT).filter(|n| matches!(probes.failed(address((n % 50) as u8), at(0)), Verdict::Alarm(_))).count();
        assert_eq!(alarms, 1);
    }
}
