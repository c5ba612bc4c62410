//! One request inside a tunnel and its answer.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, FORWARDED, HOST, HeaderName, PROXY_AUTHORIZATION, TE, TRAILER, UPGRADE};
use axum::http::{Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::answer;
use crate::hosts::{Host, Serves};
use crate::limits::Limits;

/// Stands among the extensions of a request that came through the proxy, with the name of the host that the client believes to have reached. What the
/// router writes into addresses and what it signs must name this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThroughProxy {
    /// `api.twilio.com`.
    pub host: &'static str,
}

/// What a request needs.
pub(crate) struct Exchange {
    pub(crate) host: &'static Host,
    pub(crate) peer: SocketAddr,
    pub(crate) router: Router,
    pub(crate) limits: Limits,
}

/// What Twilio says of a resource that it does not have.
const NOT_FOUND: u32 = 20404;
/// What Twilio says of a method that it does not take.
const METHOD_NOT_ALLOWED: u32 = 20004;
/// What Twilio says of a request that it does not understand.
const INVALID: u32 = 20422;

/// Headers that a client must not be able to set: the router may believe them when they come from this machine.
const STRIPPED: [HeaderName; 11] = [
    CONNECTION,
    FORWARDED,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    UPGRADE,
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// Answers one request. The log learns the host and the class of the status.
pub(crate) async fn run(request: Request<Incoming>, exchange: Exchange) -> Response<Body> {
    let host = exchange.host.name;
    let answer = match prepare(request, &exchange).await {
        Ok(request) => match TowerToHyperService::new(exchange.router).call(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        },
        Err(refusal) => *refusal,
    };
    tracing::info!(host, status = class(answer.status()), "proxied");
    answer
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// The request as the router gets it, with its whole body, or what the client is told instead.
async fn prepare(request: Request<Incoming>, exchange: &Exchange) -> Result<Request<Body>, Box<Response<Body>>> {
    let refuse = |status, code, message: &str| Box::new(answer::twilio_and_close(status, code, message));
    let name = exchange.host.name;
    let (mut head, body) = request.into_parts();
    if head.method == Method::CONNECT {
        return Err(refuse(StatusCode::METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED, "There is no proxy inside this proxy."));
    }
    if !is_for(name, &head) {
        return Err(refuse(
            StatusCode::MISDIRECTED_REQUEST,
            NOT_FOUND,
            "The request names another host than the one that the connection was opened for.",
        ));
    }
    if let Serves::Nothing(instead) = exchange.host.serves {
        let message = format!("Wellsent stands in for Twilio here, and serves api.twilio.com, not {name}. {instead}");
        return Err(Box::new(answer::twilio_and_close(StatusCode::NOT_FOUND, NOT_FOUND, &message)));
    }
    let body = match tokio::time::timeout(exchange.limits.body, Limited::new(body, exchange.limits.body_bytes).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, INVALID, "The request is longer than this proxy takes."));
        }
        Ok(Err(_)) => return Err(refuse(StatusCode::BAD_REQUEST, INVALID, "The request's body could not be read.")),
        Err(_) => return Err(refuse(StatusCode::REQUEST_TIMEOUT, INVALID, "The request's body came too slowly.")),
    };
    if let Some(path) = head.uri.path_and_query() {
        head.uri = Uri::from(path.clone());
    }
    for header in STRIPPED {
        head.headers.remove(header);
    }
    head.extensions.insert(ConnectInfo(exchange.peer));
    head.extensions.insert(ThroughProxy { host: name });
    Ok(Request::from_parts(head, Body::from(body)))
}

/// Whether a request names the host that the connection was opened for, once in its head and, if it does so, in its address.
fn is_for(name: &str, head: &axum::http::request::Parts) -> bool {
    let same = |text: &str| {
        let host = text.strip_suffix(":443").unwrap_or(text);
        host.eq_ignore_ascii_case(name)
    };
    let mut named = head.headers.get_all(HOST).iter();
    let by_header = match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().is_ok_and(same),
        (None, None) => head.version == Version::HTTP_10,
        _ => false,
    };
    by_header && head.uri.authority().is_none_or(|authority| same(authority.as_str()))
}
