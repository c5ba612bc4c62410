//! Bringing a patient to what a row says.

use super::report::{RejectReason, WarningKind};
use super::row::{PatientRow, Said};
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_domain::consent::{Act, Category, Channel, ConsentAct, Event, Warning};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Authority, ContactPoint, ContactState, Obtained, Person, Proxy, Standing};
use wellsent_domain::{ContactPointId, Language, PersonId, Phi};
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::people::{self, ContactData, PersonData, StoredContact};
use wellsent_store::{StoreError, Tx, appointments, consent_log, numbers, plans};

/// What a row did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Unchanged,
    Changed,
    Added,
}

/// What holds for all rows.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) now: Timestamp,
    /// The day at the practice.
    pub(super) today: Date,
    /// The practice vouches that opt-in confirmations went out before (C-02).
    pub(super) confirmed: bool,
}

/// The number of consent events of a patient among which a revocation is looked for.
const EVENTS_LOOKED_AT: i64 = 500;

/// Adds a patient or brings one to what the row says. What the row does not say stays. The reason is for a row that cannot be taken.
pub(super) fn upsert(
    tx: &mut Tx<'_, '_>,
    row: &PatientRow,
    setting: Setting,
    warnings: &mut Vec<WarningKind>,
) -> Result<Result<(PersonId, Outcome), RejectReason>, StoreError> {
    let known = people::by_record(tx, &row.record)?;
    if row.is_reference() {
        return Ok(known.map(|(person, _)| (person, Outcome::Unchanged)).ok_or(RejectReason::PatientUnknown));
    }
    let digest = tx.digest("import_patient", row.canonical(setting.confirmed).as_bytes());
    match known {
        Some((person, Some(have))) if have == digest => Ok(Ok((person, Outcome::Unchanged))),
        Some((person, _)) => Ok(Ok((person, change(tx, person, row, digest, setting, warnings)?))),
        None => add(tx, row, digest, setting, warnings),
    }
}

fn add(
    tx: &mut Tx<'_, '_>,
    row: &PatientRow,
    digest: [u8; 32],
    setting: Setting,
    warnings: &mut Vec<WarningKind>,
) -> Result<Result<(PersonId, Outcome), RejectReason>, StoreError> {
    let Some(name) = &row.name else { return Ok(Err(RejectReason::PatientUnknown)) };
    let data = PersonData {
        record_number: Some(Phi::new(row.record.clone())),
        name: Phi::new(name.clone()),
        birth_date: row.birth.map(Phi::new),
        language: row.language.unwrap_or(Language::En),
        zone: row.zone.clone(),
        standing: row.standing.unwrap_or(Standing::Active),
        sensitive: row.sensitive.unwrap_or(false),
    };
    let person = people::add(tx, &data, Some(digest), setting.now)?;
    match contact_data(row, setting) {
        Some(data) => {
            let id = people::set_number(tx, person, &data, setting.now)?;
            let contact = just_added(tx, id, person, data);
            permissions(tx, &contact, row, true, setting, warnings)?;
        }
        None => without_number(row, warnings),
    }
    Ok(Ok((person, Outcome::Added)))
}

fn change(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    row: &PatientRow,
    digest: [u8; 32],
    setting: Setting,
    warnings: &mut Vec<WarningKind>,
) -> Result<Outcome, StoreError> {
    let before = people::get(tx, person)?;
    let (data, mut changed) = merged(&before, row, warnings);
    let contacts = people::contacts(tx, person)?;
    let live = || contacts.iter().filter(|contact| contact.contact.state != ContactState::Replaced);
    let contact = match contact_data(row, setting) {
        None => live().next().cloned(),
        Some(data) => match live().find(|contact| contact.contact.number == data.number) {
            Some(contact) => Some(contact.clone()),
            None => {
                changed = true;
                for old in live() {
                    plans::mark(tx, old.number, setting.now)?;
                }
                let id = people::set_number(tx, person, &data, setting.now)?;
                Some(people::contact_point(tx, id)?)
            }
        },
    };
    match &contact {
        Some(contact) => changed |= permissions(tx, contact, row, false, setting, warnings)?,
        None => without_number(row, warnings),
    }
    if !changed {
        return Ok(Outcome::Unchanged);
    }
    people::update(tx, person, &data, Some(digest), setting.now)?;
    appointments::mark(tx, person, setting.now)?;
    Ok(Outcome::Changed)
}

/// What is stored with what the row says over it. An import takes back neither a death nor a mark as sensitive: both make texts plainer or end
/// them, and somebody here may have set them.
fn merged(before: &Person, row: &PatientRow, warnings: &mut Vec<WarningKind>) -> (PersonData, bool) {
    let zone_before = before.zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned);
    if row.sensitive == Some(false) && before.sensitive {
        warnings.push(WarningKind::SensitiveKept);
    }
    let standing = match (before.standing, row.standing) {
        (Standing::Deceased, Some(Standing::Active | Standing::Inactive)) => {
            warnings.push(WarningKind::DeceasedKept);
            Standing::Deceased
        }
        (before, row) => row.unwrap_or(before),
    };
    let data = PersonData {
        record_number: before.record_number.clone(),
        name: row.name.clone().map_or_else(|| before.name.clone(), Phi::new),
        birth_date: row.birth.map(Phi::new).or_else(|| before.birth_date.clone()),
        language: row.language.unwrap_or(before.language),
        zone: row.zone.clone().or_else(|| zone_before.clone()),
        standing,
        sensitive: before.sensitive || row.sensitive == Some(true),
    };
    let changed = data.name != before.name
        || data.birth_date != before.birth_date
        || data.language != before.language
        || data.zone != zone_before
        || data.standing != before.standing
        || data.sensitive != before.sensitive;
    (data, changed)
}

fn contact_data(row: &PatientRow, setting: Setting) -> Option<ContactData> {
    let authority = row.reached.flatten();
    Some(ContactData {
        number: Phi::new(row.number?),
        obtained: if authority.is_some() { Obtained::Proxy } else { Obtained::Record },
        verified_at: row.verified_at,
        reached: authority.map_or(Reached::Own, |authority| reached(authority, setting.today)),
    })
}

/// The contact point of a patient who was added just now, without reading it back.
fn just_added(tx: &Tx<'_, '_>, id: ContactPointId, person: PersonId, data: ContactData) -> StoredContact {
    let ContactData { number, obtained, verified_at, reached } = data;
    StoredContact {
        number: numbers::key(tx, *number.expose()),
        contact: ContactPoint { id, person, number, state: ContactState::Live, verified_at, confirmed_at: None, obtained },
        resumed_at: None,
        warning: Warning::NotShown,
        warning_at: None,
        reached,
    }
}

fn reached(authority: Authority, today: Date) -> Reached {
    Reached::Proxy(Proxy { authority, from: today, until: None, clinical: false })
}

fn without_number(row: &PatientRow, warnings: &mut Vec<WarningKind>) {
    if matches!(row.consent, Some(Said::Yes(_))) {
        warnings.push(WarningKind::ConsentWithoutNumber);
    }
}

/// Consent, warning and verification. `fresh` says that the person was added just now.
fn permissions(
    tx: &mut Tx<'_, '_>,
    contact: &StoredContact,
    row: &PatientRow,
    fresh: bool,
    setting: Setting,
    warnings: &mut Vec<WarningKind>,
) -> Result<bool, StoreError> {
    let mut changed = consent(tx, contact, row.consent, fresh, setting, warnings)?;
    changed |= warning(tx, contact, row.warning, setting)?;
    if !fresh && let Some(at) = row.verified_at.filter(|at| contact.contact.verified_at.is_none_or(|known| known < *at)) {
        people::set_verified(tx, contact.contact.id, Channel::Import, at)?;
        changed = true;
    }
    if let Some(said) = row.reached {
        let known = match contact.reached {
            Reached::Proxy(proxy) => Some(proxy.authority),
            Reached::Own | Reached::MatureMinor => None,
        };
        if known != said && row.number.is_some() {
            warnings.push(WarningKind::ReachedKept);
        }
    }
    Ok(changed)
}

/// Records consent or its end. An import brings nobody back after a revocation, by text or at the desk, unless the file shows a consent that is
/// later than it (T-08, P11).
fn consent(
    tx: &mut Tx<'_, '_>,
    contact: &StoredContact,
    said: Option<Said>,
    fresh: bool,
    setting: Setting,
    warnings: &mut Vec<WarningKind>,
) -> Result<bool, StoreError> {
    let Some(said) = said else { return Ok(false) };
    let point = &contact.contact;
    let has_standing = !fresh && consents::standing(tx, point.id)?.iter().any(|(category, _)| *category == Category::Appointments);
    let record = |at| ConsentRecord {
        person: point.person,
        contact_point: point.id,
        channel: Channel::Import,
        wording: None,
        language: None,
        evidence: None,
        at,
    };
    let Said::Yes(at) = said else {
        if has_standing {
            consents::revoke(tx, record(setting.now), Category::Appointments)?;
        }
        return Ok(has_standing);
    };
    let suppression = numbers::get(tx, contact.number)?.and_then(|number| number.suppression);
    let suppressed = suppression.map(|suppression| suppression.at).filter(|at| contact.resumed_at.is_none_or(|resumed| resumed < *at));
    let withdrawn = if has_standing || fresh { None } else { withdrawn(tx, contact)? };
    match (suppressed.max(withdrawn), at) {
        (None, _) if has_standing => Ok(false),
        (Some(revoked), at) if at.is_none_or(|at| at <= revoked) => {
            warnings.push(WarningKind::ConsentNotTaken);
            Ok(false)
        }
        (_, at) => {
            consents::grant(tx, record(at.unwrap_or(setting.now)), Category::Appointments, false, setting.confirmed)?;
            Ok(true)
        }
    }
}

/// When the consent for the number was withdrawn, where that is the last thing known of it.
fn withdrawn(tx: &mut Tx<'_, '_>, contact: &StoredContact) -> Result<Option<Timestamp>, StoreError> {
    let log = consent_log::lines(tx, contact.contact.person, EVENTS_LOOKED_AT)?;
    let about = |event: &Event| event.contact_point == Some(contact.contact.id) && event.act.category() == Some(Category::Appointments);
    let last = log.into_iter().map(|line| line.event).find(about);
    Ok(last.filter(|event| matches!(event.act, Act::Revoked(_))).map(|event| event.at))
}

/// Records the acceptance of unencrypted texts, or that it is withdrawn (H-04).
fn warning(tx: &mut Tx<'_, '_>, contact: &StoredContact, said: Option<Said>, setting: Setting) -> Result<bool, StoreError> {
    let Some(said) = said else { return Ok(false) };
    let record = |at| ConsentRecord {
        person: contact.contact.person,
        contact_point: contact.contact.id,
        channel: Channel::Import,
        wording: None,
        language: None,
        evidence: None,
        at,
    };
    match (said, contact.warning) {
        (Said::No, Warning::Accepted) => {
            consents::record_warning(tx, record(setting.now), ConsentAct::WarningWithdrawn)?;
        }
        (Said::Yes(at), Warning::NotShown | Warning::Shown) => accept(tx, record(at.unwrap_or(setting.now)))?,
        (Said::Yes(Some(at)), Warning::Withdrawn) if contact.warning_at.is_none_or(|withdrawn| withdrawn < at) => accept(tx, record(at))?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn accept(tx: &mut Tx<'_, '_>, record: ConsentRecord) -> Result<(), StoreError> {
    consents::record_warning(tx, record, ConsentAct::Warned)?;
    consents::record_warning(tx, record, ConsentAct::WarningAccepted)?;
    Ok(())
}
