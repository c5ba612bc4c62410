//! What becomes of one submission.

use std::time::Duration;

/// What becomes of one submission. Plans are used up in order; afterwards everything goes well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How the request is answered.
    pub submission: Submission,
    /// The events that follow.
    pub events: Vec<&'static str>,
    /// How SNS delivers them.
    pub copies: Copies,
}

impl Default for Plan {
    fn default() -> Self {
        Self { submission: Submission::Accept, events: vec!["TEXT_QUEUED", "TEXT_SUCCESSFUL", "TEXT_DELIVERED"], copies: Copies::Once }
    }
}

/// How a request is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// Taken.
    Accept,
    /// Refused with an exception.
    Refuse {
        /// The status.
        status: u16,
        /// The exception's name.
        exception: &'static str,
        /// Its reason.
        reason: Option<&'static str>,
    },
    /// The line closes, and the text was not taken.
    Cut,
    /// The line closes, and the text was taken.
    AcceptAndCut,
    /// Taken, and answered after a while.
    AcceptLate(Duration),
    /// Taken, and answered with an error of the server.
    AcceptAndFail(u16),
}

/// How SNS delivers messages: at least once, and in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// Each once, in order.
    Once,
    /// Each twice, as the same message.
    Twice,
    /// Each published twice: the same words in two messages.
    PublishedTwice,
    /// The last first.
    Reversed,
}
