//! The dispatcher: claims due messages, has the gate rule on each, commits, and only then hands the released ones to their carriers.
//!
//! No transaction is open while bytes travel. What the carrier answers is recorded in a transaction of its own; if that never happens, the
//! attempt's deadline makes it unknown, and the reconciler asks the carrier (P4).

use crate::facts::{PendingPage, Setting, facts_of, intent_of};
use crate::live::Change;
use crate::news::News;
use crate::pages;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};
use wellsent_carrier::{Carrier, NotSubmittedCause, Outcome as CarrierOutcome};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::gate::{Facts, Reason, Released, Rendering, Ruling, rule};
use wellsent_domain::practice::{Registration, Sender};
use wellsent_domain::{AttemptId, ContactPointId, PracticeId, SenderId};
use wellsent_store::attempts::{self, Closing};
use wellsent_store::claims::{self, Claimed, Ruled};
use wellsent_store::{StoreError, Tx, agreements, messages, practices};
use wellsent_vault::random_bytes;

/// What a round of the dispatcher did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DispatchReport {
    /// Messages that the gate ruled on.
    pub ruled: usize,
    /// Of these, released.
    pub released: usize,
}

/// How a round ended, for callers that wait for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Messages that the gate ruled on.
    pub ruled: usize,
    /// Handed to a carrier.
    pub submitted: usize,
}

/// A released text on its way out of the house.
pub(crate) struct Ready {
    released: Released,
    carrier: String,
    committed: Instant,
    attempts: i64,
}

/// What became of an attempt, on its way into the store.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub practice: PracticeId,
    attempt: AttemptId,
    sender: SenderId,
    closing: Closing,
}

/// Records what carriers answered.
pub(crate) fn record(tx: &mut Tx<'_, '_>, outcomes: &[Outcome], now: Timestamp) -> Result<(), StoreError> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let closings: Vec<_> = outcomes.iter().map(|outcome| (outcome.attempt, outcome.closing.clone())).collect();
    attempts::close(tx, &closings, now)?;
    let unregistered = |outcome: &&Outcome| matches!(outcome.closing, Closing::Rejected { failure: Failure::SenderNotRegistered, .. });
    if let Some(outcome) = outcomes.iter().find(unregistered) {
        practices::set_registration(tx, outcome.sender, Registration::Unregistered, now)?;
    }
    Ok(())
}

impl Engine {
    /// Claims and rules on what is due in one practice, hands over what is released, and waits until every answer is recorded.
    pub async fn dispatch_due(&self, practice: PracticeId) -> Result<Settled, EngineError> {
        let mut settled = Settled::default();
        loop {
            let (report, ready) = self.claim(practice, self.0.tuning.claim_max).await?;
            settled.ruled += report.ruled;
            settled.submitted += ready.len();
            let submissions = ready.into_iter().map(|ready| self.submit_and_record(ready));
            futures_util::future::join_all(submissions).await;
            if report.ruled == 0 {
                return Ok(settled);
            }
        }
    }

    /// One claim: facts, gate, rulings and attempts in one transaction. What it returns may leave; nothing else may.
    pub(crate) async fn claim(&self, practice: PracticeId, limit: usize) -> Result<(DispatchReport, Vec<Ready>), EngineError> {
        let now = self.now();
        let access = self.system(practice);
        let due = self.0.store.read(access, |tx: &mut Tx<'_, '_>| messages::next_due(tx)).await?;
        if due.is_none_or(|due| due > now) {
            return Ok((DispatchReport::default(), Vec::new()));
        }
        let engine = self.clone();
        let claimed = self.0.store.write(access, move |tx: &mut Tx<'_, '_>| engine.claim_in(tx, limit, now)).await?;
        let committed = Instant::now();
        let mut report = DispatchReport { ruled: claimed.ruled, released: claimed.released.len() };
        if let Some(sender) = &claimed.sender {
            self.0.throttle.take(sender.id, sender.parts_per_minute, claimed.parts, now);
        }
        for contact in claimed.to_check {
            let (engine, access) = (self.clone(), access);
            tokio::spawn(async move {
                if let Err(error) = engine.check_number(access, contact).await {
                    tracing::warn!(%error, "a number could not be checked; its texts wait");
                }
            });
        }
        if report.ruled > 0 && claimed.released.len() < report.ruled {
            self.announce_quietly(Change::Messages(practice));
        }
        let carrier = claimed.sender.map(|sender| sender.carrier).unwrap_or_default();
        let ready: Vec<_> = claimed
            .released
            .into_iter()
            .map(|(released, attempts)| Ready { released, carrier: carrier.clone(), committed, attempts })
            .collect();
        report.released = ready.len();
        Ok((report, ready))
    }

    fn announce_quietly(&self, change: Change) {
        let _ = self.0.changes.send(change);
    }

    fn claim_in(&self, tx: &mut Tx<'_, '_>, limit: usize, now: Timestamp) -> Result<ClaimedBatch, StoreError> {
        let practice = practices::get_for_claim(tx)?;
        let Some(sender) = practices::senders(tx)?.into_iter().next() else { return Ok(ClaimedBatch::default()) };
        let (room, free_at) = self.0.throttle.room(sender.id, sender.parts_per_minute, now);
        // With no room, one message is still ruled on, so that its page says what it waits for.
        let limit = limit.min(room.max(1) as usize);
        let claimed = claims::claim(tx, now, limit as i64)?;
        if claimed.is_empty() {
            return Ok(ClaimedBatch::default());
        }
        let agreements = agreements::of_carrier(tx, &sender.carrier)?;
        let in_force = agreements.iter().find(|agreement| agreement.in_force(now, &practice.practice.zone));
        let catalog = self.0.catalogs.of(tx, &practice.practice.text_name)?;
        let locations = practices::locations(tx)?;
        let setting = Setting {
            practice: &practice,
            catalog: &catalog,
            locations: &locations,
            sender: &sender,
            free_at,
            agreement: in_force.or(agreements.first()).copied(),
            own_hosts: self.0.catalogs.own_hosts(),
            link_base: &self.0.link_base,
            now,
        };
        let rulings: Vec<_> = claimed.iter().map(|claimed| ruling(tx, claimed, &setting, now)).collect();
        let ruled: Vec<_> =
            claimed.iter().zip(&rulings).map(|(claimed, (ruling, facts, _))| Ruled { message: &claimed.message, ruling, facts }).collect();
        claims::write(tx, &ruled, self.0.tuning.lease, now)?;
        for (claimed, (ruling, _, page)) in claimed.iter().zip(&rulings) {
            if let (Ruling::Release(release), Some(page)) = (ruling, page)
                && release.rendering == Rendering::Notice
            {
                pages::behind_notice(tx, &claimed.message, page, practice.practice.settings.page_factor, now)?;
            }
        }
        let due = |(claimed, (ruling, ..)): (&Claimed, &Decision)| {
            let check_due = self.0.lookup.is_some() && ruling.reasons().contains(&Reason::ReassignedCheckDue);
            claimed.message.contact_point.filter(|_| check_due)
        };
        let to_check = claimed.iter().zip(&rulings).filter_map(due).collect();
        let mut batch = ClaimedBatch { ruled: ruled.len(), parts: 0, sender: Some(sender), released: Vec::new(), to_check };
        for (claimed, (ruling, ..)) in claimed.iter().zip(rulings) {
            if let Ruling::Release(release) = ruling {
                batch.parts += 1;
                batch.released.push((release.released, claimed.message.attempts + 1));
            }
        }
        Ok(batch)
    }

    /// Hands one text over and has the answer recorded.
    pub(crate) async fn submit_and_record(&self, ready: Ready) {
        let outcome = self.submit(ready).await;
        // If the answer cannot be recorded, the attempt's deadline makes it unknown: nothing is sent again because of it.
        if let Ok(Err(error)) = self.0.news.write(News::Outcome(outcome)).await {
            tracing::error!(%error, "an answer of the carrier could not be recorded; its attempt will be reconciled");
        }
    }

    async fn submit(&self, ready: Ready) -> Outcome {
        let Ready { released, carrier, committed, attempts } = ready;
        let (practice, attempt, sender) = (released.practice(), released.attempt(), released.sender());
        let closing = match self.0.carriers.get(carrier.as_str()) {
            None => self.not_submitted(Duration::from_secs(60), attempts),
            Some(carrier) => self.hand_over(carrier.as_ref(), released, committed, attempts).await,
        };
        Outcome { practice, attempt, sender, closing }
    }

    async fn hand_over(&self, carrier: &dyn Carrier, released: Released, committed: Instant, attempts: i64) -> Closing {
        // A process that was stopped and resumed must not send on a lease that others may think has lapsed (I7).
        let lease = Duration::try_from(self.0.tuning.lease).unwrap_or_default();
        if committed.elapsed() + self.0.tuning.lease_margin > lease {
            return self.not_submitted(Duration::from_secs(1), attempts);
        }
        match carrier.submit(released).await {
            CarrierOutcome::Accepted { carrier_message_id, .. } => Closing::Accepted { carrier_message_id },
            CarrierOutcome::Rejected { failure, code } => Closing::Rejected { failure, code: code.map(|code| code.to_string()) },
            CarrierOutcome::NotSubmitted { cause: NotSubmittedCause::PastValidity, .. } => Closing::NotSubmitted { again_at: self.now() },
            CarrierOutcome::NotSubmitted { retry_after, .. } => self.not_submitted(retry_after.unwrap_or_default(), attempts),
            CarrierOutcome::Unknown { .. } => Closing::Unknown,
        }
    }

    /// Again after what the carrier asked for, or a wait that doubles from half a second to thirty (TW-14).
    fn not_submitted(&self, asked: Duration, attempts: i64) -> Closing {
        let doubling = Duration::from_millis(500 << attempts.clamp(0, 6)).min(Duration::from_secs(30));
        let jitter = u64::from(random_bytes::<1>()[0]);
        let wait = asked.max(doubling) + Duration::from_millis(jitter);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_secs(30));
        Closing::NotSubmitted { again_at: self.now() + wait }
    }
}

#[derive(Default)]
struct ClaimedBatch {
    ruled: usize,
    parts: u32,
    sender: Option<Sender>,
    released: Vec<(Released, i64)>,
    to_check: Vec<ContactPointId>,
}

/// A ruling, the facts in words, and the page that a notice of it would lead to.
type Decision = (Ruling, String, Option<PendingPage>);

fn ruling(tx: &Tx<'_, '_>, claimed: &Claimed, setting: &Setting<'_>, now: Timestamp) -> Decision {
    let facts: Facts = facts_of(claimed, setting);
    let attempt = claims::fresh_attempt(tx, now);
    let (intent, page) = intent_of(claimed, setting, attempt, claims::fresh_token(now));
    let record = facts.record(now);
    (rule(&intent, &facts, now), record, page)
}
