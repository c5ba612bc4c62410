//! Both engines have the same schema and understand every statement.

use std::collections::{BTreeMap, BTreeSet};
use wellsent_db::{Db, Options};
use wellsent_store::{migrations, statements};
use wellsent_testkit::house::Backend;
use wellsent_testkit::postgres::Postgres;

/// Whether a column may be empty, by table and column.
type Columns = BTreeMap<(String, String), bool>;

#[test]
fn every_statement_prepares_on_both_engines() {
    for backend in Backend::all() {
        let folder = tempfile::tempdir().unwrap();
        let db = backend.open(&folder, Options::default());
        let statements = statements();
        let refused = db.prepare_all(&statements);
        assert!(refused.is_empty(), "{backend:?}: {refused:#?}");
        println!(
            "{backend:?}: {} statements, {} of them differ between the engines",
            statements.len(),
            statements.iter().filter(|sql| sql.is_pair()).count()
        );
        assert!(statements.len() > 150);
    }
}

#[test]
fn statement_names_are_unique() {
    let mut seen = BTreeSet::new();
    for statement in statements() {
        assert!(seen.insert(statement.name), "{} stands twice", statement.name);
    }
}

#[test]
fn the_tables_have_the_same_columns_on_both_engines() {
    let Some(server) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    drop(Backend::Sqlite.open(&folder, Options::default()));
    let raw = rusqlite::Connection::open(folder.path().join("wellsent.db")).unwrap();
    let mut statement = raw
        .prepare("SELECT m.name, p.name, p.\"notnull\" FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'")
        .unwrap();
    let sqlite: Columns = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? == 0)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();

    let url = server.database();
    Db::open_postgres(&url, Options::default()).unwrap().migrate(migrations()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let postgres: Columns = runtime.block_on(async {
        let client = crate::fixture::connect(url.parse().unwrap()).await;
        let rows = client
            .query("SELECT table_name::text, column_name::text, is_nullable::text FROM information_schema.columns WHERE table_schema = 'public'", &[])
            .await
            .unwrap();
        rows.iter().map(|row| ((row.get(0), row.get(1)), row.get::<_, String>(2) == "YES")).collect()
    });
    // The table of the migrations belongs to the seam, which writes it for each engine.
    let own = |columns: Columns| columns.into_iter().filter(|((table, _), _)| table != "wellsent_schema").collect::<Columns>();
    let (sqlite, postgres) = (own(sqlite), own(postgres));
    assert!(sqlite.len() > 250, "{}", sqlite.len());
    println!("{} columns", sqlite.len());
    assert_eq!(sqlite, postgres);
}
