//! Tasks for staff.

use crate::entry::Entry;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{Actor, StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AppointmentId, InboundId, MessageId, PersonId, TaskId};

statements! {
    INSERT = "INSERT INTO task (id, practice_id, kind, person_id, appointment_id, message_id, inbound_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OPEN = "SELECT id, kind, person_id, appointment_id, message_id, inbound_id, created_at, done_at FROM task WHERE practice_id = $1 AND done_at IS NULL ORDER BY created_at DESC LIMIT $2";
    DONE = "UPDATE task SET done_at = $3, done_by = $4 WHERE practice_id = $1 AND id = $2 AND done_at IS NULL";
    OPEN_OF_KIND = "SELECT EXISTS (SELECT 1 FROM task WHERE practice_id = $1 AND kind = $2 AND person_id = $3 AND done_at IS NULL)";
    OPEN_ALONE = "SELECT EXISTS (SELECT 1 FROM task WHERE practice_id = $1 AND kind = $2 AND person_id IS NULL AND done_at IS NULL)";
    COUNT = "SELECT count(*) FROM task WHERE practice_id = $1 AND done_at IS NULL";
}

/// A task to be opened.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Which.
    pub kind: TaskKind,
    /// About whom.
    pub person: Option<PersonId>,
    /// About which visit.
    pub appointment: Option<AppointmentId>,
    /// About which message.
    pub message: Option<MessageId>,
    /// About which text of a patient.
    pub inbound: Option<InboundId>,
}

impl Default for NewTask {
    fn default() -> Self {
        Self { kind: TaskKind::Reply, person: None, appointment: None, message: None, inbound: None }
    }
}

/// A task.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Which, about what.
    pub about: NewTask,
    /// Since when.
    pub created_at: Timestamp,
}

/// Opens a task about a person, unless one of its kind about the same person is open already.
pub fn open_once(tx: &mut Tx<'_, '_>, task: &NewTask, now: Timestamp) -> Result<(), StoreError> {
    let (practice, person) = (tx.practice(), task.person.map(|id| id.bytes()));
    let row = tx.query_opt(OPEN_OF_KIND, &args![practice.bytes(), task.kind.as_str(), person])?;
    if !row.map(|row| row.bool(0)).transpose()?.unwrap_or(false) {
        open(tx, task, now)?;
    }
    Ok(())
}

/// Opens a task that is about nobody, unless one of its kind is open already.
pub fn open_one_of_kind(tx: &mut Tx<'_, '_>, kind: TaskKind, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(OPEN_ALONE, &args![practice.bytes(), kind.as_str()])?;
    if !row.map(|row| row.bool(0)).transpose()?.unwrap_or(false) {
        open(tx, &NewTask { kind, ..NewTask::default() }, now)?;
    }
    Ok(())
}

/// Opens a task.
pub fn open(tx: &mut Tx<'_, '_>, task: &NewTask, now: Timestamp) -> Result<TaskId, StoreError> {
    let id = tx.fresh(now, TaskId::from_uuid);
    let practice = tx.practice();
    tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            task.kind.as_str(),
            task.person.map(|id| id.bytes()),
            task.appointment.map(|id| id.bytes()),
            task.message.map(|id| id.bytes()),
            task.inbound.map(|id| id.bytes()),
            micros(now),
        ],
    )?;
    tx.record(now, Entry::new("task", now).word("task", id).word("task_kind", task.kind.as_str()).word_if("person", task.person));
    Ok(id)
}

/// The open tasks, the most urgent kinds first, then the newest.
pub fn list(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<Task>, StoreError> {
    let practice = tx.practice();
    let mut tasks = tx.query(OPEN, &args![practice.bytes(), limit])?.iter().map(task).collect::<Result<Vec<_>, _>>()?;
    tasks.sort_by_key(|task| (task.about.kind, std::cmp::Reverse(task.created_at)));
    Ok(tasks)
}

/// How many tasks are open.
pub fn count(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(COUNT, &args![practice.bytes()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// Closes a task.
pub fn done(tx: &mut Tx<'_, '_>, id: TaskId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let by = match tx.actor() {
        Actor::Staff(staff, _) => Some(staff.bytes()),
        _ => None,
    };
    if tx.execute(DONE, &args![practice.bytes(), id.bytes(), micros(now), by])? == 0 {
        return Err(StoreError::Stale { what: "task" });
    }
    tx.record(now, Entry::new("task_done", now).word("task", id));
    Ok(())
}

fn task(row: &Row) -> Result<Task, StoreError> {
    Ok(Task {
        id: TaskId::from_bytes(row.id(0)?),
        about: NewTask {
            kind: word(TaskKind::parse(row.text(1)?), "task", "kind")?,
            person: row.opt_id(2)?.map(PersonId::from_bytes),
            appointment: row.opt_id(3)?.map(AppointmentId::from_bytes),
            message: row.opt_id(4)?.map(MessageId::from_bytes),
            inbound: row.opt_id(5)?.map(InboundId::from_bytes),
        },
        created_at: from_micros(row.int(6)?),
    })
}
