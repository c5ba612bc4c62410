//! A conversation as bubbles.

use super::{Calendar, capital, message_state, short, understood};
use crate::console::view::{Bubble, MessageState};
use jiff::civil::Date;
use wellsent_domain::Language;
use wellsent_domain::message::{MessageState as State, Programme};
use wellsent_store::views::thread::{Line, Sent};

/// The bubbles of these lines. `patient` stands below what came in.
pub(crate) fn bubbles(lines: &[Line], patient: &str, language: Language, calendar: &Calendar) -> Vec<Bubble> {
    let mut day: Option<Date> = None;
    lines
        .iter()
        .map(|line| {
            let at = line.at();
            let today = calendar.date_of(at);
            let begins = day.replace(today) != Some(today);
            let day = begins.then(|| heading(today, calendar));
            match line {
                Line::Received(line) => Bubble {
                    message_id: None,
                    inbound: true,
                    day,
                    text: line.body.expose().clone(),
                    lang: language.as_str().to_owned(),
                    at: calendar.clock(at),
                    author: patient.to_owned(),
                    state: MessageState::Received,
                    note: understood(line.meaning.as_deref()),
                },
                Line::Sent(line) => Bubble {
                    message_id: Some(line.id.to_string()),
                    inbound: false,
                    day,
                    text: line.body.expose().clone(),
                    lang: line.language.as_str().to_owned(),
                    at: calendar.clock(at),
                    author: author(line),
                    state: message_state(line.state, line.held),
                    note: note(line, calendar),
                },
            }
        })
        .collect()
}

/// Who or what wrote a text of ours.
fn author(line: &Sent) -> String {
    match (line.programme, &line.staff) {
        (_, Some(staff)) => staff.clone(),
        (Programme::Reminders, None) => "Reminder".to_owned(),
        (Programme::Answers, None) => "Automatic answer".to_owned(),
        (Programme::OptIn, None) => "First text".to_owned(),
        (Programme::Verification, None) => "Code".to_owned(),
        (Programme::Broadcast, None) => "Notice to many".to_owned(),
        (Programme::Application, None) => "An application".to_owned(),
        (Programme::Conversation, None) => "Staff".to_owned(),
    }
}

fn note(line: &Sent, calendar: &Calendar) -> String {
    let why = line.reasons.first().map(|reason| short(*reason)).unwrap_or_default();
    match line.state {
        State::Planned if line.held => format!("Until {}: {why}", calendar.words(line.next_at)),
        State::Refused | State::Review => capital(why),
        _ => String::new(),
    }
}

fn heading(day: Date, calendar: &Calendar) -> String {
    match (day - calendar.today()).get_days() {
        0 => "Today".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ if day.year() == calendar.today().year() => day.strftime("%A, %B %-d").to_string(),
        _ => day.strftime("%A, %B %-d, %Y").to_string(),
    }
}
