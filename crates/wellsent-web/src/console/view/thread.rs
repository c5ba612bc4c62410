//! A conversation with one person at one number.

use askama::Template;

use super::{MessageState, When};

/// The bubbles of a conversation. Live fragment `thread`.
#[derive(Clone, Template)]
#[template(path = "console/thread.html")]
pub struct Thread {
    /// The person's name, for the labels.
    pub person: String,
    /// Oldest first.
    pub bubbles: Vec<Bubble>,
    /// The page that it stands on, a path of this site.
    pub back: String,
}

/// One text in a conversation.
#[derive(Clone)]
pub struct Bubble {
    /// The message's page, if it has one.
    pub message_id: Option<String>,
    /// Did it come from the patient?
    pub inbound: bool,
    /// A heading in front of it when a day begins, for example `Mon 23 November`.
    pub day: Option<String>,
    /// The words.
    pub text: String,
    /// Their language, for example `en` or `es`.
    pub lang: String,
    /// When it was received, sent, or is due.
    pub at: When,
    /// Who or what wrote it, for example `Reminder` or the name of a member of staff.
    pub author: String,
    /// Where it stands.
    pub state: MessageState,
    /// How a reply was understood, for example `Understood as: confirmed`; may be empty.
    pub note: String,
    /// For what came: whether it was written on a secure page and not texted.
    pub on_page: bool,
    /// For a notice: the page behind its link.
    pub page: Option<BubblePage>,
}

/// The page behind a notice.
#[derive(Clone)]
pub struct BubblePage {
    /// What became of it, for example `read 10:12 AM`, `not read yet`, `taken back`.
    pub state: String,
    /// Whether it can still be taken back.
    pub open: bool,
}

/// The form below a conversation. Live fragment `reply-box`.
#[derive(Clone, Template)]
#[template(path = "console/reply_box.html")]
pub struct ReplyBox {
    /// The person answered; the form posts to `/people/{id}/reply`.
    pub person_id: String,
    /// The person's name, for the label.
    pub person: String,
    /// The contact point answered, posted as `contact_point`.
    pub contact_point: String,
    /// The number in words, for example `212-555-0123`.
    pub number: String,
    /// Why nothing may be sent now; hides the form.
    pub blocked: Option<String>,
    /// What was written before an error; usually empty.
    pub draft: String,
    /// What the guard found in the draft (M-01).
    pub warning: Option<GuardWarning>,
    /// The page to come back to, a path of this site.
    pub back: String,
}

/// What the guard found in a draft, and what can be done about it.
#[derive(Clone)]
pub struct GuardWarning {
    /// The draft in pieces, those that were found among them.
    pub pieces: Vec<GuardPiece>,
    /// The language of the draft.
    pub lang: String,
    /// Each reason once, to be read after "because".
    pub reasons: Vec<String>,
    /// What was forgotten, for example to choose a reason; may be empty.
    pub fault: String,
    /// The reasons for which it may be sent all the same: the value and the words. Empty where whoever writes may not.
    pub overrides: Vec<(&'static str, &'static str)>,
    /// Who could, where whoever writes may not; may be empty.
    pub who_could: &'static str,
}

/// A piece of a draft.
#[derive(Clone)]
pub struct GuardPiece {
    /// The words.
    pub text: String,
    /// Why they were found; empty for the rest.
    pub why: String,
}
