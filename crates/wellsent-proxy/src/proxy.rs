//! The proxy as a whole.

use std::fmt;
use std::future::Future;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::authority::Authority;
use crate::authority_file::AuthorityError;
use crate::certificates::Certificates;
use crate::connection;
use crate::limits::Limits;
use crate::listener::Listener;

/// Tells the time, for the ends of certificates.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long to wait when the system has no socket to give.
const BREATHER: Duration = Duration::from_millis(100);

const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: 51\r\n\r\n\
                      This proxy has no connection left; try again soon.\n";

/// A proxy that stands in for Twilio's API.
pub struct Proxy {
    /// Where it listens.
    pub listener: Listener,
    /// Issues its certificates.
    pub authority: Authority,
    /// Tells the time.
    pub clock: Clock,
    /// Answers the requests for `api.twilio.com`. It gets them with a path only, as from a client that came directly, with the client's address as
    /// [`ConnectInfo`](axum::extract::ConnectInfo) and with [`ThroughProxy`](crate::ThroughProxy) among the extensions.
    pub router: Router,
    /// How much and how long.
    pub limits: Limits,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("listener", &self.listener)
            .field("authority", &self.authority)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What every connection needs.
pub(crate) struct Shared {
    pub(crate) certificates: Certificates,
    pub(crate) router: Router,
    pub(crate) limits: Limits,
}

impl Proxy {
    /// Serves until `shutdown` completes; then takes no more connections, lets the requests that are under way be answered, and ends within
    /// [`Limits::ending`].
    ///
    /// # Errors
    /// Before it serves: [`AuthorityError::Ended`] or [`AuthorityError::Signing`], if no certificate can be issued.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), AuthorityError> {
        let Self { listener, authority, clock, router, limits } = self;
        let shared = Arc::new(Shared { certificates: Certificates::new(authority, clock)?, router, limits });
        let places = Arc::new(Semaphore::new(limits.connections));
        let (stop, stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                Some(_) = running.join_next(), if !running.is_empty() => continue,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                // The client went away before it was taken.
                Err(error)
                    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused) =>
                {
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "the proxy cannot take connections at the moment");
                    tokio::time::sleep(BREATHER).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                turn_away(&stream);
                continue;
            };
            let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
            running.spawn(async move {
                connection::run(stream, peer, &shared, stopped).await;
                drop(place);
            });
        }
        drop(listener);
        let _ = stop.send(true);
        let _ = tokio::time::timeout(limits.ending, async { while running.join_next().await.is_some() {} }).await;
        running.shutdown().await;
        Ok(())
    }
}

/// Says so without waiting: the words fit into the socket's empty buffer.
fn turn_away(stream: &TcpStream) {
    tracing::warn!(reason = "connections", "proxy refused");
    let _ = stream.try_write(FULL);
}

#[cfg(test)]
mod tests {
    use super::FULL;

    #[test]
    fn the_words_of_a_full_proxy_are_as_long_as_they_say() {
        let text = std::str::from_utf8(FULL).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}", body.len());
    }
}
