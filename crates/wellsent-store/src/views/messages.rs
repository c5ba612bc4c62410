//! The list of messages with their rulings.

use super::day::reasons;
use super::tasks::named;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::gate::Reason;
use wellsent_domain::message::{MessageState, Programme};
use wellsent_domain::person::Name;
use wellsent_domain::{MessageId, PersonId, Phi};

statements! {
    NEWEST = "SELECT m.id, m.person_id, p.name_sealed, m.programme, m.template, m.state, m.state_at, m.due_at, m.next_at, m.released_at, r.ruling, r.reasons, s.name FROM message m LEFT JOIN person p ON p.id = m.person_id LEFT JOIN staff s ON s.id = m.origin_id LEFT JOIN ruling r ON r.message_id = m.id AND r.id = (SELECT y.id FROM ruling y WHERE y.message_id = m.id ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE m.practice_id = $1 AND m.state NOT IN ('planned', 'submitting') AND (m.state_at, m.id) < ($2, $3) ORDER BY m.state_at DESC, m.id DESC LIMIT $4";
    OF_STATES = "SELECT m.id, m.person_id, p.name_sealed, m.programme, m.template, m.state, m.state_at, m.due_at, m.next_at, m.released_at, r.ruling, r.reasons, s.name FROM message m LEFT JOIN person p ON p.id = m.person_id LEFT JOIN staff s ON s.id = m.origin_id LEFT JOIN ruling r ON r.message_id = m.id AND r.id = (SELECT y.id FROM ruling y WHERE y.message_id = m.id ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE m.practice_id = $1 AND m.state NOT IN ('planned', 'submitting') AND m.state IN ($5, $6, $7) AND (m.state_at, m.id) < ($2, $3) ORDER BY m.state_at DESC, m.id DESC LIMIT $4";
    PLANNED = "SELECT m.id, m.person_id, p.name_sealed, m.programme, m.template, m.state, m.state_at, m.due_at, m.next_at, m.released_at, r.ruling, r.reasons, s.name FROM message m LEFT JOIN person p ON p.id = m.person_id LEFT JOIN staff s ON s.id = m.origin_id LEFT JOIN ruling r ON r.message_id = m.id AND r.id = (SELECT y.id FROM ruling y WHERE y.message_id = m.id ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE m.practice_id = $1 AND m.state = 'planned' AND (m.next_at, m.id) > ($2, $3) ORDER BY m.next_at, m.id LIMIT $4";
    OF_PERSON = "SELECT m.id, m.person_id, p.name_sealed, m.programme, m.template, m.state, m.state_at, m.due_at, m.next_at, m.released_at, r.ruling, r.reasons, s.name FROM message m LEFT JOIN person p ON p.id = m.person_id LEFT JOIN staff s ON s.id = m.origin_id LEFT JOIN ruling r ON r.message_id = m.id AND r.id = (SELECT y.id FROM ruling y WHERE y.message_id = m.id ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE m.practice_id = $1 AND m.person_id = $2 ORDER BY m.state_at DESC, m.id DESC LIMIT $3";
    PLANNED_COUNT = "SELECT count(*) FROM message WHERE practice_id = $1 AND state = 'planned'";
    COUNTS = "SELECT state, count(*) FROM (SELECT state FROM message WHERE practice_id = $1 AND state NOT IN ('planned', 'submitting') ORDER BY state_at DESC LIMIT 5000) latest GROUP BY state";
    BACKLOG = "SELECT state, count(*), count(CASE WHEN next_at <= $2 THEN 1 END) FROM message WHERE practice_id = $1 AND state = 'planned' GROUP BY state UNION ALL SELECT state, count(*), count(*) FROM message WHERE practice_id = $1 AND state IN ('submitting', 'unknown', 'review') GROUP BY state";
    VISIT = "SELECT a.starts_at, a.zone, l.name FROM message_visit v JOIN appointment a ON a.id = v.appointment_id JOIN location l ON l.id = a.location_id WHERE v.practice_id = $1 AND v.message_id = $2 ORDER BY v.ordinal";
}

/// A message in a list.
#[derive(Debug, Clone)]
pub struct MessageLine {
    /// Its id.
    pub id: MessageId,
    /// To whom it speaks.
    pub person: Option<(PersonId, Phi<Name>)>,
    /// Who wants it.
    pub programme: Programme,
    /// The template.
    pub template: String,
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
    /// The last ruling, by its stable word.
    pub ruling: Option<String>,
    /// Its reasons.
    pub reasons: Vec<Reason>,
    /// The member of staff who wrote it.
    pub staff: Option<String>,
}

/// Which messages a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Those that have left, wait for a decision or have ended, the latest change first.
    Latest,
    /// Those that wait for their time or for a hold to end, the soonest first.
    Planned,
    /// Those in up to three states, the latest change first.
    States([MessageState; 3]),
}

/// The place in a list after which it goes on: the instant by which it is sorted, and the id.
pub type After = (Timestamp, MessageId);

/// A page of messages.
pub fn list(tx: &mut Tx<'_, '_>, filter: Filter, after: Option<After>, limit: i64) -> Result<Vec<MessageLine>, StoreError> {
    let practice = tx.practice();
    let (at, id) = match (after, filter) {
        (Some((at, id)), _) => (micros(at), id.bytes()),
        (None, Filter::Planned) => (i64::MIN, [0; 16]),
        (None, _) => (i64::MAX, [0xff; 16]),
    };
    let rows = match filter {
        Filter::Latest => tx.query(NEWEST, &args![practice.bytes(), at, id, limit])?,
        Filter::Planned => tx.query(PLANNED, &args![practice.bytes(), at, id, limit])?,
        Filter::States([one, two, three]) => {
            tx.query(OF_STATES, &args![practice.bytes(), at, id, limit, one.as_str(), two.as_str(), three.as_str()])?
        }
    };
    rows.iter().map(|row| line(tx, row)).collect()
}

/// The messages of a person, the latest change first.
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId, limit: i64) -> Result<Vec<MessageLine>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_PERSON, &args![practice.bytes(), person.bytes(), limit])?;
    rows.iter().map(|row| line(tx, row)).collect()
}

/// How many messages are planned, and how many of the 5,000 others that changed last are in each state. After years nobody wants to know it of all, nor wait for it.
pub fn counts(tx: &mut Tx<'_, '_>) -> Result<Vec<(MessageState, i64)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(COUNTS, &args![practice.bytes()])?;
    let planned = tx.query_opt(PLANNED_COUNT, &args![practice.bytes()])?.map(|row| row.int(0)).transpose()?.unwrap_or(0);
    let latest = rows.iter().map(|row| Ok((word(MessageState::parse(row.text(0)?), "message", "state")?, row.int(1)?)));
    latest.chain([Ok((MessageState::Planned, planned))]).collect()
}

/// How many messages are not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Wanted, and not sent yet.
    pub planned: i64,
    /// Those of them whose time has come.
    pub due: i64,
    /// With the carrier, without its answer.
    pub submitting: i64,
    /// Handed over with unknown outcome.
    pub unknown: i64,
    /// Waiting for staff.
    pub review: i64,
}

impl std::ops::AddAssign for Backlog {
    fn add_assign(&mut self, other: Self) {
        self.planned += other.planned;
        self.due += other.due;
        self.submitting += other.submitting;
        self.unknown += other.unknown;
        self.review += other.review;
    }
}

/// What is not finished at `now`. It looks at open messages only, so that it is quick however many were sent.
pub fn backlog(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<Backlog, StoreError> {
    let practice = tx.practice();
    let mut backlog = Backlog::default();
    for row in tx.query(BACKLOG, &args![practice.bytes(), micros(now)])? {
        let count = row.int(1)?;
        match word(MessageState::parse(row.text(0)?), "message", "state")? {
            MessageState::Planned => (backlog.planned, backlog.due) = (count, row.int(2)?),
            MessageState::Submitting => backlog.submitting = count,
            MessageState::Unknown => backlog.unknown = count,
            _ => backlog.review = count,
        }
    }
    Ok(backlog)
}

/// A visit that a message speaks of.
#[derive(Debug, Clone)]
pub struct AboutVisit {
    /// When it begins, as it is now.
    pub starts_at: Timestamp,
    /// The zone of its place, by IANA name.
    pub zone: String,
    /// Where.
    pub location: String,
}

/// The visits that each of these messages speaks of, in the order of the messages.
pub fn visits(tx: &mut Tx<'_, '_>, messages: &[MessageId]) -> Result<Vec<Vec<AboutVisit>>, StoreError> {
    let practice = tx.practice();
    let keys: Vec<_> = messages.iter().map(|id| args![practice.bytes(), id.bytes()]).collect();
    let found = tx.query_many(VISIT, &keys)?;
    found
        .iter()
        .map(|rows| {
            rows.iter()
                .map(|row| {
                    Ok(AboutVisit { starts_at: from_micros(row.int(0)?), zone: row.text(1)?.to_owned(), location: row.text(2)?.to_owned() })
                })
                .collect()
        })
        .collect()
}

fn line(tx: &Tx<'_, '_>, row: &Row) -> Result<MessageLine, StoreError> {
    Ok(MessageLine {
        id: MessageId::from_bytes(row.id(0)?),
        person: named(tx, row.opt_id(1)?, row.opt_blob(2)?)?,
        programme: word(Programme::parse(row.text(3)?), "message", "programme")?,
        template: row.text(4)?.to_owned(),
        state: word(MessageState::parse(row.text(5)?), "message", "state")?,
        state_at: from_micros(row.int(6)?),
        due_at: from_micros(row.int(7)?),
        next_at: from_micros(row.int(8)?),
        released_at: row.opt_int(9)?.map(from_micros),
        ruling: row.opt_text(10)?.map(str::to_owned),
        reasons: reasons(row.opt_text(11)?),
        staff: row.opt_text(12)?.map(str::to_owned),
    })
}
