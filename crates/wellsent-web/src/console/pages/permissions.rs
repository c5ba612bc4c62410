//! What staff record and ask about a number: consent, codes, requests, authorizations (H-04, H-07, H-08, H-13, T-01, T-08).
//!
//! A form that something is wrong with comes back with everything that was entered; what is right leads back to the page of the number.

use super::number::{Entered, EnteredConsent, day_begins, number_of, render};
use super::upload::{BODY_BYTES_MAX, Scan, Uploaded};
use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::flash::{Note, back_with};
use crate::console::form;
use crate::console::frame::{Place, calendar, shell};
use crate::console::view::{AuthorizationForm as FormView, ChangeNumber, CheckInStarted, FailureKind, NumberPart, RequestForm, Section};
use crate::failure::{Failed, Fields};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::{Date, Time};
use serde::Deserialize;
use wellsent_domain::consent::{AuthorizationForm, Channel, Directive, Expiry, FormFault};
use wellsent_domain::quiet::Window;
use wellsent_domain::secure_page::PageKind;
use wellsent_domain::verification::{Limit, Tried};
use wellsent_domain::{ConsentEventId, ContactPointId, Language, MessageId, PersonId, Phi, PhoneNumber};
use wellsent_engine::{Choices, EngineError};
use wellsent_store::evidence::{EvidenceKind, NewEvidence};
use wellsent_store::views::person::Chart;
use wellsent_store::{StoreError, Tx, pages, views};
use wellsent_text::consent_wording::Subject;

/// The forms. Those with a scan take larger bodies.
pub(crate) fn routes() -> Router<App> {
    let scans = Router::new()
        .route("/people/{id}/numbers/{contact}/consent", form(consent))
        .route("/people/{id}/numbers/{contact}/authorizations", form(authorize))
        .route("/people/{id}/authorizations/{event}/end", form(end_authorization))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    Router::new()
        .route("/people/{id}/numbers/{contact}", get(super::number::page))
        .route("/people/{id}/numbers/{contact}/stop", form(stop))
        .route("/people/{id}/numbers/{contact}/code", form(send_code))
        .route("/people/{id}/numbers/{contact}/code/try", form(try_code))
        .route("/people/{id}/numbers/{contact}/unlock", form(unlock))
        .route("/people/{id}/numbers/{contact}/confirm", form(confirm))
        .route("/people/{id}/numbers/{contact}/warning", form(text_warning))
        .route("/people/{id}/numbers/{contact}/preferences", form(send_preferences))
        .route("/people/{id}/numbers/{contact}/check-in", form(check_in))
        .route("/people/{id}/numbers/{contact}/requests", form(request))
        .route("/people/{id}/requests/{event}/end", form(end_request))
        .route("/people/{id}/number", get(change_page).merge(form(change)))
        .route("/people/{id}/evidence/{evidence}", get(super::evidence::page))
        .route("/messages/{id}/page/revoke", form(revoke_page))
        .merge(scans)
}

/// The address of a number's page with a part unfolded.
fn at(person: PersonId, contact: ContactPointId, part: NumberPart) -> String {
    format!("/people/{person}/numbers/{contact}?open={}", part.as_str())
}

/// What stands when somebody else was faster is said in a sentence; everything else is a failure.
fn led<T>(app: &App, back: &str, outcome: Result<T, EngineError>, note: impl FnOnce(T) -> Note) -> Result<Response, Failed> {
    match outcome {
        Ok(value) => Ok(back_with(app, back, note(value))),
        Err(EngineError::Store(StoreError::Stale { .. })) => Ok(back_with(app, back, Note::Stale)),
        Err(error) => Err(error.into()),
    }
}

/// Records what a patient agreed to, or takes it back.
async fn consent(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let sent = Uploaded::read(form).await?;
    let language = Language::parse(&sent.text("lang")).ok_or(Failed::BAD_REQUEST)?;
    let answers: Vec<(Subject, Option<bool>)> = Subject::ALL
        .into_iter()
        .map(|subject| match sent.text(subject.as_str()).as_str() {
            "yes" => (subject, Some(true)),
            "no" => (subject, Some(false)),
            _ => (subject, None),
        })
        .collect();
    let (on_paper, date, reference) = (sent.text("how") == "paper", sent.text("date"), sent.text("reference"));
    let now = app.engine.now();
    let frame = app.engine.store().read(staff.access, move |tx: &mut Tx<'_, '_>| views::frame::load(tx, now)).await;
    let calendar = calendar(&frame.map_err(|error: StoreError| Failed::from(error))?, now);
    let given: Vec<(Subject, bool)> = answers.iter().filter_map(|(subject, answer)| answer.map(|answer| (*subject, answer))).collect();
    let day = date.parse::<Date>().ok();
    let fault = match (&sent.scan, on_paper) {
        _ if given.is_empty() => Some("Say for at least one subject whether it is a yes or a no."),
        (Scan::Bad(why), true) => Some(*why),
        (_, true) if day.is_none() => Some("Give the date on the form."),
        (_, true) if day.is_some_and(|day| day > calendar.today()) => Some("The date on the form is still to come."),
        (Scan::None, true) if reference.is_empty() => Some("Add a scan of the form, or say where it is kept."),
        _ => None,
    };
    if let Some(fault) = fault {
        let mut fault = fault.to_owned();
        if matches!(sent.scan, Scan::Good(_)) {
            fault.push_str(" Then choose the scan again.");
        }
        let consent = EnteredConsent { answers, on_paper, date, reference, fault };
        let entered = Entered { open: Some(NumberPart::Consent), lang: Some(language), consent: Some(consent), ..Entered::default() };
        return render(&app, &staff, (person, contact), entered, &headers).await;
    }
    let evidence = match sent.scan {
        _ if !on_paper => None,
        Scan::Good(scan) => Some(scan),
        _ => Some(NewEvidence { kind: EvidenceKind::Reference, body: Phi::new(reference.into_bytes()) }),
    };
    let choices = Choices {
        person,
        contact_point: contact,
        channel: if on_paper { Channel::Paper } else { Channel::Spoken },
        language,
        answers: given,
        evidence,
        at: day.filter(|_| on_paper).and_then(|day| day_begins(day, &calendar)),
    };
    let done = app.engine.record_choices(staff.access, choices).await;
    led(&app, &at(person, contact, NumberPart::None), done, |()| Note::ConsentRecorded)
}

/// Stops all texts to a number.
async fn stop(State(app): State<App>, staff: SignedInStaff, Path((person, contact)): Path<(String, String)>) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let done = app.engine.stop(staff.access, contact, Channel::Spoken).await;
    led(&app, &at(person, contact, NumberPart::None), done, |()| Note::TextsStopped)
}

/// Texts a code.
async fn send_code(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let sent = app.engine.send_code(staff.access, contact, Channel::Spoken, None).await;
    led(&app, &at(person, contact, NumberPart::Verify), sent, |sent| match sent {
        Ok(_) => Note::CodeSent,
        Err(Limit::Hour { .. }) => Note::CodesTooMany,
        Err(Limit::Locked) => Note::CodesLocked,
    })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    code: String,
}

/// Looks at a code that the patient reads back.
async fn try_code(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    Fields(typed): Fields<Typed>,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let tried = app.engine.try_code(staff.access, contact, &Phi::new(typed.code), Channel::Spoken).await?;
    let (part, note) = match tried {
        Tried::Passed => (NumberPart::None, Note::CodePassed),
        Tried::Wrong => (NumberPart::Verify, Note::CodeWrong),
        Tried::NoCode => (NumberPart::Verify, Note::CodeNone),
        Tried::Unchecked => (NumberPart::Verify, Note::CodeUnchecked),
        Tried::TooMany => (NumberPart::Verify, Note::CodesTooMany),
        Tried::Locked => (NumberPart::Verify, Note::CodesLocked),
    };
    Ok(back_with(&app, &at(person, contact, part), note))
}

/// Opens a number that wrong codes locked. Only a manager may.
async fn unlock(State(app): State<App>, staff: SignedInStaff, Path((person, contact)): Path<(String, String)>) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    if !staff.who.role.may_unlock() {
        return Err(Failed(FailureKind::Forbidden));
    }
    let done = app.engine.unlock_codes(staff.access, contact).await;
    led(&app, &at(person, contact, NumberPart::Verify), done, |()| Note::CodesUnlocked)
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

/// Records that the patient confirmed the number in person.
async fn confirm(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    Fields(form): Fields<Back>,
) -> Result<Response, Failed> {
    let (_, contact) = number_of(&app, &staff, &person, &contact).await?;
    let done = app.engine.confirm_number(staff.access, contact).await;
    app.engine.announce(wellsent_engine::Change::Visits(staff.access.practice));
    led(&app, &form.back, done, |()| Note::NumberConfirmed)
}

/// Texts the warning about unencrypted texts.
async fn text_warning(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let sent = app.engine.text_warning(staff.access, contact).await;
    led(&app, &at(person, contact, NumberPart::Ask), sent, |sent| if sent.is_some() { Note::WarningSent } else { Note::Stale })
}

/// Texts a link to the patient's own choices.
async fn send_preferences(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let sent = app.engine.send_preferences(staff.access, staff.who.staff, contact).await;
    led(&app, &at(person, contact, NumberPart::Ask), sent, |_| Note::PreferencesSent)
}

/// Starts a check-in and shows its code. The code stands on this answer and nowhere else: in no address and no cookie.
async fn check_in(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    headers: HeaderMap,
    Fields(form): Fields<Back>,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let code = app.engine.start_check_in(staff.access, contact).await?;
    let now = app.engine.now();
    let (frame, chart) = of_person(&app, &staff, person, "check_in").await?;
    let calendar = calendar(&frame, now);
    let number = chart.numbers.iter().find(|number| number.stored.contact.id == contact).ok_or(Failed::NOT_FOUND)?;
    let here = at(person, contact, NumberPart::None);
    let back = if form.back.is_empty() { here } else { crate::console::back::safe(&form.back).to_owned() };
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let (first, second) = code.split_at_checked(3).unwrap_or((code.as_str(), ""));
    let view = CheckInStarted {
        shell: crate::console::view::Shell {
            // A page that fetches itself would ask for an address that only a form leads to.
            live: None,
            ..shell(&app, &staff, &frame, &calendar, Place { section: Section::People, back: &back, flash })
        },
        person_id: person.to_string(),
        person: chart.person.name.expose().full(),
        id: contact.to_string(),
        number: number.stored.contact.number.expose().national(),
        code: format!("{first} {second}"),
        address: format!("{}/check-in", app.public_url),
        until: calendar.when(now.saturating_add(PageKind::CheckIn.life()).unwrap_or(now)),
        back,
    };
    finish(&app, &view, was_shown)
}

#[derive(Deserialize)]
struct Asking {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    opens: String,
    #[serde(default)]
    closes: String,
    #[serde(default)]
    everywhere: String,
}

/// Records a request about communication. Nobody is asked why (H-08).
async fn request(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    headers: HeaderMap,
    Fields(form): Fields<Asking>,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let everywhere = form.everywhere == "yes";
    let wanted = match form.kind.as_str() {
        "never_text" => Ok((Directive::NeverText, everywhere)),
        "not_this_number" => Ok((Directive::NotThisNumber, false)),
        "nothing_clinical" => Ok((Directive::NothingClinical, everywhere)),
        "only_between" => match (form.opens.parse::<Time>(), form.closes.parse::<Time>()) {
            (Ok(opens), Ok(closes)) if opens < closes => Ok((Directive::OnlyBetween(Window::new(opens, closes)), everywhere)),
            (Ok(_), Ok(_)) => Err("The hours end before they begin. Give both in one day."),
            _ => Err("Give the hour from which, and the hour until which."),
        },
        _ => Err("Choose what the patient asks for."),
    };
    match wanted {
        Ok((directive, everywhere)) => {
            let at_number = (!everywhere).then_some(contact);
            let done = app.engine.direct(staff.access, person, at_number, directive).await;
            led(&app, &at(person, contact, NumberPart::Requests), done, |_| Note::RequestRecorded)
        }
        Err(fault) => {
            let request =
                RequestForm { kind: form.kind, everywhere, opens: form.opens, closes: form.closes, fault: Some(fault.to_owned()) };
            let entered = Entered { open: Some(NumberPart::Requests), request: Some(request), ..Entered::default() };
            render(&app, &staff, (person, contact), entered, &headers).await
        }
    }
}

/// Ends a request.
async fn end_request(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, event)): Path<(String, String)>,
    Fields(form): Fields<Back>,
) -> Result<Response, Failed> {
    let person = person_of(&app, &staff, &person).await?;
    let event: ConsentEventId = event.parse().map_err(|_| Failed::NOT_FOUND)?;
    led(&app, &form.back, app.engine.end_directive(staff.access, person, event).await, |()| Note::RequestEnded)
}

/// Records a marketing authorization, or says beside each field what is wrong with it (H-13).
async fn authorize(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, Failed> {
    let (person, contact) = number_of(&app, &staff, &person, &contact).await?;
    let sent = Uploaded::read(form).await?;
    let mut typed = FormView {
        information: sent.text("information"),
        discloser: sent.text("discloser"),
        recipient: sent.text("recipient"),
        purpose: sent.text("purpose"),
        until: sent.text("until"),
        until_event: sent.text("until_event"),
        signed_on: sent.text("signed_on"),
        representative: sent.text("representative"),
        paid_for: sent.is_ticked("paid_for"),
        states_payment: sent.is_ticked("states_payment"),
        states_revocation: sent.is_ticked("states_revocation"),
        states_not_a_condition: sent.is_ticked("states_not_a_condition"),
        states_redisclosure: sent.is_ticked("states_redisclosure"),
        faults: Vec::new(),
    };
    let written = entered(&typed);
    let scan = match sent.scan {
        Scan::None => None,
        Scan::Good(scan) => Some(scan),
        Scan::Bad(why) => {
            typed.faults.push(("scan", why.to_owned()));
            None
        }
    };
    if typed.faults.is_empty() {
        match app.engine.authorize(staff.access, person, written, scan).await? {
            Ok(_) => return Ok(back_with(&app, &at(person, contact, NumberPart::Authorization), Note::AuthorizationRecorded)),
            Err(faults) => typed.faults = faults.iter().map(|fault| (field(*fault), fault.to_string())).collect(),
        }
    }
    let entered = Entered { open: Some(NumberPart::Authorization), authorization: Some(typed), ..Entered::default() };
    render(&app, &staff, (person, contact), entered, &headers).await
}

fn entered(typed: &FormView) -> AuthorizationForm {
    let expiry = match typed.until.parse::<Date>() {
        Ok(day) => Some(Expiry::On(day)),
        Err(_) if !typed.until_event.is_empty() => Some(Expiry::With(Phi::new(typed.until_event.clone()))),
        Err(_) => None,
    };
    AuthorizationForm {
        information: Phi::new(typed.information.clone()),
        discloser: Phi::new(typed.discloser.clone()),
        recipient: Phi::new(typed.recipient.clone()),
        purpose: Phi::new(typed.purpose.clone()),
        paid_for: typed.paid_for,
        states_payment: typed.states_payment,
        expiry,
        signed_on: typed.signed_on.parse().ok(),
        representative: (!typed.representative.is_empty()).then(|| Phi::new(typed.representative.clone())),
        states_revocation: typed.states_revocation,
        states_not_a_condition: typed.states_not_a_condition,
        states_redisclosure: typed.states_redisclosure,
    }
}

/// The field beside which a fault stands.
const fn field(fault: FormFault) -> &'static str {
    match fault {
        FormFault::NoInformation => "information",
        FormFault::NoDiscloser => "discloser",
        FormFault::NoRecipient => "recipient",
        FormFault::NoPurpose => "purpose",
        FormFault::NoExpiry | FormFault::Expired => "expiry",
        FormFault::NotSigned | FormFault::SignedLater => "signed_on",
        FormFault::NoRevocation => "states_revocation",
        FormFault::NoCondition => "states_not_a_condition",
        FormFault::NoRedisclosure => "states_redisclosure",
        FormFault::PaymentNotStated => "states_payment",
    }
}

/// Ends an authorization.
async fn end_authorization(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, event)): Path<(String, String)>,
    form: Multipart,
) -> Result<Response, Failed> {
    let person = person_of(&app, &staff, &person).await?;
    let event: ConsentEventId = event.parse().map_err(|_| Failed::NOT_FOUND)?;
    let sent = Uploaded::read(form).await?;
    let back = sent.text("back");
    let scan = match sent.scan {
        Scan::None => None,
        Scan::Good(scan) => Some(scan),
        Scan::Bad(_) => return Ok(back_with(&app, &back, Note::BadScan)),
    };
    led(&app, &back, app.engine.end_authorization(staff.access, person, event, scan).await, |()| Note::AuthorizationEnded)
}

/// The page on which a person gets another number.
async fn change_page(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(person): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let person = person_of(&app, &staff, &person).await?;
    change_form(&app, &staff, person, String::new(), None, &headers).await
}

#[derive(Deserialize)]
struct NewNumber {
    #[serde(default)]
    number: String,
}

/// Gives a person another number.
async fn change(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(person): Path<String>,
    headers: HeaderMap,
    Fields(form): Fields<NewNumber>,
) -> Result<Response, Failed> {
    let person = person_of(&app, &staff, &person).await?;
    match PhoneNumber::parse(&form.number) {
        Ok(number) => {
            let contact = app.engine.change_number(staff.access, person, number).await?;
            Ok(back_with(&app, &at(person, contact, NumberPart::Consent), Note::NumberChanged))
        }
        Err(error) => {
            let fault = format!("{}.", crate::console::present::capital(&error.to_string()));
            change_form(&app, &staff, person, form.number, Some(fault), &headers).await
        }
    }
}

async fn change_form(
    app: &App,
    staff: &SignedInStaff,
    person: PersonId,
    entered: String,
    fault: Option<String>,
    headers: &HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let (frame, chart) = of_person(app, staff, person, "number").await?;
    let calendar = calendar(&frame, now);
    let back = format!("/people/{person}/number");
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let view = ChangeNumber {
        shell: shell(app, staff, &frame, &calendar, Place { section: Section::People, back: &back, flash }),
        person_id: person.to_string(),
        person: chart.person.name.expose().full(),
        present: super::people::preferred(&chart).map(|number| number.stored.contact.number.expose().national()).unwrap_or_default(),
        entered,
        fault,
    };
    finish(app, &view, was_shown)
}

/// Takes back the page behind a notice.
async fn revoke_page(
    State(app): State<App>,
    staff: SignedInStaff,
    Path(id): Path<String>,
    Fields(form): Fields<Back>,
) -> Result<Response, Failed> {
    let message: MessageId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { pages::of_message(tx, message) };
    let page = app.engine.store().read(staff.access, load).await?.ok_or(Failed::NOT_FOUND)?;
    let back = if form.back.is_empty() { format!("/messages/{message}") } else { form.back };
    let done = app.engine.revoke_page(staff.access, page.id).await;
    app.engine.announce(wellsent_engine::Change::Messages(staff.access.practice));
    led(&app, &back, done, |()| Note::PageRevoked)
}

/// The id in an address, if it is that of a person of this practice (P8).
async fn person_of(app: &App, staff: &SignedInStaff, id: &str) -> Result<PersonId, Failed> {
    let id: PersonId = id.parse().map_err(|_| Failed::NOT_FOUND)?;
    let load = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> { wellsent_store::people::get(tx, id).map(drop) };
    app.engine.store().read(staff.access, load).await?;
    Ok(id)
}

async fn of_person(app: &App, staff: &SignedInStaff, person: PersonId, what: &'static str) -> Result<(views::frame::Frame, Chart), Failed> {
    let now = app.engine.now();
    let load = move |tx: &mut Tx<'_, '_>| {
        let frame = views::frame::load(tx, now)?;
        let chart = views::person::chart(tx, person, now)?;
        tx.record(now, read(what, now).word("person", person));
        Ok::<_, StoreError>((frame, chart))
    };
    Ok(app.engine.store().write(staff.access, load).await?)
}
