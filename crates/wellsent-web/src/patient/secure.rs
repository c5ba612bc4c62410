//! `/s/{link}`: the door in front of a page, and what is behind it.

use super::view::{self, Closed, DoorState, ReplyNote};
use super::visitor::{From, Link, Opened, language};
use super::{message, page, preferences};
use crate::App;
use crate::failure::{Asking, Failed, Fields};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use wellsent_domain::secure_page::{Factor, PageKind};
use wellsent_domain::{Language, Phi};
use wellsent_engine::{Door, DoorView, EngineError, SecondFact};
use wellsent_store::Access;
use wellsent_store::pages::StoredPage;

/// What an address of a page may ask for.
#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    lang: Option<String>,
    #[serde(default)]
    pub(super) at: String,
}

/// The fields of all forms of these pages; which count depends on the step.
#[derive(Deserialize, Default)]
pub(crate) struct Sent {
    #[serde(default)]
    pub(super) step: String,
    lang: Option<String>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    month: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    pub(super) text: String,
    pub(super) appointments: Option<String>,
    pub(super) care: Option<String>,
    pub(super) billing: Option<String>,
    pub(super) surveys: Option<String>,
    pub(super) marketing: Option<String>,
    pub(super) warning: Option<String>,
    pub(super) text_lang: Option<String>,
    pub(super) hours: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

/// Shows what stands at the address. It changes nothing.
pub(crate) async fn visit(
    State(app): State<App>,
    From(from): From,
    Link(link): Link,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let door = app.engine.page_door(&link, from).await?;
    let chosen = language(asked.lang.as_deref(), &headers);
    if let Some((access, stored)) = opened(&app, &door, &headers).await? {
        let lang = chosen.unwrap_or(stored.language);
        return match stored.kind {
            PageKind::Message => {
                let note = (asked.at == "sent").then_some(ReplyNote::Sent);
                message::show(&app, access, &stored, lang, note, String::new()).await
            }
            PageKind::Preferences if asked.at == "stop" => preferences::ask_stop(&app, access, &stored, lang).await,
            PageKind::Preferences => preferences::show(&app, access, &stored, lang, None, None).await,
            PageKind::CheckIn => Err(Failed::NOT_FOUND),
        };
    }
    let lang = chosen.or(door.language).unwrap_or(Language::En);
    if asked.at == "closed" {
        return page(&Closed { frame: frame(&door, lang) });
    }
    let code_sent = asked.at == "code";
    show_door(&door, lang, code_sent, false)
}

/// Takes a form of the page, or of the door in front of it.
pub(crate) async fn act(
    State(app): State<App>,
    From(from): From,
    Link(link): Link,
    headers: HeaderMap,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Failed> {
    let door = app.engine.page_door(&link, from).await?;
    let chosen = language(sent.lang.as_deref(), &headers);
    if let Some((access, stored)) = opened(&app, &door, &headers).await? {
        let lang = chosen.unwrap_or(stored.language);
        if sent.step == "close" {
            if let Some(secret) = Opened::Link.secret(&app, &headers) {
                app.engine.close_page(secret).await?;
            }
            let cookie = Opened::Link.cookie(&app, None);
            return Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), back("closed", lang)).into_response());
        }
        return match stored.kind {
            PageKind::Message => message::act(&app, access, &stored, lang, sent).await,
            PageKind::Preferences => preferences::act(&app, access, &stored, lang, sent).await,
            PageKind::CheckIn => Err(Failed::NOT_FOUND),
        };
    }
    let lang = chosen.or(door.language).unwrap_or(Language::En);
    let fact = match sent.step.as_str() {
        "send_code" => {
            app.engine.page_send_code(&link, from).await?;
            return Ok(back("code", lang));
        }
        "code" => SecondFact::Code(Phi::new(sent.code.chars().take(40).collect())),
        "birth_date" => SecondFact::BirthDate(birth_date(&sent).map(Phi::new)),
        // A form of a page whose time is over: to the door, where nothing is lost but the form.
        _ => return show_door(&door, lang, false, false),
    };
    match app.engine.page_try(&link, fact, from).await {
        Ok(Some(secret)) => {
            let cookie = Opened::Link.cookie(&app, Some(&secret));
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), back("", lang)).into_response())
        }
        // A code that could not be checked looks like a wrong one, so that no answer tells whether a link is good. It costs no try.
        Ok(None) | Err(EngineError::CodeUnchecked) => show_door(&door, lang, true, true),
        Err(error) => Err(error.into()),
    }
}

/// Back to the address at which the page stands, without naming it: a relative reference that has only a query.
pub(super) fn back(at: &str, lang: Language) -> Response {
    let query = match at {
        "" => format!("?lang={}", lang.as_str()),
        at => format!("?at={at}&lang={}", lang.as_str()),
    };
    Redirect::to(&query).into_response()
}

/// The page that this browser has opened, if it is the one of this link.
async fn opened(app: &App, door: &DoorView, headers: &HeaderMap) -> Result<Option<(Access, StoredPage)>, Failed> {
    let (Some(place), Some(secret)) = (door.page, Opened::Link.secret(app, headers)) else { return Ok(None) };
    let found = app.engine.page_of_session(secret).await?;
    Ok(found.filter(|(access, stored)| stored.id == place.page && access.practice == place.practice))
}

fn show_door(door: &DoorView, lang: Language, code_sent: bool, failed: bool) -> Result<Response, Failed> {
    let state = match door.door {
        Door::TryLater => DoorState::TryLater,
        Door::Ask(Factor::BirthDate) => DoorState::BirthDateEntry { failed },
        Door::Ask(Factor::Code | Factor::Desk) if code_sent => DoorState::CodeEntry { failed },
        Door::Ask(Factor::Code | Factor::Desk) => DoorState::TextMeACode,
    };
    page(&view::Door { frame: frame(door, lang), state })
}

fn frame(door: &DoorView, lang: Language) -> view::Frame {
    let (practice, phone) = match &door.practice {
        Some((name, phone)) => (name.clone(), phone.national()),
        None => (String::new(), String::new()),
    };
    view::Frame { practice, phone, lang }
}

fn birth_date(sent: &Sent) -> Option<Date> {
    let number = |text: &str| text.trim().parse::<i16>().ok();
    let (month, day) = (i8::try_from(number(&sent.month)?).ok()?, i8::try_from(number(&sent.day)?).ok()?);
    Date::new(number(&sent.year)?, month, day).ok()
}
