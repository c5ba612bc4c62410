//! One person: numbers, consents, directives, and who else is on the numbers.

use super::owners::{self, Owner};
use crate::directives::{self, StoredDirective};
use crate::numbers::{self, NumberState};
use crate::people::{self, StoredContact};
use crate::when::{from_micros, micros};
use crate::{StoreError, Tx, authorizations, consents};
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{args, statements};
use wellsent_domain::consent::{Authorization, Category, Standing};
use wellsent_domain::person::Person;
use wellsent_domain::{AppointmentId, InboundId, LocationId, PersonId, Phi, StaffId};

statements! {
    REVOKING = "SELECT i.id, i.body_sealed FROM suppression s JOIN inbound i ON i.id = s.inbound_id WHERE s.practice_id = $1 AND s.id = $2";
    SENT = "SELECT released_at FROM message WHERE practice_id = $1 AND number_idx = $2 AND released_at > $3 AND counted";
    STAFF = "SELECT id, name FROM staff WHERE practice_id = $1 ORDER BY id LIMIT 1000";
    NEXT_VISIT = "SELECT id, starts_at, location_id, zone FROM appointment WHERE practice_id = $1 AND person_id = $2 AND starts_at > $3 AND status = 'booked' ORDER BY starts_at LIMIT 1";
}

/// A person with everything that decides whether they may be texted.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The person.
    pub person: Person,
    /// The numbers, those in use first.
    pub numbers: Vec<NumberChart>,
    /// Confidential-communication requests, with the number that each is about.
    pub directives: Vec<StoredDirective>,
    /// Marketing authorizations that have not been ended.
    pub authorizations: Vec<Authorization>,
    /// The next visit.
    pub next_visit: Option<NextVisit>,
}

/// The next visit of a person.
#[derive(Debug, Clone)]
pub struct NextVisit {
    /// Which.
    pub id: AppointmentId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Where.
    pub location: LocationId,
    /// The zone there, by IANA name.
    pub zone: String,
}

/// One number of a person.
#[derive(Debug, Clone)]
pub struct NumberChart {
    /// The contact point.
    pub stored: StoredContact,
    /// What is true of the number.
    pub state: NumberState,
    /// Since when, and by which words, texts to this person at it are stopped.
    pub stopped: Option<Stopped>,
    /// The consents that stand.
    pub consents: Vec<(Category, Standing)>,
    /// The others on the number.
    pub others: Vec<Owner>,
    /// When automated texts left for the number within the last seven days.
    pub sent: Vec<Timestamp>,
}

/// Why texts to a number are stopped.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// The revocation.
    pub suppression: wellsent_domain::consent::Suppression,
    /// The words that revoked.
    pub words: Option<Phi<String>>,
}

/// Reads the chart of a person.
pub fn chart(tx: &mut Tx<'_, '_>, id: PersonId, now: Timestamp) -> Result<Chart, StoreError> {
    let person = people::get(tx, id)?;
    let mut numbers = Vec::new();
    for stored in people::contacts(tx, id)? {
        numbers.push(number(tx, id, stored, now)?);
    }
    numbers.sort_by_key(|number| number.stored.contact.state == wellsent_domain::person::ContactState::Replaced);
    let directives = directives::of_person(tx, id)?;
    let authorizations = authorizations::of_person(tx, id)?;
    Ok(Chart { person, numbers, directives, authorizations, next_visit: next_visit(tx, id, now)? })
}

/// The next visit of a person that is to happen.
pub fn next_visit(tx: &mut Tx<'_, '_>, id: PersonId, now: Timestamp) -> Result<Option<NextVisit>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(NEXT_VISIT, &args![practice.bytes(), id.bytes(), micros(now)])?;
    row.map(|row| {
        Ok(NextVisit {
            id: AppointmentId::from_bytes(row.id(0)?),
            starts_at: from_micros(row.int(1)?),
            location: LocationId::from_bytes(row.id(2)?),
            zone: row.text(3)?.to_owned(),
        })
    })
    .transpose()
}

fn number(tx: &mut Tx<'_, '_>, person: PersonId, stored: StoredContact, now: Timestamp) -> Result<NumberChart, StoreError> {
    let practice = tx.practice();
    let state = numbers::get(tx, stored.number)?.ok_or(StoreError::NotFound { what: "number" })?;
    let binding = state.suppression.filter(|suppression| stored.resumed_at.is_none_or(|at| at < suppression.at));
    let stopped = match binding {
        None => None,
        Some(suppression) => {
            let row = tx.query_opt(REVOKING, &args![practice.bytes(), suppression.id.bytes()])?;
            let words = row
                .map(|row| {
                    let inbound = InboundId::from_bytes(row.id(0)?);
                    tx.open("inbound", "body", &inbound.bytes(), row.blob(1)?)
                })
                .transpose()?;
            Some(Stopped { suppression, words })
        }
    };
    let consents = consents::standing(tx, stored.contact.id)?;
    let others = owners::at(tx, &[stored.number])?.pop().unwrap_or_default();
    let others = others.into_iter().filter(|owner| owner.person != person).collect();
    let week_ago = now.saturating_sub(SignedDuration::from_hours(7 * 24)).unwrap_or(now);
    let sent = tx.query(SENT, &args![practice.bytes(), stored.number.0, micros(week_ago)])?;
    let sent = sent.iter().map(|row| Ok(from_micros(row.int(0)?))).collect::<Result<_, StoreError>>()?;
    Ok(NumberChart { stored, state, stopped, consents, others, sent })
}

/// The names of the staff, by id.
pub fn staff(tx: &mut Tx<'_, '_>) -> Result<Vec<(StaffId, String)>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(STAFF, &args![practice.bytes()])?;
    rows.iter().map(|row| Ok((StaffId::from_bytes(row.id(0)?), row.text(1)?.to_owned()))).collect()
}
