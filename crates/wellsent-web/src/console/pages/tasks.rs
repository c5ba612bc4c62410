//! What people should look at.

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, count, task_kind, task_sentence};
use crate::console::view::{DoneTask, Section, Task, TaskFilter, TasksPage};
use crate::failure::{Asking, Failed, Fields};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::SignedDuration;
use serde::Deserialize;
use wellsent_domain::TaskId;
use wellsent_domain::task::TaskKind as Kind;
use wellsent_engine::Change;
use wellsent_store::views::{self, tasks::OpenTask};
use wellsent_store::{StoreError, Tx, tasks};

const SHOWN_MAX: i64 = 200;
const DONE_MAX: i64 = 30;
const DONE_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    kind: String,
}

/// The page of all tasks.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let kind = Kind::ALL.iter().copied().find(|kind| task_kind(*kind).as_str() == asked.kind);
    let load = move |tx: &mut Tx<'_, '_>| {
        let open = match kind {
            Some(kind) => views::tasks::open_of_kind(tx, kind, SHOWN_MAX)?,
            None => views::tasks::open(tx, SHOWN_MAX)?,
        };
        let done = views::tasks::done_since(tx, now.saturating_sub(DONE_WITHIN).unwrap_or(now), DONE_MAX)?;
        let counts = views::tasks::counts(tx)?;
        tx.record(now, read("tasks", now).number("count", (open.len() + done.len()) as i64));
        Ok::<_, StoreError>((views::frame::load(tx, now)?, open, done, counts))
    };
    let (frame, open, done, counts) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let back = match kind {
        Some(kind) => format!("/tasks?kind={}", task_kind(kind).as_str()),
        None => "/tasks".to_owned(),
    };
    let mut filters = vec![TaskFilter { kind: None, count: count(frame.tasks), current: kind.is_none() }];
    for known in Kind::ALL {
        let open = counts.iter().find(|(of, _)| of == known).map_or(0, |(_, open)| *open);
        if open > 0 || kind == Some(*known) {
            filters.push(TaskFilter { kind: Some(task_kind(*known)), count: count(open), current: kind == Some(*known) });
        }
    }
    let done = done
        .into_iter()
        .map(|task| DoneTask {
            kind: task_kind(task.kind),
            person: task.person.map(|name| name.expose().full()).unwrap_or_default(),
            by: task.by.unwrap_or_else(|| "the program".to_owned()),
            at: calendar.when(task.at),
        })
        .collect();
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = TasksPage {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::Tasks, back: &back, flash }),
        filters,
        tasks: open.iter().map(|task| task_view(task, &calendar)).collect(),
        done,
        back,
    };
    finish(&app, &view, was_shown)
}

#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    back: String,
}

/// Closes a task.
pub(crate) async fn done(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    Fields(form): Fields<Done>,
) -> Result<Response, Failed> {
    let id: TaskId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let now = app.engine.now();
    match app.engine.store().write(staff.access, move |tx: &mut Tx<'_, '_>| tasks::done(tx, id, now)).await {
        Ok(()) => {
            app.engine.announce(Change::Tasks(staff.access.practice));
            Ok(back_with(&app, &form.back, Note::TaskDone))
        }
        Err(StoreError::Stale { .. }) => Ok(back_with(&app, &form.back, Note::Stale)),
        Err(error) => Err(error.into()),
    }
}

/// A task as pages show it.
pub(super) fn task_view(task: &OpenTask, calendar: &Calendar) -> Task {
    let mut sentence = task_sentence(task, calendar);
    if task.person.is_none()
        && let Some(number) = &task.number
    {
        sentence = format!("{}: {sentence}", number.expose().national());
    }
    Task {
        id: task.id.to_string(),
        kind: task_kind(task.kind),
        sentence,
        quote: task.words.as_ref().map(|words| words.expose().clone()),
        quote_lang: task.language.map_or("en", |language| language.as_str()).to_owned(),
        person: task.person.as_ref().map(|(id, name)| (id.to_string(), name.expose().full())),
        message_id: task.message.map(|id| id.to_string()),
        at: calendar.when(task.created_at),
    }
}
