//! The checker. It compares the phones' journal with the database and the book of what was acknowledged; the ledger has its own part, see
//! [`crate::ledger`].
//!
//! * **lost**: a text that was acknowledged to the loader and is in the end neither taken by the network nor kept back where a person sees why
//!   (a ruling of the gate, or a task); a patient, visit or cancellation that was acknowledged and is not there; a text of a phone that is not
//!   stored and read. Texts of phones count whether or not the server acknowledged them, because a carrier repeats those that it did not.
//! * **doubled**: two texts of one message that the network took, whether found by the key in the text or by the token of the attempt.
//!   Submissions that the network surely did not take (refused, 429, line dropped before) count for nothing, so no second text has an excuse.
//! * **after_stop**: a text that the network took whose claim took effect after a STOP of that phone was stored and before a START was. Which
//!   came first is read from the order book, see [`crate::look`]. Two texts are owed all the same: the confirmation of the STOP, and the
//!   answer to HELP. A text whose claim came first may still be on its way when the STOP is acknowledged; it is `in_flight`, and must arrive
//!   within the carrier's deadline.
//! * **after_cancel**: a text about a visit whose claim took effect after the visit was cancelled.
//! * **off_ledger**: bytes that left without a written attempt, and what [`crate::ledger`] finds.
//! * **untrue**: a message or an attempt whose state is not what happened to its phone.
//! * **stuck**: anything that is not finished when the run was given time to finish.
//!
//! Three things are so by the nature of a carrier. They are counted and are no violations:
//!
//! * **given_up_got**: over SMPP, which has no log, an unclear text is given up with a task that says that nobody knows, and was on its way all
//!   the same. It must never go a second time.
//! * **exchanged**: at Twilio, whose log shows words and no tokens, two unclear texts of the same words to the same phone were taken for each
//!   other, see [`crate::join`].
//! * **half**: over SMPP, where a text of several parts is known by the first part's receipt after a crash, a later part did not arrive and the
//!   text is delivered.
//!
//! What a centre refuses is not named by anything in its journal, so only what it took is held against the attempts.

use crate::beside::Beside;
use crate::join::{TakenBy, Words, join, outcomes};
use crate::journal::{Journal, Taken};
use crate::load::{Book, STARTS, STOPS};
use crate::look::{self, Look};
use crate::stage::{LEAD, parsed};
use crate::verdict::Verdict;
use jiff::Timestamp;
use std::collections::HashMap;
use wellsent::serve::CARRIER_DEADLINE;
use wellsent_db::{DbError, Tx as RawTx};
use wellsent_domain::{AppointmentId, MessageId};
use wellsent_store::{Access, Store, StoreError, Tx, messages, people};

/// What is compared.
pub struct Evidence<'a> {
    pub beside: Beside,
    /// By how much the clock of the run is ahead of the journal's.
    pub offset_us: i64,
    pub book: &'a Book,
    pub journal: &'a Journal,
    pub look: &'a Look,
    pub store: &'a Store,
    pub access: Access,
    pub now: Timestamp,
}

/// Compares, and writes what it finds into the verdict.
pub fn check(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let book = evidence.book;
    let texts = evidence.journal.texted.iter().filter(|text| text.acknowledged_us.is_some()).count();
    verdict.acknowledged = book.messages.len() + book.patients.len() + book.visits.len() + book.cancelled.len() + texts;
    verdict.checkpoints = book.checkpoints.len();
    verdict.tasks = evidence.look.tasks;
    let words = Words::read(evidence);
    let taken = join(evidence, &words, verdict);
    outcomes(evidence, &words, &taken, verdict);
    doubled(evidence, &taken, verdict);
    acknowledged_messages(evidence, &taken, verdict);
    acknowledged_rest(evidence, verdict);
    phones_texts(evidence, verdict);
    after_stop(evidence, &taken, verdict);
    after_cancel(evidence, &taken, verdict);
    stuck(evidence, verdict);
}

fn doubled(evidence: &Evidence<'_>, taken: &TakenBy<'_>, verdict: &mut Verdict) {
    let mut by_message: HashMap<[u8; 16], u32> = HashMap::new();
    for (_, attempt) in taken {
        *by_message.entry(attempt.message).or_default() += 1;
    }
    let urgent = |id: &[u8; 16]| evidence.look.messages.get(id).is_some_and(|message| message.urgent);
    for (id, times) in by_message.iter().filter(|(_, times)| **times > 1) {
        verdict.doubled.push(format!(
            "{} was taken {times} times{}",
            MessageId::from_bytes(*id),
            if urgent(id) { " (urgent)" } else { "" }
        ));
    }
    let mut by_key: HashMap<&str, u32> = HashMap::new();
    for taken in &evidence.journal.taken {
        if let Some(key) = key_in(&taken.body) {
            *by_key.entry(key).or_default() += 1;
        }
    }
    for (key, times) in by_key.iter().filter(|(_, times)| **times > 1) {
        verdict.doubled.push(format!("the text {key} was taken {times} times"));
    }
}

/// The key that stands in a text of the loader.
fn key_in(body: &str) -> Option<&str> {
    let (key, _) = body.split_once("number is ")?.1.split_once('.')?;
    (key.len() == 7 && key.starts_with('k')).then_some(key)
}

fn acknowledged_messages(evidence: &Evidence<'_>, taken: &TakenBy<'_>, verdict: &mut Verdict) {
    let keys: Vec<String> = evidence.book.messages.keys().cloned().collect();
    let find = move |tx: &mut Tx<'_, '_>| -> Result<Vec<(String, Option<MessageId>)>, StoreError> {
        keys.iter().map(|key| Ok((key.clone(), messages::by_occurrence(tx, key)?))).collect()
    };
    let found = evidence.store.read_wait(evidence.access, find).expect("the database answers");
    let by_key: HashMap<&str, &Taken> = evidence.journal.taken.iter().filter_map(|taken| Some((key_in(&taken.body)?, taken))).collect();
    let by_message: HashMap<[u8; 16], &Taken> = taken.iter().map(|(taken, attempt)| (attempt.message, *taken)).collect();
    for (key, id) in found {
        let taken = by_key.get(key.as_str()).copied();
        let Some(id) = id else {
            verdict.lost.push(format!("{key} was acknowledged and is not there"));
            continue;
        };
        if let Some(taken) = taken {
            verdict.delivered += usize::from(taken.got);
            if taken.to != evidence.book.messages[&key] {
                verdict.untrue.push(format!("{key} went to another phone"));
            }
        }
        if by_message.get(&id.bytes()).map(|taken| &taken.id) != taken.map(|taken| &taken.id) {
            verdict.untrue.push(format!("{key} is in another message's text"));
        }
        let state = evidence.look.messages[&id.bytes()].state.as_str();
        let ruled = |ruling: &str| evidence.look.ruled.contains(&(id.bytes(), ruling.to_owned()));
        let visible = match state {
            "delivered" | "submitted" | "undelivered" => taken.is_some(),
            "failed" => evidence.look.with_task.contains(&id.bytes()),
            "refused" => ruled("refuse"),
            "review" => ruled("review"),
            "planned" => ruled("hold"),
            // Nobody takes these texts back. What is on its way or unknown is not lost; it is stuck.
            state => state != "withdrawn",
        };
        if !visible {
            verdict.lost.push(format!("{key} is {state}, and nothing tells staff why"));
        }
        let got = taken.is_some_and(|taken| taken.got);
        let unclear = !evidence.beside.keeps_log() && evidence.look.unclear.contains(&id.bytes());
        match state {
            "delivered" if taken.is_some_and(|taken| taken.in_parts && !taken.got && !taken.first_lost) => verdict.half += 1,
            "failed" if got && unclear => {}
            "delivered" if !got => verdict.untrue.push(format!("{key} is delivered and its phone does not have it")),
            "undelivered" | "failed" | "refused" | "planned" | "review" if got => {
                verdict.untrue.push(format!("{key} is {state} and its phone has it"));
            }
            "refused" => verdict.kept_back += 1,
            _ => {}
        }
    }
}

fn acknowledged_rest(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let keys = evidence.book.patients.clone();
    let missing = move |tx: &mut Tx<'_, '_>| -> Result<Vec<String>, StoreError> {
        let mut missing = Vec::new();
        for key in &keys {
            if people::by_record(tx, key)?.is_none() {
                missing.push(key.clone());
            }
        }
        Ok(missing)
    };
    for key in evidence.store.read_wait(evidence.access, missing).expect("the database answers") {
        verdict.lost.push(format!("the patient {key} was acknowledged and is not there"));
    }
    for visit in &evidence.book.visits {
        let id = parsed::<AppointmentId>(visit).bytes();
        let Some(stored) = evidence.look.visits.get(&id) else {
            verdict.lost.push(format!("the visit {visit} was acknowledged and is not there"));
            continue;
        };
        let due_at = stored.starts_at - LEAD.as_micros() as i64;
        let told = |message: &[u8; 16]| evidence.look.messages.get(message).is_some_and(|message| message.state != "withdrawn");
        let told = evidence.look.visit_messages.iter().any(|(message, of)| *of == id && told(message));
        // A reminder that was due before the visit was known is not wanted; one of a cancelled visit may not have been planned yet.
        if stored.status == "booked" && stored.known_at <= due_at && !told {
            verdict.lost.push(format!("the visit {visit} has no reminder"));
        }
    }
    for visit in &evidence.book.cancelled {
        if evidence.look.visits.get(&parsed::<AppointmentId>(visit).bytes()).is_none_or(|stored| stored.status != "cancelled") {
            verdict.lost.push(format!("the visit {visit} was cancelled and is not"));
        }
    }
}

fn phones_texts(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    if evidence.journal.abandoned > 0 {
        verdict.lost.push(format!("{} callbacks were refused or given up", evidence.journal.abandoned));
    }
    for text in &evidence.journal.texted {
        let stop = STOPS.contains(&text.body.as_str());
        verdict.stops += usize::from(stop);
        let word = if text.acknowledged_us.is_some() { "acknowledged" } else { "not acknowledged" };
        match evidence.look.inbound.get(&evidence.beside.event_key(&text.event)) {
            None => verdict.lost.push(format!("a text of a phone ({}), {word}, is not stored", text.event)),
            Some(stored) if !stored.routed => verdict.stuck.push(format!("a text of a phone ({}), {word}, was never read", text.event)),
            Some(stored) if stop && stored.meaning.as_deref() != Some("revocation") => {
                verdict.lost.push(format!("a STOP ({}) was read as {:?}", text.event, stored.meaning));
            }
            Some(_) => {}
        }
    }
}

/// An act of a phone's owner, at its place in the order book.
struct Act {
    n: i64,
    stop: bool,
    acknowledged_us: Option<i64>,
}

fn after_stop(evidence: &Evidence<'_>, taken: &TakenBy<'_>, verdict: &mut Verdict) {
    let mut acts: HashMap<&str, Vec<Act>> = HashMap::new();
    for text in &evidence.journal.texted {
        let stop = STOPS.contains(&text.body.as_str());
        if !stop && !STARTS.contains(&text.body.as_str()) {
            continue;
        }
        let Some(stored) = evidence.look.inbound.get(&evidence.beside.event_key(&text.event)) else { continue };
        let Some(n) = evidence.look.order.get(&stored.id) else {
            verdict.after_stop.push(format!("the text {} has no place in the order book", text.event));
            continue;
        };
        acts.entry(&text.from).or_default().push(Act { n: *n, stop, acknowledged_us: text.acknowledged_us });
    }
    for acts in acts.values_mut() {
        acts.sort_by_key(|act| act.n);
    }
    let allowed_us = CARRIER_DEADLINE.as_micros() as i64;
    for (taken, attempt) in taken {
        let Some(acts) = acts.get(taken.to.as_str()) else { continue };
        let Some(claimed) = evidence.look.order.get(&attempt.id) else {
            verdict.after_stop.push(format!("the attempt of {} has no place in the order book", taken.token));
            continue;
        };
        let message = MessageId::from_bytes(attempt.message);
        let origin = evidence.look.messages.get(&attempt.message).map(|message| message.origin.as_str()).unwrap_or_default();
        if matches!(origin, "stop_confirmation" | "help") {
            continue;
        }
        if acts.iter().rev().find(|act| act.n < *claimed).is_some_and(|act| act.stop) {
            verdict.after_stop.push(format!("{message} was claimed after a STOP was stored, and was taken"));
            continue;
        }
        let next_stop = acts.iter().find(|act| act.n > *claimed && act.stop).and_then(|act| act.acknowledged_us);
        if let Some(flight) = next_stop.map(|acknowledged| taken.at_us - acknowledged).filter(|flight| *flight > 0) {
            verdict.in_flight += 1;
            verdict.longest_flight_us = verdict.longest_flight_us.max(flight);
            if flight > allowed_us {
                verdict.after_stop.push(format!("{message} was taken {} ms after a STOP was acknowledged", flight / 1_000));
            }
        }
    }
}

fn after_cancel(evidence: &Evidence<'_>, taken: &TakenBy<'_>, verdict: &mut Verdict) {
    let mut of_message: HashMap<[u8; 16], Vec<[u8; 16]>> = HashMap::new();
    for (message, visit) in &evidence.look.visit_messages {
        of_message.entry(*message).or_default().push(*visit);
    }
    for (_, attempt) in taken {
        let visits = of_message.get(&attempt.message).map(Vec::as_slice).unwrap_or_default();
        let Some(claimed) = evidence.look.order.get(&attempt.id) else { continue };
        if visits.iter().any(|visit| evidence.look.order.get(visit).is_some_and(|cancelled| cancelled < claimed)) {
            verdict.after_cancel.push(format!("{} tells of a visit that was cancelled before", MessageId::from_bytes(attempt.message)));
        }
    }
}

fn stuck(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let now = evidence.now.as_microsecond();
    let read = move |tx: &mut RawTx<'_>| -> Result<[i64; 5], DbError> { look::unfinished(tx, now) };
    let counts = evidence.store.db().read_wait(read).expect("the database answers");
    let words =
        ["texts on their way or due", "attempts of unclear outcome", "texts not read", "numbers held for nothing", "numbers not planned"];
    for (count, word) in counts.into_iter().zip(words).filter(|(count, _)| *count != 0) {
        verdict.stuck.push(format!("{count} {word}"));
    }
}
