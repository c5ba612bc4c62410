//! Uploading a file.

use super::{finish, flash_of};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::form;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, capital};
use crate::console::view::{Import, ImportReport, ImportedKind, Rejected, Section};
use crate::failure::Failed;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use std::io::Cursor;
use wellsent_engine::Change;
use wellsent_engine::import::{self, Field, ImportError, Kind, Options, Report};
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx};

/// The largest file that a page takes; larger ones go in at the command line, which reads them piece by piece.
const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
const REJECTS_SHOWN: usize = 100;
const NAME_CHARS: usize = 80;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/import", get(page).merge(form(upload))).layer(DefaultBodyLimit::max(FILE_BYTES_MAX + 64 * 1024))
}

/// The page with its form.
async fn page(State(app): State<App>, staff: SignedInStaff, headers: HeaderMap) -> Result<Response, Failed> {
    render(&app, &staff, ImportedKind::Appointments, None, &headers).await
}

/// What was uploaded.
#[derive(Default)]
struct Uploaded {
    kind: Option<ImportedKind>,
    name: String,
    bytes: Bytes,
}

async fn read_form(mut form: Multipart) -> Result<Uploaded, Failed> {
    let mut uploaded = Uploaded::default();
    while let Some(field) = form.next_field().await.map_err(|_| Failed::BAD_REQUEST)? {
        match field.name() {
            Some("kind") => {
                let word = field.text().await.map_err(|_| Failed::BAD_REQUEST)?;
                uploaded.kind = ImportedKind::parse(&word);
            }
            Some("file") => {
                uploaded.name = field.file_name().unwrap_or("file").chars().take(NAME_CHARS).collect();
                uploaded.bytes = field.bytes().await.map_err(|_| Failed::BAD_REQUEST)?;
            }
            _ => {}
        }
    }
    Ok(uploaded)
}

/// Brings a file in and says what became of it.
async fn upload(State(app): State<App>, staff: SignedInStaff, headers: HeaderMap, form: Multipart) -> Result<Response, Failed> {
    let Uploaded { kind, name, bytes } = read_form(form).await?;
    let kind = kind.ok_or(Failed::BAD_REQUEST)?;
    let now = app.engine.now();
    let frame_of = move |tx: &mut Tx<'_, '_>| views::frame::load(tx, now);
    let frame = app.engine.store().read::<_, StoreError, _>(staff.access, frame_of).await?;
    let calendar = calendar(&frame, now);
    let (store, access, zone) = (app.engine.store().clone(), staff.access, calendar.zone().clone());
    let what = match kind {
        ImportedKind::Appointments => Kind::Appointments,
        ImportedKind::Patients => Kind::Patients,
        ImportedKind::Consents => Kind::Consents,
    };
    let run = move || {
        let total = bytes.len() as u64;
        import::run(&store, access, what, Cursor::new(bytes), Some(total), &Options::new(zone), now, &mut |_| {})
    };
    let done = tokio::task::spawn_blocking(run).await.map_err(|_| Failed::INTERNAL)?;
    app.engine.announce(Change::Visits(staff.access.practice));
    let outcome = match done {
        Ok(report) => Ok(report_view(name, &report, &calendar)),
        Err(ImportError::Store(error)) => return Err(error.into()),
        Err(error) => Err(format!("{}.", capital(&error.to_string()))),
    };
    render(&app, &staff, kind, Some(outcome), &headers).await
}

async fn render(
    app: &App,
    staff: &SignedInStaff,
    kind: ImportedKind,
    outcome: Option<Result<ImportReport, String>>,
    headers: &HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let load = move |tx: &mut Tx<'_, '_>| views::frame::load(tx, now);
    let frame = app.engine.store().read::<_, StoreError, _>(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let (report, failure) = match outcome {
        None => (None, None),
        Some(Ok(report)) => (Some(report), None),
        Some(Err(failure)) => (None, Some(failure)),
    };
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let view = Import {
        shell: shell(app, staff, &frame, &calendar, Place { section: Section::Import, back: "/import", flash }),
        kind,
        failure,
        report,
    };
    finish(app, &view, was_shown)
}

fn report_view(file: String, report: &Report, calendar: &Calendar) -> ImportReport {
    let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let shown = report.rejects.iter().take(REJECTS_SHOWN);
    let rejected: Vec<_> = shown
        .map(|reject| Rejected {
            line: reject.line,
            field: reject.field.map(|field| heading(report, field)).unwrap_or_default(),
            reason: format!("{}.", capital(&reject.reason.sentence())),
        })
        .collect();
    let warnings = report.warnings.iter().map(|warning| format!("{}: {}.", warning.count, warning.kind.sentence()));
    let mut effect: Vec<_> = warnings.collect();
    if report.added + report.changed > 0 {
        effect.insert(0, "Reminders are planned from it at once.".to_owned());
    }
    ImportReport {
        file,
        at: calendar.when(calendar.now()),
        accepted: small(report.added),
        changed: small(report.changed),
        unchanged: small(report.unchanged),
        effect: effect.join(" "),
        rejected_more: small(report.rejects_total.saturating_sub(rejected.len() as u64)),
        rejected,
    }
}

/// The heading by which the file itself calls a field; empty for a field that it does not have.
fn heading(report: &Report, field: Field) -> String {
    report.header.iter().find(|(_, understood)| *understood == Some(field)).map(|(heading, _)| heading.clone()).unwrap_or_default()
}
