//! How much and how long.

use std::time::Duration;

/// The limits of a [`Proxy`](crate::Proxy).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time. One more is answered 503 and closed.
    pub connections: usize,
    /// Bytes of a request's head, at least 8,192; more is answered 431.
    pub head_bytes: usize,
    /// Bytes of a request's body; more is answered 413. A text of the greatest length that Twilio takes is far below the default.
    pub body_bytes: usize,
    /// For the `CONNECT` request, and once more for the TLS handshake.
    pub opening: Duration,
    /// For the head of a request, from the end of the answer before: also how long a connection may lie idle.
    pub head: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For a connection. Afterwards the request that is under way is answered, and the client connects anew. It bounds what a client can hold that reads
    /// its answers slowly.
    pub life: Duration,
    /// For the request that is under way, when a connection's life is over or the proxy ends.
    pub ending: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head_bytes: 16 * 1024,
            body_bytes: 64 * 1024,
            opening: Duration::from_secs(10),
            head: Duration::from_secs(60),
            body: Duration::from_secs(20),
            life: Duration::from_secs(600),
            ending: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The HTTP library takes no less.
    const SMALLEST_HEAD: usize = 8 * 1024;

    pub(crate) fn head_bytes(&self) -> usize {
        self.head_bytes.max(Self::SMALLEST_HEAD)
    }
}
