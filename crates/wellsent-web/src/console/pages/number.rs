//! The page of one number: what stands for it, and every form by which that changes. The forms themselves are in `permissions`.

use super::person::{confirm_due, consent_cells, label, suppression, verification};
use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::*;
use crate::console::view::{
    AuthorizationForm, AuthorizationRow, ConsentCell, ConsentForm, ConsentState, NumberPage, NumberPart, RequestForm, RequestRow, Section,
    SharedWith, Topic,
};
use crate::failure::{Asking, Failed};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use wellsent_domain::consent::Warning;
use wellsent_domain::person::ContactState;
use wellsent_domain::verification::Limit;
use wellsent_domain::{ContactPointId, Language, PersonId};
use wellsent_store::views::person::{Chart, NumberChart};
use wellsent_store::{StoreError, Tx, authorizations, codes, consent_log, people, views};
use wellsent_text::consent_wording::{Subject, wording};

const HISTORY_MAX: i64 = 200;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    open: String,
    #[serde(default)]
    lang: String,
}

/// What was entered into one of the forms and has to be mended; nothing of it is lost.
#[derive(Default)]
pub(super) struct Entered {
    /// The part that is unfolded.
    pub open: Option<NumberPart>,
    /// The language of the wordings.
    pub lang: Option<Language>,
    /// The form of consent, without its wordings.
    pub consent: Option<EnteredConsent>,
    /// The form of a request.
    pub request: Option<RequestForm>,
    /// The form of an authorization.
    pub authorization: Option<AuthorizationForm>,
}

/// What was entered into the form of consent.
pub(super) struct EnteredConsent {
    pub answers: Vec<(Subject, Option<bool>)>,
    pub on_paper: bool,
    pub date: String,
    pub reference: String,
    pub fault: String,
}

/// The ids in an address, if the number is one of the person's. Those of another practice are not found (P8).
pub(super) async fn number_of(app: &App, staff: &SignedInStaff, person: &str, contact: &str) -> Result<(PersonId, ContactPointId), Failed> {
    let person: PersonId = person.parse().map_err(|_| Failed::NOT_FOUND)?;
    let contact: ContactPointId = contact.parse().map_err(|_| Failed::NOT_FOUND)?;
    let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(people::contact_point(tx, contact)?.contact.person) };
    match app.engine.store().read(staff.access, load).await? {
        owner if owner == person => Ok((person, contact)),
        _ => Err(Failed::NOT_FOUND),
    }
}

/// The page of a number.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Path((person, contact)): Path<(String, String)>,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let at = number_of(&app, &staff, &person, &contact).await?;
    let entered = Entered { open: Some(NumberPart::parse(&asked.open)), lang: Language::parse(&asked.lang), ..Entered::default() };
    render(&app, &staff, at, entered, &headers).await
}

/// The page, with what was entered.
pub(super) async fn render(
    app: &App,
    staff: &SignedInStaff,
    (id, contact): (PersonId, ContactPointId),
    entered: Entered,
    headers: &HeaderMap,
) -> Result<Response, Failed> {
    let now = app.engine.now();
    let load = move |tx: &mut Tx<'_, '_>| {
        let frame = views::frame::load(tx, now)?;
        let chart = views::person::chart(tx, id, now)?;
        let history = consent_log::lines(tx, id, HISTORY_MAX)?;
        let key = people::contact_point(tx, contact)?.number;
        let guesses = codes::guesses(tx, key)?;
        let mut said = Vec::with_capacity(chart.authorizations.len());
        for held in &chart.authorizations {
            said.push(authorizations::form(tx, id, held.event)?);
        }
        tx.record(now, read("permissions", now).word("person", id));
        Ok::<_, StoreError>((frame, chart, history, guesses, said))
    };
    let (frame, chart, history, guesses, said) = app.engine.store().write(staff.access, load).await?;
    let number = chart.numbers.iter().find(|number| number.stored.contact.id == contact).ok_or(Failed::NOT_FOUND)?;
    let calendar = calendar(&frame, now);
    let settings = &frame.practice.practice.settings;
    let back = format!("/people/{id}/numbers/{contact}");
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let mut consents = consent_cells(number, &history, &calendar);
    consents.insert(1, warning(number, &calendar));
    let view = NumberPage {
        shell: shell(app, staff, &frame, &calendar, Place { section: Section::People, back: &back, flash }),
        person_id: id.to_string(),
        person: chart.person.name.expose().full(),
        id: contact.to_string(),
        number: number.stored.contact.number.expose().national(),
        label: label(number),
        live: number.stored.contact.state != ContactState::Replaced,
        verification: verification(number, settings.verification_days, &calendar),
        proven: proven(number, &calendar),
        confirm_due: confirm_due(number, settings.recheck_days, now),
        shared_with: number
            .others
            .iter()
            .map(|other| SharedWith { id: other.person.to_string(), name: other.name.expose().full() })
            .collect(),
        suppression: suppression(number, &calendar),
        consents,
        open: entered.open.unwrap_or(NumberPart::None),
        consent: consent_form(&entered, chart.person.language, &frame.practice.practice, &calendar),
        code_limit: guesses.may_try(now).err().map(|limit| limit_sentence(limit, &calendar)),
        may_unlock: staff.who.role.may_unlock(),
        requests: requests(&chart, contact, &calendar),
        request: entered.request.unwrap_or_else(|| RequestForm { everywhere: true, ..RequestForm::default() }),
        authorizations: chart
            .authorizations
            .iter()
            .zip(&said)
            .map(|(held, said)| AuthorizationRow {
                id: held.event.to_string(),
                until: held.until.map_or_else(
                    || "Until an event that a person has to note".to_owned(),
                    |day| format!("Until {}", calendar.on_day(calendar.day_span(day).0).text),
                ),
                holds: held.holds(calendar.today()),
                lines: said.expose().lines().map(str::to_owned).collect(),
            })
            .collect(),
        authorization: entered.authorization.unwrap_or_default(),
    };
    finish(app, &view, was_shown)
}

fn consent_form(
    entered: &Entered,
    preferred: Language,
    practice: &wellsent_domain::practice::Practice,
    calendar: &Calendar,
) -> ConsentForm {
    let lang = entered.lang.unwrap_or(preferred);
    let before = entered.consent.as_ref();
    let answer = |subject| {
        let given = before.and_then(|before| before.answers.iter().find(|(about, _)| *about == subject)).and_then(|(_, answer)| *answer);
        match given {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        }
    };
    ConsentForm {
        lang: lang.as_str().to_owned(),
        topics: Subject::ALL
            .into_iter()
            .map(|subject| Topic {
                name: subject.as_str().to_owned(),
                title: topic(subject).to_owned(),
                wording: wording(subject, lang, &practice.name, &practice.call_back.national()),
                answer: answer(subject).to_owned(),
            })
            .collect(),
        on_paper: before.is_some_and(|before| before.on_paper),
        date: before.map(|before| before.date.clone()).unwrap_or_default(),
        today: calendar.today().to_string(),
        reference: before.map(|before| before.reference.clone()).unwrap_or_default(),
        fault: before.map(|before| before.fault.clone()),
    }
}

const fn topic(subject: Subject) -> &'static str {
    match subject {
        Subject::Appointments => "Appointments",
        Subject::Warning => "Details in unencrypted texts",
        Subject::Care => "Care instructions",
        Subject::Billing => "Billing",
        Subject::Surveys => "Surveys",
        Subject::Marketing => "News and offers",
    }
}

fn warning(number: &NumberChart, calendar: &Calendar) -> ConsentCell {
    let at = number.stored.warning_at.map(|at| calendar.on_day(at).text);
    let (state, note) = match number.stored.warning {
        Warning::Accepted => (ConsentState::Given, at.unwrap_or_default()),
        Warning::Withdrawn => (ConsentState::Revoked, at.unwrap_or_default()),
        Warning::Shown => (ConsentState::NotAsked, at.map(|at| format!("asked {at}, no answer")).unwrap_or_default()),
        Warning::NotShown => (ConsentState::NotAsked, String::new()),
    };
    ConsentCell { category: "Unencrypted details".to_owned(), state, note }
}

fn proven(number: &NumberChart, calendar: &Calendar) -> String {
    let contact = &number.stored.contact;
    let verified = contact.verified_at.map(|at| format!("verified {}", calendar.ago(at)));
    let confirmed = contact.confirmed_at.map(|at| format!("confirmed {}", calendar.ago(at)));
    capital(&[verified, confirmed].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Why no code is sent or looked at, in a sentence (N-04).
pub(super) fn limit_sentence(limit: Limit, calendar: &Calendar) -> String {
    match limit {
        Limit::Hour { until } => format!("Too many codes were tried at this number. Again {}.", calendar.words(until)),
        Limit::Locked => "Wrong codes were tried again and again, and this number is locked. Find out who it was.".to_owned(),
    }
}

fn requests(chart: &Chart, contact: ContactPointId, calendar: &Calendar) -> Vec<RequestRow> {
    let here = chart.directives.iter().filter(|held| held.contact_point.is_none_or(|at| at == contact));
    here.map(|held| RequestRow {
        id: held.id.to_string(),
        what: directive(&held.directive, Some("this number")),
        since: calendar.when(held.recorded_at),
    })
    .collect()
}

/// The first moment of a day that somebody named: an act of that day which came later is not undone by it.
pub(super) fn day_begins(day: jiff::civil::Date, calendar: &Calendar) -> Option<Timestamp> {
    (day < calendar.today()).then(|| calendar.day_span(day).0)
}
