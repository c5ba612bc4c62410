//! Carriers' receipts: each is kept once, and any order of them ends in the same state (TW-06, TW-12).

use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, attempts, failures, tasks};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AttemptId, SenderId};

statements! {
    KEEP = "INSERT INTO receipt (sender_id, event_key, practice_id, attempt_id, carrier_message_id, status, failure, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (sender_id, event_key) DO NOTHING";
    OF_ATTEMPT = "SELECT status, failure, received_at FROM receipt WHERE practice_id = $1 AND attempt_id = $2 ORDER BY received_at";
    PARKED = "SELECT r.event_key, r.carrier_message_id, r.status, r.failure, a.id, r.sender_id FROM receipt r JOIN attempt a ON a.sender_id = r.sender_id AND a.carrier_message_id = r.carrier_message_id WHERE r.practice_id = $1 AND r.attempt_id IS NULL LIMIT $2";
    JOIN = "UPDATE receipt SET attempt_id = $4 WHERE practice_id = $1 AND sender_id = $2 AND event_key = $3";
    COUNT_PARKED = "SELECT count(*) FROM receipt WHERE practice_id = $1 AND attempt_id IS NULL";
}

/// A receipt whose signature was checked.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The sender at whose address it came.
    pub sender: SenderId,
    /// What makes it this event and no other.
    pub event_key: [u8; 32],
    /// The word of the attempt, where the carrier gives it back.
    pub token: Option<AttemptToken>,
    /// The carrier's own id of the text.
    pub carrier_message_id: String,
    /// How far it is.
    pub status: DeliveryStatus,
    /// Why not farther.
    pub failure: Option<Failure>,
}

/// A receipt as the message's page shows it.
#[derive(Debug, Clone)]
pub struct ReceiptLine {
    /// How far it was.
    pub status: DeliveryStatus,
    /// Why not farther.
    pub failure: Option<Failure>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Keeps a receipt and lets it take effect. A repeated one does nothing; one whose attempt is not known yet is parked, never dropped (I6).
pub fn receive(tx: &mut Tx<'_, '_>, receipt: &Receipt, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let seen = match receipt.token {
        Some(token) => attempts::by_token(tx, token)?,
        None => attempts::by_carrier_id(tx, receipt.sender, &receipt.carrier_message_id)?,
    };
    let kept = tx.execute(
        KEEP,
        &args![
            receipt.sender.bytes(),
            receipt.event_key,
            practice.bytes(),
            seen.as_ref().map(|seen| seen.attempt.bytes()),
            &receipt.carrier_message_id,
            receipt.status.as_str(),
            receipt.failure.map(Failure::as_str),
            micros(now),
        ],
    )?;
    match seen {
        Some(seen) if kept > 0 => take_effect(tx, &seen, &receipt.carrier_message_id, receipt.status, receipt.failure, now),
        _ => Ok(()),
    }
}

fn take_effect(
    tx: &mut Tx<'_, '_>,
    seen: &attempts::Witnessed,
    carrier_message_id: &str,
    status: DeliveryStatus,
    failure: Option<Failure>,
    now: Timestamp,
) -> Result<(), StoreError> {
    attempts::witness(tx, seen, carrier_message_id, status, now)?;
    if matches!(status, DeliveryStatus::Failed | DeliveryStatus::Undelivered) && !seen.state.is_final() {
        let task = tasks::NewTask { kind: TaskKind::NotDelivered, person: seen.person, message: Some(seen.message), ..Default::default() };
        tasks::open(tx, &task, now)?;
    }
    if let Some(failure) = failure {
        failures::learn(tx, seen.message, failure, now)?;
    }
    Ok(())
}

/// How many receipts wait for their attempt to be known.
pub fn count_parked(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(COUNT_PARKED, &args![practice.bytes()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// Joins receipts that came before their attempt was known. Returns how many.
pub fn join_parked(tx: &mut Tx<'_, '_>, now: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(PARKED, &args![practice.bytes(), limit])?;
    for row in &rows {
        let attempt = AttemptId::from_bytes(row.id(4)?);
        let carrier_message_id = row.text(1)?.to_owned();
        let sender = SenderId::from_bytes(row.id(5)?);
        tx.execute(JOIN, &args![practice.bytes(), sender.bytes(), row.blob(0)?, attempt.bytes()])?;
        if let Some(seen) = attempts::by_carrier_id(tx, sender, &carrier_message_id)? {
            let status = DeliveryStatus::parse(row.text(2)?).ok_or(StoreError::corrupt("receipt", "status"))?;
            let failure = row.opt_text(3)?.and_then(Failure::parse);
            take_effect(tx, &seen, &carrier_message_id, status, failure, now)?;
        }
    }
    Ok(rows.len())
}

/// The receipts of an attempt, in the order in which they came.
pub fn of_attempt(tx: &mut Tx<'_, '_>, attempt: AttemptId) -> Result<Vec<ReceiptLine>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_ATTEMPT, &args![practice.bytes(), attempt.bytes()])?;
    rows.iter()
        .map(|row| {
            Ok(ReceiptLine {
                status: DeliveryStatus::parse(row.text(0)?).ok_or(StoreError::corrupt("receipt", "status"))?,
                failure: row.opt_text(1)?.and_then(Failure::parse),
                received_at: from_micros(row.int(2)?),
            })
        })
        .collect()
}
