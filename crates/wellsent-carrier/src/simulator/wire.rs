//! What goes over the line between Wellsent and the simulator, in both directions.

use crate::CallbackSecret;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The header that carries a callback's signature.
pub(super) const SIGNATURE_HEADER: &str = "x-simulator-signature";
/// The header that carries when it was signed, in seconds; the signature covers it.
pub(super) const TIMESTAMP_HEADER: &str = "x-simulator-timestamp";
/// The most events in one callback.
pub(super) const EVENTS_MAX: usize = 100;
/// The largest body of a callback.
pub(super) const CALLBACK_BYTES_MAX: usize = 64 * 1024;
/// The longest text in characters.
pub(super) const BODY_CHARS_MAX: usize = 1600;
/// The longest period of validity in seconds.
pub(super) const VALIDITY_S_MAX: u32 = 36_000;

/// A submission: the whole body of `POST /messages`.
#[derive(Serialize, Deserialize)]
pub(super) struct Submission<'a> {
    #[serde(borrow)]
    pub token: Cow<'a, str>,
    #[serde(borrow)]
    pub to: Cow<'a, str>,
    #[serde(borrow)]
    pub from: Cow<'a, str>,
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    pub validity_s: u32,
    #[serde(borrow)]
    pub callback_url: Cow<'a, str>,
}

/// The answer to an accepted submission.
#[derive(Serialize, Deserialize)]
pub(super) struct Created {
    pub id: String,
    pub parts: Option<u32>,
}

/// The answer to anything that is refused.
#[derive(Serialize, Deserialize)]
pub(super) struct Refused {
    pub code: Option<u64>,
}

/// One text in the answer of `GET /messages`.
#[derive(Serialize, Deserialize)]
pub(super) struct Listed {
    pub id: String,
    pub token: Option<String>,
    pub status: String,
    pub code: Option<u32>,
    pub sent_at: String,
    pub body: String,
}

/// A receipt in a callback. Alone, it names its attempt by the address only; in an array by `token`.
#[derive(Serialize, Deserialize)]
pub(super) struct Receipt<'a> {
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub token: Option<Cow<'a, str>>,
}

/// A person's text in a callback.
#[derive(Serialize, Deserialize)]
pub(super) struct Text<'a> {
    #[serde(borrow)]
    pub event: Cow<'a, str>,
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub from: Cow<'a, str>,
    #[serde(borrow)]
    pub to_sender: Cow<'a, str>,
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<Cow<'a, str>>,
}

/// The signature of a callback: over its time, the address that it goes to, and its body.
pub(super) fn sign(secret: &CallbackSecret, timestamp: &str, url: &str, body: &[u8]) -> String {
    secret.sign(&[timestamp.as_bytes(), b"\n", url.as_bytes(), b"\n", body])
}

/// Whether a callback's signature is right.
pub(super) fn verify(secret: &CallbackSecret, timestamp: &str, url: &str, body: &[u8], signature: &str) -> bool {
    secret.verify(&[timestamp.as_bytes(), b"\n", url.as_bytes(), b"\n", body], signature)
}
