//! Messages of Amazon SNS: who may send them, and their signatures.

use super::certificates::Certificates;
use crate::CallbackError;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde::Deserialize;

/// SNS repeats a message for an hour at most. Clocks may differ by some minutes, either way.
const AGE_MAX: SignedDuration = SignedDuration::from_secs(3_600 + 300);
const AHEAD_MAX: SignedDuration = SignedDuration::from_secs(300);

/// A topic whose messages count, by its name at AWS, `arn:aws:sns:us-east-1:123456789012:texts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topic {
    pub arn: String,
    /// Where SNS of the topic's region listens.
    pub host: String,
}

impl Topic {
    pub fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = parts.as_slice() else { return None };
        let suffix = match *partition {
            "aws" | "aws-us-gov" => "amazonaws.com",
            "aws-cn" => "amazonaws.com.cn",
            _ => return None,
        };
        let named =
            (1..=256).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        let good = is_region(region) && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && named;
        good.then(|| Self { arn: arn.to_owned(), host: format!("sns.{region}.{suffix}") })
    }
}

/// Whether a word can be a region: it becomes part of a host's name.
pub(super) fn is_region(region: &str) -> bool {
    (1..=32).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A message as SNS posts it. Nothing of it is trusted before [`Envelope::verify`].
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope {
    #[serde(rename = "Type")]
    pub kind: String,
    pub message_id: String,
    pub topic_arn: String,
    pub subject: Option<String>,
    pub message: String,
    pub timestamp: String,
    pub signature_version: String,
    pub signature: String,
    #[serde(rename = "SigningCertURL")]
    pub signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    pub subscribe_url: Option<String>,
    pub token: Option<String>,
}

impl Envelope {
    /// Checks topic, age, certificate and signature, and names the topic.
    ///
    /// What can be checked without asking anybody is checked first.
    pub async fn verify<'t>(&self, topics: &'t [Topic], certificates: &Certificates, now: Timestamp) -> Result<&'t Topic, CallbackError> {
        let bad = CallbackError::BadSignature;
        let topic = topics.iter().find(|topic| topic.arn == self.topic_arn).ok_or(bad)?;
        let sent_at: Timestamp = self.timestamp.parse().map_err(|_| bad)?;
        let age = now.duration_since(sent_at);
        if age > AGE_MAX || age < -AHEAD_MAX {
            return Err(bad);
        }
        let algorithm: &RsaParameters = match self.signature_version.as_str() {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return Err(bad),
        };
        let signature = STANDARD.decode(&self.signature).map_err(|_| bad)?;
        let signed = self.signed().ok_or(bad)?;
        let place = certificates.pinned(topic, &self.signing_cert_url).filter(is_certificate).ok_or(bad)?;
        let key = certificates.key(place, now).await?;
        UnparsedPublicKey::new(algorithm, &*key).verify(signed.as_bytes(), &signature).map_err(|_| bad)?;
        Ok(topic)
    }

    /// The text that is signed: names and values of certain fields, line by line; `None` for a kind of message that SNS does not have.
    fn signed(&self) -> Option<String> {
        let mut text = format!("Message\n{}\nMessageId\n{}\n", self.message, self.message_id);
        match self.kind.as_str() {
            "Notification" => {
                if let Some(subject) = &self.subject {
                    text.push_str(&format!("Subject\n{subject}\n"));
                }
                text.push_str(&format!("Timestamp\n{}\n", self.timestamp));
            }
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
                let (url, token) = (self.subscribe_url.as_deref()?, self.token.as_deref()?);
                text.push_str(&format!("SubscribeURL\n{url}\nTimestamp\n{}\nToken\n{token}\n", self.timestamp));
            }
            _ => return None,
        }
        text.push_str(&format!("TopicArn\n{}\nType\n{}\n", self.topic_arn, self.kind));
        Some(text)
    }
}

/// Whether an address on the pinned host is that of a certificate.
fn is_certificate(url: &Url) -> bool {
    let path = url.path();
    let plain = path.len() <= 200 && path.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    plain && path.ends_with(".pem") && url.query().is_none()
}

/// Whether an address on the pinned host confirms the subscription of this topic, and does nothing else.
pub(super) fn is_confirmation(url: &Url, topic: &Topic) -> bool {
    let value = |name: &str| {
        let mut values = url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    };
    url.path() == "/"
        && value("Action").as_deref() == Some("ConfirmSubscription")
        && value("TopicArn").as_deref() == Some(topic.arn.as_str())
}
