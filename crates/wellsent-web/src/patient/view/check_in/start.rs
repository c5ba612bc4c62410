//! The screen between two patients, and the question whether one is still there.

use askama::Template;

use super::screen;
use crate::patient::view::frame::Frame;
use crate::patient::view::phrases::Phrase;

/// The start: the code that the front desk gives.
///
/// Form: `step=start` with `code` and `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/start.html")]
pub struct CheckInStart {
    /// The frame.
    pub frame: Frame,
    /// What went before.
    pub note: Option<StartNote>,
}

/// Why the start is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartNote {
    /// The code is not known, or over.
    Failed,
    /// Nobody used the screen for a while. Its address is `?at=over`.
    TimedOut,
    /// Too many codes that failed on this screen (N-04).
    TooMany,
}

screen!(CheckInStart, "", None);

impl CheckInStart {
    pub(in crate::patient::view) fn fault(&self) -> Option<Phrase> {
        match self.note? {
            StartNote::Failed => Some(self.t().code_failed),
            StartNote::TooMany => Some(self.t().too_many),
            StartNote::TimedOut => None,
        }
    }

    pub(in crate::patient::view) fn is_timed_out(&self) -> bool {
        self.note == Some(StartNote::TimedOut)
    }

    pub(in crate::patient::view) fn takes_codes(&self) -> bool {
        self.note != Some(StartNote::TooMany)
    }
}

/// Asks whether anybody is there, where no script does. Its address is `?at=still-there`.
///
/// Form: `step=continue` with `lang`; the screen goes back to where it was.
#[derive(Clone, Template)]
#[template(path = "patient/check_in/still_there.html")]
pub struct CheckInStillThere {
    /// The frame.
    pub frame: Frame,
}

screen!(CheckInStillThere, "still-there", None);
