//! What staff should look at.

use askama::Template;

use super::{Shell, TaskKind, When};

/// One thing for staff to look at. Live fragment `task-{id}`.
#[derive(Clone)]
pub struct Task {
    /// The task's id.
    pub id: String,
    /// Why it is here.
    pub kind: TaskKind,
    /// What happened and what to do, in a sentence.
    pub sentence: String,
    /// The patient's own words, if there are any.
    pub quote: Option<String>,
    /// The language of those words, for example `es`.
    pub quote_lang: String,
    /// Whom it is about, as (id, name).
    pub person: Option<(String, String)>,
    /// The message that it is about.
    pub message_id: Option<String>,
    /// When it came up.
    pub at: When,
}

/// The panel beside the visits: the most urgent tasks first. Live fragment `tasks-panel`.
#[derive(Clone, Template)]
#[template(path = "console/tasks_panel.html")]
pub struct TasksPanel {
    /// The most urgent ones, sorted by the order of [`TaskKind::ALL`], then by age.
    pub tasks: Vec<Task>,
    /// How many more are on the tasks page.
    pub more: u32,
    /// The page to come back to after Done, a path of this site.
    pub back: String,
}

impl TasksPanel {
    /// All open tasks.
    pub fn total(&self) -> u32 {
        u32::try_from(self.tasks.len()).unwrap_or(u32::MAX).saturating_add(self.more)
    }
}

/// The page of all tasks.
#[derive(Clone, Template)]
#[template(path = "console/tasks.html")]
pub struct TasksPage {
    /// The frame.
    pub shell: Shell,
    /// The filters with their counts; the first is `All`.
    pub filters: Vec<TaskFilter>,
    /// Open tasks, most urgent first.
    pub tasks: Vec<Task>,
    /// Those done lately.
    pub done: Vec<DoneTask>,
    /// The page to come back to after Done, a path of this site.
    pub back: String,
}

/// A filter of the tasks page.
#[derive(Clone)]
pub struct TaskFilter {
    /// The kind, or all kinds.
    pub kind: Option<TaskKind>,
    /// Open tasks of it.
    pub count: u32,
    /// Is it the current filter?
    pub current: bool,
}

/// A task that was done lately.
#[derive(Clone)]
pub struct DoneTask {
    /// Why it was there.
    pub kind: TaskKind,
    /// Whom it was about.
    pub person: String,
    /// Who did it.
    pub by: String,
    /// When.
    pub at: When,
}
