//! The code that was texted to the number (H-07).

use askama::Template;

use super::{Step, screen};
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// Asks for the code.
///
/// Forms, all with `lang`: `step=code` with `code` · `step=code_again` · `step=code_skip`.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/code.html")]
pub struct CheckInCode {
    /// The frame.
    pub frame: Frame,
    /// The number, all but its end hidden.
    pub number: String,
    /// What became of the form just sent.
    pub note: Option<CodeNote>,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeNote {
    /// It is not the one, or too old, or too many were tried: all look alike.
    Failed,
    /// It could not be checked, and may be tried again.
    Unchecked,
    /// A new one goes out.
    SentAgain,
}

screen!(CheckInCode, "", Some(Step::Code));

impl CheckInCode {
    pub(in crate::patient::view) fn fault(&self) -> Option<Phrase> {
        match self.note? {
            CodeNote::Failed => Some(self.t().check_failed),
            CodeNote::Unchecked => Some(self.t().check_unchecked),
            CodeNote::SentAgain => None,
        }
    }

    pub(in crate::patient::view) fn is_sent_again(&self) -> bool {
        self.note == Some(CodeNote::SentAgain)
    }
}
