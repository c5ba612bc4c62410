//! The API.

use super::plan::{Fate, Plan, Submission, Webhooks};
use super::state::{Attempt, Message, State, steps};
use super::webhooks::{Event, deliver, sign};
use crate::loopback::{Answer, Incoming, Listening, listen};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The account.
pub struct Settings {
    /// The key that requests must carry.
    pub api_key: String,
    /// The seed of the key that signs webhooks.
    pub signing_seed: [u8; 32],
    /// The organization's id.
    pub organization: String,
    /// The messaging profile's id.
    pub profile: String,
    /// The numbers of the profile.
    pub numbers: Vec<String>,
    /// Where the profile's webhooks go: texts from phones.
    pub profile_webhook: Option<String>,
    /// Seconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
}

pub(super) struct Inner {
    settings: Settings,
    profile_webhook: Mutex<Option<String>>,
    pub key: Ed25519KeyPair,
    state: Mutex<State>,
}

impl Inner {
    pub fn now(&self) -> i64 {
        (self.settings.now)()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown(&self, message: &Message) -> Value {
        message.shown(&self.settings.organization, &self.settings.profile)
    }
}

/// The peer. It listens until it is dropped.
pub struct FakeTelnyx {
    inner: Arc<Inner>,
    listening: Listening,
}

impl FakeTelnyx {
    /// Starts it on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let key = Ed25519KeyPair::from_seed_unchecked(&settings.signing_seed).map_err(io::Error::other)?;
        let profile_webhook = Mutex::new(settings.profile_webhook.clone());
        let inner = Arc::new(Inner { settings, profile_webhook, key, state: Mutex::default() });
        let shared = inner.clone();
        let listening = listen(move |request| handle(shared.clone(), request)).await?;
        Ok(Self { inner, listening })
    }

    /// The API's root.
    pub fn base_url(&self) -> String {
        format!("http://{}/v2", self.listening.address)
    }

    /// The key by which webhooks can be checked, as the portal shows it.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.inner.key.public_key().as_ref())
    }

    /// Says what becomes of the next submission that has no plan yet.
    pub fn plan(&self, plan: Plan) {
        self.inner.state().plans.push_back(plan);
    }

    /// Says where texts from phones go.
    pub fn set_profile_webhook(&self, url: &str) {
        *self.inner.profile_webhook.lock().unwrap_or_else(PoisonError::into_inner) = Some(url.to_owned());
    }

    /// The messages so far, sent and received.
    pub fn messages(&self) -> Vec<Message> {
        self.inner.state().messages.clone()
    }

    /// The webhooks so far.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.inner.state().attempts.clone()
    }

    /// A signature of the peer's key, for webhooks that a test makes up.
    pub fn signature(&self, timestamp: i64, body: &str) -> String {
        sign(&self.inner.key, timestamp, body)
    }

    /// A phone texts one of the numbers. Ends when the webhook was posted; its id comes back.
    pub async fn text(&self, from: &str, to: &str, body: &str) -> String {
        let (event, id) = self.receive(from, to, body, true);
        if let Some(event) = event {
            deliver(&self.inner, &event).await;
        }
        id
    }

    /// A phone texts, and the webhook is lost.
    pub fn text_unheard(&self, from: &str, to: &str, body: &str) -> String {
        self.receive(from, to, body, false).1
    }

    fn receive(&self, from: &str, to: &str, body: &str, heard: bool) -> (Option<Event>, String) {
        let url = self.inner.profile_webhook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut state = self.inner.state();
        let word = body.trim().to_ascii_uppercase();
        let autoresponse = match word.as_str() {
            "STOP" | "STOPALL" | "STOP ALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" => Some("STOP"),
            "START" | "UNSTOP" => Some("START"),
            "HELP" | "INFO" => Some("HELP"),
            _ => None,
        };
        match autoresponse {
            Some("STOP") => drop(state.stopped.insert(from.to_owned())),
            Some("START") => drop(state.stopped.remove(from)),
            _ => {}
        }
        let message = Message {
            id: state.id(),
            inbound: true,
            from: from.to_owned(),
            to: to.to_owned(),
            text: body.to_owned(),
            webhook_url: url.clone(),
            idempotency_key: None,
            created_at: self.inner.now(),
            status: "received",
            errors: vec![],
            autoresponse,
        };
        let shown = self.inner.shown(&message);
        let id = message.id.clone();
        state.messages.push(message);
        let event_id = state.id();
        let event = url.filter(|_| heard).map(|url| Event { id: event_id, kind: "message.received", message: shown, url });
        (event, id)
    }

    /// Waits until every webhook that is under way has come to an end.
    pub async fn settled(&self) {
        while self.inner.state().running > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn handle(inner: Arc<Inner>, request: Incoming) -> Answer {
    if request.header("authorization") != Some(&format!("Bearer {}", inner.settings.api_key)) {
        return problem(401, "10009", "Authentication failed", None);
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/v2/messages") => submit(inner, &request).await,
        ("GET", "/v2/detail_records") => records(&inner, &request),
        ("GET", path) => match path.strip_prefix("/v2/messages/").and_then(|id| inner.state().message(id).cloned()) {
            Some(message) => Answer::json(200, &json!({ "data": inner.shown(&message) })),
            None => problem(404, "10005", "Resource not found", None),
        },
        _ => problem(404, "10005", "Resource not found", None),
    }
}

fn problem(status: u16, code: &str, title: &str, pointer: Option<&str>) -> Answer {
    let mut error = json!({ "code": code, "title": title, "detail": title, "meta": { "url": format!("https://errors.example/{code}") } });
    if let Some(pointer) = pointer {
        error["source"] = json!({ "pointer": pointer });
    }
    Answer::json(status, &json!({ "errors": [error] }))
}

async fn submit(inner: Arc<Inner>, request: &Incoming) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return problem(400, "10015", "Bad Request", None);
    };
    let key = request.header("idempotency-key").map(str::to_owned);
    if let Some((known, answer)) = key.as_ref().and_then(|key| inner.state().answered.get(key).cloned()) {
        return match known == request.body {
            true => Answer::Reply { status: 200, headers: vec![("content-type", "application/json".into())], body: answer },
            false => problem(422, "10027", "The idempotency key was used for another request", None),
        };
    }
    let plan = inner.state().plans.pop_front().unwrap_or_default();
    match &plan.submission {
        Submission::Refuse { status, code, title } => return problem(*status, code, title, None),
        Submission::Throttle { retry_after } => {
            let wait = retry_after.map(|seconds| ("retry-after", seconds.to_string()));
            let body = json!({ "errors": [{ "code": "10011", "title": "Too many requests" }] }).to_string();
            return Answer::Reply { status: 429, headers: wait.into_iter().collect(), body };
        }
        Submission::Cut => return Answer::Cut,
        _ => {}
    }
    let message = match check(&inner, &body, key.clone()) {
        Ok(message) => message,
        Err(refused) => return refused,
    };
    let shown = json!({ "data": inner.shown(&message) }).to_string();
    if let Some(key) = key {
        inner.state().answered.insert(key, (request.body.clone(), shown.clone()));
    }
    inner.state().messages.push(message.clone());
    follow(inner.clone(), message, plan.fate, plan.webhooks);
    match plan.submission {
        Submission::AcceptAndCut => return Answer::Cut,
        Submission::AcceptLate(wait) => tokio::time::sleep(wait).await,
        Submission::AcceptAndFail(status) => return problem(status, "10007", "Unexpected error", None),
        Submission::AcceptAndPage => return Answer::Reply { status: 200, headers: vec![], body: "<html>fine</html>".into() },
        _ => {}
    }
    Answer::Reply { status: 200, headers: vec![("content-type", "application/json".into())], body: shown }
}

/// The rules of the API reference.
fn check(inner: &Inner, body: &Value, idempotency_key: Option<String>) -> Result<Message, Answer> {
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    for name in body.as_object().into_iter().flat_map(|fields| fields.keys()) {
        let known = [
            "from",
            "messaging_profile_id",
            "to",
            "text",
            "type",
            "webhook_url",
            "webhook_failover_url",
            "use_profile_webhooks",
            "auto_detect",
            "encoding",
            "send_at",
            "media_urls",
            "subject",
        ];
        if !known.contains(&name.as_str()) {
            return Err(problem(400, "10015", "Bad Request", Some(&format!("/{name}"))));
        }
    }
    let to = field("to").ok_or_else(|| problem(422, "10004", "Missing required parameter", Some("/to")))?;
    let text = field("text").filter(|text| !text.is_empty()).ok_or_else(|| problem(422, "40316", "No content provided", Some("/text")))?;
    let number = to.strip_prefix('+').is_some_and(|digits| digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !number {
        return Err(problem(400, "40310", "Invalid 'to' address", Some("/to")));
    }
    let settings = &inner.settings;
    let from = match (field("from"), field("messaging_profile_id")) {
        (Some(from), _) if settings.numbers.iter().any(|number| number == from) => from.to_owned(),
        (None, Some(profile)) if profile == settings.profile && !settings.numbers.is_empty() => settings.numbers[0].clone(),
        (Some(_), _) => return Err(problem(400, "40305", "Invalid 'from' address", Some("/from"))),
        _ => return Err(problem(422, "10004", "Missing required parameter", Some("/from"))),
    };
    if text.chars().count() > 1_530 {
        return Err(problem(400, "40302", "Message too large", Some("/text")));
    }
    let mut state = inner.state();
    if state.stopped.contains(to) {
        return Err(problem(403, "40300", "Blocked due to STOP message", None));
    }
    Ok(Message {
        id: state.id(),
        inbound: false,
        from,
        to: to.to_owned(),
        text: text.to_owned(),
        webhook_url: field("webhook_url").map(str::to_owned),
        idempotency_key,
        created_at: inner.now(),
        status: "queued",
        errors: vec![],
        autoresponse: None,
    })
}

/// Sends a text's webhooks in the background.
fn follow(inner: Arc<Inner>, message: Message, fate: Fate, webhooks: Webhooks) {
    inner.state().running += 1;
    tokio::spawn(async move {
        let mut events = Vec::new();
        for (kind, status, errors) in steps(&fate) {
            let mut state = inner.state();
            state.set(&message.id, status, errors);
            let id = state.id();
            let shown = state.message(&message.id).map(|message| inner.shown(message)).unwrap_or_default();
            events.extend(message.webhook_url.clone().map(|url| Event { id, kind, message: shown, url }));
        }
        if webhooks == Webhooks::Reversed {
            events.reverse();
        }
        for event in &events {
            deliver(&inner, event).await;
            if webhooks == Webhooks::Twice {
                deliver(&inner, event).await;
            }
        }
        inner.state().running -= 1;
    });
}

fn records(inner: &Inner, request: &Incoming) -> Answer {
    if request.asked("filter[record_type]").as_deref() != Some("messaging") {
        return problem(400, "10004", "Missing required parameter", Some("/filter"));
    }
    let since = request.asked("filter[created_at][gte]").and_then(|since| since.parse::<jiff::Timestamp>().ok());
    let direction = request.asked("filter[direction]");
    let (cld, cli) = (request.asked("filter[cld]"), request.asked("filter[cli]"));
    let profile = request.asked("filter[profile_id]");
    let number = |name: &str, otherwise: usize| request.asked(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (page, size) = (number("page[number]", 1).max(1), number("page[size]", 20).clamp(1, 50));
    let state = inner.state();
    let found: Vec<Value> = state
        .messages
        .iter()
        .filter(|message| since.is_none_or(|since| message.created_at >= since.as_second()))
        .filter(|message| direction.as_deref().is_none_or(|direction| (direction == "inbound") == message.inbound))
        .filter(|message| cld.as_ref().is_none_or(|cld| *cld == message.to) && cli.as_ref().is_none_or(|cli| *cli == message.from))
        .filter(|_| profile.as_ref().is_none_or(|profile| *profile == inner.settings.profile))
        .map(|message| message.record(&inner.settings.profile))
        .collect();
    let total = found.len();
    let data: Vec<Value> = found.into_iter().skip((page - 1) * size).take(size).collect();
    let meta = json!({ "page_number": page, "page_size": size, "total_pages": total.div_ceil(size), "total_results": total });
    Answer::json(200, &json!({ "data": data, "meta": meta }))
}
