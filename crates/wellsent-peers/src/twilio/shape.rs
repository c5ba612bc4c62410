//! Texts as the API writes them.

use super::form::Form;
use super::state::Message;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// An instant in RFC 2822, as the API of 2010 writes it.
pub(super) fn date(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The path of an account's texts.
pub(super) fn list_path(account: &str) -> String {
    format!("/2010-04-01/Accounts/{account}/Messages")
}

/// A text.
pub(super) fn message(account: &str, message: &Message) -> Value {
    let path = format!("{}/{}", list_path(account), message.sid);
    let (to, from) = message.shown_ends();
    let parts = if message.from.is_none() { 0 } else { parts(&message.body) };
    json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": if message.wordless { "" } else { &message.body },
        "date_created": date(message.created),
        "date_sent": message.sent.map(date),
        "date_updated": date(message.updated),
        "direction": if message.inbound { "inbound" } else { "outbound-api" },
        "error_code": message.error_code,
        "error_message": message.error_code.map(|_| "words for people"),
        "from": from,
        "messaging_service_sid": message.service,
        "num_media": message.media.to_string(),
        "num_segments": parts.to_string(),
        "price": null,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": { "media": format!("{path}/Media.json"), "feedback": format!("{path}/Feedback.json") },
        "to": to,
        "uri": format!("{path}.json"),
    })
}

/// A page of texts, and where others are.
pub(super) struct Page<'a> {
    pub account: &'a str,
    pub messages: Vec<Value>,
    pub page: usize,
    pub page_size: usize,
    /// The token of the page after it.
    pub next: Option<String>,
    /// The filters that were asked with.
    pub filters: Form,
}

impl Page<'_> {
    pub fn json(self) -> Value {
        let base = format!("{}.json", list_path(self.account));
        let at = |page: usize, token: Option<&str>| {
            let mut query = self.filters.clone();
            query.0.push(("PageSize".into(), self.page_size.to_string()));
            query.0.push(("Page".into(), page.to_string()));
            if let Some(token) = token {
                query.0.push(("PageToken".into(), token.into()));
            }
            format!("{base}?{}", query.write())
        };
        let start = self.page * self.page_size;
        json!({
            "start": start,
            "end": (start + self.messages.len()).saturating_sub(1),
            "page": self.page,
            "page_size": self.page_size,
            "uri": at(self.page, None),
            "first_page_uri": at(0, None),
            "next_page_uri": self.next.as_deref().map(|token| at(self.page + 1, Some(token))),
            "previous_page_uri": (self.page > 0).then(|| at(self.page - 1, Some("PB"))),
            "messages": self.messages,
        })
    }
}

/// How many parts a text has: 160 signs of the basic alphabet or 153 a part, otherwise 70 units or 67 a part.
pub(super) fn parts(body: &str) -> usize {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENDED: &str = "^{}\\[~]|€\u{c}";
    let septets: Option<usize> = body
        .chars()
        .map(|letter| match letter {
            letter if BASIC.contains(letter) => Some(1),
            letter if EXTENDED.contains(letter) => Some(2),
            _ => None,
        })
        .sum();
    let (units, one, many) = septets.map_or_else(|| (body.encode_utf16().count(), 70, 67), |septets| (septets, 160, 153));
    if units <= one { 1 } else { units.div_ceil(many) }
}
