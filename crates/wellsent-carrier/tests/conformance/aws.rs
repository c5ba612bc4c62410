//! The adapter of AWS End User Messaging.

use crate::case::{Call, Callbacks, Canned, Extra, Look, Place, Report, Signer, Subject, Text};
use crate::released::{TO, now};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use wellsent_carrier::aws::{AwsCarrier, Credentials, Settings};
use wellsent_carrier::{CallbackKind, Carrier, LogEntry, NotSubmittedCause, Outcome, UnknownCause};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_peers::aws::{Certificate, SignatureVersion, envelope};
use wellsent_peers::scripted::Request;

const ID: &str = "862a8790-60c0-4430-9b2b-658bd0123456";
const NUMBER: &str = "+12125550199";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:texts";

/// AWS.
pub struct Aws;

/// A certificate, one that nobody knows, and where the first lies: a thread, because adapters of several runtimes fetch it.
struct Certificates {
    known: Certificate,
    stranger: Certificate,
    base: String,
}

static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| {
    let known = Certificate::generate("sns.amazonaws.com");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let pem = known.pem().to_owned();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 2048];
            let read = stream.read(&mut request).unwrap_or(0);
            let (status, body) = match request[..read].starts_with(b"GET /SNS-one.pem ") {
                true => ("200 Fine", pem.as_str()),
                false => ("404 Not", ""),
            };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    Certificates { known, stranger: Certificate::generate("sns.amazonaws.com"), base }
});

impl Subject for Aws {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn adapter(&self, place: &Place) -> Arc<dyn Carrier> {
        let adapter = AwsCarrier::new(Settings {
            name: "aws-main".into(),
            account: Some("123456789012".into()),
            region: "us-east-1".into(),
            credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None),
            configuration_set: Some("texts".into()),
            topics: vec![TOPIC.into()],
            answers_stop: true,
            base_url: Some(place.base_url.clone()),
            certificates_url: Some(CERTIFICATES.base.clone()),
            callback_base: place.callback_base.clone(),
            clock: place.clock(),
            deadline: place.deadline,
            connections: 4,
        });
        Arc::new(adapter.expect("settings"))
    }

    fn sender(&self) -> &'static str {
        NUMBER
    }

    fn accepted(&self) -> Canned {
        let outcome = Outcome::Accepted { carrier_message_id: ID.into(), parts: None };
        Canned::new("accepted", 200, &[], &json!({ "MessageId": ID, "Later": 1 }).to_string(), outcome)
    }

    fn answers(&self) -> Vec<Canned> {
        let body = |name: &str, reason: &str| match reason {
            "" => json!({ "__type": name, "Message": "No." }).to_string(),
            reason => json!({ "__type": format!("com.amazonaws.sms#{name}"), "Message": "No.", "Reason": reason }).to_string(),
        };
        let mut answers = Vec::new();
        for (name, reason, failure) in [
            ("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT", Failure::OptedOut),
            ("ConflictException", "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE", Failure::Blocked),
            ("ConflictException", "DESTINATION_PHONE_NUMBER_NOT_VERIFIED", Failure::Configuration),
            ("ConflictException", "RESOURCE_NOT_ACTIVE", Failure::Configuration),
            ("ConflictException", "REGISTRATION_NOT_COMPLETE", Failure::SenderNotRegistered),
            ("ConflictException", "", Failure::Other),
            ("ValidationException", "SENDER_ID_NOT_REGISTERED", Failure::SenderNotRegistered),
            ("ValidationException", "COUNTRY_NOT_ENABLED", Failure::Configuration),
            ("ValidationException", "OTHER", Failure::Other),
            ("ResourceNotFoundException", "", Failure::Configuration),
            ("ServiceQuotaExceededException", "TAGS_PER_RESOURCE", Failure::Configuration),
            ("SomethingNewException", "", Failure::Other),
        ] {
            let outcome = Outcome::Rejected { failure, code: None };
            answers.push(Canned::new(format!("{name} {reason}"), 400, &[], &body(name, reason), outcome));
        }
        let wrong = json!({ "__type": "ValidationException", "Reason": "FIELD_VALIDATION_FAILED", "Fields": [{ "Name": "DestinationPhoneNumber" }] });
        let outcome = Outcome::Rejected { failure: Failure::InvalidNumber, code: None };
        answers.push(Canned::new("a wrong number", 400, &[], &wrong.to_string(), outcome));
        let not_submitted = |cause| Outcome::NotSubmitted { cause, retry_after: None };
        for name in ["ThrottlingException", "TooManyRequestsException"] {
            answers.push(Canned::new(name, 400, &[], &body(name, ""), not_submitted(NotSubmittedCause::Throttled)));
        }
        for (name, reason) in [
            ("AccessDeniedException", "ACCOUNT_DISABLED"),
            ("AccessDeniedException", ""),
            ("UnrecognizedClientException", ""),
            ("InvalidSignatureException", ""),
            ("ExpiredTokenException", ""),
            ("MissingAuthenticationTokenException", ""),
            ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
        ] {
            let outcome = not_submitted(NotSubmittedCause::AccountRefused);
            answers.push(Canned::new(format!("{name} {reason}"), 400, &[], &body(name, reason), outcome));
        }
        answers.push(Canned::new("forbidden", 403, &[], "<html>", not_submitted(NotSubmittedCause::AccountRefused)));
        let unclear = Outcome::Unknown { cause: UnknownCause::ServerError };
        answers.push(Canned::new("InternalServerException", 500, &[], &body("InternalServerException", ""), unclear.clone()));
        answers.push(Canned::new("InternalFailure with 400", 400, &[], &body("InternalFailure", ""), unclear));
        answers.push(Canned::new("nonsense", 400, &[], "[", Outcome::Rejected { failure: Failure::Other, code: None }));
        answers
    }

    fn check_request(&self, request: &Request, text: &Text) -> Result<(), String> {
        let said: Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
        let expected = json!({
            "DestinationPhoneNumber": text.to,
            "OriginationIdentity": NUMBER,
            "MessageBody": text.body,
            "MessageType": "TRANSACTIONAL",
            "ConfigurationSetName": "texts",
            "TimeToLive": text.useful_s,
            "Context": { "t": AttemptToken(text.token).to_hex() },
        });
        let line = format!("{} {}", request.method, request.target);
        let headers = ["content-type", "x-amz-date", "x-amz-target"].map(|name| request.header(name).unwrap_or_default());
        let right = ["application/x-amz-json-1.0", "20261124T150000Z", "PinpointSMSVoiceV2.SendTextMessage"];
        let authorization = request.header("authorization").unwrap_or_default();
        let begin = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/sms-voice/aws4_request, \
                     SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";
        let signature = authorization.strip_prefix(begin).unwrap_or_default();
        let signed = signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
        (said == expected && line == "POST /" && headers == right && signed)
            .then_some(())
            .ok_or_else(|| format!("{line} {headers:?} {authorization} {said}"))
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }

    fn lookups(&self) -> Option<Vec<Look<LogEntry>>> {
        None
    }

    fn message_id(&self) -> &'static str {
        ID
    }
}

impl Callbacks for Aws {
    fn call(&self, url: &str, report: &Report, signer: Signer, extra: Extra) -> Call {
        let mut message = match report {
            Report::Receipt { id, word } => json!({
                "eventType": word,
                "eventVersion": "1.0",
                "eventTimestamp": 1_764_000_000_123_i64,
                "messageId": id,
                "destinationPhoneNumber": TO,
                "context": { "t": "5a".repeat(16) },
            }),
            Report::Inbound { id, from, body } => json!({
                "originationNumber": from,
                "destinationNumber": NUMBER,
                "messageKeyword": "keyword_1",
                "messageBody": body,
                "inboundMessageId": id,
                "previousPublishedMessageId": "wJalrXUtnFEMI/K7MDENG",
            }),
        };
        let mut id = "7d2c1a5e-0000-4000-8000-000000000001";
        if extra == Extra::UnknownFields {
            id = "7d2c1a5e-0000-4000-8000-000000000002";
            message["unheardOf"] = json!({ "x": [1, null] });
        }
        let mut signed = sign(signer, SignatureVersion::Two, "Notification", id, &message.to_string(), &[]);
        signed["UnsubscribeURL"] = json!("https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe");
        posted(url, report.kind(), signed.to_string().into_bytes())
    }

    fn words(&self) -> Vec<(&'static str, Option<DeliveryStatus>)> {
        vec![
            ("TEXT_QUEUED", Some(DeliveryStatus::Queued)),
            ("TEXT_PENDING", Some(DeliveryStatus::Queued)),
            ("TEXT_SENT", Some(DeliveryStatus::Sent)),
            ("TEXT_SUCCESSFUL", Some(DeliveryStatus::Sent)),
            ("TEXT_DELIVERED", Some(DeliveryStatus::Delivered)),
            ("TEXT_INVALID", Some(DeliveryStatus::Failed)),
            ("TEXT_INVALID_MESSAGE", Some(DeliveryStatus::Failed)),
            ("TEXT_UNREACHABLE", Some(DeliveryStatus::Undelivered)),
            ("TEXT_CARRIER_UNREACHABLE", Some(DeliveryStatus::Undelivered)),
            ("TEXT_BLOCKED", Some(DeliveryStatus::Undelivered)),
            ("TEXT_CARRIER_BLOCKED", Some(DeliveryStatus::Undelivered)),
            ("TEXT_SPAM", Some(DeliveryStatus::Undelivered)),
            ("TEXT_UNKNOWN", Some(DeliveryStatus::Undelivered)),
            ("TEXT_TTL_EXPIRED", Some(DeliveryStatus::Failed)),
            ("TEXT_PROTECT_BLOCKED", Some(DeliveryStatus::Failed)),
            // An event of texts that is not known says only that AWS has the text.
            ("TEXT_EVAPORATED", Some(DeliveryStatus::Queued)),
            ("VOICE_ANSWERED", None),
            ("RCS_READ", None),
            ("REGISTRATION_STATUS_CHANGED", None),
        ]
    }

    fn takes_next_secret(&self) -> bool {
        false
    }

    fn signs_whole_body(&self) -> bool {
        false
    }

    fn signs_address(&self) -> bool {
        false
    }

    fn hostile(&self, url: &str) -> Vec<(&'static str, Call)> {
        let text = |id: &str, from: &str, to: &str, body: &str| {
            let message = json!({ "originationNumber": from, "destinationNumber": to, "messageBody": body, "inboundMessageId": id });
            sign(Signer::Current, SignatureVersion::One, "Notification", "m1", &message.to_string(), &[]).to_string()
        };
        let published = |message: &str| sign(Signer::Current, SignatureVersion::One, "Notification", "m1", message, &[]).to_string();
        let subscribe = |address: &str| {
            let extra = [("SubscribeURL", address), ("Token", "t")];
            sign(Signer::Current, SignatureVersion::Two, "SubscriptionConfirmation", "m1", "Subscribe", &extra).to_string()
        };
        let elsewhere = format!("http://169.254.169.254/?Action=ConfirmSubscription&TopicArn={TOPIC}");
        let more = format!("{}/?Action=DeleteTopic&TopicArn={TOPIC}", CERTIFICATES.base);
        [
            ("nothing", String::new()),
            ("a number", "7".into()),
            ("deep nesting", "[".repeat(100_000)),
            ("published by hand", published("hello")),
            ("published by hand, deeply nested", published(&"[".repeat(100_000))),
            ("published by hand, an object", published("{}")),
            ("an event without an id", published(r#"{"eventType":"TEXT_DELIVERED"}"#)),
            ("a long text", text(ID, TO, NUMBER, &"x".repeat(20_000))),
            ("no number", text(ID, "Bank", NUMBER, "hi")),
            ("an id that is none", text("../x", TO, NUMBER, "hi")),
            ("a sender that is none", text(ID, TO, "<b>", "hi")),
            ("a subscription elsewhere", subscribe(&elsewhere)),
            ("a subscription that does more", subscribe(&more)),
            ("a kind that is none", sign(Signer::Current, SignatureVersion::Two, "Command", "m1", "x", &[]).to_string()),
        ]
        .into_iter()
        .map(|(name, body)| (name, posted(url, CallbackKind::Inbound, body.into_bytes())))
        .collect()
    }
}

fn sign(signer: Signer, version: SignatureVersion, kind: &str, id: &str, message: &str, extra: &[(&str, &str)]) -> Value {
    let certificate = if signer == Signer::Current { &CERTIFICATES.known } else { &CERTIFICATES.stranger };
    let timestamp = now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    envelope(certificate, version, kind, &format!("{}/SNS-one.pem", CERTIFICATES.base), [TOPIC, id, &timestamp, message], extra)
}

fn posted(url: &str, kind: CallbackKind, body: Vec<u8>) -> Call {
    Call { kind, url: url.into(), headers: vec![("x-amz-sns-topic-arn", TOPIC.into())], signature_headers: vec![], body }
}
