//! Pages behind a link in a text: what they are, how long they live, and the limits on getting in (H-03, N-04).
//!
//! A link is a secret of at least 128 bits, and no more than that: it may be forwarded, previewed, or read over a shoulder. So nothing shows
//! before a second fact, and looking at the address does nothing at all.

use crate::words::words;
use jiff::{SignedDuration, Timestamp};

words! {
    /// What a page is for.
    pub enum PageKind {
        /// A message that may not stand in a text.
        Message = "message",
        /// What the patient agrees to and how they want to be texted.
        Preferences = "preferences",
        /// The check-in screen.
        CheckIn = "check_in",
    }
}

impl PageKind {
    /// How long the link lives.
    pub const fn life(self) -> SignedDuration {
        match self {
            Self::Message => SignedDuration::from_hours(14 * 24),
            Self::Preferences => SignedDuration::from_hours(7 * 24),
            Self::CheckIn => SignedDuration::from_mins(30),
        }
    }
}

words! {
    /// The second fact that opens a page.
    pub enum Factor {
        /// A code to the phone.
        Code = "code",
        /// The birth date: a confirmation that it is the right person, not a secret.
        BirthDate = "birth_date",
        /// The code that staff read out at the desk.
        Desk = "desk",
    }
}

/// Tries at the second fact of one link.
pub const TRIES_PER_LINK: u32 = 5;
/// Wrong birth dates in a row for one patient, whatever the number of links, until the day is over.
pub const BIRTH_DATES_PER_PATIENT: u32 = 5;
/// For how long a patient's pages then do not open by the birth date.
pub const BIRTH_DATE_LOCK: SignedDuration = SignedDuration::from_hours(24);
/// After this long without an act an opened page closes.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(15);
/// An opened page closes after this long whatever happens.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// What is known of a page when somebody comes to its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageState {
    /// When the link ends.
    pub expires_at: Timestamp,
    /// When staff took it back.
    pub revoked_at: Option<Timestamp>,
    /// Failed tries at the second fact.
    pub tries: u32,
}

impl PageState {
    /// Whether the second fact may be tried. To the visitor all the reasons against it look alike.
    pub fn may_try(&self, now: Timestamp) -> bool {
        self.may_show(now) && self.tries < TRIES_PER_LINK
    }

    /// Whether an opened page may still be shown: a page that is taken back closes at once.
    pub fn may_show(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Wrong birth dates of one patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthDateGuesses {
    /// In a row.
    pub failures: u32,
    /// The last of them.
    pub last_at: Timestamp,
}

impl BirthDateGuesses {
    /// Whether a birth date may be tried.
    pub fn may_try(&self, now: Timestamp) -> bool {
        self.failures < BIRTH_DATES_PER_PATIENT || now.duration_since(self.last_at) >= BIRTH_DATE_LOCK
    }

    /// One more failed.
    pub fn failed(self, now: Timestamp) -> Self {
        let before = if now.duration_since(self.last_at) >= BIRTH_DATE_LOCK { 0 } else { self.failures };
        Self { failures: before + 1, last_at: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3_600).expect("an instant")
    }

    #[test]
    fn a_link_that_is_over_taken_back_or_tried_too_often_does_not_open() {
        let page = PageState { expires_at: at(10), revoked_at: None, tries: 0 };
        assert!(page.may_try(at(9)));
        assert!(!page.may_try(at(10)));
        assert!(!PageState { revoked_at: Some(at(1)), ..page }.may_try(at(2)));
        let tried = PageState { tries: TRIES_PER_LINK, ..page };
        assert!(!tried.may_try(at(2)));
        assert!(tried.may_show(at(2)), "whoever is in stays in");
    }

    #[test]
    fn many_links_give_no_more_tries_at_one_birth_date() {
        let mut guesses = BirthDateGuesses { failures: 0, last_at: Timestamp::UNIX_EPOCH };
        for _ in 0..BIRTH_DATES_PER_PATIENT {
            assert!(guesses.may_try(at(0)));
            guesses = guesses.failed(at(0));
        }
        assert!(!guesses.may_try(at(23)));
        assert!(guesses.may_try(at(24)));
        assert_eq!(guesses.failed(at(24)).failures, 1);
    }
}
