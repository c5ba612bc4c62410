//! The demo's clock.

use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::failure::{Failed, Fields};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::DateTime;
use serde::Deserialize;
use wellsent_engine::ClockMove;
use wellsent_store::{StoreError, Tx, practices};

#[derive(Deserialize)]
pub(crate) struct Moving {
    #[serde(default)]
    back: String,
    #[serde(rename = "move")]
    by: String,
    #[serde(default)]
    to: String,
}

/// Moves the clock ahead. What became due happens by itself.
pub(crate) async fn advance(State(app): State<App>, staff: SignedInStaff, Fields(form): Fields<Moving>) -> Result<Response, Failed> {
    let by = match form.by.as_str() {
        "hour" => ClockMove::Hours(1),
        "day" => ClockMove::Days(1),
        "due" => ClockMove::NextDue,
        "to" => {
            let load = |tx: &mut Tx<'_, '_>| Ok::<_, StoreError>(practices::get(tx)?.practice.zone);
            let zone = app.engine.store().read(staff.access, load).await?;
            let wanted =
                form.to.parse::<DateTime>().ok().and_then(|local| local.to_zoned_datetime(zone).ok()).map(|zoned| zoned.timestamp());
            match wanted {
                Some(at) if at > app.engine.now() => ClockMove::To(at),
                _ => return Ok(back_with(&app, &form.back, Note::BadTime)),
            }
        }
        _ => return Err(Failed::BAD_REQUEST),
    };
    app.engine.advance_clock(by).await?;
    Ok(back_with(&app, &form.back, Note::ClockMoved))
}
