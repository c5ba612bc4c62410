//! Numbers: what is true of a number whoever is reached at it. The row of a number is where a revocation and a claim meet (P3).

use crate::consent_log::{self, ConsentRecord};
use crate::entry::Entry;
pub use crate::number_key::NumberKey;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx, plans};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Act, Channel, Suppression};
use wellsent_domain::gate::Reassigned;
use wellsent_domain::person::{ContactState, LineType};
use wellsent_domain::{ContactPointId, InboundId, PersonId, PhoneNumber, SenderId, SuppressionId};

statements! {
    ENSURE = "INSERT INTO number (practice_id, number_idx, unrouted_inbound, people, reassigned, line, auto_hour_began_at, auto_replies) VALUES ($1, $2, 0, 0, 'unchecked', 'unknown', 0, 0) ON CONFLICT (practice_id, number_idx) DO NOTHING";
    GET = "SELECT suppression_id, suppressed_at, suppressed_by, unrouted_inbound, last_inbound_at, people, reassigned, reassigned_checked_at, auto_hour_began_at, auto_replies, line, sender_id FROM number WHERE practice_id = $1 AND number_idx = $2";
    pub(crate) GET_FOR_CLAIM = sqlite "SELECT suppression_id, suppressed_at, suppressed_by, unrouted_inbound, last_inbound_at, people, reassigned, reassigned_checked_at, auto_hour_began_at, auto_replies, line, sender_id FROM number WHERE practice_id = $1 AND number_idx = $2"
        postgres "SELECT suppression_id, suppressed_at, suppressed_by, unrouted_inbound, last_inbound_at, people, reassigned, reassigned_checked_at, auto_hour_began_at, auto_replies, line, sender_id FROM number WHERE practice_id = $1 AND number_idx = $2 FOR SHARE";
    JOURNAL = "INSERT INTO suppression (id, practice_id, number_idx, at, channel, inbound_id, actor) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SUPPRESS = "UPDATE number SET suppression_id = $3, suppressed_at = $4, suppressed_by = $5 WHERE practice_id = $1 AND number_idx = $2";
    PEOPLE = "SELECT person_id, id FROM contact_point WHERE practice_id = $1 AND number_idx = $2 AND state <> 'replaced' ORDER BY person_id";
    FORGET_RESUMED = "UPDATE contact_point SET resumed_at = NULL WHERE practice_id = $1 AND number_idx = $2 AND resumed_at IS NOT NULL";
    RESUME = "UPDATE contact_point SET resumed_at = $4 WHERE practice_id = $1 AND number_idx = $2 AND person_id = $3";
    POINT = "SELECT id FROM contact_point WHERE practice_id = $1 AND number_idx = $2 AND person_id = $3";
    SET_STATE = "UPDATE contact_point SET state = $3 WHERE practice_id = $1 AND number_idx = $2 AND state <> 'replaced'";
    DISPUTE = "UPDATE number SET disputed_at = $3 WHERE practice_id = $1 AND number_idx = $2";
    INBOUND_STORED = "UPDATE number SET unrouted_inbound = unrouted_inbound + 1, last_inbound_at = CASE WHEN last_inbound_at >= $3 THEN last_inbound_at + 1 ELSE $3 END, sender_id = coalesce($4, sender_id) WHERE practice_id = $1 AND number_idx = $2 RETURNING last_inbound_at";
    INBOUND_ROUTED = "UPDATE number SET unrouted_inbound = unrouted_inbound - 1 WHERE practice_id = $1 AND number_idx = $2";
    ADD_PERSON = "UPDATE number SET people = people + 1 WHERE practice_id = $1 AND number_idx = $2";
    REMOVE_PERSON = "UPDATE number SET people = people - 1 WHERE practice_id = $1 AND number_idx = $2";
    AUTO_REPLY = "UPDATE number SET auto_replies = CASE WHEN auto_hour_began_at > $4 THEN auto_replies + 1 ELSE 1 END, auto_hour_began_at = CASE WHEN auto_hour_began_at > $4 THEN auto_hour_began_at ELSE $3 END WHERE practice_id = $1 AND number_idx = $2";
    SET_LINE = "UPDATE number SET line = $3, line_checked_at = $4 WHERE practice_id = $1 AND number_idx = $2";
    SET_REASSIGNED = "UPDATE number SET reassigned = $3, reassigned_checked_at = $4 WHERE practice_id = $1 AND number_idx = $2";
    SET_SENDER = "UPDATE number SET sender_id = $3 WHERE practice_id = $1 AND number_idx = $2";
    LOCK = sqlite "SELECT 1 FROM number WHERE practice_id = $1 AND number_idx = $2"
        postgres "SELECT 1 FROM number WHERE practice_id = $1 AND number_idx = $2 FOR UPDATE";
    RESUMED = "SELECT max(resumed_at) FROM contact_point WHERE practice_id = $1 AND number_idx = $2 AND state <> 'replaced'";
}

/// What is true of a number.
#[derive(Debug, Clone)]
pub struct NumberState {
    /// The latest revocation.
    pub suppression: Option<Suppression>,
    /// Texts that are stored and not routed.
    pub unrouted_inbound: i64,
    /// When the last text came.
    pub last_inbound_at: Option<Timestamp>,
    /// How many people are reached at it.
    pub people: i64,
    /// What the reassigned-number database says.
    pub reassigned: Reassigned,
    /// What kind of line it is.
    pub line: LineType,
    /// The sender over which it was last reached, or to which it last wrote.
    pub sender: Option<SenderId>,
    auto_hour_began_at: Timestamp,
    auto_replies: u32,
}

impl NumberState {
    /// Automatic answers within the hour before `now`.
    pub fn auto_replies_within_hour(&self, now: Timestamp) -> u32 {
        let fresh = now.duration_since(self.auto_hour_began_at) < jiff::SignedDuration::from_hours(1);
        if fresh { self.auto_replies } else { 0 }
    }
}

/// The key of a number.
pub fn key(tx: &Tx<'_, '_>, number: PhoneNumber) -> NumberKey {
    NumberKey(tx.index("number", number.as_e164().as_ref()))
}

/// Makes sure that the number has a row.
pub fn ensure(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(ENSURE, &args![practice.bytes(), number.0])?;
    Ok(())
}

/// What is true of a number; `None` if it was never seen.
pub fn get(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<Option<NumberState>, StoreError> {
    let practice = tx.practice();
    tx.query_opt(GET, &args![practice.bytes(), number.0])?.as_ref().map(state).transpose()
}

/// Ends texts to a number for everybody on it, and keeps the revocation in the journal (T-08, P3, P11). Returns who is reached at it.
pub fn suppress(
    tx: &mut Tx<'_, '_>,
    number: NumberKey,
    channel: Channel,
    inbound: Option<InboundId>,
    now: Timestamp,
) -> Result<Vec<PersonId>, StoreError> {
    ensure(tx, number)?;
    let id = tx.fresh(now, SuppressionId::from_uuid);
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    tx.execute(SUPPRESS, &args![practice.bytes(), number.0, id.bytes(), micros(now), channel.as_str()])?;
    // Who came back before this revocation is stopped by it too, even if both acts bear the same instant or a clock was set back.
    tx.execute(FORGET_RESUMED, &args![practice.bytes(), number.0])?;
    tx.execute(
        JOURNAL,
        &args![id.bytes(), practice.bytes(), number.0, micros(now), channel.as_str(), inbound.map(|id| id.bytes()), actor],
    )?;
    let mut people = Vec::new();
    for (person, contact) in points(tx, number)? {
        consent_log::append(tx, act_on(person, contact, channel, now), Act::Suppressed)?;
        people.push(person);
    }
    let mut entry = Entry::new("revocation", now).word("suppression", id).word("channel", channel.as_str()).word_if("inbound", inbound);
    for person in &people {
        entry = entry.word("person", person);
    }
    tx.record(now, entry);
    plans::mark(tx, number, now)?;
    Ok(people)
}

/// Lets texts to one person at the number go again, by an act of their own. The others stay suppressed (P11).
pub fn resume(tx: &mut Tx<'_, '_>, number: NumberKey, person: PersonId, channel: Channel, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if let Some(row) = tx.query_opt(POINT, &args![practice.bytes(), number.0, person.bytes()])? {
        let contact = ContactPointId::from_bytes(row.id(0)?);
        consent_log::append(tx, act_on(person, contact, channel, now), Act::Resumed)?;
    }
    tx.execute(RESUME, &args![practice.bytes(), number.0, person.bytes(), micros(now)])?;
    plans::mark(tx, number, now)
}

/// One more person is reached at the number. A revocation that stands binds them too, and their log says so (P11): from the revocation on, so that
/// a consent of their own that is newer than it counts, and for somebody who had the number before not from before they returned (`since`).
pub(crate) fn joined(
    tx: &mut Tx<'_, '_>,
    number: NumberKey,
    person: PersonId,
    contact: ContactPointId,
    since: Timestamp,
) -> Result<(), StoreError> {
    let Some(suppression) = get(tx, number)?.and_then(|state| state.suppression) else { return Ok(()) };
    consent_log::append(tx, act_on(person, contact, suppression.channel, suppression.at.max(since)), Act::Suppressed)?;
    Ok(())
}

fn act_on(person: PersonId, contact_point: ContactPointId, channel: Channel, at: Timestamp) -> ConsentRecord {
    ConsentRecord { person, contact_point, channel, wording: None, language: None, evidence: None, at }
}

/// Whether the number is suppressed for all of its people.
pub fn is_suppressed(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<bool, StoreError> {
    let Some(suppression) = get(tx, number)?.and_then(|state| state.suppression) else { return Ok(false) };
    let practice = tx.practice();
    let row = tx.query_opt(RESUMED, &args![practice.bytes(), number.0])?;
    let resumed = row.map(|row| row.opt_int(0)).transpose()?.flatten();
    Ok(resumed.is_none_or(|at| from_micros(at) < suppression.at))
}

/// The people reached at a number.
pub fn people(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<Vec<PersonId>, StoreError> {
    Ok(points(tx, number)?.into_iter().map(|(person, _)| person).collect())
}

fn points(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<Vec<(PersonId, ContactPointId)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(PEOPLE, &args![practice.bytes(), number.0])?;
    rows.iter().map(|row| Ok((PersonId::from_bytes(row.id(0)?), ContactPointId::from_bytes(row.id(1)?)))).collect()
}

/// Marks the number on every chart that has it: disputed (T-13), or what the carrier reported.
pub fn set_contact_state(tx: &mut Tx<'_, '_>, number: NumberKey, state: ContactState, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(SET_STATE, &args![practice.bytes(), number.0, state.as_str()])?;
    if state == ContactState::Disputed {
        tx.execute(DISPUTE, &args![practice.bytes(), number.0, micros(now)])?;
    }
    let mut entry = Entry::new("number_state", now).word("state", state.as_str());
    for person in people(tx, number)? {
        entry = entry.word("person", person);
    }
    tx.record(now, entry);
    Ok(())
}

/// Records what the reassigned-number database says (T-14).
pub fn set_reassigned(tx: &mut Tx<'_, '_>, number: NumberKey, answer: Reassigned, now: Timestamp) -> Result<(), StoreError> {
    let word = match answer {
        Reassigned::Unchecked => "unchecked",
        Reassigned::No { .. } => "no",
        Reassigned::Yes => "yes",
        Reassigned::NoData => "no_data",
    };
    let practice = tx.practice();
    tx.execute(SET_REASSIGNED, &args![practice.bytes(), number.0, word, micros(now)])?;
    Ok(())
}

/// Records what kind of line a number is.
pub fn set_line(tx: &mut Tx<'_, '_>, number: NumberKey, line: LineType, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(SET_LINE, &args![practice.bytes(), number.0, line.as_str(), micros(now)])?;
    Ok(())
}

/// Counts one automatic answer.
pub(crate) fn count_auto_reply(tx: &mut Tx<'_, '_>, number: NumberKey, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let hour_ago = micros(now) - 3_600_000_000;
    tx.execute(AUTO_REPLY, &args![practice.bytes(), number.0, micros(now), hour_ago])?;
    Ok(())
}

/// A text from the number is stored: nothing goes to it until it is routed (P3). Returns the instant that keeps it behind the texts that the
/// number sent before, also where a clock was set back or another node's clock is ahead: a STOP after a START must stay after it.
pub(crate) fn inbound_stored(
    tx: &mut Tx<'_, '_>,
    number: NumberKey,
    sender: Option<SenderId>,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    ensure(tx, number)?;
    let practice = tx.practice();
    let row = tx.query_opt(INBOUND_STORED, &args![practice.bytes(), number.0, micros(now), sender.map(|id| id.bytes())])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map_or(now, from_micros))
}

/// Remembers over which sender the number was reached, so that the next text comes from the same.
pub(crate) fn set_sender(tx: &mut Tx<'_, '_>, numbers: &[(NumberKey, SenderId)]) -> Result<(), StoreError> {
    let practice = tx.practice();
    let rows: Vec<_> = numbers.iter().map(|(number, sender)| args![practice.bytes(), number.0, sender.bytes()]).collect();
    tx.execute_many(SET_SENDER, &rows)?;
    Ok(())
}

/// Keeps every other transaction that asks the same from this number until this one ends.
pub fn lock(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.query_opt(LOCK, &args![practice.bytes(), number.0])?;
    Ok(())
}

/// A text from the number is routed.
pub(crate) fn inbound_routed(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(INBOUND_ROUTED, &args![practice.bytes(), number.0])?;
    Ok(())
}

/// One more person is reached at the number.
pub(crate) fn add_person(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(ADD_PERSON, &args![practice.bytes(), number.0])?;
    Ok(())
}

/// One person less is reached at the number.
pub(crate) fn remove_person(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(REMOVE_PERSON, &args![practice.bytes(), number.0])?;
    Ok(())
}

pub(crate) fn state(row: &Row) -> Result<NumberState, StoreError> {
    let suppression = match (row.opt_id(0)?, row.opt_int(1)?) {
        (Some(id), Some(at)) => Some(Suppression {
            id: SuppressionId::from_bytes(id),
            at: from_micros(at),
            channel: word(row.opt_text(2)?.and_then(Channel::parse), "number", "suppressed_by")?,
        }),
        _ => None,
    };
    let checked_at = row.opt_int(7)?.map(from_micros);
    Ok(NumberState {
        suppression,
        unrouted_inbound: row.int(3)?,
        last_inbound_at: row.opt_int(4)?.map(from_micros),
        people: row.int(5)?,
        reassigned: match row.text(6)? {
            "unchecked" => Reassigned::Unchecked,
            "no" => Reassigned::No { checked_at: checked_at.unwrap_or(Timestamp::MIN) },
            "yes" => Reassigned::Yes,
            "no_data" => Reassigned::NoData,
            _ => return Err(StoreError::corrupt("number", "reassigned")),
        },
        line: word(LineType::parse(row.text(10)?), "number", "line")?,
        sender: row.opt_id(11)?.map(SenderId::from_bytes),
        auto_hour_began_at: from_micros(row.int(8)?),
        auto_replies: u32::try_from(row.int(9)?).unwrap_or(u32::MAX),
    })
}
