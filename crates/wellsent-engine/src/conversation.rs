//! What staff do with messages: answer a patient, decide on a review.

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::SignedDuration;
use wellsent_domain::consent::Category;
use wellsent_domain::gate::Origin;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::{ContactPointId, MessageId, PersonId, Phi, StaffId};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::{Access, Actor, StoreError, Tx, people};
use wellsent_text::Tier;
use wellsent_text::template::{Concern, FixedTextJudge, LexiconJudge};
use wellsent_vault::random_token;

/// The longest text that staff may write.
const BODY_CHARS_MAX: usize = 1_600;

/// A text that a staff member wants to send.
#[derive(Debug, Clone)]
pub struct ReplyRequest {
    /// To whom.
    pub person: PersonId,
    /// At which number.
    pub contact_point: ContactPointId,
    /// The text.
    pub body: Phi<String>,
    /// Whether the findings of the guard were seen and the text is to go all the same (M-01).
    pub acknowledged: bool,
}

/// What became of it.
#[derive(Debug)]
pub enum ReplyOutcome {
    /// It is on its way to the gate.
    Queued(MessageId),
    /// It tells something that may not go without a second look.
    NeedsAcknowledgement {
        /// Why, to be read after "because".
        reasons: Vec<&'static str>,
    },
}

impl Engine {
    /// Queues a text that staff wrote. Whether it goes is for the gate to say.
    pub async fn reply(&self, access: Access, request: ReplyRequest) -> Result<ReplyOutcome, EngineError> {
        let body = request.body.expose().trim().to_owned();
        if body.is_empty() || body.chars().count() > BODY_CHARS_MAX {
            return Err(EngineError::BadText);
        }
        let (now, by) = (self.now(), staff(access));
        let language = {
            let person = request.person;
            let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(people::get(tx, person)?.language) };
            self.0.store.read(access, load).await?
        };
        let concerns: Vec<Concern> = LexiconJudge.judge(&body, language).into_iter().filter(|found| found.tier > Tier::T1).collect();
        if !concerns.is_empty() && !request.acknowledged {
            let mut reasons: Vec<_> = concerns.iter().map(|concern| concern.why).collect();
            reasons.dedup();
            return Ok(ReplyOutcome::NeedsAcknowledgement { reasons });
        }
        let overridden = !concerns.is_empty();
        let occurrence = format!("staff/{}", random_token());
        let queued = self
            .0
            .store
            .write(access, move |tx: &mut Tx<'_, '_>| -> Result<Option<MessageId>, StoreError> {
                let contact = people::contact_point(tx, request.contact_point)?;
                if contact.contact.person != request.person {
                    return Err(StoreError::NotFound { what: "contact point" });
                }
                let message = NewMessage {
                    occurrence: occurrence.clone(),
                    person: Some(request.person),
                    contact_point: Some(request.contact_point),
                    number: contact.contact.number.clone(),
                    programme: Programme::Conversation,
                    category: Category::Appointments,
                    purpose: Purpose::Treatment,
                    origin: Origin::Staff { by, overridden },
                    template: "text".to_owned(),
                    language,
                    text: Some(Phi::new(body.clone())),
                    values: Vec::new(),
                    visits: Vec::new(),
                    prompt: None,
                    due_at: now,
                    useful_until: now + SignedDuration::from_hours(4),
                    urgent: false,
                };
                messages::add(tx, &message, now)
            })
            .await?;
        self.announce(Change::Messages(access.practice));
        queued.map(ReplyOutcome::Queued).ok_or(EngineError::BadText)
    }

    /// Decides on a message in review.
    pub async fn decide(&self, access: Access, message: MessageId, send: bool) -> Result<(), EngineError> {
        let now = self.now();
        self.0.store.write(access, move |tx: &mut Tx<'_, '_>| messages::decide(tx, message, send, now)).await?;
        self.announce(Change::Messages(access.practice));
        Ok(())
    }

    /// Takes back a message that has not left.
    pub async fn withdraw(&self, access: Access, message: MessageId) -> Result<(), EngineError> {
        let now = self.now();
        self.0.store.write(access, move |tx: &mut Tx<'_, '_>| messages::withdraw(tx, message, now)).await?;
        self.announce(Change::Messages(access.practice));
        Ok(())
    }
}

fn staff(access: Access) -> StaffId {
    match access.actor {
        Actor::Staff(staff, _) => staff,
        _ => StaffId::from_bytes([0; 16]),
    }
}
