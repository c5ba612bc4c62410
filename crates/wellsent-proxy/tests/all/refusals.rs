//! What is refused, and that a refusal leads nowhere.

use crate::house::{ACCOUNT, House, TO, answer, create, rest, soon};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

#[tokio::test]
async fn every_other_host_is_refused_with_a_sentence() {
    let house = House::usual().await;
    for other in [
        "example.com:443",
        "twilio.com:443",
        "www.twilio.com:443",
        "api.twilio.com.example.com:443",
        "localhost:443",
        "[::1]:443",
        "api.twilio.com@example.com:443",
    ] {
        let answer = house.ask(&format!("CONNECT {other} HTTP/1.1\r\nHost: {other}\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{other}: {answer}");
        assert!(answer.contains("opens no connection to anywhere else"), "{other}: {answer}");
    }
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn another_port_is_refused() {
    let house = House::usual().await;
    for port in [80, 22, 8443, 25] {
        let answer = house.ask(&format!("CONNECT api.twilio.com:{port} HTTP/1.1\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("443 only"), "{port}: {answer}");
    }
}

#[tokio::test]
async fn plain_http_is_refused_even_for_twilio() {
    let house = House::usual().await;
    for (host, method) in [("api.twilio.com", "POST"), ("example.com", "GET"), ("127.0.0.1:9", "GET")] {
        let answer = house.ask(&format!("{method} http://{host}/2010-04-01/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("https requests"), "{host}: {answer}");
    }
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn a_browser_that_looks_in_gets_a_sentence() {
    let house = House::usual().await;
    let answer = house.ask(&format!("GET /2010-04-01/Accounts/{ACCOUNT}.json HTTP/1.1\r\nHost: {}\r\n\r\n", house.at)).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("not a web server"), "{answer}");
    assert!(house.requests().is_empty(), "the router is reached through TLS only");
}

#[tokio::test]
async fn nobody_is_connected_to() {
    let house = House::usual().await;
    let trap = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = trap.local_addr().expect("an address");
    for text in [
        format!("CONNECT {at} HTTP/1.1\r\nHost: {at}\r\n\r\n"),
        format!("CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: {at}\r\n\r\n"),
        format!("GET http://{at}/ HTTP/1.1\r\nHost: {at}\r\n\r\n"),
        format!("GET http://{at}/ HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {at}\r\n\r\n"),
    ] {
        let _ = house.connect(&text).await;
    }
    let mut api = house.api().await;
    api.write_all(format!("GET http://{at}/ HTTP/1.1\r\nHost: {at}\r\n\r\n").as_bytes()).await.expect("sent");
    let _ = answer(&mut api).await;
    assert!(tokio::time::timeout(Duration::from_millis(200), trap.accept()).await.is_err(), "somebody connected");
    // The trap works.
    let _visitor = tokio::net::TcpStream::connect(at).await.expect("a connection");
    soon(trap.accept()).await.expect("a visitor");
}

#[tokio::test]
async fn a_request_for_another_host_inside_the_tunnel_is_refused() {
    let house = House::usual().await;
    for request in [
        "GET /x HTTP/1.1\r\nHost: example.com\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: verify.twilio.com\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: api.twilio.com\r\nHost: example.com\r\n\r\n",
        "GET /x HTTP/1.1\r\nHost: api.twilio.com:80\r\n\r\n",
        "GET https://example.com/x HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n",
        "GET /x HTTP/1.1\r\n\r\n",
    ] {
        let mut api = house.api().await;
        api.write_all(request.as_bytes()).await.expect("sent");
        let answer = soon(rest(&mut api)).await;
        assert!(answer.starts_with("HTTP/1.1 421 ") && answer.contains("\"code\":20404"), "{request}: {answer}");
    }
    assert!(house.requests().is_empty());
}

#[tokio::test]
async fn a_tunnel_in_the_tunnel_is_refused() {
    let house = House::usual().await;
    let mut api = house.api().await;
    api.write_all(b"CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n").await.expect("sent");
    let answer = soon(rest(&mut api)).await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
}

#[tokio::test]
async fn garbage_before_the_tunnel_is_cut() {
    let house = House::usual().await;
    for garbage in [
        "\x16\x03\x01\x02\x00\x01\x00\x01",
        "SSH-2.0-x\r\n\r\n",
        "CONNECT\r\n\r\n",
        "CONNECT / HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = house.ask(garbage).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"), "{garbage:?}: {answer}");
    }
    house.tunnel("api.twilio.com:443").await;
}

#[tokio::test]
async fn garbage_behind_a_request_ends_the_connection_after_the_answer() {
    let house = House::usual().await;
    let mut api = house.api().await;
    api.write_all(format!("{}\0\0\0 not a request {TO}\r\n\r\n{}", create("Body=1"), create("Body=2")).as_bytes()).await.expect("sent");
    let all = soon(rest(&mut api)).await;
    assert!(all.starts_with("HTTP/1.1 201 "), "{all}");
    assert!(all.contains("HTTP/1.1 400 "), "{all}");
    assert_eq!(all.matches("HTTP/1.1 ").count(), 2, "nothing after the garbage is read: {all}");
    assert_eq!(house.requests().len(), 1);
}

#[tokio::test]
async fn a_request_with_two_lengths_is_not_guessed_at() {
    let house = House::usual().await;
    for lengths in
        ["Content-Length: 4\r\nContent-Length: 40", "Content-Length: 4\r\nTransfer-Encoding: chunked, identity", "Content-Length: x"]
    {
        let mut api = house.api().await;
        api.write_all(format!("POST /x HTTP/1.1\r\nHost: api.twilio.com\r\n{lengths}\r\n\r\n0\r\n\r\n").as_bytes()).await.expect("sent");
        let answer = soon(rest(&mut api)).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{lengths}: {answer}");
    }
    assert!(house.requests().is_empty());
}
