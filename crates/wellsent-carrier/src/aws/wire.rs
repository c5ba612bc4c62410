//! What goes over the line to and from AWS.

use serde::Serialize;
use serde_json::Value;

/// The longest text that the API takes, in characters.
pub(super) const BODY_CHARS_MAX: usize = 1_600;
/// The shortest and the longest time that a text may wait, in seconds.
pub(super) const VALIDITY_S: std::ops::RangeInclusive<u32> = 5..=259_200;
/// The largest message of SNS that is read: it sends no more than 256 KB.
pub(super) const CALLBACK_BYTES_MAX: usize = 256 * 1024;
/// The longest text of a patient that is read, in characters.
pub(super) const RECEIVED_CHARS_MAX: usize = 10_000;

/// The body of `SendTextMessage`. Only number and text speak of a person.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Submission<'a> {
    pub destination_phone_number: &'a str,
    pub origination_identity: &'a str,
    pub message_body: &'a str,
    pub message_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_set_name: Option<&'a str>,
    pub time_to_live: u32,
    pub context: Context<'a>,
}

/// What comes back in each event about the text.
#[derive(Serialize)]
pub(super) struct Context<'a> {
    /// The attempt's token.
    pub t: &'a str,
}

/// An answer that is no success: the exception's name, its reason, and the field that it is about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refused {
    pub exception: String,
    pub reason: String,
    pub about_recipient: bool,
}

impl Refused {
    /// Reads an error of the protocol JSON 1.0. `__type` is the name, sometimes behind a namespace and in front of an address.
    pub fn read(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let name = text(&body, "/__type").unwrap_or_default();
        let name = name.rsplit('#').next().unwrap_or_default();
        let fields = body.get("Fields").and_then(Value::as_array);
        Self {
            exception: name.split(':').next().unwrap_or_default().to_owned(),
            reason: text(&body, "/Reason").unwrap_or_default().to_owned(),
            about_recipient: fields.is_some_and(|fields| fields.iter().any(|field| text(field, "/Name") == Some("DestinationPhoneNumber"))),
        }
    }
}

/// A text field.
pub(super) fn text<'a>(of: &'a Value, pointer: &str) -> Option<&'a str> {
    of.pointer(pointer).and_then(Value::as_str)
}

/// Whether a text can be AWS's name for something: it goes to the database, to pages and to addresses.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
