//! The threads.

use super::reply::{Draft, reply_box};
use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, bubbles, count, language, names, task_kind};
use crate::console::view::{Inbox, InboxFilter, OpenThread, ReplyBox, Section, Thread as ThreadView, ThreadList, ThreadRow};
use crate::failure::{Asking, Failed};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::staff::Role;
use wellsent_domain::{ContactPointId, Language, PersonId};
use wellsent_store::numbers::NumberKey;
use wellsent_store::views::inbox::Thread;
use wellsent_store::views::owners::Owner;
use wellsent_store::views::person::Chart;
use wellsent_store::views::thread::{self, Line};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx, people};

const NUMBERS_MAX: i64 = 80;
const LINES_MAX: i64 = 100;
const EXCERPT_CHARS: usize = 90;

/// Which threads are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    All,
    Unread,
    Unknown,
}

impl Show {
    const EACH: [Self; 3] = [Self::All, Self::Unread, Self::Unknown];

    const fn value(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Unread => "unread",
            Self::Unknown => "unknown",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Unread => "To do",
            Self::Unknown => "Unknown numbers",
        }
    }

    fn takes(self, thread: &Thread) -> bool {
        match self {
            Self::All => true,
            Self::Unread => !thread.tasks.is_empty(),
            Self::Unknown => thread.owners.is_empty(),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    show: String,
}

impl Asked {
    fn show(&self) -> Show {
        Show::EACH.into_iter().find(|show| show.value() == self.show).unwrap_or(Show::All)
    }
}

/// The list.
pub(crate) async fn list(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    render(&app, &staff, asked.show(), None, None, &headers).await
}

/// The list with a thread opened beside it.
pub(crate) async fn open(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    render(&app, &staff, asked.show(), Some(&id), None, &headers).await
}

/// Names a thread in an address: by the contact point of its person, or by the keyed index of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ThreadId {
    Contact(ContactPointId),
    Number(NumberKey),
}

impl ThreadId {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("num_") {
            Some(hex) => parse_key(hex).map(Self::Number),
            None => text.parse().ok().map(Self::Contact),
        }
    }

    fn of(thread: &Thread) -> Self {
        let owner = thread.owners.iter().find(|owner| Some(owner.person) == thread.person);
        owner.map_or(Self::Number(thread.key), |owner| Self::Contact(owner.contact_point))
    }
}

impl std::fmt::Display for ThreadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Contact(id) => write!(f, "{id}"),
            Self::Number(key) => write!(f, "num_{}", key_text(*key)),
        }
    }
}

/// The keyed index of a number as it stands in addresses. Nothing of the number can be read from it.
pub(super) fn key_text(key: NumberKey) -> String {
    key.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn parse_key(hex: &str) -> Option<NumberKey> {
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 16];
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(NumberKey(key))
}

/// A thread that is opened.
struct Opened {
    person: Option<PersonId>,
    owners: Vec<Owner>,
    number: String,
    lines: Vec<Line>,
    chart: Option<Chart>,
}

fn load_opened(tx: &mut Tx<'_, '_>, id: ThreadId, now: jiff::Timestamp) -> Result<Opened, StoreError> {
    let (key, mut person) = match id {
        ThreadId::Contact(id) => {
            let contact = people::contact_point(tx, id)?;
            (contact.number, Some(contact.contact.person))
        }
        ThreadId::Number(key) => (key, None),
    };
    let owners = views::owners::at(tx, &[key])?.pop().unwrap_or_default();
    let number = match owners.first() {
        Some(owner) => Some(owner.number.clone()),
        None => views::inbox::phone(tx, key)?,
    };
    let number = number.ok_or(StoreError::NotFound { what: "thread" })?;
    let shared = owners.len() > 1;
    if !shared && person.is_none() {
        person = owners.first().map(|owner| owner.person);
    }
    let lines = thread::of_person(thread::at(tx, key, LINES_MAX)?, person, shared);
    let chart = person.map(|person| views::person::chart(tx, person, now)).transpose()?;
    Ok(Opened { person, owners, number: number.expose().national(), lines, chart })
}

/// The page, with a draft where one waits for a second look.
pub(crate) async fn render(
    app: &App,
    staff: &SignedInStaff,
    show: Show,
    id: Option<&str>,
    draft: Option<Draft>,
    headers: &HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let id = id.map(|id| ThreadId::parse(id).ok_or(Failed::NOT_FOUND)).transpose()?;
    let load = move |tx: &mut Tx<'_, '_>| {
        let frame = views::frame::load(tx, now)?;
        let threads = views::inbox::threads(tx, NUMBERS_MAX)?;
        let opened = id.map(|id| load_opened(tx, id, now)).transpose()?;
        tx.record(now, read("inbox", now).number("count", threads.len() as i64));
        if let Some(opened) = &opened {
            let entry = read("thread", now).number("count", opened.lines.len() as i64);
            tx.record(now, entry.word_if("person", opened.person));
        }
        Ok::<_, StoreError>((frame, threads, opened))
    };
    let (frame, threads, opened) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let rows = threads.iter().filter(|thread| show.takes(thread)).map(|thread| row(thread, id, &calendar)).collect();
    let filters = Show::EACH.map(|each| InboxFilter {
        value: each.value().to_owned(),
        label: each.label().to_owned(),
        count: count(threads.iter().filter(|thread| each.takes(thread)).count() as i64),
        current: each == show,
    });
    let back = id.map_or_else(|| "/inbox".to_owned(), |id| format!("/inbox/{id}"));
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let view = Inbox {
        shell: shell(app, staff, &frame, &calendar, Place { section: Section::Inbox, back: &back, flash }),
        filters: filters.into(),
        list: ThreadList { rows },
        open: opened.map(|opened| open_thread(&opened, back, draft, staff.who.role, &calendar)),
    };
    finish(app, &view, was_shown)
}

fn row(thread: &Thread, opened: Option<ThreadId>, calendar: &Calendar) -> ThreadRow {
    let id = ThreadId::of(thread);
    let (text, lang, ours) = match &thread.last {
        Line::Received(line) => {
            let owner = thread.owners.iter().find(|owner| Some(owner.person) == thread.person).or(thread.owners.first());
            (line.body.expose(), owner.map(|owner| owner.language), false)
        }
        Line::Sent(line) => (line.body.expose(), Some(line.language), true),
    };
    ThreadRow {
        id: id.to_string(),
        person: title(thread.person, &thread.owners, thread.number.as_ref().map(|number| number.expose().national())),
        excerpt: excerpt(text),
        lang: lang.map(|lang| lang.as_str().to_owned()).unwrap_or_default(),
        ours,
        at: calendar.when(thread.last.at()),
        unread: count(thread.tasks.len() as i64),
        task: thread.tasks.first().map(|kind| task_kind(*kind)),
        current: opened == Some(id),
    }
}

/// The person's name; on a shared number without a clear person everybody's; the number of somebody unknown.
fn title(person: Option<PersonId>, owners: &[Owner], number: Option<String>) -> String {
    match owners.iter().find(|owner| Some(owner.person) == person) {
        Some(owner) => owner.name.expose().full(),
        None if owners.is_empty() => number.unwrap_or_else(|| "Unknown number".to_owned()),
        None => names(owners),
    }
}

fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(EXCERPT_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn open_thread(opened: &Opened, back: String, draft: Option<Draft>, role: Role, calendar: &Calendar) -> OpenThread {
    let person = title(opened.person, &opened.owners, Some(opened.number.clone()));
    let owner = opened.owners.iter().find(|owner| Some(owner.person) == opened.person);
    let lang = owner.map_or(Language::En, |owner| owner.language);
    let mut line = vec![opened.number.clone()];
    if let Some(owner) = owner {
        line.push(language(owner.language).to_owned());
    }
    if let Some(visit) = opened.chart.as_ref().and_then(|chart| chart.next_visit.as_ref()) {
        line.push(format!("next visit {}", calendar.in_zone(&visit.zone).day_and_time(visit.starts_at)));
    }
    let number = opened.chart.as_ref().and_then(|chart| {
        let contact = owner?.contact_point;
        Some((chart, chart.numbers.iter().find(|number| number.stored.contact.id == contact)?))
    });
    let here = back.clone();
    let reply = match number {
        Some((chart, number)) => reply_box(chart, number, back, draft, role, calendar),
        None => nobody(&person, &opened.number, opened.owners.len(), back),
    };
    OpenThread {
        person_id: opened.person.map(|id| id.to_string()),
        thread: ThreadView { person: person.clone(), bubbles: bubbles(&opened.lines, &person, lang, calendar), back: here },
        person,
        line: line.join(" · "),
        reply,
    }
}

/// The place of the form where it is not clear whom an answer would reach.
fn nobody(person: &str, number: &str, owners: usize, back: String) -> ReplyBox {
    let blocked = match owners {
        0 => "Nobody here has this number. Find out who it is before you answer.",
        _ => "Several people share this number, and it is not clear who wrote. Open the person you mean to answer.",
    };
    ReplyBox {
        person_id: String::new(),
        person: person.to_owned(),
        contact_point: String::new(),
        number: number.to_owned(),
        blocked: Some(blocked.to_owned()),
        draft: String::new(),
        warning: None,
        back,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_named_by_ids_that_read_back() {
        let number = ThreadId::Number(NumberKey([0xab; 16]));
        assert_eq!(ThreadId::parse(&number.to_string()), Some(number));
        let contact = ThreadId::Contact(ContactPointId::from_bytes([7; 16]));
        assert_eq!(ThreadId::parse(&contact.to_string()), Some(contact));
        for bad in ["", "num_", "num_zz", "per_07070707070707070707070707070707", "num_ääääääääääääääää"] {
            assert_eq!(ThreadId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_excerpt_is_cut_between_letters() {
        let long = "ñ".repeat(200);
        assert_eq!(excerpt(&long).chars().count(), EXCERPT_CHARS + 1);
        assert_eq!(excerpt("short"), "short");
    }
}
