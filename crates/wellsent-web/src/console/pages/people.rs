//! Finding people.

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, born, language};
use crate::console::view::{People, PersonRow, Section, TextingState};
use crate::failure::{Asking, Failed};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::person::ContactState;
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx, people};

const SHOWN_MAX: usize = 25;
const QUERY_CHARS_MAX: usize = 80;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// The search page.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let query: String = asked.q.trim().chars().take(QUERY_CHARS_MAX).collect();
    let wanted = query.clone();
    let load = move |tx: &mut Tx<'_, '_>| {
        let found = match wanted.is_empty() {
            true => people::recent(tx, SHOWN_MAX as i64)?,
            false => people::search(tx, &wanted)?,
        };
        let more = found.len() > SHOWN_MAX;
        let charts = found.into_iter().take(SHOWN_MAX).map(|id| views::person::chart(tx, id, now)).collect::<Result<Vec<_>, _>>()?;
        tx.record(now, read("people", now).number("count", charts.len() as i64));
        Ok::<_, StoreError>((views::frame::load(tx, now)?, charts, more))
    };
    let (frame, charts, more) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = People {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::People, back: "/people", flash }),
        query,
        results: charts.iter().map(|chart| row(chart, &calendar)).collect(),
        more,
    };
    finish(&app, &view, was_shown)
}

fn row(chart: &Chart, calendar: &Calendar) -> PersonRow {
    let person = &chart.person;
    PersonRow {
        id: person.id.to_string(),
        name: person.name.expose().full(),
        born: person.birth_date.as_ref().map_or_else(|| "no birth date".to_owned(), |date| born(*date.expose(), calendar.today())),
        record: person.record_number.as_ref().map_or_else(|| "no record number".to_owned(), |record| record.expose().clone()),
        number: preferred(chart).map(|number| number.stored.contact.number.expose().national()).unwrap_or_default(),
        language: language(person.language).to_owned(),
        next_visit: chart.next_visit.as_ref().map(|visit| calendar.in_zone(&visit.zone).day_and_time(visit.starts_at)).unwrap_or_default(),
        texting: texting(chart),
    }
}

/// The number that texts go to: the newest that was not replaced.
pub(super) fn preferred(chart: &Chart) -> Option<&NumberChart> {
    chart.numbers.iter().find(|number| number.stored.contact.state != ContactState::Replaced)
}

/// Whether a person may be texted at all, in one word.
pub(super) fn texting(chart: &Chart) -> TextingState {
    let Some(number) = preferred(chart) else { return TextingState::NoNumber };
    match number.stored.contact.state {
        ContactState::Disputed => TextingState::Disputed,
        ContactState::Invalid | ContactState::NotTextable | ContactState::Replaced => TextingState::NoNumber,
        ContactState::Live if number.stopped.is_some() => TextingState::OptedOut,
        ContactState::Live if number.consents.is_empty() => TextingState::NoConsent,
        ContactState::Live => TextingState::May,
    }
}
