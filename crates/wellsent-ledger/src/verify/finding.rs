//! What the verifier can find.

use std::fmt;

use thiserror::Error;

/// Why an entry could not be had.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum EntryError {
    /// A bundle of entries is not in its form, or is short with another one after it.
    #[error("the bundle {index} of entries is malformed")]
    MalformedBundle {
        /// Its index.
        index: u64,
    },
    /// Reading failed.
    #[error("an entry could not be read: {reason}")]
    Unreadable {
        /// What the storage said.
        reason: String,
    },
}

/// Which of the given checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one that stands beside the ledger.
    Current,
    /// One of those kept elsewhere, counted from 0 in the order given.
    Earlier(usize),
}

impl fmt::Display for Which {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Current => formatter.write_str("the ledger's own checkpoint"),
            Which::Earlier(position) => write!(formatter, "kept checkpoint {}", position + 1),
        }
    }
}

/// One thing that is wrong. `Display` gives a sentence for staff.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Finding {
    /// No checkpoint with a good signature was given, so nothing says what the entries should be.
    #[error("there is no checkpoint with a good signature, so nothing shows what the entries should be")]
    NoCheckpoint,
    /// A checkpoint is not signed by a key of this ledger, or was changed after.
    #[error("{which} is not signed by a key of this ledger, or was changed after it was signed")]
    BadSignature {
        /// Which checkpoint.
        which: Which,
    },
    /// A checkpoint does not have the form of one.
    #[error("{which} does not have the form of a checkpoint")]
    MalformedCheckpoint {
        /// Which checkpoint.
        which: Which,
    },
    /// A checkpoint is that of another ledger.
    #[error("{which} belongs to another ledger")]
    OtherLedger {
        /// Which checkpoint.
        which: Which,
    },
    /// The entries do not give the root of the ledger's own checkpoint: some entry was changed,
    /// added, removed or moved.
    #[error(
        "the first {checkpoint_size} entries are not those that the ledger's own checkpoint was \
         signed for: an entry was changed, added, removed or moved"
    )]
    RootMismatch {
        /// The size that the checkpoint speaks of.
        checkpoint_size: u64,
    },
    /// The entries do not give the root of a checkpoint that was kept elsewhere: the past was
    /// rewritten.
    #[error(
        "the first {size} entries are not those that kept checkpoint {} was signed for: the past \
         of this ledger was rewritten", position + 1
    )]
    EarlierCheckpointNotPrefix {
        /// Which one, counted from 0 in the order given.
        position: usize,
        /// The size that it speaks of.
        size: u64,
    },
    /// There are fewer entries than a checkpoint was signed for.
    #[error("there are {have} entries, but {which} was signed for {claimed}: entries were removed")]
    Truncated {
        /// Which checkpoint.
        which: Which,
        /// How many entries there are.
        have: u64,
        /// How many it was signed for.
        claimed: u64,
    },
    /// The ledger's own checkpoint is older than one kept elsewhere: an older state was put back.
    #[error(
        "the ledger's own checkpoint is for {current} entries, and one kept elsewhere for {kept}: \
         an older state of the ledger was put back"
    )]
    WentBack {
        /// Size of the ledger's own checkpoint.
        current: u64,
        /// Size of the newest one kept elsewhere.
        kept: u64,
    },
    /// A stored tile holds other hashes than the entries give.
    #[error("the stored tile {index} of level {level} does not match the entries from number {entry} on")]
    StoredTileDiffers {
        /// Its level.
        level: u8,
        /// Its index.
        index: u64,
        /// The first entry, counted from 0, below the first hash that differs.
        entry: u64,
    },
    /// A stored tile, or the end of it, is missing.
    #[error("the stored tile {index} of level {level} is missing or too short")]
    StoredTileMissing {
        /// Its level.
        level: u8,
        /// Its index.
        index: u64,
    },
    /// A stored tile could not be read.
    #[error("the stored tile {index} of level {level} could not be read: {reason}")]
    StoredTileUnreadable {
        /// Its level.
        level: u8,
        /// Its index.
        index: u64,
        /// What the storage said.
        reason: String,
    },
    /// A bundle of entries is malformed; what follows was not checked.
    #[error("the bundle {index} of entries is malformed; what follows was not checked")]
    MalformedBundle {
        /// Its index.
        index: u64,
    },
    /// An entry could not be read; what follows was not checked.
    #[error("entry {entry} could not be read, and what follows was not checked: {reason}")]
    Unreadable {
        /// Its number, counted from 0.
        entry: u64,
        /// What the storage said.
        reason: String,
    },
}

impl Finding {
    pub(super) fn of_entry(error: EntryError, entry: u64) -> Finding {
        match error {
            EntryError::MalformedBundle { index } => Finding::MalformedBundle { index },
            EntryError::Unreadable { reason } => Finding::Unreadable { entry, reason },
        }
    }

    /// A code for programs, which stays the same from version to version.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Finding::NoCheckpoint => "no-checkpoint",
            Finding::BadSignature { .. } => "bad-signature",
            Finding::MalformedCheckpoint { .. } => "malformed-checkpoint",
            Finding::OtherLedger { .. } => "other-ledger",
            Finding::RootMismatch { .. } => "root-mismatch",
            Finding::EarlierCheckpointNotPrefix { .. } => "earlier-checkpoint-not-prefix",
            Finding::Truncated { .. } => "truncated",
            Finding::WentBack { .. } => "went-back",
            Finding::StoredTileDiffers { .. } => "stored-tile-differs",
            Finding::StoredTileMissing { .. } => "stored-tile-missing",
            Finding::StoredTileUnreadable { .. } => "stored-tile-unreadable",
            Finding::MalformedBundle { .. } => "malformed-bundle",
            Finding::Unreadable { .. } => "unreadable",
        }
    }
}
