//! What the steps of the network hand to each other.

use super::fate::Answer;
use crate::CallbackKind;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wellsent_domain::PhoneNumber;
use wellsent_domain::carrier_report::DeliveryStatus;

/// When something happens: by the timer, by the clock that phones show, and by the real clock of the journal.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub timer: Instant,
    pub shown: Timestamp,
    pub real_us: i64,
}

/// A submission that was read.
pub(super) struct Taken<'a> {
    pub token: Option<[u8; 16]>,
    pub to: PhoneNumber,
    pub from: &'a str,
    pub body: &'a str,
    pub validity: Duration,
    /// The callback address up to its query.
    pub hook: &'a str,
}

/// What to answer to a submission.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub answer: Answer,
    pub after: Duration,
    pub id: Option<String>,
    pub retry_after_s: Option<u32>,
}

/// A callback that has to be made.
pub(super) struct Post {
    /// The address without its query.
    pub hook: Arc<str>,
    pub event: Box<str>,
    pub what: What,
    pub tries: u32,
    pub since: Instant,
}

/// What a callback reports.
pub(super) enum What {
    Receipt { token: Option<[u8; 16]>, id: Box<str>, status: DeliveryStatus, code: Option<u32> },
    Text { id: Box<str>, json: Box<str> },
}

impl Post {
    pub fn kind(&self) -> CallbackKind {
        match self.what {
            What::Receipt { .. } => CallbackKind::Status,
            What::Text { .. } => CallbackKind::Inbound,
        }
    }
}
