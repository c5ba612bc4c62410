//! One message: what it says, why it went or did not, and the proof.

use askama::Template;

use super::{AttemptOutcome, Decision, MessageState, Shell, When};

/// The page of a message.
#[derive(Clone, Template)]
#[template(path = "console/message.html")]
pub struct MessagePage {
    /// The frame.
    pub shell: Shell,
    /// The message's id.
    pub id: String,
    /// What it is, for example `Reminder, 2 days before`.
    pub kind: String,
    /// The person's id; empty for a number that nobody here has.
    pub person_id: String,
    /// The person's name.
    pub person: String,
    /// The number in words.
    pub number: String,
    /// The sender that it leaves from.
    pub sender: String,
    /// The visit that it is about; may be empty.
    pub about: String,
    /// The text as sent, or as it would be sent; without words of its own, a sentence about that.
    pub text: String,
    /// Whether that is the text itself.
    pub has_text: bool,
    /// Its language, for example `en`.
    pub lang: String,
    /// The language in words.
    pub language: String,
    /// The content tier, for example `T1`.
    pub tier: String,
    /// Encoding, units and parts, for example `GSM-7, 137 units, 1 part`.
    pub size: String,
    /// Where it stands.
    pub state: MessageState,
    /// When it was or is due.
    pub due: When,
    /// The gate's decision.
    pub decision: Decision,
    /// For a hold: until when.
    pub until: Option<When>,
    /// When the ruling was made.
    pub ruled_at: Option<When>,
    /// The ruling in one sentence.
    pub summary: String,
    /// Each reason.
    pub reasons: Vec<Reason>,
    /// What would change the ruling; one sentence each.
    pub changes: Vec<String>,
    /// The facts that the gate looked at.
    pub facts: Vec<FactRow>,
    /// The keyed digest of those facts; empty before a ruling.
    pub facts_digest: String,
    /// The attempts to submit it, first first.
    pub attempts: Vec<Attempt>,
    /// What the carrier reported, first first.
    pub receipts: Vec<Receipt>,
    /// The ruling's place on the ledger.
    pub proof: Option<Proof>,
    /// Offer the buttons of a review (`/messages/{id}/release` and `/messages/{id}/withdraw`)?
    pub may_review: bool,
    /// The page behind the notice, if it went as one.
    pub page: Option<PageBehind>,
}

/// The page behind a notice.
#[derive(Clone)]
pub struct PageBehind {
    /// What it says.
    pub text: String,
    /// Its language.
    pub lang: String,
    /// What became of it, for example `read today at 10:12 AM`.
    pub state: String,
    /// Until when the link works.
    pub until: When,
    /// Whether it can still be taken back.
    pub open: bool,
}

impl MessagePage {
    /// The facts that decided, or else the others.
    pub fn facts_that(&self, decided: bool) -> Vec<&FactRow> {
        self.facts.iter().filter(|fact| fact.decisive == decided).collect()
    }
}

/// One reason of a ruling.
#[derive(Clone)]
pub struct Reason {
    /// For staff.
    pub sentence: String,
    /// The rule that it keeps, for example `T-07`.
    pub rule: String,
    /// The stable code, for example `quiet_hours`.
    pub code: String,
    /// Does this reason stand in the way?
    pub against: bool,
}

/// One fact that the gate looked at.
#[derive(Clone)]
pub struct FactRow {
    /// Its name in words.
    pub name: String,
    /// Its value in words.
    pub value: String,
    /// Did it decide?
    pub decisive: bool,
}

/// One attempt to submit a message.
#[derive(Clone)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// When.
    pub at: When,
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// In a sentence.
    pub sentence: String,
    /// The carrier's id for it; may be empty.
    pub carrier_id: String,
}

/// What the carrier reported.
#[derive(Clone)]
pub struct Receipt {
    /// When it came.
    pub at: When,
    /// What it says.
    pub state: MessageState,
    /// In a sentence; may be empty.
    pub sentence: String,
}

/// The ruling's place on the ledger.
#[derive(Clone)]
pub struct Proof {
    /// The leaf's index.
    pub leaf_index: String,
    /// The leaf's hash.
    pub leaf_hash: String,
    /// The size of the tree of the checkpoint.
    pub tree_size: String,
    /// The root of the checkpoint.
    pub root: String,
    /// When the checkpoint was signed; none while the root is that of the tree as it grows.
    pub signed_at: Option<When>,
    /// The inclusion proof, leaf first.
    pub hashes: Vec<String>,
    /// Did the proof lead to the root just now?
    pub verified: bool,
}

/// The page of all messages.
#[derive(Clone, Template)]
#[template(path = "console/messages.html")]
pub struct Messages {
    /// The frame.
    pub shell: Shell,
    /// The filters; the first is `All`.
    pub filters: Vec<RowFilter>,
    /// Newest first.
    pub rows: Vec<MessageRow>,
    /// The address of the next page.
    pub older: Option<String>,
}

/// A filter above a list.
#[derive(Clone)]
pub struct RowFilter {
    /// The query value; empty for all.
    pub value: String,
    /// The words.
    pub label: String,
    /// How many.
    pub count: u32,
    /// Is it the current filter?
    pub current: bool,
}

/// A message in a list.
#[derive(Clone)]
pub struct MessageRow {
    /// The message's id.
    pub id: String,
    /// When it went, came, or is due.
    pub at: When,
    /// What it is.
    pub kind: String,
    /// The person's id; empty for a number that nobody here has.
    pub person_id: String,
    /// The person's name.
    pub person: String,
    /// The gate's decision.
    pub decision: Decision,
    /// Where it stands.
    pub state: MessageState,
    /// The ruling in a few words; may be empty.
    pub note: String,
}

impl MessageRow {
    /// Would the state repeat the decision word for word?
    pub fn says_the_same(&self) -> bool {
        self.state.label() == self.decision.label()
    }
}
