//! Looks into Twilio's log of texts.

use super::form::escape;
use super::receive::{failure, inbound_event, status};
use super::rest::Rest;
use super::sid::{is_message, is_sid};
use super::wire::{Message, Page, instant};
use crate::{Event, LogEntry, LookupError, LookupQuery, body_digest};
use jiff::Timestamp;
use wellsent_domain::carrier_report::DeliveryStatus;

/// Texts on a page. Fifty of the longest texts are below what is read of an answer.
const PAGE_SIZE: &str = "50";
/// Pages that are read to find one text: more to one number within minutes means that something else is wrong.
const LOOKUP_PAGES_MAX: usize = 4;
/// Pages that are read of what a sender received.
const RECEIVED_PAGES_MAX: usize = 200;

/// The log of one account.
pub(super) struct Log<'a> {
    pub rest: &'a Rest,
    pub account_sid: &'a str,
    /// Whether the account redacts its log: numbers may be missing from it as well, so that what is not found is not absent (TW-13).
    pub redacted: bool,
}

impl Log<'_> {
    /// Texts to a number, newest first. The filter by date is not used: it is about when a text was sent, and a text that still waits at
    /// Twilio was not, so that the one looked for could be missed (TW-13).
    pub async fn sent(&self, query: &LookupQuery) -> Result<Vec<LogEntry>, LookupError> {
        let filter = format!("To={}", escaped(&query.to.expose().to_e164()));
        let mut entries = Vec::new();
        self.pages(&filter, LOOKUP_PAGES_MAX, |messages| {
            let mut all_older = !messages.is_empty();
            for message in messages {
                let created = instant(message.date_created.as_deref()).ok_or(LookupError::Unreadable)?;
                if created < query.sent_after {
                    continue;
                }
                all_older = false;
                if message.direction.as_deref() != Some("inbound") {
                    entries.push(self.entry(&message, created)?);
                }
            }
            Ok(!all_older)
        })
        .await?;
        if self.redacted && entries.is_empty() {
            return Err(LookupError::NotKept);
        }
        Ok(entries)
    }

    fn entry(&self, message: &Message, created: Timestamp) -> Result<LogEntry, LookupError> {
        self.ours(message)?;
        // A text without words was redacted. It may be the one that is looked for, so nothing can be concluded from this log.
        let body = message.body.as_deref().filter(|body| !body.is_empty()).ok_or(LookupError::Unreadable)?;
        // A word of the future is no end (TW-12).
        let status = message.status.as_deref().and_then(status).unwrap_or(DeliveryStatus::Queued);
        Ok(LogEntry {
            carrier_message_id: message.sid.clone(),
            token: None,
            status,
            failure: failure(status, message.error_code),
            sent_at: created,
            body_digest: body_digest(body),
        })
    }

    /// What a sender received. A messaging service's texts cannot be asked for, so all of the account's are, and those of the service taken.
    pub async fn received(&self, sender: &str, since: Timestamp) -> Result<Vec<Event>, LookupError> {
        if self.redacted {
            // The log has the texts without their words, and without the words a STOP would be taken for nothing.
            return Err(LookupError::NotKept);
        }
        // Whole seconds, and rather too early: what comes twice is known by its key.
        let since = Timestamp::from_second(since.as_second().saturating_sub(1)).unwrap_or(since);
        let service = is_sid(sender, &["MG"]);
        let mut filter = format!("DateSent%3E={}", escaped(&since.to_string()));
        if !service {
            filter.push_str(&format!("&To={}", escaped(sender)));
        }
        let mut events = Vec::new();
        self.pages(&filter, RECEIVED_PAGES_MAX, |messages| {
            for message in messages {
                let at_sender = if service { message.messaging_service_sid.as_deref() } else { message.to.as_deref() } == Some(sender);
                if message.direction.as_deref() != Some("inbound") || !at_sender {
                    continue;
                }
                self.ours(&message)?;
                let body = message.body.as_deref().unwrap_or_default();
                if body.is_empty() && message.num_media.as_deref().is_none_or(|count| count == "0") {
                    // Nobody texts nothing: its words were redacted since, after they were stored here.
                    continue;
                }
                let (Some(from), Some(to)) = (message.from.as_deref(), message.to.as_deref()) else {
                    return Err(LookupError::Unreadable);
                };
                // The log does not say whether Twilio answered an opt-out word by itself.
                events.extend(inbound_event(&message.sid, from, to, body, None));
            }
            Ok(true)
        })
        .await?;
        Ok(events)
    }

    fn ours(&self, message: &Message) -> Result<(), LookupError> {
        let account = message.account_sid.as_deref().is_none_or(|account| account == self.account_sid);
        (is_message(&message.sid) && account).then_some(()).ok_or(LookupError::Unreadable)
    }

    /// Reads page after page while `take` wants more.
    async fn pages(
        &self,
        filter: &str,
        most: usize,
        mut take: impl FnMut(Vec<Message>) -> Result<bool, LookupError>,
    ) -> Result<(), LookupError> {
        let list = format!("/2010-04-01/Accounts/{}/Messages.json?", self.account_sid);
        let mut path = format!("{list}{filter}&PageSize={PAGE_SIZE}");
        for _ in 0..most {
            let body = self.rest.get(&path).await.log()?;
            let page: Page = serde_json::from_slice(&body).map_err(|_| LookupError::Unreadable)?;
            if !take(page.messages)? {
                return Ok(());
            }
            match page.next_page_uri {
                None => return Ok(()),
                // The next page is another part of the same list, or the answer is not Twilio's.
                Some(next) if next.starts_with(&list) => path = next,
                Some(_) => return Err(LookupError::Unreadable),
            }
        }
        // There is more than was read: what was not seen cannot be called absent.
        Err(LookupError::Unreadable)
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    escape(text, &mut escaped);
    escaped
}
