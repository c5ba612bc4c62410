//! The visits of a day with what is known of their reminders and replies.

use super::tasks::named;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use std::collections::HashMap;
use wellsent_db::{Row, args, statements};
use wellsent_domain::appointment::{AppointmentStatus, VisitAnswer};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::gate::Reason;
use wellsent_domain::message::MessageState;
use wellsent_domain::person::{ContactState, Name};
use wellsent_domain::{AppointmentId, ContactPointId, Language, LocationId, MessageId, PersonId, Phi};

statements! {
    VISITS = "SELECT a.id, a.person_id, p.name_sealed, a.location_id, t.name, a.starts_at, a.zone, a.status, a.answer, a.answered_at, a.version, p.language FROM appointment a JOIN person p ON p.id = a.person_id JOIN visit_type t ON t.id = a.visit_type_id WHERE a.practice_id = $1 AND a.starts_at >= $2 AND a.starts_at < $3 ORDER BY a.starts_at, a.id LIMIT $4";
    OF_PERSON = "SELECT a.id, a.person_id, p.name_sealed, a.location_id, t.name, a.starts_at, a.zone, a.status, a.answer, a.answered_at, a.version, p.language FROM appointment a JOIN person p ON p.id = a.person_id JOIN visit_type t ON t.id = a.visit_type_id WHERE a.practice_id = $1 AND a.person_id = $2 ORDER BY a.starts_at DESC, a.id LIMIT $3";
    COUNT = "SELECT a.location_id, count(*) FROM appointment a WHERE a.practice_id = $1 AND a.starts_at >= $2 AND a.starts_at < $3 GROUP BY a.location_id";
    REMINDERS = "SELECT m.id, v.version, m.state, m.due_at, m.next_at, m.state_at, m.released_at, r.ruling, r.reasons, coalesce((SELECT x.failure FROM receipt x JOIN attempt b ON b.id = x.attempt_id WHERE b.message_id = m.id AND x.failure IS NOT NULL ORDER BY x.received_at DESC LIMIT 1), (SELECT b.failure FROM attempt b WHERE b.message_id = m.id ORDER BY b.n DESC LIMIT 1)) FROM message_visit v JOIN message m ON m.id = v.message_id LEFT JOIN ruling r ON r.message_id = m.id AND r.id = (SELECT y.id FROM ruling y WHERE y.message_id = m.id ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE v.practice_id = $1 AND v.appointment_id = $2 AND m.programme = 'reminders'";
    NUMBER = "SELECT c.state, c.resumed_at, n.suppressed_at, n.people, n.number_idx, c.id, c.verified_at, c.confirmed_at FROM contact_point c JOIN number n ON n.practice_id = c.practice_id AND n.number_idx = c.number_idx WHERE c.practice_id = $1 AND c.person_id = $2 AND c.state <> 'replaced' ORDER BY c.created_at DESC, c.id DESC LIMIT 1";
    REPLY = "SELECT id, body_sealed, received_at, person_id FROM inbound WHERE practice_id = $1 AND number_idx = $2 AND received_at > $3 ORDER BY received_at DESC, id DESC LIMIT 8";
}

/// A visit as the day shows it.
#[derive(Debug, Clone)]
pub struct DayVisit {
    /// Its id.
    pub id: AppointmentId,
    /// The patient.
    pub person: PersonId,
    /// The name.
    pub name: Phi<Name>,
    /// The language of texts.
    pub language: Language,
    /// Where.
    pub location: LocationId,
    /// The neutral name of its type.
    pub visit_type: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The zone of the place, by IANA name.
    pub zone: String,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// What the patient answered, and when.
    pub answer: Option<(VisitAnswer, Option<Timestamp>)>,
    /// Its reminders for the time and place that it has now; none that was withdrawn.
    pub reminders: Vec<Reminder>,
    /// The number at which the patient is reached.
    pub number: Option<NumberNow>,
    /// The last words from that number, where they are this patient's.
    pub reply: Option<(Phi<String>, Timestamp)>,
}

/// A reminder of a visit.
#[derive(Debug, Clone)]
pub struct Reminder {
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub state: MessageState,
    /// Since when.
    pub state_at: Timestamp,
    /// When it is due by the plan.
    pub due_at: Timestamp,
    /// When the gate is asked next.
    pub next_at: Timestamp,
    /// When it was released.
    pub released_at: Option<Timestamp>,
    /// Whether the gate holds it.
    pub held: bool,
    /// The reasons of the last ruling.
    pub reasons: Vec<Reason>,
    /// Why the carrier did not take or deliver it.
    pub failure: Option<Failure>,
}

/// What is true of a patient's number.
#[derive(Debug, Clone, Copy)]
pub struct NumberNow {
    /// Its state.
    pub state: ContactState,
    /// Since when no text may go to this patient at it.
    pub stopped_at: Option<Timestamp>,
    /// The contact point.
    pub contact: ContactPointId,
    /// When a code last came back from it.
    pub verified_at: Option<Timestamp>,
    /// When the patient last confirmed it in person.
    pub confirmed_at: Option<Timestamp>,
}

/// How many visits begin between two instants, by location.
pub fn count(tx: &mut Tx<'_, '_>, spans: &[(Timestamp, Timestamp)]) -> Result<Vec<Vec<(LocationId, i64)>>, StoreError> {
    let practice = tx.practice();
    let keys: Vec<_> = spans.iter().map(|(from, until)| args![practice.bytes(), micros(*from), micros(*until)]).collect();
    let found = tx.query_many(COUNT, &keys)?;
    found.iter().map(|rows| rows.iter().map(|row| Ok((LocationId::from_bytes(row.id(0)?), row.int(1)?))).collect()).collect()
}

/// The visits that begin between two instants, the earliest first. Replies older than `replies_since` are left out.
pub fn visits(
    tx: &mut Tx<'_, '_>,
    (from, until): (Timestamp, Timestamp),
    replies_since: Timestamp,
    limit: i64,
) -> Result<Vec<DayVisit>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(VISITS, &args![practice.bytes(), micros(from), micros(until), limit])?;
    fill(tx, &rows, Some(replies_since))
}

/// The visits of a person, the latest first, without replies.
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId, limit: i64) -> Result<Vec<DayVisit>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_PERSON, &args![practice.bytes(), person.bytes(), limit])?;
    fill(tx, &rows, None)
}

struct AtNumber {
    now: NumberNow,
    shared: bool,
    key: [u8; 16],
}

fn fill(tx: &mut Tx<'_, '_>, rows: &[Row], replies_since: Option<Timestamp>) -> Result<Vec<DayVisit>, StoreError> {
    let practice = tx.practice();
    let mut by_visit = Vec::with_capacity(rows.len());
    let mut by_person = Vec::with_capacity(rows.len());
    for row in rows {
        by_visit.push(args![practice.bytes(), row.id(0)?]);
        by_person.push(args![practice.bytes(), row.id(1)?]);
    }
    let reminders = tx.query_many(REMINDERS, &by_visit)?;
    let numbers =
        tx.query_many(NUMBER, &by_person)?.iter().map(|rows| rows.first().map(number).transpose()).collect::<Result<Vec<_>, _>>()?;
    let replies = match replies_since {
        Some(since) => replies(tx, &numbers, since)?,
        None => HashMap::new(),
    };
    let mut visits = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let (id, version) = (row.id(0)?, row.int(10)?);
        let person = row.id(1)?;
        let (person_id, name) = named(tx, Some(person), row.opt_blob(2)?)?.ok_or(StoreError::corrupt("person", "name"))?;
        let answer = row.opt_text(8)?.map(|text| word(VisitAnswer::parse(text), "appointment", "answer")).transpose()?;
        let answered_at = row.opt_int(9)?.map(from_micros);
        let at = numbers[place].as_ref();
        let reply = at.and_then(|at| {
            let said = replies.get(&at.key)?;
            // On a shared phone a text belongs to nobody until it is clear whose it is (P11).
            said.iter().find(|line| line.person == Some(person_id) || (line.person.is_none() && !at.shared))
        });
        visits.push(DayVisit {
            id: AppointmentId::from_bytes(id),
            person: person_id,
            name,
            language: word(Language::parse(row.text(11)?), "person", "language")?,
            location: LocationId::from_bytes(row.id(3)?),
            visit_type: row.text(4)?.to_owned(),
            starts_at: from_micros(row.int(5)?),
            zone: row.text(6)?.to_owned(),
            status: word(AppointmentStatus::parse(row.text(7)?), "appointment", "status")?,
            answer: answer.map(|answer| (answer, answered_at)),
            reminders: reminders[place].iter().filter_map(|row| reminder(row, version).transpose()).collect::<Result<_, _>>()?,
            number: at.map(|at| at.now),
            reply: reply.map(|line| (line.body.clone(), line.at)),
        });
    }
    Ok(visits)
}

struct Said {
    person: Option<PersonId>,
    body: Phi<String>,
    at: Timestamp,
}

fn replies(tx: &mut Tx<'_, '_>, numbers: &[Option<AtNumber>], since: Timestamp) -> Result<HashMap<[u8; 16], Vec<Said>>, StoreError> {
    let practice = tx.practice();
    let mut keys: Vec<[u8; 16]> = numbers.iter().flatten().map(|number| number.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let asked: Vec<_> = keys.iter().map(|key| args![practice.bytes(), key, micros(since)]).collect();
    let found = tx.query_many(REPLY, &asked)?;
    let mut replies = HashMap::with_capacity(keys.len());
    for (key, rows) in keys.into_iter().zip(&found) {
        let said = rows
            .iter()
            .map(|row| {
                let id = row.id(0)?;
                Ok(Said {
                    person: row.opt_id(3)?.map(PersonId::from_bytes),
                    body: tx.open("inbound", "body", &id, row.blob(1)?)?,
                    at: from_micros(row.int(2)?),
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        replies.insert(key, said);
    }
    Ok(replies)
}

fn number(row: &Row) -> Result<AtNumber, StoreError> {
    let resumed_at = row.opt_int(1)?;
    let stopped_at = row.opt_int(2)?.filter(|at| resumed_at.is_none_or(|resumed| resumed < *at)).map(from_micros);
    Ok(AtNumber {
        now: NumberNow {
            state: word(ContactState::parse(row.text(0)?), "contact_point", "state")?,
            stopped_at,
            contact: ContactPointId::from_bytes(row.id(5)?),
            verified_at: row.opt_int(6)?.map(from_micros),
            confirmed_at: row.opt_int(7)?.map(from_micros),
        },
        shared: row.int(3)? > 1,
        key: row.id(4)?,
    })
}

/// A reminder that still speaks of the visit as it is; `None` for one that was withdrawn or told an earlier time.
fn reminder(row: &Row, version: i64) -> Result<Option<Reminder>, StoreError> {
    let state = word(MessageState::parse(row.text(2)?), "message", "state")?;
    if row.int(1)? != version || state == MessageState::Withdrawn {
        return Ok(None);
    }
    Ok(Some(Reminder {
        message: MessageId::from_bytes(row.id(0)?),
        state,
        due_at: from_micros(row.int(3)?),
        next_at: from_micros(row.int(4)?),
        state_at: from_micros(row.int(5)?),
        released_at: row.opt_int(6)?.map(from_micros),
        held: row.opt_text(7)? == Some("hold"),
        reasons: reasons(row.opt_text(8)?),
        failure: row.opt_text(9)?.and_then(Failure::parse),
    }))
}

/// The reasons of a stored list of codes. A code that this version does not know is left out.
pub(super) fn reasons(stored: Option<&str>) -> Vec<Reason> {
    stored.unwrap_or_default().split(',').filter_map(Reason::parse).collect()
}
