//! The message itself, behind the door.

use askama::Template;
use wellsent_domain::Language;

use super::frame::Frame;
use super::phrases::Secure;
use crate::console::view::When;

/// The longest reply, in characters.
pub const REPLY_CHARS_MAX: usize = 1_000;

/// A message that may not stand in a text.
///
/// Forms: `step=reply` with `text` · `step=close`. All carry `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/message.html")]
pub struct MessagePage {
    /// The frame.
    pub frame: Frame,
    /// The words. An empty line begins a paragraph; other line breaks are kept.
    pub text: String,
    /// The language of the words.
    pub text_lang: Language,
    /// When it was written.
    pub written: When,
    /// Until when the link opens it, a day.
    pub until: When,
    /// What the patient answered, oldest first.
    pub replies: Vec<PatientReply>,
    /// Whether it may be answered here.
    pub takes_replies: bool,
    /// What became of the form just sent.
    pub note: Option<ReplyNote>,
    /// What the patient wrote and what did not go yet.
    pub draft: String,
}

/// A reply of the patient.
#[derive(Clone)]
pub struct PatientReply {
    /// The words.
    pub text: String,
    /// When.
    pub at: When,
}

/// What became of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyNote {
    /// It was sent.
    Sent,
    /// There was nothing in it.
    Empty,
    /// It is longer than [`REPLY_CHARS_MAX`].
    TooLong,
}

impl MessagePage {
    pub(super) const fn t(&self) -> &'static Secure {
        Secure::of(self.frame.lang)
    }

    pub(super) const fn at(&self) -> &'static str {
        ""
    }

    pub(super) fn paragraphs(&self) -> Vec<String> {
        paragraphs(&self.text)
    }

    pub(super) fn is_sent(&self) -> bool {
        self.note == Some(ReplyNote::Sent)
    }

    pub(super) fn fault(&self) -> Option<String> {
        match self.note? {
            ReplyNote::Sent => None,
            ReplyNote::Empty => Some(self.t().reply_empty.to_string()),
            ReplyNote::TooLong => Some(self.t().reply_long.with(self.limit())),
        }
    }

    /// The limit as it is written: with a comma in both languages, as in the United States.
    pub(super) const fn limit(&self) -> &'static str {
        "1,000"
    }
}

fn paragraphs(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim_end) {
        match (line.is_empty(), open) {
            (true, _) => open = false,
            (false, true) => {
                if let Some(last) = all.last_mut() {
                    last.push('\n');
                    last.push_str(line);
                }
            }
            (false, false) => {
                all.push(line.to_owned());
                open = true;
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_begins_a_paragraph_and_a_line_break_stays() {
        assert_eq!(paragraphs("Hello\n\n\n  - one\r\n  - two  \n \nBye\n"), ["Hello", "  - one\n  - two", "Bye"]);
        assert!(paragraphs(" \n\n").is_empty());
    }

    #[test]
    fn the_limit_is_written_as_it_is_counted() {
        assert_eq!(REPLY_CHARS_MAX, 1_000);
    }
}
