//! `GET Messages/{sid}/Media.json`: there is none.

use super::auth::Signed;
use super::error::ApiError;
use super::list::page_of;
use super::parameters::Asked;
use super::wire::{self, Page};
use crate::App;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;
use wellsent_engine::text_of_sid;

pub(super) async fn get(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((_, text)): Path<(String, String)>,
    Asked(asked): Asked,
) -> Result<Json<Value>, ApiError> {
    let id = text_of_sid(&text).ok_or_else(ApiError::not_found)?;
    let (number, size) = page_of(&asked)?;
    let found = app.engine.text_of(&caller, id).await.map_err(|error| ApiError::of(&error))?;
    found.ok_or_else(ApiError::not_found)?;
    let list = format!("/Messages/{text}/Media.json");
    Ok(Json(wire::page(&caller, Page { list: &list, name: "media_list", things: Vec::new(), number, size, here: None, next: None })))
}
