//! `POST Messages.json`: a text is asked for (TW-10).

use super::auth::Signed;
use super::error::ApiError;
use super::parameters::Parameters;
use super::wire;
use crate::App;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_engine::{CHARS_MAX, Caller, Content, SentFrom, TextFault, TextOutcome, TextRequest, VALIDITY_MAX};

/// The longest key of a repeated request.
const KEY_CHARS_MAX: usize = 255;
/// The most values that a template is given.
const VALUES_MAX: usize = 20;

pub(super) async fn post(
    State(app): State<App>,
    Signed(caller): Signed,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let request = request(&headers, &parameters)?;
    let outcome = app.engine.submit_for(&caller, request).await.map_err(|error| ApiError::of(&error))?;
    match outcome {
        TextOutcome::Taken { text, reasons, until, repeated } => {
            let body = wire::message(&caller, &text, &reasons, until);
            let mut response = (StatusCode::CREATED, Json(body)).into_response();
            if repeated {
                response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
            }
            Ok(response)
        }
        TextOutcome::Refused { reasons } => Err(ApiError::refused(reasons)),
        TextOutcome::Invalid(fault) => Err(wrong(&caller, fault)),
    }
}

fn request(headers: &HeaderMap, parameters: &Parameters) -> Result<TextRequest, ApiError> {
    not_offered(parameters)?;
    let to = parameters.get("To").ok_or_else(|| ApiError::bad(21604, "A 'To' phone number is required"))?;
    if to.contains(':') {
        // Another channel than texts is not covered by the carrier's agreement (TW-02).
        return Err(ApiError::bad(21211, "The 'To' number is not a phone number; only texts are sent, no WhatsApp and no RCS"));
    }
    let to = PhoneNumber::parse(to).map_err(|_| ApiError::bad(21211, "The 'To' number is not a valid phone number"))?;
    let from = match (parameters.get("MessagingServiceSid"), parameters.get("From")) {
        (Some(service), None) => SentFrom::Service(service.to_owned()),
        (None, Some(service)) if service.starts_with("MG") => SentFrom::Service(service.to_owned()),
        (_, Some(number)) => SentFrom::Sender(number.to_owned()),
        (None, None) => return Err(ApiError::bad(21603, "A 'From' phone number or a 'MessagingServiceSid' is required")),
    };
    Ok(TextRequest {
        to,
        from,
        content: content(parameters)?,
        patient: parameters.get("Patient").map(|record| Phi::new(record.to_owned())),
        send_at: send_at(parameters)?,
        validity: validity(parameters)?,
        status_url: parameters.get("StatusCallback").map(str::to_owned),
        key: key(headers)?.map(|key| (key, Phi::new(parameters.sorted_bytes()))),
    })
}

/// What is refused rather than left out, because the text would be another one without it.
fn not_offered(parameters: &Parameters) -> Result<(), ApiError> {
    if parameters.get("MediaUrl").is_some() || parameters.get("MediaUrl0").is_some() || parameters.is_true("SendAsMms") {
        return Err(ApiError::bad(21620, "Media is not sent; put it on a page of the practice"));
    }
    if parameters.get("ContentSid").is_some() {
        return Err(ApiError::bad(21655, "'ContentSid' is not known here; name a template of this server with 'Template'"));
    }
    if parameters.get("PersistentAction").is_some() {
        return Err(ApiError::bad(20001, "'PersistentAction' is not supported: only texts are sent"));
    }
    if parameters.is_true("ShortenUrls") {
        return Err(ApiError::bad(20001, "'ShortenUrls' is not supported: links go as they are, and carriers block shortened ones"));
    }
    Ok(())
}

fn content(parameters: &Parameters) -> Result<Content, ApiError> {
    match (parameters.get("Template"), parameters.get("Body")) {
        (Some(_), Some(_)) => Err(ApiError::bad(20001, "Give either a 'Body' or a 'Template'")),
        (None, None) => Err(ApiError::bad(21602, "Message body is required")),
        (None, Some(body)) if body.trim().is_empty() => Err(ApiError::bad(21602, "Message body is required")),
        (None, Some(body)) if body.chars().count() > CHARS_MAX => {
            Err(ApiError::bad(21617, "The message body exceeds the limit of 1600 characters"))
        }
        (None, Some(body)) => Ok(Content::Text(Phi::new(body.to_owned()))),
        (Some(name), None) => Ok(Content::Template { name: name.to_owned(), values: values(parameters.get("Variables"))? }),
    }
}

/// Values of a template: a JSON object of words.
fn values(given: Option<&str>) -> Result<Vec<(String, Phi<String>)>, ApiError> {
    let wrong = || ApiError::bad(21656, "'Variables' must be a JSON object with a text for each name, at most 20");
    let Some(given) = given else { return Ok(Vec::new()) };
    let object: std::collections::BTreeMap<String, String> = serde_json::from_str(given).map_err(|_| wrong())?;
    if object.len() > VALUES_MAX {
        return Err(wrong());
    }
    Ok(object.into_iter().map(|(name, value)| (name, Phi::new(value))).collect())
}

fn send_at(parameters: &Parameters) -> Result<Option<Timestamp>, ApiError> {
    match (parameters.get("ScheduleType"), parameters.get("SendAt")) {
        (None, None) => Ok(None),
        (Some("fixed"), Some(at)) => {
            at.parse().map(Some).map_err(|_| ApiError::bad(35114, "'SendAt' is not a time such as 2027-03-01T17:00:00Z"))
        }
        (Some("fixed"), None) => Err(ApiError::bad(35111, "'SendAt' is required with 'ScheduleType'")),
        _ => Err(ApiError::bad(35126, "'ScheduleType' must be \"fixed\"")),
    }
}

fn validity(parameters: &Parameters) -> Result<Option<SignedDuration>, ApiError> {
    let Some(given) = parameters.get("ValidityPeriod") else { return Ok(None) };
    let seconds = given.parse().ok().filter(|seconds| (1..=VALIDITY_MAX.as_secs()).contains(seconds));
    let seconds = seconds.ok_or_else(|| ApiError::bad(20001, "'ValidityPeriod' must be between 1 and 36000 seconds"))?;
    Ok(Some(SignedDuration::from_secs(seconds)))
}

/// The key of a repeated request, under either of its names.
fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key").or_else(|| headers.get("i-twilio-idempotency-token")) else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= KEY_CHARS_MAX);
    key.map(|key| Some(key.to_owned())).ok_or_else(|| ApiError::bad(20001, "The idempotency key must have 1 to 255 printable characters"))
}

fn wrong(caller: &Caller, fault: TextFault) -> ApiError {
    match fault {
        TextFault::Sender if caller.application.senders.is_empty() => ApiError::bad(21606, "This application has no sender; give it one"),
        TextFault::Sender => ApiError::bad(21606, "The 'From' number is not one that this application may send from"),
        TextFault::Service => ApiError::bad(21705, "The 'MessagingServiceSid' is not that of this application"),
        TextFault::SendAt => ApiError::bad(35114, "'SendAt' must be between 15 minutes and 35 days ahead"),
        TextFault::StatusUrl(fault) => ApiError::bad(21609, format!("The 'StatusCallback' {fault}")),
        TextFault::Template => ApiError::bad(70007, "There is no such template, or none that an application may ask for"),
        TextFault::MissingValue(variable) => ApiError::bad(70008, format!("The template needs a value for \"{}\"", variable.name())),
        TextFault::Value => ApiError::bad(70008, "A value is unknown, is not for applications to set, or says what may not stand there"),
        TextFault::Link => {
            ApiError::bad(70011, "The text holds a shortened link, or one with a name before its host; carriers block those")
        }
        TextFault::Patient => ApiError::bad(70009, "No patient with this record number has this phone number"),
        TextFault::KeyReused => ApiError::bad(70010, "This idempotency key was used for another request"),
    }
}
