//! The carriers' page over a real store: what a manager sees and does there, and that nobody else does.

use crate::applications::Client;
use crate::site::{Answer, LOCAL, Site, TLS};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use wellsent_carrier::simulator::Behaviour;
use wellsent_domain::PhoneNumber;
use wellsent_domain::message::MessageState;
use wellsent_domain::practice::{Registration, Sender, Settings};
use wellsent_domain::staff::Role;
use wellsent_store::practices::NewPractice;
use wellsent_store::views::carriers::UnclearLine;
use wellsent_store::views::messages::Filter;
use wellsent_store::{Access, Actor, StoreError, Tx, agreements, senders, sessions, views};
use wellsent_testkit::house::{Backend, House, Patient, Plan};

const FORMS: [&str; 7] = [
    "/carriers/agreements",
    "/carriers/agreements/agr_00000000000000000000000000000000/end",
    "/carriers/senders",
    "/carriers/senders/snd_00000000000000000000000000000000",
    "/carriers/senders/snd_00000000000000000000000000000000/registration",
    "/carriers/unclear/att_00000000000000000000000000000000",
    "/carriers/unclear/att_00000000000000000000000000000000/log",
];

/// A house whose one patient was reminded; by a carrier that drops the line after it took the text, where it is to be unclear.
async fn reminded(backend: Backend, unclear: bool) -> (Site, Patient) {
    let mut behaviour = Behaviour::default();
    if unclear {
        // A receipt would tell what the answer did not.
        (behaviour.drop_after_accept, behaviour.receipts.lose) = (1.0, 1.0);
    }
    let house = House::build(Plan { behaviour, ..Plan::on(backend) }).await;
    let patient = house.patient().await;
    house.visit(&patient, house.engine.now() + SignedDuration::from_hours(49)).await;
    house.settle().await;
    let due = house.engine.next_due().await.unwrap().expect("a reminder is planned");
    house.wait_until(due);
    house.engine.plan_waiting(house.practice).await.unwrap();
    house.engine.dispatch_due(house.practice).await.unwrap();
    house.quiet_phones().await;
    (Site::of(house, LOCAL, true), patient)
}

impl Site {
    async fn manager(&self) -> String {
        self.sign_in_as(Role::Manager).await
    }

    /// The page that a form led to, with its sentence.
    async fn led(&self, answer: &Answer, jar: &str) -> String {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert!(answer.location().starts_with("/carriers#"), "{}", answer.location());
        self.get("/carriers", &format!("{jar}; {}", answer.jar())).await.body
    }

    async fn one_sender(&self) -> Sender {
        self.house.write(senders::list).await.remove(0)
    }

    async fn unclear(&self) -> Vec<UnclearLine> {
        self.house.write(|tx| views::carriers::unclear(tx, 10)).await
    }

    /// Sends the form of an agreement with a file.
    async fn agree(&self, fields: &[(&str, &str)], file: &[u8], jar: &str) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let head = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"baa.pdf\"\r\n\r\n";
        body.extend(head.bytes().chain(file.iter().copied()).chain(*b"\r\n--x--\r\n"));
        let request = Request::post("/carriers/agreements")
            .header(header::COOKIE, jar)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_the_account_its_agreement_its_sender_and_what_went_on_both_databases() {
    for backend in Backend::all() {
        let (site, _) = reminded(backend, false).await;
        let jar = site.manager().await;
        let client = Client::plain(&site.house).await;
        let page = site.get("/carriers", &jar).await;
        assert_eq!(page.status, StatusCode::OK, "{backend:?}");
        for words in [
            "simulator",
            "Works",
            "Texts go.",
            "The last one was taken",
            "<dt>Taken, 24 h</dt><dd class=\"big\">1</dd>",
            "Half arrive in",
            "<td class=\"num\">1</td><td class=\"num\">0</td><td class=\"num\">0</td>",
            "In force",
            "Since Jan 1, 2026, no end agreed",
            "212-555-0199",
            "<b>1</b> of 600,000 parts in the last minute",
            "Approved",
            "Nothing waits",
            "None. Of every text it is known",
            "Portal",
            &client.sid,
            "Let in",
        ] {
            assert!(page.body.contains(words), "{words} on {backend:?}");
        }
        assert!(!page.body.contains("Nothing goes through"));
        assert!(!page.body.contains(&client.secret), "secrets are not shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_managers_come_in_and_each_look_is_on_the_ledger() {
    let (site, patient) = reminded(Backend::Sqlite, true).await;
    for role in [Role::FrontDesk, Role::Clinician] {
        let jar = site.sign_in_as(role).await;
        assert_eq!(site.get("/carriers", &jar).await.status, StatusCode::FORBIDDEN, "{role:?}");
        for path in FORMS {
            let answer = match path {
                "/carriers/agreements" => site.agree(&[("carrier", "simulator")], b"", &jar).await,
                _ => site.post(path, "", &jar).await,
            };
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
        assert!(!site.get("/ledger", &jar).await.body.contains("href=\"/carriers\""), "{role:?}");
    }
    let jar = site.manager().await;
    assert!(site.get("/ledger", &jar).await.body.contains("href=\"/carriers\""));
    let before = site.ledger().await.len();
    let page = site.get("/carriers", &jar).await;
    assert!(page.body.contains("Ana Rivera") && page.body.contains(&format!("/people/{}", patient.person)));
    let after = site.ledger().await;
    let read = after[before..].iter().find(|entry| entry.contains(r#""what":"carriers""#)).expect("an entry");
    assert!(read.contains(r#""kind":"read""#) && read.contains(r#""count":1"#) && read.contains(r#""actor":"stf_"#), "{read}");
    for path in FORMS.iter().filter(|path| path.contains("_0000")) {
        let answer = site.post(path, "by=patient&verdict=went&registration=approved&sure=yes", &jar).await;
        // An attempt that is not there reads like one that was settled by somebody else.
        assert!(answer.status == StatusCode::NOT_FOUND || answer.jar().contains("stale"), "{path}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_is_recorded_with_the_digest_of_its_file_and_ended_again() {
    for backend in Backend::all() {
        let (site, _) = reminded(backend, false).await;
        let jar = site.manager().await;
        let wrong = [("carrier", "simulator"), ("account", "AC1"), ("party", ""), ("from", "soon"), ("until", "x")];
        let answer = site.agree(&wrong, b"", &jar).await;
        assert_eq!(answer.status, StatusCode::OK);
        for words in [
            "5 things to mend",
            "has no accounts",
            "name of the other party",
            "first day",
            "not a day",
            "at least one service",
            "value=\"AC1\"",
        ] {
            assert!(answer.body.contains(words), "{words}");
        }
        let backwards = [("carrier", "simulator"), ("party", "A"), ("from", "2027-03-02"), ("until", "2027-03-01"), ("sms", "yes")];
        assert!(site.agree(&backwards, b"", &jar).await.body.contains("It ends before it begins."));
        assert_eq!(site.agree(&[("carrier", "nobody"), ("party", "A")], b"", &jar).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(site.house.write(agreements::list).await.len(), 1, "nothing was recorded");

        let good = [("carrier", "simulator"), ("party", "Carrier <Inc>"), ("from", "2027-03-01"), ("until", "2027-03-20"), ("sms", "yes")];
        let page = site.led(&site.agree(&good, b"signed", &jar).await, &jar).await;
        // SHA-256 of the word "signed".
        for words in ["The agreement is recorded.", "Carrier &#60;Inc&#62;", "Ends soon", "ends in 1", "4a3cdfae6f29"] {
            assert!(page.contains(words), "{words} on {backend:?}");
        }
        let entries = site.ledger().await;
        let recorded = entries.iter().rfind(|entry| entry.contains(r#""kind":"agreement_recorded""#)).expect("an entry");
        assert!(recorded.contains("stf_") && recorded.contains(r#""file":"#), "{recorded}");

        for stored in site.house.write(agreements::list).await {
            let path = format!("/carriers/agreements/{}/end", stored.id);
            assert!(site.led(&site.post(&path, "", &jar).await, &jar).await.contains("The agreement is ended."));
            assert!(site.led(&site.post(&path, "", &jar).await, &jar).await.contains("Somebody else was faster"));
        }
        let page = site.get("/carriers", &jar).await.body;
        assert!(page.contains("Nothing goes through simulator: its agreement was ended on Mar "), "{backend:?}");
        assert!(page.contains("Over") && page.contains("ended by hand on"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_are_added_changed_and_registered_with_what_is_wrong_beside_its_field() {
    for backend in Backend::all() {
        let (site, _) = reminded(backend, false).await;
        let jar = site.manager().await;
        let add = |address: &'static str, more: &'static str| {
            let (site, jar) = (&site, &jar);
            async move {
                let form = format!("carrier=simulator&kind=simulated&registration=pending&address={address}&{more}");
                site.post("/carriers/senders", &form, jar).await
            }
        };
        let wrong = add("12", "per_minute=0&per_day=2000").await;
        for words in ["3 things to mend", "not a number of the United States", "from 1 to 600,000", "give its name", "value=\"12\""] {
            assert!(wrong.body.contains(words), "{words}");
        }
        let taken = add("212-555-0199", "per_minute=60").await;
        assert!(taken.body.contains("has a sender of this name already"), "{backend:?}");
        let other =
            site.post("/carriers/senders", "carrier=simulator&kind=toll_free&registration=pending&address=8885550101&per_minute=1", &jar);
        assert!(other.await.body.contains("Only the simulator has simulated numbers"));
        for bad in [
            "carrier=nobody&kind=simulated&registration=pending",
            "carrier=simulator&kind=x&registration=pending",
            "carrier=simulator&kind=simulated",
        ] {
            assert_eq!(site.post("/carriers/senders", bad, &jar).await.status, StatusCode::BAD_REQUEST, "{bad}");
        }
        let page = site.led(&add("(646)+555-0142", "per_minute=4,500&per_day=2,000&brand=B1&campaign=C1").await, &jar).await;
        for words in [
            "The sender is added.",
            "646-555-0142",
            "Campaign C1, brand B1",
            "Under review",
            "<b>0</b> of 2,000 parts of its brand today",
            "midnight Pacific",
        ] {
            assert!(page.contains(words), "{words} on {backend:?}");
        }

        let first = site.one_sender().await;
        let path = format!("/carriers/senders/{}", first.id);
        let wrong = site.post(&path, "per_minute=many&rank=-1", &jar).await;
        assert!(wrong.body.contains("The lowest is chosen first.") && wrong.body.contains("value=\"many\""));
        let page = site.led(&site.post(&path, "per_minute=90&rank=7&campaign=C1&brand=B1", &jar).await, &jar).await;
        assert!(page.contains("Saved.") && page.contains("shared with another sender of its campaign"));
        let all = site.house.write(senders::list).await;
        assert_eq!(all.iter().map(|sender| sender.rank).collect::<Vec<_>>(), [2, 7], "the order has changed");

        let path = format!("{path}/registration");
        let asked = site.post(&path, "registration=unregistered", &jar).await;
        assert!(asked.body.contains("Look it up at the carrier first"));
        assert_eq!(site.post(&path, "registration=x&sure=yes", &jar).await.status, StatusCode::BAD_REQUEST);
        assert!(all.iter().any(|sender| sender.registration == Registration::Approved));
        let page = site.led(&site.post(&path, "registration=unregistered&sure=yes", &jar).await, &jar).await;
        assert!(page.contains("No sender is approved by the carriers") && page.contains("Not registered"), "{backend:?}");
        let entries = site.ledger().await;
        for kind in ["sender_added", "sender_changed", "sender_registration"] {
            let found = entries.iter().rfind(|entry| entry.contains(&format!(r#""kind":"{kind}""#)));
            assert!(found.is_some_and(|entry| entry.contains("stf_")), "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_text_is_settled_by_what_the_log_says_and_the_ledger_says_who_and_how() {
    for backend in Backend::all() {
        let (site, _) = reminded(backend, true).await;
        let jar = site.manager().await;
        let line = site.unclear().await.remove(0);
        let path = format!("/carriers/unclear/{}", line.attempt);
        let page = site.get("/carriers", &jar).await.body;
        for words in [
            "Ana Rivera",
            "Still being asked",
            "has not been read yet",
            "It did not go: send it again",
            &format!("/messages/{}", line.message),
        ] {
            assert!(page.contains(words), "{words} on {backend:?}");
        }
        let asked = site.post(&format!("{path}/log"), "", &jar).await;
        assert_eq!(asked.status, StatusCode::OK);
        for words in ["The log now:", "it is there. It went.", "Same text, right time", "name=\"carrier_id\""] {
            assert!(asked.body.contains(words), "{words} on {backend:?}");
        }
        assert!(!asked.body.contains("data-live-from"), "the page does not ask again by itself");

        assert!(site.post(&path, "verdict=went", &jar).await.body.contains("Say how you know."));
        assert!(site.post(&path, "verdict=went&by=patient&carrier_id=two+words", &jar).await.body.contains("no spaces"));
        assert_eq!(site.post(&path, "verdict=maybe&by=patient", &jar).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(site.unclear().await.len(), 1);
        let done = site.post(&path, "verdict=went&by=carrier_log&carrier_id=SM1", &jar).await;
        assert!(site.led(&done, &jar).await.contains("Settled: it went."));
        assert!(site.unclear().await.is_empty());
        assert!(site.post(&path, "verdict=not&by=patient", &jar).await.jar().contains("stale"), "what is settled stays");
        assert!(site.post(&format!("{path}/log"), "", &jar).await.jar().contains("stale"));
        let entries = site.ledger().await;
        let settled: Vec<_> = entries.iter().filter(|entry| entry.contains(r#""kind":"settled""#)).collect();
        assert_eq!(settled.len(), 1);
        assert!(settled[0].contains(r#""by":"carrier_log""#) && settled[0].contains(r#""actor":"stf_"#), "{}", settled[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_goes_again_only_when_a_person_says_so() {
    for (verdict, state, handed) in [("not", MessageState::Failed, 1), ("again", MessageState::Delivered, 2)] {
        let (site, patient) = reminded(Backend::Sqlite, true).await;
        let jar = site.manager().await;
        assert_eq!(site.house.got(&patient.number).len(), 1, "the text arrived, the answer did not");
        site.house.network.set_behaviour(Behaviour::default());
        let line = site.unclear().await.remove(0);
        let done = site.post(&format!("/carriers/unclear/{}", line.attempt), &format!("verdict={verdict}&by=judgement"), &jar).await;
        site.led(&done, &jar).await;
        site.house.settle().await;
        assert_eq!(site.house.got(&patient.number).len(), handed, "{verdict}");
        let states: Vec<_> = site.house.write(|tx| views::messages::list(tx, Filter::Latest, None, 50)).await;
        assert!(states.iter().any(|found| found.id == line.message && found.state == state), "{verdict}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_changes_nothing() {
    let house = House::build(Plan::on(Backend::Sqlite)).await;
    let site = Site::of(house, TLS, false);
    let jar = site.manager().await;
    let before = site.ledger().await.len();
    for path in FORMS {
        let request = Request::post(path)
            .header(header::COOKIE, &jar)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .body(Body::from("registration=unregistered&sure=yes"));
        assert_eq!(site.ask(request.unwrap()).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(site.ledger().await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_another_practice_sees_and_changes_nothing_of_ours() {
    for backend in Backend::all() {
        let (site, _) = reminded(backend, true).await;
        let (store, now) = (site.house.engine.store().clone(), site.house.engine.now());
        let new = NewPractice {
            name: "Oak Street Clinic".into(),
            text_name: "Oak St Clinic".into(),
            call_back: PhoneNumber::parse("212-555-0101").unwrap(),
            zone: "America/New_York".into(),
            part2: false,
            settings: Settings::default(),
        };
        let practice = tokio::task::spawn_blocking({
            let store = store.clone();
            move || store.create_practice(new, now)
        });
        let access = Access { practice: practice.await.unwrap().unwrap(), actor: Actor::Operator };
        let add = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let staff = sessions::add_staff(tx, "Neil Neighbor", Role::Manager, now)?;
            sessions::add_link(tx, staff, "neighbor", now + SignedDuration::from_mins(5), now)
        };
        store.write(access, add).await.unwrap();
        let jar = site.post("/sign-in", "token=neighbor", "").await.jar();

        let page = site.get("/carriers", &jar).await;
        assert_eq!(page.status, StatusCode::OK, "{backend:?}");
        for words in ["Ana Rivera", "212-555-0199", "Since Jan 1, 2026", "Texts go."] {
            assert!(!page.body.contains(words), "{words} on {backend:?}");
        }
        assert!(page.body.contains("No sender yet.") && page.body.contains("No agreement is recorded."));
        let (sender, attempt) = (site.one_sender().await.id, site.unclear().await.remove(0).attempt);
        let agreement = site.house.write(agreements::list).await.remove(0).id;
        for (path, form) in [
            (format!("/carriers/senders/{sender}"), "per_minute=1&rank=1"),
            (format!("/carriers/senders/{sender}/registration"), "registration=unregistered&sure=yes"),
            (format!("/carriers/agreements/{agreement}/end"), ""),
        ] {
            assert_eq!(site.post(&path, form, &jar).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in [format!("/carriers/unclear/{attempt}"), format!("/carriers/unclear/{attempt}/log")] {
            let answer = site.post(&path, "verdict=went&by=patient", &jar).await;
            assert!(answer.status == StatusCode::NOT_FOUND || answer.jar().contains("stale"), "{path}: {}", answer.status);
        }
        assert_eq!(site.one_sender().await.registration, Registration::Approved);
        assert_eq!(site.unclear().await.len(), 1);
        assert_eq!(site.house.write(agreements::list).await.remove(0).agreement.ended_at, None);
        let taken =
            site.post("/carriers/senders", "carrier=simulator&kind=simulated&registration=pending&address=2125550199&per_minute=1", &jar);
        assert!(taken.await.body.contains("has a sender of this name already"), "an address belongs to one practice");
    }
}
