//! Reads Telnyx's webhooks. Everything in them comes from outside.

use super::codes::failure;
use super::signature::PublicKeys;
use super::wire::{CALLBACK_BYTES_MAX, RECEIVED_CHARS_MAX, is_id, is_number, problems, text, token_in};
use crate::digest::sha256;
use crate::{Callback, CallbackError, CarrierOptOut, Event};
use jiff::Timestamp;
use serde_json::Value;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::{Phi, PhoneNumber};

/// Checks a webhook's size and signature, then reads it. A webhook about something else than texts holds no event and is no error, or Telnyx
/// would send it again.
///
/// What it is about stands in its body, which is signed, and not in the address that it came to: Telnyx falls back from the message's address to
/// the profile's.
pub(super) fn parse(
    keys: &PublicKeys,
    account: Option<&str>,
    now: Timestamp,
    callback: &Callback<'_>,
) -> Result<Vec<Event>, CallbackError> {
    if callback.body.len() > CALLBACK_BYTES_MAX {
        return Err(CallbackError::TooLarge);
    }
    keys.check(callback, now)?;
    let body: Value = serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?;
    let event = body.get("data").ok_or(CallbackError::Malformed("data"))?;
    let kind = text(event, "/event_type").ok_or(CallbackError::Malformed("event_type"))?;
    if !matches!(kind, "message.sent" | "message.finalized" | "message.received") {
        return Ok(Vec::new());
    }
    let message = event.get("payload").ok_or(CallbackError::Malformed("payload"))?;
    if let (Some(ours), Some(theirs)) = (account, text(message, "/organization_id"))
        && ours != theirs
    {
        return Err(CallbackError::Malformed("organization_id"));
    }
    // Only texts are covered by the agreement (TW-02).
    if !matches!(text(message, "/type"), None | Some("SMS" | "MMS")) {
        return Ok(Vec::new());
    }
    if kind == "message.received" {
        return Ok(vec![read_text(message)?]);
    }
    let id = id(message)?;
    let event_id = text(event, "/id").filter(|id| is_id(id)).ok_or(CallbackError::Malformed("id"))?;
    let (status, failure) = fate(message, kind == "message.finalized");
    let token = token_in(callback.public_url).or_else(|| text(message, "/webhook_url").and_then(token_in));
    Ok(vec![Event::Receipt { token, carrier_message_id: id, status, failure, key: key("receipt", event_id) }])
}

/// How far a message has come, as it says itself. A state that is not known claims only that Telnyx has it (TW-12).
pub(super) fn fate(message: &Value, finalized: bool) -> (DeliveryStatus, Option<Failure>) {
    let status = match text(message, "/to/0/status") {
        Some("delivered" | "read") => DeliveryStatus::Delivered,
        Some("delivery_failed") => DeliveryStatus::Undelivered,
        Some("sending_failed" | "expired") => DeliveryStatus::Failed,
        // Telnyx stops waiting for a confirmation: the text was handed on, and nobody knows more (C-14).
        Some("sent" | "delivery_unconfirmed") => DeliveryStatus::Sent,
        None if !finalized => DeliveryStatus::Sent,
        _ => DeliveryStatus::Queued,
    };
    let failed = matches!(status, DeliveryStatus::Failed | DeliveryStatus::Undelivered);
    let why = failed.then(|| problems(message).iter().map(failure).find(|why| *why != Failure::Other));
    let expired = text(message, "/to/0/status") == Some("expired");
    (status, why.map(|why| why.unwrap_or(if expired { Failure::Expired } else { Failure::Other })))
}

/// A text from a patient. Its key comes from the message and not from the event, so that the same text from the log has the same key (TW-07).
pub(super) fn read_text(message: &Value) -> Result<Event, CallbackError> {
    let id = id(message)?;
    let from = text(message, "/from/phone_number").ok_or(CallbackError::Malformed("from"))?;
    let from = PhoneNumber::from_e164_exact(from).map_err(|_| CallbackError::Malformed("from"))?;
    let to = text(message, "/to/0/phone_number").ok_or(CallbackError::Malformed("to"))?;
    if !is_number(to) {
        return Err(CallbackError::Malformed("to"));
    }
    // A picture without words has no text.
    let body = text(message, "/text").unwrap_or_default();
    if body.chars().count() > RECEIVED_CHARS_MAX {
        return Err(CallbackError::TooLarge);
    }
    let opt_out = match text(message, "/autoresponse_type") {
        Some("STOP") => Some(CarrierOptOut::Stop),
        Some("START") => Some(CarrierOptOut::Start),
        Some("HELP") => Some(CarrierOptOut::Help),
        _ => None,
    };
    let key = key("text", &id);
    Ok(Event::Inbound {
        carrier_message_id: id,
        from: Phi::new(from),
        to_sender: to.to_owned(),
        body: Phi::new(body.to_owned()),
        key,
        opt_out,
    })
}

fn id(message: &Value) -> Result<String, CallbackError> {
    text(message, "/id").filter(|id| is_id(id)).map(str::to_owned).ok_or(CallbackError::Malformed("payload.id"))
}

fn key(kind: &str, id: &str) -> [u8; 32] {
    sha256(&[b"telnyx\0", kind.as_bytes(), b"\0", id.as_bytes()])
}
