//! What people text.

use crate::released::{PHONE, SENDER, SENDER_DIGITS};
use crate::world::{World, eventually};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wellsent_carrier::smpp::Coding0;
use wellsent_peers::smsc::{self, Behaviour, LongTexts, Replies};

fn long() -> String {
    format!("{} please stop texting me", "I moved away in spring [to Boston], and my new doctor is there. ".repeat(5))
}

fn behaviour(replies: Replies) -> Behaviour {
    Behaviour { replies, ..Behaviour::default() }
}

#[tokio::test]
async fn a_reply_is_stored_with_who_and_what() {
    let world = World::quick().await;
    for body in ["C", "STOP", "¿Puedo venir mañana?", "sí 😀 está bien", "", "a[]€b"] {
        world.smsc.text(PHONE, SENDER_DIGITS, body);
    }
    world.at_rest().await;
    let replies = world.line.sink.replies();
    assert_eq!(world.line.sink.bodies(), ["C", "STOP", "¿Puedo venir mañana?", "sí 😀 está bien", "", "a[]€b"]);
    assert!(replies.iter().all(|reply| reply.from == format!("+{PHONE}") && reply.to == SENDER));
    assert_eq!(replies.iter().map(|reply| reply.key).collect::<BTreeSet<_>>().len(), 6);
    assert_eq!(world.smsc.stats().acknowledged, 6);
}

#[tokio::test]
async fn long_replies_are_whole_however_they_travel_and_in_any_order() {
    for long_texts in [LongTexts::Udh8, LongTexts::Udh16, LongTexts::Sar, LongTexts::Payload] {
        for backwards in [false, true] {
            for (coding_0, peer) in [(Coding0::Gsm7, smsc::Coding0::Gsm7), (Coding0::Latin1, smsc::Coding0::Latin1)] {
                let replies = Replies { long: long_texts, backwards, ..Replies::default() };
                let world = World::new(Behaviour { coding_0: peer, ..behaviour(replies) }, |settings| settings.coding_0 = coding_0).await;
                let texts = [long(), format!("{} 😀", "está ".repeat(40))];
                for text in &texts {
                    world.smsc.text(PHONE, SENDER_DIGITS, text);
                }
                world.at_rest().await;
                assert_eq!(world.line.sink.bodies(), texts, "{long_texts:?} {backwards} {coding_0:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_part_that_never_comes_holds_nothing_up() {
    // Part by part, one is lost for good; what comes is stored as it is.
    for seed in 0..10 {
        let replies = Replies { lose_part: 0.5, ..Replies::default() };
        let world = World::new(Behaviour { seed, ..behaviour(replies) }, |_| {}).await;
        let text = format!("STOP {}", "do not write to me again ".repeat(30));
        world.smsc.text(PHONE, SENDER_DIGITS, &text);
        world.at_rest().await;
        let bodies = world.line.sink.bodies();
        assert!(bodies.iter().all(|body| text.contains(body.as_str())), "{bodies:?}");
    }
}

#[tokio::test]
async fn a_carrier_that_waits_for_each_acknowledgement_loses_nothing() {
    let world =
        World::new(behaviour(Replies { window: 1, ..Replies::default() }), |settings| settings.join_wait = Duration::from_millis(60)).await;
    world.smsc.text(PHONE, SENDER_DIGITS, &long());
    world.at_rest().await;
    let bodies = world.line.sink.bodies();
    assert_eq!((bodies.len(), bodies.concat()), (3, long()));
}

#[tokio::test]
async fn a_reply_is_acknowledged_only_when_it_is_stored() {
    let world = World::quick().await;
    world.line.sink.refuse.store(2, Ordering::SeqCst);
    world.smsc.text(PHONE, SENDER_DIGITS, "STOP");
    eventually("it was tried", || world.line.sink.tried.load(Ordering::SeqCst) >= 1).await;
    assert_eq!(world.smsc.stats().acknowledged, 0);
    world.at_rest().await;
    assert_eq!((world.line.sink.bodies(), world.smsc.stats().acknowledged), (vec!["STOP".to_owned()], 1));
}

#[tokio::test]
async fn a_reply_that_was_not_stored_when_the_server_died_comes_again() {
    for text in ["STOP".to_owned(), long()] {
        let mut world = World::quick().await;
        world.line.sink.stuck.store(true, Ordering::SeqCst);
        world.smsc.text(PHONE, SENDER_DIGITS, &text);
        eventually("it was tried", || world.line.sink.tried.load(Ordering::SeqCst) == 1).await;
        world.line.drop_line().await;
        world.line.sink.stuck.store(false, Ordering::SeqCst);
        assert_eq!((world.line.sink.replies().len(), world.smsc.stats().acknowledged), (0, 0));
        world.line.hold_again();
        world.at_rest().await;
        assert_eq!(world.line.sink.bodies(), [text]);
    }
}

#[tokio::test]
async fn a_repeated_reply_has_the_same_key() {
    for ids in [false, true] {
        for text in ["YES".to_owned(), long()] {
            let world = World::new(behaviour(Replies { duplicate: 1.0, ids, ..Replies::default() }), |_| {}).await;
            world.smsc.text(PHONE, SENDER_DIGITS, &text);
            world.at_rest().await;
            let replies = world.line.sink.replies();
            assert_eq!(replies.iter().map(|reply| reply.key).collect::<BTreeSet<_>>().len(), 1, "{replies:?}");
            assert!(replies.iter().all(|reply| reply.body == text));
            assert!(!ids || replies[0].id == "mo-1-1");
        }
    }
}

#[tokio::test]
async fn a_repetition_over_a_new_line_has_the_same_key() {
    let mut world = World::quick().await;
    world.smsc.text(PHONE, SENDER_DIGITS, "YES");
    world.at_rest().await;
    // The acknowledgement was lost with the line, as far as anybody here knows.
    world.line.drop_line().await;
    world.line.hold_again();
    world.smsc.text(PHONE, SENDER_DIGITS, "YES");
    world.at_rest().await;
    let replies = world.line.sink.replies();
    assert_eq!((replies.len(), replies[0].key), (2, replies[1].key));
}

#[tokio::test]
async fn the_same_words_on_another_day_are_another_reply() {
    let world = World::new(Behaviour::default(), |settings| settings.enquire_link = Duration::from_millis(40)).await;
    for _ in 0..3 {
        world.smsc.text(PHONE, SENDER_DIGITS, "YES");
        world.at_rest().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let keys: BTreeSet<_> = world.line.sink.replies().into_iter().map(|reply| reply.key).collect();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn the_same_answer_to_the_next_question_is_another_reply() {
    let world = World::quick().await;
    for _ in 0..2 {
        world.smsc.text(PHONE, SENDER_DIGITS, "1");
        world.at_rest().await;
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
    let replies = world.line.sink.replies();
    assert_eq!(replies.len(), 2);
    assert_ne!(replies[0].key, replies[1].key);
}

#[tokio::test]
async fn a_second_stop_is_never_taken_for_the_first() {
    let world = World::quick().await;
    for body in ["STOP", "START", "STOP"] {
        world.smsc.text(PHONE, SENDER_DIGITS, body);
        world.at_rest().await;
    }
    let keys: BTreeSet<_> = world.line.sink.replies().into_iter().map(|reply| reply.key).collect();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn a_reply_to_a_sender_that_is_not_set_up_waits_for_it() {
    let world = World::quick().await;
    world.line.sink.sender_unknown.store(true, Ordering::SeqCst);
    world.line.sink.refuse.store(2, Ordering::SeqCst);
    world.smsc.text(PHONE, "54321", "STOP");
    world.at_rest().await;
    let replies = world.line.sink.replies();
    assert_eq!((replies.len(), replies[0].to.as_str(), replies[0].body.as_str()), (1, "54321", "STOP"));
}

#[tokio::test]
async fn what_is_not_from_a_phone_is_not_kept() {
    let world = World::quick().await;
    world.smsc.text("54321", SENDER_DIGITS, "Your balance");
    world.smsc.text("447700900123", SENDER_DIGITS, "Hello");
    world.at_rest().await;
    assert!(world.line.sink.replies().is_empty());
}

#[tokio::test]
async fn nobody_can_text_a_receipt() {
    let world = World::quick().await;
    let (id, _) = world.line.accepted(PHONE, "Hello").await;
    world.smsc.text(PHONE, SENDER_DIGITS, &format!("id:{id} sub:001 dlvrd:000 stat:UNDELIV err:006 text:"));
    world.at_rest().await;
    assert_eq!(world.line.sink.replies().len(), 1);
    assert!(world.line.sink.reports().iter().all(|report| report.status == wellsent_domain::carrier_report::DeliveryStatus::Delivered));
}

#[tokio::test]
async fn a_slow_sink_does_not_keep_texts_from_going_out() {
    let world = World::quick().await;
    world.line.sink.stuck.store(true, Ordering::SeqCst);
    world.smsc.text(PHONE, SENDER_DIGITS, "Hello");
    eventually("it was tried", || world.line.sink.tried.load(Ordering::SeqCst) == 1).await;
    world.line.accepted(PHONE, "Hello").await;
    world.line.sink.stuck.store(false, Ordering::SeqCst);
    world.at_rest().await;
}
