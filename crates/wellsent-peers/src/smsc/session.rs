//! One connection.

use super::dialect;
use super::fate::{Answer, Fate, roll, within};
use super::journal::Record;
use super::network::Smsc;
use super::submission;
use futures_util::StreamExt;
use rusmpp::pdus::{BindReceiverResp, BindTransceiverResp, BindTransmitterResp, SubmitSm, SubmitSmResp};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::types::COctetString;
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::bytes::BytesMut;
use tokio_util::codec::{Encoder, FramedRead};

/// A session's own things.
#[derive(Clone)]
struct Session {
    smsc: Smsc,
    number: u64,
    out: mpsc::UnboundedSender<Vec<u8>>,
    /// Letters on their way by sequence number.
    sent: Arc<Mutex<HashMap<u32, (u64, Instant)>>>,
    unanswered: Arc<AtomicU32>,
}

/// Serves one connection until it ends.
pub(super) async fn serve(smsc: Smsc, stream: TcpStream, number: u64) {
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (out, queue) = mpsc::unbounded_channel();
    let mut cut = smsc.inner.cut.subscribe();
    let sent = Arc::default();
    let session = Session { smsc: smsc.clone(), number, out, sent, unanswered: Arc::default() };
    let mut frames = FramedRead::new(reader, CommandCodec::new().with_max_length(70_000));
    // One task writes; it ends with the session, and with it the line.
    let writing = tokio::spawn(write(queue, writer));
    let served = async {
        let Some(command) = timeout(Duration::from_secs(10), frames.next()).await.ok().flatten().and_then(Result::ok) else { return };
        let Some(receives) = session.bind(&command) else {
            // Time for the refusal to leave.
            sleep(Duration::from_millis(50)).await;
            return;
        };
        {
            let mut state = smsc.state();
            state.stats.binds += 1;
            state.stats.sessions += 1;
            state.journal.append(&Record { kind: "bound", ..Record::default() });
        }
        tokio::select! {
            () = session.read(frames) => {}
            () = session.deliver(receives) => {}
        }
        smsc.state().stats.sessions -= 1;
    };
    let cut_stats = tokio::select! {
        () = served => false,
        _ = cut.recv() => true,
    };
    writing.abort();
    let mut state = smsc.state();
    if cut_stats {
        state.stats.sessions = state.stats.sessions.saturating_sub(1);
    }
    state.session_ended(number);
    drop(state);
    smsc.inner.changed.notify_waiters();
}

async fn write(mut queue: mpsc::UnboundedReceiver<Vec<u8>>, mut writer: OwnedWriteHalf) {
    while let Some(octets) = queue.recv().await {
        if writer.write_all(&octets).await.is_err() {
            return;
        }
    }
}

impl Session {
    fn send(&self, status: u32, sequence: u32, pdu: impl Into<Pdu>) {
        let mut octets = BytesMut::new();
        let command = Command::new(CommandStatus::from(status), sequence, pdu);
        if CommandCodec::new().encode(command, &mut octets).is_ok() {
            let _ = self.out.send(octets.to_vec());
        }
    }

    /// Answers a bind; whether the session receives, or `None` if it was refused.
    fn bind(&self, command: &Command) -> Option<bool> {
        let (system_id, password, version, receives) = match command.pdu() {
            Some(Pdu::BindTransceiver(b)) => (&b.system_id, &b.password, b.interface_version, true),
            Some(Pdu::BindReceiver(b)) => (&b.system_id, &b.password, b.interface_version, true),
            Some(Pdu::BindTransmitter(b)) => (&b.system_id, &b.password, b.interface_version, false),
            _ => {
                self.send(0x04, command.sequence_number(), Pdu::GenericNack);
                return None;
            }
        };
        let behaviour = self.smsc.state().behaviour.clone();
        let refusal = behaviour.refuse_receiver.filter(|_| command.id() == CommandId::BindReceiver);
        let refusal = refusal.or(behaviour.refuse_bind).or_else(|| match () {
            () if u8::from(version) > 0x34 => Some(0x0D),
            () if system_id.as_str() != behaviour.system_id => Some(0x0F),
            () if password.as_str() != behaviour.password => Some(0x0E),
            () => None,
        });
        let (status, sequence) = (refusal.unwrap_or(0), command.sequence_number());
        let name = COctetString::from_str("PEER").unwrap_or_else(|_| COctetString::empty());
        match command.id() {
            CommandId::BindTransceiver => self.send(status, sequence, BindTransceiverResp::new(name, None)),
            CommandId::BindReceiver => self.send(status, sequence, BindReceiverResp::new(name, None)),
            _ => self.send(status, sequence, BindTransmitterResp::new(name, None)),
        }
        if refusal.is_some() {
            self.smsc.state().journal.append(&Record { kind: "bind_refused", status: refusal, ..Record::default() });
            return None;
        }
        Some(receives)
    }

    async fn read(&self, mut frames: FramedRead<OwnedReadHalf, CommandCodec>) {
        while let Some(Ok(command)) = frames.next().await {
            let sequence = command.sequence_number();
            match command.pdu() {
                Some(Pdu::EnquireLink) => self.send(0, sequence, Pdu::EnquireLinkResp),
                Some(Pdu::Unbind) => {
                    self.send(0, sequence, Pdu::UnbindResp);
                    sleep(Duration::from_millis(50)).await;
                    return;
                }
                Some(Pdu::SubmitSm(pdu)) => {
                    if !self.submission(sequence, pdu) {
                        return;
                    }
                }
                _ if command.id() == CommandId::DeliverSmResp => {
                    let letter = self.sent.lock().unwrap_or_else(PoisonError::into_inner).remove(&sequence);
                    if let Some((letter, _)) = letter {
                        self.smsc.state().acknowledged(letter, u32::from(command.status()));
                        self.smsc.inner.changed.notify_waiters();
                    }
                }
                _ if command.id().is_response() => {}
                _ => self.send(0x03, sequence, Pdu::GenericNack),
            }
        }
    }

    /// Takes a submission or not; false if the line is to be cut.
    fn submission(&self, sequence: u32, pdu: &SubmitSm) -> bool {
        let mut state = self.smsc.state();
        let refuse = |status: u32| {
            self.send(status, sequence, SubmitSmResp::default());
            true
        };
        if self.unanswered.load(Ordering::Relaxed) >= state.behaviour.window {
            return refuse(0x58);
        }
        let part = match submission::read(pdu, state.behaviour.coding_0) {
            Ok(part) => part,
            Err(status) => {
                state.journal.append(&Record { kind: "refused", status: Some(status), ..Record::default() });
                return refuse(status);
            }
        };
        let count = state.count(&part.to);
        let answer = match state.fate(&part, count) {
            Fate::Refuse(status) => {
                state.journal.append(&Record { kind: "refused", to: Some(&part.to), status: Some(status), ..Record::default() });
                return refuse(status);
            }
            Fate::CutBefore => {
                state.journal.append(&Record { kind: "cut_before", to: Some(&part.to), ..Record::default() });
                return false;
            }
            Fate::Take(answer) => answer,
        };
        let number = state.take(&part);
        let id = dialect::id(number, state.behaviour.ids);
        let mut wait = within(state.behaviour.answer_ms, roll(state.behaviour.seed, &["answer", &part.to], count));
        if answer == Answer::Late {
            wait += u64::from(state.behaviour.slow_ms);
        }
        let first = state.reports_first(&part.to, count, answer);
        drop(state);
        self.smsc.let_arrive(part, number, count, first);
        if answer == Answer::Cut {
            return false;
        }
        // A receipt that comes first needs a moment to be sent.
        let wait = if first { wait.max(60) } else { wait };
        let session = self.clone();
        let respond = move || {
            let name = |id: &str| COctetString::from_str(id).unwrap_or_else(|_| COctetString::empty());
            match answer {
                Answer::SystemError => session.send(0x08, sequence, SubmitSmResp::default()),
                Answer::NoId => session.send(0, sequence, SubmitSmResp::default()),
                Answer::Garbage => {
                    let _ = session.out.send(vec![0, 0, 0, 3, 0xFF, 0xFE, 0xFD]);
                }
                _ => session.send(0, sequence, SubmitSmResp::builder().message_id(name(&id)).build()),
            }
        };
        if wait == 0 {
            respond();
        } else {
            let unanswered = Arc::clone(&self.unanswered);
            unanswered.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                sleep(Duration::from_millis(wait)).await;
                unanswered.fetch_sub(1, Ordering::Relaxed);
                respond();
            });
        }
        true
    }

    /// Sends letters until the session ends. One that is not acknowledged in time is sent again.
    async fn deliver(&self, receives: bool) {
        let mut sequence = 0;
        loop {
            let changed = self.smsc.inner.changed.notified();
            if receives {
                sequence = self.deliver_due(sequence);
            }
            let _ = timeout(Duration::from_millis(20), changed).await;
        }
    }

    fn deliver_due(&self, mut sequence: u32) -> u32 {
        let now = Instant::now();
        let mut state = self.smsc.state();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let patience = Duration::from_millis(u64::from(state.behaviour.replies.timeout_ms));
        sent.retain(|_, (letter, at)| {
            let waits = now.duration_since(*at) < patience;
            if !waits && let Some(letter) = state.letters.get_mut(letter) {
                letter.with = None;
            }
            waits
        });
        let window = usize::try_from(state.behaviour.replies.window).unwrap_or(usize::MAX);
        for (number, letter) in &mut state.letters {
            if sent.len() >= window {
                break;
            }
            if letter.with.is_none() && letter.due <= now {
                sequence += 1;
                letter.with = Some(self.number);
                sent.insert(sequence, (*number, now));
                self.send(0, sequence, letter.pdu.clone());
            }
        }
        sequence
    }
}
