//! Errors as the API writes them: a code, words for people, where to read more, and the status again.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An error of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ApiError {
    pub code: u32,
    pub status: u16,
    pub retry_after_s: Option<u32>,
}

impl ApiError {
    /// The error of a code, with the status that it comes with.
    pub const fn new(code: u32) -> Self {
        let status = match code {
            20_003 => 401,
            20_404 => 404,
            20_009 => 409,
            20_429 | 60_202 | 60_203 => 429,
            20_500 => 500,
            20_503 => 503,
            60_205 => 403,
            _ => 400,
        };
        Self { code, status, retry_after_s: None }
    }

    fn words(self) -> &'static str {
        match self.code {
            20_003 => "Authenticate",
            20_009 => "Resource not complete",
            20_404 => "The requested resource was not found",
            20_429 => "Too Many Requests",
            20_500 | 20_503 => "Internal Server Error",
            21_211 => "Invalid 'To' Phone Number",
            21_408 => "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
            21_602 => "Message body is required.",
            21_603 => "A 'From' phone number is required.",
            21_604 => "A 'To' phone number is required.",
            21_606 => "The 'From' number is not a valid, message-capable phone number of this account",
            21_609 => "Invalid 'StatusCallback' URL",
            21_610 => "Attempt to send to unsubscribed recipient",
            21_611 => "This 'From' number has exceeded the maximum number of queued messages",
            21_612 => "The message cannot be sent with the current combination of 'To' and 'From'",
            21_614 => "'To' number is not a valid mobile number",
            21_617 => "The concatenated message body exceeds the 1600 character limit",
            21_701 => "The Messaging Service does not exist",
            30_400 => "Body and Status cannot be updated together",
            60_200 => "Invalid parameter",
            60_202 => "Max check attempts reached",
            60_203 => "Max send attempts reached",
            _ => "Something is wrong with the request",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::json!({
            "code": self.code,
            "message": self.words(),
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status,
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
