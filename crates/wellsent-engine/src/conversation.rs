//! What staff do with messages: answer a patient, decide on a review.

use crate::content::{self, Found};
use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::SignedDuration;
use wellsent_domain::consent::Category;
use wellsent_domain::gate::{GuardFinding, Origin};
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::staff::{OverrideReason, Role};
use wellsent_domain::{ContactPointId, MessageId, PersonId, Phi, StaffId};
use wellsent_store::entry::Entry;
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::{Access, Actor, StoreError, Tx, people, practices};
use wellsent_text::Tier;
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
    /// Why the text is to go all the same, by somebody who saw what the guard found (M-01).
    pub acknowledged: Option<OverrideReason>,
    /// What whoever wrote it does at the practice. Only some may override the guard.
    pub role: Role,
}

/// What became of it.
#[derive(Debug)]
pub enum ReplyOutcome {
    /// It is on its way to the gate.
    Queued(MessageId),
    /// It tells something that may not go without a second look.
    NeedsAcknowledgement {
        /// Where and what, in the order of the text.
        found: Vec<Found>,
        /// Whether somebody whose role allows it may send it all the same. What never goes by text does not.
        may_be_overridden: bool,
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
        let about = request.person;
        let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok((people::get(tx, about)?, practices::get(tx)?)) };
        let (person, practice) = self.0.store.read(access, load).await?;
        let language = person.language;
        let known = content::known(&practice.practice, self.own_hosts(), Some(&person));
        let needed = match content::finding(&body, &known) {
            GuardFinding::Needs { tier, sensitive } => Some((tier, sensitive)),
            _ => None,
        };
        let may_be_overridden = !practice.part2 && needed.is_none_or(|(tier, sensitive)| tier < Tier::T3 && !sensitive);
        let reason = request.acknowledged.filter(|_| request.role.may_override_guard() && may_be_overridden);
        if needed.is_some() && reason.is_none() {
            return Ok(ReplyOutcome::NeedsAcknowledgement { found: content::look(&body, &known), may_be_overridden });
        }
        let overridden = reason.filter(|_| needed.is_some());
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
                    origin: Origin::Staff { by, overridden: overridden.is_some() },
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
                let added = messages::add(tx, &message, now)?;
                if let (Some(id), Some(reason)) = (added, overridden) {
                    tx.record(now, Entry::new("guard_override", now).word("message", id).word("reason", reason.as_str()));
                }
                Ok(added)
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
