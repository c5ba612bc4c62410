//! What only a server has: other clients, lost lines, deadlocks.

use crate::bench::*;
use std::{sync::mpsc, time::Duration};
use wellsent_db::{Db, DbError, Options, Tx, args, statements};

statements! {
    PID = "SELECT pg_backend_pid()";
    KILL = "SELECT pg_terminate_backend(CAST($1 AS INTEGER))";
    SCHEMA_NAME = "SELECT current_schema()";
    SETTING = "SELECT current_setting($1)";
    DEFER = "SET CONSTRAINTS ALL DEFERRED";
    PUT_CHILD = "INSERT INTO child (id, parent) VALUES ($1, $2)";
    ALL_OF_WIDE = "SELECT * FROM wide";
    PUT_WIDE = "INSERT INTO wide VALUES (1)";
    SLEEP = "SELECT pg_sleep(5)";
}

fn pid(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.query_one(PID, &[])?.int(0)
}

#[test]
fn a_deadlock_is_run_again_and_both_sides_are_kept_once() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    // No groups: the two sides have to be on two connections.
    let db = bench.open(Options { writers: 2, group_max: Some(1), ..Options::default() });
    db.migrate(SCHEMA).unwrap();
    db.write_wait(|tx: &mut Tx<'_>| put(tx, 1).and_then(|_| put(tx, 2))).unwrap();
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
    let sides: Vec<_> = [(1_i64, 2_i64), (2, 1)]
        .into_iter()
        .map(|(first, second)| {
            let (db, barrier) = (db.clone(), barrier.clone());
            std::thread::spawn(move || {
                let mut met = false;
                db.write_wait(move |tx: &mut Tx<'_>| {
                    tx.execute(ADD, &args![first, 10_i64])?;
                    if !met {
                        met = true;
                        barrier.wait();
                    }
                    tx.execute(ADD, &args![second, 10_i64])
                })
            })
        })
        .collect();
    for side in sides {
        assert_eq!(side.join().unwrap(), Ok(1));
    }
    assert!(db.stats().reruns >= 1, "there was a deadlock");
    for id in [1_i64, 2] {
        let weight = db.read_wait(move |tx: &mut Tx<'_>| tx.query_one(WEIGHT, &args![id])?.int(0));
        assert_eq!(weight, Ok(21));
    }
}

#[test]
fn a_connection_that_died_while_idle_is_replaced_unnoticed() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let db = bench.ready(Options::default());
    let killer = bench.open(Options { writers: 1, readers: 1, ..Options::default() });
    let victim = db.write_wait(pid).unwrap();
    killer.write_wait(move |tx: &mut Tx<'_>| tx.query_one(KILL, &args![victim])).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)), Ok(1));
    assert_eq!(ids(&db), [1]);
}

#[test]
fn a_connection_that_dies_inside_a_group_keeps_every_job_once() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let db = bench.ready(Options::default());
    let killer = bench.open(Options { writers: 1, readers: 1, ..Options::default() });
    let threads = hold_writer(&db, || {
        let mut struck = false;
        queue_all(
            &db,
            vec![
                Box::new(|tx: &mut Tx<'_>| put(tx, 1)),
                Box::new(move |tx: &mut Tx<'_>| {
                    put(tx, 2)?;
                    if !struck {
                        struck = true;
                        let victim = pid(tx)?;
                        let killer = killer.clone();
                        std::thread::spawn(move || killer.write_wait(move |tx: &mut Tx<'_>| tx.query_one(KILL, &args![victim])))
                            .join()
                            .unwrap()?;
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    put(tx, 20)
                }),
                Box::new(|tx: &mut Tx<'_>| put(tx, 3)),
            ],
        )
    });
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(1));
    }
    assert_eq!(ids(&db), [1, 2, 3, 20]);
}

#[test]
fn a_constraint_checked_at_commit_refuses_only_its_job() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let db = bench.ready(Options::default());
    let url = bench.url().rsplit('/').next().unwrap().to_owned();
    crate::server::Postgres::shared()
        .unwrap()
        .run(&url, "CREATE TABLE child (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)")
        .unwrap();
    let lone = db.write_wait(|tx: &mut Tx<'_>| tx.execute(PUT_CHILD, &args![1_i64, 77_i64]));
    assert!(matches!(lone, Err(DbError::ForeignKey { .. })), "{lone:?}");
    let threads = hold_writer(&db, || {
        queue_all(
            &db,
            vec![
                Box::new(|tx: &mut Tx<'_>| put(tx, 1)),
                Box::new(|tx: &mut Tx<'_>| tx.execute(PUT_CHILD, &args![1_i64, 77_i64])),
                Box::new(|tx: &mut Tx<'_>| tx.execute(PUT_CHILD, &args![2_i64, 1_i64])),
            ],
        )
    });
    let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(matches!(answers[..], [Ok(1), Err(DbError::ForeignKey { .. }), Ok(1)]), "{answers:?}");
}

#[test]
fn a_plan_that_another_client_made_stale_is_made_anew() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let db = bench.ready(Options::default());
    let name = bench.url().rsplit('/').next().unwrap().to_owned();
    let server = crate::server::Postgres::shared().unwrap();
    server.run(&name, "CREATE TABLE wide (a BIGINT)").unwrap();
    db.write_wait(|tx: &mut Tx<'_>| tx.execute(PUT_WIDE, &[])).unwrap();
    let width = |db: &Db| db.read_wait(|tx: &mut Tx<'_>| Ok::<_, DbError>(tx.query_one(ALL_OF_WIDE, &[])?.len()));
    assert_eq!((width(&db), width(&db)), (Ok(1), Ok(1)));
    server.run(&name, "ALTER TABLE wide ADD COLUMN b BIGINT").unwrap();
    assert_eq!((width(&db), width(&db)), (Ok(2), Ok(2)));
}

#[test]
fn a_lock_or_a_statement_that_takes_too_long_is_a_timeout_and_the_connection_lives() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let db = bench.open(Options {
        writers: 2,
        lock_timeout: Duration::from_millis(100),
        statement_timeout: Duration::from_millis(300),
        ..Options::default()
    });
    db.migrate(SCHEMA).unwrap();
    db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
    let (locked, is_locked) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let holder = db.clone();
    let thread = std::thread::spawn(move || {
        holder.write_wait(move |tx: &mut Tx<'_>| {
            tx.execute(ADD, &args![1_i64, 1_i64])?;
            let _ = locked.send(());
            let _ = released.recv();
            Ok::<_, DbError>(())
        })
    });
    is_locked.recv().unwrap();
    let waited = db.write_wait(|tx: &mut Tx<'_>| tx.execute(ADD, &args![1_i64, 1_i64]));
    assert!(matches!(&waited, Err(error @ DbError::Timeout { .. }) if error.is_transient()), "{waited:?}");
    drop(release);
    thread.join().unwrap().unwrap();
    let slow = db.write_wait(|tx: &mut Tx<'_>| tx.query(SLEEP, &[]).map(drop));
    assert!(matches!(slow, Err(DbError::Timeout { .. })), "{slow:?}");
    assert_eq!(db.write_wait(|tx: &mut Tx<'_>| tx.execute(ADD, &args![1_i64, 1_i64])), Ok(1));
}

#[test]
fn a_schema_can_be_pinned_and_commits_wait_for_the_disk() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let name = bench.url().rsplit('/').next().unwrap().to_owned();
    crate::server::Postgres::shared().unwrap().run(&name, "CREATE SCHEMA \"odd \"\"name\"").unwrap();
    let db = bench.open(Options { schema: Some("odd \"name".to_owned()), ..Options::default() });
    db.migrate(SCHEMA).unwrap();
    let found = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(SCHEMA_NAME, &[])?.text(0).map(str::to_owned));
    assert_eq!(found.as_deref(), Ok("odd \"name"));
    let sync = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(SETTING, &args!["synchronous_commit"])?.text(0).map(str::to_owned));
    assert_eq!(sync.as_deref(), Ok("on"), "though the test server's default is off");
}

#[test]
fn a_server_that_is_not_there_is_told_without_the_password() {
    let refused = Db::open_postgres("postgres://u:Quux-Secret@127.0.0.1:1/x", Options::default());
    match refused {
        Err(DbError::Open { reason }) => assert!(!reason.contains("Quux"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let url = Db::open_postgres("postgres://u:Quux-Secret@:::/x", Options::default());
    assert!(!format!("{url:?}").contains("Quux"));
}
