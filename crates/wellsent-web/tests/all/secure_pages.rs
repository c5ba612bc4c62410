//! Pages behind a link as they go over the wire (H-03, N-04): the door tells nothing, looking does nothing, and a reply is heard.

use crate::site::{Answer, LOCAL, Site, TLS};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;
use std::net::IpAddr;
use wellsent_domain::practice::Settings;
use wellsent_domain::secure_page::{BIRTH_DATE_LOCK, Factor, PageKind, SESSION_IDLE};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Language, Phi, PhoneNumber, StaffId};
use wellsent_store::views::thread;
use wellsent_store::{numbers, pages, tasks};
use wellsent_testkit::house::{Backend, House, Patient, Plan};
use wellsent_web::Peer;

const SECRET: &str = "Your culture grew nothing; the quorvitis is gone.";
const BASE: &str = "https://go.elmst.example/s/";
const GUESSED: &str = "AAAAAAAAAAAAAAAAAAAAAA";

pub fn by() -> StaffId {
    StaffId::from_bytes([7; 16])
}

/// A site on each database of this machine.
pub async fn sites(settings: Settings) -> Vec<Site> {
    let mut sites = Vec::new();
    for backend in Backend::all() {
        let plan = Plan { settings: settings.clone(), ..Plan::on(backend) };
        sites.push(Site::of(House::build(plan).await, LOCAL, true));
    }
    sites
}

/// Settings under which nothing of a test is held back for being too much.
pub fn generous() -> Settings {
    Settings { texts_per_day_max: 100, texts_per_week_max: 100, ..Settings::default() }
}

/// The path of the link in the last text that a phone got.
pub fn link_on(site: &Site, number: &PhoneNumber) -> String {
    let text = site.house.got(number).pop().expect("a text arrived");
    let (_, rest) = text.split_once(BASE).unwrap_or_else(|| panic!("no link in {text}"));
    format!("/s/{}", rest.split(' ').next().unwrap_or_default())
}

/// The newest code that a phone got.
pub fn code_on(site: &Site, number: &PhoneNumber) -> String {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let texts = site.house.got(number);
    let code = texts.iter().rev().find_map(|text| text.split([' ', '.']).find(is_code));
    code.unwrap_or_else(|| panic!("no code in {texts:?}")).to_owned()
}

/// A page with a message, and its path.
async fn sent(site: &Site, patient: &Patient) -> String {
    site.house.engine.send_page(site.house.access(), by(), patient.contact, Phi::new(SECRET.to_owned())).await.unwrap();
    site.house.settle().await;
    link_on(site, &patient.number)
}

/// Asks for a code at the door and opens the page with it: the cookie.
pub async fn opened(site: &Site, patient: &Patient, path: &str) -> String {
    let asked = site.post(path, "step=send_code&lang=en", "").await;
    assert_eq!((asked.status, asked.location()), (StatusCode::SEE_OTHER, "?at=code&lang=en"));
    site.house.settle().await;
    let code = code_on(site, &patient.number);
    let entered = site.post(path, &format!("step=code&lang=en&code={code}"), "").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "?lang=en"));
    entered.jar()
}

/// What a browser shows of a page, without the number of the request.
fn seen(answer: &Answer) -> (StatusCode, Vec<String>, String) {
    let unlike = [header::DATE.as_str(), "x-request-id"];
    let headers = answer.headers.iter().filter(|(name, _)| !unlike.contains(&name.as_str()));
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?"))).collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

/// What somebody reads: the page with its entities as characters.
pub fn read(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let text = answer.body.replace("&#39;", "'").replace("&#34;", "\"").replace("&quot;", "\"").replace("&#38;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn get_as(site: &Site, path: &str, method: Method, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.ask(request.body(Body::empty()).unwrap()).await
}

async fn post_from(site: &Site, path: &str, form: &str, from: IpAddr) -> Answer {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form.to_owned()))
        .unwrap();
    request.extensions_mut().insert(Peer(from));
    site.ask(request).await
}

/// What came in from a phone and its pages, oldest first.
async fn received(site: &Site, number: PhoneNumber) -> Vec<String> {
    let lines = site
        .house
        .write(move |tx| {
            let key = numbers::key(tx, number);
            thread::at(tx, key, 50)
        })
        .await;
    let words = |line| match line {
        thread::Line::Received(line) => Some(line.body.into_exposed()),
        thread::Line::Sent(_) => None,
    };
    lines.into_iter().filter_map(words).collect()
}

pub async fn is_suppressed(site: &Site, number: PhoneNumber) -> bool {
    site.house
        .write(move |tx| {
            let key = numbers::key(tx, number);
            numbers::is_suppressed(tx, key)
        })
        .await
}

/// A visit at a page from its door to its end; every answer on the way.
pub async fn walk(site: &Site, patient: &Patient, words: &str) -> Vec<Answer> {
    let path = sent(site, patient).await;
    let jar = opened(site, patient, &path).await;
    let reply = format!("step=reply&lang=en&text={}", words.replace(' ', "+"));
    vec![
        site.get(&path, "").await,
        site.get(&format!("{path}?at=code"), "").await,
        site.post(&path, &format!("step=code&code={words}"), "").await,
        site.get(&path, &jar).await,
        site.post(&path, &reply, &jar).await,
        site.get(&format!("{path}?at=sent&lang=en"), &jar).await,
        site.post(&path, "step=reply&text=", &jar).await,
        site.post(&path, "step=close&lang=en", &jar).await,
        site.get(&format!("{path}?at=closed&lang=en"), "").await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_of_every_link_is_the_same_to_the_byte() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let used = sent(&site, &ana).await;
        let jar = opened(&site, &ana, &used).await;
        let revoked = sent(&site, &ana).await;
        let newest = site.house.write(move |tx| pages::of_person(tx, ana.person, 1)).await[0].id;
        site.house.engine.revoke_page(site.house.access(), newest).await.unwrap();
        let expired = sent(&site, &ana).await;
        site.house.wait_until(site.house.engine.now() + PageKind::Message.life());
        let good = sent(&site, &ana).await;
        let guessed = format!("/s/{GUESSED}");
        let long = format!("/s/{}", "y".repeat(5_000));
        let links = [&*good, &used, &revoked, &expired, &guessed, "/s/x", &long, "/s/%00%0a", "/s/%ff%fe", "/s/..%2f..%2fledger"];
        for accepted in ["en-US,en;q=0.9", "es-MX,es;q=0.9,en;q=0.5"] {
            for query in ["", "?at=code", "?at=later", "?at=stop", "?lang=es", "?at=closed", "?at=%00"] {
                let mut like: Option<(StatusCode, Vec<String>, String)> = None;
                for link in links {
                    for cookie in ["", "wellsent-page=made-up", &jar] {
                        let headers = [("accept-language", accepted), ("cookie", cookie)];
                        let door = seen(&get_as(&site, &format!("{link}{query}"), Method::GET, &headers).await);
                        assert_eq!(door.0, StatusCode::OK, "{link}{query}");
                        assert_eq!(like.get_or_insert_with(|| door.clone()), &door, "{link}{query}");
                    }
                }
                let door = like.expect("a door").2;
                assert!(door.contains("<title>Elm St Clinic</title>") && !door.contains("quorvitis") && !door.contains("Ana"), "{query}");
            }
        }
        let texts = site.house.got(&ana.number).len();
        for form in
            ["step=send_code&lang=en", "step=code&lang=en&code=000000", "step=birth_date&month=5&day=5&year=1980", "step=reply&text=hi", ""]
        {
            let mut like: Option<(StatusCode, Vec<String>, String)> = None;
            for (n, link) in links.iter().enumerate() {
                let answer = seen(&post_from(&site, link, form, IpAddr::from([192, 0, 2, n as u8])).await);
                assert_eq!(like.get_or_insert_with(|| answer.clone()), &answer, "{link} {form}");
            }
        }
        site.house.settle().await;
        assert_eq!(site.house.got(&ana.number).len(), texts + 1, "the one link that is good brings a code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_a_hundred_times_neither_uses_nor_shows_anything() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let path = sent(&site, &ana).await;
        site.post(&path, "step=send_code", "").await;
        site.house.settle().await;
        let (code, texts, ledger) = (code_on(&site, &ana.number), site.house.got(&ana.number).len(), site.ledger().await.len());
        let plain = site.get(&path, "").await;
        let agents = [
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
            "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "WhatsApp/2.23",
            "Google-Safety; GoogleMessages",
            "",
        ];
        for n in 0..100 {
            let at = format!("{path}{}", if n % 3 == 0 { "?at=code" } else { "" });
            let method = if n % 2 == 0 { Method::GET } else { Method::HEAD };
            let answer = get_as(&site, &at, method.clone(), &[("user-agent", agents[n % agents.len()]), ("purpose", "prefetch")]).await;
            assert_eq!((answer.status, answer.cookies().len()), (StatusCode::OK, 0));
            assert_eq!(answer.body.is_empty(), method == Method::HEAD);
            if method == Method::GET && n % 3 != 0 {
                assert_eq!(seen(&answer), seen(&plain));
            }
        }
        site.house.settle().await;
        assert_eq!(site.house.got(&ana.number).len(), texts);
        assert_eq!(site.ledger().await.len(), ledger, "no trace either");
        let entered = site.post(&path, &format!("step=code&code={code}"), "").await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "the code still works");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opens_to_the_browser_that_gave_the_code_and_to_no_other() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let (first, second) = (sent(&site, &ana).await, sent(&site, &ana).await);
        let wrong = site.post(&first, "step=code&lang=en&code=12345", "").await;
        let neutral = read(&wrong);
        assert!(wrong.cookies().is_empty() && neutral.contains("That did not work. Check the code, ask for a new one, or call"));

        let jar = opened(&site, &ana, &first).await;
        let letter = site.get(&first, &jar).await;
        assert!(read(&letter).contains(SECRET));
        assert!(letter.body.contains("<title>Elm St Clinic</title>"));
        let secret = &first[3..];
        for answer in [&letter, &wrong] {
            assert!(!answer.body.contains(secret), "a page does not repeat its link");
            let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("x-robots-tag"), "noindex, nofollow");
            assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        }
        for (path, cookie) in [(&first, ""), (&second, &*jar), (&first, "wellsent-page=AAAAAAAAAAAAAAAAAAAAAA"), (&first, "wellsent=x")] {
            let door = site.get(path, cookie).await;
            assert!(read(&door).contains("Text me a code") && !door.body.contains("quorvitis"), "{cookie}");
        }
        let code = code_on(&site, &ana.number);
        assert!(site.post(&first, &format!("step=code&code={code}"), "").await.cookies().is_empty(), "a code works once");

        // Left alone it closes by itself.
        site.house.wait_until(site.house.engine.now() + SESSION_IDLE + SignedDuration::from_secs(1));
        assert!(!site.get(&first, &jar).await.body.contains("quorvitis"));
        assert!(read(&site.post(&first, "step=reply&text=hello", &jar).await).contains("Text me a code"));
        assert_eq!(received(&site, ana.number).await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_of_a_page_is_held_to_this_host_and_to_tls() {
    for (public_url, tls) in [(LOCAL, false), (TLS, true)] {
        let site = Site::on(Backend::Sqlite, public_url, false).await;
        let ana = site.house.patient().await;
        let path = sent(&site, &ana).await;
        site.post(&path, "step=send_code", "").await;
        site.house.settle().await;
        let entered = site.post(&path, &format!("step=code&code={}", code_on(&site, &ana.number)), "").await;
        let line = entered.cookies()[0];
        for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=3600"] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert_eq!((line.starts_with("__Host-wellsent-page="), line.contains("; Secure")), (tls, tls), "{line}");
        let page = site.get(&path, &entered.jar()).await;
        assert!(page.body.contains("quorvitis") && page.cookies().is_empty());

        let closed = site.post(&path, "step=close&lang=en", &entered.jar()).await;
        assert_eq!((closed.status, closed.location()), (StatusCode::SEE_OTHER, "?at=closed&lang=en"));
        assert!(closed.cookies()[0].contains("Max-Age=0"));
        assert!(read(&site.get(&format!("{path}?at=closed"), "").await).contains("This page is closed"));
        let again = site.get(&path, &entered.jar()).await;
        assert!(!again.body.contains("quorvitis"), "a cookie that was kept opens nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_into_the_thread_and_loading_the_page_again_sends_nothing() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let path = sent(&site, &ana).await;
        let jar = opened(&site, &ana, &path).await;
        let empty = site.post(&path, "step=reply&lang=en&text=+%0D%0A+", &jar).await;
        assert!(read(&empty).contains("Write something before you send."));
        let long = "á".repeat(1_001);
        let too_long = site.post(&path, &format!("step=reply&lang=en&text={long}"), &jar).await;
        assert!(read(&too_long).contains("longer than 1,000 characters") && too_long.body.contains(&long), "the draft is kept");
        assert_eq!(received(&site, ana.number).await, Vec::<String>::new());

        // As a browser counts it: a line break is one character and is sent as two.
        let longest = format!("Can I swim?\r\n{}", "x".repeat(1_000 - 12));
        let sent = site.post(&path, &format!("step=reply&lang=en&text={}", longest.replace("\r\n", "%0D%0A")), &jar).await;
        assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "?at=sent&lang=en"));
        for _ in 0..3 {
            let page = site.get(&format!("{path}?at=sent&lang=en"), &jar).await;
            assert!(read(&page).contains("Your reply was sent") && page.body.contains("Can I swim?"));
        }
        site.house.settle().await;
        assert_eq!(received(&site, ana.number).await, [longest.replace("\r\n", "\n")]);
        let kinds = site.house.write(|tx| Ok(tasks::list(tx, 9)?.into_iter().map(|task| task.about.kind).collect::<Vec<_>>())).await;
        assert_eq!(kinds, [TaskKind::Reply]);

        assert!(!is_suppressed(&site, ana.number).await);
        site.post(&path, "step=reply&lang=en&text=STOP", &jar).await;
        site.house.settle().await;
        assert!(is_suppressed(&site, ana.number).await, "a wish to stop is heard here as well");
        assert!(site.house.got(&ana.number).last().unwrap().contains("unsubscribed"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_that_asks_for_birth_dates_does_so_at_every_door_and_locks_after_five() {
    for site in sites(Settings { page_factor: Factor::BirthDate, ..generous() }).await {
        let ana = site.house.patient().await;
        let path = sent(&site, &ana).await;
        for link in [&*path, "/s/AAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(read(&site.get(link, "").await).contains("tell us the birth date of the patient"));
        }
        let born = |date: &str| {
            let mut parts = date.split('-');
            let mut part = || parts.next().unwrap_or_default().to_owned();
            let (year, month, day) = (part(), part(), part());
            format!("step=birth_date&lang=en&month={month}&day={day}&year={year}")
        };
        let right = born("1980-05-05");
        let entered = site.post(&path, &right, "").await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        assert!(site.get(&path, &entered.jar()).await.body.contains("quorvitis"));

        let other = sent(&site, &ana).await;
        for wrong in ["1980-05-06", "1981-05-05", "80-5-5", "1980-13-45", "%00--"] {
            let answer = site.post(&other, &born(wrong), "").await;
            assert!(read(&answer).contains("Check the date and try again") && answer.cookies().is_empty(), "{wrong}");
        }
        for link in [&other, &path] {
            assert!(site.post(link, &right, "").await.cookies().is_empty(), "locked");
        }
        site.house.wait_until(site.house.engine.now() + BIRTH_DATE_LOCK);
        assert_eq!(site.post(&path, &right, "").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused() {
    let site = Site::on(Backend::Sqlite, TLS, false).await;
    let ana = site.house.patient().await;
    let path = sent(&site, &ana).await;
    let jar = opened(&site, &ana, &path).await;
    let texts = site.house.got(&ana.number).len();
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example"), ("origin", "null")]
    {
        for target in [&*path, "/check-in"] {
            for form in ["step=reply&text=hello", "step=send_code", "step=close", "step=start&code=123456"] {
                let request = Request::post(target)
                    .header(header::HOST, "texts.example.com")
                    .header(header::COOKIE, &jar)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(name, value);
                let answer = site.ask(request.body(Body::from(form)).unwrap()).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value} {target} {form}");
            }
        }
    }
    site.house.settle().await;
    assert_eq!(site.house.got(&ana.number).len(), texts);
    assert_eq!(received(&site, ana.number).await, Vec::<String>::new());
    assert!(site.get(&path, &jar).await.body.contains("quorvitis"), "it is still open");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_is_refused_clearly_and_repeats_nothing() {
    for site in sites(generous()).await {
        let ana = site.house.patient().await;
        let path = sent(&site, &ana).await;
        let jar = opened(&site, &ana, &path).await;
        for target in [&*path, "/check-in"] {
            let form = |body: Vec<u8>, kind: &str| {
                let request = Request::post(target)
                    .header(header::COOKIE, &jar)
                    .header(header::CONTENT_TYPE, kind)
                    .header("sec-fetch-site", "same-origin");
                site.ask(request.body(Body::from(body)).unwrap())
            };
            let url = "application/x-www-form-urlencoded";
            let huge = [b"step=reply&text=zworvel".to_vec(), vec![b'z'; 200_000]].concat();
            for (body, kind) in [
                (huge, url),
                (b"step=reply&text=zworvel".to_vec(), "application/json"),
                (b"step=reply&step=reply&text=zworvel".to_vec(), url),
            ] {
                let answer = form(body, kind).await;
                assert!(matches!(answer.status.as_u16(), 400 | 413 | 415), "{target}: {}", answer.status);
                assert!(answer.body.starts_with("<!doctype html>") && !answer.body.contains("zworvel"), "{target}: a page that says so");
            }
            // Bytes that are no text are taken as a browser's mistake, and no step that is known.
            for body in [&b"step=\xff\xfe&text=\x00"[..], b"\x00\x01\x02", b"%ff=%00&&&=", b"step=code&code=%00%ff"] {
                let answer = form(body.to_vec(), url).await;
                assert!(matches!(answer.status.as_u16(), 200 | 400), "{target}: {}", answer.status);
            }
            let query = site.get(&format!("{target}?lang=%ff&lang=zworvel"), "").await;
            assert!(matches!(query.status.as_u16(), 200 | 400) && !query.body.contains("zworvel"));
        }
        for path in [format!("/s/{}", "a".repeat(20_000)), "/s/a/b".to_owned(), "/s/".to_owned(), "/s".to_owned()] {
            let answer = site.get(&path, "").await;
            assert!(matches!(answer.status.as_u16(), 200 | 404), "{}", answer.status);
        }
        let nul = site.post(&path, "step=reply&lang=en&text=a%00b%ff", &jar).await;
        assert_eq!(nul.status, StatusCode::SEE_OTHER, "odd characters are a reply all the same");
        site.house.settle().await;
        assert_eq!(received(&site, ana.number).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_one_chosen_then_the_browsers_then_the_patients() {
    let site = Site::of(House::build(Plan { settings: generous(), ..Plan::on(Backend::Sqlite) }).await, LOCAL, true);
    let rosa = site.house.patient_at(PhoneNumber::parse("+12125550177").unwrap(), Language::Es).await;
    let path = sent(&site, &rosa).await;
    let (english, spanish) = ("Text me a code", "Enviarme un código");
    for (query, accepted, words) in [
        ("", "", spanish),
        ("", "en-US", english),
        ("", "fr-FR, es;q=0.8", spanish),
        ("?lang=es", "en-US", spanish),
        ("?lang=en", "es-MX", english),
        ("?lang=xx", "es-MX", spanish),
    ] {
        let door = get_as(&site, &format!("{path}{query}"), Method::GET, &[("accept-language", accepted)]).await;
        assert!(read(&door).contains(words), "{query} {accepted}");
    }
    let asked = site.post(&path, "step=send_code&lang=es", "").await;
    assert_eq!(asked.location(), "?at=code&lang=es");
    site.house.settle().await;
    let entered = site.post(&path, &format!("step=code&lang=es&code={}", code_on(&site, &rosa.number)), "").await;
    assert_eq!(entered.location(), "?lang=es");
    let page = site.get(&format!("{path}?lang=es"), &entered.jar()).await;
    assert!(read(&page).contains("Escriba una respuesta") && page.body.contains("<html lang=\"es\""));
    let page = site.get(&format!("{path}?lang=en"), &entered.jar()).await;
    assert!(
        read(&page).contains("Write a reply") && page.body.contains("<div class=\"letter-text\" lang=\"es\">"),
        "its words are what they are"
    );
}
