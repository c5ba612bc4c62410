//! The simulator's adapter.

use crate::case::{Call, Callbacks, Canned, Extra, Look, Place, Report, Signer, Subject, Text};
use crate::released::{BODY, now};
use aws_lc_rs::hmac;
use jiff::SignedDuration;
use std::sync::Arc;
use wellsent_carrier::simulator::{CarrierSettings, SimulatorCarrier};
use wellsent_carrier::{CallbackSecret, Carrier, LogEntry, LookupError, Outcome, body_digest};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;
use wellsent_peers::scripted::{Request, response};

const SECRET: &[u8] = b"a secret for the suite";
const ID: &str = "SM0123abcd";
/// The simulated network knows senders by their ids.
const SENDER: &str = "snd_08080808080808080808080808080808";

/// The simulator.
pub struct Simulator;

/// The adapter itself, for those that break it.
pub fn adapter(place: &Place) -> SimulatorCarrier {
    SimulatorCarrier::new(CarrierSettings {
        base_url: place.base_url.clone(),
        callback_base: place.callback_base.clone(),
        secret: CallbackSecret::new(SECRET),
        clock: place.clock(),
        deadline: place.deadline,
        connections: 4,
    })
    .expect("settings")
}

impl Subject for Simulator {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn adapter(&self, place: &Place) -> Arc<dyn Carrier> {
        Arc::new(adapter(place))
    }

    fn sender(&self) -> &'static str {
        SENDER
    }

    fn accepted(&self) -> Canned {
        let outcome = Outcome::Accepted { carrier_message_id: ID.into(), parts: Some(2) };
        Canned::new("accepted", 201, &[], &format!(r#"{{"id":"{ID}","parts":2,"later":[]}}"#), outcome)
    }

    fn answers(&self) -> Vec<Canned> {
        let rejected =
            |name: &str, status, body: &str, failure, code| Canned::new(name, status, &[], body, Outcome::Rejected { failure, code });
        vec![
            rejected("invalid number", 400, r#"{"code":21211}"#, Failure::InvalidNumber, Some(21211)),
            rejected("opted out", 400, r#"{"code":21610}"#, Failure::OptedOut, Some(21610)),
            rejected("an unknown code", 400, r#"{"code":99999}"#, Failure::Other, Some(99999)),
            rejected("a number in place of a code", 400, r#"{"code":12125550123}"#, Failure::Other, None),
            rejected("no body", 403, "", Failure::Configuration, None),
        ]
    }

    fn check_request(&self, request: &Request, text: &Text) -> Result<(), String> {
        let said: serde_json::Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
        let token = AttemptToken(text.token).to_hex();
        let expected = serde_json::json!({
            "token": token,
            "to": text.to,
            "from": SENDER,
            "body": text.body,
            "validity_s": text.useful_s,
            "callback_url": format!("https://texts.practice.example/hooks/simulator/{SENDER}/status?t={token}"),
        });
        let line = format!("{} {}", request.method, request.target);
        (said == expected && line == "POST /messages").then_some(()).ok_or_else(|| format!("{line} {said}"))
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }

    fn lookups(&self) -> Option<Vec<Look<LogEntry>>> {
        let listed = |status: &str, code: &str| {
            let body = serde_json::json!(BODY);
            format!(
                r#"{{"id":"{ID}","token":"{}","status":"{status}","code":{code},"sent_at":"2026-11-24T15:00:01Z","body":{body}}}"#,
                "5a".repeat(16)
            )
        };
        let entry = |status, failure| LogEntry {
            carrier_message_id: ID.into(),
            token: Some(AttemptToken([0x5a; 16])),
            status,
            failure,
            sent_at: now() + SignedDuration::from_secs(1),
            body_digest: body_digest(BODY),
        };
        let look = |name, body: String, result: Result<Vec<LogEntry>, LookupError>| Look {
            name,
            answers: vec![response(200, &[], &body)],
            result,
            asks: vec!["to=%2B12125550187", "since=2026-11-24T14%3A00%3A00Z", "token=5a5a"],
        };
        Some(vec![
            look("empty", "[]".into(), Ok(vec![])),
            look(
                "two",
                format!("[{},{}]", listed("delivered", "null"), listed("undelivered", "30005")),
                Ok(vec![entry(DeliveryStatus::Delivered, None), entry(DeliveryStatus::Undelivered, Some(Failure::UnknownHandset))]),
            ),
            look("an unknown status", format!("[{}]", listed("eaten", "null")), Err(LookupError::Unreadable)),
        ])
    }

    fn message_id(&self) -> &'static str {
        ID
    }
}

impl Callbacks for Simulator {
    fn call(&self, url: &str, report: &Report, signer: Signer, extra: Extra) -> Call {
        let mut json = match report {
            Report::Receipt { id, word } => {
                let code = matches!(*word, "failed" | "undelivered").then_some(30003);
                serde_json::json!({ "event": format!("EV{word}"), "id": id, "status": word, "code": code })
            }
            Report::Inbound { id, from, body } => {
                serde_json::json!({ "event": "EVinbound", "id": id, "from": from, "to_sender": SENDER, "body": body })
            }
        };
        if extra == Extra::UnknownFields {
            json["unheard_of"] = serde_json::json!({ "x": [1] });
        }
        signed(url, json.to_string().into_bytes(), signer, report.kind())
    }

    fn words(&self) -> Vec<(&'static str, Option<DeliveryStatus>)> {
        ["queued", "sent", "failed", "undelivered", "delivered"].into_iter().map(|word| (word, DeliveryStatus::parse(word))).collect()
    }

    fn takes_next_secret(&self) -> bool {
        false
    }

    fn signs_whole_body(&self) -> bool {
        true
    }

    fn signs_address(&self) -> bool {
        true
    }

    fn hostile(&self, url: &str) -> Vec<(&'static str, Call)> {
        let kind = wellsent_carrier::CallbackKind::Inbound;
        let long = "x".repeat(2_000);
        [
            ("nothing", String::new()),
            ("a number", "7".into()),
            ("deep nesting", "[".repeat(20_000)),
            ("a long text", format!(r#"{{"event":"E","id":"{ID}","from":"+12125550187","to_sender":"{SENDER}","body":"{long}"}}"#)),
            ("no number", format!(r#"{{"event":"E","id":"{ID}","from":"Bank","to_sender":"{SENDER}","body":"hi"}}"#)),
            (
                "an id that is none",
                format!(r#"{{"event":"E","id":"../x","status":"sent","from":"+12125550187","to_sender":"{SENDER}","body":"hi"}}"#),
            ),
        ]
        .into_iter()
        .map(|(name, body)| (name, signed(url, body.into_bytes(), Signer::Current, kind)))
        .collect()
    }
}

fn signed(url: &str, body: Vec<u8>, signer: Signer, kind: wellsent_carrier::CallbackKind) -> Call {
    let secret = match signer {
        Signer::Current => SECRET,
        Signer::Next => b"a secret for later",
        Signer::Stranger => b"a guess",
    };
    let at = "1764000000";
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in [at.as_bytes(), b"\n", url.as_bytes(), b"\n", &body] {
        context.update(part);
    }
    let signature = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Call {
        kind,
        url: url.into(),
        headers: vec![("x-simulator-timestamp", at.into()), ("x-simulator-signature", signature)],
        signature_headers: vec!["x-simulator-timestamp", "x-simulator-signature"],
        body,
    }
}
