//! The check-in screen: a tablet at the desk on which a patient is warned, agrees, signs and proves the phone (H-04, H-07).
//!
//! Staff start it for one patient and read out a code; the tablet needs no sign-in of its own and sees that one patient for as long as it takes.

use crate::live::Change;
use crate::permissions::{self, Choices};
use crate::{Engine, EngineError};
use std::net::IpAddr;
use wellsent_domain::consent::Channel;
use wellsent_domain::secure_page::{Factor, PageKind};
use wellsent_domain::{ContactPointId, EvidenceId, Language, PageId, Phi, PhoneNumber};
use wellsent_store::consent_wordings::ShownWording;
use wellsent_store::evidence::NewEvidence;
use wellsent_store::pages::{self, KeyKind, NewPage, StoredPage};
use wellsent_store::{Access, Actor, StoreError, Tx, people};
use wellsent_text::consent_wording::Subject;
use wellsent_vault::{random_digits, random_token};

/// How often another code is drawn when one is taken.
const DRAWS: usize = 20;

impl Engine {
    /// Starts a check-in for one number of a patient: the code that the tablet asks for.
    pub async fn start_check_in(&self, access: Access, contact: ContactPointId) -> Result<String, EngineError> {
        let now = self.now();
        let draws: Vec<String> = (0..DRAWS).map(|_| random_digits(6)).collect();
        let start = move |tx: &mut Tx<'_, '_>| -> Result<String, StoreError> {
            let stored = people::contact_point(tx, contact)?;
            let person = people::get(tx, stored.contact.person)?;
            let new = NewPage {
                person: person.id,
                contact_point: contact,
                message: None,
                kind: PageKind::CheckIn,
                factor: Factor::Desk,
                language: person.language,
                body: None,
            };
            let page = pages::make(tx, &new, now)?;
            for code in &draws {
                if pages::add_key(tx, page, KeyKind::Desk, code, now)? {
                    return Ok(code.clone());
                }
            }
            Err(StoreError::Stale { what: "check-in" })
        };
        Ok(self.store().write(access, start).await?)
    }

    /// Whether codes from an address are looked at: after too many that failed none is for a while (N-04).
    pub fn takes_codes(&self, from: IpAddr) -> bool {
        self.allows(from)
    }

    /// Takes the code at the tablet: the secret of the session if it is one. A code works once.
    pub async fn enter_check_in(&self, code: &str, from: IpAddr) -> Result<Option<String>, EngineError> {
        let code: String = code.chars().filter(char::is_ascii_digit).take(7).collect();
        if !self.allows(from) {
            return Ok(None);
        }
        let Some(place) = self.find(KeyKind::Desk, &code).await? else {
            self.probe(from).await?;
            return Ok(None);
        };
        let now = self.now();
        let (access, session) = (Access { practice: place.practice, actor: Actor::Patient(place.page) }, random_token());
        let secret = session.clone();
        let open = move |tx: &mut Tx<'_, '_>| -> Result<bool, StoreError> {
            if !pages::get(tx, place.page)?.state.may_show(now) || !pages::end_key(tx, KeyKind::Desk, &code, now)? {
                return Ok(false);
            }
            pages::open(tx, place.page, &secret, now)?;
            Ok(true)
        };
        Ok(self.store().write(access, open).await?.then_some(session))
    }

    /// Keeps how far a check-in is.
    pub async fn keep_check_in(&self, access: Access, page: PageId, draft: Phi<String>) -> Result<(), EngineError> {
        let keep = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> { pages::keep_draft(tx, page, &draft) };
        Ok(self.store().write(access, keep).await?)
    }

    /// Gives the patient of a check-in another number.
    pub async fn check_in_number(&self, access: Access, page: &StoredPage, number: PhoneNumber) -> Result<ContactPointId, EngineError> {
        let (now, person, id) = (self.now(), page.person, page.id);
        let change = move |tx: &mut Tx<'_, '_>| -> Result<ContactPointId, StoreError> {
            let contact = permissions::change_number(tx, person, number, now)?;
            pages::set_contact(tx, id, contact, now)?;
            Ok(contact)
        };
        let contact = self.store().write(access, change).await?;
        self.announce(Change::Visits(access.practice));
        Ok(contact)
    }

    /// Records what was chosen and signed on the tablet, once: `None` where it was done before and nothing is recorded now.
    pub async fn finish_check_in(
        &self,
        access: Access,
        page: &StoredPage,
        language: Language,
        answers: Vec<(Subject, bool)>,
        words: Vec<(Subject, ShownWording)>,
        signature: NewEvidence,
    ) -> Result<Option<EvidenceId>, EngineError> {
        let (now, id) = (self.now(), page.id);
        let choices = Choices {
            person: page.person,
            contact_point: page.contact_point,
            channel: Channel::CheckIn,
            language,
            answers,
            evidence: Some(signature),
            at: None,
        };
        let finish = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            if !pages::done_once(tx, id, now)? {
                return Ok(None);
            }
            let evidence = permissions::record_shown(tx, &choices, &words, now)?;
            // Whoever stands at the desk with the phone has confirmed the number.
            people::set_confirmed(tx, choices.contact_point, Channel::CheckIn, now)?;
            Ok(evidence)
        };
        let evidence = self.store().write(access, finish).await?;
        self.announce(Change::Visits(access.practice));
        Ok(evidence)
    }
}
