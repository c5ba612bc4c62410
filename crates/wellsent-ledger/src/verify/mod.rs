//! The offline verifier: it reads a whole ledger once, hashes every entry again, and holds the
//! result against signed checkpoints and stored tiles (H-27).
//!
//! It trusts the verifying keys that it is given and nothing else. Memory does not grow with the
//! ledger: one entry, one bundle and one tile of each level are held at a time.

mod finding;
mod report;
mod tiles;

pub use finding::{EntryError, Finding, Which};
pub use report::Report;

use crate::Frontier;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::{Hash, leaf_hash};
use crate::key::VerifyingKey;
use crate::note::NoteError;
use crate::tile::{WIDTH, decode_bundle};
use report::Findings;
pub use tiles::StoredTiles;
use tiles::TileWatch;

/// What a ledger claims about itself, to be held against its entries.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// Which ledger.
    pub origin: &'a str,
    /// Its verifying keys, former ones too.
    pub keys: &'a [VerifyingKey],
    /// The newest checkpoint that stands beside the ledger, as a signed note.
    pub current: Option<&'a str>,
    /// Checkpoints that were kept elsewhere, as signed notes, in any order. Only these can show
    /// that an older state of the ledger was put back.
    pub earlier: &'a [&'a str],
}

/// A claim whose signature is good.
struct Signed {
    which: Which,
    size: u64,
    root: Hash,
}

/// Verifies a ledger from its entries in sequence order.
///
/// `tiles` are the stored hashes, when they should be checked too. The entries alone decide what
/// the hashes ought to be.
pub fn verify(
    entries: impl IntoIterator<Item = Result<Vec<u8>, EntryError>>,
    tiles: Option<&mut dyn StoredTiles>,
    claims: &Claims<'_>,
) -> Report {
    let mut findings = Findings::default();
    let signed = signed_claims(claims, &mut findings);
    let newest = signed.last().map_or(0, |claim| claim.size);
    let mut watch = TileWatch::new(tiles, newest);
    let mut frontier = Frontier::new();
    let mut open = signed.into_iter().peekable();
    let mut report = Report::default();
    let mut entries = entries.into_iter();
    loop {
        while let Some(claim) = open.next_if(|claim| claim.size == frontier.size()) {
            settle(&claim, frontier.root(), &mut report, &mut findings);
        }
        match entries.next() {
            Some(Ok(entry)) => {
                frontier.append_with(leaf_hash(&entry), |height, index, hash| {
                    watch.completed(height, index, hash, &mut findings);
                });
            }
            Some(Err(error)) => {
                // What follows cannot be placed, so nothing is said about it.
                findings.push(Finding::of_entry(error, frontier.size()));
                break;
            }
            None => {
                for claim in open {
                    findings.push(Finding::Truncated { which: claim.which, have: frontier.size(), claimed: claim.size });
                }
                watch.finish(&mut findings);
                break;
            }
        }
    }
    report.size = frontier.size();
    report.root = frontier.root();
    (report.findings, report.more) = findings.into_parts();
    report
}

/// The claims with a good signature, the smallest first; the others become findings.
fn signed_claims(claims: &Claims<'_>, findings: &mut Findings) -> Vec<Signed> {
    let current = claims.current.map(|note| (Which::Current, note));
    let kept = claims.earlier.iter().enumerate();
    let kept = kept.map(|(position, note)| (Which::Earlier(position), *note));
    let mut signed = Vec::new();
    for (which, note) in current.into_iter().chain(kept) {
        match Checkpoint::open(note, claims.origin, claims.keys) {
            Ok(Checkpoint { size, root, .. }) => signed.push(Signed { which, size, root }),
            Err(CheckpointError::Note(NoteError::BadSignature | NoteError::UnknownKey)) => {
                findings.push(Finding::BadSignature { which });
            }
            Err(CheckpointError::OtherLedger { .. }) => {
                findings.push(Finding::OtherLedger { which });
            }
            Err(CheckpointError::Malformed | CheckpointError::Note(NoteError::Malformed)) => {
                findings.push(Finding::MalformedCheckpoint { which });
            }
        }
    }
    if signed.is_empty() {
        findings.push(Finding::NoCheckpoint);
    }
    let newest = |of_current: bool| {
        let of = signed.iter().filter(|s| (s.which == Which::Current) == of_current);
        of.map(|claim| claim.size).max()
    };
    if let (Some(current), Some(kept)) = (newest(true), newest(false))
        && kept > current
    {
        findings.push(Finding::WentBack { current, kept });
    }
    signed.sort_by_key(|claim| claim.size);
    signed
}

/// Holds a claim against the root of as many entries as it speaks of.
fn settle(claim: &Signed, root: Hash, report: &mut Report, findings: &mut Findings) {
    if claim.root == root {
        report.covered = report.covered.max(Some(claim.size));
        if claim.which != Which::Current {
            report.kept_elsewhere = report.kept_elsewhere.max(Some(claim.size));
        }
        return;
    }
    findings.push(match claim.which {
        Which::Current => Finding::RootMismatch { checkpoint_size: claim.size },
        Which::Earlier(position) => Finding::EarlierCheckpointNotPrefix { position, size: claim.size },
    });
}

/// The entries of stored bundles, in order, for [`verify`]. Each bundle but the last must be
/// full. Ends after the first error.
pub fn entries_of_bundles(bundles: impl IntoIterator<Item = Result<Vec<u8>, String>>) -> impl Iterator<Item = Result<Vec<u8>, EntryError>> {
    let mut short = None;
    let mut ended = false;
    (0..)
        .zip(bundles)
        .flat_map(move |(index, bundle)| {
            let malformed = |index| vec![Err(EntryError::MalformedBundle { index })];
            if let Some(earlier) = short {
                return malformed(earlier);
            }
            let bundle = match bundle {
                Ok(bundle) => bundle,
                Err(reason) => return vec![Err(EntryError::Unreadable { reason })],
            };
            match decode_bundle(&bundle) {
                Ok(entries) if !entries.is_empty() => {
                    if entries.len() < WIDTH {
                        short = Some(index);
                    }
                    entries.into_iter().map(|entry| Ok(entry.to_vec())).collect()
                }
                _ => malformed(index),
            }
        })
        .take_while(move |entry| {
            let go_on = !ended;
            ended |= entry.is_err();
            go_on
        })
}
