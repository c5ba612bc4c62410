//! The parameters of a request: a form, or what stands behind the question mark. Names may come several times.

use super::error::ApiError;
use crate::App;
use axum::extract::{Form, FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;

/// The parameters in the order in which they came.
#[derive(Debug, Default, Clone)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a name that has one; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// The value of a name, empty or not.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a name stands for true.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Everything, in an order that does not depend on how it was sent.
    pub fn sorted_bytes(&self) -> Vec<u8> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort();
        let mut bytes = Vec::new();
        for (name, value) in sorted {
            for part in [name, value] {
                bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
                bytes.extend_from_slice(part.as_bytes());
            }
        }
        bytes
    }
}

impl FromRequest<App> for Parameters {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let read = Form::<Vec<(String, String)>>::from_request(request, app).await;
        read.map(|Form(pairs)| Self(pairs)).map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, 20001, "The request is too large"),
            _ => ApiError::bad(20001, "The request is not a form (application/x-www-form-urlencoded)"),
        })
    }
}

/// What stands behind the question mark.
pub(super) struct Asked(pub Parameters);

impl FromRequestParts<App> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let read = Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        read.map(|Query(pairs)| Self(Parameters(pairs))).map_err(|_| ApiError::bad(20001, "The question in the address is not understood"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_are_the_same_whatever_order_their_parameters_have_and_nothing_runs_together() {
        let of =
            |pairs: &[(&str, &str)]| Parameters(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()).sorted_bytes();
        assert_eq!(of(&[("a", "1"), ("b", "2")]), of(&[("b", "2"), ("a", "1")]));
        assert_ne!(of(&[("a", "1b2")]), of(&[("a1", "b2")]));
        assert_ne!(of(&[("a", "1")]), of(&[("a", "1"), ("a", "1")]));
    }
}
