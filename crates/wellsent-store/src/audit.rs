//! Verifies the ledger that stands in the database, and the tables against it (P7, H-26, H-27).
//!
//! [`verify`] reads every entry once and trusts nothing but the given keys and checkpoints. [`cross_check`] holds what the tables say of
//! rulings and attempts against the entries. Neither needs the key file, because an entry holds digests and no PHI.

use crate::{StoreError, SystemTx, ledger};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use wellsent_db::{Row, args, statements};
use wellsent_domain::{AttemptId, MessageId, PracticeId};
use wellsent_ledger::tile::decode_bundle;
use wellsent_ledger::{Checkpoint, Claims, Frontier, StoredTiles, TileId, VerifyingKey, entries_of_bundles, root_at};

/// Rows read at a time.
const PAGE: i64 = 500;
/// Bundles read at a time: a few MiB.
const BUNDLES: i64 = 32;
/// Bundles kept at hand while the tables are checked.
const KEPT_BUNDLES: usize = 64;
/// Findings beyond this are counted and not kept.
const MOST_FINDINGS: usize = 1_000;

statements! {
    BUNDLES_AFTER = "SELECT idx, entries FROM ledger_bundle WHERE idx > $1 ORDER BY idx LIMIT $2";
    BUNDLE = "SELECT entries FROM ledger_bundle WHERE idx = $1";
    STATE = "SELECT size, frontier FROM ledger_state WHERE one = 1";
    CHECKPOINTS_AFTER = "SELECT size, note FROM ledger_checkpoint WHERE size > $1 ORDER BY size LIMIT $2";
    CHECKPOINT_OF = "SELECT note FROM ledger_checkpoint WHERE size = $1";
    TILES_AFTER = "SELECT level, idx FROM ledger_tile WHERE level > $1 OR (level = $1 AND idx > $2) ORDER BY level, idx LIMIT $3";
    SCOPE = sqlite "SELECT $1" postgres "SELECT set_config('wellsent.practice', $1, true)";
    RULINGS_AFTER = "SELECT r.message_id, r.id, r.ruling, r.facts_digest, r.ledger_slot, b.id, b.first_index, b.count FROM ruling r LEFT JOIN ledger_batch b ON b.id = r.ledger_batch WHERE r.practice_id = $1 AND (r.message_id > $2 OR (r.message_id = $2 AND r.id > $3)) ORDER BY r.message_id, r.id LIMIT $4";
    RELEASES = "SELECT r.message_id, r.id, r.ruling, r.facts_digest, r.ledger_slot, b.id, b.first_index, b.count FROM ruling r LEFT JOIN ledger_batch b ON b.id = r.ledger_batch WHERE r.practice_id = $1 AND r.message_id = $2 AND r.ruling = 'release'";
    ATTEMPTS_AFTER = "SELECT id, message_id FROM attempt WHERE practice_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    WAITING = "SELECT entries FROM ledger_batch WHERE id = $1 AND entries IS NOT NULL";
}

/// What a verification of the stored ledger found.
#[derive(Debug)]
pub struct Report {
    /// What the entries themselves show.
    pub ledger: wellsent_ledger::Report,
    /// What is wrong with what stands beside them, the first 1,000.
    pub findings: Vec<Finding>,
    /// How many findings there are beside these.
    pub more: u64,
    /// Checkpoints that stand beside the ledger.
    pub checkpoints: u64,
    /// Batches that wait for their places; they are in no checkpoint yet.
    pub pending: u64,
}

impl Report {
    /// Whether nothing is wrong. [`wellsent_ledger::Report::caveat`] says what this does not mean.
    pub fn is_sound(&self) -> bool {
        self.ledger.is_sound() && self.findings.is_empty() && self.more == 0
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// One thing that is wrong beside the entries. `Display` gives a sentence for staff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A checkpoint that was signed is not in the database any more.
    #[error("a checkpoint for {size} entries was signed and is not stored any more")]
    CheckpointMissing {
        /// The size that it was signed for.
        size: u64,
    },
    /// A stored checkpoint has no good signature, or speaks of other entries.
    #[error("the stored checkpoint for {size} entries has no good signature, or was signed for other entries")]
    CheckpointDiffers {
        /// The size under which it is stored.
        size: i64,
    },
    /// The stored edge, from which the next entry continues, is not that of the entries.
    #[error("the stored edge of the ledger is not that of its {entries} entries, so the next entry would not continue them")]
    EdgeDiffers {
        /// How many entries there are.
        entries: u64,
    },
    /// A tile is stored where the entries have none.
    #[error("a tile is stored at level {level} and index {index}, where the entries have none")]
    TileTooMany {
        /// Its level.
        level: i64,
        /// Its index.
        index: i64,
    },
}

/// Verifies the stored ledger from its entries, with stored tiles, edge and checkpoints, against checkpoints that were kept elsewhere. Without
/// one of these it cannot see that an older copy was put back, or that somebody with the signing key rewrote it.
pub fn verify(tx: &mut SystemTx<'_, '_>, keys: &[VerifyingKey], origin: &str, earlier: &[String]) -> Result<Report, StoreError> {
    let current = ledger::latest_checkpoint(tx)?.map(|checkpoint| checkpoint.note);
    let kept: Vec<&str> = earlier.iter().map(String::as_str).collect();
    let claims = Claims { origin, keys, current: current.as_deref(), earlier: &kept };
    let shared = RefCell::new(tx);
    let read = wellsent_ledger::verify(entries_of_bundles(Bundles::new(&shared)), Some(&mut Tiles(&shared)), &claims);
    let tx = shared.into_inner();
    let pending = ledger::size(tx).map(|size| size.pending).unwrap_or(0);
    let mut report = Report { ledger: read, findings: Vec::new(), more: 0, checkpoints: 0, pending };
    check_edge(tx, &mut report)?;
    check_tiles(tx, &mut report)?;
    check_checkpoints(tx, keys, origin, earlier, &mut report)?;
    Ok(report)
}

/// The bundles in order. A gap is an error: what stands behind it has no place.
struct Bundles<'r, 't, 'a, 'b> {
    tx: &'r RefCell<&'t mut SystemTx<'a, 'b>>,
    page: std::vec::IntoIter<Result<(i64, Vec<u8>), StoreError>>,
    next: i64,
    after: i64,
    ended: bool,
}

impl<'r, 't, 'a, 'b> Bundles<'r, 't, 'a, 'b> {
    fn new(tx: &'r RefCell<&'t mut SystemTx<'a, 'b>>) -> Self {
        Self { tx, page: Vec::new().into_iter(), next: 0, after: i64::MIN, ended: false }
    }

    fn row(&mut self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        if self.page.as_slice().is_empty() {
            let rows = self.tx.borrow_mut().raw.query(BUNDLES_AFTER, &args![self.after, BUNDLES])?;
            let row = |row: &Row| Ok((row.int(0)?, row.blob(1)?.to_vec()));
            self.page = rows.iter().map(row).collect::<Vec<_>>().into_iter();
        }
        self.page.next().transpose()
    }
}

impl Iterator for Bundles<'_, '_, '_, '_> {
    type Item = Result<Vec<u8>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.row() {
            Ok(Some((index, bytes))) if index == self.next => {
                (self.next, self.after) = (index + 1, index);
                Some(Ok(bytes))
            }
            Ok(Some(_)) => {
                self.ended = true;
                Some(Err(format!("the bundle {} is missing, and there are later ones", self.next)))
            }
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error.to_string()))
            }
        }
    }
}

struct Tiles<'r, 't, 'a, 'b>(&'r RefCell<&'t mut SystemTx<'a, 'b>>);

impl StoredTiles for Tiles<'_, '_, '_, '_> {
    fn stored(&mut self, id: TileId) -> Result<Option<Vec<u8>>, String> {
        let mut tx = self.0.borrow_mut();
        ledger::StoredTiles(&mut tx).stored(id)
    }
}

fn check_edge(tx: &mut SystemTx<'_, '_>, report: &mut Report) -> Result<(), StoreError> {
    let stored = tx.raw.query_opt(STATE, &[])?;
    let holds = match &stored {
        None => report.ledger.size == 0,
        Some(row) => Frontier::from_bytes(row.blob(1)?).is_ok_and(|frontier| {
            let size = frontier.size();
            size == report.ledger.size && frontier.root() == report.ledger.root && row.int(0).is_ok_and(|stored| stored as u64 == size)
        }),
    };
    if !holds {
        report.find(Finding::EdgeDiffers { entries: report.ledger.size });
    }
    Ok(())
}

/// The verifier looks at the tiles that the entries have; others must not be there.
fn check_tiles(tx: &mut SystemTx<'_, '_>, report: &mut Report) -> Result<(), StoreError> {
    let mut after = (i64::MIN, i64::MIN);
    loop {
        let rows = tx.raw.query(TILES_AFTER, &args![after.0, after.1, PAGE])?;
        for row in &rows {
            after = (row.int(0)?, row.int(1)?);
            let id = u8::try_from(after.0).ok().zip(u64::try_from(after.1).ok()).map(|(level, index)| TileId { level, index });
            if id.is_none_or(|id| id.width_at(report.ledger.size) == 0) {
                report.find(Finding::TileTooMany { level: after.0, index: after.1 });
            }
        }
        if rows.len() < PAGE as usize {
            return Ok(());
        }
    }
}

fn check_checkpoints(
    tx: &mut SystemTx<'_, '_>,
    keys: &[VerifyingKey],
    origin: &str,
    earlier: &[String],
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let rows = tx.raw.query(CHECKPOINTS_AFTER, &args![after, PAGE])?;
        for row in &rows {
            after = row.int(0)?;
            report.checkpoints += 1;
            let signed = Checkpoint::open(row.text(1)?, origin, keys).ok().filter(|signed| i64::try_from(signed.size) == Ok(after));
            let holds = signed.is_some_and(|signed| {
                // The tiles were held against the entries before, so their hashes are as good.
                signed.size <= report.ledger.size
                    && root_at(&mut ledger::StoredTiles(tx), signed.size).is_ok_and(|root| root == signed.root)
            });
            if !holds {
                report.find(Finding::CheckpointDiffers { size: after });
            }
        }
        if rows.len() < PAGE as usize {
            break;
        }
    }
    for note in earlier {
        // A note that is not one of ours is a finding of the ledger's own verifier.
        let Ok(signed) = Checkpoint::open(note, origin, keys) else { continue };
        if tx.raw.query_opt(CHECKPOINT_OF, &args![i64::try_from(signed.size).unwrap_or(i64::MAX)])?.is_none() {
            report.find(Finding::CheckpointMissing { size: signed.size });
        }
    }
    Ok(())
}

/// What holding the tables of a practice against the ledger found.
#[derive(Debug, Default)]
pub struct CrossReport {
    /// Rulings that were checked.
    pub rulings: u64,
    /// Attempts that were checked.
    pub attempts: u64,
    /// Of the rulings, those whose entries wait for their places.
    pub waiting: u64,
    /// What is wrong, the first 1,000.
    pub findings: Vec<CrossFinding>,
    /// How many findings there are beside these.
    pub more: u64,
}

impl CrossReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.more == 0
    }

    fn find(&mut self, finding: CrossFinding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// A row that the ledger does not bear out. `Display` gives a sentence for staff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrossFinding {
    /// The entry of a ruling is not there.
    #[error("a ruling on the message {message} has no entry in the ledger")]
    RulingWithoutEntry {
        /// The message.
        message: MessageId,
    },
    /// The entry in a ruling's place tells something else.
    #[error("a ruling on the message {message} and its entry in the ledger differ in {part}")]
    RulingDiffers {
        /// The message.
        message: MessageId,
        /// In what.
        part: &'static str,
    },
    /// No entry tells of the attempt.
    #[error("the attempt {attempt} to send the message {message} has no release in the ledger")]
    AttemptWithoutEntry {
        /// The attempt.
        attempt: AttemptId,
        /// Its message.
        message: MessageId,
    },
}

/// Holds every ruling and every attempt of a practice against the ledger: no release, no attempt (P1, P7).
pub fn cross_check(tx: &mut SystemTx<'_, '_>, practice: PracticeId) -> Result<CrossReport, StoreError> {
    tx.raw.query(SCOPE, &args![hex(&practice.bytes())])?;
    let (mut report, mut entries) = (CrossReport::default(), Entries::default());
    let mut after = ([0; 16], [0; 16]);
    loop {
        let rows = tx.raw.query(RULINGS_AFTER, &args![practice.bytes(), after.0, after.1, PAGE])?;
        for row in &rows {
            after = (row.id(0)?, row.id(1)?);
            report.rulings += 1;
            check_ruling(tx, &mut entries, practice, row, &mut report)?;
        }
        if rows.len() < PAGE as usize {
            break;
        }
    }
    let mut after = [0; 16];
    loop {
        let rows = tx.raw.query(ATTEMPTS_AFTER, &args![practice.bytes(), after, PAGE])?;
        let mut wanted = Vec::with_capacity(rows.len());
        for row in &rows {
            after = row.id(0)?;
            report.attempts += 1;
            wanted.push((AttemptId::from_bytes(after), MessageId::from_bytes(row.id(1)?)));
        }
        check_attempts(tx, &mut entries, practice, &wanted, &mut report)?;
        if rows.len() < PAGE as usize {
            return Ok(report);
        }
    }
}

fn check_ruling(
    tx: &mut SystemTx<'_, '_>,
    entries: &mut Entries,
    practice: PracticeId,
    row: &Row,
    report: &mut CrossReport,
) -> Result<(), StoreError> {
    let message = MessageId::from_bytes(row.id(0)?);
    let Some(entry) = entries.of_ruling(tx, row)? else {
        report.find(CrossFinding::RulingWithoutEntry { message });
        return Ok(());
    };
    if row.opt_int(6)?.is_none() {
        report.waiting += 1;
    }
    let told = |name: &str| entry.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let parts = [
        ("its kind", told("kind") == "ruling"),
        ("the message", told("message") == message.to_string()),
        ("the practice", told("practice") == practice.to_string()),
        ("the ruling", told("ruling") == row.text(2)?),
        ("the facts", told("facts") == hex(row.blob(3)?)),
    ];
    if let Some((part, _)) = parts.into_iter().find(|(_, same)| !same) {
        report.find(CrossFinding::RulingDiffers { message, part });
    }
    Ok(())
}

fn check_attempts(
    tx: &mut SystemTx<'_, '_>,
    entries: &mut Entries,
    practice: PracticeId,
    wanted: &[(AttemptId, MessageId)],
    report: &mut CrossReport,
) -> Result<(), StoreError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = wanted.iter().map(|(_, message)| args![practice.bytes(), message.bytes()]).collect();
    let releases = tx.raw.query_many(RELEASES, &messages)?;
    for ((attempt, message), rows) in wanted.iter().zip(&releases) {
        let mut released = HashSet::new();
        for row in rows {
            let entry = entries.of_ruling(tx, row)?.unwrap_or_default();
            let told = |name: &str| entry.get(name).and_then(serde_json::Value::as_str);
            if told("ruling") == Some("release") && told("message") == Some(message.to_string().as_str()) {
                released.extend(told("attempt").map(str::to_owned));
            }
        }
        if !released.contains(&attempt.to_string()) {
            report.find(CrossFinding::AttemptWithoutEntry { attempt: *attempt, message: *message });
        }
    }
    Ok(())
}

/// Entries by their place, with the bundles read lately.
#[derive(Default)]
struct Entries {
    bundles: HashMap<u64, Vec<Vec<u8>>>,
}

impl Entries {
    /// The entry of a row of `RULINGS_AFTER` or `RELEASES`; `None` where there is none, or nothing that can be read.
    fn of_ruling(&mut self, tx: &mut SystemTx<'_, '_>, row: &Row) -> Result<Option<serde_json::Value>, StoreError> {
        let (Some(batch), Some(count), Ok(slot)) = (row.opt_id(5)?, row.opt_int(7)?, usize::try_from(row.int(4)?)) else { return Ok(None) };
        if slot as i64 >= count {
            return Ok(None);
        }
        let entry = match row.opt_int(6)? {
            None => {
                let waiting = tx.raw.query_opt(WAITING, &args![batch])?;
                waiting.and_then(|row| ledger::unpack(row.blob(0).ok()?).ok()?.into_iter().nth(slot))
            }
            Some(first) => match u64::try_from(first) {
                Ok(first) => self.at(tx, first.saturating_add(slot as u64))?,
                Err(_) => None,
            },
        };
        Ok(entry.and_then(|entry| serde_json::from_slice(&entry).ok()))
    }

    fn at(&mut self, tx: &mut SystemTx<'_, '_>, place: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let width = wellsent_ledger::tile::WIDTH as u64;
        let (index, within) = (place / width, (place % width) as usize);
        if !self.bundles.contains_key(&index) {
            if self.bundles.len() >= KEPT_BUNDLES {
                self.bundles.clear();
            }
            let row = tx.raw.query_opt(BUNDLE, &args![i64::try_from(index).unwrap_or(i64::MAX)])?;
            let bytes = row.map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()?.unwrap_or_default();
            let entries = decode_bundle(&bytes).map(|entries| entries.into_iter().map(<[u8]>::to_vec).collect());
            self.bundles.insert(index, entries.unwrap_or_default());
        }
        Ok(self.bundles.get(&index).and_then(|entries| entries.get(within)).cloned())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
