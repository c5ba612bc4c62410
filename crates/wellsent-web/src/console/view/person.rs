//! One person: who they are, how they may be reached, and what was said.

use askama::Template;

use super::{ConsentState, MayGo, MessageRow, ReminderState, ReplyBox, Shell, TextingState, Thread, Tone, Verification, When};

/// The page of a person.
#[derive(Clone, Template)]
#[template(path = "console/person.html")]
pub struct Person {
    /// The frame.
    pub shell: Shell,
    /// The person's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The birth date in words with the age, for example `4 May 1961 (65)`.
    pub born: String,
    /// The language in words.
    pub language: String,
    /// The record number.
    pub record: String,
    /// The usual location.
    pub location: String,
    /// May they be texted?
    pub texting: TextingState,
    /// Anything one must know first, for example a directive; one sentence each.
    pub notices: Vec<String>,
    /// The numbers.
    pub contact_points: Vec<ContactPoint>,
    /// What may be texted to each number, and why not; empty hides the block.
    pub may_text: Vec<MayText>,
    /// What happened to consent, newest first.
    pub history: Vec<ConsentEvent>,
    /// Visits to come, soonest first.
    pub upcoming: Vec<PersonVisit>,
    /// Visits past, latest first.
    pub past: Vec<PersonVisit>,
    /// The conversation.
    pub thread: Thread,
    /// The form below it; none when there is no number.
    pub reply: Option<ReplyBox>,
    /// Texts that are planned, soonest first.
    pub planned: Vec<PlannedRow>,
    /// Texts of the past, newest first.
    pub messages: Vec<MessageRow>,
    /// In a demo, the id of the phone to open.
    pub phone: Option<String>,
}

impl Person {
    /// The initials beside the name.
    pub fn initials(&self) -> String {
        super::shell::initials(&self.name)
    }
}

/// A number at which a person can be reached. Live fragment `contact-{id}`.
#[derive(Clone)]
pub struct ContactPoint {
    /// The contact point's id.
    pub id: String,
    /// The number in words.
    pub number: String,
    /// What it is, for example `Mobile, preferred`.
    pub label: String,
    /// Whether it is in use.
    pub live: bool,
    /// Whether to ask if it is still theirs.
    pub confirm_due: bool,
    /// Is it theirs?
    pub verification: Verification,
    /// How old that knowledge is, for example `41 days ago by code`.
    pub verified: String,
    /// Others on the same number (P11).
    pub shared_with: Vec<SharedWith>,
    /// Present while texts to this number are stopped.
    pub suppression: Option<Suppression>,
    /// When the warning about unencrypted texts was accepted, if it was (H-04).
    pub warning: Option<When>,
    /// Consent by category.
    pub consents: Vec<ConsentCell>,
}

/// Another person on the same number.
#[derive(Clone)]
pub struct SharedWith {
    /// The person's id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// Why texts to a number are stopped.
#[derive(Clone)]
pub struct Suppression {
    /// Since when.
    pub since: When,
    /// In a sentence, with the patient's words if there are any.
    pub why: String,
}

/// Consent in one category.
#[derive(Clone)]
pub struct ConsentCell {
    /// The category in words, for example `Appointments`.
    pub category: String,
    /// Its state.
    pub state: ConsentState,
    /// How and when, for example `at check-in, 3 Mar 2026`; may be empty.
    pub note: String,
}

/// The gate's answers for one number.
#[derive(Clone)]
pub struct MayText {
    /// The number in words.
    pub number: String,
    /// One row a kind of text.
    pub rows: Vec<MayTextRow>,
}

/// The gate's answers for one kind of text.
#[derive(Clone)]
pub struct MayTextRow {
    /// The kind in words, for example `Reminders and logistics`.
    pub what: String,
    /// Were it to say nothing about care.
    pub general: MayTextCell,
    /// Were it to give details; none for a kind that never does.
    pub details: Option<MayTextCell>,
}

impl MayTextRow {
    /// Whether the answer is the same with and without details.
    pub fn is_one_answer(&self) -> bool {
        self.details.as_ref() == Some(&self.general)
    }
}

/// The gate's answer for one text, were it sent now.
#[derive(Clone, PartialEq, Eq)]
pub struct MayTextCell {
    /// The answer.
    pub may_go: MayGo,
    /// Why, in a sentence; empty where nothing is against it.
    pub why: String,
    /// The rules behind it, for example `T-07`; may be empty.
    pub rules: String,
    /// The one thing that would change it; empty where nothing would.
    pub change: String,
    /// Where that is done: the address and what to do there.
    pub action: Option<(String, &'static str)>,
}

/// Something that happened to consent.
#[derive(Clone)]
pub struct ConsentEvent {
    /// When.
    pub at: When,
    /// Its tone.
    pub tone: Tone,
    /// The symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// What happened.
    pub what: String,
    /// By whom, how, with which words; may be empty.
    pub detail: String,
    /// The address of what shows it: a signature, a scan.
    pub evidence: Option<String>,
}

/// A visit in a person's list.
#[derive(Clone)]
pub struct PersonVisit {
    /// When.
    pub at: When,
    /// The type in neutral words.
    pub visit_type: String,
    /// Where.
    pub location: String,
    /// The reminder's state.
    pub state: ReminderState,
}

/// A text that is planned.
#[derive(Clone)]
pub struct PlannedRow {
    /// The message's id.
    pub id: String,
    /// When it is due.
    pub due: When,
    /// What it is, for example `Reminder, 2 days before`.
    pub kind: String,
    /// For which visit; may be empty.
    pub about: String,
}
