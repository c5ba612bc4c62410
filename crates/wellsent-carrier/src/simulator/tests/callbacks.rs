//! Callbacks from outside: signatures, and bodies that mean harm.

use super::super::wire::{self, CALLBACK_BYTES_MAX};
use super::{NUMBER, TOKEN, carrier, secret};
use crate::simulator::SimulatorCarrier;
use crate::{Callback, CallbackError, CallbackKind, Carrier, CarrierOptOut, Event};
use futures_util::FutureExt;
use proptest::prelude::*;
use std::time::Duration;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;

const URL: &str = "https://texts.example/hooks/simulator/snd_test/status?t=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
const RECEIPT: &str = r#"{"event":"EV1","id":"SM1","status":"delivered"}"#;
const TEXT: &str = r#"{"event":"EV2","id":"RM1","from":"+12125550123","to_sender":"snd_test","body":"C"}"#;

fn adapter() -> SimulatorCarrier {
    carrier("http://127.0.0.1:9", "https://texts.example", Duration::from_secs(1))
}

fn parse_with(
    kind: CallbackKind,
    url: &str,
    body: &[u8],
    timestamp: Option<&str>,
    signature: Option<&str>,
) -> Result<Vec<Event>, CallbackError> {
    let headers = |name: &str| match name {
        "x-simulator-signature" => signature,
        "x-simulator-timestamp" => timestamp,
        _ => None,
    };
    let adapter = adapter();
    let read = adapter.read_callback(Callback { kind, public_url: url, headers: &headers, body });
    read.now_or_never().expect("the simulator's callbacks are read at once")
}

fn parse(kind: CallbackKind, url: &str, body: &[u8]) -> Result<Vec<Event>, CallbackError> {
    let signature = wire::sign(&secret(), "1700000000", url, body);
    parse_with(kind, url, body, Some("1700000000"), Some(&signature))
}

fn receipt_of(events: &[Event]) -> (Option<AttemptToken>, DeliveryStatus, Option<Failure>) {
    match events {
        [Event::Receipt { token, status, failure, .. }] => (*token, *status, *failure),
        other => panic!("not one receipt but {}", other.len()),
    }
}

#[test]
fn only_the_signature_of_this_body_at_this_address_and_time_counts() {
    let good = wire::sign(&secret(), "1700000000", URL, RECEIPT.as_bytes());
    let with = |url: &str, body: &str, timestamp: Option<&str>, signature: Option<&str>| {
        parse_with(CallbackKind::Status, url, body.as_bytes(), timestamp, signature)
    };
    assert!(with(URL, RECEIPT, Some("1700000000"), Some(&good)).is_ok());
    let bad = Err(CallbackError::BadSignature);
    assert_eq!(with(URL, RECEIPT, Some("1700000000"), None), bad);
    assert_eq!(with(URL, RECEIPT, None, Some(&good)), bad);
    assert_eq!(with(URL, RECEIPT, Some("1700000001"), Some(&good)), bad);
    assert_eq!(with(&URL.replace("5a", "5b"), RECEIPT, Some("1700000000"), Some(&good)), bad);
    assert_eq!(with(&URL.replace("https", "http"), RECEIPT, Some("1700000000"), Some(&good)), bad);
    assert_eq!(with(URL, &RECEIPT.replace("delivered", "failed"), Some("1700000000"), Some(&good)), bad);
    assert_eq!(with(URL, &format!("{RECEIPT} "), Some("1700000000"), Some(&good)), bad);
    for wrong in
        ["", "00", &good[..62], &good[1..], &format!("{good}00"), &format!("{good} "), &good.replace(|_| true, "é"), &"0".repeat(64)]
    {
        assert_eq!(with(URL, RECEIPT, Some("1700000000"), Some(wrong)), bad, "{wrong}");
    }
    let other = crate::CallbackSecret::new(b"another secret");
    let forged = wire::sign(&other, "1700000000", URL, RECEIPT.as_bytes());
    assert_eq!(with(URL, RECEIPT, Some("1700000000"), Some(&forged)), bad);
}

#[test]
fn a_single_receipt_finds_its_attempt_by_the_address_and_one_of_many_by_itself() {
    let one = parse(CallbackKind::Status, URL, RECEIPT.as_bytes()).unwrap();
    assert_eq!(receipt_of(&one), (Some(TOKEN), DeliveryStatus::Delivered, None));
    let bare = URL.split('?').next().unwrap();
    let many = format!(r#"[{{"event":"EV1","id":"SM1","status":"delivered","token":"{}"}}]"#, TOKEN.to_hex());
    assert_eq!(parse(CallbackKind::Status, bare, many.as_bytes()).unwrap(), one, "the same event, so the same key");
    let nameless = parse(CallbackKind::Status, bare, RECEIPT.as_bytes()).unwrap();
    assert_eq!(receipt_of(&nameless).0, None);
}

#[test]
fn a_failed_receipt_says_why_and_a_delivered_one_has_no_failure() {
    let read = |status: &str, code: &str| {
        let body = format!(r#"{{"event":"E","id":"S","status":"{status}","code":{code}}}"#);
        let (_, _, failure) = receipt_of(&parse(CallbackKind::Status, URL, body.as_bytes()).unwrap());
        failure
    };
    assert_eq!(read("undelivered", "30005"), Some(Failure::UnknownHandset));
    assert_eq!(read("failed", "30036"), Some(Failure::Expired));
    assert_eq!(read("failed", "null"), Some(Failure::Other));
    assert_eq!(read("delivered", "30005"), None);
}

#[test]
fn events_with_other_ids_have_other_keys_and_the_kinds_do_not_meet() {
    let key = |kind, body: &str| *parse(kind, URL, body.as_bytes()).unwrap()[0].key();
    let receipt = key(CallbackKind::Status, RECEIPT);
    assert_eq!(receipt, key(CallbackKind::Status, &RECEIPT.replace("delivered", "sent")), "the event's id alone is its identity");
    assert_ne!(receipt, key(CallbackKind::Status, &RECEIPT.replace("EV1", "EV9")));
    assert_ne!(receipt, key(CallbackKind::Inbound, &TEXT.replace("EV2", "EV1")));
}

#[test]
fn a_text_is_read_and_does_not_show_in_debug() {
    let events = parse(CallbackKind::Inbound, URL, TEXT.replace(r#""C""#, r#""STOP","opt_out":"STOP""#).as_bytes()).unwrap();
    let Event::Inbound { from, body, to_sender, opt_out, .. } = &events[0] else { panic!("not a text") };
    assert_eq!((from.expose().to_e164().as_str(), body.expose().as_str(), to_sender.as_str()), (NUMBER, "STOP", "snd_test"));
    assert_eq!(*opt_out, Some(CarrierOptOut::Stop));
    let shown = format!("{events:?}");
    assert!(!shown.contains("2125550123") && !shown.contains("STOP"), "{shown}");
}

#[test]
fn what_is_not_understood_is_refused_by_field() {
    use CallbackKind::{Inbound, Status};
    let many = format!("[{}]", vec![RECEIPT; 101].join(","));
    let long = format!("{}{}", RECEIPT, " ".repeat(CALLBACK_BYTES_MAX));
    let cases: Vec<(CallbackKind, String, CallbackError)> = vec![
        (Status, String::new(), CallbackError::Malformed("body")),
        (Status, "null".into(), CallbackError::Malformed("body")),
        (Status, "[[]]".into(), CallbackError::Malformed("body")),
        (Status, TEXT.into(), CallbackError::Malformed("body")),
        (Inbound, RECEIPT.into(), CallbackError::Malformed("body")),
        (Status, RECEIPT.replace("delivered", "eaten"), CallbackError::Malformed("status")),
        (Status, RECEIPT.replace("SM1", ""), CallbackError::Malformed("id")),
        (Status, RECEIPT.replace("SM1", "<b>"), CallbackError::Malformed("id")),
        (Status, RECEIPT.replace("EV1", &"E".repeat(65)), CallbackError::Malformed("event")),
        (Status, RECEIPT.replace('}', r#","token":"5a"}"#), CallbackError::Malformed("token")),
        (Status, RECEIPT.replace('}', r#","code":-1}"#), CallbackError::Malformed("body")),
        (Status, many, CallbackError::TooLarge),
        (Status, long, CallbackError::TooLarge),
        (Status, format!("[{RECEIPT},{}]", RECEIPT.replace("SM1", "?")), CallbackError::Malformed("id")),
        (Inbound, TEXT.replace("+12125550123", "2125550123"), CallbackError::Malformed("from")),
        (Inbound, TEXT.replace("snd_test", "../../etc"), CallbackError::Malformed("to_sender")),
        (Inbound, TEXT.replace('}', r#","opt_out":"MAYBE"}"#), CallbackError::Malformed("opt_out")),
        (Inbound, TEXT.replace(r#""C""#, &format!("\"{}\"", "é".repeat(1601))), CallbackError::TooLarge),
        (Inbound, "[".repeat(60_000), CallbackError::Malformed("body")),
    ];
    for (kind, body, expected) in cases {
        assert_eq!(parse(kind, URL, body.as_bytes()), Err(expected), "{}", &body[..body.len().min(120)]);
    }
    let broken = URL.replace("5a5a5a5a", "5a5a5a5z");
    assert_eq!(parse(Status, &broken, RECEIPT.as_bytes()), Err(CallbackError::Malformed("token")));
}

#[test]
fn an_empty_text_and_text_in_any_script_are_read_as_they_are() {
    for body in ["", "שלום", "\u{200b}STOP\u{202e}", "👩‍👩‍👧", "a\u{0}b", "\"\\\n"] {
        let json = serde_json::json!({"event": "E", "id": "R", "from": NUMBER, "to_sender": "snd_test", "body": body}).to_string();
        let events = parse(CallbackKind::Inbound, URL, json.as_bytes()).unwrap();
        assert!(matches!(&events[0], Event::Inbound { body: read, .. } if read.expose() == body), "{body:?}");
    }
}

proptest! {
    #[test]
    fn no_signed_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), inbound: bool, query in ".{0,40}") {
        let kind = if inbound { CallbackKind::Inbound } else { CallbackKind::Status };
        let url = format!("https://texts.example/hooks/simulator/s/status?{query}");
        let _ = parse(kind, &url, &body);
    }

    #[test]
    fn no_json_of_the_right_form_makes_it_panic_and_what_passes_is_bounded(
        event in ".{0,70}", id in "[A-Za-z0-9_-]{0,70}", status in "(queued|sent|delivered|failed|undelivered|x)", code in any::<i64>(),
        from in "(\\+1212555[0-9]{4}|.{0,20})", body in ".{0,60}", count in 1_usize..4, inbound: bool,
    ) {
        let one = if inbound {
            serde_json::json!({"event": event, "id": id, "from": from, "to_sender": "snd_test", "body": body})
        } else {
            serde_json::json!({"event": event, "id": id, "status": status, "code": code})
        };
        let text = serde_json::Value::Array(vec![one; count]).to_string();
        let kind = if inbound { CallbackKind::Inbound } else { CallbackKind::Status };
        if let Ok(events) = parse(kind, URL, text.as_bytes()) {
            prop_assert_eq!(events.len(), count);
            for event in &events {
                let (Event::Receipt { carrier_message_id, .. } | Event::Inbound { carrier_message_id, .. }) = event;
                prop_assert!((1..=64).contains(&carrier_message_id.len()));
            }
        }
    }

    #[test]
    fn no_changed_byte_passes_the_signature(at in 0_usize..RECEIPT.len(), flip in 1_u8..=255) {
        let signature = wire::sign(&secret(), "1700000000", URL, RECEIPT.as_bytes());
        let mut body = RECEIPT.as_bytes().to_vec();
        body[at] ^= flip;
        let parsed = parse_with(CallbackKind::Status, URL, &body, Some("1700000000"), Some(&signature));
        prop_assert_eq!(parsed, Err(CallbackError::BadSignature));
    }
}
