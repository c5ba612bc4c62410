//! What Twilio answers, as far as it is read: nulls and unknown fields are everyday (TW-11).

use serde::Deserialize;

/// A text in the API. Only its name is surely there.
#[derive(Deserialize)]
pub(super) struct Message {
    pub sid: String,
    pub account_sid: Option<String>,
    pub messaging_service_sid: Option<String>,
    pub direction: Option<String>,
    pub status: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub body: Option<String>,
    /// A number written as a text.
    pub num_media: Option<String>,
    pub error_code: Option<u32>,
    /// RFC 2822. There is a date of sending too, which is null until it was sent.
    pub date_created: Option<String>,
}

/// The answer to an accepted text, of which only the name must be readable: what is odd elsewhere in it must not make a taken text unclear.
#[derive(Deserialize)]
pub(super) struct Created {
    pub sid: String,
    #[serde(default)]
    num_segments: serde_json::Value,
}

impl Created {
    /// How many parts Twilio counts. It is a number written as a text, "0" while a messaging service has not picked a sender.
    pub fn parts(&self) -> Option<u32> {
        self.num_segments.as_str()?.parse().ok().filter(|parts| *parts > 0)
    }
}

/// A page of texts, newest first.
#[derive(Deserialize)]
pub(super) struct Page {
    pub messages: Vec<Message>,
    /// Path and query of the next page.
    pub next_page_uri: Option<String>,
}

/// An error.
#[derive(Deserialize)]
struct Refused {
    code: Option<u64>,
}

/// The code in the body of an error. A number of more digits than a code has may be anything, a phone number too, and is not passed on.
pub(super) fn code(body: Option<&[u8]>) -> Option<u32> {
    let code = serde_json::from_slice::<Refused>(body?).ok()?.code?;
    u32::try_from(code).ok().filter(|code| (1..1_000_000).contains(code))
}

/// An instant as the API writes it.
pub(super) fn instant(text: Option<&str>) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::parse(text?).ok().map(|zoned| zoned.timestamp())
}
