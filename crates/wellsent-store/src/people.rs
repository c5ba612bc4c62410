//! People and their contact points.

use crate::consent_log::{self, ConsentRecord};
use crate::entry::Entry;
use crate::numbers::{self, NumberKey};
use crate::practices::zone;
use crate::when::{from_micros, micros};
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_db::{Row, args, statements};
use wellsent_domain::consent::{Act, Channel, Warning};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Authority, ContactPoint, ContactState, Name, Obtained, Person, Proxy, Standing};
use wellsent_domain::{ContactPointId, Language, PersonId, Phi, PhoneNumber};

statements! {
    INSERT = "INSERT INTO person (id, practice_id, record_idx, record_sealed, name_sealed, birth_idx, birth_sealed, language, zone, standing, sensitive, has_directives, source_digest, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, FALSE, $12, $13)";
    UPDATE = "UPDATE person SET name_sealed = $3, birth_idx = $4, birth_sealed = $5, language = $6, zone = $7, standing = $8, sensitive = $9, source_digest = $10 WHERE practice_id = $1 AND id = $2";
    BY_RECORD = "SELECT id, source_digest FROM person WHERE practice_id = $1 AND record_idx = $2";
    GET = "SELECT id, record_sealed, name_sealed, birth_sealed, language, zone, standing, sensitive FROM person WHERE practice_id = $1 AND id = $2";
    BY_BIRTH = "SELECT id FROM person WHERE practice_id = $1 AND birth_idx = $2 ORDER BY id LIMIT 50";
    BY_PREFIX = "SELECT person_id FROM person_name_prefix WHERE practice_id = $1 AND prefix_idx = $2 ORDER BY person_id LIMIT 50";
    ADD_PREFIX = "INSERT INTO person_name_prefix (practice_id, prefix_idx, person_id) VALUES ($1, $2, $3) ON CONFLICT (practice_id, prefix_idx, person_id) DO NOTHING";
    CLEAR_PREFIXES = "DELETE FROM person_name_prefix WHERE practice_id = $1 AND person_id = $2";
    RECENT = "SELECT id FROM person WHERE practice_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
    COUNT = "SELECT count(*) FROM person WHERE practice_id = $1";
    INSERT_CONTACT = "INSERT INTO contact_point (id, practice_id, person_id, number_idx, number_sealed, area_code, state, obtained, warning, reached, proxy_authority, proxy_from, proxy_until, proxy_clinical, created_at) SELECT $1, $2, $3, $4, $5, $6, 'live', $7, 'not_shown', $8, $9, $10, $11, $12, $13 FROM person WHERE practice_id = $2 AND id = $3";
    CONTACTS = "SELECT id, person_id, number_idx, number_sealed, state, obtained, verified_at, resumed_at, warning, warning_at, reached, proxy_authority, proxy_from, proxy_until, proxy_clinical, confirmed_at FROM contact_point WHERE practice_id = $1 AND person_id = $2 ORDER BY created_at DESC, id DESC";
    CONTACT = "SELECT id, person_id, number_idx, number_sealed, state, obtained, verified_at, resumed_at, warning, warning_at, reached, proxy_authority, proxy_from, proxy_until, proxy_clinical, confirmed_at FROM contact_point WHERE practice_id = $1 AND id = $2";
    CONTACTS_AT = "SELECT id, person_id, number_idx, number_sealed, state, obtained, verified_at, resumed_at, warning, warning_at, reached, proxy_authority, proxy_from, proxy_until, proxy_clinical, confirmed_at FROM contact_point WHERE practice_id = $1 AND number_idx = $2 AND state <> 'replaced' ORDER BY person_id";
    REPLACE = "UPDATE contact_point SET state = 'replaced', verified_at = NULL, confirmed_at = NULL, warning = 'not_shown', warning_at = NULL, warning_by = NULL, voided_at = $3 WHERE practice_id = $1 AND id = $2";
    REVIVE = "UPDATE contact_point SET state = 'live', resumed_at = NULL WHERE practice_id = $1 AND id = $2";
    END_CONSENTS = "UPDATE consent SET stands = FALSE, confirmed_at = NULL, changed_at = $3, changed_by = $4 WHERE practice_id = $1 AND contact_point_id = $2";
    VERIFIED = "UPDATE contact_point SET verified_at = $3 WHERE practice_id = $1 AND id = $2 AND (verified_at IS NULL OR verified_at < $3) AND (voided_at IS NULL OR voided_at <= $3)";
    CONFIRMED = "UPDATE contact_point SET confirmed_at = $3 WHERE practice_id = $1 AND id = $2 AND (confirmed_at IS NULL OR confirmed_at < $3) AND (voided_at IS NULL OR voided_at <= $3)";
    SET_REACHED = "UPDATE contact_point SET reached = $3, proxy_authority = $4, proxy_from = $5, proxy_until = $6, proxy_clinical = $7 WHERE practice_id = $1 AND id = $2";
    SET_LANGUAGE = "UPDATE person SET language = $3 WHERE practice_id = $1 AND id = $2";
}

/// What a new or changed person consists of.
#[derive(Debug, Clone)]
pub struct PersonData {
    /// The id in the source system.
    pub record_number: Option<Phi<String>>,
    /// The name.
    pub name: Phi<Name>,
    /// The birth date.
    pub birth_date: Option<Phi<Date>>,
    /// The language of texts.
    pub language: Language,
    /// The zone of the home address, by IANA name.
    pub zone: Option<String>,
    /// Whether texts make sense.
    pub standing: Standing,
    /// Whether everything drops to T1.
    pub sensitive: bool,
}

/// A contact point with what the store keeps beside it.
#[derive(Debug, Clone)]
pub struct StoredContact {
    /// The contact point.
    pub contact: ContactPoint,
    /// The key of its number.
    pub number: NumberKey,
    /// When its person came back after a revocation.
    pub resumed_at: Option<Timestamp>,
    /// The warning about unencrypted texts.
    pub warning: Warning,
    /// When that changed.
    pub warning_at: Option<Timestamp>,
    /// Whose ear it is.
    pub reached: Reached,
}

/// What a new contact point consists of.
#[derive(Debug, Clone)]
pub struct ContactData {
    /// The number.
    pub number: Phi<PhoneNumber>,
    /// How the practice got it.
    pub obtained: Obtained,
    /// When it was verified, where a source vouches for that.
    pub verified_at: Option<Timestamp>,
    /// Whose ear it is.
    pub reached: Reached,
}

/// Adds a person.
pub fn add(tx: &mut Tx<'_, '_>, data: &PersonData, source_digest: Option<[u8; 32]>, now: Timestamp) -> Result<PersonId, StoreError> {
    let id = tx.fresh(now, PersonId::from_uuid);
    let row = id.bytes();
    let practice = tx.practice();
    let record = data.record_number.as_ref().map(|number| number.expose().trim());
    let record_idx = record.map(|number| tx.index("record_number", number.as_bytes()));
    let record_sealed = record.map(|number| tx.seal("person", "record", &row, number.as_bytes()));
    let sealed = Sealed::of(tx, &row, data);
    tx.execute(
        INSERT,
        &args![
            row,
            practice.bytes(),
            record_idx,
            record_sealed,
            sealed.name,
            sealed.birth_idx,
            sealed.birth,
            data.language.as_str(),
            data.zone.clone(),
            data.standing.as_str(),
            data.sensitive,
            source_digest,
            micros(now),
        ],
    )?;
    index_name(tx, id, data.name.expose())?;
    tx.record(now, Entry::new("person_added", now).word("person", id));
    Ok(id)
}

/// Changes a person. The record number stays.
pub fn update(
    tx: &mut Tx<'_, '_>,
    id: PersonId,
    data: &PersonData,
    source_digest: Option<[u8; 32]>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = id.bytes();
    let practice = tx.practice();
    let sealed = Sealed::of(tx, &row, data);
    tx.execute(
        UPDATE,
        &args![
            practice.bytes(),
            row,
            sealed.name,
            sealed.birth_idx,
            sealed.birth,
            data.language.as_str(),
            data.zone.clone(),
            data.standing.as_str(),
            data.sensitive,
            source_digest,
        ],
    )?;
    tx.execute(CLEAR_PREFIXES, &args![practice.bytes(), row])?;
    index_name(tx, id, data.name.expose())?;
    tx.record(now, Entry::new("person_changed", now).word("person", id));
    Ok(())
}

struct Sealed {
    name: Vec<u8>,
    birth_idx: Option<[u8; 16]>,
    birth: Option<Vec<u8>>,
}

impl Sealed {
    fn of(tx: &Tx<'_, '_>, row: &[u8; 16], data: &PersonData) -> Self {
        let name = data.name.expose();
        let birth = data.birth_date.as_ref().map(|date| date.expose().to_string());
        Self {
            name: tx.seal("person", "name", row, format!("{}\n{}", name.given, name.family).as_bytes()),
            birth_idx: birth.as_ref().map(|date| tx.index("birth_date", date.as_bytes())),
            birth: birth.as_ref().map(|date| tx.seal("person", "birth", row, date.as_bytes())),
        }
    }
}

/// The prefixes by which a name can be found: two to six letters of each word of it, accents folded.
fn prefixes(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in fold(name).split_whitespace() {
        let letters: Vec<char> = part.chars().collect();
        for length in [2, 3, 4, 6] {
            if letters.len() >= length {
                found.push(letters[..length].iter().collect());
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn fold(name: &str) -> String {
    wellsent_text::fold_letters(name)
}

fn index_name(tx: &mut Tx<'_, '_>, id: PersonId, name: &Name) -> Result<(), StoreError> {
    let practice = tx.practice();
    let rows: Vec<_> = prefixes(&format!("{} {}", name.given, name.family))
        .iter()
        .map(|prefix| args![practice.bytes(), tx.index("name_prefix", prefix.as_bytes()), id.bytes()])
        .collect();
    tx.execute_many(ADD_PREFIX, &rows)?;
    Ok(())
}

/// The person with this record number, and the digest of the row that it came from.
pub fn by_record(tx: &mut Tx<'_, '_>, record: &str) -> Result<Option<(PersonId, Option<Vec<u8>>)>, StoreError> {
    let (practice, record_idx) = (tx.practice(), tx.index("record_number", record.trim().as_bytes()));
    let row = tx.query_opt(BY_RECORD, &args![practice.bytes(), record_idx])?;
    row.map(|row| Ok((PersonId::from_bytes(row.id(0)?), row.opt_blob(1)?.map(<[u8]>::to_vec)))).transpose()
}

/// A person.
pub fn get(tx: &mut Tx<'_, '_>, id: PersonId) -> Result<Person, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "patient" })?;
    person(tx, &row)
}

/// People whom a search finds: by record number, birth date, phone number, or the beginnings of names. At most 50.
pub fn search(tx: &mut Tx<'_, '_>, query: &str) -> Result<Vec<PersonId>, StoreError> {
    let practice = tx.practice();
    let query = query.trim();
    if let Some((id, _)) = by_record(tx, query)? {
        return Ok(vec![id]);
    }
    if let Ok(number) = PhoneNumber::parse(query) {
        let key = numbers::key(tx, number);
        return numbers::people(tx, key);
    }
    if let Some(date) = birth_date(query) {
        let birth_idx = tx.index("birth_date", date.to_string().as_bytes());
        let rows = tx.query(BY_BIRTH, &args![practice.bytes(), birth_idx])?;
        return rows.iter().map(|row| Ok(PersonId::from_bytes(row.id(0)?))).collect();
    }
    let mut found: Option<Vec<PersonId>> = None;
    for part in fold(query).split_whitespace() {
        let letters: Vec<char> = part.chars().collect();
        let length = match letters.len() {
            0 | 1 => continue,
            2 | 3 => letters.len(),
            4 | 5 => 4,
            _ => 6,
        };
        let prefix: String = letters[..length].iter().collect();
        let prefix_idx = tx.index("name_prefix", prefix.as_bytes());
        let rows = tx.query(BY_PREFIX, &args![practice.bytes(), prefix_idx])?;
        let people: Vec<_> = rows.iter().map(|row| Ok(PersonId::from_bytes(row.id(0)?))).collect::<Result<_, StoreError>>()?;
        found = Some(match found {
            None => people,
            Some(before) => before.into_iter().filter(|person| people.contains(person)).collect(),
        });
    }
    let mut kept = Vec::new();
    for id in found.unwrap_or_default() {
        let name = fold(&get(tx, id)?.name.expose().full());
        let matches = fold(query).split_whitespace().all(|part| name.split_whitespace().any(|word| word.starts_with(part)));
        if matches {
            kept.push(id);
        }
    }
    Ok(kept)
}

fn birth_date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let parts: Vec<i16> = text.split(['/', '-', '.']).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [month, day, year] if year >= 1900 => Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok(),
        _ => None,
    }
}

/// The newest people.
pub fn recent(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<PersonId>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(RECENT, &args![practice.bytes(), limit])?;
    rows.iter().map(|row| Ok(PersonId::from_bytes(row.id(0)?))).collect()
}

/// How many people there are.
pub fn count(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(COUNT, &args![practice.bytes()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}

/// The contact points of a person, the newest first.
pub fn contacts(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Vec<StoredContact>, StoreError> {
    let practice = tx.practice();
    tx.query(CONTACTS, &args![practice.bytes(), person.bytes()])?.iter().map(|row| contact(tx, row)).collect()
}

/// A contact point.
pub fn contact_point(tx: &mut Tx<'_, '_>, id: ContactPointId) -> Result<StoredContact, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(CONTACT, &args![practice.bytes(), id.bytes()])?.ok_or(StoreError::NotFound { what: "contact point" })?;
    contact(tx, &row)
}

/// The contact points at a number, one a person.
pub fn contacts_at(tx: &mut Tx<'_, '_>, number: NumberKey) -> Result<Vec<StoredContact>, StoreError> {
    let practice = tx.practice();
    tx.query(CONTACTS_AT, &args![practice.bytes(), number.0])?.iter().map(|row| contact(tx, row)).collect()
}

/// Gives a person a number. Another number that was in use is replaced: its verification, warning and consents do not carry over, and do not
/// come back with it either (H-04).
pub fn set_number(tx: &mut Tx<'_, '_>, person: PersonId, data: &ContactData, now: Timestamp) -> Result<ContactPointId, StoreError> {
    let number = numbers::key(tx, *data.number.expose());
    numbers::ensure(tx, number)?;
    let practice = tx.practice();
    let mut known = None;
    for have in contacts(tx, person)? {
        if have.number == number {
            if have.contact.state == ContactState::Replaced {
                tx.execute(REVIVE, &args![practice.bytes(), have.contact.id.bytes()])?;
                numbers::add_person(tx, number)?;
                numbers::joined(tx, number, person, have.contact.id, now)?;
                if let Some(at) = data.verified_at {
                    set_verified(tx, have.contact.id, Channel::Import, at)?;
                }
            }
            known = Some(have.contact.id);
        } else if have.contact.state != ContactState::Replaced {
            let event = consent_log::append(tx, act_on(person, have.contact.id, Channel::Spoken, now), Act::NumberReplaced)?;
            tx.execute(REPLACE, &args![practice.bytes(), have.contact.id.bytes(), micros(now)])?;
            tx.execute(END_CONSENTS, &args![practice.bytes(), have.contact.id.bytes(), micros(now), event.bytes()])?;
            numbers::remove_person(tx, have.number)?;
        }
    }
    if let Some(id) = known {
        return Ok(id);
    }
    let id = tx.fresh(now, ContactPointId::from_uuid);
    let sealed = tx.seal("contact_point", "number", &id.bytes(), data.number.expose().as_e164().as_ref());
    let (reached, proxy) = reached_columns(data.reached);
    let added = tx.execute(
        INSERT_CONTACT,
        &args![
            id.bytes(),
            practice.bytes(),
            person.bytes(),
            number.0,
            sealed,
            i64::from(data.number.expose().area_code()),
            data.obtained.as_str(),
            reached,
            proxy.map(|proxy| proxy.authority.as_str()),
            proxy.map(|proxy| proxy.from.to_string()),
            proxy.and_then(|proxy| proxy.until).map(|day| day.to_string()),
            proxy.is_some_and(|proxy| proxy.clinical),
            micros(now),
        ],
    )?;
    if added == 0 {
        return Err(StoreError::NotFound { what: "patient" });
    }
    numbers::add_person(tx, number)?;
    tx.record(now, Entry::new("contact_point_added", now).word("person", person).word("contact_point", id));
    numbers::joined(tx, number, person, id, Timestamp::MIN)?;
    if let Some(at) = data.verified_at {
        set_verified(tx, id, Channel::Import, at)?;
    }
    Ok(id)
}

fn reached_columns(reached: Reached) -> (&'static str, Option<Proxy>) {
    match reached {
        Reached::Own => ("own", None),
        Reached::MatureMinor => ("mature_minor", None),
        Reached::Proxy(proxy) => ("proxy", Some(proxy)),
    }
}

/// Says anew whose ear a number is: the patient's own or that of somebody who may act for them (H-17, H-18).
pub fn set_reached(tx: &mut Tx<'_, '_>, id: ContactPointId, reached: Reached, now: Timestamp) -> Result<(), StoreError> {
    let (practice, contact) = (tx.practice(), contact_point(tx, id)?);
    let (word, proxy) = reached_columns(reached);
    tx.execute(
        SET_REACHED,
        &args![
            practice.bytes(),
            id.bytes(),
            word,
            proxy.map(|proxy| proxy.authority.as_str()),
            proxy.map(|proxy| proxy.from.to_string()),
            proxy.and_then(|proxy| proxy.until).map(|day| day.to_string()),
            proxy.is_some_and(|proxy| proxy.clinical),
        ],
    )?;
    let entry = Entry::new("reached", now).word("person", contact.contact.person).word("contact_point", id).word("reached", word);
    tx.record(now, entry.word_if("authority", proxy.map(|proxy| proxy.authority.as_str())));
    crate::plans::mark(tx, contact.number, now)
}

/// Records that a code sent to the number came back (H-07).
pub fn set_verified(tx: &mut Tx<'_, '_>, id: ContactPointId, channel: Channel, now: Timestamp) -> Result<(), StoreError> {
    let (practice, contact) = (tx.practice(), contact_point(tx, id)?);
    consent_log::append(tx, act_on(contact.contact.person, id, channel, now), Act::Verified)?;
    tx.execute(VERIFIED, &args![practice.bytes(), id.bytes(), micros(now)])?;
    Ok(())
}

/// Records that the patient confirmed in person that the number is still theirs (H-07).
pub fn set_confirmed(tx: &mut Tx<'_, '_>, id: ContactPointId, channel: Channel, now: Timestamp) -> Result<(), StoreError> {
    let (practice, contact) = (tx.practice(), contact_point(tx, id)?);
    consent_log::append(tx, act_on(contact.contact.person, id, channel, now), Act::NumberConfirmed)?;
    tx.execute(CONFIRMED, &args![practice.bytes(), id.bytes(), micros(now)])?;
    Ok(())
}

/// Changes the language of a person's texts.
pub fn set_language(tx: &mut Tx<'_, '_>, id: PersonId, language: Language, now: Timestamp) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(SET_LANGUAGE, &args![practice.bytes(), id.bytes(), language.as_str()])? == 0 {
        return Err(StoreError::NotFound { what: "patient" });
    }
    tx.record(now, Entry::new("language", now).word("person", id).word("language", language.as_str()));
    Ok(())
}

fn act_on(person: PersonId, contact_point: ContactPointId, channel: Channel, at: Timestamp) -> ConsentRecord {
    ConsentRecord { person, contact_point, channel, wording: None, language: None, evidence: None, at }
}

pub(crate) fn person(tx: &Tx<'_, '_>, row: &Row) -> Result<Person, StoreError> {
    let id = row.id(0)?;
    let record_number = row.opt_blob(1)?.map(|sealed| tx.open("person", "record", &id, sealed)).transpose()?;
    let birth = row.opt_blob(3)?.map(|sealed| birth(tx, &id, sealed)).transpose()?;
    Ok(Person {
        id: PersonId::from_bytes(id),
        record_number,
        name: name(tx, &id, row.blob(2)?)?,
        birth_date: birth,
        language: word(Language::parse(row.text(4)?), "person", "language")?,
        zone: row.opt_text(5)?.map(|name| zone(name, "person")).transpose()?,
        standing: word(Standing::parse(row.text(6)?), "person", "standing")?,
        sensitive: row.bool(7)?,
    })
}

pub(crate) fn name(tx: &Tx<'_, '_>, row: &[u8; 16], sealed: &[u8]) -> Result<Phi<Name>, StoreError> {
    Ok(tx.open("person", "name", row, sealed)?.map(|text| {
        let (given, family) = text.split_once('\n').unwrap_or((&text, ""));
        Name { given: given.to_owned(), family: family.to_owned() }
    }))
}

pub(crate) fn birth(tx: &Tx<'_, '_>, row: &[u8; 16], sealed: &[u8]) -> Result<Phi<Date>, StoreError> {
    let text = tx.open("person", "birth", row, sealed)?;
    text.expose().parse().map(Phi::new).map_err(|_| StoreError::corrupt("person", "birth"))
}

pub(crate) fn contact(tx: &Tx<'_, '_>, row: &Row) -> Result<StoredContact, StoreError> {
    let id = row.id(0)?;
    let number = phone(&tx.open("contact_point", "number", &id, row.blob(3)?)?)?;
    Ok(StoredContact {
        contact: ContactPoint {
            id: ContactPointId::from_bytes(id),
            person: PersonId::from_bytes(row.id(1)?),
            number,
            state: word(ContactState::parse(row.text(4)?), "contact_point", "state")?,
            verified_at: row.opt_int(6)?.map(from_micros),
            confirmed_at: row.opt_int(15)?.map(from_micros),
            obtained: word(Obtained::parse(row.text(5)?), "contact_point", "obtained")?,
        },
        number: NumberKey(row.id(2)?),
        resumed_at: row.opt_int(7)?.map(from_micros),
        warning: warning(row.text(8)?)?,
        warning_at: row.opt_int(9)?.map(from_micros),
        reached: reached(row.text(10)?, row.opt_text(11)?, row.opt_text(12)?, row.opt_text(13)?, row.bool(14)?)?,
    })
}

pub(crate) fn phone(text: &Phi<String>) -> Result<Phi<PhoneNumber>, StoreError> {
    PhoneNumber::from_e164_exact(text.expose()).map(Phi::new).map_err(|_| StoreError::corrupt("contact_point", "number"))
}

pub(crate) fn warning(stored: &str) -> Result<Warning, StoreError> {
    Ok(match stored {
        "not_shown" => Warning::NotShown,
        "shown" => Warning::Shown,
        "accepted" => Warning::Accepted,
        "withdrawn" => Warning::Withdrawn,
        _ => return Err(StoreError::corrupt("contact_point", "warning")),
    })
}

pub(crate) fn reached(
    stored: &str,
    authority: Option<&str>,
    from: Option<&str>,
    until: Option<&str>,
    clinical: bool,
) -> Result<Reached, StoreError> {
    let day = |text: &str| text.parse::<Date>().map_err(|_| StoreError::corrupt("contact_point", "proxy_from"));
    Ok(match stored {
        "own" => Reached::Own,
        "mature_minor" => Reached::MatureMinor,
        "proxy" => Reached::Proxy(Proxy {
            authority: word(authority.and_then(Authority::parse), "contact_point", "proxy_authority")?,
            from: from.map(day).transpose()?.ok_or(StoreError::corrupt("contact_point", "proxy_from"))?,
            until: until.map(day).transpose()?,
            clinical,
        }),
        _ => return Err(StoreError::corrupt("contact_point", "reached")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_the_first_letters_of_each_of_its_words() {
        assert_eq!(prefixes("Ána Cruz-Díaz"), ["an", "ana", "cr", "cru", "cruz", "di", "dia", "diaz"]);
    }
}
