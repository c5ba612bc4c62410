//! Injected faults: what is answered and what is kept.

use crate::{bench::*, on_both};
use std::sync::Arc;
use wellsent_db::{DbError, Engine, FaultAction, FaultPoint, Faults, Options, Tx, args};

fn with(faults: &Arc<Faults>) -> Options {
    Options { faults: Some(Arc::clone(faults)), ..Options::default() }
}

on_both! {
    fn a_fault_at_any_statement_keeps_all_or_nothing(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        let three = |base: i64| move |tx: &mut Tx<'_>| {
            put(tx, base)?;
            put(tx, base + 1)?;
            tx.execute_many(PUT, &[args![base + 2, "n", 1_i64], args![base + 3, "n", 1_i64]])
        };
        let before = faults.seen(FaultPoint::Statement);
        db.write_wait(three(0)).unwrap();
        let statements = faults.seen(FaultPoint::Statement) - before;
        assert_eq!(statements, 4);
        for nth in 1..=statements {
            for (action, error) in [(FaultAction::Fail, DbError::Injected), (FaultAction::Full, DbError::Full)] {
                faults.arm(FaultPoint::Statement, nth, action);
                assert_eq!(db.write_wait(three(100)), Err(error), "statement {nth}");
                assert_eq!(ids(&db), [0, 1, 2, 3]);
            }
        }
        assert_eq!(db.write_wait(three(100)), Ok(2), "no fault is left");
    }

    fn a_swallowed_statement_does_nothing_and_says_that_it_did(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        faults.arm_statement(PUT.name, FaultAction::Swallow);
        assert!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).is_ok());
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| tx.execute_many(PUT, &[args![2_i64, "n", 1_i64], args![3_i64, "n", 1_i64]])), Ok(2));
        faults.arm_statement(WEIGHT.name, FaultAction::Swallow);
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| Ok::<_, DbError>(tx.query_opt(WEIGHT, &args![1_i64])?.is_none())), Ok(true));
        faults.clear();
        assert_eq!(ids(&db), Vec::<i64>::new());
    }

    fn a_stale_query_answers_as_it_did_the_first_time(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        let weight = |db: &wellsent_db::Db| db.write_wait(|tx: &mut Tx<'_>| tx.query_one(WEIGHT, &args![1_i64])?.int(0)).unwrap();
        db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
        faults.arm_statement(WEIGHT.name, FaultAction::Stale);
        let first = weight(&db);
        db.write_wait(|tx: &mut Tx<'_>| tx.execute(ADD, &args![1_i64, 10_i64])).unwrap();
        assert_eq!(weight(&db), first);
        faults.clear();
        assert_eq!(weight(&db), first + 10);
    }

    fn a_watcher_sees_the_parameters_of_its_statement_and_of_no_other(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        let seen = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        faults.watch(PUT.name, move |args| {
            count.fetch_add(args.len(), std::sync::atomic::Ordering::Relaxed);
        });
        db.write_wait(|tx: &mut Tx<'_>| {
            put(tx, 1)?;
            tx.execute(ADD, &args![1_i64, 10_i64])?;
            tx.execute_many(PUT, &[args![2_i64, "n", 1_i64], args![3_i64, "n", 1_i64]])
        })
        .unwrap();
        assert_eq!(seen.load(std::sync::atomic::Ordering::Relaxed), 3);
    }

    fn a_conflict_runs_the_job_again_and_keeps_it_once(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
        let add = |tx: &mut Tx<'_>| tx.execute(ADD, &args![1_i64, 10_i64]);
        faults.arm(FaultPoint::Statement, 1, FaultAction::Conflict);
        faults.arm(FaultPoint::BeforeCommit, 1, FaultAction::Conflict);
        assert_eq!(db.write_wait(add), Ok(1));
        assert!(db.stats().reruns >= 2);
        let weight = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(WEIGHT, &args![1_i64])?.int(0));
        assert_eq!(weight, Ok(11));
    }

    fn a_conflict_in_a_group_doubles_nobody(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
        for point in [FaultPoint::Statement, FaultPoint::BeforeCommit] {
            let threads = hold_writer(&db, || {
                let jobs = (0..5)
                    .map(|_| Box::new(|tx: &mut Tx<'_>| tx.execute(ADD, &args![1_i64, 10_i64])) as Box<_>)
                    .collect();
                let threads = queue_all(&db, jobs);
                // The third statement of the group; at COMMIT the second, after the holder's.
                faults.arm(point, if point == FaultPoint::Statement { 3 } else { 2 }, FaultAction::Conflict);
                threads
            });
            threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), Ok(1_u64)));
        }
        let weight = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(WEIGHT, &args![1_i64])?.int(0));
        assert_eq!(weight, Ok(101));
    }

    fn a_conflict_that_never_ends_is_told_in_the_end(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        faults.arm_always(FaultPoint::Statement, FaultAction::Conflict);
        let answer = db.write_wait(|tx: &mut Tx<'_>| put(tx, 1));
        assert!(matches!(&answer, Err(error @ DbError::Conflict { .. }) if error.is_transient()), "{answer:?}");
        faults.clear();
        assert_eq!(count(&db), 0);
    }

    fn an_unknown_commit_is_told_to_the_whole_group_and_nothing_is_done_on_its_strength(bench) {
        for (point, kept) in [(FaultPoint::BeforeCommit, false), (FaultPoint::AfterCommit, true)] {
            let base = if kept { 100 } else { 0 };
            let faults = Arc::new(Faults::new());
            let db = bench.ready(with(&faults));
            let threads = hold_writer(&db, || {
                let jobs = (0..3)
                    .map(|n| Box::new(move |tx: &mut Tx<'_>| put(tx, base + n)) as Box<_>)
                    .collect();
                let threads = queue_all(&db, jobs);
                faults.arm(point, 2, FaultAction::Fail);
                threads
            });
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Err::<u64, _>(DbError::CommitUnknown));
            }
            let next = db.write_wait(move |tx: &mut Tx<'_>| put(tx, base + 50));
            match bench.engine {
                // One connection: nothing on it can be trusted until the file is opened anew.
                Engine::Sqlite => {
                    assert!(db.is_poisoned());
                    assert_eq!(next, Err(DbError::Poisoned));
                    let read = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(COUNT, &[])?.int(0));
                    assert_eq!(read, Err(DbError::Poisoned));
                }
                // The connection was replaced.
                Engine::Postgres => assert_eq!(next, Ok(1)),
            }
            drop(db);
            let db = bench.open(Options::default());
            let found: Vec<i64> =
                ids(&db).into_iter().filter(|id| (base..base + 3).contains(id)).collect();
            assert_eq!(found, if kept { vec![base, base + 1, base + 2] } else { vec![] });
        }
    }

    fn a_full_disk_at_commit_keeps_nothing_and_is_no_unknown(bench) {
        let faults = Arc::new(Faults::new());
        let db = bench.ready(with(&faults));
        faults.arm(FaultPoint::BeforeCommit, 1, FaultAction::Full);
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)), Err(DbError::Full));
        assert_eq!(count(&db), 0);
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)), Ok(1), "it goes on when there is room");
    }
}
