//! What applications are to be called about: written in the transaction of the event itself, so that none is lost (P5), and kept until the
//! application has acknowledged it or a day has passed.
//!
//! A row names the event and no more. What the call says is read when it is made, so that a text that was redacted in between stays so.

use crate::entry::Entry;
use crate::inbound::Unrouted;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx, application_texts, applications};
use application_texts::{NewText, TextView};
use applications::Application;
use jiff::Timestamp;
use std::collections::BTreeSet;
use wellsent_db::{args, statements};
use wellsent_domain::application::{Direction, Step, failure_code, refusal_code_of};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::inbound::CarrierOptOut;
use wellsent_domain::message::MessageState;
use wellsent_domain::{ApplicationId, CallbackId, MessageId, Phi};

statements! {
    OPEN_TEXT = "SELECT t.application_id, t.step, m.state, t.status_url_sealed IS NOT NULL, a.status_url IS NOT NULL, t.hidden_at IS NOT NULL FROM application_text t JOIN message m ON m.id = t.text_id AND m.practice_id = t.practice_id JOIN application a ON a.id = t.application_id WHERE t.practice_id = $1 AND t.text_id = $2";
    STEP = "UPDATE application_text SET step = $4, error_code = $5, updated_at = $6, sender_id = coalesce((SELECT a.sender_id FROM attempt a WHERE a.message_id = $3 ORDER BY a.n DESC LIMIT 1), sender_id) WHERE practice_id = $1 AND application_id = $2 AND text_id = $3 AND coalesce(step, '') = $7";
    FAILURE = "SELECT failure FROM attempt WHERE practice_id = $1 AND message_id = $2 AND failure IS NOT NULL ORDER BY n DESC LIMIT 1";
    RECEIPT_FAILURE = "SELECT r.failure FROM receipt r JOIN attempt a ON a.id = r.attempt_id WHERE a.practice_id = $1 AND a.message_id = $2 AND r.failure IS NOT NULL ORDER BY r.received_at DESC LIMIT 1";
    INSERT = "INSERT INTO application_callback (id, practice_id, application_id, text_id, kind, step, error_code, opt_out, made_at, next_at, tries, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0, 'waiting')";
    WAITING = "SELECT EXISTS (SELECT 1 FROM application_callback WHERE practice_id = $1 AND state = 'waiting' AND next_at <= $2)";
    DUE_TO = "SELECT application_id FROM application_callback WHERE practice_id = $1 AND state = 'waiting' AND next_at <= $2 GROUP BY application_id ORDER BY min(next_at)";
    TAKE = sqlite "SELECT c.id, c.application_id, c.text_id, c.kind, c.step, c.error_code, c.opt_out, c.made_at, c.tries FROM application_callback c WHERE c.practice_id = $1 AND c.application_id = $4 AND c.state = 'waiting' AND c.next_at <= $2 AND NOT EXISTS (SELECT 1 FROM application_callback e WHERE e.practice_id = c.practice_id AND e.application_id = c.application_id AND e.text_id = c.text_id AND e.state = 'waiting' AND e.id < c.id) ORDER BY c.next_at, c.id LIMIT $3"
        postgres "SELECT c.id, c.application_id, c.text_id, c.kind, c.step, c.error_code, c.opt_out, c.made_at, c.tries FROM application_callback c WHERE c.practice_id = $1 AND c.application_id = $4 AND c.state = 'waiting' AND c.next_at <= $2 AND NOT EXISTS (SELECT 1 FROM application_callback e WHERE e.practice_id = c.practice_id AND e.application_id = c.application_id AND e.text_id = c.text_id AND e.state = 'waiting' AND e.id < c.id) ORDER BY c.next_at, c.id LIMIT $3 FOR UPDATE OF c SKIP LOCKED";
    TAKEN = "UPDATE application_callback SET next_at = $3, tries = tries + 1 WHERE practice_id = $1 AND id = $2";
    LATER = "UPDATE application_callback SET next_at = $3 WHERE practice_id = $1 AND id = $2 AND state = 'waiting'";
    END = "UPDATE application_callback SET state = $3, ended_at = $4 WHERE practice_id = $1 AND id = $2 AND state = 'waiting'";
    URL = "SELECT status_url_sealed FROM application_text WHERE practice_id = $1 AND application_id = $2 AND text_id = $3";
    COUNT = "SELECT state, count(*) FROM application_callback WHERE practice_id = $1 GROUP BY state";
}

/// What a call tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A step of one of the application's texts.
    Status,
    /// A patient's text.
    Inbound,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Inbound => "inbound",
        }
    }
}

/// A call that is due, with everything that it says.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its id.
    pub id: CallbackId,
    /// What it tells.
    pub kind: Kind,
    /// To whom.
    pub application: Application,
    /// The text; `None` where the application has deleted it.
    pub text: Option<TextView>,
    /// Which step is told.
    pub step: Step,
    /// Why the text did not go or arrive.
    pub error_code: Option<i64>,
    /// What the practice did with a patient's text by itself.
    pub opt_out: Option<CarrierOptOut>,
    /// The address; `None` where there is none any more.
    pub url: Option<Phi<String>>,
    /// The token that it is signed with.
    pub token: Phi<String>,
    /// Since when it is due.
    pub made_at: Timestamp,
    /// How often it was tried before.
    pub tries: i64,
}

/// Messages have moved: whoever asked for them is to be told. A step that an application knows is not told again.
pub fn note_moves(tx: &mut Tx<'_, '_>, messages: &[MessageId], now: Timestamp) -> Result<(), StoreError> {
    if messages.is_empty() || !applications::any(tx)? {
        return Ok(());
    }
    let practice = tx.practice();
    let messages: BTreeSet<MessageId> = messages.iter().copied().collect();
    let keys: Vec<_> = messages.iter().map(|id| args![practice.bytes(), id.bytes()]).collect();
    let found = tx.query_many(OPEN_TEXT, &keys)?;
    for (message, rows) in messages.iter().zip(&found) {
        for row in rows {
            let application = ApplicationId::from_bytes(row.id(0)?);
            let known = word(Step::parse(row.text(1)?), "application_text", "step")?;
            let state = word(MessageState::parse(row.text(2)?), "message", "state")?;
            let next = Step::of(state, known);
            if next <= known {
                continue;
            }
            let error_code = match next {
                Step::Failed | Step::Undelivered => Some(why_not(tx, *message, state)?),
                _ => None,
            };
            let step =
                args![practice.bytes(), application.bytes(), message.bytes(), next.as_str(), error_code, micros(now), known.as_str(),];
            // Somebody else may have told of a step in the meantime, and this one with it.
            if tx.execute(STEP, &step)? == 0 {
                continue;
            }
            let wants_calls = (row.bool(3)? || row.bool(4)?) && !row.bool(5)?;
            for step in known.told_on_the_way_to(next).into_iter().filter(|_| wants_calls) {
                let code = error_code.filter(|_| step == next);
                insert(tx, application, message.bytes(), Kind::Status, step, code, None, now)?;
            }
        }
    }
    Ok(())
}

fn why_not(tx: &mut Tx<'_, '_>, message: MessageId, state: MessageState) -> Result<i64, StoreError> {
    if state == MessageState::Refused {
        return Ok(refusal_code_of(&application_texts::last_reasons(tx, message)?));
    }
    let key = args![tx.practice().bytes(), message.bytes()];
    for source in [RECEIPT_FAILURE, FAILURE] {
        let row = tx.query_opt(source, &key)?;
        if let Some(failure) = row.map(|row| row.text(0).map(Failure::parse)).transpose()?.flatten() {
            return Ok(failure_code(failure));
        }
    }
    Ok(failure_code(Failure::Other))
}

/// A patient's text is routed: the applications that use its sender see it, and are told (TW-08). What was written on a page behind a link is
/// not shown: it is no text.
pub(crate) fn note_inbound(tx: &mut Tx<'_, '_>, text: &Unrouted, meaning: &str, now: Timestamp) -> Result<(), StoreError> {
    if text.written_by.is_some() || !applications::any(tx)? {
        return Ok(());
    }
    let opt_out = text.opt_out.or(match meaning {
        "revocation" | "wrong_number" => Some(CarrierOptOut::Stop),
        "start" => Some(CarrierOptOut::Start),
        "help" => Some(CarrierOptOut::Help),
        _ => None,
    });
    for id in applications::of_sender(tx, text.sender)? {
        let application = applications::get(tx, id)?;
        let new = NewText {
            application: id,
            text: text.id.bytes(),
            direction: Direction::Inbound,
            sender: text.sender,
            by_service: false,
            number: text.from.clone(),
            step: Step::Received,
            status_url: None,
            hidden: false,
        };
        application_texts::add(tx, &new, now)?;
        tx.record(now, Entry::new("disclosed", now).word("application", id).word("inbound", text.id));
        if application.inbound_url.is_some() {
            insert(tx, id, text.id.bytes(), Kind::Inbound, Step::Received, None, opt_out, now)?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the columns of a row, once")]
fn insert(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    text: [u8; 16],
    kind: Kind,
    step: Step,
    error_code: Option<i64>,
    opt_out: Option<CarrierOptOut>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (id, practice) = (tx.fresh(now, CallbackId::from_uuid), tx.practice());
    let opt_out = opt_out.map(CarrierOptOut::as_str);
    tx.execute(
        INSERT,
        &args![id.bytes(), practice.bytes(), application.bytes(), text, kind.as_str(), step.as_str(), error_code, opt_out, micros(now),],
    )?;
    Ok(())
}

/// Whether a call is due.
pub fn waiting(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    Ok(tx.query_opt(WAITING, &args![practice.bytes(), micros(now)])?.map(|row| row.bool(0)).transpose()?.unwrap_or(false))
}

/// Takes calls that are due, at most `each` for one application and something for each, however much waits for another; and of one text only the
/// earliest: steps arrive in their order. Nobody else takes them before `until`.
pub fn take(tx: &mut Tx<'_, '_>, limit: i64, each: i64, until: Timestamp, now: Timestamp) -> Result<Vec<Due>, StoreError> {
    let practice = tx.practice();
    let due_to = tx.query(DUE_TO, &args![practice.bytes(), micros(now)])?;
    let share = (limit / (due_to.len() as i64).max(1)).clamp(1, each);
    let mut rows = Vec::new();
    for application in &due_to {
        let room = share.min(limit - rows.len() as i64);
        rows.extend(tx.query(TAKE, &args![practice.bytes(), micros(now), room, application.id(0)?])?);
    }
    let mut taken: Vec<Due> = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = ApplicationId::from_bytes(row.id(1)?);
        let application = match taken.iter().find(|due| due.application.id == id) {
            Some(due) => due.application.clone(),
            None => applications::get(tx, id)?,
        };
        let (callback, text) = (CallbackId::from_bytes(row.id(0)?), row.id(2)?);
        let kind = match row.text(3)? {
            "status" => Kind::Status,
            "inbound" => Kind::Inbound,
            _ => return Err(StoreError::corrupt("application_callback", "kind")),
        };
        let url = match kind {
            Kind::Inbound => application.inbound_url.clone().map(Phi::new),
            Kind::Status => status_url(tx, &application, text)?,
        };
        let token = applications::token(tx, id)?;
        taken.push(Due {
            id: callback,
            kind,
            text: application_texts::get(tx, id, text)?.filter(|text| !text.hidden),
            application,
            step: word(Step::parse(row.text(4)?), "application_callback", "step")?,
            error_code: row.opt_int(5)?,
            opt_out: row.opt_text(6)?.and_then(CarrierOptOut::parse),
            url,
            token,
            made_at: from_micros(row.int(7)?),
            tries: row.int(8)?,
        });
        tx.execute(TAKEN, &args![practice.bytes(), callback.bytes(), micros(until)])?;
    }
    Ok(taken)
}

fn status_url(tx: &mut Tx<'_, '_>, application: &Application, text: [u8; 16]) -> Result<Option<Phi<String>>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(URL, &args![practice.bytes(), application.id.bytes(), text])?;
    match row.map(|row| row.opt_blob(0).map(|sealed| sealed.map(<[u8]>::to_vec))).transpose()?.flatten() {
        Some(sealed) => tx.open("application_text", "status_url", &text, &sealed).map(Some),
        None => Ok(application.status_url.clone().map(Phi::new)),
    }
}

/// The application acknowledged a call. `false` if that was known already.
pub fn done(tx: &mut Tx<'_, '_>, id: CallbackId, now: Timestamp) -> Result<bool, StoreError> {
    end(tx, id, "done", now)
}

/// A call is given up.
pub fn give_up(tx: &mut Tx<'_, '_>, id: CallbackId, application: ApplicationId, now: Timestamp) -> Result<(), StoreError> {
    if end(tx, id, "given_up", now)? {
        tx.record(now, Entry::new("callback_given_up", now).word("callback", id).word("application", application));
    }
    Ok(())
}

fn end(tx: &mut Tx<'_, '_>, id: CallbackId, state: &'static str, now: Timestamp) -> Result<bool, StoreError> {
    let practice = tx.practice();
    Ok(tx.execute(END, &args![practice.bytes(), id.bytes(), state, micros(now)])? > 0)
}

/// A call is made again later.
pub fn again(tx: &mut Tx<'_, '_>, id: CallbackId, at: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(LATER, &args![practice.bytes(), id.bytes(), micros(at)])?;
    Ok(())
}

/// How many calls wait, were acknowledged and were given up.
pub fn counts(tx: &mut Tx<'_, '_>) -> Result<(i64, i64, i64), StoreError> {
    let practice = tx.practice();
    let mut counts = (0, 0, 0);
    for row in tx.query(COUNT, &args![practice.bytes()])? {
        match row.text(0)? {
            "waiting" => counts.0 = row.int(1)?,
            "done" => counts.1 = row.int(1)?,
            _ => counts.2 = row.int(1)?,
        }
    }
    Ok(counts)
}
