//! Webhooks from outside: the window of time, the keys, and bodies of any shape.

use super::{NOW, NUMBER, PHONE, carrier};
use crate::telnyx::{PublicKeys, Settings, TelnyxCarrier};
use crate::{Callback, CallbackError, CallbackKind, Carrier, Event};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn public(seed: u8) -> String {
    STANDARD.encode(pair(seed).public_key().as_ref())
}

fn read(adapter: &TelnyxCarrier, url: &str, stamp: &str, signature: &str, body: &[u8]) -> Result<Vec<Event>, CallbackError> {
    let header = |name: &str| match name {
        "telnyx-timestamp" => Some(stamp),
        "telnyx-signature-ed25519" => Some(signature),
        _ => None,
    };
    let callback = Callback { kind: CallbackKind::Status, public_url: url, headers: &header, body };
    adapter.read_callback(callback).now_or_never().expect("a webhook is read at once")
}

fn signed(adapter: &TelnyxCarrier, at: i64, body: &str) -> Result<Vec<Event>, CallbackError> {
    let signature = STANDARD.encode(pair(1).sign(format!("{at}|{body}").as_bytes()));
    read(adapter, "https://texts.example/hooks/t/s/status", &at.to_string(), &signature, body.as_bytes())
}

fn receipt(url: Value) -> String {
    let payload = json!({ "id": "m1", "to": [{ "phone_number": PHONE, "status": "delivered" }], "webhook_url": url });
    json!({ "data": { "id": "e1", "event_type": "message.finalized", "payload": payload } }).to_string()
}

#[test]
fn a_webhook_counts_for_five_minutes_before_and_after_its_time() {
    let adapter = carrier("http://127.0.0.1:9/v2", &public(1), "KEY");
    for (at, good) in [(NOW, true), (NOW - 300, true), (NOW + 300, true), (NOW - 301, false), (NOW + 301, false), (0, false)] {
        let right = if good {
            signed(&adapter, at, &receipt(Value::Null)).is_ok()
        } else {
            signed(&adapter, at, &receipt(Value::Null)) == Err(CallbackError::BadSignature)
        };
        assert!(right, "{at}");
    }
    let body = receipt(Value::Null);
    for stamp in ["", "-1", "+1795532400", " 1795532400", "1795532400.0", "17955324000000000000000", "now", "१७९५५३२४००"]
    {
        let signature = STANDARD.encode(pair(1).sign(format!("{stamp}|{body}").as_bytes()));
        assert_eq!(read(&adapter, "u", stamp, &signature, body.as_bytes()), Err(CallbackError::BadSignature), "{stamp}");
    }
}

#[test]
fn the_token_is_that_of_the_address_or_of_the_address_that_telnyx_was_given() {
    let adapter = carrier("http://127.0.0.1:9/v2", &public(1), "KEY");
    let hex = "5b".repeat(16);
    let token = |body: &str, url: &str| {
        let signature = STANDARD.encode(pair(1).sign(format!("{NOW}|{body}").as_bytes()));
        match read(&adapter, url, &NOW.to_string(), &signature, body.as_bytes()).as_deref() {
            Ok([Event::Receipt { token, .. }]) => token.map(|token| token.to_hex()),
            other => panic!("{other:?}"),
        }
    };
    let ours = format!("https://texts.example/hooks/t/s/status?t={hex}");
    assert_eq!(token(&receipt(Value::Null), &ours), Some(hex.clone()));
    assert_eq!(token(&receipt(json!(ours)), "https://texts.example/hooks/t/s/inbound"), Some(hex));
    for nothing in ["", "?", "https://x/?t=", "https://x/?t=5b", "https://x/?u=1&tt=5b", "https://x/?t=zz5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b"] {
        assert_eq!(token(&receipt(json!(nothing)), nothing), None, "{nothing}");
    }
}

#[test]
fn the_next_key_counts_beside_the_current_one_and_no_other() {
    let with = |keys: PublicKeys| {
        TelnyxCarrier::new(Settings {
            name: "t".into(),
            account: None,
            api_key: super::super::ApiKey::new("KEY").unwrap(),
            public_keys: keys,
            base_url: Some("http://127.0.0.1:9/v2".into()),
            callback_base: "https://texts.example".into(),
            clock: Arc::new(|| jiff::Timestamp::from_second(NOW).unwrap()),
            deadline: Duration::from_secs(1),
            connections: 1,
        })
        .unwrap()
    };
    let body = receipt(Value::Null);
    assert!(signed(&with(PublicKeys::new(&public(2), Some(&public(1))).unwrap()), NOW, &body).is_ok());
    assert!(signed(&with(PublicKeys::new(&public(1), Some(&public(2))).unwrap()), NOW, &body).is_ok());
    let changed = with(PublicKeys::new(&public(2), None).unwrap());
    assert_eq!(signed(&changed, NOW, &body), Err(CallbackError::BadSignature), "after the change the old key counts no more");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("message.finalized")),
        Just(json!("delivered")),
        Just(json!(NUMBER)),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let names = prop_oneof![
            Just("payload"),
            Just("data"),
            Just("id"),
            Just("to"),
            Just("from"),
            Just("status"),
            Just("errors"),
            Just("code"),
            Just("text"),
            Just("phone_number"),
            Just("webhook_url"),
            Just("type"),
            Just("event_type"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..6).prop_map(|pairs| pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_from_a_stranger_are_believed_or_do_harm(
        body in prop::collection::vec(any::<u8>(), 0..600),
        stamp in ".{0,20}",
        signature in ".{0,100}",
        url in ".{0,60}",
    ) {
        let adapter = carrier("http://127.0.0.1:9/v2", &public(1), "KEY");
        let begun = Instant::now();
        prop_assert_eq!(read(&adapter, &url, &stamp, &signature, &body), Err(CallbackError::BadSignature));
        prop_assert!(begun.elapsed() < Duration::from_millis(500));
    }

    #[test]
    fn no_signed_body_does_harm(payload in any_json(), kind in prop_oneof![Just("message.sent"), Just("message.finalized"), Just("message.received")]) {
        let adapter = carrier("http://127.0.0.1:9/v2", &public(1), "KEY");
        let body = json!({ "data": { "id": "e1", "event_type": kind, "payload": payload } }).to_string();
        let begun = Instant::now();
        if let Ok(events) = signed(&adapter, NOW, &body) {
            prop_assert!(events.len() <= 1);
        }
        prop_assert!(begun.elapsed() < Duration::from_millis(500));
    }
}
