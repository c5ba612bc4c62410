//! One person.

use super::inbox::key_text;
use super::people::{preferred, texting};
use super::reply::{Draft, reply_box};
use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::may_text;
use crate::console::present::*;
use crate::console::reminder::standing;
use crate::console::view::{
    ConsentCell, ConsentEvent, ConsentState, ContactPoint, Person, PersonVisit, PlannedRow, Section, SharedWith, Suppression, Thread, Tone,
    Verification,
};
use crate::failure::Failed;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{Act, Category, ConsentAct, Warning};
use wellsent_domain::gate::Reached;
use wellsent_domain::message::{MessageState, Programme};
use wellsent_domain::person::{ContactState, Standing};
use wellsent_domain::practice::Settings;
use wellsent_domain::verification::{Recheck, recheck};
use wellsent_domain::{MessageId, PersonId, StaffId};
use wellsent_store::consent_log::{self, ConsentLine};
use wellsent_store::practices::{self, StoredLocation};
use wellsent_store::views::day::DayVisit;
use wellsent_store::views::messages::{AboutVisit, MessageLine};
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_store::views::{self, thread};
use wellsent_store::{StoreError, Tx};

const VISITS_MAX: i64 = 60;
const MESSAGES_MAX: i64 = 100;
const LINES_MAX: i64 = 60;
const HISTORY_MAX: i64 = 60;

/// The page of a person.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let id: PersonId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    render(&app, &staff, id, None, &headers).await
}

/// Everything that the page shows.
struct Shown {
    chart: Chart,
    history: Vec<ConsentLine>,
    visits: Vec<DayVisit>,
    locations: Vec<StoredLocation>,
    messages: Vec<MessageLine>,
    about: Vec<Vec<AboutVisit>>,
    lines: Vec<thread::Line>,
    staff: Vec<(StaffId, String)>,
}

fn load(tx: &mut Tx<'_, '_>, id: PersonId, now: jiff::Timestamp) -> Result<Shown, StoreError> {
    let chart = views::person::chart(tx, id, now)?;
    let messages = views::messages::of_person(tx, id, MESSAGES_MAX)?;
    let ids: Vec<MessageId> = messages.iter().map(|line| line.id).collect();
    let lines = match preferred(&chart) {
        Some(number) => thread::of_person(thread::at(tx, number.stored.number, LINES_MAX)?, Some(id), number.state.people > 1),
        None => Vec::new(),
    };
    Ok(Shown {
        history: consent_log::lines(tx, id, HISTORY_MAX)?,
        visits: views::day::of_person(tx, id, VISITS_MAX)?,
        locations: practices::locations(tx)?,
        about: views::messages::visits(tx, &ids)?,
        staff: views::person::staff(tx)?,
        chart,
        messages,
        lines,
    })
}

/// The page, with a draft where one waits for a second look.
pub(crate) async fn render(
    app: &App,
    staff: &SignedInStaff,
    id: PersonId,
    draft: Option<Draft>,
    headers: &HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let load = move |tx: &mut Tx<'_, '_>| {
        let frame = views::frame::load(tx, now)?;
        let shown = load(tx, id, now)?;
        tx.record(now, read("person", now).word("person", id));
        Ok::<_, StoreError>((frame, shown))
    };
    let (frame, shown) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let Shown { chart, history, visits, locations, messages, about, lines, staff: colleagues } = &shown;
    let person = &chart.person;
    let back = format!("/people/{id}");
    let name = person.name.expose().full();
    let number = preferred(chart);
    let settings = &frame.practice.practice.settings;
    let (upcoming, past): (Vec<_>, Vec<_>) = visits.iter().partition(|visit| visit.starts_at > now);
    let rows: Vec<_> = messages.iter().zip(about).collect();
    let mut planned: Vec<_> = rows.iter().filter(|(line, _)| line.state == MessageState::Planned).collect();
    planned.sort_by_key(|(line, _)| line.next_at);
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let view = Person {
        shell: shell(app, staff, &frame, &calendar, Place { section: Section::People, back: &back, flash }),
        id: id.to_string(),
        born: person.birth_date.as_ref().map_or_else(|| "no birth date".to_owned(), |date| born(*date.expose(), calendar.today())),
        language: language(person.language).to_owned(),
        record: person.record_number.as_ref().map_or_else(|| "none".to_owned(), |record| record.expose().clone()),
        location: visits.first().and_then(|visit| place(locations, visit)).unwrap_or_default(),
        texting: texting(chart),
        notices: notices(chart),
        contact_points: chart.numbers.iter().map(|number| contact_point(number, history, settings, &calendar)).collect(),
        may_text: chart
            .numbers
            .iter()
            .filter(|number| number.stored.contact.state != ContactState::Replaced)
            .filter_map(|number| may_text::table(chart, number, &frame, staff.who.staff, &calendar))
            .collect(),
        history: events(history, chart, colleagues, &calendar),
        upcoming: upcoming.into_iter().rev().map(|visit| person_visit(visit, locations, &calendar)).collect(),
        past: past.into_iter().map(|visit| person_visit(visit, locations, &calendar)).collect(),
        thread: Thread { person: name.clone(), bubbles: bubbles(lines, &name, person.language, &calendar), back: back.clone() },
        reply: number.map(|number| reply_box(chart, number, back.clone(), draft, staff.who.role, &calendar)),
        planned: planned.into_iter().map(|(line, visits)| planned_row(line, visits, &calendar)).collect(),
        messages: rows
            .iter()
            .filter(|(line, _)| line.state != MessageState::Planned)
            .map(|(line, visits)| message_row(line, visits, &calendar))
            .collect(),
        phone: number.filter(|_| app.demo).map(|number| key_text(number.stored.number)),
        name,
    };
    finish(app, &view, was_shown)
}

fn place(locations: &[StoredLocation], visit: &DayVisit) -> Option<String> {
    locations.iter().find(|known| known.location.id == visit.location).map(|known| known.location.name.clone())
}

/// What one must know first.
fn notices(chart: &Chart) -> Vec<String> {
    let mut notices = Vec::new();
    match chart.person.standing {
        Standing::Active => {}
        Standing::Inactive => notices.push("No longer with the practice: reminders do not go.".to_owned()),
        Standing::Deceased => notices.push("Has died. Nothing is sent.".to_owned()),
    }
    for held in &chart.directives {
        let number = held.contact_point.and_then(|at| chart.numbers.iter().find(|number| number.stored.contact.id == at));
        let number = number.map(|number| number.stored.contact.number.expose().national());
        notices.push(self::directive(&held.directive, number.as_deref()));
    }
    if chart.person.sensitive {
        notices.push("Specially protected: texts carry neutral words only.".to_owned());
    }
    notices
}

fn contact_point(number: &NumberChart, history: &[ConsentLine], settings: &Settings, calendar: &Calendar) -> ContactPoint {
    let contact = &number.stored.contact;
    ContactPoint {
        id: contact.id.to_string(),
        number: contact.number.expose().national(),
        label: label(number),
        live: contact.state != ContactState::Replaced,
        confirm_due: confirm_due(number, settings.recheck_days, calendar.now()),
        verification: verification(number, settings.verification_days, calendar),
        verified: contact.verified_at.map(|at| calendar.ago(at)).unwrap_or_default(),
        shared_with: number
            .others
            .iter()
            .map(|other| SharedWith { id: other.person.to_string(), name: other.name.expose().full() })
            .collect(),
        suppression: suppression(number, calendar),
        warning: number.stored.warning_at.filter(|_| number.stored.warning == Warning::Accepted).map(|at| calendar.on_day(at)),
        consents: consent_cells(number, history, calendar),
    }
}

/// Whose a number is and where it comes from, or what is wrong with it.
pub(super) fn label(number: &NumberChart) -> String {
    let whose = match number.stored.reached {
        Reached::Own => "Own number",
        Reached::MatureMinor => "The minor's own number",
        Reached::Proxy(proxy) => authority(proxy.authority),
    };
    let contact = &number.stored.contact;
    let trouble = contact_trouble(contact.state);
    if trouble.is_empty() { format!("{}, {}", capital(whose), obtained(contact.obtained)) } else { capital(trouble) }
}

pub(super) fn verification(number: &NumberChart, days: i64, calendar: &Calendar) -> Verification {
    let contact = &number.stored.contact;
    let is_fresh = |at| calendar.now().duration_since(at) <= SignedDuration::from_hours(24 * days);
    match contact.verified_at {
        _ if contact.state == ContactState::Disputed => Verification::Disputed,
        Some(at) if is_fresh(at) => Verification::Verified,
        Some(_) => Verification::Stale,
        None => Verification::Unverified,
    }
}

/// Whether the patient should be asked if a number that was proven is still theirs (H-07).
pub(super) fn confirm_due(number: &NumberChart, every_days: i64, now: Timestamp) -> bool {
    let contact = &number.stored.contact;
    contact.state == ContactState::Live
        && matches!(recheck(contact.verified_at, contact.confirmed_at, every_days, now), Recheck::Due { .. })
}

pub(super) fn suppression(number: &NumberChart, calendar: &Calendar) -> Option<Suppression> {
    number.stopped.as_ref().map(|stopped| Suppression {
        since: calendar.when(stopped.suppression.at),
        why: match &stopped.words {
            Some(words) => format!("The words were: “{}”.", words.expose()),
            None => format!("It was stopped {}.", channel(stopped.suppression.channel)),
        },
    })
}

pub(super) fn consent_cells(number: &NumberChart, history: &[ConsentLine], calendar: &Calendar) -> Vec<ConsentCell> {
    Category::ALL.iter().map(|category| consent_cell(*category, number, history, calendar)).collect()
}

fn consent_cell(of: Category, number: &NumberChart, history: &[ConsentLine], calendar: &Calendar) -> ConsentCell {
    let given = number.consents.iter().find(|(known, _)| *known == of).map(|(_, standing)| standing);
    let about = |line: &&ConsentLine| {
        let act = line.event.act;
        act.category() == Some(of) && act.word() != ConsentAct::Confirmed && line.event.contact_point == Some(number.stored.contact.id)
    };
    let last = history.iter().find(about);
    let how = last.map(|line| format!("{}, {}", channel(line.channel), calendar.on_day(line.event.at).text)).unwrap_or_default();
    let (state, note) = match (given, &number.stopped) {
        (Some(given), Some(stopped)) if given.at <= stopped.suppression.at => {
            let at = calendar.on_day(stopped.suppression.at).text;
            (ConsentState::Revoked, format!("{}, {at}", channel(stopped.suppression.channel)))
        }
        (Some(given), _) => (ConsentState::Given, if how.is_empty() { calendar.on_day(given.at).text } else { how }),
        (None, _) if last.is_some_and(|line| line.event.act.word() == ConsentAct::Revoked) => (ConsentState::Revoked, how),
        (None, _) => (ConsentState::NotAsked, if of == Category::Marketing { "needs a signature".to_owned() } else { String::new() }),
    };
    ConsentCell { category: category(of).to_owned(), state, note }
}

fn events(history: &[ConsentLine], chart: &Chart, staff: &[(StaffId, String)], calendar: &Calendar) -> Vec<ConsentEvent> {
    let number = |id| {
        let found = chart.numbers.iter().find(|number| number.stored.contact.id == id);
        found.map(|number| number.stored.contact.number.expose().national()).unwrap_or_default()
    };
    let mut events: Vec<_> = history
        .iter()
        .map(|line| {
            let event = &line.event;
            let (tone, icon) = match event.act.word() {
                ConsentAct::Granted | ConsentAct::Verified | ConsentAct::NumberConfirmed | ConsentAct::Authorized | ConsentAct::Resumed => {
                    (Tone::Good, "check")
                }
                ConsentAct::Revoked
                | ConsentAct::WarningWithdrawn
                | ConsentAct::AuthorizationEnded
                | ConsentAct::Directed
                | ConsentAct::NumberReplaced
                | ConsentAct::Suppressed => (Tone::Off, "bell-off"),
                ConsentAct::Warned
                | ConsentAct::WarningAccepted
                | ConsentAct::Confirmed
                | ConsentAct::DirectiveEnded
                | ConsentAct::CodeAsked => (Tone::Info, "info"),
            };
            let what = match (event.act, event.act.category()) {
                (Act::Directed(asked), _) => self::directive(&asked, None),
                (_, Some(of)) => format!("{}: {}", act(event.act.word()), category(of).to_lowercase()),
                (_, None) => act(event.act.word()).to_owned(),
            };
            let by = staff.iter().find(|(id, _)| id.to_string() == line.actor).map(|(_, name)| format!(", recorded by {name}"));
            let number = event.contact_point.map(|id| format!("{}, ", number(id))).unwrap_or_default();
            let detail = format!("{number}{}{}", channel(line.channel), by.unwrap_or_default());
            let evidence = line.evidence.map(|id| format!("/people/{}/evidence/{id}", chart.person.id));
            (event.at, ConsentEvent { at: calendar.when(event.at), tone, icon, what, detail, evidence })
        })
        .collect();
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    events.into_iter().map(|(_, event)| event).collect()
}

fn person_visit(visit: &DayVisit, locations: &[StoredLocation], calendar: &Calendar) -> PersonVisit {
    let mut at = calendar.when(visit.starts_at);
    at.text = calendar.in_zone(&visit.zone).day_and_time(visit.starts_at);
    PersonVisit {
        at,
        visit_type: visit.visit_type.clone(),
        location: place(locations, visit).unwrap_or_default(),
        state: standing(visit, calendar).state,
    }
}

fn planned_row(line: &MessageLine, visits: &[AboutVisit], calendar: &Calendar) -> PlannedRow {
    let words = MessageWords {
        programme: line.programme,
        template: &line.template,
        staff: line.staff.as_deref().filter(|_| line.programme == Programme::Conversation),
        due_at: line.due_at,
        visits,
    };
    PlannedRow { id: line.id.to_string(), due: calendar.when(line.next_at), kind: words.kind(), about: capital(&words.about(calendar)) }
}
