//! The check-in screen on a tablet, upright and on its side, in both languages, and once without any script.

use crate::browser::{Browser, TABLETS};
use crate::patient::{Front, Looker, press};
use crate::tools;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};
use wellsent_domain::practice::Settings;
use wellsent_domain::{Language, PhoneNumber};
use wellsent_testkit::house::Patient;

/// A line long enough to be a signature.
const STROKE: [(i64, i64); 12] =
    [(20, -20), (20, 25), (20, -30), (20, 30), (15, -15), (15, 10), (-20, 25), (10, -30), (20, 8), (15, -12), (15, 9), (20, -6)];

async fn desk_code(front: &Front, patient: &Patient) -> String {
    front.house.engine.start_check_in(front.house.access(), patient.contact).await.expect("a code")
}

async fn starts(browser: &Browser, front: &Front, patient: &Patient, lang: Language) {
    browser.open(&format!("{}/check-in?lang={}", front.base, lang.as_str())).await;
    let code = desk_code(front, patient).await;
    browser.type_into("#code", &code).await;
    press(browser, "start").await;
    browser.until("somebody is greeted", "document.querySelector('#ask')", &[]).await;
}

/// From the start to the end, and a look at each screen.
async fn checks_in(looker: &mut Looker<'_>, front: &Front, patient: &Patient, lang: Language) {
    let browser = looker.browser;
    browser.open(&format!("{}/check-in?lang={}", front.base, lang.as_str())).await;
    looker.at("start").await;
    // The number pad types for the hand.
    for digit in "123".chars() {
        browser.click(&format!("[data-digit='{digit}']")).await;
    }
    browser.click("[data-delete]").await;
    browser.click("[data-digit='0']").await;
    assert_eq!(browser.ask("return document.querySelector('#code').value", &[]).await, json!("120"));
    press(browser, "start").await;
    browser.until("the wrong code is told", "document.querySelector('#fault')", &[]).await;
    looker.at("start-wrong").await;
    for digit in desk_code(front, patient).await.chars() {
        browser.click(&format!("[data-digit='{digit}']")).await;
    }
    press(browser, "start").await;
    browser.until("somebody is greeted", "document.querySelector('#ask')", &[]).await;
    looker.at("hello").await;
    browser.click("button[value=yes]").await;
    browser.until("the phone is asked for", "document.querySelector('#new-number')", &[]).await;
    looker.at("phone").await;
    browser.click("label[for=phone-changed]").await;
    browser.type_into("#new-number", "212 555").await;
    press(browser, "phone").await;
    browser.until("the wrong number is told", "document.querySelector('#fault')", &[]).await;
    looker.at("phone-wrong").await;
    browser.click("label[for=phone-mine]").await;
    press(browser, "phone").await;
    browser.until("the choices are there", "document.querySelector('.cards')", &[]).await;
    looker.at("choices").await;
    browser.click("label[for=appointments-yes]").await;
    press(browser, "choices").await;
    browser.until("what is unanswered is told", "document.querySelector('.missing')", &[]).await;
    looker.at("choices-unanswered").await;
    assert_eq!(browser.count("#appointments-yes:checked").await, 1, "what was answered stays");
    for choice in ["care-yes", "billing-no", "surveys-no"] {
        browser.click(&format!("label[for={choice}]")).await;
    }
    press(browser, "choices").await;
    browser.until("the signature is asked for", "document.querySelector('#typed-name')", &[]).await;
    looker.at("sign").await;
    press(browser, "sign").await;
    browser.until("what is missing is told", "document.querySelector('#not-read')", &[]).await;
    looker.at("sign-missing").await;
    browser.draw("canvas", &STROKE).await;
    browser.until("the line is kept", "document.querySelector('[data-path]').value.split('L').length > 8", &[]).await;
    browser.click("[data-draw-clear]").await;
    assert_eq!(browser.ask("return document.querySelector('[data-path]').value", &[]).await, json!(""));
    browser.draw("canvas", &STROKE).await;
    browser.click("label[for=read]").await;
    looker.at("signed").await;
    press(browser, "sign").await;
    browser.until("the code is asked for", "document.querySelector('#code')", &[]).await;
    looker.at("code").await;
    browser.type_into("#code", "12").await;
    press(browser, "code").await;
    browser.until("the wrong code is told", "document.querySelector('#fault')", &[]).await;
    looker.at("code-wrong").await;
    let code = front.code_on(patient).await;
    browser.type_into("#code", &code).await;
    press(browser, "code").await;
    browser.until("it is done", "document.querySelector('.badge.is-good')", &[]).await;
    looker.at("done").await;
    browser.click("a[href*='at=print']").await;
    browser.until("the copy is there", "document.querySelector('.paper svg.signature')", &[]).await;
    looker.at("copy").await;
    browser.click(".copy-tools a.button").await;
    browser.until("the end is there again", "document.querySelector('.badge.is-good')", &[]).await;
    press(browser, "finish").await;
    browser.until("the start is there", "document.querySelector('.start')", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_checks_in_on_a_tablet() {
    let Some(tools) = tools() else { return };
    let front = Front::open(Settings::default()).await;
    let browser = Browser::start(&tools, &front.base).await;
    let mut wrong = Vec::new();
    let mut numbers = (41..).map(|n| format!("212-555-01{n}"));
    for (way, size) in ["upright", "side"].into_iter().zip(TABLETS) {
        for lang in Language::ALL {
            let mut looker = Looker::new(&browser, size, format!("check-in-{}-{way}", lang.as_str())).await;
            let patient = front.patient(lang, &numbers.next().expect("a number")).await;
            checks_in(&mut looker, &front, &patient, lang).await;
            starts(&browser, &front, &patient, lang).await;
            browser.click("button[value=no]").await;
            browser.until("the desk is meant", "document.querySelector('.badge') && !document.querySelector('#ask')", &[]).await;
            looker.at("ask-desk").await;
            browser.open(&format!("{}/check-in?at=still-there&lang={}", front.base, lang.as_str())).await;
            looker.at("still-there").await;
            browser.open(&format!("{}/check-in?at=over&lang={}", front.base, lang.as_str())).await;
            looker.at("over").await;
            wrong.extend(looker.wrong());
        }
    }
    for _ in 0..20 {
        front.house.engine.enter_check_in("000000", IpAddr::V4(Ipv4Addr::LOCALHOST)).await.expect("a try");
    }
    for lang in ["en", "es"] {
        let mut looker = Looker::new(&browser, TABLETS[0], format!("check-in-{lang}-upright")).await;
        browser.open(&format!("{}/check-in?lang={lang}", front.base)).await;
        browser.type_into("#code", "123456").await;
        press(&browser, "start").await;
        browser.until("the screen rests", "document.querySelector('#fault')", &[]).await;
        looker.at("too-many").await;
        wrong.extend(looker.wrong());
    }
    browser.quit().await;
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_patient_checks_in_all_the_same() {
    let Some(tools) = tools() else { return };
    let front = Front::open(Settings::default()).await;
    let browser = Browser::start(&tools, &front.base).await;
    let size = TABLETS[0];
    let looker = Looker::new(&browser, size, "check-in-no-script".to_owned()).await;
    browser.without_scripts(true).await;
    let patient = front.patient(Language::En, "212-555-0161").await;
    starts(&browser, &front, &patient, Language::En).await;
    looker.picture("check-in-no-script-hello").await;
    browser.click("button[value=yes]").await;
    browser.click("label[for=phone-changed]").await;
    browser.type_into("#new-number", "(212) 555-0162").await;
    press(&browser, "phone").await;
    for choice in ["appointments-yes", "care-no", "billing-yes", "surveys-no"] {
        browser.click(&format!("label[for={choice}]")).await;
    }
    press(&browser, "choices").await;
    browser.until("there is no field to draw in", "document.querySelector('[data-draw]')?.checkVisibility() === false", &[]).await;
    looker.picture("check-in-no-script-sign").await;
    browser.type_into("#typed-name", "Ana Rivera").await;
    browser.click("label[for=read]").await;
    press(&browser, "sign").await;
    browser.until("the code is asked for", "document.querySelector('input.code')", &[]).await;
    let patient = Patient { number: PhoneNumber::parse("212-555-0162").expect("a number"), ..patient };
    let code = front.code_on(&patient).await;
    browser.type_into("#code", &code).await;
    press(&browser, "code").await;
    browser.until("it is done", "document.querySelector('.badge.is-good')", &[]).await;
    looker.picture("check-in-no-script-done").await;
    browser.click("a[href*='at=print']").await;
    browser.until_says(".typed-signature", "Ana Rivera").await;
    looker.picture("check-in-no-script-copy").await;
    browser.without_scripts(false).await;
    browser.quit().await;
}
