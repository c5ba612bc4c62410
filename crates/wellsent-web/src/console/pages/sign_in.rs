//! The door: one-time links, and the way out.

use crate::App;
use crate::access::{self, new_secret, session_clock, session_cookie};
use crate::console::page;
use crate::console::view::{SignIn, SignInState};
use crate::failure::{Asking, Failed, Fields};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use wellsent_store::sessions::{self, LinkState};
use wellsent_store::{StoreError, SystemTx};

/// No link is longer.
const TOKEN_MAX: usize = 200;

#[derive(Deserialize)]
pub(crate) struct Why {
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
pub(crate) struct Entering {
    token: String,
}

/// The page for anyone who is not signed in.
pub(crate) async fn door(State(app): State<App>, Asking(asked): Asking<Why>) -> Result<Response, Failed> {
    let state = match asked.why.as_str() {
        "ended" => SignInState::SessionEnded,
        "out" => SignInState::SignedOut,
        _ => SignInState::UseLink,
    };
    page(&SignIn { state, demo: app.demo })
}

/// Where a link leads. Looking at it does not use it: a mail program that opens every link would.
pub(crate) async fn link(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Failed> {
    if token.len() > TOKEN_MAX {
        return page(&SignIn { state: SignInState::Expired, demo: app.demo });
    }
    let (asked, now) = (token.clone(), session_clock(&app));
    let look = move |tx: &mut SystemTx<'_, '_>| sessions::link_state(tx, &asked, now);
    let found: LinkState = app.engine.store().system_read::<_, StoreError, _>(look).await?;
    let state = match found {
        LinkState::Fresh { name } => SignInState::Confirm { token, staff: name },
        other => refused(&other),
    };
    page(&SignIn { state, demo: app.demo })
}

fn refused(state: &LinkState) -> SignInState {
    match state {
        LinkState::Used => SignInState::Used,
        LinkState::Expired | LinkState::Fresh { .. } => SignInState::Expired,
    }
}

/// Uses a link, once.
pub(crate) async fn enter(State(app): State<App>, Fields(form): Fields<Entering>) -> Result<Response, Failed> {
    if form.token.len() > TOKEN_MAX {
        return Err(Failed::BAD_REQUEST);
    }
    let (secret, now) = (new_secret(), session_clock(&app));
    let mine = secret.clone();
    let sign_in = move |tx: &mut SystemTx<'_, '_>| sessions::sign_in(tx, &form.token, &mine, now);
    match app.engine.store().system::<_, StoreError, _>(sign_in).await? {
        Ok(_) => {
            let cookie = session_cookie(&app, Some(&secret));
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
        }
        Err(state) => page(&SignIn { state: refused(&state), demo: app.demo }),
    }
}

/// Ends the session.
pub(crate) async fn leave(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failed> {
    if let Some(secret) = access::session_secret(&app, &headers) {
        let (secret, now) = (secret.to_owned(), session_clock(&app));
        let sign_out = move |tx: &mut SystemTx<'_, '_>| sessions::sign_out(tx, &secret, now);
        app.engine.store().system::<_, StoreError, _>(sign_out).await?;
    }
    let cookie = session_cookie(&app, None);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/sign-in?why=out")).into_response())
}
