//! Recording and ending agreements (H-19, TW-01, TW-02).

use super::{Entered, HERE, managers_only, render};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::present::service;
use crate::console::view::AgreementForm;
use crate::failure::Failed;
use aws_lc_rs::digest::{Context, SHA256};
use axum::extract::multipart::Field;
use axum::extract::{Multipart, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use std::collections::HashMap;
use wellsent_domain::AgreementId;
use wellsent_domain::practice::{Agreement, Service, Services};
use wellsent_engine::Change;
use wellsent_store::{StoreError, Tx, agreements};

/// The largest body of the form. The file in it is only read through.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
const FIELD_CHARS_MAX: usize = 200;

/// The services as the form shows them.
pub(super) fn services(is_ticked: impl Fn(Service) -> bool) -> Vec<(&'static str, &'static str, bool)> {
    Service::ALL.iter().map(|known| (known.as_str(), service(*known), is_ticked(*known))).collect()
}

/// What was sent. Of the file only its digest is left.
#[derive(Default)]
struct Sent {
    fields: HashMap<String, String>,
    digest: Option<[u8; 32]>,
    is_cut: bool,
}

impl Sent {
    async fn read(mut form: Multipart) -> Result<Self, Failed> {
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await.map_err(|_| Failed::BAD_REQUEST)? {
            let Some(name) = field.name().map(str::to_owned) else { continue };
            if name == "file" {
                match digest(field).await {
                    Ok(digest) => sent.digest = digest,
                    // Too large, or cut off: the fields before it are there already.
                    Err(()) => {
                        sent.is_cut = true;
                        break;
                    }
                }
                continue;
            }
            let text = field.text().await.map_err(|_| Failed::BAD_REQUEST)?;
            sent.fields.insert(name, text.trim().chars().take(FIELD_CHARS_MAX).collect());
        }
        Ok(sent)
    }

    fn text(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }
}

/// SHA-256 of a file, read piece by piece; `None` for an empty one.
async fn digest(mut field: Field<'_>) -> Result<Option<[u8; 32]>, ()> {
    let (mut context, mut bytes) = (Context::new(&SHA256), 0);
    while let Some(piece) = field.chunk().await.map_err(drop)? {
        context.update(&piece);
        bytes += piece.len();
    }
    Ok(if bytes == 0 { None } else { context.finish().as_ref().try_into().ok() })
}

/// Records a signed agreement.
pub(super) async fn record(State(app): State<App>, staff: SignedInStaff, headers: HeaderMap, form: Multipart) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let sent = Sent::read(form).await?;
    let covered: Vec<Service> = Service::ALL.iter().copied().filter(|known| sent.text(known.as_str()) == "yes").collect();
    let mut form = AgreementForm {
        is_open: true,
        carriers: Vec::new(),
        carrier: sent.text("carrier"),
        account: sent.text("account"),
        party: sent.text("party"),
        services: services(|known| covered.contains(&known)),
        from: sent.text("from"),
        until: sent.text("until"),
        faults: Vec::new(),
    };
    let health = app.engine.carriers().into_iter().find(|health| health.name == form.carrier).ok_or(Failed::BAD_REQUEST)?;
    let (from, until) = (form.from.parse::<Date>(), form.until.parse::<Date>());
    let mut fault = |field, text| form.faults.push((field, text));
    match (&health.account, form.account.as_str()) {
        (Some(_), "") => fault("account", "This carrier has accounts. Give the one that the agreement names."),
        (None, named) if !named.is_empty() => fault("account", "This carrier has no accounts. Leave it empty."),
        _ => {}
    }
    if form.party.is_empty() {
        fault("party", "Give the name of the other party, as it signed.");
    }
    if from.is_err() {
        fault("from", "Give the first day on which it holds.");
    }
    match (&from, &until) {
        (_, Err(_)) if !form.until.is_empty() => fault("until", "That is not a day."),
        (Ok(from), Ok(until)) if until < from => fault("until", "It ends before it begins."),
        _ => {}
    }
    if covered.is_empty() {
        fault("services", "Tick at least one service that it covers.");
    }
    if sent.is_cut {
        fault("file", "The file did not come through, or it is larger than 60 MB. Choose it again, or leave it out.");
    }
    let from = match from {
        Ok(from) if form.faults.is_empty() => from,
        _ => return render(&app, &staff, Entered { agreement: Some(form), ..Entered::default() }, &headers).await,
    };
    let now = app.engine.now();
    let agreement = Agreement {
        from,
        until: until.ok(),
        ended_at: None,
        services: Services::of(&covered),
        account: Some(form.account).filter(|account| !account.is_empty()),
    };
    let (carrier, party, file) = (form.carrier, form.party, sent.digest);
    let add = move |tx: &mut Tx<'_, '_>| agreements::add(tx, &carrier, &party, agreement.clone(), file, now);
    app.engine.store().write(staff.access, add).await?;
    app.engine.announce(Change::Messages(staff.access.practice));
    Ok(back_with(&app, &format!("{HERE}#agreements"), Note::AgreementRecorded))
}

/// Ends an agreement at once.
pub(super) async fn end(State(app): State<App>, staff: SignedInStaff, Path(id): Path<String>) -> Result<Response, Failed> {
    managers_only(&staff)?;
    let id: AgreementId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let now = app.engine.now();
    let note = match app.engine.store().write(staff.access, move |tx: &mut Tx<'_, '_>| agreements::end(tx, id, now)).await {
        Ok(()) => Note::AgreementEnded,
        Err(StoreError::Stale { .. }) => Note::Stale,
        Err(error) => return Err(error.into()),
    };
    app.engine.announce(Change::Messages(staff.access.practice));
    Ok(back_with(&app, &format!("{HERE}#agreements"), note))
}
