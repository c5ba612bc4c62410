//! Twilio as a [`Carrier`].

use super::address::{From, is_e164};
use super::codes::{Meaning, NOT_AT_REST, meaning};
use super::log::Log;
use super::receive;
use super::rest::Rest;
use super::settings::{Forgetting, Settings, SettingsError};
use super::sid::is_message;
use super::wire::{Created, code};
use crate::contract::{
    Carrier, ForgetError, Idempotency, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits, UnknownCause,
};
use crate::http::{Answer, Reply};
use crate::outgoing::Outgoing;
use crate::{Acknowledgement, Callback, CallbackError, CallbackKind, Event};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::gate::Released;

/// The longest wait at Twilio (TW-10).
const VALIDITY_S_MAX: u32 = 36_000;
/// The longest text (C-13).
const BODY_CHARS_MAX: usize = 1_600;
/// Has Twilio repeat a callback three times when it was not taken, whatever the reason. It is not part of what is signed (TW-07).
const REPEATS: &str = "#rc=3&rp=all";

/// One account at Twilio.
pub struct Twilio {
    rest: Rest,
    settings: Settings,
    callback_base: String,
}

impl Twilio {
    /// Sets the adapter up; no connection is made yet.
    ///
    /// # Errors
    /// When something in the settings cannot be right.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let callback_base = settings.check()?;
        let rest = Rest::new(&settings, settings.base_url.as_deref(), "https://api.twilio.com")?;
        Ok(Self { rest, settings, callback_base })
    }

    fn messages(&self) -> String {
        format!("/2010-04-01/Accounts/{}/Messages", self.settings.account_sid)
    }

    async fn hand_over(&self, released: Released) -> Outcome {
        let Some(text) = Outgoing::of(&released, &self.settings.name, &self.callback_base, VALIDITY_S_MAX, (self.settings.clock)()) else {
            return Outcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, retry_after: None };
        };
        let Some(from) = From::read(&text.from).filter(|_| is_e164(&text.to)) else {
            return Outcome::Rejected { failure: Failure::Configuration, code: None };
        };
        let (validity, callback) = (text.validity_s.to_string(), format!("{}{REPEATS}", text.callback));
        let form = [
            ("To", text.to.as_str()),
            from.parameter(),
            ("Body", &text.body),
            ("StatusCallback", &callback),
            ("ValidityPeriod", &validity),
        ];
        outcome(self.rest.post(&format!("{}.json", self.messages()), &form).await)
    }

    async fn ask_to_forget(&self, sid: &str) -> Result<(), ForgetError> {
        if !is_message(sid) {
            return Err(ForgetError::Refused);
        }
        let path = format!("{}/{sid}.json", self.messages());
        let reply = match self.settings.forgetting {
            Forgetting::Delete => self.rest.delete(&path).await,
            Forgetting::Redact => self.rest.post(&path, &[("Body", "")]).await,
        };
        forgotten(reply)
    }

    fn log(&self) -> Log<'_> {
        Log { rest: &self.rest, account_sid: &self.settings.account_sid, redacted: self.settings.redaction_ready }
    }
}

/// The class of an answer to a submission (TW-13, TW-14, TW-15).
fn outcome(reply: Reply) -> Outcome {
    let answer = match reply.answered() {
        Ok(answer) => answer,
        Err(outcome) => return outcome,
    };
    match answer.status {
        200..=299 => match answer.body.and_then(|body| serde_json::from_slice::<Created>(&body).ok()) {
            Some(created) if is_message(&created.sid) => Outcome::Accepted { parts: created.parts(), carrier_message_id: created.sid },
            _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
        },
        // Something on the way waited too long for one of the two ends; what the other end did is not known.
        408 => Outcome::Unknown { cause: UnknownCause::ServerError },
        400..=499 => refused(&answer),
        500..=599 => Outcome::Unknown { cause: UnknownCause::ServerError },
        _ => Outcome::Unknown { cause: UnknownCause::Unreadable },
    }
}

fn refused(answer: &Answer) -> Outcome {
    let not_submitted = |cause| Outcome::NotSubmitted { cause, retry_after: answer.retry_after };
    let code = code(answer.body.as_deref());
    match (code.and_then(meaning), answer.status) {
        (Some(Meaning::Throttled), _) | (_, 429) => not_submitted(NotSubmittedCause::Throttled),
        (Some(Meaning::Account), _) | (_, 401) => not_submitted(NotSubmittedCause::AccountRefused),
        (Some(Meaning::Refused(failure)), _) => Outcome::Rejected { failure, code },
        // No such account, or a key without the right to send: that is not about this text.
        (None, 403 | 404) if code.is_none_or(|code| matches!(code, 20_403 | 20_404)) => not_submitted(NotSubmittedCause::AccountRefused),
        (None, _) => Outcome::Rejected { failure: Failure::Other, code },
    }
}

/// What came of a request to forget (TW-17).
fn forgotten(reply: Reply) -> Result<(), ForgetError> {
    match reply {
        Reply::Answered(Answer { status: 200 | 204 | 404, .. }) => Ok(()),
        Reply::Answered(answer @ Answer { status: 400..=499, .. }) => Err(match (code(answer.body.as_deref()), answer.status) {
            (Some(NOT_AT_REST), _) => ForgetError::TooEarly,
            (Some(20_404), _) => return Ok(()),
            (_, 429) => ForgetError::NoAnswer,
            _ => ForgetError::Refused,
        }),
        Reply::Answered(Answer { status: 500..=599, .. }) | Reply::NotSent(_) | Reply::Unclear { .. } => Err(ForgetError::NoAnswer),
        Reply::Answered(_) => Err(ForgetError::Refused),
    }
}

impl Twilio {
    /// Where Twilio's own handling of STOP is on, it also answers the plain words without saying so (TW-18).
    fn with_answers(&self, mut events: Vec<Event>) -> Vec<Event> {
        if !self.settings.redaction_ready {
            for event in &mut events {
                if let Event::Inbound { body, opt_out: told @ None, .. } = event {
                    *told = receive::answered_by_itself(body.expose());
                }
            }
        }
        events
    }
}

impl Carrier for Twilio {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn kind(&self) -> &'static str {
        "Twilio"
    }

    fn account(&self) -> Option<&str> {
        Some(&self.settings.account_sid)
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(self.hand_over(released))
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        let tokens = [Some(&self.settings.auth_token), self.settings.next_auth_token.as_ref()];
        let tokens: Vec<_> = tokens.into_iter().flatten().collect();
        let events = receive::read(&tokens, &self.settings.account_sid, &callback);
        Box::pin(std::future::ready(events.map(|events| self.with_answers(events))))
    }

    fn acknowledgement(&self, kind: CallbackKind) -> Acknowledgement {
        match kind {
            // Any other answer to a person's text would be an answer to the person.
            CallbackKind::Inbound => {
                Acknowledgement::Body { content_type: "text/xml", body: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>" }
            }
            CallbackKind::Status => Acknowledgement::Empty,
        }
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        Box::pin(async move { self.log().sent(&query).await })
    }

    fn forget<'a>(&'a self, carrier_message_id: &'a str) -> BoxFuture<'a, Result<(), ForgetError>> {
        Box::pin(self.ask_to_forget(carrier_message_id))
    }

    fn received<'a>(&'a self, sender_address: &'a str, since: Timestamp) -> BoxFuture<'a, Result<Vec<Event>, LookupError>> {
        Box::pin(async move { Ok(self.with_answers(self.log().received(sender_address, since).await?)) })
    }

    fn traits(&self) -> Traits {
        Traits {
            validity_s: 1..=VALIDITY_S_MAX,
            body_chars_max: BODY_CHARS_MAX,
            idempotency: Idempotency::None,
            log_shows_token: false,
            reports_delivery: true,
            answers_stop: !self.settings.redaction_ready,
            forgets: true,
            // A log without words cannot make good what a callback lost.
            keeps_received: !self.settings.redaction_ready,
            simulated: false,
        }
    }
}
