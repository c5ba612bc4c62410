//! Pages for testers: phones, senders, behaviour, counts.

use super::behaviour::Behaviour;
use super::client::Target;
use super::network::{TextError, Twilio};
use super::state::Stats;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct PhoneText {
    to_sender: Option<String>,
    body: String,
}

pub(super) async fn send_text(State(network): State<Twilio>, Path(number): Path<String>, Json(text): Json<PhoneText>) -> Response {
    match network.text(&number, text.to_sender.as_deref(), &text.body) {
        Ok(id) => (StatusCode::CREATED, Json(serde_json::json!({ "id": id }))).into_response(),
        Err(error) => {
            let status = match error {
                TextError::NoSender | TextError::UnknownSender => StatusCode::CONFLICT,
                TextError::TooLong => StatusCode::BAD_REQUEST,
            };
            (status, Json(serde_json::json!({ "error": error.to_string() }))).into_response()
        }
    }
}

pub(super) async fn show_phone(State(network): State<Twilio>, Path(number): Path<String>) -> Response {
    let got: Vec<_> = network
        .got(&number)
        .into_iter()
        .map(|got| serde_json::json!({ "at": got.at.to_string(), "from": got.from, "body": got.body, "sid": got.sid }))
        .collect();
    Json(got).into_response()
}

#[derive(Deserialize)]
pub(super) struct Hook {
    inbound_url: String,
    #[serde(default)]
    numbers: Vec<String>,
}

pub(super) async fn register_sender(State(network): State<Twilio>, Path(sender): Path<String>, Json(hook): Json<Hook>) -> StatusCode {
    if Target::read(&hook.inbound_url).is_none() {
        return StatusCode::BAD_REQUEST;
    }
    let numbers: Vec<&str> = hook.numbers.iter().map(String::as_str).collect();
    network.add_sender(&sender, &numbers, Some(&hook.inbound_url));
    StatusCode::NO_CONTENT
}

pub(super) async fn show_behaviour(State(network): State<Twilio>) -> Json<Behaviour> {
    Json(network.behaviour())
}

pub(super) async fn set_behaviour(State(network): State<Twilio>, Json(behaviour): Json<Behaviour>) -> StatusCode {
    network.set_behaviour(behaviour);
    StatusCode::NO_CONTENT
}

pub(super) async fn show_stats(State(network): State<Twilio>) -> Json<Stats> {
    Json(network.stats())
}
