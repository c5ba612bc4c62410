//! The network over HTTP.
//!
//! | request | answer |
//! |---|---|
//! | `POST /messages` `{token,to,from,body,validity_s,callback_url}` | 201 `{id,parts}`, 400 `{code}`, 429 |
//! | `GET /messages?to=&since=&token=` | the log of texts to a number, newest first |
//! | `GET /phones`, `GET /phones/{number}` | phones, and one phone's conversation |
//! | `POST /phones/{number}/texts` `{to_sender?,body}` | the phone's owner texts |
//! | `PUT /senders/{sender}` `{inbound_url}` | where texts to a sender go |
//! | `GET`, `PUT /behaviour` | [`super::Behaviour`] |
//! | `GET /log?after=N` | the journal as JSON lines; 410 when the file must be read |
//! | `GET /stats` | counts |

use super::behaviour::Behaviour;
use super::codes;
use super::fate::Answer;
use super::network::{Network, TextError, is_sender};
use super::post::{pump, work};
use super::step::{Plan, Taken};
use super::wire::{BODY_CHARS_MAX, Created, Refused, Submission, VALIDITY_S_MAX};
use crate::digest::from_hex;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use serde::Deserialize;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use wellsent_domain::PhoneNumber;

/// How many phones and journal records are listed at most.
const LIST_MAX: usize = 10_000;

/// Runs a network on a listener until `shutdown` ends. Bind it to this machine only: who reaches it can read every phone.
///
/// # Errors
/// None at present; the type leaves room for a listener that fails for good.
pub async fn serve(network: Network, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(pump(network.clone()));
    for _ in 0..network.0.callback_workers {
        tasks.spawn(work(network.clone()));
    }
    let router = router(network);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(tasks.spawn(connection(stream, router.clone()))),
                // Out of file descriptors, most likely: others will close.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
    tasks.shutdown().await;
    Ok(())
}

/// Marks an answer that is not given: the line is dropped instead.
#[derive(Clone, Copy)]
struct Hangup;

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the simulator drops the line")]
struct LineDropped;

async fn connection(stream: TcpStream, router: Router) {
    // Without it the answer to a second request on the line waits for a timer; failing to set it is harmless.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = hyper::service::Service::call(&service, request);
        async move {
            let Ok(response) = answer.await;
            if response.extensions().get::<Hangup>().is_some() { Err(LineDropped) } else { Ok(response) }
        }
    });
    // An error here is the line ending early, from either side, which is everyday life for a simulator.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

fn router(network: Network) -> Router {
    Router::new()
        .route("/messages", post(submit).get(list_messages))
        .route("/phones", get(list_phones))
        .route("/phones/{number}", get(show_phone))
        .route("/phones/{number}/texts", post(send_text))
        .route("/senders/{sender}", put(register_sender))
        .route("/behaviour", get(show_behaviour).put(set_behaviour))
        .route("/log", get(show_log))
        .route("/stats", get(show_stats))
        .with_state(network)
}

fn refused(status: StatusCode, code: Option<u32>) -> Response {
    (status, Json(Refused { code: code.map(u64::from) })).into_response()
}

async fn submit(State(network): State<Network>, headers: HeaderMap, body: Bytes) -> Response {
    // A web page cannot send this content type here without asking first, and nobody answers that.
    if !headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json")) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, None);
    }
    let Ok(submission) = serde_json::from_slice::<Submission<'_>>(&body) else {
        return refused(StatusCode::BAD_REQUEST, None);
    };
    let Ok(to) = PhoneNumber::from_e164_exact(&submission.to) else {
        return refused(StatusCode::BAD_REQUEST, Some(codes::INVALID_NUMBER));
    };
    if submission.body.is_empty() || submission.body.chars().count() > BODY_CHARS_MAX {
        return refused(StatusCode::BAD_REQUEST, Some(codes::BODY_TOO_LONG));
    }
    let hook = submission.callback_url.split('?').next().unwrap_or_default();
    if !network.knows_or_may_call(hook) {
        return refused(StatusCode::BAD_REQUEST, Some(codes::BAD_CALLBACK));
    }
    if !is_sender(&submission.from) || !(1..=VALIDITY_S_MAX).contains(&submission.validity_s) {
        return refused(StatusCode::BAD_REQUEST, None);
    }
    let parts = u32::try_from(wellsent_text::sms::measure(&submission.body).parts).unwrap_or(u32::MAX);
    let plan = network.submit(&Taken {
        token: from_hex(&submission.token),
        to,
        from: &submission.from,
        body: &submission.body,
        validity: Duration::from_secs(u64::from(submission.validity_s)),
        hook,
    });
    if !plan.after.is_zero() {
        tokio::time::sleep(plan.after).await;
    }
    answer(plan, parts)
}

fn answer(plan: Plan, parts: u32) -> Response {
    match plan.answer {
        Answer::Accept => {
            let created = Created { id: plan.id.unwrap_or_default(), parts: Some(parts) };
            (StatusCode::CREATED, Json(created)).into_response()
        }
        Answer::AcceptThenDrop | Answer::Drop => {
            let mut response = Response::default();
            response.extensions_mut().insert(Hangup);
            response
        }
        Answer::AcceptThenError => refused(StatusCode::INTERNAL_SERVER_ERROR, None),
        Answer::AcceptThenGarbage => (StatusCode::CREATED, "<html>{\"id\":").into_response(),
        Answer::Refuse(code) => refused(StatusCode::BAD_REQUEST, Some(code)),
        Answer::Throttle => {
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, Some(codes::TOO_MANY_REQUESTS));
            if let Some(seconds) = plan.retry_after_s {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

#[derive(Deserialize)]
struct LogQuery {
    to: String,
    since: Option<String>,
    token: Option<String>,
}

async fn list_messages(State(network): State<Network>, Query(query): Query<LogQuery>) -> Response {
    let Ok(to) = PhoneNumber::from_e164_exact(&query.to) else {
        return refused(StatusCode::BAD_REQUEST, Some(codes::INVALID_NUMBER));
    };
    let since = query.since.map(|since| since.parse::<Timestamp>()).transpose();
    let token = query.token.map(|token| from_hex(&token).ok_or(())).transpose();
    match (since, token) {
        (Ok(since), Ok(token)) => Json(network.listed(to, since, token)).into_response(),
        _ => refused(StatusCode::BAD_REQUEST, None),
    }
}

async fn list_phones(State(network): State<Network>) -> Response {
    let phones: Vec<_> = network
        .phones(LIST_MAX)
        .into_iter()
        .map(|phone| {
            serde_json::json!({
                "number": phone.number.expose().to_e164(),
                "last_at": phone.last_at.map(|at| at.to_string()),
                "last": phone.last.map(|last| last.expose().to_string()),
                "got": phone.got,
            })
        })
        .collect();
    Json(phones).into_response()
}

async fn show_phone(State(network): State<Network>, Path(number): Path<String>) -> Response {
    let Ok(number) = PhoneNumber::from_e164_exact(&number) else {
        return refused(StatusCode::BAD_REQUEST, Some(codes::INVALID_NUMBER));
    };
    let lines: Vec<_> = network
        .conversation(&number)
        .into_iter()
        .map(|line| {
            serde_json::json!({
                "id": line.id,
                "at": line.at.to_string(),
                "from_phone": line.from_phone,
                "sender": &*line.sender,
                "body": &**line.body.expose(),
            })
        })
        .collect();
    Json(lines).into_response()
}

#[derive(Deserialize)]
struct PhoneText {
    to_sender: Option<String>,
    body: String,
}

async fn send_text(State(network): State<Network>, Path(number): Path<String>, Json(text): Json<PhoneText>) -> Response {
    let Ok(number) = PhoneNumber::from_e164_exact(&number) else {
        return refused(StatusCode::BAD_REQUEST, Some(codes::INVALID_NUMBER));
    };
    match network.text(&number, text.to_sender.as_deref(), &text.body) {
        Ok(id) => (StatusCode::CREATED, Json(serde_json::json!({ "id": id }))).into_response(),
        Err(error) => {
            let status = match error {
                TextError::NoSender | TextError::NoHook => StatusCode::CONFLICT,
                TextError::BadSender | TextError::TooLong => StatusCode::BAD_REQUEST,
            };
            (status, Json(serde_json::json!({ "error": error.to_string() }))).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Hook {
    inbound_url: String,
}

async fn register_sender(State(network): State<Network>, Path(sender): Path<String>, Json(hook): Json<Hook>) -> Response {
    match network.register_hook(&sender, &hook.inbound_url) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => refused(StatusCode::BAD_REQUEST, Some(codes::BAD_CALLBACK)),
    }
}

async fn show_behaviour(State(network): State<Network>) -> Json<Behaviour> {
    Json(network.behaviour())
}

async fn set_behaviour(State(network): State<Network>, Json(behaviour): Json<Behaviour>) -> StatusCode {
    // A number in another form would never match a text, and the tester would wonder why.
    if behaviour.numbers.keys().any(|number| PhoneNumber::from_e164_exact(number).is_err()) {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    network.set_behaviour(behaviour);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn show_log(State(network): State<Network>, Query(After { after }): Query<After>) -> Response {
    match network.journal_after(after, LIST_MAX) {
        Some(lines) => ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response(),
        None => (StatusCode::GONE, "older records are in the journal file only\n").into_response(),
    }
}

async fn show_stats(State(network): State<Network>) -> Response {
    Json(network.stats()).into_response()
}
