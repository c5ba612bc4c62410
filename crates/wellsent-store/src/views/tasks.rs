//! Tasks with the person and the words that they are about.

use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx, people};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::person::Name;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Language, MessageId, PersonId, Phi, PhoneNumber, TaskId};

statements! {
    OPEN = "SELECT t.id, t.kind, t.person_id, p.name_sealed, p.language, t.message_id, t.inbound_id, i.body_sealed, i.number_sealed, t.created_at, a.starts_at, a.zone FROM task t LEFT JOIN person p ON p.id = t.person_id LEFT JOIN inbound i ON i.id = t.inbound_id LEFT JOIN appointment a ON a.id = t.appointment_id WHERE t.practice_id = $1 AND t.done_at IS NULL ORDER BY CASE t.kind WHEN 'distress' THEN 0 WHEN 'wrong_number' THEN 1 WHEN 'unknown_outcome' THEN 2 ELSE 3 END, t.created_at DESC, t.id DESC LIMIT $2";
    OPEN_OF_KIND = "SELECT t.id, t.kind, t.person_id, p.name_sealed, p.language, t.message_id, t.inbound_id, i.body_sealed, i.number_sealed, t.created_at, a.starts_at, a.zone FROM task t LEFT JOIN person p ON p.id = t.person_id LEFT JOIN inbound i ON i.id = t.inbound_id LEFT JOIN appointment a ON a.id = t.appointment_id WHERE t.practice_id = $1 AND t.done_at IS NULL AND t.kind = $3 ORDER BY t.created_at DESC, t.id DESC LIMIT $2";
    COUNTS = "SELECT kind, count(*) FROM task WHERE practice_id = $1 AND done_at IS NULL GROUP BY kind";
    DONE = "SELECT t.kind, t.person_id, p.name_sealed, t.done_at, s.name FROM task t LEFT JOIN person p ON p.id = t.person_id LEFT JOIN staff s ON s.id = t.done_by WHERE t.practice_id = $1 AND t.done_at > $2 ORDER BY t.done_at DESC LIMIT $3";
}

/// An open task with what it is about.
#[derive(Debug, Clone)]
pub struct OpenTask {
    /// Its id.
    pub id: TaskId,
    /// Which.
    pub kind: TaskKind,
    /// About whom.
    pub person: Option<(PersonId, Phi<Name>)>,
    /// The person's language.
    pub language: Option<Language>,
    /// About which message.
    pub message: Option<MessageId>,
    /// The patient's words that led to it.
    pub words: Option<Phi<String>>,
    /// The number that those words came from.
    pub number: Option<Phi<PhoneNumber>>,
    /// About which visit: when it begins, and the zone of its place by IANA name.
    pub visit: Option<(Timestamp, String)>,
    /// Since when.
    pub created_at: Timestamp,
}

/// A task that was done.
#[derive(Debug, Clone)]
pub struct DoneTask {
    /// Which.
    pub kind: TaskKind,
    /// About whom.
    pub person: Option<Phi<Name>>,
    /// Who did it.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Open tasks, the most urgent first, then the newest.
pub fn open(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<OpenTask>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OPEN, &args![practice.bytes(), limit])?;
    let mut tasks = rows.iter().map(|row| task(tx, row)).collect::<Result<Vec<_>, _>>()?;
    tasks.sort_by_key(|task| (task.kind, std::cmp::Reverse(task.created_at)));
    Ok(tasks)
}

/// Open tasks of one kind, the newest first.
pub fn open_of_kind(tx: &mut Tx<'_, '_>, kind: TaskKind, limit: i64) -> Result<Vec<OpenTask>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OPEN_OF_KIND, &args![practice.bytes(), limit, kind.as_str()])?;
    rows.iter().map(|row| task(tx, row)).collect()
}

/// How many tasks of each kind are open.
pub fn counts(tx: &mut Tx<'_, '_>) -> Result<Vec<(TaskKind, i64)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(COUNTS, &args![practice.bytes()])?;
    rows.iter().map(|row| Ok((word(TaskKind::parse(row.text(0)?), "task", "kind")?, row.int(1)?))).collect()
}

/// Tasks done after an instant, the latest first.
pub fn done_since(tx: &mut Tx<'_, '_>, since: Timestamp, limit: i64) -> Result<Vec<DoneTask>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(DONE, &args![practice.bytes(), micros(since), limit])?;
    rows.iter()
        .map(|row| {
            Ok(DoneTask {
                kind: word(TaskKind::parse(row.text(0)?), "task", "kind")?,
                person: named(tx, row.opt_id(1)?, row.opt_blob(2)?)?.map(|(_, name)| name),
                by: row.opt_text(4)?.map(str::to_owned),
                at: from_micros(row.int(3)?),
            })
        })
        .collect()
}

fn task(tx: &Tx<'_, '_>, row: &Row) -> Result<OpenTask, StoreError> {
    let inbound = row.opt_id(6)?;
    let (mut words, mut number) = (None, None);
    if let (Some(id), Some(body), Some(sealed)) = (inbound, row.opt_blob(7)?, row.opt_blob(8)?) {
        words = Some(tx.open("inbound", "body", &id, body)?);
        number = Some(people::phone(&tx.open("inbound", "number", &id, sealed)?)?);
    }
    Ok(OpenTask {
        id: TaskId::from_bytes(row.id(0)?),
        kind: word(TaskKind::parse(row.text(1)?), "task", "kind")?,
        person: named(tx, row.opt_id(2)?, row.opt_blob(3)?)?,
        language: row.opt_text(4)?.map(|text| word(Language::parse(text), "person", "language")).transpose()?,
        message: row.opt_id(5)?.map(MessageId::from_bytes),
        words,
        number,
        visit: row.opt_int(10)?.map(from_micros).zip(row.opt_text(11)?.map(str::to_owned)),
        created_at: from_micros(row.int(9)?),
    })
}

pub(super) fn named(tx: &Tx<'_, '_>, id: Option<[u8; 16]>, sealed: Option<&[u8]>) -> Result<Option<(PersonId, Phi<Name>)>, StoreError> {
    match (id, sealed) {
        (Some(id), Some(sealed)) => Ok(Some((PersonId::from_bytes(id), people::name(tx, &id, sealed)?))),
        _ => Ok(None),
    }
}
