//! The staff console: pages rendered on the server, useful without any script.
//!
//! A page is a file in `pages`: its handler, and the forms that belong to it. A handler reads what it shows inside one transaction that also
//! leaves the ledger entry for the reading (P7), turns it into a view by `present`, and renders.

mod back;
mod flash;
mod frame;
mod may_text;
pub(crate) mod pages;
mod present;
mod reminder;
pub mod view;

use crate::App;
use crate::failure::Failed;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::csrf::CsrfLayer;

/// The routes of the console. The upload has a larger limit and stands in its own file.
pub(crate) fn routes(demo: bool) -> Router<App> {
    let router = Router::new()
        .route("/assets/{name}", get(asset))
        .route("/sign-in", get(pages::sign_in::door).merge(form(pages::sign_in::enter)))
        .route("/sign-in/{token}", get(pages::sign_in::link))
        .route("/sign-out", form(pages::sign_in::leave))
        .route("/", get(pages::today::page))
        .route("/inbox", get(pages::inbox::list))
        .route("/inbox/{thread}", get(pages::inbox::open))
        .route("/tasks", get(pages::tasks::page))
        .route("/tasks/{id}/done", form(pages::tasks::done))
        .route("/people", get(pages::people::page).merge(form(pages::people::search)))
        .route("/people/{id}", get(pages::person::page))
        .route("/people/{id}/reply", form(pages::reply::send))
        .merge(pages::permissions::routes())
        .merge(pages::carriers::routes())
        .route("/messages", get(pages::messages::page))
        .route("/messages/{id}", get(pages::message::page))
        .route("/messages/{id}/release", form(pages::message::release))
        .route("/messages/{id}/withdraw", form(pages::message::withdraw))
        .route("/consents", get(pages::consents::page))
        .route("/consents/export", get(pages::consents::export))
        .route("/ledger", get(pages::ledger::page))
        .route("/ledger/checkpoint", get(pages::ledger::checkpoint));
    if !demo {
        return router;
    }
    router
        .route("/demo/clock", form(pages::clock::advance))
        .route("/phones", get(pages::phones::list))
        .route("/phones/carrier", form(pages::phones::carrier))
        .route("/phones/{id}", get(pages::phones::open))
        .route("/phones/{id}/reply", form(pages::phones::reply))
}

/// A form of this site's own pages. One that a browser sends from another site is refused: the browser says where it comes from.
pub(crate) fn form<H, T>(handler: H) -> MethodRouter<App>
where
    H: Handler<T, App>,
    T: 'static,
{
    post(handler).layer(CsrfLayer::new())
}

fn page(view: &impl Template) -> Result<Response, Failed> {
    Ok(Html(view.render()?).into_response())
}

async fn asset(Path(name): Path<String>) -> Result<Response, Failed> {
    let asset = view::assets::find(&name).ok_or(Failed::NOT_FOUND)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)),
        // Pages name each asset together with the version of all of them.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, asset.body).into_response())
}
