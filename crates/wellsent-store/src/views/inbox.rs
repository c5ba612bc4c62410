//! The threads of the practice: those numbers from which a text came, the latest first.

use super::owners::{self, Owner};
use super::thread::{self, Line};
use crate::numbers::NumberKey;
use crate::words::word;
use crate::{StoreError, Tx, people};
use jiff::Timestamp;
use std::collections::HashMap;
use wellsent_db::{args, statements};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{PersonId, Phi, PhoneNumber};

statements! {
    NUMBERS = "SELECT number_idx, last_inbound_at FROM number WHERE practice_id = $1 AND last_inbound_at IS NOT NULL ORDER BY last_inbound_at DESC LIMIT $2";
    TASKS = "SELECT i.number_idx, i.person_id, t.kind FROM task t JOIN inbound i ON i.id = t.inbound_id WHERE t.practice_id = $1 AND t.done_at IS NULL ORDER BY t.created_at DESC LIMIT 2000";
    PHONE = "SELECT id, number_sealed FROM inbound WHERE practice_id = $1 AND number_idx = $2 ORDER BY received_at DESC LIMIT 1";
}

/// How many texts each way are looked at to find the last words of each person on a number.
const LOOKED_AT: i64 = 12;

/// A thread: one person at one number, or a number whose texts belong to nobody in particular.
#[derive(Debug, Clone)]
pub struct Thread {
    /// The number's key.
    pub key: NumberKey,
    /// The person; `None` where it is not clear whose the texts are, or nobody here has the number.
    pub person: Option<PersonId>,
    /// Everybody who is reached at the number.
    pub owners: Vec<Owner>,
    /// The number.
    pub number: Option<Phi<PhoneNumber>>,
    /// The last words, either way.
    pub last: Line,
    /// When the last words of the patient's came.
    pub last_received_at: Timestamp,
    /// The open tasks that its texts led to, the most urgent first.
    pub tasks: Vec<TaskKind>,
}

/// The threads of the numbers that wrote last, the latest first.
pub fn threads(tx: &mut Tx<'_, '_>, numbers_max: i64) -> Result<Vec<Thread>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(NUMBERS, &args![practice.bytes(), numbers_max])?;
    let keys: Vec<_> = rows.iter().map(|row| Ok(NumberKey(row.id(0)?))).collect::<Result<_, StoreError>>()?;
    let tasks = tasks(tx)?;
    let owners = owners::at(tx, &keys)?;
    let lines = thread::at_each(tx, &keys, LOOKED_AT)?;
    let mut threads = Vec::new();
    for ((key, owners), lines) in keys.into_iter().zip(owners).zip(lines) {
        let number = match owners.first() {
            Some(owner) => Some(owner.number.clone()),
            None => phone(tx, key)?,
        };
        let shared = owners.len() > 1;
        let only = if shared { None } else { owners.first().map(|owner| owner.person) };
        let mut people: Vec<Option<PersonId>> = if shared { lines.iter().map(Line::person).collect() } else { vec![only] };
        people.sort_unstable();
        people.dedup();
        for person in people {
            let lines = thread::of_person(lines.clone(), person, shared);
            let received = lines.iter().rev().find(|line| matches!(line, Line::Received(_))).map(Line::at);
            if let (Some(last), Some(last_received_at)) = (lines.last(), received) {
                let open = tasks.get(&key).into_iter().flatten();
                let mut kinds: Vec<_> = open.filter(|(of, _)| !shared || *of == person).map(|(_, kind)| *kind).collect();
                kinds.sort_unstable();
                threads.push(Thread {
                    key,
                    person,
                    owners: owners.clone(),
                    number: number.clone(),
                    last: last.clone(),
                    last_received_at,
                    tasks: kinds,
                });
            }
        }
    }
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.last.at()));
    Ok(threads)
}

/// Where the texts of a thread stand.
type Open = HashMap<NumberKey, Vec<(Option<PersonId>, TaskKind)>>;

fn tasks(tx: &mut Tx<'_, '_>) -> Result<Open, StoreError> {
    let practice = tx.practice();
    let mut open: Open = HashMap::new();
    for row in tx.query(TASKS, &args![practice.bytes()])? {
        let kind = word(TaskKind::parse(row.text(2)?), "task", "kind")?;
        open.entry(NumberKey(row.id(0)?)).or_default().push((row.opt_id(1)?.map(PersonId::from_bytes), kind));
    }
    Ok(open)
}

/// The number of a key from the last text that came from it.
pub fn phone(tx: &mut Tx<'_, '_>, key: NumberKey) -> Result<Option<Phi<PhoneNumber>>, StoreError> {
    let practice = tx.practice();
    let Some(row) = tx.query_opt(PHONE, &args![practice.bytes(), key.0])? else { return Ok(None) };
    Ok(Some(people::phone(&tx.open("inbound", "number", &row.id(0)?, row.blob(1)?)?)?))
}
