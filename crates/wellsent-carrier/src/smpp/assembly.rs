//! Joins the parts of long replies, unacknowledged and for a moment only.
//!
//! Nothing is stored here, so nothing here is acknowledged: what is lost with the line comes again.

use super::delivery::{Delivery, Place};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Replies that wait for parts at once, and the octets of all of them. Beyond that the oldest is handed over as it is.
const OPEN_MAX: usize = 200;
const OCTETS_MAX: usize = 1 << 20;

/// An arrival that is to be acknowledged: command and sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    pub command: u32,
    pub sequence: u32,
}

/// A part with everything that must be acknowledged for it.
struct Piece {
    delivery: Delivery,
    digest: [u8; 32],
    arrivals: Vec<Arrival>,
}

/// What is handed over as one text: neighbouring parts, all of them if they came in time.
pub(super) struct Run {
    /// The parts in their order; never empty.
    pub parts: Vec<Delivery>,
    /// The digest of each part.
    pub digests: Vec<[u8; 32]>,
    pub arrivals: Vec<Arrival>,
}

struct Open {
    due: Instant,
    pieces: BTreeMap<u8, Piece>,
}

type Key = (String, String, u16, u8, u8);

/// The replies that wait.
pub(super) struct Assembly {
    wait: Duration,
    open: BTreeMap<Key, Open>,
    octets: usize,
}

impl Assembly {
    pub fn new(wait: Duration) -> Self {
        Self { wait, open: BTreeMap::new(), octets: 0 }
    }

    /// Adds a part; what is ready comes back.
    pub fn add(&mut self, delivery: Delivery, place: Place, arrival: Arrival, now: Instant) -> Vec<Run> {
        let key = (delivery.source.digits.clone(), delivery.destination.digits.clone(), place.reference, place.kind, place.total);
        let digest = delivery.digest();
        let mut ready = Vec::new();
        if let Some(piece) = self.open.get_mut(&key).and_then(|open| open.pieces.get_mut(&place.number)) {
            if piece.digest == digest {
                // A repetition of what waits already: both are acknowledged with it.
                if !piece.arrivals.contains(&arrival) {
                    piece.arrivals.push(arrival);
                }
                return ready;
            }
            // Another text under the same reference.
            ready.extend(self.close(&key));
        }
        self.octets += delivery.octets.len();
        let open = self.open.entry(key.clone()).or_insert_with(|| Open { due: now + self.wait, pieces: BTreeMap::new() });
        open.pieces.insert(place.number, Piece { delivery, digest, arrivals: vec![arrival] });
        if open.pieces.len() == usize::from(place.total) {
            ready.extend(self.close(&key));
        }
        while self.open.len() > OPEN_MAX || self.octets > OCTETS_MAX {
            let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.due).map(|(key, _)| key.clone()) else { break };
            ready.extend(self.close(&oldest));
        }
        ready
    }

    /// When the next reply has waited long enough.
    pub fn next_due(&self) -> Option<Instant> {
        self.open.values().map(|open| open.due).min()
    }

    /// What has waited long enough.
    pub fn due(&mut self, now: Instant) -> Vec<Run> {
        let due: Vec<Key> = self.open.iter().filter(|(_, open)| open.due <= now).map(|(key, _)| key.clone()).collect();
        due.iter().flat_map(|key| self.close(key)).collect()
    }

    /// Takes a reply out: one run if it is whole, otherwise one for each stretch of neighbouring parts.
    fn close(&mut self, key: &Key) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut last = None;
        for (number, piece) in self.open.remove(key).map(|open| open.pieces).unwrap_or_default() {
            self.octets -= piece.delivery.octets.len();
            if last.is_none_or(|last: u8| last.checked_add(1) != Some(number)) {
                runs.push(Run { parts: Vec::new(), digests: Vec::new(), arrivals: Vec::new() });
            }
            last = Some(number);
            if let Some(run) = runs.last_mut() {
                run.parts.push(piece.delivery);
                run.digests.push(piece.digest);
                run.arrivals.extend(piece.arrivals);
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{DELIVER_SM, Frame};
    use super::*;
    use proptest::prelude::*;

    const WAIT: Duration = Duration::from_secs(2);

    fn part(from: &str, reference: u8, total: u8, number: u8, text: &str) -> (Delivery, Place) {
        let length = u8::try_from(text.len() + 6).unwrap();
        let body = [
            format!("\0\0\0{from}\0\0\x0012125550199\0").as_bytes(),
            &[0x40, 0, 0, 0, 0, 0, 0, 0, 0, length, 5, 0, 3, reference, total, number],
            text.as_bytes(),
        ]
        .concat();
        let delivery = Delivery::read(&Frame { command: DELIVER_SM, status: 0, sequence: 1, body: body.into() }).unwrap();
        let place = delivery.place.unwrap();
        (delivery, place)
    }

    fn add(assembly: &mut Assembly, (delivery, place): (Delivery, Place), sequence: u32, now: Instant) -> Vec<(String, Vec<u32>)> {
        shown(assembly.add(delivery, place, Arrival { command: DELIVER_SM, sequence }, now))
    }

    fn shown(runs: Vec<Run>) -> Vec<(String, Vec<u32>)> {
        let text = |run: &Run| run.parts.iter().map(|part| String::from_utf8_lossy(&part.octets).into_owned()).collect();
        runs.iter().map(|run| (text(run), run.arrivals.iter().map(|arrival| arrival.sequence).collect())).collect()
    }

    #[test]
    fn parts_in_the_wrong_order_and_twice_are_one_text() {
        let (mut assembly, now) = (Assembly::new(WAIT), Instant::now());
        assert!(add(&mut assembly, part("1", 7, 3, 3, "c"), 1, now).is_empty());
        assert!(add(&mut assembly, part("1", 7, 3, 1, "a"), 2, now).is_empty());
        assert!(add(&mut assembly, part("1", 7, 3, 3, "c"), 3, now).is_empty());
        assert_eq!(add(&mut assembly, part("1", 7, 3, 2, "b"), 4, now), [("abc".to_owned(), vec![2, 4, 1, 3])]);
        assert_eq!((assembly.next_due(), assembly.octets), (None, 0));
    }

    #[test]
    fn what_is_not_whole_in_time_is_handed_over_as_it_is() {
        let (mut assembly, now) = (Assembly::new(WAIT), Instant::now());
        for number in [1, 2, 4] {
            assert!(add(&mut assembly, part("1", 7, 4, number, &number.to_string()), u32::from(number), now).is_empty());
        }
        assert_eq!(assembly.next_due(), Some(now + WAIT));
        assert!(assembly.due(now).is_empty());
        assert_eq!(shown(assembly.due(now + WAIT)), [("12".to_owned(), vec![1, 2]), ("4".to_owned(), vec![4])]);
    }

    #[test]
    fn another_text_under_the_same_reference_is_not_mixed_in() {
        let (mut assembly, now) = (Assembly::new(WAIT), Instant::now());
        assert!(add(&mut assembly, part("1", 7, 2, 1, "old"), 1, now).is_empty());
        assert!(add(&mut assembly, part("2", 7, 2, 2, "x"), 2, now).is_empty(), "another phone");
        assert_eq!(add(&mut assembly, part("1", 7, 2, 1, "new"), 3, now), [("old".to_owned(), vec![1])]);
        assert_eq!(add(&mut assembly, part("1", 7, 2, 2, "er"), 4, now), [("newer".to_owned(), vec![3, 4])]);
    }

    #[test]
    fn a_flood_of_first_parts_keeps_its_bounds_and_loses_nothing() {
        let (mut assembly, now) = (Assembly::new(WAIT), Instant::now());
        let mut seen = 0;
        for phone in 0..1000 {
            seen += add(&mut assembly, part(&phone.to_string(), 1, 255, 1, &"a".repeat(200)), phone, now).len();
            assert!(assembly.open.len() <= OPEN_MAX && assembly.octets <= OCTETS_MAX);
        }
        assert_eq!(seen + assembly.due(now + WAIT).len(), 1000);
    }

    proptest! {
        #[test]
        fn every_arrival_is_acknowledged_exactly_once(
            arrivals in proptest::collection::vec((0..3u8, 0..2u8, 1..=3u8, "[ab]{1,2}", 0..3u64), 0..60)
        ) {
            let (mut assembly, start) = (Assembly::new(WAIT), Instant::now());
            let mut acknowledged = Vec::new();
            let mut now = start;
            for (sequence, (phone, reference, number, text, seconds)) in arrivals.iter().enumerate() {
                now += Duration::from_secs(*seconds);
                let (delivery, place) = part(&phone.to_string(), *reference, 3, *number, text);
                let arrival = Arrival { command: DELIVER_SM, sequence: u32::try_from(sequence).unwrap() };
                let mut runs = assembly.due(now);
                runs.extend(assembly.add(delivery, place, arrival, now));
                acknowledged.extend(runs.iter().flat_map(|run| &run.arrivals).map(|arrival| arrival.sequence as usize));
            }
            acknowledged.extend(assembly.due(now + WAIT).iter().flat_map(|run| &run.arrivals).map(|arrival| arrival.sequence as usize));
            acknowledged.sort_unstable();
            prop_assert_eq!(acknowledged, (0..arrivals.len()).collect::<Vec<_>>());
        }
    }
}
