//! The visits of a day.

use super::tasks::task_view;
use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, count, is_texted};
use crate::console::reminder::{Standing, standing};
use crate::console::view::{
    DayBar, DayLink, HourGroup, LocationFilter, LocationGroup, NumberCheck, ReminderState, Reply, Section, Slice, SliceKind, Summary,
    SummaryRow, TasksPanel, Today, VisitRow,
};
use crate::failure::{Asking, Failed};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use jiff::{SignedDuration, Span};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::person::ContactState;
use wellsent_domain::verification::{Recheck, recheck};
use wellsent_domain::{AppointmentId, LocationId};
use wellsent_store::practices::{self, StoredLocation};
use wellsent_store::views::frame::Frame;
use wellsent_store::views::{self, day::DayVisit};
use wellsent_store::{StoreError, Tx};

const VISITS_MAX: i64 = 1_500;
const TASKS_MAX: i64 = 6;
/// Words older than this say nothing about a visit.
const REPLIES_WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);
/// For this long an answer to a text is awaited.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(24);

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    day: String,
    #[serde(default)]
    location: String,
}

/// The page of a day.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let wanted = asked.day.parse::<Date>().ok();
    let load = move |tx: &mut Tx<'_, '_>| {
        let frame = views::frame::load(tx, now)?;
        let calendar = calendar(&frame, now);
        let day = wanted.unwrap_or_else(|| calendar.today());
        let days = around(day);
        let spans: Vec<_> = days.iter().map(|day| calendar.day_span(*day)).collect();
        let counts = views::day::count(tx, &spans)?;
        let span = calendar.day_span(day);
        let visits = views::day::visits(tx, span, span.0.saturating_sub(REPLIES_WITHIN).unwrap_or(span.0), VISITS_MAX)?;
        let tasks = views::tasks::open(tx, TASKS_MAX)?;
        tx.record(now, read("day", now).word("day", day).number("count", visits.len() as i64).number("tasks", tasks.len() as i64));
        Ok::<_, StoreError>((frame, practices::locations(tx)?, day, days, counts, visits, tasks))
    };
    let (frame, locations, day, days, counts, visits, tasks) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let location = locations.iter().find(|known| known.location.id.to_string() == asked.location).map(|known| known.location.id);
    let rows: Vec<Row<'_>> = visits
        .iter()
        .filter(|visit| location.is_none_or(|wanted| wanted == visit.location))
        .map(|visit| Row::new(visit, &calendar))
        .collect();
    let location_value = location.map(|id| id.to_string()).unwrap_or_default();
    let here = format!("/?day={day}&location={location_value}");
    let day_counts = days.iter().position(|known| *known == day).map(|place| counts[place].as_slice()).unwrap_or_default();
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = Today {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::Today, back: &here, flash }),
        day: day_bar(day, &days, &counts, location_value, &calendar),
        locations: filters(&locations, day_counts, location),
        summary: summary(&rows, &locations),
        tasks: TasksPanel {
            more: count(frame.tasks - tasks.len() as i64),
            tasks: tasks.iter().map(|task| task_view(task, &calendar)).collect(),
            back: here.clone(),
        },
        groups: groups(&rows, &locations, &checks(&rows, day, &frame, &here, &calendar), &calendar),
    };
    finish(&app, &view, was_shown)
}

/// The days of the switcher: three before and three after.
fn around(day: Date) -> Vec<Date> {
    (-3..=3).filter_map(|days| day.checked_add(Span::new().days(days)).ok()).collect()
}

struct Row<'a> {
    visit: &'a DayVisit,
    standing: Standing,
    slice: SliceKind,
}

impl<'a> Row<'a> {
    fn new(visit: &'a DayVisit, calendar: &Calendar) -> Self {
        let standing = standing(visit, calendar);
        let is_over = visit.starts_at <= calendar.now();
        let awaited = standing.released_at.is_some_and(|at| calendar.now().duration_since(at) < ANSWER_WITHIN);
        let slice = match standing.state {
            ReminderState::Confirmed => SliceKind::Confirmed,
            ReminderState::WantsReschedule | ReminderState::Cancelled => SliceKind::Changing,
            ReminderState::Refused | ReminderState::Undelivered | ReminderState::OptedOut => SliceKind::Untexted,
            state if is_texted(state) && awaited && !is_over => SliceKind::Waiting,
            state if is_texted(state) => SliceKind::NoAnswer,
            _ if is_over => SliceKind::Untexted,
            _ => SliceKind::NotDue,
        };
        Self { visit, standing, slice }
    }
}

fn day_bar(day: Date, days: &[Date], counts: &[Vec<(LocationId, i64)>], location: String, calendar: &Calendar) -> DayBar {
    let today = calendar.today();
    let beside = |days: i64| day.checked_add(Span::new().days(days)).unwrap_or(day).to_string();
    let format = if day.year() == today.year() { "%A, %B %-d" } else { "%A, %B %-d, %Y" };
    let relative = match (day - today).get_days() {
        0 => "Today",
        1 => "Tomorrow",
        -1 => "Yesterday",
        _ => "",
    };
    let links = days.iter().zip(counts).map(|(link, counts)| DayLink {
        value: link.to_string(),
        weekday: link.strftime("%a").to_string(),
        number: link.day().to_string(),
        month: link.strftime("%B").to_string(),
        visits: count(counts.iter().map(|(_, count)| count).sum()),
        current: *link == day,
        today: *link == today,
    });
    DayBar {
        heading: day.strftime(format).to_string(),
        relative: relative.to_owned(),
        value: day.to_string(),
        previous: beside(-1),
        next: beside(1),
        days: links.collect(),
        location,
    }
}

fn filters(locations: &[StoredLocation], counts: &[(LocationId, i64)], current: Option<LocationId>) -> Vec<LocationFilter> {
    let all = LocationFilter {
        id: String::new(),
        name: "All locations".to_owned(),
        visits: count(counts.iter().map(|(_, count)| count).sum()),
        current: current.is_none(),
    };
    let each = locations.iter().map(|known| LocationFilter {
        id: known.location.id.to_string(),
        name: known.location.name.clone(),
        visits: count(counts.iter().find(|(id, _)| *id == known.location.id).map_or(0, |(_, count)| *count)),
        current: current == Some(known.location.id),
    });
    std::iter::once(all).chain(each).collect()
}

fn tally(rows: &[&Row<'_>]) -> Vec<u32> {
    SliceKind::ALL.iter().map(|kind| count(rows.iter().filter(|row| row.slice == *kind).count() as i64)).collect()
}

fn summary(rows: &[Row<'_>], locations: &[StoredLocation]) -> Summary {
    let all: Vec<_> = rows.iter().collect();
    let slices = SliceKind::ALL.iter().zip(tally(&all)).map(|(kind, count)| Slice { kind: *kind, count }).collect();
    let by_location: Vec<_> = locations
        .iter()
        .filter_map(|known| {
            let here: Vec<_> = rows.iter().filter(|row| row.visit.location == known.location.id).collect();
            (!here.is_empty()).then(|| SummaryRow { location: known.location.name.clone(), counts: tally(&here) })
        })
        .collect();
    let visits = if rows.len() == 1 { "visit" } else { "visits" };
    let scope = match by_location.as_slice() {
        [only] => format!("{visits} at {}", only.location),
        several => format!("{visits} at {} locations", several.len()),
    };
    Summary { scope, slices, by_location }
}

fn groups(
    rows: &[Row<'_>],
    locations: &[StoredLocation],
    checks: &HashMap<AppointmentId, NumberCheck>,
    calendar: &Calendar,
) -> Vec<LocationGroup> {
    locations
        .iter()
        .filter_map(|known| {
            let place = &known.location;
            let here: Vec<_> = rows.iter().filter(|row| row.visit.location == place.id).collect();
            if here.is_empty() {
                return None;
            }
            let local = calendar.at_zone(place.zone.clone());
            let zone = match place.zone.iana_name() {
                Some(name) if Some(name) != calendar.zone().iana_name() => {
                    format!("{} time", name.rsplit('/').next().unwrap_or(name).replace('_', " "))
                }
                _ => String::new(),
            };
            let mut hours: Vec<HourGroup> = Vec::new();
            for row in &here {
                let label = place.zone.to_datetime(row.visit.starts_at).strftime("%-I %p").to_string();
                let view = visit_row(row, checks.get(&row.visit.id).cloned(), &local, calendar);
                match hours.last_mut() {
                    Some(hour) if hour.label == label => hour.visits.push(view),
                    _ => hours.push(HourGroup { label, visits: vec![view] }),
                }
            }
            Some(LocationGroup { id: place.id.to_string(), name: place.name.clone(), zone, visits: count(here.len() as i64), hours })
        })
        .collect()
}

fn visit_row(row: &Row<'_>, check: Option<NumberCheck>, local: &Calendar, calendar: &Calendar) -> VisitRow {
    let visit = row.visit;
    VisitRow {
        id: visit.id.to_string(),
        at: local.clock(visit.starts_at),
        person_id: visit.person.to_string(),
        person: visit.name.expose().full(),
        visit_type: visit.visit_type.clone(),
        state: row.standing.state,
        note: row.standing.note.clone(),
        reply: visit.reply.as_ref().map(|(words, at)| Reply {
            text: words.expose().clone(),
            lang: visit.language.as_str().to_owned(),
            at: calendar.when(*at),
        }),
        message_id: row.standing.message.map(|id| id.to_string()),
        past: visit.starts_at <= calendar.now(),
        check,
    }
}

/// What to ask about numbers at the visits of today: whether one that was proven is still theirs, and a code from one that never was (H-07). It
/// is asked once a patient, and of nobody whose number is fresh.
fn checks(rows: &[Row<'_>], day: Date, frame: &Frame, back: &str, calendar: &Calendar) -> HashMap<AppointmentId, NumberCheck> {
    let mut asked = HashMap::new();
    if day != calendar.today() {
        return asked;
    }
    let mut seen = HashSet::new();
    for visit in rows.iter().map(|row| row.visit).filter(|visit| visit.status == AppointmentStatus::Booked) {
        let Some(number) = visit.number.filter(|number| number.state == ContactState::Live) else { continue };
        let every = frame.practice.practice.settings.recheck_days;
        let (confirmable, sentence) = match recheck(number.verified_at, number.confirmed_at, every, calendar.now()) {
            Recheck::NotDue => continue,
            Recheck::NeverVerified => (false, "Phone never verified: verify at check-in".to_owned()),
            Recheck::Due { since } => (true, format!("Confirmed {}", calendar.ago(since))),
        };
        // Both visits of a day ask about the same number; the first row is enough.
        if seen.insert(number.contact) {
            let check = NumberCheck { contact: number.contact.to_string(), sentence, confirmable, back: back.to_owned() };
            asked.insert(visit.id, check);
        }
    }
    asked
}
