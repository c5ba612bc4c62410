//! The verifier's result.

use crate::hash::{Hash, empty_root};

use super::Finding;

/// Findings beyond this are counted and not kept: one changed ledger can have a finding in every
/// tile.
const MOST_FINDINGS: usize = 1_000;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries were read.
    pub size: u64,
    /// The root of these entries.
    pub root: Hash,
    /// The largest size that a signed checkpoint confirmed.
    pub covered: Option<u64>,
    /// The largest size that a checkpoint kept elsewhere confirmed.
    pub kept_elsewhere: Option<u64>,
    /// What is wrong, the first 1,000.
    pub findings: Vec<Finding>,
    /// How many findings there are beside these.
    pub more: u64,
}

impl Report {
    /// Whether nothing is wrong. [`Report::caveat`] says what this does not mean.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.more == 0
    }

    /// How many entries at the end no checkpoint has confirmed. Usually they were written after
    /// the newest one was signed.
    #[must_use]
    pub fn uncovered(&self) -> u64 {
        self.size.saturating_sub(self.covered.unwrap_or(0))
    }

    /// What this check cannot see, in plain words, to be shown with every result.
    #[must_use]
    pub fn caveat(&self) -> String {
        let mut text = match self.kept_elsewhere {
            None => "No checkpoint that was kept elsewhere confirms this ledger. If someone put \
                     back an older copy of it together with its old checkpoint, this check cannot \
                     see that; nor can it see a ledger that was rewritten by someone who has the \
                     signing key. Keep checkpoints on another machine and give one to this check."
                .to_owned(),
            Some(kept) => format!(
                "A checkpoint that was kept elsewhere confirms the first {kept} entries. If \
                 someone put back a copy of the ledger from after that checkpoint, or has the \
                 signing key and rewrote later entries, this check cannot see that. Keep a newer \
                 checkpoint on another machine."
            ),
        };
        let uncovered = self.uncovered();
        if uncovered > 0 {
            text.push_str(&format!(" The last {uncovered} entries are confirmed by no checkpoint."));
        }
        text
    }
}

impl Default for Report {
    fn default() -> Report {
        Report { size: 0, root: empty_root(), covered: None, kept_elsewhere: None, findings: Vec::new(), more: 0 }
    }
}

/// Findings as they come, bounded.
#[derive(Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Finding>,
    more: u64,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        if self.kept.len() < MOST_FINDINGS {
            self.kept.push(finding);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn into_parts(self) -> (Vec<Finding>, u64) {
        (self.kept, self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caveat_says_that_a_rollback_cannot_be_seen_without_a_kept_checkpoint() {
        let report = Report { size: 10, covered: Some(8), ..Report::default() };
        let text = report.caveat();
        assert!(text.contains("older copy"));
        assert!(text.contains("cannot see that"));
        assert!(text.contains("last 2 entries"));
        let kept = Report { kept_elsewhere: Some(8), ..report };
        assert!(kept.caveat().contains("first 8 entries"));
    }

    #[test]
    fn findings_do_not_grow_without_bound() {
        let mut findings = Findings::default();
        for _ in 0..MOST_FINDINGS + 7 {
            findings.push(Finding::NoCheckpoint);
        }
        let (kept, more) = findings.into_parts();
        assert_eq!((kept.len(), more), (MOST_FINDINGS, 7));
    }
}
