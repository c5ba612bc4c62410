//! Accepting connections, within bounds that keep a slow or greedy peer from using the server up.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use wellsent_web::Peer;

/// How long the head of a request may take to arrive. A connection that is idle for as long is closed.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(20);
/// The largest head of a request, in bytes; more is answered with 431.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The most connections at a time. Those beyond wait in the system's queue.
const CONNECTIONS_MAX: usize = 2_048;

/// Serves `router` until `stop` becomes true, and then until the requests that are under way are answered.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let slot = tokio::select! {
            () = stopped(&mut stop) => break,
            // The semaphore is never closed.
            Ok(slot) = Arc::clone(&slots).acquire_owned() => slot,
        };
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (router, stop) = (router.clone().layer(axum::Extension(Peer(peer.ip()))), stop.clone());
                connections.spawn(async move {
                    connection(stream, router, stop).await;
                    drop(slot);
                });
            }
            // The peer is gone already, or file descriptors ran out: others will close.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    // Without it the answer to a second request on the line waits for a timer; failing to set it is harmless.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_header_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = pin!(served);
    // An error is a line that ended early or spoke no HTTP: nobody is left to tell.
    tokio::select! {
        _ = served.as_mut() => return,
        () = stopped(&mut stop) => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the server itself is gone, which is a stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}
