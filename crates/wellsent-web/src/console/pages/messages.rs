//! Every text with its ruling.

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{count, message_row};
use crate::console::view::{Messages, RowFilter, Section};
use crate::failure::{Asking, Failed};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::MessageId;
use wellsent_domain::message::MessageState as Stand;
use wellsent_store::views::messages::{After, Filter};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx, from_micros, micros};

const SHOWN_MAX: usize = 60;

/// The lists that one can choose from: query value, words, and what they hold.
const SHOWS: &[(&str, &str, Filter)] = &[
    ("", "Latest", Filter::Latest),
    ("planned", "Planned", Filter::Planned),
    ("review", "Needs review", Filter::States([Stand::Review, Stand::Review, Stand::Review])),
    ("sent", "Sent", Filter::States([Stand::Submitting, Stand::Submitted, Stand::Delivered])),
    ("trouble", "Trouble", Filter::States([Stand::Unknown, Stand::Undelivered, Stand::Failed])),
    ("refused", "Refused", Filter::States([Stand::Refused, Stand::Refused, Stand::Refused])),
    ("withdrawn", "Withdrawn", Filter::States([Stand::Withdrawn, Stand::Withdrawn, Stand::Withdrawn])),
];

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    after: String,
}

/// The page of all messages.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let (value, _, filter) = SHOWS.iter().find(|(value, ..)| *value == asked.show).unwrap_or(&SHOWS[0]);
    let after = after(&asked.after);
    let load = move |tx: &mut Tx<'_, '_>| {
        let mut lines = views::messages::list(tx, *filter, after, SHOWN_MAX as i64 + 1)?;
        let more = lines.len() > SHOWN_MAX;
        lines.truncate(SHOWN_MAX);
        let ids: Vec<_> = lines.iter().map(|line| line.id).collect();
        let about = views::messages::visits(tx, &ids)?;
        tx.record(now, read("messages", now).number("count", lines.len() as i64));
        Ok::<_, StoreError>((views::frame::load(tx, now)?, lines, about, more, views::messages::counts(tx)?))
    };
    let (frame, lines, about, more, counts) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let older = lines.last().filter(|_| more).map(|line| {
        let at = if *filter == Filter::Planned { line.next_at } else { line.state_at };
        format!("/messages?show={value}&after={}.{}", micros(at), line.id)
    });
    let filters = SHOWS
        .iter()
        .map(|(known, label, filter)| RowFilter {
            value: (*known).to_owned(),
            label: (*label).to_owned(),
            count: count(counts.iter().filter(|(state, _)| holds(*filter, *state)).map(|(_, count)| count).sum()),
            current: known == value,
        })
        .collect();
    let back = format!("/messages?show={value}");
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = Messages {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::Messages, back: &back, flash }),
        filters,
        rows: lines.iter().zip(&about).map(|(line, visits)| message_row(line, visits, &calendar)).collect(),
        older,
    };
    finish(&app, &view, was_shown)
}

fn holds(filter: Filter, state: Stand) -> bool {
    match filter {
        Filter::Latest => true,
        Filter::Planned => state == Stand::Planned,
        Filter::States(states) => states.contains(&state),
    }
}

/// Reads the place after which a list goes on: `micros.id`.
fn after(text: &str) -> Option<After> {
    let (at, id) = text.split_once('.')?;
    Some((from_micros(at.parse().ok()?), id.parse::<MessageId>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_in_exactly_one_list_besides_all() {
        for state in Stand::ALL {
            let lists = SHOWS.iter().filter(|(_, _, filter)| *filter != Filter::Latest && holds(*filter, *state)).count();
            assert_eq!(lists, 1, "{}", state.as_str());
        }
    }

    #[test]
    fn a_place_in_a_list_reads_back_and_nonsense_begins_at_the_top() {
        let id = MessageId::from_bytes([9; 16]);
        assert_eq!(after(&format!("1500.{id}")), Some((from_micros(1500), id)));
        assert_eq!(after(""), None);
        assert_eq!(after("x.y"), None);
    }
}
