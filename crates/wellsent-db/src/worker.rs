//! Threads that own a connection and take jobs from a queue.

use crate::{
    DbError, Faults,
    group::Runner,
    job::{Fate, Job},
    session::{Mode, Session},
    stats::Counters,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// After this long without work a connection does its housekeeping.
const IDLE: Duration = Duration::from_millis(500);

pub(crate) enum Task {
    Job(Box<dyn Job>),
    /// Ends one thread after the work before it.
    Stop,
}

/// What all threads of a database share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) counters: Counters,
    pub(crate) poisoned: AtomicBool,
    pub(crate) faults: Option<Arc<Faults>>,
}

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the current thread serves a database, where waiting for a job would never end.
pub(crate) fn on_worker() -> bool {
    IS_WORKER.get()
}

/// The threads of one kind and their queue.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) queue: Sender<Task>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `count` threads; each opens its own connection and the first failure is returned.
    pub(crate) fn start<S, O>(
        name: &str,
        count: usize,
        queue_max: usize,
        mode: Mode,
        group_max: usize,
        shared: &Arc<Shared>,
        open: O,
    ) -> Result<Self, DbError>
    where
        S: Session,
        O: Fn() -> Result<S, DbError> + Send + Clone + 'static,
    {
        let (queue, tasks) = bounded(queue_max.max(1));
        let (ready, opened) = bounded(count.max(1));
        let mut pool = Self { queue, threads: Vec::new() };
        for number in 0..count.max(1) {
            let (open, shared, tasks, ready) = (open.clone(), Arc::clone(shared), tasks.clone(), ready.clone());
            let thread = std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || {
                IS_WORKER.set(true);
                match open() {
                    Ok(session) => {
                        let _ = ready.send(Ok(()));
                        drop(ready);
                        serve(session, &tasks, mode, group_max.max(1), &shared);
                    }
                    Err(error) => {
                        let _ = ready.send(Err(error));
                    }
                }
            });
            match thread {
                Ok(thread) => pool.threads.push(thread),
                Err(_) => {
                    return Err(DbError::Open { reason: "no more threads can be started".to_owned() });
                }
            }
        }
        drop(ready);
        for _ in 0..count.max(1) {
            if let Err(error) = opened.recv().unwrap_or(Err(DbError::Closed)) {
                pool.abandon();
                return Err(error);
            }
        }
        Ok(pool)
    }

    /// Ends threads that never got work: without a sender their queue is closed.
    fn abandon(self) {
        drop(self.queue);
        for thread in self.threads {
            let _ = thread.join();
        }
    }

    /// Lets the threads finish what waits and ends them.
    pub(crate) fn stop(&mut self) {
        for _ in &self.threads {
            // Fails only if every thread is gone already.
            let _ = self.queue.send(Task::Stop);
        }
        let me = std::thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != me {
                let _ = thread.join();
            }
        }
    }
}

fn serve<S: Session>(mut session: S, tasks: &Receiver<Task>, mode: Mode, group_max: usize, shared: &Shared) {
    let runner = Runner { mode, faults: if mode == Mode::Write { shared.faults.as_deref() } else { None }, counters: &shared.counters };
    let mut stopping = false;
    let mut rested = false;
    while !stopping {
        let first = if rested { tasks.recv().map_err(RecvTimeoutError::from) } else { tasks.recv_timeout(IDLE) };
        let first = match first {
            Ok(Task::Job(job)) => job,
            Ok(Task::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                if !shared.poisoned.load(Ordering::Acquire) {
                    session.idle();
                }
                rested = true;
                continue;
            }
        };
        rested = false;
        let mut jobs = vec![first];
        while jobs.len() < group_max {
            match tasks.try_recv() {
                Ok(Task::Job(job)) => jobs.push(job),
                Ok(Task::Stop) => {
                    stopping = true;
                    break;
                }
                Err(_) => break,
            }
        }
        if shared.poisoned.load(Ordering::Acquire) {
            for job in jobs {
                job.answer(Fate::Error(DbError::Poisoned));
            }
            continue;
        }
        let unknown = runner.run(&mut session, jobs);
        if unknown && session.engine() == crate::Engine::Sqlite {
            shared.poisoned.store(true, Ordering::Release);
        }
    }
}
