//! Confidential-communication requests (H-08): recorded without asking why, and binding until they are ended.

use crate::consent_log::{self, append_for_person};
use crate::entry::Entry;
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Act, Channel, Directive};
use wellsent_domain::{ConsentEventId, ContactPointId, PersonId};

statements! {
    pub(crate) OF_PERSON = "SELECT kind, contact_point_id, opens, closes, id, recorded_at FROM directive WHERE practice_id = $1 AND person_id = $2 AND ended_at IS NULL ORDER BY id";
    INSERT = "INSERT INTO directive (id, practice_id, person_id, contact_point_id, kind, opens, closes, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    HAS = "UPDATE person SET has_directives = EXISTS (SELECT 1 FROM directive WHERE practice_id = $1 AND person_id = $2 AND ended_at IS NULL) WHERE practice_id = $1 AND id = $2";
    END = "UPDATE directive SET ended_at = $4 WHERE practice_id = $1 AND person_id = $2 AND id = $3 AND ended_at IS NULL";
}

/// A directive that binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDirective {
    /// Its id: the event that recorded it.
    pub id: ConsentEventId,
    /// What was asked.
    pub directive: Directive,
    /// For which number; `None` for all.
    pub contact_point: Option<ContactPointId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Records a confidential-communication request (H-08). No reason is asked.
pub fn add(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    contact: Option<ContactPointId>,
    directive: Directive,
    channel: Channel,
    now: Timestamp,
) -> Result<ConsentEventId, StoreError> {
    let act = Act::Directed(directive);
    let id = match contact {
        None => append_for_person(tx, person, channel, None, now, act)?,
        Some(contact_point) => {
            let record =
                consent_log::ConsentRecord { person, contact_point, channel, wording: None, language: None, evidence: None, at: now };
            consent_log::append(tx, record, act)?
        }
    };
    let practice = tx.practice();
    let window = consent_log::window(&directive);
    tx.execute(
        INSERT,
        &args![
            id.bytes(),
            practice.bytes(),
            person.bytes(),
            contact.map(|id| id.bytes()),
            directive.as_str(),
            window.map(|(opens, _)| opens),
            window.map(|(_, closes)| closes),
            micros(now),
        ],
    )?;
    tx.execute(HAS, &args![practice.bytes(), person.bytes()])?;
    Ok(id)
}

/// Ends a request, because the patient said so.
pub fn end(tx: &mut Tx<'_, '_>, person: PersonId, which: ConsentEventId, channel: Channel, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(END, &args![practice.bytes(), person.bytes(), which.bytes(), micros(now)])? == 0 {
        return Err(StoreError::Stale { what: "request" });
    }
    tx.execute(HAS, &args![practice.bytes(), person.bytes()])?;
    append_for_person(tx, person, channel, None, now, Act::DirectiveEnded(which))?;
    tx.record(now, Entry::new("directive_ended", now).word("person", person).word("directive", which));
    Ok(())
}

/// The requests of a person that bind.
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Vec<StoredDirective>, StoreError> {
    let practice = tx.practice();
    tx.query(OF_PERSON, &args![practice.bytes(), person.bytes()])?.iter().map(stored).collect()
}

pub(crate) fn stored(row: &Row) -> Result<StoredDirective, StoreError> {
    Ok(StoredDirective {
        directive: consent_log::directive(row.text(0)?, row.opt_int(2)?, row.opt_int(3)?)?,
        contact_point: row.opt_id(1)?.map(ContactPointId::from_bytes),
        id: ConsentEventId::from_bytes(row.id(4)?),
        recorded_at: from_micros(row.int(5)?),
    })
}
