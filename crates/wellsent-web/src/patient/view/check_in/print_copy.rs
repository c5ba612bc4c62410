//! The copy on paper.

use askama::Template;

use super::screen;
use crate::console::view::When;
use crate::patient::view::drawing::Drawing;
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// What was agreed to, in the very words, for printing. Its address is `?at=print`; no forms.
///
/// The words come as strings: a copy of an old agreement shows the old ones. The frame's language is that of the wording.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/print_copy.html")]
pub struct PrintCopy {
    /// The frame.
    pub frame: Frame,
    /// The patient's name.
    pub patient: String,
    /// The number that was agreed for, in full, as the copy has to name it (T-03).
    pub number: String,
    /// When it was signed; while it is not, today.
    pub date: When,
    /// The paragraphs of the warning, see [`super::super::Wording::warning`].
    pub warning: Vec<String>,
    /// The sentences of the terms, see [`super::super::Wording::terms`].
    pub terms: Vec<String>,
    /// What was ticked beside the signature, see [`super::super::Wording::shown_statement`].
    pub statement: String,
    /// The choices.
    pub choices: Vec<CopyChoice>,
    /// The signature; none on a copy to read before signing.
    pub signature: Option<Signature>,
    /// Whether the copy stands on the tablet, with a way back and a time limit, or on a member of staff's own screen.
    pub on_tablet: bool,
}

/// A choice as it was worded.
#[derive(Clone)]
pub struct CopyChoice {
    /// The name of the category.
    pub title: String,
    /// What its texts are.
    pub what: String,
    /// The answer, once there is one.
    pub answer: Option<bool>,
}

/// How it was signed.
#[derive(Clone)]
pub enum Signature {
    /// Drawn.
    Drawn(Drawing),
    /// The name was typed.
    Typed(String),
}

screen!(PrintCopy, "print", None);

impl PrintCopy {
    pub(in crate::patient::view) fn answer(&self, choice: &CopyChoice) -> Phrase {
        match choice.answer {
            Some(true) => self.frame.words().yes,
            Some(false) => self.frame.words().no,
            None => self.t().unanswered,
        }
    }
}
