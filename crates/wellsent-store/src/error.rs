//! What can go wrong in the store. No variant carries a value of a person.

use wellsent_db::DbError;
use wellsent_vault::VaultError;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A sealed value does not open: the key is wrong, or the row was altered.
    #[error(
        "a sealed value of {table}.{column} does not open; check that the key file belongs to this database, then run `wellsent doctor`"
    )]
    Sealed {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What the vault says.
        source: VaultError,
    },
    /// A practice's data key does not unwrap.
    #[error("the data key of a practice does not unwrap with this key file; use the key file that belongs to this database")]
    Key(#[source] VaultError),
    /// A stored word is unknown here: the row was altered, or written by a newer version.
    #[error("{table}.{column} holds a value that this version does not know")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// What was asked for does not exist in this practice.
    #[error("there is no such {what} in this practice")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
    },
    /// It exists, and is not in the state that the change needs.
    #[error("the {what} has changed in the meantime; load it again")]
    Stale {
        /// The kind of thing.
        what: &'static str,
    },
}

impl StoreError {
    /// A stored word that is unknown.
    pub(crate) const fn corrupt(table: &'static str, column: &'static str) -> Self {
        Self::Corrupt { table, column }
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Db(error) if error.is_transient())
    }
}
