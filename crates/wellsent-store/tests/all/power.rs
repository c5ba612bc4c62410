//! What was acknowledged is there after a power cut at any moment, a full disk and a failing sync (P5).
//!
//! The negative control is the same workload with `synchronous=NORMAL`, which must lose acknowledged work.

use crate::fixture::{access, add_person, now, number, practice};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use wellsent_db::{Db, DbError, Options, Synchronous};
use wellsent_domain::consent::Channel;
use wellsent_domain::{PersonId, PracticeId};
use wellsent_ledger::{SigningKey, VerifyingKey};
use wellsent_store::{Store, StoreError, SystemTx, Tx, audit, ledger, migrations, numbers, people};
use wellsent_testkit::power::{Chance, Child, Disk, FailingCall, Fault, Recording, record};
use wellsent_vault::Kek;

const ORIGIN: &str = "wellsent.example/power";
const FILE: &str = "wellsent.db";
/// Enough for checkpoints to happen between the rounds: the writer folds its log after half a second without work.
const REST: Duration = Duration::from_millis(700);

fn options(synchronous: Synchronous) -> Options {
    Options { synchronous, readers: 1, ..Options::default() }
}

/// The workload, in a process of its own. Lines: `person`, `stop`, `checkpoint`, and for failures `full`, `unknown`, `poisoned`, `failed`.
#[test]
#[ignore = "the other tests of this file run it as a child process"]
fn workload() {
    let Some(child) = Child::of_this_process() else { return };
    let keys = std::env::var("WELLSENT_KEYS").unwrap();
    let synchronous = if std::env::var_os("WELLSENT_CARELESS").is_some() { Synchronous::Normal } else { Synchronous::Full };
    let open = || {
        let db = Db::open_sqlite(child.folder.join(FILE), options(synchronous)).unwrap();
        db.migrate(migrations()).unwrap();
        Store::new(db, Kek::load(Path::new(&keys).join("kek")).unwrap())
    };
    let mut store = open();
    let practice = practice(&store, "Elm Street Clinic");
    child.acknowledge(&format!("practice {practice}"));
    let sign = |store: &Store| {
        let key = SigningKey::load(Path::new(&keys).join("signing")).unwrap();
        let signed = store.system_wait(move |tx: &mut SystemTx<'_, '_>| -> Result<_, StoreError> {
            ledger::sequence(tx, 10_000)?;
            ledger::checkpoint(tx, ORIGIN, &key, now())
        });
        match signed {
            Ok(Some(signed)) => child.acknowledge(&format!("checkpoint {}", signed.note.replace('\n', "|"))),
            Ok(None) => {}
            Err(error) => child.acknowledge(&failure(&error)),
        }
    };
    for round in 0..4 {
        std::thread::scope(|scope| {
            for thread in 0..4_usize {
                let (store, child) = (store.clone(), &child);
                scope.spawn(move || work(&store, child, practice, round * 1_000 + thread * 100));
            }
        });
        sign(&store);
        if store.db().is_poisoned() {
            // As a process does that leaves and is started again, on a machine that stays up.
            store.db().close();
            drop(store);
            store = open();
            child.acknowledge("reopened");
        }
        if round % 2 == 0 {
            std::thread::sleep(REST);
        }
    }
    store.db().close();
}

fn work(store: &Store, child: &Child, practice: PracticeId, first: usize) {
    for n in first..first + 12 {
        let stop = n % 4 == 3;
        let done = store.write_wait(access(practice), move |tx: &mut Tx<'_, '_>| -> Result<PersonId, StoreError> {
            let (person, _) = add_person(tx, &format!("R{n}"), number(n % 400))?;
            if stop {
                let key = numbers::key(tx, number(n % 400));
                numbers::suppress(tx, key, Channel::Text, None, now())?;
            }
            Ok(person)
        });
        match done {
            Ok(person) => {
                child.acknowledge(&format!("person {person}"));
                if stop {
                    child.acknowledge(&format!("stop {}", n % 400));
                }
            }
            Err(error) => child.acknowledge(&failure(&error)),
        }
    }
}

fn failure(error: &StoreError) -> String {
    match error {
        StoreError::Db(DbError::CommitUnknown) => "unknown".to_owned(),
        StoreError::Db(DbError::Poisoned) => "poisoned".to_owned(),
        StoreError::Db(DbError::Full) => "full".to_owned(),
        StoreError::Db(DbError::Io { .. }) => "io".to_owned(),
        other => format!("failed {other:?}"),
    }
}

struct Rig {
    keys: tempfile::TempDir,
    verifying: VerifyingKey,
}

impl Rig {
    fn new() -> Self {
        let keys = tempfile::tempdir().unwrap();
        Kek::generate().write_new(keys.path().join("kek")).unwrap();
        let signing = SigningKey::generate(ORIGIN).unwrap();
        let verifying = signing.verifying_key().clone();
        signing.write_new(keys.path().join("signing")).unwrap();
        Self { keys, verifying }
    }

    fn record(&self, careless: bool, fault: Option<Fault>) -> Recording {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = vec![("WELLSENT_KEYS", self.keys.path().to_str().unwrap())];
        if careless {
            variables.push(("WELLSENT_CARELESS", "1"));
        }
        record("power::workload", folder.path(), &variables, fault)
    }

    /// What is wrong with a disk after the power came back.
    fn faults_of(&self, disk: &Disk, acknowledged: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir_in(memory()).unwrap();
        disk.write_to(folder.path());
        let file = folder.path().join(FILE);
        let opened = Db::open_sqlite(&file, options(Synchronous::Full)).and_then(|db| db.migrate(migrations()).map(|()| db));
        let db = match opened {
            Ok(db) => db,
            Err(error) => return vec![format!("it does not open: {error}")],
        };
        let store = Store::new(db, Kek::load(self.keys.path().join("kek")).unwrap());
        let mut wrong = self.missing(&store, acknowledged);
        store.db().close();
        drop(store);
        let raw = rusqlite::Connection::open(&file).unwrap();
        let sound: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap_or_else(|error| error.to_string());
        if sound != "ok" {
            wrong.push(format!("damaged: {sound}"));
        }
        let strays: i64 = raw.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap_or(-1);
        if strays != 0 {
            wrong.push(format!("damaged: {strays} references lead nowhere"));
        }
        wrong
    }

    fn missing(&self, store: &Store, acknowledged: &[&str]) -> Vec<String> {
        let of =
            |kind: &'static str| acknowledged.iter().filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' ')).map(str::to_owned);
        let Some(practice) = of("practice").next() else { return Vec::new() };
        let practice: PracticeId = practice.parse().unwrap();
        let (persons, stops): (Vec<String>, Vec<String>) = (of("person").collect(), of("stop").collect());
        let checked = store.read_wait(access(practice), move |tx: &mut Tx<'_, '_>| -> Result<Vec<String>, StoreError> {
            let mut wrong = Vec::new();
            for person in &persons {
                match people::get(tx, person.parse().unwrap()) {
                    Ok(_) if !people::contacts(tx, person.parse().unwrap())?.is_empty() => {}
                    _ => wrong.push(format!("lost: person {person}")),
                }
            }
            for stop in &stops {
                let key = numbers::key(tx, number(stop.parse().unwrap()));
                if !numbers::is_suppressed(tx, key)? {
                    wrong.push(format!("lost: stop {stop}"));
                }
            }
            Ok(wrong)
        });
        let mut wrong = checked.unwrap_or_else(|error| vec![format!("lost: the practice ({error})")]);
        let kept: Vec<String> = of("checkpoint").map(|note| note.replace('|', "\n")).collect();
        let keys = [self.verifying.clone()];
        match store.system_read_wait(move |tx: &mut SystemTx<'_, '_>| audit::verify(tx, &keys, ORIGIN, &kept)) {
            Ok(report) if report.is_sound() || of("checkpoint").next().is_none() => {}
            Ok(report) => wrong.push(format!("lost: ledger {:?} {:?}", report.ledger.findings, report.findings)),
            Err(error) => wrong.push(format!("damaged: ledger {error}")),
        }
        wrong
    }

    /// Cuts the power at many moments. Returns how many disks there were and what was wrong with some, by what it was.
    fn try_cuts(&self, recording: &Recording, most: usize, seed: u64) -> (usize, BTreeMap<String, usize>) {
        let mut chance = Chance::new(seed);
        let moments = recording.moments(most, &mut chance);
        let all = recording.acknowledgements();
        let (mut disks, mut wrong) = (0, BTreeMap::new());
        recording.cuts(&moments, &mut chance, |disk| {
            disks += 1;
            for fault in self.faults_of(disk, &all[..disk.acknowledged]) {
                let kind = fault.split(' ').take(2).collect::<Vec<_>>().join(" ");
                if !wrong.contains_key(&kind) {
                    println!("at {} of {}, {:?} of the cache on the disk: {fault}", disk.at, recording.len(), disk.survivors);
                }
                *wrong.entry(kind).or_insert(0) += 1;
            }
        });
        (disks, wrong)
    }
}

/// A folder in memory, where the machine has one: the recovered databases need no real disk.
fn memory() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new("/tmp") }
}

fn count(recording: &Recording, word: &str) -> usize {
    recording.acknowledgements().iter().filter(|line| line.split(' ').next() == Some(word)).count()
}

/// How many moments are tried; `WELLSENT_POWER_CUTS` asks for more.
fn cuts(usual: usize) -> usize {
    std::env::var("WELLSENT_POWER_CUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged() {
    let rig = Rig::new();
    let recording = rig.record(false, None);
    assert_eq!(count(&recording, "person"), 192, "{:?}", recording.acknowledgements());
    assert_eq!((count(&recording, "stop"), count(&recording, "checkpoint")), (48, 4));
    assert!(recording.syncs("-wal") > 40, "every commit is synced: {}", recording.syncs("-wal"));
    assert!(recording.syncs(FILE) >= 2, "the log was folded into the file in the middle of the run");
    let began = Instant::now();
    let (disks, wrong) = rig.try_cuts(&recording, cuts(110), 1);
    println!("{disks} disks from {} operations in {:?}", recording.len(), began.elapsed());
    assert!(disks >= 3 * 200, "{disks}");
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn without_a_sync_at_each_commit_the_same_check_finds_lost_work() {
    let rig = Rig::new();
    let recording = rig.record(true, None);
    assert_eq!(count(&recording, "person"), 192);
    let (disks, wrong) = rig.try_cuts(&recording, 20, 2);
    println!("{disks} disks: {wrong:?}");
    assert!(wrong.get("lost: person").is_some_and(|lost| *lost > 20), "{wrong:?}");
    assert!(
        !wrong.keys().any(|kind| kind.starts_with("damaged") || kind.starts_with("it does")),
        "work is lost, and the file stays sound: {wrong:?}"
    );
}

#[test]
fn a_failing_sync_makes_the_outcome_unknown_and_after_reopening_nothing_acknowledged_is_lost() {
    let rig = Rig::new();
    for (from, suffix) in [(9, "-wal"), (25, "-wal"), (45, "-wal"), (2, FILE), (3, FILE)] {
        let recording = rig.record(false, Some(Fault { call: FailingCall::Sync, suffix, from, count: 1 }));
        let (unknown, poisoned, reopened) = (count(&recording, "unknown"), count(&recording, "poisoned"), count(&recording, "reopened"));
        assert_eq!(count(&recording, "failed"), 0, "{:?}", recording.acknowledgements());
        println!("sync {from} of {suffix} fails: {unknown} unknown, {poisoned} refused, {reopened} reopened");
        if suffix == "-wal" && unknown > 0 {
            assert!(reopened == 1 && count(&recording, "person") + unknown + poisoned >= 192);
        }
        let (disks, wrong) = rig.try_cuts(&recording, cuts(16), from);
        println!("{disks} disks: {wrong:?}");
        assert!(wrong.is_empty(), "sync {from} of {suffix}: {wrong:?}");
    }
}

#[test]
fn a_full_disk_refuses_work_and_loses_none() {
    let rig = Rig::new();
    for (suffix, from) in [("-wal", 330), ("-wal", 333), (FILE, 5)] {
        let recording = rig.record(false, Some(Fault { call: FailingCall::Space, suffix, from, count: 12 }));
        let (full, unknown) = (count(&recording, "full"), count(&recording, "unknown"));
        println!("write {from} of {suffix} finds no room: {full} refused, {unknown} unknown");
        assert_eq!((count(&recording, "failed"), unknown), (0, 0), "{:?}", recording.acknowledgements());
        assert_eq!(full > 0, suffix == "-wal", "only a commit needs room at once");
        assert!(count(&recording, "person") > 150, "work goes on when there is room again");
        let (_, wrong) = rig.try_cuts(&recording, cuts(10), from);
        assert!(wrong.is_empty(), "write {from} of {suffix}: {wrong:?}");
    }
}

#[test]
fn a_failing_write_loses_nothing_that_was_acknowledged() {
    let rig = Rig::new();
    let recording = rig.record(false, Some(Fault { call: FailingCall::Write, suffix: "-wal", from: 260, count: 1 }));
    assert_eq!(count(&recording, "failed"), 0, "{:?}", recording.acknowledgements());
    assert!(count(&recording, "unknown") + count(&recording, "io") > 0);
    let (_, wrong) = rig.try_cuts(&recording, cuts(10), 9);
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn at_the_size_limit_work_is_refused_and_what_was_kept_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let kek = folder.path().join("kek");
    Kek::generate().write_new(&kek).unwrap();
    let open = |max_pages| {
        let db = Db::open_sqlite(&file, Options { max_pages, ..options(Synchronous::Full) }).unwrap();
        db.migrate(migrations()).unwrap();
        Store::new(db, Kek::load(&kek).unwrap())
    };
    let store = open(Some(150));
    let practice = practice(&store, "Elm Street Clinic");
    let add = |store: &Store, n: usize| {
        store.write_wait(access(practice), move |tx: &mut Tx<'_, '_>| {
            Ok::<_, StoreError>(add_person(tx, &format!("R{n}"), number(n % 400))?.0)
        })
    };
    let mut kept = Vec::new();
    let refused = (0..10_000).find_map(|n| add(&store, n).map(|person| kept.push(person)).err()).expect("the limit is reached");
    assert!(matches!(refused, StoreError::Db(DbError::Full)), "{refused:?}");
    assert!(!store.db().is_poisoned());
    assert!(kept.len() > 20);
    drop(store);
    let store = open(None);
    add(&store, 20_000).unwrap();
    let wanted = kept.clone();
    let found = store.read_wait(access(practice), move |tx: &mut Tx<'_, '_>| -> Result<usize, StoreError> {
        Ok(wanted.iter().filter(|person| people::get(tx, **person).is_ok()).count())
    });
    assert_eq!(found.unwrap(), kept.len());
}
