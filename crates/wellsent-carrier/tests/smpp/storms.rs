//! Everything at once: a line that is taken away again and again while texts go out, replies come in and the sink fails.

use crate::released::SENDER_DIGITS;
use crate::world::{World, eventually};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;
use wellsent_carrier::{Carrier, Outcome};
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_peers::smsc::{Behaviour, LongTexts, Range, Receipts, Replies};

fn number(n: u64) -> String {
    format!("1212555{:04}", 100 + n % 100)
}

async fn storm(seed: u64) {
    let behaviour = Behaviour {
        seed,
        answer_ms: Range(0, 15),
        delivery_ms: Range(0, 30),
        throttle: 0.05,
        cut_before_accept: 0.02,
        cut_after_accept: 0.02,
        error_after_accept: 0.02,
        receipts: Receipts { duplicate: 0.2, reorder: 0.1, before_answer: 0.1, ..Receipts::default() },
        replies: Replies {
            long: [LongTexts::Udh8, LongTexts::Sar, LongTexts::Payload][(seed % 3) as usize],
            ids: seed.is_multiple_of(2),
            duplicate: 0.1,
            timeout_ms: 2000,
            again_ms: 20,
            ..Replies::default()
        },
        ..Behaviour::default()
    };
    let mut world = World::new(behaviour, |settings| settings.join_wait = Duration::from_millis(100)).await;
    let (mut texts, mut replies) = (Vec::new(), BTreeSet::new());
    for round in 0..12u64 {
        for n in 0..15 {
            let (to, long) = (number(round * 15 + n), if n % 5 == 0 { "very long ".repeat(20) } else { String::new() });
            let body = format!("out {round} {n} {long}");
            let (carrier, text) = (world.line.carrier.clone(), crate::released::text(&to, &body));
            texts.push((to, body, text.token(), tokio::spawn(async move { carrier.submit(text).await })));
        }
        for n in 0..10 {
            let body = format!("in {round} {n} {}", if n % 5 == 0 { "very long ".repeat(20) } else { String::new() });
            world.smsc.text(&number(n), SENDER_DIGITS, &body);
            replies.insert(body);
        }
        world.line.sink.refuse.store((round % 4) as usize, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis((seed * 7 + round * 13) % 40)).await;
        world.line.drop_line().await;
        world.line.hold_again();
    }
    let mut outcomes = Vec::new();
    for (to, body, token, outcome) in texts {
        outcomes.push((to, body, token, outcome.await.expect("no panic")));
    }
    eventually("the centre is at rest", || world.smsc.stats().at_rest()).await;

    let mut keys: BTreeMap<String, BTreeSet<[u8; 32]>> = BTreeMap::new();
    for reply in world.line.sink.replies() {
        keys.entry(reply.body).or_default().insert(reply.key);
    }
    // A long reply may be handed over in pieces, and as a whole besides when it came again; nothing of it is missing.
    for reply in &replies {
        let pieces = || keys.iter().filter(|(body, _)| reply.contains(body.as_str()));
        if reply.len() < 100 {
            assert_eq!(keys.get(reply).map(BTreeSet::len), Some(1), "{reply}");
        } else {
            assert!(keys.contains_key(reply) || pieces().map(|(body, _)| body.len()).sum::<usize>() >= reply.len(), "{reply}");
        }
    }
    let mut accepted = 0;
    for (to, body, token, outcome) in outcomes {
        let got = world.smsc.got(&to).iter().filter(|got| got.body == body).count();
        match outcome {
            Outcome::Accepted { carrier_message_id, .. } => {
                accepted += 1;
                assert_eq!(got, 1, "{body}");
                assert_eq!(world.line.sink.status(&carrier_message_id), Some(DeliveryStatus::Delivered), "{body}");
                let reports = world.line.sink.reports();
                assert!(
                    reports
                        .iter()
                        .filter(|report| report.id == carrier_message_id)
                        .all(|report| report.token.is_none_or(|found| found == token))
                );
            }
            Outcome::Unknown { .. } => assert!(got <= 1, "{body}"),
            Outcome::Rejected { .. } | Outcome::NotSubmitted { .. } => assert_eq!(got, 0, "{body}"),
        }
    }
    assert!(accepted > 30, "{accepted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_nothing_is_lost_and_nothing_goes_twice() {
    for seed in 0..6 {
        storm(seed).await;
    }
}
