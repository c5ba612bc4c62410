//! A day without a mouse.

use crate::browser::Browser;
use serde_json::json;
use thirtyfour::Key;

/// From the first key to a patient's page by keys alone: past the frame by the skip link, to the search by a slash, to the patient by tab.
pub async fn reaches_a_patient(browser: &Browser, name: &str) {
    eprintln!("browser: by keyboard to a patient");
    browser.open("/").await;
    browser.keys(Key::Tab).await;
    let is_seen = "document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0";
    browser.until("the first tab shows the skip link", is_seen, &[]).await;
    browser.keys(Key::Enter).await;
    browser.until("the skip link leads into the page", "document.activeElement.id === 'main'", &[]).await;

    browser.keys("/").await;
    browser.until("a slash leads to the search", "document.activeElement.matches('.side input[type=search]')", &[]).await;
    let family = name.split(' ').next_back().unwrap_or(name);
    browser.keys(family.to_owned() + Key::Enter).await;
    browser.until_says("#people-title", "found").await;

    browser.keys(Key::Tab).await;
    browser.keys(Key::Enter).await;
    browser.until("the skip link leads past the frame", "document.activeElement.id === 'main'", &[]).await;
    let on_patient = "document.activeElement.textContent.trim() === arguments[0] && document.activeElement.matches('#people-results a')";
    for _ in 0..80 {
        browser.keys(Key::Tab).await;
        let is_marked =
            "return getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement === document.body";
        assert_eq!(browser.ask(is_marked, &[]).await, json!(true), "the focus is seen wherever it goes");
        if browser.ask(&format!("return {on_patient}"), &[json!(name)]).await == json!(true) {
            browser.keys(Key::Enter).await;
            browser.until_says("h1", name).await;
            browser.has_no_complaints("the way by keyboard").await;
            return;
        }
    }
    panic!("no tab reaches the patient");
}
