//! What is said about people besides what must be.

use crate::released::{PHONE, SENDER_DIGITS};
use crate::world::{Line, World, eventually, settings};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;
use wellsent_peers::smsc::{Behaviour, Dialect, Quirk, Receipts};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no panic")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_log_shows_a_number_a_text_an_id_or_a_password() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // For all threads: the other tests' lines are looked at too, and a line that another thread passed first is not left out.
    tracing::subscriber::set_global_default(subscriber).expect("the only one");
    let receipts = Receipts { dialect: Dialect::Payload, ..Receipts::default() };
    let world = World::new(Behaviour { receipts, ..Behaviour::default() }, |_| {}).await;
    let (id, _) = world.line.accepted(PHONE, "canary-out").await;
    world.smsc.text(PHONE, SENDER_DIGITS, "canary-in stat:DELIVRD");
    world.smsc.text("447700900123", SENDER_DIGITS, "canary-foreign");
    world.at_rest().await;
    for quirk in [Quirk::Refuse(0x0B), Quirk::CutAfterAccept, Quirk::GarbageAfterAccept, Quirk::NoId] {
        world.smsc.quirk("12125550124", quirk);
        let outcome = world.line.submit("12125550124", "canary-fault").await;
        tracing::info!(?outcome);
    }
    world.smsc.change(|behaviour| behaviour.password = "other".into());
    let stranger = Line::new(settings(world.smsc.at()));
    let _ = stranger.submit(PHONE, "canary-refused").await;
    eventually("the refusal is logged", || log.text().contains("bind was refused")).await;
    let log = log.text();
    assert!(log.contains("SMPP session"), "something is logged at all");
    for canary in ["canary", "secret08", "2125550123", "2125550124", "7700900123", id.as_str()] {
        assert_eq!(log.lines().find(|line| line.contains(canary)), None);
    }
}
