//! Fetches texts whose callbacks were lost from the carrier's own log (TW-07): a STOP that nobody delivered must count all the same.
//!
//! The log is read from a little before the point up to which it was read last. The same text has the same key however it comes, so what is here
//! already is not taken twice. The point moves on only when everything up to it is stored.

use crate::{Engine, EngineError};
use jiff::SignedDuration;
use wellsent_domain::PracticeId;
use wellsent_store::{StoreError, Tx, senders};

/// How far back the log is read again: it may show a text late, and clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);
/// How far back the log of a sender is read that was never read.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Fetches what the senders of one practice received, from carriers that keep a log of it. Returns how many texts the logs showed.
    pub async fn fetch_missed(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let access = self.system(practice);
        let load = |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let mut marks = Vec::new();
            for sender in senders::list(tx)? {
                let until = senders::received_until(tx, sender.id)?;
                marks.push((sender, until));
            }
            Ok(marks)
        };
        let mut shown = 0;
        for (sender, until) in self.store().read(access, load).await? {
            let Some(carrier) = self.0.carriers.get(&sender.carrier).filter(|carrier| carrier.traits().keeps_received) else { continue };
            let now = self.now();
            let since = until.map_or(now.checked_sub(FIRST_LOOK), |until| until.checked_sub(OVERLAP)).unwrap_or(now);
            let events = match carrier.received(&sender.address, since).await {
                Ok(events) => events,
                // No answer says nothing; the point stays where it is.
                Err(error) => {
                    tracing::warn!(carrier = carrier.name(), %error, "the log of received texts could not be read");
                    continue;
                }
            };
            match self.take_events(practice, sender.id, carrier.as_ref(), events, true).await {
                Ok((_, texts)) => shown += texts,
                Err(error) => {
                    tracing::error!(carrier = carrier.name(), %error, "fetched texts could not be stored; they are fetched again");
                    continue;
                }
            }
            self.store().write(access, move |tx: &mut Tx<'_, '_>| senders::set_received_until(tx, sender.id, now)).await?;
        }
        Ok(shown)
    }
}
