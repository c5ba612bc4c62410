//! Talks to the simulated phones, as a tester with `curl` would.

use serde::Deserialize;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use wellsent_carrier::simulator::Behaviour;

/// Where the phones are.
#[derive(Debug, Clone, Copy)]
pub struct Phones {
    pub at: SocketAddr,
}

/// What the network has still to do.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Stats {
    pub accepted: u64,
    pub got: u64,
    pub undelivered: u64,
    pub expired: u64,
    pub waiting: u64,
}

impl Stats {
    /// Whether every text is where it ends and every callback was answered.
    pub fn at_rest(&self) -> bool {
        self.waiting == 0 && self.accepted == self.got + self.undelivered + self.expired
    }
}

impl Phones {
    /// The owner of a phone texts. Whether the network took it.
    pub fn text(&self, from: &str, sender: &str, body: &str) -> bool {
        let json = serde_json::json!({ "to_sender": sender, "body": body }).to_string();
        let path = format!("/phones/{}/texts", from.replace('+', "%2B"));
        self.call("POST", &path, &json).is_ok_and(|(status, _)| status == 201)
    }

    /// Says where texts to the practice go.
    pub fn register(&self, sender: &str, server: &str) {
        let json = serde_json::json!({ "inbound_url": format!("{server}/hooks/simulator/{sender}/inbound") }).to_string();
        let answer = self.call("PUT", &format!("/senders/{sender}"), &json).expect("the phones answer");
        assert_eq!(answer.0, 204, "the hook is taken");
    }

    /// Makes the network behave differently.
    pub fn behave(&self, behaviour: &Behaviour) {
        let json = serde_json::to_string(behaviour).expect("JSON");
        let answer = self.call("PUT", "/behaviour", &json).expect("the phones answer");
        assert_eq!(answer.0, 204, "the behaviour is taken");
    }

    /// What the network has still to do.
    pub fn stats(&self) -> Stats {
        let (_, body) = self.call("GET", "/stats", "").expect("the phones answer");
        serde_json::from_str(&body).expect("counts")
    }

    fn call(&self, method: &str, path: &str, json: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect_timeout(&self.at, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let length = json.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{json}",
            self.at
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Ok((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
    }
}
