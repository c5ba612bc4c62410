//! The contract held against a peer that answers whatever a test says, and the network end to end. Loopback only.

mod callbacks;
mod outcomes;
mod peer;
mod phones;
mod submissions;
mod world;

use super::carrier::{Settings, SimulatorCarrier};
use crate::CallbackSecret;
use crate::outgoing::Outgoing;
use std::sync::Arc;
use std::time::Duration;
use wellsent_domain::gate::AttemptToken;

pub(super) const TOKEN: AttemptToken = AttemptToken([0x5a; 16]);
pub(super) const NUMBER: &str = "+12125550123";

pub(super) fn secret() -> CallbackSecret {
    CallbackSecret::new(b"a shared secret of a test")
}

#[allow(clippy::disallowed_methods, reason = "these tests run against real sockets in real time")]
pub(super) fn carrier(base_url: &str, callback_base: &str, deadline: Duration) -> SimulatorCarrier {
    SimulatorCarrier::new(Settings {
        base_url: base_url.into(),
        callback_base: callback_base.into(),
        secret: secret(),
        clock: Arc::new(jiff::Timestamp::now),
        deadline,
        connections: 4,
    })
    .unwrap()
}

pub(super) fn wire(to: &str, callback_base: &str) -> Outgoing {
    Outgoing {
        to: to.into(),
        body: "Your visit is tomorrow at 9 AM. Reply C to confirm.".into(),
        from: "snd_test".into(),
        validity_s: 300,
        token: TOKEN,
        callback: format!("{callback_base}/hooks/simulator/snd_test/status?t={}", TOKEN.to_hex()),
    }
}
