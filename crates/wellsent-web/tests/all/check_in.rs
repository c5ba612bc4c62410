//! The check-in screen over the wire: who gets in, what is recorded, and that it is recorded once (H-04, H-07, N-04, T-01).

use crate::preferences::{log_of, stands_on, wording, words_of};
use crate::secure_pages::{code_on, generous, read, sites};
use crate::site::{Answer, LOCAL, Site, TLS};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use std::net::IpAddr;
use wellsent_domain::consent::{Act, Category, Channel};
use wellsent_domain::person::ContactState;
use wellsent_domain::secure_page::{PageKind, SESSION_IDLE};
use wellsent_domain::{Language, PhoneNumber};
use wellsent_store::consent_log::ConsentLine;
use wellsent_store::evidence::{self, EvidenceKind};
use wellsent_store::people;
use wellsent_testkit::house::{Backend, House, Patient, Plan};
use wellsent_web::Peer;

const PATH: &str = "/check-in";
const DRAWN: &str = "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L600 200";
const CHOICES: &str = "step=choices&lang=en&appointments=yes&care=yes&billing=no&surveys=no";

async fn desk_code(site: &Site, patient: &Patient) -> String {
    site.house.engine.start_check_in(site.house.access(), patient.contact).await.unwrap()
}

/// Types the desk's code: the cookie of the tablet.
async fn tablet(site: &Site, patient: &Patient) -> String {
    let code = desk_code(site, patient).await;
    let entered = site.post(PATH, &format!("step=start&lang=en&code={code}"), "").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/check-in"));
    entered.jar()
}

/// Sends a form and follows where it leads; what is read there.
async fn step(site: &Site, jar: &str, form: &str) -> String {
    let answer = site.post(PATH, form, jar).await;
    if answer.status != StatusCode::SEE_OTHER {
        return read(&answer);
    }
    let at = answer.location();
    assert!(at == "/check-in" || at.starts_with("/check-in?lang="), "an address of a screen says nothing: {at}");
    read(&site.get(at, jar).await)
}

/// Goes on to the signature.
async fn to_signature(site: &Site, jar: &str) {
    step(site, jar, "step=hello&lang=en&answer=yes").await;
    step(site, jar, "step=phone&lang=en&phone=mine").await;
    let sign = step(site, jar, CHOICES).await;
    assert!(sign.contains("Your signature"), "{sign}");
}

async fn post_from(site: &Site, form: &str, from: IpAddr) -> Answer {
    let mut request = Request::post(PATH)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form.to_owned()))
        .unwrap();
    request.extensions_mut().insert(Peer(from));
    site.ask(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_the_desk_works_once_and_shows_a_first_name_and_no_more() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        assert!(read(&site.get(PATH, "").await).contains("Type the code that the front desk gives you."));
        let code = desk_code(&site, &ana).await;
        let spaced = format!("{}+{}", &code[..3], &code[3..]);
        let entered = site.post(PATH, &format!("step=start&lang=en&code={spaced}"), "").await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        for part in ["wellsent-check-in=", "HttpOnly", "SameSite=Strict"] {
            assert!(entered.cookies()[0].contains(part), "{part}");
        }
        let jar = entered.jar();
        let hello = site.get(PATH, &jar).await;
        assert!(read(&hello).contains("Hello Ana"));
        assert!(!hello.body.contains("Rivera") && !hello.body.contains("555") && hello.body.contains("<title>Elm St Clinic</title>"));
        for _ in 0..2 {
            let again = site.post(PATH, &format!("step=start&lang=en&code={code}"), "").await;
            assert!(read(&again).contains("That code did not work.") && again.cookies().is_empty());
        }
        let wrong = site.post(PATH, "step=start&lang=en&code=", "").await;
        assert!(read(&wrong).contains("That code did not work."));
        assert!(read(&site.get(PATH, "").await).contains("Type the code"), "another browser sees the start");
        assert!(read(&site.get(PATH, "wellsent-check-in=AAAAAAAAAAAAAAAAAAAAAA").await).contains("Type the code"));

        let old = desk_code(&site, &ana).await;
        site.house.wait_until(site.house.engine.now() + PageKind::CheckIn.life());
        assert!(site.post(PATH, &format!("step=start&code={old}"), "").await.cookies().is_empty(), "its time is over");
    }
    let site = Site::on(Backend::Sqlite, TLS, false).await;
    let ana = site.house.patient().await;
    assert!(tablet(&site, &ana).await.starts_with("__Host-wellsent-check-in="));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tablets_that_type_one_code_at_once_do_not_both_get_in() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        for _ in 0..5 {
            let form = format!("step=start&lang=en&code={}", desk_code(&site, &ana).await);
            let answers = futures_util::future::join_all((0..6).map(|_| site.post(PATH, &form, ""))).await;
            assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_wrong_codes_shut_a_place_out_for_ten_minutes_and_no_other() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let (here, elsewhere) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let code = desk_code(&site, &ana).await;
        let wrong = if code == "111111" { "222222" } else { "111111" };
        for n in 0..19 {
            let said = read(&post_from(&site, &format!("step=start&lang=en&code={wrong}"), here).await);
            assert!(said.contains("That code did not work."), "{n}");
        }
        let right = format!("step=start&lang=en&code={code}");
        for form in [format!("step=start&lang=en&code={wrong}"), right.clone()] {
            let rests = read(&post_from(&site, &form, here).await);
            assert!(rests.contains("This screen rests for now."), "{rests}");
        }
        site.house.wait_until(site.house.engine.now() + SignedDuration::from_mins(9));
        assert!(read(&post_from(&site, &right, here).await).contains("This screen rests"));
        assert_eq!(post_from(&site, &right, elsewhere).await.status, StatusCode::SEE_OTHER, "another tablet is not meant");
        let next = format!("step=start&lang=en&code={}", desk_code(&site, &ana).await);
        site.house.wait_until(site.house.engine.now() + SignedDuration::from_mins(1));
        assert_eq!(post_from(&site, &next, here).await.status, StatusCode::SEE_OTHER);
        assert!(site.ledger().await.iter().any(|entry| entry.contains("page_links_guessed")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_meant_or_has_no_phone_of_their_own_is_sent_to_the_desk() {
    let site = Site::of(House::build(Plan { settings: generous(), ..Plan::on(Backend::Sqlite) }).await, LOCAL, true);
    let ana = site.house.patient().await;
    let before = log_of(&site, &ana).await.len();
    let jar = tablet(&site, &ana).await;
    assert!(step(&site, &jar, "step=hello&lang=en&answer=perhaps").await.contains("Is this you?"));
    assert!(step(&site, &jar, "step=hello&lang=en&answer=no").await.contains("This tablet was made ready for somebody else."));
    let back = step(&site, &jar, "step=hello&lang=en&answer=yes").await;
    assert!(back.contains("Please ask the front desk"), "going back does not undo it");
    let over = site.post(PATH, "step=finish&lang=en", &jar).await;
    assert!(over.cookies()[0].contains("Max-Age=0"));
    assert!(read(&site.get(PATH, &jar).await).contains("Type the code"), "the session is over");

    for (answer, words) in
        [("other", "a phone that is somebody else's"), ("none", "Without a mobile phone there is nothing to choose here")]
    {
        let jar = tablet(&site, &ana).await;
        step(&site, &jar, "step=hello&lang=en&answer=yes").await;
        assert!(step(&site, &jar, "step=phone&lang=en").await.contains("Choose one of the answers."));
        assert!(step(&site, &jar, &format!("step=phone&lang=en&phone={answer}")).await.contains(words));
    }
    assert_eq!(log_of(&site, &ana).await.len(), before, "nothing of it is recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_changed_is_a_new_one_for_which_nothing_was_said_yet() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let jar = tablet(&site, &ana).await;
        step(&site, &jar, "step=hello&lang=en&answer=yes").await;
        for wrong in ["", "555", "800-555-0123", "%00", "212555012345678"] {
            let said = step(&site, &jar, &format!("step=phone&lang=en&phone=changed&new_number={wrong}")).await;
            assert!(said.contains("That number does not work."), "{wrong}");
        }
        let choices = step(&site, &jar, "step=phone&lang=en&phone=changed&new_number=(212)+555-0142").await;
        assert!(choices.contains("What may we text you?") && choices.contains("(•••) •••-0142"));
        let person = ana.person;
        let contacts = site.house.write(move |tx| people::contacts(tx, person)).await;
        let live: Vec<_> = contacts.iter().filter(|known| known.contact.state == ContactState::Live).collect();
        assert_eq!((contacts.len(), live.len()), (2, 1));
        let number = PhoneNumber::parse("212-555-0142").unwrap();
        assert_eq!(live[0].contact.number.expose(), &number);
        assert_ne!(live[0].contact.id, ana.contact);
        let now = site.house.engine.now() + SignedDuration::from_secs(1);
        let id = live[0].contact.id;
        let standing = site
            .house
            .write(move |tx| {
                let log = wellsent_store::consent_log::of_person(tx, person)?;
                Ok(wellsent_domain::consent::Permissions::at(&log, id, now))
            })
            .await;
        assert!(standing.consents.is_empty(), "what was agreed to for the old number does not carry over");

        let page = read(&site.get(PATH, &jar).await);
        assert!(!page.contains("checked"), "and nothing is chosen beforehand");
        step(&site, &jar, CHOICES).await;
        step(&site, &jar, "step=sign&lang=en&typed_name=Ana+Rivera&read=yes").await;
        site.house.settle().await;
        let code = code_on(&site, &number);
        assert!(step(&site, &jar, &format!("step=code&lang=en&code={code}")).await.contains("is confirmed."));
        assert!(site.house.got(&ana.number).is_empty(), "nothing goes to the old number");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_makes_the_choices_count_once_in_the_words_on_the_screen() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let jar = tablet(&site, &ana).await;
        step(&site, &jar, "step=hello&lang=en&answer=yes").await;
        let choices = step(&site, &jar, "step=phone&lang=en&phone=mine").await;
        let half = step(&site, &jar, "step=choices&lang=en&appointments=no&care=yes").await;
        assert!(half.contains("Please answer each question with yes or no.") && half.contains("This one still needs an answer."));
        assert!(step(&site, &jar, CHOICES).await.contains("Your signature"));
        let sign_page = read(&site.get(PATH, &jar).await);
        // Back to the choices and on again.
        assert!(read(&site.get("/check-in?at=choices&lang=en", &jar).await).contains("What may we text you?"));
        assert!(step(&site, &jar, CHOICES).await.contains("Your signature"));
        let unsigned = read(&site.get("/check-in?at=print&lang=en", &jar).await);
        assert!(unsigned.contains("Not signed yet."));

        let before = log_of(&site, &ana).await.len();
        for (form, words) in [
            ("step=sign&lang=en", "Sign with your finger or type your full name."),
            ("step=sign&lang=en&read=yes&typed_name=+%00+", "Sign with your finger or type your full name."),
            ("step=sign&lang=en&read=yes&drawing=M1+1L2+2%22/%3E%3Cscript%3E", "Sign with your finger or type your full name."),
            ("step=sign&lang=en&typed_name=Ana+Rivera", "Tick the box"),
        ] {
            assert!(step(&site, &jar, form).await.contains(words), "{form}");
        }
        assert_eq!(log_of(&site, &ana).await.len(), before);

        let sign = format!("step=sign&lang=en&read=yes&drawing={}", DRAWN.replace(' ', "+"));
        let together = futures_util::future::join_all((0..4).map(|_| site.post(PATH, &sign, &jar))).await;
        assert!(together.iter().all(|answer| answer.status == StatusCode::SEE_OTHER || answer.status == StatusCode::OK));
        assert!(read(&site.get(PATH, &jar).await).contains("We texted a code to your phone"));
        let log = log_of(&site, &ana).await;
        let signed: Vec<_> = log[before..].iter().filter(|line| line.evidence.is_some()).collect();
        let acts: Vec<_> = signed.iter().map(|line| line.event.act).collect();
        let granted = |category| Act::Granted { category, written: true, confirmed: false };
        assert_eq!(
            acts,
            [
                granted(Category::Appointments),
                granted(Category::Care),
                Act::Warned,
                Act::WarningAccepted,
                Act::Revoked(Category::Billing),
                Act::Revoked(Category::Surveys)
            ],
            "a form that was sent four times at once is recorded once"
        );
        assert!(log[before..].iter().all(|line| line.channel == Channel::CheckIn));
        for line in &signed {
            let (words, language) = words_of(&site, line).await;
            let expected = match line.event.act.category() {
                Some(category) => wording(Language::En).shown_check_in_topic(category),
                None => wording(Language::En).shown_warning(),
            };
            let statement = wording(Language::En).shown_statement().body;
            assert_eq!((&words, language), (&format!("{}\n{statement}", expected.body), Language::En));
            stands_on(&format!("{choices} {sign_page}"), &words);
        }
        let (person, id) = (ana.person, signed[0].evidence.unwrap());
        assert!(signed.iter().all(|line| line.evidence == Some(id)));
        let (kind, body) = site.house.write(move |tx| evidence::get(tx, person, id)).await;
        assert_eq!(kind, EvidenceKind::Signature);
        assert!(String::from_utf8(body.into_exposed()).unwrap().contains(DRAWN));

        // Going back and sending forms of earlier screens changes nothing.
        let after = log.len();
        for form in
            [&*sign, CHOICES, "step=hello&lang=en&answer=no", "step=phone&lang=en&phone=changed&new_number=2125550143", "step=continue"]
        {
            assert!(step(&site, &jar, form).await.contains("We texted a code to your phone"), "{form}");
        }
        assert_eq!(log_of(&site, &ana).await.len(), after);
        let copy = site.get("/check-in?at=print&lang=es", &jar).await;
        let text = read(&copy);
        assert!(copy.body.contains(DRAWN) && !text.contains("Not signed yet."), "the copy shows the signature");
        assert!(text.contains("Signature drawn by hand") && text.contains("<html lang=\"en\""), "in the language that was signed");
        assert!(text.contains(&ana.number.national()) && text.contains("Rivera"));
        let terms = wording(Language::En);
        stands_on(&text, &terms.shown_warning().body);
        stands_on(&text, &terms.shown_terms().body);
        stands_on(&text, &terms.shown_statement().body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_name_signs_as_well_and_a_code_proves_the_phone() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        // From here on nothing is vouched for.
        let (person, now) = (ana.person, site.house.engine.now());
        let fresh = PhoneNumber::parse("212-555-0151").unwrap();
        let contact = site.house.engine.change_number(site.house.access(), person, fresh).await.unwrap();
        let ana = Patient { contact, number: fresh, ..ana };
        let jar = tablet(&site, &ana).await;
        to_signature(&site, &jar).await;
        step(&site, &jar, "step=sign&lang=en&typed_name=++Ana+%3Cb%3E+Rivera++&read=yes").await;
        let copy = read(&site.get("/check-in?at=print&lang=en", &jar).await);
        assert!(copy.contains("Signed by typing the name") && copy.contains("Ana &#60;b&#62; Rivera"), "{copy}");
        let log = log_of(&site, &ana).await;
        let id = log.iter().find_map(|line| line.evidence).unwrap();
        let (kind, body) = site.house.write(move |tx| evidence::get(tx, person, id)).await;
        assert_eq!((kind, body.into_exposed()), (EvidenceKind::Reference, b"Ana <b> Rivera".to_vec()));

        let verified_at = || site.house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.verified_at));
        assert_eq!(verified_at().await, None);
        site.house.settle().await;
        let code = code_on(&site, &fresh);
        assert!(step(&site, &jar, "step=code&lang=en&code=12345").await.contains("That did not work."));
        let again = site.post(PATH, "step=code_again&lang=en", &jar).await;
        assert!(read(&again).contains("A new code is on its way."));
        site.house.settle().await;
        let newer = code_on(&site, &fresh);
        if newer != code {
            assert!(
                step(&site, &jar, &format!("step=code&lang=en&code={code}")).await.contains("That did not work."),
                "older codes no longer work"
            );
        }
        assert_eq!(verified_at().await, None);
        let done = step(&site, &jar, &format!("step=code&lang=en&code={newer}")).await;
        assert!(done.contains("Thank you, you are done") && done.contains("is confirmed."), "{done}");
        assert_eq!(verified_at().await, Some(now));
        let log = log_of(&site, &ana).await;
        let line = log.iter().rfind(|line| line.event.act == Act::Verified).expect("it is on the log");
        assert_eq!(line.channel, Channel::CheckIn);
        assert!(log.iter().any(|line| line.event.act == Act::NumberConfirmed && line.channel == Channel::CheckIn));
        site.post(PATH, "step=finish&lang=en", &jar).await;
        for at in ["/check-in", "/check-in?at=print", "/check-in?at=choices"] {
            assert!(read(&site.get(at, &jar).await).contains("Type the code"), "the next at the tablet sees nothing: {at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_phone_at_hand_goes_on_and_the_number_stays_unproven() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let contact =
            site.house.engine.change_number(site.house.access(), ana.person, PhoneNumber::parse("212-555-0152").unwrap()).await.unwrap();
        let ana = Patient { contact, ..ana };
        let jar = tablet(&site, &ana).await;
        to_signature(&site, &jar).await;
        step(&site, &jar, "step=sign&lang=en&typed_name=Ana&read=yes").await;
        let done = step(&site, &jar, "step=code_skip&lang=en").await;
        assert!(done.contains("is not confirmed yet."));
        assert_eq!(site.house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.verified_at)).await, None);
        let log = log_of(&site, &ana).await;
        let proven = |line: &ConsentLine| line.event.act == Act::Verified && line.event.contact_point == Some(contact);
        assert!(!log.iter().any(proven));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_that_nobody_uses_goes_back_to_its_start() {
    let site = Site::of(House::build(Plan { settings: generous(), ..Plan::on(Backend::Sqlite) }).await, LOCAL, true);
    let ana = site.house.patient().await;
    let jar = tablet(&site, &ana).await;
    assert!(read(&site.get("/check-in?at=still-there&lang=en", &jar).await).contains("Are you still there?"));
    assert!(step(&site, &jar, "step=continue&lang=en").await.contains("Hello Ana"));
    let over = site.get("/check-in?at=over&lang=en", &jar).await;
    assert!(read(&over).contains("closed because nobody used the tablet") && over.cookies()[0].contains("Max-Age=0"));
    assert!(read(&site.get(PATH, &jar).await).contains("Type the code"));

    let jar = tablet(&site, &ana).await;
    to_signature(&site, &jar).await;
    let before = log_of(&site, &ana).await.len();
    site.house.wait_until(site.house.engine.now() + SESSION_IDLE + SignedDuration::from_secs(1));
    let late = site.post(PATH, "step=sign&lang=en&typed_name=Ana&read=yes", &jar).await;
    assert!(read(&late).contains("closed because nobody used the tablet"));
    assert_eq!(log_of(&site, &ana).await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tablet_speaks_the_patients_language_unless_another_is_chosen() {
    let site = Site::of(House::build(Plan { settings: generous(), ..Plan::on(Backend::Sqlite) }).await, LOCAL, true);
    let rosa = site.house.patient_at(PhoneNumber::parse("+12125550177").unwrap(), Language::Es).await;
    let ana = site.house.patient().await;
    for (patient, tablet, chosen, words) in [
        (&rosa, "en-US", "en", "Hola, Ana"),
        (&ana, "en-US", "es", "Hola, Ana"),
        (&ana, "en-US", "en", "Hello Ana"),
        (&rosa, "es", "en", "Hello Ana"),
    ] {
        let code = desk_code(&site, patient).await;
        let request = Request::post(PATH)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_LANGUAGE, tablet)
            .header("sec-fetch-site", "same-origin");
        let entered = site.ask(request.body(Body::from(format!("step=start&lang={chosen}&code={code}"))).unwrap()).await;
        assert!(read(&site.get(entered.location(), &entered.jar()).await).contains(words), "{tablet} {chosen}");
    }
    // What is signed in Spanish is recorded in the Spanish words.
    let jar = tablet(&site, &rosa).await;
    step(&site, &jar, "step=hello&lang=es&answer=yes").await;
    let mut shown = step(&site, &jar, "step=phone&lang=es&phone=mine").await;
    shown += &step(&site, &jar, &CHOICES.replace("lang=en", "lang=es").replace("care=yes", "care=no")).await;
    step(&site, &jar, "step=sign&lang=es&typed_name=Ana&read=yes").await;
    let log = log_of(&site, &rosa).await;
    let signed: Vec<_> = log.iter().filter(|line| line.evidence.is_some()).collect();
    assert!(signed.iter().any(|line| line.event.act == Act::Revoked(Category::Care)));
    assert!(signed.iter().any(|line| line.event.act == Act::WarningWithdrawn), "a no to details is a no to the risk");
    for line in signed {
        let (words, language) = words_of(&site, line).await;
        assert_eq!((language, line.language), (Language::Es, Some(Language::Es)));
        stands_on(&shown, &words);
    }
}
