//! What an application asks for goes through the gate, and it learns at once what the gate says.

use super::{Client, FROM, Grant};
use crate::site::{LOCAL, Site};
use jiff::SignedDuration;
use wellsent_domain::consent::Channel;
use wellsent_domain::gate::Reached;
use wellsent_domain::person::Obtained;
use wellsent_domain::sender::SenderKind;
use wellsent_domain::{Language, Phi};
use wellsent_store::people::ContactData;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{numbers, people};
use wellsent_testkit::house::{Backend, House, Plan, consent};

#[tokio::test(flavor = "multi_thread")]
async fn a_text_arrives_and_its_steps_can_be_followed() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
        let taken = client.send(&site, &patient.number.to_e164(), "Please bring your insurance card.").await;
        let sid = taken.sid();
        assert!(sid.starts_with("SM") && sid.len() == 34);
        let value = &taken.value;
        assert_eq!((&value["status"], &value["direction"], &value["from"]), (&"queued".into(), &"outbound-api".into(), &FROM.into()));
        assert_eq!(
            (&value["num_segments"], &value["num_media"], &value["error_code"]),
            (&"1".into(), &"0".into(), &serde_json::Value::Null)
        );
        assert_eq!(value["date_created"], "Mon, 01 Mar 2027 17:00:00 +0000");
        assert_eq!(
            (&value["date_sent"], &value["price"], value.get("wellsent")),
            (&serde_json::Value::Null, &serde_json::Value::Null, None)
        );
        site.house.settle().await;
        assert_eq!(site.house.got(&patient.number), ["Please bring your insurance card."]);
        let now = client.look(&site, &sid).await;
        assert_eq!((&now["status"], &now["date_sent"]), (&"delivered".into(), &"Mon, 01 Mar 2027 17:00:00 +0000".into()));
        let ledger = site.ledger().await.join("\n");
        assert!(ledger.contains(r#""kind":"application_text""#) && ledger.contains(&format!(r#""actor":"{}""#, client.id)));
        assert!(ledger.contains(r#""kind":"ruling""#) && !ledger.contains("insurance"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_at_once_with_twilios_code_and_our_reasons() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
        site.house.says(&patient.number, "STOP").await;
        let before = site.house.got(&patient.number).len();
        let refused = client.send(&site, &patient.number.to_e164(), "Please bring your insurance card.").await;
        assert_eq!(refused.code(), (400, 21610));
        assert_eq!(refused.value["status"], 400);
        assert!(refused.value["more_info"].as_str().unwrap().ends_with("/21610"));
        assert_eq!(refused.reasons(), ["suppressed"]);
        let reason = &refused.value["wellsent"]["reasons"][0];
        assert_eq!(reason["rule"], "T-08");
        assert!(reason["sentence"].as_str().unwrap().ends_with('.') && reason["remedy"].as_str().unwrap().contains("START"));
        let stranger = client.send(&site, "+12125550177", "hello").await;
        assert_eq!(stranger.code(), (400, 70001), "nobody here has this number");
        assert!(!stranger.value.to_string().contains("2125550177"));
        site.house.settle().await;
        assert_eq!(site.house.got(&patient.number).len(), before, "nothing went");
        assert_eq!(client.get(&site, "/Messages.json?PageSize=1000").await.value["messages"].as_array().unwrap().len(), 1, "only the STOP");
        let ledger = site.ledger().await.join("\n");
        assert!(ledger.contains(r#""ruling":"refuse","reasons":"suppressed""#), "a refusal at the door is a ruling too");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_have_the_codes_that_programs_know() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    let to = patient.number.to_e164();
    let (to, long) = (to.as_str(), "x".repeat(1_601));
    let cases: [(&[(&str, &str)], i64); 22] = [
        (&[("From", FROM), ("Body", "hi")], 21604),
        (&[("To", "12"), ("From", FROM), ("Body", "hi")], 21211),
        (&[("To", "+442071838750"), ("From", FROM), ("Body", "hi")], 21211),
        (&[("To", "whatsapp:+12125550123"), ("From", FROM), ("Body", "hi")], 21211),
        (&[("To", "rcs:agent"), ("From", FROM), ("Body", "hi")], 21211),
        (&[("To", to), ("Body", "hi")], 21603),
        (&[("To", to), ("From", "+12125550155"), ("Body", "hi")], 21606),
        (&[("To", to), ("From", "whatsapp:+12125550199"), ("Body", "hi")], 21606),
        (&[("To", to), ("MessagingServiceSid", "MG00000000000000000000000000000000"), ("Body", "hi")], 21705),
        (&[("To", to), ("From", FROM)], 21602),
        (&[("To", to), ("From", FROM), ("Body", "   ")], 21602),
        (&[("To", to), ("From", FROM), ("Body", &long)], 21617),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("MediaUrl", "https://a.example/x.png")], 21620),
        (&[("To", to), ("From", FROM), ("ContentSid", "HX00000000000000000000000000000000")], 21655),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("StatusCallback", "https://elsewhere.example/")], 21609),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("StatusCallback", "http://169.254.169.254/")], 21609),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("ScheduleType", "fixed")], 35111),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("ScheduleType", "fixed"), ("SendAt", "2027-03-01T17:14:59Z")], 35114),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("ScheduleType", "fixed"), ("SendAt", "2027-04-06T17:00:00Z")], 35114),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("ValidityPeriod", "36001")], 20001),
        (&[("To", to), ("From", FROM), ("Body", "hi"), ("Template", "reminder")], 20001),
        (&[("To", to), ("From", FROM), ("Template", "stop_confirm")], 70007),
    ];
    for (form, code) in cases {
        let answer = client.post(&site, "/Messages.json", form).await;
        assert_eq!(answer.code(), (400, code), "{form:?} {:?}", answer.value);
        assert!(!answer.value.to_string().contains(&to[2..]), "no error repeats a number");
    }
    assert_eq!(client.get(&site, "/Messages.json").await.value["messages"].as_array().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_gives_the_same_text_and_never_a_second_one() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
        let to = patient.number.to_e164();
        let form = [("To", to.as_str()), ("From", FROM), ("Body", "Your forms are ready.")];
        let path = client.path("/Messages.json");
        let ask = |key: Option<&'static str>| client.ask(&site, axum::http::Method::POST, &path, &form, key);
        let many = futures_util::future::join_all((0..8).map(|_| ask(Some("first")))).await;
        let sids: std::collections::BTreeSet<String> = many.iter().map(super::Json::sid).collect();
        assert_eq!(sids.len(), 1, "{backend:?}");
        assert_eq!(many.iter().filter(|answer| !answer.headers.contains_key("idempotent-replayed")).count(), 1);
        site.house.settle().await;
        assert_eq!(ask(Some("first")).await.value["status"], "delivered", "as it stands now");
        site.house.settle().await;
        assert_eq!(site.house.got(&patient.number).len(), 1);
        let other = [("To", to.as_str()), ("From", FROM), ("Body", "Your forms are ready!")];
        let misused = client.ask(&site, axum::http::Method::POST, &path, &other, Some("first")).await;
        assert_eq!(misused.code(), (400, 70010));
        // Another application's key of the same name is another key.
        let neighbour = Client::plain(&site.house).await;
        let theirs = neighbour.ask(&site, axum::http::Method::POST, &neighbour.path("/Messages.json"), &form, Some("first")).await;
        assert!(!sids.contains(&theirs.sid()));
        // The control: without a key the same request is another text each time.
        let (one, two) = (ask(None).await.sid(), ask(None).await.sid());
        assert_ne!(one, two);
        site.house.settle().await;
        assert_eq!(site.house.got(&patient.number).len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_under_a_key_is_repeated_until_another_key_is_used() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    let (number, now) = (patient.number, site.house.engine.now());
    site.house
        .write(move |tx| {
            let key = numbers::key(tx, number);
            numbers::suppress(tx, key, Channel::Spoken, None, now)
        })
        .await;
    let to = number.to_e164();
    let form = [("To", to.as_str()), ("From", FROM), ("Body", "Your forms are ready.")];
    let path = client.path("/Messages.json");
    for _ in 0..2 {
        let answer = client.ask(&site, axum::http::Method::POST, &path, &form, Some("one")).await;
        assert_eq!((answer.code(), answer.reasons()), ((400, 21610), vec!["suppressed"]));
    }
    let person = patient.person;
    site.house.wait_until(now + SignedDuration::from_secs(1));
    let later = site.house.engine.now();
    site.house
        .write(move |tx| {
            let key = numbers::key(tx, number);
            numbers::resume(tx, key, person, Channel::Spoken, later)
        })
        .await;
    assert_eq!(client.ask(&site, axum::http::Method::POST, &path, &form, Some("one")).await.code(), (400, 21610));
    client.ask(&site, axum::http::Method::POST, &path, &form, Some("two")).await.sid();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tells_of_health_goes_as_a_link_and_the_application_does_not_get_the_link() {
    let house = House::build(Plan::on(Backend::Sqlite)).await;
    let (client, patient) = (Client::plain(&house).await, house.patient().await);
    // The warning is withdrawn, so details may not go by text.
    let (contact, person, now) = (patient.contact, patient.person, house.engine.now());
    house
        .write(move |tx| {
            let record = consent(person, contact, now);
            wellsent_store::consents::record_warning(tx, record, wellsent_domain::consent::ConsentAct::WarningWithdrawn).map(drop)
        })
        .await;
    let site = Site::of(house, LOCAL, true);
    let words = "Your HIV test was positive, call us.";
    let sid = client.send(&site, &patient.number.to_e164(), words).await.sid();
    site.house.settle().await;
    let got = site.house.got(&patient.number).join("\n");
    assert!(got.contains("https://go.elmst.example/s/") && !got.contains("HIV"), "{got}");
    let seen = client.look(&site, &sid).await;
    assert_eq!((seen["body"].as_str(), seen["wellsent"]["wording"].as_str()), (Some(words), Some("notice")));
    assert!(!seen.to_string().contains("/s/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_shared_phone_what_one_may_not_get_none_gets_unless_it_is_said_who_is_meant() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
        let second = site.house.patient_at(patient.number, Language::En).await;
        let to = patient.number.to_e164();
        client.send(&site, &to, "The office is closed on Monday.").await.sid();
        let (number, now) = (patient.number, site.house.engine.now());
        // A third person is reached there who agreed to nothing.
        site.house
            .write(move |tx| {
                let data = people::PersonData {
                    record_number: Some(Phi::new("R-third".into())),
                    name: Phi::new(wellsent_domain::person::Name { given: "Ben".into(), family: "Ode".into() }),
                    birth_date: None,
                    language: Language::En,
                    zone: None,
                    standing: wellsent_domain::person::Standing::Active,
                    sensitive: false,
                };
                let person = people::add(tx, &data, None, now)?;
                let contact =
                    ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: None, reached: Reached::Own };
                people::set_number(tx, person, &contact, now)
            })
            .await;
        let refused = client.send(&site, &to, "The office is closed on Monday.").await;
        assert_eq!((refused.code(), refused.reasons()), ((400, 70001), vec!["no_consent"]));
        let record = site.house.write(move |tx| Ok(people::get(tx, second.person)?.record_number)).await.unwrap();
        let named = [("To", to.as_str()), ("From", FROM), ("Body", "The office is closed."), ("Patient", record.expose().as_str())];
        client.post(&site, "/Messages.json", &named).await.sid();
        let nobody = [("To", to.as_str()), ("From", FROM), ("Body", "The office is closed."), ("Patient", "R-nobody")];
        assert_eq!(client.post(&site, "/Messages.json", &nobody).await.code(), (400, 70009));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_may_name_a_template_and_set_what_is_its_to_set() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    let to = patient.number.to_e164();
    let ask = async |template: &str, values: &str| {
        client.post(&site, "/Messages.json", &[("To", to.as_str()), ("From", FROM), ("Template", template), ("Variables", values)]).await
    };
    assert_eq!(ask("reminder", r#"{"when":"Wed 3/10 2:15 PM"}"#).await.code(), (400, 70007), "its answers belong to a visit");
    assert_eq!(ask("nothing_like_it", "{}").await.code(), (400, 70007));
    assert_eq!(ask("closure", "{}").await.code(), (400, 70008), "a value is missing");
    assert_eq!(ask("closure", "[]").await.code(), (400, 21656));
    for values in [
        r#"{"day":"Wed 3/10","practice":"Other"}"#,
        r#"{"day":"Wed 3/10","link":"https://evil.example/"}"#,
        r#"{"day":"for your HIV test result"}"#,
        r#"{"day":"Wed 3/10","ssn":"000-00-0000"}"#,
        r#"{"day":"Wed 3/10","colour":"red"}"#,
    ] {
        assert_eq!(ask("closure", values).await.code(), (400, 70008), "{values}");
    }
    ask("closure", r#"{"day":"Wed 3/10"}"#).await.sid();
    site.house.settle().await;
    let got = site.house.got(&patient.number);
    assert!(got.len() == 1 && got[0].starts_with("Elm St Clinic") && got[0].contains("closed Wed 3/10"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_leaves_from_the_number_that_the_application_names() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (patient, now) = (site.house.patient().await, site.house.engine.now());
        let second = "+12125550198";
        let sender = site
            .house
            .write(move |tx| senders::add(tx, &NewSender::approved("simulator", second, SenderKind::Simulated, 6_000), now))
            .await;
        let client = Client::with(&site.house, Grant { senders: vec![site.house.sender, sender], ..Grant::default() }).await;
        let numbers = client.get(&site, "/IncomingPhoneNumbers.json").await;
        let listed: Vec<_> =
            numbers.value["incoming_phone_numbers"].as_array().unwrap().iter().map(|one| one["phone_number"].as_str().unwrap()).collect();
        assert_eq!(listed, [FROM, second]);
        let to = patient.number.to_e164();
        let mut sent = Vec::new();
        for from in [second, FROM, second] {
            sent.push(client.post(&site, "/Messages.json", &[("To", &to), ("From", from), ("Body", "The office is open.")]).await.sid());
            site.house.settle().await;
        }
        let froms: Vec<_> = {
            let mut froms = Vec::new();
            for sid in &sent {
                froms.push(client.look(&site, sid).await["from"].as_str().unwrap().to_owned());
            }
            froms
        };
        assert_eq!(froms, [second, FROM, second]);
        let by_service = client
            .post(&site, "/Messages.json", &[("To", &to), ("MessagingServiceSid", &client.service), ("Body", "The office is open.")])
            .await;
        assert_eq!((&by_service.value["status"], &by_service.value["from"]), (&"accepted".into(), &serde_json::Value::Null));
        assert_eq!(by_service.value["messaging_service_sid"], client.service);
        site.house.settle().await;
        assert!(client.look(&site, &by_service.sid()).await["from"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_carriers_block_is_refused_wherever_it_stands() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    let to = patient.number.to_e164();
    for body in ["Pay at bit.ly/abc", "Forms: https://tinyurl.com/x.", "See https://elmst.example@evil.example/forms"] {
        assert_eq!(client.send(&site, &to, body).await.code(), (400, 70011), "{body}");
    }
    for values in [r#"{"day":"Wed, see evil.com/pay"}"#, r#"{"day":"https://evil.example/"}"#, r#"{"day":"bit.ly/x"}"#] {
        let form = [("To", to.as_str()), ("From", FROM), ("Template", "closure"), ("Variables", values)];
        assert_eq!(client.post(&site, "/Messages.json", &form).await.code(), (400, 70008), "{values}");
    }
    // The control: a page of the practice's website.
    client.send(&site, &to, "Our forms are at https://elmst.example/forms").await.sid();
    site.house.settle().await;
    assert_eq!(site.house.got(&patient.number).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_texts_of_any_make_are_taken_or_refused_and_never_half_read() {
    let site = Site::local().await;
    let (client, patient) = (Client::plain(&site.house).await, site.house.patient().await);
    let to = patient.number.to_e164();
    for wrong in
        [format!("{to};ext=1"), format!("{to},,1"), format!("{to} x1"), format!("{to}\n+12125550177"), "+1 (212) 555-0123;ext=1".into()]
    {
        assert_eq!(client.send(&site, &wrong, "The office is closed.").await.code(), (400, 21211), "{wrong:?}");
    }
    for address in [
        "https://user:word@app.example.com/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::1]/",
        "https://2130706433/",
        "https://app.example.com.evil.example/",
        "https://app.example.com:8443/",
        "//app.example.com/",
        "https:\\\\app.example.com/",
    ] {
        let form = [("To", to.as_str()), ("From", FROM), ("Body", "The office is closed."), ("StatusCallback", address)];
        assert_eq!(client.post(&site, "/Messages.json", &form).await.code(), (400, 21609), "{address}");
    }
    // The longest text is counted in characters, not in units: it goes as a link.
    let long = "\u{1f600}".repeat(1_600);
    assert!(matches!(client.send(&site, &to, &long).await.status, 201 | 400));
    let longer = "\u{1f600}".repeat(1_601);
    assert_eq!(client.send(&site, &to, &longer).await.code(), (400, 21617));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_sees_and_changes_nothing_of_another_of_the_same_practice() {
    for backend in Backend::all() {
        let site = Site::on(backend, LOCAL, true).await;
        let (one, other) = (Client::plain(&site.house).await, Client::plain(&site.house).await);
        let patient = site.house.patient().await;
        let sid = one.send(&site, &patient.number.to_e164(), "The office is closed.").await.sid();
        one.send(&site, &patient.number.to_e164(), "The office is open again.").await.sid();
        let page = one.get(&site, "/Messages.json?PageSize=1").await;
        let next = page.value["next_page_uri"].as_str().unwrap().split_once('?').unwrap().1.to_owned();
        let stolen = other.get(&site, &format!("/Messages.json?{next}")).await;
        assert_eq!(
            (stolen.status, stolen.value["messages"].as_array().unwrap().len()),
            (200, 0),
            "a token holds a question, not an answer"
        );
        let path = format!("/Messages/{sid}.json");
        assert_eq!(other.get(&site, &path).await.code(), (404, 20404));
        for form in [[("Body", "")], [("Status", "canceled")]] {
            assert_eq!(other.post(&site, &path, &form).await.code(), (404, 20404));
        }
        let deleted = other.ask(&site, axum::http::Method::DELETE, &other.path(&path), &[], None).await;
        assert_eq!(deleted.code(), (404, 20404));
        for odd in [
            "DateSent=9999-12-31",
            "DateSent=-009999-01-01",
            "DateSent%3C=9999-12-30T22:00:00Z",
            "DateSent%3E=-009999-01-02T02:00:00Z",
            "Page=9223372036854775807",
        ] {
            let answer = one.get(&site, &format!("/Messages.json?{odd}")).await;
            assert!(matches!(answer.status, 200 | 400), "{odd}: {}", answer.status);
        }
        assert_eq!(one.look(&site, &sid).await["sid"], sid.as_str());
    }
}
