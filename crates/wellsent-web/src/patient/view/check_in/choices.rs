//! The warning, the terms and the choices.

use askama::Template;
use wellsent_domain::consent::Category;

use super::{Step, screen};
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// What may be texted (H-04, T-01, C-01). Nothing is chosen beforehand.
///
/// Form: `step=choices` with a field for each category asked (`appointments`, `care`, `billing`, `surveys`: `yes` or `no`) and `lang`. A yes to
/// `care` accepts the warning; its wording says so, see [`super::super::Wording::shown_check_in_topic`].
#[derive(Clone, Template)]
#[template(path = "patient/check_in/choices.html")]
pub struct CheckInChoices {
    /// The frame.
    pub frame: Frame,
    /// The number, all but its end hidden.
    pub number: String,
    /// The categories in the order in which they are asked, with what the patient has answered so far.
    pub choices: Vec<Choice>,
    /// Whether the form was sent without all its answers.
    pub unanswered: bool,
}

/// A category and the answer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Which.
    pub topic: Category,
    /// The answer, once there is one.
    pub answer: Option<bool>,
}

screen!(CheckInChoices, "", Some(Step::Choices));

impl CheckInChoices {
    pub(in crate::patient::view) const fn title(&self, topic: &Category) -> Phrase {
        self.frame.wording().check_in_topic(*topic).0
    }

    pub(in crate::patient::view) const fn what(&self, topic: &Category) -> Phrase {
        self.frame.wording().check_in_topic(*topic).1
    }

    pub(in crate::patient::view) const fn yes(&self, topic: &Category) -> Phrase {
        match topic {
            Category::Care => self.t().details_yes,
            _ => self.frame.words().yes,
        }
    }
}
