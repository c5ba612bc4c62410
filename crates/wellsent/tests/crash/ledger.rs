//! The ledger's part of the check: every ruling and attempt is borne out by an entry, and the entries are those of which checkpoints were
//! given away while the run went on.

use crate::verdict::Verdict;
use std::collections::HashSet;
use wellsent::open::Opened;
use wellsent_domain::PracticeId;
use wellsent_store::{StoreError, SystemTx, audit, ledger};

/// Entries read at a time.
const PAGE: usize = 5_000;

/// Checks the ledger in the database against `checkpoints`, and the tables of the practice against the ledger.
pub fn check(opened: &Opened, practice: PracticeId, checkpoints: &[String], verdict: &mut Verdict) {
    let (keys, origin, kept) = (vec![opened.signing_key.verifying_key().clone()], opened.origin.clone(), checkpoints.to_vec());
    let verify = move |tx: &mut SystemTx<'_, '_>| -> Result<_, StoreError> { audit::verify(tx, &keys, &origin, &kept) };
    match opened.store.system_read_wait(verify) {
        Ok(report) => {
            verdict.entries = report.ledger.size;
            if !report.ledger.is_sound() {
                verdict.off_ledger.push(format!("the ledger is not sound: {:?}", report.ledger));
            }
            verdict.off_ledger.extend(report.findings.iter().map(ToString::to_string));
            if report.pending > 0 {
                verdict.stuck.push(format!("{} batches wait for their places in the ledger", report.pending));
            }
        }
        Err(error) => verdict.off_ledger.push(format!("the ledger cannot be read: {error}")),
    }
    let cross = move |tx: &mut SystemTx<'_, '_>| audit::cross_check(tx, practice);
    match opened.store.system_read_wait(cross) {
        Ok(report) => verdict.off_ledger.extend(report.findings.iter().map(ToString::to_string)),
        Err(error) => verdict.off_ledger.push(format!("the tables cannot be held against the ledger: {error}")),
    }
    unclear(opened, verdict);
}

/// Attempts whose outcome was unknown for a while, by the entries, and those of them that were settled later.
fn unclear(opened: &Opened, verdict: &mut Verdict) {
    let (mut unknown, mut settled) = (HashSet::new(), HashSet::new());
    let mut from = 0;
    loop {
        let read = move |tx: &mut SystemTx<'_, '_>| -> Result<_, StoreError> { ledger::entries(tx, from, PAGE) };
        let Ok(entries) = opened.store.system_read_wait(read) else { return };
        let Some(last) = entries.last() else { break };
        from = last.index + 1;
        for placed in &entries {
            let Ok(entry) = serde_json::from_slice::<serde_json::Value>(&placed.entry) else { continue };
            let told = |name: &str| entry.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
            let attempt = told("attempt").to_owned();
            match (told("kind"), told("outcome")) {
                ("outcome", "unknown") => drop(unknown.insert(attempt)),
                ("outcome" | "reconciled", _) => drop(settled.insert(attempt)),
                _ => {}
            }
        }
    }
    verdict.unknown = unknown.len();
    verdict.resolved = unknown.intersection(&settled).count();
}
