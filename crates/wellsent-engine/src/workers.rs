//! The workers of a node. Each is a loop without input: it looks what there is to do, does it, and sleeps until it is woken or a moment has
//! passed. After a crash the first round does what the last one could not.

use crate::{Engine, EngineError};
use futures_util::future::BoxFuture;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use wellsent_store::{SystemTx, leases};

/// The running workers of a node.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them.
    pub fn start(engine: &Engine) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(dispatcher(engine.clone(), stopped.clone()));
        tasks.spawn(planner(engine.clone(), stopped.clone()));
        tasks.spawn(router(engine.clone(), stopped.clone()));
        tasks.spawn(reconciler(engine.clone(), stopped.clone()));
        tasks.spawn(caller(engine.clone(), stopped.clone()));
        for line in engine.lines() {
            tasks.spawn(held(line, stopped.clone()));
        }
        tasks.spawn(caretaker(engine.clone(), stopped.clone()));
        tasks.spawn(sequencer(engine.clone(), stopped));
        Self { stop, tasks }
    }

    /// Stops them after the round that they are in, and waits until texts that are with a carrier have their answers recorded.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn pause(wake: Option<&Notify>, longest: Duration, stopped: &mut watch::Receiver<bool>) -> bool {
    if *stopped.borrow() {
        return false;
    }
    let woken = async {
        match wake {
            Some(wake) => wake.notified().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = woken => {}
        () = tokio::time::sleep(longest) => {}
        _ = stopped.changed() => {}
    }
    !*stopped.borrow()
}

fn report(worker: &'static str, error: &EngineError) {
    tracing::error!(worker, %error, "a round failed; the next one tries again");
}

async fn dispatcher(engine: Engine, mut stopped: watch::Receiver<bool>) {
    let tuning = engine.0.tuning.clone();
    let places = Arc::new(Semaphore::new(tuning.in_flight_max));
    loop {
        let mut busy = false;
        for practice in listed(&engine, "dispatcher").await {
            let free = places.available_permits();
            if free == 0 {
                busy = true;
                break;
            }
            match engine.claim(practice, free.min(tuning.claim_max)).await {
                Err(error) => report("dispatcher", &error),
                Ok((report, ready)) => {
                    busy |= report.ruled > 0;
                    for ready in ready {
                        let (engine, places) = (engine.clone(), Arc::clone(&places));
                        // There are as many places as were free, so this does not wait.
                        let Ok(place) = places.acquire_owned().await else { return };
                        tokio::spawn(async move {
                            engine.submit_and_record(ready).await;
                            drop(place);
                        });
                    }
                }
            }
        }
        // While texts are under way, wait until a good part of the places is free, so that claims stay large and commits few.
        let wanted = (tuning.in_flight_max / 4).max(1) as u32;
        if busy && let Ok(Ok(place)) = tokio::time::timeout(Duration::from_millis(50), places.acquire_many(wanted)).await {
            drop(place);
        }
        let again = if busy { !*stopped.borrow() } else { pause(Some(&engine.0.wake_dispatch), tuning.idle, &mut stopped).await };
        if !again {
            break;
        }
    }
    // Texts that are with a carrier get their answers recorded before the process leaves.
    let _ = tokio::time::timeout(Duration::from_secs(30), places.acquire_many(tuning.in_flight_max as u32)).await;
}

async fn listed(engine: &Engine, worker: &'static str) -> Vec<wellsent_domain::PracticeId> {
    engine.practices().await.unwrap_or_else(|error| {
        report(worker, &error);
        Vec::new()
    })
}

async fn planner(engine: Engine, mut stopped: watch::Receiver<bool>) {
    loop {
        for practice in listed(&engine, "planner").await {
            if let Err(error) = engine.plan_waiting(practice).await {
                report("planner", &error);
            }
        }
        if !pause(Some(&engine.0.wake_plan), engine.0.tuning.idle, &mut stopped).await {
            break;
        }
    }
}

/// Texts are routed by one node at a time, so that those of one phone keep their order.
async fn router(engine: Engine, mut stopped: watch::Receiver<bool>) {
    let (node, keep) = (engine.0.node, engine.0.tuning.role_lease);
    let millis = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX / 1_000);
    loop {
        let lease = engine.0.store.system(move |tx: &mut SystemTx<'_, '_>| leases::take(tx, "router", node, millis));
        let held = matches!(lease.await, Ok(Some(_)));
        let until = Instant::now() + keep / 2;
        while held && Instant::now() < until {
            for practice in listed(&engine, "router").await {
                if let Err(error) = engine.route_waiting(practice).await {
                    report("router", &error);
                }
            }
            if !pause(Some(&engine.0.wake_route), engine.0.tuning.idle, &mut stopped).await {
                let back = engine.0.store.system(move |tx: &mut SystemTx<'_, '_>| leases::give_back(tx, "router", node));
                if let Err(error) = back.await {
                    report("router", &EngineError::Store(error));
                }
                return;
            }
        }
        if !held && !pause(None, engine.0.tuning.idle, &mut stopped).await {
            return;
        }
    }
}

async fn reconciler(engine: Engine, mut stopped: watch::Receiver<bool>) {
    loop {
        for practice in listed(&engine, "reconciler").await {
            if let Err(error) = engine.reconcile(practice).await {
                report("reconciler", &error);
            }
        }
        if !pause(None, engine.0.tuning.idle * 2, &mut stopped).await {
            break;
        }
    }
}

/// Calls to applications. Each practice has a round of its own, so that one whose applications are slow does not keep the others waiting.
async fn caller(engine: Engine, mut stopped: watch::Receiver<bool>) {
    let mut rounds = JoinSet::new();
    let mut busy = HashSet::new();
    loop {
        for practice in listed(&engine, "caller").await {
            if busy.insert(practice) {
                let engine = engine.clone();
                rounds.spawn(async move {
                    if let Err(error) = engine.call_applications(practice).await {
                        report("caller", &error);
                    }
                    practice
                });
            }
        }
        while let Some(ended) = rounds.try_join_next() {
            match ended {
                Ok(practice) => drop(busy.remove(&practice)),
                // A round that panicked does not say whose it was.
                Err(_) => busy.clear(),
            }
        }
        if !pause(None, engine.0.tuning.idle, &mut stopped).await {
            break;
        }
    }
    // What is not answered by then is called again by whoever comes next, as the same call.
    let _ = tokio::time::timeout(Duration::from_secs(3), async { while rounds.join_next().await.is_some() {} }).await;
}

/// A carrier's own line, until the node stops.
async fn held(line: BoxFuture<'static, ()>, mut stopped: watch::Receiver<bool>) {
    tokio::select! {
        () = line => tracing::error!("a carrier's line ended by itself; texts over it wait until the next start"),
        _ = stopped.changed() => {}
    }
}

/// What carriers have yet to forget, what they could not deliver to us, and agreements that end: by one node at a time, without hurry.
async fn caretaker(engine: Engine, mut stopped: watch::Receiver<bool>) {
    let (node, tuning) = (engine.0.node, engine.0.tuning.clone());
    let millis = i64::try_from((tuning.care_every * 3).as_millis()).unwrap_or(i64::MAX / 1_000);
    let mut fetched: Option<Instant> = None;
    while pause(None, tuning.care_every, &mut stopped).await {
        let lease = engine.0.store.system(move |tx: &mut SystemTx<'_, '_>| leases::take(tx, "caretaker", node, millis));
        if !matches!(lease.await, Ok(Some(_))) {
            continue;
        }
        let fetches = fetched.is_none_or(|at| at.elapsed() >= tuning.fetch_missed_every);
        for practice in listed(&engine, "caretaker").await {
            if let Err(error) = engine.forget_due(practice).await {
                report("caretaker", &error);
            }
            if fetches {
                if let Err(error) = engine.fetch_missed(practice).await {
                    report("caretaker", &error);
                }
                if let Err(error) = engine.check_agreements(practice).await {
                    report("caretaker", &error);
                }
            }
        }
        if fetches {
            fetched = Some(Instant::now());
        }
    }
}

async fn sequencer(engine: Engine, mut stopped: watch::Receiver<bool>) {
    let mut signed = Instant::now();
    let mut unsigned = true;
    loop {
        match engine.sequence().await {
            Ok(placed) => unsigned |= placed > 0,
            Err(error) => report("sequencer", &error),
        }
        let again = pause(None, engine.0.tuning.idle, &mut stopped).await;
        if unsigned && (!again || signed.elapsed() >= engine.0.tuning.checkpoint_every) {
            match engine.checkpoint().await {
                Ok(_) => (signed, unsigned) = (Instant::now(), false),
                Err(error) => report("sequencer", &error),
            }
        }
        if !again {
            break;
        }
    }
}
