//! Where events go in these tests.

use futures_util::future::BoxFuture;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use wellsent_carrier::{Event, EventSink, Heard, NotStored};
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;

/// A reply as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub id: String,
    pub from: String,
    pub to: String,
    pub body: String,
    pub key: [u8; 32],
}

/// A receipt as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub id: String,
    pub token: Option<AttemptToken>,
    pub status: DeliveryStatus,
    pub failure: Option<Failure>,
    pub key: [u8; 32],
}

/// Stores in memory, or refuses for a while.
#[derive(Default)]
pub struct Sink {
    heard: Mutex<Vec<Heard>>,
    /// How many of the next events are not stored.
    pub refuse: AtomicUsize,
    /// Why they are not.
    pub sender_unknown: AtomicBool,
    /// Nothing comes back while this is set.
    pub stuck: AtomicBool,
    pub tried: AtomicUsize,
}

impl Sink {
    pub fn replies(&self) -> Vec<Reply> {
        let heard = self.heard.lock().expect("no panic");
        heard
            .iter()
            .filter_map(|heard| match &heard.event {
                Event::Inbound { carrier_message_id, from, to_sender, body, key, .. } => {
                    assert_eq!(*to_sender, heard.sender_address);
                    Some(Reply {
                        id: carrier_message_id.clone(),
                        from: from.expose().to_e164(),
                        to: to_sender.clone(),
                        body: body.expose().clone(),
                        key: *key,
                    })
                }
                Event::Receipt { .. } => None,
            })
            .collect()
    }

    pub fn bodies(&self) -> Vec<String> {
        self.replies().into_iter().map(|reply| reply.body).collect()
    }

    pub fn reports(&self) -> Vec<Report> {
        let heard = self.heard.lock().expect("no panic");
        heard
            .iter()
            .filter_map(|heard| match &heard.event {
                Event::Receipt { token, carrier_message_id, status, failure, key } => {
                    assert_eq!(heard.sender_address, crate::released::SENDER);
                    Some(Report { id: carrier_message_id.clone(), token: *token, status: *status, failure: *failure, key: *key })
                }
                Event::Inbound { .. } => None,
            })
            .collect()
    }

    /// The state that all reports about an id end in.
    pub fn status(&self, id: &str) -> Option<DeliveryStatus> {
        self.reports().iter().filter(|report| report.id == id).map(|report| report.status).max()
    }
}

impl EventSink for Sink {
    fn take<'a>(&'a self, heard: Heard) -> BoxFuture<'a, Result<(), NotStored>> {
        Box::pin(async move {
            self.tried.fetch_add(1, Ordering::SeqCst);
            while self.stuck.load(Ordering::SeqCst) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            if self.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                let unknown = self.sender_unknown.load(Ordering::SeqCst);
                return Err(if unknown { NotStored::UnknownSender } else { NotStored::Unavailable });
            }
            self.heard.lock().expect("no panic").push(heard);
            Ok(())
        })
    }
}
