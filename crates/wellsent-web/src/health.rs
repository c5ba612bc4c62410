//! Is the process alive, and can it work?

use crate::App;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use wellsent_store::{StoreError, SystemTx, installation};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> &'static str {
    "ok\n"
}

/// Ready means: not on the way out, and the database answers and takes writes.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if *app.shutdown.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if app.engine.store().db().is_poisoned() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the database has to be reopened\n");
    }
    let asked = app.engine.store().system_read(|tx: &mut SystemTx<'_, '_>| installation::get(tx)).await;
    match asked {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            let error: StoreError = error;
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
