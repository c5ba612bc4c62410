//! News about attempts: what carriers answered and what they report, written in one stream.
//!
//! Answers and receipts touch the same attempts. Written by two hands at once they would wait for each other in a circle on PostgreSQL; in one
//! stream they also share their commits.

use crate::batcher::Batcher;
use crate::clock::Clock;
use crate::dispatch::{self, Outcome};
use crate::live::Change;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::broadcast;
use wellsent_domain::PracticeId;
use wellsent_store::receipts::{self, Receipt};
use wellsent_store::{Access, Actor, Store, StoreError, Tx};

/// Most news in one transaction.
const BATCH_MAX: usize = 1_000;
/// Most news that wait.
const QUEUE_MAX: usize = 8_192;

/// Something new about an attempt.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// What the carrier answered.
    Outcome(Outcome),
    /// What the carrier reports.
    Receipt {
        /// Of which practice.
        practice: PracticeId,
        /// The receipt.
        receipt: Receipt,
    },
}

#[derive(Default, Clone)]
struct OfPractice {
    outcomes: Vec<Outcome>,
    receipts: Vec<Receipt>,
}

/// Writes news in batches, in the order in which they came.
pub(crate) fn batcher(store: Store, clock: Clock, changes: broadcast::Sender<Change>) -> Batcher<News, StoreError> {
    Batcher::start(BATCH_MAX, QUEUE_MAX, move |news: Arc<Vec<News>>| {
        let (store, clock, changes) = (store.clone(), clock.clone(), changes.clone());
        async move {
            let mut by_practice: HashMap<PracticeId, OfPractice> = HashMap::new();
            for news in news.iter() {
                match news {
                    News::Outcome(outcome) => by_practice.entry(outcome.practice).or_default().outcomes.push(outcome.clone()),
                    News::Receipt { practice, receipt } => by_practice.entry(*practice).or_default().receipts.push(receipt.clone()),
                }
            }
            for (practice, news) in by_practice {
                let (now, access) = (clock.now(), Access { practice, actor: Actor::System });
                let write = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
                    dispatch::record(tx, &news.outcomes, now)?;
                    receipts::receive_all(tx, &news.receipts, now)
                };
                store.write(access, write).await?;
                // Nobody listening is no error.
                let _ = changes.send(Change::Messages(practice));
            }
            Ok(())
        }
    })
}
