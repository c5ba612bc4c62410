//! The stream of changes.

use crate::site::{LOCAL, Site};
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;
use wellsent_domain::PracticeId;
use wellsent_engine::Change;
use wellsent_testkit::house::Backend;

async fn open(site: &Site, jar: &str) -> BodyDataStream {
    let request = Request::get("/live").header(header::COOKIE, jar).body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(site.router.clone(), request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body().into_data_stream()
}

async fn next(stream: &mut BodyDataStream, within: Duration) -> Option<String> {
    let piece = timeout(within, stream.next()).await.ok()??.ok()?;
    Some(String::from_utf8(piece.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_of_the_practice_are_told_a_few_times_and_those_of_others_never() {
    let site = Site::on(Backend::Sqlite, LOCAL, true).await;
    let jar = site.sign_in().await;
    let mut stream = open(&site, &jar).await;
    let (mine, other) = (site.house.practice, PracticeId::from_bytes([1; 16]));
    site.house.engine.announce(Change::Messages(other));
    site.house.engine.announce(Change::Ledger);
    assert_eq!(next(&mut stream, Duration::from_millis(300)).await, None);
    for _ in 0..100 {
        site.house.engine.announce(Change::Messages(mine));
    }
    let mut told = 0;
    while let Some(event) = next(&mut stream, Duration::from_millis(600)).await {
        assert!(event.starts_with("event: refresh\n") && event.contains("data:"), "{event}");
        told += 1;
    }
    assert!((1..=2).contains(&told), "{told} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_the_server_stops() {
    let site = Site::on(Backend::Sqlite, LOCAL, true).await;
    let jar = site.sign_in().await;
    let mut stream = open(&site, &jar).await;
    site.stop.send(true).unwrap();
    let ended = timeout(Duration::from_secs(5), stream.next()).await.expect("it ends at once");
    assert!(ended.is_none());
}
