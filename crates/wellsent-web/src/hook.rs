//! Where carriers call back: `POST /hooks/{carrier}/{sender}/inbound|status`.
//!
//! The bytes go to the engine as they came, because the signature covers them. A callback is acknowledged when what it says is on disk (P5);
//! where that cannot be done the carrier is told to come again.

use crate::App;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;
use wellsent_carrier::{Acknowledgement, Callback, CallbackKind};
use wellsent_domain::SenderId;
use wellsent_engine::ReceiveError;

/// The largest callback.
const CALLBACK_BYTES_MAX: usize = 64 * 1024;
/// After this long a callback that has not come whole, or could not be stored, is given up; carriers wait about as long and come again.
const CALLBACK_DEADLINE: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/hooks/{carrier}/{sender}/{kind}", post(receive))
        .layer(DefaultBodyLimit::max(CALLBACK_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, CALLBACK_DEADLINE))
}

async fn receive(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Path((_carrier, sender, kind)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = match kind.as_str() {
        "inbound" => CallbackKind::Inbound,
        "status" => CallbackKind::Status,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Ok(sender) = sender.parse::<SenderId>() else { return StatusCode::NOT_FOUND.into_response() };
    // Signatures cover the address that the carrier called, which a proxy in between may have changed; the settings say what it was.
    let public_url = format!("{}{uri}", app.public_url);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let callback = Callback { kind, public_url: &public_url, headers: &header, body: &body };
    match app.engine.receive(sender, callback).await {
        Ok(received) => match received.acknowledgement {
            Acknowledgement::Empty => StatusCode::NO_CONTENT.into_response(),
            Acknowledgement::Body { content_type, body } => ([(CONTENT_TYPE, content_type)], body).into_response(),
        },
        Err(error) => {
            tracing::warn!(%sender, %error, "a callback was not taken");
            let status = match error {
                ReceiveError::UnknownSender => StatusCode::NOT_FOUND,
                ReceiveError::BadSignature => StatusCode::FORBIDDEN,
                ReceiveError::Malformed(_) => StatusCode::BAD_REQUEST,
                ReceiveError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                ReceiveError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            };
            status.into_response()
        }
    }
}
