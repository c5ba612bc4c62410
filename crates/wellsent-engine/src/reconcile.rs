//! The reconciler: attempts whose outcome nobody knows are looked for in the carrier's own log (P4).
//!
//! Presence is proof. Absence is evidence: only after several looks, a while apart, does it count, and even then a text goes again only where
//! its template says that twice is better than never.

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::{Carrier, LogEntry, LookupError, LookupQuery, body_digest};
use wellsent_domain::PracticeId;
use wellsent_store::attempts::{self, Resolution, UnknownAttempt};
use wellsent_store::{StoreError, Tx, numbers, practices, receipts, senders};

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
        let (access, now) = (self.system(practice), self.now());
        let last_look = attempt.checks + 1 >= self.0.tuning.unknown_checks;
        let looked = if attempt.by_service { Err(LookupError::NotKept) } else { carrier.lookup(query(carrier.as_ref(), &attempt)).await };
        let log = match looked {
            Ok(log) => log,
            // Where no log is kept there is no evidence of absence, so nothing is ever sent again, however urgent: a person has to ask.
            Err(LookupError::NotKept) if last_look => return self.resolve(practice, &attempt, Resolution::AbsentGiveUp).await,
            Err(LookupError::NotKept) => {
                self.0.store.write(access, move |tx: &mut Tx<'_, '_>| attempts::note_absent(tx, attempt.id, now)).await?;
                return Ok(false);
            }
            // No answer is no evidence.
            Err(_) => return Ok(false),
        };
        if let Some(settled) = self.found(practice, carrier.as_ref(), &attempt, log).await? {
            return Ok(settled);
        }
        match (last_look, attempt.urgent) {
            (false, _) => {
                self.0.store.write(access, move |tx: &mut Tx<'_, '_>| attempts::note_absent(tx, attempt.id, now)).await?;
                Ok(false)
            }
            (true, true) => self.resolve(practice, &attempt, Resolution::AbsentResend { again_at: now }).await,
            (true, false) => self.resolve(practice, &attempt, Resolution::AbsentGiveUp).await,
        }
    }

    async fn resolve(&self, practice: PracticeId, attempt: &UnknownAttempt, resolution: Resolution) -> Result<bool, EngineError> {
        let (access, now, id) = (self.system(practice), self.now(), attempt.id);
        Ok(self.0.store.write(access, move |tx: &mut Tx<'_, '_>| attempts::resolve(tx, id, &resolution, now)).await?)
    }

    /// Settles an attempt by an entry of the log that is surely its own: one with its token, or else one with its text, at its time, that no other
    /// attempt has. `None` if there is no such entry.
    async fn found(
        &self,
        practice: PracticeId,
        carrier: &dyn Carrier,
        attempt: &UnknownAttempt,
        log: Vec<LogEntry>,
    ) -> Result<Option<bool>, EngineError> {
        let mut entries: Vec<_> = log.into_iter().filter(|entry| fits(entry, attempt)).collect();
        if entries.is_empty() {
            return Ok(None);
        }
        // The nearest in time is looked at first.
        entries.sort_by_key(|entry| (entry.token.is_none(), entry.sent_at.duration_since(attempt.started_at).abs()));
        let (access, now, erase, name) = (self.system(practice), self.now(), carrier.traits().forgets, carrier.name().to_owned());
        let (id, number) = (attempt.id, attempt.number);
        let settle = move |tx: &mut Tx<'_, '_>| -> Result<Option<bool>, StoreError> {
            // Attempts to one number take turns, so that two of them never claim one entry.
            numbers::lock(tx, number)?;
            let of_account: Vec<_> =
                senders::list(tx)?.into_iter().filter(|sender| sender.carrier == name).map(|sender| sender.id).collect();
            for entry in &entries {
                if entry.token.is_none() && attempts::is_known(tx, &of_account, &entry.carrier_message_id)? {
                    continue;
                }
                let carrier_message_id = entry.carrier_message_id.clone();
                let found = Resolution::Found { carrier_message_id, status: entry.status, failure: entry.failure, erase };
                return attempts::resolve(tx, id, &found, now).map(Some);
            }
            Ok(None)
        };
        Ok(self.0.store.write(access, settle).await?)
    }
}

/// What to look for in the log of a carrier.
pub(crate) fn query(carrier: &dyn Carrier, attempt: &UnknownAttempt) -> LookupQuery {
    LookupQuery {
        to: attempt.to.clone(),
        sent_after: attempt.started_at.checked_sub(CLOCK_DIFFERENCE).unwrap_or(attempt.started_at),
        token: carrier.traits().log_shows_token.then_some(attempt.token),
    }
}

/// Whether an entry of the log may be an attempt: by its token where it shows one, or else by its text and its time (TW-13).
pub(crate) fn fits(entry: &LogEntry, attempt: &UnknownAttempt) -> bool {
    if entry.token.is_some() {
        return entry.token == Some(attempt.token);
    }
    let from = attempt.started_at.checked_sub(CLOCK_DIFFERENCE).unwrap_or(Timestamp::MIN);
    let until = attempt.deadline_at.saturating_add(CLOCK_DIFFERENCE).unwrap_or(Timestamp::MAX);
    let same_text = attempt.body.as_ref().is_some_and(|body| body_digest(body.expose()) == entry.body_digest);
    same_text && (from..=until).contains(&entry.sent_at)
}
