//! Telnyx's own log: detail records, which can be searched by number, and the messages that they name, which have the text and our address.

use super::carrier::TelnyxCarrier;
use super::receive::{fate, read_text};
use super::wire::{is_id, is_number, text, token_in};
use crate::{Event, LogEntry, LookupError, LookupQuery, body_digest};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Url};
use serde_json::Value;
use wellsent_domain::carrier_report::DeliveryStatus;

/// Records on one page, the most that Telnyx gives.
const PAGE: usize = 50;
/// Pages that are read for one question; more texts to one number in so short a time mean that the question is wrong.
const PAGES_MAX: usize = 4;
/// How long after a text its record may still be missing. Telnyx does not say; absence before that proves nothing.
const SETTLES_AFTER: SignedDuration = SignedDuration::from_mins(15);

impl TelnyxCarrier {
    /// The texts to one number. An empty answer about a time that is too short ago is no answer.
    pub(super) async fn read_sent(&self, query: LookupQuery) -> Result<Vec<LogEntry>, LookupError> {
        let to = query.to.expose().to_e164();
        let records = self.records("outbound", ("filter[cld]", &to), query.sent_after).await?;
        let mut entries = Vec::new();
        for record in records {
            let named = text(&record, "/delivery_status_webhook_url").and_then(token_in);
            if let (Some(sought), Some(named)) = (query.token, named)
                && sought != named
            {
                continue;
            }
            let Some(id) = record_id(&record) else { return Err(LookupError::Unreadable) };
            // A message that Telnyx no longer shows keeps its record.
            let message = self.message(id).await?.unwrap_or(Value::Null);
            let token = named.or_else(|| text(&message, "/webhook_url").and_then(token_in));
            if query.token.is_some_and(|sought| token.is_some_and(|token| token != sought)) {
                continue;
            }
            let (status, failure) = match message {
                Value::Null => (status_of_record(&record), None),
                ref message => fate(message, true),
            };
            entries.push(LogEntry {
                carrier_message_id: id.to_owned(),
                token,
                status,
                failure,
                sent_at: time(&record).ok_or(LookupError::Unreadable)?,
                // Without the text nothing has this digest: then only the token can find the attempt.
                body_digest: text(&message, "/text").map_or([0; 32], body_digest),
            });
        }
        let settled = query.sent_after.checked_add(SETTLES_AFTER).is_ok_and(|settled| settled <= self.now());
        if entries.is_empty() && !settled { Err(LookupError::NoAnswer) } else { Ok(entries) }
    }

    /// The texts that one of our numbers, or one of the numbers of a messaging profile, received. Those that Telnyx has wiped already are left out.
    pub(super) async fn read_received(&self, sender_address: &str, since: Timestamp) -> Result<Vec<Event>, LookupError> {
        let mut events = Vec::new();
        let receiver = if is_number(sender_address) { "filter[cld]" } else { "filter[profile_id]" };
        for record in self.records("inbound", (receiver, sender_address), since).await? {
            let Some(id) = record_id(&record) else { return Err(LookupError::Unreadable) };
            let Some(message) = self.message(id).await? else { continue };
            let pictures = message.get("media").and_then(Value::as_array).is_some_and(|media| !media.is_empty());
            let kept = text(&message, "/text").is_some() || pictures;
            if kept && text(&message, "/direction") == Some("inbound") {
                // A text from something that is no phone number, like a short code, is not from a patient.
                events.extend(read_text(&message).ok());
            }
        }
        Ok(events)
    }

    async fn records(&self, direction: &str, whose: (&str, &str), since: Timestamp) -> Result<Vec<Value>, LookupError> {
        let mut found = Vec::new();
        for page in 1..=PAGES_MAX {
            let mut url = self.address("detail_records").ok_or(LookupError::Unreadable)?;
            url.query_pairs_mut()
                .append_pair("filter[record_type]", "messaging")
                .append_pair("filter[direction]", direction)
                .append_pair(whose.0, whose.1)
                .append_pair("filter[created_at][gte]", &since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
                .append_pair("sort", "created_at")
                .append_pair("page[number]", &page.to_string())
                .append_pair("page[size]", &PAGE.to_string());
            let mut answer = self.ask(url).await?.ok_or(LookupError::Refused(404))?;
            let Some(Value::Array(records)) = answer.get_mut("data").map(Value::take) else { return Err(LookupError::Unreadable) };
            let full = records.len() >= PAGE;
            found.extend(records);
            if !full {
                return Ok(found);
            }
        }
        Err(LookupError::Unreadable)
    }

    /// One message, `None` if Telnyx has none of that id.
    async fn message(&self, id: &str) -> Result<Option<Value>, LookupError> {
        let url = self.address(&format!("messages/{id}")).ok_or(LookupError::Unreadable)?;
        match self.ask(url).await? {
            None => Ok(None),
            Some(mut answer) => answer.get_mut("data").map(Value::take).filter(Value::is_object).map(Some).ok_or(LookupError::Unreadable),
        }
    }

    async fn ask(&self, url: Url) -> Result<Option<Value>, LookupError> {
        match self.call(Method::GET, url, &[], None).await.log() {
            Ok(body) => serde_json::from_slice(&body).map(Some).map_err(|_| LookupError::Unreadable),
            Err(LookupError::Refused(404)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn record_id(record: &Value) -> Option<&str> {
    ["/uuid", "/id"].into_iter().find_map(|field| text(record, field)).filter(|id| is_id(id))
}

fn time(record: &Value) -> Option<Timestamp> {
    ["/sent_at", "/created_at"].into_iter().find_map(|field| text(record, field)).and_then(|time| time.parse().ok())
}

/// The words of detail records, which are not those of messages.
fn status_of_record(record: &Value) -> DeliveryStatus {
    match text(record, "/status") {
        Some("delivered") => DeliveryStatus::Delivered,
        Some("dlr_unconfirmed" | "dlr_timeout" | "sent") => DeliveryStatus::Sent,
        Some("failed") => DeliveryStatus::Undelivered,
        Some("gw_reject") => DeliveryStatus::Failed,
        _ => DeliveryStatus::Queued,
    }
}
