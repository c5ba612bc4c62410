//! Programs that come in by HTTP.

mod twilio;

use crate::App;
use axum::Router;

pub(crate) fn routes() -> Router<App> {
    twilio::routes()
}
