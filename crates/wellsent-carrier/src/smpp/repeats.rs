//! Gives replies without an identity a key that stays the same when they are repeated, and only then.
//!
//! A carrier repeats a reply when it did not read our acknowledgement. It did read it if it answered anything that was sent later on the
//! same line: an answered `enquire_link` proves every acknowledgement before it. So the same words from the same phone are a repetition
//! exactly as long as that proof is missing; afterwards they are new, which matters for a second STOP and a second YES.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;
use wellsent_text::phone::PhoneNumber;

/// How long a lost line's acknowledgements stay in doubt.
const DOUBT: Duration = Duration::from_secs(3600);
const RECORDS_MAX: usize = 10_000;

/// Where on which line something was acknowledged: how many tests of the line had been sent by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub session: u64,
    pub tests_sent: u64,
}

struct Record {
    digest: [u8; 32],
    key: [u8; 32],
    from: Option<PhoneNumber>,
    at: Instant,
    moment: Moment,
    /// It is on disk.
    stored: bool,
    /// The phone wrote something else afterwards.
    others_since: bool,
}

/// The replies whose acknowledgement is in doubt.
#[derive(Default)]
pub(super) struct Repeats {
    records: VecDeque<Record>,
    next: u64,
}

impl Repeats {
    /// The key of a reply: that of the reply that it repeats, or a new one made with `fresh`.
    ///
    /// A reply that revokes consent is new if the phone wrote something else in between: taken twice it does no harm, overlooked it would
    /// (P3).
    pub fn key(&mut self, digest: [u8; 32], from: PhoneNumber, revokes: bool, fresh: &[u8], now: Instant) -> [u8; 32] {
        self.expire(now);
        let known =
            self.records.iter().position(|record| record.digest == digest && record.from.is_some() && !(revokes && record.others_since));
        if let Some(record) = known.and_then(|at| self.records.get(at)) {
            return record.key;
        }
        for record in &mut self.records {
            record.others_since |= record.from == Some(from);
        }
        self.next += 1;
        let key = crate::digest::sha256(&[b"smpp reply\0", &digest, fresh, &self.next.to_be_bytes()]);
        let moment = Moment { session: 0, tests_sent: 0 };
        self.push(Record { digest, key, from: Some(from), at: now, moment, stored: false, others_since: false });
        key
    }

    /// Notes that the reply of this key was stored and acknowledged then.
    pub fn acknowledged(&mut self, key: [u8; 32], moment: Moment) {
        if let Some(record) = self.records.iter_mut().find(|record| record.key == key) {
            (record.stored, record.moment) = (true, moment);
        }
    }

    /// Notes that a part was stored, with others or alone, and acknowledged then.
    pub fn part_acknowledged(&mut self, digest: [u8; 32], moment: Moment, now: Instant) {
        self.push(Record { digest, key: digest, from: None, at: now, moment, stored: true, others_since: false });
    }

    /// Whether this part is on disk already and comes again.
    pub fn part_is_known(&mut self, digest: [u8; 32], now: Instant) -> bool {
        self.expire(now);
        self.records.iter().any(|record| record.digest == digest && record.from.is_none())
    }

    /// An answer to the test of that number on that line: every acknowledgement before it was read.
    pub fn proven(&mut self, session: u64, test: u64) {
        self.records.retain(|record| !(record.stored && record.moment.session == session && record.moment.tests_sent < test));
    }

    fn push(&mut self, record: Record) {
        if self.records.len() == RECORDS_MAX {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    fn expire(&mut self, now: Instant) {
        while self.records.front().is_some_and(|record| now.duration_since(record.at) >= DOUBT) {
            self.records.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: [u8; 32] = [1; 32];
    const STOP: [u8; 32] = [2; 32];
    const START: [u8; 32] = [3; 32];

    fn phone() -> PhoneNumber {
        PhoneNumber::parse("+12125550123").unwrap()
    }

    fn at(tests_sent: u64) -> Moment {
        Moment { session: 1, tests_sent }
    }

    #[test]
    fn the_same_words_are_a_repetition_until_the_acknowledgement_is_proven() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let first = repeats.key(YES, phone(), false, b"", now);
        assert_eq!(repeats.key(YES, phone(), false, b"", now), first, "not stored, so it comes again");
        repeats.acknowledged(first, at(4));
        repeats.proven(1, 4);
        repeats.proven(2, 9);
        assert_eq!(repeats.key(YES, phone(), false, b"", now), first, "a test before it and another line prove nothing");
        repeats.proven(1, 5);
        assert_ne!(repeats.key(YES, phone(), false, b"", now), first, "the patient says yes again");
    }

    #[test]
    fn doubt_ends_after_an_hour() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let first = repeats.key(YES, phone(), false, b"", now);
        assert_eq!(repeats.key(YES, phone(), false, b"", now + DOUBT - Duration::from_secs(1)), first);
        assert_ne!(repeats.key(YES, phone(), false, b"", now + DOUBT), first);
    }

    #[test]
    fn a_stop_after_other_words_is_never_a_repetition_and_a_start_is() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let stop = repeats.key(STOP, phone(), true, b"", now);
        assert_eq!(repeats.key(STOP, phone(), true, b"", now), stop);
        let start = repeats.key(START, phone(), false, b"", now);
        let again = repeats.key(STOP, phone(), true, b"", now);
        assert_ne!(again, stop);
        assert_eq!(repeats.key(START, phone(), false, b"", now), start, "a repeated START does not lift the later STOP");
        assert_eq!(repeats.key(STOP, phone(), true, b"", now), again);
    }

    #[test]
    fn parts_are_known_until_they_are_proven() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        assert!(!repeats.part_is_known(YES, now));
        repeats.part_acknowledged(YES, at(0), now);
        assert!(repeats.part_is_known(YES, now));
        repeats.proven(1, 1);
        assert!(!repeats.part_is_known(YES, now));
    }
}
