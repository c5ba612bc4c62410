//! Texts on their way: taken or not, brought to phones, reported, and texts from phones.

use super::callbacks::{Call, What};
use super::client::Target;
use super::error::ApiError;
use super::fate::{Answer, Chance, Fate};
use super::form::Form;
use super::journal::Record;
use super::network::{TextError, Twilio};
use super::state::{Got, Message, Sender, State};
use super::stop::OptOut;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// The longest wait, and the wait when none is asked for, in seconds.
const VALIDITY_S_MAX: u64 = 36_000;
/// The longest text.
pub(super) const BODY_CHARS_MAX: usize = 1_600;
/// A number that sends in tests without being anybody's.
const ALWAYS_OURS: &str = "+15005550006";

/// A submission that was read.
pub(super) struct Submission {
    pub to: String,
    pub from: Option<String>,
    pub service: Option<String>,
    pub body: String,
    pub media: usize,
    pub discard: bool,
    pub callback: Option<Target>,
    pub validity: Duration,
}

/// What to answer to a submission.
pub(super) struct Plan {
    pub answer: Answer,
    pub after: Duration,
    pub retry_after_s: Option<u32>,
    /// The text that was taken.
    pub seq: Option<u64>,
}

impl Submission {
    /// Reads a form, with the errors of the API in its order.
    pub fn read(form: &Form, state: &State) -> Result<Self, ApiError> {
        let error = |code| Err(ApiError::new(code));
        let Some(to) = form.get("To") else { return error(21_604) };
        let (from, service) = (form.get("From"), form.get("MessagingServiceSid"));
        match (from, service) {
            (None, None) => return error(21_603),
            (_, Some(service)) if !service.starts_with("MG") || !state.senders.contains_key(service) => return error(21_701),
            (Some("+15005550007"), _) => return error(21_606),
            (Some("+15005550008"), _) => return error(21_611),
            (Some(from), None) if from != ALWAYS_OURS && !state.senders.contains_key(from) => return error(21_606),
            _ => {}
        }
        let (body, media) = (form.get("Body").unwrap_or_default(), form.count("MediaUrl"));
        if body.is_empty() && media == 0 {
            return error(21_602);
        }
        if body.chars().count() > BODY_CHARS_MAX {
            return error(21_617);
        }
        match to {
            "+15005550001" => return error(21_211),
            "+15005550002" => return error(21_612),
            "+15005550003" => return error(21_408),
            "+15005550004" => return error(21_610),
            "+15005550009" => return error(21_614),
            other if !is_e164(other) => return error(21_211),
            _ => {}
        }
        let callback = match form.get("StatusCallback") {
            Some(url) => Some(Target::read(url).ok_or(ApiError::new(21_609))?),
            None => None,
        };
        let validity = match form.get("ValidityPeriod").map(str::parse) {
            None => VALIDITY_S_MAX,
            Some(Ok(seconds @ 1..=VALIDITY_S_MAX)) => seconds,
            Some(_) => return error(20_001),
        };
        Ok(Self {
            to: to.to_owned(),
            from: service.is_none().then(|| from.unwrap_or_default().to_owned()),
            service: service.map(str::to_owned),
            body: body.to_owned(),
            media,
            discard: form.get("ContentRetention") == Some("discard"),
            callback,
            validity: Duration::from_secs(validity),
        })
    }

    /// The value of `t` in the address for callbacks.
    fn token(&self) -> Option<String> {
        let query = self.callback.as_ref()?.url.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix("t=")).map(str::to_owned)
    }
}

/// Whether a text is a number in E.164.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Twilio {
    /// Takes a submission, or not.
    pub(super) fn submit(&self, form: &Form) -> Result<Plan, ApiError> {
        let (now, real_us) = (self.now(), real_us());
        let mut state = self.state();
        let submission = Submission::read(form, &state).inspect_err(|error| {
            let record = Record { kind: "refused", to: form.get("To"), code: Some(error.code), ..Record::default() };
            state.stats.refused += 1;
            state.journal.append(real_us, &record);
        })?;
        let behaviour = state.behaviour.clone();
        let nth = state.submissions.entry(submission.to.clone()).or_default();
        *nth += 1;
        let mut fate = Fate::decide(&behaviour, &submission.to, *nth - 1);
        let scope = submission.service.clone().or_else(|| submission.from.clone()).unwrap_or_default();
        if behaviour.stop_handling && state.stopped.contains(&(scope.clone(), submission.to.clone())) {
            fate.answer = Answer::Refuse(21_610);
        }
        if state.over_the_limit(Instant::now()) {
            fate.answer = Answer::Throttle;
        }
        let mut plan = Plan { answer: fate.answer, after: fate.answer_after, retry_after_s: behaviour.retry_after_s, seq: None };
        let token = submission.token();
        let record = Record { to: Some(&submission.to), token: token.as_deref(), ..Record::default() };
        let not_taken = match fate.answer {
            Answer::Throttle => Some(("throttled", Some(20_429))),
            Answer::Refuse(code) => Some(("refused", Some(code))),
            Answer::Drop => Some(("dropped", None)),
            Answer::Error => Some(("dropped", Some(20_503))),
            Answer::Accept | Answer::AcceptThenDrop | Answer::AcceptThenError | Answer::AcceptThenGarbage => None,
        };
        if let Some((kind, code)) = not_taken {
            match kind {
                "throttled" => state.stats.throttled += 1,
                "refused" => state.stats.refused += 1,
                _ => state.stats.dropped += 1,
            }
            state.journal.append(real_us, &Record { kind, code, ..record });
            return Ok(plan);
        }
        let seq = state.next;
        state.next += 1;
        let sid = state.sid(if submission.media == 0 { "SM" } else { "MM" }, seq);
        state.stats.accepted += 1;
        state
            .journal
            .append(real_us, &Record { kind: "accepted", id: Some(&sid), from: Some(&scope), body: Some(&submission.body), ..record });
        state.last_sender.insert(submission.to.clone(), scope);
        let expires = submission.validity < fate.delivery_after;
        let due = fate.delivery_after.min(submission.validity);
        state.messages.insert(
            seq,
            Message {
                sid,
                inbound: false,
                status: if submission.service.is_some() { "accepted" } else { "queued" },
                from: submission.from,
                to: submission.to,
                service: submission.service,
                body: submission.body,
                error_code: None,
                created: now,
                sent: None,
                updated: now,
                media: submission.media,
                wordless: submission.discard,
                numberless: false,
                token,
                callback: submission.callback,
                taken_at: Instant::now(),
                fate: Some(fate),
            },
        );
        drop(state);
        plan.seq = Some(seq);
        let network = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(due).await;
            network.deliver(seq, expires);
        });
        Ok(plan)
    }

    /// A text is due at its phone: it arrives, expires or fails, and that is reported.
    fn deliver(&self, seq: u64, expires: bool) {
        let (now, real_us) = (self.now(), real_us());
        let mut state = self.state();
        let (redaction, number_redaction) = (state.behaviour.redaction, state.behaviour.number_redaction);
        let Some(message) = state.messages.get(&seq) else { return };
        let Some(fate) = message.fate else { return };
        let from = match (&message.from, &message.service) {
            (Some(from), _) => from.clone(),
            (None, service) => number_of(&state, service.as_deref()),
        };
        let by_service = message.service.is_some();
        let (status, code) = match (expires, fate.undelivered, fate.unconfirmed) {
            (true, ..) => ("failed", Some(30_036)),
            (false, Some(code), _) => ("undelivered", Some(code)),
            (false, None, true) => ("sent", None),
            (false, None, false) => ("delivered", None),
        };
        let (sid, to, body) = (message.sid.clone(), message.to.clone(), message.body.clone());
        let (token, callback) = (message.token.clone(), message.callback.clone());
        let mut record = Record { kind: "got", id: Some(&sid), token: token.as_deref(), to: Some(&to), code, ..Record::default() };
        match status {
            "failed" => {
                state.stats.expired += 1;
                record.kind = "expired";
            }
            "undelivered" => {
                state.stats.undelivered += 1;
                record.kind = "undelivered";
            }
            _ => {
                state.stats.got += 1;
                state.bring(&to, Got { at: now, from: from.clone(), body, sid: sid.clone() });
            }
        }
        state.journal.append(real_us, &record);
        if let Some(message) = state.messages.get_mut(&seq) {
            (message.status, message.error_code, message.updated) = (status, code, now);
            if status != "failed" {
                message.sent = Some(now);
            }
            message.wordless |= redaction;
            message.numberless |= number_redaction;
            message.from = Some(from);
        }
        drop(state);
        let Some(target) = callback.filter(|_| !fate.lose) else { return };
        // The first status is never reported: the answer to the submission has it.
        let mut words = if by_service { vec!["queued"] } else { vec![] };
        if status != "failed" {
            words.push("sent");
        }
        if status != "sent" {
            words.push(status);
        }
        if fate.reorder {
            words.reverse();
        }
        if fate.duplicate {
            words.extend(words.last().copied());
        }
        // Callbacks of one text leave one after the other, so that their order is what was decided here; then they are on their own.
        let mut after = fate.callback_after;
        for word in words {
            let code = code.filter(|_| word == status);
            self.call(after, Call { target: target.clone(), what: What::Status { seq, word, code } });
            after += (fate.callback_after / 2).max(Duration::from_millis(2));
        }
    }

    /// The owner of a phone texts to a sender of the account, or to who texted last. Returns the text's name.
    ///
    /// # Errors
    /// When it is not known to whom, or the text is too long.
    pub fn text(&self, from: &str, to: Option<&str>, body: &str) -> Result<String, TextError> {
        self.text_with(from, to, body, &[])
    }

    /// The same with pictures at these addresses.
    ///
    /// # Errors
    /// When it is not known to whom, or the text is too long.
    pub fn text_with(&self, from: &str, to: Option<&str>, body: &str, media: &[&str]) -> Result<String, TextError> {
        if body.chars().count() > BODY_CHARS_MAX {
            return Err(TextError::TooLong);
        }
        let (now, real_us) = (self.now(), real_us());
        let mut state = self.state();
        let behaviour = state.behaviour.clone();
        let scope = to.map(str::to_owned).or_else(|| state.last_sender.get(from).cloned()).ok_or(TextError::NoSender)?;
        let Some(Sender { inbound, numbers }) = state.senders.get(&scope) else { return Err(TextError::UnknownSender) };
        let inbound = inbound.clone();
        let service = scope.starts_with("MG").then(|| scope.clone());
        let number = if service.is_some() { numbers.first().cloned().unwrap_or_else(|| ALWAYS_OURS.to_owned()) } else { scope.clone() };
        let opt_out = OptOut::of(body).filter(|_| behaviour.stop_handling && media.is_empty());
        let key = (scope.clone(), from.to_owned());
        match opt_out {
            Some(OptOut::Stop) => drop(state.stopped.insert(key)),
            Some(OptOut::Start) => drop(state.stopped.remove(&key)),
            Some(OptOut::Help) | None => {}
        }
        let seq = state.next;
        state.next += 1;
        let sid = state.sid(if media.is_empty() { "SM" } else { "MM" }, seq);
        state.stats.texts += 1;
        let record = Record {
            kind: "text",
            id: Some(&sid),
            event: Some(&sid),
            from: Some(from),
            to: Some(&scope),
            body: Some(body),
            ..Record::default()
        };
        state.journal.append(real_us, &record);
        if let Some(opt_out) = opt_out {
            state.bring(from, Got { at: now, from: number.clone(), body: opt_out.answer().into(), sid: String::new() });
            state.journal.append(real_us, &Record { kind: "answered", to: Some(from), body: Some(opt_out.answer()), ..Record::default() });
        }
        let message = Message {
            sid: sid.clone(),
            inbound: true,
            from: Some(from.to_owned()),
            to: number,
            service,
            body: body.to_owned(),
            status: "received",
            error_code: None,
            created: now,
            sent: Some(now),
            updated: now,
            media: media.len(),
            wordless: behaviour.redaction,
            numberless: behaviour.number_redaction,
            token: None,
            callback: None,
            taken_at: Instant::now(),
            fate: None,
        };
        state.messages.insert(seq, message);
        let mut chance = Chance::new(behaviour.seed, from, seq);
        let (lost, twice) = (chance.hits(behaviour.callbacks.lose_inbound), chance.hits(behaviour.callbacks.duplicate_inbound));
        drop(state);
        if let Some(target) = inbound.filter(|_| !lost) {
            let media: Vec<String> = media.iter().map(|url| (*url).to_owned()).collect();
            let opt_out = opt_out.filter(|_| behaviour.advanced_opt_out);
            for _ in 0..=u32::from(twice) {
                let what = What::Inbound { seq, opt_out, media: media.clone() };
                self.call(Duration::ZERO, Call { target: target.clone(), what });
            }
        }
        Ok(sid)
    }
}

/// The number that a service texts from.
fn number_of(state: &State, service: Option<&str>) -> String {
    let numbers = service.and_then(|service| state.senders.get(service)).map(|sender| &sender.numbers);
    numbers.and_then(|numbers| numbers.first().cloned()).unwrap_or_else(|| ALWAYS_OURS.to_owned())
}

#[allow(clippy::disallowed_methods, reason = "the journal is about real time, not about the clock that dates texts")]
pub(super) fn real_us() -> i64 {
    Timestamp::now().as_microsecond()
}
