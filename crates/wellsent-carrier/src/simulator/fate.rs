//! What will happen to one text, decided in one place from seed, number and count.

use super::behaviour::{Behaviour, Quirk, Range};
use super::codes;
use std::time::Duration;

/// How a submission is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Taken, and said so.
    Accept,
    /// Taken; the line is dropped.
    AcceptThenDrop,
    /// Taken; the answer is 500.
    AcceptThenError,
    /// Taken; the answer is 201 with nonsense.
    AcceptThenGarbage,
    /// Not taken, with this code.
    Refuse(u32),
    /// Not taken; the line is dropped.
    Drop,
    /// Not taken; 429.
    Throttle,
}

/// What becomes of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub answer: Answer,
    /// How long the answer takes.
    pub answer_after: Duration,
    /// How long until the phone has it.
    pub delivery_after: Duration,
    /// The code with which it does not arrive.
    pub undelivered: Option<u32>,
    /// How long a receipt takes.
    pub receipt_after: Duration,
    pub lose_receipts: bool,
    pub duplicate_receipts: bool,
    pub reorder_receipts: bool,
}

/// How much later than its receipts an answer comes that is meant to come after them.
const ANSWER_AFTER_RECEIPTS: Duration = Duration::from_millis(300);

impl Fate {
    /// Decides for the `nth` submission to a number, counted from zero.
    pub fn decide(behaviour: &Behaviour, to: &str, nth: u64) -> Self {
        let mut chance = Chance::new(behaviour.seed, to, nth);
        let quirk = behaviour.quirk(to);
        let shares = &behaviour.receipts;
        // Every chance is drawn in the same order whatever the quirk, so that one setting does not move the others.
        let mut plain = Answer::Accept;
        let mut slow = false;
        for (share, answer) in [
            (behaviour.refuse, Answer::Refuse(behaviour.refuse_code)),
            (behaviour.drop_before_accept, Answer::Drop),
            (behaviour.drop_after_accept, Answer::AcceptThenDrop),
            (behaviour.error_after_accept, Answer::AcceptThenError),
            (behaviour.garbage_after_accept, Answer::AcceptThenGarbage),
        ] {
            if chance.hits(share) && plain == Answer::Accept {
                plain = answer;
            }
        }
        slow |= chance.hits(behaviour.slow);
        let mut fate = Self {
            answer: plain,
            answer_after: chance.within(behaviour.answer_ms),
            delivery_after: chance.within(behaviour.delivery_ms),
            receipt_after: chance.within(shares.delay_ms),
            undelivered: chance.hits(behaviour.undelivered).then_some(behaviour.undelivered_code),
            lose_receipts: chance.hits(shares.lose),
            duplicate_receipts: chance.hits(shares.duplicate),
            reorder_receipts: chance.hits(shares.reorder),
        };
        let mut receipts_first = chance.hits(shares.before_answer);
        if let Some(quirk) = quirk {
            fate = Self {
                answer: Answer::Accept,
                undelivered: None,
                lose_receipts: false,
                duplicate_receipts: false,
                reorder_receipts: false,
                ..fate
            };
            receipts_first = false;
            slow = false;
            match quirk {
                Quirk::None => {}
                Quirk::Refuse(code) => fate.answer = Answer::Refuse(code),
                Quirk::DropBeforeAccept => fate.answer = Answer::Drop,
                Quirk::DropAfterAccept => fate.answer = Answer::AcceptThenDrop,
                Quirk::ErrorAfterAccept => fate.answer = Answer::AcceptThenError,
                Quirk::GarbageAfterAccept => fate.answer = Answer::AcceptThenGarbage,
                Quirk::Slow => slow = true,
                Quirk::Throttle => fate.answer = Answer::Throttle,
                Quirk::ThrottleOnce if nth == 0 => fate.answer = Answer::Throttle,
                Quirk::ThrottleOnce => {}
                Quirk::Undelivered(code) => fate.undelivered = Some(code),
                Quirk::LoseReceipts => fate.lose_receipts = true,
                Quirk::DuplicateReceipts => fate.duplicate_receipts = true,
                Quirk::ReorderReceipts => fate.reorder_receipts = true,
                Quirk::ReceiptsFirst => receipts_first = true,
            }
        }
        if slow {
            fate.answer_after = Duration::from_millis(u64::from(behaviour.slow_ms));
        }
        if receipts_first {
            fate.delivery_after = Duration::ZERO;
            fate.receipt_after = Duration::ZERO;
            fate.answer_after = fate.answer_after.max(ANSWER_AFTER_RECEIPTS);
        }
        fate
    }

    /// The code with which a text ends that its validity did not reach.
    pub const EXPIRED: u32 = codes::EXPIRED;
}

/// A small deterministic generator (SplitMix64); nothing here needs to be unguessable.
struct Chance(u64);

impl Chance {
    fn new(seed: u64, to: &str, nth: u64) -> Self {
        let number =
            to.bytes().filter(u8::is_ascii_digit).fold(0_u64, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')));
        let mut chance = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.rotate_left(17) ^ nth.wrapping_mul(0xD1B5_4A32_D192_ED03));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn hits(&mut self, share: f64) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_number_and_count_meet_the_same_fate() {
        let behaviour = Behaviour { refuse: 0.5, delivery_ms: Range(0, 1000), ..Behaviour::default() };
        let fates = |seed| {
            let behaviour = Behaviour { seed, ..behaviour.clone() };
            (0..50).map(|nth| Fate::decide(&behaviour, "+12125550123", nth)).collect::<Vec<_>>()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[test]
    fn shares_come_out_as_asked() {
        let behaviour = Behaviour { drop_after_accept: 0.25, ..Behaviour::default() };
        let dropped = (0..4000).filter(|nth| Fate::decide(&behaviour, "+12125550123", *nth).answer == Answer::AcceptThenDrop).count();
        assert!((800..1200).contains(&dropped), "{dropped} of 4000");
    }

    #[test]
    fn a_share_of_one_always_and_of_zero_never_hits() {
        let never = Behaviour::default();
        let always = Behaviour { slow: 1.0, slow_ms: 9, ..Behaviour::default() };
        for nth in 0..200 {
            assert_eq!(Fate::decide(&never, "+12125550123", nth).answer, Answer::Accept);
            assert_eq!(Fate::decide(&always, "+12125550123", nth).answer_after, Duration::from_millis(9));
        }
    }

    #[test]
    fn a_number_that_throttles_once_is_taken_the_second_time() {
        let behaviour = Behaviour::default();
        assert_eq!(Fate::decide(&behaviour, "+12125550026", 0).answer, Answer::Throttle);
        assert_eq!(Fate::decide(&behaviour, "+12125550026", 1).answer, Answer::Accept);
    }
}
