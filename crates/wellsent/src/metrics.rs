//! Metrics for Prometheus, on a listener of their own that only this machine reaches. No label names a person, a number or a message (P6).

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::routing::get;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use wellsent_engine::{CarrierState, Engine};
use wellsent_store::views::messages::{self, Backlog};
use wellsent_store::{Access, Actor, StoreError, Tx, erasures};

/// How often what waits is counted.
const COUNT_EVERY: Duration = Duration::from_secs(10);
/// Seconds: from a page out of memory to one that was nearly given up.
const HTTP_BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Begins to keep metrics in this process; once.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("wellsent_http_seconds".into()), &HTTP_BUCKETS)?
        .install_recorder()?;
    wellsent_carrier::smpp::describe_metrics();
    describe_histogram!("wellsent_http_seconds", "Time to answer a request, by the pattern of its route");
    describe_counter!("wellsent_db_commits_total", "Transactions committed");
    describe_counter!("wellsent_db_jobs_total", "Jobs kept by those transactions");
    describe_counter!("wellsent_db_commit_microseconds_total", "Time spent inside COMMIT");
    describe_counter!("wellsent_db_reruns_total", "Jobs that were run again after a conflict or a lost connection");
    describe_gauge!("wellsent_db_largest_group", "The most jobs that one transaction kept");
    describe_gauge!("wellsent_messages_open", "Messages that are not finished, by their state");
    describe_gauge!("wellsent_messages_due", "Planned messages whose time has come");
    describe_gauge!("wellsent_due_late_seconds", "For how long the message that waits longest has been due");
    describe_gauge!(
        "wellsent_carrier_up",
        "Whether texts go over a carrier account: 1 they do, 0 nothing is handed over or one text tries"
    );
    describe_counter!(
        "wellsent_carrier_circuit_opened_total",
        "How often nothing was handed over any more because texts did not get through"
    );
    describe_gauge!("wellsent_erasures", "Texts that carriers were asked to forget, by what became of that");
    describe_gauge!("wellsent_process_resident_bytes", "Memory of this process");
    describe_gauge!("wellsent_info", "The version of this server");
    gauge!("wellsent_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// The one page.
pub fn router(handle: PrometheusHandle, engine: Engine) -> Router {
    Router::new().route("/metrics", get(page)).with_state((handle, engine))
}

async fn page(State((handle, engine)): State<(PrometheusHandle, Engine)>) -> ([(header::HeaderName, &'static str); 1], String) {
    of_process(&engine);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render())
}

/// Counts what waits, again and again until `stop`.
pub async fn count(handle: PrometheusHandle, engine: Engine, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(COUNT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        if let Err(error) = backlog(&engine).await {
            tracing::warn!(%error, "what waits could not be counted");
        }
        handle.run_upkeep();
    }
}

fn of_process(engine: &Engine) {
    let stats = engine.store().db().stats();
    counter!("wellsent_db_commits_total").absolute(stats.commits);
    counter!("wellsent_db_jobs_total").absolute(stats.jobs);
    counter!("wellsent_db_commit_microseconds_total").absolute(stats.commit_micros_total);
    counter!("wellsent_db_reruns_total").absolute(stats.reruns);
    gauge!("wellsent_db_largest_group").set(stats.largest_group as f64);
    if let Some(bytes) = resident_bytes() {
        gauge!("wellsent_process_resident_bytes").set(bytes as f64);
    }
}

/// Known on Linux only.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

async fn backlog(engine: &Engine) -> Result<(), wellsent_engine::EngineError> {
    let now = engine.now();
    for carrier in engine.carriers() {
        gauge!("wellsent_carrier_up", "carrier" => carrier.name).set(f64::from(u8::from(carrier.state == CarrierState::Up)));
    }
    let mut whole = Backlog::default();
    let mut owed = erasures::Counts::default();
    for practice in engine.practices().await? {
        let access = Access { practice, actor: Actor::System };
        let count = move |tx: &mut Tx<'_, '_>| -> Result<Backlog, StoreError> { messages::backlog(tx, now) };
        whole += engine.store().read(access, count).await?;
        let of = engine.store().read(access, move |tx: &mut Tx<'_, '_>| erasures::counts(tx, now)).await?;
        owed.waiting += of.waiting;
        owed.overdue += of.overdue;
        owed.given_up += of.given_up;
    }
    for (state, count) in
        [("planned", whole.planned), ("submitting", whole.submitting), ("unknown", whole.unknown), ("review", whole.review)]
    {
        gauge!("wellsent_messages_open", "state" => state).set(count as f64);
    }
    for (state, count) in [("waiting", owed.waiting), ("overdue", owed.overdue), ("given_up", owed.given_up)] {
        gauge!("wellsent_erasures", "state" => state).set(count as f64);
    }
    gauge!("wellsent_messages_due").set(whole.due as f64);
    let next = engine.next_due().await?;
    let late = next.map_or(0.0, |due| now.duration_since(due).as_secs_f64().max(0.0));
    gauge!("wellsent_due_late_seconds").set(late);
    Ok(())
}
