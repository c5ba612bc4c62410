//! What becomes of one submission.

use std::time::Duration;

/// What becomes of one submission. Plans are used up in order; afterwards everything goes well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// How the request is answered.
    pub submission: Submission,
    /// What becomes of the text.
    pub fate: Fate,
    /// How its webhooks come.
    pub webhooks: Webhooks,
}

/// How a request is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Submission {
    /// Taken.
    #[default]
    Accept,
    /// Refused with an error.
    Refuse {
        /// The status.
        status: u16,
        /// The code.
        code: String,
        /// Its title.
        title: String,
    },
    /// 429, with a wait in seconds or without.
    Throttle {
        /// The wait.
        retry_after: Option<u32>,
    },
    /// The line closes, and the text was not taken.
    Cut,
    /// The line closes, and the text was taken.
    AcceptAndCut,
    /// Taken, and answered after a while.
    AcceptLate(Duration),
    /// Taken, and answered with an error of the server.
    AcceptAndFail(u16),
    /// Taken, and answered with a page.
    AcceptAndPage,
}

/// What becomes of a text that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fate {
    /// It arrives.
    #[default]
    Delivered,
    /// The next carrier says that it did not arrive, with this code.
    DeliveryFailed(String),
    /// It never left, with this code.
    SendingFailed(String),
    /// It left, and nobody says more.
    Unconfirmed,
    /// It waited too long.
    Expired,
    /// Nothing is ever heard of it.
    Silent,
}

/// How webhooks come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Webhooks {
    /// Each once, in order.
    #[default]
    Once,
    /// Each twice.
    Twice,
    /// The last first.
    Reversed,
}
