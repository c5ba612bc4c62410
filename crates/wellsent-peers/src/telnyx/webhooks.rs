//! Webhooks: signed, posted, and posted again when they were not taken.

use super::server::Inner;
use super::state::{Attempt, instant};
use crate::loopback::post;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How often one webhook is posted to one address.
const ATTEMPTS_MAX: usize = 3;

/// An event on its way.
pub(super) struct Event {
    pub id: String,
    pub kind: &'static str,
    pub message: Value,
    pub url: String,
}

/// Signs a body at a time, as the header has it.
pub(super) fn sign(key: &Ed25519KeyPair, timestamp: i64, body: &str) -> String {
    STANDARD.encode(key.sign(format!("{timestamp}|{body}").as_bytes()))
}

/// Posts an event until it is taken, three times at most.
pub(super) async fn deliver(inner: &Inner, event: &Event) {
    for attempt in 1..=ATTEMPTS_MAX {
        let now = inner.now();
        let body = json!({
            "data": {
                "record_type": "event",
                "event_type": event.kind,
                "id": event.id,
                "occurred_at": instant(now),
                "payload": event.message,
            },
            "meta": { "attempt": attempt, "delivered_to": event.url },
        })
        .to_string();
        let (signature, stamp) = (sign(&inner.key, now, &body), now.to_string());
        let headers = [
            ("content-type", "application/json"),
            ("user-agent", "telnyx-webhooks"),
            ("telnyx-signature-ed25519", signature.as_str()),
            ("telnyx-timestamp", stamp.as_str()),
        ];
        let status = post(&event.url, &headers, body.as_bytes()).await.ok();
        let attempt = Attempt { url: event.url.clone(), event: event.id.clone(), kind: event.kind.to_owned(), status };
        inner.state().attempts.push(attempt);
        if status.is_some_and(|status| (200..300).contains(&status)) {
            return;
        }
    }
}
