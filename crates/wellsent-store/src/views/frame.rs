//! What the frame around every page shows: the practice, counts, and whether texts can leave. It holds no PHI.

use crate::practices::{self, StoredPractice};
use crate::when::micros;
use crate::{StoreError, Tx, agreements, messages, tasks};
use jiff::{SignedDuration, Timestamp};
use wellsent_db::{args, statements};
use wellsent_domain::practice::{Agreement, Sender};

statements! {
    UNREAD = "SELECT count(DISTINCT i.number_idx) FROM task t JOIN inbound i ON i.id = t.inbound_id WHERE t.practice_id = $1 AND t.done_at IS NULL";
    WAITING = "SELECT count(*) FROM message WHERE practice_id = $1 AND state = 'planned' AND next_at <= $2 AND due_at <= $3";
}

/// While texts cannot leave, the gate asks again after this long; a message that waits is due within it.
const ASKED_WITHIN: SignedDuration = SignedDuration::from_mins(20);

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The practice.
    pub practice: StoredPractice,
    /// Numbers from which a text came that somebody still has to look at.
    pub unread: i64,
    /// Open tasks.
    pub tasks: i64,
    /// When the next message is due.
    pub next_due: Option<Timestamp>,
    /// Messages that are due and not gone.
    pub waiting: i64,
    /// The default sender.
    pub sender: Option<Sender>,
    /// The agreements with its carrier, the newest first.
    pub agreements: Vec<Agreement>,
}

/// Reads the frame.
pub fn load(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<Frame, StoreError> {
    let id = tx.practice();
    let practice = practices::get(tx)?;
    let unread = tx.query_opt(UNREAD, &args![id.bytes()])?.map(|row| row.int(0)).transpose()?.unwrap_or(0);
    let soon = now.saturating_add(ASKED_WITHIN).unwrap_or(now);
    let waiting = tx.query_opt(WAITING, &args![id.bytes(), micros(soon), micros(now)])?;
    let sender = practices::senders(tx)?.into_iter().next();
    let agreements = match &sender {
        Some(sender) => agreements::of_carrier(tx, &sender.carrier)?,
        None => Vec::new(),
    };
    Ok(Frame {
        practice,
        unread,
        tasks: tasks::count(tx)?,
        next_due: messages::next_due(tx)?,
        waiting: waiting.map(|row| row.int(0)).transpose()?.unwrap_or(0),
        sender,
        agreements,
    })
}
