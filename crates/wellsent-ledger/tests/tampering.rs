//! Tries to change a ledger in every way and to go unnoticed (P7, H-27). The forger can rewrite
//! the database and has the signing key; all that is out of reach is a checkpoint kept elsewhere.

use wellsent_ledger::proof::{consistency_proof, verify_consistency};
use wellsent_ledger::tile::{WIDTH, encode_bundle};
use wellsent_ledger::{
    Checkpoint, Claims, EntryError, Finding, Frontier, MemoryTiles, Report, SigningKey, TileId, VerifyingKey, Which, entries_of_bundles,
    leaf_hash, verify,
};

const ORIGIN: &str = "texts.example.com/ledger";

type Entries = Vec<Vec<u8>>;

struct Ledger {
    key: SigningKey,
    keys: [VerifyingKey; 1],
    entries: Entries,
}

impl Ledger {
    fn of(count: usize) -> Ledger {
        let key = SigningKey::generate(ORIGIN).unwrap();
        Ledger { keys: [key.verifying_key().clone()], key, entries: (0..count).map(|n| format!("e{n}").into_bytes()).collect() }
    }

    /// A checkpoint for these entries, signed by the ledger's key.
    fn sign(&self, entries: &[Vec<u8>]) -> String {
        let mut frontier = Frontier::new();
        frontier.append_all(entries.iter().map(|entry| leaf_hash(entry)));
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: frontier.size(), root: frontier.root() };
        checkpoint.sign(&self.key).unwrap()
    }

    fn check(&self, entries: &[Vec<u8>], current: Option<&str>, earlier: &[&str]) -> Report {
        let claims = Claims { origin: ORIGIN, keys: &self.keys, current, earlier };
        verify(entries.iter().cloned().map(Ok), None, &claims)
    }

    fn check_tiles(&self, entries: &[Vec<u8>], tiles: &mut MemoryTiles, note: &str) -> Report {
        let claims = Claims { origin: ORIGIN, keys: &self.keys, current: Some(note), earlier: &[] };
        verify(entries.iter().cloned().map(Ok), Some(tiles), &claims)
    }
}

fn tiles_of(entries: &[Vec<u8>]) -> MemoryTiles {
    MemoryTiles::of(entries.iter().map(|entry| leaf_hash(entry)))
}

/// Every ledger that differs from this one by one changed byte, one removed, doubled or added
/// entry, two swapped entries, a byte moved between neighbours, or a missing end.
fn forgeries(honest: &Entries) -> Vec<(String, Entries)> {
    let mut all: Vec<(String, Entries)> = Vec::new();
    for position in 0..honest.len() {
        for byte in 0..honest[position].len() {
            for change in 1..=u8::MAX {
                let mut forged = honest.clone();
                forged[position][byte] ^= change;
                all.push((format!("entry {position} byte {byte} ^ {change}"), forged));
            }
            let mut forged = honest.clone();
            forged[position].remove(byte);
            all.push((format!("entry {position} without byte {byte}"), forged));
        }
        let mut forged = honest.clone();
        forged[position].push(0);
        all.push((format!("entry {position} grown"), forged));
        let mut forged = honest.clone();
        forged.remove(position);
        all.push((format!("entry {position} removed"), forged));
        // The last entry doubled is an ordinary append, and has a test of its own.
        if position + 1 < honest.len() {
            let mut forged = honest.clone();
            forged.insert(position, honest[position].clone());
            all.push((format!("entry {position} doubled"), forged));
        }
        let mut forged = honest.clone();
        forged.insert(position, b"new".to_vec());
        all.push((format!("entry added before {position}"), forged));
        for other in position + 1..honest.len() {
            let mut forged = honest.clone();
            forged.swap(position, other);
            all.push((format!("entries {position} and {other} swapped"), forged));
        }
        if position + 1 < honest.len() {
            let mut forged = honest.clone();
            let moved = forged[position].pop().unwrap();
            forged[position + 1].insert(0, moved);
            all.push((format!("byte moved from {position} to the next"), forged));
        }
        all.push((format!("cut to {position}"), honest[..position].to_vec()));
    }
    all
}

#[test]
fn an_honest_ledger_gives_no_false_alarm() {
    for count in [0, 1, 2, 9, 255, 256, 257, 600] {
        let ledger = Ledger::of(count);
        let current = ledger.sign(&ledger.entries);
        let kept: Vec<String> = [0, count / 3, count / 2, count].iter().map(|size| ledger.sign(&ledger.entries[..*size])).collect();
        let kept: Vec<&str> = kept.iter().map(String::as_str).rev().collect();
        let report = ledger.check(&ledger.entries, Some(&current), &kept);
        assert!(report.is_sound(), "{:?}", report.findings);
        assert_eq!(report.size, count as u64);
        assert_eq!(report.covered, Some(count as u64));
        assert_eq!(report.kept_elsewhere, Some(count as u64));
        let report = ledger.check_tiles(&ledger.entries, &mut tiles_of(&ledger.entries), &current);
        assert!(report.is_sound(), "{:?}", report.findings);
    }
}

#[test]
fn every_forgery_is_found_by_the_ledgers_own_checkpoint_when_it_cannot_be_signed_anew() {
    let ledger = Ledger::of(11);
    let current = ledger.sign(&ledger.entries);
    for (what, forged) in forgeries(&ledger.entries) {
        let report = ledger.check(&forged, Some(&current), &[]);
        assert!(!report.is_sound(), "{what} went unnoticed");
        assert_eq!(report.covered, None, "{what}");
    }
}

#[test]
fn every_forgery_is_found_by_a_kept_checkpoint_even_if_the_forger_signs_anew() {
    let ledger = Ledger::of(11);
    let kept = ledger.sign(&ledger.entries);
    for (what, forged) in forgeries(&ledger.entries) {
        let resigned = ledger.sign(&forged);
        let report = ledger.check(&forged, Some(&resigned), &[&kept]);
        assert!(!report.is_sound(), "{what} went unnoticed");
        assert_eq!(report.kept_elsewhere, None, "{what}");
    }
}

#[test]
fn without_a_kept_checkpoint_a_signed_forgery_goes_unnoticed_and_the_report_says_so() {
    let ledger = Ledger::of(11);
    for (what, forged) in forgeries(&ledger.entries) {
        let resigned = ledger.sign(&forged);
        let report = ledger.check(&forged, Some(&resigned), &[]);
        assert!(report.is_sound(), "{what}");
        assert!(report.caveat().contains("cannot see that"));
        assert_eq!(report.kept_elsewhere, None);
    }
}

#[test]
fn a_rollback_with_its_old_checkpoint_is_found_by_a_kept_one() {
    let ledger = Ledger::of(11);
    let kept = ledger.sign(&ledger.entries);
    for size in 0..11 {
        let old = &ledger.entries[..size];
        let report = ledger.check(old, Some(&ledger.sign(old)), &[&kept]);
        assert_eq!(
            report.findings,
            [
                Finding::WentBack { current: size as u64, kept: 11 },
                Finding::Truncated { which: Which::Earlier(0), have: size as u64, claimed: 11 },
            ]
        );
    }
}

#[test]
fn a_rewritten_past_is_told_from_a_changed_present() {
    let ledger = Ledger::of(11);
    let kept = ledger.sign(&ledger.entries[..6]);
    let mut forged = ledger.entries.clone();
    forged[2] = b"forged".to_vec();
    let report = ledger.check(&forged, Some(&ledger.sign(&forged)), &[&kept]);
    assert_eq!(report.findings, [Finding::EarlierCheckpointNotPrefix { position: 0, size: 6 }]);
    let mut forged = ledger.entries.clone();
    forged[8] = b"forged".to_vec();
    let report = ledger.check(&forged, Some(&ledger.sign(&ledger.entries)), &[&kept]);
    assert_eq!(report.findings, [Finding::RootMismatch { checkpoint_size: 11 }]);
    assert_eq!(report.kept_elsewhere, Some(6));
}

#[test]
fn checkpoints_that_are_not_ours_are_told() {
    let ledger = Ledger::of(3);
    let good = ledger.sign(&ledger.entries);
    let stranger = Ledger::of(3).sign(&ledger.entries);
    let mut changed = good.clone().into_bytes();
    let last = changed.len() - 10;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    let elsewhere = Checkpoint { origin: "elsewhere.example.com".to_owned(), size: 0, root: wellsent_ledger::empty_root() };
    let elsewhere = elsewhere.sign(&ledger.key).unwrap();
    let kept = [stranger.as_str(), &changed, "nonsense", &elsewhere];
    let report = ledger.check(&ledger.entries, Some(&good), &kept);
    assert_eq!(
        report.findings,
        [
            Finding::BadSignature { which: Which::Earlier(0) },
            Finding::BadSignature { which: Which::Earlier(1) },
            Finding::MalformedCheckpoint { which: Which::Earlier(2) },
            Finding::OtherLedger { which: Which::Earlier(3) },
        ]
    );
    assert_eq!(report.kept_elsewhere, None);
    let report = ledger.check(&ledger.entries, None, &[]);
    assert_eq!(report.findings, [Finding::NoCheckpoint]);
}

#[test]
fn entries_after_the_newest_checkpoint_are_counted_and_no_finding() {
    let ledger = Ledger::of(11);
    let report = ledger.check(&ledger.entries, Some(&ledger.sign(&ledger.entries[..8])), &[]);
    assert!(report.is_sound());
    assert_eq!(report.uncovered(), 3);
    assert!(report.caveat().contains("last 3 entries"));
}

#[test]
fn an_entry_added_at_the_end_counts_as_unconfirmed_even_if_it_repeats_the_last() {
    let ledger = Ledger::of(11);
    let note = ledger.sign(&ledger.entries);
    let mut grown = ledger.entries.clone();
    grown.push(grown[10].clone());
    let report = ledger.check(&grown, Some(&note), &[&note]);
    assert!(report.is_sound());
    assert_eq!(report.uncovered(), 1);
}

#[test]
fn a_changed_entry_below_untouched_hashes_deceives_a_consistency_proof_but_not_the_verifier() {
    let ledger = Ledger::of(20);
    let (kept, current) = (ledger.sign(&ledger.entries[..10]), ledger.sign(&ledger.entries));
    let mut stored = tiles_of(&ledger.entries);
    let mut forged = ledger.entries.clone();
    forged[3][0] ^= 1;

    let root_of = |note| Checkpoint::open(note, ORIGIN, &ledger.keys).unwrap().root;
    let by_hashes = consistency_proof(&mut stored, 10, 20).unwrap();
    let deceived = verify_consistency(&by_hashes, &root_of(&kept), &root_of(&current));
    assert_eq!(deceived, Ok(()));

    let report = ledger.check_tiles(&forged, &mut stored, &current);
    assert!(report.findings.contains(&Finding::RootMismatch { checkpoint_size: 20 }));
    let placed = Finding::StoredTileDiffers { level: 0, index: 0, entry: 3 };
    assert!(report.findings.contains(&placed));
}

#[test]
fn every_changed_bit_of_a_stored_tile_is_found_and_placed() {
    let ledger = Ledger::of(600);
    let note = ledger.sign(&ledger.entries);
    let honest = tiles_of(&ledger.entries);
    let mut ids: Vec<TileId> = honest.ids().collect();
    ids.sort();
    assert_eq!(ids.len(), 4);
    for id in ids {
        let length = honest.clone().stored_mut(id).unwrap().len();
        for byte in (0..length).step_by(if id.level == 0 { 53 } else { 1 }) {
            let mut forged = honest.clone();
            forged.stored_mut(id).unwrap()[byte] ^= 1 << (byte % 8);
            let report = ledger.check_tiles(&ledger.entries, &mut forged, &note);
            let expected = Finding::StoredTileDiffers { level: id.level, index: id.index, entry: id.entry_at(byte / 32) };
            assert_eq!(report.findings, [expected]);
        }
        let mut missing = honest.clone();
        missing.remove(id);
        let mut cut = honest.clone();
        let stored = cut.stored_mut(id).unwrap();
        stored.truncate(stored.len() - 32);
        for mut tiles in [missing, cut] {
            let report = ledger.check_tiles(&ledger.entries, &mut tiles, &note);
            let expected = Finding::StoredTileMissing { level: id.level, index: id.index };
            assert_eq!(report.findings, [expected]);
        }
    }
}

#[test]
fn a_changed_entry_is_placed_by_the_stored_tiles_even_when_signed_anew() {
    let ledger = Ledger::of(600);
    let mut forged = ledger.entries.clone();
    forged[300] = b"forged".to_vec();
    let note = ledger.sign(&forged);
    let report = ledger.check_tiles(&forged, &mut tiles_of(&ledger.entries), &note);
    assert_eq!(
        report.findings,
        [Finding::StoredTileDiffers { level: 0, index: 1, entry: 300 }, Finding::StoredTileDiffers { level: 1, index: 0, entry: 256 },]
    );
}

#[test]
fn tiles_that_go_on_where_the_entries_end_are_found() {
    let ledger = Ledger::of(600);
    for size in [0, 100, 255, 256, 511, 512, 599] {
        let cut = &ledger.entries[..size];
        let report = ledger.check_tiles(cut, &mut tiles_of(&ledger.entries), &ledger.sign(cut));
        assert!(!report.is_sound(), "{size}");
    }
}

#[test]
fn tiles_may_lag_behind_entries_that_no_checkpoint_covers() {
    let ledger = Ledger::of(600);
    for size in [0, 100, 256, 512, 513] {
        let signed = &ledger.entries[..size];
        let note = ledger.sign(signed);
        let report = ledger.check_tiles(&ledger.entries, &mut tiles_of(signed), &note);
        assert!(report.is_sound(), "{size}: {:?}", report.findings);
    }
}

fn check_bundles(ledger: &Ledger, bundles: Vec<Vec<u8>>, note: &str) -> Report {
    let claims = Claims { origin: ORIGIN, keys: &ledger.keys, current: Some(note), earlier: &[] };
    verify(entries_of_bundles(bundles.into_iter().map(Ok)), None, &claims)
}

#[test]
fn every_changed_bit_of_a_bundle_is_found() {
    let ledger = Ledger::of(12);
    let note = ledger.sign(&ledger.entries);
    let honest = encode_bundle(&ledger.entries).unwrap();
    assert!(check_bundles(&ledger, vec![honest.clone()], &note).is_sound());
    for byte in 0..honest.len() {
        for bit in 0..8 {
            let mut forged = honest.clone();
            forged[byte] ^= 1 << bit;
            assert!(!check_bundles(&ledger, vec![forged], &note).is_sound());
        }
        let cut = honest[..byte].to_vec();
        assert!(!check_bundles(&ledger, vec![cut], &note).is_sound());
    }
}

#[test]
fn bundles_are_full_but_for_the_last_and_each_stands_in_its_place() {
    let ledger = Ledger::of(600);
    let note = ledger.sign(&ledger.entries);
    let bundles: Vec<Vec<u8>> = ledger.entries.chunks(WIDTH).map(|chunk| encode_bundle(chunk).unwrap()).collect();
    assert!(check_bundles(&ledger, bundles.clone(), &note).is_sound());

    let mut swapped = bundles.clone();
    swapped.swap(0, 1);
    assert!(!check_bundles(&ledger, swapped, &note).is_sound());
    let missing = bundles[1..].to_vec();
    assert!(!check_bundles(&ledger, missing, &note).is_sound());

    let resized: Vec<Vec<u8>> = ledger.entries.chunks(200).map(|chunk| encode_bundle(chunk).unwrap()).collect();
    let report = check_bundles(&ledger, resized, &note);
    assert_eq!(report.findings, [Finding::MalformedBundle { index: 0 }]);
}

#[test]
fn an_unreadable_entry_ends_the_check_without_guesses_about_the_rest() {
    let ledger = Ledger::of(5);
    let note = ledger.sign(&ledger.entries);
    let claims = Claims { origin: ORIGIN, keys: &ledger.keys, current: Some(&note), earlier: &[] };
    let reason = "disk".to_owned();
    let entries = ledger.entries[..3].iter().cloned().map(Ok);
    let broken = Err(EntryError::Unreadable { reason: reason.clone() });
    let report = verify(entries.chain([broken]), None, &claims);
    assert_eq!(report.findings, [Finding::Unreadable { entry: 3, reason }]);
    assert_eq!(report.covered, None);
}
