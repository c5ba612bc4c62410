//! A name for each request, a line in the log, and the page for what did not work.

use crate::console::view::Failure;
use crate::failure::Failed;
use askama::Template;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The log gets the pattern of the route, the outcome and the time: no address, because an address may carry a query or a token.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = format!("req_{}", Uuid::now_v7().as_simple());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    match status {
        500.. => tracing::error!(request = %id, %method, route = %route, status, micros, "request"),
        _ => tracing::info!(request = %id, %method, route = %route, status, micros, "request"),
    }
    metrics::histogram!("wellsent_http_seconds", "route" => route, "status" => status.to_string()).record(began.elapsed().as_secs_f64());
    if let Some(Failed(kind)) = response.extensions().get::<Failed>().copied() {
        let page = Failure { kind, request_id: Some(id.clone()) };
        if let Ok(page) = page.render() {
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            *response.body_mut() = page.into();
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
