//! The texts of the API of 2010: create, list, fetch, redact, delete.

use super::error::ApiError;
use super::fate::Answer;
use super::form::Form;
use super::journal::Record;
use super::network::Twilio;
use super::server::Hangup;
use super::shape::{self, Page};
use super::state::Message;
use super::texts::real_us;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::time::Duration;

const PAGE_SIZE_MAX: usize = 1_000;

/// `POST …/Messages.json`
pub(super) async fn create(State(network): State<Twilio>, body: Bytes) -> Response {
    let plan = match network.submit(&Form::read(&body)) {
        Ok(plan) => plan,
        Err(error) => return error.into_response(),
    };
    // The text as it was taken, whatever becomes of it until the answer leaves.
    let created =
        plan.seq.and_then(|seq| network.state().messages.get(&seq).map(|message| shape::message(&network.0.account_sid, message)));
    if !plan.after.is_zero() {
        tokio::time::sleep(plan.after).await;
    }
    match plan.answer {
        Answer::Accept => (StatusCode::CREATED, Json(created)).into_response(),
        Answer::AcceptThenDrop | Answer::Drop => Hangup::response(),
        Answer::AcceptThenError => ApiError::new(20_500).into_response(),
        Answer::Error => ApiError::new(20_503).into_response(),
        Answer::AcceptThenGarbage => (StatusCode::CREATED, "{\"sid\":\"SM").into_response(),
        Answer::Refuse(code) => ApiError::new(code).into_response(),
        Answer::Throttle => ApiError { retry_after_s: plan.retry_after_s, ..ApiError::new(20_429) }.into_response(),
    }
}

/// `GET …/Messages.json`
pub(super) async fn list(State(network): State<Twilio>, RawQuery(query): RawQuery) -> Response {
    let query = Form::read(query.unwrap_or_default().as_bytes());
    let Some(filter) = Filter::read(&query) else {
        return ApiError::new(20_001).into_response();
    };
    let page_size = query.get("PageSize").and_then(|size| size.parse().ok()).unwrap_or(50).clamp(1, PAGE_SIZE_MAX);
    let page = query.get("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let state = network.state();
    let lag = Duration::from_millis(u64::from(state.behaviour.log_lag_ms));
    // A page begins after the text that its token names, which may be gone by now; without a token it is counted off.
    let before = query.get("PageToken").and_then(|token| state.seq(token.strip_prefix("PA")?));
    let skip = if before.is_some() { 0 } else { page * page_size };
    let mut found: Vec<&Message> = state
        .messages
        .range(..before.unwrap_or(u64::MAX))
        .rev()
        .map(|(_, message)| message)
        .filter(|message| filter.takes(message) && (message.inbound || message.taken_at.elapsed() >= lag))
        .skip(skip)
        .take(page_size + 1)
        .collect();
    let more = found.len() > page_size;
    found.truncate(page_size);
    let next = found.last().filter(|_| more).map(|message| format!("PA{}", message.sid));
    let messages = found.into_iter().map(|message| shape::message(&network.0.account_sid, message)).collect();
    drop(state);
    let filters = Form(query.0.into_iter().filter(|(name, _)| !matches!(name.as_str(), "Page" | "PageSize" | "PageToken")).collect());
    Json(Page { account: &network.0.account_sid, messages, page, page_size, next, filters }.json()).into_response()
}

/// Which texts are listed. The filters of time are about when a text was sent, so one that was not sent passes none of them.
struct Filter {
    to: Option<String>,
    from: Option<String>,
    on: Option<(Timestamp, Timestamp)>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Filter {
    fn read(query: &Form) -> Option<Self> {
        let instant = |name: &str| match query.get(name) {
            None => Some(None),
            Some(text) => day_or_instant(text).map(|(begins, ends)| Some((begins, ends))),
        };
        Some(Self {
            to: query.get("To").map(str::to_owned),
            from: query.get("From").map(str::to_owned),
            on: instant("DateSent")?,
            after: instant("DateSent>")?.map(|(begins, _)| begins),
            before: instant("DateSent<")?.map(|(_, ends)| ends),
        })
    }

    fn takes(&self, message: &Message) -> bool {
        let timed = self.on.is_some() || self.after.is_some() || self.before.is_some();
        let in_time = match message.sent {
            None => !timed,
            Some(sent) => {
                self.on.is_none_or(|(begins, ends)| (begins..ends).contains(&sent))
                    && self.after.is_none_or(|after| sent >= after)
                    && self.before.is_none_or(|before| sent <= before)
            }
        };
        let (to, from) = message.shown_ends();
        in_time
            && self.to.as_ref().is_none_or(|wanted| *wanted == to)
            && self.from.as_ref().is_none_or(|wanted| Some(wanted) == from.as_ref())
    }
}

fn day_or_instant(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some((instant, instant));
    }
    let day: Date = text.parse().ok()?;
    let begins = |day: Date| day.to_zoned_datetime(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    Some((begins(day)?, begins(day.tomorrow().ok()?)?))
}

/// `GET …/Messages/{sid}.json`
pub(super) async fn fetch(State(network): State<Twilio>, Path((_, sid)): Path<(String, String)>) -> Response {
    let state = network.state();
    match state.find(named(&sid)) {
        Some((_, message)) => Json(shape::message(&network.0.account_sid, message)).into_response(),
        None => ApiError::new(20_404).into_response(),
    }
}

/// `POST …/Messages/{sid}.json`: redacts, by an empty body.
pub(super) async fn update(State(network): State<Twilio>, Path((_, sid)): Path<(String, String)>, body: Bytes) -> Response {
    let form = Form::read(&body);
    match (form.raw("Body"), form.get("Status")) {
        (Some(_), Some(_)) => return ApiError::new(30_400).into_response(),
        (Some(""), None) => {}
        // Scheduled texts, which alone can be cancelled, are not taken here; words cannot be changed, only removed.
        _ => return ApiError::new(20_001).into_response(),
    }
    match forget(&network, named(&sid), |state, seq| {
        if let Some(message) = state.messages.get_mut(&seq) {
            message.wordless = true;
        }
    }) {
        Ok(()) => fetch(State(network), Path((String::new(), sid))).await,
        Err(error) => error.into_response(),
    }
}

/// `DELETE …/Messages/{sid}.json`
pub(super) async fn delete(State(network): State<Twilio>, Path((_, sid)): Path<(String, String)>) -> Response {
    match forget(&network, named(&sid), |state, seq| drop(state.messages.remove(&seq))) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}

fn forget(network: &Twilio, sid: &str, how: impl FnOnce(&mut super::state::State, u64)) -> Result<(), ApiError> {
    let mut state = network.state();
    let least = Duration::from_millis(u64::from(state.behaviour.at_rest_ms));
    let Some((seq, message)) = state.find(sid) else {
        return Err(ApiError::new(20_404));
    };
    if !message.at_rest(least) {
        return Err(ApiError::new(20_009));
    }
    how(&mut state, seq);
    state.journal.append(real_us(), &Record { kind: "forgotten", id: Some(sid), ..Record::default() });
    Ok(())
}

fn named(sid: &str) -> &str {
    sid.strip_suffix(".json").unwrap_or(sid)
}
