//! Answers in Twilio's shape (TW-11): counts as text, dates as in mail, and much that can be absent.

use super::error::{explained, reasons};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use wellsent_domain::application::Direction;
use wellsent_domain::gate::{Reason, Rendering};
use wellsent_engine::{Caller, PageToken, text_sid};
use wellsent_store::application_texts::TextView;
use wellsent_text::sms;

/// The version that stands in addresses and answers.
pub(super) const VERSION: &str = "2010-04-01";

/// "Tue, 24 Nov 2026 00:00:00 +0000".
pub(super) fn date(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// An address below an account.
pub(super) fn uri(caller: &Caller, rest: &str) -> String {
    format!("/{VERSION}/Accounts/{}{rest}", caller.application.account_sid)
}

/// A text.
pub(super) fn message(caller: &Caller, text: &TextView, why: &[Reason], until: Option<Timestamp>) -> Value {
    let sid = text_sid(&text.id);
    let (sender, phone) = (text.sender_address.clone(), text.number.expose().to_e164());
    let sender = (!text.by_service || text.sent_at.is_some()).then_some(sender);
    let (from, to) = match text.direction {
        Direction::Inbound => (Some(phone), sender),
        Direction::Api | Direction::Reply => (sender, Some(phone)),
    };
    let body = text.body.expose();
    let parts = if body.is_empty() { 0 } else { sms::measure(&sms::normalise(body)).parts };
    let mut value = json!({
        "account_sid": caller.application.account_sid,
        "api_version": VERSION,
        "body": body,
        "date_created": date(text.created_at),
        "date_sent": text.sent_at.map(date),
        "date_updated": date(text.updated_at),
        "direction": text.direction.as_str(),
        "error_code": text.error_code,
        "error_message": text.error_code.map(explained),
        "from": from,
        "messaging_service_sid": text.by_service.then_some(&caller.application.service_sid),
        "num_media": "0",
        "num_segments": parts.to_string(),
        "price": null,
        "price_unit": "USD",
        "sid": sid,
        "status": text.step.as_str(),
        "subresource_uris": { "media": uri(caller, &format!("/Messages/{sid}/Media.json")) },
        "to": to,
        "uri": uri(caller, &format!("/Messages/{sid}.json")),
    });
    let other_wording = text.rendering.filter(|rendering| *rendering != Rendering::Preferred);
    if !why.is_empty() || other_wording.is_some() {
        value["wellsent"] = json!({
            "reasons": reasons(why),
            "until": until.map(|at| at.to_string()),
            "wording": other_wording.map(Rendering::as_str),
        });
    }
    value
}

/// A page of a list.
pub(super) struct Page<'a> {
    /// The address of the list, below the account.
    pub list: &'a str,
    /// Under which name the things stand.
    pub name: &'a str,
    /// The things.
    pub things: Vec<Value>,
    /// Which page it is, as the caller counts.
    pub number: i64,
    /// How many things a page has at most.
    pub size: i64,
    /// Where it begins.
    pub here: Option<PageToken>,
    /// Where the next one begins.
    pub next: Option<PageToken>,
}

/// A page of a list, with the addresses of the pages before and after it. They hold the question in a token and no number.
pub(super) fn page(caller: &Caller, page: Page<'_>) -> Value {
    let Page { list, name, things, number, size, here, next } = page;
    let address = |token: Option<PageToken>, number: i64| {
        let token = token.map(|token| format!("&PageToken={token}")).unwrap_or_default();
        uri(caller, &format!("{list}?PageSize={size}&Page={number}{token}"))
    };
    let start = number.saturating_mul(size);
    let count = things.len() as i64;
    let mut value = json!({
        "end": start + (count - 1).max(0),
        "first_page_uri": address(here.map(PageToken::first), 0),
        "next_page_uri": next.map(|next| address(Some(next), number + 1)),
        "page": number,
        "page_size": size,
        "previous_page_uri": null,
        "start": start,
        "uri": address(here, number),
    });
    value[name] = Value::Array(things);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_in_mail() {
        assert_eq!(date("2026-11-24T00:00:00Z".parse().unwrap()), "Tue, 24 Nov 2026 00:00:00 +0000");
        assert_eq!(date("2027-03-01T17:05:09.9Z".parse().unwrap()), "Mon, 01 Mar 2027 17:05:09 +0000");
    }
}
