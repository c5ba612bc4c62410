//! How texts went lately, in numbers, by sender and by application. It holds no PHI.

use super::carriers::{Outcomes, first_id};
use crate::applications::{self, Application};
use crate::erasures;
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{args, statements};
use wellsent_domain::SenderId;

statements! {
    /// Ids begin with the instant at which they were made, so the attempts of a week lie together.
    HOURS = "SELECT sender_id, started_at / 3600000000, state, count(*), CAST(sum(parts) AS BIGINT), max(closed_at) FROM attempt WHERE practice_id = $1 AND id >= $2 GROUP BY sender_id, started_at / 3600000000, state";
    MINUTE = "SELECT sender_id, CAST(sum(parts) AS BIGINT) FROM attempt WHERE practice_id = $1 AND id >= $2 AND coalesce(state, '') IN ('open', 'accepted', 'unknown') GROUP BY sender_id";
    DELIVERIES = "SELECT a.sender_id, r.received_at - a.started_at FROM attempt a JOIN receipt r ON r.attempt_id = a.id WHERE a.practice_id = $1 AND a.id >= $2 AND r.status = 'delivered' ORDER BY a.id DESC LIMIT $3";
    FETCHED = "SELECT sender_id, count(*) FROM inbound WHERE practice_id = $1 AND id >= $2 AND late GROUP BY sender_id";
    ERASURES = "SELECT sender_id, CAST(sum(CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN ended_at IS NULL AND due_at < $2 THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN ended_at IS NOT NULL AND forgotten THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN ended_at IS NOT NULL AND NOT forgotten THEN 1 ELSE 0 END) AS BIGINT) FROM erasure WHERE practice_id = $1 GROUP BY sender_id";
    HELD = "SELECT count(*) FROM message WHERE practice_id = $1 AND state = 'planned' AND due_at <= $2 AND next_at > $3";
    TEXTS_OF_APPLICATION = "SELECT direction, count(*) FROM application_text WHERE practice_id = $1 AND application_id = $2 AND text_id >= $3 GROUP BY direction";
    CALLS = "SELECT application_id, state, count(*) FROM application_callback WHERE practice_id = $1 AND (state = 'waiting' OR (state = 'given_up' AND id >= $2)) GROUP BY application_id, state";
}

/// Deliveries of which times are taken at most, the latest first.
const DELIVERIES_MAX: i64 = 2_000;
/// What is held for longer than this waits for something else than throughput.
const HELD_FOR: SignedDuration = SignedDuration::from_mins(1);
/// Over how long callbacks that were given up are told.
const GIVEN_UP_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How texts went over each sender.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// What became of the attempts of each hour.
    pub hours: Vec<HourLine>,
    /// Parts that were handed over in the last minute.
    pub minute: Vec<(SenderId, i64)>,
    /// How long texts of the last day took to the handset, the latest first.
    pub deliveries: Vec<(SenderId, SignedDuration)>,
    /// Texts whose callbacks were lost and that were fetched from the carrier's log.
    pub fetched: Vec<(SenderId, i64)>,
    /// What carriers have to forget.
    pub erasures: Vec<(SenderId, erasures::Counts)>,
    /// Messages that are due and wait for a later time: quiet hours, limits, a day of a brand.
    pub held: i64,
}

/// What became of the attempts of an hour over one sender.
#[derive(Debug, Clone)]
pub struct HourLine {
    /// Over which.
    pub sender: SenderId,
    /// When the hour began, by UTC.
    pub hour: Timestamp,
    /// What became of them.
    pub counts: Outcomes,
    /// When the latest text was taken.
    pub last_taken: Option<Timestamp>,
}

/// Reads how texts went since an instant.
pub fn load(tx: &mut Tx<'_, '_>, since: Timestamp, now: Timestamp) -> Result<Traffic, StoreError> {
    let practice = tx.practice();
    let of_practice = |from: Timestamp| args![practice.bytes(), first_id(from)];
    let ago = |span: SignedDuration| now.checked_sub(span).unwrap_or(now);
    let mut traffic = Traffic::default();
    for row in tx.query(HOURS, &of_practice(since))? {
        let (sender, hour) = (SenderId::from_bytes(row.id(0)?), from_micros(row.int(1)?.saturating_mul(3_600_000_000)));
        let place = traffic.hours.iter().position(|line| line.sender == sender && line.hour == hour).unwrap_or_else(|| {
            traffic.hours.push(HourLine { sender, hour, counts: Outcomes::default(), last_taken: None });
            traffic.hours.len() - 1
        });
        let (line, count) = (&mut traffic.hours[place], row.int(3)?);
        match row.text(2)? {
            "accepted" => {
                (line.counts.accepted, line.counts.parts) = (count, row.int(4)?);
                line.last_taken = row.opt_int(5)?.map(from_micros);
            }
            "rejected" => line.counts.rejected = count,
            "not_submitted" => line.counts.not_submitted = count,
            _ => line.counts.unclear += count,
        }
    }
    for row in tx.query(MINUTE, &of_practice(ago(SignedDuration::from_mins(1))))? {
        traffic.minute.push((SenderId::from_bytes(row.id(0)?), row.int(1)?));
    }
    let day = first_id(ago(SignedDuration::from_hours(24)));
    for row in tx.query(DELIVERIES, &args![practice.bytes(), day, DELIVERIES_MAX])? {
        traffic.deliveries.push((SenderId::from_bytes(row.id(0)?), SignedDuration::from_micros(row.int(1)?.max(0))));
    }
    for row in tx.query(FETCHED, &of_practice(since))? {
        traffic.fetched.push((SenderId::from_bytes(row.id(0)?), row.int(1)?));
    }
    for row in tx.query(ERASURES, &args![practice.bytes(), micros(ago(SignedDuration::from_hours(1)))])? {
        let counts = erasures::Counts { waiting: row.int(1)?, overdue: row.int(2)?, forgotten: row.int(3)?, given_up: row.int(4)? };
        traffic.erasures.push((SenderId::from_bytes(row.id(0)?), counts));
    }
    let soon = now.saturating_add(HELD_FOR).unwrap_or(now);
    let held = tx.query_opt(HELD, &args![practice.bytes(), micros(now), micros(soon)])?;
    traffic.held = held.map(|row| row.int(0)).transpose()?.unwrap_or(0);
    Ok(traffic)
}

/// An application with what it does.
#[derive(Debug, Clone)]
pub struct ApplicationLine {
    /// The application.
    pub application: Application,
    /// The names of its API keys.
    pub keys: Vec<String>,
    /// Texts that it asked for in the last day.
    pub sent: i64,
    /// Texts of patients that it was shown in the last day.
    pub received: i64,
    /// Calls to it that wait.
    pub waiting: i64,
    /// Calls to it that were given up in the last week.
    pub given_up: i64,
}

/// The applications, disabled ones too, the oldest first.
pub fn applications(tx: &mut Tx<'_, '_>, limit: i64, now: Timestamp) -> Result<Vec<ApplicationLine>, StoreError> {
    let practice = tx.practice();
    let ago = |span: SignedDuration| first_id(now.checked_sub(span).unwrap_or(now));
    let calls = tx.query(CALLS, &args![practice.bytes(), ago(GIVEN_UP_WITHIN)])?;
    let mut lines = Vec::new();
    for application in applications::list(tx, limit)? {
        let id = application.id;
        let keys = applications::keys(tx, id)?.into_iter().map(|(name, _)| name).collect();
        let mut line = ApplicationLine { application, keys, sent: 0, received: 0, waiting: 0, given_up: 0 };
        for row in tx.query(TEXTS_OF_APPLICATION, &args![practice.bytes(), id.bytes(), ago(SignedDuration::from_hours(24))])? {
            match row.text(0)? {
                "inbound" => line.received += row.int(1)?,
                _ => line.sent += row.int(1)?,
            }
        }
        for row in &calls {
            if row.id(0)? == id.bytes() {
                match row.text(1)? {
                    "waiting" => line.waiting = row.int(2)?,
                    _ => line.given_up = row.int(2)?,
                }
            }
        }
        lines.push(line);
    }
    Ok(lines)
}
