//! Keeps the line: connects, binds, and does so again when it is lost.

use super::codes::refuses_account;
use super::pdu::Role;
use super::session::{self, End};
use super::settings::Bind;
use super::shared::{Shared, State, random};
use crate::EventSink;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// A session that held for this long was a good one: the next attempt comes soon.
const GOOD: Duration = Duration::from_secs(60);

/// Holds the line until it is dropped. One task at a time does; another waits for its end.
pub(super) async fn hold(shared: Arc<Shared>, sink: Arc<dyn EventSink>) {
    let _held = shared.held.lock().await;
    match shared.settings.bind {
        Bind::Transceiver => drive(&shared, Role::Transceiver, &sink).await,
        Bind::Pair => {
            futures_util::future::join(drive(&shared, Role::Transmitter, &sink), drive(&shared, Role::Receiver, &sink)).await;
        }
    }
}

async fn drive(shared: &Arc<Shared>, role: Role, sink: &Arc<dyn EventSink>) {
    let (shortest, longest) = shared.settings.backoff;
    let mut wait = shortest;
    loop {
        let start = Instant::now();
        let end = match timeout(shared.settings.response_timeout, shared.connector.connect()).await {
            Ok(Ok(wire)) => session::run(shared, role, wire, sink).await,
            Ok(Err(_)) | Err(_) => End::NotBound,
        };
        shared.count("sessions_ended");
        let refused = matches!(end, End::Refused(status) if refuses_account(status));
        shared.stands(role, if refused { State::Refused } else { State::Down });
        if start.elapsed() >= GOOD {
            wait = shortest;
        }
        let pause = jittered(wait);
        let seconds = pause.as_secs_f32();
        match end {
            End::Refused(status) => {
                tracing::error!(carrier = %shared.settings.name, status, seconds, "the SMPP bind was refused; check system_id and password");
            }
            end => tracing::warn!(carrier = %shared.settings.name, ?end, seconds, "no SMPP session; connecting again"),
        }
        sleep(pause).await;
        wait = (wait * 2).min(longest);
    }
}

/// Between half of the wait and all of it, so that many clients of a centre that came back do not all come at once.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + f64::from(u16::from_be_bytes(random())) / f64::from(u16::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_between_half_and_all() {
        let wait = Duration::from_secs(60);
        for _ in 0..1000 {
            assert!((wait / 2..=wait).contains(&jittered(wait)));
        }
    }
}
