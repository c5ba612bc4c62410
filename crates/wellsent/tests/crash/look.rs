//! Looks into the database past the store, and the order book that tells in which order transactions took effect.
//!
//! The order book is a table of this test. A row is added for every text that is stored, every attempt that is written and every visit that
//! is cancelled, by triggers in the same transaction. On SQLite the one writer makes its numbers the order of commits. On PostgreSQL the
//! triggers run at the end of the transaction, while it still holds its row locks: of two transactions that meet at a row, the one that
//! waited gets the greater number.

use std::collections::{HashMap, HashSet};
use wellsent_db::{DbError, Sql, Tx};
use wellsent_domain::task::TaskKind;

/// Makes the order book.
pub const ORDER_BOOK: &[&Sql] = &[
    &Sql::pair(
        "crash.table",
        "CREATE TABLE crash_order (n INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL)",
        "CREATE TABLE crash_order (n BIGSERIAL PRIMARY KEY, id BYTEA NOT NULL)",
    ),
    &Sql::pair(
        "crash.note",
        "CREATE INDEX crash_order_id ON crash_order (id)",
        "CREATE FUNCTION crash_note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO crash_order (id) VALUES (NEW.id); RETURN NULL; END'",
    ),
    &Sql::pair(
        "crash.inbound",
        "CREATE TRIGGER crash_inbound AFTER INSERT ON inbound BEGIN INSERT INTO crash_order (id) VALUES (NEW.id); END",
        "CREATE CONSTRAINT TRIGGER crash_inbound AFTER INSERT ON inbound DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crash_note()",
    ),
    &Sql::pair(
        "crash.attempt",
        "CREATE TRIGGER crash_attempt AFTER INSERT ON attempt BEGIN INSERT INTO crash_order (id) VALUES (NEW.id); END",
        "CREATE CONSTRAINT TRIGGER crash_attempt AFTER INSERT ON attempt DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crash_note()",
    ),
    &Sql::pair(
        "crash.cancelled",
        "CREATE TRIGGER crash_cancelled AFTER UPDATE ON appointment WHEN NEW.status = 'cancelled' AND OLD.status <> 'cancelled' BEGIN INSERT INTO crash_order (id) VALUES (NEW.id); END",
        "CREATE CONSTRAINT TRIGGER crash_cancelled AFTER UPDATE ON appointment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'cancelled' AND OLD.status <> 'cancelled') EXECUTE FUNCTION crash_note()",
    ),
];

const ORDER: &Sql = &Sql::new("crash.order", "SELECT n, id FROM crash_order");
const MESSAGES: &Sql = &Sql::new("crash.messages", "SELECT id, state, origin, next_at, urgent FROM message");
const ATTEMPTS: &Sql = &Sql::new("crash.attempts", "SELECT id, message_id, token, state, carrier_message_id, started_at FROM attempt");
const INBOUND: &Sql = &Sql::new("crash.texts", "SELECT id, event_key, routed_at, meaning FROM inbound");
const RULED: &Sql = &Sql::new("crash.ruled", "SELECT DISTINCT message_id, ruling FROM ruling");
const TASKS: &Sql = &Sql::new("crash.tasks", "SELECT kind, message_id FROM task");
const STORED: &Sql = &Sql::new("crash.stored", "SELECT count(*) FROM inbound");
const VISITS: &Sql = &Sql::new("crash.visits", "SELECT id, status, starts_at, known_at FROM appointment");
const VISIT_MESSAGES: &Sql = &Sql::new("crash.visit_messages", "SELECT message_id, appointment_id FROM message_visit");
const UNFINISHED: &Sql = &Sql::new(
    "crash.unfinished",
    "SELECT (SELECT count(*) FROM message WHERE state IN ('submitting', 'unknown') OR (state = 'planned' AND next_at <= $1)), (SELECT count(*) FROM attempt WHERE state IN ('open', 'unknown')), (SELECT count(*) FROM inbound WHERE routed_at IS NULL), (SELECT count(*) FROM number WHERE unrouted_inbound <> 0), (SELECT count(*) FROM plan_queue)",
);

/// A message.
#[derive(Debug)]
pub struct Message {
    pub state: String,
    pub origin: String,
    pub urgent: bool,
}

/// An attempt.
#[derive(Debug)]
pub struct Attempt {
    pub id: [u8; 16],
    pub message: [u8; 16],
    pub state: String,
    /// The network's name for its text, where the server knows it.
    pub carrier_id: Option<String>,
    /// When it was written, by the clock of the run.
    pub started_us: i64,
}

/// A text from a phone.
#[derive(Debug)]
pub struct Inbound {
    pub id: [u8; 16],
    pub routed: bool,
    pub meaning: Option<String>,
}

/// A visit.
#[derive(Debug)]
pub struct Visit {
    pub status: String,
    pub starts_at: i64,
    pub known_at: i64,
}

/// What a database says.
#[derive(Debug, Default)]
pub struct Look {
    pub order: HashMap<[u8; 16], i64>,
    pub messages: HashMap<[u8; 16], Message>,
    /// By the token, in hexadecimal digits as the journal has it.
    pub attempts: HashMap<String, Attempt>,
    /// By the event key.
    pub inbound: HashMap<Vec<u8>, Inbound>,
    pub ruled: HashSet<([u8; 16], String)>,
    pub tasks: usize,
    /// Messages that a task for staff speaks of.
    pub with_task: HashSet<[u8; 16]>,
    /// Messages of which a task says that nobody knows what became of them.
    pub unclear: HashSet<[u8; 16]>,
    pub visits: HashMap<[u8; 16], Visit>,
    /// Message, visit.
    pub visit_messages: Vec<([u8; 16], [u8; 16])>,
}

impl Look {
    /// Reads it all.
    pub fn read(tx: &mut Tx<'_>) -> Result<Self, DbError> {
        let mut look = Self::default();
        for row in tx.query(ORDER, &[])? {
            look.order.insert(row.id(1)?, row.int(0)?);
        }
        for row in tx.query(MESSAGES, &[])? {
            let message = Message { state: row.text(1)?.to_owned(), origin: row.text(2)?.to_owned(), urgent: row.bool(4)? };
            look.messages.insert(row.id(0)?, message);
        }
        for row in tx.query(ATTEMPTS, &[])? {
            let attempt = Attempt {
                id: row.id(0)?,
                message: row.id(1)?,
                state: row.text(3)?.to_owned(),
                carrier_id: row.opt_text(4)?.map(str::to_owned),
                started_us: row.int(5)?,
            };
            look.attempts.insert(hex(&row.id(2)?), attempt);
        }
        for row in tx.query(INBOUND, &[])? {
            let text = Inbound { id: row.id(0)?, routed: row.opt_int(2)?.is_some(), meaning: row.opt_text(3)?.map(str::to_owned) };
            look.inbound.insert(row.blob(1)?.to_vec(), text);
        }
        for row in tx.query(RULED, &[])? {
            look.ruled.insert((row.id(0)?, row.text(1)?.to_owned()));
        }
        for row in tx.query(TASKS, &[])? {
            look.tasks += 1;
            look.with_task.extend(row.opt_id(1)?);
            if row.text(0)? == TaskKind::UnknownOutcome.as_str() {
                look.unclear.extend(row.opt_id(1)?);
            }
        }
        for row in tx.query(VISITS, &[])? {
            look.visits.insert(row.id(0)?, Visit { status: row.text(1)?.to_owned(), starts_at: row.int(2)?, known_at: row.int(3)? });
        }
        for row in tx.query(VISIT_MESSAGES, &[])? {
            look.visit_messages.push((row.id(0)?, row.id(1)?));
        }
        Ok(look)
    }
}

/// What is not finished: texts on their way or due by an instant, attempts of open outcome, texts that wait to be read, numbers that are held,
/// numbers that wait to be planned.
pub fn unfinished(tx: &mut Tx<'_>, due_by: i64) -> Result<[i64; 5], DbError> {
    let row = tx.query_one(UNFINISHED, &wellsent_db::args![due_by])?;
    Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?])
}

/// How many texts of phones are stored.
pub fn stored(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one(STORED, &[])?.int(0)
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
