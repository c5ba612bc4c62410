//! Who comes in: HTTP Basic with the account and its token, or an API key and its secret (TW-04). The address has to name the account that the
//! credentials belong to.

use super::error::ApiError;
use crate::App;
use crate::patient::Visitor;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wellsent_engine::{Caller, NotLetIn};

/// The longest credentials that are looked at.
const CREDENTIALS_MAX: usize = 512;
/// How long somebody has to wait who sent wrong credentials again and again.
const GUESSER_WAITS: i64 = 600;

/// An application that is let in.
pub(super) struct Signed(pub Caller);

impl FromRequestParts<App> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Visitor(from) = Visitor::from_request_parts(parts, app).await.unwrap_or_else(|never| match never {});
        let (name, secret) = credentials(parts).unwrap_or_default();
        let caller = app.engine.let_in(&name, &secret, from).await.map_err(|refused| match refused {
            NotLetIn::Wrong => ApiError::not_signed(),
            NotLetIn::TooManyFailures => ApiError::too_many(GUESSER_WAITS),
            NotLetIn::TooManyRequests { retry_after } => ApiError::too_many(retry_after),
            NotLetIn::Unavailable => ApiError::unavailable(),
        })?;
        let named = path_part(parts, app, "account").await?;
        let named = named.strip_suffix(".json").unwrap_or(&named);
        if named != caller.application.account_sid {
            return Err(ApiError::not_found());
        }
        Ok(Self(caller))
    }
}

/// A part of the address by its name.
pub(super) async fn path_part(parts: &mut Parts, app: &App, name: &str) -> Result<String, ApiError> {
    let path = RawPathParams::from_request_parts(parts, app).await.map_err(|_| ApiError::not_found())?;
    path.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).ok_or_else(ApiError::not_found)
}

fn credentials(parts: &Parts) -> Option<(String, String)> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok().filter(|value| value.len() <= CREDENTIALS_MAX)?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(name, secret)| (name.to_owned(), secret.to_owned()))
}
