//! How the proxy ends.

use crate::house::{House, rest, soon};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use wellsent_proxy::Limits;

#[tokio::test]
async fn at_the_end_the_request_under_way_is_answered_and_idle_connections_close() {
    let mut house = House::usual().await;
    let mut busy = house.api().await;
    let mut idle = house.api().await;
    let mut tunnel = house.tunnel("api.twilio.com:443").await;
    let mut silent = TcpStream::connect(house.at).await.expect("a connection");
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n").await.expect("sent");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    house.stop();
    let text = soon(rest(&mut busy)).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("late"), "{text}");
    for stream in [&mut tunnel, &mut silent] {
        assert_eq!(soon(rest(stream)).await, "");
    }
    assert_eq!(soon(rest(&mut idle)).await, "");
    let at = house.at;
    house.ended().await;
    assert!(start.elapsed() < Limits::default().ending / 2, "each went by itself, and was not cut");
    assert!(TcpStream::connect(at).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn the_end_does_not_wait_for_a_client_for_ever() {
    let mut house = House::start(Limits { ending: Duration::from_millis(200), ..Limits::default() }).await;
    let mut slow = house.api().await;
    slow.write_all(b"POST /x HTTP/1.1\r\nHost: api.twilio.com\r\nContent-Length: 10\r\n\r\n1").await.expect("sent");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    house.stop();
    house.ended().await;
    assert!(start.elapsed() < Duration::from_secs(3));
}
