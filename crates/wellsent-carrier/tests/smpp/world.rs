//! A carrier, a message centre and a sink.

use crate::sink::Sink;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use wellsent_carrier::smpp::{Password, Protection, Settings, SmppCarrier};
use wellsent_carrier::{Carrier, Outcome};
use wellsent_peers::smsc::{Behaviour, Smsc};

pub struct World {
    pub smsc: Smsc,
    pub line: Line,
}

/// A carrier whose line is held.
pub struct Line {
    pub carrier: Arc<SmppCarrier>,
    pub sink: Arc<Sink>,
    held: JoinHandle<()>,
}

/// Settings with waits that suit a test.
pub fn settings(at: SocketAddr) -> Settings {
    let clock = Arc::new(crate::released::now);
    let base = Settings::new("smpp-main", "127.0.0.1", at.port(), Protection::Loopback, "wellsent", Password::new("secret08"), clock);
    Settings {
        response_timeout: Duration::from_secs(2),
        deadline: Duration::from_secs(4),
        backoff: (Duration::from_millis(10), Duration::from_millis(50)),
        join_wait: Duration::from_millis(300),
        ..base
    }
}

impl Line {
    pub fn new(settings: Settings) -> Self {
        let carrier = Arc::new(SmppCarrier::new(settings).expect("settings that fit"));
        let sink = Arc::new(Sink::default());
        let held = tokio::spawn(carrier.hold_line(sink.clone()).expect("a line"));
        Self { carrier, sink, held }
    }

    pub async fn submit(&self, to: &str, body: &str) -> Outcome {
        self.carrier.submit(crate::released::text(to, body)).await
    }

    /// Submits a text that is accepted; its id and parts.
    pub async fn accepted(&self, to: &str, body: &str) -> (String, u32) {
        match self.submit(to, body).await {
            Outcome::Accepted { carrier_message_id, parts } => (carrier_message_id, parts.expect("a count")),
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// Lets the line go, as a server that is killed does.
    pub async fn drop_line(&mut self) {
        self.held.abort();
        let _ = (&mut self.held).await;
    }

    /// Takes the line up again.
    pub fn hold_again(&mut self) {
        self.held = tokio::spawn(self.carrier.hold_line(self.sink.clone()).expect("a line"));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.held.abort();
    }
}

impl World {
    pub async fn new(behaviour: Behaviour, change: impl FnOnce(&mut Settings)) -> Self {
        let smsc = Smsc::start(behaviour, None).await.expect("a port");
        let mut settings = settings(smsc.at());
        change(&mut settings);
        Self { line: Line::new(settings), smsc }
    }

    pub async fn quick() -> Self {
        Self::new(Behaviour::default(), |_| {}).await
    }

    /// Until the centre has nothing left to do.
    pub async fn at_rest(&self) {
        eventually("the centre is at rest", || self.smsc.stats().at_rest()).await;
    }
}

/// Waits for something, at most ten seconds.
pub async fn eventually(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("in ten seconds it did not come about that {what}");
}
