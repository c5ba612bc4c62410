//! Texts from patients: stored before they are acknowledged, routed after (P5).

use crate::entry::Entry;
use crate::numbers::{self, NumberKey};
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, application_callbacks, erasures, people};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::inbound::{Ask, CarrierOptOut, Prompt, PromptVisit, Wish};
use wellsent_domain::{AppointmentId, InboundId, MessageId, PageId, PersonId, Phi, PhoneNumber, SenderId};

statements! {
    KEEP = "INSERT INTO inbound (id, practice_id, sender_id, event_key, number_idx, number_sealed, body_sealed, opt_out, received_at, page_id, person_id, late) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (sender_id, event_key) DO NOTHING";
    UNROUTED = sqlite "SELECT id, number_idx, number_sealed, body_sealed, opt_out, received_at, sender_id, page_id, person_id, late FROM inbound WHERE practice_id = $1 AND routed_at IS NULL ORDER BY received_at, id LIMIT $2"
        postgres "SELECT id, number_idx, number_sealed, body_sealed, opt_out, received_at, sender_id, page_id, person_id, late FROM inbound WHERE practice_id = $1 AND routed_at IS NULL ORDER BY received_at, id LIMIT $2 FOR UPDATE SKIP LOCKED";
    FIRST_OF_NUMBER = "SELECT id FROM inbound WHERE practice_id = $1 AND number_idx = $2 AND routed_at IS NULL ORDER BY received_at, id LIMIT 1";
    WAITING = "SELECT EXISTS (SELECT 1 FROM inbound WHERE practice_id = $1 AND routed_at IS NULL)";
    COUNT_ROUTED = "SELECT count(*) FROM inbound WHERE practice_id = $1 AND routed_at IS NOT NULL";
    ROUTED = "UPDATE inbound SET routed_at = $3, person_id = $4, meaning = $5 WHERE practice_id = $1 AND id = $2";
    PROMPTS = "SELECT id, released_at, prompt FROM message WHERE practice_id = $1 AND number_idx = $2 AND released_at > $3 AND state IN ('submitting', 'submitted', 'unknown', 'delivered', 'undelivered') ORDER BY released_at DESC, id DESC LIMIT 12";
    PROMPT_VISITS = sqlite "SELECT v.appointment_id, a.person_id, v.version, a.version, a.status, a.starts_at FROM message_visit v JOIN appointment a ON a.id = v.appointment_id WHERE v.practice_id = $1 AND v.message_id = $2 ORDER BY v.ordinal"
        postgres "SELECT v.appointment_id, a.person_id, v.version, a.version, a.status, a.starts_at FROM message_visit v JOIN appointment a ON a.id = v.appointment_id WHERE v.practice_id = $1 AND v.message_id = $2 ORDER BY v.ordinal FOR SHARE OF a";
    OF_PAGE = "SELECT id, body_sealed, received_at FROM inbound WHERE practice_id = $1 AND page_id = $2 ORDER BY received_at, id LIMIT 100";
    SET_RECEIVED = "UPDATE inbound SET received_at = $3 WHERE practice_id = $1 AND id = $2";
    GET = "SELECT number_sealed, body_sealed, received_at, person_id FROM inbound WHERE practice_id = $1 AND id = $2";
}

/// A text whose signature was checked.
#[derive(Debug, Clone)]
pub struct NewInbound {
    /// The sender at whose address it came.
    pub sender: SenderId,
    /// What makes it this event and no other.
    pub event_key: [u8; 32],
    /// The phone.
    pub from: Phi<PhoneNumber>,
    /// The text.
    pub body: Phi<String>,
    /// What the carrier did with it by itself.
    pub opt_out: Option<CarrierOptOut>,
    /// The page on which it was written and whose page it is, where it was not texted.
    pub page: Option<(PageId, PersonId)>,
    /// Whether it was fetched from the carrier's log, because its callback was lost (TW-07).
    pub late: bool,
    /// The carrier's own name for it, where the carrier is to forget it once it is here (TW-17).
    pub erase: Option<String>,
}

/// A text that waits to be routed.
#[derive(Debug, Clone)]
pub struct Unrouted {
    /// Its id.
    pub id: InboundId,
    /// The key of its number.
    pub number: NumberKey,
    /// The phone.
    pub from: Phi<PhoneNumber>,
    /// The text.
    pub body: Phi<String>,
    /// What the carrier did with it by itself.
    pub opt_out: Option<CarrierOptOut>,
    /// When it came.
    pub received_at: Timestamp,
    /// At which sender.
    pub sender: SenderId,
    /// Who wrote it on a page behind a link, where it was not texted.
    pub written_by: Option<PersonId>,
    /// Whether it was fetched from the carrier's log, because its callback was lost.
    pub late: bool,
}

/// Keeps a text; `None` if it is known already. From this commit on nothing goes to its number until it is routed (P3).
pub fn keep(tx: &mut Tx<'_, '_>, new: &NewInbound, now: Timestamp) -> Result<Option<InboundId>, StoreError> {
    let id = tx.fresh(now, InboundId::from_uuid);
    let practice = tx.practice();
    let number = numbers::key(tx, *new.from.expose());
    let number_sealed = tx.seal("inbound", "number", &id.bytes(), new.from.expose().as_e164().as_ref());
    let body_sealed = tx.seal("inbound", "body", &id.bytes(), new.body.expose().as_bytes());
    let kept = tx.execute(
        KEEP,
        &args![
            id.bytes(),
            practice.bytes(),
            new.sender.bytes(),
            new.event_key,
            number.0,
            number_sealed,
            body_sealed,
            new.opt_out.map(CarrierOptOut::as_str),
            micros(now),
            new.page.map(|(page, _)| page.bytes()),
            new.page.map(|(_, person)| person.bytes()),
            new.late,
        ],
    )?;
    if kept == 0 {
        return Ok(None);
    }
    let received_at = numbers::inbound_stored(tx, number, new.page.is_none().then_some(new.sender), now)?;
    if received_at != now {
        tx.execute(SET_RECEIVED, &args![practice.bytes(), id.bytes(), micros(received_at)])?;
    }
    if let Some(carrier_message_id) = &new.erase {
        erasures::queue(tx, new.sender, carrier_message_id, true, now)?;
    }
    let body = tx.digest("inbound", new.body.expose().as_bytes());
    tx.record(now, Entry::new("inbound", now).word("inbound", id).word("sender", new.sender).digest("body", &body));
    Ok(Some(id))
}

/// Whether texts wait to be routed.
pub fn waiting(tx: &mut Tx<'_, '_>) -> Result<bool, StoreError> {
    let practice = tx.practice();
    Ok(tx.query_opt(WAITING, &args![practice.bytes()])?.map(|row| row.bool(0)).transpose()?.unwrap_or(false))
}

/// How many texts have been routed.
pub fn count_routed(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    Ok(tx.query_opt(COUNT_ROUTED, &args![practice.bytes()])?.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// Texts that wait, the oldest first.
///
/// Where another router has an earlier text of a number in its hands, or had when its process died and the database does not know that yet, the
/// number's later texts are left out: a STOP that was read before the START ahead of it would be undone by it (P3).
pub fn unrouted(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<Unrouted>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(UNROUTED, &args![practice.bytes(), limit])?;
    let mut waiting = rows.iter().map(|row| unrouted_row(tx, row)).collect::<Result<Vec<_>, _>>()?;
    let mut numbers: Vec<NumberKey> = waiting.iter().map(|text| text.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let by_number: Vec<_> = numbers.iter().map(|number| args![practice.bytes(), number.0]).collect();
    for (number, first) in numbers.iter().zip(tx.query_many(FIRST_OF_NUMBER, &by_number)?) {
        let first = first.first().map(|row| row.id(0)).transpose()?.map(InboundId::from_bytes);
        if !waiting.iter().any(|text| Some(text.id) == first) {
            waiting.retain(|text| text.number != *number);
        }
    }
    Ok(waiting)
}

fn unrouted_row(tx: &Tx<'_, '_>, row: &Row) -> Result<Unrouted, StoreError> {
    let id = row.id(0)?;
    Ok(Unrouted {
        id: InboundId::from_bytes(id),
        number: NumberKey(row.id(1)?),
        from: people::phone(&tx.open("inbound", "number", &id, row.blob(2)?)?)?,
        body: tx.open("inbound", "body", &id, row.blob(3)?)?,
        opt_out: row.opt_text(4)?.and_then(CarrierOptOut::parse),
        received_at: from_micros(row.int(5)?),
        sender: SenderId::from_bytes(row.id(6)?),
        written_by: row.opt_id(8)?.map(PersonId::from_bytes),
        late: row.bool(9)?,
    })
}

/// Notes that a text is routed, to whose thread it belongs, and what it was taken for.
pub fn set_routed(
    tx: &mut Tx<'_, '_>,
    inbound: &Unrouted,
    person: Option<PersonId>,
    meaning: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(ROUTED, &args![practice.bytes(), inbound.id.bytes(), micros(now), person.map(|id| id.bytes()), meaning])?;
    numbers::inbound_routed(tx, inbound.number)?;
    tx.record(now, Entry::new("routed", now).word("inbound", inbound.id).word_if("person", person).word("meaning", meaning));
    application_callbacks::note_inbound(tx, inbound, meaning, now)
}

/// What waits for an answer from a number.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    /// The prompts, newest first.
    pub prompts: Vec<Prompt>,
    /// Whether "which visit?" is the last thing that was asked.
    pub asked_which: bool,
    /// What the latest text to the number asks agreement to.
    pub ask: Option<Ask>,
}

/// The texts to a number that ask for an answer, newest first, with their visits as they are now. A visit cannot be moved before this
/// transaction ends, so that an answer to the old time is never recorded for the new one.
pub fn prompts(tx: &mut Tx<'_, '_>, number: NumberKey, since: Timestamp) -> Result<Prompts, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(PROMPTS, &args![practice.bytes(), number.0, micros(since)])?;
    let mut found = Prompts::default();
    for (position, row) in rows.iter().enumerate() {
        let Some(kind) = row.opt_text(2)? else { continue };
        let (is_which, numbered) = match kind {
            "single" => (false, None),
            "numbered" => (false, Some(Wish::Confirm)),
            kind if Ask::parse(kind).is_some() => {
                // What it asks is not about a visit.
                found.ask = if position == 0 { Ask::parse(kind) } else { found.ask };
                continue;
            }
            "which:confirm" => (true, Some(Wish::Confirm)),
            "which:reschedule" => (true, Some(Wish::Reschedule)),
            _ => return Err(StoreError::corrupt("message", "prompt")),
        };
        found.asked_which |= is_which && found.prompts.is_empty();
        let message = MessageId::from_bytes(row.id(0)?);
        let visits = tx.query(PROMPT_VISITS, &args![practice.bytes(), message.bytes()])?;
        let visits = visits
            .iter()
            .map(|row| {
                let status = AppointmentStatus::parse(row.text(4)?).ok_or(StoreError::corrupt("appointment", "status"))?;
                Ok(PromptVisit {
                    appointment: AppointmentId::from_bytes(row.id(0)?),
                    person: PersonId::from_bytes(row.id(1)?),
                    unchanged: row.int(2)? == row.int(3)? && status.is_coming(),
                    starts_at: from_micros(row.int(5)?),
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let sent_at = from_micros(row.opt_int(1)?.unwrap_or_default());
        found.prompts.push(Prompt { message, sent_at, is_latest: position == 0, visits, numbered });
    }
    Ok(found)
}

/// What was written on a page, oldest first.
pub fn of_page(tx: &mut Tx<'_, '_>, page: PageId) -> Result<Vec<(Phi<String>, Timestamp)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_PAGE, &args![practice.bytes(), page.bytes()])?;
    rows.iter()
        .map(|row| {
            let id = row.id(0)?;
            Ok((tx.open("inbound", "body", &id, row.blob(1)?)?, from_micros(row.int(2)?)))
        })
        .collect()
}

/// A text by its id: the phone, the text, when it came, whose thread.
pub fn get(tx: &mut Tx<'_, '_>, id: InboundId) -> Result<(Phi<PhoneNumber>, Phi<String>, Timestamp, Option<PersonId>), StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "text" })?;
    Ok((
        people::phone(&tx.open("inbound", "number", &id.bytes(), row.blob(0)?)?)?,
        tx.open("inbound", "body", &id.bytes(), row.blob(1)?)?,
        from_micros(row.int(2)?),
        row.opt_id(3)?.map(PersonId::from_bytes),
    ))
}
