//! The one HTTP client of the adapters: hosts from an allow-list, one total deadline, no redirect, no proxy, no retry.
//!
//! What matters most is what can be said after a failure: only an error that happened while connecting proves that no byte of the request
//! left. Everything else is unclear.

use crate::{LookupError, NotSubmittedCause, Outcome, UnknownCause};
use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Url, redirect};
use std::net::IpAddr;
use std::time::Duration;

/// The largest answer that is read; longer ones count as unreadable.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// The longest wait that a carrier can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Why a client could not be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpSetupError {
    /// The address is not one.
    #[error("the carrier's address is not a web address; write it like https://host.example")]
    Address,
    /// Plain HTTP leaves this machine.
    #[error("the carrier's address must begin with https:// unless it is on this machine")]
    NotEncrypted,
    /// The TLS library refused its settings.
    #[error("no TLS client could be set up; check that this machine has root certificates")]
    Tls,
}

/// Where requests may go.
#[derive(Debug)]
pub(crate) enum Allow {
    /// To these origins, and nowhere else.
    Origins(Vec<Url>),
    /// To addresses on this machine, and to these origins.
    Loopback(Vec<Url>),
}

/// How the client is set up.
#[derive(Debug)]
pub(crate) struct Settings {
    pub allow: Allow,
    /// From the first look at the address to the last byte of the answer.
    pub deadline: Duration,
    /// For finding and reaching the host; shorter than the deadline, so that a dead host is told apart from a silent one.
    pub connect_deadline: Duration,
    /// Idle connections kept for each host.
    pub idle_connections: usize,
}

/// The client.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    allow: Allow,
}

/// What came of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A status line was read.
    Answered(Answer),
    /// No byte of the request left.
    NotSent(NotSent),
    /// Bytes may have left and no status was read.
    Unclear {
        /// Whether time ran out, as opposed to a broken line.
        deadline: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSent {
    NoConnection,
    AddressNotAllowed,
}

impl Reply {
    /// The answer to a submission, or what is known without one: the same for every carrier that is reached by HTTP (TW-13).
    pub fn answered(self) -> Result<Answer, Outcome> {
        let not_submitted = |cause| Err(Outcome::NotSubmitted { cause, retry_after: None });
        match self {
            Self::Answered(answer) => Ok(answer),
            Self::NotSent(NotSent::NoConnection) => not_submitted(NotSubmittedCause::NoConnection),
            Self::NotSent(NotSent::AddressNotAllowed) => not_submitted(NotSubmittedCause::AddressNotAllowed),
            Self::Unclear { deadline: true } => Err(Outcome::Unknown { cause: UnknownCause::Deadline }),
            Self::Unclear { deadline: false } => Err(Outcome::Unknown { cause: UnknownCause::LineLost }),
        }
    }

    /// The body of a 200 to a look into the carrier's log, or why nothing may be concluded.
    pub fn log(self) -> Result<Vec<u8>, LookupError> {
        match self {
            Self::Answered(Answer { status: 200, body: Some(body), .. }) => Ok(body),
            Self::Answered(Answer { status: status @ (400..=428 | 430..=499), .. }) => Err(LookupError::Refused(status)),
            Self::Answered(Answer { status: 429 | 500..=599, .. }) | Self::NotSent(_) | Self::Unclear { .. } => Err(LookupError::NoAnswer),
            Self::Answered(_) => Err(LookupError::Unreadable),
        }
    }
}

/// A status and what came with it.
#[derive(PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// The body, unless it was cut off or too long.
    pub body: Option<Vec<u8>>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Http {
    pub fn new(settings: Settings) -> Result<Self, HttpSetupError> {
        // A second installation fails and leaves the first in place, which is the same provider.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let encrypted = match &settings.allow {
            Allow::Origins(origins) | Allow::Loopback(origins) => {
                for origin in origins {
                    if origin.scheme() != "https" && !is_loopback(origin) {
                        return Err(HttpSetupError::NotEncrypted);
                    }
                }
                origins.iter().any(|origin| origin.scheme() == "https")
            }
        };
        let mut builder = Client::builder()
            .user_agent(concat!("wellsent/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .pool_max_idle_per_host(settings.idle_connections)
            .pool_idle_timeout(Duration::from_secs(20))
            .connect_timeout(settings.connect_deadline)
            .timeout(settings.deadline);
        if !encrypted {
            // Without an encrypted host no root certificates are needed, and a slim container has none.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|_| HttpSetupError::Tls)?;
        Ok(Self { client, allow: settings.allow })
    }

    /// Makes one request, once.
    pub async fn call(&self, method: Method, url: Url, headers: &[(HeaderName, HeaderValue)], body: Option<Vec<u8>>) -> Reply {
        if !self.allows(&url) {
            return Reply::NotSent(NotSent::AddressNotAllowed);
        }
        let mut request = reqwest::Request::new(method, url);
        for (name, value) in headers {
            request.headers_mut().insert(name, value.clone());
        }
        *request.body_mut() = body.map(Into::into);
        let mut response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Reply::NotSent(NotSent::NoConnection),
            Err(error) => {
                return Reply::Unclear { deadline: error.is_timeout() };
            }
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(retry_after);
        let mut body = Vec::new();
        let whole = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
                Ok(None) => break true,
                Ok(Some(_)) | Err(_) => break false,
            }
        };
        Reply::Answered(Answer { status, retry_after, body: whole.then_some(body) })
    }

    /// Whether requests may go to this address.
    pub fn allows(&self, url: &Url) -> bool {
        let listed = |origins: &[Url]| origins.iter().any(|origin| origin.origin() == url.origin());
        match &self.allow {
            Allow::Origins(origins) => listed(origins),
            Allow::Loopback(origins) => is_loopback(url) || listed(origins),
        }
    }
}

/// Reads an address of http or https without user, password or fragment.
pub(crate) fn parse_url(text: &str) -> Result<Url, HttpSetupError> {
    let url = Url::parse(text).map_err(|_| HttpSetupError::Address)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none() && url.host_str().is_some();
    (plain && matches!(url.scheme(), "http" | "https")).then_some(url).ok_or(HttpSetupError::Address)
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost" || host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// Whole seconds, capped. The form with a date would need a clock that agrees with the carrier's, so it is left out.
fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(allow: Allow) -> Settings {
        Settings { allow, deadline: Duration::from_secs(1), connect_deadline: Duration::from_millis(500), idle_connections: 1 }
    }

    fn url(text: &str) -> Url {
        parse_url(text).unwrap()
    }

    #[test]
    fn plain_http_does_not_leave_this_machine() {
        let far = settings(Allow::Origins(vec![url("http://carrier.example")]));
        assert_eq!(Http::new(far).unwrap_err(), HttpSetupError::NotEncrypted);
        assert!(Http::new(settings(Allow::Origins(vec![url("http://127.0.0.1:9")]))).is_ok());
        assert!(Http::new(settings(Allow::Origins(vec![url("http://[::1]:9")]))).is_ok());
    }

    #[test]
    fn only_listed_origins_are_called() {
        let http = Http::new(settings(Allow::Origins(vec![url("http://127.0.0.1:9/base")]))).unwrap();
        assert!(http.allows(&url("http://127.0.0.1:9/anything")));
        for other in ["http://127.0.0.1:10/base", "https://127.0.0.1:9/base", "http://127.0.0.2:9/", "http://169.254.169.254/"] {
            assert!(!http.allows(&url(other)), "{other}");
        }
        let http = Http::new(settings(Allow::Loopback(vec![]))).unwrap();
        assert!(http.allows(&url("http://localhost:1/")));
        assert!(!http.allows(&url("http://localhost.example/")));
        assert!(!http.allows(&url("http://10.0.0.1/")));
    }

    #[test]
    fn addresses_with_credentials_or_other_schemes_are_refused() {
        for wrong in ["", "host", "ftp://host/", "http://user@host/", "http://:word@host/", "file:///etc/hosts", "http://host/#part"] {
            assert!(parse_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wait_is_read_in_seconds_and_capped() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("999999999"), Some(RETRY_AFTER_MAX));
        for wrong in ["", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(retry_after(wrong), None, "{wrong}");
        }
    }
}
