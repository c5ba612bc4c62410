//! The sequencer: gives ledger entries their places, and signs checkpoints (P7).

use crate::live::Change;
use crate::{Engine, EngineError};
use wellsent_store::ledger::{self, StoredCheckpoint};
use wellsent_store::{StoreError, SystemTx, leases};

/// Batches placed in one transaction.
const BATCHES_MAX: i64 = 1_000;

impl Engine {
    /// Places everything that waits, if this node holds the sequencer's lease. Returns how many entries.
    pub async fn sequence(&self) -> Result<u64, EngineError> {
        let mut total = 0;
        loop {
            let pending = self.0.store.system_read(|tx: &mut SystemTx<'_, '_>| ledger::size(tx)).await?.pending;
            if pending == 0 {
                break;
            }
            let node = self.0.node;
            let millis = i64::try_from(self.0.tuning.role_lease.as_millis()).unwrap_or(i64::MAX / 1_000);
            // The lease is taken in the same transaction, so that two nodes never place at once, whatever their clocks say.
            let placed = self
                .0
                .store
                .system(move |tx: &mut SystemTx<'_, '_>| -> Result<u64, StoreError> {
                    match leases::take(tx, "sequencer", node, millis)? {
                        Some(_) => ledger::sequence(tx, BATCHES_MAX),
                        None => Ok(0),
                    }
                })
                .await?;
            total += placed;
            if placed == 0 {
                break;
            }
        }
        if total > 0 {
            self.announce(Change::Ledger);
        }
        Ok(total)
    }

    /// Signs a checkpoint of everything placed, unless the latest covers it.
    pub async fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, EngineError> {
        let (engine, now) = (self.clone(), self.now());
        let sign = move |tx: &mut SystemTx<'_, '_>| ledger::checkpoint(tx, &engine.0.origin, &engine.0.signing_key, now);
        Ok(self.0.store.system(sign).await?)
    }
}
