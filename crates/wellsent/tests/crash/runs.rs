//! The runs.

use crate::beside::Beside;
use crate::ledger;
use crate::role::Control;
use crate::run::{Course, Ended, run};
use crate::stage;
use crate::verdict::Verdict;
use std::time::Duration;
use wellsent_db::{DbError, Options, Sql, Tx as RawTx};

/// Cycles of a run on one engine.
fn cycles() -> u64 {
    std::env::var("WELLSENT_CRASH_CYCLES").ok().and_then(|cycles| cycles.parse().ok()).unwrap_or(50)
}

fn on_postgres(cycles: u64) -> Option<Course> {
    let server = stage::postgres()?;
    Some(Course { database: Some(server.database()), pause_ms: 40, ..Course::new("PostgreSQL", cycles) })
}

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_on_sqlite() {
    let Ended { verdict, .. } = run(Course::new("SQLite", cycles()));
    verdict.print("kill -9");
    verdict.assert_clean();
    assert_worked(&verdict);
}

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_on_postgresql() {
    let Some(course) = on_postgres(cycles()) else { return };
    let Ended { verdict, .. } = run(course);
    verdict.print("kill -9");
    verdict.assert_clean();
    assert_worked(&verdict);
}

#[test]
fn nothing_is_lost_or_doubled_when_one_of_two_nodes_is_killed() {
    let Some(course) = on_postgres((cycles() * 3 / 10).max(15)) else { return };
    let Ended { verdict, .. } = run(Course { nodes: 2, ..course });
    verdict.print("kill -9 of one of two nodes");
    verdict.assert_clean();
    assert_worked(&verdict);
}

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_beside_twilio() {
    let Ended { verdict, .. } = run(Course { beside: Beside::Twilio, ..Course::new("SQLite", (cycles() * 2 / 5).max(15)) });
    verdict.print("kill -9");
    verdict.assert_clean();
    assert_worked(&verdict);
}

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_beside_an_smpp_centre() {
    let Ended { verdict, .. } = run(Course { beside: Beside::Smpp, ..Course::new("SQLite", (cycles() * 2 / 5).max(15)) });
    verdict.print("kill -9");
    verdict.assert_clean();
    assert_worked(&verdict);
    assert!(verdict.given_up > 0, "nothing was unclear, so nothing shows that unclear texts do not go again");
}

/// A run in which hardly anything happened shows nothing.
fn assert_worked(verdict: &Verdict) {
    let per_cycle = |count: usize| count as f64 / verdict.cycles as f64;
    assert!(per_cycle(verdict.acknowledged) > 5.0, "the load was too small: {}", verdict.acknowledged);
    assert!(per_cycle(verdict.delivered) > 1.0, "too few texts went out: {}", verdict.delivered);
    assert!(per_cycle(verdict.under_fire) > 3.0, "too few texts went out between the kills: {}", verdict.under_fire);
    assert!(verdict.unknown > 0 && verdict.resolved == verdict.unknown, "{} unknown, {} settled", verdict.unknown, verdict.resolved);
    assert!(verdict.stops > 0 && verdict.kept_back > 0, "{} STOPs, {} texts kept back", verdict.stops, verdict.kept_back);
    // Most are asked for in vain, because the server is killed first.
    assert!(verdict.checkpoints > 0 || verdict.cycles < 40, "no checkpoint was taken on the way");
}

fn broken(control: Control) -> Verdict {
    broken_beside(Beside::Simulator, control)
}

fn broken_beside(beside: Beside, control: Control) -> Verdict {
    let ended = run(Course { beside, control, patience: Duration::from_secs(20), ..Course::new("SQLite", 14) });
    ended.verdict.print(format_args!("control {control:?}"));
    ended.verdict
}

#[test]
fn control_a_blind_retry_is_seen_as_doubled() {
    assert!(!broken(Control::RetriesBlindly).doubled.is_empty());
}

#[test]
fn control_a_retry_of_server_errors_beside_twilio_is_seen_as_doubled() {
    assert!(!broken_beside(Beside::Twilio, Control::RetriesServerErrors).doubled.is_empty());
}

#[test]
fn control_a_text_acknowledged_on_the_line_before_it_is_stored_is_seen_as_lost() {
    assert!(!broken_beside(Beside::Smpp, Control::AcknowledgesCallbacksEarly).lost.is_empty());
}

#[test]
fn control_an_answer_before_the_commit_is_seen_as_lost() {
    assert!(!broken(Control::AcknowledgesEarly).lost.is_empty());
}

#[test]
fn control_a_callback_acknowledged_before_it_is_stored_is_seen_as_lost() {
    assert!(!broken(Control::AcknowledgesCallbacksEarly).lost.is_empty());
}

#[test]
fn control_a_forgotten_stop_is_seen() {
    assert!(!broken(Control::ForgetsStops).after_stop.is_empty());
}

#[test]
fn control_a_cancellation_that_is_undone_is_seen() {
    assert!(!broken(Control::UndoesCancellations).after_cancel.is_empty());
}

#[test]
fn control_a_text_without_a_written_attempt_is_seen_and_never_comes_to_rest() {
    let verdict = broken(Control::ForgetsAttempts);
    assert!(!verdict.off_ledger.is_empty());
    assert!(!verdict.stuck.is_empty());
}

#[test]
fn control_a_removed_ledger_row_is_seen() {
    const BATCH: &Sql = &Sql::new(
        "crash.remove_batch",
        "DELETE FROM ledger_batch WHERE id = (SELECT ledger_batch FROM ruling WHERE ruling = 'release' ORDER BY id LIMIT 1)",
    );
    const BUNDLE: &Sql = &Sql::new("crash.remove_bundle", "DELETE FROM ledger_bundle WHERE idx = (SELECT max(idx) FROM ledger_bundle)");
    let ended = run(Course::new("SQLite", 6));
    ended.verdict.print("before the ledger is touched");
    ended.verdict.assert_clean();
    for row in [BATCH, BUNDLE] {
        let opened = ended.ground.open(Options::default());
        let remove = move |tx: &mut RawTx<'_>| -> Result<u64, DbError> { tx.execute(row, &[]) };
        assert_eq!(opened.store.db().write_wait(remove).expect("the row goes"), 1);
        let mut verdict = Verdict { beside: "simulator", engine: "SQLite", cycles: ended.verdict.cycles, ..Verdict::default() };
        ledger::check(&opened, ended.ground.access().practice, &ended.checkpoints, &mut verdict);
        opened.store.db().close();
        verdict.print(format_args!("control {}", row.name));
        assert!(!verdict.off_ledger.is_empty(), "{} goes unseen", row.name);
    }
}
