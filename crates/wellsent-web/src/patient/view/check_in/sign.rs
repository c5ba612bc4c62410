//! The signature.

use askama::Template;

use super::{Choice, Step, screen};
use crate::patient::view::drawing::Drawing;
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// The signature under the choices, which stand above it once more and can be changed.
///
/// Form: `step=sign` with `drawing` (see [`Drawing::parse`]), `typed_name`, `read` (`yes` when ticked) and `lang`. One of drawing and name is
/// enough. `?at=choices` goes back to the choices.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/sign.html")]
pub struct CheckInSign {
    /// The frame.
    pub frame: Frame,
    /// What was chosen.
    pub choices: Vec<Choice>,
    /// What is missing in the form just sent.
    pub notes: Vec<SignNote>,
    /// The signature just drawn, where the form was not complete.
    pub drawing: Option<Drawing>,
    /// The name just typed, where the form was not complete.
    pub typed_name: String,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignNote {
    /// Neither a drawing nor a name.
    NoSignature,
    /// The box about having read is not ticked.
    NotRead,
}

screen!(CheckInSign, "", Some(Step::Sign));

impl CheckInSign {
    pub(in crate::patient::view) const fn title(&self, choice: &Choice) -> Phrase {
        self.frame.wording().check_in_topic(choice.topic).0
    }

    pub(in crate::patient::view) fn lacks_signature(&self) -> bool {
        self.notes.contains(&SignNote::NoSignature)
    }

    pub(in crate::patient::view) fn lacks_tick(&self) -> bool {
        self.notes.contains(&SignNote::NotRead)
    }

    pub(in crate::patient::view) fn path(&self) -> &str {
        self.drawing.as_ref().map(Drawing::path).unwrap_or_default()
    }

    pub(in crate::patient::view) const fn path_max(&self) -> usize {
        Drawing::BYTES_MAX
    }
}
