//! Signatures against those of the published test suite, and against what AWS's own library for Python makes of requests like ours.

use super::super::sigv4::{Credentials, Request, authorization, date};
use super::super::{AwsCarrier, Settings};
use super::settings;
use serde_json::Value;
use std::sync::Arc;

const VECTORS: &str = include_str!("vectors.json");

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn credentials(vector: &Value) -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", vector["session_token"].as_str())
}

#[test]
fn signatures_are_those_of_the_published_suite_and_of_the_official_library() {
    for vector in vectors() {
        let headers: Vec<(&str, &str)> =
            vector["headers"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let request = Request {
            method: vector["method"].as_str().unwrap(),
            path: "/",
            headers: &headers,
            body: vector["body"].as_str().unwrap().as_bytes(),
        };
        let word = |name: &str| vector[name].as_str().unwrap();
        let date = vector["headers"]["x-amz-date"].as_str().unwrap();
        let made = authorization(&credentials(&vector), word("region"), word("service"), date, &request);
        assert_eq!(made, word("authorization"), "{}", word("name"));
    }
}

#[test]
fn the_adapter_signs_the_headers_that_it_sends() {
    let mut tried = 0;
    for vector in vectors().into_iter().filter(|vector| vector["service"] == "sms-voice") {
        let word = |name: &str| vector[name].as_str().unwrap();
        let headers = &vector["headers"];
        let (host, at) = (headers["host"].as_str().unwrap(), headers["x-amz-date"].as_str().unwrap());
        let scheme = if host.starts_with("127.") { "http" } else { "https" };
        let real = Settings {
            region: word("region").into(),
            credentials: credentials(&vector),
            base_url: (scheme == "http").then(|| format!("http://{host}")),
            certificates_url: None,
            clock: Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
            ..settings("http://127.0.0.1:9")
        };
        let at: jiff::Timestamp = at.parse().unwrap();
        let sent = AwsCarrier::new(real).unwrap().headers(word("body").as_bytes(), at).unwrap();
        for (name, value) in headers.as_object().unwrap().iter().filter(|(name, _)| *name != "host") {
            assert!(sent.iter().any(|(known, sent)| known.as_str() == name.as_str() && sent == value.as_str().unwrap()), "{name}");
        }
        assert!(sent.iter().any(|(name, value)| name == "authorization" && value == word("authorization")), "{}", word("name"));
        tried += 1;
    }
    assert_eq!(tried, 4);
}

#[test]
fn the_time_is_written_in_utc_without_signs() {
    assert_eq!(date("2026-01-02T03:04:05.678Z".parse().unwrap()), "20260102T030405Z");
    assert_eq!(date("2026-01-01T23:30:00-05:00".parse().unwrap()), "20260102T043000Z");
}

#[test]
fn keys_do_not_show() {
    let keys = Credentials::new("AKIDEXAMPLE", "secret words", Some("token words"));
    assert_eq!(format!("{keys:?}"), "Credentials(..)");
}
