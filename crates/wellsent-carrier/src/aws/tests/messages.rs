//! Messages of SNS from outside: where certificates may lie, when a message is too old, and what happens when Amazon cannot be asked.

use super::super::certificates::{Certificates, origins};
use super::super::sns::{Topic, is_confirmation};
use super::{EVENTS, NOW, TEXTS, carrier, settings};
use crate::aws::{AwsCarrier, SetupError};
use crate::http::{Allow, Http, Settings as HttpSettings};
use crate::{Callback, CallbackError, CallbackKind, Carrier, Event};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use wellsent_peers::aws::{Certificate, SignatureVersion, envelope};
use wellsent_peers::scripted::{Act, Closed, Scripted, response};

static KEY: LazyLock<Certificate> = LazyLock::new(|| Certificate::generate("sns.amazonaws.com"));
static STRANGER: LazyLock<Certificate> = LazyLock::new(|| Certificate::generate("sns.amazonaws.com"));

const EVENT: &str = r#"{"eventType":"TEXT_DELIVERED","eventTimestamp":1,"messageId":"m1"}"#;

fn signed(key: &Certificate, base: &str, age: i64, message: &str) -> Value {
    let timestamp = jiff::Timestamp::from_second(NOW - age).unwrap().to_string();
    let url = format!("{base}/SimpleNotificationService-1.pem");
    envelope(key, SignatureVersion::Two, "Notification", &url, [EVENTS, "n1", &timestamp, message], &[])
}

async fn read(adapter: &AwsCarrier, body: &[u8]) -> Result<Vec<Event>, CallbackError> {
    let headers = |_: &str| None;
    adapter.read_callback(Callback { kind: CallbackKind::Status, public_url: "https://texts.example/", headers: &headers, body }).await
}

async fn read_json(adapter: &AwsCarrier, message: &Value) -> Result<Vec<Event>, CallbackError> {
    read(adapter, message.to_string().as_bytes()).await
}

/// A host that gives the known certificate to everybody who asks.
async fn host() -> Scripted {
    Scripted::start(vec![Act::answer(response(200, &[], KEY.pem()))]).await
}

#[tokio::test]
async fn only_the_named_certificates_key_counts_and_each_signed_field_matters() {
    let host = host().await;
    let adapter = carrier(&host.base_url());
    let honest = signed(&KEY, &host.base_url(), 0, EVENT);
    assert_eq!(read_json(&adapter, &honest).await.map(|events| events.len()), Ok(1));
    let forged = signed(&STRANGER, &host.base_url(), 0, EVENT);
    assert_eq!(read_json(&adapter, &forged).await, Err(CallbackError::BadSignature));
    let later = jiff::Timestamp::from_second(NOW + 1).unwrap().to_string();
    for (field, value) in [
        ("Message", EVENT.replace("m1", "m2")),
        ("MessageId", "n2".into()),
        ("Timestamp", later),
        ("TopicArn", TEXTS.into()),
        ("Type", "UnsubscribeConfirmation".into()),
        ("Subject", "A subject".into()),
        ("SignatureVersion", "1".into()),
        ("SignatureVersion", "3".into()),
        ("Signature", String::new()),
    ] {
        let mut changed = honest.clone();
        changed[field] = json!(value);
        assert_eq!(read_json(&adapter, &changed).await, Err(CallbackError::BadSignature), "{field}");
    }
    assert_eq!(host.requests().len(), 1, "the certificate is kept");
}

#[tokio::test]
async fn a_subject_is_signed_where_there_is_one() {
    let host = host().await;
    let adapter = carrier(&host.base_url());
    let timestamp = jiff::Timestamp::from_second(NOW).unwrap().to_string();
    let url = format!("{}/SimpleNotificationService-1.pem", host.base_url());
    for version in [SignatureVersion::One, SignatureVersion::Two] {
        let message = envelope(&KEY, version, "Notification", &url, [EVENTS, "n1", &timestamp, EVENT], &[("Subject", "About a text")]);
        assert_eq!(read_json(&adapter, &message).await.map(|events| events.len()), Ok(1));
        let mut without = message.clone();
        without.as_object_mut().unwrap().remove("Subject");
        assert_eq!(read_json(&adapter, &without).await, Err(CallbackError::BadSignature));
    }
}

#[tokio::test]
async fn a_message_counts_for_as_long_as_sns_repeats_it() {
    let host = host().await;
    let adapter = carrier(&host.base_url());
    for (age, good) in [(0, true), (3_600, true), (3_900, true), (3_901, false), (-300, true), (-301, false), (86_400 * 365, false)] {
        let result = read_json(&adapter, &signed(&KEY, &host.base_url(), age, EVENT)).await;
        assert_eq!(result.err(), (!good).then_some(CallbackError::BadSignature), "{age}");
    }
}

#[tokio::test]
async fn what_cannot_be_checked_just_now_must_come_again_and_what_is_wrong_must_not() {
    let closed = Closed::new();
    let adapter = carrier(&closed.base_url());
    assert_eq!(read_json(&adapter, &signed(&KEY, &closed.base_url(), 0, EVENT)).await, Err(CallbackError::NotNow));
    for (act, error) in [
        (Act::CloseUnread, CallbackError::NotNow),
        (Act::answer(response(503, &[], "")), CallbackError::NotNow),
        (Act::answer(response(429, &[], "")), CallbackError::NotNow),
        (Act::answer(response(302, &[("location", "http://127.0.0.1:1/")], "")), CallbackError::NotNow),
        (Act::answer(response(200, &[], &"a".repeat(16 << 20))), CallbackError::NotNow),
        (Act::answer(response(404, &[], "")), CallbackError::BadSignature),
        (Act::answer(response(200, &[], "no certificate")), CallbackError::BadSignature),
        (Act::answer(response(200, &[], &format!("{}{}", KEY.pem(), " ".repeat(20_000)))), CallbackError::BadSignature),
        (Act::answer(response(200, &[], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), CallbackError::BadSignature),
    ] {
        let host = Scripted::start(vec![act.clone()]).await;
        let adapter = carrier(&host.base_url());
        let result = read_json(&adapter, &signed(&KEY, &host.base_url(), 0, EVENT)).await;
        assert_eq!(result, Err(error), "{:?}", format!("{act:?}").get(..60));
    }
}

#[tokio::test]
async fn made_up_certificates_make_us_ask_ten_times_a_minute_and_do_not_keep_the_known_one_from_counting() {
    let host = Scripted::start(vec![Act::answer(response(200, &[], KEY.pem())), Act::answer(response(404, &[], ""))]).await;
    let adapter = carrier(&host.base_url());
    let honest = signed(&KEY, &host.base_url(), 0, EVENT);
    assert!(read_json(&adapter, &honest).await.is_ok());
    for nth in 0..50 {
        let mut made_up = honest.clone();
        made_up["SigningCertURL"] = json!(format!("{}/made-up-{nth}.pem", host.base_url()));
        let error = if nth < 9 { CallbackError::BadSignature } else { CallbackError::NotNow };
        assert_eq!(read_json(&adapter, &made_up).await, Err(error), "{nth}");
    }
    assert_eq!(host.requests().len(), 10);
    assert!(read_json(&adapter, &honest).await.is_ok());
}

#[test]
fn certificates_lie_on_amazons_host_of_the_topics_region_and_nowhere_else() {
    let topic = Topic::parse(EVENTS).unwrap();
    let http = |origins| {
        let second = Duration::from_secs(1);
        Http::new(HttpSettings { allow: Allow::Origins(origins), deadline: second, connect_deadline: second, idle_connections: 1 }).unwrap()
    };
    let allowed = origins(std::slice::from_ref(&topic)).unwrap();
    assert_eq!(allowed.iter().map(|url| url.as_str()).collect::<Vec<_>>(), ["https://sns.us-east-1.amazonaws.com/"]);
    let certificates = Certificates::new(http(allowed), None);
    assert!(certificates.pinned(&topic, "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab.pem").is_some());
    for elsewhere in [
        "http://sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-west-2.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com:8443/a.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
        "https://user@sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.co/a.pem",
        "https://s3.amazonaws.com/sns.us-east-1.amazonaws.com/a.pem",
        "https://snssus-east-1.amazonaws.com/a.pem",
        "https://127.0.0.1/a.pem",
        "https://169.254.169.254/a.pem",
        "file:///a.pem",
        "a.pem",
        "",
    ] {
        assert!(certificates.pinned(&topic, elsewhere).is_none(), "{elsewhere}");
    }
    let confirms = |url: &str| is_confirmation(&url.parse().unwrap(), &topic);
    let base = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t&TopicArn=";
    assert!(confirms(&format!("{base}{EVENTS}")));
    assert!(!confirms(&format!("{base}{TEXTS}")));
    assert!(!confirms(&format!("{base}{EVENTS}&Action=DeleteTopic")));
    assert!(!confirms(&format!("https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic&TopicArn={EVENTS}")));
    assert!(!confirms(&format!("https://sns.us-east-1.amazonaws.com/x?Action=ConfirmSubscription&TopicArn={EVENTS}")));
}

#[tokio::test]
async fn a_path_that_is_no_certificate_is_not_fetched() {
    let host = host().await;
    let adapter = carrier(&host.base_url());
    for path in ["/", "/a.pem?x=1", "/a.txt", "/a/../b.pem/", "/a%2fb.pem", &format!("/{}.pem", "a".repeat(300)), "//a.pem"] {
        let mut message = signed(&KEY, &host.base_url(), 0, EVENT);
        message["SigningCertURL"] = json!(format!("{}{path}", host.base_url()));
        assert_eq!(read_json(&adapter, &message).await, Err(CallbackError::BadSignature), "{path}");
    }
    assert_eq!(host.requests().len(), 0);
}

#[tokio::test]
async fn a_host_other_than_the_pinned_one_is_never_asked() {
    let (host, elsewhere) = (host().await, host().await);
    let adapter = carrier(&host.base_url());
    let message = signed(&KEY, &elsewhere.base_url(), 0, EVENT);
    assert_eq!(read_json(&adapter, &message).await, Err(CallbackError::BadSignature));
    let timestamp = jiff::Timestamp::from_second(NOW).unwrap().to_string();
    let pem = format!("{}/a.pem", host.base_url());
    let confirm = format!("{}/?Action=ConfirmSubscription&TopicArn={EVENTS}&Token=t", elsewhere.base_url());
    let extra = [("SubscribeURL", confirm.as_str()), ("Token", "t")];
    let message = envelope(&KEY, SignatureVersion::Two, "SubscriptionConfirmation", &pem, [EVENTS, "n1", &timestamp, "Hello"], &extra);
    assert_eq!(read_json(&adapter, &message).await, Err(CallbackError::Malformed("SubscribeURL")));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_end_of_a_subscription_is_no_event() {
    let host = host().await;
    let adapter = carrier(&host.base_url());
    let timestamp = jiff::Timestamp::from_second(NOW).unwrap().to_string();
    let (pem, again) = (format!("{}/a.pem", host.base_url()), format!("{}/?Action=ConfirmSubscription", host.base_url()));
    let extra = [("SubscribeURL", again.as_str()), ("Token", "t")];
    let message = envelope(&KEY, SignatureVersion::Two, "UnsubscribeConfirmation", &pem, [EVENTS, "n1", &timestamp, "Bye"], &extra);
    assert_eq!(read_json(&adapter, &message).await, Ok(vec![]));
    assert_eq!(host.requests().len(), 1, "nobody subscribes again by themselves");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let with = |change: &dyn Fn(&mut crate::aws::Settings)| {
        let mut settings = settings("http://127.0.0.1:9");
        change(&mut settings);
        AwsCarrier::new(settings).err()
    };
    assert_eq!(with(&|_| {}), None);
    for region in ["", "us-east-1.evil.example/", "US-EAST-1", "us east 1"] {
        assert_eq!(with(&|settings| settings.region = region.into()), Some(SetupError::Region), "{region}");
    }
    for topic in [
        "",
        "texts",
        "arn:aws:sqs:us-east-1:123456789012:texts",
        "arn:aws:sns:us-east-1:1234:texts",
        "arn:aws:sns:evil.example/:123456789012:t",
    ] {
        assert_eq!(with(&|settings| settings.topics = vec![topic.into()]), Some(SetupError::Topic), "{topic}");
    }
    assert!(with(&|settings| settings.certificates_url = Some("http://evil.example".into())).is_some());
    assert!(with(&|settings| settings.base_url = Some("http://evil.example".into())).is_some());
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop_oneof![Just("TEXT_DELIVERED"), Just("TEXT_NEW"), Just("m1"), Just("+12125550123"), Just("STOP")];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 6, |inner| {
        let names = prop_oneof![
            Just("eventType"),
            Just("messageId"),
            Just("eventTimestamp"),
            Just("context"),
            Just("t"),
            Just("inboundMessageId"),
            Just("originationNumber"),
            Just("destinationNumber"),
            Just("messageBody"),
        ];
        let object = prop::collection::vec((names, inner.clone()), 0..8)
            .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into());
        prop_oneof![prop::collection::vec(inner, 0..6).prop_map(Value::from), object]
    })
}

fn on_this_thread<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

proptest! {
    #[test]
    fn no_bytes_from_a_stranger_are_believed_or_do_harm(body in prop::collection::vec(any::<u8>(), 0..800)) {
        let begun = Instant::now();
        prop_assert!(on_this_thread(read(&carrier("http://127.0.0.1:9"), &body)).is_err());
        prop_assert!(begun.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn no_envelope_from_a_stranger_is_believed_or_does_harm(
        kind in prop_oneof![Just("Notification"), Just("SubscriptionConfirmation"), Just("x")],
        topic in prop_oneof![Just(EVENTS.to_owned()), ".{0,30}"],
        timestamp in prop_oneof![Just("2026-11-24T15:00:00.000Z".to_owned()), ".{0,30}"],
        version in prop_oneof![Just("1"), Just("2"), Just("")],
        signature in prop_oneof![Just("AAAA".to_owned()), "[A-Za-z0-9+/]{0,400}={0,2}"],
        url in prop_oneof![Just("http://127.0.0.1:9/a.pem".to_owned()), "https?://.{0,40}", ".{0,40}"],
    ) {
        let message = json!({
            "Type": kind, "MessageId": "n", "TopicArn": topic, "Message": "x", "Timestamp": timestamp, "SignatureVersion": version,
            "Signature": signature, "SigningCertURL": url, "SubscribeURL": url, "Token": "t",
        });
        let begun = Instant::now();
        prop_assert!(on_this_thread(read_json(&carrier("http://127.0.0.1:9"), &message)).is_err());
        prop_assert!(begun.elapsed() < Duration::from_secs(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_signed_message_does_harm(message in any_json()) {
        on_this_thread(async {
            let host = host().await;
            let adapter = carrier(&host.base_url());
            let body = signed(&KEY, &host.base_url(), 0, &message.to_string());
            let begun = Instant::now();
            if let Ok(events) = read_json(&adapter, &body).await {
                prop_assert!(events.len() <= 1);
            }
            prop_assert!(begun.elapsed() < Duration::from_secs(1));
            Ok(())
        })?;
    }
}
