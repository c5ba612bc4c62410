//! What staff record about a number: each form does what it says, and one that is wrong says so and keeps what was typed.

use crate::site::Site;
use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use wellsent_domain::consent::{Act, Category, Directive, Warning};
use wellsent_domain::person::ContactState;
use wellsent_domain::secure_page::PageKind;
use wellsent_domain::staff::Role;
use wellsent_domain::{ContactPointId, Language, PersonId, PhoneNumber};
use wellsent_store::views::person::Chart;
use wellsent_store::{consent_log, consent_wordings, evidence, pages, views};
use wellsent_testkit::house::Patient;

const PDF: &[u8] = b"%PDF-1.7 a signed form";

struct Desk {
    site: Site,
    jar: String,
    patient: Patient,
}

impl Desk {
    async fn of(role: Role) -> Self {
        let site = Site::local().await;
        let patient = site.house.patient().await;
        let jar = site.sign_in_as(role).await;
        Self { site, jar, patient }
    }

    fn here(&self) -> String {
        format!("/people/{}/numbers/{}", self.patient.person, self.patient.contact)
    }

    async fn chart(&self) -> Chart {
        let (person, now) = (self.patient.person, self.site.house.engine.now());
        self.site.house.write(move |tx| views::person::chart(tx, person, now)).await
    }

    async fn log(&self) -> Vec<consent_log::ConsentLine> {
        let person = self.patient.person;
        self.site.house.write(move |tx| consent_log::lines(tx, person, 100)).await
    }

    async fn stands(&self, category: Category) -> bool {
        self.chart().await.numbers[0].consents.iter().any(|(known, _)| *known == category)
    }

    async fn post(&self, path: &str, form: &str) -> crate::site::Answer {
        self.site.post(&format!("{}{path}", self.here()), form, &self.jar).await
    }

    /// Six digits from the last text to the phone.
    fn code(&self) -> String {
        let texts = self.site.house.got(&self.patient.number);
        let last = texts.last().expect("a text came");
        last.split(|ch: char| !ch.is_ascii_digit()).find(|run| run.len() == 6).expect("six digits").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoken_yes_and_no_are_recorded_with_the_words_that_were_read_out() {
    let desk = Desk::of(Role::FrontDesk).await;
    let page = desk.site.get(&format!("{}?open=consent&lang=es", desk.here()), &desk.jar).await;
    assert!(page.body.contains("Acepto que") && page.body.contains("No, or takes it back"));
    let fields = [("lang", "es"), ("care", "yes"), ("appointments", "no"), ("billing", ""), ("how", "spoken")];
    let led = desk.site.upload(&format!("{}/consent", desk.here()), &fields, None, &desk.jar).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.body);
    assert!(desk.stands(Category::Care).await);
    assert!(!desk.stands(Category::Appointments).await, "taken back");
    let log = desk.log().await;
    let care = log.iter().find(|line| line.event.act.category() == Some(Category::Care)).expect("an act");
    assert_eq!((care.language, care.evidence), (Some(Language::Es), None));
    let digest = care.wording.expect("a wording");
    let words = desk.site.house.write(move |tx| consent_wordings::get(tx, &digest)).await;
    assert!(page.body.contains(&words.body), "what is kept is what the page showed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_form_counts_from_its_own_day_and_its_scan_can_be_seen() {
    let desk = Desk::of(Role::FrontDesk).await;
    let zone = TimeZone::get("America/New_York").unwrap();
    let yesterday = zone.to_datetime(desk.site.house.engine.now() - SignedDuration::from_hours(24));
    let date = yesterday.date().to_string();
    let fields = [("lang", "en"), ("billing", "yes"), ("warning", "yes"), ("how", "paper"), ("date", &date)];
    let led = desk.site.upload(&format!("{}/consent", desk.here()), &fields, Some(PDF), &desk.jar).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.body);
    let log = desk.log().await;
    let billing = log.iter().find(|line| line.event.act.category() == Some(Category::Billing)).expect("an act");
    assert_eq!(zone.to_datetime(billing.event.at).date(), yesterday.date());
    assert!(matches!(billing.event.act, Act::Granted { written: true, .. }));
    let path = format!("/people/{}/evidence/{}", desk.patient.person, billing.evidence.expect("the scan"));
    assert!(desk.site.get(&format!("/people/{}", desk.patient.person), &desk.jar).await.body.contains(&path));
    let before = desk.site.ledger().await.len();
    let scan = desk.site.get(&path, &desk.jar).await;
    assert_eq!((scan.status, scan.body.as_bytes()), (StatusCode::OK, PDF));
    assert_eq!(scan.headers[header::CONTENT_TYPE], "application/pdf");
    assert!(scan.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    assert!(scan.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
    assert!(desk.site.ledger().await[before..].iter().any(|entry| entry.contains(r#""what":"evidence""#)), "the reading is on the ledger");
    let other = desk.site.house.patient().await;
    let wrong = format!("/people/{}/evidence/{}", other.person, billing.evidence.expect("the scan"));
    assert_eq!(desk.site.get(&wrong, &desk.jar).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_consent_that_is_wrong_says_so_and_keeps_what_was_typed() {
    let desk = Desk::of(Role::FrontDesk).await;
    let path = format!("{}/consent", desk.here());
    let before = desk.log().await.len();
    let large = [PDF, &vec![b' '; evidence::BYTES_MAX]].concat();
    let paper = |date: &'static str, reference: &'static str| {
        vec![("lang", "en"), ("surveys", "yes"), ("how", "paper"), ("date", date), ("reference", reference)]
    };
    let nothing = vec![("lang", "en"), ("how", "spoken"), ("reference", "binder 7")];
    for (fields, file, says) in [
        (nothing, None, "for at least one subject"),
        (paper("", "binder 7"), None, "Give the date on the form."),
        (paper("2999-01-01", "binder 7"), None, "still to come"),
        (paper("2020-01-01", ""), None, "Add a scan of the form, or say where it is kept."),
        (paper("2020-01-01", "binder 7"), Some(&b"<svg onload=x>"[..]), "neither a PDF"),
        (paper("2020-01-01", "binder 7"), Some(&large[..]), "larger than 5 MB"),
    ] {
        let answer = desk.site.upload(&path, &fields, file, &desk.jar).await;
        assert_eq!(answer.status, StatusCode::OK, "{says}");
        assert!(answer.body.contains(says), "{says}");
        for (name, value) in fields.iter().filter(|(name, value)| matches!(*name, "date" | "reference") && !value.is_empty()) {
            assert!(answer.body.contains(&format!("name=\"{name}\"")) && answer.body.contains(&format!("value=\"{value}\"")), "{name}");
        }
    }
    assert_eq!(desk.log().await.len(), before, "nothing was recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_verified_by_the_code_that_its_phone_got() {
    let desk = Desk::of(Role::FrontDesk).await;
    let sent = desk.post("/code", "").await;
    assert!(sent.jar().contains("code-sent") && sent.location().ends_with("?open=verify"));
    desk.site.house.settle().await;
    let code = desk.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(desk.post("/code/try", &format!("code={wrong}")).await.jar().contains("code-wrong"));
    let spaced = format!("code={}+{}", &code[..3], &code[3..]);
    let before = desk.chart().await.numbers[0].stored.contact.verified_at;
    desk.site.house.wait_until(desk.site.house.engine.now() + SignedDuration::from_secs(30));
    assert!(desk.post("/code/try", &spaced).await.jar().contains("code-passed"));
    assert!(desk.chart().await.numbers[0].stored.contact.verified_at > before);
    assert!(desk.post("/code/try", &spaced).await.jar().contains("code-none"), "a code works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_codes_lock_a_number_and_only_a_manager_opens_it() {
    let desk = Desk::of(Role::FrontDesk).await;
    for _ in 0..5 {
        assert!(desk.post("/code", "").await.jar().contains("code-sent"));
    }
    assert!(desk.post("/code", "").await.jar().contains("codes-too-many"));
    for _ in 0..10 {
        desk.post("/code/try", "code=12345").await;
    }
    assert!(desk.post("/code/try", "code=12345").await.jar().contains("codes-too-many"));
    let page = desk.site.get(&format!("{}?open=verify", desk.here()), &desk.jar).await;
    assert!(page.body.contains("Too many codes were tried") && page.body.contains("A manager can open it."));
    assert!(!page.body.contains("/unlock"));
    assert_eq!(desk.post("/unlock", "").await.status, StatusCode::FORBIDDEN);
    assert!(desk.post("/code/try", "code=12345").await.jar().contains("codes-too-many"), "still shut");
    let manager = desk.site.sign_in_as(Role::Manager).await;
    let page = desk.site.get(&format!("{}?open=verify", desk.here()), &manager).await;
    assert!(page.body.contains("/unlock"));
    let opened = desk.site.post(&format!("{}/unlock", desk.here()), "", &manager).await;
    assert!(opened.jar().contains("codes-unlocked"));
    assert!(desk.post("/code/try", "code=12345").await.jar().contains("code-none"), "it is looked at again, and its code is used up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_confirmed_stopped_and_changed() {
    let desk = Desk::of(Role::FrontDesk).await;
    let confirmed = desk.post("/confirm", "back=/").await;
    assert_eq!((confirmed.location(), confirmed.jar().contains("number-confirmed")), ("/", true));
    assert!(desk.chart().await.numbers[0].stored.contact.confirmed_at.is_some());

    assert!(desk.post("/stop", "").await.jar().contains("texts-stopped"));
    assert!(desk.chart().await.numbers[0].stopped.is_some());

    let path = format!("/people/{}/number", desk.patient.person);
    let wrong = desk.site.post(&path, "number=212-55", &desk.jar).await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(wrong.body.contains("value=\"212-55\"") && wrong.body.contains("aria-invalid"));
    let changed = desk.site.post(&path, "number=(646)+555-0188", &desk.jar).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    let chart = desk.chart().await;
    assert_eq!(*chart.numbers[0].stored.contact.number.expose(), PhoneNumber::parse("646-555-0188").unwrap());
    assert!(chart.numbers[0].consents.is_empty(), "nothing carries over");
    assert_eq!(chart.numbers[1].stored.contact.state, ContactState::Replaced);
    let next = desk.site.get(changed.location(), &desk.jar).await;
    assert!(next.body.contains("646-555-0188") && next.body.contains("id=\"consent\" open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_warning_and_the_preferences_are_texted_and_a_check_in_shows_its_code() {
    let desk = Desk::of(Role::FrontDesk).await;
    assert!(desk.post("/warning", "").await.jar().contains("warning-sent"));
    assert!(desk.post("/preferences", "").await.jar().contains("preferences-sent"));
    desk.site.house.settle().await;
    assert!(desk.site.house.got(&desk.patient.number).iter().any(|text| text.contains("https://go.elmst.example/s/")));

    let begun = desk.post("/check-in", "back=/").await;
    assert_eq!(begun.status, StatusCode::OK);
    let shown = begun.body.split("desk-digits\">").nth(1).and_then(|rest| rest.split('<').next()).expect("the code");
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), 6);
    assert!(begun.cookies().is_empty() && begun.body.contains("/check-in</code>"));
    let entered = desk.site.house.engine.enter_check_in(&digits, "192.0.2.1".parse().unwrap()).await.unwrap();
    assert!(entered.is_some(), "the code opens the tablet");
    let person = desk.patient.person;
    let made = desk.site.house.write(move |tx| pages::of_person(tx, person, 9)).await;
    assert!(made.iter().any(|page| page.kind == PageKind::CheckIn));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_binds_without_a_reason_until_it_is_ended() {
    let desk = Desk::of(Role::FrontDesk).await;
    for wrong in ["kind=", "kind=only_between&opens=18:00&closes=09:00", "kind=only_between&opens=09:00&closes="] {
        let answer = desk.post("/requests", wrong).await;
        assert_eq!(answer.status, StatusCode::OK, "{wrong}");
        assert!(answer.body.contains("id=\"request-fault\""), "{wrong}");
    }
    assert!(desk.post("/requests", "kind=only_between&opens=18:00&closes=09:00").await.body.contains("value=\"18:00\""));
    assert!(desk.chart().await.directives.is_empty());
    desk.post("/requests", "kind=nothing_clinical&everywhere=yes").await;
    desk.post("/requests", "kind=only_between&opens=09:00&closes=18:00").await;
    desk.post("/requests", "kind=not_this_number&everywhere=yes").await;
    let held = desk.chart().await.directives;
    let of = |wanted: fn(&Directive) -> bool| held.iter().find(|held| wanted(&held.directive)).expect("it binds");
    assert_eq!(of(|held| matches!(held, Directive::NothingClinical)).contact_point, None);
    assert_eq!(of(|held| matches!(held, Directive::OnlyBetween(_))).contact_point, Some(desk.patient.contact));
    let this = of(|held| matches!(held, Directive::NotThisNumber));
    assert_eq!(this.contact_point, Some(desk.patient.contact));
    let end = format!("/people/{}/requests/{}/end", desk.patient.person, this.id);
    assert!(desk.site.post(&end, "back=/", &desk.jar).await.jar().contains("request-ended"));
    assert_eq!(desk.chart().await.directives.len(), 2);
    assert!(desk.site.post(&end, "back=/", &desk.jar).await.jar().contains("stale"), "it ends once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_counts_when_it_says_all_and_its_faults_stand_beside_the_fields() {
    let desk = Desk::of(Role::FrontDesk).await;
    let path = format!("{}/authorizations", desk.here());
    let partly =
        [("information", "Name and phone"), ("purpose", "News of our foot clinic"), ("paid_for", "yes"), ("signed_on", "2999-01-01")];
    let answer = desk.site.upload(&path, &partly, None, &desk.jar).await;
    assert_eq!(answer.status, StatusCode::OK);
    for words in ["auth-discloser-fault", "auth-recipient-fault", "auth-expiry-fault", "auth-signed-fault", "states_payment-fault"] {
        assert!(answer.body.contains(words), "{words}");
    }
    assert!(answer.body.contains("value=\"News of our foot clinic\"") && !answer.body.contains("auth-purpose-fault"));
    assert!(desk.chart().await.authorizations.is_empty());

    let whole = [
        ("information", "Name and phone"),
        ("discloser", "The practice"),
        ("recipient", "A maker of shoes"),
        ("purpose", "News of our foot clinic"),
        ("until_event", "the end of treatment"),
        ("signed_on", "2020-01-01"),
        ("states_revocation", "yes"),
        ("states_not_a_condition", "yes"),
        ("states_redisclosure", "yes"),
    ];
    assert!(desk.site.upload(&path, &whole, Some(b"not a scan"), &desk.jar).await.body.contains("auth-scan-fault"));
    assert!(desk.chart().await.authorizations.is_empty());
    let led = desk.site.upload(&path, &whole, Some(PDF), &desk.jar).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER, "{}", led.body);
    let held = desk.chart().await.authorizations;
    assert_eq!(held.len(), 1);
    let page = desk.site.get(led.location(), &desk.jar).await;
    assert!(page.body.contains("Ends with: the end of treatment") && page.body.contains("In force"));
    let end = format!("/people/{}/authorizations/{}/end", desk.patient.person, held[0].event);
    assert!(desk.site.upload(&end, &[("back", "/")], Some(b"no scan"), &desk.jar).await.jar().contains("bad-scan"));
    assert_eq!(desk.chart().await.authorizations.len(), 1);
    assert!(desk.site.upload(&end, &[("back", "/")], None, &desk.jar).await.jar().contains("authorization-ended"));
    assert!(desk.chart().await.authorizations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_others_are_not_found_and_nothing_changes() {
    let desk = Desk::of(Role::Manager).await;
    let other = desk.site.house.patient().await;
    let (nobody, none) = (PersonId::from_bytes([9; 16]), ContactPointId::from_bytes([9; 16]));
    let before = (desk.log().await.len(), desk.chart().await.directives.len());
    for here in [
        format!("/people/{}/numbers/{}", other.person, desk.patient.contact),
        format!("/people/{nobody}/numbers/{}", desk.patient.contact),
        format!("/people/{}/numbers/{none}", desk.patient.person),
        format!("/people/x/numbers/{}", desk.patient.contact),
    ] {
        assert_eq!(desk.site.get(&here, &desk.jar).await.status, StatusCode::NOT_FOUND, "{here}");
        for (form, fields) in [
            ("stop", ""),
            ("code", ""),
            ("code/try", "code=1"),
            ("unlock", ""),
            ("confirm", "back=/"),
            ("warning", ""),
            ("preferences", ""),
            ("check-in", ""),
            ("requests", "kind=never_text"),
        ] {
            let answer = desk.site.post(&format!("{here}/{form}"), fields, &desk.jar).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{here}/{form}");
        }
        for form in ["consent", "authorizations"] {
            let fields = [("lang", "en"), ("care", "yes"), ("how", "spoken")];
            let answer = desk.site.upload(&format!("{here}/{form}"), &fields, None, &desk.jar).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{here}/{form}");
        }
    }
    for path in [format!("/people/{nobody}/number"), format!("/people/{nobody}/evidence/evd_1")] {
        assert_eq!(desk.site.get(&path, &desk.jar).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!((desk.log().await.len(), desk.chart().await.directives.len()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_guard_finds_goes_on_a_page_in_neutral_words_or_with_a_reason() {
    let desk = Desk::of(Role::FrontDesk).await;
    let path = format!("/people/{}/reply", desk.patient.person);
    let back = format!("/people/{}", desk.patient.person);
    let form = |more: &str| format!("contact_point={}&back={back}&body=Your+metformin+is+ready{more}", desk.patient.contact);
    let asked = desk.site.post(&path, &form(""), &desk.jar).await;
    assert!(
        asked.body.contains("<mark") && asked.body.contains("value=\"page\"") && asked.body.contains("A clinician or a manager")
            || asked.body.contains("a clinician or a manager")
    );
    assert!(!asked.body.contains("value=\"override\""));
    let forced = desk.site.post(&path, &form("&how=override&reason=urgent"), &desk.jar).await;
    assert_eq!(forced.status, StatusCode::OK, "the front desk cannot override");
    let neutral = desk.site.post(&path, &form("&how=neutral"), &desk.jar).await;
    assert!(neutral.body.contains("please call us at") && !neutral.body.contains("metformin"));
    desk.site.house.settle().await;
    assert!(desk.site.house.got(&desk.patient.number).is_empty(), "nothing went");

    let clinician = desk.site.sign_in_as(Role::Clinician).await;
    let unreasoned = desk.site.post(&path, &form("&how=override"), &clinician).await;
    assert!(unreasoned.body.contains("Choose why it may go as it is.") && unreasoned.body.contains("Your metformin is ready</textarea>"));
    let sent = desk.site.post(&path, &form("&how=override&reason=patient_asked"), &clinician).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let ledger = desk.site.ledger().await;
    let entry = ledger.iter().find(|entry| entry.contains("guard_override")).expect("it is on the ledger");
    assert!(entry.contains("patient_asked") && entry.contains(r#""message":"msg_"#) && !entry.contains("metformin"), "{entry}");
    desk.site.house.settle().await;
    assert_eq!(desk.site.house.got(&desk.patient.number), ["Your metformin is ready"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_behind_a_notice_is_shown_with_whether_it_was_read_and_can_be_taken_back() {
    let desk = Desk::of(Role::FrontDesk).await;
    let person = format!("/people/{}", desk.patient.person);
    desk.site.house.says(&desk.patient.number, "hello").await;
    let form = format!("contact_point={}&back={person}&body=Your+metformin+is+ready&how=page", desk.patient.contact);
    assert!(desk.site.post(&format!("{person}/reply"), &form, &desk.jar).await.jar().contains("page-sent"));
    desk.site.house.settle().await;
    let texts = desk.site.house.got(&desk.patient.number);
    assert!(texts.last().is_some_and(|text| text.contains("/s/") && !text.contains("metformin")));
    assert!(desk.site.get(&person, &desk.jar).await.body.contains("Secure page: not read yet"));
    let id = desk.patient.person;
    let page = desk.site.house.write(move |tx| pages::of_person(tx, id, 1)).await.remove(0);
    let now = desk.site.house.engine.now();
    desk.site.house.write(move |tx| pages::read(tx, page.id, now)).await;
    let message = format!("/messages/{}", page.message.expect("a notice"));
    let shown = desk.site.get(&message, &desk.jar).await;
    assert!(shown.body.contains("Your metformin is ready") && shown.body.contains("Read ") && shown.body.contains("/page/revoke"));
    let stored = desk.site.house.write(move |tx| pages::get(tx, page.id)).await;
    desk.site.house.engine.page_reply(desk.site.house.access(), &stored, wellsent_domain::Phi::new("thank you".into())).await.unwrap();
    desk.site.house.settle().await;
    assert!(desk.site.get(&person, &desk.jar).await.body.contains("written on the secure page"));

    let taken = desk.site.post(&format!("{message}/page/revoke"), "", &desk.jar).await;
    assert_eq!((taken.location(), taken.jar().contains("page-revoked")), (message.as_str(), true));
    let after = desk.site.get(&message, &desk.jar).await;
    assert!(after.body.contains("taken back") && !after.body.contains("/page/revoke"));
    assert!(desk.site.post(&format!("{message}/page/revoke"), "", &desk.jar).await.jar().contains("stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_visits_ask_whether_a_number_is_still_theirs_until_it_is_confirmed() {
    let desk = Desk::of(Role::FrontDesk).await;
    let house = &desk.site.house;
    house.visit(&desk.patient, house.engine.now() + SignedDuration::from_hours(91 * 24)).await;
    house.wait_until(house.engine.now() + SignedDuration::from_hours(91 * 24 - 2));
    let jar = desk.site.sign_in_as(Role::Clinician).await;
    let today = desk.site.get("/", &jar).await;
    assert!(today.body.contains("Still theirs") && today.body.contains("Confirmed ") && today.body.contains("/check-in"));
    desk.site.post(&format!("{}/confirm", desk.here()), "back=/", &jar).await;
    let after = desk.site.get("/", &jar).await;
    assert!(!after.body.contains("Still theirs") && after.body.contains("Rivera"));
    let tomorrow = desk.site.get("/?day=2020-01-01", &jar).await;
    assert!(!tomorrow.body.contains("Still theirs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_details_is_told_what_would_change_it_and_where() {
    let desk = Desk::of(Role::FrontDesk).await;
    let fields = [("lang", "en"), ("care", "yes"), ("warning", "no"), ("how", "spoken")];
    desk.site.upload(&format!("{}/consent", desk.here()), &fields, None, &desk.jar).await;
    assert_eq!(desk.chart().await.numbers[0].stored.warning, Warning::Withdrawn);
    let page = desk.site.get(&format!("/people/{}", desk.patient.person), &desk.jar).await;
    for words in ["With details", "On a secure page", "Ask for consent now", &format!("{}?open=consent#consent", desk.here())] {
        assert!(page.body.contains(words), "{words}");
    }
}
