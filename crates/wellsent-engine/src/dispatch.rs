//! The dispatcher: claims due messages, has the gate rule on each, commits, and only then hands the released ones to their carriers.
//!
//! No transaction is open while bytes travel. What the carrier answers is recorded in a transaction of its own; if that never happens, the
//! attempt's deadline makes it unknown, and the reconciler asks the carrier (P4).

use crate::choice::{Choice, Taken};
use crate::circuit::{Signal, Turn};
use crate::facts::{PendingPage, Setting, facts_of, intent_of};
use crate::live::Change;
use crate::news::News;
use crate::pages;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use wellsent_carrier::{Carrier, NotSubmittedCause, Outcome as CarrierOutcome};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::gate::{Facts, Origin, Reason, Released, Rendering, Ruling, rule};
use wellsent_domain::practice::Registration;
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AttemptId, ContactPointId, PracticeId, SenderId};
use wellsent_store::attempts::{self, Closing};
use wellsent_store::claims::{self, Claimed, Ruled};
use wellsent_store::{StoreError, Tx, codes, messages, practices, senders, tasks};
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
    by_service: bool,
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
    refused: bool,
}

/// Records what carriers answered.
pub(crate) fn record(tx: &mut Tx<'_, '_>, outcomes: &[Outcome], now: Timestamp) -> Result<(), StoreError> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let closings: Vec<_> = outcomes.iter().map(|outcome| (outcome.attempt, outcome.closing.clone())).collect();
    attempts::close(tx, &closings, now)?;
    let unregistered = |outcome: &&Outcome| matches!(outcome.closing, Closing::Rejected { failure: Failure::SenderNotRegistered, .. });
    let unregistered: BTreeSet<_> = outcomes.iter().filter(unregistered).map(|outcome| outcome.sender).collect();
    for sender in unregistered {
        senders::set_registration(tx, sender, Registration::Unregistered, now)?;
    }
    if outcomes.iter().any(|outcome| outcome.refused) {
        tasks::open_one_of_kind(tx, TaskKind::CarrierStopped, now)?;
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
        if self.0.throttle.rests(practice, now) {
            return Ok((DispatchReport::default(), Vec::new()));
        }
        let due = self.0.store.read(access, |tx: &mut Tx<'_, '_>| messages::next_due(tx)).await?;
        if due.is_none_or(|due| due > now) {
            return Ok((DispatchReport::default(), Vec::new()));
        }
        let engine = self.clone();
        let claimed = self.0.store.write(access, move |tx: &mut Tx<'_, '_>| engine.claim_in(tx, limit, now)).await?;
        let committed = Instant::now();
        self.count(practice, claimed.taken, now);
        let report = DispatchReport { ruled: claimed.ruled, released: claimed.released.len() };
        for contact in claimed.to_check {
            let (engine, access) = (self.clone(), access);
            tokio::spawn(async move {
                if let Err(error) = engine.check_number(access, contact).await {
                    tracing::warn!(%error, "a number could not be checked; its texts wait");
                }
            });
        }
        if report.ruled > 0 && report.released < report.ruled {
            self.announce_quietly(Change::Messages(practice));
        }
        let ready = |left: Left| Ready {
            released: left.released,
            carrier: left.carrier,
            by_service: left.by_service,
            committed,
            attempts: left.attempts,
        };
        Ok((report, claimed.released.into_iter().map(ready).collect()))
    }

    fn announce_quietly(&self, change: Change) {
        let _ = self.0.changes.send(change);
    }

    fn claim_in(&self, tx: &mut Tx<'_, '_>, limit: usize, now: Timestamp) -> Result<ClaimedBatch, StoreError> {
        let practice = practices::get_for_claim(tx)?;
        let mut choice = Choice::gather(self, tx, &practice.practice.zone, now)?;
        if choice.is_empty() {
            return Ok(ClaimedBatch::default());
        }
        let room = choice.room();
        // With no room, one message is still ruled on, so that its page says what it waits for.
        let claimed = claims::claim(tx, now, limit.min(room.max(1) as usize) as i64)?;
        if claimed.is_empty() {
            return Ok(ClaimedBatch::default());
        }
        let catalog = self.0.catalogs.of(tx, &practice.practice.text_name)?;
        let locations = practices::locations(tx)?;
        let mut setting = Setting {
            practice: &practice,
            catalog: &catalog,
            locations: &locations,
            sender: choice.pick(None, None).0,
            agreement: None,
            own_hosts: self.0.catalogs.own_hosts(),
            link_base: &self.0.link_base,
            now,
        };
        let mut rulings: Vec<Decision> = Vec::with_capacity(claimed.len());
        let mut days = Vec::with_capacity(claimed.len());
        for claimed in &claimed {
            (setting.sender, setting.agreement) = choice.pick(claimed.number.sender, claimed.not_taken_by);
            let decision = ruling(tx, claimed, &setting, now);
            days.push(match &decision.0 {
                Ruling::Release(release) => choice.take(release.released.sender(), release.released.parts()),
                _ => None,
            });
            rulings.push(decision);
        }
        let ruled: Vec<_> = claimed
            .iter()
            .zip(&rulings)
            .zip(days)
            .map(|((claimed, (ruling, facts, _)), brand_day)| Ruled {
                message: &claimed.message,
                ruling,
                facts,
                reached_over: claimed.number.sender,
                brand_day,
            })
            .collect();
        claims::write(tx, &ruled, self.0.tuning.lease, now)?;
        choice.count_brands(tx)?;
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
        let ruled = ruled.len();
        let mut released = Vec::new();
        for (claimed, (ruling, ..)) in claimed.iter().zip(rulings) {
            if let Ruling::Release(release) = ruling {
                let carrier = choice.carrier_of(release.released.sender()).unwrap_or_default().to_owned();
                let by_service = match claimed.message.origin {
                    Origin::Code { request } => {
                        let service = self.0.verify.contains_key(carrier.as_str()).then_some(carrier.as_str());
                        codes::set_service(tx, request, service)?;
                        service.is_some()
                    }
                    _ => false,
                };
                released.push(Left { released: release.released, carrier, by_service, attempts: claimed.message.attempts + 1 });
            }
        }
        Ok(ClaimedBatch { ruled, released, to_check, taken: choice.taken(room == 0) })
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
        let Ready { released, carrier, by_service, committed, attempts } = ready;
        let (practice, attempt, sender) = (released.practice(), released.attempt(), released.sender());
        let (closing, refused) = match self.0.carriers.get(carrier.as_str()) {
            None => (self.not_submitted("no_carrier", Duration::from_secs(60), attempts), false),
            Some(carrier) => self.hand_over(carrier.as_ref(), released, by_service, committed, attempts).await,
        };
        Outcome { practice, attempt, sender, closing, refused }
    }

    /// Hands a text over. With how the attempt closes comes whether the carrier refused the account.
    async fn hand_over(
        &self,
        carrier: &dyn Carrier,
        released: Released,
        by_service: bool,
        committed: Instant,
        attempts: i64,
    ) -> (Closing, bool) {
        // A process that was stopped and resumed must not send on a lease that others may think has lapsed (I7).
        let lease = Duration::try_from(self.0.tuning.lease).unwrap_or_default();
        if committed.elapsed() + self.0.tuning.lease_margin > lease {
            return (self.not_submitted("too_late_here", Duration::from_secs(1), attempts), false);
        }
        let outcome = if by_service { self.start_code(carrier.name(), &released).await } else { carrier.submit(released).await };
        let signal = Signal::of(&outcome);
        // A service that fails says nothing about the account's texts.
        if let Some(signal) = signal.filter(|_| !by_service) {
            self.hear(carrier.name(), signal);
        }
        let closing = match outcome {
            CarrierOutcome::Accepted { carrier_message_id, .. } => {
                Closing::Accepted { carrier_message_id, erase: !by_service && carrier.traits().forgets }
            }
            CarrierOutcome::Rejected { failure, code } => Closing::Rejected { failure, code: code.map(|code| code.to_string()) },
            CarrierOutcome::NotSubmitted { cause: cause @ NotSubmittedCause::PastValidity, .. } => {
                Closing::NotSubmitted { again_at: self.now(), cause: cause.as_str() }
            }
            CarrierOutcome::NotSubmitted { cause, retry_after } => {
                self.not_submitted(cause.as_str(), retry_after.unwrap_or_default(), attempts)
            }
            CarrierOutcome::Unknown { cause } => Closing::Unknown { cause: cause.as_str() },
        };
        (closing, signal == Some(Signal::Refuses))
    }

    /// Takes what a submission tells about its account.
    fn hear(&self, carrier: &str, signal: Signal) {
        match self.0.circuits.hear(carrier, signal, self.now()) {
            Turn::Stays => {}
            Turn::Opened => {
                metrics::counter!("wellsent_carrier_circuit_opened_total", "carrier" => carrier.to_owned()).increment(1);
                tracing::error!(carrier, ?signal, "texts do not get through to the carrier; one tries again in a while");
            }
            Turn::Closed => {
                tracing::info!(carrier, "the carrier answers again");
                self.0.throttle.wake();
                self.0.wake_dispatch.notify_one();
            }
        }
    }

    /// Again after what the carrier asked for, or a wait that doubles from half a second to thirty (TW-14).
    fn not_submitted(&self, cause: &'static str, asked: Duration, attempts: i64) -> Closing {
        let doubling = Duration::from_millis(500 << attempts.clamp(0, 6)).min(Duration::from_secs(30));
        let jitter = u64::from(random_bytes::<1>()[0]);
        let wait = asked.max(doubling) + Duration::from_millis(jitter);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_secs(30));
        Closing::NotSubmitted { again_at: self.now() + wait, cause }
    }
}

/// A text that the gate let go.
struct Left {
    released: Released,
    carrier: String,
    by_service: bool,
    attempts: i64,
}

#[derive(Default)]
struct ClaimedBatch {
    ruled: usize,
    released: Vec<Left>,
    to_check: Vec<ContactPointId>,
    taken: Taken,
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
