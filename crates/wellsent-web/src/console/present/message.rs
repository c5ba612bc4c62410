//! A message in words: what it is, where it stands, what was ruled.

use super::calendar::{Calendar, before};
use super::{capital, short, short_line, spaced};
use crate::console::view::{Decision, MessageRow, MessageState};
use jiff::Timestamp;
use wellsent_domain::message::{MessageState as State, Programme};
use wellsent_store::views::messages::{AboutVisit, MessageLine};
use wellsent_text::template::builtin;

/// Where a message stands. A planned one that the gate holds says so.
pub(crate) const fn message_state(state: State, held: bool) -> MessageState {
    match state {
        State::Planned if held => MessageState::Held,
        State::Planned => MessageState::Planned,
        State::Review => MessageState::NeedsReview,
        State::Submitting => MessageState::Sending,
        State::Submitted => MessageState::Sent,
        State::Unknown => MessageState::Unknown,
        State::Delivered => MessageState::Delivered,
        State::Undelivered => MessageState::Undelivered,
        State::Failed => MessageState::Failed,
        State::Refused => MessageState::Refused,
        State::Withdrawn => MessageState::Withdrawn,
    }
}

/// A stored ruling.
pub(crate) fn decision(ruling: Option<&str>) -> Decision {
    match ruling {
        Some("release") => Decision::Released,
        Some("hold") => Decision::Held,
        Some("review") => Decision::NeedsReview,
        Some("refuse") => Decision::Refused,
        _ => Decision::NotYetRuled,
    }
}

/// The title of a template, without the rule that it keeps.
pub(crate) fn template(name: &str) -> String {
    match builtin::find(name) {
        Some(known) => known.title.split(" (").next().unwrap_or(known.title).to_owned(),
        None => capital(&spaced(name)),
    }
}

/// What a message is and speaks of.
pub(crate) struct MessageWords<'a> {
    pub programme: Programme,
    pub template: &'a str,
    pub staff: Option<&'a str>,
    pub due_at: Timestamp,
    pub visits: &'a [AboutVisit],
}

impl MessageWords<'_> {
    /// `Reminder, 2 days before`.
    pub(crate) fn kind(&self) -> String {
        match (self.programme, self.staff) {
            (Programme::Reminders, _) => match self.visits.first() {
                Some(visit) if visit.starts_at > self.due_at => {
                    format!("Reminder, {} before", before(self.due_at, visit.starts_at, &visit.zone))
                }
                _ => "Reminder".to_owned(),
            },
            (Programme::Conversation, Some(staff)) => format!("Text by {staff}"),
            (Programme::Conversation, None) => "Text by staff".to_owned(),
            _ => template(self.template),
        }
    }

    /// The visits that it speaks of; may be empty.
    pub(crate) fn about(&self, calendar: &Calendar) -> String {
        let visit = |visit: &AboutVisit| format!("{} at {}", calendar.in_zone(&visit.zone).day_and_time(visit.starts_at), visit.location);
        match self.visits {
            [] => String::new(),
            [only] => format!("visit {}", visit(only)),
            [first, rest @ ..] => format!("visit {} and {} more", visit(first), rest.len()),
        }
    }
}

/// A row of a list of messages.
pub(crate) fn message_row(line: &MessageLine, visits: &[AboutVisit], calendar: &Calendar) -> MessageRow {
    let held = line.ruling.as_deref() == Some("hold");
    let words = MessageWords {
        programme: line.programme,
        template: &line.template,
        staff: line.staff.as_deref().filter(|_| line.programme == Programme::Conversation),
        due_at: line.due_at,
        visits,
    };
    let at = match line.state {
        State::Planned => line.next_at,
        _ => line.released_at.unwrap_or(line.state_at),
    };
    MessageRow {
        id: line.id.to_string(),
        at: calendar.when(at),
        kind: words.kind(),
        person_id: line.person.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
        person: line.person.as_ref().map_or_else(|| "Unknown number".to_owned(), |(_, name)| name.expose().full()),
        decision: decision(line.ruling.as_deref()),
        state: message_state(line.state, held),
        note: note(line),
    }
}

/// The ruling's reasons in a few words. What stood against the full wording of a text that went is said as that.
fn note(line: &MessageLine) -> String {
    match line.ruling.as_deref() {
        Some("release") if !line.reasons.is_empty() => {
            format!("In neutral words: {}", line.reasons.iter().map(|reason| short(*reason)).collect::<Vec<_>>().join(", "))
        }
        _ => short_line(&line.reasons),
    }
}
