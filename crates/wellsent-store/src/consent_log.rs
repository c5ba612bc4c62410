//! The log of consent events: every act about permissions, as it was done. It only grows.

use crate::entry::Entry;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Act, Category, Channel, ConsentAct, Directive, Event};
use wellsent_domain::quiet::Window;
use wellsent_domain::{ConsentEventId, ContactPointId, EvidenceId, Language, PersonId};

statements! {
    INSERT = "INSERT INTO consent_event (id, practice_id, person_id, contact_point_id, act, category, written, confirmed, directive, opens, closes, ends_id, until_day, channel, wording_digest, language, evidence_id, actor, at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19 FROM person WHERE practice_id = $2 AND id = $3 AND ($20 OR EXISTS (SELECT 1 FROM contact_point WHERE practice_id = $2 AND person_id = $3 AND id = $4))";
    OF_PERSON = "SELECT id, contact_point_id, act, category, written, confirmed, directive, opens, closes, ends_id, until_day, at FROM consent_event WHERE practice_id = $1 AND person_id = $2 ORDER BY at, id";
    LINES = "SELECT id, contact_point_id, act, category, written, confirmed, directive, opens, closes, ends_id, until_day, at, channel, language, actor, wording_digest, evidence_id FROM consent_event WHERE practice_id = $1 AND person_id = $2 ORDER BY at DESC, id DESC LIMIT $3";
    SINCE = "SELECT person_id, act, category, channel, at FROM consent_event WHERE practice_id = $1 AND at >= $2 AND act IN ('granted', 'revoked', 'suppressed', 'resumed', 'warned', 'warning_accepted', 'verified') ORDER BY at, id LIMIT $3";
}

/// How an act about consent reached the practice.
#[derive(Debug, Clone, Copy)]
pub struct ConsentRecord {
    /// Whose.
    pub person: PersonId,
    /// For which number.
    pub contact_point: ContactPointId,
    /// By which way.
    pub channel: Channel,
    /// The wording that was shown, by its digest, where one was (see [`crate::consent_wordings`]).
    pub wording: Option<[u8; 32]>,
    /// In which language.
    pub language: Option<Language>,
    /// What shows it.
    pub evidence: Option<EvidenceId>,
    /// When it was done.
    pub at: Timestamp,
}

/// A line of the consent log, for pages.
#[derive(Debug, Clone)]
pub struct ConsentLine {
    /// The event.
    pub event: Event,
    /// By which way.
    pub channel: Channel,
    /// In which language.
    pub language: Option<Language>,
    /// Who recorded it.
    pub actor: String,
    /// The wording that was shown.
    pub wording: Option<[u8; 32]>,
    /// What shows it.
    pub evidence: Option<EvidenceId>,
}

/// Writes an act for a number into the log.
pub(crate) fn append(tx: &mut Tx<'_, '_>, record: ConsentRecord, act: Act) -> Result<ConsentEventId, StoreError> {
    write(tx, record, Some(record.contact_point), act)
}

/// Writes an act that is about the person whatever the number.
pub(crate) fn append_for_person(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    channel: Channel,
    evidence: Option<EvidenceId>,
    at: Timestamp,
    act: Act,
) -> Result<ConsentEventId, StoreError> {
    let nowhere = ContactPointId::from_bytes([0; 16]);
    write(tx, ConsentRecord { person, contact_point: nowhere, channel, wording: None, language: None, evidence, at }, None, act)
}

fn write(tx: &mut Tx<'_, '_>, record: ConsentRecord, contact: Option<ContactPointId>, act: Act) -> Result<ConsentEventId, StoreError> {
    let id = tx.fresh(record.at, ConsentEventId::from_uuid);
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    let (written, confirmed) = match act {
        Act::Granted { written, confirmed, .. } => (written, confirmed),
        _ => (false, false),
    };
    let directive = match act {
        Act::Directed(directive) => Some(directive),
        _ => None,
    };
    let window = directive.and_then(|directive| window(&directive));
    let ends = match act {
        Act::DirectiveEnded(event) | Act::AuthorizationEnded(event) => Some(event),
        _ => None,
    };
    let until = match act {
        Act::Authorized { until } => until,
        _ => None,
    };
    let added = tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            record.person.bytes(),
            contact.map(|id| id.bytes()),
            act.word().as_str(),
            act.category().map(Category::as_str),
            written,
            confirmed,
            directive.map(|directive| directive.as_str()),
            window.map(|(opens, _)| opens),
            window.map(|(_, closes)| closes),
            ends.map(|id| id.bytes()),
            until.map(|day| day.to_string()),
            record.channel.as_str(),
            record.wording,
            record.language.map(Language::as_str),
            record.evidence.map(|id| id.bytes()),
            actor,
            micros(record.at),
            contact.is_none(),
        ],
    )?;
    if added == 0 {
        return Err(StoreError::NotFound { what: "contact point" });
    }
    let mut entry = Entry::new("consent", record.at)
        .word("event", id)
        .word("person", record.person)
        .word_if("contact_point", contact)
        .word("act", act.word().as_str())
        .word_if("category", act.category().map(Category::as_str))
        .word_if("directive", directive.map(|directive| directive.as_str()))
        .word_if("ends", ends)
        .word("channel", record.channel.as_str())
        .word_if("evidence", record.evidence);
    if let Some(wording) = &record.wording {
        entry = entry.digest("wording", wording);
    }
    tx.record(record.at, entry);
    Ok(id)
}

/// The whole log of a person, oldest first: what stood at any instant is computed from it by [`wellsent_domain::consent::Permissions::at`].
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Vec<Event>, StoreError> {
    let practice = tx.practice();
    tx.query(OF_PERSON, &args![practice.bytes(), person.bytes()])?.iter().map(event).collect()
}

/// The consent log of a person for a page, the newest first.
pub fn lines(tx: &mut Tx<'_, '_>, person: PersonId, limit: i64) -> Result<Vec<ConsentLine>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(LINES, &args![practice.bytes(), person.bytes(), limit])?;
    rows.iter()
        .map(|row| {
            Ok(ConsentLine {
                event: event(row)?,
                channel: word(Channel::parse(row.text(12)?), "consent_event", "channel")?,
                language: row.opt_text(13)?.map(|text| word(Language::parse(text), "consent_event", "language")).transpose()?,
                actor: row.text(14)?.to_owned(),
                wording: row.opt_blob(15)?.map(digest).transpose()?,
                evidence: row.opt_id(16)?.map(EvidenceId::from_bytes),
            })
        })
        .collect()
}

/// An act of anybody, as reports count them.
#[derive(Debug, Clone, Copy)]
pub struct ActOfSomebody {
    /// Whose.
    pub person: PersonId,
    /// What was done.
    pub act: ConsentAct,
    /// About which category.
    pub category: Option<Category>,
    /// By which way.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
}

/// The acts of everybody since an instant, oldest first, at most `limit`.
pub fn since(tx: &mut Tx<'_, '_>, since: Timestamp, limit: i64) -> Result<Vec<ActOfSomebody>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(SINCE, &args![practice.bytes(), micros(since), limit])?;
    rows.iter()
        .map(|row| {
            Ok(ActOfSomebody {
                person: PersonId::from_bytes(row.id(0)?),
                act: word(ConsentAct::parse(row.text(1)?), "consent_event", "act")?,
                category: category(row, 2)?,
                channel: word(Channel::parse(row.text(3)?), "consent_event", "channel")?,
                at: from_micros(row.int(4)?),
            })
        })
        .collect()
}

fn digest(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::corrupt("consent_event", "wording_digest"))
}

fn category(row: &Row, column: usize) -> Result<Option<Category>, StoreError> {
    row.opt_text(column)?.map(|text| word(Category::parse(text), "consent_event", "category")).transpose()
}

fn event(row: &Row) -> Result<Event, StoreError> {
    let act = word(ConsentAct::parse(row.text(2)?), "consent_event", "act")?;
    let category = || -> Result<Category, StoreError> { category(row, 3)?.ok_or(StoreError::corrupt("consent_event", "category")) };
    let ends = || -> Result<ConsentEventId, StoreError> {
        Ok(ConsentEventId::from_bytes(row.opt_id(9)?.ok_or(StoreError::corrupt("consent_event", "ends_id"))?))
    };
    Ok(Event {
        id: ConsentEventId::from_bytes(row.id(0)?),
        contact_point: row.opt_id(1)?.map(ContactPointId::from_bytes),
        act: match act {
            ConsentAct::Granted => Act::Granted { category: category()?, written: row.bool(4)?, confirmed: row.bool(5)? },
            ConsentAct::Revoked => Act::Revoked(category()?),
            ConsentAct::Confirmed => Act::Confirmed(category()?),
            ConsentAct::Warned => Act::Warned,
            ConsentAct::WarningAccepted => Act::WarningAccepted,
            ConsentAct::WarningWithdrawn => Act::WarningWithdrawn,
            ConsentAct::Authorized => Act::Authorized { until: row.opt_text(10)?.map(day).transpose()? },
            ConsentAct::AuthorizationEnded => Act::AuthorizationEnded(ends()?),
            ConsentAct::Directed => {
                let kind = row.opt_text(6)?.ok_or(StoreError::corrupt("consent_event", "directive"))?;
                Act::Directed(directive(kind, row.opt_int(7)?, row.opt_int(8)?)?)
            }
            ConsentAct::DirectiveEnded => Act::DirectiveEnded(ends()?),
            ConsentAct::CodeAsked => Act::CodeAsked,
            ConsentAct::Verified => Act::Verified,
            ConsentAct::NumberConfirmed => Act::NumberConfirmed,
            ConsentAct::NumberReplaced => Act::NumberReplaced,
            ConsentAct::Suppressed => Act::Suppressed,
            ConsentAct::Resumed => Act::Resumed,
        },
        at: from_micros(row.int(11)?),
    })
}

fn day(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt("consent_event", "until_day"))
}

/// The minutes of the day between which a directive allows texts.
pub(crate) fn window(directive: &Directive) -> Option<(i64, i64)> {
    let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    match directive {
        Directive::OnlyBetween(window) => Some((minutes(window.opens()), minutes(window.closes()))),
        Directive::NeverText | Directive::NotThisNumber | Directive::NothingClinical => None,
    }
}

/// Reads a directive as stored.
pub(crate) fn directive(kind: &str, opens: Option<i64>, closes: Option<i64>) -> Result<Directive, StoreError> {
    let time = |minute: Option<i64>| {
        let minute = minute.unwrap_or(0).clamp(0, 1439);
        Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0)
    };
    Ok(match kind {
        "never_text" => Directive::NeverText,
        "not_this_number" => Directive::NotThisNumber,
        "only_between" => Directive::OnlyBetween(Window::new(time(opens), time(closes))),
        "nothing_clinical" => Directive::NothingClinical,
        _ => return Err(StoreError::corrupt("directive", "kind")),
    })
}
