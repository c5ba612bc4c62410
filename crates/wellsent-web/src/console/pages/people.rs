//! Finding people.

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, born, language};
use crate::console::view::{People, PersonRow, Section, TextingState};
use crate::failure::{Asking, Failed, Fields};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use wellsent_domain::Phi;
use wellsent_domain::person::ContactState;
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx, people};

const SHOWN_MAX: usize = 25;
const QUERY_CHARS_MAX: usize = 80;

#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The search of this session, sealed.
    #[serde(default)]
    find: String,
    /// A search in the clear, as somebody may type it into an address. It is sealed before anything else happens.
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
pub(crate) struct Searching {
    #[serde(default)]
    q: String,
}

/// Takes a search. What is searched for is PHI, so it goes on in an address only sealed (P6).
pub(crate) async fn search(State(app): State<App>, staff: SignedInStaff, Fields(form): Fields<Searching>) -> Result<Response, Failed> {
    sealed(&app, &staff, &form.q).await
}

async fn sealed(app: &App, staff: &SignedInStaff, query: &str) -> Result<Response, Failed> {
    let query: String = query.trim().chars().take(QUERY_CHARS_MAX).collect();
    if query.is_empty() {
        return Ok(Redirect::to("/people").into_response());
    }
    let (session, query) = (staff.who.session, Phi::new(query));
    let seal = move |tx: &mut Tx<'_, '_>| Ok::<_, StoreError>(views::search::seal(tx, session, &query));
    let find = app.engine.store().read(staff.access, seal).await?;
    Ok(Redirect::to(&format!("/people?find={find}")).into_response())
}

/// The search page.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    if !asked.q.is_empty() {
        return sealed(&app, &staff, &asked.q).await;
    }
    let (now, session) = (app.engine.now(), staff.who.session);
    let load = move |tx: &mut Tx<'_, '_>| {
        let query = views::search::open(tx, session, &asked.find);
        let found = match &query {
            None => people::recent(tx, SHOWN_MAX as i64)?,
            Some(query) => people::search(tx, query.expose())?,
        };
        let more = found.len() > SHOWN_MAX;
        let charts = found.into_iter().take(SHOWN_MAX).map(|id| views::person::chart(tx, id, now)).collect::<Result<Vec<_>, _>>()?;
        tx.record(now, read("people", now).number("count", charts.len() as i64));
        Ok::<_, StoreError>((views::frame::load(tx, now)?, query, charts, more))
    };
    let (frame, query, charts, more) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let view = People {
        shell: shell(&app, &staff, &frame, &calendar, Place { section: Section::People, back: "/people", flash }),
        query: query.map(Phi::into_exposed).unwrap_or_default(),
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
