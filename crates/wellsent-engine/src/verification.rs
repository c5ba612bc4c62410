//! Codes that prove a phone, and the question at the desk whether it is still the patient's (H-07, N-01 to N-04).

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::{Checked, NotSubmittedCause, Outcome, Started, UnknownCause, VerifyError};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::gate::{Origin, Released};
use wellsent_domain::inbound::Ask;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::verification::{CODE_DIGITS, CODE_LIFE, Limit, Tried};
use wellsent_domain::{ContactPointId, MessageId, PageId, Phi};
use wellsent_store::codes::{self, Asked, NewCode, Said, TryAt};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::{Access, StoreError, Tx, people};
use wellsent_text::template::Variable;
use wellsent_vault::{random_digits, random_token};

impl Engine {
    /// Sends a code to a phone, or says why none may be sent now. The code goes through the gate like every text.
    pub async fn send_code(
        &self,
        access: Access,
        contact: ContactPointId,
        channel: Channel,
        page: Option<PageId>,
    ) -> Result<Result<MessageId, Limit>, EngineError> {
        let now = self.now();
        let code = Phi::new(random_digits(CODE_DIGITS));
        let send = move |tx: &mut Tx<'_, '_>| send_code(tx, contact, &code, channel, page, now);
        let sent = self.store().write(access, send).await?;
        self.announce(Change::Messages(access.practice));
        Ok(sent)
    }

    /// Looks at a code that was typed for a phone.
    pub async fn try_code(
        &self,
        access: Access,
        contact: ContactPointId,
        code: &Phi<String>,
        channel: Channel,
    ) -> Result<Tried, EngineError> {
        let now = self.now();
        let digits = digits(code.expose());
        let typed = digits.clone();
        let look = move |tx: &mut Tx<'_, '_>| -> Result<Result<Tried, Asked>, StoreError> {
            match codes::count_for_service(tx, contact, now)? {
                Some(asked) => Ok(Err(asked)),
                None => codes::try_code(tx, TryAt::Contact(contact), typed.expose(), channel, now).map(|(tried, _)| Ok(tried)),
            }
        };
        match self.store().write(access, look).await? {
            Ok(tried) => Ok(tried),
            Err(asked) => {
                // A browser that goes away must not leave a guess that was right without its record.
                let engine = self.clone();
                let checked = tokio::spawn(async move { engine.check_with_service(access, asked, &digits, channel).await });
                checked.await.unwrap_or(Ok(Tried::Unchecked))
            }
        }
    }

    /// Asks the service that made a code, with no transaction open, and records what it says (TW-20).
    async fn check_with_service(&self, access: Access, asked: Asked, digits: &Phi<String>, channel: Channel) -> Result<Tried, EngineError> {
        let service = self.0.verify.get(asked.service.as_str());
        let answer = match service {
            Some(service) => service.check(asked.to.clone(), digits.expose()).await,
            None => Err(VerifyError::Refused),
        };
        let said = match answer {
            Ok(Checked::Approved) => Said::Right,
            Ok(Checked::Wrong) => Said::Wrong,
            Ok(Checked::ChecksUsedUp | Checked::Gone) => Said::Gone,
            Ok(Checked::Throttled) => Said::Nothing,
            Err(error) => {
                tracing::warn!(account = asked.service, %error, "a code could not be checked; the guess does not count");
                Said::Nothing
            }
        };
        let now = self.now();
        let record = move |tx: &mut Tx<'_, '_>| codes::record_said(tx, &asked, said, channel, now);
        Ok(self.store().write(access, record).await?)
    }

    /// Has the service of an account make and text a code, in place of the text that the gate let go (TW-20).
    pub(crate) async fn start_code(&self, account: &str, released: &Released) -> Outcome {
        if released.valid_until() <= self.now() {
            return Outcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, retry_after: None };
        }
        let Some(service) = self.0.verify.get(account) else {
            return Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None };
        };
        match service.start(released.to().clone()).await {
            // The service names nothing that anybody could ask about later, so the attempt stands for it.
            Ok(Started::Sent) => Outcome::Accepted { carrier_message_id: format!("verify/{}", released.attempt()), parts: None },
            Ok(Started::SendsUsedUp) => Outcome::Rejected { failure: Failure::Blocked, code: None },
            Ok(Started::NotTextable) => Outcome::Rejected { failure: Failure::NotTextable, code: None },
            Ok(Started::Throttled) => Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: None },
            Err(VerifyError::Refused) => Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None },
            Err(VerifyError::Unavailable) => Outcome::Unknown { cause: UnknownCause::LineLost },
        }
    }

    /// Records that the patient confirmed the number in person.
    pub async fn confirm_number(&self, access: Access, contact: ContactPointId) -> Result<(), EngineError> {
        let now = self.now();
        self.store().write(access, move |tx: &mut Tx<'_, '_>| people::set_confirmed(tx, contact, Channel::Spoken, now)).await?;
        Ok(())
    }

    /// Lets codes be tried again at a number that too many failures locked.
    pub async fn unlock_codes(&self, access: Access, contact: ContactPointId) -> Result<(), EngineError> {
        let now = self.now();
        Ok(self.store().write(access, move |tx: &mut Tx<'_, '_>| codes::unlock(tx, contact, now)).await?)
    }

    /// Texts the warning that texts are not encrypted; "A" accepts it (H-04, H-06).
    pub async fn text_warning(&self, access: Access, contact: ContactPointId) -> Result<Option<MessageId>, EngineError> {
        let now = self.now();
        let send = move |tx: &mut Tx<'_, '_>| ask(tx, contact, Ask::Warning, "warning", now);
        let sent = self.store().write(access, send).await?;
        self.announce(Change::Messages(access.practice));
        Ok(sent)
    }
}

fn send_code(
    tx: &mut Tx<'_, '_>,
    contact: ContactPointId,
    code: &Phi<String>,
    channel: Channel,
    page: Option<PageId>,
    now: Timestamp,
) -> Result<Result<MessageId, Limit>, StoreError> {
    let stored = people::contact_point(tx, contact)?;
    let (id, request) = match codes::ask(tx, &NewCode { contact: &stored, code, channel, page }, now)? {
        Ok(asked) => asked,
        Err(limit) => return Ok(Err(limit)),
    };
    let person = people::get(tx, stored.contact.person)?;
    let message = NewMessage {
        occurrence: format!("code/{id}"),
        person: Some(stored.contact.person),
        contact_point: Some(contact),
        number: stored.contact.number.clone(),
        programme: Programme::Verification,
        category: Category::Appointments,
        purpose: Purpose::Operations,
        origin: Origin::Code { request },
        template: "code".to_owned(),
        language: person.language,
        text: None,
        values: vec![(Variable::Code, code.clone())],
        visits: Vec::new(),
        prompt: None,
        due_at: now,
        useful_until: now + CODE_LIFE,
        urgent: false,
    };
    messages::add(tx, &message, now)?.map(Ok).ok_or(StoreError::Stale { what: "code" })
}

/// Texts a question to which "A" is the answer.
fn ask(
    tx: &mut Tx<'_, '_>,
    contact: ContactPointId,
    ask: Ask,
    template: &'static str,
    now: Timestamp,
) -> Result<Option<MessageId>, StoreError> {
    let stored = people::contact_point(tx, contact)?;
    let person = people::get(tx, stored.contact.person)?;
    let message = NewMessage {
        occurrence: format!("ask/{}", random_token()),
        person: Some(stored.contact.person),
        contact_point: Some(contact),
        number: stored.contact.number.clone(),
        programme: Programme::OptIn,
        category: Category::Appointments,
        purpose: Purpose::Operations,
        origin: Origin::Automated,
        template: template.to_owned(),
        language: person.language,
        text: None,
        values: Vec::new(),
        visits: Vec::new(),
        prompt: Some(ask.as_str()),
        due_at: now,
        useful_until: now + SignedDuration::from_hours(24),
        urgent: false,
    };
    messages::add(tx, &message, now)
}

/// What was typed, without the blanks and dashes that people put into codes.
fn digits(typed: &str) -> Phi<String> {
    Phi::new(typed.chars().filter(|ch| !ch.is_whitespace() && *ch != '-').take(CODE_DIGITS + 1).collect())
}
