//! Counters of the writers.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// What the writers did since the database was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Transactions committed.
    pub commits: u64,
    /// Jobs kept by those commits; `jobs / commits` is the gain of group commit.
    pub jobs: u64,
    /// Time spent inside COMMIT, in microseconds.
    pub commit_micros_total: u64,
    /// The most jobs that one commit kept.
    pub largest_group: u64,
    /// Jobs that were run again after a conflict or a lost connection.
    pub reruns: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    commits: AtomicU64,
    jobs: AtomicU64,
    commit_micros: AtomicU64,
    largest: AtomicU64,
    reruns: AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, jobs: usize, took: Duration) {
        let jobs = u64::try_from(jobs).unwrap_or(u64::MAX);
        self.commits.fetch_add(1, Relaxed);
        self.jobs.fetch_add(jobs, Relaxed);
        self.largest.fetch_max(jobs, Relaxed);
        self.commit_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(crate) fn rerun(&self) {
        self.reruns.fetch_add(1, Relaxed);
    }

    pub(crate) fn read(&self) -> Stats {
        Stats {
            commits: self.commits.load(Relaxed),
            jobs: self.jobs.load(Relaxed),
            commit_micros_total: self.commit_micros.load(Relaxed),
            largest_group: self.largest.load(Relaxed),
            reruns: self.reruns.load(Relaxed),
        }
    }
}
