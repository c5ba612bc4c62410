//! Many jobs, one commit, and none undoes another.

use crate::{bench::*, on_both};
use std::sync::mpsc;
use wellsent_db::{DbError, Options, Tx, args};

fn five_with(third: Job<u64>) -> Vec<Job<u64>> {
    let mut jobs: Vec<Job<u64>> = [1, 2, 4, 5].map(|id| Box::new(move |tx: &mut Tx<'_>| put(tx, id)) as Job<u64>).into();
    jobs.insert(2, third);
    jobs
}

/// Runs five jobs in one transaction, the third of them being `third`, and answers what each learnt.
fn in_one_group(db: &wellsent_db::Db, third: Job<u64>) -> Vec<Result<u64, DbError>> {
    let before = db.stats();
    let threads = hold_writer(db, || queue_all(db, five_with(third)));
    let answers = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let after = db.stats();
    assert_eq!(after.commits - before.commits, 2, "the holder's commit and one for the five");
    answers
}

on_both! {
    fn a_thousand_concurrent_writes_need_far_fewer_commits(bench) {
        let db = bench.open(Options::default());
        db.migrate(SCHEMA).unwrap();
        let before = db.stats();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let writes: Vec<_> = (0..1000)
                .map(|id| tokio::spawn(db.write(move |tx: &mut Tx<'_>| put(tx, id))))
                .collect();
            for write in writes {
                write.await.unwrap().unwrap();
            }
        });
        let stats = db.stats();
        assert_eq!(count(&db), 1000);
        assert_eq!(stats.jobs - before.jobs, 1000);
        let commits = stats.commits - before.commits;
        assert!(commits < 400, "{commits} commits for 1000 writes");
        assert!(stats.largest_group > 1);
        assert!(stats.commit_micros_total > 0);
    }

    fn without_groups_every_write_is_a_commit(bench) {
        // The negative control of the test above.
        let db = bench.ready(Options { group_max: Some(1), ..Options::default() });
        let before = db.stats().commits;
        let threads = hold_writer(&db, || queue_all(&db, five_with(Box::new(|tx: &mut Tx<'_>| put(tx, 3)))));
        threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), Ok(1)));
        assert_eq!(db.stats().commits - before, 6);
    }

    fn a_job_that_refuses_undoes_only_itself(bench) {
        let db = bench.ready(Options::default());
        let answers = in_one_group(&db, Box::new(|tx: &mut Tx<'_>| {
            put(tx, 3)?;
            Err(DbError::Injected)
        }));
        assert_eq!(answers, [Ok(1), Ok(1), Err(DbError::Injected), Ok(1), Ok(1)]);
        assert_eq!(ids(&db), [1, 2, 4, 5]);
    }

    fn a_statement_that_fails_undoes_only_its_job(bench) {
        let db = bench.ready(Options::default());
        let answers = in_one_group(&db, Box::new(|tx: &mut Tx<'_>| {
            put(tx, 3)?;
            put(tx, 1)
        }));
        assert!(matches!(answers[2], Err(DbError::Unique { .. })), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| **answer == Ok(1)).count(), 4);
        assert_eq!(ids(&db), [1, 2, 4, 5]);
    }

    fn a_job_that_panics_undoes_only_itself(bench) {
        let db = bench.ready(Options::default());
        let answers = in_one_group(&db, Box::new(|tx: &mut Tx<'_>| {
            put(tx, 3)?;
            panic!("on purpose");
        }));
        assert_eq!(answers, [Ok(1), Ok(1), Err(DbError::JobPanicked), Ok(1), Ok(1)]);
        assert_eq!(ids(&db), [1, 2, 4, 5]);
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 6)), Ok(1), "the writer lives on");
    }

    fn a_lone_job_that_panics_leaves_nothing(bench) {
        let db = bench.ready(Options::default());
        let answer = db.write_wait(|tx: &mut Tx<'_>| -> Result<(), DbError> {
            put(tx, 3)?;
            panic!("on purpose");
        });
        assert_eq!(answer, Err(DbError::JobPanicked));
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 3)), Ok(1));
    }

    fn a_reader_sees_one_committed_state(bench) {
        let db = bench.ready(Options::default());
        let (wrote, written) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let writer = db.clone();
        let thread = std::thread::spawn(move || {
            writer.write_wait(move |tx: &mut Tx<'_>| {
                put(tx, 1)?;
                let _ = wrote.send(());
                let _ = may_go_on.recv();
                Ok::<_, DbError>(())
            })
        });
        written.recv().unwrap();
        assert_eq!(count(&db), 0, "not committed yet");
        let inside = db.clone();
        let (first, second) = db
            .read_wait(move |tx: &mut Tx<'_>| {
                let first = tx.query_one(COUNT, &[])?.int(0)?;
                let _ = go_on.send(());
                // Wait until another reader sees the commit; this one must not.
                while inside.stats().commits < 2 {
                    std::thread::yield_now();
                }
                Ok::<_, DbError>((first, tx.query_one(COUNT, &[])?.int(0)?))
            })
            .unwrap();
        thread.join().unwrap().unwrap();
        assert_eq!((first, second), (0, 0));
        assert_eq!(count(&db), 1);
    }

    fn a_later_job_of_the_group_sees_the_earlier_ones(bench) {
        let db = bench.ready(Options::default());
        let answers = in_one_group(&db, Box::new(|tx: &mut Tx<'_>| {
            let seen = tx.query_one(COUNT, &[])?.int(0)?;
            tx.execute(PUT, &args![3_i64, "n", seen])
        }));
        assert!(answers.iter().all(Result::is_ok));
        let weight = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(WEIGHT, &args![3_i64])?.int(0));
        assert_eq!(weight, Ok(2));
    }
}
