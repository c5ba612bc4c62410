//! `GET Accounts/{sid}.json`: by which programs check their credentials.

use super::auth::Signed;
use super::error::ApiError;
use super::wire::{date, uri};
use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

pub(super) async fn get(Signed(caller): Signed, Path(account): Path<String>) -> Result<Json<Value>, ApiError> {
    if !account.ends_with(".json") {
        return Err(ApiError::not_found());
    }
    let application = &caller.application;
    Ok(Json(json!({
        "sid": application.account_sid,
        "owner_account_sid": application.account_sid,
        "friendly_name": application.name,
        "status": "active",
        "type": "Full",
        "date_created": date(application.created_at),
        "date_updated": date(application.created_at),
        "uri": format!("{}.json", uri(&caller, "")),
        "subresource_uris": {
            "messages": uri(&caller, "/Messages.json"),
            "incoming_phone_numbers": uri(&caller, "/IncomingPhoneNumbers.json"),
        },
    })))
}
