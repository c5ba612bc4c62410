//! Carriers' receipts: each is kept once, and any order of them ends in the same state (TW-06, TW-12).

use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, application_callbacks, attempts, erasures, failures, senders, tasks};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::practice::Registration;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AttemptId, SenderId};

statements! {
    KEEP = "INSERT INTO receipt (sender_id, event_key, practice_id, attempt_id, carrier_message_id, status, failure, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (sender_id, event_key) DO NOTHING RETURNING status";
    OF_ATTEMPT = "SELECT status, failure, received_at FROM receipt WHERE practice_id = $1 AND attempt_id = $2 ORDER BY received_at";
    PARKED = "SELECT r.event_key, r.carrier_message_id, r.status, r.failure, a.id, r.sender_id FROM receipt r JOIN attempt a ON a.sender_id = r.sender_id AND a.carrier_message_id = r.carrier_message_id WHERE r.practice_id = $1 AND r.attempt_id IS NULL LIMIT $2";
    JOIN = "UPDATE receipt SET attempt_id = $4 WHERE practice_id = $1 AND sender_id = $2 AND event_key = $3";
    FOUND_OUT = "UPDATE task SET done_at = $3 WHERE practice_id = $1 AND message_id = $2 AND kind = 'unknown_outcome' AND done_at IS NULL";
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
    /// Whether the carrier is to forget the text when it is at rest (TW-17).
    pub erase: bool,
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

/// Keeps a receipt and lets it take effect.
pub fn receive(tx: &mut Tx<'_, '_>, receipt: &Receipt, now: Timestamp) -> Result<(), StoreError> {
    receive_all(tx, std::slice::from_ref(receipt), now)
}

/// Keeps receipts and lets them take effect, in their order. A repeated one does nothing; one whose attempt is not known yet is parked, never
/// dropped (I6).
pub fn receive_all(tx: &mut Tx<'_, '_>, receipts: &[Receipt], now: Timestamp) -> Result<(), StoreError> {
    if receipts.is_empty() {
        return Ok(());
    }
    let practice = tx.practice();
    let tokens: Vec<_> = receipts.iter().filter_map(|receipt| receipt.token).collect();
    let mut by_token = attempts::by_tokens(tx, &tokens)?.into_iter();
    let mut seen = Vec::with_capacity(receipts.len());
    for receipt in receipts {
        seen.push(match receipt.token {
            Some(_) => by_token.next().flatten(),
            None => attempts::by_carrier_id(tx, receipt.sender, &receipt.carrier_message_id)?,
        });
    }
    let rows: Vec<_> = receipts
        .iter()
        .zip(&seen)
        .map(|(receipt, seen)| {
            args![
                receipt.sender.bytes(),
                kept_key(receipt.event_key, seen.as_ref().map(|seen| seen.attempt)),
                practice.bytes(),
                seen.as_ref().map(|seen| seen.attempt.bytes()),
                &receipt.carrier_message_id,
                receipt.status.as_str(),
                receipt.failure.map(Failure::as_str),
                micros(now),
            ]
        })
        .collect();
    let kept = tx.query_many(KEEP, &rows)?;
    let fresh = receipts.iter().zip(seen).zip(&kept).filter(|(_, kept)| !kept.is_empty());
    let effects: Vec<_> = fresh
        .filter_map(|((receipt, seen), _)| {
            Some(Effect {
                seen: seen?,
                sender: receipt.sender,
                carrier_message_id: &receipt.carrier_message_id,
                status: receipt.status,
                failure: receipt.failure,
                erase: receipt.erase,
            })
        })
        .collect();
    take_effect(tx, &effects, now)
}

/// The key under which an event is kept: its own, after the instant of its attempt, so that the receipts of one hour lie together. The same
/// event of the same attempt has the same key however often it comes.
fn kept_key(event: [u8; 32], attempt: Option<AttemptId>) -> [u8; 32] {
    let mut key = event;
    if let Some(attempt) = attempt {
        key[..6].copy_from_slice(&attempt.bytes()[..6]);
    }
    key
}

/// What a receipt says about an attempt.
struct Effect<'a> {
    seen: attempts::Witnessed,
    sender: SenderId,
    carrier_message_id: &'a str,
    status: DeliveryStatus,
    failure: Option<Failure>,
    erase: bool,
}

fn take_effect(tx: &mut Tx<'_, '_>, effects: &[Effect<'_>], now: Timestamp) -> Result<(), StoreError> {
    let witnessed: Vec<_> = effects.iter().map(|effect| (&effect.seen, effect.carrier_message_id, effect.status)).collect();
    let before = attempts::witness(tx, &witnessed, now)?;
    let moved: Vec<_> = effects.iter().map(|effect| effect.seen.message).collect();
    application_callbacks::note_moves(tx, &moved, now)?;
    for (effect, before) in effects.iter().zip(before) {
        if effect.seen.attempt_state == "absent" {
            let practice = tx.practice();
            tx.execute(FOUND_OUT, &args![practice.bytes(), effect.seen.message.bytes(), micros(now)])?;
        }
        if matches!(effect.status, DeliveryStatus::Failed | DeliveryStatus::Undelivered) && !before.is_final() {
            let (person, message) = (effect.seen.person, Some(effect.seen.message));
            tasks::open(tx, &tasks::NewTask { kind: TaskKind::NotDelivered, person, message, ..Default::default() }, now)?;
        }
        if effect.erase {
            erasures::queue(tx, effect.sender, effect.carrier_message_id, effect.status.is_final(), now)?;
        }
        if effect.failure == Some(Failure::SenderNotRegistered) {
            // That of the attempt: the receipt may have come to the address of another.
            let sender = attempts::sender_of(tx, effect.seen.attempt)?;
            senders::set_registration(tx, sender, Registration::Unregistered, now)?;
        }
        if let Some(failure) = effect.failure {
            failures::learn(tx, effect.seen.message, failure, now)?;
        }
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
            // Its text is forgotten a day after it was taken at the latest.
            take_effect(tx, &[Effect { seen, sender, carrier_message_id: &carrier_message_id, status, failure, erase: false }], now)?;
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
