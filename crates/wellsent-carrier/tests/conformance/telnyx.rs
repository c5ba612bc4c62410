//! Telnyx's adapter.

use crate::case::{Call, Callbacks, Canned, Extra, Look, Place, Report, Signer, Subject, Text};
use crate::released::{BODY, TO, now};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::telnyx::{ApiKey, PublicKeys, Settings, TelnyxCarrier};
use wellsent_carrier::{
    CallbackKind, Carrier, CarrierOptOut, Event, LogEntry, LookupError, NotSubmittedCause, Outcome, UnknownCause, body_digest,
};
use wellsent_domain::Phi;
use wellsent_domain::PhoneNumber;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_peers::scripted::{Request, response};

const ID: &str = "40318f29-5c3f-4689-aa8a-4f41c6d49178";
const ORGANIZATION: &str = "2ea3868b-fef8-452f-8d8b-fb5ceb0e4c78";
const NUMBER: &str = "+12125550199";
const KEY: &str = "KEY0123456789ABCDEF";

/// Telnyx.
pub struct Telnyx;

fn pair(signer: Signer) -> Ed25519KeyPair {
    let seed = match signer {
        Signer::Current => [1; 32],
        Signer::Next => [2; 32],
        Signer::Stranger => [3; 32],
    };
    Ed25519KeyPair::from_seed_unchecked(&seed).expect("a key")
}

fn public(signer: Signer) -> String {
    STANDARD.encode(pair(signer).public_key().as_ref())
}

impl Subject for Telnyx {
    fn name(&self) -> &'static str {
        "telnyx"
    }

    fn adapter(&self, place: &Place) -> Arc<dyn Carrier> {
        let adapter = TelnyxCarrier::new(Settings {
            name: "telnyx-main".into(),
            account: Some(ORGANIZATION.into()),
            api_key: ApiKey::new(KEY).expect("a key"),
            public_keys: PublicKeys::new(&public(Signer::Current), Some(&public(Signer::Next))).expect("keys"),
            base_url: Some(format!("{}/v2", place.base_url)),
            callback_base: place.callback_base.clone(),
            clock: place.clock(),
            deadline: place.deadline,
            connections: 4,
        });
        Arc::new(adapter.expect("settings"))
    }

    fn sender(&self) -> &'static str {
        NUMBER
    }

    fn accepted(&self) -> Canned {
        let body =
            json!({ "data": { "id": ID, "record_type": "message", "parts": 2, "to": [{ "phone_number": TO, "status": "queued" }] } });
        let outcome = Outcome::Accepted { carrier_message_id: ID.into(), parts: Some(2) };
        Canned::new("accepted", 200, &[], &body.to_string(), outcome)
    }

    fn answers(&self) -> Vec<Canned> {
        let errors = |code: Value, title: &str| json!({ "errors": [{ "code": code, "title": title, "detail": title }] }).to_string();
        let mut answers = Vec::new();
        for (status, code, title, failure) in [
            (403, 40300, "Blocked due to STOP message", Failure::OptedOut),
            (400, 40300, "Blocked due to a block rule", Failure::Blocked),
            (400, 40310, "Invalid 'to' address", Failure::InvalidNumber),
            (422, 40012, "Invalid messaging destination number", Failure::InvalidNumber),
            (400, 40001, "Not routable", Failure::NotTextable),
            (400, 40008, "Undeliverable", Failure::Blocked),
            (400, 40322, "Blocked due to content", Failure::Filtered),
            (400, 40010, "Not 10DLC registered", Failure::SenderNotRegistered),
            (400, 40329, "Toll-free number not verified", Failure::SenderNotRegistered),
            (400, 40305, "Invalid 'from' address", Failure::Configuration),
            (400, 40312, "Messaging profile is disabled", Failure::Configuration),
            (422, 49_999, "Something new", Failure::Other),
        ] {
            let outcome = Outcome::Rejected { failure, code: Some(code) };
            answers.push(Canned::new(format!("{code}"), status, &[], &errors(json!(code.to_string()), title), outcome.clone()));
            answers.push(Canned::new(format!("{code} as a number"), status, &[], &errors(json!(code), title), outcome));
        }
        let account = Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None };
        for (status, code) in
            [(401, "10009"), (403, "10010"), (403, "20013"), (402, "20100"), (403, "20012"), (400, "40314"), (429, "40333"), (401, "")]
        {
            answers.push(Canned::new(format!("account {status} {code}"), status, &[], &errors(json!(code), "No"), account.clone()));
        }
        answers.push(Canned::new("no right, without a body", 403, &[], "", account));
        let throttled = |seconds| Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: seconds };
        let wait = Some(Duration::from_secs(2));
        answers.push(Canned::new("too many", 429, &[("retry-after", "2")], &errors(json!("10011"), "Too many requests"), throttled(wait)));
        answers.push(Canned::new("queue full", 400, &[], &errors(json!("40318"), "Message queue full"), throttled(None)));
        let unclear = Outcome::Unknown { cause: UnknownCause::ServerError };
        for (status, code) in [(400, "10007"), (422, "10008"), (408, ""), (409, "")] {
            answers.push(Canned::new(format!("unclear {status} {code}"), status, &[], &errors(json!(code), "Who knows"), unclear.clone()));
        }
        let without = |failure| Outcome::Rejected { failure, code: None };
        answers.push(Canned::new("a number in place of a code", 400, &[], &errors(json!("12125550123"), "x"), without(Failure::Other)));
        answers.push(Canned::new("no such path", 404, &[], "gone", without(Failure::Configuration)));
        answers.push(Canned::new("no errors", 400, &[], r#"{"errors":{}}"#, without(Failure::Other)));
        let about_sender = r#"{"errors":[{"code":"10002","title":"Invalid phone number","source":{"pointer":"/from"}}]}"#;
        let outcome = Outcome::Rejected { failure: Failure::Configuration, code: Some(10002) };
        answers.push(Canned::new("a wrong sender", 422, &[], about_sender, outcome));
        answers
    }

    fn check_request(&self, request: &Request, text: &Text) -> Result<(), String> {
        let said: Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
        let token = AttemptToken(text.token).to_hex();
        let sender = "snd_08080808080808080808080808080808";
        let expected = json!({
            "from": NUMBER,
            "to": text.to,
            "text": text.body,
            "type": "SMS",
            "webhook_url": format!("https://texts.practice.example/hooks/telnyx-main/{sender}/status?t={token}"),
        });
        let line = format!("{} {}", request.method, request.target);
        let headers = ["authorization", "idempotency-key", "content-type"].map(|name| request.header(name).unwrap_or_default());
        let right = [format!("Bearer {KEY}"), token, "application/json".to_owned()];
        (said == expected && line == "POST /v2/messages" && headers == right.each_ref().map(String::as_str))
            .then_some(())
            .ok_or_else(|| format!("{line} {headers:?} {said}"))
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }

    fn lookups(&self) -> Option<Vec<Look<LogEntry>>> {
        let url = |token: &str| format!("https://texts.practice.example/hooks/telnyx-main/snd/status?t={}", token.repeat(16));
        let record = |id: &str, status: &str, token: Option<&str>| {
            json!({ "record_type": "message_detail_record", "uuid": id, "status": status, "direction": "outbound", "cld": TO,
                "created_at": "2026-11-24T15:00:01.000+00:00", "delivery_status_webhook_url": token.map(url) })
        };
        let list = |records: Vec<Value>| response(200, &[], &json!({ "data": records, "meta": {} }).to_string());
        let message = |id: &str, status: &str, code: &str| {
            let body = json!({ "data": { "id": id, "direction": "outbound", "text": BODY, "webhook_url": url("5a"),
                "to": [{ "phone_number": TO, "status": status }], "errors": [{ "code": code }] } });
            response(200, &[], &body.to_string())
        };
        let entry = |status, failure| LogEntry {
            carrier_message_id: ID.into(),
            token: Some(AttemptToken([0x5a; 16])),
            status,
            failure,
            sent_at: now() + SignedDuration::from_secs(1),
            body_digest: body_digest(BODY),
        };
        let look = |name, answers, result: Result<Vec<LogEntry>, LookupError>| Look { name, answers, result, asks: vec!["/v2/"] };
        let gone = || response(404, &[], r#"{"errors":[{"code":"10005"}]}"#);
        Some(vec![
            look("empty", vec![list(vec![])], Ok(vec![])),
            look(
                "the token in the record",
                vec![
                    list(vec![record("other", "delivered", Some("11")), record(ID, "delivered", Some("5a"))]),
                    message(ID, "delivered", ""),
                ],
                Ok(vec![entry(DeliveryStatus::Delivered, None)]),
            ),
            look(
                "the token in the message",
                vec![list(vec![record(ID, "failed", None)]), message(ID, "delivery_failed", "40001")],
                Ok(vec![entry(DeliveryStatus::Undelivered, Some(Failure::NotTextable))]),
            ),
            look(
                "a record without a message",
                vec![list(vec![record(ID, "dlr_unconfirmed", Some("5a"))]), gone()],
                Ok(vec![LogEntry { body_digest: [0; 32], ..entry(DeliveryStatus::Sent, None) }]),
            ),
            look("a record without an id", vec![list(vec![json!({ "status": "delivered" })])], Err(LookupError::Unreadable)),
            look(
                "a message that does not come",
                vec![list(vec![record(ID, "delivered", None)]), response(503, &[], "")],
                Err(LookupError::NoAnswer),
            ),
        ])
    }

    fn received(&self) -> Option<Vec<Look<Event>>> {
        let list = |ids: &[&str]| {
            let records: Vec<Value> = ids.iter().map(|id| json!({ "uuid": id, "direction": "inbound", "status": "received" })).collect();
            response(200, &[], &json!({ "data": records }).to_string())
        };
        let message = |from: &str, text: Value| {
            let body = json!({ "data": { "id": ID, "direction": "inbound", "type": "SMS", "text": text, "autoresponse_type": "STOP",
                "from": { "phone_number": from }, "to": [{ "phone_number": NUMBER }], "media": [] } });
            response(200, &[], &body.to_string())
        };
        let key = self.key_of_inbound();
        let event = Event::Inbound {
            carrier_message_id: ID.into(),
            from: Phi::new(PhoneNumber::parse(TO).expect("a number")),
            to_sender: NUMBER.into(),
            body: Phi::new("stop".to_owned()),
            key,
            opt_out: Some(CarrierOptOut::Stop),
        };
        let look = |name, answers, result| Look { name, answers, result, asks: vec!["/v2/"] };
        Some(vec![
            look("nothing", vec![list(&[])], Ok(vec![])),
            look("one, with the key of its callback", vec![list(&[ID]), message(TO, json!("stop"))], Ok(vec![event])),
            look("one that was wiped", vec![list(&[ID]), message(TO, Value::Null)], Ok(vec![])),
            look("one that is gone", vec![list(&[ID]), response(404, &[], "{}")], Ok(vec![])),
            look("one from a short code", vec![list(&[ID]), message("22395", json!("stop"))], Ok(vec![])),
        ])
    }

    fn message_id(&self) -> &'static str {
        ID
    }
}

impl Telnyx {
    /// The key that a callback about the same text has.
    fn key_of_inbound(&self) -> [u8; 32] {
        let place = crate::released::place("http://127.0.0.1:9".into());
        let report = Report::Inbound { id: ID, from: TO, body: "stop" };
        let call = self.call("https://texts.practice.example/hooks/telnyx-main/snd/inbound", &report, Signer::Current, Extra::None);
        let adapter = self.adapter(&place);
        let events = futures_util::FutureExt::now_or_never(call.read_by(&*adapter)).expect("it is read at once").expect("it is read");
        *events[0].key()
    }
}

impl Callbacks for Telnyx {
    fn call(&self, url: &str, report: &Report, signer: Signer, extra: Extra) -> Call {
        let mut payload =
            json!({ "record_type": "message", "organization_id": ORGANIZATION, "type": "SMS", "media": [], "webhook_url": null });
        let (event, kind) = match report {
            Report::Receipt { id, word } => {
                let kind = match *word {
                    "sent" => "message.sent",
                    word if word.contains('.') => word,
                    _ => "message.finalized",
                };
                payload["id"] = json!(id);
                payload["direction"] = json!("outbound");
                payload["to"] = json!([{ "phone_number": TO, "status": word }]);
                payload["errors"] = json!([{ "code": "40006", "title": "Recipient server unavailable" }]);
                (format!("e8b33d68-{}", word.replace('.', "-")), kind)
            }
            Report::Inbound { id, from, body } => {
                payload["id"] = json!(id);
                payload["direction"] = json!("inbound");
                payload["from"] = json!({ "phone_number": from, "carrier": "Carrier" });
                payload["to"] = json!([{ "phone_number": NUMBER, "status": "webhook_delivered" }]);
                payload["text"] = json!(body);
                payload["errors"] = json!([]);
                ("e8b33d68-inbound".to_owned(), "message.received")
            }
        };
        let mut json =
            json!({ "data": { "event_type": kind, "id": event, "payload": payload, "record_type": "event" }, "meta": { "attempt": 1 } });
        if extra == Extra::UnknownFields {
            json["meta"]["attempt"] = json!(2);
            json["data"]["payload"]["unheard_of"] = json!({ "x": [1, null] });
        }
        signed(url, json.to_string().into_bytes(), signer, report.kind())
    }

    fn words(&self) -> Vec<(&'static str, Option<DeliveryStatus>)> {
        vec![
            ("sent", Some(DeliveryStatus::Sent)),
            ("delivered", Some(DeliveryStatus::Delivered)),
            ("delivery_failed", Some(DeliveryStatus::Undelivered)),
            ("sending_failed", Some(DeliveryStatus::Failed)),
            ("expired", Some(DeliveryStatus::Failed)),
            ("delivery_unconfirmed", Some(DeliveryStatus::Sent)),
            ("queued", Some(DeliveryStatus::Queued)),
            // A state that is not known says only that Telnyx has the text.
            ("evaporated", Some(DeliveryStatus::Queued)),
            ("call.hangup", None),
            ("messaging-profile.spend-limit-reached", None),
        ]
    }

    fn takes_next_secret(&self) -> bool {
        true
    }

    fn signs_whole_body(&self) -> bool {
        true
    }

    fn signs_address(&self) -> bool {
        false
    }

    fn hostile(&self, url: &str) -> Vec<(&'static str, Call)> {
        let event = |kind: &str, payload: Value| json!({ "data": { "event_type": kind, "id": "e1", "payload": payload } }).to_string();
        let text = |id: &str, from: &str, to: &str, text: &str| {
            event("message.received", json!({ "id": id, "from": { "phone_number": from }, "to": [{ "phone_number": to }], "text": text }))
        };
        [
            ("nothing", String::new()),
            ("a number", "7".into()),
            ("null", "null".into()),
            ("deep nesting", "[".repeat(100_000)),
            ("deep nesting of objects", r#"{"data":"#.repeat(10_000)),
            ("no event", r#"{"data":{"payload":{}}}"#.into()),
            ("no payload", r#"{"data":{"event_type":"message.received"}}"#.into()),
            ("a long text", text(ID, TO, NUMBER, &"x".repeat(20_000))),
            ("no number", text(ID, "Bank", NUMBER, "hi")),
            ("a number of another country", text(ID, "+442075550123", NUMBER, "hi")),
            ("an id that is none", text("../x", TO, NUMBER, "hi")),
            ("a sender that is none", text(ID, TO, "<b>", "hi")),
            ("another organization", event("message.received", json!({ "id": ID, "organization_id": "not ours" }))),
            ("another channel", event("message.received", json!({ "id": ID, "type": "WHATSAPP", "from": TO, "to": NUMBER }))),
        ]
        .into_iter()
        .map(|(name, body)| (name, signed(url, body.into_bytes(), Signer::Current, CallbackKind::Inbound)))
        .collect()
    }
}

fn signed(url: &str, body: Vec<u8>, signer: Signer, kind: CallbackKind) -> Call {
    let at = now().as_second().to_string();
    let signature = STANDARD.encode(pair(signer).sign(&[at.as_bytes(), b"|", &body].concat()));
    Call {
        kind,
        url: url.into(),
        headers: vec![("telnyx-timestamp", at), ("telnyx-signature-ed25519", signature)],
        signature_headers: vec!["telnyx-timestamp", "telnyx-signature-ed25519"],
        body,
    }
}
