//! What becomes of texts, as message centres tell it.

use crate::released::PHONE;
use crate::world::{World, eventually};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wellsent_carrier::Carrier;
use wellsent_carrier::smpp::ReceiptIds;
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_peers::smsc::{Behaviour, Dialect, Ids, Quirk, Range, Receipts};

fn long() -> String {
    "Please come ten minutes early. ".repeat(8)
}

#[tokio::test]
async fn every_dialect_reports_the_same_delivery() {
    let dialects = [Dialect::Standard, Dialect::Loud, Dialect::Short, Dialect::TextFirst, Dialect::Tlv, Dialect::Payload];
    let bases = [
        (Ids::Hex, None, ReceiptIds::Same),
        (Ids::Opaque, None, ReceiptIds::Same),
        (Ids::Hex, Some(Ids::Dec), ReceiptIds::HexToDec),
        (Ids::Dec, Some(Ids::Hex), ReceiptIds::DecToHex),
    ];
    for dialect in dialects {
        for (ids, receipt_ids, setting) in bases {
            let behaviour =
                Behaviour { ids, receipts: Receipts { dialect, ids: receipt_ids, ..Receipts::default() }, ..Behaviour::default() };
            let world = World::new(behaviour, |settings| settings.receipt_ids = setting).await;
            let text = crate::released::text(PHONE, "Hello");
            let token = text.token();
            let wellsent_carrier::Outcome::Accepted { carrier_message_id: id, .. } = world.line.carrier.submit(text).await else {
                panic!("not accepted");
            };
            world.at_rest().await;
            assert_eq!(world.line.sink.status(&id), Some(DeliveryStatus::Delivered), "{dialect:?} {ids:?} {receipt_ids:?}");
            assert!(world.line.sink.reports().iter().all(|report| report.token.is_none_or(|found| found == token)));
            assert!(world.line.sink.replies().is_empty());
        }
    }
}

#[tokio::test]
async fn ids_in_another_base_are_the_same_after_a_restart() {
    for (ids, receipt_ids, setting) in [(Ids::Hex, Ids::Dec, ReceiptIds::HexToDec), (Ids::Dec, Ids::Hex, ReceiptIds::DecToHex)] {
        let receipts = Receipts { ids: Some(receipt_ids), delay_ms: Range(300, 300), ..Receipts::default() };
        let world = World::new(Behaviour { ids, receipts, ..Behaviour::default() }, |settings| settings.receipt_ids = setting).await;
        let (id, _) = world.line.accepted(PHONE, "Hello").await;
        drop(world.line);
        let mut settings = crate::world::settings(world.smsc.at());
        settings.receipt_ids = setting;
        let line = crate::world::Line::new(settings);
        eventually("the receipt is stored", || line.sink.status(&id) == Some(DeliveryStatus::Delivered)).await;
        assert_eq!(line.sink.reports()[0].token, None);
    }
}

#[tokio::test]
async fn repeated_and_reordered_receipts_end_alike_under_the_same_keys() {
    let receipts = Receipts { duplicate: 1.0, reorder: 1.0, ..Receipts::default() };
    let world = World::new(Behaviour { receipts, ..Behaviour::default() }, |_| {}).await;
    let (id, _) = world.line.accepted(PHONE, "Hello").await;
    world.at_rest().await;
    let reports = world.line.sink.reports();
    assert_eq!(reports.len(), 3);
    assert_eq!(reports.iter().map(|report| report.key).collect::<BTreeSet<_>>().len(), 1, "the old ENROUTE says nothing new");
    assert_eq!(world.line.sink.status(&id), Some(DeliveryStatus::Delivered));
}

#[tokio::test]
async fn a_receipt_before_the_answer_is_the_same_text() {
    for body in ["Hello".to_owned(), long()] {
        let receipts = Receipts { before_answer: 1.0, ..Receipts::default() };
        let world = World::new(Behaviour { receipts, ..Behaviour::default() }, |_| {}).await;
        let (id, parts) = world.line.accepted(PHONE, &body).await;
        world.at_rest().await;
        assert_eq!(world.line.sink.status(&id), Some(DeliveryStatus::Delivered));
        assert!(world.line.sink.reports().iter().all(|report| report.id == id), "{parts} parts");
        let firsts = world.line.sink.reports();
        assert!(parts == 1 || firsts[0].status == DeliveryStatus::Sent, "one part is not the text");
    }
}

#[tokio::test]
async fn a_text_of_parts_is_delivered_when_the_last_one_is() {
    let world = World::new(Behaviour { delivery_ms: Range(0, 200), ..Behaviour::default() }, |_| {}).await;
    for _ in 0..10 {
        let (id, parts) = world.line.accepted(PHONE, &long()).await;
        assert_eq!(parts, 2);
        world.at_rest().await;
        let reports: Vec<_> = world.line.sink.reports().into_iter().filter(|report| report.id == id).map(|report| report.status).collect();
        assert_eq!(reports, [DeliveryStatus::Sent, DeliveryStatus::Delivered]);
    }
}

#[tokio::test]
async fn a_text_with_a_lost_part_is_not_delivered() {
    let world = World::quick().await;
    for (quirk, body) in [(Quirk::SecondPartUndelivered, long()), (Quirk::Undelivered, "Hello".to_owned())] {
        world.smsc.quirk(PHONE, quirk);
        let (id, _) = world.line.accepted(PHONE, &body).await;
        world.at_rest().await;
        assert_eq!(world.line.sink.status(&id), Some(DeliveryStatus::Undelivered));
    }
}

#[tokio::test]
async fn a_receipt_that_was_not_stored_comes_again() {
    let world = World::quick().await;
    world.line.sink.refuse.store(3, Ordering::SeqCst);
    let (id, _) = world.line.accepted(PHONE, "Hello").await;
    world.at_rest().await;
    assert_eq!(world.line.sink.status(&id), Some(DeliveryStatus::Delivered));
    assert_eq!(world.line.sink.tried.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_receipt_for_somebody_else_is_not_wanted_again() {
    let world = World::quick().await;
    world.line.sink.refuse.store(usize::MAX, Ordering::SeqCst);
    world.line.sink.sender_unknown.store(true, Ordering::SeqCst);
    world.line.accepted(PHONE, "Hello").await;
    world.at_rest().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.line.sink.tried.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn receipts_that_nobody_knows_do_not_hold_replies_up_while_long_texts_go_out() {
    // Receipts of another process's texts, while parts are on their way all the time.
    let receipts = Receipts { delay_ms: Range(100, 100), ..Receipts::default() };
    let world = World::new(Behaviour { receipts, answer_ms: Range(400, 400), ..Behaviour::default() }, |_| {}).await;
    let other = crate::world::Line::new(wellsent_carrier::smpp::Settings {
        bind: wellsent_carrier::smpp::Bind::Transceiver,
        ..crate::world::settings(world.smsc.at())
    });
    let unknown = futures_util::future::join_all((0..40).map(|_| other.submit(PHONE, "Hello")));
    let body = long();
    let long = futures_util::future::join_all((0..4).map(|_| world.line.submit(PHONE, &body)));
    let reply = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        let start = std::time::Instant::now();
        world.smsc.text(PHONE, crate::released::SENDER_DIGITS, "STOP");
        eventually("the STOP is stored", || world.line.sink.replies().len() + other.sink.replies().len() == 1).await;
        start.elapsed()
    };
    let (_, _, waited) = tokio::join!(unknown, long, reply);
    assert!(waited < Duration::from_millis(900), "{waited:?}");
    eventually("the centre is at rest", || world.smsc.stats().at_rest()).await;
}
