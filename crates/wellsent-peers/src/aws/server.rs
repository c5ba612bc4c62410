//! The API, and the part of SNS that is called.

use super::plan::{Copies, Plan, Submission};
use super::rsa::Certificate;
use super::sigv4::{Keys, check};
use super::sns::{Delivery, SignatureVersion, Subscription, Topic, deliver, envelope};
use crate::loopback::{Answer, Incoming, Listening, listen};
use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// The account.
pub struct Settings {
    /// The region.
    pub region: String,
    /// The account's number.
    pub account: String,
    /// Who may call.
    pub keys: Vec<Keys>,
    /// The numbers that may send and are texted.
    pub numbers: Vec<String>,
    /// The configuration set whose events go to the topic of events.
    pub configuration_set: String,
    /// How SNS signs.
    pub signature_version: SignatureVersion,
    /// Whether a text of STOP opts its number out.
    pub manages_opt_outs: bool,
    /// Seconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
}

/// A text that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: String,
    /// To which number.
    pub to: String,
    /// From which.
    pub from: String,
    /// The text.
    pub body: String,
    /// How long it may wait, in seconds.
    pub time_to_live: Option<u64>,
    /// What came along.
    pub context: Value,
}

#[derive(Default)]
pub(super) struct State {
    plans: VecDeque<Plan>,
    accepted: Vec<Accepted>,
    opted_out: HashSet<String>,
    subscriptions: Vec<Subscription>,
    pub deliveries: Vec<Delivery>,
    refused: Vec<&'static str>,
    certificates_fetched: usize,
    count: u64,
    running: usize,
}

impl State {
    fn id(&mut self) -> String {
        self.count += 1;
        format!("862a{:04x}-0000-4000-8000-{:012x}", self.count & 0xffff, self.count)
    }
}

pub(super) struct Inner {
    settings: Settings,
    certificate: Certificate,
    base: OnceLock<String>,
    state: Mutex<State>,
}

impl Inner {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn base(&self) -> &str {
        self.base.get().map_or("", String::as_str)
    }

    fn arn(&self, topic: Topic) -> String {
        format!("arn:aws:sns:{}:{}:{}", self.settings.region, self.settings.account, topic.name())
    }

    fn timestamp(&self) -> String {
        let at = jiff::Timestamp::from_second((self.settings.now)()).unwrap_or_default();
        at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
    }

    /// A message of SNS, signed.
    fn message(&self, kind: &str, topic: &str, message: &str, extra: &[(&str, &str)]) -> Value {
        let (id, timestamp) = (self.state().id(), self.timestamp());
        let certificate_url = format!("{}{CERTIFICATE_PATH}", self.base());
        let version = self.settings.signature_version;
        envelope(&self.certificate, version, kind, &certificate_url, [topic, &id, &timestamp, message], extra)
    }

    /// The endpoints that confirmed a subscription of a topic.
    fn endpoints(&self, topic: &str) -> Vec<String> {
        let state = self.state();
        let confirmed = state.subscriptions.iter().filter(|subscription| subscription.confirmed && subscription.topic == topic);
        confirmed.map(|subscription| subscription.endpoint.clone()).collect()
    }
}

/// Where the certificate lies.
const CERTIFICATE_PATH: &str = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";

/// The peer. It listens until it is dropped.
pub struct FakeAws {
    inner: Arc<Inner>,
    _listening: Listening,
}

impl FakeAws {
    /// Starts it on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let certificate = Certificate::generate("sns.amazonaws.com");
        let inner = Arc::new(Inner { settings, certificate, base: OnceLock::new(), state: Mutex::default() });
        let shared = inner.clone();
        let listening = listen(move |request| handle(shared.clone(), request)).await?;
        let _ = inner.base.set(format!("http://{}", listening.address));
        Ok(Self { inner, _listening: listening })
    }

    /// Where the API and SNS are.
    pub fn base_url(&self) -> String {
        self.inner.base().to_owned()
    }

    /// A topic's name.
    pub fn topic(&self, topic: Topic) -> String {
        self.inner.arn(topic)
    }

    /// Says what becomes of the next submission that has no plan yet.
    pub fn plan(&self, plan: Plan) {
        self.inner.state().plans.push_back(plan);
    }

    /// The texts so far.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.inner.state().accepted.clone()
    }

    /// The messages of SNS so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inner.state().deliveries.clone()
    }

    /// The exceptions of signatures so far.
    pub fn refused(&self) -> Vec<&'static str> {
        self.inner.state().refused.clone()
    }

    /// How often the certificate was fetched.
    pub fn certificates_fetched(&self) -> usize {
        self.inner.state().certificates_fetched
    }

    /// Subscribes an endpoint to a topic: SNS asks it to confirm. Tells whether it did.
    pub async fn subscribe(&self, topic: Topic, endpoint: &str) -> bool {
        let arn = self.inner.arn(topic);
        let token = format!("token{}", self.inner.state().id().replace('-', ""));
        let subscription = Subscription { topic: arn.clone(), endpoint: endpoint.to_owned(), token: token.clone(), confirmed: false };
        self.inner.state().subscriptions.push(subscription);
        let url = format!("{}/?Action=ConfirmSubscription&TopicArn={arn}&Token={token}", self.inner.base());
        let words = format!("You have chosen to subscribe to the topic {arn}.");
        let message = self.inner.message("SubscriptionConfirmation", &arn, &words, &[("SubscribeURL", &url), ("Token", &token)]);
        deliver(&self.inner, endpoint, "SubscriptionConfirmation", &message).await;
        self.inner.state().subscriptions.iter().any(|subscription| subscription.token == token && subscription.confirmed)
    }

    /// A phone texts one of the numbers. Ends when the message was posted; the text's id comes back.
    pub async fn text(&self, from: &str, to: &str, body: &str) -> String {
        let id = {
            let mut state = self.inner.state();
            match body.trim().to_ascii_uppercase().as_str() {
                "STOP" if self.inner.settings.manages_opt_outs => drop(state.opted_out.insert(from.to_owned())),
                "START" if self.inner.settings.manages_opt_outs => drop(state.opted_out.remove(from)),
                _ => {}
            }
            state.id()
        };
        let text = json!({
            "originationNumber": from,
            "destinationNumber": to,
            "messageKeyword": "keyword_1",
            "messageBody": body,
            "inboundMessageId": id,
            "previousPublishedMessageId": "862a0000-0000-4000-8000-000000000000",
        });
        publish(&self.inner, Topic::Texts, &text.to_string(), Copies::Once).await;
        id
    }

    /// Somebody publishes something else.
    pub async fn publish(&self, topic: Topic, message: &str) {
        publish(&self.inner, topic, message, Copies::Once).await;
    }

    /// Waits until every event that is under way has come to an end.
    pub async fn settled(&self) {
        while self.inner.state().running > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn publish(inner: &Inner, topic: Topic, message: &str, copies: Copies) {
    let arn = inner.arn(topic);
    let times = if copies == Copies::PublishedTwice { 2 } else { 1 };
    for _ in 0..times {
        let signed = inner.message("Notification", &arn, message, &[]);
        for endpoint in inner.endpoints(&arn) {
            deliver(inner, &endpoint, "Notification", &signed).await;
            if copies == Copies::Twice {
                deliver(inner, &endpoint, "Notification", &signed).await;
            }
        }
    }
}

async fn handle(inner: Arc<Inner>, request: Incoming) -> Answer {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", CERTIFICATE_PATH) => {
            inner.state().certificates_fetched += 1;
            Answer::Reply {
                status: 200,
                headers: vec![("content-type", "application/x-pem-file".into())],
                body: inner.certificate.pem().into(),
            }
        }
        ("GET", "/") if request.asked("Action").as_deref() == Some("ConfirmSubscription") => confirm(&inner, &request),
        ("POST", "/") => submit(inner, &request).await,
        _ => exception(404, "UnknownOperationException", None),
    }
}

fn confirm(inner: &Inner, request: &Incoming) -> Answer {
    let (topic, token) = (request.asked("TopicArn"), request.asked("Token"));
    let mut state = inner.state();
    let found = state
        .subscriptions
        .iter_mut()
        .find(|subscription| Some(&subscription.topic) == topic.as_ref() && Some(&subscription.token) == token.as_ref());
    let Some(subscription) = found else { return Answer::Reply { status: 400, headers: vec![], body: "<ErrorResponse/>".into() } };
    subscription.confirmed = true;
    Answer::Reply { status: 200, headers: vec![("content-type", "text/xml".into())], body: "<ConfirmSubscriptionResponse/>".into() }
}

fn exception(status: u16, name: &str, reason: Option<&str>) -> Answer {
    let mut body = json!({ "__type": format!("com.amazonaws.sms.voice.v2#{name}"), "Message": "No." });
    if let Some(reason) = reason {
        body["Reason"] = json!(reason);
    }
    Answer::Reply { status, headers: vec![("content-type", "application/x-amz-json-1.0".into())], body: body.to_string() }
}

async fn submit(inner: Arc<Inner>, request: &Incoming) -> Answer {
    if let Err(name) = check(request, &inner.settings.keys, &inner.settings.region, "sms-voice", (inner.settings.now)()) {
        inner.state().refused.push(name);
        return exception(400, name, None);
    }
    if request.header("x-amz-target") != Some("PinpointSMSVoiceV2.SendTextMessage") {
        return exception(400, "UnknownOperationException", None);
    }
    if request.header("content-type") != Some("application/x-amz-json-1.0") {
        return exception(415, "UnsupportedMediaTypeException", None);
    }
    let plan = inner.state().plans.pop_front().unwrap_or_default();
    match plan.submission {
        Submission::Refuse { status, exception: name, reason } => return exception(status, name, reason),
        Submission::Cut => return Answer::Cut,
        _ => {}
    }
    let accepted = match read(&inner, &request.body) {
        Ok(accepted) => accepted,
        Err(refused) => return refused,
    };
    inner.state().accepted.push(accepted.clone());
    let answer = json!({ "MessageId": accepted.id });
    follow(inner, accepted, plan.events, plan.copies);
    match plan.submission {
        Submission::AcceptAndCut => return Answer::Cut,
        Submission::AcceptLate(wait) => tokio::time::sleep(wait).await,
        Submission::AcceptAndFail(status) => return exception(status, "InternalServerException", None),
        _ => {}
    }
    Answer::Reply { status: 200, headers: vec![("content-type", "application/x-amz-json-1.0".into())], body: answer.to_string() }
}

/// The rules of the service's model.
fn read(inner: &Inner, body: &[u8]) -> Result<Accepted, Answer> {
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else {
        return Err(exception(400, "SerializationException", None));
    };
    let known = [
        "DestinationPhoneNumber",
        "OriginationIdentity",
        "MessageBody",
        "MessageType",
        "Keyword",
        "ConfigurationSetName",
        "MaxPrice",
        "TimeToLive",
        "Context",
        "DestinationCountryParameters",
        "DryRun",
        "ProtectConfigurationId",
        "MessageFeedbackEnabled",
    ];
    let wrong = |field: &str| {
        let body = json!({
            "__type": "com.amazonaws.sms.voice.v2#ValidationException",
            "Message": "No.",
            "Reason": "FIELD_VALIDATION_FAILED",
            "Fields": [{ "Name": field, "Message": "No." }],
        });
        Answer::Reply { status: 400, headers: vec![], body: body.to_string() }
    };
    if let Some(field) = body.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(wrong(field));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (to, from, words) = (text("DestinationPhoneNumber"), text("OriginationIdentity"), text("MessageBody"));
    if !(to.len() == 12 && to.starts_with('+') && to[1..].bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(wrong("DestinationPhoneNumber"));
    }
    if words.trim().is_empty() || words.chars().count() > 1_600 {
        return Err(wrong("MessageBody"));
    }
    let time_to_live = body.get("TimeToLive").and_then(Value::as_u64);
    if body.contains_key("TimeToLive") && !time_to_live.is_some_and(|seconds| (5..=259_200).contains(&seconds)) {
        return Err(wrong("TimeToLive"));
    }
    if !matches!(text("MessageType").as_str(), "" | "TRANSACTIONAL" | "PROMOTIONAL") {
        return Err(wrong("MessageType"));
    }
    let context = body.get("Context").cloned().unwrap_or_else(|| json!({}));
    let context_fits = context.as_object().is_some_and(|pairs| pairs.len() <= 5 && pairs.values().all(Value::is_string));
    if !context_fits {
        return Err(wrong("Context"));
    }
    if !inner.settings.numbers.contains(&from) {
        return Err(exception(400, "ResourceNotFoundException", None));
    }
    let set = text("ConfigurationSetName");
    if !set.is_empty() && set != inner.settings.configuration_set {
        return Err(exception(400, "ResourceNotFoundException", None));
    }
    let mut state = inner.state();
    if state.opted_out.contains(&to) {
        return Err(exception(400, "ConflictException", Some("DESTINATION_PHONE_NUMBER_OPTED_OUT")));
    }
    Ok(Accepted { id: state.id(), to, from, body: words, time_to_live, context })
}

/// Publishes a text's events in the background.
fn follow(inner: Arc<Inner>, text: Accepted, mut events: Vec<&'static str>, copies: Copies) {
    inner.state().running += 1;
    if copies == Copies::Reversed {
        events.reverse();
    }
    tokio::spawn(async move {
        let now = (inner.settings.now)() * 1000;
        for (kind, order) in events.into_iter().zip(0_i64..) {
            let event = json!({
                "eventType": kind,
                "eventVersion": "1.0",
                "eventTimestamp": now + order,
                "isFinal": !matches!(kind, "TEXT_QUEUED" | "TEXT_PENDING" | "TEXT_SENT" | "TEXT_SUCCESSFUL"),
                "originationPhoneNumber": text.from,
                "destinationPhoneNumber": text.to,
                "isoCountryCode": "US",
                "mcc": "310",
                "mnc": "800",
                "messageId": text.id,
                "messageRequestTimestamp": now,
                "messageEncoding": "GSM",
                "messageType": "TRANSACTIONAL",
                "messageStatus": kind.trim_start_matches("TEXT_"),
                "messageStatusDescription": "Words about it",
                "context": text.context,
                "totalMessageParts": 1,
                "totalMessagePrice": 0.00581,
                "totalCarrierFee": 0.00302,
            });
            publish(&inner, Topic::Events, &event.to_string(), copies).await;
        }
        inner.state().running -= 1;
    });
}
