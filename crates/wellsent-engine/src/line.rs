//! Carriers with a line of their own: what comes over it is stored first and acknowledged after (P5).

use crate::{Engine, ReceiveError};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use wellsent_carrier::{EventSink, Heard, NotStored};
use wellsent_domain::{PracticeId, SenderId};
use wellsent_store::{StoreError, SystemTx, senders};

/// Where the line of one carrier account ends.
struct LineEnd {
    engine: Engine,
    carrier: String,
    known: RwLock<HashMap<String, (PracticeId, SenderId)>>,
}

impl LineEnd {
    async fn sender(&self, address: &str) -> Result<(PracticeId, SenderId), NotStored> {
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(address) {
            return Ok(*known);
        }
        let (carrier, wanted) = (self.carrier.clone(), address.to_owned());
        let found = self.engine.0.store.system_read(move |tx: &mut SystemTx<'_, '_>| senders::of_address(tx, &carrier, &wanted)).await;
        let found = found.map_err(|_: StoreError| NotStored::Unavailable)?.ok_or(NotStored::UnknownSender)?;
        let sender = (found.practice, found.id);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(address.to_owned(), sender);
        Ok(sender)
    }
}

impl EventSink for LineEnd {
    fn take<'a>(&'a self, heard: Heard) -> BoxFuture<'a, Result<(), NotStored>> {
        Box::pin(async move {
            let (practice, sender) = self.sender(&heard.sender_address).await?;
            let carrier = self.engine.0.carriers.get(&self.carrier).ok_or(NotStored::UnknownSender)?;
            match self.engine.take_events(practice, sender, carrier.as_ref(), vec![heard.event], false).await {
                Ok(_) => Ok(()),
                Err(ReceiveError::UnknownSender) => Err(NotStored::UnknownSender),
                Err(_) => Err(NotStored::Unavailable),
            }
        })
    }
}

impl Engine {
    /// The work of every carrier that holds a line of its own; it runs until it is dropped.
    pub(crate) fn lines(&self) -> Vec<BoxFuture<'static, ()>> {
        let line = |(name, carrier): (&String, &Arc<dyn wellsent_carrier::Carrier>)| {
            carrier.hold_line(Arc::new(LineEnd { engine: self.clone(), carrier: name.clone(), known: RwLock::default() }))
        };
        self.0.carriers.iter().filter_map(line).collect()
    }
}
