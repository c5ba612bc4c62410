//! Lines that carry nonsense, stand still, or flood.

use crate::released::PHONE;
use crate::world::{Line, eventually, settings};
use proptest::prelude::*;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wellsent_carrier::smpp::Settings;
use wellsent_carrier::{NotSubmittedCause, Outcome};

const BOUND: &[u8] = b"\0\0\0\x11\x80\0\0\x09\0\0\0\0\0\0\0\x01\0";

fn quick(listener: &TcpListener) -> Settings {
    Settings {
        response_timeout: Duration::from_millis(150),
        deadline: Duration::from_millis(400),
        enquire_link: Duration::from_millis(100),
        join_wait: Duration::from_millis(30),
        ..settings(listener.local_addr().expect("an address"))
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

/// Accepts a line and its bind.
async fn bound(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.expect("a line");
    frame(&mut stream).await.expect("a bind");
    stream.write_all(BOUND).await.expect("a line");
    stream
}

/// One PDU without its length.
async fn frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let length = tokio::time::timeout(Duration::from_secs(2), stream.read_u32()).await.ok()?.ok()?;
    let mut body = vec![0; (length as usize).checked_sub(4)?];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

fn pdu(command: u32, status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).expect("a length");
    [length, command, status, sequence].iter().flat_map(|field| field.to_be_bytes()).chain(body.iter().copied()).collect()
}

fn deliver(sequence: u32, text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a length");
    let body = [b"\0\x01\x0112125550123\0\x01\x0112125550199\0\0\0\0\0\0\0\0\0\0".as_slice(), &[length], text.as_bytes()].concat();
    pdu(5, 0, sequence, &body)
}

/// What a hostile centre sends: octets, or PDUs with octets inside.
fn nonsense() -> impl Strategy<Value = Vec<u8>> {
    let octets = || proptest::collection::vec(any::<u8>(), 0..200);
    let commands = prop_oneof![
        Just(0x8000_0004u32),
        Just(0x8000_0000),
        Just(5),
        Just(0x103),
        Just(0x15),
        Just(6),
        Just(0x8000_0015),
        Just(0x8000_0009),
        any::<u32>()
    ];
    let pdus =
        (commands, any::<u32>(), 0..6u32, octets()).prop_map(|(command, status, sequence, body)| pdu(command, status, sequence, &body));
    proptest::collection::vec(prop_oneof![3 => pdus, 1 => octets()], 1..8).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_sent_the_session_ends_or_goes_on_and_every_text_has_an_outcome(before in nonsense(), after in nonsense()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = listen().await;
            let line = Line::new(quick(&listener));
            let hostile = tokio::spawn(async move {
                let mut first = bound(&listener).await;
                let _ = first.write_all(&before).await;
                let _ = frame(&mut first).await;
                let _ = first.write_all(&after).await;
                // The next line is a good one.
                loop {
                    let mut stream = bound(&listener).await;
                    tokio::spawn(async move {
                        while let Some(asked) = frame(&mut stream).await {
                            let command = u32::from_be_bytes(asked[..4].try_into().expect("four"));
                            let sequence = u32::from_be_bytes(asked[8..12].try_into().expect("four"));
                            let _ = stream.write_all(&pdu(command | 0x8000_0000, 0, sequence, b"id-1\0")).await;
                        }
                    });
                    drop(std::mem::replace(&mut first, TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a line")));
                    let _ = listener.accept().await;
                }
            });
            let start = Instant::now();
            let _ = line.submit(PHONE, "Hello").await;
            assert!(start.elapsed() < Duration::from_secs(2), "an outcome in time");
            let mut accepted = false;
            for _ in 0..40 {
                accepted = matches!(line.submit(PHONE, "Hello").await, Outcome::Accepted { .. });
                if accepted {
                    break;
                }
            }
            hostile.abort();
            assert!(accepted, "the next line is as good as any");
        });
    }
}

#[tokio::test]
async fn a_centre_that_does_not_answer_the_bind_is_no_line() {
    let listener = listen().await;
    let line = Line::new(quick(&listener));
    let none = Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None };
    assert_eq!(line.submit(PHONE, "Hello").await, none);
}

#[tokio::test]
async fn unknown_requests_are_refused_and_unknown_answers_are_nothing() {
    let listener = listen().await;
    let _line = Line::new(Settings { enquire_link: Duration::from_secs(60), ..quick(&listener) });
    let mut stream = bound(&listener).await;
    let sent =
        [pdu(0x8000_0004, 0, 99, b"stray\0"), pdu(0x102, 0, 1, b""), pdu(4, 0, 2, b""), pdu(0x777, 0, 3, b"x"), pdu(0x15, 0, 4, b"")];
    stream.write_all(&sent.concat()).await.unwrap();
    for (command, status, sequence) in [(0x8000_0000u32, 3u32, 2u32), (0x8000_0000, 3, 3), (0x8000_0015, 0, 4)] {
        let answer: Vec<u8> = [command, status, sequence].iter().flat_map(|field| field.to_be_bytes()).collect();
        assert_eq!(frame(&mut stream).await.unwrap(), answer);
    }
}

#[tokio::test]
async fn an_unbind_is_answered_and_the_line_comes_back() {
    let listener = listen().await;
    let _line = Line::new(Settings { enquire_link: Duration::from_secs(60), ..quick(&listener) });
    let mut stream = bound(&listener).await;
    stream.write_all(&pdu(6, 0, 7, b"")).await.unwrap();
    assert_eq!(frame(&mut stream).await.unwrap(), [0x80, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 7]);
    bound(&listener).await;
}

#[tokio::test]
async fn a_cut_off_arrival_is_refused_for_good() {
    let listener = listen().await;
    let _line = Line::new(Settings { enquire_link: Duration::from_secs(60), ..quick(&listener) });
    let mut stream = bound(&listener).await;
    stream.write_all(&pdu(5, 0, 1, b"\0\x01\x0112125550123")).await.unwrap();
    assert_eq!(frame(&mut stream).await.unwrap()[..12], [0x80, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 1]);
}

#[tokio::test]
async fn a_text_may_come_as_data() {
    let listener = listen().await;
    let line = Line::new(Settings { enquire_link: Duration::from_secs(60), ..quick(&listener) });
    let mut stream = bound(&listener).await;
    let body = b"\0\x01\x0112125550123\0\x01\x0112125550199\0\0\0\x08\x04\x24\0\x08\0S\0T\0O\0P";
    stream.write_all(&pdu(0x103, 0, 5, body)).await.unwrap();
    assert_eq!(frame(&mut stream).await.unwrap()[..12], [0x80, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 5]);
    assert_eq!(line.sink.bodies(), ["STOP"]);
}

#[tokio::test]
async fn a_receipt_with_the_addresses_of_the_text_is_our_senders() {
    let listener = listen().await;
    let line = Line::new(Settings { enquire_link: Duration::from_secs(60), ..quick(&listener) });
    let mut stream = bound(&listener).await;
    line.sink.sender_unknown.store(true, Ordering::SeqCst);
    line.sink.refuse.store(1, Ordering::SeqCst);
    let text = b"id:77 stat:DELIVRD";
    let length = u8::try_from(text.len()).unwrap();
    let head = b"\0\x01\x0112125550199\0\x01\x0112125550123\0\x04\0\0\0\0\0\0\0\0";
    stream.write_all(&pdu(5, 0, 5, &[head.as_slice(), &[length], text].concat())).await.unwrap();
    assert_eq!(frame(&mut stream).await.unwrap()[..12], [0x80, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5]);
    assert_eq!(line.sink.reports().len(), 1, "the source is the sender");
}

#[tokio::test]
async fn a_flood_is_put_off_and_not_stored_in_memory() {
    let listener = listen().await;
    let line = Line::new(Settings { enquire_link: Duration::from_secs(60), response_timeout: Duration::from_secs(5), ..quick(&listener) });
    let mut stream = bound(&listener).await;
    line.sink.stuck.store(true, Ordering::SeqCst);
    let flood: Vec<u8> = (1..=2000).flat_map(|sequence| deliver(sequence, &format!("text {sequence}"))).collect();
    let (mut reader, mut writer) = stream.split();
    let writing = async { writer.write_all(&flood).await };
    let sink = &line.sink;
    let reading = async {
        let (mut put_off, mut taken) = (0, 0);
        while put_off + taken < 2000 {
            let length = reader.read_u32().await.unwrap();
            let mut body = vec![0; length as usize - 4];
            reader.read_exact(&mut body).await.unwrap();
            match body[7] {
                0 => taken += 1,
                0x58 => put_off += 1,
                other => panic!("status {other}"),
            }
            if put_off > 1000 {
                sink.stuck.store(false, Ordering::SeqCst);
            }
        }
        (put_off, taken)
    };
    let (written, (put_off, taken)) = tokio::join!(writing, reading);
    written.unwrap();
    assert!(put_off > 1000 && taken > 0, "{put_off} {taken}");
    eventually("what was acknowledged is stored", || line.sink.replies().len() == taken).await;
}

#[tokio::test]
async fn a_centre_that_reads_nothing_ends_the_line() {
    let listener = listen().await;
    let line = Line::new(quick(&listener));
    let stalled = bound(&listener).await;
    let unknown = line.submit(PHONE, "Hello").await;
    assert!(matches!(unknown, Outcome::Unknown { .. }), "{unknown:?}");
    let again = tokio::time::timeout(Duration::from_secs(3), bound(&listener)).await;
    assert!(again.is_ok(), "an unanswered test ends the line");
    drop(stalled);
}
