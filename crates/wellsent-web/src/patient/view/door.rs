//! In front of a page behind a link: the second fact (H-03).

use askama::Template;

use super::frame::Frame;
use super::phrases::{Phrase, Secure};

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
        /// What became of the code just sent.
        fault: Option<CodeFault>,
    },
    /// The birth date.
    BirthDateEntry {
        /// Whether a try failed, for whatever reason.
        failed: bool,
    },
    /// Too many tries, at any link (N-04). Its address is `?at=later`.
    TryLater,
}

/// Why a code did not open the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// It failed, for whatever reason.
    Failed,
    /// It could not be checked, and may be tried again.
    Unchecked,
}

impl Door {
    pub(super) const fn t(&self) -> &'static Secure {
        Secure::of(self.frame.lang)
    }

    pub(super) const fn why(&self, fault: &CodeFault) -> Phrase {
        match fault {
            CodeFault::Failed => self.t().code_failed,
            CodeFault::Unchecked => self.t().code_unchecked,
        }
    }

    pub(super) const fn at(&self) -> &'static str {
        match self.state {
            DoorState::TextMeACode | DoorState::BirthDateEntry { .. } => "",
            DoorState::CodeEntry { .. } => "code",
            DoorState::TryLater => "later",
        }
    }
}
