//! Asks the lookup service about numbers: what kind of line one is, and whether it changed hands since its holder agreed (T-14, N-14).
//!
//! Nothing is asked unless a practice wants it (`reassigned_check_days`). What the gate holds because a check is due is checked after the claim
//! has committed, and asked again.

use crate::live::Change;
use crate::{Engine, EngineError};
use wellsent_carrier::{ChangedHands, NumberAnswer};
use wellsent_domain::ContactPointId;
use wellsent_domain::gate::Reassigned;
use wellsent_store::entry::Entry;
use wellsent_store::{Access, StoreError, Tx, consents, messages, numbers, people};

impl Engine {
    /// Asks about a number and records the answer; `None` where no lookup service is set up, or where nobody agreed to anything yet.
    pub async fn check_number(&self, access: Access, contact: ContactPointId) -> Result<Option<NumberAnswer>, EngineError> {
        let Some(lookup) = self.0.lookup.clone() else { return Ok(None) };
        let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let since = consents::standing(tx, contact)?.iter().map(|(_, held)| held.at).min();
            let zone = wellsent_store::practices::get(tx)?.practice.zone;
            Ok((people::contact_point(tx, contact)?, since.map(|since| zone.to_datetime(since).date())))
        };
        let (stored, since) = self.store().read(access, load).await?;
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
