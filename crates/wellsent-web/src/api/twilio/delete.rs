//! `DELETE Messages/{sid}.json`: the application does not see the text any more. The practice and its ledger keep it.

use super::auth::Signed;
use super::cancel::not_yet;
use super::error::ApiError;
use super::fetch::id_of;
use crate::App;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use wellsent_engine::Changed;

pub(super) async fn delete(
    State(app): State<App>,
    Signed(caller): Signed,
    Path((_, text)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    match app.engine.delete_for(&caller, id_of(&text)?).await.map_err(|error| ApiError::of(&error))? {
        Changed::Done(_) => Ok(StatusCode::NO_CONTENT),
        Changed::NotFound => Err(ApiError::not_found()),
        Changed::NotNow => Err(not_yet()),
    }
}
