//! Attempts: what became of each try at handing a message to a carrier (P4).
//!
//! An attempt is written before a byte leaves. It closes with one of the four outcomes; one whose deadline passes without an answer is
//! `unknown`, never due again by itself.

use crate::entry::Entry;
use crate::number_key::NumberKey;
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, application_callbacks, brand_days, erasures, failures, people, tasks};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use wellsent_db::{Row, args, statements};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::message::MessageState;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AttemptId, MessageId, PersonId, Phi, PhoneNumber, SenderId};

statements! {
    CLOSE = "UPDATE attempt SET state = $3, closed_at = $4, carrier_message_id = coalesce($5, carrier_message_id), failure = $6, code = $7 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'open' RETURNING message_id, sender_id, parts, brand_day";
    NAME = "UPDATE attempt SET carrier_message_id = coalesce(carrier_message_id, $3) WHERE practice_id = $1 AND id = $2";
    MOVE = "UPDATE message SET state = $3, state_at = $4, next_at = $5, values_sealed = CASE WHEN $3 = 'planned' THEN values_sealed ELSE NULL END WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') IN ('submitting', 'unknown')";
    OVERDUE = "SELECT id FROM attempt WHERE practice_id = $1 AND state = 'open' AND deadline_at < $2 ORDER BY deadline_at LIMIT $3";
    UNKNOWN = sqlite "SELECT a.id, a.message_id, a.token, a.sender_id, a.started_at, a.checks, m.urgent, m.useful_until, m.person_id, c.id, c.number_sealed, m.number_sealed, m.body_sealed, a.deadline_at, m.number_idx, m.origin = 'code' AND EXISTS (SELECT 1 FROM verification_code v WHERE v.practice_id = a.practice_id AND v.request_id = m.origin_id AND v.service IS NOT NULL) FROM attempt a JOIN message m ON m.id = a.message_id LEFT JOIN contact_point c ON c.id = m.contact_point_id WHERE a.practice_id = $1 AND a.state = 'unknown' AND (a.checked_at IS NULL OR a.checked_at < $2) ORDER BY a.started_at LIMIT $3"
        postgres "SELECT a.id, a.message_id, a.token, a.sender_id, a.started_at, a.checks, m.urgent, m.useful_until, m.person_id, c.id, c.number_sealed, m.number_sealed, m.body_sealed, a.deadline_at, m.number_idx, m.origin = 'code' AND EXISTS (SELECT 1 FROM verification_code v WHERE v.practice_id = a.practice_id AND v.request_id = m.origin_id AND v.service IS NOT NULL) FROM attempt a JOIN message m ON m.id = a.message_id LEFT JOIN contact_point c ON c.id = m.contact_point_id WHERE a.practice_id = $1 AND a.state = 'unknown' AND (a.checked_at IS NULL OR a.checked_at < $2) ORDER BY a.started_at LIMIT $3 FOR UPDATE OF a SKIP LOCKED";
    UNCLEAR = "SELECT a.id, a.message_id, a.token, a.sender_id, a.started_at, a.checks, m.urgent, m.useful_until, m.person_id, c.id, c.number_sealed, m.number_sealed, m.body_sealed, a.deadline_at, m.number_idx, m.origin = 'code' AND EXISTS (SELECT 1 FROM verification_code v WHERE v.practice_id = a.practice_id AND v.request_id = m.origin_id AND v.service IS NOT NULL) FROM attempt a JOIN message m ON m.id = a.message_id LEFT JOIN contact_point c ON c.id = m.contact_point_id WHERE a.practice_id = $1 AND a.id = $2 AND coalesce(a.state, '') IN ('unknown', 'absent')";
    SENDER = "SELECT sender_id FROM attempt WHERE practice_id = $1 AND id = $2";
    CHECKED = "UPDATE attempt SET checked_at = $3, checks = checks + 1 WHERE practice_id = $1 AND id = $2";
    RESOLVE = "UPDATE attempt SET state = $3, closed_at = $4, carrier_message_id = coalesce($5, carrier_message_id) WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') IN ('open', 'unknown') RETURNING message_id, sender_id";
    PROVE = "UPDATE attempt SET state = 'accepted', closed_at = $3, carrier_message_id = coalesce($4, carrier_message_id) WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') IN ('open', 'unknown', 'absent')";
    COUNT_UNKNOWN = "SELECT (SELECT count(*) FROM attempt WHERE practice_id = $1 AND state = 'open') + (SELECT count(*) FROM attempt WHERE practice_id = $1 AND state = 'unknown')";
    BY_TOKEN = sqlite "SELECT a.id, a.message_id, a.state, m.state, a.practice_id, m.person_id FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.practice_id = $1 AND a.token = $2"
        postgres "SELECT a.id, a.message_id, a.state, m.state, a.practice_id, m.person_id FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.practice_id = $1 AND a.token = $2 FOR UPDATE OF a, m";
    BY_CARRIER = sqlite "SELECT a.id, a.message_id, a.state, m.state, a.practice_id, m.person_id FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.practice_id = $1 AND a.sender_id = $2 AND a.carrier_message_id = $3 ORDER BY a.started_at DESC LIMIT 1"
        postgres "SELECT a.id, a.message_id, a.state, m.state, a.practice_id, m.person_id FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.practice_id = $1 AND a.sender_id = $2 AND a.carrier_message_id = $3 ORDER BY a.started_at DESC LIMIT 1 FOR UPDATE OF a, m";
    KNOWN = "SELECT EXISTS (SELECT 1 FROM attempt WHERE practice_id = $1 AND sender_id = $2 AND carrier_message_id = $3)";
    DELIVERY = "UPDATE message SET state = $3, state_at = $4, values_sealed = NULL WHERE practice_id = $1 AND id = $2";
    PERSON = "SELECT person_id FROM message WHERE practice_id = $1 AND id = $2";
}

/// The outcome of an attempt, as the store keeps it.
#[derive(Debug, Clone)]
pub enum Closing {
    /// The carrier has it.
    Accepted {
        /// Its id there.
        carrier_message_id: String,
        /// Whether the carrier is to forget it later (TW-17).
        erase: bool,
    },
    /// The carrier refused it.
    Rejected {
        /// Why.
        failure: Failure,
        /// The carrier's own code.
        code: Option<String>,
    },
    /// The carrier surely does not have it: it is planned again.
    NotSubmitted {
        /// Not before.
        again_at: Timestamp,
        /// Why it did not get there, as a stable word.
        cause: &'static str,
    },
    /// Nobody can tell.
    Unknown {
        /// At which point sight of it was lost, as a stable word.
        cause: &'static str,
    },
}

/// Records the outcomes of attempts. An attempt that a receipt has closed meanwhile stays as it is: the receipt is the better witness.
pub fn close(tx: &mut Tx<'_, '_>, outcomes: &[(AttemptId, Closing)], now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let rows: Vec<_> = outcomes
        .iter()
        .map(|(id, closing)| {
            let (state, carrier_message_id, failure, code) = match closing {
                Closing::Accepted { carrier_message_id, .. } => ("accepted", Some(carrier_message_id.as_str()), None, None),
                Closing::Rejected { failure, code } => ("rejected", None, Some(failure.as_str()), code.as_deref()),
                Closing::NotSubmitted { cause, .. } => ("not_submitted", None, None, Some(*cause)),
                Closing::Unknown { cause } => ("unknown", None, None, Some(*cause)),
            };
            args![practice.bytes(), id.bytes(), state, micros(now), carrier_message_id, failure, code]
        })
        .collect();
    let closed = tx.query_many(CLOSE, &rows)?;
    let (mut moves, mut names, mut refused) = (Vec::with_capacity(outcomes.len()), Vec::new(), Vec::new());
    let mut moved = Vec::with_capacity(outcomes.len());
    for ((id, closing), rows) in outcomes.iter().zip(&closed) {
        let Some(row) = rows.first() else {
            if let Closing::Accepted { carrier_message_id, .. } = closing {
                names.push(args![practice.bytes(), id.bytes(), carrier_message_id.as_str()]);
            }
            continue;
        };
        let (message, sender) = (MessageId::from_bytes(row.id(0)?), SenderId::from_bytes(row.id(1)?));
        let mut entry = Entry::new("outcome", now).word("attempt", id);
        let (state, next_at) = match closing {
            Closing::Accepted { carrier_message_id, erase } => {
                if *erase {
                    erasures::queue(tx, sender, carrier_message_id, false, now)?;
                }
                entry = entry.word("outcome", "accepted");
                (MessageState::Submitted, now)
            }
            Closing::Rejected { failure, .. } => {
                entry = entry.word("outcome", "rejected").word("failure", failure.as_str());
                (MessageState::Failed, now)
            }
            Closing::NotSubmitted { again_at, cause } => {
                entry = entry.word("outcome", "not_submitted").word("cause", cause);
                if let Some(day) = row.opt_text(3)? {
                    brand_days::give_back(tx, sender, day, row.int(2)?)?;
                }
                (MessageState::Planned, *again_at)
            }
            Closing::Unknown { cause } => {
                entry = entry.word("outcome", "unknown").word("cause", cause);
                (MessageState::Unknown, now)
            }
        };
        tx.record(now, entry);
        moves.push(args![practice.bytes(), message.bytes(), state.as_str(), micros(now), micros(next_at)]);
        moved.push(message);
        if let Closing::Rejected { failure, .. } = closing {
            refused.push((message, *failure));
        }
    }
    tx.execute_many(MOVE, &moves)?;
    tx.execute_many(NAME, &names)?;
    application_callbacks::note_moves(tx, &moved, now)?;
    for (message, failure) in refused {
        let person = person_of(tx, message)?;
        tasks::open(tx, &tasks::NewTask { kind: TaskKind::NotDelivered, person, message: Some(message), ..Default::default() }, now)?;
        failures::learn(tx, message, failure, now)?;
    }
    Ok(())
}

fn person_of(tx: &mut Tx<'_, '_>, message: MessageId) -> Result<Option<PersonId>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(PERSON, &args![practice.bytes(), message.bytes()])?;
    Ok(row.map(|row| row.opt_id(0)).transpose()?.flatten().map(PersonId::from_bytes))
}

/// Why an attempt is unknown whose answer never came to be recorded.
const OVERDUE_CAUSE: &str = "overdue";

/// Closes as unknown what is open past its deadline: the process that should have closed it is gone or late. Returns how many.
pub fn expire(tx: &mut Tx<'_, '_>, now: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OVERDUE, &args![practice.bytes(), micros(now), limit])?;
    let overdue: Vec<_> = rows
        .iter()
        .map(|row| Ok((AttemptId::from_bytes(row.id(0)?), Closing::Unknown { cause: OVERDUE_CAUSE })))
        .collect::<Result<_, StoreError>>()?;
    close(tx, &overdue, now)?;
    Ok(overdue.len())
}

/// An attempt of unknown outcome, with what the carrier has to be asked.
#[derive(Debug)]
pub struct UnknownAttempt {
    /// The attempt.
    pub id: AttemptId,
    /// Its message.
    pub message: MessageId,
    /// The person, for a task.
    pub person: Option<PersonId>,
    /// The word in its callback address.
    pub token: AttemptToken,
    /// The sender.
    pub sender: SenderId,
    /// When it began.
    pub started_at: Timestamp,
    /// How often the carrier's log was asked and did not have it.
    pub checks: i64,
    /// Whether twice is better than never.
    pub urgent: bool,
    /// After which it is of no use.
    pub useful_until: Timestamp,
    /// To which number it went.
    pub to: Phi<PhoneNumber>,
    /// The key of that number.
    pub number: NumberKey,
    /// What was rendered, as it is kept; of a code without its digits.
    pub body: Option<Phi<String>>,
    /// When its answer was due.
    pub deadline_at: Timestamp,
    /// Whether it went by a service that makes codes, whose texts stand in no log of ours.
    pub by_service: bool,
}

/// Attempts of unknown outcome that were not asked about since `asked_before`.
pub fn unknown(tx: &mut Tx<'_, '_>, asked_before: Timestamp, limit: i64) -> Result<Vec<UnknownAttempt>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(UNKNOWN, &args![practice.bytes(), micros(asked_before), limit])?;
    rows.iter().map(|row| unclear_row(tx, row)).collect()
}

/// An attempt of unknown outcome, or one that was given up; `None` if it is settled.
pub fn unclear(tx: &mut Tx<'_, '_>, id: AttemptId) -> Result<Option<UnknownAttempt>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(UNCLEAR, &args![practice.bytes(), id.bytes()])?;
    row.map(|row| unclear_row(tx, &row)).transpose()
}

/// The sender of an attempt.
pub fn sender_of(tx: &mut Tx<'_, '_>, id: AttemptId) -> Result<SenderId, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(SENDER, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "attempt" })?;
    Ok(SenderId::from_bytes(row.id(0)?))
}

fn unclear_row(tx: &Tx<'_, '_>, row: &Row) -> Result<UnknownAttempt, StoreError> {
    let message = row.id(1)?;
    let text = match (row.opt_id(9)?, row.opt_blob(10)?, row.opt_blob(11)?) {
        (Some(contact), Some(sealed), _) => tx.open("contact_point", "number", &contact, sealed)?,
        (_, _, Some(sealed)) => tx.open("message", "number", &message, sealed)?,
        _ => return Err(StoreError::corrupt("message", "number_sealed")),
    };
    Ok(UnknownAttempt {
        id: AttemptId::from_bytes(row.id(0)?),
        message: MessageId::from_bytes(message),
        token: AttemptToken(row.id(2)?),
        sender: SenderId::from_bytes(row.id(3)?),
        started_at: from_micros(row.int(4)?),
        checks: row.int(5)?,
        urgent: row.bool(6)?,
        useful_until: from_micros(row.int(7)?),
        person: row.opt_id(8)?.map(PersonId::from_bytes),
        to: people::phone(&text)?,
        number: NumberKey(row.id(14)?),
        body: row.opt_blob(12)?.map(|sealed| tx.open("message", "body", &message, sealed)).transpose()?,
        deadline_at: from_micros(row.int(13)?),
        by_service: row.bool(15)?,
    })
}

/// Notes that the carrier's log was asked and does not have the attempt.
pub fn note_absent(tx: &mut Tx<'_, '_>, id: AttemptId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(CHECKED, &args![practice.bytes(), id.bytes(), micros(now)])?;
    Ok(())
}

/// What an unknown attempt turned out to be.
#[derive(Debug, Clone)]
pub enum Resolution {
    /// The carrier's log has it.
    Found {
        /// Its id there.
        carrier_message_id: String,
        /// How far it is.
        status: DeliveryStatus,
        /// Why it did not arrive.
        failure: Option<Failure>,
        /// Whether the carrier is to forget it later (TW-17).
        erase: bool,
    },
    /// The carrier does not have it, as far as its log can tell; it is planned again because the template is urgent.
    AbsentResend {
        /// Not before.
        again_at: Timestamp,
    },
    /// The carrier does not seem to have it; it is not sent again, and staff is told.
    AbsentGiveUp,
}

/// Closes an attempt of unknown outcome. `false` if something else has closed it meanwhile.
pub fn resolve(tx: &mut Tx<'_, '_>, id: AttemptId, resolution: &Resolution, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    let (state, carrier_message_id) = match resolution {
        Resolution::Found { carrier_message_id, .. } => ("accepted", Some(carrier_message_id.as_str())),
        Resolution::AbsentResend { .. } | Resolution::AbsentGiveUp => ("absent", None),
    };
    let Some(row) = tx.query_opt(RESOLVE, &args![practice.bytes(), id.bytes(), state, micros(now), carrier_message_id])? else {
        return Ok(false);
    };
    let message = MessageId::from_bytes(row.id(0)?);
    let (state, next_at) = match resolution {
        Resolution::Found { status, .. } => (delivery_state(*status), now),
        Resolution::AbsentResend { again_at } => (MessageState::Planned, *again_at),
        Resolution::AbsentGiveUp => (MessageState::Failed, now),
    };
    tx.execute(MOVE, &args![practice.bytes(), message.bytes(), state.as_str(), micros(now), micros(next_at)])?;
    tx.record(now, Entry::new("reconciled", now).word("attempt", id).word("state", state.as_str()));
    application_callbacks::note_moves(tx, &[message], now)?;
    // A text that did not arrive is told to staff whoever brings the news: its receipt may never come.
    let kind = match state {
        _ if matches!(resolution, Resolution::AbsentGiveUp) => Some(TaskKind::UnknownOutcome),
        MessageState::Failed | MessageState::Undelivered => Some(TaskKind::NotDelivered),
        _ => None,
    };
    if let Some(kind) = kind {
        let person = person_of(tx, message)?;
        tasks::open(tx, &tasks::NewTask { kind, person, message: Some(message), ..Default::default() }, now)?;
    }
    if let Resolution::Found { carrier_message_id, status, failure, erase } = resolution {
        if *erase {
            erasures::queue(tx, SenderId::from_bytes(row.id(1)?), carrier_message_id, status.is_final(), now)?;
        }
        if let Some(failure) = failure {
            failures::learn(tx, message, *failure, now)?;
        }
    }
    Ok(true)
}

/// Whether an attempt of one of these senders has this id at the carrier already: an entry of the carrier's log speaks of one attempt only (P4).
pub fn is_known(tx: &mut Tx<'_, '_>, senders: &[SenderId], carrier_message_id: &str) -> Result<bool, StoreError> {
    let practice = tx.practice();
    for sender in senders {
        let row = tx.query_opt(KNOWN, &args![practice.bytes(), sender.bytes(), carrier_message_id])?;
        if row.map(|row| row.bool(0)).transpose()?.unwrap_or(false) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many attempts are open or unknown.
pub fn count_unclear(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(COUNT_UNKNOWN, &args![practice.bytes()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// An attempt and its message, as a receipt finds them.
#[derive(Debug, Clone)]
pub struct Witnessed {
    /// The attempt.
    pub attempt: AttemptId,
    /// The message.
    pub message: MessageId,
    /// Where the attempt stands.
    pub attempt_state: String,
    /// Where the message stands.
    pub state: MessageState,
    /// The person.
    pub person: Option<PersonId>,
}

/// The attempts with these words in their callback addresses, in the same order.
pub(crate) fn by_tokens(tx: &mut Tx<'_, '_>, tokens: &[AttemptToken]) -> Result<Vec<Option<Witnessed>>, StoreError> {
    let practice = tx.practice();
    let rows: Vec<_> = tokens.iter().map(|token| args![practice.bytes(), token.0]).collect();
    tx.query_many(BY_TOKEN, &rows)?.iter().map(|rows| rows.first().map(witnessed).transpose()).collect()
}

/// The attempt with this id at the carrier; the latest, since some carriers count from the beginning again.
pub(crate) fn by_carrier_id(tx: &mut Tx<'_, '_>, sender: SenderId, carrier_message_id: &str) -> Result<Option<Witnessed>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(BY_CARRIER, &args![practice.bytes(), sender.bytes(), carrier_message_id])?;
    rows.first().map(witnessed).transpose()
}

fn witnessed(row: &Row) -> Result<Witnessed, StoreError> {
    Ok(Witnessed {
        attempt: AttemptId::from_bytes(row.id(0)?),
        message: MessageId::from_bytes(row.id(1)?),
        attempt_state: row.text(2)?.to_owned(),
        state: crate::words::word(MessageState::parse(row.text(3)?), "message", "state")?,
        person: row.opt_id(5)?.map(PersonId::from_bytes),
    })
}

/// Receipts prove that the carrier has the attempts, and how far they are. States only go forward (TW-12). Answers where each message stood
/// before its receipt.
pub(crate) fn witness(
    tx: &mut Tx<'_, '_>,
    receipts: &[(&Witnessed, &str, DeliveryStatus)],
    now: Timestamp,
) -> Result<Vec<MessageState>, StoreError> {
    let practice = tx.practice();
    let mut proven = HashSet::with_capacity(receipts.len());
    let mut stands: HashMap<MessageId, MessageState> = HashMap::with_capacity(receipts.len());
    let (mut resolves, mut moves, mut before) = (Vec::new(), Vec::with_capacity(receipts.len()), Vec::with_capacity(receipts.len()));
    for (seen, carrier_message_id, status) in receipts {
        if matches!(seen.attempt_state.as_str(), "open" | "unknown" | "absent") && proven.insert(seen.attempt) {
            resolves.push(args![practice.bytes(), seen.attempt.bytes(), micros(now), *carrier_message_id]);
            tx.record(now, Entry::new("outcome", now).word("attempt", seen.attempt).word("outcome", "accepted").word("by", "receipt"));
        }
        let stand = stands.entry(seen.message).or_insert(seen.state);
        before.push(*stand);
        let next = delivery_state(*status);
        // A text that waits to go again, because the carrier was thought not to have it, is proven gone by this and does not go again (P4).
        let waits_to_go_again = *stand == MessageState::Planned;
        // What was given up because the log did not have it is proven gone as well: nobody may send it again (P4).
        let was_given_up = *stand == MessageState::Failed && seen.attempt_state == "absent";
        if *stand != next && (stand.may_become(next) || waits_to_go_again || was_given_up) {
            moves.push(args![practice.bytes(), seen.message.bytes(), next.as_str(), micros(now)]);
            *stand = next;
        }
    }
    tx.execute_many(PROVE, &resolves)?;
    tx.execute_many(DELIVERY, &moves)?;
    Ok(before)
}

fn delivery_state(status: DeliveryStatus) -> MessageState {
    match status {
        DeliveryStatus::Queued | DeliveryStatus::Sent => MessageState::Submitted,
        DeliveryStatus::Failed => MessageState::Failed,
        DeliveryStatus::Undelivered => MessageState::Undelivered,
        DeliveryStatus::Delivered => MessageState::Delivered,
    }
}
