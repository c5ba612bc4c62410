//! The part of Twilio's REST API that applications of a practice use: an application that speaks to Twilio speaks to this server after one
//! address is changed. One endpoint a file.
//!
//! Answers have Twilio's shape (TW-11), errors its codes (TW-15). What is added stands under `wellsent`: why the gate refused or holds a text.
//! Addresses hold opaque ids and no number of a patient.

mod account;
mod auth;
mod cancel;
mod create;
mod delete;
mod error;
mod fetch;
mod list;
mod media;
mod numbers;
mod parameters;
mod wire;

use crate::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;
use error::ApiError;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;

/// The largest form.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// After this long an answer that is not there yet is given up.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) fn routes() -> Router<App> {
    let api = Router::new()
        .route("/Accounts/{account}", get(account::get))
        .route("/Accounts/{account}/Messages.json", get(list::get).post(create::post))
        .route("/Accounts/{account}/Messages/{text}", get(fetch::get).post(cancel::post).delete(delete::delete))
        .route("/Accounts/{account}/Messages/{text}/Media.json", get(media::get))
        .route("/Accounts/{account}/IncomingPhoneNumbers.json", get(numbers::list))
        .route("/Accounts/{account}/IncomingPhoneNumbers/{number}", get(numbers::get))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, DEADLINE));
    Router::new().nest("/2010-04-01", api)
}

async fn nothing_here() -> ApiError {
    ApiError::not_found()
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "This method is not allowed here")
}
