//! The claim: due messages with every fact that the gate may look at, and what the gate ruled, in one transaction (P2).
//!
//! On PostgreSQL the rows that a revocation, a withdrawn consent, a moved visit or a changed setting would touch are read `FOR SHARE`, so that
//! whoever comes second sees what the first did. On SQLite the one writer has the same effect.

use crate::entry::Entry;
use crate::messages::{self, StoredMessage};
use crate::numbers::{self, NumberState};
use crate::people::{self, StoredContact};
use crate::practices::zone;
use crate::tasks::NewTask;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx, application_callbacks, application_texts, authorizations, consents, directives, tasks};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use wellsent_db::{args, statements};
use wellsent_domain::consent::{Authorization, Category, Directive, Standing, Suppression};
use wellsent_domain::gate::{AttemptToken, Reason, Release, Ruling};
use wellsent_domain::message::Programme;
use wellsent_domain::person::{Person, Standing as PersonStanding};
use wellsent_domain::task::TaskKind;
use wellsent_domain::verification::CODE_DIGITS;
use wellsent_domain::{AppointmentId, AttemptId, ConsentEventId, LocationId, MessageId, PersonId, Phi, PhoneNumber, RulingId, SenderId};
use wellsent_vault::random_bytes;

statements! {
    CLAIM = sqlite "SELECT id, person_id, contact_point_id, number_idx, programme, category, purpose, origin, origin_id, origin_at, template, language, text_sealed, number_sealed, due_at, next_at, useful_until, urgent, state, state_at, attempts, released_at, body_sealed, rendering, tier, created_at, values_sealed FROM message WHERE practice_id = $1 AND state = 'planned' AND next_at <= $2 ORDER BY next_at LIMIT $3"
        postgres "SELECT id, person_id, contact_point_id, number_idx, programme, category, purpose, origin, origin_id, origin_at, template, language, text_sealed, number_sealed, due_at, next_at, useful_until, urgent, state, state_at, attempts, released_at, body_sealed, rendering, tier, created_at, values_sealed FROM message WHERE practice_id = $1 AND state = 'planned' AND next_at <= $2 ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED";
    CONTACT = sqlite "SELECT c.id, c.person_id, c.number_idx, c.number_sealed, c.state, c.obtained, c.verified_at, c.resumed_at, c.warning, c.warning_at, c.reached, c.proxy_authority, c.proxy_from, c.proxy_until, c.proxy_clinical, c.confirmed_at, p.standing, p.birth_sealed, p.sensitive, p.zone, p.has_directives FROM contact_point c JOIN person p ON p.id = c.person_id WHERE c.practice_id = $1 AND c.id = $2"
        postgres "SELECT c.id, c.person_id, c.number_idx, c.number_sealed, c.state, c.obtained, c.verified_at, c.resumed_at, c.warning, c.warning_at, c.reached, c.proxy_authority, c.proxy_from, c.proxy_until, c.proxy_clinical, c.confirmed_at, p.standing, p.birth_sealed, p.sensitive, p.zone, p.has_directives FROM contact_point c JOIN person p ON p.id = c.person_id WHERE c.practice_id = $1 AND c.id = $2 FOR SHARE";
    FREQUENCY = "SELECT released_at FROM message WHERE practice_id = $1 AND number_idx = $2 AND released_at > $3 AND counted AND state NOT IN ('planned', 'review', 'refused', 'withdrawn')";
    VISITS = sqlite "SELECT v.appointment_id, v.version, a.version, a.status, a.starts_at, a.location_id, a.zone, a.person_id, t.sensitive FROM message_visit v JOIN appointment a ON a.id = v.appointment_id JOIN visit_type t ON t.id = a.visit_type_id WHERE v.message_id = $1 ORDER BY v.ordinal"
        postgres "SELECT v.appointment_id, v.version, a.version, a.status, a.starts_at, a.location_id, a.zone, a.person_id, t.sensitive FROM message_visit v JOIN appointment a ON a.id = v.appointment_id JOIN visit_type t ON t.id = a.visit_type_id WHERE v.message_id = $1 ORDER BY v.ordinal FOR SHARE OF a";
    OTHER_MEMBER = "SELECT c.state, c.resumed_at, c.reached, s.event_id FROM contact_point c LEFT JOIN consent s ON s.contact_point_id = c.id AND s.category = $4 AND s.stands WHERE c.practice_id = $1 AND c.number_idx = $2 AND c.person_id = $3";
    RULING = "INSERT INTO ruling (message_id, id, practice_id, at, ruling, until, reasons, rendering, tier, basis, basis_id, facts_sealed, facts_digest, ledger_batch, ledger_slot) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    ATTEMPT = "INSERT INTO attempt (id, practice_id, message_id, n, token, sender_id, state, started_at, deadline_at, valid_until, checks, dup_risk, parts, brand_day) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, 0, $10, $11, $12)";
    NOT_TAKEN = "SELECT sender_id, code FROM attempt WHERE practice_id = $1 AND message_id = $2 AND n = $3 AND state = 'not_submitted'";
    RELEASE = "UPDATE message SET state = 'submitting', state_at = $3, released_at = $3, attempts = attempts + 1, body_sealed = $4, rendering = $5, tier = $6 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'planned'";
    HOLD = "UPDATE message SET next_at = $3 WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'planned'";
    END = "UPDATE message SET state = $4, state_at = $3, values_sealed = CASE WHEN $4 IN ('refused', 'expired') THEN NULL ELSE values_sealed END WHERE practice_id = $1 AND id = $2 AND coalesce(state, '') = 'planned'";
}

/// A due message with its facts as they are at this moment.
#[derive(Debug)]
pub struct Claimed {
    /// The message.
    pub message: StoredMessage,
    /// Its contact point with the person's side; `None` for a number that nobody here has.
    pub contact: Option<ClaimedContact>,
    /// The person it speaks to, for a text that somebody wrote: the guard has to know their name in it.
    pub about: Option<Person>,
    /// The number to which it would go.
    pub to: Phi<PhoneNumber>,
    /// What is true of the number.
    pub number: NumberState,
    /// The revocation that binds this person, if any.
    pub suppression: Option<Suppression>,
    /// The consent of its category.
    pub consent: Option<Standing>,
    /// The marketing authorizations that have not been ended; read for marketing alone.
    pub authorizations: Vec<Authorization>,
    /// Confidential-communication requests that bind at this number.
    pub directives: Vec<Directive>,
    /// When automated texts left for the number within the last seven days.
    pub sent: Vec<Timestamp>,
    /// The visits that it speaks of, as they are now.
    pub visits: Vec<ClaimedVisit>,
    /// The sender whose carrier did not take the latest attempt because it was out of reach.
    pub not_taken_by: Option<SenderId>,
}

/// The contact point and the person's side of a claimed message.
#[derive(Debug)]
pub struct ClaimedContact {
    /// The contact point.
    pub stored: StoredContact,
    /// Whether texts to the person make sense.
    pub standing: PersonStanding,
    /// The birth date.
    pub birth_date: Option<Phi<Date>>,
    /// Whether everything drops to T1.
    pub sensitive: bool,
    /// The zone of the home address.
    pub zone: Option<TimeZone>,
}

/// A visit of a claimed message.
#[derive(Debug, Clone)]
pub struct ClaimedVisit {
    /// The visit.
    pub appointment: AppointmentId,
    /// The patient.
    pub person: PersonId,
    /// The version that the plan saw.
    pub planned_version: i64,
    /// The version now.
    pub version: i64,
    /// Whether it is still to happen.
    pub coming: bool,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Where.
    pub location: LocationId,
    /// The zone there.
    pub zone: TimeZone,
    /// Whether its kind is specially protected.
    pub sensitive: bool,
    /// Whether its patient may be texted at this number.
    pub permitted: bool,
}

/// What was ruled on a claimed message.
#[derive(Debug)]
pub struct Ruled<'a> {
    /// The message.
    pub message: &'a StoredMessage,
    /// The ruling.
    pub ruling: &'a Ruling,
    /// The facts in words.
    pub facts: &'a str,
    /// The sender over which the number was reached before.
    pub reached_over: Option<SenderId>,
    /// The day of the brand that its parts are counted on, where they are counted.
    pub brand_day: Option<String>,
}

/// Takes due messages, at most one a number: the next to the same number must see what became of the first.
pub fn claim(tx: &mut Tx<'_, '_>, now: Timestamp, limit: i64) -> Result<Vec<Claimed>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(CLAIM, &args![practice.bytes(), micros(now), limit])?;
    let mut taken = std::collections::HashSet::with_capacity(rows.len());
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        if taken.insert(row.id(3)?) {
            due.push(row);
        }
    }
    // Rows are locked in the order of their numbers, so that two claims, or a claim and a batch of texts, do not wait for each other in a circle.
    due.sort_by_key(|row| row.id(3).ok());
    facts(tx, &due, now)
}

/// A message with every fact as it is at this moment, without taking it: to know what the gate would say.
pub fn look(tx: &mut Tx<'_, '_>, id: MessageId, now: Timestamp) -> Result<Claimed, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(messages::GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "message" })?;
    facts(tx, &[&row], now)?.pop().ok_or(StoreError::NotFound { what: "message" })
}

fn facts(tx: &mut Tx<'_, '_>, due: &[&wellsent_db::Row], now: Timestamp) -> Result<Vec<Claimed>, StoreError> {
    let practice = tx.practice();
    let mut ids = Vec::with_capacity(due.len());
    for row in due {
        ids.push((row.id(0)?, row.opt_id(2)?, row.id(3)?, row.text(5)?.to_owned()));
    }
    let week_ago = micros(now - SignedDuration::from_hours(7 * 24));
    let by_number: Vec<_> = ids.iter().map(|(_, _, number, _)| args![practice.bytes(), number]).collect();
    let by_contact: Vec<_> = ids.iter().map(|(_, contact, ..)| args![practice.bytes(), *contact]).collect();
    let by_consent: Vec<_> = ids.iter().map(|(_, contact, _, category)| args![*contact, category]).collect();
    let by_week: Vec<_> = ids.iter().map(|(_, _, number, _)| args![practice.bytes(), number, week_ago]).collect();
    let by_message: Vec<_> = ids.iter().map(|(message, ..)| args![message]).collect();
    // The row of the number comes first: it is the one that a revocation takes.
    let numbers = tx.query_many(numbers::GET_FOR_CLAIM, &by_number)?;
    let contacts = tx.query_many(CONTACT, &by_contact)?;
    let consents = tx.query_many(consents::GET_FOR_CLAIM, &by_consent)?;
    let frequencies = tx.query_many(FREQUENCY, &by_week)?;
    let visits = tx.query_many(VISITS, &by_message)?;
    let mut not_taken = not_taken(tx, due)?;

    let mut claimed = Vec::with_capacity(due.len());
    for (n, row) in due.iter().enumerate() {
        let message = messages::message(tx, row)?;
        let mut number = numbers::state(numbers[n].first().ok_or(StoreError::corrupt("message", "number_idx"))?)?;
        if message.programme == Programme::Application {
            // An application's own choice comes before the sender of the thread.
            number.sender = application_texts::wanted_sender(tx, message.id)?.or(number.sender);
        }
        let contact = match contacts[n].first() {
            None => None,
            Some(row) => {
                let stored = people::contact(tx, row)?;
                let person = stored.contact.person;
                Some((
                    ClaimedContact {
                        standing: word(PersonStanding::parse(row.text(16)?), "person", "standing")?,
                        birth_date: row.opt_blob(17)?.map(|sealed| people::birth(tx, &person.bytes(), sealed)).transpose()?,
                        sensitive: row.bool(18)?,
                        zone: row.opt_text(19)?.map(|name| zone(name, "person")).transpose()?,
                        stored,
                    },
                    row.bool(20)?,
                ))
            }
        };
        let to = match &contact {
            Some((contact, _)) => contact.stored.contact.number.clone(),
            None => {
                let sealed = row.opt_blob(13)?.ok_or(StoreError::corrupt("message", "number_sealed"))?;
                people::phone(&tx.open("message", "number", &message.id.bytes(), sealed)?)?
            }
        };
        let resumed_at = contact.as_ref().and_then(|(contact, _)| contact.stored.resumed_at);
        let suppression = number.suppression.filter(|suppression| resumed_at.is_none_or(|at| at < suppression.at));
        let consent = consents[n].first().map(standing).transpose()?.flatten();
        let authorizations = match (message.category, message.person) {
            (Category::Marketing, Some(person)) => authorizations::of_person(tx, person)?,
            _ => Vec::new(),
        };
        let sent = frequencies[n].iter().map(|row| Ok(from_micros(row.int(0)?))).collect::<Result<_, StoreError>>()?;
        let directives = match &contact {
            Some((contact, true)) => directives(tx, contact)?,
            _ => Vec::new(),
        };
        let visits = claimed_visits(tx, &message, &number, &visits[n])?;
        let contact = contact.map(|(contact, _)| contact);
        let about = match (&message.text, message.person) {
            (Some(_), Some(person)) => Some(people::get(tx, person)?),
            _ => None,
        };
        let not_taken_by = not_taken.remove(&message.id);
        let claim =
            Claimed { message, contact, about, to, number, suppression, consent, authorizations, directives, sent, visits, not_taken_by };
        claimed.push(claim);
    }
    Ok(claimed)
}

/// Of messages that were tried before: over whose carrier the latest attempt did not get there, other than because that asked for patience.
fn not_taken(tx: &mut Tx<'_, '_>, due: &[&wellsent_db::Row]) -> Result<HashMap<MessageId, SenderId>, StoreError> {
    let mut tried = Vec::new();
    for row in due {
        let attempts = row.int(20)?;
        if attempts > 0 {
            tried.push((row.id(0)?, attempts));
        }
    }
    let practice = tx.practice();
    let rows: Vec<_> = tried.iter().map(|(message, attempts)| args![practice.bytes(), message, *attempts]).collect();
    let mut not_taken = HashMap::new();
    for ((message, _), found) in tried.iter().zip(tx.query_many(NOT_TAKEN, &rows)?) {
        let Some(row) = found.first() else { continue };
        if matches!(row.opt_text(1)?, Some("no_connection" | "account_refused" | "address_not_allowed" | "no_carrier")) {
            not_taken.insert(MessageId::from_bytes(*message), SenderId::from_bytes(row.id(0)?));
        }
    }
    Ok(not_taken)
}

fn standing(row: &wellsent_db::Row) -> Result<Option<Standing>, StoreError> {
    let held = Standing {
        event: ConsentEventId::from_bytes(row.id(0)?),
        at: from_micros(row.int(1)?),
        written: row.bool(2)?,
        confirmed: row.opt_int(3)?.is_some(),
    };
    Ok(row.bool(4)?.then_some(held))
}

fn directives(tx: &mut Tx<'_, '_>, contact: &ClaimedContact) -> Result<Vec<Directive>, StoreError> {
    let practice = tx.practice();
    let mut binding = Vec::new();
    for row in tx.query(directives::OF_PERSON, &args![practice.bytes(), contact.stored.contact.person.bytes()])? {
        let stored = directives::stored(&row)?;
        if stored.contact_point.is_none_or(|at| at == contact.stored.contact.id) {
            binding.push(stored.directive);
        }
    }
    Ok(binding)
}

fn claimed_visits(
    tx: &mut Tx<'_, '_>,
    message: &StoredMessage,
    number: &NumberState,
    rows: &[wellsent_db::Row],
) -> Result<Vec<ClaimedVisit>, StoreError> {
    let mut visits = Vec::with_capacity(rows.len());
    for row in rows {
        let person = PersonId::from_bytes(row.id(7)?);
        let permitted = message.person == Some(person) || other_member_permitted(tx, message, number, person)?;
        visits.push(ClaimedVisit {
            appointment: AppointmentId::from_bytes(row.id(0)?),
            planned_version: row.int(1)?,
            version: row.int(2)?,
            coming: row.text(3)? == "booked",
            starts_at: from_micros(row.int(4)?),
            location: LocationId::from_bytes(row.id(5)?),
            zone: zone(row.text(6)?, "appointment")?,
            person,
            sensitive: row.bool(8)?,
            permitted,
        });
    }
    Ok(visits)
}

/// Whether another member of the household may be texted at the message's number: a live contact point and a consent of their own (P11).
fn other_member_permitted(
    tx: &mut Tx<'_, '_>,
    message: &StoredMessage,
    number: &NumberState,
    person: PersonId,
) -> Result<bool, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(OTHER_MEMBER, &args![practice.bytes(), message.number.0, person.bytes(), message.category.as_str()])?;
    let Some(row) = row else { return Ok(false) };
    let resumed_at = row.opt_int(1)?.map(from_micros);
    let suppressed = number.suppression.is_some_and(|suppression| resumed_at.is_none_or(|at| at < suppression.at));
    Ok(row.text(0)? == "live" && row.opt_id(3)?.is_some() && !suppressed)
}

/// Writes what was ruled: the ruling with its facts, the ledger entry, and for a release the attempt with its deadline. Nothing leaves before
/// this has committed.
pub fn write(tx: &mut Tx<'_, '_>, ruled: &[Ruled<'_>], deadline: SignedDuration, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    let (mut rulings, mut attempts, mut releases, mut holds, mut ends) = (vec![], vec![], vec![], vec![], vec![]);
    let mut reached = Vec::new();
    for Ruled { message, ruling, facts, reached_over, brand_day } in ruled {
        let id = tx.fresh(now, RulingId::from_uuid);
        let facts_digest = tx.digest("facts", facts.as_bytes());
        let facts_sealed = tx.seal("ruling", "facts", &id.bytes(), facts.as_bytes());
        let mut entry = Entry::new("ruling", now).word("message", message.id).word("ruling", ruling.as_str());
        let reasons = ruling.reasons().iter().map(|reason| reason.code()).collect::<Vec<_>>().join(",");
        if !reasons.is_empty() {
            entry = entry.word("reasons", &reasons);
        }
        entry = entry.digest("facts", &facts_digest);
        let mut until = None;
        let (mut rendering, mut tier, mut basis, mut basis_id) = (None, None, None, None);
        match ruling {
            Ruling::Release(release) => {
                let released = &release.released;
                let body = released.body().expose().as_bytes();
                entry = entry
                    .word("attempt", released.attempt())
                    .word("tier", release.tier)
                    .word("basis", release.basis.as_str())
                    .word("sender", released.sender())
                    .digest("body", &tx.digest("body", body));
                (rendering, tier) = (Some(release.rendering.as_str()), Some(release.tier.as_str()));
                (basis, basis_id) = (Some(release.basis.as_str()), release.basis.id());
                let n = message.attempts + 1;
                attempts.push(args![
                    released.attempt().bytes(),
                    practice.bytes(),
                    message.id.bytes(),
                    n,
                    released.token().0,
                    released.sender().bytes(),
                    micros(now),
                    micros(now + deadline),
                    micros(released.valid_until()),
                    message.urgent && n > 1,
                    released.parts(),
                    brand_day.as_deref(),
                ]);
                if *reached_over != Some(released.sender()) {
                    reached.push((message.number, released.sender()));
                }
                // A code is nobody's to read later, staff included.
                let kept = match message.programme {
                    Programme::Verification => without_digits(released.body().expose()).into_bytes(),
                    _ => body.to_vec(),
                };
                let body_sealed = tx.seal("message", "body", &message.id.bytes(), &kept);
                releases.push(args![practice.bytes(), message.id.bytes(), micros(now), body_sealed, rendering, tier]);
                after_release(tx, message, release, now)?;
            }
            Ruling::Hold { until: at, .. } => {
                until = Some(micros(*at));
                holds.push(args![practice.bytes(), message.id.bytes(), micros(*at)]);
            }
            Ruling::Review { .. } => ends.push(args![practice.bytes(), message.id.bytes(), micros(now), "review"]),
            Ruling::Refuse { reasons } => {
                ends.push(args![practice.bytes(), message.id.bytes(), micros(now), "refused"]);
                if reasons.contains(&Reason::AutoReplyLoop) {
                    let task =
                        NewTask { kind: TaskKind::AutoReplyLoop, person: message.person, message: Some(message.id), ..NewTask::default() };
                    tasks::open_once(tx, &task, now)?;
                }
            }
        }
        let slot = tx.record(now, entry);
        rulings.push(args![
            message.id.bytes(),
            id.bytes(),
            practice.bytes(),
            micros(now),
            ruling.as_str(),
            until,
            reasons,
            rendering,
            tier,
            basis,
            basis_id,
            facts_sealed,
            facts_digest,
            slot.batch.bytes(),
            slot.slot,
        ]);
    }
    tx.execute_many(RULING, &rulings)?;
    tx.execute_many(ATTEMPT, &attempts)?;
    tx.execute_many(RELEASE, &releases)?;
    tx.execute_many(HOLD, &holds)?;
    tx.execute_many(END, &ends)?;
    numbers::set_sender(tx, &reached)?;
    let moved = |ruled: &&Ruled<'_>| ruled.message.programme == Programme::Application && !matches!(ruled.ruling, Ruling::Hold { .. });
    let moved: Vec<_> = ruled.iter().filter(moved).map(|ruled| ruled.message.id).collect();
    application_callbacks::note_moves(tx, &moved, now)
}

/// The text with a dot for each digit of a code.
fn without_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(' ') {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_code = digits >= CODE_DIGITS
            && word.chars().all(|ch| ch.is_ascii_digit() || ch.is_ascii_punctuation() || ch == ' ')
            && !word.contains('-');
        out.extend(word.chars().map(|ch| if is_code && ch.is_ascii_digit() { '\u{2022}' } else { ch }));
    }
    out
}

fn after_release(tx: &mut Tx<'_, '_>, message: &StoredMessage, release: &Release, now: Timestamp) -> Result<(), StoreError> {
    use wellsent_domain::gate::{Basis, Origin};
    if matches!(message.origin, Origin::Answer { .. } | Origin::Help { .. }) && matches!(release.basis, Basis::Inbound(_)) {
        numbers::count_auto_reply(tx, message.number, now)?;
    }
    if let (Programme::OptIn, Some(contact)) = (message.programme, message.contact_point) {
        consents::confirm(tx, contact, message.category, now)?;
    }
    Ok(())
}

/// A new word for the callback address of an attempt. It begins with the instant, so that the index of words grows at its end instead of
/// touching a page of its own for every text, and goes on with eighty random bits.
pub fn fresh_token(now: Timestamp) -> AttemptToken {
    let mut token = random_bytes::<16>();
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0).to_be_bytes();
    token[..6].copy_from_slice(&millis[2..]);
    AttemptToken(token)
}

/// A new id for an attempt and its ruling.
pub fn fresh_attempt(tx: &Tx<'_, '_>, now: Timestamp) -> AttemptId {
    tx.fresh(now, AttemptId::from_uuid)
}

/// Asks the gate again at once, for a message that waits.
pub fn ask_now(tx: &mut Tx<'_, '_>, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    tx.execute(HOLD, &args![practice.bytes(), message.bytes(), micros(now)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_code_only_dots_are_kept_and_the_phone_number_stays() {
        let text = "Elm St Clinic code: 482913. Expires in 10 min. Questions? 212-555-0100.";
        assert_eq!(
            without_digits(text),
            "Elm St Clinic code: \u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}. Expires in 10 min. Questions? 212-555-0100."
        );
    }
}
