//! What somebody wants to send.

use super::AttemptToken;
use crate::consent::Category;
use crate::message::{Programme, Purpose};
use crate::words::words;
use crate::{AppointmentId, AttemptId, ConsentEventId, ContactPointId, InboundId, MessageId, PersonId, Phi, PracticeId, StaffId, Tier};
use jiff::Timestamp;

/// A message as it stands at the moment of the ruling, with every wording that it could go in, the preferred one first.
#[derive(Debug)]
pub struct Intent {
    /// The practice.
    pub practice: PracticeId,
    /// The message.
    pub message: MessageId,
    /// The person to whom it speaks. A text to a number that nobody here has (an answer to HELP) speaks to nobody.
    pub person: Option<PersonId>,
    /// The number's contact point.
    pub contact_point: Option<ContactPointId>,
    /// Who wants it.
    pub programme: Programme,
    /// Which consent it needs.
    pub category: Category,
    /// Why PHI is used.
    pub purpose: Purpose,
    /// What set it off.
    pub origin: Origin,
    /// The wordings, preferred first. All are rendered from facts of this same transaction.
    pub wordings: Vec<Wording>,
    /// From when it may go.
    pub due_at: Timestamp,
    /// After this instant it is of no use and is dropped.
    pub useful_until: Timestamp,
    /// The attempt that a release would be for.
    pub attempt: AttemptId,
    /// The word for its callback address.
    pub token: AttemptToken,
}

/// What set a message off. It decides which consent stands behind it and whether the hours of the day bind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A programme, by itself.
    Automated,
    /// The one confirmation of a revocation (T-09).
    StopConfirmation {
        /// The text that revoked.
        answers: InboundId,
        /// When it was received.
        received_at: Timestamp,
    },
    /// The answer to HELP, which is owed even to a suppressed number (C-04).
    Help {
        /// The text that asked.
        answers: InboundId,
    },
    /// An automatic answer to what a patient just sent.
    Answer {
        /// The text.
        answers: InboundId,
    },
    /// What a staff member wrote.
    Staff {
        /// Who.
        by: StaffId,
        /// Whether findings of the content guard were seen and overridden, with a reason on the ledger (M-01).
        overridden: bool,
    },
    /// A code that somebody at the desk or on the check-in screen just asked for (N-02).
    Code {
        /// The recorded request.
        request: ConsentEventId,
    },
    /// A safety notice with a named approver (T-06). It does not pass a revocation.
    Emergency {
        /// Who approved it.
        approver: StaffId,
        /// Until when the approval holds.
        until: Timestamp,
    },
}

impl Origin {
    /// Whether it is part of a conversation that the patient holds right now: no consent by category, no hours of the day, no caps (C-01).
    pub const fn is_answer(&self) -> bool {
        matches!(self, Self::StopConfirmation { .. } | Self::Help { .. } | Self::Answer { .. } | Self::Code { .. })
    }
}

words! {
    /// Which wording it is.
    pub enum Rendering {
        /// The template as written.
        Preferred = "preferred",
        /// Its tier-1 twin.
        Neutral = "neutral",
        /// A notice with a link to a secure page.
        Notice = "notice",
    }
}

/// One wording of a message.
#[derive(Debug, Clone)]
pub struct Wording {
    /// Which.
    pub rendering: Rendering,
    /// Its tier: the maximum over its text and variables (M-01).
    pub tier: Tier,
    /// The text.
    pub body: Phi<String>,
    /// Parts that it takes (C-13).
    pub parts: usize,
    /// Whether the template's own fixed text or a visit that it names is tagged sensitive (H-42).
    pub sensitive: bool,
}

/// A visit that a message speaks of, as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedVisit {
    /// The visit.
    pub appointment: AppointmentId,
    /// The version that the plan saw.
    pub version: i64,
}
