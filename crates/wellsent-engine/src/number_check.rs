//! Asks the lookup service about numbers: what kind of line one is, and whether it changed hands since its holder agreed (T-14, N-14).
//!
//! Nothing is asked unless a practice wants it (`reassigned_check_days`). What the gate holds because a check is due is checked after the claim
//! has committed, and asked again. Nothing is asked either unless an agreement covers that.

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use wellsent_carrier::{Carrier, ChangedHands, NumberAnswer};
use wellsent_domain::ContactPointId;
use wellsent_domain::gate::Reassigned;
use wellsent_domain::practice::Service;
use wellsent_store::agreements::{self, StoredAgreement};
use wellsent_store::entry::Entry;
use wellsent_store::{Access, StoreError, Tx, consents, messages, numbers, people};

impl Engine {
    /// Whether an agreement in force covers looking numbers up, on an account that is set up (H-19, TW-02).
    fn lookups_are_covered(&self, known: &[StoredAgreement], zone: &TimeZone, now: Timestamp) -> bool {
        known.iter().any(|stored| {
            let carrier = self.0.carriers.get(&stored.carrier);
            let covers = |carrier: &Arc<dyn Carrier>| stored.agreement.covers(Service::Lookup, carrier.account());
            stored.agreement.in_force(now, zone) && carrier.is_some_and(covers)
        })
    }

    /// Asks about a number and records the answer; `None` where no lookup service is set up, or where nobody agreed to anything yet.
    pub async fn check_number(&self, access: Access, contact: ContactPointId) -> Result<Option<NumberAnswer>, EngineError> {
        let Some(lookup) = self.0.lookup.clone() else { return Ok(None) };
        let (engine, asked_at) = (self.clone(), self.now());
        let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let since = consents::standing(tx, contact)?.iter().map(|(_, held)| held.at).min();
            let zone = wellsent_store::practices::get(tx)?.practice.zone;
            let covered = engine.lookups_are_covered(&agreements::list(tx)?, &zone, asked_at);
            Ok((people::contact_point(tx, contact)?, since.map(|since| zone.to_datetime(since).date()), covered))
        };
        let (stored, since, covered) = self.store().read(access, load).await?;
        if !covered {
            tracing::warn!(service = lookup.name(), "no agreement in force covers looking numbers up; none is asked about");
            return Ok(None);
        }
        let Some(since) = since else { return Ok(None) };
        // No transaction is open while the service is asked.
        let answer = match lookup.look_up(stored.contact.number.clone(), since).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(service = lookup.name(), %error, "a number could not be looked up");
                return Ok(None);
            }
        };
        let (now, name, number) = (self.now(), lookup.name(), stored.number);
        let keep = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let reassigned = match answer.changed_hands {
                ChangedHands::No => Reassigned::No { checked_at: now },
                ChangedHands::Yes => Reassigned::Yes,
                ChangedHands::NoData => Reassigned::NoData,
            };
            numbers::set_reassigned(tx, number, reassigned, now)?;
            numbers::set_line(tx, number, answer.line, now)?;
            messages::ask_again(tx, number, now)?;
            let entry = Entry::new("number_checked", now).word("contact_point", contact).word("service", name);
            tx.record(now, entry.word("line", answer.line.as_str()));
            Ok(())
        };
        self.store().write(access, keep).await?;
        self.announce(Change::Messages(access.practice));
        Ok(Some(answer))
    }
}
