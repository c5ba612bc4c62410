//! The difference between what is wanted and what is planned.

use super::Wanted;
use crate::MessageId;
use crate::message::MessageState;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// A reminder that the table already has, in whatever state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// The message.
    pub message: MessageId,
    /// The digest of its key, as stored.
    pub key: [u8; 16],
    /// Where it stands.
    pub state: MessageState,
    /// From when it may go by the plan; a hold does not change this.
    pub due_at: Timestamp,
    /// After which it is dropped.
    pub useful_until: Timestamp,
}

/// What brings the table to the wanted set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// To be added, each with the digest of its key.
    pub add: Vec<([u8; 16], Wanted)>,
    /// To be given another time.
    pub retime: Vec<(MessageId, Timestamp, Timestamp)>,
    /// Not wanted any more.
    pub withdraw: Vec<MessageId>,
    /// Withdrawn or refused before and wanted again under the same key: a visit that was cancelled by mistake and restored.
    pub revive: Vec<(MessageId, Timestamp, Timestamp)>,
}

impl Changes {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.retime.is_empty() && self.withdraw.is_empty() && self.revive.is_empty()
    }
}

/// Compares, by the digests of the keys. What may have left the house is never touched, and a key that exists is never added again.
pub fn diff(wanted: Vec<Wanted>, existing: &[Existing], digest: impl Fn(&str) -> [u8; 16]) -> Changes {
    let mut changes = Changes::default();
    let by_key: HashMap<[u8; 16], &Existing> = existing.iter().map(|message| (message.key, message)).collect();
    let mut keys = HashSet::with_capacity(wanted.len());
    for want in wanted {
        let key = digest(&want.key);
        keys.insert(key);
        match by_key.get(&key) {
            None => changes.add.push((key, want)),
            Some(have) if have.state == MessageState::Withdrawn => {
                changes.revive.push((have.message, want.due_at, want.useful_until));
            }
            Some(have) if have.state == MessageState::Planned => {
                if (want.due_at, want.useful_until) != (have.due_at, have.useful_until) {
                    changes.retime.push((have.message, want.due_at, want.useful_until));
                }
            }
            Some(_) => {}
        }
    }
    for have in existing {
        let waiting = matches!(have.state, MessageState::Planned | MessageState::Review);
        if waiting && !keys.contains(&have.key) {
            changes.withdraw.push(have.message);
        }
    }
    changes
}
