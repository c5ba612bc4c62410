//! One connection: `CONNECT`, TLS, requests.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::answer;
use crate::exchange::{self, Exchange};
use crate::hosts::{self, Host};
use crate::limits::Limits;
use crate::proxy::Shared;

/// What stands behind the 200 for a `CONNECT`. Twilio's library for PHP takes the answer of a proxy away from the front of Twilio's answer only if it has
/// these words and not a single header.
const ESTABLISHED: &[u8] = b"Connection established";

/// Serves one connection to its end. Errors here are a client that left or that speaks something else.
pub(crate) async fn run(stream: TcpStream, peer: SocketAddr, shared: &Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    // Without it a short answer waits for a timer; failing to set it is harmless.
    let _ = stream.set_nodelay(true);
    let tunnel = tokio::select! {
        tunnel = open(stream, &shared.limits) => tunnel,
        // Before there is a tunnel nothing is under way that would be lost.
        () = told_to_stop(&mut stopped) => None,
    };
    if let Some((host, upgrade)) = tunnel {
        serve(upgrade, host, peer, shared, &mut stopped).await;
    }
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error is the sender gone, which is the proxy gone.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Takes the `CONNECT` request, or refuses what else comes.
async fn open(stream: TcpStream, limits: &Limits) -> Option<(&'static Host, OnUpgrade)> {
    let tunnel = Mutex::new(None);
    let answer = service_fn(|request: Request<Incoming>| {
        let answer = ask(request, &tunnel);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = builder(limits, limits.opening).auto_date_header(false).serve_connection(TokioIo::new(stream), answer).with_upgrades();
    match tokio::time::timeout(limits.opening, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => tracing::debug!(reason = "no request", "proxy refused"),
        Err(_) => tracing::debug!(reason = "slow", "proxy refused"),
    }
    tunnel.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn ask(request: Request<Incoming>, tunnel: &Mutex<Option<(&'static Host, OnUpgrade)>>) -> Response<Body> {
    let refused = |status, reason, words| {
        tracing::info!(reason, "proxy refused");
        answer::sentence(status, words)
    };
    if request.method() != Method::CONNECT {
        return match request.uri().host() {
            Some(_) => refused(
                StatusCode::FORBIDDEN,
                "plain http",
                "This proxy takes https requests to Twilio's API only; plain http would show credentials and texts to whoever listens.",
            ),
            None => refused(StatusCode::BAD_REQUEST, "not a proxy request", "This is a proxy for Twilio's API, not a web server."),
        };
    }
    let Some(authority) = request.uri().authority() else {
        return refused(StatusCode::BAD_REQUEST, "no host", "CONNECT needs a host and a port.");
    };
    match hosts::find(authority) {
        Err(refusal) => refused(StatusCode::FORBIDDEN, refusal.reason(), refusal.sentence()),
        Ok(host) => {
            let upgrade = hyper::upgrade::on(request);
            *tunnel.lock().unwrap_or_else(PoisonError::into_inner) = Some((host, upgrade));
            let mut opened = Response::new(Body::empty());
            opened.extensions_mut().insert(ReasonPhrase::from_static(ESTABLISHED));
            opened
        }
    }
}

/// Ends TLS and serves the requests inside.
async fn serve(upgrade: OnUpgrade, host: &'static Host, peer: SocketAddr, shared: &Arc<Shared>, stopped: &mut watch::Receiver<bool>) {
    let limits = shared.limits;
    let settings = match shared.certificates.settings(host) {
        Ok(settings) => settings,
        Err(error) => {
            tracing::error!(%error, "the proxy has no certificate");
            return;
        }
    };
    let handshake = async {
        let tunnel = upgrade.await.ok()?;
        TlsAcceptor::from(settings).accept(TokioIo::new(tunnel)).await.ok()
    };
    let secured = tokio::select! {
        secured = tokio::time::timeout(limits.opening, handshake) => secured.ok().flatten(),
        () = told_to_stop(stopped) => return,
    };
    let Some(secured) = secured else {
        // Most often: the application does not trust the authority yet.
        tracing::info!(host = host.name, reason = "handshake", "proxy refused");
        return;
    };
    let answer = service_fn(|request: Request<Incoming>| {
        let exchange = Exchange { host, peer, router: shared.router.clone(), limits };
        async move { Ok::<_, Infallible>(exchange::run(request, exchange).await) }
    });
    let connection = builder(&limits, limits.head).half_close(true).serve_connection(TokioIo::new(secured), answer);
    tokio::pin!(connection);
    let over = tokio::select! {
        _ = connection.as_mut() => false,
        () = tokio::time::sleep(limits.life) => true,
        () = told_to_stop(stopped) => true,
    };
    if over {
        connection.as_mut().graceful_shutdown();
        finish(connection, &limits).await;
    }
}

async fn finish<T>(connection: impl Future<Output = T>, limits: &Limits) {
    let _ = tokio::time::timeout(limits.ending, connection).await;
}

fn builder(limits: &Limits, head: std::time::Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(limits.head_bytes());
    builder
}
