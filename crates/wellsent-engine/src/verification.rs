//! Codes that prove a phone, and the question at the desk whether it is still the patient's (H-07, N-01 to N-04).

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::gate::Origin;
use wellsent_domain::inbound::Ask;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::verification::{CODE_DIGITS, CODE_LIFE, Limit, Tried};
use wellsent_domain::{ContactPointId, MessageId, PageId, Phi};
use wellsent_store::codes::{self, NewCode, TryAt};
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
        let look = move |tx: &mut Tx<'_, '_>| codes::try_code(tx, TryAt::Contact(contact), digits.expose(), channel, now);
        let (tried, _) = self.store().write(access, look).await?;
        Ok(tried)
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
