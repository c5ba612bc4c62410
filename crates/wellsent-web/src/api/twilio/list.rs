//! `GET Messages.json`: the texts of an application, the newest first.

use super::auth::Signed;
use super::error::ApiError;
use super::parameters::{Asked, Parameters};
use super::wire::{self, Page};
use crate::App;
use axum::Json;
use axum::extract::State;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use wellsent_engine::ListRequest;

/// Texts on a page, if nothing else is asked for, and at most.
const PAGE_SIZE: i64 = 50;
const PAGE_SIZE_MAX: i64 = 1_000;

pub(super) async fn get(State(app): State<App>, Signed(caller): Signed, Asked(asked): Asked) -> Result<Json<Value>, ApiError> {
    let (number, size) = page_of(&asked)?;
    let token =
        asked.get("PageToken").map(str::parse).transpose().map_err(|()| ApiError::bad(20001, "The 'PageToken' is not one of ours"))?;
    let (sent_from, sent_until) = sent(&asked)?;
    let text = |name: &str| asked.get(name).map(str::to_owned);
    let request = ListRequest { to: text("To"), from: text("From"), sent_from, sent_until, token, limit: size };
    let page = app.engine.texts_of(&caller, request).await.map_err(|error| ApiError::of(&error))?;
    let things = page.texts.iter().map(|text| wire::message(&caller, text, &[], None)).collect();
    let page = Page { list: "/Messages.json", name: "messages", things, number, size, here: Some(page.here), next: page.next };
    Ok(Json(wire::page(&caller, page)))
}

/// Which page is asked for, and how large.
pub(super) fn page_of(asked: &Parameters) -> Result<(i64, i64), ApiError> {
    let number = |name: &str, otherwise: i64| match asked.get(name) {
        None => Ok(otherwise),
        Some(given) => given
            .parse::<i64>()
            .ok()
            .filter(|given| *given >= 0)
            .ok_or_else(|| ApiError::bad(20001, "'Page' and 'PageSize' must be numbers")),
    };
    Ok((number("Page", 0)?.min(1_000_000), number("PageSize", PAGE_SIZE)?.clamp(1, PAGE_SIZE_MAX)))
}

/// From and until when. `DateSent` is a whole day in UTC, even where a library writes it as its first instant.
fn sent(asked: &Parameters) -> Result<(Option<Timestamp>, Option<Timestamp>), ApiError> {
    let at = |name: &str| {
        let instant = |text| instant(text).ok_or_else(|| ApiError::bad(20001, "'DateSent' is not a date"));
        asked.get(name).map(instant).transpose()
    };
    if let Some(at) = at("DateSent")? {
        let from = day_of(TimeZone::UTC.to_datetime(at).date());
        let until = from.map(|from| from.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX));
        return Ok((from, until));
    }
    let until = at("DateSent<")?.map(|at| at.saturating_add(SignedDuration::from_micros(1)).unwrap_or(at));
    Ok((at("DateSent>")?, until))
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| day_of(text.parse().ok().filter(|_| text.len() == 10)?))
}

fn day_of(day: Date) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_first_instant() {
        assert_eq!(instant("2026-11-24"), Some("2026-11-24T00:00:00Z".parse().unwrap()));
        assert_eq!(instant("2026-11-24T10:00:00Z"), Some("2026-11-24T10:00:00Z".parse().unwrap()));
        for wrong in ["", "yesterday", "2026-13-01", "24.11.2026"] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }
}
