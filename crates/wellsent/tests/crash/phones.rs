//! Talks to the phones, as a tester with `curl` would.

use crate::beside::{Beside, Listens};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Where the phones are.
#[derive(Debug, Clone, Copy)]
pub struct Phones {
    pub beside: Beside,
    pub at: Listens,
}

/// What the network has done and still to do.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Stats {
    pub accepted: u64,
    #[serde(alias = "arrived")]
    pub got: u64,
    pub undelivered: u64,
    #[serde(default)]
    pub expired: u64,
    pub waiting: u64,
    /// Texts that phones sent.
    pub texts: u64,
}

impl Stats {
    /// Whether every text is where it ends and every callback was answered.
    pub fn at_rest(&self) -> bool {
        self.waiting == 0 && self.accepted == self.got + self.undelivered + self.expired
    }
}

impl Phones {
    /// The owner of a phone texts to the practice. Whether the network took it.
    pub fn text(&self, from: &str, sender: &str, body: &str) -> bool {
        let (from, json) = match self.beside {
            Beside::Simulator | Beside::Twilio => (encoded(from), json!({ "to_sender": sender, "body": body })),
            Beside::Smpp => (digits(from).to_owned(), json!({ "to": digits(sender), "body": body })),
        };
        self.call("POST", &format!("/phones/{from}/texts"), &json).is_ok_and(|(status, _)| status == 201)
    }

    /// Says where texts to the practice go. Over a line of its own they go to whoever holds it.
    pub fn register(&self, sender: &str, sender_id: &str, server: &str) {
        if self.beside == Beside::Smpp {
            return;
        }
        let json = json!({ "inbound_url": format!("{server}/hooks/{}/{sender_id}/inbound", self.beside.name()) });
        let answer = self.call("PUT", &format!("/senders/{}", encoded(sender)), &json).expect("the phones answer");
        assert_eq!(answer.0, 204, "the hook is taken");
    }

    /// Makes the network behave differently.
    pub fn behave(&self, behaviour: &Value) {
        let answer = self.call("PUT", "/behaviour", behaviour).expect("the phones answer");
        assert_eq!(answer.0, 204, "the behaviour is taken");
    }

    /// What the network has done and still to do.
    pub fn stats(&self) -> Stats {
        let (_, body) = self.call("GET", "/stats", &Value::Null).expect("the phones answer");
        serde_json::from_str(&body).expect("counts")
    }

    fn call(&self, method: &str, path: &str, json: &Value) -> std::io::Result<(u16, String)> {
        let json = if json.is_null() { String::new() } else { json.to_string() };
        let mut stream = TcpStream::connect_timeout(&self.at.http, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let length = json.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{json}",
            self.at.http
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Ok((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
    }
}

fn encoded(number: &str) -> String {
    number.replace('+', "%2B")
}

fn digits(number: &str) -> &str {
    number.trim_start_matches('+')
}
