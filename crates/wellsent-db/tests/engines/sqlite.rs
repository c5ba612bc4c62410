//! What only the embedded engine has: one file, one instance.

use crate::bench::*;
use wellsent_db::{Db, DbError, Options, Synchronous, Tx, args, statements};

statements! {
    JOURNAL = "PRAGMA journal_mode";
    SYNCHRONOUS = "PRAGMA synchronous";
    FOREIGN_KEYS = "PRAGMA foreign_keys";
    TRUSTED = "PRAGMA trusted_schema";
    CHECK = "PRAGMA integrity_check";
    CLEAR = "DELETE FROM thing";
}

fn pragma(db: &Db, sql: &'static wellsent_db::Sql) -> String {
    db.write_wait(move |tx: &mut Tx<'_>| {
        let row = tx.query_one(sql, &[])?;
        row.text(0).map(str::to_owned).or_else(|_| row.int(0).map(|value| value.to_string()))
    })
    .unwrap()
}

#[test]
fn the_writer_syncs_every_commit_unless_a_negative_control_asks_otherwise() {
    let bench = Bench::sqlite();
    let db = bench.ready(Options::default());
    assert_eq!(pragma(&db, JOURNAL), "wal");
    assert_eq!(pragma(&db, SYNCHRONOUS), "2");
    assert_eq!(pragma(&db, FOREIGN_KEYS), "1");
    assert_eq!(pragma(&db, TRUSTED), "0");
    drop(db);
    let db = bench.open(Options { synchronous: Synchronous::Normal, ..Options::default() });
    assert_eq!(pragma(&db, SYNCHRONOUS), "1");
}

#[test]
fn a_second_instance_is_refused_and_may_open_when_the_first_has_closed() {
    let bench = Bench::sqlite();
    let db = bench.ready(Options::default());
    let second = Db::open_sqlite(bench.path(), Options::default());
    assert_eq!(second.map(drop), Err(DbError::InUse { path: bench.path() }));
    let clone = db.clone();
    drop(db);
    assert!(matches!(Db::open_sqlite(bench.path(), Options::default()), Err(DbError::InUse { .. })));
    drop(clone);
    Db::open_sqlite(bench.path(), Options::default()).unwrap();
}

#[test]
fn a_reader_may_look_beside_a_running_instance_and_cannot_write() {
    let bench = Bench::sqlite();
    let db = bench.ready(Options::default());
    db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
    let reader = Db::open_sqlite_read_only(bench.path(), Options::default()).unwrap();
    assert_eq!(count(&reader), 1);
    assert_eq!(reader.write_wait(|tx: &mut Tx<'_>| put(tx, 2)), Err(DbError::ReadOnly));
    assert!(reader.read_wait(|tx: &mut Tx<'_>| put(tx, 2)).is_err());
    assert_eq!(reader.schema_version(SCHEMA), Ok(1));
    drop(db);
    drop(reader);
    let reader = Db::open_sqlite_read_only(bench.path(), Options::default()).unwrap();
    assert_eq!(count(&reader), 1, "also offline");
}

#[test]
fn what_is_no_database_is_told_and_a_missing_file_is_not_made_by_a_reader() {
    let bench = Bench::sqlite();
    assert!(matches!(Db::open_sqlite_read_only(bench.path(), Options::default()), Err(DbError::Open { .. })));
    assert!(!bench.path().exists());
    std::fs::write(bench.path(), "no database at all, but longer than a header of one hundred bytes ".repeat(20)).unwrap();
    let opened = Db::open_sqlite(bench.path(), Options::default());
    assert!(matches!(opened, Err(DbError::Corrupt { .. })), "{opened:?}");
}

#[test]
fn a_full_database_refuses_cleanly_and_recovers_when_there_is_room() {
    let bench = Bench::sqlite();
    let db = bench.ready(Options { max_pages: Some(60), ..Options::default() });
    let big = "x".repeat(20_000);
    let mut kept = 0;
    let full = loop {
        let big = big.clone();
        match db.write_wait(move |tx: &mut Tx<'_>| tx.execute(PUT, &args![kept, big.as_str(), 1_i64])) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(full, DbError::Full);
    assert!(kept > 3);
    assert!(!db.is_poisoned());
    assert_eq!(count(&db), kept);

    // In a group too, only those without room are refused.
    let threads = hold_writer(&db, || {
        let big = big.clone();
        queue_all(
            &db,
            vec![
                Box::new(|tx: &mut Tx<'_>| put(tx, 1000)),
                Box::new(move |tx: &mut Tx<'_>| tx.execute(PUT, &args![1001_i64, big.as_str(), 1_i64])),
                Box::new(|tx: &mut Tx<'_>| put(tx, 1002)),
            ],
        )
    });
    let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(answers, [Ok(1), Err(DbError::Full), Ok(1)]);

    db.write_wait(|tx: &mut Tx<'_>| tx.execute(CLEAR, &[])).unwrap();
    assert_eq!(db.write_wait(move |tx: &mut Tx<'_>| tx.execute(PUT, &args![1_i64, big.as_str(), 1_i64])), Ok(1));
    assert_eq!(pragma(&db, CHECK), "ok");
}

#[test]
fn a_snapshot_taken_under_writes_is_sound_and_holds_what_was_acknowledged() {
    let bench = Bench::sqlite();
    let db = bench.ready(Options::default());
    for id in 0..50 {
        db.write_wait(move |tx: &mut Tx<'_>| put(tx, id)).unwrap();
    }
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (writer, flag) = (db.clone(), stop.clone());
    let thread = std::thread::spawn(move || {
        let mut id = 50;
        while !flag.load(std::sync::atomic::Ordering::Relaxed) {
            writer.write_wait(move |tx: &mut Tx<'_>| put(tx, id)).unwrap();
            id += 1;
        }
    });
    let target = bench.path().with_extension("copy");
    db.snapshot_to(&target).unwrap();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    thread.join().unwrap();
    let again = db.snapshot_to(&target);
    assert!(matches!(again, Err(DbError::Open { .. })), "an existing file is not overwritten: {again:?}");

    let copy = Db::open_sqlite(&target, Options::default()).unwrap();
    let found = ids(&copy);
    assert!(found.len() >= 50 && found.len() as i64 <= count(&db));
    assert_eq!(found, (0..found.len() as i64).collect::<Vec<_>>(), "no gap");
    assert_eq!(pragma(&copy, CHECK), "ok");
}

#[cfg(unix)]
#[test]
fn every_file_of_the_database_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::sqlite();
    let db = bench.ready(Options::default());
    db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
    db.snapshot_to(bench.path().with_extension("copy")).unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(bench.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert_eq!(seen, 5, "file, log, shared memory, lock, copy");
}

#[test]
fn a_clean_close_leaves_no_log_behind() {
    let bench = Bench::sqlite();
    let db = bench.ready(Options::default());
    db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
    assert!(bench.path().with_extension("db-wal").exists());
    drop(db);
    assert!(!bench.path().with_extension("db-wal").exists());
}

#[test]
fn the_vfs_is_the_one_that_was_asked_for() {
    let bench = Bench::sqlite();
    let unknown = Db::open_sqlite(bench.path(), Options { vfs: Some("no-such-vfs".to_owned()), ..Options::default() });
    assert!(unknown.is_err());
    assert!(!bench.path().exists());
    let db = bench.ready(Options { vfs: Some("unix".to_owned()), ..Options::default() });
    assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)), Ok(1));
}
