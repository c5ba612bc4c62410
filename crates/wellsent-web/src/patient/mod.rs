//! The pages of patients: behind a link in a text, and the check-in screen at the desk.
//!
//! Who comes here has no account. What a link leads to shows only after a second fact; looking at an address changes nothing, so that
//! a phone that previews links, or a mail program that opens them, does no harm (H-03).

mod check_in;
mod message;
mod preferences;
mod secure;
pub mod view;
mod visitor;

pub(crate) use visitor::From as Visitor;
pub use visitor::Peer;
pub(crate) use visitor::connected_from;

use crate::App;
use crate::console::form;
use crate::failure::Failed;
use axum::Router;
use axum::http::HeaderName;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use jiff::tz::TimeZone;
use wellsent_domain::practice::Practice;
use wellsent_domain::{Language, PhoneNumber};
use wellsent_store::{Access, StoreError, Tx, practices};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/s/{link}", get(secure::visit).merge(form(secure::act)))
        .route("/check-in", get(check_in::visit).merge(form(check_in::act)))
}

/// A page of a patient: never indexed, never kept, and the address that it stands at is told to nobody.
fn page(view: &impl askama::Template) -> Result<Response, Failed> {
    Ok(([(ROBOTS, "noindex, nofollow"), (header::CACHE_CONTROL, "no-store")], Html(view.render()?)).into_response())
}

fn frame(practice: &Practice, lang: Language) -> view::Frame {
    view::Frame { practice: practice.text_name.clone(), phone: practice.call_back.national(), lang }
}

async fn practice_of(app: &App, access: Access) -> Result<Practice, Failed> {
    let load = |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(practices::get(tx)?.practice) };
    Ok(app.engine.store().read(access, load).await?)
}

/// A number with all but its end hidden.
fn masked(number: &PhoneNumber) -> String {
    let digits: String = number.national().chars().filter(char::is_ascii_digit).collect();
    let end = digits.len().saturating_sub(4);
    format!("(•••) •••-{}", &digits[end..])
}

fn moment(lang: Language, at: jiff::Timestamp, zone: &TimeZone) -> crate::console::view::When {
    view::moment_words(lang, &at.to_zoned_datetime(zone.clone()))
}

fn day(lang: Language, at: jiff::Timestamp, zone: &TimeZone) -> crate::console::view::When {
    view::day_words(lang, zone.to_datetime(at).date())
}
