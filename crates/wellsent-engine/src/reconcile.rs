//! The reconciler: attempts whose outcome nobody knows are looked for in the carrier's own log (P4).
//!
//! Presence is proof. Absence is evidence: only after several looks, a while apart, does it count, and even then a text goes again only where
//! its template says that twice is better than never.

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::SignedDuration;
use wellsent_carrier::LookupQuery;
use wellsent_domain::PracticeId;
use wellsent_store::attempts::{self, Resolution, UnknownAttempt};
use wellsent_store::{StoreError, Tx, practices, receipts};

/// Attempts looked after in one round.
const ATTEMPTS_MAX: i64 = 100;
/// Questions to a carrier that are under way at one time: after a crash there are as many attempts to ask about as were with the carrier.
const ASKED_AT_ONCE: usize = 16;
/// How far the carrier's clock may be behind ours.
const CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// Closes overdue attempts as unknown and asks carriers about unknown ones. Returns how many were settled.
    pub async fn reconcile(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let access = self.system(practice);
        let load = |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(attempts::count_unclear(tx)? + receipts::count_parked(tx)?) };
        if self.0.store.read(access, load).await? == 0 {
            return Ok(0);
        }
        let (now, every) = (self.now(), self.0.tuning.unknown_check_every);
        let asked_before = now.checked_sub(every).unwrap_or(now);
        let waiting = self
            .0
            .store
            .write(access, move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
                attempts::expire(tx, now, ATTEMPTS_MAX)?;
                receipts::join_parked(tx, now, ATTEMPTS_MAX)?;
                let waiting = attempts::unknown(tx, asked_before, ATTEMPTS_MAX)?;
                let senders = practices::senders(tx)?;
                Ok(waiting
                    .into_iter()
                    .filter_map(|attempt| {
                        let sender = senders.iter().find(|sender| sender.id == attempt.sender)?;
                        Some((attempt, sender.carrier.clone()))
                    })
                    .collect::<Vec<_>>())
            })
            .await?;
        let mut settled = 0;
        let mut waiting = waiting.into_iter().peekable();
        while waiting.peek().is_some() {
            let together = waiting.by_ref().take(ASKED_AT_ONCE);
            let together = together.map(|(attempt, carrier)| async move { self.ask(practice, attempt, &carrier).await });
            for answer in futures_util::future::join_all(together).await {
                settled += usize::from(answer?);
            }
        }
        if settled > 0 {
            self.announce(Change::Messages(practice));
            self.announce(Change::Tasks(practice));
        }
        Ok(settled)
    }

    async fn ask(&self, practice: PracticeId, attempt: UnknownAttempt, carrier: &str) -> Result<bool, EngineError> {
        let Some(carrier) = self.0.carriers.get(carrier) else { return Ok(false) };
        let shows_token = carrier.traits().log_shows_token;
        let query = LookupQuery {
            to: attempt.to.clone(),
            sent_after: attempt.started_at.checked_sub(CLOCK_DIFFERENCE).unwrap_or(attempt.started_at),
            token: shows_token.then_some(attempt.token),
        };
        // No answer is no evidence.
        let Ok(log) = carrier.lookup(query).await else { return Ok(false) };
        let found = log.into_iter().find(|entry| entry.token == Some(attempt.token));
        let now = self.now();
        let last_look = attempt.checks + 1 >= self.0.tuning.unknown_checks;
        let resolution = match found {
            Some(entry) => Resolution::Found { carrier_message_id: entry.carrier_message_id, status: entry.status, failure: entry.failure },
            None if !last_look => {
                let access = self.system(practice);
                self.0.store.write(access, move |tx: &mut Tx<'_, '_>| attempts::note_absent(tx, attempt.id, now)).await?;
                return Ok(false);
            }
            None if attempt.urgent => Resolution::AbsentResend { again_at: now },
            None => Resolution::AbsentGiveUp,
        };
        let access = self.system(practice);
        Ok(self.0.store.write(access, move |tx: &mut Tx<'_, '_>| attempts::resolve(tx, attempt.id, &resolution, now)).await?)
    }
}
