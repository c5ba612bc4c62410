//! Pages behind a link: what staff send, how a patient gets in, what they can do there (H-03).
//!
//! Looking at an address never does anything. A link that is wrong, used up, over or taken back gets the same answers as one that is right and
//! whose second fact is not known.

use crate::facts::PendingPage;
use crate::live::Change;
use crate::permissions::{self, Choices};
use crate::probes::Verdict;
use crate::{Engine, EngineError};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;
use wellsent_domain::consent::{Category, Channel, Directive};
use wellsent_domain::gate::Origin;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::quiet::Window;
use wellsent_domain::secure_page::{Factor, PageKind};
use wellsent_domain::verification::Tried;
use wellsent_domain::{ContactPointId, Language, MessageId, PageId, PersonId, Phi, PhoneNumber, StaffId};
use wellsent_store::consent_wordings::ShownWording;
use wellsent_store::inbound::{self, NewInbound};
use wellsent_store::messages::{self, NewMessage, StoredMessage};
use wellsent_store::pages::{self, KeyKind, NewPage, Place, StoredPage};
use wellsent_store::{Access, Actor, StoreError, SystemTx, Tx, directives, numbers, people, practices};
use wellsent_text::template::Variable;
use wellsent_vault::random_token;

/// The longest message on a page, and the longest reply from one.
pub const PAGE_CHARS_MAX: usize = 8_000;
/// The longest reply from a page.
pub const REPLY_CHARS_MAX: usize = 1_000;

/// Makes the page that a released notice leads to, in the transaction of the ruling.
pub(crate) fn behind_notice(
    tx: &mut Tx<'_, '_>,
    message: &StoredMessage,
    pending: &PendingPage,
    factor: Factor,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (Some(person), Some(contact_point)) = (message.person, message.contact_point) else {
        return Err(StoreError::NotFound { what: "contact point" });
    };
    let new = NewPage {
        person,
        contact_point,
        message: Some(message.id),
        kind: PageKind::Message,
        factor,
        language: message.language,
        body: Some(pending.body.clone()),
    };
    let page = pages::make(tx, &new, now)?;
    pages::add_key(tx, page, KeyKind::Link, &pending.secret, now).map(drop)
}

/// How somebody tries to get into a page.
#[derive(Debug, Clone)]
pub enum SecondFact {
    /// The code that was texted.
    Code(Phi<String>),
    /// The birth date.
    BirthDate(Option<Phi<Date>>),
}

/// What the door of a page shows. It does not say whether the link leads anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// What is asked for.
    Ask(Factor),
    /// Too many tries from this address.
    TryLater,
}

/// What stands at the door of a link.
#[derive(Debug, Clone)]
pub struct DoorView {
    /// What it asks.
    pub door: Door,
    /// The practice's name in texts and the number to call; `None` where it is not known which practice is meant.
    pub practice: Option<(String, PhoneNumber)>,
    /// The language of the page, where the browser names none.
    pub language: Option<Language>,
    /// The page, to hold a session against. It may be over.
    pub page: Option<Place>,
}

impl Engine {
    /// Puts a message on a page and texts a notice with the link.
    pub async fn send_page(
        &self,
        access: Access,
        by: StaffId,
        contact: ContactPointId,
        body: Phi<String>,
    ) -> Result<MessageId, EngineError> {
        let text = body.expose().trim();
        if text.is_empty() || text.chars().count() > PAGE_CHARS_MAX {
            return Err(EngineError::BadText);
        }
        let body = Phi::new(text.to_owned());
        self.send_link(access, by, contact, PageKind::Message, Some(body)).await
    }

    /// Texts a link to the page of preferences.
    pub async fn send_preferences(&self, access: Access, by: StaffId, contact: ContactPointId) -> Result<MessageId, EngineError> {
        self.send_link(access, by, contact, PageKind::Preferences, None).await
    }

    async fn send_link(
        &self,
        access: Access,
        by: StaffId,
        contact: ContactPointId,
        kind: PageKind,
        body: Option<Phi<String>>,
    ) -> Result<MessageId, EngineError> {
        let now = self.now();
        let secret = random_token();
        let link = Phi::new(format!("{}/s/{secret}", self.0.link_base));
        let send = move |tx: &mut Tx<'_, '_>| -> Result<MessageId, StoreError> {
            let stored = people::contact_point(tx, contact)?;
            let person = people::get(tx, stored.contact.person)?;
            let message = NewMessage {
                occurrence: format!("page/{secret}"),
                person: Some(person.id),
                contact_point: Some(contact),
                number: stored.contact.number.clone(),
                programme: Programme::Conversation,
                category: Category::Appointments,
                purpose: Purpose::Treatment,
                origin: Origin::Staff { by, overridden: false },
                template: if kind == PageKind::Message { "secure_notice" } else { "preferences" }.to_owned(),
                language: person.language,
                text: None,
                values: vec![(Variable::Link, link.clone())],
                visits: Vec::new(),
                prompt: None,
                due_at: now,
                useful_until: now + SignedDuration::from_hours(4),
                urgent: false,
            };
            let id = messages::add(tx, &message, now)?.ok_or(StoreError::Stale { what: "page" })?;
            let factor = practices::get(tx)?.practice.settings.page_factor;
            let new = NewPage {
                person: person.id,
                contact_point: contact,
                message: Some(id),
                kind,
                factor,
                language: person.language,
                body: body.clone(),
            };
            let page = pages::make(tx, &new, now)?;
            pages::add_key(tx, page, KeyKind::Link, &secret, now)?;
            Ok(id)
        };
        let id = self.store().write(access, send).await?;
        self.announce(Change::Messages(access.practice));
        Ok(id)
    }

    /// Takes a page back.
    pub async fn revoke_page(&self, access: Access, page: PageId) -> Result<(), EngineError> {
        let now = self.now();
        Ok(self.store().write(access, move |tx: &mut Tx<'_, '_>| pages::revoke(tx, page, now)).await?)
    }

    /// What stands at the door of a link: it follows from the practice and from who asks, never from whether the link is any good. One that
    /// never was shows the only practice of this installation, or none where there are several.
    pub async fn page_door(&self, link: &str, from: IpAddr) -> Result<DoorView, EngineError> {
        let known = match link.len() {
            1..=64 => {
                let link = link.to_owned();
                self.store().system_read(move |tx: &mut SystemTx<'_, '_>| pages::find_dead(tx, &link)).await?
            }
            _ => None,
        };
        let practice = match known {
            Some(place) => Some(place.practice),
            None => {
                let all = self.practices().await?;
                if let [only] = all[..] { Some(only) } else { None }
            }
        };
        let practice = match practice {
            Some(id) => {
                let access = self.system(id);
                let load = |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(practices::get(tx)?.practice) };
                Some(self.store().read(access, load).await?)
            }
            None => None,
        };
        let language = match known {
            Some(place) => {
                let access = self.system(place.practice);
                let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(pages::get(tx, place.page)?.language) };
                Some(self.store().read(access, load).await?)
            }
            None => None,
        };
        let door = match &practice {
            _ if !self.allows(from) => Door::TryLater,
            Some(practice) => Door::Ask(practice.settings.page_factor),
            None => Door::Ask(Factor::Code),
        };
        Ok(DoorView { door, practice: practice.map(|practice| (practice.text_name, practice.call_back)), language, page: known })
    }

    /// Sends the code that opens a page. Whether one was sent is not told: to whoever asks, a right link and a wrong one look alike.
    pub async fn page_send_code(&self, link: &str, from: IpAddr) -> Result<(), EngineError> {
        let now = self.now();
        if !self.0.probes.allows(from, now) {
            return Ok(());
        }
        let Some((access, page)) = self.open_place(link, from).await? else { return Ok(()) };
        if page.factor == Factor::Code && page.state.may_try(now) {
            // A limit is as silent as a wrong link.
            let _ = self.send_code(access, page.contact_point, Channel::Portal, Some(page.id)).await?;
        }
        Ok(())
    }

    /// Tries the second fact. The secret of the session, if it opens.
    pub async fn page_try(&self, link: &str, fact: SecondFact, from: IpAddr) -> Result<Option<String>, EngineError> {
        let now = self.now();
        if !self.0.probes.allows(from, now) {
            return Ok(None);
        }
        let Some((access, page)) = self.open_place(link, from).await? else { return Ok(None) };
        if !page.state.may_try(now) {
            self.probe(from).await?;
            return Ok(None);
        }
        let session = random_token();
        let secret = session.clone();
        let opened = match fact {
            SecondFact::Code(code) if page.factor == Factor::Code => {
                match self.try_code(access, page.contact_point, &code, Channel::Portal).await? {
                    // Nothing was tried, so nothing failed.
                    Tried::Unchecked => return Err(EngineError::CodeUnchecked),
                    tried => tried == Tried::Passed,
                }
            }
            SecondFact::BirthDate(given) if page.factor == Factor::BirthDate => {
                let given = given.map(Phi::into_exposed);
                let look = move |tx: &mut Tx<'_, '_>| pages::birth_date_opens(tx, page.person, given, now);
                self.store().write(access, look).await?
            }
            _ => false,
        };
        let settle =
            move |tx: &mut Tx<'_, '_>| if opened { pages::open(tx, page.id, &secret, now) } else { pages::failed(tx, page.id, now) };
        self.store().write(access, settle).await?;
        if !opened {
            self.probe(from).await?;
        }
        Ok(opened.then_some(session))
    }

    /// The page that an open session shows, and how it may be reached. Only a person's own look is an act that keeps it open.
    pub async fn page_of_session(&self, session: &str) -> Result<Option<(Access, StoredPage)>, EngineError> {
        let now = self.now();
        let Some(place) = self.find(KeyKind::Session, session).await? else { return Ok(None) };
        let access = Access { practice: place.practice, actor: Actor::Patient(place.page) };
        let secret = session.to_owned();
        let look = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let page = pages::get(tx, place.page)?;
            if !page.state.may_show(now) {
                return Ok(None);
            }
            pages::seen(tx, &secret, now)?;
            pages::read(tx, page.id, now)?;
            Ok(Some(page))
        };
        let page = self.store().write(access, look).await?;
        if page.as_ref().is_some_and(|page| page.read_at.is_none()) {
            self.announce(Change::Messages(access.practice));
        }
        Ok(page.map(|page| (access, page)))
    }

    /// Closes an opened page.
    pub async fn close_page(&self, session: &str) -> Result<(), EngineError> {
        let now = self.now();
        let Some(place) = self.find(KeyKind::Session, session).await? else { return Ok(()) };
        let access = Access { practice: place.practice, actor: Actor::Patient(place.page) };
        let secret = session.to_owned();
        Ok(self.store().write(access, move |tx: &mut Tx<'_, '_>| pages::end_key(tx, KeyKind::Session, &secret, now).map(drop)).await?)
    }

    /// Takes a reply that was written on a page. It goes the way of every text: a wish to stop is heard here as well (T-08).
    pub async fn page_reply(&self, access: Access, page: &StoredPage, body: Phi<String>) -> Result<(), EngineError> {
        let text = body.expose().trim();
        if text.is_empty() || text.chars().count() > REPLY_CHARS_MAX {
            return Err(EngineError::BadText);
        }
        let (now, body) = (self.now(), Phi::new(text.to_owned()));
        let (id, person, contact) = (page.id, page.person, page.contact_point);
        let keep = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let sender = practices::senders(tx)?.into_iter().next().ok_or(StoreError::NotFound { what: "sender" })?;
            let from = people::contact_point(tx, contact)?.contact.number;
            // The same words within one minute are one reply: a form that was sent twice.
            let minute = now.as_second() / 60;
            let key = tx.digest("page_reply", format!("{id}/{minute}/{}", body.expose()).as_bytes());
            let new = NewInbound {
                sender: sender.id,
                event_key: key,
                from,
                body: body.clone(),
                opt_out: None,
                page: Some((id, person)),
                late: false,
                erase: None,
            };
            inbound::keep(tx, &new, now).map(drop)
        };
        self.store().write(access, keep).await?;
        self.announce(Change::Inbound(access.practice));
        Ok(())
    }

    /// Saves what a patient set on the page of preferences.
    pub async fn save_preferences(&self, access: Access, page: &StoredPage, wanted: Preferences) -> Result<(), EngineError> {
        let now = self.now();
        let (id, person, contact_point) = (page.id, page.person, page.contact_point);
        let save = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let choices = Choices {
                person,
                contact_point,
                channel: Channel::Portal,
                language: wanted.shown_in,
                answers: wanted.answers.clone(),
                evidence: None,
                at: None,
            };
            permissions::record_shown(tx, &choices, &wanted.words, now)?;
            if people::get(tx, person)?.language != wanted.language {
                people::set_language(tx, person, wanted.language, now)?;
            }
            set_hours(tx, person, contact_point, wanted.hours, now)?;
            pages::done(tx, id, now)
        };
        self.store().write(access, save).await?;
        self.announce(Change::Visits(access.practice));
        Ok(())
    }

    pub(crate) async fn find(&self, kind: KeyKind, secret: &str) -> Result<Option<Place>, EngineError> {
        if secret.is_empty() || secret.len() > 64 {
            return Ok(None);
        }
        let (now, secret) = (self.now(), secret.to_owned());
        let found = self.store().system_read(move |tx: &mut SystemTx<'_, '_>| pages::find(tx, kind, &secret, now)).await;
        found.map_err(|error: StoreError| error.into())
    }

    async fn open_place(&self, link: &str, from: IpAddr) -> Result<Option<(Access, StoredPage)>, EngineError> {
        let Some(place) = self.find(KeyKind::Link, link).await? else {
            self.probe(from).await?;
            return Ok(None);
        };
        let access = Access { practice: place.practice, actor: Actor::Patient(place.page) };
        let page = self.store().read(access, move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { pages::get(tx, place.page) }).await?;
        Ok(Some((access, page)))
    }

    /// Whether anything from an address is looked at.
    pub(crate) fn allows(&self, from: IpAddr) -> bool {
        self.0.probes.allows(from, self.now())
    }

    /// Counts a try that led nowhere and leaves it on the ledger; too many raise the alarm.
    pub(crate) async fn probe(&self, from: IpAddr) -> Result<(), EngineError> {
        let now = self.now();
        let (tries, alarm) = match self.0.probes.failed(from, now) {
            Verdict::Count(tries) => (tries, false),
            Verdict::Alarm(tries) => (tries, true),
        };
        if alarm {
            tracing::warn!(tries, "somebody guesses at links of pages; the address is shut out for ten minutes");
        }
        let note = move |tx: &mut SystemTx<'_, '_>| -> Result<(), StoreError> {
            pages::record_probe(tx, i64::from(tries), alarm, now);
            Ok(())
        };
        Ok(self.store().system(note).await?)
    }
}

/// What a patient sets on the page of preferences.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// The language in which the page was shown.
    pub shown_in: Language,
    /// Yes or no to each subject that was changed.
    pub answers: Vec<(wellsent_text::consent_wording::Subject, bool)>,
    /// The words that the page showed about each.
    pub words: Vec<(wellsent_text::consent_wording::Subject, ShownWording)>,
    /// The language of the texts.
    pub language: Language,
    /// The hours in which texts may come; `None` for those of the practice.
    pub hours: Option<Window>,
}

fn set_hours(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    contact: ContactPointId,
    hours: Option<Window>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let wanted = hours.map(Directive::OnlyBetween);
    for held in directives::of_person(tx, person)? {
        let is_hours = matches!(held.directive, Directive::OnlyBetween(_)) && held.contact_point.is_none_or(|at| at == contact);
        if is_hours && Some(held.directive) == wanted {
            return Ok(());
        }
        if is_hours {
            directives::end(tx, person, held.id, Channel::Portal, now)?;
        }
    }
    if let Some(directive) = wanted {
        directives::add(tx, person, Some(contact), directive, Channel::Portal, now)?;
    }
    let number = people::contact_point(tx, contact)?.number;
    let _ = numbers::get(tx, number)?;
    wellsent_store::plans::mark(tx, number, now)
}
