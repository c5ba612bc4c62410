//! The texts of an application as it sees them: those that it asked for, and those that came to its senders.
//!
//! The messages themselves are those of the practice; a row here says how far the application was told (TW-12), where it wants to be told, and
//! whether it still looks at the text. Numbers are sealed here as well, so that a patient's new number does not change an old text.

use crate::entry::Entry;
use crate::numbers::{self, NumberKey};
use crate::when::{from_micros, micros, opt_micros};
use crate::words::word;
use crate::{StoreError, Tx, people};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::application::{Direction, Step};
use wellsent_domain::gate::{Reason, Rendering};
use wellsent_domain::{ApplicationId, ContactPointId, MessageId, PersonId, Phi, PhoneNumber, SenderId};

statements! {
    INSERT = "INSERT INTO application_text (application_id, text_id, practice_id, direction, sender_id, by_service, number_idx, number_sealed, step, status_url_sealed, created_at, updated_at, hidden_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12) ON CONFLICT (application_id, text_id) DO NOTHING";
    GET = "SELECT t.text_id, t.direction, t.sender_id, t.by_service, t.number_sealed, t.step, t.error_code, t.created_at, t.updated_at, t.hidden_at, t.redacted_at, m.text_sealed, m.body_sealed, m.rendering, m.released_at, m.due_at, i.body_sealed, i.received_at, s.address FROM application_text t JOIN sender s ON s.id = t.sender_id LEFT JOIN message m ON m.id = t.text_id AND m.practice_id = t.practice_id LEFT JOIN inbound i ON i.id = t.text_id AND i.practice_id = t.practice_id WHERE t.practice_id = $1 AND t.application_id = $2 AND t.text_id = $3";
    LIST = "SELECT t.text_id, t.direction, t.sender_id, t.by_service, t.number_sealed, t.step, t.error_code, t.created_at, t.updated_at, t.hidden_at, t.redacted_at, m.text_sealed, m.body_sealed, m.rendering, m.released_at, m.due_at, i.body_sealed, i.received_at, s.address FROM application_text t JOIN sender s ON s.id = t.sender_id LEFT JOIN message m ON m.id = t.text_id AND m.practice_id = t.practice_id LEFT JOIN inbound i ON i.id = t.text_id AND i.practice_id = t.practice_id WHERE t.practice_id = $1 AND t.application_id = $2 AND t.hidden_at IS NULL AND t.text_id < $3 AND (t.number_idx = $4 OR $4 IS NULL) AND (t.sender_id = $5 OR $5 IS NULL) AND ((t.direction = 'inbound') = $6 OR $6 IS NULL) AND (coalesce(m.released_at, i.received_at) >= $7 OR $7 IS NULL) AND (coalesce(m.released_at, i.received_at) < $8 OR $8 IS NULL) ORDER BY t.text_id DESC LIMIT $9";
    HIDE = "UPDATE application_text SET hidden_at = $4 WHERE practice_id = $1 AND application_id = $2 AND text_id = $3 AND hidden_at IS NULL";
    REDACT = "UPDATE application_text SET redacted_at = $4, updated_at = $4 WHERE practice_id = $1 AND application_id = $2 AND text_id = $3 AND redacted_at IS NULL";
    FORGET = "UPDATE message SET text_sealed = NULL, body_sealed = NULL WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') NOT IN ('planned', 'review', 'submitting', 'unknown')";
    POINT_AT = "UPDATE message SET person_id = $3, contact_point_id = $4 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'planned'";
    LAST_REASONS = "SELECT reasons FROM ruling WHERE practice_id = $1 AND message_id = $2 ORDER BY at DESC, id DESC LIMIT 1";
    KEEP_KEY = "INSERT INTO idempotency (practice_id, key_digest, request_digest, result_id, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (practice_id, key_digest) DO NOTHING";
    KEY = "SELECT request_digest, result_id FROM idempotency WHERE practice_id = $1 AND key_digest = $2";
    SENDER_OF = "SELECT sender_id FROM application_text WHERE practice_id = $1 AND text_id = $2 AND by_service = $3 LIMIT 1";
}

/// A text that an application is shown from now on.
#[derive(Debug, Clone)]
pub struct NewText {
    /// Whose.
    pub application: ApplicationId,
    /// The id of the message, or of the patient's text.
    pub text: [u8; 16],
    /// Which way it goes.
    pub direction: Direction,
    /// From or to which sender.
    pub sender: SenderId,
    /// Whether the sender was left to the practice's choice.
    pub by_service: bool,
    /// The patient's phone.
    pub number: Phi<PhoneNumber>,
    /// The step that it is told first.
    pub step: Step,
    /// Where its steps are told, where it named an address.
    pub status_url: Option<String>,
    /// Whether the application does not see it: it was refused at the door.
    pub hidden: bool,
}

/// A text as an application sees it.
#[derive(Debug, Clone)]
pub struct TextView {
    /// The id of the message, or of the patient's text.
    pub id: [u8; 16],
    /// Which way it went.
    pub direction: Direction,
    /// From or to which sender.
    pub sender: SenderId,
    /// The sender's number.
    pub sender_address: String,
    /// Whether the sender was left to the practice's choice.
    pub by_service: bool,
    /// The patient's phone.
    pub number: Phi<PhoneNumber>,
    /// How far it is.
    pub step: Step,
    /// Why it did not go or arrive.
    pub error_code: Option<i64>,
    /// What it says; empty once it is redacted.
    pub body: Phi<String>,
    /// In which wording it went, for a text of our own.
    pub rendering: Option<Rendering>,
    /// When it was asked for or came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it left, or came.
    pub sent_at: Option<Timestamp>,
    /// From when it may go.
    pub due_at: Option<Timestamp>,
    /// Whether the application does not see it any more.
    pub hidden: bool,
}

/// Which texts a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Those of this phone, by its key.
    pub number: Option<NumberKey>,
    /// Those of this sender.
    pub sender: Option<SenderId>,
    /// Those that came from patients, or those that did not.
    pub inbound: Option<bool>,
    /// Those that left or came from this instant on.
    pub from: Option<Timestamp>,
    /// Those that left or came before this instant.
    pub until: Option<Timestamp>,
}

/// Begins to show a text to an application.
pub fn add(tx: &mut Tx<'_, '_>, new: &NewText, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let number = numbers::key(tx, *new.number.expose());
    let number_sealed = tx.seal("application_text", "number", &new.text, new.number.expose().as_e164().as_ref());
    let url_sealed = new.status_url.as_ref().map(|url| tx.seal("application_text", "status_url", &new.text, url.as_bytes()));
    tx.execute(
        INSERT,
        &args![
            new.application.bytes(),
            new.text,
            practice.bytes(),
            new.direction.as_str(),
            new.sender.bytes(),
            new.by_service,
            number.0,
            number_sealed,
            new.step.as_str(),
            url_sealed,
            micros(now),
            new.hidden.then(|| micros(now)),
        ],
    )?;
    Ok(())
}

/// A text of an application, hidden ones too.
pub fn get(tx: &mut Tx<'_, '_>, application: ApplicationId, text: [u8; 16]) -> Result<Option<TextView>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), application.bytes(), text])?;
    row.as_ref().map(|row| view(tx, row)).transpose()
}

/// The texts of an application that it has not deleted, the newest first, after an id.
pub fn list(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    filter: &Filter,
    after: Option<[u8; 16]>,
    limit: i64,
) -> Result<Vec<TextView>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(
        LIST,
        &args![
            practice.bytes(),
            application.bytes(),
            after.unwrap_or([0xff; 16]),
            filter.number.map(|key| key.0),
            filter.sender.map(|id| id.bytes()),
            filter.inbound,
            opt_micros(filter.from),
            opt_micros(filter.until),
            limit,
        ],
    )?;
    rows.iter().map(|row| view(tx, row)).collect()
}

/// Takes a text out of the application's sight. The practice and its ledger keep it.
pub fn hide(tx: &mut Tx<'_, '_>, application: ApplicationId, text: [u8; 16], now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(HIDE, &args![practice.bytes(), application.bytes(), text, micros(now)])?;
    tx.record(now, Entry::new("application_text_deleted", now).word("application", application).word("text", hex(&text)));
    Ok(())
}

/// Forgets what a text says (TW-17): of one that went, the stored text as well; of a patient's only for the application, because the practice
/// still has to answer it.
pub fn redact(tx: &mut Tx<'_, '_>, application: ApplicationId, view: &TextView, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if view.direction != Direction::Inbound && tx.execute(FORGET, &args![practice.bytes(), view.id])? == 0 {
        return Err(StoreError::Stale { what: "message" });
    }
    tx.execute(REDACT, &args![practice.bytes(), application.bytes(), view.id, micros(now)])?;
    tx.record(now, Entry::new("application_text_redacted", now).word("application", application).word("text", hex(&view.id)));
    Ok(())
}

/// Has a message that nobody has been asked about yet speak to another of the people at its number.
pub fn point_at(tx: &mut Tx<'_, '_>, message: MessageId, person: PersonId, contact: ContactPointId) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(POINT_AT, &args![practice.bytes(), message.bytes(), person.bytes(), contact.bytes()])?;
    Ok(())
}

/// Why the gate last ruled as it did on a message.
pub fn last_reasons(tx: &mut Tx<'_, '_>, message: MessageId) -> Result<Vec<Reason>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(LAST_REASONS, &args![practice.bytes(), message.bytes()])?;
    let stored = row.map(|row| row.text(0).map(str::to_owned)).transpose()?.unwrap_or_default();
    Ok(stored.split(',').filter_map(Reason::parse).collect())
}

/// The sender that an application chose for a message by itself.
pub fn wanted_sender(tx: &mut Tx<'_, '_>, message: MessageId) -> Result<Option<SenderId>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(SENDER_OF, &args![practice.bytes(), message.bytes(), false])?;
    row.map(|row| Ok(SenderId::from_bytes(row.id(0)?))).transpose()
}

/// Remembers the answer to a request that carries a key. `Err` holds what was remembered before: the digest of the request, and its message.
pub fn keep_key(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    key: &str,
    request: &[u8],
    message: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (practice, digest) = (tx.practice(), key_digest(tx, application, key));
    let request = tx.digest("idempotent request", request);
    tx.execute(KEEP_KEY, &args![practice.bytes(), digest, request, message.bytes(), micros(now)])?;
    Ok(())
}

/// The message that a key led to before, and whether the request was the same.
pub fn by_key(tx: &mut Tx<'_, '_>, application: ApplicationId, key: &str, request: &[u8]) -> Result<Option<(MessageId, bool)>, StoreError> {
    let (practice, digest) = (tx.practice(), key_digest(tx, application, key));
    let Some(row) = tx.query_opt(KEY, &args![practice.bytes(), digest])? else { return Ok(None) };
    let same = tx.digest_matches("idempotent request", request, row.blob(0)?);
    Ok(Some((MessageId::from_bytes(row.id(1)?), same)))
}

fn key_digest(tx: &Tx<'_, '_>, application: ApplicationId, key: &str) -> [u8; 32] {
    tx.digest("idempotency key", format!("{application}/{key}").as_bytes())
}

pub(crate) fn hex(bytes: &[u8; 16]) -> String {
    uuid::Uuid::from_bytes(*bytes).as_simple().to_string()
}

fn view(tx: &Tx<'_, '_>, row: &Row) -> Result<TextView, StoreError> {
    let id = row.id(0)?;
    let redacted = row.opt_int(10)?.is_some();
    let rendering = row.opt_text(13)?.and_then(Rendering::parse);
    let body = match (row.opt_blob(11)?, row.opt_blob(12)?, row.opt_blob(16)?) {
        _ if redacted => Phi::new(String::new()),
        (_, _, Some(received)) => tx.open("inbound", "body", &id, received)?,
        // What it asked for. A notice that went instead holds a link, which is nobody's but the patient's.
        (Some(text), ..) => tx.open("message", "text", &id, text)?,
        (None, Some(body), _) if rendering != Some(Rendering::Notice) => tx.open("message", "body", &id, body)?,
        _ => Phi::new(String::new()),
    };
    Ok(TextView {
        id,
        direction: word(Direction::parse(row.text(1)?), "application_text", "direction")?,
        sender: SenderId::from_bytes(row.id(2)?),
        sender_address: row.text(18)?.to_owned(),
        by_service: row.bool(3)?,
        number: people::phone(&tx.open("application_text", "number", &id, row.blob(4)?)?)?,
        step: word(Step::parse(row.text(5)?), "application_text", "step")?,
        error_code: row.opt_int(6)?,
        body,
        rendering,
        created_at: from_micros(row.int(7)?),
        updated_at: from_micros(row.int(8)?),
        hidden: row.opt_int(9)?.is_some(),
        sent_at: row.opt_int(14)?.or(row.opt_int(17)?).map(from_micros),
        due_at: row.opt_int(15)?.map(from_micros),
    })
}
