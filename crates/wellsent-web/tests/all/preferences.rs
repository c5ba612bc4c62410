//! The page of preferences: what is saved is what was changed, with the very words that were shown (T-01, T-03, T-08, H-04, H-08).

use crate::secure_pages::{by, generous, is_suppressed, link_on, opened, read, sites};
use crate::site::{LOCAL, Site};
use axum::http::StatusCode;
use jiff::SignedDuration;
use jiff::civil::Time;
use wellsent_domain::consent::{Act, Category, Channel, Directive};
use wellsent_domain::gate::Origin;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::quiet::Window;
use wellsent_domain::{Language, MessageId, Phi, PhoneNumber};
use wellsent_store::consent_log::{self, ConsentLine};
use wellsent_store::messages::{self, NewMessage};
use wellsent_store::{consent_wordings, directives, people};
use wellsent_testkit::house::{Backend, House, Patient, Plan};
use wellsent_web::patient::view::Wording;

/// The words of the house's practice.
pub fn wording(lang: Language) -> Wording<'static> {
    Wording { practice: "Elm St Clinic", phone: "212-555-0100", lang }
}

/// The consent log of a person, oldest first.
pub async fn log_of(site: &Site, patient: &Patient) -> Vec<ConsentLine> {
    let person = patient.person;
    let mut lines = site.house.write(move |tx| consent_log::lines(tx, person, 200)).await;
    lines.reverse();
    lines
}

/// The words that an act names by their digest, with their language.
pub async fn words_of(site: &Site, line: &ConsentLine) -> (String, Language) {
    let digest = line.wording.expect("the act has a wording");
    let kept = site.house.write(move |tx| consent_wordings::get(tx, &digest)).await;
    (kept.body, kept.language)
}

/// Fails unless each line of a wording stands on a page that was shown.
pub fn stands_on(page: &str, words: &str) {
    for line in words.lines() {
        assert!(page.contains(line), "not on the page: {line}");
    }
}

/// The page of preferences of a patient: its path and the cookie that opens it.
async fn preferences(site: &Site, patient: &Patient) -> (String, String) {
    site.house.engine.send_preferences(site.house.access(), by(), patient.contact).await.unwrap();
    site.house.settle().await;
    let path = link_on(site, &patient.number);
    let jar = opened(site, patient, &path).await;
    (path, jar)
}

fn answers(yes: &[&str], no: &[&str]) -> String {
    let each = |names: &[&str], word: &str| names.iter().map(|name| format!("&{name}={word}")).collect::<String>();
    format!("{}{}", each(yes, "yes"), each(no, "no"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_what_was_changed_in_the_words_that_were_shown() {
    for site in sites(generous()).await {
        let ana = site.house.patient_at(PhoneNumber::parse("+12125550179").unwrap(), Language::En).await;
        let (path, jar) = preferences(&site, &ana).await;
        let page = site.get(&path, &jar).await;
        let text = read(&page);
        assert!(text.contains("(•••) •••-") && !page.body.contains(&ana.number.national()) && !page.body.contains("Rivera"));
        for (field, checked) in
            [("appointments-yes", true), ("care-yes", false), ("care-no", false), ("warning-yes", true), ("hours-any", true)]
        {
            let tag = page.body.split('<').find(|tag| tag.contains(&format!("id=\"{field}\""))).unwrap();
            assert_eq!(tag.contains(" checked"), checked, "{field}");
        }

        let before = log_of(&site, &ana).await.len();
        let unanswered = site.post(&path, "step=save&lang=en&appointments=yes&care=no", &jar).await;
        assert!(read(&unanswered).contains("Please answer each question with yes or no."));
        let backwards = format!(
            "step=save&lang=en{}&hours=between&from=17&to=9",
            answers(&["appointments", "care", "warning"], &["billing", "surveys", "marketing"])
        );
        assert!(read(&site.post(&path, &backwards, &jar).await).contains("Choose an end that is later than the start."));
        assert_eq!(log_of(&site, &ana).await.len(), before, "a form with a fault saves nothing");

        let form = answers(&["appointments", "care", "marketing", "warning"], &["billing", "surveys"]);
        let form = format!("step=save&lang=en{form}&text_lang=es&hours=between&from=9&to=17");
        let saved = site.post(&path, &form, &jar).await;
        let said = read(&saved);
        assert!(said.contains("Saved. Your choices count from now on."));
        let log = log_of(&site, &ana).await;
        let new: Vec<_> = log[before..].iter().collect();
        let acts: Vec<_> = new.iter().map(|line| line.event.act).collect();
        let granted = |category| Act::Granted { category, written: false, confirmed: false };
        let window = Directive::OnlyBetween(Window::new(Time::constant(9, 0, 0, 0), Time::constant(17, 0, 0, 0)));
        assert_eq!(
            acts,
            [
                granted(Category::Care),
                Act::Revoked(Category::Billing),
                Act::Revoked(Category::Surveys),
                granted(Category::Marketing),
                Act::Directed(window)
            ],
            "appointments and the warning stood before"
        );
        for line in new {
            assert_eq!((line.channel, line.event.at), (Channel::Portal, site.house.engine.now()));
            assert!(line.actor.starts_with("pag_"), "{}", line.actor);
            let Some(category) = line.event.act.category() else { continue };
            let (words, language) = words_of(&site, line).await;
            assert_eq!(language, Language::En);
            for part in ["?", "212-555-0100", "STOP"] {
                assert!(words.contains(part), "{category:?}: {words}");
            }
            assert_eq!(words.contains("Yes is not enough here"), category == Category::Marketing);
            stands_on(&text, &words);
            stands_on(&words, wording(Language::En).shown_terms().body.split_once('\n').unwrap().1);
        }
        let person = ana.person;
        let (language, held) =
            site.house.write(move |tx| Ok((people::get(tx, person)?.language, directives::of_person(tx, person)?))).await;
        assert_eq!(language, Language::Es);
        assert_eq!(held.iter().map(|held| held.directive).collect::<Vec<_>>(), [window]);

        // The same form again, and then one change.
        let before = log.len();
        site.post(&path, &form, &jar).await;
        assert_eq!(log_of(&site, &ana).await.len(), before, "nothing was changed");
        site.post(
            &path,
            &form.replace("billing=no", "billing=yes").replace("hours=between", "hours=any").replace("lang=en", "lang=es"),
            &jar,
        )
        .await;
        let log = log_of(&site, &ana).await;
        assert_eq!(log.len(), before + 2);
        assert_eq!(log[before].event.act, granted(Category::Billing));
        let (words, language) = words_of(&site, &log[before]).await;
        assert!(words.starts_with("¿Mensajes sobre facturas y pagos?\n") && language == Language::Es, "{words}");
        assert!(matches!(log[before + 1].event.act, Act::DirectiveEnded(_)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_warning_is_recorded_as_shown_and_as_answered() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let (path, jar) = preferences(&site, &ana).await;
        let text = read(&site.get(&format!("{path}?lang=es"), &jar).await);
        let before = log_of(&site, &ana).await.len();
        for (answer, last) in [("no", Act::WarningWithdrawn), ("yes", Act::WarningAccepted)] {
            let form = answers(&["appointments"], &["care", "billing", "surveys", "marketing"]);
            site.post(&path, &format!("step=save&lang=es{form}&warning={answer}"), &jar).await;
            let log = log_of(&site, &ana).await;
            let ends: Vec<_> = log[log.len() - 2..].iter().map(|line| line.event.act).collect();
            if log.len() > before + 2 {
                assert!(ends.contains(&last) || log[before..].iter().any(|line| line.event.act == last), "{answer}");
            }
            let line = log.iter().rfind(|line| line.event.act == last).expect("it is on the log");
            let (words, language) = words_of(&site, line).await;
            assert!(words.starts_with(&wording(Language::Es).shown_warning().body) && language == Language::Es);
            assert!(words.contains("Sé que los mensajes no están cifrados."), "with the answer");
            stands_on(&text, &words);
        }
        let acts: Vec<_> = log_of(&site, &ana).await[before..].iter().map(|line| line.event.act).collect();
        assert_eq!(acts.iter().filter(|act| **act == Act::Warned).count(), 2, "{acts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_all_texts_asks_once_more_and_starting_again_is_a_fresh_yes() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let (path, jar) = preferences(&site, &ana).await;
        for look in [site.post(&path, "step=stop&lang=en", &jar).await, site.get(&format!("{path}?at=stop"), &jar).await] {
            assert!(read(&look).contains("Yes, stop all texts"));
        }
        assert!(!is_suppressed(&site, ana.number).await);
        let stopped = site.post(&path, "step=stop_yes&lang=en", &jar).await;
        let text = read(&stopped);
        assert!(text.contains("are stopped.") && text.contains("Start texts again"));
        assert!(is_suppressed(&site, ana.number).await);
        let log = log_of(&site, &ana).await;
        assert!(log.iter().any(|line| line.event.act == Act::Suppressed && line.channel == Channel::Portal));
        assert!(read(&site.get(&path, &jar).await).contains("are stopped."), "the page says so as long as it is so");

        // A no to everything brings nobody back.
        let all = ["appointments", "care", "billing", "surveys", "marketing"];
        let nothing = format!("step=start&lang=en{}&warning=yes", answers(&[], &all));
        site.post(&path, &nothing, &jar).await;
        assert!(is_suppressed(&site, ana.number).await);

        site.house.wait_until(site.house.engine.now() + SignedDuration::from_mins(1));
        let again = format!("step=start&lang=en{}&warning=yes", answers(&all[..1], &all[1..]));
        let back = site.post(&path, &again, &jar).await;
        assert!(!read(&back).contains("are stopped."));
        assert!(!is_suppressed(&site, ana.number).await);
        let log = log_of(&site, &ana).await;
        let last = log.iter().rfind(|line| line.event.act.category() == Some(Category::Appointments)).unwrap();
        assert!(matches!(last.event.act, Act::Granted { .. }) && last.channel == Channel::Portal);
    }
}

/// A text of the practice's news.
async fn news(site: &Site, patient: &Patient) -> MessageId {
    let (patient, now) = (*patient, site.house.engine.now());
    let message = NewMessage {
        occurrence: format!("news/{now}"),
        person: Some(patient.person),
        contact_point: Some(patient.contact),
        number: Phi::new(patient.number),
        programme: Programme::Conversation,
        category: Category::Marketing,
        purpose: Purpose::Marketing,
        origin: Origin::Staff { by: by(), overridden: false },
        template: "text".into(),
        language: Language::En,
        text: Some(Phi::new("New classes begin in May.".into())),
        values: Vec::new(),
        visits: Vec::new(),
        prompt: None,
        due_at: now,
        useful_until: now + SignedDuration::from_hours(2),
        urgent: false,
    };
    let id = site.house.write(move |tx| messages::add(tx, &message, now)).await.expect("a new message");
    site.house.settle().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_news_on_a_page_is_not_enough_without_a_signed_paper() {
    let site = Site::of(House::build(Plan { settings: generous(), ..Plan::on(Backend::Sqlite) }).await, LOCAL, true);
    let ana = site.house.patient().await;
    let (path, jar) = preferences(&site, &ana).await;
    let form = answers(&["appointments", "marketing", "warning"], &["care", "billing", "surveys"]);
    let saved = site.post(&path, &format!("step=save&lang=en{form}"), &jar).await;
    assert!(read(&saved).contains("Yes is not enough here"));
    let texts = site.house.got(&ana.number).len();
    let id = news(&site, &ana).await;
    assert_eq!(site.house.got(&ana.number).len(), texts);
    let desk = site.sign_in().await;
    let why = site.get(&format!("/messages/{id}"), &desk).await;
    assert_eq!(why.status, StatusCode::OK);
    for words in ["Marketing texts need written consent", "T-03"] {
        assert!(read(&why).contains(words), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_no_clock_has_change_nothing() {
    let site = Site::of(House::build(Plan { settings: generous(), ..Plan::on(Backend::Sqlite) }).await, LOCAL, true);
    let ana = site.house.patient_at(PhoneNumber::parse("+12125550178").unwrap(), Language::En).await;
    let (path, jar) = preferences(&site, &ana).await;
    let form = answers(&["appointments", "warning"], &["care", "billing", "surveys", "marketing"]);
    for hours in [
        "&hours=between",
        "&hours=between&from=9&to=9",
        "&hours=between&from=9&to=25",
        "&hours=between&from=-1&to=300",
        "&hours=between&from=%00&to=x",
    ] {
        let answer = site.post(&path, &format!("step=save&lang=en{form}{hours}"), &jar).await;
        assert!(read(&answer).contains("Choose an end that is later than the start."), "{hours}");
    }
    let person = ana.person;
    assert!(site.house.write(move |tx| directives::of_person(tx, person)).await.is_empty());
    let log = log_of(&site, &ana).await;
    assert!(log.iter().all(|line| line.channel != Channel::Portal || matches!(line.event.act, Act::Verified | Act::CodeAsked)), "{log:?}");
    let odd = site.post(&path, &format!("step=save&lang=en{form}&hours=sometimes&text_lang=xx"), &jar).await;
    assert!(read(&odd).contains("Saved."), "what is not known stays as it was");
    assert_eq!(site.house.write(move |tx| Ok(people::get(tx, person)?.language)).await, Language::En);
}
