//! What the planner reads and writes: the queue of numbers to plan, their visits, and the reminders that exist.

use crate::number_key::NumberKey;
use crate::practices::zone;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{args, statements};
use wellsent_domain::message::MessageState;
use wellsent_domain::planner::{Changes, Covered, Existing, VisitToPlan, Wanted};
use wellsent_domain::{AppointmentId, ContactPointId, Language, LocationId, MessageId, PersonId, ReminderRuleId};

statements! {
    MARK = "INSERT INTO plan_queue (practice_id, number_idx, marked_at) VALUES ($1, $2, $3) ON CONFLICT (practice_id, number_idx) DO NOTHING";
    MARK_ALL = "INSERT INTO plan_queue (practice_id, number_idx, marked_at) SELECT practice_id, number_idx, $2 FROM number WHERE practice_id = $1 ON CONFLICT (practice_id, number_idx) DO NOTHING";
    TAKE = sqlite "SELECT number_idx FROM plan_queue WHERE practice_id = $1 ORDER BY number_idx LIMIT $2"
        postgres "SELECT number_idx FROM plan_queue WHERE practice_id = $1 ORDER BY number_idx LIMIT $2 FOR UPDATE SKIP LOCKED";
    WAITING = "SELECT EXISTS (SELECT 1 FROM plan_queue WHERE practice_id = $1)";
    DROP = "DELETE FROM plan_queue WHERE practice_id = $1 AND number_idx = $2";
    VISITS = "SELECT a.id, a.version, a.starts_at, a.location_id, a.zone, t.name, a.known_at, a.status, a.person_id, c.id, p.language, p.zone, s.event_id, n.suppressed_at, c.resumed_at, c.state FROM contact_point c JOIN number n ON n.practice_id = c.practice_id AND n.number_idx = c.number_idx JOIN person p ON p.id = c.person_id JOIN appointment a ON a.person_id = c.person_id JOIN visit_type t ON t.id = a.visit_type_id LEFT JOIN consent s ON s.contact_point_id = c.id AND s.category = 'appointments' AND s.stands WHERE c.practice_id = $1 AND c.number_idx = $2 AND c.state <> 'replaced' AND a.starts_at > $3";
    EXISTING = "SELECT id, occurrence, state, due_at, useful_until FROM message WHERE practice_id = $1 AND number_idx = $2 AND programme = 'reminders' AND useful_until > $3";
    COVERED = "SELECT m.rule_id, v.appointment_id, v.version FROM message m JOIN message_visit v ON v.message_id = m.id WHERE m.practice_id = $1 AND m.number_idx = $2 AND m.released_at > $3 AND m.programme = 'reminders' AND m.rule_id IS NOT NULL AND m.state IN ('submitting', 'submitted', 'unknown', 'delivered', 'undelivered', 'failed')";
    ADD = "INSERT INTO message (id, practice_id, person_id, contact_point_id, number_idx, occurrence, programme, category, purpose, origin, template, language, due_at, next_at, useful_until, urgent, state, state_at, attempts, counted, prompt, created_at, rule_id) VALUES ($1, $2, $3, $4, $5, $6, 'reminders', 'appointments', 'treatment', 'automated', $7, $8, $9, $9, $10, FALSE, 'planned', $11, 0, TRUE, $12, $11, $13) ON CONFLICT (practice_id, occurrence) DO NOTHING";
    ADD_VISIT = "INSERT INTO message_visit (message_id, ordinal, practice_id, appointment_id, version) SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM message WHERE id = $1)";
    RETIME = "UPDATE message SET due_at = $3, next_at = $3, useful_until = $4 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'planned'";
    WITHDRAW = "UPDATE message SET state = 'withdrawn', state_at = $3 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') IN ('planned', 'review')";
    REVIVE = "UPDATE message SET state = 'planned', state_at = $5, due_at = $3, next_at = $3, useful_until = $4 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'withdrawn'";
}

/// Has the reminders of a number planned again.
pub fn mark(tx: &mut Tx<'_, '_>, number: NumberKey, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(MARK, &args![practice.bytes(), number.0, micros(now)])?;
    Ok(())
}

/// Has all reminders of the practice planned again, for example when its rules change.
pub fn mark_all(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(MARK_ALL, &args![practice.bytes(), micros(now)])?;
    Ok(())
}

/// Whether numbers wait to be planned.
pub fn waiting(tx: &mut Tx<'_, '_>) -> Result<bool, StoreError> {
    let practice = tx.practice();
    Ok(tx.query_opt(WAITING, &args![practice.bytes()])?.map(|row| row.bool(0)).transpose()?.unwrap_or(false))
}

/// Takes numbers out of the queue; what is done with them commits with this transaction.
pub fn take(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<NumberKey>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(TAKE, &args![practice.bytes(), limit])?;
    let numbers: Vec<_> = rows.iter().map(|row| Ok(NumberKey(row.id(0)?))).collect::<Result<_, StoreError>>()?;
    let drop: Vec<_> = numbers.iter().map(|number| args![practice.bytes(), number.0]).collect();
    tx.execute_many(DROP, &drop)?;
    Ok(numbers)
}

/// What there is to plan for a number.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Visits to come.
    pub visits: Vec<VisitToPlan>,
    /// The reminders that exist, with their keys as digests.
    pub existing: Vec<Existing>,
    /// What was told already.
    pub covered: Covered,
}

/// How far back a text that told of a visit may lie: farther than any rule looks ahead.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What there is to plan for each of these numbers.
pub fn load(tx: &mut Tx<'_, '_>, numbers: &[NumberKey], now: Timestamp) -> Result<Vec<Loaded>, StoreError> {
    let practice = tx.practice();
    let practice_zone = crate::practices::get(tx)?.practice.zone;
    let keys: Vec<_> = numbers.iter().map(|number| args![practice.bytes(), number.0, micros(now)]).collect();
    let visits = tx.query_many(VISITS, &keys)?;
    let existing = tx.query_many(EXISTING, &keys)?;
    let since = micros(now - TOLD_WITHIN);
    let keys: Vec<_> = numbers.iter().map(|number| args![practice.bytes(), number.0, since]).collect();
    let told = tx.query_many(COVERED, &keys)?;
    let mut loaded = Vec::with_capacity(numbers.len());
    for (((number, visit_rows), message_rows), told_rows) in numbers.iter().zip(&visits).zip(&existing).zip(&told) {
        let mut visits = Vec::with_capacity(visit_rows.len());
        for row in visit_rows {
            let patient_zone = row.opt_text(11)?.map(|name| zone(name, "person")).transpose()?;
            visits.push(VisitToPlan {
                appointment: AppointmentId::from_bytes(row.id(0)?),
                version: row.int(1)?,
                starts_at: from_micros(row.int(2)?),
                location: LocationId::from_bytes(row.id(3)?),
                zone: zone(row.text(4)?, "appointment")?,
                visit_type: row.text(5)?.to_owned(),
                known_at: from_micros(row.int(6)?),
                coming: row.text(7)? == "booked",
                person: PersonId::from_bytes(row.id(8)?),
                contact_point: ContactPointId::from_bytes(row.id(9)?),
                number: number.0,
                language: word(Language::parse(row.text(10)?), "person", "language")?,
                patient_zone: patient_zone.unwrap_or_else(|| practice_zone.clone()),
                permitted: row.opt_id(12)?.is_some()
                    && row.text(15)? == "live"
                    && row.opt_int(13)?.is_none_or(|suppressed| matches!(row.opt_int(14), Ok(Some(resumed)) if resumed >= suppressed)),
            });
        }
        let mut messages = Vec::with_capacity(message_rows.len());
        for row in message_rows {
            messages.push(Existing {
                message: MessageId::from_bytes(row.id(0)?),
                key: row.id(1)?,
                state: word(MessageState::parse(row.text(2)?), "message", "state")?,
                due_at: from_micros(row.int(3)?),
                useful_until: from_micros(row.int(4)?),
            });
        }
        let mut covered = Covered::with_capacity(told_rows.len());
        for row in told_rows {
            covered.insert((ReminderRuleId::from_bytes(row.id(0)?), AppointmentId::from_bytes(row.id(1)?), row.int(2)?));
        }
        loaded.push(Loaded { visits, existing: messages, covered });
    }
    Ok(loaded)
}

/// The digest under which a planner's key is stored.
pub fn occurrence(tx: &Tx<'_, '_>, key: &str) -> [u8; 16] {
    tx.index("occurrence", key.as_bytes())
}

/// Brings the table to the wanted set. A key that exists already, in whatever state, is not added again: that is the wall behind P4.
pub fn apply(tx: &mut Tx<'_, '_>, changes: &[(NumberKey, Changes)], now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let (mut add, mut visits, mut retime, mut withdraw, mut revive) = (vec![], vec![], vec![], vec![], vec![]);
    for (number, changes) in changes {
        for (occurrence, wanted) in &changes.add {
            let Wanted { person, contact_point, language, template, due_at, useful_until, .. } = wanted;
            let id = tx.fresh(now, MessageId::from_uuid);
            // A text about more than two visits does not number them, so nothing can be answered to it.
            let prompt = match wanted.visits.len() {
                1 => Some("single"),
                2 => Some("numbered"),
                _ => None,
            };
            add.push(args![
                id.bytes(),
                practice.bytes(),
                person.bytes(),
                contact_point.bytes(),
                number.0,
                occurrence,
                template,
                language.as_str(),
                micros(*due_at),
                micros(*useful_until),
                micros(now),
                prompt,
                wanted.rule.bytes(),
            ]);
            for (ordinal, visit) in wanted.visits.iter().enumerate() {
                visits.push(args![id.bytes(), ordinal as i64 + 1, practice.bytes(), visit.appointment.bytes(), visit.version]);
            }
        }
        for (id, due_at, useful_until) in &changes.retime {
            retime.push(args![practice.bytes(), id.bytes(), micros(*due_at), micros(*useful_until)]);
        }
        for (id, due_at, useful_until) in &changes.revive {
            revive.push(args![practice.bytes(), id.bytes(), micros(*due_at), micros(*useful_until), micros(now)]);
        }
        withdraw.extend(changes.withdraw.iter().map(|id| args![practice.bytes(), id.bytes(), micros(now)]));
    }
    tx.execute_many(ADD, &add)?;
    tx.execute_many(ADD_VISIT, &visits)?;
    tx.execute_many(RETIME, &retime)?;
    tx.execute_many(REVIVE, &revive)?;
    tx.execute_many(WITHDRAW, &withdraw)?;
    Ok(())
}
