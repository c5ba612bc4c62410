//! One PostgreSQL connection with a runtime of its own.
//!
//! The driver is asynchronous; the thread blocks on it. Control statements (SAVEPOINT, RELEASE) are not
//! sent by themselves but travel in front of the next statement without waiting for an answer, which
//! saves a round trip or two a job. BEGIN is the exception: a statement behind a BEGIN that failed would
//! run, and commit, on its own.

use super::{
    Target,
    error::{certainly_rolled_back, translate},
    types::{declared, signature},
};
use crate::{
    DbError, Engine, Row, Sql, Value,
    row::Cell,
    session::{CommitError, Mode, Session},
    sql::placeholders,
};
use futures_util::{
    TryStreamExt,
    future::{join, join_all},
};
use std::{collections::HashMap, time::Duration};
use tokio::{runtime::Runtime, task::JoinHandle, time::timeout};
use tokio_postgres::{Client, Error, NoTls, Statement};

/// How many statements are under way at once.
const PIPELINE: usize = 256;
/// Statements kept prepared; far more than the program has.
const STATEMENT_CACHE: usize = 2_048;

type Key = (usize, usize, usize, u128);

struct Line {
    client: Client,
    task: JoinHandle<()>,
    statements: HashMap<Key, Statement>,
}

pub(crate) struct Connection {
    target: Target,
    runtime: Runtime,
    line: Option<Line>,
    /// Control statements that go in front of the next one.
    pending: String,
    lost: bool,
}

impl Connection {
    pub(crate) fn open(target: Target) -> Result<Self, DbError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| DbError::Open { reason: "no runtime could be started".to_owned() })?;
        let mut connection = Self { target, runtime, line: None, pending: String::new(), lost: false };
        connection.connect()?;
        Ok(connection)
    }

    fn connect(&mut self) -> Result<(), DbError> {
        self.hang_up();
        let target = &self.target;
        let line = self.runtime.block_on(async {
            let attempt = async {
                let (client, driver) = target.config.connect(NoTls).await?;
                let task = tokio::spawn(async move {
                    // The client learns of the end through its own next call.
                    let _ = driver.await;
                });
                client.batch_execute(&target.settings).await?;
                Ok::<_, Error>(Line { client, task, statements: HashMap::new() })
            };
            timeout(target.connect_timeout, attempt).await
        });
        self.line = Some(match line {
            Ok(Ok(line)) => line,
            Ok(Err(error)) => {
                return Err(DbError::Open { reason: refusal(&error) });
            }
            Err(_) => {
                return Err(DbError::Open { reason: "the PostgreSQL server does not answer".to_owned() });
            }
        });
        self.lost = false;
        Ok(())
    }

    /// Ends the connection so that the server rolls back and lets go of its locks now.
    fn hang_up(&mut self) {
        self.pending.clear();
        if let Some(line) = self.line.take() {
            drop(line.client);
            self.runtime.block_on(async {
                let mut task = line.task;
                if timeout(Duration::from_millis(200), &mut task).await.is_err() {
                    task.abort();
                    let _ = task.await;
                }
            });
        }
    }

    fn fail(&mut self, statement: &'static str, error: &Error) -> DbError {
        let translated = translate(statement, error);
        let closed = self.line.as_ref().is_none_or(|line| line.client.is_closed());
        match translated {
            DbError::Conflict { .. } => {
                self.lost = true;
                let forgotten = |code: &tokio_postgres::error::SqlState| matches!(code.code(), "26000" | "0A000");
                if let Some(line) = &mut self.line
                    && error.code().is_some_and(forgotten)
                {
                    line.statements.clear();
                }
            }
            DbError::ConnectionLost => self.lost = true,
            _ if closed => {
                self.lost = true;
                return DbError::ConnectionLost;
            }
            _ => {}
        }
        translated
    }

    /// Sends what is pending and runs `work` right behind it; the first error of the two counts.
    fn send<T>(&mut self, statement: &'static str, work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, DbError> {
        let Some(line) = &self.line else {
            self.lost = true;
            return Err(DbError::ConnectionLost);
        };
        let pending = std::mem::take(&mut self.pending);
        let outcome = self.runtime.block_on(async {
            if pending.is_empty() {
                return work(&line.client).await;
            }
            // `join` polls in this order, and the first poll of each queues its message.
            let (control, outcome) = join(line.client.batch_execute(&pending), work(&line.client)).await;
            control.and(outcome)
        });
        outcome.map_err(|error| self.fail(statement, &error))
    }

    fn prepared(&mut self, sql: &Sql, args: &[Value]) -> Result<Statement, DbError> {
        let text = sql.postgres;
        let key = (text.as_ptr().addr(), text.len(), args.len(), signature(args));
        if let Some(statement) = self.line.as_ref().and_then(|line| line.statements.get(&key)) {
            return Ok(statement.clone());
        }
        // Told here because the server would accept declared types that no placeholder uses.
        let expected = placeholders(text);
        if expected != args.len() {
            return Err(DbError::WrongCount { statement: sql.name, expected, given: args.len() });
        }
        let types: Vec<_> = args.iter().map(declared).collect();
        let statement = self.send(sql.name, async |client| client.prepare_typed(text, &types).await)?;
        if let Some(line) = &mut self.line {
            if line.statements.len() >= STATEMENT_CACHE {
                line.statements.clear();
            }
            line.statements.insert(key, statement.clone());
        }
        Ok(statement)
    }

    /// The statement for many sets of parameters, which must all have the types of the first.
    fn prepared_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<Option<Statement>, DbError> {
        let Some(first) = args.first() else {
            return Ok(None);
        };
        for other in args {
            if let Some(column) = first.iter().zip(*other).position(|(a, b)| declared(a) != declared(b)) {
                return Err(DbError::WrongType { statement: sql.name, column });
            }
            if other.len() != first.len() {
                return Err(DbError::WrongCount { statement: sql.name, expected: first.len(), given: other.len() });
            }
        }
        self.prepared(sql, first).map(Some)
    }

    fn control(&mut self, text: &str) {
        if !self.pending.is_empty() {
            self.pending.push(';');
        }
        self.pending.push_str(text);
    }
}

/// Why a connection was refused, in words without a password.
fn refusal(error: &Error) -> String {
    match error.as_db_error() {
        Some(server) => format!("the PostgreSQL server refuses ({}): {}", server.code().code(), server.message()),
        None => format!("the PostgreSQL server cannot be reached: {error}"),
    }
}

async fn rows(client: &Client, statement: &Statement, args: &[Value]) -> Result<Vec<tokio_postgres::Row>, Error> {
    client.query_raw(statement, args).await?.try_collect().await
}

fn translated(sql: &Sql, rows: &[tokio_postgres::Row]) -> Result<Vec<Row>, DbError> {
    rows.iter()
        .map(|row| {
            let cell = |column| row.try_get::<_, Cell>(column).map_err(|_| DbError::WrongType { statement: sql.name, column });
            Ok(Row::new(sql.name, (0..row.len()).map(cell).collect::<Result<_, _>>()?))
        })
        .collect()
}

impl Session for Connection {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn begin(&mut self, mode: Mode) -> Result<(), DbError> {
        self.pending.clear();
        let text = match mode {
            Mode::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            // One snapshot throughout, as on SQLite.
            Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        if !self.lost && self.line.is_some() {
            match self.send("BEGIN", async |client| client.batch_execute(text).await) {
                Err(DbError::ConnectionLost) => {}
                other => return other,
            }
        }
        // Nothing has run yet, so a connection that died while idle is simply replaced.
        self.connect().map_err(|_| DbError::ConnectionLost)?;
        self.send("BEGIN", async |client| client.batch_execute(text).await)
    }

    fn savepoint(&mut self) -> Result<(), DbError> {
        self.control("SAVEPOINT job");
        Ok(())
    }

    fn release(&mut self) -> Result<(), DbError> {
        self.control("RELEASE SAVEPOINT job");
        Ok(())
    }

    fn rollback_to(&mut self) -> Result<(), DbError> {
        self.control("ROLLBACK TO SAVEPOINT job;RELEASE SAVEPOINT job");
        Ok(())
    }

    fn commit(&mut self) -> Result<(), CommitError> {
        // In a failed transaction COMMIT answers success and rolls back. Anything in front of it fails
        // there instead, and then COMMIT is not run.
        if self.pending.is_empty() {
            self.control("SELECT 1");
        }
        self.control("COMMIT");
        let text = std::mem::take(&mut self.pending);
        let Some(line) = &self.line else {
            return Err(CommitError::NotKept(DbError::ConnectionLost));
        };
        match self.runtime.block_on(line.client.batch_execute(&text)) {
            Ok(()) => Ok(()),
            Err(error) if certainly_rolled_back(&error) => {
                let error = self.fail("COMMIT", &error);
                self.rollback();
                Err(CommitError::NotKept(error))
            }
            Err(_) => Err(CommitError::Unknown),
        }
    }

    fn rollback(&mut self) {
        self.pending.clear();
        let rolled_back = match &self.line {
            Some(line) => self.runtime.block_on(line.client.batch_execute("ROLLBACK")).is_ok(),
            None => false,
        };
        if !rolled_back {
            self.hang_up();
        }
        self.lost = false;
    }

    fn transaction_lost(&self) -> bool {
        self.lost
    }

    fn distrust(&mut self) {
        self.hang_up();
    }

    fn execute(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
        let statement = self.prepared(sql, args)?;
        self.send(sql.name, async |client| client.execute_raw(&statement, args).await)
    }

    fn query(&mut self, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.prepared(sql, args)?;
        let found = self.send(sql.name, async |client| rows(client, &statement, args).await)?;
        translated(sql, &found)
    }

    fn execute_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<u64, DbError> {
        let Some(statement) = self.prepared_many(sql, args)? else {
            return Ok(0);
        };
        let mut changed = 0;
        for chunk in args.chunks(PIPELINE) {
            let counts = self.send(sql.name, async |client| {
                let all = join_all(chunk.iter().map(|args| client.execute_raw(&statement, *args))).await;
                // After the first failure the others only say that the transaction has failed.
                all.into_iter().collect::<Result<Vec<_>, _>>()
            })?;
            changed += counts.into_iter().sum::<u64>();
        }
        Ok(changed)
    }

    fn query_many(&mut self, sql: &Sql, args: &[&[Value]]) -> Result<Vec<Vec<Row>>, DbError> {
        let Some(statement) = self.prepared_many(sql, args)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::with_capacity(args.len());
        for chunk in args.chunks(PIPELINE) {
            let sets = self.send(sql.name, async |client| {
                let all = join_all(chunk.iter().map(|args| rows(client, &statement, args))).await;
                all.into_iter().collect::<Result<Vec<_>, _>>()
            })?;
            for set in sets {
                found.push(translated(sql, &set)?);
            }
        }
        Ok(found)
    }

    fn batch(&mut self, name: &'static str, text: &str) -> Result<(), DbError> {
        let outcome = self.send(name, async |client| client.batch_execute(text).await);
        // Plans made before the schema changed may not fit any more.
        if let Some(line) = &mut self.line {
            line.statements.clear();
        }
        outcome
    }

    fn prepare(&mut self, sql: &Sql) -> Result<(), DbError> {
        match self.send(sql.name, async |client| client.prepare(sql.postgres).await) {
            Ok(_) => Ok(()),
            // Types that the values would declare cannot be guessed here; that is no fault of the text.
            Err(DbError::Statement { code, .. }) if code == "42P18" => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hang_up();
    }
}
