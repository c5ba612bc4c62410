//! Visits.

use crate::entry::Entry;
use crate::numbers::NumberKey;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx, plans};
use jiff::Timestamp;
use wellsent_db::{Row, args, statements};
use wellsent_domain::appointment::{Appointment, AppointmentStatus, VisitAnswer};
use wellsent_domain::{AppointmentId, LocationId, PersonId, VisitTypeId};

statements! {
    BY_SOURCE = sqlite "SELECT id, source_digest, version, person_id, starts_at, location_id, visit_type_id, status FROM appointment WHERE practice_id = $1 AND source_idx = $2"
        postgres "SELECT id, source_digest, version, person_id, starts_at, location_id, visit_type_id, status FROM appointment WHERE practice_id = $1 AND source_idx = $2 FOR UPDATE";
    INSERT = "INSERT INTO appointment (id, practice_id, source_idx, source_sealed, person_id, location_id, visit_type_id, starts_at, starts_local, zone, status, version, known_at, source_digest) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13 FROM person p, location l, visit_type t WHERE p.practice_id = $2 AND p.id = $5 AND l.practice_id = $2 AND l.id = $6 AND t.practice_id = $2 AND t.id = $7";
    UPDATE = "UPDATE appointment SET person_id = $3, location_id = $4, visit_type_id = $5, starts_at = $6, starts_local = $7, zone = $8, status = $9, version = version + $10, known_at = CASE WHEN $10 = 1 THEN $11 ELSE known_at END, source_digest = $12, answer = CASE WHEN $10 = 1 THEN NULL ELSE answer END WHERE practice_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM person p, location l, visit_type t WHERE p.practice_id = $1 AND p.id = $3 AND l.practice_id = $1 AND l.id = $4 AND t.practice_id = $1 AND t.id = $5)";
    GET = "SELECT a.id, a.person_id, a.location_id, t.name, a.starts_at, a.status, a.version, a.known_at, a.answer, t.sensitive FROM appointment a JOIN visit_type t ON t.id = a.visit_type_id WHERE a.practice_id = $1 AND a.id = $2";
    OF_PERSON = "SELECT a.id, a.person_id, a.location_id, t.name, a.starts_at, a.status, a.version, a.known_at, a.answer, t.sensitive FROM appointment a JOIN visit_type t ON t.id = a.visit_type_id WHERE a.practice_id = $1 AND a.person_id = $2 ORDER BY a.starts_at DESC LIMIT $3";
    SET_STATUS = "UPDATE appointment SET status = $3, version = version + 1, known_at = $4 WHERE practice_id = $1 AND id = $2 AND status <> $3";
    MOVE = "UPDATE appointment SET starts_at = $3, starts_local = $4, version = version + 1, known_at = $5, answer = NULL WHERE practice_id = $1 AND id = $2";
    ANSWER = "UPDATE appointment SET answer = $3, answered_at = $4 WHERE practice_id = $1 AND id = $2";
    ZONE = "SELECT zone FROM appointment WHERE practice_id = $1 AND id = $2";
    NUMBERS = "SELECT DISTINCT c.number_idx FROM contact_point c WHERE c.practice_id = $1 AND c.person_id = $2 AND c.state <> 'replaced'";
}

/// A visit as a source tells it.
#[derive(Debug, Clone)]
pub struct VisitData {
    /// The id in the source system.
    pub source_id: String,
    /// The patient.
    pub person: PersonId,
    /// The place.
    pub location: LocationId,
    /// The kind.
    pub visit_type: VisitTypeId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The wall time at the place, as ISO 8601 without a zone.
    pub starts_local: String,
    /// The zone of the place, by IANA name.
    pub zone: String,
    /// Where it stands.
    pub status: AppointmentStatus,
}

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// It is new.
    Added(AppointmentId),
    /// Something about it changed.
    Changed(AppointmentId),
    /// It was as told already.
    Unchanged(AppointmentId),
}

/// Adds a visit or brings it to what the source tells. A row that says the same as before, by its digest, changes nothing.
pub fn upsert(tx: &mut Tx<'_, '_>, data: &VisitData, digest: [u8; 32], now: Timestamp) -> Result<Upserted, StoreError> {
    let practice = tx.practice();
    let source_idx = tx.index("appointment_source", data.source_id.as_bytes());
    let Some(row) = tx.query_opt(BY_SOURCE, &args![practice.bytes(), source_idx])? else {
        let id = tx.fresh(now, AppointmentId::from_uuid);
        let sealed = tx.seal("appointment", "source", &id.bytes(), data.source_id.as_bytes());
        let added = tx.execute(
            INSERT,
            &args![
                id.bytes(),
                practice.bytes(),
                source_idx,
                sealed,
                data.person.bytes(),
                data.location.bytes(),
                data.visit_type.bytes(),
                micros(data.starts_at),
                &data.starts_local,
                &data.zone,
                data.status.as_str(),
                micros(now),
                digest,
            ],
        )?;
        if added == 0 {
            return Err(StoreError::NotFound { what: "patient, location or visit type" });
        }
        tx.record(now, Entry::new("appointment_added", now).word("appointment", id).word("person", data.person));
        mark(tx, data.person, now)?;
        return Ok(Upserted::Added(id));
    };
    let id = AppointmentId::from_bytes(row.id(0)?);
    if row.opt_blob(1)? == Some(digest.as_slice()) {
        return Ok(Upserted::Unchanged(id));
    }
    let before = PersonId::from_bytes(row.id(3)?);
    let moved = before != data.person
        || row.int(4)? != micros(data.starts_at)
        || row.id(5)? != data.location.bytes()
        || row.id(6)? != data.visit_type.bytes()
        || row.text(7)? != data.status.as_str();
    let changed = tx.execute(
        UPDATE,
        &args![
            practice.bytes(),
            id.bytes(),
            data.person.bytes(),
            data.location.bytes(),
            data.visit_type.bytes(),
            micros(data.starts_at),
            &data.starts_local,
            &data.zone,
            data.status.as_str(),
            i64::from(moved),
            micros(now),
            digest,
        ],
    )?;
    if changed == 0 {
        return Err(StoreError::NotFound { what: "patient, location or visit type" });
    }
    tx.record(now, Entry::new("appointment_changed", now).word("appointment", id).word("person", data.person));
    mark(tx, data.person, now)?;
    if before != data.person {
        mark(tx, before, now)?;
    }
    Ok(Upserted::Changed(id))
}

/// A visit.
pub fn get(tx: &mut Tx<'_, '_>, id: AppointmentId) -> Result<Appointment, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "visit" })?;
    appointment(&row)
}

/// The visits of a person, the latest first.
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId, limit: i64) -> Result<Vec<Appointment>, StoreError> {
    let practice = tx.practice();
    tx.query(OF_PERSON, &args![practice.bytes(), person.bytes(), limit])?.iter().map(appointment).collect()
}

/// Changes where a visit stands, for example to cancelled; its reminders are planned again.
pub fn set_status(tx: &mut Tx<'_, '_>, id: AppointmentId, status: AppointmentStatus, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let person = get(tx, id)?.person;
    tx.execute(SET_STATUS, &args![practice.bytes(), id.bytes(), status.as_str(), micros(now)])?;
    tx.record(now, Entry::new("appointment_status", now).word("appointment", id).word("status", status.as_str()));
    mark(tx, person, now)
}

/// Moves a visit to another time; its reminders are planned again.
pub fn reschedule(tx: &mut Tx<'_, '_>, id: AppointmentId, starts_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let person = get(tx, id)?.person;
    let row = tx.query_opt(ZONE, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "visit" })?;
    let zone = crate::practices::zone(row.text(0)?, "appointment")?;
    let local = zone.to_datetime(starts_at).to_string();
    tx.execute(MOVE, &args![practice.bytes(), id.bytes(), micros(starts_at), local, micros(now)])?;
    tx.record(now, Entry::new("appointment_moved", now).word("appointment", id));
    mark(tx, person, now)
}

/// Records what the patient answered.
pub fn set_answer(tx: &mut Tx<'_, '_>, id: AppointmentId, answer: VisitAnswer, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(ANSWER, &args![practice.bytes(), id.bytes(), answer.as_str(), micros(now)])? == 0 {
        return Err(StoreError::NotFound { what: "visit" });
    }
    tx.record(now, Entry::new("visit_answer", now).word("appointment", id).word("answer", answer.as_str()));
    Ok(())
}

/// Has the reminders of a person's numbers planned again.
pub fn mark(tx: &mut Tx<'_, '_>, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    for row in tx.query(NUMBERS, &args![practice.bytes(), person.bytes()])? {
        plans::mark(tx, NumberKey(row.id(0)?), now)?;
    }
    Ok(())
}

fn appointment(row: &Row) -> Result<Appointment, StoreError> {
    Ok(Appointment {
        id: AppointmentId::from_bytes(row.id(0)?),
        person: PersonId::from_bytes(row.id(1)?),
        location: LocationId::from_bytes(row.id(2)?),
        visit_type: row.text(3)?.to_owned(),
        starts_at: from_micros(row.int(4)?),
        status: word(AppointmentStatus::parse(row.text(5)?), "appointment", "status")?,
        version: row.int(6)?,
        known_at: from_micros(row.int(7)?),
        answer: row.opt_text(8)?.map(|text| word(VisitAnswer::parse(text), "appointment", "answer")).transpose()?,
        sensitive: row.bool(9)?,
    })
}
