//! What the log says, and what it never does.

use crate::house::{ACCOUNT, House, TO, answer, create, rest, soon};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt as _;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Write::write(&mut *self.0.lock().expect("not poisoned"), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// One thread runs the proxy and the test, so that the subscriber of this thread hears both.
#[tokio::test]
async fn at_every_level_the_log_names_host_and_class_and_nothing_of_a_request() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(move || writer.clone()).finish();
    let _heard = tracing::subscriber::set_default(subscriber);

    let house = House::usual().await;
    let mut api = house.api().await;
    api.write_all(create("To=%2B12125550123&Body=Marigold").as_bytes()).await.expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 201 "));
    api.write_all(
        format!("GET /2010-04-01/Marigold/{TO}?To={TO} HTTP/1.1\r\nHost: api.twilio.com\r\nAuthorization: Basic Marigold\r\n\r\n")
            .as_bytes(),
    )
    .await
    .expect("sent");
    assert!(answer(&mut api).await.starts_with("HTTP/1.1 404 "));
    api.write_all(format!("garbage {TO} Marigold\r\n\r\n").as_bytes()).await.expect("sent");
    let _ = soon(rest(&mut api)).await;
    let _ = house.ask(&format!("CONNECT marigold-{}.example.com:443 HTTP/1.1\r\n\r\n", &TO[1..])).await;
    let _ = house.ask(&format!("GET http://api.twilio.com/Marigold/{TO} HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n")).await;

    let text = String::from_utf8(lines.0.lock().expect("not poisoned").clone()).expect("text");
    assert!(text.contains("proxied host=\"api.twilio.com\" status=\"2xx\""), "{text}");
    assert!(text.contains("proxied host=\"api.twilio.com\" status=\"4xx\""), "{text}");
    assert!(text.contains("proxy refused reason=\"host not listed\""), "{text}");
    assert!(text.contains("proxy refused reason=\"plain http\""), "{text}");
    for secret in ["marigold", "2125550123", &ACCOUNT.to_lowercase(), "2010-04-01", "basic "] {
        assert!(!text.to_lowercase().contains(secret), "{secret} in {text}");
    }
}
