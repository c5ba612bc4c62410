//! What the peer remembers.

use super::plan::{Fate, Plan};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};

/// A message, sent or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Whether it came from a phone.
    pub inbound: bool,
    /// From which number.
    pub from: String,
    /// To which number.
    pub to: String,
    /// The text.
    pub text: String,
    /// Where its webhooks go.
    pub webhook_url: Option<String>,
    /// The key by which a repeated submission is recognised.
    pub idempotency_key: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    pub(super) status: &'static str,
    pub(super) errors: Vec<(String, String)>,
    pub(super) autoresponse: Option<&'static str>,
}

/// One webhook that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// To where.
    pub url: String,
    /// The event's id.
    pub event: String,
    /// The event's type.
    pub kind: String,
    /// What came back; `None` when nobody was there.
    pub status: Option<u16>,
}

#[derive(Default)]
pub(super) struct State {
    pub plans: VecDeque<Plan>,
    pub messages: Vec<Message>,
    pub attempts: Vec<Attempt>,
    pub stopped: HashSet<String>,
    /// Answers by idempotency key, with the body that they answer.
    pub answered: HashMap<String, (Vec<u8>, String)>,
    pub count: u64,
    pub running: usize,
}

impl State {
    /// The next id, a UUID in form.
    pub fn id(&mut self) -> String {
        self.count += 1;
        format!("4031{:04x}-0000-4000-8000-{:012x}", self.count & 0xffff, self.count)
    }

    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub fn set(&mut self, id: &str, status: &'static str, errors: Vec<(String, String)>) {
        if let Some(message) = self.messages.iter_mut().find(|message| message.id == id) {
            (message.status, message.errors) = (status, errors);
        }
    }
}

impl Message {
    /// The message as the API and the webhooks show it.
    pub(super) fn shown(&self, organization: &str, profile: &str) -> Value {
        let errors: Vec<Value> = self.errors.iter().map(|(code, title)| json!({ "code": code, "title": title, "detail": title })).collect();
        let phone =
            |number: &str, status: &str| json!({ "phone_number": number, "carrier": "Carrier", "line_type": "Wireless", "status": status });
        let mut shown = json!({
            "record_type": "message",
            "id": self.id,
            "direction": if self.inbound { "inbound" } else { "outbound" },
            "type": "SMS",
            "organization_id": organization,
            "messaging_profile_id": profile,
            "from": { "phone_number": self.from, "carrier": "Carrier", "line_type": "Wireless" },
            "to": [phone(&self.to, if self.inbound { "webhook_delivered" } else { self.status })],
            "cc": [],
            "text": self.text,
            "media": [],
            "encoding": "GSM-7",
            "parts": 1,
            "tags": [],
            "cost": null,
            "webhook_url": self.webhook_url,
            "webhook_failover_url": null,
            "received_at": instant(self.created_at),
            "sent_at": null,
            "completed_at": null,
            "valid_until": instant(self.created_at + 3600),
            "errors": errors,
        });
        if let Some(kind) = self.autoresponse {
            shown["autoresponse_type"] = json!(kind);
        }
        shown
    }

    /// The message as a detail record.
    pub(super) fn record(&self, profile: &str) -> Value {
        let status = match self.status {
            "delivered" => "delivered",
            "delivery_failed" => "failed",
            "sending_failed" => "gw_reject",
            "delivery_unconfirmed" => "dlr_unconfirmed",
            "received" => "received",
            other => other,
        };
        json!({
            "record_type": "message_detail_record",
            "uuid": self.id,
            "direction": if self.inbound { "inbound" } else { "outbound" },
            "cli": self.from,
            "cld": self.to,
            "message_type": "SMS",
            "status": status,
            "errors": self.errors.iter().map(|(code, _)| code).collect::<Vec<_>>(),
            "created_at": instant(self.created_at),
            "sent_at": instant(self.created_at),
            "delivery_status_webhook_url": self.webhook_url,
            "profile_id": profile,
            "parts": 1,
        })
    }
}

/// The statuses through which a text goes, with the event that tells of each.
pub(super) fn steps(fate: &Fate) -> Vec<(&'static str, &'static str, Vec<(String, String)>)> {
    let why = |code: &str| vec![(code.to_owned(), format!("Problem {code}"))];
    let sent = ("message.sent", "sent", vec![]);
    match fate {
        Fate::Delivered => vec![sent, ("message.finalized", "delivered", vec![])],
        Fate::DeliveryFailed(code) => vec![sent, ("message.finalized", "delivery_failed", why(code))],
        Fate::SendingFailed(code) => vec![("message.finalized", "sending_failed", why(code))],
        Fate::Unconfirmed => vec![sent, ("message.finalized", "delivery_unconfirmed", vec![])],
        Fate::Expired => vec![("message.finalized", "expired", why("40014"))],
        Fate::Silent => vec![],
    }
}

/// An instant as Telnyx writes it.
pub(super) fn instant(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00").to_string()
}
