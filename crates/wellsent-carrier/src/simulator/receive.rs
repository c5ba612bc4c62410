//! Reads the simulator's callbacks. Everything in them comes from outside.

use super::codes::failure_of;
use super::wire::{BODY_CHARS_MAX, CALLBACK_BYTES_MAX, EVENTS_MAX, Receipt, SIGNATURE_HEADER, TIMESTAMP_HEADER, Text, verify};
use crate::digest::sha256;
use crate::{Callback, CallbackError, CallbackKind, CallbackSecret, CarrierOptOut, Event};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_domain::{Phi, PhoneNumber};

use super::network::is_sender;

/// Checks a callback's size and signature, then reads it. One event that is not understood spoils the whole callback.
pub(super) fn parse(secret: &CallbackSecret, callback: &Callback<'_>) -> Result<Vec<Event>, CallbackError> {
    if callback.body.len() > CALLBACK_BYTES_MAX {
        return Err(CallbackError::TooLarge);
    }
    let timestamp = callback.header(TIMESTAMP_HEADER).ok_or(CallbackError::BadSignature)?;
    let signature = callback.header(SIGNATURE_HEADER).ok_or(CallbackError::BadSignature)?;
    if !verify(secret, timestamp, callback.public_url, callback.body, signature) {
        return Err(CallbackError::BadSignature);
    }
    match callback.kind {
        CallbackKind::Status => {
            let from_address = token_of(callback.public_url)?;
            let receipts: Vec<Receipt<'_>> = if is_array(callback.body) {
                serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?
            } else {
                vec![serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?]
            };
            if receipts.len() > EVENTS_MAX {
                return Err(CallbackError::TooLarge);
            }
            receipts.iter().map(|receipt| read_receipt(receipt, from_address)).collect()
        }
        CallbackKind::Inbound => {
            let texts: Vec<Text<'_>> = if is_array(callback.body) {
                serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?
            } else {
                vec![serde_json::from_slice(callback.body).map_err(|_| CallbackError::Malformed("body"))?]
            };
            if texts.len() > EVENTS_MAX {
                return Err(CallbackError::TooLarge);
            }
            texts.iter().map(read_text).collect()
        }
    }
}

fn is_array(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

fn read_receipt(receipt: &Receipt<'_>, from_address: Option<AttemptToken>) -> Result<Event, CallbackError> {
    let status = DeliveryStatus::parse(&receipt.status).ok_or(CallbackError::Malformed("status"))?;
    let failure = match (status, receipt.code) {
        (DeliveryStatus::Failed | DeliveryStatus::Undelivered, Some(code)) => Some(failure_of(code)),
        (DeliveryStatus::Failed | DeliveryStatus::Undelivered, None) => Some(Failure::Other),
        _ => None,
    };
    let token = match &receipt.token {
        Some(token) => Some(AttemptToken::from_hex(token).ok_or(CallbackError::Malformed("token"))?),
        None => from_address,
    };
    Ok(Event::Receipt { token, carrier_message_id: id(&receipt.id)?, status, failure, key: key("receipt", &receipt.event)? })
}

fn read_text(text: &Text<'_>) -> Result<Event, CallbackError> {
    let from = PhoneNumber::from_e164_exact(&text.from).map_err(|_| CallbackError::Malformed("from"))?;
    if !is_sender(&text.to_sender) {
        return Err(CallbackError::Malformed("to_sender"));
    }
    if text.body.chars().count() > BODY_CHARS_MAX {
        return Err(CallbackError::TooLarge);
    }
    let opt_out = match text.opt_out.as_deref() {
        None => None,
        Some("STOP") => Some(CarrierOptOut::Stop),
        Some("START") => Some(CarrierOptOut::Start),
        Some("HELP") => Some(CarrierOptOut::Help),
        Some(_) => return Err(CallbackError::Malformed("opt_out")),
    };
    Ok(Event::Inbound {
        carrier_message_id: id(&text.id)?,
        from: Phi::new(from),
        to_sender: text.to_sender.to_string(),
        body: Phi::new(text.body.to_string()),
        key: key("text", &text.event)?,
        opt_out,
    })
}

/// The attempt's token in the query of the address that was called.
fn token_of(public_url: &str) -> Result<Option<AttemptToken>, CallbackError> {
    let Some((_, query)) = public_url.split_once('?') else {
        return Ok(None);
    };
    match query.split('&').find_map(|pair| pair.strip_prefix("t=")) {
        Some(token) => AttemptToken::from_hex(token).map(Some).ok_or(CallbackError::Malformed("token")),
        None => Ok(None),
    }
}

/// Whether a text can be the carrier's name for something: it goes to the database, to pages and to addresses.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn id(text: &str) -> Result<String, CallbackError> {
    is_id(text).then(|| text.to_owned()).ok_or(CallbackError::Malformed("id"))
}

fn key(kind: &str, event: &str) -> Result<[u8; 32], CallbackError> {
    if !is_id(event) {
        return Err(CallbackError::Malformed("event"));
    }
    Ok(sha256(&[b"simulator\0", kind.as_bytes(), b"\0", event.as_bytes()]))
}
