//! The peer over HTTP. All of Twilio's hosts are one address here: their paths do not meet.

use super::control;
use super::error::ApiError;
use super::network::{Request, Twilio};
use super::{lookup, messages, verify};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The largest request that is read.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// Serves an account on a listener until `shutdown` ends. Bind it to this machine only: who reaches it can read every phone.
pub async fn serve(twilio: Twilio, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let mut tasks = JoinSet::new();
    let router = router(twilio);
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
}

/// Marks an answer that is not given: the line is dropped instead.
#[derive(Clone, Copy)]
pub(super) struct Hangup;

impl Hangup {
    pub fn response() -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(Self);
        response
    }
}

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the peer drops the line")]
struct LineDropped;

async fn connection(stream: TcpStream, router: Router) {
    // Without it the answer to a second request on the line waits for a timer; failing to set it is harmless.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let answer = service_fn(move |request: http::Request<Incoming>| {
        let answer = hyper::service::Service::call(&service, request);
        async move {
            let Ok(response) = answer.await;
            if response.extensions().get::<Hangup>().is_some() { Err(LineDropped) } else { Ok(response) }
        }
    });
    // An error here is the line ending early, from either side, which is everyday life for a peer.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

fn router(twilio: Twilio) -> Router {
    let api = Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(messages::create).get(messages::list))
        .route("/2010-04-01/Accounts/{account}/Messages/{sid}", get(messages::fetch).post(messages::update).delete(messages::delete))
        .route("/v2/PhoneNumbers/{number}", get(lookup::fetch))
        .route("/v2/Services/{service}/Verifications", post(verify::start))
        .route("/v2/Services/{service}/VerificationCheck", post(verify::check))
        .fallback(async || ApiError::new(20_404).into_response())
        .layer(from_fn_with_state(twilio.clone(), admit))
        .with_state(twilio.clone());
    Router::new()
        .route("/phones/{number}", get(control::show_phone))
        .route("/phones/{number}/texts", post(control::send_text))
        .route("/senders/{sender}", put(control::register_sender))
        .route("/behaviour", get(control::show_behaviour).put(control::set_behaviour))
        .route("/stats", get(control::show_stats))
        .with_state(twilio)
        .merge(api)
}

/// Remembers a request and checks who makes it.
async fn admit(State(twilio): State<Twilio>, request: http::Request<Body>, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, REQUEST_BYTES_MAX).await else {
        return ApiError::new(20_001).into_response();
    };
    let headers =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    twilio.remember(Request {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: headers.collect(),
        body: body.to_vec(),
    });
    let given = parts.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !admitted(&twilio, given) {
        return ApiError::new(20_003).into_response();
    }
    let of_account = parts.uri.path().strip_prefix("/2010-04-01/Accounts/").map(|rest| rest.split(['/', '.']).next());
    if of_account.is_some_and(|account| account != Some(twilio.0.account_sid.as_str())) {
        return ApiError::new(20_404).into_response();
    }
    next.run(http::Request::from_parts(parts, Body::from(body))).await
}

/// Whether credentials are an API key's, or the account's own.
fn admitted(twilio: &Twilio, given: &str) -> bool {
    let Some(decoded) = given.strip_prefix("Basic ").and_then(|encoded| STANDARD.decode(encoded).ok()) else {
        return false;
    };
    let Ok(decoded) = String::from_utf8(decoded) else { return false };
    let Some((name, secret)) = decoded.split_once(':') else { return false };
    let by_key = twilio.0.api_keys.iter().any(|(sid, known)| sid == name && known == secret);
    by_key || (name == twilio.0.account_sid && secret == twilio.auth_token())
}
