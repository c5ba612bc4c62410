//! The circuit breaker of a carrier account: after several texts in a row that did not get through, or at once when the account is refused,
//! nothing more is handed over for a while; then one text tries, and what becomes of it decides.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use wellsent_carrier::{NotSubmittedCause, Outcome};

/// So many failures in a row open the circuit.
pub const OPENS_AFTER: u32 = 5;
/// How long it stays open the first time; each further time doubles that.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// How long it stays open at most.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(600);
/// After this long a text that tries counts as lost sight of, and the next may try.
pub const PROBE_TIME: SignedDuration = SignedDuration::from_secs(90);
/// While a text tries, others look again after this long.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// What one submission tells about the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The carrier answers, whatever it says about the text.
    Answers,
    /// It could not be reached, or nobody knows what it did.
    Fails,
    /// It refuses the account.
    Refuses,
}

impl Signal {
    /// What an outcome tells; `None` where it tells nothing.
    pub const fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Accepted { .. } | Outcome::Rejected { .. } => Some(Self::Answers),
            Outcome::NotSubmitted { cause, .. } => match cause {
                NotSubmittedCause::NoConnection | NotSubmittedCause::AddressNotAllowed => Some(Self::Fails),
                NotSubmittedCause::Throttled => Some(Self::Answers),
                NotSubmittedCause::PastValidity => None,
                NotSubmittedCause::AccountRefused => Some(Self::Refuses),
            },
            Outcome::Unknown { .. } => Some(Self::Fails),
        }
    }
}

/// How many texts may be handed over now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    /// As many as there are.
    All,
    /// One, to try.
    One,
    /// None until then.
    NoneUntil(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Timestamp },
    Trying { until: Timestamp },
}

/// What a signal changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    Stays,
    /// The circuit opened.
    Opened,
    /// It closed: texts go again.
    Closed,
}

/// The circuit of one account. Pure: time is an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circuit {
    state: State,
    failures: u32,
    openings: u32,
    refused: bool,
}

impl Default for Circuit {
    fn default() -> Self {
        Self { state: State::Closed, failures: 0, openings: 0, refused: false }
    }
}

impl Circuit {
    /// How many texts may be handed over now.
    pub fn admits(&self, now: Timestamp) -> Admits {
        match self.state {
            State::Closed => Admits::All,
            State::Open { until } | State::Trying { until } if until <= now => Admits::One,
            State::Open { until } => Admits::NoneUntil(until),
            State::Trying { until } => Admits::NoneUntil(until.min(later(now, LOOK_AGAIN))),
        }
    }

    /// One text tries.
    pub fn tries(&mut self, now: Timestamp) {
        if self.state != State::Closed {
            self.state = State::Trying { until: later(now, PROBE_TIME) };
        }
    }

    /// Takes what a submission tells. Stragglers that fail while the circuit is open tell nothing new.
    pub fn hear(&mut self, signal: Signal, now: Timestamp) -> Turn {
        match (signal, self.state) {
            (Signal::Answers, State::Closed) => {
                self.failures = 0;
                Turn::Stays
            }
            (Signal::Answers, _) => {
                *self = Self::default();
                Turn::Closed
            }
            (Signal::Fails, State::Closed) => {
                self.failures += 1;
                if self.failures < OPENS_AFTER { Turn::Stays } else { self.open(now) }
            }
            (Signal::Refuses, State::Closed | State::Trying { .. }) => {
                self.refused = true;
                self.open(now)
            }
            (Signal::Fails, State::Trying { .. }) => self.open(now),
            (Signal::Refuses, State::Open { .. }) => {
                self.refused = true;
                Turn::Stays
            }
            (Signal::Fails, State::Open { .. }) => Turn::Stays,
        }
    }

    /// Whether a text is under way that tries.
    pub fn is_trying(&self) -> bool {
        matches!(self.state, State::Trying { .. })
    }

    /// Whether the carrier refused the account since texts last went through.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    fn open(&mut self, now: Timestamp) -> Turn {
        let doubled = FIRST_WAIT.checked_mul(1 << self.openings.min(16)).unwrap_or(LONGEST_WAIT);
        self.state = State::Open { until: later(now, doubled.min(LONGEST_WAIT)) };
        self.openings = self.openings.saturating_add(1);
        self.failures = 0;
        Turn::Opened
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The circuits of all accounts of this node, by name.
#[derive(Debug, Default)]
pub(crate) struct Circuits(Mutex<HashMap<String, Circuit>>);

impl Circuits {
    /// The circuit of an account as it is.
    pub fn of(&self, carrier: &str) -> Circuit {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(carrier).cloned().unwrap_or_default()
    }

    /// One text of an account tries.
    pub fn tries(&self, carrier: &str, now: Timestamp) {
        if let Some(circuit) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(carrier) {
            circuit.tries(now);
        }
    }

    /// Takes what a submission over an account tells.
    pub fn hear(&self, carrier: &str, signal: Signal, now: Timestamp) -> Turn {
        let mut circuits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match circuits.get_mut(carrier) {
            Some(circuit) => circuit.hear(signal, now),
            None if signal == Signal::Answers => Turn::Stays,
            None => circuits.entry(carrier.to_owned()).or_default().hear(signal, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("an instant")
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_one_answer_in_between_does_not_let_it() {
        let mut circuit = Circuit::default();
        for _ in 0..4 {
            assert_eq!(circuit.hear(Signal::Fails, at(0)), Turn::Stays);
        }
        circuit.hear(Signal::Answers, at(0));
        for _ in 0..4 {
            assert_eq!(circuit.hear(Signal::Fails, at(0)), Turn::Stays);
        }
        assert_eq!(circuit.admits(at(0)), Admits::All);
        assert_eq!(circuit.hear(Signal::Fails, at(0)), Turn::Opened);
        assert_eq!(circuit.admits(at(14)), Admits::NoneUntil(at(15)));
        assert_eq!(circuit.admits(at(15)), Admits::One);
    }

    #[test]
    fn one_text_tries_and_its_failure_doubles_the_wait_up_to_ten_minutes() {
        let mut circuit = Circuit::default();
        assert_eq!(circuit.hear(Signal::Refuses, at(0)), Turn::Opened);
        let mut now = 0;
        for wait in [15, 30, 60, 120, 240, 480, 600, 600, 600] {
            assert_eq!(circuit.admits(at(now + wait - 1)), Admits::NoneUntil(at(now + wait)));
            now += wait;
            assert_eq!(circuit.admits(at(now)), Admits::One);
            circuit.tries(at(now));
            assert!(matches!(circuit.admits(at(now)), Admits::NoneUntil(_)), "one is enough");
            assert_eq!(circuit.hear(Signal::Fails, at(now)), Turn::Opened);
        }
        assert!(circuit.is_refused());
        circuit.tries(at(now + 600));
        assert_eq!(circuit.hear(Signal::Answers, at(now + 601)), Turn::Closed);
        assert!(is_closed(&circuit) && !circuit.is_refused());
    }

    #[test]
    fn a_try_that_is_never_heard_of_again_does_not_keep_it_open_for_ever() {
        let mut circuit = Circuit::default();
        circuit.hear(Signal::Refuses, at(0));
        circuit.tries(at(15));
        assert!(matches!(circuit.admits(at(15 + 89)), Admits::NoneUntil(_)));
        assert_eq!(circuit.admits(at(15 + 90)), Admits::One);
    }

    fn is_closed(circuit: &Circuit) -> bool {
        circuit.state == State::Closed
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(i64),
        Hand,
        Hear(Signal),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let signal = prop_oneof![4 => Just(Signal::Fails), 1 => Just(Signal::Refuses), 1 => Just(Signal::Answers)];
        prop::collection::vec(prop_oneof![(0i64..700).prop_map(Step::Wait), Just(Step::Hand), signal.prop_map(Step::Hear)], 0..200)
    }

    proptest! {
        #[test]
        fn whatever_happens_it_lets_texts_try_again_within_ten_minutes_and_never_more_than_one(steps in steps()) {
            let (mut circuit, mut now, mut in_a_row) = (Circuit::default(), at(0), 0);
            // Texts handed over since the circuit was last closed or a try was heard of.
            let mut under_way = 0;
            for step in steps {
                let was_closed = is_closed(&circuit);
                match step {
                    Step::Wait(seconds) => now += SignedDuration::from_secs(seconds),
                    Step::Hand => match circuit.admits(now) {
                        Admits::All => {}
                        Admits::One => {
                            circuit.tries(now);
                            under_way += 1;
                            prop_assert!(matches!(circuit.admits(now), Admits::NoneUntil(_)), "one is enough");
                        }
                        Admits::NoneUntil(until) => {
                            prop_assert!(until > now && until <= now + LONGEST_WAIT);
                            prop_assert!(under_way <= 1 || circuit.admits(until) != Admits::All);
                        }
                    },
                    Step::Hear(signal) => {
                        let turn = circuit.hear(signal, now);
                        in_a_row = if signal == Signal::Fails { in_a_row + 1 } else { 0 };
                        under_way = 0;
                        match signal {
                            Signal::Answers => prop_assert!(is_closed(&circuit)),
                            Signal::Refuses => prop_assert!(!is_closed(&circuit)),
                            Signal::Fails if was_closed => prop_assert_eq!(turn == Turn::Opened, !is_closed(&circuit)),
                            Signal::Fails => prop_assert!(!is_closed(&circuit)),
                        }
                        if was_closed && signal == Signal::Fails && turn == Turn::Opened {
                            prop_assert!(in_a_row >= OPENS_AFTER);
                        }
                    }
                }
                prop_assert!(!matches!(circuit.admits(now + LONGEST_WAIT), Admits::NoneUntil(_)));
            }
        }
    }
}
