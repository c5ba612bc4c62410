//! How jobs are taken, answered and refused.

use crate::{bench::*, on_both};
use wellsent_db::{DbError, Options, Tx};

on_both! {
    fn a_job_may_not_wait_for_another(bench) {
        let db = bench.ready(Options::default());
        let inner = db.clone();
        let answer = db.write_wait(move |_: &mut Tx<'_>| inner.write_wait(|tx: &mut Tx<'_>| put(tx, 1)));
        assert_eq!(answer, Err(DbError::Nested));
    }

    fn closing_finishes_what_waits_and_refuses_the_rest(bench) {
        let db = bench.ready(Options::default());
        let threads = hold_writer(&db, || {
            queue_all(&db, vec![
                Box::new(|tx: &mut Tx<'_>| put(tx, 1)),
                Box::new(|tx: &mut Tx<'_>| put(tx, 2)),
            ])
        });
        db.close();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Ok(1));
        }
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 3)), Err(DbError::Closed));
        drop(db);
        assert_eq!(ids(&bench.open(Options::default())), [1, 2]);
    }

    fn a_full_queue_says_so(bench) {
        let db = bench.ready(Options { queue_max: 2, ..Options::default() });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        hold_writer(&db, || {
            let threads = queue_all(&db, vec![
                Box::new(|tx: &mut Tx<'_>| put(tx, 1)),
                Box::new(|tx: &mut Tx<'_>| put(tx, 2)),
            ]);
            let refused = runtime.block_on(db.write(|tx: &mut Tx<'_>| put(tx, 3)));
            assert_eq!(refused, Err(DbError::Overloaded));
            threads
        })
        .into_iter()
        .for_each(|thread| assert_eq!(thread.join().unwrap(), Ok(1)));
    }

    fn a_caller_that_went_away_loses_nothing(bench) {
        let db = bench.ready(Options::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        hold_writer(&db, || {
            runtime.block_on(async {
                let write = db.write(|tx: &mut Tx<'_>| put(tx, 1));
                let waited = tokio::time::timeout(std::time::Duration::from_millis(5), write).await;
                assert!(waited.is_err(), "the writer is held");
            });
        });
        db.write_wait(|tx: &mut Tx<'_>| put(tx, 2)).unwrap();
        assert_eq!(ids(&db), [1, 2]);
    }

    fn errors_of_the_caller_pass_through(bench) {
        #[derive(Debug, PartialEq)]
        enum Own { Said, Db(DbError) }
        impl From<DbError> for Own { fn from(error: DbError) -> Self { Own::Db(error) } }
        let db = bench.ready(Options::default());
        assert_eq!(db.write_wait(|_: &mut Tx<'_>| Err::<(), _>(Own::Said)), Err(Own::Said));
        db.close();
        assert_eq!(db.write_wait(|_: &mut Tx<'_>| Ok::<(), Own>(())), Err(Own::Db(DbError::Closed)));
    }
}
