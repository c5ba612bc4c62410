//! The HTTP side of Wellsent: the staff console, the pages of patients, the carriers' callbacks, and health.
//!
//! Every way in is a route of [`router`]. Who may come in is decided by an extractor in the handler's signature, see [`access`]; what a page
//! shows is plain data in [`console::view`]. Logs name the route's pattern, never a query, a body or a header.

pub mod access;
mod api;
pub mod console;
mod failure;
mod health;
mod hook;
mod live;
mod observe;
pub mod patient;

pub use patient::Peer;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use wellsent_engine::Engine;

/// How long a browser remembers that this host speaks only TLS.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// The largest form.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// After this long a page that is not there yet is given up.
const PAGE_DEADLINE: Duration = Duration::from_secs(30);

/// What the routes share.
#[derive(Clone)]
pub struct App {
    /// The engine.
    pub engine: Engine,
    /// The address at which browsers and carriers see this server, without a slash at its end: `https://texts.example.com`.
    pub public_url: Arc<str>,
    /// Whether this is the demo, with its clock and its phones.
    pub demo: bool,
    /// Becomes true when the server is to stop: open streams end.
    pub shutdown: watch::Receiver<bool>,
}

impl App {
    /// Whether browsers reach this server by TLS. Without it the server answers on its own machine only.
    pub fn is_tls(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App(..)")
    }
}

/// All routes.
pub fn router(app: App) -> Router {
    let pages = console::routes(app.demo)
        .merge(patient::routes())
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, PAGE_DEADLINE))
        .merge(live::routes())
        .merge(console::pages::import::routes());
    let router = Router::new()
        .merge(pages)
        .merge(hook::routes())
        .merge(api::routes())
        .merge(health::routes())
        .fallback(failure::not_found)
        .layer(CatchPanicLayer::custom(failure::panicked))
        .layer(middleware::from_fn(observe::observe));
    let fixed = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let router = router
        .layer(fixed(header::CONTENT_SECURITY_POLICY, console::view::assets::CONTENT_SECURITY_POLICY))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"));
    let router = match app.is_tls() {
        true => router.layer(SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, HSTS)),
        false => router,
    };
    router.with_state(app)
}

/// The Twilio-compatible routes alone, for a listener that must lead nowhere else and puts [`ConnectInfo`](axum::extract::ConnectInfo) on each
/// request.
pub fn twilio_router(app: App) -> Router {
    api::routes()
        .fallback(failure::not_found)
        .layer(CatchPanicLayer::custom(failure::panicked))
        .layer(middleware::from_fn(observe::observe))
        .layer(middleware::from_fn(patient::connected_from))
        .with_state(app)
}
