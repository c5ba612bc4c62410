//! Too many, too long, too slow.

use crate::house::{GET, House, answer, create, head, rest, soon};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use wellsent_proxy::Limits;

const SHORT: Duration = Duration::from_millis(300);
/// Far below the usual limits, which must not be what ended it.
const BOUND: Duration = Duration::from_secs(5);

async fn cut_within_bound(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let start = Instant::now();
    let text = soon(rest(stream)).await;
    let took = start.elapsed();
    assert!(took >= SHORT / 3 && took < BOUND, "{took:?}");
    text
}

/// Sends a byte at a time, for ever; always something, never enough.
async fn drip(stream: &mut (impl tokio::io::AsyncWrite + Unpin), text: &str) {
    for byte in text.bytes().cycle() {
        if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn one_connection_more_than_allowed_is_turned_away_and_a_place_is_given_back() {
    let house = House::start(Limits { connections: 2, ..Limits::default() }).await;
    let first = house.api().await;
    let _second = TcpStream::connect(house.at).await.expect("a connection");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut third = TcpStream::connect(house.at).await.expect("a connection");
    let answer = soon(rest(&mut third)).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("no connection left"), "{answer}");

    drop(first);
    soon(async {
        loop {
            let (_stream, answer) = house.connect("CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n").await;
            if answer.starts_with("HTTP/1.1 200 ") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut() {
    let house = House::start(Limits { opening: SHORT, ..Limits::default() }).await;
    let mut silent = TcpStream::connect(house.at).await.expect("a connection");
    cut_within_bound(&mut silent).await;
}

#[tokio::test]
async fn a_connect_that_drips_is_cut() {
    let house = House::start(Limits { opening: SHORT, ..Limits::default() }).await;
    let slow = TcpStream::connect(house.at).await.expect("a connection");
    let (mut reader, mut writer) = slow.into_split();
    let dripping = tokio::spawn(async move { drip(&mut writer, "CONNECT api.twilio.com:443 HTTP/1.1\r\nX: ").await });
    cut_within_bound(&mut reader).await;
    dripping.abort();
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_cut() {
    let house = House::start(Limits { opening: SHORT, ..Limits::default() }).await;
    let mut tunnel = house.tunnel("api.twilio.com:443").await;
    cut_within_bound(&mut tunnel).await;
}

#[tokio::test]
async fn a_head_that_drips_inside_the_tunnel_is_cut() {
    let house = House::start(Limits { head: SHORT, ..Limits::default() }).await;
    let (mut reader, mut writer) = tokio::io::split(house.api().await);
    let dripping = tokio::spawn(async move { drip(&mut writer, "GET / HTTP/1.1\r\nX: ").await });
    cut_within_bound(&mut reader).await;
    dripping.abort();
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn an_idle_connection_is_cut() {
    let house = House::start(Limits { head: SHORT, ..Limits::default() }).await;
    let mut api = house.api().await;
    api.write_all(GET.as_bytes()).await.expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 200 "));
    cut_within_bound(&mut api).await;
}

#[tokio::test]
async fn a_body_that_drips_is_answered_and_cut() {
    let house = House::start(Limits { body: SHORT, ..Limits::default() }).await;
    let (mut reader, mut writer) = tokio::io::split(house.api().await);
    let dripping = tokio::spawn(async move {
        writer.write_all(b"POST /x HTTP/1.1\r\nHost: api.twilio.com\r\nContent-Length: 4000\r\n\r\n").await.expect("sent");
        drip(&mut writer, "a").await;
    });
    let text = cut_within_bound(&mut reader).await;
    dripping.abort();
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn a_connection_has_a_life_and_its_last_request_is_answered() {
    let house = House::start(Limits { life: SHORT, ..Limits::default() }).await;
    let mut api = house.api().await;
    api.write_all(b"GET /slow HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n").await.expect("sent");
    let text = cut_within_bound(&mut api).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("late"), "{text}");
}

#[tokio::test]
async fn a_long_head_is_refused_before_and_inside_the_tunnel() {
    let house = House::usual().await;
    let long = format!("X-Long: {}\r\n\r\n", "a".repeat(20 * 1024));
    let answer = house.ask(&format!("CONNECT api.twilio.com:443 HTTP/1.1\r\n{long}")).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let mut api = house.api().await;
    api.write_all(format!("GET /x HTTP/1.1\r\nHost: api.twilio.com\r\n{long}").as_bytes()).await.expect("sent");
    let answer = soon(head(&mut api)).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn a_long_body_is_refused_whether_announced_or_not() {
    let house = House::usual().await;
    let body = "a".repeat(64 * 1024);
    let mut api = house.api().await;
    api.write_all(create(&body).as_bytes()).await.expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 201 "), "as much as is allowed is taken");

    api.write_all(create(&format!("{body}a")).as_bytes()).await.expect("sent");
    let refused = answer(&mut api).await;
    assert!(refused.starts_with("HTTP/1.1 413 ") && refused.contains("\"status\":413"), "{refused}");

    let mut api = house.api().await;
    api.write_all(b"POST /x HTTP/1.1\r\nHost: api.twilio.com\r\nTransfer-Encoding: chunked\r\n\r\n").await.expect("sent");
    for _ in 0..70 {
        if api.write_all(format!("400\r\n{}\r\n", "a".repeat(1024)).as_bytes()).await.is_err() {
            break;
        }
    }
    let refused = answer(&mut api).await;
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
    assert_eq!(house.requests().len(), 1);
}

#[tokio::test]
async fn a_client_that_ends_its_side_still_gets_its_answer_and_frees_its_place() {
    let house = House::start(Limits { connections: 1, ..Limits::default() }).await;
    let mut api = house.api().await;
    api.write_all(b"GET /slow HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n").await.expect("sent");
    api.shutdown().await.expect("one side ended");
    let text = soon(rest(&mut api)).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("late"), "{text}");
    drop(api);
    tokio::time::sleep(Duration::from_millis(100)).await;
    house.tunnel("api.twilio.com:443").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_frees_its_place() {
    let house = House::start(Limits { connections: 1, life: SHORT, ending: SHORT, ..Limits::default() }).await;
    let mut deaf = house.api().await;
    deaf.write_all(b"GET /large HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n").await.expect("sent");
    let start = Instant::now();
    soon(async {
        loop {
            let (_stream, answer) = house.connect("CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n").await;
            if answer.starts_with("HTTP/1.1 200 ") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let took = start.elapsed();
    assert!(took >= SHORT && took < BOUND, "{took:?}");
    drop(deaf);
}
