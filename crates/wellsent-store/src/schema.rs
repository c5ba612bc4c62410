//! The schema of both engines from one text.

use std::sync::OnceLock;
use wellsent_db::Migration;

const INIT: &str = include_str!("../migrations/0001_init.sql");
const INIT_SQLITE: &str = include_str!("../migrations/0001_init.sqlite.sql");
const INIT_POSTGRES: &str = include_str!("../migrations/0001_init.postgres.sql");

/// The migrations, oldest first.
pub fn migrations() -> &'static [Migration] {
    static MIGRATIONS: OnceLock<Vec<Migration>> = OnceLock::new();
    MIGRATIONS.get_or_init(|| {
        vec![Migration {
            version: 1,
            name: "init",
            sqlite: Box::leak(format!("{}\n{INIT_SQLITE}", sqlite(INIT)).into_boxed_str()),
            postgres: Box::leak(format!("{INIT}\n{INIT_POSTGRES}").into_boxed_str()),
        }]
    })
}

/// SQLite's words for the types, strict tables, and rows kept in the order of their key.
fn sqlite(text: &str) -> String {
    text.replace("BIGINT", "INTEGER").replace("BOOLEAN", "INTEGER").replace("BYTEA", "BLOB").replace("\n);", "\n) STRICT, WITHOUT ROWID;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_strict_on_sqlite() {
        let text = sqlite(INIT);
        assert_eq!(text.matches("CREATE TABLE").count(), text.matches("STRICT, WITHOUT ROWID").count());
        assert!(!text.contains("BIGINT") && !text.contains("BYTEA"));
    }
}
