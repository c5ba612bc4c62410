//! Carriers with a line of their own: what comes over it is stored first and acknowledged after (P5).

use crate::{Engine, ReceiveError};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use wellsent_carrier::{EventSink, Heard, NotStored};

/// Where the line of one carrier account ends.
struct LineEnd {
    engine: Engine,
    carrier: String,
}

impl EventSink for LineEnd {
    fn take<'a>(&'a self, heard: Heard) -> BoxFuture<'a, Result<(), NotStored>> {
        Box::pin(async move {
            let found = self.engine.addressee(&self.carrier, &heard.sender_address).await.map_err(|_| NotStored::Unavailable)?;
            let (practice, sender) = found.ok_or(NotStored::UnknownSender)?;
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
            carrier.hold_line(Arc::new(LineEnd { engine: self.clone(), carrier: name.clone() }))
        };
        self.0.carriers.iter().filter_map(line).collect()
    }
}
