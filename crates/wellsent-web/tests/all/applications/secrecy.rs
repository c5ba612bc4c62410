//! Nothing of a patient and no secret of an application leaves by another way than the answer and the call themselves (P6).

use super::callbacks::Receiver;
use super::{Client, FROM};
use crate::site::{LOCAL, Site};
use axum::http::Method;
use std::time::Duration;
use wellsent_domain::{Language, PhoneNumber};
use wellsent_engine::Workers;
use wellsent_testkit::canary::{Canary, Kind, LogBuffer, Scanner};
use wellsent_testkit::house::{Backend, House, Plan};

const NUMBER: &str = "+19295550185";
const WORDS: &str = "quokkas of porphyry lane";
const ANSWER: &str = "zebras beneath the aqueduct";
const SECRET_PATH: &str = "hook-of-quetzalcoatl";

fn scanner(client: &Client) -> Scanner {
    let canary = |what: &str, kind, value: &str| Canary { what: what.to_owned(), kind, value: value.to_owned() };
    Scanner::new(vec![
        canary("number", Kind::Number, NUMBER),
        canary("words", Kind::Words, WORDS),
        canary("answer", Kind::Words, ANSWER),
        canary("address of calls", Kind::Words, SECRET_PATH),
        canary("token", Kind::Words, &client.secret),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_headers_page_addresses_and_the_database_tell_nothing() {
    let logs = LogBuffer::listen();
    let house = House::build(Plan::on(Backend::Sqlite)).await;
    let receiver = Receiver::start().await;
    let mut grant = receiver.grant();
    grant.status_url = None;
    let client = Client::with(&house, grant).await;
    let number = PhoneNumber::parse(NUMBER).unwrap();
    house.patient_at(number, Language::En).await;
    let site = Site::of(house, LOCAL, true);
    let url = receiver.url(&format!("/{SECRET_PATH}"));
    let form = [("To", NUMBER), ("From", FROM), ("Body", WORDS), ("StatusCallback", url.as_str())];
    let mut answers = vec![client.post(&site, "/Messages.json", &form).await];
    let sid = answers[0].sid();
    site.house.settle().await;
    receiver.will_answer(500, "");
    site.house.engine.call_applications(site.house.practice).await.unwrap();
    receiver.will_answer(200, &format!("<Response><Message>{ANSWER}</Message></Response>"));
    site.house.says(&number, WORDS).await;
    for _ in 0..3 {
        site.house.engine.call_applications(site.house.practice).await.unwrap();
        site.house.wait_until(site.house.engine.now() + jiff::SignedDuration::from_secs(10));
        site.house.settle().await;
    }
    let encoded = NUMBER.replace('+', "%2B");
    let wrong = Client { secret: WORDS.into(), ..client.clone() };
    answers.extend([
        client.get(&site, &format!("/Messages.json?To={encoded}&PageSize=1")).await,
        client.get(&site, &format!("/Messages/{WORDS}.json").replace(' ', "%20")).await,
        client.get(&site, &format!("/Messages.json?PageToken={encoded}")).await,
        client.post(&site, "/Messages.json", &[("To", "12"), ("From", NUMBER), ("Body", WORDS)]).await,
        client.post(&site, "/Messages.json", &[("To", NUMBER), ("From", NUMBER), ("Body", WORDS)]).await,
        client.post(&site, "/Messages.json", &[("To", NUMBER), ("From", FROM), ("Template", WORDS), ("Variables", WORDS)]).await,
        client.ask(&site, Method::POST, &client.path("/Messages.json"), &form, Some(WORDS)).await,
        wrong.get(&site, "/Messages.json").await,
    ]);
    let scanner = scanner(&client);
    let shown = scanner.scan("answer", client.look(&site, &sid).await.to_string().as_bytes());
    assert_eq!(shown.len(), 2, "number and words stand in the answer itself, so they would be found elsewhere");
    assert_eq!(site.house.got(&number).iter().filter(|text| text.contains(ANSWER)).count(), 1, "the answer went");
    for (place, answer) in answers.iter().enumerate() {
        let headers: Vec<u8> =
            answer.headers.iter().flat_map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat()).collect();
        let hits = scanner.scan("headers", &headers);
        assert!(hits.is_empty(), "answer {place}: {hits:?}");
        let mut value = answer.value.clone();
        if let Some(object) = value.as_object_mut() {
            // What an answer is for: the text itself.
            object.retain(|name, _| !matches!(name.as_str(), "messages" | "to" | "from" | "body"));
        }
        let hits = scanner.scan("answer", value.to_string().as_bytes());
        assert!(hits.is_empty(), "answer {place}: {hits:?}");
    }
    let logged = logs.bytes();
    assert!(String::from_utf8_lossy(&logged).contains("/2010-04-01/Accounts/{account}/Messages.json"), "the log was listened to");
    let hits = scanner.scan("log", &logged);
    assert!(hits.is_empty(), "{hits:?}");
    for file in std::fs::read_dir(site.house.folder.path()).unwrap() {
        let file = file.unwrap().path();
        let hits = scanner.scan("database", &std::fs::read(&file).unwrap());
        assert!(hits.is_empty(), "{}: {hits:?}", file.display());
    }
    let ledger = site.ledger().await.join("\n");
    assert!(scanner.scan("ledger", ledger.as_bytes()).is_empty() && ledger.contains(r#""kind":"disclosed""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_server_makes_the_calls_by_itself() {
    let site = Site::local().await;
    let receiver = Receiver::start().await;
    let client = Client::with(&site.house, receiver.grant()).await;
    let patient = site.house.patient().await;
    let workers = Workers::start(&site.house.engine);
    client.send(&site, &patient.number.to_e164(), "Please bring your card.").await.sid();
    let began = std::time::Instant::now();
    while receiver.came().len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody calls");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    workers.stop().await;
    let told: Vec<_> = receiver.came().iter().map(|call| call.get("MessageStatus").unwrap().to_owned()).collect();
    assert_eq!(told, ["sent", "delivered"]);
}
