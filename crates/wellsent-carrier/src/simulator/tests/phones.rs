//! Phones that text, callbacks that are repeated, and what can be seen and set from outside.

use super::super::behaviour::{Behaviour, Quirk, Range};
use super::super::network::{Network, Settings, TextError};
use super::super::serve;
use super::world::{World, number};
use super::{NUMBER, secret, wire};
use crate::{CarrierOptOut, Event, Outcome};
use reqwest::Method;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use wellsent_domain::carrier_report::Failure;

#[tokio::test]
async fn what_a_phone_texts_is_repeated_until_it_is_acknowledged() {
    let world = World::new(Behaviour::default()).await;
    let phone = number(NUMBER);
    assert_eq!(world.network.text(&phone, None, "C"), Err(TextError::NoSender));
    assert_eq!(world.network.text(&phone, Some("snd_test"), "C"), Err(TextError::NoHook));
    assert_eq!(world.network.text(&phone, Some("../x"), "C"), Err(TextError::BadSender));
    assert_eq!(world.network.text(&phone, Some("snd_test"), &"x".repeat(1601)), Err(TextError::TooLong));
    world.submit(NUMBER).await;
    world.settled(2).await;
    world.failures_left.store(2, Ordering::SeqCst);
    let id = world.network.text(&phone, None, "Stop texting me").unwrap();
    world.settled(3).await;
    let Some(Event::Inbound { carrier_message_id, from, to_sender, body, opt_out, .. }) = world.events().pop() else { panic!() };
    assert_eq!((carrier_message_id, to_sender.as_str(), body.expose().as_str(), opt_out), (id, "snd_test", "Stop texting me", None));
    assert_eq!(*from.expose(), phone);
    let acknowledged = world.network.journal_after(0, 100).unwrap().lines().last().unwrap().to_owned();
    assert!(acknowledged.contains(r#""kind":"acknowledged""#) && acknowledged.contains(r#""tries":3"#), "{acknowledged}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let world = World::new(Behaviour { callback_retry_s: 0, ..Behaviour::default() }).await;
    world.failures_left.store(u32::MAX, Ordering::SeqCst);
    world.submit(NUMBER).await;
    for _ in 0..200 {
        if world.network.stats().given_up == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", world.network.stats());
}

#[tokio::test]
async fn a_registered_hook_and_a_default_base_bring_first_texts_home() {
    let world = World::new(Behaviour::default()).await;
    let hook = format!(r#"{{"inbound_url":"{}/hooks/simulator/snd_test/inbound"}}"#, world.callback_base);
    assert_eq!(world.call(Method::PUT, "/senders/snd_test", Some(&hook)).await.0, 204);
    let (status, _) =
        world.call(Method::POST, &format!("/phones/{NUMBER}/texts"), Some(r#"{"to_sender":"snd_test","body":"Hello"}"#)).await;
    assert_eq!(status, 201);
    world.settled(1).await;
    let far = r#"{"inbound_url":"http://169.254.169.254/inbound"}"#;
    assert_eq!(world.call(Method::PUT, "/senders/snd_test", Some(far)).await.0, 400);

    let base = world.callback_base.clone();
    let other = World::with(Behaviour::default(), |settings| settings.callback_base = Some(base)).await;
    other.network.text(&number(NUMBER), Some("snd_test"), "Hello").unwrap();
    world.settled(2).await;
}

#[tokio::test]
async fn the_networks_own_stop_list_refuses_until_start() {
    let world = World::new(Behaviour { carrier_stop_list: true, ..Behaviour::default() }).await;
    let phone = number(NUMBER);
    world.submit(NUMBER).await;
    world.network.text(&phone, None, " stop ").unwrap();
    assert_eq!(world.submit(NUMBER).await, Outcome::Rejected { failure: Failure::OptedOut, code: Some(21610) });
    world.network.text(&phone, None, "Start").unwrap();
    assert!(matches!(world.submit(NUMBER).await, Outcome::Accepted { .. }));
    world.settled(6).await;
    let opt_outs: Vec<_> = world
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Inbound { opt_out, .. } => opt_out,
            Event::Receipt { .. } => None,
        })
        .collect();
    assert!(opt_outs.contains(&CarrierOptOut::Stop) && opt_outs.contains(&CarrierOptOut::Start), "{opt_outs:?}");
    assert_eq!(world.got(NUMBER), 4, "two of ours, and the network's own two answers");
}

#[tokio::test]
async fn the_network_calls_back_to_this_machine_only() {
    let world = World::new(Behaviour::default()).await;
    let mut text = wire(NUMBER, &world.callback_base);
    for callback in ["http://10.0.0.1/hooks/simulator/s/status?t=1", "file:///etc/hosts", "", "http://user:word@127.0.0.1/status"] {
        text.callback = callback.into();
        assert_eq!(world.carrier.submit_outgoing(&text).await, Outcome::Rejected { failure: Failure::Configuration, code: Some(21609) });
    }
}

#[tokio::test]
async fn the_journal_file_has_what_each_phone_really_got_and_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.jsonl");
    let world = World::with(Behaviour::default(), |settings| settings.journal = Some(path.clone())).await;
    world.submit(NUMBER).await;
    world.submit("+12125550021").await;
    world.submit("+12125550004").await;
    world.settled(4).await;
    world.network.text(&number(NUMBER), None, "C").unwrap();
    world.settled(5).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let count = |kind: &str| text.lines().filter(|line| line.contains(&format!(r#""kind":"{kind}""#))).count();
    assert_eq!((count("accepted"), count("got"), count("refused"), count("text"), count("acknowledged")), (2, 2, 1, 1, 5));
    let (status, log) = world.call(Method::GET, "/log?after=0", None).await;
    assert_eq!((status, log.as_str()), (200, text.as_str()));
    for (n, line) in text.lines().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["n"], n + 1);
    }
}

#[tokio::test]
async fn behaviour_phones_and_counts_are_shown_and_set_over_http() {
    let world = World::new(Behaviour::default()).await;
    assert_eq!(world.call(Method::PUT, "/behaviour", Some(r#"{"numbers":{"+12125550123":"drop_after_accept"}}"#)).await.0, 204);
    assert_eq!(world.network.behaviour().quirk(NUMBER), Some(Quirk::DropAfterAccept));
    assert_eq!(world.call(Method::PUT, "/behaviour", Some(r#"{"speed":1}"#)).await.0, 422);
    world.submit(NUMBER).await;
    world.settled(2).await;
    let (_, phones) = world.call(Method::GET, "/phones", None).await;
    assert!(phones.contains(NUMBER) && phones.contains(r#""got":1"#), "{phones}");
    let (_, lines) = world.call(Method::GET, &format!("/phones/{NUMBER}"), None).await;
    assert!(lines.contains("Your visit is tomorrow"), "{lines}");
    let (_, stats) = world.call(Method::GET, "/stats", None).await;
    assert!(stats.contains(r#""acknowledged":2"#), "{stats}");
    assert_eq!(world.call(Method::GET, "/phones/2125550123", None).await.0, 400);
}

#[tokio::test]
async fn memory_keeps_the_newest_texts_only() {
    let world = World::with(Behaviour::default(), |settings| settings.kept_max = 3).await;
    for last in 10..16 {
        world.submit(&format!("+121255501{last}")).await;
    }
    world.settled(12).await;
    assert!(world.log("+12125550110").await.is_empty());
    assert_eq!(world.got("+12125550110"), 0);
    assert_eq!(world.log("+12125550115").await.len(), 1);
    assert_eq!(world.network.stats().got, 6);
    assert_eq!(world.call(Method::GET, "/log?after=0", None).await.0, 410);
}

#[tokio::test]
async fn a_network_that_is_shut_down_leaves_its_port() {
    let network = Network::new(Settings::new(secret())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(serve(network, listener, async move { drop(stopped.await) }));
    assert!(TcpStream::connect(address).await.is_ok());
    drop(stop);
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_text_that_is_still_on_its_way_is_not_forgotten() {
    let behaviour = Behaviour { delivery_ms: Range(300, 300), ..Behaviour::default() };
    let world = World::with(behaviour, |settings| settings.kept_max = 2).await;
    for last in 10..16 {
        world.submit(&format!("+121255501{last}")).await;
    }
    world.settled(12).await;
    assert_eq!(world.network.stats().got, 6);
}
