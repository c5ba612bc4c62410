//! Somebody who can rewrite the database, and even has the signing key, is found by a checkpoint that was kept elsewhere (P7, H-26, H-27).

use crate::fixture::{access, add_person, now, number, person, practice};
use jiff::SignedDuration;
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use wellsent_db::{Db, Options};
use wellsent_domain::PracticeId;
use wellsent_ledger::tile::{decode_bundle, encode_bundle};
use wellsent_ledger::{Checkpoint, Frontier, Hash, SigningKey, leaf_hash};
use wellsent_store::audit::{self, CrossFinding, CrossReport, Finding, Report};
use wellsent_store::{Store, StoreError, SystemTx, Tx, ledger, migrations, people};
use wellsent_testkit::house::{Backend, House, Plan, start};
use wellsent_vault::Kek;

const ORIGIN: &str = "wellsent.example/ledger";

/// A database with a ledger, the key that signs it, and the checkpoints as they were signed.
struct Ledger {
    folder: tempfile::TempDir,
    key: SigningKey,
    kept: Vec<String>,
}

impl Ledger {
    /// At least so many entries, with a checkpoint at each third.
    fn of(entries: u64) -> Self {
        let ledger = Self { folder: tempfile::tempdir().unwrap(), key: SigningKey::generate(ORIGIN).unwrap(), kept: Vec::new() };
        ledger.grow(entries)
    }

    fn grow(mut self, entries: u64) -> Self {
        let store = self.open(&self.file());
        let practice = practice(&store, "Elm Street Clinic");
        let mut n = 0;
        for third in 1..=3 {
            while self.size(&store) < entries * third / 3 {
                for _ in 0..(entries / 24).clamp(1, 40) {
                    let record = format!("R{n}");
                    let add = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { people::add(tx, &person(&record), None, now()) };
                    store.write_wait(access(practice), add).unwrap();
                    n += 1;
                }
                store.system_wait(|tx: &mut SystemTx<'_, '_>| ledger::sequence(tx, 1_000)).unwrap();
            }
            let key = SigningKey::parse(&self.key_text()).unwrap();
            let signed = store.system_wait(move |tx: &mut SystemTx<'_, '_>| ledger::checkpoint(tx, ORIGIN, &key, now())).unwrap();
            self.kept.push(signed.unwrap().note);
        }
        store.db().close();
        self
    }

    fn key_text(&self) -> String {
        let path = self.folder.path().join("signing");
        if !path.exists() {
            self.key.write_new(&path).unwrap();
        }
        std::fs::read_to_string(path).unwrap()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("wellsent.db")
    }

    fn open(&self, file: &Path) -> Store {
        let db = Db::open_sqlite(file, Options { readers: 1, ..Options::default() }).unwrap();
        db.migrate(migrations()).unwrap();
        Store::new(db, Kek::generate())
    }

    fn size(&self, store: &Store) -> u64 {
        store.system_read_wait(|tx: &mut SystemTx<'_, '_>| ledger::size(tx)).unwrap().entries
    }

    /// The newest kept checkpoint alone: what a practice has on paper.
    fn last(&self) -> Vec<String> {
        self.kept.last().cloned().into_iter().collect()
    }

    /// Verifies as the command does: a file opened for reading only, the verifying key, checkpoints kept elsewhere.
    fn verify(&self, file: &Path, earlier: &[String]) -> Report {
        let db = Db::open_sqlite_read_only(file, Options { readers: 1, ..Options::default() }).unwrap();
        let store = Store::new(db, Kek::generate());
        self.verify_in(&store, earlier)
    }

    fn verify_in(&self, store: &Store, earlier: &[String]) -> Report {
        let (keys, earlier) = ([self.key.verifying_key().clone()], earlier.to_vec());
        store.system_read_wait(move |tx: &mut SystemTx<'_, '_>| audit::verify(tx, &keys, ORIGIN, &earlier)).unwrap()
    }

    /// A copy in which forgeries are tried one after the other.
    fn forge(&self) -> Forge<'_> {
        let file = self.folder.path().join("forged.db");
        std::fs::copy(self.file(), &file).unwrap();
        let raw = Connection::open(&file).unwrap();
        // Tried forgeries are undone, so nothing has to reach the disk.
        raw.execute_batch("PRAGMA synchronous = OFF").unwrap();
        let db = Db::open_sqlite_read_only(&file, Options { readers: 1, ..Options::default() }).unwrap();
        Forge { ledger: self, raw, store: Store::new(db, Kek::generate()) }
    }

    fn entries(&self) -> Vec<Vec<u8>> {
        let raw = Connection::open(self.file()).unwrap();
        bundles(&raw).iter().flat_map(|bundle| decode_bundle(bundle).unwrap().into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
    }
}

struct Forge<'l> {
    ledger: &'l Ledger,
    raw: Connection,
    store: Store,
}

/// The tables that a forger would touch.
const TABLES: [&str; 4] = ["ledger_bundle", "ledger_tile", "ledger_state", "ledger_checkpoint"];

impl Forge<'_> {
    /// Changes the copy, verifies it, and brings it back.
    fn attempt(&self, earlier: &[String], change: impl FnOnce(&Connection)) -> Report {
        for table in TABLES {
            self.raw.execute_batch(&format!("CREATE TEMP TABLE IF NOT EXISTS kept_{table} AS SELECT * FROM main.{table}")).unwrap();
        }
        change(&self.raw);
        let report = self.ledger.verify_in(&self.store, earlier);
        self.raw.execute_batch("BEGIN").unwrap();
        for table in TABLES {
            self.raw.execute_batch(&format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM kept_{table}")).unwrap();
        }
        self.raw.execute_batch("COMMIT").unwrap();
        report
    }

    fn must_find(&self, what: &str, earlier: &[String], change: impl FnOnce(&Connection)) {
        let report = self.attempt(earlier, change);
        assert!(!report.is_sound(), "{what} went unnoticed");
    }
}

fn bundles(raw: &Connection) -> Vec<Vec<u8>> {
    let mut statement = raw.prepare("SELECT entries FROM ledger_bundle ORDER BY idx").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn put_bundle(raw: &Connection, index: usize, bytes: &[u8]) {
    raw.execute("UPDATE ledger_bundle SET entries = ?2 WHERE idx = ?1", params![index as i64, bytes]).unwrap();
}

/// Writes other entries into all tables as the program itself would have, and signs them with the real key.
fn rewrite(raw: &Connection, key: &SigningKey, entries: &[Vec<u8>]) {
    raw.execute_batch("DELETE FROM ledger_bundle; DELETE FROM ledger_tile; DELETE FROM ledger_state; DELETE FROM ledger_checkpoint")
        .unwrap();
    for (index, entries) in entries.chunks(256).enumerate() {
        raw.execute("INSERT INTO ledger_bundle (idx, entries) VALUES (?1, ?2)", params![index as i64, encode_bundle(entries).unwrap()])
            .unwrap();
    }
    let mut frontier = Frontier::new();
    for append in frontier.append_all(entries.iter().map(|entry| leaf_hash(entry))) {
        let (level, index) = (i64::from(append.tile.level), append.tile.index as i64);
        raw.execute("INSERT INTO ledger_tile (level, idx, hashes) VALUES (?1, ?2, ?3)", params![level, index, append.bytes()]).unwrap();
    }
    let size = frontier.size() as i64;
    raw.execute("INSERT INTO ledger_state (one, size, frontier) VALUES (1, ?1, ?2)", params![size, frontier.to_bytes()]).unwrap();
    let note = Checkpoint { origin: ORIGIN.to_owned(), size: frontier.size(), root: frontier.root() }.sign(key).unwrap();
    raw.execute("INSERT INTO ledger_checkpoint (size, at, note) VALUES (?1, 0, ?2)", params![size, note]).unwrap();
}

#[test]
fn an_untouched_ledger_gives_no_false_alarm() {
    for entries in [3, 30, 255, 256, 257, 700] {
        let ledger = Ledger::of(entries);
        for earlier in [Vec::new(), ledger.last(), ledger.kept.clone()] {
            let report = ledger.verify(&ledger.file(), &earlier);
            assert!(report.is_sound(), "{entries}: {:?} {:?}", report.ledger.findings, report.findings);
            assert!(report.ledger.size >= entries && report.ledger.covered == Some(report.ledger.size));
            assert_eq!((report.ledger.kept_elsewhere.is_some(), report.pending), (!earlier.is_empty(), 0));
        }
    }
}

#[test]
fn every_changed_byte_of_every_bundle_is_found() {
    let (small, large) = (Ledger::of(24), Ledger::of(600));
    let mut tried = 0;
    for (ledger, step) in [(&small, 1), (&large, 211)] {
        let forge = ledger.forge();
        let bundles = bundles(&forge.raw);
        for (index, bundle) in bundles.iter().enumerate() {
            for at in (0..bundle.len()).step_by(step) {
                let mut forged = bundle.clone();
                forged[at] ^= 1 << (at % 8);
                put_bundle(&forge.raw, index, &forged);
                let report = ledger.verify_in(&forge.store, &ledger.last());
                assert!(!report.is_sound(), "bundle {index} byte {at} went unnoticed");
                put_bundle(&forge.raw, index, bundle);
                tried += 1;
            }
        }
        assert!(ledger.verify_in(&forge.store, &ledger.last()).is_sound(), "the copy is as before");
    }
    println!("{tried} changed bytes");
    assert!(tried > 2_000);
}

type Forgery = Box<dyn Fn(&mut Vec<Vec<u8>>)>;

#[test]
fn removed_added_swapped_and_cut_entries_are_found() {
    let ledger = Ledger::of(300);
    let forge = ledger.forge();
    let entries = ledger.entries();
    let count = entries.len();
    let mut tried = 0;
    for at in (0..count).step_by(7).chain([255, 256, count - 1]) {
        let forgeries: [(&str, Forgery); 5] = [
            ("removed", Box::new(move |entries| drop(entries.remove(at)))),
            ("added", Box::new(move |entries| entries.insert(at, br#"{"v":1,"kind":"ruling"}"#.to_vec()))),
            ("doubled", Box::new(move |entries| entries.insert(at, entries[at].clone()))),
            ("swapped", Box::new(move |entries| entries.swap(at, (at + 1) % count))),
            ("cut", Box::new(move |entries| entries.truncate(at))),
        ];
        for (what, forge_entries) in forgeries {
            let mut forged = entries.clone();
            forge_entries(&mut forged);
            // First the entries alone, then everything rewritten to suit and signed with the real key.
            forge.must_find(&format!("entry {at} {what}"), &ledger.last(), |raw| {
                raw.execute("DELETE FROM ledger_bundle", []).unwrap();
                for (index, entries) in forged.chunks(256).enumerate() {
                    raw.execute(
                        "INSERT INTO ledger_bundle (idx, entries) VALUES (?1, ?2)",
                        params![index as i64, encode_bundle(entries).unwrap()],
                    )
                    .unwrap();
                }
            });
            // An entry after the last is how a ledger grows; that one was really written is for the checkpoints after it to say.
            let grown = what == "doubled" && at == count - 1;
            let emptied = what == "cut" && at == 0;
            if !grown && !emptied {
                forge.must_find(&format!("entry {at} {what}, all rewritten and signed"), &ledger.last(), |raw| {
                    rewrite(raw, &ledger.key, &forged)
                });
            }
            tried += 2;
        }
    }
    println!("{tried} forgeries of whole entries");
}

#[test]
fn a_forgery_signed_with_the_real_key_is_seen_only_with_a_checkpoint_kept_elsewhere() {
    let ledger = Ledger::of(60);
    let forge = ledger.forge();
    let mut forged = ledger.entries();
    forged[7] = br#"{"v":1,"kind":"ruling","at":0,"message":"msg_0"}"#.to_vec();
    let alone = forge.attempt(&[], |raw| rewrite(raw, &ledger.key, &forged));
    assert!(alone.is_sound(), "nobody could see this: {:?}", alone.findings);
    assert!(alone.ledger.caveat().contains("cannot see that"), "and the report says so");
    forge.must_find("rewritten", &ledger.last(), |raw| rewrite(raw, &ledger.key, &forged));
    let stranger = SigningKey::generate(ORIGIN).unwrap();
    forge.must_find("signed by a stranger", &[], |raw| rewrite(raw, &stranger, &forged));
}

#[test]
fn every_missing_or_altered_row_beside_the_entries_is_found() {
    let ledger = Ledger::of(600);
    let forge = ledger.forge();
    let last = ledger.last();
    for (what, change) in [
        ("no first bundle", "DELETE FROM ledger_bundle WHERE idx = 0"),
        ("no middle bundle", "DELETE FROM ledger_bundle WHERE idx = 1"),
        ("no last bundle", "DELETE FROM ledger_bundle WHERE idx = (SELECT max(idx) FROM ledger_bundle)"),
        ("no bundles", "DELETE FROM ledger_bundle"),
        (
            "bundles swapped",
            "UPDATE ledger_bundle SET idx = CASE idx WHEN 0 THEN -9 ELSE idx END; UPDATE ledger_bundle SET idx = 0 WHERE idx = 1; UPDATE ledger_bundle SET idx = 1 WHERE idx = -9",
        ),
        ("a bundle before the first", "INSERT INTO ledger_bundle SELECT -1, entries FROM ledger_bundle WHERE idx = 0"),
        ("a bundle behind a gap", "INSERT INTO ledger_bundle SELECT 99, entries FROM ledger_bundle WHERE idx = 0"),
        ("no first tile", "DELETE FROM ledger_tile WHERE level = 0 AND idx = 0"),
        ("no upper tile", "DELETE FROM ledger_tile WHERE level = 1"),
        ("no tiles", "DELETE FROM ledger_tile"),
        ("a short tile", "UPDATE ledger_tile SET hashes = substr(hashes, 1, 32) WHERE level = 0 AND idx = 1"),
        ("a changed tile", "UPDATE ledger_tile SET hashes = zeroblob(length(hashes)) WHERE level = 1"),
        ("a tile too many", "INSERT INTO ledger_tile SELECT 3, 0, hashes FROM ledger_tile WHERE level = 1"),
        ("no edge", "DELETE FROM ledger_state"),
        ("another size at the edge", "UPDATE ledger_state SET size = size - 1"),
        ("another edge", "UPDATE ledger_state SET frontier = zeroblob(length(frontier))"),
        ("no checkpoints", "DELETE FROM ledger_checkpoint"),
        ("no last checkpoint", "DELETE FROM ledger_checkpoint WHERE size = (SELECT max(size) FROM ledger_checkpoint)"),
        (
            "a checkpoint of another size",
            "UPDATE ledger_checkpoint SET size = size + 1 WHERE size = (SELECT min(size) FROM ledger_checkpoint)",
        ),
        (
            "a changed first checkpoint",
            "UPDATE ledger_checkpoint SET note = replace(note, char(10) || char(10), char(10) || 'x' || char(10) || char(10)) WHERE size = (SELECT min(size) FROM ledger_checkpoint)",
        ),
        (
            "a changed last checkpoint",
            "UPDATE ledger_checkpoint SET note = note || 'x' WHERE size = (SELECT max(size) FROM ledger_checkpoint)",
        ),
    ] {
        forge.must_find(what, &last, |raw| raw.execute_batch(change).unwrap());
    }
    let missing = forge.attempt(&ledger.kept, |raw| {
        let second = "SELECT size FROM ledger_checkpoint ORDER BY size LIMIT 1 OFFSET 1";
        raw.execute(&format!("DELETE FROM ledger_checkpoint WHERE size = ({second})"), []).unwrap();
    });
    assert!(matches!(missing.findings[..], [Finding::CheckpointMissing { .. }]), "{:?}", missing.findings);
    assert!(forge.attempt(&ledger.kept, |_| ()).is_sound());
}

#[test]
fn an_older_copy_that_was_put_back_is_found() {
    let ledger = Ledger::of(60);
    let older = ledger.folder.path().join("older.db");
    std::fs::copy(ledger.file(), &older).unwrap();
    let store = ledger.open(&ledger.file());
    let practice = practice(&store, "Oak Street Clinic");
    store.write_wait(access(practice), |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { add_person(tx, "R1", number(1)) }).unwrap();
    let key = SigningKey::parse(&ledger.key_text()).unwrap();
    let signed = store.system_wait(move |tx: &mut SystemTx<'_, '_>| -> Result<_, StoreError> {
        ledger::sequence(tx, 100)?;
        ledger::checkpoint(tx, ORIGIN, &key, now())
    });
    let newest = vec![signed.unwrap().unwrap().note];
    store.db().close();
    assert!(ledger.verify(&ledger.file(), &newest).is_sound());
    let report = ledger.verify(&older, &newest);
    let codes: Vec<_> = report.ledger.findings.iter().map(wellsent_ledger::Finding::code).collect();
    assert!(codes.contains(&"went-back") && codes.contains(&"truncated"), "{codes:?}");
    assert!(ledger.verify(&older, &ledger.last()).is_sound(), "with the older checkpoint nobody could see it");
    assert_ne!(report.ledger.root, Hash::from_bytes([0; 32]));
}

async fn house_with_rulings(backend: Backend) -> House {
    let house = House::build(Plan::on(backend)).await;
    for day in 9..14 {
        let patient = house.patient().await;
        house.visit(&patient, start() + SignedDuration::from_hours(24 * day)).await;
    }
    house.settle().await;
    house.wait_until(start() + SignedDuration::from_hours(48));
    house.settle().await;
    house
}

async fn cross_check(house: &House) -> CrossReport {
    let practice: PracticeId = house.practice;
    house.engine.store().system_read(move |tx: &mut SystemTx<'_, '_>| audit::cross_check(tx, practice)).await.unwrap()
}

#[test]
fn every_ruling_and_every_attempt_has_its_entry() {
    for backend in Backend::all() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let house = house_with_rulings(backend).await;
            let before = cross_check(&house).await;
            assert!(before.is_sound(), "{:?}", before.findings);
            assert!(before.rulings > 0 && before.attempts > 0 && before.waiting == before.rulings, "{before:?}");
            house.engine.sequence().await.unwrap();
            house.engine.checkpoint().await.unwrap();
            let placed = cross_check(&house).await;
            assert!(placed.is_sound(), "{:?}", placed.findings);
            assert_eq!((placed.rulings, placed.attempts, placed.waiting), (before.rulings, before.attempts, 0));
        });
    }
}

#[test]
fn rows_that_the_ledger_does_not_bear_out_are_found() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let house = house_with_rulings(Backend::Sqlite).await;
        house.engine.sequence().await.unwrap();
        let raw = Connection::open(house.folder.path().join("wellsent.db")).unwrap();
        let release = "(SELECT id FROM ruling WHERE ruling = 'release' ORDER BY id LIMIT 1)";
        for (what, change, undo) in [
            ("other facts", format!("UPDATE ruling SET facts_digest = zeroblob(32) WHERE id = {release}"), "facts_digest"),
            ("another slot", format!("UPDATE ruling SET ledger_slot = ledger_slot + 1 WHERE id = {release}"), "ledger_slot"),
            ("no batch", format!("UPDATE ruling SET ledger_batch = zeroblob(16) WHERE id = {release}"), "ledger_batch"),
            ("another ruling", format!("UPDATE ruling SET ruling = 'hold' WHERE id = {release}"), "ruling"),
        ] {
            raw.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM ruling").unwrap();
            raw.execute_batch(&change).unwrap();
            assert!(!cross_check(&house).await.is_sound(), "{what} went unnoticed");
            raw.execute_batch(&format!("UPDATE ruling SET {undo} = (SELECT k.{undo} FROM kept k WHERE k.id = ruling.id); DROP TABLE kept")).unwrap();
            assert!(cross_check(&house).await.is_sound());
        }
        // An attempt that went past the gate, and a release whose ruling was taken away.
        raw.execute_batch(
            "INSERT INTO attempt SELECT randomblob(16), practice_id, message_id, 99, randomblob(16), sender_id, state, started_at, deadline_at, valid_until, closed_at, checked_at, checks, NULL, failure, code, dup_risk, parts, brand_day FROM attempt LIMIT 1",
        )
        .unwrap();
        let report = cross_check(&house).await;
        assert!(matches!(report.findings[..], [CrossFinding::AttemptWithoutEntry { .. }]), "{:?}", report.findings);
        raw.execute_batch("DELETE FROM attempt WHERE n = 99").unwrap();
        raw.execute_batch(&format!("DELETE FROM ruling WHERE id = {release}")).unwrap();
        let report = cross_check(&house).await;
        assert!(matches!(report.findings[..], [CrossFinding::AttemptWithoutEntry { .. }]), "{:?}", report.findings);
    });
}
