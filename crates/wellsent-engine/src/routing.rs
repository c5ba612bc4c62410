//! The inbound router: what follows from each text, in the order in which they came.

use crate::live::Change;
use crate::permissions;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::gate::{Origin, PlannedVisit};
use wellsent_domain::inbound::{Ask, AutoAnswer, Effect, PromptVisit, Situation, Wish, route};
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::ContactState;
use wellsent_domain::task::TaskKind;
use wellsent_domain::verification::Tried;
use wellsent_domain::{Language, PersonId, PracticeId};
use wellsent_store::codes::{self, TryAt};
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::inbound::{self, Unrouted};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::people::{self, StoredContact};
use wellsent_store::tasks::{self, NewTask};
use wellsent_store::{StoreError, Tx, appointments, numbers};
use wellsent_text::consent_wording::Subject;
use wellsent_text::reply::{self, Meaning, Reading, VerificationCode};

/// Texts routed in one transaction.
const TEXTS_MAX: i64 = 50;
/// How far back a text that asks for an answer may lie.
const PROMPT_AGE: SignedDuration = SignedDuration::from_hours(15 * 24);

impl Engine {
    /// Routes every text that waits in one practice. Returns how many.
    pub async fn route_waiting(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let access = self.system(practice);
        let mut routed = 0;
        loop {
            if !self.0.store.read(access, |tx: &mut Tx<'_, '_>| inbound::waiting(tx)).await? {
                break;
            }
            let now = self.now();
            let batch = move |tx: &mut Tx<'_, '_>| route_batch(tx, TEXTS_MAX, now);
            let count = match self.0.store.write(access, batch).await {
                Ok(count) => count,
                // One text that cannot be routed must not stop the others; it keeps its number held until a person looks.
                Err(error) => {
                    tracing::error!(error = %EngineError::from(error), "texts could not be routed together; trying one at a time");
                    self.0.store.write(access, move |tx: &mut Tx<'_, '_>| route_batch(tx, 1, now)).await?
                }
            };
            routed += count;
            if count == 0 {
                break;
            }
        }
        if routed > 0 {
            self.announce(Change::Messages(practice));
            self.announce(Change::Tasks(practice));
            self.announce(Change::Visits(practice));
        }
        Ok(routed)
    }
}

fn route_batch(tx: &mut Tx<'_, '_>, limit: i64, now: Timestamp) -> Result<usize, StoreError> {
    let waiting = inbound::unrouted(tx, limit)?;
    for text in &waiting {
        route_one(tx, text, now)?;
    }
    Ok(waiting.len())
}

fn route_one(tx: &mut Tx<'_, '_>, text: &Unrouted, now: Timestamp) -> Result<(), StoreError> {
    let reading = reply::read(text.body.expose());
    let contacts = people::contacts_at(tx, text.number)?;
    // What was written on a page behind a link is known to be its person's, whoever shares the phone.
    let people: Vec<PersonId> = match text.written_by {
        Some(person) => vec![person],
        None => contacts.iter().map(|contact| contact.contact.person).collect(),
    };
    let prompts = inbound::prompts(tx, text.number, now - PROMPT_AGE)?;
    let suppressed = numbers::is_suppressed(tx, text.number)?;
    let consented = match (&people[..], contacts.iter().find(|contact| Some(&contact.contact.person) == people.first())) {
        ([_], Some(contact)) => consents::standing(tx, contact.contact.id)?.iter().any(|(category, _)| *category == Category::Appointments),
        _ => false,
    };
    let effects = route(&Situation {
        late: text.late,
        reading: &reading,
        carrier: text.opt_out,
        people: &people,
        prompts: &prompts.prompts,
        suppressed,
        asked_which: prompts.asked_which,
        ask: prompts.ask,
        consented,
        now,
    });
    let bound = effects.iter().find_map(|effect| match effect {
        Effect::Record { appointment, .. } => Some(*appointment),
        Effect::Task { appointment, .. } => *appointment,
        _ => None,
    });
    let person = match people[..] {
        [person] => Some(person),
        _ => match bound {
            Some(appointment) => Some(appointments::get(tx, appointment)?.person),
            None => None,
        },
    };
    let speaker = Speaker::new(tx, &contacts, person, &reading)?;
    let asked: Vec<_> = prompts.prompts.iter().flat_map(|prompt| prompt.visits.clone()).collect();
    for effect in effects {
        apply(tx, text, &speaker, &asked, effect, now)?;
    }
    inbound::set_routed(tx, text, person, meaning(&reading), now)
}

/// Whom an answer speaks to.
struct Speaker {
    person: Option<PersonId>,
    contact: Option<StoredContact>,
    language: Language,
}

impl Speaker {
    fn new(tx: &mut Tx<'_, '_>, contacts: &[StoredContact], person: Option<PersonId>, reading: &Reading) -> Result<Self, StoreError> {
        let contact = contacts.iter().find(|contact| Some(contact.contact.person) == person).cloned();
        let hint = match reading.language_hint {
            Some(reply::Language::Es) => Language::Es,
            Some(reply::Language::En) | None => Language::En,
        };
        // A phone whose people all read one language is answered in it, even while it is unclear who of them wrote.
        let mut languages = Vec::with_capacity(contacts.len());
        for contact in contacts.iter().filter(|contact| person.is_none_or(|person| person == contact.contact.person)) {
            languages.push(people::get(tx, contact.contact.person)?.language);
        }
        let language = match languages.first() {
            Some(first) if languages.iter().all(|language| language == first) => *first,
            _ => hint,
        };
        Ok(Self { person, contact, language })
    }
}

fn apply(
    tx: &mut Tx<'_, '_>,
    text: &Unrouted,
    speaker: &Speaker,
    asked: &[PromptVisit],
    effect: Effect,
    now: Timestamp,
) -> Result<(), StoreError> {
    match effect {
        Effect::Suppress(channel) => numbers::suppress(tx, text.number, channel, Some(text.id), now).map(|_| ()),
        Effect::Dispute => numbers::set_contact_state(tx, text.number, ContactState::Disputed, now),
        Effect::Resume(person) => resume(tx, text, speaker, person, now),
        Effect::Agree(person, ask) => agree(tx, speaker, person, ask, now),
        Effect::TryCode(code) => try_code(tx, text, speaker, code, now),
        Effect::Record { appointment, answer } => appointments::set_answer(tx, appointment, answer, now),
        Effect::Answer(answer) => {
            let visits = match answer {
                AutoAnswer::ConfirmThanks => confirmed_visits(tx, asked, now)?,
                _ => Vec::new(),
            };
            answer_with(tx, text, speaker, answer, None, visits, now)
        }
        Effect::AskWhich { wish, visits } => {
            let planned = planned(tx, &visits)?;
            answer_with(tx, text, speaker, AutoAnswer::AskWhich, Some(wish), planned, now)
        }
        Effect::Task { kind, person, appointment } => {
            let task = NewTask { kind, person: person.or(speaker.person), appointment, message: None, inbound: Some(text.id) };
            tasks::open(tx, &task, now).map(|_| ())
        }
    }
}

/// START is the patient's own act: it lifts the suppression and, where there was one, renews the consent (T-12).
fn resume(tx: &mut Tx<'_, '_>, text: &Unrouted, speaker: &Speaker, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
    numbers::resume(tx, text.number, person, Channel::Text, now)?;
    if let Some(contact) = &speaker.contact {
        let record = ConsentRecord {
            person,
            contact_point: contact.contact.id,
            channel: Channel::Text,
            wording: None,
            language: Some(speaker.language),
            evidence: None,
            at: now,
        };
        consents::grant(tx, record, Category::Appointments, false, true)?;
    }
    Ok(())
}

/// "A" to a question that went to this phone: the consent or the acceptance, with the words that were texted as its wording (C-02, H-04).
fn agree(tx: &mut Tx<'_, '_>, speaker: &Speaker, person: PersonId, ask: Ask, now: Timestamp) -> Result<(), StoreError> {
    let Some(contact) = &speaker.contact else { return Ok(()) };
    let subject = match ask {
        Ask::OptIn => Subject::Appointments,
        Ask::Warning => Subject::Warning,
    };
    let wording = permissions::texted(tx, ask, speaker.language, now)?;
    let record = ConsentRecord {
        person,
        contact_point: contact.contact.id,
        channel: Channel::Text,
        wording: Some(wording),
        language: Some(speaker.language),
        evidence: None,
        at: now,
    };
    permissions::record_choice(tx, record, subject, true, false)
}

/// Six digits: a code that this phone was sent proves it; anything else goes to staff.
fn try_code(tx: &mut Tx<'_, '_>, text: &Unrouted, speaker: &Speaker, code: VerificationCode, now: Timestamp) -> Result<(), StoreError> {
    let digits = std::str::from_utf8(code.expose()).unwrap_or_default();
    match codes::try_code(tx, TryAt::Number(text.number), digits, Channel::Text, now)? {
        (Tried::Passed, _) => answer_with(tx, text, speaker, AutoAnswer::CodeAccepted, None, Vec::new(), now),
        (Tried::Wrong | Tried::TooMany | Tried::Locked, _) => Ok(()),
        // A code that a service made cannot be checked here, where a transaction is open; staff can type it in at the desk.
        (Tried::NoCode | Tried::Unchecked, _) => {
            let task = NewTask { kind: TaskKind::UnclearAnswer, person: speaker.person, inbound: Some(text.id), ..NewTask::default() };
            tasks::open(tx, &task, now).map(drop)
        }
    }
}

/// The visits that were just confirmed, for the thanks: those whose answer was recorded by this text.
fn confirmed_visits(tx: &mut Tx<'_, '_>, asked: &[PromptVisit], now: Timestamp) -> Result<Vec<PlannedVisit>, StoreError> {
    let mut visits = Vec::new();
    for visit in asked.iter().filter(|visit| visit.is_open(now)) {
        let stored = appointments::get(tx, visit.appointment)?;
        let confirmed = stored.answer == Some(wellsent_domain::appointment::VisitAnswer::Confirmed);
        if confirmed && !visits.iter().any(|known: &PlannedVisit| known.appointment == visit.appointment) {
            visits.push(PlannedVisit { appointment: visit.appointment, version: stored.version });
        }
    }
    Ok(visits)
}

fn planned(tx: &mut Tx<'_, '_>, visits: &[PromptVisit]) -> Result<Vec<PlannedVisit>, StoreError> {
    visits
        .iter()
        .map(|visit| Ok(PlannedVisit { appointment: visit.appointment, version: appointments::get(tx, visit.appointment)?.version }))
        .collect()
}

fn answer_with(
    tx: &mut Tx<'_, '_>,
    text: &Unrouted,
    speaker: &Speaker,
    answer: AutoAnswer,
    wish: Option<Wish>,
    visits: Vec<PlannedVisit>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let origin = match answer {
        AutoAnswer::StopConfirm => Origin::StopConfirmation { answers: text.id, received_at: text.received_at },
        AutoAnswer::Help => Origin::Help { answers: text.id },
        _ => Origin::Answer { answers: text.id },
    };
    let prompt = match (answer, wish) {
        (AutoAnswer::AskWhich, Some(Wish::Reschedule)) => Some("which:reschedule"),
        (AutoAnswer::AskWhich, _) => Some("which:confirm"),
        (AutoAnswer::OptInAsk, _) => Some(Ask::OptIn.as_str()),
        _ => None,
    };
    let message = NewMessage {
        occurrence: format!("answer/{}/{}", text.id, answer.as_str()),
        person: speaker.person,
        contact_point: speaker.contact.as_ref().map(|contact| contact.contact.id),
        number: text.from.clone(),
        programme: Programme::Answers,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        origin,
        template: answer.as_str().to_owned(),
        language: speaker.language,
        text: None,
        values: Vec::new(),
        visits,
        prompt,
        due_at: now,
        useful_until: now + SignedDuration::from_mins(15),
        urgent: false,
    };
    messages::add(tx, &message, now)?;
    Ok(())
}

fn meaning(reading: &Reading) -> &'static str {
    match reading.meaning {
        Meaning::Revocation(_) => "revocation",
        Meaning::WrongNumber => "wrong_number",
        Meaning::Start(_) => "start",
        Meaning::Help => "help",
        Meaning::Other if reading.distress.is_some() => "distress",
        Meaning::Other if reading.looks_automatic => "automatic",
        Meaning::Other if reading.answer.is_some() => "answer",
        Meaning::Other => "message",
    }
}
