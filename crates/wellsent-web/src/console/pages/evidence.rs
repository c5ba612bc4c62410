//! What shows an act of consent, as it was kept.

use super::read;
use crate::App;
use crate::access::SignedInStaff;
use crate::failure::Failed;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use wellsent_domain::{EvidenceId, PersonId};
use wellsent_store::evidence::{self, EvidenceKind, ScanType};
use wellsent_store::{StoreError, Tx};

/// Nothing in a piece of evidence runs or loads, whoever made it.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Serves a signature, a scan or a reference. A scan came from outside and is never shown as a page of this site.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, id)): Path<(String, String)>,
) -> Result<Response, Failed> {
    let person: PersonId = person.parse().map_err(|_| Failed::NOT_FOUND)?;
    let id: EvidenceId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let now = app.engine.now();
    let load = move |tx: &mut Tx<'_, '_>| {
        let found = evidence::get(tx, person, id)?;
        tx.record(now, read("evidence", now).word("person", person).word("evidence", id));
        Ok::<_, StoreError>(found)
    };
    let (kind, body) = app.engine.store().write(staff.access, load).await?;
    let disposition = match kind {
        EvidenceKind::Signature | EvidenceKind::Reference => "inline",
        EvidenceKind::Scan(ScanType::Pdf) => "attachment; filename=\"signed-form.pdf\"",
        EvidenceKind::Scan(ScanType::Jpeg) => "attachment; filename=\"signed-form.jpg\"",
        EvidenceKind::Scan(ScanType::Png) => "attachment; filename=\"signed-form.png\"",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
    ];
    Ok((headers, body.into_exposed()).into_response())
}
