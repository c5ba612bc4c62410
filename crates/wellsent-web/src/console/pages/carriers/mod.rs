//! Carriers: accounts, agreements (H-19), senders (C-08 to C-10), texts of unknown outcome (P4), and applications. For managers only.
//!
//! The page itself stands here, its forms in [`agreement`], [`sender`] and [`unclear`]. A form that something is wrong with comes back with
//! everything that was entered.

mod agreement;
mod sender;
mod unclear;

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::form;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Books, Calendar, application, at_moment, charts_begin, lost, sender_address};
use crate::console::view::{AgreementForm, Carriers, FailureKind, LogAnswer, Section, SenderForm, Shell, UnclearRow};
use crate::failure::Failed;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use wellsent_domain::carrier_report::SettledBy;
use wellsent_domain::person::Person;
use wellsent_domain::practice::Service;
use wellsent_domain::{AttemptId, SenderId};
use wellsent_engine::CarrierHealth;
use wellsent_store::views::carriers::UnclearLine;
use wellsent_store::views::{self, traffic};
use wellsent_store::{StoreError, Tx, people};

/// The address of the page.
const HERE: &str = "/carriers";
/// Unclear texts that are listed at one time.
const UNCLEAR_MAX: i64 = 50;
/// Applications that are listed.
const APPLICATIONS_MAX: i64 = 200;

/// The page and its forms. The one with a file takes larger bodies.
pub(crate) fn routes() -> Router<App> {
    let with_file =
        Router::new().route("/carriers/agreements", form(agreement::record)).layer(DefaultBodyLimit::max(agreement::BODY_BYTES_MAX));
    Router::new()
        .route("/carriers", get(page))
        .route("/carriers/agreements/{id}/end", form(agreement::end))
        .route("/carriers/senders", form(sender::add))
        .route("/carriers/senders/{id}", form(sender::change))
        .route("/carriers/senders/{id}/registration", form(sender::register))
        .route("/carriers/unclear/{id}", form(unclear::settle))
        .route("/carriers/unclear/{id}/log", form(unclear::ask))
        .merge(with_file)
}

/// What was entered into one of the forms and has to be mended, or what a carrier's log said.
#[derive(Default)]
struct Entered {
    agreement: Option<AgreementForm>,
    new_sender: Option<SenderForm>,
    sender: Option<(SenderId, SenderForm)>,
    unclear: Option<(AttemptId, EnteredUnclear)>,
}

#[derive(Default)]
struct EnteredUnclear {
    answer: Option<LogAnswer>,
    carrier_id: String,
    fault: &'static str,
}

/// Lets only those in who may look after carriers.
fn managers_only(staff: &SignedInStaff) -> Result<(), Failed> {
    if staff.who.role.may_manage_carriers() { Ok(()) } else { Err(Failed(FailureKind::Forbidden)) }
}

async fn page(State(app): State<App>, staff: SignedInStaff, headers: HeaderMap) -> Result<Response, Failed> {
    managers_only(&staff)?;
    render(&app, &staff, Entered::default(), &headers).await
}

/// The accounts of this server, all of them where it has one practice only. Another practice's accounts are nobody's business here (P8).
async fn accounts(app: &App, used: &[&str]) -> Result<Vec<CarrierHealth>, Failed> {
    let mut all = app.engine.carriers();
    if app.engine.practices().await?.len() > 1 {
        all.retain(|health| used.contains(&health.name.as_str()));
    }
    Ok(all)
}

async fn render(app: &App, staff: &SignedInStaff, entered: Entered, headers: &HeaderMap) -> Result<Response, Failed> {
    let (now, day) = (app.engine.now(), app.engine.brand_day());
    let load = move |tx: &mut Tx<'_, '_>| {
        let frame = views::frame::load(tx, now)?;
        let since = charts_begin(&calendar(&frame, now));
        let view = views::carriers::load(tx, day.day, UNCLEAR_MAX + 1, now)?;
        let traffic = traffic::load(tx, since, now)?;
        let applications = traffic::applications(tx, APPLICATIONS_MAX, now)?;
        let persons = view.unclear.iter().map(|line| line.person.map(|id| people::get(tx, id)).transpose());
        let persons = persons.collect::<Result<Vec<_>, _>>()?;
        tx.record(now, read("carriers", now).number("count", persons.iter().flatten().count() as i64));
        Ok::<_, StoreError>((frame, view, traffic, applications, persons))
    };
    let (frame, view, traffic, applications, persons) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let of_senders = view.senders.iter().map(|line| line.sender.carrier.as_str());
    let used: Vec<&str> = of_senders.chain(view.agreements.iter().map(|stored| stored.carrier.as_str())).collect();
    let health = accounts(app, &used).await?;
    let books = Books {
        view: &view,
        traffic: &traffic,
        health: &health,
        calendar: &calendar,
        public_url: &app.public_url,
        brand_day_ends: day.next_at,
    };
    let ends = app.engine.queue_ends(books.ready(), &books.usable(), &books.senders());
    let flash = flash_of(staff, headers);
    let was_shown = flash.is_some();
    let mut senders = books.sender_rows();
    if let Some((id, form)) = entered.sender {
        let id = id.to_string();
        if let Some(row) = senders.iter_mut().find(|row| row.id == id) {
            row.form = form;
        }
    }
    let unclear = view.unclear.iter().zip(&persons).take(UNCLEAR_MAX as usize);
    let unclear = unclear.map(|(line, person)| unclear_row(line, person.as_ref(), &books, &entered.unclear)).collect();
    let names: Vec<String> = app.engine.carriers().into_iter().map(|health| health.name).collect();
    let page = Carriers {
        shell: Shell {
            // A week of texts is not counted anew with every text, and what was typed stays.
            live: None,
            ..shell(app, staff, &frame, &calendar, Place { section: Section::Carriers, back: HERE, flash })
        },
        alarms: books.alarms(&applications),
        accounts: books.accounts(),
        agreements: books.agreements(),
        agreement_form: entered.agreement.unwrap_or_else(|| agreement_form(&calendar)).of(&names, &health),
        queue: books.queue(ends),
        senders,
        sender_form: SenderForm { carriers: names, ..entered.new_sender.unwrap_or_else(new_sender_form) },
        unclear,
        unclear_more: view.unclear.len() > UNCLEAR_MAX as usize,
        settled_by: SettledBy::ALL.iter().map(|by| (by.as_str(), by.sentence())).collect(),
        applications: applications.iter().map(|line| application(line, &calendar)).collect(),
    };
    finish(app, &page, was_shown)
}

fn agreement_form(calendar: &Calendar) -> AgreementForm {
    AgreementForm {
        from: calendar.today().to_string(),
        services: agreement::services(|service| service == Service::Sms),
        ..Default::default()
    }
}

impl AgreementForm {
    /// The form with the accounts to choose from; each with the account at the carrier, where it may be known here.
    fn of(self, names: &[String], health: &[CarrierHealth]) -> Self {
        let at = |name: &String| health.iter().find(|known| known.name == *name).and_then(|known| known.account.clone());
        let carriers = names.iter().map(|name| (name.clone(), at(name).unwrap_or_default())).collect();
        Self { carriers, ..self }
    }
}

fn new_sender_form() -> SenderForm {
    SenderForm { kind: "long_code".into(), registration: "pending".into(), per_minute: "60".into(), ..SenderForm::default() }
}

fn unclear_row(
    line: &UnclearLine,
    person: Option<&Person>,
    books: &Books<'_>,
    entered: &Option<(AttemptId, EnteredUnclear)>,
) -> UnclearRow {
    let sender = books.view.senders.iter().map(|line| &line.sender).find(|sender| sender.id == line.sender);
    let health = sender.and_then(|sender| books.health_of(&sender.carrier));
    let typed = entered.as_ref().filter(|(id, _)| *id == line.attempt).map(|(_, typed)| typed);
    let known = line.carrier_message_id.clone().unwrap_or_default();
    UnclearRow {
        id: line.attempt.to_string(),
        message_id: line.message.to_string(),
        person: person.map(|person| (person.id.to_string(), person.name.expose().full())),
        at: at_moment(books.calendar, line.started_at),
        sender: sender.map_or_else(|| "a sender that is gone".to_owned(), |sender| sender_address(&sender.address)),
        given_up: line.given_up,
        lost: lost(line.cause.as_deref()),
        log: log_so_far(line, health, books.calendar),
        may_ask: health.is_some_and(|health| health.keeps_log),
        may_resend: line.is_latest && books.calendar.now() < line.useful_until,
        useful_until: books.calendar.when(line.useful_until),
        answer: typed.and_then(|typed| typed.answer.clone()),
        carrier_id: typed.map(|typed| typed.carrier_id.clone()).filter(|typed| !typed.is_empty()).unwrap_or(known),
        fault: typed.map_or("", |typed| typed.fault),
    }
}

/// What the carrier's log said so far.
fn log_so_far(line: &UnclearLine, health: Option<&CarrierHealth>, calendar: &Calendar) -> String {
    let looks = if line.checks == 1 { "one look".to_owned() } else { format!("{} looks", line.checks) };
    let last = line.checked_at.map(|at| format!(", the last {}", at_moment(calendar, at).text)).unwrap_or_default();
    match health {
        None => "Its carrier account is not in the settings, so its log cannot be asked. Ask the carrier's support.".to_owned(),
        Some(health) if !health.keeps_log => "This carrier keeps no log that can be asked. Ask its support, or the patient.".to_owned(),
        Some(_) if line.given_up => {
            format!("Nothing found in the carrier's log after {looks}{last}. That makes it likely that it did not go.")
        }
        Some(_) if line.checks == 0 => "The carrier's log has not been read yet; it is asked by itself.".to_owned(),
        Some(_) => format!("Nothing found in the carrier's log after {looks}{last}. It is asked again by itself."),
    }
}
