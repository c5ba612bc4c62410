//! The centre's memory: phones, what waits to be sent, the journal. Changed under one lock, in short steps.

use super::alphabet;
use super::behaviour::{Behaviour, LongTexts, Quirk};
use super::dialect::{self, State as ReceiptState, deliver};
use super::fate::{Answer, Fate, fate, roll, within};
use super::journal::{Journal, Record};
use super::session;
use super::submission::Part;
use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::MessageDeliveryRequestTlvValue as Tlv;
use rusmpp::types::{AnyOctetString, COctetString, OctetString};
use rusmpp::values::{DataCoding, MessagePayload};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast};
use tokio::time::Instant;

/// What the centre has done and has still to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Parts that were taken.
    pub accepted: u64,
    /// Parts that reached their phone.
    pub arrived: u64,
    /// Parts that did not arrive.
    pub undelivered: u64,
    /// Texts that phones wrote.
    pub texts: u64,
    /// Those that were acknowledged, part by part.
    pub acknowledged: u64,
    /// Receipts and parts of phones' texts that are not acknowledged yet.
    pub waiting: u64,
    /// Binds that were accepted.
    pub binds: u64,
    /// Sessions that stand.
    pub sessions: u64,
}

impl Stats {
    /// Whether every text is where it ends and everything that was sent to the server is acknowledged.
    pub fn at_rest(&self) -> bool {
        self.waiting == 0 && self.accepted == self.arrived + self.undelivered
    }
}

/// A text as a phone shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Got {
    /// The sender, as it was submitted.
    pub from: String,
    /// The whole text.
    pub body: String,
}

/// Something that is sent to the server until it is acknowledged.
pub(super) struct Letter {
    pub pdu: DeliverSm,
    pub due: Instant,
    /// On its way over a session.
    pub with: Option<u64>,
    /// The phone's text that it is a part of.
    text: Option<u64>,
    /// It is sent once more after it was acknowledged.
    again: bool,
}

pub(super) struct State {
    pub behaviour: Behaviour,
    pub journal: Journal,
    pub stats: Stats,
    pub letters: BTreeMap<u64, Letter>,
    next: u64,
    counts: HashMap<String, u64>,
    pieces: HashMap<(String, String, (u8, u16, u8)), BTreeMap<u8, String>>,
    phones: HashMap<String, Vec<Got>>,
    /// Parts of a phone's text that are not acknowledged.
    open_texts: HashMap<u64, usize>,
    second: (u64, u32),
    start: Instant,
}

/// The message centre. Cloning gives another handle to it.
#[derive(Clone)]
pub struct Smsc {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    state: Mutex<State>,
    pub changed: Notify,
    pub cut: broadcast::Sender<()>,
    at: SocketAddr,
}

impl Smsc {
    /// Starts a centre on a free port of this machine, with a journal file if a path is given.
    ///
    /// # Errors
    /// When there is no port, or the file cannot be opened.
    pub async fn start(behaviour: Behaviour, journal: Option<&Path>) -> io::Result<Self> {
        Self::serve(TcpListener::bind("127.0.0.1:0").await?, behaviour, journal)
    }

    /// Starts a centre on a listener.
    ///
    /// # Errors
    /// When the journal file cannot be opened.
    pub fn serve(listener: TcpListener, behaviour: Behaviour, journal: Option<&Path>) -> io::Result<Self> {
        let state = State {
            behaviour,
            journal: Journal::open(journal)?,
            stats: Stats::default(),
            letters: BTreeMap::new(),
            next: 0x0A_1000,
            counts: HashMap::new(),
            pieces: HashMap::new(),
            phones: HashMap::new(),
            open_texts: HashMap::new(),
            second: (0, 0),
            start: Instant::now(),
        };
        let at = listener.local_addr()?;
        let inner = Inner { state: Mutex::new(state), changed: Notify::new(), cut: broadcast::Sender::new(4), at };
        let smsc = Self { inner: Arc::new(inner) };
        let centre = smsc.clone();
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                number += 1;
                tokio::spawn(session::serve(centre.clone(), stream, number));
            }
        });
        Ok(smsc)
    }

    /// Where it listens.
    pub fn at(&self) -> SocketAddr {
        self.inner.at
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes it behave differently from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
        self.inner.changed.notify_waiters();
    }

    /// Changes one thing about its behaviour.
    pub fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.state().behaviour);
        self.inner.changed.notify_waiters();
    }

    /// Sets what happens to submissions to one number, given in digits.
    pub fn quirk(&self, phone: &str, quirk: Quirk) {
        self.change(|behaviour| {
            behaviour.numbers.insert(phone.to_owned(), quirk);
        });
    }

    /// What it has done and has still to do.
    pub fn stats(&self) -> Stats {
        let state = self.state();
        Stats { waiting: state.letters.len() as u64, ..state.stats.clone() }
    }

    /// What a phone, given in digits, has got.
    pub fn got(&self, phone: &str) -> Vec<Got> {
        self.state().phones.get(phone).cloned().unwrap_or_default()
    }

    /// The journal's records after number `after`, as JSON lines.
    pub fn journal(&self, after: usize) -> String {
        self.state().journal.after(after)
    }

    /// Cuts every line.
    pub fn cut(&self) {
        let _ = self.inner.cut.send(());
    }

    /// A phone texts one of our senders. Addresses are digits.
    pub fn text(&self, from: &str, to: &str, body: &str) {
        self.state().text(from, to, body);
        self.inner.changed.notify_waiters();
    }

    /// Lets a part that was taken arrive, and reports it, when its time has come.
    pub(super) fn let_arrive(&self, part: Part, id: u64, count: u64, before_answer: bool) {
        let (wait, report) = {
            let state = self.state();
            let seed = state.behaviour.seed;
            let wait = within(state.behaviour.delivery_ms, roll(seed, &["delivery", &part.to], count));
            (wait, within(state.behaviour.receipts.delay_ms, roll(seed, &["report", &part.to], count)))
        };
        if before_answer {
            let arrives = self.state().arrive(&part);
            self.state().report(&part, id, count, arrives, Duration::ZERO);
            return self.inner.changed.notify_waiters();
        }
        let smsc = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            {
                let mut state = smsc.state();
                let arrives = state.arrive(&part);
                state.report(&part, id, count, arrives, Duration::from_millis(report));
            }
            smsc.inner.changed.notify_waiters();
        });
    }
}

impl State {
    /// How many submissions to a number came before this one.
    pub fn count(&mut self, to: &str) -> u64 {
        let count = self.counts.entry(to.to_owned()).or_default();
        *count += 1;
        *count
    }

    pub fn fate(&mut self, part: &Part, count: u64) -> Fate {
        let second = self.start.elapsed().as_secs();
        if self.second.0 != second {
            self.second = (second, 0);
        }
        if self.behaviour.throttle_per_s.is_some_and(|most| self.second.1 >= most) {
            return Fate::Refuse(0x58);
        }
        let fate = fate(&self.behaviour, &part.to, count, part.number);
        if matches!(fate, Fate::Take(_)) {
            self.second.1 += 1;
        }
        fate
    }

    /// Takes a part: its number.
    pub fn take(&mut self, part: &Part) -> u64 {
        self.next += 1;
        self.stats.accepted += 1;
        let id = dialect::id(self.next, self.behaviour.ids);
        let record = Record {
            kind: "accepted",
            id: Some(&id),
            to: Some(&part.to),
            from: Some(&part.from),
            body: Some(&part.body),
            part: part.of_several(),
            ..Record::default()
        };
        self.journal.append(&record);
        self.next
    }

    /// Whether the receipt of a part comes before its answer.
    pub fn reports_first(&self, to: &str, count: u64, answer: Answer) -> bool {
        let quirk = self.behaviour.numbers.get(to);
        let share = roll(self.behaviour.seed, &["first", to], count) < self.behaviour.receipts.before_answer;
        matches!(answer, Answer::Well) && (quirk == Some(&Quirk::ReceiptsFirst) || (quirk.is_none() && share))
    }

    /// The phone gets a part, or does not.
    fn arrive(&mut self, part: &Part) -> bool {
        let count = self.counts.get(&part.to).copied().unwrap_or_default();
        let lost = match self.behaviour.numbers.get(&part.to) {
            Some(Quirk::Undelivered) => true,
            Some(Quirk::SecondPartUndelivered) => part.number == 2,
            Some(_) => false,
            None => roll(self.behaviour.seed, &["lost", &part.to, &part.body], count) < self.behaviour.undelivered,
        };
        let (to, from) = (Some(part.to.as_str()), Some(part.from.as_str()));
        if lost {
            self.stats.undelivered += 1;
            let record = Record { kind: "undelivered", to, from, body: Some(&part.body), part: part.of_several(), ..Record::default() };
            self.journal.append(&record);
            return false;
        }
        self.stats.arrived += 1;
        let key = (part.from.clone(), part.to.clone(), part.whole);
        let pieces = self.pieces.entry(key.clone()).or_default();
        pieces.insert(part.number, part.body.clone());
        if pieces.len() == usize::from(part.whole.2) {
            let body: String = self.pieces.remove(&key).unwrap_or_default().into_values().collect();
            self.journal.append(&Record { kind: "got", to, from, body: Some(&body), ..Record::default() });
            self.phones.entry(part.to.clone()).or_default().push(Got { from: part.from.clone(), body });
        }
        true
    }

    /// Reports what became of a part.
    fn report(&mut self, part: &Part, id: u64, count: u64, arrived: bool, after: Duration) {
        let receipts = self.behaviour.receipts.clone();
        let quirk = self.behaviour.numbers.get(&part.to).copied();
        let happens = |word: &str, share: f64| roll(self.behaviour.seed, &[word, &part.to], count) < share;
        if quirk == Some(Quirk::LoseReceipts) || (quirk.is_none() && happens("lose", receipts.lose)) {
            return;
        }
        let id = dialect::id(id, receipts.ids.unwrap_or(self.behaviour.ids));
        let state = if arrived { ReceiptState::Delivered } else { ReceiptState::Undelivered };
        let twice = quirk == Some(Quirk::DuplicateReceipts) || (quirk.is_none() && happens("twice", receipts.duplicate));
        let reorder = quirk.is_none() && happens("reorder", receipts.reorder);
        let receipt = |state| dialect::receipt(receipts.dialect, &id, state, &part.to, &part.from);
        self.post(receipt(state), after, None, twice);
        if reorder {
            self.post(receipt(ReceiptState::Enroute), after, None, false);
        }
    }

    fn post(&mut self, pdu: DeliverSm, after: Duration, text: Option<u64>, again: bool) {
        self.next += 1;
        self.letters.insert(self.next, Letter { pdu, due: Instant::now() + after, with: None, text, again });
    }

    fn text(&mut self, from: &str, to: &str, body: &str) {
        self.stats.texts += 1;
        let number = self.stats.texts;
        self.journal.append(&Record {
            kind: "text",
            from: Some(from),
            to: Some(to),
            body: Some(body),
            text: Some(number),
            ..Record::default()
        });
        let replies = self.behaviour.replies.clone();
        let (coding, mut parts) = alphabet::write(body, self.behaviour.coding_0);
        let (total, reference) = (u8::try_from(parts.len()).unwrap_or(u8::MAX), u16::try_from(number % 60_000).unwrap_or(0) + 250);
        let alone = total == 1;
        if replies.long == LongTexts::Payload && !alone {
            parts = vec![parts.concat()];
        }
        let mut letters = Vec::new();
        for (octets, part) in parts.into_iter().zip(1u8..) {
            let header = match replies.long {
                _ if alone => vec![],
                LongTexts::Udh8 => vec![5, 0, 3, reference.to_be_bytes()[1], total, part],
                LongTexts::Udh16 => [&[6, 8, 4], reference.to_be_bytes().as_slice(), &[total, part]].concat(),
                LongTexts::Sar | LongTexts::Payload => vec![],
            };
            let mut pdu = deliver(from, to, if header.is_empty() { 0x00 } else { 0x40 });
            pdu.data_coding = DataCoding::from(coding);
            if replies.long == LongTexts::Payload && !alone {
                pdu.push_tlv(Tlv::MessagePayload(MessagePayload::new(AnyOctetString::from_vec(octets))));
            } else {
                pdu.set_short_message(OctetString::from_vec([header, octets].concat()).unwrap_or_else(|_| OctetString::empty()));
            }
            if replies.long == LongTexts::Sar && !alone {
                pdu.push_tlv(Tlv::SarMsgRefNum(reference));
                pdu.push_tlv(Tlv::SarTotalSegments(total));
                pdu.push_tlv(Tlv::SarSegmentSeqnum(part));
            }
            if replies.ids
                && let Ok(id) = COctetString::from_str(&format!("mo-{number}-{part}"))
            {
                pdu.push_tlv(Tlv::ReceiptedMessageId(id));
            }
            if alone || roll(self.behaviour.seed, &["part", from, body], u64::from(part)) >= replies.lose_part {
                letters.push(pdu);
            }
        }
        if replies.backwards {
            letters.reverse();
        }
        self.open_texts.insert(number, letters.len());
        let twice = roll(self.behaviour.seed, &["text twice", from, body], number) < replies.duplicate;
        for pdu in letters {
            self.post(pdu, Duration::ZERO, Some(number), twice);
        }
    }

    /// A letter was acknowledged with this status.
    pub fn acknowledged(&mut self, number: u64, status: u32) {
        let again = Duration::from_millis(u64::from(self.behaviour.replies.again_ms));
        let Some(letter) = self.letters.get_mut(&number) else { return };
        // Full queue, system error, throttled, temporary error: it is sent again.
        if matches!(status, 0x14 | 0x08 | 0x58 | 0x64) {
            (letter.with, letter.due) = (None, Instant::now() + again);
            return;
        }
        if status == 0 && letter.again {
            (letter.again, letter.with) = (false, None);
            return;
        }
        let text = letter.text;
        self.letters.remove(&number);
        let Some(text) = text else { return };
        if status != 0 {
            self.journal.append(&Record { kind: "turned_away", text: Some(text), status: Some(status), ..Record::default() });
        } else if let Some(open) = self.open_texts.get_mut(&text) {
            *open -= 1;
            if *open == 0 {
                self.open_texts.remove(&text);
                self.stats.acknowledged += 1;
                self.journal.append(&Record { kind: "acknowledged", text: Some(text), ..Record::default() });
            }
        }
    }

    /// A session ended: what was on its way over it is sent again.
    pub fn session_ended(&mut self, session: u64) {
        for letter in self.letters.values_mut().filter(|letter| letter.with == Some(session)) {
            letter.with = None;
        }
    }
}
