//! The adapter: how Wellsent talks to Telnyx.

use super::codes::{QUEUE_FULL, TOO_MANY_REQUESTS, UNCLEAR, failure, failure_of_status, is_account};
use super::receive;
use super::signature::PublicKeys;
use super::wire::{BODY_CHARS_MAX, Submission, VALIDITY_S, is_id, is_number, problems, text};
use crate::contract::{Carrier, Idempotency, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits, UnknownCause};
use crate::http::{Allow, Http, Reply, Settings as HttpSettings, parse_url};
use crate::outgoing::Outgoing;
use crate::{Callback, CallbackError, Clock, Event, HttpSetupError};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;
use std::time::Duration;
use wellsent_domain::gate::Released;

/// Where Telnyx listens.
const BASE_URL: &str = "https://api.telnyx.com/v2";
/// How long Telnyx recognises a repeated submission by its key.
const KEY_TTL: Duration = Duration::from_secs(24 * 3600);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// An API key cannot stand in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Telnyx's API key must be one word; copy it from the portal's page of keys")]
pub struct ApiKeyError;

/// A Telnyx API key. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// Takes the key as Telnyx's portal shows it.
    ///
    /// # Errors
    /// When it cannot be one.
    pub fn new(key: &str) -> Result<Self, ApiKeyError> {
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiKeyError);
        }
        let mut header = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| ApiKeyError)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// How the adapter is set up.
pub struct Settings {
    /// The account's name in the settings; it stands in callback addresses.
    pub name: String,
    /// The organization's id at Telnyx, as the agreement names it (TW-01). Webhooks of another organization are refused.
    pub account: Option<String>,
    /// The key for the API.
    pub api_key: ApiKey,
    /// The keys that webhooks are signed with.
    pub public_keys: PublicKeys,
    /// Another address than Telnyx's own, for tests and private gateways.
    pub base_url: Option<String>,
    /// Our own public address, without a slash at the end; the hooks lie under it.
    pub callback_base: String,
    /// The clock by which validity and the age of webhooks are counted.
    pub clock: Clock,
    /// From the first look at the address to the last byte of the answer; below the lease of a claim.
    pub deadline: Duration,
    /// Idle connections that are kept; as many as submissions run at once, so that none pays for a new one.
    pub connections: usize,
}

/// Telnyx as a [`Carrier`].
pub struct TelnyxCarrier {
    http: Http,
    base: String,
    messages: Url,
    name: String,
    account: Option<String>,
    api_key: ApiKey,
    public_keys: PublicKeys,
    callback_base: String,
    clock: Clock,
}

impl TelnyxCarrier {
    /// Sets the adapter up; no connection is made yet.
    ///
    /// # Errors
    /// When an address is not one, or would leave this machine unencrypted.
    pub fn new(settings: Settings) -> Result<Self, HttpSetupError> {
        let base = settings.base_url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/').to_owned();
        let messages = parse_url(&format!("{base}/messages"))?;
        let callback_base = settings.callback_base.trim_end_matches('/').to_owned();
        parse_url(&callback_base)?;
        let http = Http::new(HttpSettings {
            allow: Allow::Origins(vec![messages.clone()]),
            deadline: settings.deadline,
            connect_deadline: settings.deadline / 2,
            idle_connections: settings.connections,
        })?;
        let Settings { name, account, api_key, public_keys, clock, .. } = settings;
        Ok(Self { http, base, messages, name, account, api_key, public_keys, callback_base, clock })
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// An address below the API's root.
    pub(super) fn address(&self, path: &str) -> Option<Url> {
        parse_url(&format!("{}/{path}", self.base)).ok()
    }

    pub(super) async fn call(&self, method: Method, url: Url, more: &[(HeaderName, HeaderValue)], body: Option<Vec<u8>>) -> Reply {
        let mut headers = vec![(AUTHORIZATION, self.api_key.0.clone()), (ACCEPT, HeaderValue::from_static("application/json"))];
        headers.extend_from_slice(more);
        self.http.call(method, url, &headers, body).await
    }

    /// Hands one text over and says what is known about it.
    pub(super) async fn submit_outgoing(&self, outgoing: &Outgoing) -> Outcome {
        // A number or short code sends itself; anything else is a messaging profile, which picks one of its numbers.
        let is_number = is_number(&outgoing.from);
        let submission = Submission {
            from: is_number.then_some(outgoing.from.as_str()),
            messaging_profile_id: (!is_number).then_some(outgoing.from.as_str()),
            to: &outgoing.to,
            text: &outgoing.body,
            kind: "SMS",
            webhook_url: &outgoing.callback,
        };
        let json = serde_json::to_vec(&submission).ok();
        let key = HeaderValue::try_from(outgoing.token.to_hex()).ok();
        let (Some(json), Some(key)) = (json, key) else {
            return Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
        };
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (IDEMPOTENCY_KEY, key)];
        outcome(self.call(Method::POST, self.messages.clone(), &headers, Some(json)).await)
    }
}

/// The class of an answer to a submission (TW-13, TW-14).
fn outcome(reply: Reply) -> Outcome {
    let answer = match reply.answered() {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    let body: Value = answer.body.and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or(Value::Null);
    let not_submitted = |cause| Outcome::NotSubmitted { cause, retry_after: answer.retry_after };
    match answer.status {
        200..=299 => match text(&body, "/data/id") {
            Some(id) if is_id(id) => {
                let parts = body.pointer("/data/parts").and_then(Value::as_u64).and_then(|parts| u32::try_from(parts).ok());
                Outcome::Accepted { carrier_message_id: id.to_owned(), parts: parts.filter(|parts| *parts > 0) }
            }
            _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
        },
        status @ 400..=499 => {
            let problems = problems(&body);
            let any = |test: &dyn Fn(u32) -> bool| problems.iter().filter_map(|problem| problem.code).any(test);
            let told = problems.iter().find(|problem| problem.code.is_some());
            if any(&is_account) || status == 401 || status == 402 || (status == 403 && told.is_none()) {
                return not_submitted(NotSubmittedCause::AccountRefused);
            }
            if status == 429 || any(&|code| matches!(code, TOO_MANY_REQUESTS | QUEUE_FULL)) {
                return not_submitted(NotSubmittedCause::Throttled);
            }
            // 409 says that a submission with this attempt's key is under way.
            if matches!(status, 408 | 409) || any(&|code| UNCLEAR.contains(&code)) {
                return Outcome::Unknown { cause: UnknownCause::ServerError };
            }
            Outcome::Rejected {
                failure: told.map_or_else(|| failure_of_status(status), failure),
                code: told.and_then(|problem| problem.code),
            }
        }
        500..=599 => Outcome::Unknown { cause: UnknownCause::ServerError },
        _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
    }
}

impl Carrier for TelnyxCarrier {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &'static str {
        "Telnyx"
    }

    fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match Outgoing::of(&released, &self.name, &self.callback_base, VALIDITY_S, self.now()) {
                Some(outgoing) => self.submit_outgoing(&outgoing).await,
                None => Outcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, retry_after: None },
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        Box::pin(std::future::ready(receive::parse(&self.public_keys, self.account.as_deref(), self.now(), &callback)))
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        Box::pin(self.read_sent(query))
    }

    fn received<'a>(&'a self, sender_address: &'a str, since: Timestamp) -> BoxFuture<'a, Result<Vec<Event>, LookupError>> {
        Box::pin(self.read_received(sender_address, since))
    }

    fn traits(&self) -> Traits {
        Traits {
            validity_s: VALIDITY_S..=VALIDITY_S,
            body_chars_max: BODY_CHARS_MAX,
            idempotency: Idempotency::Key { ttl: KEY_TTL },
            log_shows_token: true,
            reports_delivery: true,
            answers_stop: true,
            forgets: false,
            keeps_received: true,
            simulated: false,
        }
    }
}
