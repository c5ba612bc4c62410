//! What goes over the line to and from Telnyx.
//!
//! What comes from there is read leniently: fields come and go without notice, and one that is not needed must not spoil the rest.

use serde::Serialize;
use serde_json::Value;
use wellsent_domain::gate::AttemptToken;

/// Ten parts of 153 characters.
pub(super) const BODY_CHARS_MAX: usize = 1_530;
/// Telnyx drops a text that waited this long; there is no field to set it.
pub(super) const VALIDITY_S: u32 = 3_600;
/// The largest webhook that is read: a text with ten pictures has about 6 KB.
pub(super) const CALLBACK_BYTES_MAX: usize = 128 * 1024;
/// The longest text of a patient that is read, in characters.
pub(super) const RECEIVED_CHARS_MAX: usize = 10_000;

/// The body of `POST /v2/messages`. Only `to` and `text` speak of a person.
#[derive(Serialize)]
pub(super) struct Submission<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_profile_id: Option<&'a str>,
    pub to: &'a str,
    pub text: &'a str,
    /// Never anything else than a text (TW-02).
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub webhook_url: &'a str,
}

/// One entry of an `errors` array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub code: Option<u32>,
    /// Whether its wording speaks of STOP.
    pub names_stop: bool,
    /// Whether it points at the sender and not at the recipient.
    pub about_sender: bool,
}

/// The entries of the `errors` array of an answer, a message or an event.
pub(super) fn problems(of: &Value) -> Vec<Problem> {
    let Some(errors) = of.get("errors").and_then(Value::as_array) else {
        return Vec::new();
    };
    errors.iter().take(10).map(problem).collect()
}

fn problem(error: &Value) -> Problem {
    let code = match error.get("code") {
        Some(Value::String(code)) => code.parse().ok(),
        Some(Value::Number(code)) => code.as_u64().and_then(|code| u32::try_from(code).ok()),
        _ => None,
    };
    let says_stop = |field: &str| error.get(field).and_then(Value::as_str).is_some_and(|text| text.contains("STOP"));
    let source = |field: &str| error.pointer(field).and_then(Value::as_str).is_some_and(|place| place.trim_start_matches('/') == "from");
    Problem {
        // A number of more digits than a code has may be anything, a phone number too, and is not passed on.
        code: code.filter(|code| (1..1_000_000).contains(code)),
        names_stop: says_stop("title") || says_stop("detail"),
        about_sender: source("/source/pointer") || source("/source/parameter"),
    }
}

/// A text field.
pub(super) fn text<'a>(of: &'a Value, pointer: &str) -> Option<&'a str> {
    of.pointer(pointer).and_then(Value::as_str)
}

/// Whether a text can be Telnyx's name for something: it goes to the database, to pages and to addresses.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Whether a sender is a number or short code, and not a messaging profile.
pub(super) fn is_number(sender: &str) -> bool {
    (3..=16).contains(&sender.len()) && sender.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+')
}

/// The attempt's token in the query of an address of ours.
pub(super) fn token_in(url: &str) -> Option<AttemptToken> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("t=")).and_then(AttemptToken::from_hex)
}
