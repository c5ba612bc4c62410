//! Texts of unknown outcome that a person settled: the carrier's support or its console said what the log did not (P4).

use crate::entry::Entry;
use crate::when::micros;
use crate::{StoreError, Tx, application_callbacks, erasures};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::carrier_report::SettledBy;
use wellsent_domain::message::MessageState;
use wellsent_domain::{AttemptId, MessageId, SenderId};

statements! {
    ATTEMPT = "UPDATE attempt SET state = $3, closed_at = $4, carrier_message_id = coalesce($5, carrier_message_id) WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') IN ('unknown', 'absent') RETURNING message_id, sender_id, n";
    LATEST = sqlite "SELECT m.state, m.attempts, m.useful_until FROM message m WHERE m.practice_id = $1 AND m.id = $2"
        postgres "SELECT m.state, m.attempts, m.useful_until FROM message m WHERE m.practice_id = $1 AND m.id = $2 FOR UPDATE";
    MESSAGE = "UPDATE message SET state = $3, state_at = $4, next_at = $4 WHERE practice_id = $1 AND id = $2";
    TASKS = "UPDATE task SET done_at = $3, done_by = $4 WHERE practice_id = $1 AND message_id = $2 AND kind = 'unknown_outcome' AND done_at IS NULL";
}

/// What a person found out about an attempt of unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The carrier has it.
    Went {
        /// Its id there, where it is known.
        carrier_message_id: Option<String>,
        /// Whether the carrier is to forget it.
        erase: bool,
    },
    /// The carrier does not have it.
    DidNotGo {
        /// Whether it is to go after all; only while it is of use.
        again: bool,
    },
}

/// Settles an attempt of unknown outcome, also one that was given up; the actor stands on the ledger, with what they went by. Nothing is sent again unless that was asked
/// for, the text is still of use, and no later attempt was made.
///
/// # Errors
/// [`StoreError::Stale`] where the attempt is settled already, or the text has moved on.
pub fn settle(
    tx: &mut Tx<'_, '_>,
    id: AttemptId,
    settlement: &Settlement,
    by: Option<SettledBy>,
    now: Timestamp,
) -> Result<MessageId, StoreError> {
    let practice = tx.practice();
    let (state, carrier_message_id) = match settlement {
        Settlement::Went { carrier_message_id, .. } => ("accepted", carrier_message_id.as_deref()),
        Settlement::DidNotGo { .. } => ("not_submitted", None),
    };
    let stale = StoreError::Stale { what: "attempt" };
    let Some(row) = tx.query_opt(ATTEMPT, &args![practice.bytes(), id.bytes(), state, micros(now), carrier_message_id])? else {
        return Err(stale);
    };
    let (message, sender, n) = (MessageId::from_bytes(row.id(0)?), SenderId::from_bytes(row.id(1)?), row.int(2)?);
    let row = tx.query_opt(LATEST, &args![practice.bytes(), message.bytes()])?.ok_or(StoreError::NotFound { what: "message" })?;
    let stands = MessageState::parse(row.text(0)?).ok_or(StoreError::corrupt("message", "state"))?;
    let (latest, useful_until) = (row.int(1)? == n, row.int(2)?);
    if !latest || !matches!(stands, MessageState::Unknown | MessageState::Failed) {
        return Err(stale);
    }
    let becomes = match settlement {
        Settlement::Went { .. } => MessageState::Submitted,
        Settlement::DidNotGo { again: true } if micros(now) < useful_until => MessageState::Planned,
        Settlement::DidNotGo { again: true } => return Err(StoreError::Stale { what: "message" }),
        Settlement::DidNotGo { again: false } => MessageState::Failed,
    };
    tx.execute(MESSAGE, &args![practice.bytes(), message.bytes(), becomes.as_str(), micros(now)])?;
    application_callbacks::note_moves(tx, &[message], now)?;
    let staff = match tx.actor() {
        crate::Actor::Staff(staff, _) => Some(staff.bytes()),
        _ => None,
    };
    tx.execute(TASKS, &args![practice.bytes(), message.bytes(), micros(now), staff])?;
    if let Settlement::Went { carrier_message_id: Some(carrier_message_id), erase: true } = settlement {
        erasures::queue(tx, sender, carrier_message_id, false, now)?;
    }
    let entry = Entry::new("settled", now).word("attempt", id).word("message", message).word("state", becomes.as_str());
    tx.record(now, entry.word_if("by", by.map(SettledBy::as_str)));
    Ok(message)
}
