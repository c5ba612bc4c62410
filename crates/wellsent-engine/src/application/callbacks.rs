//! Calls to applications: what happened to their texts, and what patients wrote to their senders.
//!
//! A call is made until it is acknowledged, for a day at most, and looks the same each time (TW-06). No transaction is open while it is under
//! way. What an application answers to a patient's text goes through the gate like everything else.

use super::sid::text_sid;
use super::twiml;
use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::{CallHeaders, WebhookReply};
use wellsent_domain::application::{Direction, Step};
use wellsent_domain::consent::Category;
use wellsent_domain::gate::Origin;
use wellsent_domain::inbound::CarrierOptOut;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::{InboundId, Language, Phi, PracticeId};
use wellsent_store::application_callbacks::{self, Due, Kind};
use wellsent_store::application_texts::{self, NewText, TextView};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::{Access, Actor, StoreError, Tx, inbound, numbers, people};
use wellsent_text::phone::AreaCode;
use wellsent_text::template::holds_blocked_link;
use wellsent_text::{reply, sms};

/// Calls under way at one time for a practice.
const AT_ONCE: i64 = 32;
/// Of these, to one application: a slow one must not stand in the way of the others.
const EACH: i64 = 8;
/// While a call is under way nobody else makes it. Above the deadline of a call.
const HELD: SignedDuration = SignedDuration::from_secs(60);
/// How long to wait after each try; the last wait is repeated.
const WAITS: [SignedDuration; 6] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
];
/// After this long a call is given up.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// How long after a patient's text an answer still belongs to it; later it is a text like any other, and needs consent.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// The version of the API, as calls name it.
const API_VERSION: &str = "2010-04-01";

impl Engine {
    /// Makes the calls of a practice that are due, once each. Returns how many.
    pub async fn call_applications(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let now = self.now();
        let access = self.system(practice);
        if !self.store().read::<_, StoreError, _>(access, move |tx: &mut Tx<'_, '_>| application_callbacks::waiting(tx, now)).await? {
            return Ok(0);
        }
        let take = move |tx: &mut Tx<'_, '_>| application_callbacks::take(tx, AT_ONCE, EACH, now + HELD, now);
        let due: Vec<Due> = self.store().write::<_, StoreError, _>(access, take).await?;
        let count = due.len();
        let made = due.into_iter().map(|due| self.make_call(access, due));
        for made in futures_util::future::join_all(made).await {
            made?;
        }
        Ok(count)
    }

    async fn make_call(&self, access: Access, due: Due) -> Result<(), EngineError> {
        let (Some(url), Some(text)) = (due.url.as_ref().filter(|_| due.application.disabled_at.is_none()), &due.text) else {
            return self.give_up(access, &due).await;
        };
        let parameters = match due.kind {
            Kind::Status => status_parameters(&due, text),
            Kind::Inbound => inbound_parameters(&due, text),
        };
        let idempotency = due.id.to_string();
        let headers = CallHeaders { token: due.token.expose(), idempotency: &idempotency };
        let reply = self.0.applications.client.post(url.expose(), &due.application.hosts, &parameters, &headers).await;
        match reply {
            WebhookReply::Answered { status: 200..=299, body } => self.acknowledged(access, &due, body).await,
            WebhookReply::NotAllowed(fault) => {
                tracing::error!(application = %due.application.id, %fault, "the address of a call {fault}; it is given up");
                self.give_up(access, &due).await
            }
            WebhookReply::Answered { .. } | WebhookReply::NoAnswer => self.try_later(access, &due).await,
        }
    }

    async fn try_later(&self, access: Access, due: &Due) -> Result<(), EngineError> {
        let now = self.now();
        if now.duration_since(due.made_at) >= PATIENCE {
            tracing::error!(application = %due.application.id, callback = %due.id, "an application did not acknowledge a call for a day; it is given up");
            return self.give_up(access, due).await;
        }
        let wait = usize::try_from(due.tries).ok().and_then(|tries| WAITS.get(tries)).or(WAITS.last()).copied().unwrap_or(PATIENCE);
        let (id, at) = (due.id, now + wait);
        Ok(self.store().write(access, move |tx: &mut Tx<'_, '_>| application_callbacks::again(tx, id, at)).await?)
    }

    async fn give_up(&self, access: Access, due: &Due) -> Result<(), EngineError> {
        let (now, id, application) = (self.now(), due.id, due.application.id);
        Ok(self.store().write(access, move |tx: &mut Tx<'_, '_>| application_callbacks::give_up(tx, id, application, now)).await?)
    }

    async fn acknowledged(&self, access: Access, due: &Due, body: Option<Vec<u8>>) -> Result<(), EngineError> {
        let now = self.now();
        // Where the practice has answered an opt-out word by itself, a second answer would be one too many (TW-18).
        // Nor is a phone answered that wrote by itself: two programs would go on answering each other (C-03).
        let automatic = due.text.as_ref().is_some_and(|text| reply::read(text.body.expose()).looks_automatic);
        let asked_for = due.kind == Kind::Inbound && due.opt_out.is_none() && !automatic;
        let mut texts = body.filter(|_| asked_for).map(|body| twiml::texts(&body)).unwrap_or_default();
        let asked = texts.len();
        texts.retain(|text| !holds_blocked_link(text));
        if texts.len() < asked {
            tracing::warn!(application = %due.application.id, "an answer held a link that carriers block; it was left out");
        }
        let answers = !texts.is_empty();
        let by = Access { practice: access.practice, actor: Actor::Application(due.application.id) };
        let due = due.clone();
        let done = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            if application_callbacks::done(tx, due.id, now)? {
                for (text, n) in texts.iter().zip(0..) {
                    answer(tx, &due, text, n, now)?;
                }
            }
            Ok(())
        };
        self.store().write(by, done).await?;
        if answers {
            self.announce(Change::Messages(access.practice));
        }
        Ok(())
    }
}

/// Queues what an application answers to a patient's text. Whether it goes is for the gate to say.
fn answer(tx: &mut Tx<'_, '_>, due: &Due, said: &str, n: usize, now: Timestamp) -> Result<(), StoreError> {
    let Some(text) = &due.text else { return Ok(()) };
    let id = InboundId::from_bytes(text.id);
    let (number, _, received_at, person) = inbound::get(tx, id)?;
    let key = numbers::key(tx, *number.expose());
    // A shared phone whose text nobody could place is answered without anybody's name behind it.
    let contact = people::contacts_at(tx, key)?.into_iter().find(|contact| Some(contact.contact.person) == person);
    let language = person.map(|person| people::get(tx, person)).transpose()?.map_or(Language::En, |person| person.language);
    let in_time = now.duration_since(received_at) <= ANSWER_WITHIN;
    let message = NewMessage {
        occurrence: format!("application/{}/answer/{}/{n}", due.application.id, due.id),
        person: contact.as_ref().map(|contact| contact.contact.person),
        contact_point: contact.as_ref().map(|contact| contact.contact.id),
        number: number.clone(),
        programme: Programme::Application,
        category: if in_time { Category::Appointments } else { due.application.category },
        purpose: if in_time { Purpose::Treatment } else { due.application.purpose },
        origin: if in_time { Origin::Answer { answers: id } } else { Origin::Automated },
        template: "text".to_owned(),
        language,
        text: Some(Phi::new(said.to_owned())),
        values: Vec::new(),
        visits: Vec::new(),
        prompt: None,
        due_at: now,
        useful_until: now + ANSWER_WITHIN,
        urgent: false,
    };
    let Some(message) = messages::add(tx, &message, now)? else { return Ok(()) };
    let shown = NewText {
        application: due.application.id,
        text: message.bytes(),
        direction: Direction::Reply,
        sender: text.sender,
        by_service: false,
        number,
        step: Step::Queued,
        status_url: None,
        hidden: false,
    };
    application_texts::add(tx, &shown, now)?;
    let entry = wellsent_store::entry::Entry::new("application_text", now).word("application", due.application.id);
    tx.record(now, entry.word("message", message).word("answers", id));
    Ok(())
}

fn pairs(list: Vec<(&str, String)>) -> Vec<(String, String)> {
    list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a call about a step says (TW-09).
fn status_parameters(due: &Due, text: &TextView) -> Vec<(String, String)> {
    let sid = text_sid(&text.id);
    let mut list = vec![
        ("AccountSid", due.application.account_sid.clone()),
        ("ApiVersion", API_VERSION.to_owned()),
        ("From", text.sender_address.clone()),
        ("To", text.number.expose().to_e164()),
        ("MessageSid", sid.clone()),
        ("SmsSid", sid),
        ("MessageStatus", due.step.as_str().to_owned()),
        ("SmsStatus", due.step.as_str().to_owned()),
    ];
    if text.by_service {
        list.push(("MessagingServiceSid", due.application.service_sid.clone()));
    }
    if let Some(code) = due.error_code {
        list.push(("ErrorCode", code.to_string()));
    }
    pairs(list)
}

/// What a call about a patient's text says (TW-08).
fn inbound_parameters(due: &Due, text: &TextView) -> Vec<(String, String)> {
    let (sid, number) = (text_sid(&text.id), text.number.expose());
    let area = number.area_code();
    let mut list = vec![
        ("AccountSid", due.application.account_sid.clone()),
        ("ApiVersion", API_VERSION.to_owned()),
        ("Body", text.body.expose().clone()),
        ("From", number.to_e164()),
        ("FromCountry", AreaCode::country(area).unwrap_or("US").to_owned()),
        ("FromState", AreaCode::region(area).unwrap_or_default().to_owned()),
        ("FromCity", String::new()),
        ("FromZip", String::new()),
        ("To", text.sender_address.clone()),
        ("ToCountry", "US".to_owned()),
        ("ToState", String::new()),
        ("ToCity", String::new()),
        ("ToZip", String::new()),
        ("MessageSid", sid.clone()),
        ("SmsSid", sid.clone()),
        ("SmsMessageSid", sid),
        ("SmsStatus", "received".to_owned()),
        ("NumMedia", "0".to_owned()),
        ("NumSegments", sms::measure(text.body.expose()).parts.max(1).to_string()),
    ];
    if let Some(opt_out) = due.opt_out {
        let word = match opt_out {
            CarrierOptOut::Stop => "STOP",
            CarrierOptOut::Start => "START",
            CarrierOptOut::Help => "HELP",
        };
        list.push(("OptOutType", word.to_owned()));
    }
    pairs(list)
}
