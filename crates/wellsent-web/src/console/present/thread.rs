//! A conversation as bubbles.

use super::{Calendar, capital, message_state, short, understood};
use crate::console::view::{Bubble, BubblePage, MessageState};
use jiff::Timestamp;
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
                    on_page: line.on_page,
                    page: None,
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
                    on_page: false,
                    page: line.page.map(|page| BubblePage {
                        state: page_state(page.read_at, page.revoked_at, page.expires_at, calendar),
                        open: page_is_open(page.revoked_at, page.expires_at, calendar),
                    }),
                },
            }
        })
        .collect()
}

/// What became of a page behind a link: `read today at 10:12 AM`.
pub(crate) fn page_state(read_at: Option<Timestamp>, revoked_at: Option<Timestamp>, ends_at: Timestamp, calendar: &Calendar) -> String {
    let read = read_at.map(|at| format!("read {}", calendar.words(at)));
    match (read, revoked_at) {
        (Some(read), Some(at)) => format!("{read}, taken back {}", calendar.words(at)),
        (None, Some(at)) => format!("taken back {} before it was read", calendar.words(at)),
        (Some(read), None) => read,
        (None, None) if ends_at <= calendar.now() => "never read; the link is over".to_owned(),
        (None, None) => "not read yet".to_owned(),
    }
}

/// Whether a page can still be taken back.
pub(crate) fn page_is_open(revoked_at: Option<Timestamp>, ends_at: Timestamp, calendar: &Calendar) -> bool {
    revoked_at.is_none() && calendar.now() < ends_at
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
