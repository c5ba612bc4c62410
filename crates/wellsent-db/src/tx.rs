//! A transaction as a job sees it.

use crate::{DbError, Engine, FaultAction, FaultPoint, Faults, Row, Sql, Value, session::Session};

/// An open transaction (or, when several jobs share one, a savepoint in it).
///
/// A job neither commits nor rolls back: it returns `Ok` to keep what it did and `Err` to undo it. **A
/// failed statement spoils the job**: later statements answer [`DbError::Spoiled`] and the job is undone
/// even if it returns `Ok`. PostgreSQL works that way by nature, and SQLite is held to the same, so a
/// job never branches on a constraint violation; it asks first or says `ON CONFLICT`. [`DbError::NoRow`],
/// [`DbError::ManyRows`] and [`DbError::WrongType`] of a row do not spoil.
pub struct Tx<'a> {
    session: &'a mut dyn Session,
    faults: Option<&'a Faults>,
    failure: Option<DbError>,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tx({:?})", self.engine())
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(session: &'a mut dyn Session, faults: Option<&'a Faults>) -> Self {
        Self { session, faults, failure: None }
    }

    /// The first failure of a statement, which undoes the job.
    pub(crate) fn into_failure(self) -> Option<DbError> {
        self.failure
    }

    /// Which engine this transaction runs on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.session.engine()
    }

    fn run<T>(
        &mut self,
        sql: &Sql,
        args: &[&[Value]],
        swallowed: impl FnOnce() -> T,
        work: impl FnOnce(&mut dyn Session, &Sql) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        if self.failure.is_some() {
            return Err(DbError::Spoiled { statement: sql.name });
        }
        let mut struck = None;
        if let Some(faults) = self.faults {
            struck = faults.pass_statement(sql, args);
            for _ in args {
                struck = struck.or(faults.pass(FaultPoint::Statement));
            }
        }
        let outcome = match (struck, self.faults) {
            (Some(FaultAction::Swallow), _) => Ok(swallowed()),
            (Some(FaultAction::Unlock), Some(faults)) => work(self.session, faults.unlocked(sql)),
            (None | Some(FaultAction::Stale), _) => work(self.session, sql),
            (Some(action), _) => Err(action.error(sql.name)),
        };
        if let Err(error) = &outcome {
            self.failure = Some(error.clone());
        }
        outcome
    }

    /// Runs a statement that returns no rows; answers how many rows it changed.
    pub fn execute(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
        self.run(sql, &[args], || 1, |session, sql| session.execute(sql, args))
    }

    /// Runs a statement and collects its rows; bound what it can return with LIMIT.
    pub fn query(&mut self, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let rows = self.run(sql, &[args], Vec::new, |session, sql| session.query(sql, args))?;
        Ok(match self.faults {
            Some(faults) => faults.answer(sql, args, rows),
            None => rows,
        })
    }

    /// Runs a statement that finds one row or none.
    pub fn query_opt(&mut self, sql: &Sql, args: &[Value]) -> Result<Option<Row>, DbError> {
        let mut rows = self.query(sql, args)?;
        if rows.len() > 1 {
            return Err(DbError::ManyRows { statement: sql.name });
        }
        Ok(rows.pop())
    }

    /// Runs a statement that finds exactly one row.
    pub fn query_one(&mut self, sql: &Sql, args: &[Value]) -> Result<Row, DbError> {
        self.query_opt(sql, args)?.ok_or(DbError::NoRow { statement: sql.name })
    }

    /// Runs one statement for every set of parameters, in order; answers how many rows changed in all.
    /// PostgreSQL gets them without waiting for each answer. The first failure fails the job.
    pub fn execute_many<A: AsRef<[Value]>>(&mut self, sql: &Sql, args: &[A]) -> Result<u64, DbError> {
        let args: Vec<&[Value]> = args.iter().map(AsRef::as_ref).collect();
        let swallowed = || args.len() as u64;
        self.run(sql, &args, swallowed, |session, sql| session.execute_many(sql, &args))
    }

    /// Runs one query for every set of parameters; answers the rows of each in the same order.
    pub fn query_many<A: AsRef<[Value]>>(&mut self, sql: &Sql, args: &[A]) -> Result<Vec<Vec<Row>>, DbError> {
        let args: Vec<&[Value]> = args.iter().map(AsRef::as_ref).collect();
        let swallowed = || args.iter().map(|_| Vec::new()).collect();
        let found = self.run(sql, &args, swallowed, |session, sql| session.query_many(sql, &args))?;
        Ok(match self.faults {
            Some(faults) => args.iter().zip(found).map(|(args, rows)| faults.answer(sql, args, rows)).collect(),
            None => found,
        })
    }

    /// Runs the statements of a migration.
    pub(crate) fn batch(&mut self, sql: &Sql, text: &str) -> Result<(), DbError> {
        self.run(sql, &[&[]], || (), |session, sql| session.batch(sql.name, text))
    }

    /// Prepares a statement without running it.
    pub(crate) fn prepare(&mut self, sql: &Sql) -> Result<(), DbError> {
        self.run(sql, &[], || (), |session, sql| session.prepare(sql))
    }
}
