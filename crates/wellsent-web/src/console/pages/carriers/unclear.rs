//! Settling texts of unknown outcome, with what the carrier's log says (P4).

use super::{Entered, EnteredUnclear, HERE, managers_only, render};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::frame::calendar;
use crate::console::present::Calendar;
use crate::console::view::{LogAnswer, LogRow};
use crate::failure::{Failed, Fields};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::AttemptId;
use wellsent_domain::carrier_report::{DeliveryStatus, SettledBy};
use wellsent_engine::{EngineError, LogError, LogLine, Verdict};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx};

const CHARS_MAX: usize = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Settled {
    verdict: String,
    by: String,
    carrier_id: String,
}

/// Settles a text by what a person found out. Nothing is sent again unless that was chosen.
pub(super) async fn settle(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
    Fields(form): Fields<Settled>,
) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let id: AttemptId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let carrier_id = form.carrier_id.trim();
    let fault = match SettledBy::parse(&form.by) {
        None => "Say how you know.",
        Some(_) if carrier_id.chars().count() > CHARS_MAX || !carrier_id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            "The carrier's id has no spaces and at most 100 characters."
        }
        Some(by) => {
            let (verdict, note) = match form.verdict.as_str() {
                "went" => {
                    let carrier_message_id = (!carrier_id.is_empty()).then(|| carrier_id.to_owned());
                    (Verdict::Went { carrier_message_id }, Note::SettledWent)
                }
                "not" => (Verdict::DidNotGo { again: false }, Note::SettledNot),
                "again" => (Verdict::DidNotGo { again: true }, Note::SettledAgain),
                _ => return Err(Failed::BAD_REQUEST),
            };
            let note = match app.engine.settle_unknown_by(staff.access, id, verdict, by).await {
                Ok(()) => note,
                Err(EngineError::Store(StoreError::Stale { .. })) => Note::Stale,
                Err(error) => return Err(error.into()),
            };
            return Ok(back_with(&app, &format!("{HERE}#unclear"), note));
        }
    };
    let typed = EnteredUnclear { carrier_id: carrier_id.chars().take(CHARS_MAX).collect(), fault, answer: None };
    render(&app, &staff, Entered { unclear: Some((id, typed)), ..Entered::default() }, &headers).await
}

/// Asks the carrier's log about a text now, and shows the page with its answer.
pub(super) async fn ask(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let id: AttemptId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let now = app.engine.now();
    let frame = app.engine.store().read(staff.access, move |tx: &mut Tx<'_, '_>| views::frame::load(tx, now)).await;
    let calendar = calendar(&frame.map_err(|error: StoreError| Failed::from(error))?, now);
    let (answer, carrier_id) = match app.engine.log_of_unknown(staff.access, id).await {
        Ok(lines) => found(&lines, &calendar),
        Err(LogError::Settled) => return Ok(back_with(&app, &format!("{HERE}#unclear"), Note::Stale)),
        Err(LogError::Engine(error)) => return Err(error.into()),
        Err(error @ (LogError::NoCarrier | LogError::Lookup(_))) => {
            (LogAnswer { text: format!("{}.", crate::console::present::capital(&error.to_string())), lines: Vec::new() }, String::new())
        }
    };
    let typed = EnteredUnclear { answer: Some(answer), carrier_id, fault: "" };
    render(&app, &staff, Entered { unclear: Some((id, typed)), ..Entered::default() }, &headers).await
}

/// What a log shows, and the carrier's id of the text where exactly one entry fits.
fn found(lines: &[LogLine], calendar: &Calendar) -> (LogAnswer, String) {
    let fitting: Vec<_> = lines.iter().filter(|line| line.fits).collect();
    let text = match (fitting.len(), lines.len()) {
        (0, 0) => "nothing to this number around that time.",
        (0, _) => "texts to this number, and none of them is this one.",
        (1, _) => "it is there. It went.",
        _ => "more than one text that could be this one. Compare the times.",
    };
    let status = |status| match status {
        DeliveryStatus::Queued => "queued",
        DeliveryStatus::Sent => "sent on",
        DeliveryStatus::Failed => "failed",
        DeliveryStatus::Undelivered => "not delivered",
        DeliveryStatus::Delivered => "delivered",
    };
    let row = |line: &LogLine| LogRow {
        at: calendar.exactly(line.entry.sent_at),
        carrier_id: line.entry.carrier_message_id.clone(),
        status: status(line.entry.status).to_owned(),
        fits: line.fits,
    };
    let carrier_id = match fitting.as_slice() {
        [only] => only.entry.carrier_message_id.clone(),
        _ => String::new(),
    };
    (LogAnswer { text: text.to_owned(), lines: lines.iter().map(row).collect() }, carrier_id)
}
