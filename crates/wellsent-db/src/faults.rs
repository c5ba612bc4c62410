//! Faults that tests inject at the seam, the same on both engines.

use crate::{DbError, Row, Sql, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a fault can strike, in write transactions only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// Before a statement of a job runs.
    Statement,
    /// Before COMMIT is sent: the transaction is not kept.
    BeforeCommit,
    /// After COMMIT succeeded: the transaction is kept and its answer is lost.
    AfterCommit,
}

/// What happens there. After COMMIT the jobs learn [`DbError::CommitUnknown`] whatever the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultAction {
    /// A statement fails with [`DbError::Injected`], a COMMIT with [`DbError::CommitUnknown`].
    Fail,
    /// Fails as a full disk does.
    Full,
    /// Fails as a deadlock does: the whole transaction is rolled back and its jobs are run again.
    Conflict,
    /// Ends the process at once, as a crash does.
    Abort,
    /// A statement does nothing and says that it did: it changed one row, or found none. For negative controls.
    Swallow,
    /// A statement reads without its `FOR SHARE`, as if the lock had been forgotten. For negative controls.
    Unlock,
    /// A query answers what it answered to the same parameters the first time, as a cache would. For negative controls.
    Stale,
}

#[derive(Debug)]
struct Plan {
    point: FaultPoint,
    remaining: u64,
    repeat: bool,
    action: FaultAction,
}

/// What somebody who watches a statement is told: its parameters, one set for each time that it is about to run.
type Watcher = Arc<dyn Fn(&[&[Value]]) + Send + Sync>;

#[derive(Default)]
struct State {
    plans: Vec<Plan>,
    seen: [u64; 3],
    statements: Vec<(&'static str, FaultAction)>,
    watchers: Vec<(&'static str, Watcher)>,
    unlocked: HashMap<&'static str, &'static Sql>,
    cached: HashMap<(&'static str, Vec<Value>), Vec<Row>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("plans", &self.plans)
            .field("seen", &self.seen)
            .field("statements", &self.statements)
            .finish_non_exhaustive()
    }
}

/// A plan of faults, shared between a test and the database it opened with
/// [`Options::faults`](crate::Options::faults).
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

impl Faults {
    /// No faults yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Strikes once, at the `nth` passage from now (1 is the next).
    pub fn arm(&self, point: FaultPoint, nth: u64, action: FaultAction) {
        self.state().plans.push(Plan { point, remaining: nth.max(1), repeat: false, action });
    }

    /// Strikes at every passage until [`Faults::clear`].
    pub fn arm_always(&self, point: FaultPoint, action: FaultAction) {
        self.state().plans.push(Plan { point, remaining: 1, repeat: true, action });
    }

    /// Strikes every statement whose name ends so, at every passage until [`Faults::clear`].
    pub fn arm_statement(&self, name_suffix: &'static str, action: FaultAction) {
        self.state().statements.push((name_suffix, action));
    }

    /// Calls `watcher` before every statement whose name ends so, on the thread that is about to run it. It may take its time: that
    /// widens the gap in which another transaction can come between.
    pub fn watch(&self, name_suffix: &'static str, watcher: impl Fn(&[&[Value]]) + Send + Sync + 'static) {
        self.state().watchers.push((name_suffix, Arc::new(watcher)));
    }

    /// Forgets every plan. Watchers stay.
    pub fn clear(&self) {
        let mut state = self.state();
        state.plans.clear();
        state.statements.clear();
    }

    /// How often a point was passed so far; lets a sweep know where to stop.
    #[must_use]
    pub fn seen(&self, point: FaultPoint) -> u64 {
        self.state().seen[point as usize]
    }

    /// Tells the watchers of a statement, and says which fault strikes it by its name, if any.
    pub(crate) fn pass_statement(&self, sql: &Sql, args: &[&[Value]]) -> Option<FaultAction> {
        let state = self.state();
        let watchers: Vec<Watcher> =
            state.watchers.iter().filter(|(suffix, _)| sql.name.ends_with(suffix)).map(|(_, watcher)| Arc::clone(watcher)).collect();
        let struck = state.statements.iter().find(|(suffix, _)| sql.name.ends_with(suffix)).map(|(_, action)| *action);
        drop(state);
        for watcher in watchers {
            watcher(args);
        }
        struck
    }

    /// The statement without its row locks for reading. Each is made once and kept for good.
    pub(crate) fn unlocked(&self, sql: &Sql) -> &'static Sql {
        self.state().unlocked.entry(sql.name).or_insert_with(|| {
            let text: &'static str = match sql.postgres.split_once(" FOR SHARE") {
                Some((before, _)) => Box::leak(before.to_owned().into_boxed_str()),
                None => sql.postgres,
            };
            Box::leak(Box::new(Sql::pair(sql.name, sql.sqlite, text)))
        })
    }

    /// What a query answers: the rows, or for one that is struck by [`FaultAction::Stale`] those of the first time.
    pub(crate) fn answer(&self, sql: &Sql, args: &[Value], rows: Vec<Row>) -> Vec<Row> {
        let mut state = self.state();
        let stale = state.statements.iter().any(|(suffix, action)| *action == FaultAction::Stale && sql.name.ends_with(suffix));
        if !stale {
            return rows;
        }
        let first = state.cached.entry((sql.name, args.to_vec()));
        first.or_insert(rows).clone()
    }

    /// Counts a passage and says which fault strikes, if any.
    pub(crate) fn pass(&self, point: FaultPoint) -> Option<FaultAction> {
        let mut state = self.state();
        state.seen[point as usize] += 1;
        let mut struck = None;
        state.plans.retain_mut(|plan| {
            if plan.point != point {
                return true;
            }
            plan.remaining = plan.remaining.saturating_sub(1);
            if plan.remaining > 0 {
                return true;
            }
            struck = struck.or(Some(plan.action));
            plan.repeat
        });
        drop(state);
        if struck == Some(FaultAction::Abort) {
            std::process::abort();
        }
        struck
    }
}

impl FaultAction {
    pub(crate) fn error(self, statement: &'static str) -> DbError {
        match self {
            Self::Fail | Self::Abort | Self::Swallow | Self::Unlock | Self::Stale => DbError::Injected,
            Self::Full => DbError::Full,
            Self::Conflict => DbError::Conflict { statement },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_at_the_nth_passage_and_only_there() {
        let faults = Faults::new();
        faults.arm(FaultPoint::Statement, 3, FaultAction::Fail);
        let struck: Vec<bool> = (0..5).map(|_| faults.pass(FaultPoint::Statement).is_some()).collect();
        assert_eq!(struck, [false, false, true, false, false]);
        assert_eq!(faults.seen(FaultPoint::Statement), 5);
        assert_eq!(faults.seen(FaultPoint::BeforeCommit), 0);
    }

    #[test]
    fn a_standing_fault_strikes_until_it_is_cleared() {
        let faults = Faults::new();
        faults.arm_always(FaultPoint::AfterCommit, FaultAction::Fail);
        assert!(faults.pass(FaultPoint::AfterCommit).is_some());
        assert!(faults.pass(FaultPoint::AfterCommit).is_some());
        faults.clear();
        assert!(faults.pass(FaultPoint::AfterCommit).is_none());
    }
}
