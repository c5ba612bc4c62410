//! The patients' pages on a phone: from the link in a text through the door to the message, the reply and the preferences.
//!
//! A whole house runs inside the test, so that texts are read from the phones themselves.

use crate::browser::{Browser, PHONE};
use crate::{looks, tools};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use thirtyfour::Key;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wellsent_domain::practice::Settings;
use wellsent_domain::secure_page::Factor;
use wellsent_domain::{Language, Phi, PhoneNumber, StaffId};
use wellsent_engine::SecondFact;
use wellsent_testkit::house::{Backend, House, Patient, Plan};
use wellsent_web::{App, router};

const MESSAGE: &str = "Hello Ana,\n\nyour culture grew nothing, so the infection is gone.\n\n- Finish the bottle all the same.\n- Drink plenty of water.\n\nCall us if the fever comes back.";
const MESSAGE_ES: &str = "Hola, Ana:\n\nsu cultivo salió negativo; la infección ya pasó.\n\n- Termine el frasco de todos modos.\n- Tome mucha agua.\n\nLlámenos si vuelve la fiebre.";

/// A house whose pages a browser can open.
pub struct Front {
    pub house: House,
    pub base: String,
    _stop: watch::Sender<bool>,
}

impl Front {
    /// Opens the doors on a port of its own.
    pub async fn open(settings: Settings) -> Self {
        let settings = Settings { texts_per_day_max: 100, texts_per_week_max: 100, ..settings };
        let house = House::build(Plan { settings, ..Plan::on(Backend::Sqlite) }).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, shutdown) = watch::channel(false);
        let app = App { engine: house.engine.clone(), public_url: Arc::from(&*base), demo: true, shutdown };
        tokio::spawn(async move { axum::serve(listener, router(app)).await.expect("it serves") });
        Self { house, base, _stop: stop }
    }

    /// A patient who is texted in a language.
    pub async fn patient(&self, language: Language, number: &str) -> Patient {
        self.house.patient_at(PhoneNumber::parse(number).expect("a number"), language).await
    }

    /// The path of the link in the last text on a phone.
    fn link_on(&self, patient: &Patient) -> String {
        let text = self.house.got(&patient.number).pop().expect("a text arrived");
        let (_, rest) = text.split_once("/s/").unwrap_or_else(|| panic!("no link in {text}"));
        format!("/s/{}", rest.split(' ').next().unwrap_or_default())
    }

    /// The newest code on a phone.
    pub async fn code_on(&self, patient: &Patient) -> String {
        self.house.settle().await;
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let texts = self.house.got(&patient.number);
        let code = texts.iter().rev().find_map(|text| text.split([' ', '.']).find(is_code));
        code.unwrap_or_else(|| panic!("no code in {texts:?}")).to_owned()
    }

    async fn page(&self, patient: &Patient, words: &str) -> String {
        let (engine, by) = (&self.house.engine, StaffId::from_bytes([7; 16]));
        engine.send_page(self.house.access(), by, patient.contact, Phi::new(words.to_owned())).await.expect("a page");
        self.house.settle().await;
        self.link_on(patient)
    }

    async fn preferences(&self, patient: &Patient) -> String {
        let (engine, by) = (&self.house.engine, StaffId::from_bytes([7; 16]));
        engine.send_preferences(self.house.access(), by, patient.contact).await.expect("a page");
        self.house.settle().await;
        self.link_on(patient)
    }
}

/// Looks at screens one after the other and keeps what is wrong with them.
pub struct Looker<'a> {
    pub browser: &'a Browser,
    pub size: (u32, u32),
    /// What the names of the pictures begin with.
    pub what: String,
    axe: Option<String>,
    wrong: Vec<String>,
}

impl<'a> Looker<'a> {
    pub async fn new(browser: &'a Browser, size: (u32, u32), what: String) -> Self {
        browser.look_through(size, false).await;
        Self { browser, size, what, axe: looks::axe(), wrong: Vec::new() }
    }

    /// Looks at the screen in front: nothing sticks out, nothing needs a sideways scroll, every rule of accessibility is kept, light and dark.
    pub async fn at(&mut self, name: &str) {
        let (browser, name) = (self.browser, format!("{}-{name}", self.what));
        eprintln!("browser: {name}");
        self.picture(&name).await;
        let widths = browser.ask("return [document.documentElement.scrollWidth, innerWidth]", &[]).await;
        if widths[0].as_u64() > widths[1].as_u64() {
            self.wrong.push(format!("{name} needs a sideways scroll: {widths}"));
        }
        let spills = looks::SPILLS.replace("'.card, ", "'.sheet, .ask, .warning, .note, .top, .pick, .terms, .card, ");
        self.wrong.extend(looks::lines(&browser.ask(&spills, &[]).await).into_iter().map(|spill| format!("{name}: {spill}")));
        // A finger needs room: what is pressed is at least 44 high, but for links within a sentence.
        const SMALL: &str = "return [...document.querySelectorAll('button, .pick label, select, input:not([type=hidden], [type=radio], [type=checkbox]), a.button')]
            .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
            .map((each) => `${each.outerHTML.slice(0, 100)} is ${Math.round(each.getBoundingClientRect().height)} px high`)";
        self.wrong.extend(looks::lines(&browser.ask(SMALL, &[]).await).into_iter().map(|small| format!("{name}: {small}")));
        if let Some(axe) = &self.axe {
            // The question whether anybody is there goes away by itself. It may: it leaves time to answer, and the answer stops it (WCAG 2.2.1).
            let goes_by_itself = name.ends_with("still-there");
            let all = json!({ "resultTypes": ["violations"], "rules": { "meta-refresh": { "enabled": !goes_by_itself } } });
            self.wrong.extend(looks::violations(browser, axe, all).await.into_iter().map(|found| format!("{name}: {found}")));
            browser.look_through(self.size, true).await;
            browser.until("the colours have changed", "document.getAnimations().length === 0", &[]).await;
            let colours = json!({ "runOnly": ["color-contrast"], "resultTypes": ["violations"] });
            self.wrong.extend(looks::violations(browser, axe, colours).await.into_iter().map(|found| format!("{name} in dark: {found}")));
            browser.look_through(self.size, false).await;
        }
        browser.has_no_complaints(&name).await;
    }

    /// A picture of the whole page, however long it is.
    pub async fn picture(&self, name: &str) {
        let height = self.browser.ask("return document.documentElement.scrollHeight", &[]).await.as_u64().unwrap_or_default();
        let height = u32::try_from(height).unwrap_or(self.size.1).clamp(self.size.1, 6_000);
        self.browser.look_through((self.size.0, height), false).await;
        self.browser.screenshot(name).await;
        self.browser.look_through(self.size, false).await;
    }

    /// Everything that was wrong.
    pub fn wrong(self) -> Vec<String> {
        self.wrong
    }
}

/// Presses the button of the form of a step and waits for the next page.
pub async fn press(browser: &Browser, step: &str) {
    browser.click(&format!("form:has(input[name=step][value={step}]) button:not([type=button])")).await;
}

async fn goes_through_the_door(looker: &mut Looker<'_>, front: &Front, patient: &Patient, path: &str, lang: &str) {
    let browser = looker.browser;
    browser.open(&format!("{}{path}?lang={lang}", front.base)).await;
    looker.at("door").await;
    press(browser, "send_code").await;
    browser.until("the code is asked for", "document.querySelector('#code')", &[]).await;
    looker.at("code").await;
    browser.type_into("#code", "12").await;
    press(browser, "code").await;
    browser.until("the wrong code is told", "document.querySelector('#fault')", &[]).await;
    looker.at("code-wrong").await;
    let code = front.code_on(patient).await;
    browser.type_into("#code", &code).await;
    press(browser, "code").await;
    browser.until("the page is open", "!document.querySelector('.door')", &[]).await;
}

async fn reads_and_answers(looker: &mut Looker<'_>, front: &Front, patient: &Patient, lang: Language) {
    let browser = looker.browser;
    let path = front.page(patient, if lang == Language::En { MESSAGE } else { MESSAGE_ES }).await;
    goes_through_the_door(looker, front, patient, &path, lang.as_str()).await;
    browser.until("the message is there", "document.querySelector('.letter-text')", &[]).await;
    looker.at("message").await;
    press(browser, "reply").await;
    browser.until("the empty reply is told", "document.querySelector('#fault')", &[]).await;
    looker.at("reply-empty").await;
    browser.type_into("#text", "Thank you! Can I swim again?").await;
    press(browser, "reply").await;
    browser.until("the reply is sent", "document.querySelector('.replies')", &[]).await;
    looker.at("replied").await;
    browser.click("nav.languages a:not([aria-current])").await;
    let other = if lang == Language::En { "es" } else { "en" };
    browser.until("the other language is there", "document.documentElement.lang === arguments[0]", &[json!(other)]).await;
    assert_eq!(browser.count(".replies li").await, 1, "a link to the other language sends nothing");
    browser.click("nav.languages a:not([aria-current])").await;
    browser.until("the language is back", "document.documentElement.lang === arguments[0]", &[json!(lang.as_str())]).await;
    press(browser, "close").await;
    browser.until("it is closed", "location.search.includes('at=closed')", &[]).await;
    looker.at("closed").await;
    browser.open(&format!("{}{path}?lang={}", front.base, lang.as_str())).await;
    assert_eq!(browser.count(".letter-text").await, 0, "it is closed");
}

async fn sets_preferences(looker: &mut Looker<'_>, front: &Front, patient: &Patient, lang: Language) {
    let browser = looker.browser;
    let path = front.preferences(patient).await;
    goes_through_the_door(looker, front, patient, &path, lang.as_str()).await;
    browser.until("the preferences are there", "document.querySelector('#topics-title')", &[]).await;
    looker.at("preferences").await;
    press(browser, "save").await;
    browser.until("the unanswered questions are told", "document.querySelector('#fault')", &[]).await;
    looker.at("preferences-unanswered").await;
    for choice in ["care-yes", "billing-no", "surveys-no", "marketing-no", "hours-between"] {
        browser.click(&format!("label[for={choice}]")).await;
    }
    press(browser, "save").await;
    browser.until("they are saved", "document.querySelector('.note.is-good')", &[]).await;
    looker.at("preferences-saved").await;
    press(browser, "stop").await;
    browser.until("it asks once more", "document.querySelector('.badge.is-off')", &[]).await;
    looker.at("stop").await;
    press(browser, "stop_yes").await;
    browser.until("texts are stopped", "document.querySelector('.note.is-off')", &[]).await;
    looker.at("stopped").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_reads_answers_and_chooses_on_a_phone() {
    let Some(tools) = tools() else { return };
    let front = Front::open(Settings::default()).await;
    let browser = Browser::start(&tools, &front.base).await;
    let mut wrong = Vec::new();
    for (lang, numbers) in [(Language::En, ["212-555-0131", "212-555-0132"]), (Language::Es, ["212-555-0133", "212-555-0134"])] {
        let mut looker = Looker::new(&browser, PHONE, format!("secure-{}", lang.as_str())).await;
        let reader = front.patient(lang, numbers[0]).await;
        reads_and_answers(&mut looker, &front, &reader, lang).await;
        browser.forget().await;
        looker.what = format!("preferences-{}", lang.as_str());
        let chooser = front.patient(lang, numbers[1]).await;
        sets_preferences(&mut looker, &front, &chooser, lang).await;
        browser.forget().await;
        wrong.extend(looker.wrong());
    }

    let births = Front::open(Settings { page_factor: Factor::BirthDate, ..Settings::default() }).await;
    for lang in ["en", "es"] {
        let mut looker = Looker::new(&browser, PHONE, format!("secure-{lang}")).await;
        browser.open(&format!("{}/s/AAAAAAAAAAAAAAAAAAAAAA?lang={lang}", births.base)).await;
        looker.at("birth-date").await;
        browser.type_into("#month", "13").await;
        press(&browser, "birth_date").await;
        browser.until("it did not work", "document.querySelector('#fault')", &[]).await;
        looker.at("birth-date-wrong").await;
        wrong.extend(looker.wrong());
    }
    for _ in 0..20 {
        let fact = SecondFact::Code(Phi::new("000000".to_owned()));
        let from = IpAddr::V4(Ipv4Addr::LOCALHOST);
        births.house.engine.page_try("AAAAAAAAAAAAAAAAAAAAAA", fact, from).await.expect("a try");
    }
    for lang in ["en", "es"] {
        let mut looker = Looker::new(&browser, PHONE, format!("secure-{lang}")).await;
        browser.open(&format!("{}/s/AAAAAAAAAAAAAAAAAAAAAA?lang={lang}", births.base)).await;
        looker.at("try-later").await;
        wrong.extend(looker.wrong());
    }
    browser.quit().await;
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Presses the tab key until something has the focus; wherever the focus goes, it is seen.
pub async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..60 {
        browser.keys(Key::Tab).await;
        let is_marked = "const at = document.activeElement;
            const marked = (each) => each && (getComputedStyle(each).outlineStyle !== 'none' || getComputedStyle(each).boxShadow !== 'none');
            return at === document.body || marked(at) || marked(at.nextElementSibling) || marked(at.parentElement)";
        let place = browser.ask("return document.activeElement.outerHTML.slice(0, 120)", &[]).await;
        assert_eq!(browser.ask(is_marked, &[]).await, json!(true), "the focus is seen wherever it goes: {place}");
        if browser.ask("return document.activeElement.matches(arguments[0])", &[json!(css)]).await == json!(true) {
            return;
        }
    }
    panic!("no tab reaches {css}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_reached_and_answered_by_keyboard_alone() {
    let Some(tools) = tools() else { return };
    let front = Front::open(Settings::default()).await;
    let browser = Browser::start(&tools, &front.base).await;
    browser.look_through(PHONE, false).await;
    let patient = front.patient(Language::En, "212-555-0135").await;
    let path = front.page(&patient, MESSAGE).await;
    browser.open(&format!("{path}?lang=en")).await;
    browser.keys(Key::Tab).await;
    browser
        .until(
            "the first tab shows the skip link",
            "document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0",
            &[],
        )
        .await;
    browser.keys(Key::Enter).await;
    browser.until("the skip link leads into the page", "document.activeElement.id === 'main'", &[]).await;
    tab_to(&browser, "button.primary").await;
    browser.keys(Key::Enter).await;
    browser.until("the code is asked for", "document.querySelector('#code')", &[]).await;
    tab_to(&browser, "#code").await;
    let code = front.code_on(&patient).await;
    browser.keys(code + Key::Enter).await;
    browser.until("the message is there", "document.querySelector('.letter-text')", &[]).await;
    tab_to(&browser, "#text").await;
    browser.keys("Thank you").await;
    tab_to(&browser, "button.primary").await;
    browser.keys(Key::Enter).await;
    browser.until("the reply is sent", "document.querySelector('.replies')", &[]).await;
    browser.has_no_complaints("the way by keyboard").await;
    browser.quit().await;
}
