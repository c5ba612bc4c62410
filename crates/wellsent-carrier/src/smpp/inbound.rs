//! Hands what arrives to the sink, and acknowledges it on the line only when it is on disk (P5).

use super::alphabet;
use super::assembly::{Arrival, Assembly, Run};
use super::book::{Known, Reported, TextId};
use super::delivery::Delivery;
use super::frame::{Frame, is_id};
use super::link::Link;
use super::receipt::{self, Kind, Receipt};
use super::repeats::Moment;
use super::shared::{Shared, random};
use super::{codes, pdu};
use crate::digest::{sha256, to_hex};
use crate::{Event, EventSink, Heard, NotStored};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use wellsent_domain::Phi;
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_text::reply::{self, Meaning};

/// The longest reply that is kept; what is longer was not written on a phone.
const BODY_CHARS_MAX: usize = 10_000;

/// How long a receipt waits for the answers that name its text, and how many may.
const ANSWER_WAIT: Duration = Duration::from_secs(1);
const EARLY_MAX: usize = 256;

/// What is to be handed over.
pub(super) enum Item {
    /// A `deliver_sm` or a `data_sm`.
    Arrived(Frame),
    /// An answer to a submission that was given up.
    Late(TextId),
}

/// The one task that hands over, in the order of arrival.
pub(super) struct Inbound {
    shared: Arc<Shared>,
    link: Arc<Link>,
    sink: Arc<dyn EventSink>,
    assembly: Assembly,
    early: VecDeque<Early>,
}

/// A receipt that may be quicker than the answers that name its text.
struct Early {
    receipt: Receipt,
    /// Our sender: the receipt's destination, or its source where a centre copies the addresses of the text.
    senders: [String; 2],
    arrival: Arrival,
    until: Instant,
}

impl Inbound {
    pub fn new(shared: Arc<Shared>, link: Arc<Link>, sink: Arc<dyn EventSink>) -> Self {
        let assembly = Assembly::new(shared.settings.join_wait);
        Self { shared, link, sink, assembly, early: VecDeque::new() }
    }

    /// Works until the line ends.
    pub async fn run(mut self, mut arrivals: mpsc::Receiver<Item>) {
        let shared = Arc::clone(&self.shared);
        loop {
            let changed = shared.book.changed();
            tokio::pin!(changed);
            changed.as_mut().enable();
            self.settle_early().await;
            let due = self.assembly.next_due().into_iter().chain(self.early.front().map(|early| early.until)).min();
            let waited = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                item = arrivals.recv() => match item {
                    Some(Item::Arrived(frame)) => self.arrived(&frame).await,
                    Some(Item::Late(text)) => self.late(text).await,
                    None => return,
                },
                () = changed, if !self.early.is_empty() => {}
                () = waited => {
                    for run in self.assembly.due(Instant::now()) {
                        self.hand_over(run).await;
                    }
                }
            }
        }
    }

    async fn arrived(&mut self, frame: &Frame) {
        let arrival = Arrival { command: frame.command, sequence: frame.sequence };
        let Some(delivery) = Delivery::read(frame) else {
            // It would be no better the next time.
            self.shared.count("unreadable");
            return self.acknowledge(&[arrival], codes::INVALID_COMMAND_LENGTH).await;
        };
        match receipt::kind(&delivery) {
            Kind::Receipt => self.receipt(&delivery, arrival).await,
            Kind::Text => match delivery.place {
                None => {
                    let digests = vec![delivery.digest()];
                    self.hand_over(Run { parts: vec![delivery], digests, arrivals: vec![arrival] }).await;
                }
                Some(place) => {
                    if self.shared.repeats().part_is_known(delivery.digest(), Instant::now()) {
                        return self.acknowledge(&[arrival], codes::OK).await;
                    }
                    for run in self.assembly.add(delivery, place, arrival, Instant::now()) {
                        self.hand_over(run).await;
                    }
                }
            },
        }
    }

    /// Reads a receipt, and hands it over unless it is too early.
    async fn receipt(&mut self, delivery: &Delivery, arrival: Arrival) {
        let settings = &self.shared.settings;
        let Some(receipt) = receipt::read(delivery, settings.coding_0, settings.receipt_ids) else {
            self.shared.count("unreadable_receipts");
            return self.acknowledge(&[arrival], codes::OK).await;
        };
        let senders = [delivery.destination.as_sender(), delivery.source.as_sender()];
        let early = Early { receipt, senders, arrival, until: Instant::now() + ANSWER_WAIT };
        if !self.shared.book.choose(&early.receipt.ids).1 {
            self.settle(early).await;
        } else if self.early.len() < EARLY_MAX {
            self.early.push_back(early);
        } else {
            self.acknowledge(&[arrival], codes::THROTTLED).await;
        }
    }

    /// Hands over what is not too early any more or has waited long enough.
    async fn settle_early(&mut self) {
        let now = Instant::now();
        for _ in 0..self.early.len() {
            let Some(early) = self.early.pop_front() else { return };
            if early.until > now && self.shared.book.choose(&early.receipt.ids).1 {
                self.early.push_back(early);
            } else {
                self.settle(early).await;
            }
        }
    }

    /// Hands a receipt over.
    async fn settle(&self, early: Early) {
        let Early { receipt: Receipt { ids, status, failure }, senders: [sender, other], arrival, .. } = early;
        let Some(id) = self.shared.book.choose(&ids).0 else { return };
        let mut other = Some(other);
        let heard = match self.shared.book.report(id, status, failure) {
            Reported::Known(known) => {
                other = None;
                self.report(known)
            }
            // It comes again, and so it is not taken for the whole text's.
            Reported::TooEarly => return self.acknowledge(&[arrival], codes::SYSTEM_ERROR).await,
            Reported::Half => {
                self.shared.count("half_texts_reported");
                return self.acknowledge(&[arrival], codes::OK).await;
            }
            Reported::NotInBook => {
                let (key, carrier_message_id) = (self.receipt_key(id, status), id.to_owned());
                Heard { sender_address: sender, event: Event::Receipt { token: None, carrier_message_id, status, failure, key } }
            }
        };
        let mut taken = self.sink.take(heard.clone()).await;
        if let (Err(NotStored::UnknownSender), Some(sender_address)) = (taken, other) {
            taken = self.sink.take(Heard { sender_address, ..heard }).await;
        }
        let answer = match taken {
            Ok(()) => codes::OK,
            // Another system's, perhaps: it is not wanted again.
            Err(NotStored::UnknownSender) => codes::REJECTS,
            Err(NotStored::Unavailable) => codes::SYSTEM_ERROR,
        };
        self.acknowledge(&[arrival], answer).await;
    }

    /// Reports that a text was taken after all, which resolves an attempt whose outcome was unknown. Lost, it is missed as before.
    async fn late(&self, text: TextId) {
        if let Some(known) = self.shared.book.whole(text) {
            self.shared.count("late_answers");
            let _ = self.sink.take(self.report(known)).await;
        }
    }

    fn report(&self, known: Known) -> Heard {
        let Known { token, id, sender, status, failure } = known;
        let key = self.receipt_key(&id, status);
        Heard { sender_address: sender, event: Event::Receipt { token: Some(token), carrier_message_id: id, status, failure, key } }
    }

    fn receipt_key(&self, id: &str, status: DeliveryStatus) -> [u8; 32] {
        sha256(&[b"smpp receipt\0", self.shared.settings.name.as_bytes(), b"\0", id.as_bytes(), b"\0", status.as_str().as_bytes()])
    }

    /// Hands a reply over and acknowledges everything that it came in.
    async fn hand_over(&self, run: Run) {
        let Some(first) = run.parts.first() else { return };
        let Some(from) = first.source.as_phone() else {
            // No phone that we text: nothing can be kept about it, and it is not wanted again.
            self.shared.count("not_from_a_phone");
            return self.acknowledge(&run.arrivals, codes::OK).await;
        };
        let body = self.body(&run.parts);
        let settings = &self.shared.settings;
        let ids: Vec<&str> = run.parts.iter().filter_map(|part| part.tlv_text(settings.text_id_tag)).filter(|id| is_id(id)).collect();
        let named = ids.len() == run.parts.len();
        let key = if named {
            sha256(&[b"smpp named\0", settings.name.as_bytes(), b"\0", ids.join("\0").as_bytes()])
        } else {
            let digests: Vec<&[u8]> = run.digests.iter().map(<[u8; 32]>::as_slice).collect();
            let revokes = matches!(reply::read(&body).meaning, Meaning::Revocation(_));
            self.shared.repeats().key(sha256(&digests), from, revokes, &random::<16>(), Instant::now())
        };
        let carrier_message_id = match ids.first() {
            Some(id) if named => (*id).to_owned(),
            _ => to_hex(&key[..16]),
        };
        let to_sender = first.destination.as_sender();
        let event = Event::Inbound {
            carrier_message_id,
            from: Phi::new(from),
            to_sender: to_sender.clone(),
            body: Phi::new(body),
            key,
            opt_out: None,
        };
        let status = match self.sink.take(Heard { sender_address: to_sender, event }).await {
            Ok(()) => codes::OK,
            // The carrier keeps it while somebody adds the sender.
            Err(NotStored::UnknownSender) => codes::TEMPORARY,
            Err(NotStored::Unavailable) => codes::SYSTEM_ERROR,
        };
        self.acknowledge(&run.arrivals, status).await;
        if status == codes::OK {
            self.link.acknowledged.notify_one();
            let moment = Moment { session: self.link.number, tests_sent: self.link.tests_sent() };
            let mut repeats = self.shared.repeats();
            repeats.acknowledged(key, moment);
            for (part, digest) in run.parts.iter().zip(run.digests) {
                if part.place.is_some() {
                    repeats.part_acknowledged(digest, moment, Instant::now());
                }
            }
        }
    }

    /// The words. Parts of one coding are joined as octets, because a phone may have cut inside a character.
    fn body(&self, parts: &[Delivery]) -> String {
        let alphabet = self.shared.settings.coding_0;
        let body: String = parts
            .chunk_by(|a, b| a.coding == b.coding)
            .map(|alike| {
                let octets: Vec<&[u8]> = alike.iter().map(|part| &*part.octets).collect();
                alphabet::read(alike[0].coding, &octets.concat(), alphabet)
            })
            .collect();
        match body.char_indices().nth(BODY_CHARS_MAX) {
            Some((end, _)) => body[..end].to_owned(),
            None => body,
        }
    }

    async fn acknowledge(&self, arrivals: &[Arrival], status: u32) {
        for arrival in arrivals {
            let _ = self.link.out.send(pdu::taken(arrival.command, arrival.sequence, status).into()).await;
        }
    }
}
