//! Consent as staff, the check-in screen, a page or a text bring it in. Every way ends in the same records (H-04, T-01, T-08).

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::Timestamp;
use wellsent_domain::consent::{AuthorizationForm, Category, Channel, ConsentAct, Directive, FormFault};
use wellsent_domain::inbound::Ask;
use wellsent_domain::person::{ContactState, Obtained};
use wellsent_domain::{ConsentEventId, ContactPointId, EvidenceId, Language, PersonId, Phi, PhoneNumber};
use wellsent_store::consent_wordings::{self, ShownWording};
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::directives;
use wellsent_store::evidence::{self, NewEvidence};
use wellsent_store::people::{self, ContactData};
use wellsent_store::{Access, StoreError, Tx, authorizations, numbers, practices};
use wellsent_text::consent_wording::{Subject, VERSION, wording};
use wellsent_text::template::builtin;

/// What somebody chose, in one act.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Who.
    pub person: PersonId,
    /// For which number.
    pub contact_point: ContactPointId,
    /// By which way.
    pub channel: Channel,
    /// In which language they were asked.
    pub language: Language,
    /// Yes or no to each subject that they answered. What they did not answer stays as it is.
    pub answers: Vec<(Subject, bool)>,
    /// What shows it: a signature, a scan, a reference.
    pub evidence: Option<NewEvidence>,
    /// When it was said, if that was before it is recorded: a paper form has a date.
    pub at: Option<Timestamp>,
}

impl Engine {
    /// Records what somebody chose.
    pub async fn record_choices(&self, access: Access, choices: Choices) -> Result<(), EngineError> {
        let now = self.now();
        self.store().write(access, move |tx: &mut Tx<'_, '_>| record(tx, &choices, now)).await?;
        self.announce(Change::Visits(access.practice));
        Ok(())
    }

    /// Stops texts to a number, because its holder said so at the desk, by phone or on a page: the same as STOP (T-08).
    pub async fn stop(&self, access: Access, contact: ContactPointId, channel: Channel) -> Result<(), EngineError> {
        let now = self.now();
        let stop = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let number = people::contact_point(tx, contact)?.number;
            numbers::suppress(tx, number, channel, None, now).map(drop)
        };
        self.store().write(access, stop).await?;
        self.announce(Change::Visits(access.practice));
        Ok(())
    }

    /// Records a confidential-communication request (H-08).
    pub async fn direct(
        &self,
        access: Access,
        person: PersonId,
        contact: Option<ContactPointId>,
        directive: Directive,
    ) -> Result<ConsentEventId, EngineError> {
        let now = self.now();
        let add = move |tx: &mut Tx<'_, '_>| directives::add(tx, person, contact, directive, Channel::Spoken, now);
        Ok(self.store().write(access, add).await?)
    }

    /// Ends such a request.
    pub async fn end_directive(&self, access: Access, person: PersonId, which: ConsentEventId) -> Result<(), EngineError> {
        let now = self.now();
        Ok(self.store().write(access, move |tx: &mut Tx<'_, '_>| directives::end(tx, person, which, Channel::Spoken, now)).await?)
    }

    /// Records a signed marketing authorization, if nothing is missing in it (H-13).
    pub async fn authorize(
        &self,
        access: Access,
        person: PersonId,
        form: AuthorizationForm,
        scan: Option<NewEvidence>,
    ) -> Result<Result<ConsentEventId, Vec<FormFault>>, EngineError> {
        let now = self.now();
        let add = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let today = practices::get(tx)?.practice.zone.to_datetime(now).date();
            let until = match form.check(today) {
                Ok(until) => until,
                Err(faults) => return Ok(Err(faults)),
            };
            let evidence = scan.as_ref().map(|scan| evidence::add(tx, person, scan, now)).transpose()?;
            authorizations::add(tx, person, &form, until, Channel::Paper, evidence, now).map(Ok)
        };
        Ok(self.store().write(access, add).await?)
    }

    /// Ends an authorization that was revoked in writing, or whose event has come (H-14).
    pub async fn end_authorization(
        &self,
        access: Access,
        person: PersonId,
        which: ConsentEventId,
        scan: Option<NewEvidence>,
    ) -> Result<(), EngineError> {
        let now = self.now();
        let end = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let evidence = scan.as_ref().map(|scan| evidence::add(tx, person, scan, now)).transpose()?;
            authorizations::end(tx, person, which, evidence, now)
        };
        Ok(self.store().write(access, end).await?)
    }

    /// Gives a person another number. What was said for the old one does not carry over (H-04).
    pub async fn change_number(&self, access: Access, person: PersonId, number: PhoneNumber) -> Result<ContactPointId, EngineError> {
        let now = self.now();
        let changed = self.store().write(access, move |tx: &mut Tx<'_, '_>| change_number(tx, person, number, now)).await?;
        self.announce(Change::Visits(access.practice));
        Ok(changed)
    }
}

/// Gives a person another number, from the patient.
pub(crate) fn change_number(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    number: PhoneNumber,
    now: Timestamp,
) -> Result<ContactPointId, StoreError> {
    let before = people::contacts(tx, person)?;
    let reached = before.iter().find(|known| known.contact.state == ContactState::Live).map(|known| known.reached);
    let data = ContactData {
        number: Phi::new(number),
        obtained: Obtained::Patient,
        verified_at: None,
        reached: reached.unwrap_or(wellsent_domain::gate::Reached::Own),
    };
    let contact = people::set_number(tx, person, &data, now)?;
    // Whoever was planned for the old number is planned for the new one.
    for known in before {
        wellsent_store::plans::mark(tx, known.number, now)?;
    }
    let key = numbers::key(tx, number);
    wellsent_store::plans::mark(tx, key, now)?;
    Ok(contact)
}

/// Records choices together with the wordings of this program about them.
pub(crate) fn record(tx: &mut Tx<'_, '_>, choices: &Choices, now: Timestamp) -> Result<Option<EvidenceId>, StoreError> {
    record_shown(tx, choices, &[], now)
}

/// Records choices together with the words that a page really showed, where it had its own.
pub(crate) fn record_shown(
    tx: &mut Tx<'_, '_>,
    choices: &Choices,
    words: &[(Subject, ShownWording)],
    now: Timestamp,
) -> Result<Option<EvidenceId>, StoreError> {
    let contact = people::contact_point(tx, choices.contact_point)?;
    if contact.contact.person != choices.person {
        return Err(StoreError::NotFound { what: "contact point" });
    }
    let evidence = choices.evidence.as_ref().map(|new| evidence::add(tx, choices.person, new, now)).transpose()?;
    let at = choices.at.map_or(now, |at| at.min(now));
    // Agreed to with a signature, a scan or a typed name, and not just spoken (T-03).
    let written = evidence.is_some() && matches!(choices.channel, Channel::Paper | Channel::CheckIn | Channel::Portal);
    for (subject, yes) in &choices.answers {
        let wording = match words.iter().find(|(about, _)| about == subject) {
            Some((_, words)) => consent_wordings::keep(tx, words, now)?,
            None => shown(tx, *subject, choices.language, now)?,
        };
        let record = ConsentRecord {
            person: choices.person,
            contact_point: choices.contact_point,
            channel: choices.channel,
            wording: Some(wording),
            language: Some(choices.language),
            evidence,
            at,
        };
        record_choice(tx, record, *subject, *yes, written)?;
    }
    Ok(evidence)
}

/// Records one yes or no.
pub(crate) fn record_choice(
    tx: &mut Tx<'_, '_>,
    record: ConsentRecord,
    subject: Subject,
    yes: bool,
    written: bool,
) -> Result<(), StoreError> {
    let category = match subject {
        Subject::Warning => {
            consents::record_warning(tx, record, ConsentAct::Warned)?;
            let answer = if yes { ConsentAct::WarningAccepted } else { ConsentAct::WarningWithdrawn };
            return consents::record_warning(tx, record, answer).map(drop);
        }
        Subject::Appointments => Category::Appointments,
        Subject::Care => Category::Care,
        Subject::Billing => Category::Billing,
        Subject::Surveys => Category::Surveys,
        Subject::Marketing => Category::Marketing,
    };
    if yes {
        consents::grant(tx, record, category, written, false)?;
    } else {
        consents::revoke(tx, record, category)?;
    }
    Ok(())
}

/// The digest of the wording about a subject, kept as it is shown now.
fn shown(tx: &mut Tx<'_, '_>, subject: Subject, language: Language, now: Timestamp) -> Result<[u8; 32], StoreError> {
    let practice = practices::get(tx)?.practice;
    let body = wording(subject, language, &practice.name, &practice.call_back.national());
    let shown = ShownWording { name: subject.as_str().to_owned(), version: VERSION.to_owned(), language, body };
    consent_wordings::keep(tx, &shown, now)
}

/// The digest of the wording that was texted as a question.
pub(crate) fn texted(tx: &mut Tx<'_, '_>, ask: Ask, language: Language, now: Timestamp) -> Result<[u8; 32], StoreError> {
    let name = match ask {
        Ask::OptIn => "opt_in_ask",
        Ask::Warning => "warning",
    };
    let body =
        builtin::find(name).and_then(|found| found.wordings.iter().find(|(known, _)| *known == language)).map_or("", |(_, text)| text);
    let shown = ShownWording { name: format!("text/{name}"), version: VERSION.to_owned(), language, body: body.to_owned() };
    consent_wordings::keep(tx, &shown, now)
}
