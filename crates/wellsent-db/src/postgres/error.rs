//! PostgreSQL's SQLSTATE codes as our errors.

use crate::DbError;
use tokio_postgres::{Error, error::DbError as ServerError};

/// Translates without copying a message that could hold a value; DETAIL often does.
pub(super) fn translate(statement: &'static str, error: &Error) -> DbError {
    match error.as_db_error() {
        Some(server) => server_error(statement, server),
        None if error.is_closed() || is_io(error) => DbError::ConnectionLost,
        None => DbError::Statement { name: statement, code: "driver".to_owned(), detail: String::new() },
    }
}

fn is_io(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

fn server_error(statement: &'static str, server: &ServerError) -> DbError {
    let code = server.code().code();
    let constraint = || server.constraint().unwrap_or_default().to_owned();
    match code {
        "23505" => DbError::Unique { constraint: constraint() },
        "23503" => DbError::ForeignKey { constraint: constraint() },
        "23514" => DbError::Check { constraint: constraint() },
        "23502" => DbError::NotNull { column: server.column().unwrap_or_default().to_owned() },
        "40001" | "40P01" => DbError::Conflict { statement },
        // A plan or statement that the server has forgotten: prepared anew, it runs.
        "26000" => DbError::Conflict { statement },
        "0A000" if server.message().starts_with("cached plan") => DbError::Conflict { statement },
        "55P03" | "57014" => DbError::Timeout { statement },
        "42501" => DbError::Denied { statement },
        "53100" => DbError::Full,
        "58030" => DbError::Io { code: code.to_owned() },
        "XX001" | "XX002" => DbError::Corrupt { code: code.to_owned() },
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => DbError::ConnectionLost,
        // Class 42 is about the statement's text, which holds no values.
        _ if code.starts_with("42") => DbError::Statement { name: statement, code: code.to_owned(), detail: server.message().to_owned() },
        _ if code.starts_with("08") => DbError::ConnectionLost,
        _ => DbError::Statement { name: statement, code: code.to_owned(), detail: String::new() },
    }
}

/// Whether a failed COMMIT is certain to have kept nothing: a constraint checked at commit, a
/// serialization failure, or a transaction that had failed before.
pub(super) fn certainly_rolled_back(error: &Error) -> bool {
    error.as_db_error().is_some_and(|server| {
        let code = server.code().code();
        code.starts_with("23") || matches!(code, "40001" | "40002" | "40P01" | "25P02")
    })
}
