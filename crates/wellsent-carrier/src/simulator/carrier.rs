//! The adapter: how Wellsent talks to the simulator.

use super::codes::{failure_of, failure_of_status};
use super::receive;
use super::wire::{BODY_CHARS_MAX, Created, Listed, Refused, Submission, VALIDITY_S_MAX};
use crate::contract::{
    Carrier, Idempotency, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits, UnknownCause, body_digest,
};
use crate::http::{Allow, Http, Reply, Settings as HttpSettings, parse_url};
use crate::outgoing::Outgoing;
use crate::{Callback, CallbackError, CallbackSecret, Clock, Event, HttpSetupError};
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Url};
use std::borrow::Cow;
use std::time::Duration;
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_domain::gate::{AttemptToken, Released};

/// How the adapter is set up.
pub struct Settings {
    /// Where the simulator listens, like `http://127.0.0.1:4010`.
    pub base_url: String,
    /// Our own public address, without a slash at the end; the hooks lie under it.
    pub callback_base: String,
    /// The secret that callbacks are signed with.
    pub secret: CallbackSecret,
    /// The clock by which a text's validity is counted.
    pub clock: Clock,
    /// From the first look at the address to the last byte of the answer; below the lease of a claim.
    pub deadline: Duration,
    /// Idle connections that are kept; as many as submissions run at once, so that none pays for a new one.
    pub connections: usize,
}

/// The simulator as a [`Carrier`].
pub struct SimulatorCarrier {
    http: Http,
    messages: Url,
    callback_base: String,
    secret: CallbackSecret,
    clock: Clock,
}

impl SimulatorCarrier {
    /// Sets the adapter up; no connection is made yet.
    ///
    /// # Errors
    /// When an address is not one, or would leave this machine unencrypted.
    pub fn new(settings: Settings) -> Result<Self, HttpSetupError> {
        let messages = parse_url(&format!("{}/messages", settings.base_url.trim_end_matches('/')))?;
        let callback_base = settings.callback_base.trim_end_matches('/').to_owned();
        parse_url(&callback_base)?;
        let http = Http::new(HttpSettings {
            allow: Allow::Origins(vec![messages.clone()]),
            deadline: settings.deadline,
            connect_deadline: settings.deadline / 2,
            idle_connections: settings.connections,
        })?;
        Ok(Self { http, messages, callback_base, secret: settings.secret, clock: settings.clock })
    }

    /// What a released text is on the line, unless its time is over. The simulated network knows senders by their ids.
    fn outgoing(&self, released: &Released) -> Option<Outgoing> {
        let outgoing = Outgoing::of(released, "simulator", &self.callback_base, VALIDITY_S_MAX, (self.clock)())?;
        Some(Outgoing { from: released.sender().to_string(), ..outgoing })
    }

    /// Hands one text over and says what is known about it.
    pub(super) async fn submit_outgoing(&self, text: &Outgoing) -> Outcome {
        let token = text.token.to_hex();
        let submission = Submission {
            token: Cow::Borrowed(&token),
            to: Cow::Borrowed(&text.to),
            from: Cow::Borrowed(&text.from),
            body: Cow::Borrowed(&text.body),
            validity_s: text.validity_s,
            callback_url: Cow::Borrowed(&text.callback),
        };
        let Ok(json) = serde_json::to_vec(&submission) else {
            return Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
        };
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        outcome(self.http.call(Method::POST, self.messages.clone(), &headers, Some(json)).await)
    }

    async fn read_log(&self, query: LookupQuery) -> Result<Vec<LogEntry>, LookupError> {
        let mut url = self.messages.clone();
        {
            let mut pairs = url.query_pairs_mut();
            pairs.append_pair("to", &query.to.expose().to_e164());
            pairs.append_pair("since", &query.sent_after.to_string());
            if let Some(token) = &query.token {
                pairs.append_pair("token", &token.to_hex());
            }
        }
        let body = self.http.call(Method::GET, url, &[], None).await.log()?;
        let listed: Vec<Listed> = serde_json::from_slice(&body).map_err(|_| LookupError::Unreadable)?;
        listed.into_iter().map(|listed| entry(listed).ok_or(LookupError::Unreadable)).collect()
    }
}

/// The class of an answer to a submission (TW-13, TW-14).
fn outcome(reply: Reply) -> Outcome {
    let answer = match reply.answered() {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    match answer.status {
        200..=299 => match answer.body.and_then(|body| serde_json::from_slice::<Created>(&body).ok()) {
            Some(created) if receive::is_id(&created.id) => Outcome::Accepted { carrier_message_id: created.id, parts: created.parts },
            _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
        },
        429 => Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: answer.retry_after },
        status @ 400..=499 => {
            let code = answer.body.and_then(|body| serde_json::from_slice::<Refused>(&body).ok()).and_then(|refused| refused.code);
            // A number of more digits than a code has may be anything, a phone number too, and is not passed on.
            let code = code.and_then(|code| u32::try_from(code).ok()).filter(|code| (1..1_000_000).contains(code));
            Outcome::Rejected { failure: code.map_or_else(|| failure_of_status(status), failure_of), code }
        }
        500..=599 => Outcome::Unknown { cause: UnknownCause::ServerError },
        _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
    }
}

fn entry(listed: Listed) -> Option<LogEntry> {
    let token = match listed.token {
        Some(token) => Some(AttemptToken::from_hex(&token)?),
        None => None,
    };
    let status = DeliveryStatus::parse(&listed.status)?;
    receive::is_id(&listed.id).then_some(())?;
    Some(LogEntry {
        carrier_message_id: listed.id,
        token,
        status,
        failure: listed.code.filter(|_| status != DeliveryStatus::Delivered).map(failure_of),
        sent_at: listed.sent_at.parse().ok()?,
        body_digest: body_digest(&listed.body),
    })
}

impl Carrier for SimulatorCarrier {
    fn name(&self) -> &str {
        "simulator"
    }

    fn kind(&self) -> &'static str {
        "Simulator"
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match self.outgoing(&released) {
                Some(text) => self.submit_outgoing(&text).await,
                None => Outcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, retry_after: None },
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        Box::pin(std::future::ready(receive::parse(&self.secret, &callback)))
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        Box::pin(self.read_log(query))
    }

    fn traits(&self) -> Traits {
        Traits {
            validity_s: 1..=VALIDITY_S_MAX,
            body_chars_max: BODY_CHARS_MAX,
            idempotency: Idempotency::None,
            log_shows_token: true,
            reports_delivery: true,
            answers_stop: false,
            forgets: false,
            keeps_received: false,
            simulated: true,
        }
    }
}
