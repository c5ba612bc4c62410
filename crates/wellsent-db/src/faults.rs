//! Faults that tests inject at the seam, the same on both engines.

use crate::DbError;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
}

#[derive(Debug)]
struct Plan {
    point: FaultPoint,
    remaining: u64,
    repeat: bool,
    action: FaultAction,
}

#[derive(Debug, Default)]
struct State {
    plans: Vec<Plan>,
    seen: [u64; 3],
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
        self.state().plans.push(Plan {
            point,
            remaining: nth.max(1),
            repeat: false,
            action,
        });
    }

    /// Strikes at every passage until [`Faults::clear`].
    pub fn arm_always(&self, point: FaultPoint, action: FaultAction) {
        self.state().plans.push(Plan {
            point,
            remaining: 1,
            repeat: true,
            action,
        });
    }

    /// Forgets every plan.
    pub fn clear(&self) {
        self.state().plans.clear();
    }

    /// How often a point was passed so far; lets a sweep know where to stop.
    #[must_use]
    pub fn seen(&self, point: FaultPoint) -> u64 {
        self.state().seen[point as usize]
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
            Self::Fail | Self::Abort => DbError::Injected,
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
        let struck: Vec<bool> = (0..5)
            .map(|_| faults.pass(FaultPoint::Statement).is_some())
            .collect();
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
