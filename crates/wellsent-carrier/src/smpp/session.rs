//! One session, from the bind to the end of the line.

use super::codes;
use super::connect::Wire;
use super::frame::{ALERT_NOTIFICATION, DATA_SM, DELIVER_SM, ENQUIRE_LINK, Frame, Frames, OUTBIND, RESPONSE, UNBIND};
use super::inbound::{Inbound, Item};
use super::link::{Answered, Link, Out};
use super::pdu::{self, Role};
use super::receipt::canonical;
use super::shared::{Shared, State};
use crate::EventSink;
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWriteExt, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::codec::FramedRead;

/// Arrivals that wait for the sink. The carrier is told to come again with what exceeds them.
const ARRIVALS_MAX: usize = 256;

/// How long after an acknowledgement the line is tested to prove it: one test for all of that time.
const PROOF_AFTER: Duration = Duration::from_millis(500);

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The bind was refused with this status.
    Refused(u32),
    /// The bind was not answered, or not with an answer.
    NotBound,
    /// The line broke, stood still or carried nonsense.
    Broken,
    /// The carrier ended it.
    Unbound,
}

/// Marks the line as down and wakes everybody, also when the whole task is dropped.
struct Bound<'a> {
    shared: &'a Shared,
    link: Arc<Link>,
    role: Role,
}

impl Drop for Bound<'_> {
    fn drop(&mut self) {
        self.shared.stands(self.role, State::Down);
        self.link.close();
        self.shared.tell(self.role, false);
    }
}

/// Binds and serves the session until it ends.
pub(super) async fn run(shared: &Arc<Shared>, role: Role, wire: Box<dyn Wire>, sink: &Arc<dyn EventSink>) -> End {
    let (reader, mut writer) = split(wire);
    let mut frames = FramedRead::new(reader, Frames);
    match timeout(shared.settings.response_timeout, bind(shared, role, &mut frames, &mut writer)).await {
        Ok(Some(codes::OK)) => {}
        Ok(Some(status)) => return End::Refused(status),
        Ok(None) | Err(_) => return End::NotBound,
    }
    let (out, queue) = mpsc::channel(usize::from(shared.settings.window) + ARRIVALS_MAX);
    let link = Arc::new(Link::new(shared.next_session(), shared.settings.window, out));
    let _bound = Bound { shared, link: Arc::clone(&link), role };
    shared.stands(role, State::Bound(Arc::clone(&link)));
    shared.tell(role, true);
    let (items, arrivals) = mpsc::channel(ARRIVALS_MAX);
    let inbound = Inbound::new(Arc::clone(shared), Arc::clone(&link), Arc::clone(sink));
    tokio::select! {
        end = write(queue, writer, shared.settings.response_timeout) => end,
        end = read(shared, frames, &link, items) => end,
        end = keep(shared, &link) => end,
        () = inbound.run(arrivals) => End::Broken,
    }
}

type FrameStream<R> = FramedRead<R, Frames>;

/// Binds; the status of the answer.
async fn bind<R: AsyncRead + Unpin>(
    shared: &Shared,
    role: Role,
    frames: &mut FrameStream<R>,
    writer: &mut WriteHalf<Box<dyn Wire>>,
) -> Option<u32> {
    let octets = pdu::bind(role, &shared.settings, 1)?;
    writer.write_all(&octets).await.ok()?;
    writer.flush().await.ok()?;
    let asked = u32::from_be_bytes(*octets.get(4..)?.first_chunk()?);
    loop {
        let frame = frames.next().await?.ok()?;
        if frame.sequence == 1 && (frame.command == asked | RESPONSE || frame.command == RESPONSE) {
            // A `generic_nack` is no bind, whatever its status.
            return Some(if frame.command == RESPONSE { frame.status.max(codes::INVALID_COMMAND) } else { frame.status });
        }
    }
}

/// Writes what is queued. One stalled write ends the session, because nothing could follow it.
async fn write(mut queue: mpsc::Receiver<Out>, mut writer: WriteHalf<Box<dyn Wire>>, limit: Duration) -> End {
    while let Some(out) = queue.recv().await {
        if out.leave.is_some_and(|leave| !leave.leave()) {
            continue;
        }
        let written = timeout(limit, async {
            writer.write_all(&out.octets).await?;
            writer.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            break;
        }
    }
    End::Broken
}

/// Reads what arrives and hands it on. It never waits for the sink, so that answers are always read.
async fn read<R: AsyncRead + Unpin>(shared: &Shared, mut frames: FrameStream<R>, link: &Link, items: mpsc::Sender<Item>) -> End {
    while let Some(Ok(frame)) = frames.next().await {
        let sequence = frame.sequence;
        let answer = match frame.command {
            ENQUIRE_LINK => pdu::enquire_link_resp(sequence),
            DELIVER_SM | DATA_SM => {
                let command = frame.command;
                if items.try_send(Item::Arrived(frame)).is_ok() {
                    continue;
                }
                shared.count("arrivals_put_off");
                pdu::taken(command, sequence, codes::THROTTLED)
            }
            UNBIND => {
                let _ = link.out.send(pdu::unbind_resp(sequence).into()).await;
                // Time for the answer to leave.
                sleep(Duration::from_millis(100)).await;
                return End::Unbound;
            }
            OUTBIND | ALERT_NOTIFICATION => continue,
            command if command & RESPONSE != 0 => {
                if !answered(shared, link, &frame, &items) {
                    return End::Unbound;
                }
                continue;
            }
            _ => {
                shared.count("unknown_pdus");
                pdu::generic_nack(sequence, codes::INVALID_COMMAND)
            }
        };
        if link.out.send(answer.into()).await.is_err() {
            break;
        }
    }
    End::Broken
}

/// Takes an answer; false if it says that no session is bound there.
fn answered(shared: &Shared, link: &Link, frame: &Frame, items: &mpsc::Sender<Item>) -> bool {
    let answered = link.answer(frame, |text, part, id| {
        let id = canonical(id, shared.settings.receipt_ids);
        shared.book.taken(text, part, &id);
        id
    });
    match answered {
        Answered::Late(text) => {
            let _ = items.try_send(Item::Late(text));
        }
        Answered::Nobody => shared.count("stray_answers"),
        Answered::Waiter => return frame.status != codes::INVALID_BIND_STATE,
    }
    true
}

/// Tests the line, so that a dead one is noticed and no idle one is cut. After a reply was acknowledged it is tested soon: the answer
/// proves that the acknowledgement was read, and the same words are a new reply from then on, as the same answer to the next question must
/// be.
async fn keep(shared: &Shared, link: &Link) -> End {
    loop {
        let acknowledged = async {
            link.acknowledged.notified().await;
            sleep(PROOF_AFTER).await;
        };
        tokio::select! {
            () = sleep(shared.settings.enquire_link) => {}
            () = acknowledged => {}
        }
        let Some(test) = link.test(Instant::now() + shared.settings.response_timeout).await else {
            return End::Broken;
        };
        shared.repeats().proven(link.number, test);
    }
}
