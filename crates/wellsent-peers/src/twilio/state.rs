//! What the network knows.

use super::behaviour::Behaviour;
use super::client::Target;
use super::fate::Fate;
use super::journal::Journal;
use super::verify::Verification;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A text on a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct Got {
    /// When, by the clock of the network.
    pub at: Timestamp,
    /// The number that it came from.
    pub from: String,
    /// What it said.
    pub body: String,
    /// Its name; empty for what the network itself texted.
    pub sid: String,
}

impl std::fmt::Debug for Got {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Got").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// What has happened so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Texts taken.
    pub accepted: u64,
    /// Submissions refused with a code.
    pub refused: u64,
    /// Submissions answered with 429.
    pub throttled: u64,
    /// Submissions not taken without an answer that says so.
    pub dropped: u64,
    /// Texts that reached a phone.
    pub got: u64,
    /// Texts that left and did not arrive.
    pub undelivered: u64,
    /// Texts whose validity ended first.
    pub expired: u64,
    /// Texts that phones sent.
    pub texts: u64,
    /// Answers to webhooks that were texted to a phone.
    pub replied: u64,
    /// Callbacks that were taken.
    pub acknowledged: u64,
    /// Callbacks that were refused (4xx).
    pub turned_away: u64,
    /// Callbacks given up.
    pub given_up: u64,
    /// Callbacks that are still to come or under way.
    pub waiting: u64,
}

impl Stats {
    /// Whether every text is where it ends and no callback is to come.
    pub fn at_rest(&self) -> bool {
        self.waiting == 0 && self.accepted == self.got + self.undelivered + self.expired
    }
}

/// A text, sent or received.
pub(super) struct Message {
    pub sid: String,
    pub inbound: bool,
    pub from: Option<String>,
    pub to: String,
    pub service: Option<String>,
    pub body: String,
    pub status: &'static str,
    pub error_code: Option<u32>,
    pub created: Timestamp,
    pub sent: Option<Timestamp>,
    pub updated: Timestamp,
    pub media: usize,
    /// Whether the log shows its words no more, and whether it shows the phone's number no more.
    pub wordless: bool,
    pub numberless: bool,
    pub token: Option<String>,
    pub callback: Option<Target>,
    pub taken_at: Instant,
    pub fate: Option<Fate>,
}

impl Message {
    /// The phone's number as the log shows it.
    pub fn shown(&self, number: &str) -> String {
        if self.numberless { format!("{}XXXX", &number[..number.len().saturating_sub(4)]) } else { number.to_owned() }
    }

    /// Whom it went to and whom it came from, as the log shows them: the account's own numbers are never hidden.
    pub fn shown_ends(&self) -> (String, Option<String>) {
        if self.inbound {
            (self.to.clone(), self.from.as_deref().map(|from| self.shown(from)))
        } else {
            (self.shown(&self.to), self.from.clone())
        }
    }

    /// Whether it changes no more by itself; `sent` counts, because many texts stay there.
    pub fn at_rest(&self, least: Duration) -> bool {
        matches!(self.status, "sent" | "delivered" | "undelivered" | "failed" | "received") && self.taken_at.elapsed() >= least
    }
}

/// A number or service of the account.
#[derive(Default)]
pub(super) struct Sender {
    /// Where texts to it go.
    pub inbound: Option<Target>,
    /// The numbers of a service.
    pub numbers: Vec<String>,
}

pub(super) struct State {
    pub behaviour: Arc<Behaviour>,
    pub stats: Stats,
    pub journal: Journal,
    /// By their order.
    pub messages: BTreeMap<u64, Message>,
    pub next: u64,
    pub senders: BTreeMap<String, Sender>,
    pub phones: HashMap<String, Vec<Got>>,
    /// How many submissions there were to a number.
    pub submissions: HashMap<String, u64>,
    /// Who texted last to a phone.
    pub last_sender: HashMap<String, String>,
    /// Numbers that stopped a sender.
    pub stopped: HashSet<(String, String)>,
    pub verifications: HashMap<(String, String), Verification>,
    /// Callbacks are told apart by a token of their own, however often one is repeated.
    pub next_delivery: u64,
    pub second: (Instant, u32),
    pub epoch: u64,
}

impl State {
    /// The name of the text of that order.
    pub fn sid(&self, kind: &str, seq: u64) -> String {
        format!("{kind}{:016x}{seq:016x}", self.epoch)
    }

    /// The order of the text of that name.
    pub fn seq(&self, sid: &str) -> Option<u64> {
        let digits = sid.get(2..).filter(|digits| digits.len() == 32)?;
        let epoch = u64::from_str_radix(digits.get(..16)?, 16).ok()?;
        (epoch == self.epoch).then(|| u64::from_str_radix(digits.get(16..)?, 16).ok()).flatten()
    }

    /// A text by its name.
    pub fn find(&self, sid: &str) -> Option<(u64, &Message)> {
        let seq = self.seq(sid)?;
        self.messages.get(&seq).filter(|message| message.sid == sid).map(|message| (seq, message))
    }

    pub fn over_the_limit(&mut self, now: Instant) -> bool {
        let Some(limit) = self.behaviour.throttle_per_s else { return false };
        if now.duration_since(self.second.0) >= Duration::from_secs(1) {
            self.second = (now, 0);
        }
        self.second.1 = self.second.1.saturating_add(1);
        self.second.1 > limit
    }

    /// Puts a text on a phone.
    pub fn bring(&mut self, to: &str, got: Got) {
        self.phones.entry(to.to_owned()).or_default().push(got);
    }
}
