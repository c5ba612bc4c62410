//! The planner at work: numbers whose visits or consents changed get their wanted set of messages.

use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::PracticeId;
use wellsent_domain::gate::Origin;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::planner::{diff, plan};
use wellsent_store::consents::Unconfirmed;
use wellsent_store::messages::NewMessage;
use wellsent_store::{StoreError, Tx, consents, messages, people, plans, practices, rules};

/// Numbers planned in one transaction.
const NUMBERS_MAX: i64 = 200;

impl Engine {
    /// Plans everything that waits in one practice. Returns how many numbers were planned.
    pub async fn plan_waiting(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let access = self.system(practice);
        let mut planned = 0;
        loop {
            if !self.0.store.read(access, |tx: &mut Tx<'_, '_>| plans::waiting(tx)).await? {
                break;
            }
            let now = self.now();
            let numbers = self.0.store.write(access, move |tx: &mut Tx<'_, '_>| plan_batch(tx, now)).await?;
            planned += numbers;
            if numbers == 0 {
                break;
            }
        }
        if planned > 0 {
            self.announce(Change::Messages(practice));
        }
        Ok(planned)
    }
}

fn plan_batch(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<usize, StoreError> {
    let numbers = plans::take(tx, NUMBERS_MAX)?;
    if numbers.is_empty() {
        return Ok(0);
    }
    let rules = rules::list(tx)?;
    let loaded = plans::load(tx, &numbers, now)?;
    let mut changes = Vec::with_capacity(numbers.len());
    for (number, loaded) in numbers.iter().zip(loaded) {
        let wanted = plan(&loaded.visits, &rules, &loaded.covered, now);
        let change = diff(wanted, &loaded.existing, |key| plans::occurrence(tx, key));
        if !change.is_empty() {
            changes.push((*number, change));
        }
    }
    plans::apply(tx, &changes, now)?;
    if practices::get(tx)?.practice.settings.confirm_opt_in {
        for number in &numbers {
            for unconfirmed in consents::unconfirmed(tx, *number)? {
                confirm_opt_in(tx, &unconfirmed, now)?;
            }
        }
    }
    Ok(numbers.len())
}

/// The first text of a category: who texts, how often, and how to stop (C-02).
fn confirm_opt_in(tx: &mut Tx<'_, '_>, unconfirmed: &Unconfirmed, now: Timestamp) -> Result<(), StoreError> {
    let contact = people::contact_point(tx, unconfirmed.contact_point)?;
    let message = NewMessage {
        occurrence: format!("opt_in/{}/{}", unconfirmed.contact_point, unconfirmed.event),
        person: Some(unconfirmed.person),
        contact_point: Some(unconfirmed.contact_point),
        number: contact.contact.number.clone(),
        programme: Programme::OptIn,
        category: unconfirmed.category,
        purpose: Purpose::Operations,
        origin: Origin::Automated,
        template: "opt_in_confirm".to_owned(),
        language: unconfirmed.language,
        text: None,
        values: Vec::new(),
        visits: Vec::new(),
        prompt: None,
        due_at: now,
        useful_until: now + SignedDuration::from_hours(72),
        urgent: false,
    };
    messages::add(tx, &message, now)?;
    Ok(())
}
