//! Group commit: many jobs, one transaction, one sync.
//!
//! Each job runs in a savepoint of its own, so one that fails or panics does not undo its neighbours.
//! When the transaction as a whole is lost before COMMIT (a deadlock, a broken line, a full disk) nothing
//! of it was kept, and each job runs again in a transaction of its own. When COMMIT itself fails in a
//! way that leaves its outcome open, every job learns [`DbError::CommitUnknown`] (I3).

use crate::{
    DbError, FaultAction, FaultPoint, Faults, Tx,
    job::{Fate, Job},
    session::{CommitError, Mode, Session},
    stats::Counters,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

/// How often a job is run in all when other transactions get in its way.
const ATTEMPTS: u32 = 6;

/// What a run of jobs needs besides the connection.
pub(crate) struct Runner<'a> {
    pub(crate) mode: Mode,
    pub(crate) faults: Option<&'a Faults>,
    pub(crate) counters: &'a Counters,
}

/// How one job ended.
enum Attempt {
    Done,
    /// The job itself returned an error.
    Refused,
    /// The job panicked, or returned `Ok` though a statement of it had failed.
    Failed(DbError),
}

/// Whether a transaction that met this can simply be run again.
fn rerunnable(error: &DbError) -> bool {
    matches!(error, DbError::Conflict { .. } | DbError::ConnectionLost)
}

/// Waits 1, 4, 16, 64, 256 ms: the other side of a deadlock finishes first.
fn pause(tried: u32) {
    std::thread::sleep(Duration::from_millis(1 << (2 * tried).min(8)));
}

impl Runner<'_> {
    /// Runs the jobs and answers them all. Says whether a COMMIT had an unknown outcome.
    pub(crate) fn run(&self, session: &mut dyn Session, mut jobs: Vec<Box<dyn Job>>) -> bool {
        if jobs.len() == 1 {
            return jobs.pop().is_some_and(|job| self.alone(session, job));
        }
        match self.together(session, &mut jobs) {
            Together::Answered(attempts) => {
                for (job, attempt) in jobs.into_iter().zip(attempts) {
                    job.answer(match attempt {
                        Attempt::Done | Attempt::Refused => Fate::Own,
                        Attempt::Failed(error) => Fate::Error(error),
                    });
                }
                false
            }
            Together::NotBegun(error) => {
                for job in jobs {
                    job.answer(Fate::Error(error.clone()));
                }
                false
            }
            Together::Unknown => {
                for job in jobs {
                    job.answer(Fate::Error(DbError::CommitUnknown));
                }
                true
            }
            Together::Lost => {
                let mut unknown = false;
                for job in jobs {
                    self.counters.rerun();
                    if unknown && session.engine() == crate::Engine::Sqlite {
                        job.answer(Fate::Error(DbError::Poisoned));
                    } else {
                        unknown |= self.alone(session, job);
                    }
                }
                unknown
            }
        }
    }

    /// Begins a transaction; a server that restarts gets a moment to come back.
    fn begin(&self, session: &mut dyn Session) -> Result<(), DbError> {
        for tried in 0..ATTEMPTS - 1 {
            match session.begin(self.mode) {
                Err(error) if rerunnable(&error) => pause(tried),
                other => return other,
            }
        }
        session.begin(self.mode)
    }

    fn attempt(&self, session: &mut dyn Session, job: &mut dyn Job) -> (Attempt, bool) {
        let mut tx = Tx::new(session, self.faults);
        let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        let failure = tx.into_failure();
        let rerun = failure.as_ref().is_some_and(rerunnable);
        let attempt = match (outcome, failure) {
            (Err(_), _) => Attempt::Failed(DbError::JobPanicked),
            (Ok(false), _) => Attempt::Refused,
            (Ok(true), Some(failure)) => Attempt::Failed(failure),
            (Ok(true), None) => Attempt::Done,
        };
        (attempt, rerun)
    }

    fn together(&self, session: &mut dyn Session, jobs: &mut [Box<dyn Job>]) -> Together {
        if let Err(error) = self.begin(session) {
            return Together::NotBegun(error);
        }
        let mut attempts = Vec::with_capacity(jobs.len());
        for job in jobs.iter_mut() {
            if session.savepoint().is_err() {
                session.rollback();
                return Together::Lost;
            }
            let (attempt, rerun) = self.attempt(session, job.as_mut());
            let closed = !rerun
                && !session.transaction_lost()
                && match attempt {
                    Attempt::Done => session.release(),
                    Attempt::Refused | Attempt::Failed(_) => session.rollback_to(),
                }
                .is_ok();
            if !closed {
                session.rollback();
                return Together::Lost;
            }
            attempts.push(attempt);
        }
        let kept = attempts.iter().filter(|attempt| matches!(attempt, Attempt::Done)).count();
        if kept == 0 {
            session.rollback();
            return Together::Answered(attempts);
        }
        match self.commit(session, kept) {
            Ok(()) => Together::Answered(attempts),
            Err(CommitError::NotKept(_)) => Together::Lost,
            Err(CommitError::Unknown) => Together::Unknown,
        }
    }

    /// Runs one job in its own transaction, again after a conflict, and answers it.
    fn alone(&self, session: &mut dyn Session, mut job: Box<dyn Job>) -> bool {
        let mut left = ATTEMPTS;
        loop {
            left -= 1;
            let (fate, again, unknown) = self.once(session, job.as_mut());
            if again && left > 0 {
                self.counters.rerun();
                pause(ATTEMPTS - 1 - left);
                continue;
            }
            job.answer(fate);
            return unknown;
        }
    }

    fn once(&self, session: &mut dyn Session, job: &mut dyn Job) -> (Fate, bool, bool) {
        if let Err(error) = self.begin(session) {
            return (Fate::Error(error), false, false);
        }
        let (attempt, rerun) = self.attempt(session, job);
        match attempt {
            Attempt::Done => {}
            Attempt::Refused => {
                session.rollback();
                return (Fate::Own, rerun, false);
            }
            Attempt::Failed(error) => {
                session.rollback();
                return (Fate::Error(error), rerun, false);
            }
        }
        match self.commit(session, 1) {
            Ok(()) => (Fate::Own, false, false),
            Err(CommitError::NotKept(error)) => {
                let again = rerunnable(&error);
                (Fate::Error(error), again, false)
            }
            // A read has nothing to keep: a lost answer is just a lost connection.
            Err(CommitError::Unknown) if self.mode == Mode::Read => (Fate::Error(DbError::ConnectionLost), true, false),
            Err(CommitError::Unknown) => (Fate::Error(DbError::CommitUnknown), false, true),
        }
    }

    fn commit(&self, session: &mut dyn Session, jobs: usize) -> Result<(), CommitError> {
        match self.faults.and_then(|faults| faults.pass(FaultPoint::BeforeCommit)) {
            None => {}
            Some(action) => {
                session.rollback();
                if action == FaultAction::Fail {
                    session.distrust();
                    return Err(CommitError::Unknown);
                }
                return Err(CommitError::NotKept(action.error("COMMIT")));
            }
        }
        let start = Instant::now();
        let outcome = session.commit();
        if outcome.is_ok() && self.mode == Mode::Write {
            self.counters.committed(jobs, start.elapsed());
        }
        let answer_lost = outcome.is_ok() && self.faults.is_some_and(|faults| faults.pass(FaultPoint::AfterCommit).is_some());
        if answer_lost || matches!(outcome, Err(CommitError::Unknown)) {
            session.distrust();
            return Err(CommitError::Unknown);
        }
        outcome
    }
}

/// How a group ended.
enum Together {
    /// The group was kept, or all of its jobs refused.
    Answered(Vec<Attempt>),
    /// No transaction could be begun.
    NotBegun(DbError),
    /// COMMIT has an unknown outcome.
    Unknown,
    /// The transaction was lost before COMMIT and nothing of it was kept.
    Lost,
}
