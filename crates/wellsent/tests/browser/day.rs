//! The acts of the day.

use crate::browser::{Browser, LAPTOP};
use crate::desk::Demo;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many days ahead patients are looked for.
const DAYS_AHEAD: usize = 8;
/// How many patients are looked at, at most.
const CHARTS_MAX: usize = 60;

/// What the day leaves behind for others to look at.
pub struct Pages {
    /// Somebody whose name can be searched for.
    pub patient: String,
    /// A name and the address of every kind of page.
    pub addresses: Vec<(&'static str, String)>,
}

/// A patient with a visit ahead and a text planned for it.
struct Patient {
    name: String,
    page: String,
    phone: String,
    /// The page of the visit's day.
    day: String,
    /// The visit's row there.
    row: String,
    text: Planned,
}

#[derive(Clone, Deserialize)]
struct Planned {
    page: String,
    kind: String,
    /// With its offset: `2026-11-25T10:00:00-05:00`.
    due: String,
}

impl Planned {
    /// Then nothing but the opt-out can be said against it.
    fn is_in_working_hours(&self) -> bool {
        self.due.get(11..13).is_some_and(|hour| ("09".."20").contains(&hour))
    }
}

/// The whole day, one act after the other.
pub async fn live_through(browser: &Browser, demo: &Demo) -> Pages {
    comes_in_by_the_link_once(browser, demo).await;
    let (answering, stopping) = two_patients(browser).await;
    stops_texts_from_the_phone(browser, &stopping).await;
    // The clock only goes ahead, so what is due first comes first.
    let is_refused_first = stopping.text.due < answering.text.due;
    if is_refused_first {
        reads_why_a_text_was_refused(browser, &stopping).await;
    }
    sees_a_reminder_arrive(browser, &answering).await;
    sees_the_answer_come_in(browser, &answering).await;
    if !is_refused_first {
        reads_why_a_text_was_refused(browser, &stopping).await;
    }
    finds_the_link_used_up(browser, demo).await;
    let thread = {
        browser.open("/inbox").await;
        browser.attribute(".mail-list a", "href").await.expect("the inbox has a thread")
    };
    let addresses = vec![
        ("today", "/".to_owned()),
        ("day", answering.day),
        ("person", answering.page),
        ("stopped", stopping.page),
        ("message", answering.text.page),
        ("refused", stopping.text.page),
        ("messages", "/messages".to_owned()),
        ("phones", "/phones".to_owned()),
        ("phone", answering.phone),
        ("inbox", "/inbox".to_owned()),
        ("thread", thread),
        ("tasks", "/tasks".to_owned()),
        ("people", "/people".to_owned()),
        ("consents", "/consents".to_owned()),
        ("carriers", "/carriers".to_owned()),
        ("import", "/import".to_owned()),
        ("ledger", "/ledger".to_owned()),
        ("door", demo.link().to_owned()),
    ];
    Pages { patient: answering.name, addresses }
}

async fn comes_in_by_the_link_once(browser: &Browser, demo: &Demo) {
    eprintln!("browser: in by the printed link");
    // Looked at twice and not used up: mail programs open links too.
    for _ in 0..2 {
        browser.open(demo.link()).await;
        browser.until_says("h1", "Continue to Wellsent").await;
    }
    browser.has_no_complaints("the door").await;
    browser.screenshot("sign-in").await;
    browser.click(".door button.primary").await;
    browser.until("the day's page is there", "document.querySelector('.days') && location.pathname === '/'", &[]).await;
    assert_eq!(browser.text(".eyebrow").await, "Today");
    let announced = browser.text(".day[aria-current]").await;
    let rows = browser.count("#visits .visit").await;
    assert!(announced.contains(&format!(", {rows} visit")), "the switcher says {announced}, the page shows {rows}");
    let week = "return [...document.querySelectorAll('.day')].map((day) => parseInt(day.textContent.split(', ').pop()))";
    let visits: u64 = browser.ask(week, &[]).await.as_array().into_iter().flatten().filter_map(Value::as_u64).sum();
    assert!(visits > 50, "a practice at work, also where today is a Sunday: {visits} visits in these days");
    browser.has_no_complaints("today").await;
}

/// Somebody who will answer a reminder that asks, and somebody else.
async fn two_patients(browser: &Browser) -> (Patient, Patient) {
    eprintln!("browser: looks for two patients");
    const ROWS: &str = r"
        return [...document.querySelectorAll('#visits .visit:not(.is-past)')]
            .filter((row) => /Planned|Delivered|Sent/.test(row.querySelector('.visit-state').textContent))
            .map((row) => [row.id, row.querySelector('.visit-who a').pathname]);
    ";
    // A phone of one's own, one visit, nothing against a reminder: then it is sure what happens next.
    const CHART: &str = r"
        const may = document.querySelector('#may-text tbody .chip');
        if (!may || may.classList.contains('tone-bad') || document.querySelector('.contact .notice')) return null;
        if (document.querySelectorAll('#person-visits .card > ul strong').length !== 1) return null;
        const planned = [...document.querySelectorAll('#planned li')].map((row) => ({
            page: row.querySelector('a').pathname, kind: row.querySelector('a').textContent, due: row.querySelector('time').dateTime,
        }));
        return { name: document.querySelector('h1').textContent, phone: document.querySelector('#texting a').pathname, planned };
    ";
    let (mut answering, mut stopping): (Option<Patient>, Option<Patient>) = (None, None);
    let mut looked_at = 0;
    browser.open("/").await;
    for _ in 0..DAYS_AHEAD {
        let day = browser.attribute(".days a[aria-label=\"The day after\"]", "href").await.expect("there is a next day");
        browser.open(&day).await;
        let rows: Vec<(String, String)> = serde_json::from_value(browser.ask(ROWS, &[]).await).expect("rows");
        for (row, page) in rows {
            looked_at += 1;
            assert!(looked_at <= CHARTS_MAX, "no patient fits");
            browser.open(&page).await;
            let chart = browser.ask(CHART, &[]).await;
            let planned: Vec<Planned> = serde_json::from_value(chart["planned"].clone()).unwrap_or_default();
            let word = |name: &str| chart[name].as_str().unwrap_or_default().to_owned();
            let asks = planned.iter().find(|text| text.kind.contains("2 days before")).cloned();
            let Some(first) = planned.iter().find(|text| text.is_in_working_hours()).cloned() else { continue };
            let patient = |text| Patient { name: word("name"), page, phone: word("phone"), day: day.clone(), row, text };
            match (&answering, &stopping, asks) {
                (None, _, Some(text)) => answering = Some(patient(text)),
                (_, None, _) => stopping = Some(patient(first)),
                _ => {}
            }
            if let (Some(_), Some(_)) = (&answering, &stopping) {
                return (answering.take().expect("found"), stopping.take().expect("found"));
            }
        }
        browser.open(&day).await;
    }
    panic!("no two patients with a text ahead in the next {DAYS_AHEAD} days");
}

async fn stops_texts_from_the_phone(browser: &Browser, patient: &Patient) {
    eprintln!("browser: STOP from a phone");
    browser.open(&patient.phone).await;
    texts_and_gets_one_answer(browser, "STOP").await;
    browser.has_no_complaints("a phone").await;
    browser.open(&patient.page).await;
    browser.until_says(".contact .notice", "No texts go to this number").await;
    browser.until_says("#texting", "Opted out").await;
    browser.until_says("#consent-history .dot + p", "stopped").await;
    browser.until_says("#may-text td", "May not go").await;
}

/// Presses a quick reply on the open phone. It shows among the phone's texts, and one answer of the practice after it.
async fn texts_and_gets_one_answer(browser: &Browser, word: &str) {
    let (mine, theirs) = (browser.count("#phone-texts .is-mine").await, browser.count("#phone-texts .sms:not(.is-mine)").await);
    browser.click(&format!("#quick-{word}")).await;
    let grew = "document.querySelectorAll('#phone-texts .is-mine').length === arguments[0] \
                && document.querySelectorAll('#phone-texts .sms:not(.is-mine)').length === arguments[1] \
                && [...document.querySelectorAll('#phone-texts .is-mine p')].pop().textContent.endsWith(arguments[2])";
    browser.until("the text goes and one answer comes", grew, &[json!(mine + 1), json!(theirs + 1), json!(word)]).await;
}

/// Moves the demo's clock to a moment, unless it is there already.
async fn set_the_clock(browser: &Browser, moment: &str) {
    let to = moment.get(..16).expect("a date and a time");
    let is_there = "document.querySelector('#clock-to').defaultValue >= arguments[0]";
    if browser.ask(&format!("return {is_there}"), &[json!(to)]).await == json!(true) {
        return;
    }
    browser.ask("document.querySelector('#clock-to').value = arguments[0]", &[json!(to)]).await;
    browser.click("#clock-set").await;
    browser.until("the clock has moved", is_there, &[json!(to)]).await;
}

async fn sees_a_reminder_arrive(browser: &Browser, patient: &Patient) {
    eprintln!("browser: the clock goes to the reminder");
    browser.open(&patient.text.page).await;
    browser.until_says("#ruling-title", "Not ruled yet").await;
    // It happens on the open page, which nobody reloads.
    browser.ask("window.unreloaded = true", &[]).await;
    set_the_clock(browser, &patient.text.due).await;
    browser.until_says("#ruling-title", "Released").await;
    browser.until_says("#message-state", "Delivered").await;
    browser.until_says("#attempts", "Receipt: Delivered").await;
    browser.until_says(".reasons", "A recorded consent allows it.").await;
    assert_eq!(browser.text(".reasons .rule").await, "T-01consent");
    let digest = browser.text("#facts .digest code").await;
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "a digest of the facts: {digest}");
    assert!(browser.count("#facts tr").await > 20, "the facts that the gate looked at");
    browser.until_says("#proof .proof-state", "On the ledger, verified").await;
    assert_eq!(browser.ask("return window.unreloaded", &[]).await, json!(true), "all of it came in by itself");
    browser.has_no_complaints("a message").await;
}

async fn sees_the_answer_come_in(browser: &Browser, patient: &Patient) {
    eprintln!("browser: the patient answers C");
    let desk = browser.here().await;
    let beside = browser.open_beside(&patient.day).await;
    let state = format!("#{} .visit-state", patient.row);
    browser.until_says(&state, "Delivered").await;
    browser.ask("window.unreloaded = true", &[]).await;

    browser.turn_to(&desk).await;
    browser.open(&patient.page).await;
    browser.click("#texting a").await;
    browser.until_says("#handset-title", &patient.name).await;
    browser.until_says("#phone-texts", "Elm St Clinic").await;
    let sent = browser.text("#phone-texts .sms:last-child p").await;
    assert!(sent.contains("STOP") && (sent.contains("Reply C") || sent.contains("Responda C")), "the reminder asks: {sent}");
    texts_and_gets_one_answer(browser, "C").await;
    browser.has_no_complaints("a phone").await;

    browser.turn_to(&beside).await;
    browser.until_says(&state, "Confirmed").await;
    assert_eq!(browser.text(&format!("#{} .visit-reply q", patient.row)).await, "C");
    assert_eq!(browser.ask("return window.unreloaded", &[]).await, json!(true), "the day's page was not reloaded");
    browser.has_no_complaints("the day").await;
    browser.screenshot("confirmed").await;
    browser.close_and_turn_to(&desk).await;
    browser.look_through(LAPTOP, false).await;
}

async fn reads_why_a_text_was_refused(browser: &Browser, patient: &Patient) {
    eprintln!("browser: the next reminder to the number that stopped");
    browser.open(&patient.text.page).await;
    set_the_clock(browser, &patient.text.due).await;
    browser.until_says("#ruling-title", "Refused").await;
    browser.until_says(".reasons", "Somebody at this number asked for texts to stop.").await;
    assert_eq!(browser.text(".reasons .rule").await, "T-08suppressed");
    assert_eq!(browser.text(".reasons .is-against .unseen").await, "Against:");
    browser.until_says(".changes", "The patient texts START, or gives fresh consent").await;
    browser.until_says("#facts .is-decisive", "Texts stopped").await;
    browser.until_says("#attempts", "It was never handed to the carrier.").await;
    browser.until_says("#message-state", "Refused").await;
    browser.until_says("#proof .proof-state", "On the ledger, verified").await;
    browser.has_no_complaints("a refused message").await;
}

async fn finds_the_link_used_up(browser: &Browser, demo: &Demo) {
    eprintln!("browser: the link a second time");
    browser.open(demo.link()).await;
    browser.until_says("h1", "This link was already used").await;
    assert_eq!(browser.count("form").await, 0, "nothing to press");
}
