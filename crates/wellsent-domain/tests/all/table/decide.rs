//! What follows from the rows that match.

use super::dimensions::*;
use super::product::Combination;
use super::rows::{Effect, Row};
use wellsent_domain::gate::Reason;

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It goes as written.
    AsWritten,
    /// It goes in its neutral wording.
    Neutral,
    /// A notice goes instead.
    Notice,
    /// It waits.
    Hold,
    /// A person decides.
    Review,
    /// It does not go.
    Refuse,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::AsWritten, Self::Neutral, Self::Notice, Self::Hold, Self::Review, Self::Refuse];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::AsWritten => "goes as written",
            Self::Neutral => "goes in neutral words",
            Self::Notice => "a notice goes instead",
            Self::Hold => "held",
            Self::Review => "staff decide",
            Self::Refuse => "refused",
        }
    }
}

/// A set of reasons, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Reasons(u64);

impl Reasons {
    /// Adds one.
    pub fn add(&mut self, reason: Reason) {
        self.0 |= 1 << (reason as u32);
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The reasons, in their own order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.iter().copied().filter(move |reason| self.0 & (1 << (*reason as u32)) != 0)
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        let mut set = Self::default();
        reasons.into_iter().for_each(|reason| set.add(reason));
        set
    }
}

impl std::fmt::Debug for Reasons {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Reason::code)).finish()
    }
}

/// What becomes of a text and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why it does not go, or not as written.
    pub reasons: Reasons,
}

/// What goes where a content may not go as written; `None` where there is nothing else.
pub const fn instead(content: Content) -> Option<Outcome> {
    match content {
        Content::ClinicalOrNeutral => Some(Outcome::Neutral),
        Content::ClinicalOrNotice => Some(Outcome::Notice),
        Content::Service | Content::Logistics | Content::ClinicalOnly | Content::Never => None,
    }
}

/// The table's answer. A refusal beats a person's decision, that beats a hold, and each tells the reasons of its own kind.
pub fn decide(rows: &[Row], of: &Combination) -> Answer {
    let (mut refused, mut held, mut other_words) = (Reasons::default(), Reasons::default(), Reasons::default());
    for row in rows.iter().filter(|row| row.when.iter().all(|when| when.holds(of))) {
        match row.effect {
            Effect::Refuse => refused.add(row.reason),
            Effect::Hold => held.add(row.reason),
            Effect::OtherWords => other_words.add(row.reason),
        }
    }
    let by_staff = matches!(of.cause, Cause::Conversation | Cause::Staff);
    let (as_written, instead) = (other_words.is_empty(), instead(of.content));
    let no_words = !as_written && instead.is_none();
    if no_words && !by_staff {
        refused = refused.and(other_words);
    }
    let (outcome, reasons) = match instead {
        _ if !refused.is_empty() => (Outcome::Refuse, refused),
        _ if no_words => (Outcome::Review, other_words),
        _ if !held.is_empty() => (Outcome::Hold, held),
        Some(other) if !as_written => (other, other_words),
        _ => (Outcome::AsWritten, Reasons::default()),
    };
    Answer { outcome, reasons }
}
