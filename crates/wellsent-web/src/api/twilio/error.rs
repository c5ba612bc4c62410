//! What does not work, in Twilio's form: `{"code", "message", "more_info", "status"}`. No message repeats what was sent.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use wellsent_domain::application::refusal_code_of;
use wellsent_domain::gate::Reason;
use wellsent_engine::EngineError;

/// Where error codes are explained.
const TWILIO_PAGES: &str = "https://www.twilio.com/docs/errors/";
/// Codes from here on are ours.
const OURS_FROM: i64 = 70_000;
const OUR_PAGE: &str = "docs/move-an-app.md#error-codes";

/// An error on its way to an application.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: i64,
    message: String,
    reasons: Vec<Reason>,
    retry_after: Option<i64>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: i64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), reasons: Vec::new(), retry_after: None }
    }

    pub fn bad(code: i64, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The request's credentials are not good. Which part is not, is not told.
    pub fn not_signed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 20003, "Authenticate")
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, 20404, "The requested resource was not found")
    }

    pub fn too_many(retry_after: i64) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, 20429, "Too Many Requests");
        Self { retry_after: Some(retry_after), ..error }
    }

    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, 20503, "Service unavailable; nothing was changed, try again")
    }

    /// The gate said no.
    pub fn refused(reasons: Vec<Reason>) -> Self {
        let code = refusal_code_of(&reasons);
        Self { reasons, ..Self::bad(code, explained(code)) }
    }

    /// Says what became of a use case that failed. The details are in the log.
    pub fn of(error: &EngineError) -> Self {
        tracing::error!(%error, "a request of an application failed");
        match error {
            EngineError::Store(store) if store.is_transient() => Self::unavailable(),
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, 20500, "Internal server error; the log of the server says more"),
        }
    }
}

/// A sentence for a code that a text can end with.
pub(super) fn explained(code: i64) -> &'static str {
    match code {
        21211 => "The 'To' number is not a valid phone number",
        21610 => "Attempt to send to unsubscribed recipient",
        21614 => "'To' number is not a valid mobile number",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30008 => "Unknown error",
        30034 => "Message from an unregistered number",
        30036 => "Validity period expired",
        70001 => "The patient's consent to texts of this kind is not recorded here",
        70002 => "What the text says may not go to this number by text",
        70003 => "This person is not texted at this number",
        70004 => "The text cannot arrive in time at an hour at which it may",
        70005 => "This number may not be the patient's any more",
        70006 => "The practice's settings do not let this text go",
        _ => "See the reasons",
    }
}

/// Reasons of the gate as programs read them.
pub(super) fn reasons(reasons: &[Reason]) -> Value {
    let reason =
        |reason: &Reason| json!({ "code": reason.code(), "sentence": reason.sentence(), "rule": reason.rule(), "remedy": reason.remedy() });
    reasons.iter().map(reason).collect()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let more = if self.code >= OURS_FROM { OUR_PAGE.to_owned() } else { format!("{TWILIO_PAGES}{}", self.code) };
        let mut body = json!({ "code": self.code, "message": self.message, "more_info": more, "status": self.status.as_u16() });
        if !self.reasons.is_empty() {
            body["wellsent"] = json!({ "reasons": reasons(&self.reasons) });
        }
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Wellsent API\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wellsent_domain::application::{failure_code, refusal_code};
    use wellsent_domain::carrier_report::Failure;

    const PAGE: &str = include_str!("../../../../../docs/move-an-app.md");

    #[test]
    fn every_code_that_a_text_can_end_with_is_explained_here_and_on_the_page() {
        let refusals = Reason::ALL.iter().map(|reason| refusal_code(*reason));
        let failures = Failure::ALL.iter().map(|failure| failure_code(*failure));
        for code in refusals.chain(failures) {
            assert_ne!(explained(code), "See the reasons", "{code}");
            let in_a_range = (30_003..=30_008).contains(&code) && PAGE.contains("30003 to 30008");
            assert!(PAGE.contains(&code.to_string()) || in_a_range, "{code} is not on the page");
        }
    }

    #[test]
    fn codes_of_the_api_itself_are_on_the_page() {
        for source in [include_str!("create.rs"), include_str!("cancel.rs"), include_str!("list.rs"), include_str!("error.rs")] {
            let codes = source.split(|ch: char| !ch.is_ascii_digit()).filter(|word| word.len() == 5 && !word.starts_with('0'));
            let codes = codes.filter(|word| matches!(&word[..2], "20" | "21" | "35" | "70") || word.starts_with("304"));
            for code in codes.filter(|code| !matches!(*code, "20500" | "20004")) {
                assert!(PAGE.contains(code), "{code} is not on the page");
            }
        }
    }
}
