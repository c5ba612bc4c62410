//! The log that proves what happened.

use askama::Template;

use super::{Shell, When};

/// The page of the ledger.
#[derive(Clone, Template)]
#[template(path = "console/ledger.html")]
pub struct Ledger {
    /// The frame.
    pub shell: Shell,
    /// The name of this ledger in its checkpoints.
    pub origin: String,
    /// Entries under the latest checkpoint, grouped in thousands.
    pub size: String,
    /// Entries written since that checkpoint.
    pub pending: u32,
    /// The root of the latest checkpoint; empty before the first.
    pub root: String,
    /// When it was signed; none before the first checkpoint.
    pub signed_at: Option<When>,
    /// The name and hash of the key that signed it.
    pub key: String,
    /// The signed note itself, to be kept elsewhere; `/ledger/checkpoint` serves it as a file.
    pub note: String,
    /// The last check of the whole ledger.
    pub check: Option<LedgerCheck>,
    /// The latest entries, newest first.
    pub entries: Vec<LedgerEntry>,
    /// The address of the next page.
    pub older: Option<String>,
}

/// The outcome of a check of the whole ledger.
#[derive(Clone)]
pub struct LedgerCheck {
    /// Did every hash agree?
    pub good: bool,
    /// When.
    pub at: When,
    /// In a sentence.
    pub sentence: String,
}

/// One entry; it holds no names or numbers, just ids and digests.
#[derive(Clone)]
pub struct LedgerEntry {
    /// The leaf's index.
    pub index: String,
    /// When.
    pub at: When,
    /// What happened, in words, for example `Ruling: released`.
    pub what: String,
    /// The id of its subject; may be empty.
    pub subject: String,
    /// The page of that subject, a path of this site.
    pub href: Option<String>,
    /// Who did it: a member of staff or `system`.
    pub actor: String,
    /// The leaf's hash, shortened.
    pub hash: String,
}
