//! A bound session as those see it who submit over it.

use super::book::TextId;
use super::frame::{Frame, SUBMIT_SM_RESP};
use super::{codes, pdu};
use rusmpp::pdus::SubmitSm;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::bytes::Bytes;

/// Answers that are waited for; beyond that, those are forgotten that were given up and may still come.
const WAITING_MAX: usize = 2000;

/// Octets on their way to the line.
pub(super) struct Out {
    pub octets: Bytes,
    /// Whether they may still be held back.
    pub leave: Option<Arc<Leave>>,
}

impl From<Bytes> for Out {
    fn from(octets: Bytes) -> Self {
        Self { octets, leave: None }
    }
}

/// Whether a submission left. It is decided once: either the writer takes it or its submitter takes it back.
#[derive(Default)]
pub(super) struct Leave(AtomicU8);

impl Leave {
    /// The writer is about to write its first octet; false if it was taken back.
    pub fn leave(&self) -> bool {
        self.0.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Takes it back; false if an octet may have left.
    fn take_back(&self) -> bool {
        self.0.compare_exchange(0, 2, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// The answer to a submission.
pub(super) struct Reply {
    pub status: u32,
    pub id: Option<String>,
}

/// What came of one submission.
pub(super) enum Sent {
    Answered(Reply),
    /// No octet left.
    NotLeft,
    /// The line broke.
    Lost,
    /// No answer in time. If one comes later, it is reported as an event.
    TimedOut,
}

enum Waiting {
    Submission { answer: oneshot::Sender<Reply>, text: TextId, part: usize },
    Test(oneshot::Sender<()>),
}

/// What an answer was for.
pub(super) enum Answered {
    Nobody,
    Waiter,
    /// A submission that was given up meanwhile, and its text.
    Late(TextId),
}

/// The session.
pub(super) struct Link {
    pub number: u64,
    /// One permit for each submission that waits for its answer.
    pub window: Arc<Semaphore>,
    pub out: mpsc::Sender<Out>,
    /// A reply was stored and acknowledged; whether the carrier read that is to be proven soon.
    pub acknowledged: Notify,
    sequence: AtomicU32,
    tests_sent: AtomicU64,
    waiting: Mutex<Option<HashMap<u32, Waiting>>>,
}

impl Link {
    pub fn new(number: u64, window: u16, out: mpsc::Sender<Out>) -> Self {
        Self {
            number,
            window: Arc::new(Semaphore::new(usize::from(window))),
            out,
            acknowledged: Notify::new(),
            // The bind had number 1.
            sequence: AtomicU32::new(2),
            tests_sent: AtomicU64::new(0),
            waiting: Mutex::new(Some(HashMap::new())),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Option<HashMap<u32, Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next sequence number, between 1 and the largest that the standard allows.
    fn next(&self) -> u32 {
        let before = self.sequence.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(if n >= 0x7FFF_FFFF { 1 } else { n + 1 }));
        before.unwrap_or(1)
    }

    fn wait(&self, sequence: u32, waiter: Waiting) -> bool {
        match &mut *self.waiting() {
            Some(waiting) => {
                if waiting.len() > WAITING_MAX {
                    waiting.retain(|_, waiter| match waiter {
                        Waiting::Submission { answer, .. } => !answer.is_closed(),
                        Waiting::Test(answer) => !answer.is_closed(),
                    });
                }
                waiting.insert(sequence, waiter);
                true
            }
            None => false,
        }
    }

    fn forget(&self, sequence: u32) {
        if let Some(waiting) = &mut *self.waiting() {
            waiting.remove(&sequence);
        }
    }

    /// Submits one part, once, and waits for its answer.
    pub async fn submit(&self, submission: SubmitSm, text: TextId, part: usize, until: Instant) -> Sent {
        let sequence = self.next();
        let (answer, answered) = oneshot::channel();
        if !self.wait(sequence, Waiting::Submission { answer, text, part }) {
            return Sent::NotLeft;
        }
        let leave = Arc::new(Leave::default());
        let out = Out { octets: pdu::submission(sequence, submission), leave: Some(Arc::clone(&leave)) };
        if !matches!(timeout_at(until, self.out.send(out)).await, Ok(Ok(()))) {
            self.forget(sequence);
            return Sent::NotLeft;
        }
        match timeout_at(until, answered).await {
            Ok(Ok(reply)) => Sent::Answered(reply),
            Ok(Err(_)) if leave.take_back() => Sent::NotLeft,
            Ok(Err(_)) => Sent::Lost,
            Err(_) if leave.take_back() => {
                self.forget(sequence);
                Sent::NotLeft
            }
            Err(_) => Sent::TimedOut,
        }
    }

    /// Tests the line; the number of the test if it was answered.
    pub async fn test(&self, until: Instant) -> Option<u64> {
        let sequence = self.next();
        let (answer, answered) = oneshot::channel();
        if !self.wait(sequence, Waiting::Test(answer)) {
            return None;
        }
        let test = self.tests_sent.fetch_add(1, Ordering::AcqRel) + 1;
        timeout_at(until, self.out.send(pdu::enquire_link(sequence).into())).await.ok()?.ok()?;
        timeout_at(until, answered).await.ok()?.ok()?;
        Some(test)
    }

    /// The tests sent so far. Read after an acknowledgement was queued, so that it is never proven too early.
    pub fn tests_sent(&self) -> u64 {
        self.tests_sent.load(Ordering::Acquire)
    }

    /// Gives an answer to who waits for it. `taken` learns the id of a part before anybody else hears of it.
    pub fn answer(&self, frame: &Frame, taken: impl FnOnce(TextId, usize, &str) -> String) -> Answered {
        let waiter = self.waiting().as_mut().and_then(|waiting| waiting.remove(&frame.sequence));
        match waiter {
            None => Answered::Nobody,
            Some(Waiting::Test(answer)) => {
                let _ = answer.send(());
                Answered::Waiter
            }
            Some(Waiting::Submission { answer, text, part }) => {
                let accepted = frame.command == SUBMIT_SM_RESP && frame.status == codes::OK;
                let id = frame.message_id().filter(|_| accepted).map(|id| taken(text, part, id));
                let named = id.is_some();
                match answer.send(Reply { status: status_of(frame), id }) {
                    Err(_) if named => Answered::Late(text),
                    _ => Answered::Waiter,
                }
            }
        }
    }

    /// Ends the session for everybody who waits or comes.
    pub fn close(&self) {
        self.window.close();
        *self.waiting() = None;
    }
}

/// The status of an answer. A `generic_nack` refuses, even if it says that all is well.
const fn status_of(frame: &Frame) -> u32 {
    if frame.command != SUBMIT_SM_RESP && frame.status == codes::OK { codes::INVALID_COMMAND } else { frame.status }
}
