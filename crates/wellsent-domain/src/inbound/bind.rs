//! Which visit an answer speaks of.

use crate::words::words;
use crate::{AppointmentId, MessageId, PersonId};
use jiff::Timestamp;

words! {
    /// What the sender of an answer wants done.
    pub enum Wish {
        /// To come.
        Confirm = "confirm",
        /// Another time.
        Reschedule = "reschedule",
    }
}

/// A text that waits for an answer from a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The message.
    pub message: MessageId,
    /// When it left.
    pub sent_at: Timestamp,
    /// Whether nothing else went to the number since.
    pub is_latest: bool,
    /// The visits that it names, in the order in which it numbers them.
    pub visits: Vec<PromptVisit>,
    /// Whether it numbers its visits, and what a number then stands for.
    pub numbered: Option<Wish>,
}

/// A visit that a prompt names, as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptVisit {
    /// The visit.
    pub appointment: AppointmentId,
    /// The patient.
    pub person: PersonId,
    /// Whether it still is as the prompt told it: not moved, not cancelled.
    pub unchanged: bool,
    /// When it begins.
    pub starts_at: Timestamp,
}

impl PromptVisit {
    /// Whether an answer can still change something.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.unchanged && self.starts_at > now
    }
}

/// What an answer is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// Exactly these visits: one, or all of a numbered prompt when the patient chose "all".
    Visits(Vec<PromptVisit>),
    /// Several would fit.
    Several(Vec<PromptVisit>),
    /// It answers a prompt whose visit has passed, moved or was cancelled.
    TooLate,
    /// Nothing waits for an answer.
    Nothing,
}

/// Binds a word ("C", "R") to the open visits of the prompts that wait, newest first.
pub fn bind_word(prompts: &[Prompt], now: Timestamp) -> Bound {
    let mut open: Vec<PromptVisit> = Vec::new();
    for visit in prompts.iter().flat_map(|prompt| &prompt.visits).filter(|visit| visit.is_open(now)) {
        if !open.iter().any(|known| known.appointment == visit.appointment) {
            open.push(*visit);
        }
    }
    open.sort_by_key(|visit| (visit.starts_at, visit.appointment));
    match open.len() {
        0 if prompts.is_empty() => Bound::Nothing,
        0 => Bound::TooLate,
        1 => Bound::Visits(open),
        _ => Bound::Several(open),
    }
}

/// Binds a loose answer ("ok", "yes", a thumb): only to the one visit of the latest text to the number, and only if no other visit waits.
pub fn bind_loose(prompts: &[Prompt], now: Timestamp) -> Bound {
    match bind_word(prompts, now) {
        Bound::Visits(visits) if prompts.first().is_some_and(|prompt| prompt.is_latest) => Bound::Visits(visits),
        Bound::Visits(_) => Bound::Nothing,
        other => other,
    }
}

/// Binds a number to the newest prompt that numbers its visits. One past the last stands for all of them, where coming is asked.
pub fn bind_number(prompts: &[Prompt], number: u8, now: Timestamp) -> Option<(Wish, Bound)> {
    let prompt = prompts.iter().find(|prompt| prompt.numbered.is_some())?;
    let wish = prompt.numbered?;
    let chosen: Vec<_> = match usize::from(number) {
        0 => return Some((wish, Bound::Nothing)),
        n if n <= prompt.visits.len() => vec![prompt.visits[n - 1]],
        n if n == prompt.visits.len() + 1 && wish == Wish::Confirm => prompt.visits.clone(),
        _ => return Some((wish, Bound::Nothing)),
    };
    if chosen.iter().all(|visit| visit.is_open(now)) { Some((wish, Bound::Visits(chosen))) } else { Some((wish, Bound::TooLate)) }
}
