//! Answering a patient.

use super::number::number_of;
use super::{inbox, person};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::back::safe;
use crate::console::flash::{Note, back_with};
use crate::console::present::{Calendar, contact_trouble};
use crate::console::view::{GuardPiece, GuardWarning, ReplyBox};
use crate::failure::{Failed, Fields};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use wellsent_domain::consent::Directive;
use wellsent_domain::person::{ContactState, Standing};
use wellsent_domain::staff::{OverrideReason, Role};
use wellsent_domain::{Language, PersonId, Phi};
use wellsent_engine::{EngineError, Found, ReplyOutcome, ReplyRequest};
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_store::{StoreError, Tx, people, practices};

#[derive(Deserialize)]
pub(crate) struct Writing {
    contact_point: String,
    #[serde(default)]
    back: String,
    body: String,
    /// What is to be done with a text in which the guard found something; empty for one that is sent the first time.
    #[serde(default)]
    how: String,
    /// Why it is to go all the same.
    #[serde(default)]
    reason: String,
}

/// What was written and why it is not sent yet.
pub(crate) struct Draft {
    body: String,
    warning: Option<Warning>,
}

struct Warning {
    found: Vec<Found>,
    may_be_overridden: bool,
    fault: &'static str,
}

/// Sends a text to the gate, or shows what the guard found in it first (M-01): then it goes on a secure page, in neutral words, or, where the
/// role allows it and with a reason, as it is. The draft stays on the page; it goes into no address and no cookie.
pub(crate) async fn send(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    headers: HeaderMap,
    Fields(form): Fields<Writing>,
) -> Result<Response, Failed> {
    let (person, contact_point) = number_of(&app, &staff, &id, &form.contact_point).await?;
    let body = Phi::new(form.body.clone());
    let outcome = match form.how.as_str() {
        "page" => match app.engine.send_page(staff.access, staff.who.staff, contact_point, body).await {
            Ok(_) => return Ok(back_with(&app, &form.back, Note::PageSent)),
            Err(error) => Err(error),
        },
        "neutral" => {
            let draft = Draft { body: please_call(&app, &staff, person).await?, warning: None };
            return shown(&app, &staff, person, &form.back, draft, &headers).await;
        }
        how => {
            let acknowledged = if how == "override" { OverrideReason::parse(&form.reason) } else { None };
            let request = ReplyRequest { person, contact_point, body, acknowledged, role: staff.who.role };
            app.engine.reply(staff.access, request).await
        }
    };
    match outcome {
        Ok(ReplyOutcome::Queued(_)) => Ok(back_with(&app, &form.back, Note::Queued)),
        Ok(ReplyOutcome::NeedsAcknowledgement { found, may_be_overridden }) => {
            let asked = form.how == "override" && may_be_overridden && staff.who.role.may_override_guard();
            let fault = if asked { "Choose why it may go as it is." } else { "" };
            let draft = Draft { body: form.body, warning: Some(Warning { found, may_be_overridden, fault }) };
            shown(&app, &staff, person, &form.back, draft, &headers).await
        }
        Err(EngineError::BadText) => Ok(back_with(&app, &form.back, Note::BadText)),
        Err(EngineError::NoNumber) => Ok(back_with(&app, &form.back, Note::NoNumber)),
        Err(EngineError::Store(StoreError::Stale { .. })) => Ok(back_with(&app, &form.back, Note::Stale)),
        Err(error) => Err(error.into()),
    }
}

/// The page on which something was written, with the draft in its form.
async fn shown(
    app: &App,
    staff: &SignedInStaff,
    person: PersonId,
    back: &str,
    draft: Draft,
    headers: &HeaderMap,
) -> Result<Response, Failed> {
    match safe(back).strip_prefix("/inbox/") {
        Some(thread) => inbox::render(app, staff, inbox::Show::All, Some(thread), Some(draft), headers).await,
        None => person::render(app, staff, person, Some(draft), headers).await,
    }
}

/// Neutral words that always may go, in the patient's language.
async fn please_call(app: &App, staff: &SignedInStaff, person: PersonId) -> Result<String, Failed> {
    let load =
        move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok((people::get(tx, person)?.language, practices::get(tx)?.practice)) };
    let (language, practice) = app.engine.store().read(staff.access, load).await?;
    let (name, phone) = (practice.text_name, practice.call_back.national());
    Ok(match language {
        Language::En => format!("{name}: please call us at {phone} when you can."),
        Language::Es => format!("{name}: por favor llámenos al {phone} cuando pueda."),
    })
}

/// The form below a conversation. What surely cannot go is said here; everything else is for the gate to say.
pub(super) fn reply_box(
    chart: &Chart,
    number: &NumberChart,
    back: String,
    draft: Option<Draft>,
    role: Role,
    calendar: &Calendar,
) -> ReplyBox {
    let (body, warning) = draft.map_or((String::new(), None), |draft| (draft.body, draft.warning));
    ReplyBox {
        person_id: chart.person.id.to_string(),
        person: chart.person.name.expose().full(),
        contact_point: number.stored.contact.id.to_string(),
        number: number.stored.contact.number.expose().national(),
        blocked: blocked(chart, number, calendar),
        warning: warning.map(|warning| warned(&body, &warning, chart.person.language, role)),
        draft: body,
        back,
    }
}

fn warned(body: &str, warning: &Warning, language: Language, role: Role) -> GuardWarning {
    let may_override = warning.may_be_overridden && role.may_override_guard();
    let mut reasons: Vec<String> = Vec::new();
    for found in &warning.found {
        if !reasons.iter().any(|known| known == found.why) {
            reasons.push(found.why.to_owned());
        }
    }
    GuardWarning {
        pieces: pieces(body, &warning.found),
        lang: language.as_str().to_owned(),
        reasons,
        fault: warning.fault.to_owned(),
        overrides: match may_override {
            true => OverrideReason::ALL.iter().map(|reason| (reason.as_str(), reason.sentence())).collect(),
            false => Vec::new(),
        },
        who_could: match (warning.may_be_overridden, may_override) {
            (false, _) => "This never goes by text, whoever sends it.",
            (true, false) => "If it has to go as it is, a clinician or a manager can send it with a reason.",
            (true, true) => "",
        },
    }
}

/// The draft cut at what was found. What was found is counted in the text without the blanks around it.
fn pieces(body: &str, found: &[Found]) -> Vec<GuardPiece> {
    let letters: Vec<char> = body.trim().chars().collect();
    let text = |from: usize, to: usize| letters.get(from..to).map(|part| part.iter().collect::<String>()).unwrap_or_default();
    let mut pieces = Vec::with_capacity(2 * found.len() + 1);
    let mut place = 0;
    for one in found {
        let (start, end) = (one.start.clamp(place, letters.len()), one.end.clamp(place, letters.len()));
        if start >= end {
            continue;
        }
        pieces.push(GuardPiece { text: text(place, start), why: String::new() });
        pieces.push(GuardPiece { text: text(start, end), why: one.why.to_owned() });
        place = end;
    }
    pieces.push(GuardPiece { text: text(place, letters.len()), why: String::new() });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(start: usize, end: usize) -> Found {
        Found { start, end, why: "names a condition", sensitive: false }
    }

    fn cut(body: &str, found: &[Found]) -> Vec<(String, bool)> {
        pieces(body, found).into_iter().map(|piece| (piece.text, !piece.why.is_empty())).collect()
    }

    #[test]
    fn a_draft_is_cut_at_what_was_found_and_nothing_of_it_is_lost() {
        let cut_up = cut("  ¡Su diabetes! ", &[found(4, 12)]);
        assert_eq!(cut_up, [("¡Su ".to_owned(), false), ("diabetes".to_owned(), true), ("!".to_owned(), false)]);
        for places in [vec![], vec![found(0, 99)], vec![found(5, 3)], vec![found(2, 6), found(4, 8)]] {
            let whole: String = pieces("añb🙂cdefgh", &places).into_iter().map(|piece| piece.text).collect();
            assert_eq!(whole, "añb🙂cdefgh");
        }
    }
}
