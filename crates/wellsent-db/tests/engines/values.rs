//! What crosses the seam comes back as it was.

use crate::{bench::*, on_both};
use wellsent_db::{DbError, Options, Row, Tx, args, statements};

statements! {
    PUT_FIELDS = "INSERT INTO field (x, t, b, i) VALUES ($4, $3, $2, $1)";
    GET_FIELDS = "SELECT i, b, t, x FROM field";
    OR_DEFAULT = "SELECT COALESCE($1, 7), COALESCE($2, 'none')";
    UPSERT = "INSERT INTO thing (id, note, weight) VALUES ($1, $2, $3)
              ON CONFLICT (id) DO UPDATE SET weight = thing.weight + excluded.weight RETURNING id, weight";
    BY_WEIGHT = "SELECT id FROM thing WHERE weight = $1 ORDER BY id";
    PAGE = "SELECT id FROM thing WHERE id > $1 ORDER BY id LIMIT $2";
    SUM = "SELECT CAST(SUM(weight) AS BIGINT) FROM thing";
    HALF = sqlite "SELECT 0.5" postgres "SELECT CAST(0.5 AS DOUBLE PRECISION)";
}

fn fields(db: &wellsent_db::Db) -> Row {
    db.read_wait(|tx: &mut Tx<'_>| tx.query_one(GET_FIELDS, &[])).unwrap()
}

on_both! {
    fn nulls_of_every_type_go_in_and_come_out(bench) {
        let db = bench.ready(Options::default());
        db.write_wait(|tx: &mut Tx<'_>| {
            tx.execute(PUT_FIELDS, &args![None::<i64>, None::<bool>, None::<String>, None::<Vec<u8>>])
        })
        .unwrap();
        let row = fields(&db);
        assert_eq!(row.opt_int(0), Ok(None));
        assert_eq!(row.opt_bool(1), Ok(None));
        assert_eq!(row.opt_text(2), Ok(None));
        assert_eq!(row.opt_blob(3), Ok(None));
    }

    fn values_come_back_as_they_were_whatever_the_order_of_placeholders(bench) {
        let db = bench.ready(Options::default());
        let text = "Añ'\"; DROP — 💊";
        let blob: Vec<u8> = (0..=255).collect();
        let given = args![i64::MIN, true, text, blob.clone()];
        db.write_wait(move |tx: &mut Tx<'_>| tx.execute(PUT_FIELDS, &given)).unwrap();
        let row = fields(&db);
        assert_eq!(row.int(0), Ok(i64::MIN));
        assert_eq!(row.bool(1), Ok(true));
        assert_eq!(row.text(2), Ok(text));
        assert_eq!(row.blob(3), Ok(blob.as_slice()));
        assert!(matches!(row.text(0), Err(DbError::WrongType { column: 0, .. })));
    }

    fn a_null_keeps_its_type_inside_an_expression(bench) {
        let db = bench.ready(Options::default());
        let row = db
            .read_wait(|tx: &mut Tx<'_>| tx.query_one(OR_DEFAULT, &args![None::<i64>, None::<String>]))
            .unwrap();
        assert_eq!((row.int(0), row.text(1)), (Ok(7), Ok("none")));
    }

    fn an_upsert_returns_the_row_it_made(bench) {
        let db = bench.ready(Options::default());
        let upsert = |weight: i64| {
            db.write_wait(move |tx: &mut Tx<'_>| tx.query_one(UPSERT, &args![1_i64, "n", weight])?.int(1))
        };
        assert_eq!(upsert(5), Ok(5));
        assert_eq!(upsert(6), Ok(11));
    }

    fn many_statements_keep_their_order(bench) {
        let db = bench.ready(Options::default());
        let changed = db.write_wait(|tx: &mut Tx<'_>| {
            let rows: Vec<_> = (0..1000_i64).map(|id| args![id, "n", id % 10]).collect();
            tx.execute_many(PUT, &rows)
        });
        assert_eq!(changed, Ok(1000));
        let sets = db
            .read_wait(|tx: &mut Tx<'_>| {
                let wanted: Vec<_> = (0..600_i64).map(|n| args![n % 11]).collect();
                tx.query_many(BY_WEIGHT, &wanted)
            })
            .unwrap();
        assert_eq!(sets.len(), 600);
        for (n, set) in sets.iter().enumerate() {
            let expected = if n % 11 == 10 { None } else { Some(Ok((n % 11) as i64)) };
            assert_eq!(set.first().map(|row| row.int(0)), expected);
            assert_eq!(set.len(), if n % 11 == 10 { 0 } else { 100 });
        }
        let page = db.read_wait(|tx: &mut Tx<'_>| tx.query(PAGE, &args![990_i64, 3_i64])).unwrap();
        assert_eq!(page.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>(), Ok(vec![991, 992, 993]));
        let sum = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(SUM, &[])?.int(0));
        assert_eq!(sum, Ok(4500));
        let none: [[wellsent_db::Value; 3]; 0] = [];
        assert_eq!(db.write_wait(move |tx: &mut Tx<'_>| tx.execute_many(PUT, &none)), Ok(0));
    }

    fn a_type_that_may_not_cross_is_an_error_and_no_guess(bench) {
        let db = bench.ready(Options::default());
        let read = db.read_wait(|tx: &mut Tx<'_>| tx.query_one(HALF, &[])?.int(0));
        assert!(matches!(read, Err(DbError::WrongType { column: 0, .. })), "{read:?}");
    }

    fn one_row_means_one_row(bench) {
        let db = bench.ready(Options::default());
        db.write_wait(|tx: &mut Tx<'_>| {
            assert!(matches!(tx.query_one(IDS, &[]), Err(DbError::NoRow { .. })));
            put(tx, 1)?;
            put(tx, 2)?;
            assert!(matches!(tx.query_opt(IDS, &[]), Err(DbError::ManyRows { .. })));
            Ok::<_, DbError>(())
        })
        .unwrap();
        assert_eq!(count(&db), 2, "neither spoils the job");
    }
}
