//! What is known after a submission.

use crate::released::{PHONE, SENDER_DIGITS, now};
use crate::world::{Line, World, eventually, settings};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use wellsent_carrier::smpp::{Bind, Coding0, LongTexts, Settings};
use wellsent_carrier::{Carrier, LookupError, LookupQuery, NotSubmittedCause, Outcome, UnknownCause};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::{Phi, PhoneNumber};
use wellsent_peers::smsc::{self, Behaviour, Got, Quirk};
use wellsent_text::sms::measure;

fn not_submitted(cause: NotSubmittedCause) -> Outcome {
    Outcome::NotSubmitted { cause, retry_after: None }
}

fn unknown(cause: UnknownCause) -> Outcome {
    Outcome::Unknown { cause }
}

fn long(parts: usize) -> String {
    let text = "Your appointment is on Monday at 9:00 a.m. [bring €20]. ".repeat(40);
    let text: String = text.chars().take(parts * 153 - 30).collect();
    assert_eq!(measure(&text).parts, parts);
    text
}

#[tokio::test]
async fn a_text_reaches_its_phone_once_and_has_the_carriers_id() {
    let world = World::quick().await;
    let (id, parts) = world.line.accepted(PHONE, "See you Monday, José. ¿Sí?").await;
    assert_eq!((id.as_str(), parts), ("000A1001", 1));
    let got = vec![Got { from: SENDER_DIGITS.into(), body: "See you Monday, José. ¿Sí?".into() }];
    eventually("the phone has it", || world.smsc.got(PHONE) == got).await;
    assert_eq!(world.smsc.stats().accepted, 1);
}

#[tokio::test]
async fn long_texts_arrive_whole_however_they_travel() {
    for long_texts in [LongTexts::Udh, LongTexts::Sar, LongTexts::Payload] {
        for (coding_0, peer) in
            [(Coding0::Gsm7, smsc::Coding0::Gsm7), (Coding0::Latin1, smsc::Coding0::Latin1), (Coding0::Ascii, smsc::Coding0::Ascii)]
        {
            let behaviour = Behaviour { coding_0: peer, ..Behaviour::default() };
            let world = World::new(behaviour, |settings| (settings.long_texts, settings.coding_0) = (long_texts, coding_0)).await;
            let texts = [long(2), long(3), "😀 Su cita médica está confirmada’".repeat(9), "a".repeat(160), "é".repeat(200)];
            for text in &texts {
                let (_, parts) = world.line.accepted(PHONE, text).await;
                if coding_0 == Coding0::Gsm7 {
                    assert_eq!(parts as usize, measure(text).parts);
                }
            }
            world.at_rest().await;
            let bodies: Vec<String> = world.smsc.got(PHONE).into_iter().map(|got| got.body).collect();
            assert_eq!(bodies, texts, "{long_texts:?} {coding_0:?}");
        }
    }
}

#[tokio::test]
async fn every_fault_has_its_outcome_and_nothing_is_submitted_twice() {
    let rejected = |failure, code| Outcome::Rejected { failure, code: Some(code) };
    let cases = [
        (Quirk::Refuse(0x0B), rejected(Failure::InvalidNumber, 0x0B), 0),
        (Quirk::Refuse(0x0A), rejected(Failure::SenderNotRegistered, 0x0A), 0),
        (Quirk::Refuse(0x45), rejected(Failure::Other, 0x45), 0),
        (Quirk::Refuse(0x0421), rejected(Failure::Other, 0x0421), 0),
        (Quirk::Refuse(0x08), unknown(UnknownCause::ServerError), 0),
        (Quirk::Refuse(0x0E), not_submitted(NotSubmittedCause::AccountRefused), 0),
        (Quirk::Refuse(0x04), not_submitted(NotSubmittedCause::NoConnection), 0),
        (Quirk::Refuse(0x14), not_submitted(NotSubmittedCause::Throttled), 0),
        (Quirk::Throttle, not_submitted(NotSubmittedCause::Throttled), 0),
        (Quirk::CutBeforeAccept, unknown(UnknownCause::LineLost), 0),
        (Quirk::CutAfterAccept, unknown(UnknownCause::LineLost), 1),
        (Quirk::ErrorAfterAccept, unknown(UnknownCause::ServerError), 1),
        (Quirk::GarbageAfterAccept, unknown(UnknownCause::LineLost), 1),
        (Quirk::NoId, unknown(UnknownCause::Unreadable), 1),
        (Quirk::Slow, unknown(UnknownCause::Deadline), 1),
    ];
    let world = World::new(Behaviour::default(), |settings| settings.response_timeout = Duration::from_millis(400)).await;
    let mut taken = 0;
    for (quirk, outcome, accepted) in cases {
        world.smsc.quirk(PHONE, quirk);
        assert_eq!(world.line.submit(PHONE, "Hello").await, outcome, "{quirk:?}");
        taken += accepted;
        assert_eq!(world.smsc.stats().accepted, taken, "{quirk:?}");
        // The line comes back by itself, and nothing of the last text with it.
        world.line.accepted("12125550124", "Hello").await;
        taken += 1;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.smsc.stats().accepted, taken);
}

#[tokio::test]
async fn half_a_text_is_an_unknown_outcome_and_its_rest_does_not_follow() {
    let world = World::quick().await;
    for status in [0x58, 0x0B, 0x45] {
        world.smsc.quirk(PHONE, Quirk::RefuseSecondPart(status));
        let before = world.smsc.stats().accepted;
        assert_eq!(world.line.submit(PHONE, &long(3)).await, unknown(UnknownCause::ServerError), "{status}");
        assert_eq!(world.smsc.stats().accepted, before + 1);
    }
    eventually("the parts were reported", || world.smsc.stats().at_rest()).await;
    assert!(world.smsc.got(PHONE).is_empty());
    assert!(world.line.sink.reports().is_empty(), "half a text is neither sent nor delivered");
}

#[tokio::test]
async fn without_a_line_nothing_is_submitted() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let line = Line::new(Settings { deadline: Duration::from_millis(300), ..settings(at) });
    assert_eq!(line.submit(PHONE, "Hello").await, not_submitted(NotSubmittedCause::NoConnection));
}

#[tokio::test]
async fn a_refused_account_is_told_from_a_dead_line_and_heals_by_itself() {
    for status in [0x0D, 0x0E, 0x0F] {
        let world = World::new(Behaviour { refuse_bind: Some(status), ..Behaviour::default() }, |_| {}).await;
        assert_eq!(world.line.submit(PHONE, "Hello").await, not_submitted(NotSubmittedCause::AccountRefused));
        world.smsc.change(|behaviour| behaviour.refuse_bind = None);
        eventually("the bind is accepted", || world.smsc.stats().binds == 1).await;
        let mut outcome = world.line.submit(PHONE, "Hello").await;
        while outcome == not_submitted(NotSubmittedCause::AccountRefused) {
            // The answer to the bind is on its way.
            tokio::task::yield_now().await;
            outcome = world.line.submit(PHONE, "Hello").await;
        }
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    let busy = World::new(Behaviour { refuse_bind: Some(0x05), ..Behaviour::default() }, |settings| {
        settings.deadline = Duration::from_millis(300)
    })
    .await;
    assert_eq!(
        busy.line.submit(PHONE, "Hello").await,
        not_submitted(NotSubmittedCause::NoConnection),
        "already bound: the old session lingers"
    );
}

#[tokio::test]
async fn a_full_window_is_our_own_throttle() {
    let behaviour = Behaviour { answer_ms: smsc::Range(600, 600), ..Behaviour::default() };
    let world = World::new(behaviour, |settings| (settings.window, settings.deadline) = (2, Duration::from_secs(1))).await;
    let (a, b, c) = tokio::join!(world.line.submit(PHONE, "1"), world.line.submit(PHONE, "2"), world.line.submit(PHONE, "3"));
    let accepted = [&a, &b, &c].into_iter().filter(|outcome| matches!(outcome, Outcome::Accepted { .. })).count();
    assert_eq!(accepted, 2);
    assert!([a, b, c].contains(&not_submitted(NotSubmittedCause::Throttled)));
    assert_eq!(world.smsc.stats().accepted, 2);
}

#[tokio::test]
async fn a_text_whose_time_is_over_stays_here() {
    let late = Arc::new(|| now() + SignedDuration::from_hours(13));
    let world = World::new(Behaviour::default(), |settings| settings.clock = late).await;
    assert_eq!(world.line.submit(PHONE, "Hello").await, not_submitted(NotSubmittedCause::PastValidity));
    assert_eq!(world.smsc.stats().accepted, 0);
}

#[tokio::test]
async fn an_answer_after_the_attempt_was_given_up_is_reported() {
    let behaviour =
        Behaviour { slow: 1.0, slow_ms: 500, receipts: smsc::Receipts { lose: 1.0, ..Default::default() }, ..Behaviour::default() };
    let world = World::new(behaviour, |settings| settings.response_timeout = Duration::from_millis(200)).await;
    let text = crate::released::text(PHONE, "Hello");
    let token = text.token();
    assert_eq!(world.line.carrier.submit(text).await, unknown(UnknownCause::Deadline));
    eventually("the answer came", || !world.line.sink.reports().is_empty()).await;
    let report = world.line.sink.reports().remove(0);
    assert_eq!((report.token, report.status, report.id.as_str()), (Some(token), DeliveryStatus::Queued, "000A1001"));
}

#[tokio::test]
async fn many_texts_at_once_go_once_each_over_lines_that_break() {
    let behaviour = Behaviour {
        answer_ms: smsc::Range(0, 20),
        throttle: 0.1,
        cut_before_accept: 0.02,
        cut_after_accept: 0.02,
        error_after_accept: 0.05,
        refuse: 0.05,
        ..Behaviour::default()
    };
    let world = World::new(behaviour, |settings| (settings.window, settings.deadline) = (5, Duration::from_secs(20))).await;
    let outcomes = futures_util::future::join_all((0..300).map(|n| {
        let line = &world.line;
        async move {
            let to = format!("1212555{:04}", 100 + n % 100);
            let body = format!("text {n} {}", "long ".repeat(if n % 10 == 0 { 40 } else { 1 }));
            (to.clone(), body.clone(), line.submit(&to, &body).await)
        }
    }))
    .await;
    world.at_rest().await;
    let mut accepted = 0;
    for (to, body, outcome) in outcomes {
        let got = world.smsc.got(&to).iter().filter(|got| got.body == body).count();
        match outcome {
            Outcome::Accepted { .. } => {
                assert_eq!(got, 1, "{body}");
                accepted += 1;
            }
            Outcome::Unknown { .. } => assert!(got <= 1, "{body}"),
            Outcome::Rejected { .. } | Outcome::NotSubmitted { .. } => assert_eq!(got, 0, "{body}"),
        }
    }
    assert!(accepted > 60, "{accepted}: those who waited for their turn go over the next line");
    eventually("the line broke more than once", || world.smsc.stats().binds > 2).await;
}

#[tokio::test]
async fn a_transmitter_and_a_receiver_do_what_a_transceiver_does() {
    let world = World::new(Behaviour::default(), |settings| settings.bind = Bind::Pair).await;
    let (id, _) = world.line.accepted(PHONE, "Hello").await;
    eventually("it is delivered", || world.line.sink.status(&id) == Some(DeliveryStatus::Delivered)).await;
    assert_eq!(world.smsc.stats().binds, 2);
    world.smsc.text(PHONE, SENDER_DIGITS, "C");
    eventually("the reply is stored", || world.line.sink.bodies() == ["C"]).await;
}

#[tokio::test]
async fn nothing_goes_out_while_replies_cannot_come_in() {
    let refused = [(0x0E, NotSubmittedCause::AccountRefused), (0x05, NotSubmittedCause::NoConnection)];
    for (status, cause) in refused {
        let behaviour = Behaviour { refuse_receiver: Some(status), ..Behaviour::default() };
        let world = World::new(behaviour, |settings| (settings.bind, settings.deadline) = (Bind::Pair, Duration::from_millis(600))).await;
        eventually("the transmitter is bound", || world.smsc.stats().binds == 1).await;
        assert_eq!(world.line.submit(PHONE, "Hello").await, not_submitted(cause));
        assert_eq!(world.smsc.stats().accepted, 0);
    }
}

#[tokio::test]
async fn a_dead_line_is_noticed_by_its_silence() {
    let world = World::new(Behaviour::default(), |settings| {
        (settings.enquire_link, settings.response_timeout) = (Duration::from_millis(30), Duration::from_millis(300));
    })
    .await;
    world.line.accepted(PHONE, "Hello").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.smsc.stats().binds, 1, "an answered test keeps the line");
    world.smsc.cut();
    eventually("it is bound again", || world.smsc.stats().binds == 2).await;
    world.line.accepted(PHONE, "Hello again").await;
}

#[tokio::test]
async fn there_is_no_log_to_ask() {
    let world = World::quick().await;
    let to = Phi::new(PhoneNumber::parse("+12125550123").unwrap());
    let query = LookupQuery { to, sent_after: now(), token: None };
    assert_eq!(world.line.carrier.lookup(query).await, Err(LookupError::NotKept));
    assert!(!world.line.carrier.traits().forgets);
}
