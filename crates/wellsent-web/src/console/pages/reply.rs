//! Answering a patient.

use super::{inbox, person};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::back::safe;
use crate::console::flash::{Note, back_with};
use crate::console::present::{Calendar, contact_trouble};
use crate::console::view::ReplyBox;
use crate::failure::{Failed, Fields};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::consent::Directive;
use wellsent_domain::person::{ContactState, Standing};
use wellsent_domain::{ContactPointId, PersonId, Phi};
use wellsent_engine::{EngineError, ReplyOutcome, ReplyRequest};
use wellsent_store::StoreError;
use wellsent_store::views::person::{Chart, NumberChart};

#[derive(Deserialize)]
pub(crate) struct Writing {
    contact_point: String,
    #[serde(default)]
    back: String,
    body: String,
    #[serde(default)]
    acknowledged: String,
}

/// What was written and why it is not sent yet.
pub(crate) struct Draft {
    pub body: String,
    pub warning: String,
}

/// Sends a text to the gate, or shows what the guard says about it first (M-01). The draft stays on the page; it goes into no address and no
/// cookie.
pub(crate) async fn send(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
    Fields(form): Fields<Writing>,
) -> Result<Response, Failed> {
    let person: PersonId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let contact_point: ContactPointId = form.contact_point.parse().map_err(|_| Failed::BAD_REQUEST)?;
    let request = ReplyRequest { person, contact_point, body: Phi::new(form.body.clone()), acknowledged: form.acknowledged == "yes" };
    match app.engine.reply(staff.access, request).await {
        Ok(ReplyOutcome::Queued(_)) => Ok(back_with(&app, &form.back, Note::Queued)),
        Ok(ReplyOutcome::NeedsAcknowledgement { reasons }) => {
            let warning =
                format!("Read it once more: {}. Texts are not encrypted; say it in neutral words if you can.", reasons.join("; "));
            let draft = Draft { body: form.body, warning };
            match safe(&form.back).strip_prefix("/inbox/") {
                Some(thread) => inbox::render(&app, &staff, inbox::Show::All, Some(thread), Some(draft), &headers).await,
                None => person::render(&app, &staff, person, Some(draft), &headers).await,
            }
        }
        Err(EngineError::BadText) => Ok(back_with(&app, &form.back, Note::BadText)),
        Err(EngineError::NoNumber) => Ok(back_with(&app, &form.back, Note::NoNumber)),
        Err(EngineError::Store(StoreError::Stale { .. })) => Ok(back_with(&app, &form.back, Note::Stale)),
        Err(error) => Err(error.into()),
    }
}

/// The form below a conversation. What surely cannot go is said here; everything else is for the gate to say.
pub(super) fn reply_box(chart: &Chart, number: &NumberChart, back: String, draft: Option<Draft>, calendar: &Calendar) -> ReplyBox {
    let (body, warning) = draft.map_or((String::new(), None), |draft| (draft.body, Some(draft.warning)));
    ReplyBox {
        person_id: chart.person.id.to_string(),
        person: chart.person.name.expose().full(),
        contact_point: number.stored.contact.id.to_string(),
        number: number.stored.contact.number.expose().national(),
        blocked: blocked(chart, number, calendar),
        draft: body,
        warning,
        back,
    }
}

fn blocked(chart: &Chart, number: &NumberChart, calendar: &Calendar) -> Option<String> {
    let contact = &number.stored.contact;
    if chart.person.standing == Standing::Deceased {
        return Some("The patient has died. Nothing is sent.".to_owned());
    }
    if let Some(stopped) = &number.stopped {
        return Some(format!("Texts to this number are stopped since {}. Please call.", calendar.words(stopped.suppression.at)));
    }
    if contact.state != ContactState::Live {
        return Some(format!("Nothing can be sent here: {}.", contact_trouble(contact.state)));
    }
    let binds = |directive: &Directive| matches!(directive, Directive::NeverText | Directive::NotThisNumber);
    let bound = chart.directives.iter().any(|held| binds(&held.directive) && held.contact_point.is_none_or(|at| at == contact.id));
    bound.then(|| "The patient asked not to be texted here. Please call or write.".to_owned())
}
