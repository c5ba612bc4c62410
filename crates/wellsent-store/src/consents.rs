//! The log of consent events, and the consents that stand.

use crate::entry::Entry;
use crate::numbers;
use crate::people;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use jiff::civil::Time;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Category, Channel, ConsentAct, Directive, Standing};
use wellsent_domain::quiet::Window;
use wellsent_domain::{ConsentEventId, ContactPointId, Language, PersonId};

statements! {
    INSERT_EVENT = "INSERT INTO consent_event (id, practice_id, person_id, contact_point_id, category, act, channel, wording_version, language, actor, at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM contact_point WHERE practice_id = $2 AND person_id = $3 AND id = $4";
    GRANT = "INSERT INTO consent (contact_point_id, category, practice_id, event_id, granted_at, written, confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (contact_point_id, category) DO UPDATE SET event_id = excluded.event_id, granted_at = excluded.granted_at, written = excluded.written";
    REVOKE = "DELETE FROM consent WHERE practice_id = $1 AND contact_point_id = $2 AND category = $3";
    CONFIRM = "UPDATE consent SET confirmed_at = $4 WHERE practice_id = $1 AND contact_point_id = $2 AND category = $3 AND confirmed_at IS NULL";
    pub(crate) GET_FOR_CLAIM = sqlite "SELECT event_id, granted_at, written, confirmed_at FROM consent WHERE contact_point_id = $1 AND category = $2"
        postgres "SELECT event_id, granted_at, written, confirmed_at FROM consent WHERE contact_point_id = $1 AND category = $2 FOR SHARE";
    OF_CONTACT = "SELECT category, event_id, granted_at, written, confirmed_at FROM consent WHERE practice_id = $1 AND contact_point_id = $2 ORDER BY category";
    UNCONFIRMED = "SELECT c.contact_point_id, c.category, c.event_id, p.person_id, n.language FROM consent c JOIN contact_point p ON p.id = c.contact_point_id JOIN person n ON n.id = p.person_id WHERE p.practice_id = $1 AND p.number_idx = $2 AND p.state = 'live' AND c.confirmed_at IS NULL";
    SET_WARNING = "UPDATE contact_point SET warning = $3, warning_at = $4 WHERE practice_id = $1 AND id = $2";
    EVENTS = "SELECT id, contact_point_id, category, act, channel, language, actor, at FROM consent_event WHERE practice_id = $1 AND person_id = $2 ORDER BY at DESC, id DESC LIMIT $3";
    pub(crate) DIRECTIVES = "SELECT kind, contact_point_id, opens, closes FROM directive WHERE practice_id = $1 AND person_id = $2 AND ended_at IS NULL";
    INSERT_DIRECTIVE = "INSERT INTO directive (id, practice_id, person_id, contact_point_id, kind, opens, closes, recorded_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM person WHERE practice_id = $2 AND id = $3";
    HAS_DIRECTIVES = "UPDATE person SET has_directives = TRUE WHERE practice_id = $1 AND id = $2";
}

/// An act about consent, as it reaches the practice.
#[derive(Debug, Clone, Copy)]
pub struct ConsentRecord<'a> {
    /// Whose.
    pub person: PersonId,
    /// For which number.
    pub contact_point: ContactPointId,
    /// By which way.
    pub channel: Channel,
    /// The version of the wording that was shown, where one was.
    pub wording_version: Option<&'a str>,
    /// In which language.
    pub language: Option<Language>,
    /// When.
    pub at: Timestamp,
}

/// A line of the consent log.
#[derive(Debug, Clone)]
pub struct ConsentLine {
    /// The event.
    pub id: ConsentEventId,
    /// For which number.
    pub contact_point: ContactPointId,
    /// The category, where the act is about one.
    pub category: Option<Category>,
    /// What was done.
    pub act: ConsentAct,
    /// By which way.
    pub channel: Channel,
    /// Who recorded it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// Records consent to texts of a category. It also brings the person back after a revocation from this number: a fresh consent of their own
/// (P11). `confirmed` says that the opt-in confirmation went out before, as a source vouches (C-02).
pub fn grant(
    tx: &mut Tx<'_, '_>,
    record: ConsentRecord<'_>,
    category: Category,
    written: bool,
    confirmed: bool,
) -> Result<ConsentEventId, StoreError> {
    let id = event(tx, record, Some(category), ConsentAct::Granted)?;
    let practice = tx.practice();
    let confirmed_at = confirmed.then_some(micros(record.at));
    tx.execute(
        GRANT,
        &args![record.contact_point.bytes(), category.as_str(), practice.bytes(), id.bytes(), micros(record.at), written, confirmed_at],
    )?;
    let contact = people::contact_point(tx, record.contact_point)?;
    let revoked_before = numbers::get(tx, contact.number)?.and_then(|state| state.suppression);
    if revoked_before.is_some_and(|suppression| suppression.at <= record.at) {
        numbers::resume(tx, contact.number, record.person, record.channel, record.at)?;
    }
    crate::plans::mark(tx, contact.number, record.at)?;
    Ok(id)
}

/// Records that consent to a category is withdrawn for one person and number, for example at the desk.
pub fn revoke(tx: &mut Tx<'_, '_>, record: ConsentRecord<'_>, category: Category) -> Result<ConsentEventId, StoreError> {
    let id = event(tx, record, Some(category), ConsentAct::Revoked)?;
    let practice = tx.practice();
    tx.execute(REVOKE, &args![practice.bytes(), record.contact_point.bytes(), category.as_str()])?;
    let number = people::contact_point(tx, record.contact_point)?.number;
    crate::plans::mark(tx, number, record.at)?;
    Ok(id)
}

/// Records what happened to the warning about unencrypted texts (H-04).
pub fn record_warning(tx: &mut Tx<'_, '_>, record: ConsentRecord<'_>, act: ConsentAct) -> Result<ConsentEventId, StoreError> {
    let state = match act {
        ConsentAct::Warned => "shown",
        ConsentAct::WarningAccepted => "accepted",
        ConsentAct::WarningWithdrawn => "withdrawn",
        ConsentAct::Granted | ConsentAct::Revoked => return Err(StoreError::NotFound { what: "warning" }),
    };
    let id = event(tx, record, None, act)?;
    let practice = tx.practice();
    tx.execute(SET_WARNING, &args![practice.bytes(), record.contact_point.bytes(), state, micros(record.at)])?;
    Ok(id)
}

/// Records that the opt-in confirmation of a category has gone out (C-02).
pub fn confirm(tx: &mut Tx<'_, '_>, contact: ContactPointId, category: Category, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(CONFIRM, &args![practice.bytes(), contact.bytes(), category.as_str(), micros(now)])?;
    Ok(())
}

/// A consent whose opt-in confirmation has not gone out.
#[derive(Debug, Clone, Copy)]
pub struct Unconfirmed {
    /// For which number.
    pub contact_point: ContactPointId,
    /// Whose.
    pub person: PersonId,
    /// To what.
    pub category: Category,
    /// The event that gave it.
    pub event: ConsentEventId,
    /// In which language the person reads.
    pub language: Language,
}

/// The consents at a number whose opt-in confirmation has not gone out (C-02).
pub fn unconfirmed(tx: &mut Tx<'_, '_>, number: numbers::NumberKey) -> Result<Vec<Unconfirmed>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(UNCONFIRMED, &args![practice.bytes(), number.0])?;
    rows.iter()
        .map(|row| {
            Ok(Unconfirmed {
                contact_point: ContactPointId::from_bytes(row.id(0)?),
                category: word(Category::parse(row.text(1)?), "consent", "category")?,
                event: ConsentEventId::from_bytes(row.id(2)?),
                person: PersonId::from_bytes(row.id(3)?),
                language: word(Language::parse(row.text(4)?), "person", "language")?,
            })
        })
        .collect()
}

/// The consents that stand for a number of a person.
pub fn standing(tx: &mut Tx<'_, '_>, contact: ContactPointId) -> Result<Vec<(Category, Standing)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_CONTACT, &args![practice.bytes(), contact.bytes()])?;
    rows.iter()
        .map(|row| {
            let category = word(Category::parse(row.text(0)?), "consent", "category")?;
            Ok((
                category,
                Standing {
                    event: ConsentEventId::from_bytes(row.id(1)?),
                    at: from_micros(row.int(2)?),
                    written: row.bool(3)?,
                    confirmed: row.opt_int(4)?.is_some(),
                },
            ))
        })
        .collect()
}

/// The consent log of a person, the newest first.
pub fn log(tx: &mut Tx<'_, '_>, person: PersonId, limit: i64) -> Result<Vec<ConsentLine>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(EVENTS, &args![practice.bytes(), person.bytes(), limit])?;
    rows.iter()
        .map(|row| {
            Ok(ConsentLine {
                id: ConsentEventId::from_bytes(row.id(0)?),
                contact_point: ContactPointId::from_bytes(row.id(1)?),
                category: row.opt_text(2)?.map(|text| word(Category::parse(text), "consent_event", "category")).transpose()?,
                act: word(ConsentAct::parse(row.text(3)?), "consent_event", "act")?,
                channel: word(Channel::parse(row.text(4)?), "consent_event", "channel")?,
                actor: row.text(6)?.to_owned(),
                at: from_micros(row.int(7)?),
            })
        })
        .collect()
}

/// Records a confidential-communication request (H-08). No reason is asked.
pub fn add_directive(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    contact: Option<ContactPointId>,
    directive: Directive,
    now: Timestamp,
) -> Result<ConsentEventId, StoreError> {
    let id = tx.fresh(now, ConsentEventId::from_uuid);
    let practice = tx.practice();
    let (kind, window) = match directive {
        Directive::NeverText => ("never_text", None),
        Directive::NotThisNumber => ("not_this_number", None),
        Directive::OnlyBetween(window) => ("only_between", Some(window)),
        Directive::NothingClinical => ("nothing_clinical", None),
    };
    let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let added = tx.execute(
        INSERT_DIRECTIVE,
        &args![
            id.bytes(),
            practice.bytes(),
            person.bytes(),
            contact.map(|id| id.bytes()),
            kind,
            window.map(|window| minutes(window.opens())),
            window.map(|window| minutes(window.closes())),
            micros(now),
        ],
    )?;
    if added == 0 {
        return Err(StoreError::NotFound { what: "patient" });
    }
    tx.execute(HAS_DIRECTIVES, &args![practice.bytes(), person.bytes()])?;
    tx.record(now, Entry::new("directive", now).word("person", person).word("kind", kind));
    Ok(id)
}

pub(crate) fn directive(row: &Row) -> Result<Option<(Directive, Option<ContactPointId>)>, StoreError> {
    let contact = row.opt_id(1)?.map(ContactPointId::from_bytes);
    let time = |minute: Option<i64>| {
        let minute = minute.unwrap_or(0).clamp(0, 1439);
        Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0)
    };
    let directive = match row.text(0)? {
        "never_text" => Directive::NeverText,
        "not_this_number" => Directive::NotThisNumber,
        "only_between" => Directive::OnlyBetween(Window::new(time(row.opt_int(2)?), time(row.opt_int(3)?))),
        "nothing_clinical" => Directive::NothingClinical,
        _ => return Err(StoreError::corrupt("directive", "kind")),
    };
    Ok(Some((directive, contact)))
}

fn event(
    tx: &mut Tx<'_, '_>,
    record: ConsentRecord<'_>,
    category: Option<Category>,
    act: ConsentAct,
) -> Result<ConsentEventId, StoreError> {
    let id = tx.fresh(record.at, ConsentEventId::from_uuid);
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    let added = tx.execute(
        INSERT_EVENT,
        &args![
            id.bytes(),
            practice.bytes(),
            record.person.bytes(),
            record.contact_point.bytes(),
            category.map(Category::as_str),
            act.as_str(),
            record.channel.as_str(),
            record.wording_version,
            record.language.map(Language::as_str),
            actor,
            micros(record.at),
        ],
    )?;
    if added == 0 {
        return Err(StoreError::NotFound { what: "contact point" });
    }
    let entry = Entry::new("consent", record.at)
        .word("event", id)
        .word("person", record.person)
        .word("contact_point", record.contact_point)
        .word("act", act.as_str())
        .word_if("category", category.map(Category::as_str))
        .word("channel", record.channel.as_str());
    tx.record(record.at, entry);
    Ok(id)
}
