//! SQLite's result codes as our errors.

use crate::DbError;
use rusqlite::{Error, ErrorCode, ffi};

/// The part after the colon of "UNIQUE constraint failed: t.a, t.b": names, never values.
fn constraint(message: Option<&String>) -> String {
    message.and_then(|text| text.split_once(" constraint failed: ")).map(|(_, name)| name.to_owned()).unwrap_or_default()
}

/// Translates without copying a message that could hold a value.
pub(super) fn translate(statement: &'static str, error: &Error) -> DbError {
    match error {
        Error::SqliteFailure(code, message) => failure(statement, *code, message.as_ref()),
        // The text of the statement itself is at fault; values are bound, so it holds none.
        Error::SqlInputError { error, msg, .. } => {
            DbError::Statement { name: statement, code: error.extended_code.to_string(), detail: msg.clone() }
        }
        Error::ExecuteReturnedResults => {
            DbError::Statement { name: statement, code: "rows".to_owned(), detail: "the statement returns rows; use query".to_owned() }
        }
        Error::MultipleStatement => {
            DbError::Statement { name: statement, code: "several".to_owned(), detail: "the text holds more than one statement".to_owned() }
        }
        _ => DbError::Statement { name: statement, code: "driver".to_owned(), detail: String::new() },
    }
}

/// Translates a refusal to prepare a static text. Values are bound later, so the message holds none.
pub(super) fn translate_text(statement: &'static str, error: &Error) -> DbError {
    match error {
        Error::SqliteFailure(code, Some(message)) if code.code == ErrorCode::Unknown => {
            DbError::Statement { name: statement, code: code.extended_code.to_string(), detail: message.clone() }
        }
        _ => translate(statement, error),
    }
}

fn failure(statement: &'static str, error: ffi::Error, message: Option<&String>) -> DbError {
    let code = error.extended_code.to_string();
    match (error.code, error.extended_code) {
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
            DbError::Unique { constraint: constraint(message) }
        }
        (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => DbError::ForeignKey { constraint: String::new() },
        (_, ffi::SQLITE_CONSTRAINT_CHECK) => DbError::Check { constraint: constraint(message) },
        (_, ffi::SQLITE_CONSTRAINT_NOTNULL) => DbError::NotNull { column: constraint(message) },
        (ErrorCode::DiskFull, _) => DbError::Full,
        (ErrorCode::SystemIoFailure | ErrorCode::CannotOpen, _) => DbError::Io { code },
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => DbError::Corrupt { code },
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => DbError::Timeout { statement },
        (ErrorCode::ReadOnly, _) => DbError::ReadOnly,
        _ => DbError::Statement { name: statement, code, detail: String::new() },
    }
}
