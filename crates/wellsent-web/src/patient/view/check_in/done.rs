//! The end of check-in.

use askama::Template;
use wellsent_domain::consent::Category;

use super::{Choice, screen};
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// What was chosen, and to whom the tablet goes.
///
/// Form: `step=finish` with `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/done.html")]
pub struct CheckInDone {
    /// The frame.
    pub frame: Frame,
    /// What was chosen.
    pub choices: Vec<Choice>,
    /// The number, all but its end hidden.
    pub number: String,
    /// Whether a code to the number came back.
    pub verified: bool,
}

screen!(CheckInDone, "", None);

impl CheckInDone {
    pub(in crate::patient::view) fn chosen(&self, answer: bool) -> Vec<Phrase> {
        let answered = |choice: &&Choice| choice.answer.unwrap_or(false) == answer;
        self.choices.iter().filter(answered).map(|choice| self.title(choice.topic)).collect()
    }

    const fn title(&self, topic: Category) -> Phrase {
        self.frame.wording().check_in_topic(topic).0
    }
}
