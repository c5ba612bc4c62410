//! Which attempt each text belongs to that a network took.
//!
//! A network that hears the token of an attempt says it itself. An SMPP centre hears none. There a text belongs to the attempt that has the
//! centre's id for it; where the answer with the id was lost, to the latest attempt with its words to its phone that had begun by then and has
//! no id. Between two such attempts of the same words to the same phone nothing tells which is which; what is said of one then holds for
//! either. The loader's texts differ from each other in their words.

use crate::check::Evidence;
use crate::journal::Taken;
use crate::look::Attempt;
use crate::verdict::Verdict;
use std::collections::{HashMap, HashSet};
use wellsent_domain::{MessageId, PhoneNumber};
use wellsent_store::numbers::{self};
use wellsent_store::{StoreError, Tx, messages};

/// A text that was taken, with the attempt that it belongs to.
pub type TakenBy<'a> = Vec<(&'a Taken, &'a Attempt)>;

/// Numbers and words of messages, and the numbers of what was taken, each as the database knows it.
pub struct Words {
    of_message: HashMap<[u8; 16], (numbers::NumberKey, String)>,
    numbers: HashMap<String, numbers::NumberKey>,
}

impl Words {
    pub fn read(evidence: &Evidence<'_>) -> Self {
        let (ids, to): (Vec<[u8; 16]>, HashSet<String>) =
            (evidence.look.messages.keys().copied().collect(), evidence.journal.taken.iter().map(|taken| taken.to.clone()).collect());
        let read = move |tx: &mut Tx<'_, '_>| -> Result<Self, StoreError> {
            let mut of_message = HashMap::new();
            for id in &ids {
                let message = messages::get(tx, MessageId::from_bytes(*id))?;
                if let Some(body) = message.body {
                    of_message.insert(*id, (message.number, body.into_exposed()));
                }
            }
            let key = |number: &String| (number.clone(), numbers::key(tx, PhoneNumber::parse(number).expect("a number")));
            let numbers = to.iter().map(key).collect();
            Ok(Self { of_message, numbers })
        };
        evidence.store.read_wait(evidence.access, read).expect("the database answers")
    }

    /// Whether a text is what a message says, to the message's phone.
    fn fit(&self, taken: &Taken, message: &[u8; 16]) -> bool {
        self.of_message.get(message).is_some_and(|(number, words)| self.numbers[&taken.to] == *number && taken.says(words))
    }
}

/// Finds the attempts. A text without one is off the ledger.
pub fn join<'a>(evidence: &Evidence<'a>, words: &Words, verdict: &mut Verdict) -> TakenBy<'a> {
    if evidence.beside.hears_tokens() { by_token(evidence, verdict) } else { by_words(evidence, words, verdict) }
}

fn by_token<'a>(evidence: &Evidence<'a>, verdict: &mut Verdict) -> TakenBy<'a> {
    let mut known = Vec::with_capacity(evidence.journal.taken.len());
    for taken in &evidence.journal.taken {
        match evidence.look.attempts.get(&taken.token) {
            Some(attempt) => known.push((taken, attempt)),
            None => verdict.off_ledger.push(format!("the network took a text with the token {}, and no attempt was written", taken.token)),
        }
    }
    for token in evidence.journal.not_taken.iter().filter(|token| !evidence.look.attempts.contains_key(*token)) {
        verdict.off_ledger.push(format!("a text left with the token {token}, and no attempt was written"));
    }
    known
}

fn by_words<'a>(evidence: &Evidence<'a>, words: &Words, verdict: &mut Verdict) -> TakenBy<'a> {
    let attempts: Vec<&Attempt> = evidence.look.attempts.values().collect();
    let by_id: HashMap<&str, &Attempt> = attempts.iter().filter_map(|attempt| Some((attempt.carrier_id.as_deref()?, *attempt))).collect();
    let mut unnamed: Vec<&Attempt> = attempts.into_iter().filter(|attempt| attempt.carrier_id.is_none()).collect();
    // The latest is looked at first, and before those that are said to be unsent.
    let said_unsent = |attempt: &Attempt| matches!(attempt.state.as_str(), "rejected" | "not_submitted");
    unnamed.sort_by_key(|attempt| (said_unsent(attempt), -attempt.started_us));
    let mut known = Vec::with_capacity(evidence.journal.taken.len());
    for taken in &evidence.journal.taken {
        if let Some(attempt) = by_id.get(taken.id.as_str()) {
            known.push((taken, *attempt));
            continue;
        }
        let begun_by = taken.at_us + evidence.offset_us;
        match unnamed.iter().position(|attempt| attempt.started_us <= begun_by && words.fit(taken, &attempt.message)) {
            Some(at) => known.push((taken, unnamed.remove(at))),
            None => verdict.off_ledger.push(format!("the centre took {}, and no attempt with its words was written", taken.id)),
        }
    }
    known
}

/// Holds what became of attempts against what the network took.
///
/// Where there is no log, an attempt that nobody knows of is given up, and its text may have gone all the same: that is no untruth, since a task
/// says so, and it is counted. Where the log shows no token, an attempt of the same words to the same phone may have been found in its place.
pub fn outcomes(evidence: &Evidence<'_>, words: &Words, taken: &TakenBy<'_>, verdict: &mut Verdict) {
    let sent: HashSet<[u8; 16]> = taken.iter().map(|(_, attempt)| attempt.id).collect();
    // Attempts that are said to be with the network and are not.
    let mut in_place: Vec<&Attempt> =
        evidence.look.attempts.values().filter(|attempt| attempt.state == "accepted" && !sent.contains(&attempt.id)).collect();
    verdict.given_up = evidence.look.attempts.values().filter(|attempt| attempt.state == "absent").count();
    for (taken, attempt) in taken {
        let said = match attempt.state.as_str() {
            said @ ("absent" | "rejected" | "not_submitted") => said,
            _ => continue,
        };
        if said == "absent" && !evidence.beside.keeps_log() && evidence.look.unclear.contains(&attempt.message) {
            verdict.given_up_got += usize::from(taken.got);
            continue;
        }
        let other = in_place.iter().position(|other| words.fit(taken, &other.message));
        match other.filter(|_| said == "absent" && evidence.beside.known_by_words()) {
            Some(at) => {
                in_place.remove(at);
                verdict.exchanged += 1;
            }
            None => verdict.untrue.push(format!("the network took {} and its attempt is {said}", taken.id)),
        }
    }
    // Receipts and logs speak only of what was taken.
    for attempt in in_place {
        verdict.untrue.push(format!("an attempt of {} is accepted, and the network never took it", MessageId::from_bytes(attempt.message)));
    }
}
