//! The threads of the practice.

use askama::Template;

use super::{ReplyBox, Shell, TaskKind, Thread, When};

/// The inbox: the list of threads and, beside it, the opened one.
#[derive(Clone, Template)]
#[template(path = "console/inbox.html")]
pub struct Inbox {
    /// The frame.
    pub shell: Shell,
    /// All, unread, and so on.
    pub filters: Vec<InboxFilter>,
    /// The threads.
    pub list: ThreadList,
    /// The opened thread.
    pub open: Option<OpenThread>,
}

/// A filter of the inbox.
#[derive(Clone)]
pub struct InboxFilter {
    /// The query value; empty for all.
    pub value: String,
    /// The words.
    pub label: String,
    /// How many threads.
    pub count: u32,
    /// Is it the current filter?
    pub current: bool,
}

/// The list of threads. Live fragment `thread-list`.
#[derive(Clone, Template)]
#[template(path = "console/thread_list.html")]
pub struct ThreadList {
    /// Newest first.
    pub rows: Vec<ThreadRow>,
}

/// One thread in the list.
#[derive(Clone)]
pub struct ThreadRow {
    /// The thread's id; it opens at `/inbox/{id}`.
    pub id: String,
    /// The person's name, or the number of somebody unknown.
    pub person: String,
    /// The last words, either way.
    pub excerpt: String,
    /// Their language.
    pub lang: String,
    /// Were the last words ours?
    pub ours: bool,
    /// When.
    pub at: When,
    /// Texts not read yet.
    pub unread: u32,
    /// An open task of this thread.
    pub task: Option<TaskKind>,
    /// Is it the opened one?
    pub current: bool,
}

/// The opened thread.
#[derive(Clone)]
pub struct OpenThread {
    /// The person's id, if the number belongs to one.
    pub person_id: Option<String>,
    /// The person's name, or the number.
    pub person: String,
    /// Number, language, next visit: one line below the name.
    pub line: String,
    /// The bubbles.
    pub thread: Thread,
    /// The form.
    pub reply: ReplyBox,
}
