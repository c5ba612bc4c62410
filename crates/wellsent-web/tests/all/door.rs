//! The door: who is let in, and what every page says to a browser.

use crate::site::{LOCAL, Site, TLS};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;
use wellsent_store::{StoreError, SystemTx, sessions, tasks};
use wellsent_testkit::house::Backend;

/// Every route that needs somebody signed in.
const INSIDE: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/inbox"),
    ("GET", "/inbox/{thread}"),
    ("GET", "/tasks"),
    ("POST", "/tasks/{id}/done"),
    ("GET", "/people"),
    ("POST", "/people"),
    ("GET", "/people/{id}"),
    ("POST", "/people/{id}/reply"),
    ("GET", "/people/{id}/numbers/{contact}"),
    ("POST", "/people/{id}/numbers/{contact}/consent"),
    ("POST", "/people/{id}/numbers/{contact}/authorizations"),
    ("POST", "/people/{id}/numbers/{contact}/stop"),
    ("POST", "/people/{id}/numbers/{contact}/code"),
    ("POST", "/people/{id}/numbers/{contact}/code/try"),
    ("POST", "/people/{id}/numbers/{contact}/unlock"),
    ("POST", "/people/{id}/numbers/{contact}/confirm"),
    ("POST", "/people/{id}/numbers/{contact}/warning"),
    ("POST", "/people/{id}/numbers/{contact}/preferences"),
    ("POST", "/people/{id}/numbers/{contact}/check-in"),
    ("POST", "/people/{id}/numbers/{contact}/requests"),
    ("POST", "/people/{id}/requests/{event}/end"),
    ("POST", "/people/{id}/authorizations/{event}/end"),
    ("GET", "/people/{id}/number"),
    ("POST", "/people/{id}/number"),
    ("GET", "/people/{id}/evidence/{evidence}"),
    ("POST", "/messages/{id}/page/revoke"),
    ("GET", "/consents"),
    ("GET", "/consents/export"),
    ("GET", "/carriers"),
    ("POST", "/carriers/agreements"),
    ("POST", "/carriers/agreements/{id}/end"),
    ("POST", "/carriers/senders"),
    ("POST", "/carriers/senders/{id}"),
    ("POST", "/carriers/senders/{id}/registration"),
    ("POST", "/carriers/unclear/{id}"),
    ("POST", "/carriers/unclear/{id}/log"),
    ("GET", "/messages"),
    ("GET", "/messages/{id}"),
    ("POST", "/messages/{id}/release"),
    ("POST", "/messages/{id}/withdraw"),
    ("GET", "/ledger"),
    ("GET", "/ledger/checkpoint"),
    ("GET", "/import"),
    ("POST", "/import"),
    ("POST", "/demo/clock"),
    ("GET", "/phones"),
    ("POST", "/phones/carrier"),
    ("GET", "/phones/{id}"),
    ("POST", "/phones/{id}/reply"),
    ("GET", "/live"),
];

/// Every route that needs nobody.
const OUTSIDE: &[&str] = &[
    "/assets/{name}",
    "/sign-in",
    "/sign-in/{token}",
    "/sign-out",
    "/healthz",
    "/readyz",
    "/hooks/{carrier}/{sender}/{kind}",
    "/s/{link}",
    "/check-in",
];

#[test]
fn every_route_of_the_source_is_known_here() {
    let sources = [
        include_str!("../../src/console/mod.rs"),
        include_str!("../../src/console/pages/carriers/mod.rs"),
        include_str!("../../src/console/pages/import.rs"),
        include_str!("../../src/console/pages/permissions.rs"),
        include_str!("../../src/live.rs"),
        include_str!("../../src/hook.rs"),
        include_str!("../../src/health.rs"),
        include_str!("../../src/patient/mod.rs"),
    ];
    let mut found = 0;
    for path in sources.iter().flat_map(|source| source.split(".route(\"").skip(1)).filter_map(|rest| rest.split('"').next()) {
        found += 1;
        let known = OUTSIDE.contains(&path) || INSIDE.iter().any(|(_, inside)| *inside == path);
        assert!(known, "{path} is a route without a test of who may use it");
    }
    assert!(found >= OUTSIDE.len() + 15, "the routes are written in another way now");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_without_a_session() {
    let site = Site::local().await;
    for (method, path) in INSIDE {
        let path = path.replace("{thread}", "num_00000000000000000000000000000000").replace("{id}", "per_00000000000000000000000000000000");
        for cookie in ["", "wellsent=made-up"] {
            let request = Request::builder()
                .method(Method::from_bytes(method.as_bytes()).unwrap())
                .uri(&path)
                .header(header::COOKIE, cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::empty())
                .unwrap();
            let answer = site.ask(request).await;
            if path == "/live" {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            } else {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
                assert!(answer.location().starts_with("/sign-in"), "{method} {path}");
            }
            assert!(!answer.body.contains("Dana"), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_and_looking_at_it_does_not_use_it() {
    let site = Site::local().await;
    site.link("one-time").await;
    for _ in 0..2 {
        let page = site.get("/sign-in/one-time", "").await;
        assert!(page.body.contains("Dana Whitfield"));
        assert!(page.cookies().is_empty());
    }
    let entered = site.post("/sign-in", "token=one-time", "").await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/"));
    let line = entered.cookies()[0];
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(line.contains(part), "{part}");
    }
    assert!(!line.contains("Secure"), "a browser would not send it over plain HTTP");

    let again = site.post("/sign-in", "token=one-time", "").await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.cookies().is_empty() && again.body.contains("already used"));
    assert!(site.get("/sign-in/one-time", "").await.body.contains("already used"));
    assert!(site.get("/sign-in/made-up", "").await.body.contains("no longer works"));

    let jar = entered.jar();
    assert_eq!(site.get("/people", &jar).await.status, StatusCode::OK);
    let left = site.post("/sign-out", "", &jar).await;
    assert_eq!(left.location(), "/sign-in?why=out");
    assert_eq!(site.get("/people", &jar).await.status, StatusCode::SEE_OTHER, "the old cookie is of no use");
    let ledger = site.ledger().await;
    for kind in ["sign_in_link", "sign_in", "sign_in_refused", "sign_out"] {
        assert!(ledger.iter().any(|entry| entry.contains(&format!(r#""kind":"{kind}""#))), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fetches_itself_keeps_no_session_alive() {
    let site = Site::local().await;
    site.link("one-time").await;
    let now = site.house.engine.now();
    let begun = now - SignedDuration::from_mins(14);
    let sign_in = move |tx: &mut SystemTx<'_, '_>| sessions::sign_in(tx, "one-time", "secret", begun);
    site.house.engine.store().system::<_, StoreError, _>(sign_in).await.unwrap().unwrap();
    let lives_at = |at| {
        let find = move |tx: &mut SystemTx<'_, '_>| sessions::find(tx, "secret", at);
        let store = site.house.engine.store().clone();
        async move { store.system_read::<_, StoreError, _>(find).await.unwrap().is_some() }
    };
    let soon = now + SignedDuration::from_mins(2);
    let fetch = || Request::get("/people").header(header::COOKIE, "wellsent=secret").header("x-live", "1").body(Body::empty()).unwrap();
    assert_eq!(site.ask(fetch()).await.status, StatusCode::OK);
    assert!(!lives_at(soon).await, "polling is no act");
    assert_eq!(site.get("/people", "wellsent=secret").await.status, StatusCode::OK);
    assert!(lives_at(soon).await, "a click is one");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_tells_the_browser_what_it_may_do() {
    for (public_url, is_tls) in [(LOCAL, false), (TLS, true)] {
        let site = Site::on(Backend::Sqlite, public_url, true).await;
        let jar = site.sign_in().await;
        assert_eq!(jar.starts_with("__Host-wellsent="), is_tls);
        for path in ["/", "/sign-in", "/people", "/no-such-page", "/healthz"] {
            let answer = site.get(path, &jar).await;
            let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert!(header("content-security-policy").contains("default-src 'self'"), "{path}");
            assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
            assert_eq!(header("cache-control"), "no-store", "{path}");
            assert!(header("x-request-id").starts_with("req_"), "{path}");
            assert_eq!(answer.headers.contains_key("strict-transport-security"), is_tls, "{path}");
        }
        let style = site.get("/assets/app.css", "").await;
        assert!(style.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_is_refused_and_changes_nothing() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    let now = site.house.engine.now();
    let task = site.house.write(move |tx| tasks::open(tx, &tasks::NewTask::default(), now)).await;
    let path = format!("/tasks/{task}/done");
    let forged = |name: &'static str, value: &'static str| {
        Request::post(&path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &jar)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(name, value)
            .body(Body::from("back=/"))
            .unwrap()
    };
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")] {
        assert_eq!(site.ask(forged(name, value)).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    for (_, path) in INSIDE.iter().filter(|(method, _)| *method == "POST").chain(&[("POST", "/sign-in"), ("POST", "/sign-out")]) {
        let path = path.replace("{id}", &task.to_string());
        let request = Request::post(&path).header(header::COOKIE, &jar).header("sec-fetch-site", "cross-site").body(Body::empty());
        assert_eq!(site.ask(request.unwrap()).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(site.house.write(tasks::count).await, 1, "the task is still open");
    let done = site.post(&path, "back=//evil.example/", &jar).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"), "an own form works, and leads nowhere else");
    assert_eq!(site.house.write(tasks::count).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_says_its_kind_and_its_id_and_nothing_more() {
    let site = Site::local().await;
    let jar = site.sign_in().await;
    for path in ["/no-such-page", "/people/nonsense", "/people/per_00000000000000000000000000000000", "/messages/x", "/inbox/num_1"] {
        let answer = site.get(path, &jar).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let id = answer.headers["x-request-id"].to_str().unwrap();
        assert!(answer.body.contains(id) && answer.body.contains("There is nothing here"), "{path}");
    }
    assert_eq!(site.get("/healthz", "").await.status, StatusCode::OK);
    assert_eq!(site.get("/readyz", "").await.status, StatusCode::OK);
    site.stop.send(true).unwrap();
    assert_eq!(site.get("/readyz", "").await.status, StatusCode::SERVICE_UNAVAILABLE, "no new work on the way out");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phones_are_in_the_demo_only() {
    let site = Site::on(Backend::Sqlite, TLS, false).await;
    let jar = site.sign_in().await;
    for path in ["/phones", "/phones/00000000000000000000000000000000"] {
        assert_eq!(site.get(path, &jar).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(site.post("/demo/clock", "move=hour", &jar).await.status, StatusCode::NOT_FOUND);
    assert!(!site.get("/", &jar).await.body.contains("/phones"));
}
