//! Stored words to domain enums.

use crate::StoreError;

/// Parses a stored word, or names the column that holds an unknown one.
pub(crate) fn word<T>(parsed: Option<T>, table: &'static str, column: &'static str) -> Result<T, StoreError> {
    parsed.ok_or(StoreError::corrupt(table, column))
}
