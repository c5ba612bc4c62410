//! In front of a page behind a link: the second fact (H-03).

use askama::Template;

use super::frame::Frame;
use super::phrases::Secure;

/// What anyone sees who follows a link, good or bad, used, expired or revoked.
///
/// It knows nothing of the link, so that all links look alike. Which fact it asks for must follow from the practice and not from the link;
/// otherwise the door tells a good link from a bad one.
///
/// Forms: `step=send_code` · `step=code` with `code` · `step=birth_date` with `month`, `day`, `year`. All carry `lang`.
#[derive(Clone, Template)]
#[template(path = "patient/door.html")]
pub struct Door {
    /// The frame.
    pub frame: Frame,
    /// What it asks.
    pub state: DoorState,
}

/// What the door asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorState {
    /// One press of a button sends a code; a visit alone does nothing.
    TextMeACode,
    /// The code. Its address is `?at=code`.
    CodeEntry {
        /// Whether a try failed, for whatever reason.
        failed: bool,
    },
    /// The birth date.
    BirthDateEntry {
        /// Whether a try failed, for whatever reason.
        failed: bool,
    },
    /// Too many tries, at any link (N-04). Its address is `?at=later`.
    TryLater,
}

impl Door {
    pub(super) const fn t(&self) -> &'static Secure {
        Secure::of(self.frame.lang)
    }

    pub(super) const fn at(&self) -> &'static str {
        match self.state {
            DoorState::TextMeACode | DoorState::BirthDateEntry { .. } => "",
            DoorState::CodeEntry { .. } => "code",
            DoorState::TryLater => "later",
        }
    }
}
