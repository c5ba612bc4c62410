//! Errors are typed alike on both engines and carry no values.

use crate::{bench::*, on_both};
use wellsent_db::{DbError, Options, Tx, args, statements};

const CANARY: &str = "Quux-Canary-5550123";

statements! {
    PUT_PART = "INSERT INTO part (id, thing) VALUES ($1, $2)";
    NULL_NOTE = "INSERT INTO thing (id, note, weight) VALUES ($1, $2, 1)";
    BROKEN = "SELEC 1";
    MISSING = "SELECT * FROM no_such_table";
    NOTE_AS_INT = "INSERT INTO thing (id, note, weight) VALUES ($1, $2, $3)";
}

fn fail(db: &wellsent_db::Db, job: fn(&mut Tx<'_>) -> Result<u64, DbError>) -> DbError {
    let error = db.write_wait(job).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(CANARY) && !shown.contains("4242"), "a value leaks: {shown}");
    error
}

on_both! {
    fn violations_have_names_and_no_values(bench) {
        let db = bench.ready(Options::default());
        db.write_wait(|tx: &mut Tx<'_>| tx.execute(PUT, &args![4242_i64, CANARY, 1_i64])).unwrap();
        let unique = fail(&db, |tx| tx.execute(PUT, &args![4242_i64, CANARY, 1_i64]));
        assert!(matches!(&unique, DbError::Unique { constraint } if constraint.contains("thing")), "{unique:?}");
        assert!(unique.is_unique());
        let check = fail(&db, |tx| tx.execute(PUT, &args![4_i64, CANARY, -4242_i64]));
        assert_eq!(check, DbError::Check { constraint: "thing_weight".to_owned() });
        let key = fail(&db, |tx| tx.execute(PUT_PART, &args![4_i64, 42420_i64]));
        assert!(matches!(key, DbError::ForeignKey { .. }), "{key:?}");
        let null = fail(&db, |tx| tx.execute(NULL_NOTE, &args![5_i64, None::<String>]));
        assert!(matches!(&null, DbError::NotNull { column } if column.ends_with("note")), "{null:?}");
        let nul = fail(&db, |tx| tx.execute(PUT, &args![6_i64, format!("{CANARY}\0"), 1_i64]));
        assert!(matches!(&nul, DbError::Statement { code, .. } if code == "22021"), "{nul:?}");
        let kind = fail(&db, |tx| tx.execute(NOTE_AS_INT, &args![7_i64, CANARY, CANARY]));
        assert!(matches!(kind, DbError::Statement { .. }), "{kind:?}");
        assert_eq!(count(&db), 1);
    }

    fn a_wrong_number_of_parameters_is_named(bench) {
        let db = bench.ready(Options::default());
        let error = fail(&db, |tx| tx.execute(PUT, &args![1_i64]));
        assert!(
            matches!(&error, DbError::WrongCount { expected: 3, given: 1, .. }),
            "{error:?}"
        );
        let error = fail(&db, |tx| tx.execute(PUT, &args![1_i64, "n", 1_i64, 1_i64]));
        assert!(matches!(&error, DbError::WrongCount { expected: 3, given: 4, .. }), "{error:?}");
    }

    fn every_statement_can_be_prepared_and_a_broken_one_is_told(bench) {
        let db = bench.ready(Options::default());
        assert_eq!(db.prepare_all(crate::bench::ALL), vec![]);
        let errors = db.prepare_all(&[BROKEN, PUT, MISSING]);
        let names: Vec<&str> = errors
            .iter()
            .map(|error| match error {
                DbError::Statement { name, detail, .. } if !detail.is_empty() => *name,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(names, [BROKEN.name, MISSING.name]);
    }

    fn a_swallowed_failure_undoes_the_job_all_the_same(bench) {
        let db = bench.ready(Options::default());
        db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
        let outcome = db.write_wait(|tx: &mut Tx<'_>| {
            put(tx, 2)?;
            let _ = put(tx, 1);
            assert!(matches!(put(tx, 3), Err(DbError::Spoiled { .. })));
            Ok::<_, DbError>(())
        });
        assert!(matches!(outcome, Err(DbError::Unique { .. })), "{outcome:?}");
        assert_eq!(ids(&db), [1]);
    }

    fn a_reader_cannot_write(bench) {
        let db = bench.ready(Options::default());
        assert!(db.read_wait(|tx: &mut Tx<'_>| put(tx, 1)).is_err());
        assert_eq!(count(&db), 0);
    }
}
