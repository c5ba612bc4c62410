//! What pages show, on both databases, and that each reading is on the ledger (P7).

use crate::site::{LOCAL, Site};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wellsent_domain::message::MessageState;
use wellsent_domain::{Language, PhoneNumber};
use wellsent_store::views::messages::Filter;
use wellsent_store::{StoreError, SystemTx, ledger, numbers, views};
use wellsent_testkit::house::{Backend, House, Patient, Plan};

struct Day {
    visits_on: Date,
    site: Site,
    jar: String,
    confirmed: Patient,
    stopped: Patient,
    quiet: Patient,
    family: [Patient; 2],
}

/// A day on which one confirmed, one stopped texts, one kept quiet, and two share a phone.
async fn day(backend: Backend) -> Day {
    let house = House::build(Plan::on(backend)).await;
    let (confirmed, stopped, quiet) = (house.patient().await, house.patient().await, house.patient().await);
    let shared = PhoneNumber::parse("+17185550177").unwrap();
    let family = [house.patient_at(shared, Language::Es).await, house.patient_at(shared, Language::En).await];
    let soon = house.engine.now() + SignedDuration::from_hours(49);
    for patient in [&confirmed, &stopped, &quiet, &family[0]] {
        house.visit(patient, soon).await;
    }
    house.settle().await;
    // Reminders are due at ten in the morning two days before.
    let due = house.engine.next_due().await.unwrap().expect("a reminder is planned");
    house.wait_until(due);
    house.settle().await;
    house.says(&confirmed.number, "C").await;
    house.says(&stopped.number, "stop texting me please").await;
    house.says(&shared, "what time is it again?").await;
    let site = Site::of(house, LOCAL, true);
    let jar = site.sign_in().await;
    let visits_on = TimeZone::get("America/New_York").unwrap().to_datetime(soon).date();
    Day { visits_on, site, jar, confirmed, stopped, quiet, family }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_shows_the_day_as_it_is_on_both_databases() {
    for backend in Backend::all() {
        let day = day(backend).await;
        let get = |path: String| {
            let day = &day;
            async move {
                let answer = day.site.get(&path, &day.jar).await;
                assert_eq!(answer.status, StatusCode::OK, "{path} on {backend:?}");
                answer.body
            }
        };
        let today = get(format!("/?day={}", day.visits_on)).await;
        for words in ["Confirmed", "Opted out", "Call instead", "stop texting me please", "Delivered", "no answer yet"] {
            assert!(today.contains(words), "{words} on {backend:?}");
        }
        assert!(get("/".into()).await.contains("Today"));
        assert!(get("/?day=nonsense&location=loc_x".into()).await.contains("Today"));

        let person = get(format!("/people/{}", day.confirmed.person)).await;
        for words in ["Rivera", "Given", "May be texted", "Reminders and logistics", "Consent given: appointments", "Verified"] {
            assert!(person.contains(words), "{words} on {backend:?}");
        }
        let stopped = get(format!("/people/{}", day.stopped.person)).await;
        for words in ["Opted out", "Texts to this number are stopped since", "“stop texting me please”", "Revoked", "T-08"] {
            assert!(stopped.contains(words), "{words} on {backend:?}");
        }
        let shared = get(format!("/people/{}", day.family[0].person)).await;
        assert!(shared.contains("Shared number") && shared.contains(&day.family[1].person.to_string()));

        let inbox = get("/inbox".into()).await;
        for words in ["what time is it again?", "To answer", &format!("/inbox/{}", day.stopped.contact)] {
            assert!(inbox.contains(words), "{words} on {backend:?}");
        }
        let unread = get("/inbox?show=unread".into()).await;
        assert!(unread.contains("what time is it again?") && !unread.contains(&format!("/inbox/{}", day.confirmed.contact)));
        let thread = get(format!("/inbox/{}", day.stopped.contact)).await;
        assert!(thread.contains("Understood as: stop") && thread.contains("Automatic answer"));
        let shared_number = day.family[0].number;
        let key = day.site.house.write(move |tx| Ok(numbers::key(tx, shared_number))).await;
        let hex: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let nobody = get(format!("/inbox/num_{hex}")).await;
        assert!(nobody.contains("what time is it again?") && nobody.contains("Several people share this number"));

        assert!(get("/tasks".into()).await.contains("what time is it again?"));
        assert!(get("/tasks?kind=reply".into()).await.contains("what time is it again?"));
        assert!(day.site.search("Riv", &day.jar).await.body.contains("Rivera"));
        assert!(day.site.search(&day.quiet.number.national(), &day.jar).await.body.contains("Rivera"));

        let messages = get("/messages".into()).await;
        assert!(messages.contains("Reminder, ") && messages.contains("Released"));
        for show in ["planned", "review", "sent", "trouble", "refused", "withdrawn", "nonsense"] {
            get(format!("/messages?show={show}&after=x")).await;
        }
        message_page(&day).await;

        let phones = get("/phones".into()).await;
        assert!(phones.contains("Rivera") && phones.contains("718-555-0177"));
        let phone = get(format!("/phones/{hex}")).await;
        assert!(phone.contains("what time is it again?") && phone.contains("STOP"));
        assert!(get("/phones?q=Riv".into()).await.contains("Rivera"));
        get("/import".into()).await;
    }
}

async fn message_page(day: &Day) {
    let house = &day.site.house;
    let sent = Filter::States([MessageState::Delivered, MessageState::Submitted, MessageState::Submitting]);
    let lines = house.write(move |tx| views::messages::list(tx, sent, None, 50)).await;
    let reminder = lines.iter().find(|line| line.template.starts_with("reminder")).expect("a reminder left");
    let path = format!("/messages/{}", reminder.id);
    let waiting = day.site.get(&path, &day.jar).await;
    assert!(waiting.body.contains("Released") && waiting.body.contains("Attempt 1") && waiting.body.contains("Receipt: "));
    assert!(waiting.body.contains("A recorded consent allows it."));
    // The ledger gives the ruling its place, and then a checkpoint covers it.
    day.site.ledger().await;
    let placed = day.site.get(&path, &day.jar).await;
    assert!(placed.body.contains("On the ledger, verified") && placed.body.contains("with the next checkpoint"));
    let (key, now) = (wellsent_ledger::SigningKey::generate("wellsent.example/test").unwrap(), house.engine.now());
    let sign = move |tx: &mut SystemTx<'_, '_>| ledger::checkpoint(tx, "wellsent.example/test", &key, now);
    house.engine.store().system::<_, StoreError, _>(sign).await.unwrap();
    let signed = day.site.get(&path, &day.jar).await;
    assert!(signed.body.contains("On the ledger, verified") && signed.body.contains("Checkpoint root"));
    assert!(signed.body.contains("is-against") || signed.body.contains("is-for"));

    let page = day.site.get("/ledger", &day.jar).await;
    for words in ["Ruling: release", "Record read: message", "Texts stopped: text", "Save the checkpoint", "Dana Whitfield"] {
        assert!(page.body.contains(words), "{words}");
    }
    let file = day.site.get("/ledger/checkpoint", &day.jar).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.body.starts_with("wellsent.example/test\n"));
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("checkpoint-"));
    assert_eq!(day.site.get("/ledger?before=1", &day.jar).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_look_at_patients_data_is_on_the_ledger_with_who_looked() {
    let site = Site::local().await;
    let patient = site.house.patient().await;
    site.house.says(&patient.number, "hello").await;
    let jar = site.sign_in().await;
    let person = format!(r#""person":"{}""#, patient.person);
    for (path, what, about) in [
        (format!("/people/{}", patient.person), "person", person.as_str()),
        (format!("/inbox/{}", patient.contact), "thread", person.as_str()),
        ("/".to_owned(), "day", r#""count":0"#),
        ("/inbox".to_owned(), "inbox", r#""count":1"#),
        ("/tasks".to_owned(), "tasks", r#""count":1"#),
        ("/people".to_owned(), "people", r#""count":1"#),
        ("/messages".to_owned(), "messages", r#""count":0"#),
        ("/phones".to_owned(), "phones", r#""count":1"#),
    ] {
        let before = site.ledger().await.len();
        assert_eq!(site.get(&path, &jar).await.status, StatusCode::OK, "{path}");
        let after = site.ledger().await;
        let mut reads = after[before..].iter().filter(|entry| entry.contains(r#""kind":"read""#));
        let found = reads.find(|entry| entry.contains(&format!(r#""what":"{what}""#)));
        let entry = found.unwrap_or_else(|| panic!("{path} left no entry"));
        assert!(entry.contains(about), "{path}: {entry}");
        assert!(entry.contains(r#""actor":"stf_"#), "{path}: {entry}");
        assert!(!entry.contains("Rivera") && !entry.contains("555"), "no PHI in {entry}");
    }
    let before = site.ledger().await.len();
    site.get("/people/per_00000000000000000000000000000000", &jar).await;
    assert_eq!(site.ledger().await.len(), before, "what is not there was not read");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_file_is_told_row_by_row() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    let file = "patient_id,first_name,last_name,mobile_phone\nP1,Rosa,Delgado,(212) 555-0147\nP2,Luis,Delgado,12\n";
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\npatients\r\n--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"week.csv\"\r\ncontent-type: text/csv\r\n\r\n{file}\r\n--x--\r\n"
    );
    let upload = |body: String| {
        Request::post("/import")
            .header(header::COOKIE, &jar)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap()
    };
    let answer = site.ask(upload(body.clone())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("week.csv") && answer.body.contains("Rows to mend") && answer.body.contains("mobile_phone"));
    assert!(site.search("Rosa", &jar).await.body.contains("Rosa Delgado"));
    let empty = site.ask(upload(body.replace(file, ""))).await;
    assert!(empty.body.contains("The file is empty."));
    let cut = site.ask(upload("--x\r\n".to_owned())).await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_the_demo_answers_and_the_clock_moves_on() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    let patient = site.house.patient().await;
    let number = patient.number;
    let key = site.house.write(move |tx| Ok(numbers::key(tx, number))).await;
    let hex: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = format!("/phones/{hex}");
    let answer = site.post(&format!("{path}/reply"), "body=STOP", &jar).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, path.as_str()));
    site.house.quiet_phones().await;
    site.house.settle().await;
    let person = site.get(&format!("/people/{}", patient.person), &jar).await;
    assert!(person.body.contains("Opted out"));

    let before = site.house.engine.now();
    let moved = site.post("/demo/clock", "back=/phones&move=hour", &jar).await;
    assert_eq!(moved.location(), "/phones");
    assert_eq!(site.house.engine.now(), before + SignedDuration::from_hours(1));
    let bad = site.post("/demo/clock", "back=/&move=to&to=2020-01-01T00:00", &jar).await;
    assert!(bad.jar().contains("bad-time"));
    let day = site.post("/demo/clock", "back=/&move=day", &jar).await;
    assert_eq!(day.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get("/", &jar).await.status, StatusCode::OK, "a session lives by real time");

    let set = site.post("/phones/carrier", "back=/phones&mode=refuse&receipts=lose&receipts=reorder", &jar).await;
    assert_eq!(set.location(), "/phones");
    let behaviour = site.house.network.behaviour();
    assert_eq!((behaviour.refuse, behaviour.receipts.lose, behaviour.receipts.duplicate, behaviour.receipts.reorder), (1.0, 1.0, 0.0, 1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_searched_for_stands_in_no_address() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    site.house.patient().await;
    for led in [site.post("/people", "q=Rivera", &jar).await, site.get("/people?q=Rivera", &jar).await] {
        let address = led.location();
        assert!(address.starts_with("/people?find=") && !address.contains("Rivera"), "{address}");
        let found = site.get(address, &jar).await;
        assert!(found.body.contains("Ana Rivera") && found.body.contains("1 found"));
    }
    for nonsense in ["/people?find=00", "/people?find=x", "/people?find=%C3%A4"] {
        assert!(site.get(nonsense, &jar).await.body.contains("Added lately"), "{nonsense}");
    }
    assert_eq!(site.post("/people", "q=", &jar).await.location(), "/people");
}
