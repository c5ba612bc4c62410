//! The consents that stand, and the warning about unencrypted texts. Each act goes into the log first; what stands is kept beside it so that a
//! claim can lock it.
//!
//! An act that was done before another of its kind and is recorded after it does not undo the later one: a paper form entered late does not
//! undo a withdrawal. What the later one rested on is drawn from the log anew.

pub use crate::consent_log::ConsentRecord;
use crate::consent_log::{append, of_person};
use crate::numbers;
use crate::people;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::consent::{Act, Category, Channel, ConsentAct, Permissions, Standing, Warning};
use wellsent_domain::{ConsentEventId, ContactPointId, Language, PersonId};

statements! {
    SET = "INSERT INTO consent (contact_point_id, category, practice_id, stands, event_id, granted_at, written, confirmed_at, changed_at, changed_by) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $6, $5 FROM contact_point WHERE practice_id = $3 AND id = $1 AND (voided_at IS NULL OR voided_at <= $6) ON CONFLICT (contact_point_id, category) DO UPDATE SET stands = excluded.stands, event_id = excluded.event_id, granted_at = excluded.granted_at, written = excluded.written, confirmed_at = CASE WHEN consent.stands AND excluded.stands THEN coalesce(consent.confirmed_at, excluded.confirmed_at) ELSE excluded.confirmed_at END, changed_at = excluded.changed_at, changed_by = excluded.changed_by WHERE consent.changed_at < excluded.changed_at OR (consent.changed_at = excluded.changed_at AND consent.changed_by <= excluded.changed_by)";
    CONFIRM = "UPDATE consent SET confirmed_at = $4 WHERE practice_id = $1 AND contact_point_id = $2 AND category = $3 AND stands AND confirmed_at IS NULL";
    pub(crate) GET_FOR_CLAIM = sqlite "SELECT event_id, granted_at, written, confirmed_at, stands FROM consent WHERE contact_point_id = $1 AND category = $2"
        postgres "SELECT event_id, granted_at, written, confirmed_at, stands FROM consent WHERE contact_point_id = $1 AND category = $2 FOR SHARE";
    REDRAW_CONFIRMED = "UPDATE consent SET confirmed_at = CASE WHEN $4 THEN coalesce(confirmed_at, granted_at) ELSE NULL END WHERE practice_id = $1 AND contact_point_id = $2 AND category = $3 AND stands";
    REDRAW_WARNING = "UPDATE contact_point SET warning = $3 WHERE practice_id = $1 AND id = $2";
    OF_CONTACT = "SELECT category, event_id, granted_at, written, confirmed_at FROM consent WHERE practice_id = $1 AND contact_point_id = $2 AND stands ORDER BY category";
    UNCONFIRMED = "SELECT c.contact_point_id, c.category, c.event_id, p.person_id, n.language FROM consent c JOIN contact_point p ON p.id = c.contact_point_id JOIN person n ON n.id = p.person_id WHERE p.practice_id = $1 AND p.number_idx = $2 AND p.state = 'live' AND c.stands AND c.confirmed_at IS NULL";
    SET_WARNING = "UPDATE contact_point SET warning = CASE WHEN $3 = 'shown' AND warning = 'accepted' THEN warning ELSE $3 END, warning_at = $4, warning_by = $5 WHERE practice_id = $1 AND id = $2 AND (voided_at IS NULL OR voided_at <= $4) AND (warning_at IS NULL OR warning_at < $4 OR (warning_at = $4 AND warning_by <= $5))";
}

/// Records consent to texts of a category. It also brings the person back after a revocation from this number: a fresh consent of their own
/// (P11). `confirmed` says that the opt-in confirmation went out before, as a source vouches (C-02).
pub fn grant(
    tx: &mut Tx<'_, '_>,
    record: ConsentRecord,
    category: Category,
    written: bool,
    confirmed: bool,
) -> Result<ConsentEventId, StoreError> {
    let id = append(tx, record, Act::Granted { category, written, confirmed })?;
    set(tx, record, category, id, Some((written, confirmed)))?;
    let contact = people::contact_point(tx, record.contact_point)?;
    let revoked_before = numbers::get(tx, contact.number)?.and_then(|state| state.suppression);
    if let Some(suppression) = revoked_before.filter(|suppression| contact.resumed_at.is_none_or(|at| at < suppression.at)) {
        // Who returned to a number that was revoked is stopped from then on, and a form of before that does not bring them back.
        let stopped_at = drawn(tx, record)?.suppressed_at.map_or(suppression.at, |at| at.max(suppression.at));
        if stopped_at <= record.at {
            numbers::resume(tx, contact.number, record.person, record.channel, record.at)?;
        }
    }
    crate::plans::mark(tx, contact.number, record.at)?;
    Ok(id)
}

/// Records that consent to a category is withdrawn for one person and number, for example at the desk.
pub fn revoke(tx: &mut Tx<'_, '_>, record: ConsentRecord, category: Category) -> Result<ConsentEventId, StoreError> {
    let id = append(tx, record, Act::Revoked(category))?;
    set(tx, record, category, id, None)?;
    let number = people::contact_point(tx, record.contact_point)?.number;
    crate::plans::mark(tx, number, record.at)?;
    Ok(id)
}

fn set(
    tx: &mut Tx<'_, '_>,
    record: ConsentRecord,
    category: Category,
    event: ConsentEventId,
    granted: Option<(bool, bool)>,
) -> Result<(), StoreError> {
    let practice = tx.practice();
    let (written, confirmed) = granted.unwrap_or((false, false));
    let args = args![
        record.contact_point.bytes(),
        category.as_str(),
        practice.bytes(),
        granted.is_some(),
        event.bytes(),
        micros(record.at),
        written,
        confirmed.then_some(micros(record.at)),
    ];
    if tx.execute(SET, &args)? == 0 {
        let confirmed = drawn(tx, record)?.consents.get(&category).is_some_and(|held| held.confirmed);
        tx.execute(REDRAW_CONFIRMED, &args![practice.bytes(), record.contact_point.bytes(), category.as_str(), confirmed])?;
    }
    Ok(())
}

/// What the whole log gives for the number of an act.
fn drawn(tx: &mut Tx<'_, '_>, record: ConsentRecord) -> Result<Permissions, StoreError> {
    Ok(Permissions::at(&of_person(tx, record.person)?, record.contact_point, Timestamp::MAX))
}

/// Records what happened to the warning about unencrypted texts (H-04).
pub fn record_warning(tx: &mut Tx<'_, '_>, record: ConsentRecord, act: ConsentAct) -> Result<ConsentEventId, StoreError> {
    let (state, act) = match act {
        ConsentAct::Warned => ("shown", Act::Warned),
        ConsentAct::WarningAccepted => ("accepted", Act::WarningAccepted),
        ConsentAct::WarningWithdrawn => ("withdrawn", Act::WarningWithdrawn),
        _ => return Err(StoreError::NotFound { what: "warning" }),
    };
    let id = append(tx, record, act)?;
    let practice = tx.practice();
    if tx.execute(SET_WARNING, &args![practice.bytes(), record.contact_point.bytes(), state, micros(record.at), id.bytes()])? == 0 {
        let drawn = match drawn(tx, record)?.warning {
            Warning::NotShown => "not_shown",
            Warning::Shown => "shown",
            Warning::Accepted => "accepted",
            Warning::Withdrawn => "withdrawn",
        };
        tx.execute(REDRAW_WARNING, &args![practice.bytes(), record.contact_point.bytes(), drawn])?;
    }
    Ok(id)
}

/// Records that the opt-in confirmation of a category has gone out (C-02).
pub fn confirm(tx: &mut Tx<'_, '_>, contact: ContactPointId, category: Category, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(CONFIRM, &args![practice.bytes(), contact.bytes(), category.as_str(), micros(now)])? > 0 {
        let person = people::contact_point(tx, contact)?.contact.person;
        let record = ConsentRecord {
            person,
            contact_point: contact,
            channel: Channel::Text,
            wording: None,
            language: None,
            evidence: None,
            at: now,
        };
        append(tx, record, Act::Confirmed(category))?;
    }
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
