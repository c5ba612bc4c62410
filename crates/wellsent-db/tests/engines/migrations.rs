//! The schema's versions.

use crate::{bench::*, on_both};
use wellsent_db::{DbError, Migration, Options, Tx};

const SECOND: Migration = Migration {
    version: 2,
    name: "colour",
    sqlite: "ALTER TABLE thing ADD COLUMN colour TEXT; CREATE INDEX thing_colour ON thing (colour);",
    postgres: "ALTER TABLE thing ADD COLUMN colour TEXT; CREATE INDEX thing_colour ON thing (colour);",
};

on_both! {
    fn migrations_run_once_and_in_order(bench) {
        let db = bench.open(Options::default());
        assert_eq!(db.schema_version(SCHEMA), Ok(0));
        db.migrate(SCHEMA).unwrap();
        db.migrate(SCHEMA).unwrap();
        db.write_wait(|tx: &mut Tx<'_>| put(tx, 1)).unwrap();
        let both = [SCHEMA[0], SECOND];
        assert_eq!(db.schema_version(&both), Ok(1));
        db.migrate(&both).unwrap();
        assert_eq!(db.schema_version(&both), Ok(2));
        assert_eq!(db.write_wait(|tx: &mut Tx<'_>| put(tx, 2)), Ok(1), "old plans are made anew");
        assert_eq!(count(&db), 2);
    }

    fn a_newer_database_is_refused(bench) {
        let db = bench.open(Options::default());
        db.migrate(&[SCHEMA[0], SECOND]).unwrap();
        let refused = Err(DbError::NewerSchema { found: 2, known: 1 });
        assert_eq!(db.migrate(SCHEMA), refused);
        assert_eq!(db.schema_version(SCHEMA), Err(DbError::NewerSchema { found: 2, known: 1 }));
    }

    fn a_migration_that_changed_after_it_ran_is_refused(bench) {
        let db = bench.open(Options::default());
        db.migrate(&[SCHEMA[0], SECOND]).unwrap();
        let changed = Migration { sqlite: "SELECT 1;", postgres: "SELECT 1;", ..SCHEMA[0] };
        assert_eq!(db.migrate(&[changed, SECOND]), Err(DbError::MigrationChanged { version: 1 }));
        assert_eq!(db.migrate(&[SECOND]), Err(DbError::MigrationChanged { version: 1 }));
    }

    fn a_migration_that_fails_leaves_nothing(bench) {
        let db = bench.open(Options::default());
        let bad = Migration {
            version: 2,
            name: "bad",
            sqlite: "CREATE TABLE half (x INTEGER); CREATE TABLE half (x INTEGER);",
            postgres: "CREATE TABLE half (x BIGINT); CREATE TABLE half (x BIGINT);",
        };
        assert!(matches!(db.migrate(&[SCHEMA[0], bad]), Err(DbError::Statement { .. })));
        assert_eq!(db.schema_version(&[SCHEMA[0], bad]), Ok(0));
        db.migrate(SCHEMA).unwrap();
    }

    fn migrations_out_of_order_are_a_mistake(bench) {
        let db = bench.open(Options::default());
        assert_eq!(db.migrate(&[SECOND, SCHEMA[0]]), Err(DbError::MigrationOrder { version: 1 }));
    }

    fn several_nodes_migrate_one_at_a_time(bench) {
        if bench.engine == wellsent_db::Engine::Sqlite {
            return;
        }
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let db = bench.open(Options { writers: 1, readers: 1, ..Options::default() });
                std::thread::spawn(move || db.migrate(&[SCHEMA[0], SECOND]))
            })
            .collect();
        nodes.into_iter().for_each(|node| assert_eq!(node.join().unwrap(), Ok(())));
    }
}
