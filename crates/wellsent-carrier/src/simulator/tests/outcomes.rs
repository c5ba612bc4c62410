//! One submission against every kind of answer: exactly one outcome class, and never a second request.

use super::peer::{Act, Peer, answer};
use super::{NUMBER, TOKEN, carrier, wire};
use crate::{Carrier, LookupError, LookupQuery, NotSubmittedCause, Outcome, UnknownCause};
use std::time::Duration;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::{Phi, PhoneNumber};

const HOOKS: &str = "http://127.0.0.1:9";
const CREATED: &str = r#"{"id":"SM01","parts":1}"#;

fn accepted() -> Outcome {
    Outcome::Accepted { carrier_message_id: "SM01".into(), parts: Some(1) }
}
fn unknown(cause: UnknownCause) -> Outcome {
    Outcome::Unknown { cause }
}
fn rejected(failure: Failure, code: impl Into<Option<u32>>) -> Outcome {
    Outcome::Rejected { failure, code: code.into() }
}
fn throttled(seconds: Option<u64>) -> Outcome {
    Outcome::NotSubmitted { cause: NotSubmittedCause::Throttled, retry_after: seconds.map(Duration::from_secs) }
}

#[tokio::test]
async fn every_answer_has_its_outcome_and_is_asked_for_once() {
    let long = "x".repeat(300 * 1024);
    let cases: Vec<(&str, Act, Outcome)> = vec![
        ("created", Act::Answer(answer("201 Created", "", CREATED)), accepted()),
        (
            "created without parts",
            Act::Answer(answer("200 OK", "", r#"{"id":"SM01","more":[1]}"#)),
            Outcome::Accepted { carrier_message_id: "SM01".into(), parts: None },
        ),
        ("accepted but nonsense", Act::Answer(answer("201 Created", "", "<html>")), unknown(UnknownCause::Unreadable)),
        ("accepted but empty", Act::Answer(answer("204 No Content", "", "")), unknown(UnknownCause::Unreadable)),
        ("accepted with an empty id", Act::Answer(answer("201 Created", "", r#"{"id":""}"#)), unknown(UnknownCause::Unreadable)),
        ("accepted with a hostile id", Act::Answer(answer("201 Created", "", r#"{"id":"<b>1</b>"}"#)), unknown(UnknownCause::Unreadable)),
        (
            "accepted with an endless id",
            Act::Answer(answer("201 Created", "", &format!(r#"{{"id":"{long}"}}"#))),
            unknown(UnknownCause::Unreadable),
        ),
        (
            "accepted, body cut off",
            Act::AnswerAndClose("HTTP/1.1 201 Created\r\ncontent-length: 23\r\n\r\n{\"id\":\"SM".into()),
            unknown(UnknownCause::Unreadable),
        ),
        ("head cut off", Act::AnswerAndClose("HTTP/1.1 201 Cre".into()), unknown(UnknownCause::LineLost)),
        ("not HTTP", Act::AnswerAndClose("SSH-2.0-OpenSSH\r\n\r\n".into()), unknown(UnknownCause::LineLost)),
        ("closed after the request", Act::AnswerAndClose(String::new()), unknown(UnknownCause::LineLost)),
        ("reset after the request", Act::Reset, unknown(UnknownCause::LineLost)),
        ("silence", Act::Silence, unknown(UnknownCause::Deadline)),
        (
            "half an answer, then silence",
            Act::Answer("HTTP/1.1 201 Created\r\ncontent-length: 23\r\n\r\n{".into()),
            unknown(UnknownCause::Unreadable),
        ),
        (
            "more headers than anybody sends",
            Act::Answer(answer("201 Created", &"x: y\r\n".repeat(200), CREATED)),
            unknown(UnknownCause::LineLost),
        ),
        (
            "an answer without an end",
            Act::AnswerAndClose(format!("HTTP/1.1 201 Created\r\n\r\n{}", "[".repeat(400_000))),
            unknown(UnknownCause::Unreadable),
        ),
        ("500", Act::Answer(answer("500 Internal Server Error", "", CREATED)), unknown(UnknownCause::ServerError)),
        ("502", Act::Answer(answer("502 Bad Gateway", "", "")), unknown(UnknownCause::ServerError)),
        ("503 with a wait", Act::Answer(answer("503 Service Unavailable", "retry-after: 1\r\n", "")), unknown(UnknownCause::ServerError)),
        (
            "redirect",
            Act::Answer(answer("307 Temporary Redirect", "location: http://127.0.0.1:1/\r\n", "")),
            unknown(UnknownCause::Unreadable),
        ),
        ("429", Act::Answer(answer("429 Too Many Requests", "", "")), throttled(None)),
        ("429 with a wait", Act::Answer(answer("429 Too Many Requests", "retry-after: 3\r\n", "")), throttled(Some(3))),
        ("429 with an endless wait", Act::Answer(answer("429 Too Many Requests", "retry-after: 99999999\r\n", "")), throttled(Some(3600))),
        ("429 with a nonsense wait", Act::Answer(answer("429 Too Many Requests", "retry-after: soon\r\n", "")), throttled(None)),
        ("opted out", Act::Answer(answer("400 Bad Request", "", r#"{"code":21610}"#)), rejected(Failure::OptedOut, 21610)),
        ("invalid number", Act::Answer(answer("400 Bad Request", "", r#"{"code":21211}"#)), rejected(Failure::InvalidNumber, 21211)),
        ("unknown code", Act::Answer(answer("400 Bad Request", "", r#"{"code":77777}"#)), rejected(Failure::Other, 77777)),
        (
            "a code as long as a number",
            Act::Answer(answer("400 Bad Request", "", r#"{"code":2125550123}"#)),
            rejected(Failure::Other, None),
        ),
        ("refused without a code", Act::Answer(answer("422 Unprocessable Entity", "", "no")), rejected(Failure::Other, None)),
        ("wrong credentials", Act::Answer(answer("401 Unauthorized", "", "")), rejected(Failure::Configuration, None)),
        ("wrong address", Act::Answer(answer("404 Not Found", "", "")), rejected(Failure::Configuration, None)),
        (
            "refused, body cut off",
            Act::AnswerAndClose("HTTP/1.1 400 Bad Request\r\ncontent-length: 14\r\n\r\n{\"co".into()),
            rejected(Failure::Other, None),
        ),
    ];
    for (name, act, expected) in cases {
        let peer = Peer::start(vec![act]).await;
        let carrier = carrier(&peer.base_url, HOOKS, Duration::from_secs(1));
        assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, expected, "{name}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(peer.requests().len(), 1, "{name}: submitted more than once");
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_surely_did_not_get_it() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let carrier = carrier(&base_url, HOOKS, Duration::from_secs(1));
    let expected = Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
    assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, expected);
}

#[tokio::test]
async fn a_line_that_closes_right_after_it_was_made_is_unclear() {
    let peer = Peer::start(vec![Act::CloseUnread]).await;
    let carrier = carrier(&peer.base_url, HOOKS, Duration::from_secs(1));
    assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, unknown(UnknownCause::LineLost));
    assert!(peer.requests().is_empty(), "and is not tried again by the client");
}

#[tokio::test]
async fn a_used_line_that_breaks_under_a_request_is_unclear_and_not_tried_on_another() {
    for breaking in [Act::AnswerAndClose(String::new()), Act::Reset] {
        let peer =
            Peer::start(vec![Act::Answer(answer("201 Created", "", CREATED)), breaking, Act::Answer(answer("201 Created", "", CREATED))])
                .await;
        let carrier = carrier(&peer.base_url, HOOKS, Duration::from_secs(1));
        assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, accepted());
        assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, unknown(UnknownCause::LineLost));
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(peer.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_line_that_closed_while_it_was_idle_is_replaced() {
    let created = answer("201 Created", "", CREATED);
    let peer = Peer::start(vec![Act::AnswerAndClose(created.clone()), Act::Answer(created)]).await;
    let carrier = carrier(&peer.base_url, HOOKS, Duration::from_secs(1));
    assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, accepted());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, accepted());
    assert_eq!(peer.requests().len(), 2);
}

#[tokio::test]
async fn the_request_carries_number_and_text_and_nothing_else_about_a_person() {
    let peer = Peer::start(vec![Act::Answer(answer("201 Created", "", CREATED))]).await;
    let carrier = carrier(&peer.base_url, HOOKS, Duration::from_secs(2));
    carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await;
    let token = TOKEN.to_hex();
    let body = format!(
        r#"{{"token":"{token}","to":"+12125550123","from":"snd_test","body":"Your visit is tomorrow at 9 AM. Reply C to confirm.","validity_s":300,"callback_url":"http://127.0.0.1:9/hooks/simulator/snd_test/status?t={token}"}}"#
    );
    let expected = format!(
        "POST /messages HTTP/1.1\r\ncontent-type: application/json\r\naccept: */*\r\nuser-agent: wellsent/{}\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
        env!("CARGO_PKG_VERSION"),
        peer.base_url.trim_start_matches("http://"),
        body.len()
    );
    assert_eq!(peer.requests(), [expected]);
}

#[tokio::test]
async fn the_log_is_read_or_nothing_is_concluded() {
    let query = || LookupQuery {
        to: Phi::new(PhoneNumber::from_e164_exact(NUMBER).unwrap()),
        sent_after: "2026-03-02T15:00:00Z".parse().unwrap(),
        token: Some(TOKEN),
    };
    let entry = format!(
        r#"[{{"id":"SM01","token":"{}","status":"undelivered","code":30003,"sent_at":"2026-03-02T15:00:01Z","body":"Hi"}}]"#,
        TOKEN.to_hex()
    );
    let cases = [
        ("an entry", Act::Answer(answer("200 OK", "", &entry)), Ok(1)),
        ("nothing", Act::Answer(answer("200 OK", "", "[]")), Ok(0)),
        ("nonsense", Act::Answer(answer("200 OK", "", "{}")), Err(LookupError::Unreadable)),
        ("an unknown status", Act::Answer(answer("200 OK", "", &entry.replace("undelivered", "eaten"))), Err(LookupError::Unreadable)),
        ("refused", Act::Answer(answer("403 Forbidden", "", "")), Err(LookupError::Refused(403))),
        ("an error", Act::Answer(answer("500 Internal Server Error", "", "[]")), Err(LookupError::NoAnswer)),
        ("a cut", Act::AnswerAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[]".into()), Err(LookupError::Unreadable)),
        ("silence", Act::Silence, Err(LookupError::NoAnswer)),
    ];
    for (name, act, expected) in cases {
        let peer = Peer::start(vec![act]).await;
        let carrier = carrier(&peer.base_url, HOOKS, Duration::from_secs(1));
        let found = carrier.lookup(query()).await;
        assert_eq!(found.as_ref().map(Vec::len).map_err(|error| *error), expected, "{name}");
        if let Ok([entry]) = found.as_deref() {
            assert_eq!((entry.token, entry.status, entry.failure), (Some(TOKEN), DeliveryStatus::Undelivered, Some(Failure::Unreachable)));
            assert_eq!(entry.body_digest, crate::body_digest("Hi"));
        }
        let line = peer.requests()[0].lines().next().unwrap().to_owned();
        assert_eq!(line, format!("GET /messages?to=%2B12125550123&since=2026-03-02T15%3A00%3A00Z&token={} HTTP/1.1", TOKEN.to_hex()));
    }
}

#[tokio::test]
async fn a_failed_handshake_surely_left_no_byte_of_the_request() {
    let peer = Peer::start(vec![Act::CloseUnread]).await;
    let base_url = peer.base_url.replace("http://", "https://");
    let carrier = carrier(&base_url, HOOKS, Duration::from_secs(1));
    let expected = Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
    assert_eq!(carrier.submit_outgoing(&wire(NUMBER, HOOKS)).await, expected);
    assert!(peer.requests().is_empty());
}
