//! What carriers have yet to forget (TW-17): texts sent and received that lie at a carrier although we keep them here.
//!
//! A text is queued when the carrier has it, due a day later; news that it is at rest brings that forward. A row stays when it is done, so that
//! a late receipt asks for nothing again.

use crate::entry::Entry;
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, tasks};
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{args, statements};
use wellsent_domain::SenderId;
use wellsent_domain::task::TaskKind;

statements! {
    QUEUE = "INSERT INTO erasure (sender_id, carrier_message_id, practice_id, queued_at, due_at, tries) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (sender_id, carrier_message_id) DO UPDATE SET due_at = excluded.due_at WHERE erasure.due_at > excluded.due_at AND erasure.ended_at IS NULL";
    DUE = "SELECT sender_id, carrier_message_id, queued_at, tries FROM erasure WHERE practice_id = $1 AND ended_at IS NULL AND due_at <= $2 ORDER BY due_at LIMIT $3";
    AGAIN = "UPDATE erasure SET due_at = $4, tries = tries + 1 WHERE practice_id = $1 AND sender_id = $2 AND carrier_message_id = $3 AND ended_at IS NULL";
    END = "UPDATE erasure SET ended_at = $4, forgotten = $5, tries = tries + 1 WHERE practice_id = $1 AND sender_id = $2 AND carrier_message_id = $3 AND ended_at IS NULL";
    COUNTS = "SELECT (SELECT count(*) FROM erasure WHERE practice_id = $1 AND ended_at IS NULL), (SELECT count(*) FROM erasure WHERE practice_id = $1 AND ended_at IS NULL AND due_at < $2), (SELECT count(*) FROM erasure WHERE practice_id = $1 AND ended_at IS NOT NULL AND forgotten), (SELECT count(*) FROM erasure WHERE practice_id = $1 AND ended_at IS NOT NULL AND NOT forgotten)";
}

/// A text is asked for again this long after it was taken at the latest, wherever it is by then.
pub const FORGET_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// A text that is at rest is left alone for so long: before that carriers refuse (20009).
pub const REST: SignedDuration = SignedDuration::from_secs(70);

/// A text that a carrier should forget now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The sender that it left from or came to.
    pub sender: SenderId,
    /// The carrier's own name for it.
    pub carrier_message_id: String,
    /// Since when it waits.
    pub queued_at: Timestamp,
    /// How often the carrier was asked.
    pub tries: i64,
}

/// How many texts carriers were asked to forget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They wait for their time.
    pub waiting: i64,
    /// Of these, those whose time came more than a while ago.
    pub overdue: i64,
    /// The carrier forgot them.
    pub forgotten: i64,
    /// It would not.
    pub given_up: i64,
}

/// The carrier has a text that it must forget: after a day, or a little after it came to rest.
pub fn queue(tx: &mut Tx<'_, '_>, sender: SenderId, carrier_message_id: &str, at_rest: bool, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let due = now.saturating_add(if at_rest { REST } else { FORGET_WITHIN }).unwrap_or(Timestamp::MAX);
    tx.execute(QUEUE, &args![sender.bytes(), carrier_message_id, practice.bytes(), micros(now), micros(due)])?;
    Ok(())
}

/// What is due, the longest overdue first.
pub fn due(tx: &mut Tx<'_, '_>, now: Timestamp, limit: i64) -> Result<Vec<Erasure>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(DUE, &args![practice.bytes(), micros(now), limit])?;
    rows.iter()
        .map(|row| {
            Ok(Erasure {
                sender: SenderId::from_bytes(row.id(0)?),
                carrier_message_id: row.text(1)?.to_owned(),
                queued_at: from_micros(row.int(2)?),
                tries: row.int(3)?,
            })
        })
        .collect()
}

/// The carrier is asked again later.
pub fn again(tx: &mut Tx<'_, '_>, erasure: &Erasure, due: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(AGAIN, &args![practice.bytes(), erasure.sender.bytes(), &erasure.carrier_message_id, micros(due)])?;
    Ok(())
}

/// The carrier refused. Staff is told at once, by one task however many texts there are; when they have mended the account, what was refused is
/// forgotten after all.
pub fn refused(tx: &mut Tx<'_, '_>, erasure: &Erasure, due: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    again(tx, erasure, due)?;
    tasks::open_one_of_kind(tx, TaskKind::NotForgotten, now)
}

/// The carrier forgot it.
pub fn done(tx: &mut Tx<'_, '_>, erasure: &Erasure, now: Timestamp) -> Result<(), StoreError> {
    end(tx, erasure, true, now)
}

/// The carrier is not asked any more: one task tells staff, however many texts there are.
pub fn give_up(tx: &mut Tx<'_, '_>, erasure: &Erasure, now: Timestamp) -> Result<(), StoreError> {
    end(tx, erasure, false, now)?;
    tasks::open_one_of_kind(tx, TaskKind::NotForgotten, now)
}

fn end(tx: &mut Tx<'_, '_>, erasure: &Erasure, forgotten: bool, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let row = args![practice.bytes(), erasure.sender.bytes(), &erasure.carrier_message_id, micros(now), forgotten];
    if tx.execute(END, &row)? > 0 {
        let kind = if forgotten { "forgotten_by_carrier" } else { "not_forgotten_by_carrier" };
        let named = tx.digest("carrier_message", erasure.carrier_message_id.as_bytes());
        tx.record(now, Entry::new(kind, now).word("sender", erasure.sender).digest("carrier_message", &named));
    }
    Ok(())
}

/// How many wait, were forgotten or given up. Overdue is what should have been asked for more than an hour ago.
pub fn counts(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<Counts, StoreError> {
    let practice = tx.practice();
    let late = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
    let Some(row) = tx.query_opt(COUNTS, &args![practice.bytes(), micros(late)])? else { return Ok(Counts::default()) };
    Ok(Counts { waiting: row.int(0)?, overdue: row.int(1)?, forgotten: row.int(2)?, given_up: row.int(3)? })
}
