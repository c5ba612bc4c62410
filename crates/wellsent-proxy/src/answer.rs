//! What the proxy itself says.

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};

/// A refusal in front of TLS: one sentence for whoever reads the client's error, and the end of the connection.
pub(crate) fn sentence(status: StatusCode, words: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("{words}\n")));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// An error as Twilio writes it, which its libraries turn into an exception with these words.
pub(crate) fn twilio(status: StatusCode, code: u32, message: &str) -> Response<Body> {
    let body = serde_json::json!({
        "code": code,
        "message": message,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status.as_u16(),
    });
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    answer
}

/// The same, after which the rest of the connection cannot be understood.
pub(crate) fn twilio_and_close(status: StatusCode, code: u32, message: &str) -> Response<Body> {
    let mut answer = twilio(status, code, message);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}
