//! Who comes in: extractors that a handler names in its signature. There is no other way to a page's data.
//!
//! A session is a secret in a cookie that no script can read and that no other site can make a browser send. It ends 15 minutes after the last
//! act of the person (H-24) and at the latest after twelve hours (N-08); pages that fetch themselves are no act.

use crate::App;
use crate::failure::Failed;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wellsent_domain::PracticeId;
use wellsent_store::sessions::{self, SignedIn};
use wellsent_store::{Access, Actor, SystemTx};

/// The mark of a page that fetches itself.
const LIVE: &str = "x-live";

/// A member of staff who is signed in.
#[derive(Debug, Clone)]
pub struct SignedInStaff {
    /// Who, and of which practice.
    pub who: SignedIn,
    /// What they may reach: their practice and nothing else.
    pub access: Access,
    /// Whether it is the page that asks, and not the person.
    pub is_live: bool,
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Refused {
    /// Nobody is signed in: to the page in front of the door.
    NotSignedIn {
        /// Whether there was a session that ended.
        ended: bool,
    },
    /// The session could not be looked up.
    Unavailable,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::NotSignedIn { ended: false } => Redirect::to("/sign-in").into_response(),
            Self::NotSignedIn { ended: true } => Redirect::to("/sign-in?why=ended").into_response(),
            Self::Unavailable => Failed(crate::console::view::FailureKind::Offline).into_response(),
        }
    }
}

impl FromRequestParts<App> for SignedInStaff {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let is_live = parts.headers.contains_key(LIVE);
        let who = find(app, &parts.headers, !is_live).await?;
        let access = Access { practice: who.practice, actor: Actor::Staff(who.staff, who.session) };
        Ok(Self { who, access, is_live })
    }
}

/// Somebody whose open page watches for changes. It keeps no session alive.
#[derive(Clone)]
pub struct Watching {
    /// The practice.
    pub practice: PracticeId,
    secret: String,
}

impl Watching {
    /// Whether the session still lives. A session that cannot be looked up is taken to: the page learns the truth when it fetches itself.
    pub(crate) async fn is_signed_in(&self, app: &App) -> bool {
        !matches!(look_up(app, self.secret.clone(), false).await, Err(Refused::NotSignedIn { .. }))
    }
}

impl FromRequestParts<App> for Watching {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, StatusCode> {
        let secret = session_secret(app, &parts.headers).unwrap_or_default().to_owned();
        match find(app, &parts.headers, false).await {
            Ok(who) => Ok(Self { practice: who.practice, secret }),
            Err(Refused::NotSignedIn { .. }) => Err(StatusCode::UNAUTHORIZED),
            Err(Refused::Unavailable) => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

async fn find(app: &App, headers: &HeaderMap, is_act: bool) -> Result<SignedIn, Refused> {
    match session_secret(app, headers) {
        Some(secret) => look_up(app, secret.to_owned(), is_act).await,
        None => Err(Refused::NotSignedIn { ended: false }),
    }
}

async fn look_up(app: &App, secret: String, is_act: bool) -> Result<SignedIn, Refused> {
    let now = session_clock(app);
    let found = if is_act {
        let look = move |tx: &mut SystemTx<'_, '_>| {
            let found = sessions::find(tx, &secret, now)?;
            if found.is_some() {
                sessions::seen(tx, &secret, now)?;
            }
            Ok::<_, wellsent_store::StoreError>(found)
        };
        app.engine.store().system(look).await
    } else {
        app.engine.store().system_read(move |tx: &mut SystemTx<'_, '_>| sessions::find(tx, &secret, now)).await
    };
    match found {
        Ok(Some(who)) => Ok(who),
        Ok(None) => Err(Refused::NotSignedIn { ended: true }),
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            Err(Refused::Unavailable)
        }
    }
}

/// The clock that sessions live by: real time. A demo whose clock moves on by a day does not sign anybody out.
pub(crate) fn session_clock(app: &App) -> Timestamp {
    let ahead = SignedDuration::from_micros(app.engine.clock().offset_micros());
    app.engine.now().saturating_sub(ahead).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The name of the session's cookie. The prefix makes a browser hold it to this host and to TLS.
fn cookie_name(app: &App) -> &'static str {
    if app.is_tls() { "__Host-wellsent" } else { "wellsent" }
}

/// The secret that a browser sends.
pub(crate) fn session_secret<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(headers, cookie_name(app))
}

/// A secret for a new session: 244 random bits.
pub(crate) fn new_secret() -> String {
    format!("{}{}", Uuid::new_v4().as_simple(), Uuid::new_v4().as_simple())
}

/// The cookie that begins a session, or ends it where there is no secret.
pub(crate) fn session_cookie(app: &App, secret: Option<&str>) -> HeaderValue {
    let age = if secret.is_some() { sessions::ABSOLUTE.as_secs() } else { 0 };
    set_cookie(app, cookie_name(app), secret.unwrap_or_default(), age)
}

/// The value of a cookie that a browser sends.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// A cookie that no script reads and no other site makes a browser send.
pub(crate) fn set_cookie(app: &App, name: &str, value: &str, seconds: i64) -> HeaderValue {
    let secure = if app.is_tls() { "; Secure" } else { "" };
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    // Names and values are our own and hold letters, digits and dashes.
    HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let headers = sent("a=1; xwellsent=2; wellsent=3");
        assert_eq!(cookie(&headers, "wellsent"), Some("3"));
        assert_eq!(cookie(&headers, "ellsent"), None);
        assert_eq!(cookie(&sent("wellsent="), "wellsent"), None);
    }

    #[test]
    fn two_secrets_differ_and_are_long() {
        assert_ne!(new_secret(), new_secret());
        assert_eq!(new_secret().len(), 64);
    }
}
