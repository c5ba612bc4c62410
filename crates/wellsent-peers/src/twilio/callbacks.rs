//! Callbacks: signed, repeated as their address asks, and otherwise forgotten.

use super::client::{Called, Target, post};
use super::form::Form;
use super::journal::Record;
use super::network::Twilio;
use super::shape::parts;
use super::state::{Got, State};
use super::stop::OptOut;
use super::texts::real_us;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// One callback.
pub(super) struct Call {
    pub target: Target,
    pub what: What,
}

/// What it reports.
pub(super) enum What {
    Status { seq: u64, word: &'static str, code: Option<u32> },
    Inbound { seq: u64, opt_out: Option<OptOut>, media: Vec<String> },
}

/// The signature of a form that goes to an address: the address, then each name with each of its values once, sorted, nothing in between; by
/// HMAC-SHA1 with the auth token.
pub(super) fn signature(token: &str, url: &str, form: &Form) -> String {
    let mut sorted: Vec<&(String, String)> = form.0.iter().collect();
    sorted.sort();
    sorted.dedup();
    let signed = sorted.into_iter().fold(url.to_owned(), |signed, (name, value)| signed + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
}

impl Twilio {
    /// Makes a callback after a while, and again as long as that is asked for.
    pub(super) fn call(&self, after: Duration, call: Call) {
        self.0.waiting.fetch_add(1, Ordering::SeqCst);
        let network = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            network.call_until_taken(&call).await;
            network.0.waiting.fetch_sub(1, Ordering::SeqCst);
        });
    }

    async fn call_until_taken(&self, call: &Call) {
        let (form, event, delivery, retry_s) = {
            let mut state = self.state();
            let Some((form, event)) = self.form(&state, &call.what) else { return };
            state.next_delivery += 1;
            (form, event, format!("{:016x}-{}", state.epoch, state.next_delivery), state.behaviour.callback_retry_s)
        };
        let written = form.write();
        let (began, mut pause) = (Instant::now(), BACKOFF_FIRST);
        let mut tries = 0;
        loop {
            tries += 1;
            let signature = signature(&self.auth_token(), &call.target.url, &form);
            let headers = [
                ("X-Twilio-Signature", signature.as_str()),
                ("I-Twilio-Idempotency-Token", &delivery),
                ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),
                ("User-Agent", "TwilioProxy/1.1"),
                ("Accept", "*/*"),
            ];
            let called = {
                let Ok(_turn) = self.0.calling.acquire().await else { return };
                post(&call.target, &self.0.routes, &headers, &written).await
            };
            let overrides = call.target.overrides;
            let wanted = match &called {
                Called::Answered { status: 200..=299, .. } => {
                    self.close("acknowledged", &event, tries);
                    self.reply(&call.what, &called);
                    return;
                }
                Called::Answered { status: 400..=499, .. } => overrides.on_4xx && retry_s.is_none(),
                Called::Answered { .. } => overrides.on_5xx,
                Called::NoConnection => overrides.on_connect,
                Called::NoAnswer => overrides.on_read,
            };
            let refused = matches!(called, Called::Answered { status: 400..=499, .. });
            let again = match retry_s {
                Some(seconds) => !refused && began.elapsed() < Duration::from_secs(u64::from(seconds)),
                None => wanted && tries <= overrides.repeats,
            };
            if !again {
                self.close(if refused { "turned_away" } else { "given_up" }, &event, tries);
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(BACKOFF_MAX);
        }
    }

    fn close(&self, kind: &str, event: &str, tries: u32) {
        let mut state = self.state();
        match kind {
            "acknowledged" => state.stats.acknowledged += 1,
            "turned_away" => state.stats.turned_away += 1,
            _ => state.stats.given_up += 1,
        }
        state.journal.append(real_us(), &Record { kind, event: Some(event), tries: Some(tries), ..Record::default() });
    }

    /// What a webhook answers to a text goes to the phone: words as they are, and `<Message>` of a TwiML document.
    fn reply(&self, what: &What, called: &Called) {
        let (What::Inbound { seq, .. }, Called::Answered { content_type, body, .. }) = (what, called) else { return };
        let words = match content_type.split(';').next() {
            Some("text/plain") => body.trim(),
            _ => body.split_once("<Message>").and_then(|(_, rest)| rest.split_once("</Message>")).map_or("", |(words, _)| words),
        };
        if words.is_empty() {
            return;
        }
        let now = self.now();
        let mut state = self.state();
        let Some((to, from)) = state.messages.get(seq).map(|text| (text.from.clone().unwrap_or_default(), text.to.clone())) else { return };
        state.stats.replied += 1;
        state.journal.append(real_us(), &Record { kind: "replied", to: Some(&to), body: Some(words), ..Record::default() });
        state.bring(&to, Got { at: now, from, body: words.to_owned(), sid: String::new() });
    }

    /// The parameters of a callback, and the name of its event.
    fn form(&self, state: &State, what: &What) -> Option<(Form, String)> {
        let seq = match what {
            What::Status { seq, .. } | What::Inbound { seq, .. } => seq,
        };
        let message = state.messages.get(seq)?;
        let from = message.from.clone().unwrap_or_default();
        let mut form = vec![
            ("ApiVersion", "2010-04-01".to_owned()),
            ("AccountSid", self.0.account_sid.clone()),
            ("MessageSid", message.sid.clone()),
            ("SmsSid", message.sid.clone()),
            ("From", from),
            ("To", message.to.clone()),
        ];
        if let Some(service) = &message.service {
            form.push(("MessagingServiceSid", service.clone()));
        }
        let event = match what {
            What::Status { word, code, .. } => {
                form.push(("MessageStatus", (*word).to_owned()));
                form.push(("SmsStatus", (*word).to_owned()));
                if let Some(code) = code {
                    form.push(("ErrorCode", code.to_string()));
                }
                if *word == "delivered" {
                    form.push(("RawDlrDoneDate", message.updated.strftime("%y%m%d%H%M").to_string()));
                }
                format!("{} {word}", message.sid)
            }
            What::Inbound { opt_out, media, .. } => {
                form.extend([
                    ("SmsMessageSid", message.sid.clone()),
                    ("SmsStatus", "received".to_owned()),
                    ("Body", message.body.clone()),
                    ("NumSegments", parts(&message.body).to_string()),
                    ("NumMedia", media.len().to_string()),
                    ("FromCity", String::new()),
                    ("FromState", "NY".to_owned()),
                    ("FromZip", String::new()),
                    ("FromCountry", "US".to_owned()),
                    ("ToCountry", "US".to_owned()),
                ]);
                if let Some(opt_out) = opt_out {
                    form.push(("OptOutType", opt_out.word().to_owned()));
                }
                message.sid.clone()
            }
        };
        let mut form: Vec<(String, String)> = form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if let What::Inbound { media, .. } = what {
            for (nth, url) in media.iter().enumerate() {
                form.push((format!("MediaUrl{nth}"), url.clone()));
                form.push((format!("MediaContentType{nth}"), "image/jpeg".to_owned()));
            }
        }
        Some((Form(form), event))
    }
}
