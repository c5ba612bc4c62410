//! The adapter: how Wellsent talks to AWS End User Messaging.

use super::certificates::{Certificates, origins};
use super::codes::{Class, class};
use super::sigv4::{self, Credentials};
use super::sns::{Topic, is_region};
use super::wire::{BODY_CHARS_MAX, Context, Refused, Submission, VALIDITY_S, is_id, text};
use crate::contract::{Carrier, Idempotency, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits, UnknownCause};
use crate::http::{Allow, Http, Reply, Settings as HttpSettings, parse_url};
use crate::outgoing::Outgoing;
use crate::{Callback, CallbackError, Clock, Event, HttpSetupError};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;
use std::time::Duration;
use wellsent_domain::gate::Released;

/// The service as signatures name it.
const SERVICE: &str = "sms-voice";
const TARGET: &str = "PinpointSMSVoiceV2.SendTextMessage";
const JSON: &str = "application/x-amz-json-1.0";

/// Why the adapter could not be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// An address or the TLS library.
    #[error(transparent)]
    Http(#[from] HttpSetupError),
    /// The region is not one.
    #[error("the region of AWS is written like us-east-1")]
    Region,
    /// A topic is not one.
    #[error("a topic of SNS is written like arn:aws:sns:us-east-1:123456789012:name; copy it from the console")]
    Topic,
}

/// How the adapter is set up.
pub struct Settings {
    /// The account's name in the settings; it stands in callback addresses.
    pub name: String,
    /// The account's number at AWS, as the agreement names it (TW-01).
    pub account: Option<String>,
    /// The region that sends, like `us-east-1`.
    pub region: String,
    /// The keys; they need no more than `sms-voice:SendTextMessage`.
    pub credentials: Credentials,
    /// The configuration set whose events go to one of the topics. Without it there are no receipts.
    pub configuration_set: Option<String>,
    /// The topics of SNS whose messages count. Their subscriptions must not be raw: then nothing is signed, and nothing is believed.
    pub topics: Vec<String>,
    /// Whether AWS manages opting out: then it answers STOP and HELP itself. False where the numbers have self-managed opt-outs.
    pub answers_stop: bool,
    /// Another address than that of AWS, for tests and private endpoints.
    pub base_url: Option<String>,
    /// Another origin than `https://sns.REGION.amazonaws.com` from which certificates are taken and at which subscriptions are confirmed, for tests.
    pub certificates_url: Option<String>,
    /// Our own public address, without a slash at the end; the hooks lie under it.
    pub callback_base: String,
    /// The clock by which requests are signed, and validity and the age of messages are counted.
    pub clock: Clock,
    /// From the first look at the address to the last byte of the answer; below the lease of a claim.
    pub deadline: Duration,
    /// Idle connections that are kept; as many as submissions run at once, so that none pays for a new one.
    pub connections: usize,
}

/// AWS End User Messaging as a [`Carrier`].
pub struct AwsCarrier {
    http: Http,
    url: Url,
    host: String,
    pub(super) name: String,
    account: Option<String>,
    region: String,
    credentials: Credentials,
    configuration_set: Option<String>,
    pub(super) topics: Vec<Topic>,
    pub(super) certificates: Certificates,
    pub(super) answers_stop: bool,
    callback_base: String,
    clock: Clock,
}

impl AwsCarrier {
    /// Sets the adapter up; no connection is made yet.
    ///
    /// # Errors
    /// When the region, a topic or an address is not one, or an address would leave this machine unencrypted.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        if !is_region(&settings.region) {
            return Err(SetupError::Region);
        }
        let topics: Vec<Topic> = settings.topics.iter().map(|arn| Topic::parse(arn).ok_or(SetupError::Topic)).collect::<Result<_, _>>()?;
        let real = format!("https://{SERVICE}.{}.amazonaws.com", settings.region);
        let url = parse_url(&format!("{}/", settings.base_url.as_deref().unwrap_or(&real).trim_end_matches('/')))?;
        let callback_base = settings.callback_base.trim_end_matches('/').to_owned();
        parse_url(&callback_base)?;
        let http = |origins, idle_connections| {
            Http::new(HttpSettings {
                allow: Allow::Origins(origins),
                deadline: settings.deadline,
                connect_deadline: settings.deadline / 2,
                idle_connections,
            })
        };
        let instead = settings.certificates_url.as_deref().map(parse_url).transpose()?;
        let hosts = match &instead {
            Some(instead) => vec![instead.clone()],
            None => origins(&topics)?,
        };
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(HttpSetupError::Address.into()),
        };
        Ok(Self {
            http: http(vec![url.clone()], settings.connections)?,
            certificates: Certificates::new(http(hosts, 1)?, instead),
            url,
            host,
            name: settings.name,
            account: settings.account,
            region: settings.region,
            credentials: settings.credentials,
            configuration_set: settings.configuration_set,
            topics,
            answers_stop: settings.answers_stop,
            callback_base,
            clock: settings.clock,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Hands one text over and says what is known about it.
    pub(super) async fn submit_outgoing(&self, outgoing: &Outgoing) -> Outcome {
        let token = outgoing.token.to_hex();
        let submission = Submission {
            destination_phone_number: &outgoing.to,
            origination_identity: &outgoing.from,
            message_body: &outgoing.body,
            message_type: "TRANSACTIONAL",
            configuration_set_name: self.configuration_set.as_deref(),
            time_to_live: outgoing.validity_s,
            context: Context { t: &token },
        };
        let request = serde_json::to_vec(&submission).ok().and_then(|json| Some((self.headers(&json, self.now())?, json)));
        let Some((headers, json)) = request else {
            return Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
        };
        outcome(self.http.call(Method::POST, self.url.clone(), &headers, Some(json)).await)
    }

    /// The headers of a request at an instant, the signature among them; `None` if a setting cannot stand in a header.
    pub(super) fn headers(&self, body: &[u8], at: Timestamp) -> Option<Vec<(HeaderName, HeaderValue)>> {
        let date = sigv4::date(at);
        let mut signed =
            vec![("content-type", JSON), ("host", self.host.as_str()), ("x-amz-date", date.as_str()), ("x-amz-target", TARGET)];
        signed.extend(self.credentials.session_token().map(|token| ("x-amz-security-token", token)));
        let request = sigv4::Request { method: "POST", path: self.url.path(), headers: &signed, body };
        let authorization = sigv4::authorization(&self.credentials, &self.region, SERVICE, &date, &request);
        let mut headers = vec![(AUTHORIZATION, sensitive(&authorization)?), (CONTENT_TYPE, HeaderValue::from_static(JSON))];
        for (name, value) in signed.into_iter().filter(|(name, _)| name.starts_with("x-amz-")) {
            headers.push((HeaderName::from_static(name), sensitive(value)?));
        }
        Some(headers)
    }
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The class of an answer to a submission (TW-13, TW-14).
fn outcome(reply: Reply) -> Outcome {
    let answer = match reply.answered() {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    let body = answer.body.unwrap_or_default();
    match answer.status {
        200..=299 => {
            let created: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            match text(&created, "/MessageId") {
                Some(id) if is_id(id) => Outcome::Accepted { carrier_message_id: id.to_owned(), parts: None },
                _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
            }
        }
        status @ 400..=499 => {
            let not_submitted = |cause| Outcome::NotSubmitted { cause, retry_after: answer.retry_after };
            match class(status, &Refused::read(&body)) {
                Class::Throttled => not_submitted(NotSubmittedCause::Throttled),
                Class::Account => not_submitted(NotSubmittedCause::AccountRefused),
                Class::Unclear => Outcome::Unknown { cause: UnknownCause::ServerError },
                Class::Text(failure) => Outcome::Rejected { failure, code: None },
            }
        }
        500..=599 => Outcome::Unknown { cause: UnknownCause::ServerError },
        _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
    }
}

impl Carrier for AwsCarrier {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> &'static str {
        "AWS End User Messaging"
    }

    fn keeps_log(&self) -> bool {
        false
    }

    fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let outgoing = Outgoing::of(&released, &self.name, &self.callback_base, *VALIDITY_S.end(), self.now());
            // AWS takes no shorter time, and a longer one would be past the text's.
            match outgoing.filter(|outgoing| outgoing.validity_s >= *VALIDITY_S.start()) {
                Some(outgoing) => self.submit_outgoing(&outgoing).await,
                None => Outcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, retry_after: None },
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        Box::pin(async move { self.read(&callback).await })
    }

    fn lookup<'a>(&'a self, _: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        Box::pin(std::future::ready(Err(LookupError::NotKept)))
    }

    fn traits(&self) -> Traits {
        Traits {
            validity_s: VALIDITY_S,
            body_chars_max: BODY_CHARS_MAX,
            idempotency: Idempotency::None,
            log_shows_token: false,
            reports_delivery: self.configuration_set.is_some(),
            answers_stop: self.answers_stop,
            forgets: false,
            keeps_received: false,
            simulated: false,
        }
    }
}
