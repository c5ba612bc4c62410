//! `GET Messages/{sid}.json`: one text, with what it waits for or why it did not go.

use super::auth::Signed;
use super::error::ApiError;
use super::wire;
use crate::App;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;
use wellsent_engine::text_of_sid;

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((_, text)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let id = id_of(&text)?;
    let found = app.engine.text_of(&caller, id).await.map_err(|error| ApiError::of(&error))?;
    let (text, reasons) = found.ok_or_else(ApiError::not_found)?;
    Ok(Json(wire::message(&caller, &text, &reasons, None)))
}

/// The id in an address.
pub(super) fn id_of(part: &str) -> Result<[u8; 16], ApiError> {
    part.strip_suffix(".json").and_then(text_of_sid).ok_or_else(ApiError::not_found)
}
