//! The peer keeps its own rules.

use super::{FakeTelnyx, Fate, Plan, Settings, Submission};
use crate::loopback::post;
use std::sync::Arc;

const MESSAGE: &str = r#"{"from":"+12125550199","to":"+12125550123","text":"Hello"}"#;

async fn peer() -> FakeTelnyx {
    let settings = Settings {
        api_key: "KEY".into(),
        signing_seed: [1; 32],
        organization: "org".into(),
        profile: "profile".into(),
        numbers: vec!["+12125550199".into()],
        profile_webhook: None,
        now: Arc::new(|| 1_795_532_400),
    };
    FakeTelnyx::start(settings).await.unwrap()
}

async fn send(peer: &FakeTelnyx, key: &str, body: &str) -> Option<u16> {
    let url = format!("{}/messages", peer.base_url());
    post(&url, &[("authorization", "Bearer KEY"), ("idempotency-key", key)], body.as_bytes()).await.ok()
}

#[tokio::test]
async fn a_key_makes_one_text_of_two_requests_and_refuses_another_text() {
    let peer = peer().await;
    assert_eq!(send(&peer, "a", MESSAGE).await, Some(200));
    assert_eq!(send(&peer, "a", MESSAGE).await, Some(200));
    assert_eq!(send(&peer, "a", &MESSAGE.replace("Hello", "Bye")).await, Some(422));
    assert_eq!(peer.messages().len(), 1);
}

#[tokio::test]
async fn fields_that_the_reference_does_not_have_are_refused() {
    let peer = peer().await;
    assert_eq!(send(&peer, "a", &MESSAGE.replace("text", "body")).await, Some(400));
    assert_eq!(send(&peer, "b", &MESSAGE.replace("+12125550199", "+12125550198")).await, Some(400));
    assert!(peer.messages().is_empty());
}

#[tokio::test]
async fn plans_are_used_up_in_order() {
    let peer = peer().await;
    peer.plan(Plan { submission: Submission::Throttle { retry_after: Some(1) }, ..Plan::default() });
    peer.plan(Plan { submission: Submission::AcceptAndCut, fate: Fate::Silent, ..Plan::default() });
    assert_eq!(send(&peer, "a", MESSAGE).await, Some(429));
    assert_eq!(send(&peer, "b", MESSAGE).await, None);
    assert_eq!(send(&peer, "c", MESSAGE).await, Some(200));
    assert_eq!(peer.messages().len(), 2);
}

#[tokio::test]
async fn a_number_that_texted_stop_is_not_texted() {
    let peer = peer().await;
    peer.text_unheard("+12125550123", "+12125550199", "Stop");
    assert_eq!(send(&peer, "a", MESSAGE).await, Some(403));
    peer.text_unheard("+12125550123", "+12125550199", "START");
    assert_eq!(send(&peer, "b", MESSAGE).await, Some(200));
}
