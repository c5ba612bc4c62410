//! What will happen to one text, decided in one place from seed, number and count.

use super::behaviour::{Behaviour, Quirk, Range};
use std::time::Duration;

/// How a submission is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accept,
    AcceptThenDrop,
    AcceptThenError,
    AcceptThenGarbage,
    Refuse(u32),
    Drop,
    Error,
    Throttle,
}

/// What becomes of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub answer: Answer,
    pub answer_after: Duration,
    pub delivery_after: Duration,
    pub undelivered: Option<u32>,
    pub unconfirmed: bool,
    pub callback_after: Duration,
    pub lose: bool,
    pub duplicate: bool,
    pub reorder: bool,
}

/// How much later than its callbacks an answer comes that is meant to come after them.
const ANSWER_AFTER_CALLBACKS: Duration = Duration::from_millis(300);

impl Fate {
    /// Decides for the `nth` submission to a number, counted from zero.
    pub fn decide(behaviour: &Behaviour, to: &str, nth: u64) -> Self {
        let mut chance = Chance::new(behaviour.seed, to, nth);
        let faults = &behaviour.callbacks;
        // Every chance is drawn in the same order whatever comes of it, so that one setting does not move the others.
        let mut answer = Answer::Accept;
        for (share, fault) in [
            (behaviour.refuse, Answer::Refuse(behaviour.refuse_code)),
            (behaviour.drop_before_accept, Answer::Drop),
            (behaviour.drop_after_accept, Answer::AcceptThenDrop),
            (behaviour.error_before_accept, Answer::Error),
            (behaviour.error_after_accept, Answer::AcceptThenError),
            (behaviour.garbage_after_accept, Answer::AcceptThenGarbage),
        ] {
            if chance.hits(share) && answer == Answer::Accept {
                answer = fault;
            }
        }
        let mut slow = chance.hits(behaviour.slow);
        let mut first = chance.hits(faults.before_answer);
        let mut fate = Self {
            answer,
            answer_after: chance.within(behaviour.answer_ms),
            delivery_after: chance.within(behaviour.delivery_ms),
            callback_after: chance.within(faults.delay_ms),
            undelivered: chance.hits(behaviour.undelivered).then_some(behaviour.undelivered_code),
            unconfirmed: chance.hits(behaviour.unconfirmed),
            lose: chance.hits(faults.lose),
            duplicate: chance.hits(faults.duplicate),
            reorder: chance.hits(faults.reorder),
        };
        if let Some(quirk) = behaviour.numbers.get(to) {
            fate = Self {
                answer: Answer::Accept,
                undelivered: None,
                unconfirmed: false,
                lose: false,
                duplicate: false,
                reorder: false,
                ..fate
            };
            (slow, first) = (false, false);
            match *quirk {
                Quirk::None => {}
                Quirk::Refuse(code) => fate.answer = Answer::Refuse(code),
                Quirk::DropBeforeAccept => fate.answer = Answer::Drop,
                Quirk::DropAfterAccept => fate.answer = Answer::AcceptThenDrop,
                Quirk::ErrorBeforeAccept => fate.answer = Answer::Error,
                Quirk::ErrorAfterAccept => fate.answer = Answer::AcceptThenError,
                Quirk::GarbageAfterAccept => fate.answer = Answer::AcceptThenGarbage,
                Quirk::Slow => slow = true,
                Quirk::Throttle => fate.answer = Answer::Throttle,
                Quirk::ThrottleOnce if nth == 0 => fate.answer = Answer::Throttle,
                Quirk::ThrottleOnce => {}
                Quirk::Undelivered(code) => fate.undelivered = Some(code),
                Quirk::Unconfirmed => fate.unconfirmed = true,
                Quirk::LoseCallbacks => fate.lose = true,
                Quirk::DuplicateCallbacks => fate.duplicate = true,
                Quirk::ReorderCallbacks => fate.reorder = true,
                Quirk::CallbacksFirst => first = true,
            }
        }
        if slow {
            fate.answer_after = Duration::from_millis(u64::from(behaviour.slow_ms));
        }
        if first {
            fate.delivery_after = Duration::ZERO;
            fate.callback_after = Duration::ZERO;
            fate.answer_after = fate.answer_after.max(ANSWER_AFTER_CALLBACKS);
        }
        fate
    }
}

/// A small deterministic generator (SplitMix64); nothing here needs to be unguessable.
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64, about: &str, nth: u64) -> Self {
        // FNV-1a spreads what it is about.
        let about =
            about.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut chance = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ about ^ nth.wrapping_mul(0xD1B5_4A32_D192_ED03));
        chance.next();
        chance
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn hits(&mut self, share: f64) -> bool {
        // 53 bits fill a float exactly; a share of 1 always hits and of 0 never.
        #[allow(clippy::cast_precision_loss, reason = "the value has 53 bits")]
        let drawn = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < share
    }

    fn within(&mut self, range: Range) -> Duration {
        let width = u64::from(range.1.saturating_sub(range.0)) + 1;
        Duration::from_millis(u64::from(range.0) + self.next() % width)
    }
}
