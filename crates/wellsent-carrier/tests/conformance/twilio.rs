//! Twilio's adapter: by a number of its own, and by a messaging service.

use crate::case::{Callbacks, Canned, Forgetting, Look, Place, Subject, Text};
use crate::released::{BODY, TO, now};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::twilio::{ApiKey, AuthToken, Forgetting as How, Settings, Twilio};
use wellsent_carrier::{Carrier, CarrierOptOut, Event, ForgetError, LogEntry, LookupError, NotSubmittedCause, Outcome, body_digest};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_peers::scripted::{Request, response};

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const KEY: &str = "SK00000000000000000000000000000001";
pub const KEY_SECRET: &str = "a secret of the key";
pub const TOKEN: &str = "the token in use";
pub const NEXT_TOKEN: &str = "the token that comes next";
pub const ID: &str = "SM000000000000000000000000000000a1";
pub const NUMBER: &str = "+12125550199";
pub const SERVICE: &str = "MG00000000000000000000000000000001";
pub const NAME: &str = "twilio-main";

/// Twilio with a number.
pub const BY_NUMBER: Subjects = Subjects { name: "twilio by number", sender: NUMBER, how: How::Delete };
/// Twilio with a messaging service.
pub const BY_SERVICE: Subjects = Subjects { name: "twilio by service", sender: SERVICE, how: How::Redact };

/// One way of using Twilio.
pub struct Subjects {
    name: &'static str,
    sender: &'static str,
    how: How,
}

/// The settings of an account at a place.
pub fn settings(place: &Place) -> Settings {
    Settings {
        name: NAME.into(),
        account_sid: ACCOUNT.into(),
        api_key: ApiKey::new(KEY, KEY_SECRET).expect("a key"),
        auth_token: AuthToken::new(TOKEN),
        next_auth_token: Some(AuthToken::new(NEXT_TOKEN)),
        redaction_ready: false,
        forgetting: How::Delete,
        base_url: Some(place.base_url.clone()),
        lookups_base_url: Some(place.base_url.clone()),
        verify_base_url: Some(place.base_url.clone()),
        callback_base: place.callback_base.clone(),
        clock: place.clock(),
        deadline: place.deadline,
        connections: 4,
    }
}

/// A text as the API shows it, with some of its fields set differently.
pub fn message(changes: &serde_json::Value) -> serde_json::Value {
    let mut message = serde_json::json!({
        "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": BODY, "date_created": "Tue, 24 Nov 2026 15:00:02 +0000",
        "date_sent": null, "date_updated": "Tue, 24 Nov 2026 15:00:02 +0000", "direction": "outbound-api", "error_code": null,
        "error_message": null, "from": NUMBER, "messaging_service_sid": null, "num_media": "0", "num_segments": "2", "price": null,
        "price_unit": "USD", "sid": ID, "status": "queued", "to": TO, "uri": "/2010-04-01/x.json", "subresource_uris": { "media": "/x" },
        "a_field_of_the_future": { "x": [null] }
    });
    for (name, value) in changes.as_object().expect("fields") {
        message[name] = value.clone();
    }
    message
}

fn error(code: u32) -> String {
    serde_json::json!({ "code": code, "message": "words for people", "more_info": "https://example.org", "status": 400 }).to_string()
}

/// The pairs of a form, decoded.
pub fn pairs(form: &str) -> Vec<(String, String)> {
    form.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (unescape(name), unescape(value))).collect()
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits: String = [rest.next(), rest.next()].into_iter().flatten().map(char::from).collect();
                u8::from_str_radix(&digits, 16).expect("an escape")
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).expect("text")
}

impl Subject for Subjects {
    fn name(&self) -> &'static str {
        self.name
    }

    fn adapter(&self, place: &Place) -> Arc<dyn Carrier> {
        let mut settings = settings(place);
        settings.forgetting = self.how;
        Arc::new(Twilio::new(settings).expect("settings"))
    }

    fn sender(&self) -> &'static str {
        self.sender
    }

    fn receives_at(&self) -> &'static str {
        NUMBER
    }

    fn accepted(&self) -> Canned {
        let outcome = Outcome::Accepted { carrier_message_id: ID.into(), parts: Some(2) };
        Canned::new("accepted", 201, &[("content-type", "application/json")], &message(&serde_json::json!({})).to_string(), outcome)
    }

    fn answers(&self) -> Vec<Canned> {
        let accepted = |parts| Outcome::Accepted { carrier_message_id: ID.into(), parts };
        let not_submitted = |cause, retry_after| Outcome::NotSubmitted { cause, retry_after };
        let unreadable = Outcome::Unknown { cause: wellsent_carrier::UnknownCause::Unreadable };
        let service =
            message(&serde_json::json!({ "from": null, "num_segments": "0", "status": "accepted", "messaging_service_sid": SERVICE }));
        let odd = message(&serde_json::json!({ "num_segments": 3, "error_code": "x", "date_created": 7, "to": null }));
        let account_refused = not_submitted(NotSubmittedCause::AccountRefused, None);
        let mut answers = vec![
            Canned::new("accepted by a service", 201, &[], &service.to_string(), accepted(None)),
            Canned::new("accepted with odd fields", 201, &[], &odd.to_string(), accepted(None)),
            Canned::new("the bare minimum", 201, &[], &format!(r#"{{"sid":"{ID}"}}"#), accepted(None)),
            Canned::new("a name of another kind", 201, &[], &format!(r#"{{"sid":"{ACCOUNT}"}}"#), unreadable.clone()),
            Canned::new("a name that is none", 201, &[], r#"{"sid":"SM../../x"}"#, unreadable),
            Canned::new("wrong credentials", 401, &[], &error(20_003), account_refused.clone()),
            Canned::new("401 without a body", 401, &[], "", account_refused.clone()),
            Canned::new("account suspended", 400, &[], &error(30_002), account_refused.clone()),
            Canned::new("account not active", 403, &[], &error(20_005), account_refused.clone()),
            Canned::new("key without the right", 403, &[], &error(20_403), account_refused.clone()),
            Canned::new("no such account", 404, &[], &error(20_404), account_refused),
            Canned::new("too many requests", 429, &[], &error(20_429), not_submitted(NotSubmittedCause::Throttled, None)),
            Canned::new(
                "a full queue",
                400,
                &[("retry-after", "30")],
                &error(21_611),
                not_submitted(NotSubmittedCause::Throttled, Some(Duration::from_secs(30))),
            ),
            Canned::new(
                "a number in place of a code",
                400,
                &[],
                r#"{"code":12125550187,"message":""}"#,
                Outcome::Rejected { failure: Failure::Other, code: None },
            ),
            Canned::new("408", 408, &[], "", Outcome::Unknown { cause: wellsent_carrier::UnknownCause::ServerError }),
            Canned::new("400 with a page", 400, &[], "<html>", Outcome::Rejected { failure: Failure::Other, code: None }),
        ];
        for (code, failure) in [
            (21_211, Failure::InvalidNumber),
            (21_408, Failure::Configuration),
            (21_606, Failure::Configuration),
            (21_601, Failure::Configuration),
            (21_608, Failure::Configuration),
            (21_610, Failure::OptedOut),
            (21_612, Failure::Other),
            (21_614, Failure::NotTextable),
            (21_617, Failure::Configuration),
            (21_635, Failure::NotTextable),
            (30_007, Failure::Filtered),
            (30_034, Failure::SenderNotRegistered),
            (30_450, Failure::Blocked),
            (30_610, Failure::Blocked),
            (59_999, Failure::Other),
        ] {
            answers.push(Canned::new(format!("code {code}"), 400, &[], &error(code), Outcome::Rejected { failure, code: Some(code) }));
        }
        answers
    }

    fn check_request(&self, request: &Request, text: &Text) -> Result<(), String> {
        let token = "5a".repeat(16);
        let callback = format!("https://texts.practice.example/hooks/{NAME}/snd_{}/status?t={token}#rc=3&rp=all", "08".repeat(16));
        let from = if self.sender == SERVICE { "MessagingServiceSid" } else { "From" };
        let useful = text.useful_s.to_string();
        let expected =
            [("To", text.to), (from, self.sender), ("Body", text.body), ("StatusCallback", &callback), ("ValidityPeriod", useful.as_str())];
        let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let said = pairs(&request.text());
        if said != expected {
            return Err(format!("the form says {said:?}"));
        }
        let line = format!("{} {}", request.method, request.target);
        if line != format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json") {
            return Err(line);
        }
        let basic = format!("Basic {}", STANDARD.encode(format!("{KEY}:{KEY_SECRET}")));
        for (name, value) in [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")] {
            if request.header(name) != Some(value) {
                return Err(format!("the header {name} is another"));
            }
        }
        Ok(())
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }

    fn lookups(&self) -> Option<Vec<Look<LogEntry>>> {
        Some(lookups())
    }

    fn forgetting(&self) -> Option<Vec<Forgetting>> {
        let case = |name, status, body: &str, result| Forgetting { name, answer: response(status, &[], body), result };
        Some(vec![
            case("gone", 204, "", Ok(())),
            case("redacted", 200, &message(&serde_json::json!({ "body": "" })).to_string(), Ok(())),
            case("gone before", 404, &error(20_404), Ok(())),
            case("not at rest", 409, &error(20_009), Err(ForgetError::TooEarly)),
            case("not at rest, as 400", 400, &error(20_009), Err(ForgetError::TooEarly)),
            case("wrong credentials", 401, &error(20_003), Err(ForgetError::Refused)),
            case("redirect", 302, "", Err(ForgetError::Refused)),
        ])
    }

    fn received(&self) -> Option<Vec<Look<Event>>> {
        Some(received(self.sender))
    }

    fn message_id(&self) -> &'static str {
        ID
    }
}

/// A page of the list.
fn page(messages: &[serde_json::Value], next: Option<&str>) -> Vec<u8> {
    let page = serde_json::json!({
        "messages": messages, "page": 0, "page_size": 50, "start": 0, "end": messages.len(), "uri": "/x", "first_page_uri": "/x",
        "next_page_uri": next, "previous_page_uri": null
    });
    response(200, &[("content-type", "application/json")], &page.to_string())
}

const NEXT: &str =
    "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json?To=%2B12125550187&PageSize=50&Page=1&PageToken=PASM1";

fn lookups() -> Vec<Look<LogEntry>> {
    let entry = |status, failure| LogEntry {
        carrier_message_id: ID.into(),
        token: None,
        status,
        failure,
        sent_at: now() + SignedDuration::from_secs(2),
        body_digest: body_digest(BODY),
    };
    let queued = || entry(DeliveryStatus::Queued, None);
    let as_it_is = message(&serde_json::json!({}));
    let changed = |changes: serde_json::Value| message(&changes);
    let undelivered = changed(serde_json::json!({ "status": "undelivered", "error_code": 30_005 }));
    let look = |name, answers, result| Look { name, answers, result, asks: vec!["To=%2B12125550187", "PageSize=50"] };
    let unreadable = || Err(LookupError::Unreadable);
    vec![
        look("empty", vec![page(&[], None)], Ok(vec![])),
        look("a text that was not sent yet", vec![page(std::slice::from_ref(&as_it_is), None)], Ok(vec![queued()])),
        look(
            "two pages",
            vec![page(std::slice::from_ref(&as_it_is), Some(NEXT)), page(&[undelivered], None)],
            Ok(vec![queued(), entry(DeliveryStatus::Undelivered, Some(Failure::UnknownHandset))]),
        ),
        look("a status of the future", vec![page(&[changed(serde_json::json!({ "status": "teleported" }))], None)], Ok(vec![queued()])),
        look(
            "nothing but older texts on a page",
            vec![page(&[changed(serde_json::json!({ "date_created": "Tue, 24 Nov 2026 13:59:59 +0000" }))], Some(NEXT))],
            Ok(vec![]),
        ),
        look("a text from the phone", vec![page(&[changed(serde_json::json!({ "direction": "inbound" }))], None)], Ok(vec![])),
        look("a text without words", vec![page(&[as_it_is.clone(), changed(serde_json::json!({ "body": "" }))], None)], unreadable()),
        look("a text without a body", vec![page(&[changed(serde_json::json!({ "body": null }))], None)], unreadable()),
        look("another account's text", vec![page(&[changed(serde_json::json!({ "account_sid": KEY }))], None)], unreadable()),
        look("a date that is none", vec![page(&[changed(serde_json::json!({ "date_created": "yesterday" }))], None)], unreadable()),
        look("a next page elsewhere", vec![page(std::slice::from_ref(&as_it_is), Some("https://elsewhere.example/"))], unreadable()),
        look("a next page on another path", vec![page(std::slice::from_ref(&as_it_is), Some("@elsewhere.example/"))], unreadable()),
        look("no end", vec![page(&[as_it_is], Some(NEXT)); 4], unreadable()),
    ]
}

fn received(sender: &'static str) -> Vec<Look<Event>> {
    let inbound = |sid: &str, body: &str, service: Option<&str>, to: &str| {
        message(&serde_json::json!({
            "sid": sid, "body": body, "direction": "inbound", "status": "received", "from": TO, "to": to, "messaging_service_sid": service,
            "num_media": if sid.starts_with("MM") { "1" } else { "0" }
        }))
    };
    let redacted = inbound("SM000000000000000000000000000000c3", "", Some(SERVICE), NUMBER);
    let event = |sid: &str, body: &str| Event::Inbound {
        carrier_message_id: sid.to_owned(),
        from: Phi::new(PhoneNumber::parse(TO).expect("a number")),
        to_sender: NUMBER.to_owned(),
        body: Phi::new(body.to_owned()),
        key: body_digest(&format!("twilio\0inbound\0{sid}")),
        opt_out: (body == "STOP").then_some(CarrierOptOut::Stop),
    };
    let other = "MM000000000000000000000000000000b2";
    let foreign =
        message(&serde_json::json!({ "direction": "inbound", "from": "+442071838750", "to": NUMBER, "messaging_service_sid": SERVICE }));
    let to_another = inbound(ID, "for another", Some("MG00000000000000000000000000000002"), "+12125550198");
    let mut asks = vec!["DateSent%3E=2026-11-24T13%3A59%3A59Z", "PageSize=50"];
    if sender == NUMBER {
        asks.push("To=%2B12125550199");
    }
    let next = NEXT.replace("To=%2B12125550187", "DateSent%3E=2026-11-24T13%3A59%3A59Z&To=%2B12125550199");
    let look = |name, answers, result| Look { name, answers, result, asks: asks.clone() };
    vec![
        look("empty", vec![page(&[], None)], Ok(vec![])),
        look(
            "two pages",
            vec![
                page(
                    &[inbound(ID, "STOP", Some(SERVICE), NUMBER), message(&serde_json::json!({})), foreign, to_another, redacted],
                    Some(&next),
                ),
                page(&[inbound(other, "", Some(SERVICE), NUMBER)], None),
            ],
            Ok(vec![event(ID, "STOP"), event(other, "")]),
        ),
        look("a name that is none", vec![page(&[inbound("SM1", "hi", Some(SERVICE), NUMBER)], None)], Err(LookupError::Unreadable)),
    ]
}
