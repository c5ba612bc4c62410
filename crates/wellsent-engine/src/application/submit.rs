//! A text that an application asks for: judged before it is taken, so that a refusal comes with its reasons instead of an acknowledgement.
//!
//! What is taken is a message of the practice like any other. The gate rules on it again at the moment at which it leaves (P2).

use super::door::Caller;
use crate::catalog::Catalog;
use crate::choice::Choice;
use crate::content;
use crate::facts::{Setting, facts_of, intent_of};
use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::{AddressFault, check_address};
use wellsent_domain::application::{Direction, Step};
use wellsent_domain::gate::{GuardFinding, Origin, Reason, Ruling, rule};
use wellsent_domain::message::Programme;
use wellsent_domain::sender::Sender;
use wellsent_domain::{Language, MessageId, PersonId, Phi, PhoneNumber, Tier};
use wellsent_store::application_texts::{self, NewText, TextView};
use wellsent_store::applications::Application;
use wellsent_store::claims::{self, Claimed, Ruled};
use wellsent_store::entry::Entry;
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::people::{self, StoredContact};
use wellsent_store::practices::{self, StoredPractice};
use wellsent_store::{StoreError, Tx, numbers};
use wellsent_text::template::{ContentKind, Variable, holds_blocked_link, holds_foreign_link};
use wellsent_vault::random_token;

/// The longest text (21617).
pub const CHARS_MAX: usize = 1_600;
/// How far ahead a text may be scheduled at least and at most (TW-16).
pub const SEND_AT_MIN: SignedDuration = SignedDuration::from_mins(15);
/// See [`SEND_AT_MIN`].
pub const SEND_AT_MAX: SignedDuration = SignedDuration::from_hours(35 * 24);
/// The longest validity that may be asked for (TW-10).
pub const VALIDITY_MAX: SignedDuration = SignedDuration::from_secs(36_000);
/// How long a text is of use that says nothing about it: long enough for one of the evening to go in the morning.
const VALIDITY: SignedDuration = SignedDuration::from_hours(24);
/// Values that an outside caller cannot set: the practice's own, and what only this program makes.
const OURS: [Variable; 7] =
    [Variable::Practice, Variable::Phone, Variable::Frequency, Variable::Help, Variable::Code, Variable::Link, Variable::VisitList];

/// A text that an application wants to send.
#[derive(Debug, Clone)]
pub struct TextRequest {
    /// To which phone.
    pub to: PhoneNumber,
    /// From which sender.
    pub from: SentFrom,
    /// What it says.
    pub content: Content,
    /// Whom it speaks to, by record number, where several people are reached at the number.
    pub patient: Option<Phi<String>>,
    /// Not before.
    pub send_at: Option<Timestamp>,
    /// How long it is of use.
    pub validity: Option<SignedDuration>,
    /// Where its steps are told.
    pub status_url: Option<String>,
    /// What makes a repeated request the same one, and the request itself.
    pub key: Option<(String, Phi<Vec<u8>>)>,
}

/// Who chooses the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentFrom {
    /// The application, by its address.
    Sender(String),
    /// The practice, by the name that stands for its choice.
    Service(String),
}

/// What a text says.
#[derive(Debug, Clone)]
pub enum Content {
    /// These words, under the guard.
    Text(Phi<String>),
    /// A template with these values.
    Template {
        /// Its name.
        name: String,
        /// Its values, by the names of variables.
        values: Vec<(String, Phi<String>)>,
    },
}

/// What became of a request.
#[derive(Debug)]
pub enum TextOutcome {
    /// It was taken.
    Taken {
        /// The text.
        text: Box<TextView>,
        /// What it waits for.
        reasons: Vec<Reason>,
        /// Until when it waits, as far as is known.
        until: Option<Timestamp>,
        /// Whether it was taken before, under the same key.
        repeated: bool,
    },
    /// The gate said no.
    Refused {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// The request itself is wrong.
    Invalid(TextFault),
}

/// What is wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFault {
    /// The sender is none that the application may use (21606, 21659).
    Sender,
    /// The service is not the application's (21705).
    Service,
    /// The instant is too near or too far (35114 and its kin).
    SendAt,
    /// The address for steps (21609).
    StatusUrl(AddressFault),
    /// There is no such template, or none that a program may ask for.
    Template,
    /// A value is missing.
    MissingValue(Variable),
    /// A value is unknown, not for outside callers, or says what may not stand there.
    Value,
    /// It holds a link that carriers block (C-07).
    Link,
    /// No patient with this record number has this number.
    Patient,
    /// The key was used for another request.
    KeyReused,
}

/// How a job ends without a text that was taken.
enum End {
    Outcome(Box<TextOutcome>),
    Store(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<wellsent_db::DbError> for End {
    fn from(error: wellsent_db::DbError) -> Self {
        Self::Store(StoreError::Db(error))
    }
}

fn invalid(fault: TextFault) -> End {
    End::Outcome(Box::new(TextOutcome::Invalid(fault)))
}

impl Engine {
    /// Takes a text, or says why not. A refusal is written down as any ruling is; a repeated key gives the first answer again (TW-13).
    pub async fn submit_for(&self, caller: &Caller, request: TextRequest) -> Result<TextOutcome, EngineError> {
        let (now, engine, application) = (self.now(), self.clone(), caller.application.clone());
        if let Some(url) = &request.status_url
            && let Err(fault) = check_address(url, &application.hosts)
        {
            return Ok(TextOutcome::Invalid(TextFault::StatusUrl(fault)));
        }
        if request.send_at.is_some_and(|at| at < now + SEND_AT_MIN || at > now + SEND_AT_MAX) {
            return Ok(TextOutcome::Invalid(TextFault::SendAt));
        }
        let job = move |tx: &mut Tx<'_, '_>| engine.submit_in(tx, &application, &request, now);
        let done = self.store().write::<TextOutcome, End, _>(caller.access, job).await;
        let outcome = match done {
            Ok(outcome) => outcome,
            Err(End::Outcome(outcome)) => *outcome,
            Err(End::Store(error)) => return Err(error.into()),
        };
        if matches!(outcome, TextOutcome::Taken { .. }) {
            self.announce(Change::Messages(caller.access.practice));
        }
        Ok(outcome)
    }

    fn submit_in(&self, tx: &mut Tx<'_, '_>, application: &Application, request: &TextRequest, now: Timestamp) -> Result<TextOutcome, End> {
        if let Some(known) = known(tx, application, request)? {
            return Ok(known);
        }
        let (sender, by_service) = sender(application, &request.from)?;
        let practice = practices::get(tx)?;
        let catalog = self.0.catalogs.of(tx, &practice.practice.text_name)?;
        let people = people_of(tx, request)?;
        let person = people.first().map(|contact| contact.contact.person);
        let language = person.map(|person| people::get(tx, person)).transpose()?.map_or(Language::En, |person| person.language);
        let (template, text, values) = content(&request.content, &catalog, &practice, self.own_hosts(), language)?;
        let due_at = request.send_at.unwrap_or(now);
        let new = NewMessage {
            occurrence: match &request.key {
                Some((key, _)) => format!("application/{}/key/{key}", application.id),
                None => format!("application/{}/{}", application.id, random_token()),
            },
            person,
            contact_point: people.first().map(|contact| contact.contact.id),
            number: Phi::new(request.to),
            programme: Programme::Application,
            category: application.category,
            purpose: application.purpose,
            origin: Origin::Automated,
            template,
            language,
            text,
            values,
            visits: Vec::new(),
            prompt: None,
            due_at,
            useful_until: due_at + request.validity.unwrap_or(VALIDITY).min(VALIDITY),
            urgent: false,
        };
        let Some(message) = messages::add(tx, &new, now)? else {
            // The same request came twice at once, and the other one was quicker.
            return known(tx, application, request)?.ok_or(invalid(TextFault::KeyReused));
        };
        if let Some((key, body)) = &request.key {
            application_texts::keep_key(tx, application.id, key, body.expose(), message, now)?;
        }
        tx.record(now, Entry::new("application_text", now).word("application", application.id).word("message", message));

        let asked = self.ask_for_all(tx, &practice, &catalog, sender, message, &people, due_at)?;
        let shown = NewText {
            application: application.id,
            text: message.bytes(),
            direction: Direction::Api,
            sender: sender.id,
            by_service,
            number: Phi::new(request.to),
            step: Step::Queued,
            status_url: request.status_url.clone(),
            hidden: false,
        };
        let (step, reasons, until) = match asked.ruling {
            Ruling::Refuse { reasons } => {
                let ruling = Ruling::Refuse { reasons: reasons.clone() };
                let (message, facts) = (&asked.claimed.message, asked.facts.as_str());
                let ruled = Ruled { message, ruling: &ruling, facts, reached_over: None, brand_day: None };
                claims::write(tx, &[ruled], self.0.tuning.lease, now)?;
                application_texts::add(tx, &NewText { step: Step::Failed, hidden: true, ..shown }, now)?;
                return Ok(TextOutcome::Refused { reasons });
            }
            _ if request.send_at.is_some() => (Step::Scheduled, Vec::new(), request.send_at),
            Ruling::Release(_) if by_service => (Step::Accepted, Vec::new(), None),
            Ruling::Release(_) => (Step::Queued, Vec::new(), None),
            Ruling::Hold { reasons, until } => (Step::Accepted, reasons, Some(until)),
            Ruling::Review { reasons } => (Step::Accepted, reasons, None),
        };
        application_texts::add(tx, &NewText { step, ..shown }, now)?;
        taken(tx, application, message, reasons, until, false)
    }

    /// What the gate would say. Where several people are reached at the number and the request does not say who is meant, what one of them may
    /// not get none gets (P11).
    #[expect(clippy::too_many_arguments, reason = "what a ruling is made from")]
    fn ask_for_all(
        &self,
        tx: &mut Tx<'_, '_>,
        practice: &StoredPractice,
        catalog: &Catalog,
        sender: &Sender,
        message: MessageId,
        people: &[StoredContact],
        at: Timestamp,
    ) -> Result<Asked, StoreError> {
        let (sender, agreement) = Choice::gather(self, tx, &practice.practice.zone, at)?.pick(Some(sender.id), None);
        let locations = practices::locations(tx)?;
        let setting = Setting {
            practice,
            catalog,
            locations: &locations,
            sender,
            agreement,
            own_hosts: self.0.catalogs.own_hosts(),
            link_base: &self.0.link_base,
            now: at,
        };
        for other in people.iter().skip(1) {
            application_texts::point_at(tx, message, other.contact.person, other.contact.id)?;
            let asked = ask(tx, &setting, message, at)?;
            if matches!(asked.ruling, Ruling::Refuse { .. }) {
                return Ok(asked);
            }
        }
        if let (Some(first), true) = (people.first(), people.len() > 1) {
            application_texts::point_at(tx, message, first.contact.person, first.contact.id)?;
        }
        ask(tx, &setting, message, at)
    }
}

/// What the gate said, and of what.
struct Asked {
    ruling: Ruling,
    facts: String,
    claimed: Claimed,
}

fn ask(tx: &mut Tx<'_, '_>, setting: &Setting<'_>, message: MessageId, at: Timestamp) -> Result<Asked, StoreError> {
    let claimed = claims::look(tx, message, at)?;
    let facts = facts_of(&claimed, setting);
    // The attempt is for the form's sake: nothing of this leaves.
    let (intent, _) = intent_of(&claimed, setting, claims::fresh_attempt(tx, at), claims::fresh_token(at));
    Ok(Asked { ruling: rule(&intent, &facts, at), facts: facts.record(at), claimed })
}

fn taken(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    message: MessageId,
    reasons: Vec<Reason>,
    until: Option<Timestamp>,
    repeated: bool,
) -> Result<TextOutcome, End> {
    let text = application_texts::get(tx, application.id, message.bytes())?.ok_or(StoreError::NotFound { what: "text" })?;
    Ok(TextOutcome::Taken { text: Box::new(text), reasons, until, repeated })
}

/// The answer to the same request, where it was made before under the same key.
fn known(tx: &mut Tx<'_, '_>, application: &Application, request: &TextRequest) -> Result<Option<TextOutcome>, End> {
    let Some((key, body)) = &request.key else { return Ok(None) };
    match application_texts::by_key(tx, application.id, key, body.expose())? {
        None => Ok(None),
        Some((_, false)) => Err(invalid(TextFault::KeyReused)),
        Some((message, true)) => repeated(tx, application, message).map(Some),
    }
}

/// The answer of the first time, as it stands now.
fn repeated(tx: &mut Tx<'_, '_>, application: &Application, message: MessageId) -> Result<TextOutcome, End> {
    match application_texts::get(tx, application.id, message.bytes())? {
        // Hidden and failed from the first moment on: it was refused at the door.
        Some(text) if text.hidden && text.step == Step::Failed && text.sent_at.is_none() => {
            Ok(TextOutcome::Refused { reasons: application_texts::last_reasons(tx, message)? })
        }
        _ => taken(tx, application, message, Vec::new(), None, true),
    }
}

fn sender<'a>(application: &'a Application, from: &SentFrom) -> Result<(&'a Sender, bool), End> {
    match from {
        SentFrom::Sender(address) => {
            let wanted = PhoneNumber::parse(address).map_or_else(|_| address.clone(), |number| number.to_e164());
            let found = application.senders.iter().find(|sender| sender.address == wanted);
            found.map(|sender| (sender, false)).ok_or(invalid(TextFault::Sender))
        }
        SentFrom::Service(sid) if *sid == application.service_sid => {
            application.senders.first().map(|sender| (sender, true)).ok_or(invalid(TextFault::Sender))
        }
        SentFrom::Service(_) => Err(invalid(TextFault::Service)),
    }
}

/// Who is reached at the number: everybody, or the one whom the request names.
fn people_of(tx: &mut Tx<'_, '_>, request: &TextRequest) -> Result<Vec<StoredContact>, End> {
    let number = numbers::key(tx, request.to);
    let mut people = people::contacts_at(tx, number)?;
    if let Some(record) = &request.patient {
        let named: Option<PersonId> = people::by_record(tx, record.expose())?.map(|(person, _)| person);
        people.retain(|contact| Some(contact.contact.person) == named);
        if people.is_empty() {
            return Err(invalid(TextFault::Patient));
        }
    }
    Ok(people)
}

type Words = (String, Option<Phi<String>>, Vec<(Variable, Phi<String>)>);

fn content(
    content: &Content,
    catalog: &Catalog,
    practice: &StoredPractice,
    own_hosts: &[String],
    language: Language,
) -> Result<Words, End> {
    let (name, given) = match content {
        Content::Text(text) if holds_blocked_link(text.expose()) => return Err(invalid(TextFault::Link)),
        Content::Text(text) => return Ok(("text".to_owned(), Some(text.clone()), Vec::new())),
        Content::Template { name, values } => (name, values),
    };
    // The texts about texting are this program's own, and what asks for an answer needs a visit to which the answer belongs.
    let offered = |entry: &&crate::catalog::Entry| entry.template.kind() != ContentKind::Service && entry.template.answers().is_empty();
    let entry = catalog.get(name).filter(offered).ok_or(invalid(TextFault::Template))?;
    let known = content::known(&practice.practice, own_hosts, None);
    let mut values = Vec::with_capacity(given.len());
    for (name, value) in given {
        let settable = |variable: &Variable| !OURS.contains(variable) && variable.tier() < Tier::T3;
        let variable = Variable::parse(name).filter(settable).ok_or(invalid(TextFault::Value))?;
        let fits = variable.kind().accepts(value.expose()) && value.expose().chars().count() <= wellsent_text::template::MAX_VALUE_CHARS;
        // A variable of a low tier is no way around the guard.
        let tells = variable.tier() < Tier::T2 && matches!(crate::content::finding(value.expose(), &known), GuardFinding::Needs { .. });
        // A moment or a place leads nowhere but to the practice (C-07).
        if !fits || tells || holds_foreign_link(value.expose(), own_hosts) {
            return Err(invalid(TextFault::Value));
        }
        values.push((variable, value.clone()));
    }
    let missing = |variable: &&Variable| !matches!(variable, Variable::Practice | Variable::Phone | Variable::Frequency | Variable::Help);
    for variable in entry.template.required(language).iter().filter(missing) {
        if !values.iter().any(|(given, _)| given == variable) {
            return Err(invalid(TextFault::MissingValue(*variable)));
        }
    }
    Ok((name.clone(), None, values))
}
