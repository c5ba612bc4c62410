//! Callbacks of a carrier.

use crate::site::{LOCAL, Site};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use wellsent_domain::SenderId;
use wellsent_testkit::house::{Backend, House, Plan};

fn callback(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("x-simulator-timestamp", "1700000000")
        .header("x-simulator-signature", "00".repeat(32))
        .header("sec-fetch-site", "cross-site")
        .body(body.into())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_carrier_signed_is_taken() {
    let site = Site::local().await;
    let sender = site.house.sender;
    let ask = |path: String, body: Body| site.ask(callback(&path, body));
    let body = r#"{"event":"EV1","id":"SM1","status":"delivered"}"#;
    let at = |kind: &str| format!("/hooks/simulator/{sender}/{kind}");
    assert_eq!(ask(at("status"), body.into()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(at("inbound"), body.into()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ask(at("other"), body.into()).await.status, StatusCode::NOT_FOUND);
    let stranger = SenderId::from_bytes([9; 16]);
    assert_eq!(ask(format!("/hooks/simulator/{stranger}/status"), body.into()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask("/hooks/simulator/nonsense/status".to_owned(), body.into()).await.status, StatusCode::NOT_FOUND);
    let large = ask(at("inbound"), Body::from("x".repeat(65 * 1024))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!site.ledger().await.iter().any(|entry| entry.contains(r#""kind":"inbound""#)), "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_signed_is_kept_once_however_often_it_comes() {
    let house = House::build(Plan { keep_calls: true, ..Plan::on(Backend::Sqlite) }).await;
    let base = format!("http://{}", house.hooks);
    let patient = house.patient().await;
    house.says(&patient.number, "can I bring my daughter?").await;
    let call = house.calls().pop().expect("the text came as a callback");
    // The same bytes at our own routes: known already, and acknowledged all the same.
    let replay = |site: &Site| {
        let mut request = Request::post(&call.target);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(call.body.clone())).unwrap();
        let router = site.router.clone();
        async move { tower::ServiceExt::oneshot(router, request).await.unwrap().status() }
    };
    let site = Site::of(house, &base, true);
    assert_eq!(replay(&site).await, StatusCode::NO_CONTENT);
    let kept = site.ledger().await.iter().filter(|entry| entry.contains(r#""kind":"inbound""#)).count();
    assert_eq!(kept, 1);
    let elsewhere = Site::of(site.house, LOCAL, true);
    assert_eq!(replay(&elsewhere).await, StatusCode::FORBIDDEN, "the signature covers the public address");
}
