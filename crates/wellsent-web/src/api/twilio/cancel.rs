//! `POST Messages/{sid}.json`: an empty `Body` has the text forgotten (TW-17), `Status=canceled` takes it back (TW-16).

use super::auth::Signed;
use super::error::ApiError;
use super::fetch::id_of;
use super::parameters::Parameters;
use super::wire;
use crate::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;
use wellsent_engine::Changed;

pub(super) async fn post(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((_, text)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Json<Value>, ApiError> {
    let id = id_of(&text)?;
    let changed = match (parameters.raw("Body"), parameters.get("Status")) {
        (Some(""), None) => app.engine.redact_for(&caller, id).await,
        (None, Some("canceled")) => app.engine.cancel_for(&caller, id).await,
        (Some(_), Some(_)) => return Err(ApiError::bad(30400, "'Body' and 'Status' cannot be changed together")),
        (Some(_), None) => return Err(ApiError::bad(20001, "The body of a message can only be emptied")),
        (None, Some(_)) => return Err(ApiError::bad(20001, "'Status' can only become \"canceled\"")),
        (None, None) => return Err(ApiError::bad(20001, "Give an empty 'Body' or 'Status=canceled'")),
    };
    match changed.map_err(|error| ApiError::of(&error))? {
        Changed::Done(text) => Ok(Json(wire::message(&caller, &text, &[], None))),
        Changed::NotFound => Err(ApiError::not_found()),
        Changed::NotNow if parameters.get("Status").is_some() => {
            Err(ApiError::bad(30409, "The message has left or ended and cannot be canceled"))
        }
        Changed::NotNow => Err(not_yet()),
    }
}

/// The text is still on its way.
pub(super) fn not_yet() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, 20009, "The message has not left yet; cancel it, or try again when it has ended")
}
