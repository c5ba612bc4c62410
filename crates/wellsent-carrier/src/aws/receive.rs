//! Reads what comes through SNS. Everything in it comes from outside.

use super::carrier::AwsCarrier;
use super::codes::failure_of_event;
use super::sns::{Envelope, is_confirmation};
use super::wire::{CALLBACK_BYTES_MAX, RECEIVED_CHARS_MAX, is_id, text};
use crate::digest::sha256;
use crate::{Callback, CallbackError, CarrierOptOut, Event};
use serde_json::Value;
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::{Phi, PhoneNumber};

impl AwsCarrier {
    /// Checks a message's size, origin and signature, then reads it. One about something else than texts holds no event and is no error.
    ///
    /// SNS does not repeat what was answered with 4xx, so what could not be checked just now is told apart from what is wrong.
    pub(super) async fn read(&self, callback: &Callback<'_>) -> Result<Vec<Event>, CallbackError> {
        if callback.body.len() > CALLBACK_BYTES_MAX {
            return Err(CallbackError::TooLarge);
        }
        let envelope: Envelope = serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?;
        let topic = envelope.verify(&self.topics, &self.certificates, self.now()).await?;
        match envelope.kind.as_str() {
            "Notification" => self.read_notification(&envelope.message),
            "SubscriptionConfirmation" => {
                let address = envelope.subscribe_url.as_deref().and_then(|address| self.certificates.pinned(topic, address));
                let address = address.filter(|url| is_confirmation(url, topic)).ok_or(CallbackError::Malformed("SubscribeURL"))?;
                if !self.certificates.visit(address).await {
                    return Err(CallbackError::NotNow);
                }
                tracing::info!(carrier = self.name, "a topic of SNS was subscribed");
                Ok(Vec::new())
            }
            _ => {
                tracing::warn!(carrier = self.name, "a topic of SNS was unsubscribed; receipts and texts no longer come from it");
                Ok(Vec::new())
            }
        }
    }

    fn read_notification(&self, message: &str) -> Result<Vec<Event>, CallbackError> {
        // Somebody with access to the topic can publish anything by hand.
        let Ok(message) = serde_json::from_str::<Value>(message) else { return Ok(Vec::new()) };
        if let Some(event) = text(&message, "/eventType") {
            let Some((status, failure)) = failure_of_event(event) else { return Ok(Vec::new()) };
            let id = id(&message, "/messageId").ok_or(CallbackError::Malformed("messageId"))?;
            // A message of SNS may come twice under two ids, so the key is made of what it says.
            let at = message.pointer("/eventTimestamp").and_then(Value::as_i64).unwrap_or_default();
            let key = key("receipt", &[id, event, &at.to_string()]);
            let token = text(&message, "/context/t").and_then(AttemptToken::from_hex);
            return Ok(vec![Event::Receipt { token, carrier_message_id: id.to_owned(), status, failure, key }]);
        }
        if message.get("inboundMessageId").is_none() {
            return Ok(Vec::new());
        }
        Ok(vec![self.read_text(&message)?])
    }

    fn read_text(&self, message: &Value) -> Result<Event, CallbackError> {
        let id = id(message, "/inboundMessageId").ok_or(CallbackError::Malformed("inboundMessageId"))?;
        let from = text(message, "/originationNumber").ok_or(CallbackError::Malformed("originationNumber"))?;
        let from = PhoneNumber::from_e164_exact(from).map_err(|_| CallbackError::Malformed("originationNumber"))?;
        let to = text(message, "/destinationNumber").filter(|to| is_address(to)).ok_or(CallbackError::Malformed("destinationNumber"))?;
        let body = text(message, "/messageBody").unwrap_or_default();
        if body.chars().count() > RECEIVED_CHARS_MAX {
            return Err(CallbackError::TooLarge);
        }
        Ok(Event::Inbound {
            carrier_message_id: id.to_owned(),
            from: Phi::new(from),
            to_sender: to.to_owned(),
            body: Phi::new(body.to_owned()),
            key: key("text", &[id]),
            opt_out: if self.answers_stop { opt_out(body) } else { None },
        })
    }
}

/// What AWS does by itself about a text of one such word, unless opting out is left to us (TW-18).
fn opt_out(body: &str) -> Option<CarrierOptOut> {
    match body.trim().to_ascii_uppercase().as_str() {
        "ARRET" | "CANCEL" | "END" | "OPT-OUT" | "OPTOUT" | "QUIT" | "REMOVE" | "STOP" | "TD" | "UNSUBSCRIBE" => Some(CarrierOptOut::Stop),
        "HELP" => Some(CarrierOptOut::Help),
        _ => None,
    }
}

fn id<'a>(message: &'a Value, pointer: &str) -> Option<&'a str> {
    text(message, pointer).filter(|id| is_id(id))
}

/// A number or short code.
fn is_address(text: &str) -> bool {
    (3..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+')
}

fn key(kind: &str, parts: &[&str]) -> [u8; 32] {
    let mut bytes = vec![b"aws\0".as_slice(), kind.as_bytes()];
    for part in parts {
        bytes.extend([b"\0".as_slice(), part.as_bytes()]);
    }
    sha256(&bytes)
}
