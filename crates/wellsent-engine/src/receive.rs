//! Callbacks of carriers: checked, stored, and only then acknowledged (P5).

use crate::batcher::Batcher;
use crate::clock::Clock;
use crate::live::Change;
use crate::news::News;
use crate::{Engine, ReceiveError};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use wellsent_carrier::{Acknowledgement, Callback, Carrier, CarrierOptOut as Reported, Event};
use wellsent_domain::inbound::CarrierOptOut;
use wellsent_domain::{PracticeId, SenderId};
use wellsent_store::inbound::NewInbound;
use wellsent_store::receipts::Receipt;
use wellsent_store::{Access, Actor, Store, StoreError, SystemTx, Tx, inbound, senders};

/// What a callback held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// What the carrier is to be answered.
    pub acknowledgement: Acknowledgement,
    /// Receipts.
    pub receipts: usize,
    /// Texts from patients.
    pub texts: usize,
}

#[derive(Clone)]
pub(crate) struct InboundItem {
    practice: PracticeId,
    inbound: NewInbound,
}

pub(crate) fn inbound_batcher(store: Store, clock: Clock) -> Batcher<InboundItem, StoreError> {
    Batcher::start(200, 8_192, move |items: Arc<Vec<InboundItem>>| {
        let (store, clock) = (store.clone(), clock.clone());
        async move {
            let mut by_practice: HashMap<PracticeId, Vec<NewInbound>> = HashMap::new();
            for item in items.iter() {
                by_practice.entry(item.practice).or_default().push(item.inbound.clone());
            }
            for (practice, texts) in by_practice {
                let (now, access) = (clock.now(), Access { practice, actor: Actor::Carrier });
                // Texts are routed by the instant at which they came, so those of one batch get instants of their own: a STOP after a START
                // must stay after it.
                let keep = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
                    for (text, order) in texts.iter().zip(0..) {
                        inbound::keep(tx, text, now + SignedDuration::from_micros(order))?;
                    }
                    Ok(())
                };
                store.write(access, keep).await?;
            }
            Ok(())
        }
    })
}

impl Engine {
    /// Takes a callback that came to the address of a sender. It is acknowledged only when everything in it is on disk.
    pub async fn receive<'a>(&'a self, sender: SenderId, callback: Callback<'a>) -> Result<Received, ReceiveError> {
        let (practice, carrier) = self.owner(sender).await?;
        let carrier = self.0.carriers.get(carrier.as_str()).ok_or(ReceiveError::UnknownSender)?;
        let events = carrier.read_callback(callback).await?;
        let (receipts, texts) = self.take_events(practice, sender, carrier.as_ref(), events, false).await?;
        Ok(Received { acknowledgement: carrier.acknowledgement(callback.kind), receipts, texts })
    }

    /// Puts events of a carrier on disk, however they came. Returns how many receipts and how many texts there were; `late` says that they were
    /// fetched because their callbacks were lost. A text goes to the sender that it was written to, whatever `sender` says, where that is known here.
    pub(crate) async fn take_events(
        &self,
        practice: PracticeId,
        sender: SenderId,
        carrier: &dyn Carrier,
        events: Vec<Event>,
        late: bool,
    ) -> Result<(usize, usize), ReceiveError> {
        let erase = carrier.traits().forgets;
        let (mut receipts, mut texts) = (0, 0);
        let mut told = BTreeSet::new();
        let mut waiting = Vec::with_capacity(events.len());
        for event in events {
            match event {
                Event::Receipt { token, carrier_message_id, status, failure, key } => {
                    receipts += 1;
                    let receipt = Receipt { sender, event_key: key, token, carrier_message_id, status, failure, erase };
                    waiting.push(Stored::News(News::Receipt { practice, receipt }));
                }
                Event::Inbound { carrier_message_id, from, to_sender, body, key, opt_out } => {
                    texts += 1;
                    let (practice, sender) = self.addressee(carrier.name(), &to_sender).await?.unwrap_or((practice, sender));
                    told.insert(practice);
                    let opt_out = opt_out.map(|reported| match reported {
                        Reported::Stop => CarrierOptOut::Stop,
                        Reported::Start => CarrierOptOut::Start,
                        Reported::Help => CarrierOptOut::Help,
                    });
                    let erase = erase.then_some(carrier_message_id);
                    let inbound = NewInbound { sender, event_key: key, from, body, opt_out, page: None, late, erase };
                    waiting.push(Stored::Inbound(InboundItem { practice, inbound }));
                }
            }
        }
        let stored = futures_util::future::join_all(waiting.into_iter().map(|item| self.store_event(item))).await;
        for practice in told {
            self.announce(Change::Inbound(practice));
        }
        stored.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok((receipts, texts))
    }

    async fn store_event(&self, item: Stored) -> Result<(), ReceiveError> {
        let answer = match item {
            Stored::News(news) => self.0.news.write(news).await,
            Stored::Inbound(item) => self.0.inbound.write(item).await,
        };
        match answer {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::error!(%error, "a callback could not be stored; the carrier is asked to send it again");
                Err(ReceiveError::Unavailable)
            }
            Err(_) => Err(ReceiveError::Unavailable),
        }
    }

    /// The sender that has this address at a carrier account. A text belongs to the sender that it was written to, and not to the one whose address
    /// was called: one topic or one profile of a carrier tells of several numbers, perhaps of several practices, and each hook hears it all.
    /// `None` for an address that no sender has, such as a number behind a messaging service.
    pub(crate) async fn addressee(&self, carrier: &str, address: &str) -> Result<Option<(PracticeId, SenderId)>, ReceiveError> {
        let known = |of: &HashMap<String, HashMap<String, _>>| of.get(carrier).and_then(|of| of.get(address)).copied();
        if let Some(known) = known(&self.0.addresses.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(Some(known));
        }
        let (account, wanted) = (carrier.to_owned(), address.to_owned());
        let found = self.0.store.system_read(move |tx: &mut SystemTx<'_, '_>| senders::of_address(tx, &account, &wanted)).await;
        let Some(found) = found.map_err(|_: StoreError| ReceiveError::Unavailable)? else { return Ok(None) };
        let sender = (found.practice, found.id);
        let mut addresses = self.0.addresses.write().unwrap_or_else(PoisonError::into_inner);
        addresses.entry(carrier.to_owned()).or_default().insert(address.to_owned(), sender);
        Ok(Some(sender))
    }

    pub(crate) async fn owner(&self, sender: SenderId) -> Result<(PracticeId, String), ReceiveError> {
        if let Some(known) = self.0.senders.read().unwrap_or_else(PoisonError::into_inner).get(&sender) {
            return Ok(known.clone());
        }
        let found = self.0.store.system_read(move |tx: &mut SystemTx<'_, '_>| senders::of_id(tx, sender)).await;
        let found = found.map_err(|_: StoreError| ReceiveError::Unavailable)?.ok_or(ReceiveError::UnknownSender)?;
        let owner = (found.practice, found.carrier);
        self.0.senders.write().unwrap_or_else(PoisonError::into_inner).insert(sender, owner.clone());
        Ok(owner)
    }
}

enum Stored {
    News(News),
    Inbound(InboundItem),
}
