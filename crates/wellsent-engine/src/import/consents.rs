//! Consents and withdrawals that were given elsewhere, with what shows each: a file number, a form.
//!
//! A row is one act of one patient for one number. An act that is known already is not recorded twice; one that is older than a STOP or than a
//! later act is recorded where it belongs in time and changes nothing that stands (T-08, P11).

use super::field::Field;
use super::patients::{Outcome, Setting};
use super::record::Record;
use super::report::{RejectReason, WarningKind};
use super::row::{Fields, Findings, Item, PatientRow, Reader};
use super::value;
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{Act, Category, Channel, ConsentAct, Warning};
use wellsent_domain::person::ContactState;
use wellsent_domain::{Language, Phi, PhoneNumber};
use wellsent_store::consent_log::ConsentLine;
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::evidence::{self, EvidenceKind, NewEvidence};
use wellsent_store::people::{self, StoredContact};
use wellsent_store::{StoreError, Tx, consent_log, numbers};
use wellsent_text::fold_letters;

/// The longest reference, in characters.
const EVIDENCE_CHARS_MAX: usize = 200;
/// The number of consent events of a patient among which a known act is looked for.
const EVENTS_LOOKED_AT: i64 = 500;

/// What an act is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Texts(Category),
    Warning,
}

/// An act that a row tells.
pub(super) struct ConsentRow {
    pub(super) number: PhoneNumber,
    pub(super) about: About,
    pub(super) is_yes: bool,
    /// The first instant of the day on which it was done.
    pub(super) day_begins: Timestamp,
    /// The last one.
    pub(super) day_ends: Timestamp,
    pub(super) channel: Channel,
    pub(super) is_written: bool,
    pub(super) evidence: Option<String>,
    pub(super) language: Option<Language>,
}

impl Reader<'_> {
    /// Reads a row; `None` when there are rejects.
    pub(super) fn consent_row(&self, record: &Record, fields: &Fields<'_>, findings: &mut Findings) -> Option<Item> {
        let patient = needed(findings, Field::PatientId, value::id(&fields.get(Field::PatientId)));
        let phone = fields.get(Field::Phone);
        let number = match value::is_no_number(&phone) {
            true => Ok(None),
            false => PhoneNumber::parse(&phone).map(Some).map_err(RejectReason::Phone),
        };
        let number = needed(findings, Field::Phone, number);
        let about = needed(findings, Field::Category, about(&fields.get(Field::Category)));
        let is_yes = needed(findings, Field::Act, value::yes_no(&fields.get(Field::Act)));
        let day = match fields.get(Field::ActDate) {
            text if value::is_blank(&text) => Ok(None),
            text => self.day(&text).map(Some),
        };
        let day = needed(findings, Field::ActDate, day);
        let channel = needed(findings, Field::Channel, channel(&fields.get(Field::Channel)));
        let is_written = findings.take(Field::Written, value::yes_no(&fields.get(Field::Written))).unwrap_or(false);
        let reference = fields.get(Field::Evidence);
        let evidence = (!value::is_blank(&reference)).then(|| value::one_line(&reference));
        if evidence.as_ref().is_some_and(|reference| reference.chars().count() > EVIDENCE_CHARS_MAX) {
            findings.reject(Field::Evidence, RejectReason::TooLong);
        }
        // Written consent is what somebody can be shown (T-03).
        if is_written && channel == Some(Channel::Spoken) {
            findings.reject(Field::Written, RejectReason::SpokenNotWritten);
        } else if is_written && evidence.is_none() {
            findings.reject(Field::Evidence, RejectReason::EvidenceMissing);
        }
        let said = fields.get(Field::Language);
        let language = if value::is_blank(&said) { None } else { value::language(&said).ok() };
        if language.is_none() && !value::is_blank(&said) {
            findings.warnings.push(WarningKind::LanguageNotKept);
        }
        let day_begins = day?;
        let row = ConsentRow {
            number: number?,
            about: about?,
            is_yes: is_yes?,
            day_begins,
            day_ends: self.end_of_day(day_begins),
            channel: channel?,
            is_written,
            evidence,
            language,
        };
        let patient = PatientRow { record: patient?, ..PatientRow::default() };
        findings.rejects.is_empty().then_some(Item { line: record.line, patient, visit: None, consent: Some(row) })
    }

    fn end_of_day(&self, begins: Timestamp) -> Timestamp {
        let zone = &self.options.zone;
        let next = zone.to_datetime(begins).date().tomorrow();
        let next = next.and_then(|day| zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible());
        next.and_then(|next| next.checked_sub(SignedDuration::from_micros(1))).unwrap_or(begins)
    }
}

/// A field without which the row says nothing.
fn needed<T>(findings: &mut Findings, field: Field, read: Result<Option<T>, RejectReason>) -> Option<T> {
    match read {
        Ok(Some(value)) => Some(value),
        Ok(None) => {
            findings.reject(field, RejectReason::Blank);
            None
        }
        Err(reason) => {
            findings.reject(field, reason);
            None
        }
    }
}

fn about(text: &str) -> Result<Option<About>, RejectReason> {
    if value::is_blank(text) {
        return Ok(None);
    }
    Ok(Some(match fold_letters(text).as_str() {
        "appointments" | "appointment" | "appointment reminders" | "reminders" | "citas" => About::Texts(Category::Appointments),
        "care" | "clinical" | "treatment" | "health" | "atencion" => About::Texts(Category::Care),
        "billing" | "bills" | "payment" | "payments" | "facturacion" => About::Texts(Category::Billing),
        "surveys" | "survey" | "feedback" | "encuestas" => About::Texts(Category::Surveys),
        "marketing" | "news" | "promotions" | "mercadeo" => About::Texts(Category::Marketing),
        "warning" | "unencrypted" | "unencrypted texts" | "details" | "phi" | "advertencia" => About::Warning,
        _ => return Err(RejectReason::CategoryUnknown),
    }))
}

fn channel(text: &str) -> Result<Option<Channel>, RejectReason> {
    if value::is_blank(text) {
        return Ok(None);
    }
    Ok(Some(match fold_letters(text).as_str() {
        "paper" | "paper form" | "form" | "scan" | "papel" => Channel::Paper,
        "check in" | "checkin" | "kiosk" | "tablet" | "registro" => Channel::CheckIn,
        "portal" | "patient portal" | "web" | "online" => Channel::Portal,
        "spoken" | "verbal" | "oral" | "phone call" | "in person" | "verbally" => Channel::Spoken,
        _ => return Err(RejectReason::ChannelUnknown),
    }))
}

/// Records the act of a row, unless it is known. The reason is for a row that cannot be taken.
pub(super) fn record(
    tx: &mut Tx<'_, '_>,
    patient: &str,
    row: &ConsentRow,
    setting: Setting,
    warnings: &mut Vec<WarningKind>,
) -> Result<Result<Outcome, RejectReason>, StoreError> {
    let Some((person, _)) = people::by_record(tx, patient)? else { return Ok(Err(RejectReason::PatientUnknown)) };
    let is_theirs = |known: &StoredContact| known.contact.state != ContactState::Replaced && *known.contact.number.expose() == row.number;
    let Some(contact) = people::contacts(tx, person)?.into_iter().find(is_theirs) else { return Ok(Err(RejectReason::PhoneNotTheirs)) };
    for line in consent_log::lines(tx, person, EVENTS_LOOKED_AT)? {
        if row.is_told_by(tx, &line, &contact)? {
            return Ok(Ok(Outcome::Unchanged));
        }
    }
    let reference =
        row.evidence.as_ref().map(|text| NewEvidence { kind: EvidenceKind::Reference, body: Phi::new(text.clone().into_bytes()) });
    let evidence = reference.as_ref().map(|new| evidence::add(tx, person, new, setting.now)).transpose()?;
    // The day is known and the hour is not: a yes counts from the first instant, a no from the last, so that neither claims too much.
    let at = if row.is_yes { row.day_begins } else { row.day_ends.min(setting.now) };
    let record = ConsentRecord {
        person,
        contact_point: contact.contact.id,
        channel: row.channel,
        wording: None,
        language: row.language,
        evidence,
        at,
    };
    match (row.about, row.is_yes) {
        (About::Texts(category), true) => {
            consents::grant(tx, record, category, row.is_written, setting.confirmed)?;
        }
        (About::Texts(category), false) => {
            consents::revoke(tx, record, category)?;
        }
        (About::Warning, yes) => {
            consents::record_warning(tx, record, ConsentAct::Warned)?;
            let act = if yes { ConsentAct::WarningAccepted } else { ConsentAct::WarningWithdrawn };
            consents::record_warning(tx, record, act)?;
        }
    }
    if row.is_yes {
        warnings.extend(row.overtaken(tx, &contact)?);
    }
    Ok(Ok(Outcome::Added))
}

impl ConsentRow {
    /// Whether a line of the log tells the same act.
    fn is_told_by(&self, tx: &mut Tx<'_, '_>, line: &ConsentLine, contact: &StoredContact) -> Result<bool, StoreError> {
        let same_act = match (self.about, self.is_yes, line.event.act) {
            (About::Texts(about), true, Act::Granted { category, written, .. }) => about == category && self.is_written == written,
            (About::Texts(about), false, Act::Revoked(category)) => about == category,
            (About::Warning, true, Act::WarningAccepted) | (About::Warning, false, Act::WarningWithdrawn) => true,
            _ => false,
        };
        let same_day = (self.day_begins..=self.day_ends).contains(&line.event.at);
        if !same_act || !same_day || line.channel != self.channel || line.event.contact_point != Some(contact.contact.id) {
            return Ok(false);
        }
        match (&self.evidence, line.evidence) {
            (None, _) => Ok(true),
            (Some(_), None) => Ok(false),
            (Some(reference), Some(kept)) => {
                let (kind, body) = evidence::get(tx, contact.contact.person, kept)?;
                // A scan or a signature is more than a reference to it.
                Ok(kind != EvidenceKind::Reference || body.expose() == reference.as_bytes())
            }
        }
    }

    /// What keeps a yes from having any effect: a later act.
    fn overtaken(&self, tx: &mut Tx<'_, '_>, before: &StoredContact) -> Result<Option<WarningKind>, StoreError> {
        let contact = people::contact_point(tx, before.contact.id)?;
        let suppression = numbers::get(tx, contact.number)?.and_then(|number| number.suppression);
        let is_stopped = suppression.is_some_and(|suppression| contact.resumed_at.is_none_or(|at| at < suppression.at));
        let stands = match self.about {
            About::Texts(category) => consents::standing(tx, contact.contact.id)?.iter().any(|(known, _)| *known == category),
            About::Warning => contact.warning == Warning::Accepted,
        };
        Ok(match (is_stopped, stands) {
            (_, false) => Some(WarningKind::ConsentOvertaken),
            (true, true) => Some(WarningKind::ConsentBeforeStop),
            (false, true) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_manual_and_their_kin_are_understood() {
        for category in Category::ALL {
            assert_eq!(about(category.as_str()), Ok(Some(About::Texts(*category))));
        }
        assert_eq!(about("Warning"), Ok(Some(About::Warning)));
        assert_eq!(about("weather"), Err(RejectReason::CategoryUnknown));
        for (word, channel_of) in
            [("paper", Channel::Paper), ("check_in", Channel::CheckIn), ("Portal", Channel::Portal), ("spoken", Channel::Spoken)]
        {
            assert_eq!(channel(word), Ok(Some(channel_of)));
        }
        for word in ["text", "import", "carrier", "pigeon"] {
            assert_eq!(channel(word), Err(RejectReason::ChannelUnknown), "{word}: this program itself records what came by text");
        }
        for (word, yes) in [("granted", true), ("accepted", true), ("revoked", false), ("declined", false)] {
            assert_eq!(value::yes_no(word), Ok(Some(yes)));
        }
    }
}
