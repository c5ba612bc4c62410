//! The panel of a practice: for each active patient the facts that decide whether texts of a category may go.
//!
//! The panel is read page by page in the order of the ids. Birth dates are opened here, since whether a minor may be texted depends on
//! them; whoever shows names beside the answer reads those in a transaction that leaves an entry (P7).

use crate::directives;
use crate::people;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Category, Channel, ConsentAct};
use wellsent_domain::coverage::{Asked, PanelFacts, PanelNumber};
use wellsent_domain::gate::Reassigned;
use wellsent_domain::person::{ContactState, LineType};
use wellsent_domain::{ContactPointId, Language, LocationId, PersonId, Phi};

statements! {
    PAGE = "SELECT p.id, p.birth_sealed, p.language, p.sensitive, p.has_directives, p.record_sealed, c.id, c.state, c.verified_at, c.confirmed_at, c.resumed_at, c.warning, c.reached, c.proxy_authority, c.proxy_from, c.proxy_until, c.proxy_clinical, n.suppressed_at, n.people, n.reassigned, n.reassigned_checked_at, n.line, s.stands, s.confirmed_at FROM person p LEFT JOIN contact_point c ON c.person_id = p.id AND c.state <> 'replaced' LEFT JOIN number n ON n.practice_id = c.practice_id AND n.number_idx = c.number_idx LEFT JOIN consent s ON s.contact_point_id = c.id AND s.category = $3 WHERE p.practice_id = $1 AND p.id > $2 AND p.standing = 'active' ORDER BY p.id, c.created_at DESC, c.id DESC LIMIT $4";
    VISITS = "SELECT person_id, location_id, starts_at, zone FROM appointment WHERE practice_id = $1 AND starts_at >= $2 AND starts_at < $3 AND status = 'booked' ORDER BY starts_at, id LIMIT $4";
    ACTS = "SELECT channel, act, count(*) FROM consent_event WHERE practice_id = $1 AND at >= $2 AND at <= $3 AND act IN ('granted', 'revoked', 'warning_accepted', 'warning_withdrawn', 'suppressed', 'verified') GROUP BY channel, act ORDER BY channel, act";
}

/// A patient of the panel.
#[derive(Debug, Clone)]
pub struct PanelPatient {
    /// Who.
    pub person: PersonId,
    /// The language of texts.
    pub language: Language,
    /// The record number, where it was asked for.
    pub record_number: Option<Phi<String>>,
    /// The facts.
    pub facts: PanelFacts,
}

/// A visit to come of somebody on the panel.
#[derive(Debug, Clone)]
pub struct PanelVisit {
    /// Whose.
    pub person: PersonId,
    /// Where.
    pub location: LocationId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The zone there, by IANA name.
    pub zone: String,
}

/// How often something was done by one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActCount {
    /// By which way.
    pub channel: Channel,
    /// What.
    pub act: ConsentAct,
    /// How often.
    pub count: i64,
}

/// The next patients of the panel after an id, in the order of the ids, with what they said about a category; and the id to go on from, or
/// `None` at the end. `with_records` opens the record numbers as well.
pub fn page(
    tx: &mut Tx<'_, '_>,
    category: Category,
    after: Option<PersonId>,
    limit: i64,
    with_records: bool,
) -> Result<(Vec<PanelPatient>, Option<PersonId>), StoreError> {
    let practice = tx.practice();
    let from = after.map_or([0; 16], |id| id.bytes());
    let rows = tx.query(PAGE, &args![practice.bytes(), from, category.as_str(), limit])?;
    let asked: Vec<_> = rows
        .iter()
        .filter_map(|row| row.bool(4).ok()?.then(|| row.id(0).ok())?)
        .map(|person| (person, args![practice.bytes(), person]))
        .collect();
    let found = tx.query_many(directives::OF_PERSON, &asked.iter().map(|(_, args)| args.clone()).collect::<Vec<_>>())?;
    let mut patients: Vec<PanelPatient> = Vec::with_capacity(rows.len());
    for row in &rows {
        let person = PersonId::from_bytes(row.id(0)?);
        // The rows of one patient stand together, the newest number first.
        if patients.last().is_some_and(|last| last.person == person) {
            continue;
        }
        let mut patient = patient(tx, row, person, with_records)?;
        if row.bool(4)?
            && let Some(place) = asked.iter().position(|(known, _)| *known == person.bytes())
        {
            let contact = row.opt_id(6)?.map(ContactPointId::from_bytes);
            for row in &found[place] {
                let stored = directives::stored(row)?;
                if stored.contact_point.is_none() || stored.contact_point == contact {
                    patient.facts.directives.push(stored.directive);
                }
            }
        }
        patients.push(patient);
    }
    let is_full = i64::try_from(rows.len()).is_ok_and(|read| read >= limit);
    let next = patients.last().filter(|_| is_full).map(|last| last.person);
    Ok((patients, next))
}

fn patient(tx: &Tx<'_, '_>, row: &Row, person: PersonId, with_records: bool) -> Result<PanelPatient, StoreError> {
    let id = person.bytes();
    let record_number = match row.opt_blob(5)? {
        Some(sealed) if with_records => Some(tx.open("person", "record", &id, sealed)?),
        _ => None,
    };
    let number = match row.opt_id(6)? {
        None => None,
        Some(_) => Some(number(row)?),
    };
    Ok(PanelPatient {
        person,
        language: word(Language::parse(row.text(2)?), "person", "language")?,
        record_number,
        facts: PanelFacts {
            birth_date: row.opt_blob(1)?.map(|sealed| people::birth(tx, &id, sealed)).transpose()?,
            sensitive: row.bool(3)?,
            number,
            directives: Vec::new(),
        },
    })
}

fn number(row: &Row) -> Result<PanelNumber, StoreError> {
    let resumed_at = row.opt_int(10)?;
    let checked_at = row.opt_int(20)?.map(from_micros);
    Ok(PanelNumber {
        state: word(ContactState::parse(row.text(7)?), "contact_point", "state")?,
        verified_at: row.opt_int(8)?.map(from_micros),
        confirmed_at: row.opt_int(9)?.map(from_micros),
        stopped: row.opt_int(17)?.is_some_and(|stopped| resumed_at.is_none_or(|resumed| resumed < stopped)),
        warning: people::warning(row.text(11)?)?,
        reached: people::reached(row.text(12)?, row.opt_text(13)?, row.opt_text(14)?, row.opt_text(15)?, row.bool(16)?)?,
        shared: row.int(18)? > 1,
        reassigned: match row.text(19)? {
            "unchecked" => Reassigned::Unchecked,
            "no" => Reassigned::No { checked_at: checked_at.unwrap_or(Timestamp::MIN) },
            "yes" => Reassigned::Yes,
            "no_data" => Reassigned::NoData,
            _ => return Err(StoreError::corrupt("number", "reassigned")),
        },
        line: word(LineType::parse(row.text(21)?), "number", "line")?,
        consent: match row.opt_bool(22)? {
            None => Asked::Never,
            Some(false) => Asked::No,
            Some(true) => Asked::Yes { confirmed: row.opt_int(23)?.is_some() },
        },
    })
}

/// The visits that are to happen between two instants, the soonest first.
pub fn visits(tx: &mut Tx<'_, '_>, from: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<PanelVisit>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(VISITS, &args![practice.bytes(), micros(from), micros(until), limit])?;
    rows.iter()
        .map(|row| {
            Ok(PanelVisit {
                person: PersonId::from_bytes(row.id(0)?),
                location: LocationId::from_bytes(row.id(1)?),
                starts_at: from_micros(row.int(2)?),
                zone: row.text(3)?.to_owned(),
            })
        })
        .collect()
}

/// What was said in a period, by which way. An act counts on the day of which the paper tells, not on the day when it was entered.
pub fn acts(tx: &mut Tx<'_, '_>, from: Timestamp, until: Timestamp) -> Result<Vec<ActCount>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(ACTS, &args![practice.bytes(), micros(from), micros(until)])?;
    rows.iter()
        .map(|row| {
            Ok(ActCount {
                channel: word(Channel::parse(row.text(0)?), "consent_event", "channel")?,
                act: word(ConsentAct::parse(row.text(1)?), "consent_event", "act")?,
                count: row.int(2)?,
            })
        })
        .collect()
}
