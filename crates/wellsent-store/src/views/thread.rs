//! What was said with one number, both ways.

use super::day::reasons;
use crate::numbers::NumberKey;
use crate::when::from_micros;
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::gate::Reason;
use wellsent_domain::message::{MessageState, Programme};
use wellsent_domain::{InboundId, Language, MessageId, PageId, PersonId, Phi};

statements! {
    RECEIVED = "SELECT id, person_id, body_sealed, received_at, meaning, routed_at, page_id FROM inbound WHERE practice_id = $1 AND number_idx = $2 ORDER BY received_at DESC, id DESC LIMIT $3";
    SENT = "SELECT m.id, m.person_id, m.programme, m.origin, m.template, m.language, m.state, m.state_at, m.released_at, m.created_at, m.body_sealed, m.text_sealed, m.next_at, s.name, r.ruling, r.reasons, g.id, g.read_at, g.revoked_at, g.expires_at FROM message m LEFT JOIN staff s ON s.id = m.origin_id LEFT JOIN secure_page g ON g.message_id = m.id AND g.kind = 'message' LEFT JOIN ruling r ON r.message_id = m.id AND r.id = (SELECT y.id FROM ruling y WHERE y.message_id = m.id ORDER BY y.at DESC, y.id DESC LIMIT 1) WHERE m.practice_id = $1 AND m.number_idx = $2 AND (m.released_at IS NOT NULL OR m.text_sealed IS NOT NULL) ORDER BY coalesce(m.released_at, m.created_at) DESC, m.id DESC LIMIT $3";
}

/// One text of a conversation.
#[derive(Debug, Clone)]
pub enum Line {
    /// From the phone.
    Received(Received),
    /// To the phone.
    Sent(Sent),
}

/// A text that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its id.
    pub id: InboundId,
    /// Whose it is, where that is clear.
    pub person: Option<PersonId>,
    /// What it says.
    pub body: Phi<String>,
    /// When it came.
    pub at: Timestamp,
    /// What it was taken for; `None` until it is routed.
    pub meaning: Option<String>,
    /// Whether it was written on a page behind a link, and not texted.
    pub on_page: bool,
}

/// A text that went, is on its way, or was written and waits.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub id: MessageId,
    /// To whom it speaks.
    pub person: Option<PersonId>,
    /// Who wanted it.
    pub programme: Programme,
    /// The template.
    pub template: String,
    /// The member of staff who wrote it.
    pub staff: Option<String>,
    /// Its language.
    pub language: Language,
    /// Where it stands.
    pub state: MessageState,
    /// Whether the gate holds it.
    pub held: bool,
    /// The reasons of the last ruling.
    pub reasons: Vec<Reason>,
    /// When the gate is asked next.
    pub next_at: Timestamp,
    /// When it left, or else was written.
    pub at: Timestamp,
    /// What it says.
    pub body: Phi<String>,
    /// The page that its link leads to.
    pub page: Option<PageMark>,
}

/// The page behind a notice, as far as a conversation shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMark {
    /// Which.
    pub id: PageId,
    /// When it was first read.
    pub read_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// When its link ends.
    pub expires_at: Timestamp,
}

impl Line {
    /// When it came, left or was written.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Received(line) => line.at,
            Self::Sent(line) => line.at,
        }
    }

    /// Whose it is.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Received(line) => line.person,
            Self::Sent(line) => line.person,
        }
    }
}

/// The texts with a number, the oldest first, at most `limit` each way.
pub fn at(tx: &mut Tx<'_, '_>, number: NumberKey, limit: i64) -> Result<Vec<Line>, StoreError> {
    Ok(at_each(tx, &[number], limit)?.pop().unwrap_or_default())
}

/// The texts with each of these numbers, in the order of the numbers.
pub fn at_each(tx: &mut Tx<'_, '_>, numbers: &[NumberKey], limit: i64) -> Result<Vec<Vec<Line>>, StoreError> {
    let practice = tx.practice();
    let keys: Vec<_> = numbers.iter().map(|number| args![practice.bytes(), number.0, limit]).collect();
    let received = tx.query_many(RECEIVED, &keys)?;
    let sent = tx.query_many(SENT, &keys)?;
    let mut threads = Vec::with_capacity(numbers.len());
    for (received, sent) in received.iter().zip(&sent) {
        let mut lines = Vec::with_capacity(received.len() + sent.len());
        for row in received.iter().rev() {
            lines.push(Line::Received(receipt(tx, row)?));
        }
        for row in sent.iter().rev() {
            if let Some(line) = sending(tx, row)? {
                lines.push(Line::Sent(line));
            }
        }
        lines.sort_by_key(Line::at);
        threads.push(lines);
    }
    Ok(threads)
}

/// The lines that belong to one person of a number, or, without a person, those of which nobody can say whose they are.
/// On a number that only one person has everything is theirs (P11).
pub fn of_person(lines: Vec<Line>, person: Option<PersonId>, shared: bool) -> Vec<Line> {
    if !shared {
        return lines;
    }
    lines.into_iter().filter(|line| line.person() == person).collect()
}

fn receipt(tx: &Tx<'_, '_>, row: &Row) -> Result<Received, StoreError> {
    let id = row.id(0)?;
    Ok(Received {
        id: InboundId::from_bytes(id),
        person: row.opt_id(1)?.map(PersonId::from_bytes),
        body: tx.open("inbound", "body", &id, row.blob(2)?)?,
        at: from_micros(row.int(3)?),
        meaning: row.opt_text(4)?.map(str::to_owned),
        on_page: row.opt_id(6)?.is_some(),
    })
}

fn sending(tx: &Tx<'_, '_>, row: &Row) -> Result<Option<Sent>, StoreError> {
    let id = row.id(0)?;
    let body = match (row.opt_blob(10)?, row.opt_blob(11)?) {
        (Some(sealed), _) => tx.open("message", "body", &id, sealed)?,
        (None, Some(sealed)) => tx.open("message", "text", &id, sealed)?,
        (None, None) => return Ok(None),
    };
    let by_staff = matches!(row.text(3)?, "staff" | "staff_override");
    Ok(Some(Sent {
        id: MessageId::from_bytes(id),
        person: row.opt_id(1)?.map(PersonId::from_bytes),
        programme: word(Programme::parse(row.text(2)?), "message", "programme")?,
        template: row.text(4)?.to_owned(),
        staff: row.opt_text(13)?.filter(|_| by_staff).map(str::to_owned),
        language: word(Language::parse(row.text(5)?), "message", "language")?,
        state: word(MessageState::parse(row.text(6)?), "message", "state")?,
        held: row.opt_text(14)? == Some("hold"),
        reasons: reasons(row.opt_text(15)?),
        next_at: from_micros(row.int(12)?),
        at: from_micros(row.opt_int(8)?.map_or_else(|| row.int(9), Ok)?),
        body,
        page: row
            .opt_id(16)?
            .map(|id| {
                Ok::<_, StoreError>(PageMark {
                    id: PageId::from_bytes(id),
                    read_at: row.opt_int(17)?.map(from_micros),
                    revoked_at: row.opt_int(18)?.map(from_micros),
                    expires_at: from_micros(row.int(19)?),
                })
            })
            .transpose()?,
    }))
}
