//! What a browser gets when something does not work: a kind of failure, and no detail of it.

use crate::console::view::FailureKind;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, FromRequest, FromRequestParts, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use wellsent_engine::EngineError;
use wellsent_store::StoreError;

/// A failure on its way to the browser. The page with the request's id is made where that id is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed(pub FailureKind);

impl Failed {
    pub(crate) const NOT_FOUND: Self = Self(FailureKind::NotFound);
    pub(crate) const BAD_REQUEST: Self = Self(FailureKind::BadRequest);
    pub(crate) const INTERNAL: Self = Self(FailureKind::Internal);
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match self.0 {
            FailureKind::NotFound => StatusCode::NOT_FOUND,
            FailureKind::Forbidden => StatusCode::FORBIDDEN,
            FailureKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            FailureKind::BadRequest => StatusCode::BAD_REQUEST,
            FailureKind::Offline => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NOT_FOUND,
            StoreError::Stale { .. } => Self::BAD_REQUEST,
            error if error.is_transient() => {
                tracing::warn!(%error, "the database is not available");
                Self(FailureKind::Offline)
            }
            error => {
                tracing::error!(%error, "a page could not be made");
                Self::INTERNAL
            }
        }
    }
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::NotDemo => Self::NOT_FOUND,
            error => {
                tracing::warn!(%error, "a form was not taken");
                Self::BAD_REQUEST
            }
        }
    }
}

impl From<askama::Error> for Failed {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be laid out");
        Self::INTERNAL
    }
}

macro_rules! unreadable {
    ($($rejection:ty),+) => {$(
        impl From<$rejection> for Failed {
            fn from(_: $rejection) -> Self { Self::BAD_REQUEST }
        }
    )+};
}
unreadable!(FormRejection, QueryRejection);

/// The fields of a form. One that cannot be read is a bad request, and the answer repeats nothing of it.
#[derive(FromRequest)]
#[from_request(via(Form), rejection(Failed))]
pub(crate) struct Fields<T>(pub T);

/// The query of an address, read as strictly.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Failed))]
pub(crate) struct Asking<T>(pub T);

pub(crate) async fn not_found() -> Failed {
    Failed::NOT_FOUND
}

/// A panic is a fault of ours. What it says may name a value, so it goes nowhere but to the process's own panic hook.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request ended in a panic");
    Failed::INTERNAL.into_response()
}
