//! Chance from a seed: the same run twice, whatever the order in which numbers are texted.

use super::behaviour::{Behaviour, Quirk, Range};

/// What happens to one submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Refuse(u32),
    CutBefore,
    Take(Answer),
}

/// How a part that was taken is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Well,
    Late,
    NoId,
    SystemError,
    Garbage,
    Cut,
}

/// A number in [0, 1) that depends on everything that is given.
pub(super) fn roll(seed: u64, words: &[&str], count: u64) -> f64 {
    let mut hash = 0xCBF2_9CE4_8422_2325 ^ seed;
    for byte in words.iter().flat_map(|word| word.bytes().chain([0])).chain(count.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    hash ^= hash >> 33;
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

/// A time in the range.
pub(super) fn within(range: Range, roll: f64) -> u64 {
    let (low, high) = (u64::from(range.0), u64::from(range.1.max(range.0)));
    low + ((high - low + 1) as f64 * roll) as u64
}

/// The fate of the `count`th submission to a number, which is part `number` of its text.
pub(super) fn fate(behaviour: &Behaviour, to: &str, count: u64, number: u8) -> Fate {
    let happens = |word: &str, share: f64| roll(behaviour.seed, &[word, to], count) < share;
    if let Some(quirk) = behaviour.numbers.get(to) {
        return match *quirk {
            Quirk::Refuse(status) => Fate::Refuse(status),
            Quirk::RefuseSecondPart(status) if number > 1 => Fate::Refuse(status),
            Quirk::Throttle => Fate::Refuse(0x58),
            Quirk::CutBeforeAccept => Fate::CutBefore,
            Quirk::CutAfterAccept => Fate::Take(Answer::Cut),
            Quirk::ErrorAfterAccept => Fate::Take(Answer::SystemError),
            Quirk::GarbageAfterAccept => Fate::Take(Answer::Garbage),
            Quirk::Slow => Fate::Take(Answer::Late),
            Quirk::NoId => Fate::Take(Answer::NoId),
            _ => Fate::Take(Answer::Well),
        };
    }
    let b = behaviour;
    if happens("throttle", b.throttle) {
        Fate::Refuse(0x58)
    } else if happens("refuse", b.refuse) {
        Fate::Refuse(b.refuse_status)
    } else if happens("cut before", b.cut_before_accept) {
        Fate::CutBefore
    } else if happens("cut after", b.cut_after_accept) {
        Fate::Take(Answer::Cut)
    } else if happens("error", b.error_after_accept) {
        Fate::Take(Answer::SystemError)
    } else if happens("garbage", b.garbage_after_accept) {
        Fate::Take(Answer::Garbage)
    } else if happens("slow", b.slow) {
        Fate::Take(Answer::Late)
    } else {
        Fate::Take(Answer::Well)
    }
}
