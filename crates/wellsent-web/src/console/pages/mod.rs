//! One file a page: what it reads, what its forms do.

pub(crate) mod carriers;
pub(crate) mod clock;
pub(crate) mod consents;
pub(crate) mod evidence;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod ledger;
pub(crate) mod message;
pub(crate) mod messages;
pub(crate) mod number;
pub(crate) mod people;
pub(crate) mod permissions;
pub(crate) mod person;
pub(crate) mod phones;
pub(crate) mod reply;
pub(crate) mod sign_in;
pub(crate) mod tasks;
pub(crate) mod today;
mod upload;

use super::flash;
use super::view::Flash;
use crate::App;
use crate::access::SignedInStaff;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use wellsent_store::entry::Entry;

/// The ledger entry of a reading (P7).
fn read(what: &'static str, now: Timestamp) -> Entry {
    Entry::new("read", now).word("what", what)
}

/// The sentence that a page says once. A page that fetches itself leaves it for the person to see.
fn flash_of(staff: &SignedInStaff, headers: &HeaderMap) -> Option<Flash> {
    if staff.is_live { None } else { flash::take(headers) }
}

fn finish(app: &App, view: &impl askama::Template, was_shown: bool) -> Result<Response, crate::failure::Failed> {
    Ok(flash::clear(app, super::page(view)?, was_shown))
}
