//! What the carriers' page shows: agreements, senders with what went over them, texts of unknown outcome, and what carriers have yet to forget.
//! It holds no PHI: messages and people stand in it by id. How an account is doing at the moment is the engine's to tell.

use crate::agreements::{self, StoredAgreement};
use crate::erasures;
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, brand_days, senders};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{Row, args, statements};
use wellsent_domain::practice::Sender;
use wellsent_domain::{AttemptId, MessageId, PersonId, SenderId};

statements! {
    /// Ids begin with the instant at which they were made, so the attempts of a day lie together.
    OUTCOMES = "SELECT sender_id, state, count(*), CAST(sum(parts) AS BIGINT) FROM attempt WHERE practice_id = $1 AND id >= $2 GROUP BY sender_id, state";
    UNKNOWN = "SELECT a.id, a.message_id, m.person_id, a.sender_id, a.state, a.started_at, a.checks, a.checked_at, a.code, a.carrier_message_id, m.urgent, m.useful_until, m.attempts, a.n FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.practice_id = $1 AND a.state = 'unknown' ORDER BY a.started_at DESC LIMIT $2";
    GIVEN_UP = "SELECT a.id, a.message_id, m.person_id, a.sender_id, a.state, a.started_at, a.checks, a.checked_at, a.code, a.carrier_message_id, m.urgent, m.useful_until, m.attempts, a.n FROM task t JOIN message m ON m.id = t.message_id JOIN attempt a ON a.message_id = m.id AND a.n = m.attempts WHERE t.practice_id = $1 AND t.done_at IS NULL AND t.kind = 'unknown_outcome' AND coalesce(a.state, '') = 'absent' ORDER BY t.created_at DESC LIMIT $2";
    QUEUE = "SELECT count(*), min(due_at) FROM message WHERE practice_id = $1 AND state = 'planned' AND due_at <= $2";
}

/// Over how long outcomes are counted.
pub const COUNTED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The page.
#[derive(Debug, Clone)]
pub struct CarriersView {
    /// The senders, in the order in which they are chosen.
    pub senders: Vec<SenderLine>,
    /// The agreements, by carrier, the newest first.
    pub agreements: Vec<StoredAgreement>,
    /// Texts of unknown outcome and those that were given up and nobody settled, the newest first.
    pub unclear: Vec<UnclearLine>,
    /// What carriers have yet to forget.
    pub erasures: erasures::Counts,
    /// Messages that are due and have not gone.
    pub waiting: i64,
    /// When the oldest of them was due.
    pub waiting_since: Option<Timestamp>,
}

/// A sender with what went over it.
#[derive(Debug, Clone)]
pub struct SenderLine {
    /// The sender.
    pub sender: Sender,
    /// What became of the attempts of the last day.
    pub counts: Outcomes,
    /// Parts of the brand's day that are used up, where they are counted.
    pub used_today: Option<u32>,
    /// Up to when the carrier's log of received texts was read.
    pub received_until: Option<Timestamp>,
}

/// What became of attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The carrier took them.
    pub accepted: i64,
    /// It refused them.
    pub rejected: i64,
    /// They did not get there.
    pub not_submitted: i64,
    /// Nobody knows, or nobody knew to the end.
    pub unclear: i64,
    /// Parts that the carrier took.
    pub parts: i64,
}

/// A text of unknown outcome.
#[derive(Debug, Clone)]
pub struct UnclearLine {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its message.
    pub message: MessageId,
    /// About whom.
    pub person: Option<PersonId>,
    /// Over which sender.
    pub sender: SenderId,
    /// Whether the program has given up asking.
    pub given_up: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// How often the carrier's log was asked and did not have it.
    pub checks: i64,
    /// When the log was last asked.
    pub checked_at: Option<Timestamp>,
    /// At which point sight of it was lost, as a stable word.
    pub cause: Option<String>,
    /// Its id at the carrier, where it is known.
    pub carrier_message_id: Option<String>,
    /// Whether twice is better than never.
    pub urgent: bool,
    /// Until when it could still be sent.
    pub useful_until: Timestamp,
    /// Whether no later attempt was made.
    pub is_latest: bool,
}

/// Reads the page. `today` is the day of the carriers' brands, at most `limit` unclear texts are listed.
pub fn load(tx: &mut Tx<'_, '_>, today: Date, limit: i64, now: Timestamp) -> Result<CarriersView, StoreError> {
    let practice = tx.practice();
    let since = now.checked_sub(COUNTED_FOR).unwrap_or(now);
    let counted = tx.query(OUTCOMES, &args![practice.bytes(), first_id(since)])?;
    let mut lines = Vec::new();
    for sender in senders::list(tx)? {
        let mut counts = Outcomes::default();
        for row in &counted {
            if row.id(0)? == sender.id.bytes() {
                let count = row.int(2)?;
                match row.text(1)? {
                    "accepted" => (counts.accepted, counts.parts) = (count, row.int(3)?),
                    "rejected" => counts.rejected = count,
                    "not_submitted" => counts.not_submitted = count,
                    _ => counts.unclear += count,
                }
            }
        }
        let used_today = match (&sender.brand, sender.parts_per_day_max) {
            (Some(brand), Some(_)) => Some(brand_days::used(tx, brand, today)?),
            _ => None,
        };
        let received_until = senders::received_until(tx, sender.id)?;
        lines.push(SenderLine { sender, counts, used_today, received_until });
    }
    let queue = tx.query_opt(QUEUE, &args![practice.bytes(), micros(now)])?;
    let (waiting, since) = queue.map(|row| Ok::<_, StoreError>((row.int(0)?, row.opt_int(1)?))).transpose()?.unwrap_or_default();
    Ok(CarriersView {
        senders: lines,
        agreements: agreements::list(tx)?,
        unclear: unclear(tx, limit)?,
        erasures: erasures::counts(tx, now)?,
        waiting,
        waiting_since: since.map(from_micros),
    })
}

/// Texts of unknown outcome and those that were given up and nobody settled, the newest first.
pub fn unclear(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<UnclearLine>, StoreError> {
    let practice = tx.practice();
    let mut rows = tx.query(UNKNOWN, &args![practice.bytes(), limit])?;
    rows.extend(tx.query(GIVEN_UP, &args![practice.bytes(), limit])?);
    let mut lines = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    lines.sort_by_key(|line| std::cmp::Reverse(line.started_at));
    lines.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(lines)
}

fn line(row: &Row) -> Result<UnclearLine, StoreError> {
    Ok(UnclearLine {
        attempt: AttemptId::from_bytes(row.id(0)?),
        message: MessageId::from_bytes(row.id(1)?),
        person: row.opt_id(2)?.map(PersonId::from_bytes),
        sender: SenderId::from_bytes(row.id(3)?),
        given_up: row.text(4)? == "absent",
        started_at: from_micros(row.int(5)?),
        checks: row.int(6)?,
        checked_at: row.opt_int(7)?.map(from_micros),
        cause: row.opt_text(8)?.map(str::to_owned),
        carrier_message_id: row.opt_text(9)?.map(str::to_owned),
        urgent: row.bool(10)?,
        useful_until: from_micros(row.int(11)?),
        is_latest: row.int(12)? == row.int(13)?,
    })
}

/// The lowest id that can have been made at an instant.
pub(super) fn first_id(at: Timestamp) -> [u8; 16] {
    let mut id = [0; 16];
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0).to_be_bytes();
    id[..6].copy_from_slice(&millis[2..]);
    id
}
