//! Nothing of a patient leaves by another way than the page itself: not by logs, not by headers, not by addresses (P6).

use crate::secure_pages;
use crate::site::{Answer, Site};
use axum::body::Body;
use axum::http::{Request, header};
use jiff::civil::Date;
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::{Language, Phi, PhoneNumber};
use wellsent_store::people::{self, ContactData, PersonData};
use wellsent_testkit::canary::{Canary, Kind, LogBuffer, Scanner};
use wellsent_testkit::house::Patient;

const GIVEN: &str = "Quixana";
const FAMILY: &str = "Zebulonova";
const RECORD: &str = "RX-7741903";
const NUMBER: &str = "+19295550186";
const WORDS: &str = "my porphyria is worse";

fn scanner() -> Scanner {
    let canary = |what: &str, kind, value: &str| Canary { what: what.to_owned(), kind, value: value.to_owned() };
    Scanner::new(vec![
        canary("given name", Kind::Words, GIVEN),
        canary("family name", Kind::Words, FAMILY),
        canary("record number", Kind::Words, RECORD),
        canary("number", Kind::Number, NUMBER),
        canary("words", Kind::Words, WORDS),
    ])
}

fn headers(answer: &Answer) -> Vec<u8> {
    answer.headers.iter().flat_map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_headers_and_addresses_tell_nothing_of_a_patient() {
    let logs = LogBuffer::listen();
    let site = Site::local().await;
    let jar = site.sign_in().await;
    let (now, number) = (site.house.engine.now(), PhoneNumber::parse(NUMBER).unwrap());
    let (person, contact) = site
        .house
        .write(move |tx| {
            let data = PersonData {
                record_number: Some(Phi::new(RECORD.into())),
                name: Phi::new(Name { given: GIVEN.into(), family: FAMILY.into() }),
                birth_date: Some(Phi::new(Date::constant(1971, 4, 9))),
                language: Language::En,
                zone: None,
                standing: Standing::Active,
                sensitive: false,
            };
            let person = people::add(tx, &data, None, now)?;
            let contact = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: None, reached: Reached::Own };
            Ok((person, people::set_number(tx, person, &contact, now)?))
        })
        .await;
    site.house.says(&number, WORDS).await;

    let scanner = scanner();
    let page = site.get(&format!("/people/{person}"), &jar).await;
    let shown = scanner.scan("page", page.body.as_bytes());
    for what in ["given name", "family name", "record number", "number", "words"] {
        assert!(shown.iter().any(|hit| hit.what == what), "the page itself shows the {what}, so the scanner would find it elsewhere");
    }

    let csv = format!("patient_id,first_name,last_name,mobile_phone\n{RECORD},{GIVEN},{FAMILY},{NUMBER}9999\n\"");
    let upload = format!(
        "--x\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\npatients\r\n--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{FAMILY}.csv\"\r\n\r\n{csv}\r\n--x--\r\n"
    );
    let import = Request::post("/import")
        .header(header::COOKIE, &jar)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from(upload))
        .unwrap();
    let typed = NUMBER.replace('+', "%2B");
    let reply = format!("contact_point={contact}&back=/people/{person}&body={}", WORDS.replace(' ', "+"));
    let hook = format!("/hooks/simulator/{}/inbound?from={typed}", site.house.sender);
    let mut answers = vec![
        page,
        site.get(&format!("/people?q={FAMILY}"), &jar).await,
        site.post("/people", &format!("q={typed}"), &jar).await,
        site.search(FAMILY, &jar).await,
        site.get(&format!("/no-such-page/{FAMILY}?n={typed}"), &jar).await,
        site.get(&format!("/people/{FAMILY}"), &jar).await,
        site.get(&format!("/ledger?before={FAMILY}"), &jar).await,
        site.get(&format!("/sign-in/{FAMILY}"), "").await,
        site.get("/inbox", &jar).await,
        site.get(&format!("/inbox/{contact}"), &jar).await,
        site.post(&format!("/people/{person}/reply"), &reply, &jar).await,
        site.post(&format!("/people/{person}/reply"), &format!("{reply}&acknowledged=yes"), &jar).await,
        site.post(&format!("/people/{person}/reply"), &format!("body={FAMILY}"), &jar).await,
        site.ask(import).await,
        site.post(&hook, &format!("{{\"from\":\"{NUMBER}\",\"body\":\"{WORDS}\"}}"), "").await,
    ];
    let patient = Patient { person, contact, number };
    answers.extend(secure_pages::walk(&site, &patient, WORDS).await);
    site.house.settle().await;
    for (place, answer) in answers.iter().enumerate() {
        let hits = scanner.scan("headers", &headers(answer));
        assert!(hits.is_empty(), "answer {place}: {hits:?}");
    }
    let logged = logs.bytes();
    assert!(String::from_utf8_lossy(&logged).contains("/people/{id}"), "the log was listened to");
    let hits = scanner.scan("log", &logged);
    assert!(hits.is_empty(), "{hits:?}");
}
