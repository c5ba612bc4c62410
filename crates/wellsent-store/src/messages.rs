//! Messages: adding those that are not reminders, reading them, and moving them between states.

use crate::numbers::{self, NumberKey};
use crate::when::{from_micros, micros, opt_micros};
use crate::words::word;
use crate::{StoreError, Tx, application_callbacks};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::Category;
use wellsent_domain::gate::{Origin, PlannedVisit};
use wellsent_domain::message::{MessageState, Programme, Purpose};
use wellsent_domain::{
    AppointmentId, ConsentEventId, ContactPointId, InboundId, Language, MessageId, PersonId, Phi, PhoneNumber, StaffId, Tier,
};
use wellsent_text::template::Variable;

statements! {
    INSERT = "INSERT INTO message (id, practice_id, person_id, contact_point_id, number_idx, occurrence, programme, category, purpose, origin, origin_id, origin_at, template, language, text_sealed, number_sealed, due_at, next_at, useful_until, urgent, state, state_at, attempts, counted, prompt, created_at, values_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18, $19, 'planned', $20, 0, $21, $22, $20, $23) ON CONFLICT (practice_id, occurrence) DO NOTHING";
    INSERT_VISIT = "INSERT INTO message_visit (message_id, ordinal, practice_id, appointment_id, version) VALUES ($1, $2, $3, $4, $5)";
    BY_OCCURRENCE = "SELECT id FROM message WHERE practice_id = $1 AND occurrence = $2";
    pub(crate) GET = "SELECT id, person_id, contact_point_id, number_idx, programme, category, purpose, origin, origin_id, origin_at, template, language, text_sealed, number_sealed, due_at, next_at, useful_until, urgent, state, state_at, attempts, released_at, body_sealed, rendering, tier, created_at, values_sealed FROM message WHERE practice_id = $1 AND id = $2";
    VISITS = "SELECT appointment_id, version FROM message_visit WHERE practice_id = $1 AND message_id = $2 ORDER BY ordinal";
    DECIDE = "UPDATE message SET state = $3, state_at = $4, next_at = $4, origin = $5 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'review'";
    DUE_PRACTICES = "SELECT min(next_at) FROM message WHERE practice_id = $1 AND state = 'planned'";
    COUNT_WAITING = "SELECT (SELECT count(*) FROM message WHERE practice_id = $1 AND state = 'planned') + (SELECT count(*) FROM message WHERE practice_id = $1 AND state IN ('submitting', 'unknown', 'review'))";
    ASK_AGAIN = "UPDATE message SET next_at = $3 WHERE practice_id = $1 AND number_idx = $2 AND state = 'planned' AND due_at <= $3 AND next_at > $3";
    RETIRE = "UPDATE message SET state = 'delivered', state_at = $2, released_at = $2 WHERE practice_id = $1 AND state = 'planned' AND next_at <= $2";
    SUBMISSION_TIMES = "SELECT a.closed_at - m.created_at FROM attempt a JOIN message m ON m.id = a.message_id WHERE a.practice_id = $1 AND a.closed_at IS NOT NULL AND m.created_at >= $2 AND a.started_at >= $2";
    WITHDRAW = "UPDATE message SET state = 'withdrawn', state_at = $3, values_sealed = NULL WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') IN ('planned', 'review')";
}

/// A message to be added. What sets it apart from every other is its occurrence: adding it again adds nothing (P4, I19).
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// What makes it this one and no other.
    pub occurrence: String,
    /// To whom it speaks.
    pub person: Option<PersonId>,
    /// At which contact point.
    pub contact_point: Option<ContactPointId>,
    /// The number, where no contact point has it.
    pub number: Phi<PhoneNumber>,
    /// Who wants it.
    pub programme: Programme,
    /// Which consent it needs.
    pub category: Category,
    /// Why PHI is used.
    pub purpose: Purpose,
    /// What set it off.
    pub origin: Origin,
    /// The template; "text" for free text.
    pub template: String,
    /// The language.
    pub language: Language,
    /// Free text, where it is not a template's.
    pub text: Option<Phi<String>>,
    /// Values for the template that are known only to whoever asks for the text: a code, a link. They are forgotten when it has left.
    pub values: Vec<(Variable, Phi<String>)>,
    /// The visits that it speaks of.
    pub visits: Vec<PlannedVisit>,
    /// What its answers stand for: "single", "numbered", or "which:confirm" and "which:reschedule" for a question.
    pub prompt: Option<&'static str>,
    /// From when it may go.
    pub due_at: Timestamp,
    /// After which it is dropped.
    pub useful_until: Timestamp,
    /// Whether twice is better than never (P4).
    pub urgent: bool,
}

/// A message as stored.
#[derive(Debug, Clone)]
pub struct StoredMessage {
    /// Its id.
    pub id: MessageId,
    /// To whom it speaks.
    pub person: Option<PersonId>,
    /// At which contact point.
    pub contact_point: Option<ContactPointId>,
    /// The key of its number.
    pub number: NumberKey,
    /// Who wants it.
    pub programme: Programme,
    /// Which consent it needs.
    pub category: Category,
    /// Why PHI is used.
    pub purpose: Purpose,
    /// What set it off.
    pub origin: Origin,
    /// The template.
    pub template: String,
    /// The language.
    pub language: Language,
    /// Free text.
    pub text: Option<Phi<String>>,
    /// Values of its own for the template.
    pub values: Vec<(Variable, Phi<String>)>,
    /// From when it may go, by the plan.
    pub due_at: Timestamp,
    /// When the gate is asked next.
    pub next_at: Timestamp,
    /// After which it is dropped.
    pub useful_until: Timestamp,
    /// Whether twice is better than never.
    pub urgent: bool,
    /// Where it stands.
    pub state: MessageState,
    /// Since when.
    pub state_at: Timestamp,
    /// Attempts so far.
    pub attempts: i64,
    /// When the gate released it.
    pub released_at: Option<Timestamp>,
    /// What went.
    pub body: Option<Phi<String>>,
    /// In which wording.
    pub rendering: Option<String>,
    /// Of which tier.
    pub tier: Option<Tier>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Adds a message; `None` if its occurrence exists already.
pub fn add(tx: &mut Tx<'_, '_>, new: &NewMessage, now: Timestamp) -> Result<Option<MessageId>, StoreError> {
    let id = tx.fresh(now, MessageId::from_uuid);
    let practice = tx.practice();
    let number = numbers::key(tx, *new.number.expose());
    numbers::ensure(tx, number)?;
    let occurrence = tx.index("occurrence", new.occurrence.as_bytes());
    let text_sealed = new.text.as_ref().map(|text| tx.seal("message", "text", &id.bytes(), text.expose().as_bytes()));
    let number_sealed = match new.contact_point {
        Some(_) => None,
        None => Some(tx.seal("message", "number", &id.bytes(), new.number.expose().as_e164().as_ref())),
    };
    let values_sealed = (!new.values.is_empty()).then(|| tx.seal("message", "values", &id.bytes(), values_text(&new.values).as_bytes()));
    let (origin, origin_id, origin_at) = origin_columns(&new.origin);
    let counted = !new.origin.is_answer() && !matches!(new.origin, Origin::Staff { .. });
    let added = tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            new.person.map(|id| id.bytes()),
            new.contact_point.map(|id| id.bytes()),
            number.0,
            occurrence,
            new.programme.as_str(),
            new.category.as_str(),
            new.purpose.as_str(),
            origin,
            origin_id,
            opt_micros(origin_at),
            &new.template,
            new.language.as_str(),
            text_sealed,
            number_sealed,
            micros(new.due_at),
            micros(new.useful_until),
            new.urgent,
            micros(now),
            counted,
            new.prompt,
            values_sealed,
        ],
    )?;
    if added == 0 {
        return Ok(None);
    }
    let visits: Vec<_> = new
        .visits
        .iter()
        .enumerate()
        .map(|(n, visit)| args![id.bytes(), n as i64 + 1, practice.bytes(), visit.appointment.bytes(), visit.version])
        .collect();
    tx.execute_many(INSERT_VISIT, &visits)?;
    Ok(Some(id))
}

/// The message of an occurrence.
pub fn by_occurrence(tx: &mut Tx<'_, '_>, occurrence: &str) -> Result<Option<MessageId>, StoreError> {
    let (practice, occurrence) = (tx.practice(), tx.index("occurrence", occurrence.as_bytes()));
    let row = tx.query_opt(BY_OCCURRENCE, &args![practice.bytes(), occurrence])?;
    row.map(|row| Ok(MessageId::from_bytes(row.id(0)?))).transpose()
}

/// A message.
pub fn get(tx: &mut Tx<'_, '_>, id: MessageId) -> Result<StoredMessage, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "message" })?;
    message(tx, &row)
}

/// The visits that a message speaks of.
pub fn visits(tx: &mut Tx<'_, '_>, id: MessageId) -> Result<Vec<PlannedVisit>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(VISITS, &args![practice.bytes(), id.bytes()])?;
    rows.iter().map(|row| Ok(PlannedVisit { appointment: AppointmentId::from_bytes(row.id(0)?), version: row.int(1)? })).collect()
}

/// When the next message of the practice is due.
pub fn next_due(tx: &mut Tx<'_, '_>) -> Result<Option<Timestamp>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(DUE_PRACTICES, &args![practice.bytes()])?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map(from_micros))
}

/// A person's decision on a message in review: send it after all, or do not.
pub fn decide(tx: &mut Tx<'_, '_>, id: MessageId, send: bool, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let origin = match get(tx, id)?.origin {
        Origin::Staff { .. } => "staff_override",
        ref other => origin_columns(other).0,
    };
    let state = if send { "planned" } else { "withdrawn" };
    let changed = tx.execute(DECIDE, &args![practice.bytes(), id.bytes(), state, micros(now), origin])?;
    if changed == 0 {
        return Err(StoreError::Stale { what: "message" });
    }
    tx.record(now, crate::entry::Entry::new("review_decision", now).word("message", id).word("decision", state));
    application_callbacks::note_moves(tx, &[id], now)
}

/// How many messages wait for their time, an answer or a decision.
pub fn count_waiting(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    Ok(tx.query_opt(COUNT_WAITING, &args![practice.bytes()])?.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// Marks everything planned up to an instant as delivered then, without sending: the benchmark fills tables with it.
pub fn retire_planned(tx: &mut Tx<'_, '_>, at: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(RETIRE, &args![practice.bytes(), micros(at)])?;
    Ok(())
}

/// For messages made since an instant: microseconds from being stored to the carrier's recorded answer.
pub fn submission_times(tx: &mut Tx<'_, '_>, since: Timestamp) -> Result<Vec<i64>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(SUBMISSION_TIMES, &args![practice.bytes(), micros(since)])?;
    rows.iter().map(|row| Ok(row.int(0)?)).collect()
}

/// Has the gate asked at once about whatever waits for a number although its time has come.
pub fn ask_again(tx: &mut Tx<'_, '_>, number: NumberKey, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(ASK_AGAIN, &args![practice.bytes(), number.0, micros(now)])?;
    Ok(())
}

/// Takes back a message that has not left.
pub fn withdraw(tx: &mut Tx<'_, '_>, id: MessageId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(WITHDRAW, &args![practice.bytes(), id.bytes(), micros(now)])? == 0 {
        return Err(StoreError::Stale { what: "message" });
    }
    tx.record(now, crate::entry::Entry::new("withdrawn", now).word("message", id));
    application_callbacks::note_moves(tx, &[id], now)
}

pub(crate) fn origin_columns(origin: &Origin) -> (&'static str, Option<[u8; 16]>, Option<Timestamp>) {
    match origin {
        Origin::Automated => ("automated", None, None),
        Origin::StopConfirmation { answers, received_at } => ("stop_confirmation", Some(answers.bytes()), Some(*received_at)),
        Origin::Help { answers } => ("help", Some(answers.bytes()), None),
        Origin::Answer { answers } => ("answer", Some(answers.bytes()), None),
        Origin::Staff { by, overridden: false } => ("staff", Some(by.bytes()), None),
        Origin::Staff { by, overridden: true } => ("staff_override", Some(by.bytes()), None),
        Origin::Code { request } => ("code", Some(request.bytes()), None),
        Origin::Emergency { approver, until } => ("emergency", Some(approver.bytes()), Some(*until)),
    }
}

pub(crate) fn origin(kind: &str, id: Option<[u8; 16]>, at: Option<i64>) -> Result<Origin, StoreError> {
    let corrupt = StoreError::corrupt("message", "origin");
    Ok(match (kind, id, at) {
        ("automated", ..) => Origin::Automated,
        ("stop_confirmation", Some(id), Some(at)) => {
            Origin::StopConfirmation { answers: InboundId::from_bytes(id), received_at: from_micros(at) }
        }
        ("help", Some(id), _) => Origin::Help { answers: InboundId::from_bytes(id) },
        ("answer", Some(id), _) => Origin::Answer { answers: InboundId::from_bytes(id) },
        ("staff", Some(id), _) => Origin::Staff { by: StaffId::from_bytes(id), overridden: false },
        ("staff_override", Some(id), _) => Origin::Staff { by: StaffId::from_bytes(id), overridden: true },
        ("code", Some(id), _) => Origin::Code { request: ConsentEventId::from_bytes(id) },
        ("emergency", Some(id), Some(at)) => Origin::Emergency { approver: StaffId::from_bytes(id), until: from_micros(at) },
        _ => return Err(corrupt),
    })
}

/// One value a line, `name=value`.
fn values_text(values: &[(Variable, Phi<String>)]) -> String {
    values.iter().map(|(variable, value)| format!("{}={}\n", variable.name(), value.expose().replace(['\r', '\n'], " "))).collect()
}

fn values(text: &str) -> Result<Vec<(Variable, Phi<String>)>, StoreError> {
    let corrupt = StoreError::corrupt("message", "values");
    let value = |line: &str| {
        let (name, value) = line.split_once('=')?;
        Some((Variable::parse(name)?, Phi::new(value.to_owned())))
    };
    text.lines().map(value).collect::<Option<_>>().ok_or(corrupt)
}

/// Reads the columns of `GET`, in its order.
pub(crate) fn message(tx: &Tx<'_, '_>, row: &Row) -> Result<StoredMessage, StoreError> {
    let id = row.id(0)?;
    Ok(StoredMessage {
        id: MessageId::from_bytes(id),
        person: row.opt_id(1)?.map(PersonId::from_bytes),
        contact_point: row.opt_id(2)?.map(ContactPointId::from_bytes),
        number: NumberKey(row.id(3)?),
        programme: word(Programme::parse(row.text(4)?), "message", "programme")?,
        category: word(Category::parse(row.text(5)?), "message", "category")?,
        purpose: word(Purpose::parse(row.text(6)?), "message", "purpose")?,
        origin: origin(row.text(7)?, row.opt_id(8)?, row.opt_int(9)?)?,
        template: row.text(10)?.to_owned(),
        language: word(Language::parse(row.text(11)?), "message", "language")?,
        text: row.opt_blob(12)?.map(|sealed| tx.open("message", "text", &id, sealed)).transpose()?,
        due_at: from_micros(row.int(14)?),
        next_at: from_micros(row.int(15)?),
        useful_until: from_micros(row.int(16)?),
        urgent: row.bool(17)?,
        state: word(MessageState::parse(row.text(18)?), "message", "state")?,
        state_at: from_micros(row.int(19)?),
        attempts: row.int(20)?,
        released_at: row.opt_int(21)?.map(from_micros),
        body: row.opt_blob(22)?.map(|sealed| tx.open("message", "body", &id, sealed)).transpose()?,
        rendering: row.opt_text(23)?.map(str::to_owned),
        tier: row.opt_text(24)?.map(|text| word(Tier::parse(text), "message", "tier")).transpose()?,
        created_at: from_micros(row.int(25)?),
        values: match row.opt_blob(26)? {
            Some(sealed) => values(tx.open("message", "values", &id, sealed)?.expose())?,
            None => Vec::new(),
        },
    })
}
