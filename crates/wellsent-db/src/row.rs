//! Rows that come back from the engine.

use crate::DbError;

/// One field as the engine gave it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Bool(bool),
    Text(String),
    Blob(Vec<u8>),
    /// A type that may not cross the seam (REAL, NUMERIC, dates ...).
    Foreign,
}

/// A row; columns are read by their index from 0.
///
/// A column of another type, or NULL where a value was asked for, is [`DbError::WrongType`]. Reading
/// never converts: a sum on PostgreSQL is NUMERIC and needs `CAST(SUM(x) AS BIGINT)` in the statement.
#[derive(Clone)]
pub struct Row {
    statement: &'static str,
    cells: Vec<Cell>,
}

/// Shows the statement and the width only: a row may be a patient's data.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}, {} columns)", self.statement, self.cells.len())
    }
}

impl Row {
    pub(crate) fn new(statement: &'static str, cells: Vec<Cell>) -> Self {
        Self { statement, cells }
    }

    /// The number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether the row has no columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn wrong(&self, column: usize) -> DbError {
        DbError::WrongType { statement: self.statement, column }
    }

    fn required<T>(&self, column: usize, value: Option<T>) -> Result<T, DbError> {
        value.ok_or_else(|| self.wrong(column))
    }

    /// An integer.
    pub fn int(&self, column: usize) -> Result<i64, DbError> {
        self.required(column, self.opt_int(column)?)
    }

    /// An integer or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Int(value)) => Ok(Some(*value)),
            _ => Err(self.wrong(column)),
        }
    }

    /// A truth value; on SQLite an integer that is exactly 0 or 1.
    pub fn bool(&self, column: usize) -> Result<bool, DbError> {
        self.required(column, self.opt_bool(column)?)
    }

    /// A truth value or NULL.
    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>, DbError> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Bool(value)) => Ok(Some(*value)),
            Some(Cell::Int(0)) => Ok(Some(false)),
            Some(Cell::Int(1)) => Ok(Some(true)),
            _ => Err(self.wrong(column)),
        }
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<&str, DbError> {
        self.required(column, self.opt_text(column)?)
    }

    /// Text or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, DbError> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(value)) => Ok(Some(value)),
            _ => Err(self.wrong(column)),
        }
    }

    /// Bytes.
    pub fn blob(&self, column: usize) -> Result<&[u8], DbError> {
        self.required(column, self.opt_blob(column)?)
    }

    /// Bytes or NULL.
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, DbError> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Blob(value)) => Ok(Some(value)),
            _ => Err(self.wrong(column)),
        }
    }

    /// A 16-byte identifier.
    pub fn id(&self, column: usize) -> Result<[u8; 16], DbError> {
        self.required(column, self.opt_id(column)?)
    }

    /// A 16-byte identifier or NULL.
    pub fn opt_id(&self, column: usize) -> Result<Option<[u8; 16]>, DbError> {
        self.opt_bytes(column)
    }

    /// Exactly `N` bytes, such as a 32-byte hash.
    pub fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N], DbError> {
        self.required(column, self.opt_bytes(column)?)
    }

    /// Exactly `N` bytes or NULL.
    pub fn opt_bytes<const N: usize>(&self, column: usize) -> Result<Option<[u8; N]>, DbError> {
        self.opt_blob(column)?.map(|bytes| <[u8; N]>::try_from(bytes).map_err(|_| self.wrong(column))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row::new("test", vec![Cell::Null, Cell::Int(2), Cell::Blob(vec![1; 15]), Cell::Foreign])
    }

    #[test]
    fn a_null_is_no_value_but_is_an_optional_one() {
        assert!(matches!(row().int(0), Err(DbError::WrongType { statement: "test", column: 0 })));
        assert!(matches!(row().opt_text(0), Ok(None)));
    }

    #[test]
    fn nothing_is_converted_on_the_way() {
        assert!(row().bool(1).is_err(), "2 is no truth value");
        assert!(row().text(1).is_err());
        assert!(row().id(2).is_err(), "15 bytes are no identifier");
        assert!(row().opt_int(3).is_err());
        assert!(row().opt_int(9).is_err(), "no such column");
    }
}
