//! SNS: topics, subscriptions, and signed messages to them.

use super::rsa::Certificate;
use super::server::Inner;
use crate::loopback::post;
use serde_json::{Value, json};

/// How often one message is posted to one endpoint.
const ATTEMPTS_MAX: usize = 4;

/// How messages are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureVersion {
    /// SHA-1, the default of a topic.
    One,
    /// SHA-256.
    Two,
}

/// The two topics of the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The events of the configuration set.
    Events,
    /// The texts of phones.
    Texts,
}

impl Topic {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Texts => "texts",
        }
    }
}

/// One message that was posted to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// To where.
    pub endpoint: String,
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub message_id: String,
    /// What came back; `None` when nobody was there.
    pub status: Option<u16>,
}

#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub topic: String,
    pub endpoint: String,
    pub token: String,
    pub confirmed: bool,
}

/// Writes a message with its signature. `extra` are the fields beside the usual ones: `Subject`, or `SubscribeURL` and `Token`.
pub fn envelope(
    certificate: &Certificate,
    version: SignatureVersion,
    kind: &str,
    certificate_url: &str,
    [topic, id, timestamp, message]: [&str; 4],
    extra: &[(&str, &str)],
) -> Value {
    let mut fields = vec![("Message", message), ("MessageId", id), ("Timestamp", timestamp), ("TopicArn", topic), ("Type", kind)];
    fields.extend_from_slice(extra);
    // The signed fields of either kind come in the order of the alphabet.
    fields.sort_unstable();
    let signed: String = fields.iter().map(|(name, value)| format!("{name}\n{value}\n")).collect();
    let (number, signature) = match version {
        SignatureVersion::One => ("1", certificate.sign_sha1(&signed)),
        SignatureVersion::Two => ("2", certificate.sign_sha256(&signed)),
    };
    let mut envelope: Value =
        fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    envelope["SignatureVersion"] = json!(number);
    envelope["Signature"] = json!(signature);
    envelope["SigningCertURL"] = json!(certificate_url);
    envelope
}

/// Posts a message to an endpoint until it is taken or refused: SNS repeats after errors of the server only.
pub(super) async fn deliver(inner: &Inner, endpoint: &str, kind: &str, envelope: &Value) {
    let (topic, id) = (envelope["TopicArn"].as_str().unwrap_or_default(), envelope["MessageId"].as_str().unwrap_or_default());
    let headers = [
        ("content-type", "text/plain; charset=UTF-8"),
        ("user-agent", "Amazon Simple Notification Service Agent"),
        ("x-amz-sns-message-type", kind),
        ("x-amz-sns-message-id", id),
        ("x-amz-sns-topic-arn", topic),
    ];
    for _ in 0..ATTEMPTS_MAX {
        let status = post(endpoint, &headers, envelope.to_string().as_bytes()).await.ok();
        let delivery = Delivery { endpoint: endpoint.to_owned(), kind: kind.to_owned(), message_id: id.to_owned(), status };
        inner.state().deliveries.push(delivery);
        if status.is_some_and(|status| status < 500 && status != 429) {
            return;
        }
    }
}
