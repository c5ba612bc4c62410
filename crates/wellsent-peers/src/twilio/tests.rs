use super::*;
use crate::scripted::{Act, Scripted, response};
use std::time::Duration;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const OURS: &str = "+12125550199";
const PHONE: &str = "+12125550123";

async fn running(behaviour: Behaviour) -> Running {
    let settings = Settings { behaviour, api_keys: vec![("SK1".into(), "secret".into())], ..Settings::new(ACCOUNT, "12345") };
    let running = Twilio::start(settings).await.unwrap();
    running.twilio.add_sender(OURS, &[], None);
    running
}

/// Asks as `curl` would; status and body.
async fn ask(running: &Running, method: &str, path: &str, form: &[(&str, &str)]) -> (u16, serde_json::Value) {
    use base64::Engine;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let body = form::Form(form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).write();
    let basic = base64::engine::general_purpose::STANDARD.encode("SK1:secret");
    let mut stream = tokio::net::TcpStream::connect(running.address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic {basic}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    (status, serde_json::from_str(body).unwrap_or(serde_json::Value::Null))
}

fn messages(rest: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/Messages{rest}")
}

async fn send(running: &Running, to: &str, extra: &[(&str, &str)]) -> (u16, serde_json::Value) {
    let base = [("To", to), ("From", OURS), ("Body", "hello")];
    ask(running, "POST", &messages(".json"), &[&base[..], extra].concat()).await
}

#[tokio::test]
async fn a_text_reaches_its_phone_and_is_reported_in_signed_callbacks() {
    let hook = Scripted::start(vec![Act::AnswerAndClose(response(204, &[], ""))]).await;
    let running = running(Behaviour::default()).await;
    let url = format!("{}/status?t=abc#rc=3&rp=all", hook.base_url());
    let (status, body) = send(&running, PHONE, &[("StatusCallback", &url)]).await;
    assert_eq!((status, body["status"].as_str(), body["num_segments"].as_str()), (201, Some("queued"), Some("1")));
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    let got = running.twilio.got(PHONE);
    assert_eq!(got.iter().map(|got| got.body.as_str()).collect::<Vec<_>>(), ["hello"]);
    let mut words = Vec::new();
    for call in hook.requests() {
        assert_eq!(call.target, "/status?t=abc", "the fragment does not travel");
        let form = form::Form::read(&call.body);
        words.extend(form.get("MessageStatus").map(str::to_owned));
        let signed = callbacks::signature("12345", &format!("{}/status?t=abc", hook.base_url()), &form);
        assert_eq!(call.header("x-twilio-signature"), Some(signed.as_str()));
        assert!(call.header("i-twilio-idempotency-token").is_some());
    }
    words.sort();
    assert_eq!(words, ["delivered", "sent"], "and never the first status");
    assert!(running.twilio.journal().contains(r#""kind":"accepted""#) && running.twilio.journal().contains(r#""token":"abc""#));
}

#[test]
fn signatures_are_those_of_the_published_vectors() {
    let form = form::Form::read(b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309");
    assert_eq!(callbacks::signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    let twice = form::Form::read(b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234");
    assert_eq!(callbacks::signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &twice), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
}

#[tokio::test]
async fn wrong_requests_have_the_codes_of_the_real_one() {
    let running = running(Behaviour::default()).await;
    for (to, code) in [
        ("+15005550001", 21_211),
        ("+15005550002", 21_612),
        ("+15005550003", 21_408),
        ("+15005550004", 21_610),
        ("+15005550009", 21_614),
        ("whatsapp:+12125550123", 21_211),
    ] {
        let (status, body) = send(&running, to, &[]).await;
        assert_eq!((status, body["code"].as_u64(), body["status"].as_u64()), (400, Some(code), Some(400)), "{to}");
    }
    for (form, code) in [
        (&[("From", OURS), ("Body", "x")][..], 21_604),
        (&[("To", PHONE), ("Body", "x")], 21_603),
        (&[("To", PHONE), ("From", OURS)], 21_602),
        (&[("To", PHONE), ("From", "+12125550198"), ("Body", "x")], 21_606),
        (&[("To", PHONE), ("From", "+15005550007"), ("Body", "x")], 21_606),
        (&[("To", PHONE), ("From", "+15005550008"), ("Body", "x")], 21_611),
        (&[("To", PHONE), ("From", OURS), ("Body", "x"), ("StatusCallback", "http://a_b.example/")], 21_609),
        (&[("To", PHONE), ("From", OURS), ("Body", "x"), ("ValidityPeriod", "36001")], 20_001),
        (&[("To", PHONE), ("From", OURS), ("Body", &"x".repeat(1_601))], 21_617),
    ] {
        let (status, body) = ask(&running, "POST", &messages(".json"), form).await;
        assert_eq!((status, body["code"].as_u64()), (400, Some(code)));
    }
    let (status, body) = ask(&running, "GET", "/2010-04-01/Accounts/AC2/Messages.json", &[]).await;
    assert_eq!((status, body["code"].as_u64()), (404, Some(20_404)));
    assert_eq!(running.twilio.stats().accepted, 0);
}

#[tokio::test]
async fn the_log_has_pages_newest_first_and_a_text_that_was_not_sent_passes_no_filter_of_time() {
    let running = running(Behaviour::default()).await;
    for _ in 0..5 {
        assert_eq!(send(&running, PHONE, &[]).await.0, 201);
    }
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    running.twilio.set_behaviour(Behaviour { delivery_ms: Range(60_000, 60_000), ..Behaviour::default() });
    let (_, waiting) = send(&running, PHONE, &[]).await;
    let mut path = messages(".json?To=%2B12125550123&PageSize=4");
    let mut seen = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let (_, page) = ask(&running, "GET", &path, &[]).await;
        let found = page["messages"].as_array().unwrap();
        sizes.push(found.len());
        seen.extend(found.iter().map(|message| message["sid"].as_str().unwrap().to_owned()));
        match page["next_page_uri"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(sizes, [4, 2]);
    assert_eq!(seen[0], waiting["sid"].as_str().unwrap());
    assert!(seen.is_sorted_by(|a, b| a > b) && seen.len() == 6);
    let (_, dated) = ask(&running, "GET", &messages(".json?DateSent%3E=2020-01-01"), &[]).await;
    assert_eq!(dated["messages"].as_array().unwrap().len(), 5);
    let (_, later) = ask(&running, "GET", &messages(".json?DateSent%3E=2999-01-01T00%3A00%3A00Z"), &[]).await;
    assert_eq!(later["messages"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_text_is_forgotten_only_at_rest() {
    let running = running(Behaviour { delivery_ms: Range(80, 80), ..Behaviour::default() }).await;
    let (_, first) = send(&running, PHONE, &[]).await;
    let path = messages(&format!("/{}.json", first["sid"].as_str().unwrap()));
    assert_eq!(ask(&running, "DELETE", &path, &[]).await.1["code"].as_u64(), Some(20_009));
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    assert_eq!(ask(&running, "POST", &path, &[("Body", ""), ("Status", "canceled")]).await.1["code"].as_u64(), Some(30_400));
    let (status, redacted) = ask(&running, "POST", &path, &[("Body", "")]).await;
    assert_eq!((status, redacted["body"].as_str()), (200, Some("")));
    assert_eq!(ask(&running, "DELETE", &path, &[]).await.0, 204);
    assert_eq!(ask(&running, "DELETE", &path, &[]).await.1["code"].as_u64(), Some(20_404));
    assert_eq!(ask(&running, "GET", &path, &[]).await.0, 404);
}

#[tokio::test]
async fn one_word_stops_a_sender_and_another_lifts_it() {
    let hook = Scripted::start(vec![Act::AnswerAndClose(response(200, &[("content-type", "text/xml")], "<Response/>"))]).await;
    let running = running(Behaviour { advanced_opt_out: true, ..Behaviour::default() }).await;
    running.twilio.add_sender(OURS, &[], Some(&format!("{}/inbound", hook.base_url())));
    running.twilio.text(PHONE, Some(OURS), "please stop").unwrap();
    assert_eq!(send(&running, PHONE, &[]).await.0, 201);
    running.twilio.text(PHONE, None, " Stop ").unwrap();
    assert_eq!(send(&running, PHONE, &[]).await.1["code"].as_u64(), Some(21_610));
    running.twilio.text(PHONE, None, "START").unwrap();
    assert_eq!(send(&running, PHONE, &[]).await.0, 201);
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    let mut calls: Vec<_> = hook.requests().iter().map(|call| form::Form::read(&call.body)).collect();
    calls.sort_by(|a, b| a.get("MessageSid").cmp(&b.get("MessageSid")));
    let said: Vec<_> = calls.iter().map(|form| (form.get("Body").unwrap(), form.get("OptOutType"))).collect();
    assert_eq!(said, [("please stop", None), (" Stop ", Some("STOP")), ("START", Some("START"))]);
    assert_eq!(running.twilio.got(PHONE).iter().filter(|got| got.sid.is_empty()).count(), 2, "the network answered twice");
    assert_eq!(running.twilio.stats().replied, 0);
}

#[tokio::test]
async fn what_a_webhook_answers_is_texted_to_the_phone() {
    let twiml = "<Response><Message>hi</Message></Response>";
    for (content_type, body) in [("text/xml", twiml), ("text/plain; charset=utf-8", "hi")] {
        let hook = Scripted::start(vec![Act::AnswerAndClose(response(200, &[("content-type", content_type)], body))]).await;
        let running = running(Behaviour::default()).await;
        running.twilio.add_sender(OURS, &[], Some(&hook.base_url()));
        running.twilio.text(PHONE, Some(OURS), "hello").unwrap();
        assert!(running.twilio.settled(Duration::from_secs(2)).await);
        assert_eq!(running.twilio.got(PHONE)[0].body, "hi");
        assert_eq!(running.twilio.stats().replied, 1);
    }
}

#[tokio::test]
async fn callbacks_are_repeated_as_their_address_asks() {
    let down = || Act::AnswerAndClose(response(503, &[], ""));
    for (fragment, requests, taken) in [("", 1, 0), ("#rc=3&rp=all", 3, 1), ("#rc=1&rp=5xx", 2, 0), ("#rc=5&rp=4xx", 1, 0)] {
        let hook = Scripted::start(vec![down(), down(), Act::AnswerAndClose(response(204, &[], ""))]).await;
        let running = running(Behaviour::default()).await;
        running.twilio.add_sender(OURS, &[], Some(&format!("{}{fragment}", hook.base_url())));
        running.twilio.text(PHONE, Some(OURS), "hello").unwrap();
        assert!(running.twilio.settled(Duration::from_secs(3)).await);
        let stats = running.twilio.stats();
        assert_eq!((hook.requests().len(), stats.acknowledged, stats.given_up), (requests, taken, 1 - taken), "{fragment}");
        let tokens: std::collections::HashSet<_> =
            hook.requests().iter().map(|call| call.header("i-twilio-idempotency-token").map(str::to_owned)).collect();
        assert_eq!(tokens.len(), 1, "a repeat says that it is one");
    }
}

#[tokio::test]
async fn faults_come_as_asked() {
    let numbers = [
        ("+12125550120", Quirk::DropBeforeAccept, 0, 0),
        ("+12125550121", Quirk::DropAfterAccept, 0, 1),
        ("+12125550122", Quirk::ErrorBeforeAccept, 503, 0),
        ("+12125550123", Quirk::ErrorAfterAccept, 500, 1),
        ("+12125550124", Quirk::GarbageAfterAccept, 201, 1),
        ("+12125550125", Quirk::Throttle, 429, 0),
        ("+12125550126", Quirk::Refuse(30_007), 400, 0),
        ("+12125550127", Quirk::Undelivered(30_005), 201, 1),
        ("+12125550128", Quirk::Unconfirmed, 201, 1),
    ];
    let behaviour =
        Behaviour { numbers: numbers.iter().map(|(to, quirk, ..)| ((*to).to_owned(), *quirk)).collect(), ..Behaviour::default() };
    let running = running(behaviour).await;
    for (to, quirk, status, taken) in numbers {
        assert_eq!(send(&running, to, &[]).await.0, status, "{quirk:?}");
        let (_, page) = ask(&running, "GET", &messages(&format!(".json?To={}", form::escape(to))), &[]).await;
        assert_eq!(page["messages"].as_array().unwrap().len(), taken, "{quirk:?}");
    }
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    assert_eq!(running.twilio.got("+12125550127").len(), 0);
    assert_eq!(running.twilio.got("+12125550128").len(), 1);
    let (_, page) = ask(&running, "GET", &messages(".json?To=%2B12125550128"), &[]).await;
    assert_eq!(page["messages"][0]["status"].as_str(), Some("sent"));
    let settings: Behaviour = serde_json::from_str(&serde_json::to_string(&running.twilio.behaviour()).unwrap()).unwrap();
    assert!(settings == running.twilio.behaviour(), "behaviour travels as JSON");
}

#[tokio::test]
async fn a_text_does_not_outlive_its_validity() {
    let running = running(Behaviour { delivery_ms: Range(5_000, 5_000), ..Behaviour::default() }).await;
    let (_, sent) = send(&running, PHONE, &[("ValidityPeriod", "1")]).await;
    assert!(running.twilio.settled(Duration::from_secs(4)).await);
    let (_, shown) = ask(&running, "GET", &messages(&format!("/{}.json", sent["sid"].as_str().unwrap())), &[]).await;
    assert_eq!((shown["status"].as_str(), shown["error_code"].as_u64()), (Some("failed"), Some(30_036)));
    assert!(running.twilio.got(PHONE).is_empty() && shown["date_sent"].is_null());
}

#[tokio::test]
async fn a_tester_steers_it_by_requests() {
    let hook = Scripted::start(vec![Act::AnswerAndClose(response(204, &[], ""))]).await;
    let running = running(Behaviour::default()).await;
    let put = |method: &'static str, path: &'static str, json: String| {
        let address = running.address;
        async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let length = json.len();
            let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n");
            stream.write_all(format!("{head}content-length: {length}\r\n\r\n{json}").as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        }
    };
    let hooked = serde_json::json!({ "inbound_url": hook.base_url() }).to_string();
    assert!(put("PUT", "/senders/+12125550198", hooked).await.starts_with("HTTP/1.1 204"));
    let text = serde_json::json!({ "to_sender": "+12125550198", "body": "hi" }).to_string();
    assert!(put("POST", "/phones/%2B12125550123/texts", text).await.starts_with("HTTP/1.1 201"));
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    assert_eq!(hook.requests().len(), 1);
    assert!(put("PUT", "/behaviour", r#"{"seed":9}"#.into()).await.starts_with("HTTP/1.1 204"));
    assert_eq!(running.twilio.behaviour().seed, 9);
    let stats = put("GET", "/stats", String::new()).await;
    let stats: Stats = serde_json::from_str(stats.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((stats.texts, stats.acknowledged, stats.at_rest()), (1, 1, true));
}

#[tokio::test]
async fn callbacks_wait_for_a_server_that_is_away_when_that_is_asked_for() {
    let down = || Act::AnswerAndClose(response(503, &[], ""));
    let hook = Scripted::start(vec![Act::CloseUnread, down(), down(), Act::AnswerAndClose(response(204, &[], ""))]).await;
    let running = running(Behaviour { callback_retry_s: Some(60), ..Behaviour::default() }).await;
    running.twilio.add_sender(OURS, &[], Some(&hook.base_url()));
    running.twilio.text(PHONE, Some(OURS), "hello").unwrap();
    assert!(running.twilio.settled(Duration::from_secs(10)).await);
    let stats = running.twilio.stats();
    assert_eq!((hook.connections(), stats.acknowledged, stats.given_up), (4, 1, 0));
    let hook = Scripted::start(vec![Act::AnswerAndClose(response(403, &[], ""))]).await;
    running.twilio.add_sender(OURS, &[], Some(&hook.base_url()));
    running.twilio.text(PHONE, Some(OURS), "hello").unwrap();
    assert!(running.twilio.settled(Duration::from_secs(10)).await);
    assert_eq!((hook.connections(), running.twilio.stats().turned_away), (1, 1), "a refusal is not repeated");
}

#[tokio::test]
async fn an_account_with_redaction_shows_neither_words_nor_numbers_of_texts_at_rest() {
    let behaviour = Behaviour { redaction: true, number_redaction: true, ..Behaviour::default() };
    let hook = Scripted::start(vec![Act::AnswerAndClose(response(204, &[], ""))]).await;
    let running = running(behaviour).await;
    running.twilio.add_sender(OURS, &[], Some(&hook.base_url()));
    let (_, sent) = send(&running, PHONE, &[]).await;
    assert_eq!(sent["body"].as_str(), Some("hello"));
    running.twilio.text(PHONE, Some(OURS), "words").unwrap();
    assert!(running.twilio.settled(Duration::from_secs(2)).await);
    let (_, all) = ask(&running, "GET", &messages(".json"), &[]).await;
    let all = all["messages"].as_array().unwrap();
    assert!(all.len() == 2 && all.iter().all(|message| message["body"] == "" && !message.to_string().contains(PHONE)), "{all:?}");
    let (_, found) = ask(&running, "GET", &messages(".json?To=%2B12125550123"), &[]).await;
    assert!(found["messages"].as_array().unwrap().is_empty());
    assert_eq!(form::Form::read(&hook.requests()[0].body).get("Body"), Some("words"), "the callback has them");
}
