//! P2 and P3 under races: a STOP, a cancelled visit or a moved one that is committed before a claim commits always counts.
//!
//! Two instants are compared. An act counts from the moment at which its commit is known (the carrier's callback is acknowledged, the write
//! has answered). A claim cannot have committed before its attempt row was written, which a watcher at the database sees. So an attempt row that was
//! written after the act's commit was known is a claim that committed after it: a violation, with no false alarm and no clock but one.
//!
//! `WELLSENT_RACES=10000 cargo test --release -p wellsent-engine --test all races -- --nocapture` runs ten thousand of each kind on each database.

use crate::crowd::*;
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use wellsent_db::{FaultAction, Faults, Value};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::{MessageId, PhoneNumber};
use wellsent_store::appointments;
use wellsent_testkit::house::{Backend, House, Plan};

/// What races with the dispatcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Stop,
    Cancel,
    Move,
}

/// Patients of one round.
const ROUND: usize = 50;

struct Arena {
    house: House,
    faults: Arc<Faults>,
    submissions: Submissions,
    /// When the attempt row of a message was about to be written.
    claimed: Arc<Mutex<HashMap<MessageId, Instant>>>,
    calls_read: usize,
    pause: Duration,
}

/// What came out of some races.
#[derive(Debug, Default)]
struct Tally {
    races: usize,
    /// Claims that committed after the act did.
    released_after: Vec<String>,
    /// Texts whose claim came first and whose bytes left after the act was acknowledged: allowed, and bounded by the deadline.
    in_flight: usize,
    longest_flight: Duration,
    /// Texts that never left.
    kept: usize,
    /// Jobs that the database ran again after a deadlock.
    reruns: u64,
}

impl Arena {
    /// `pause` is how long a claim lingers between reading its facts and writing its attempts.
    async fn build(backend: Backend, pause: Duration) -> Self {
        let faults = Arc::new(Faults::new());
        let (mut plan, submissions) = witnessed(Plan::on(backend));
        plan.options.faults = Some(Arc::clone(&faults));
        plan.tuning.claim_max = 5;
        plan.keep_calls = true;
        let claimed: Arc<Mutex<HashMap<MessageId, Instant>>> = Arc::default();
        let book = Arc::clone(&claimed);
        faults.watch("claims::ATTEMPT", move |args| {
            let mut book = lock(&book);
            for args in args {
                if let Some(Value::Blob(Some(id))) = args.get(2) {
                    // A message that is claimed again is judged by its last claim.
                    book.insert(MessageId::from_bytes(id.as_slice().try_into().expect("an id")), Instant::now());
                }
            }
        });
        faults.watch("claims::RULING", move |_| std::thread::sleep(pause));
        Self { house: House::build(plan).await, faults, submissions, claimed, calls_read: 0, pause }
    }

    async fn round(&mut self, act: Act, first: usize, seed: u64, tally: &mut Tally) {
        let numbers: Vec<_> = (first..first + ROUND).map(number).collect();
        let people = crowd(&self.house, &numbers, false).await;
        let over = AtomicBool::new(false);
        let acts = async {
            let committed = self.act(act, &people, seed).await;
            self.house.quiet_phones().await;
            over.store(true, Ordering::Release);
            committed
        };
        let (mut committed, (), ()) = tokio::join!(acts, self.dispatch(&over), self.route(act, &over));
        if act == Act::Stop {
            committed = self.acknowledged();
        }
        // What was held while a text was read is asked again; none of it may go.
        self.house.wait_until(self.house.engine.now() + SignedDuration::from_secs(3));
        self.house.engine.route_waiting(self.house.practice).await.unwrap();
        self.house.engine.dispatch_due(self.house.practice).await.unwrap();
        self.house.quiet_phones().await;
        self.judge(act, &people, &committed, tally);
    }

    /// Acts for every patient, in an order and at moments that the seed decides. Returns when each commit was known.
    async fn act(&self, act: Act, people: &[Due], seed: u64) -> HashMap<PhoneNumber, Instant> {
        let mut chance = Chance(seed);
        let later = self.house.engine.now() + days(12);
        // As long as the dispatcher needs for everybody.
        let spread = 60 * self.pause.as_micros() as u64;
        let acts = people.iter().map(|due| {
            let wait = Duration::from_micros(chance.next() % spread);
            let due = *due;
            async move {
                tokio::time::sleep(wait).await;
                let now = self.house.engine.now();
                match act {
                    Act::Stop => {
                        self.house.network.text(&due.patient.number, Some(&self.house.sender.to_string()), "STOP").unwrap();
                    }
                    Act::Cancel => {
                        let job = move |tx: &mut wellsent_store::Tx<'_, '_>| {
                            appointments::set_status(tx, due.visit, AppointmentStatus::Cancelled, now)
                        };
                        self.house.write(job).await;
                    }
                    Act::Move => self.house.write(move |tx| appointments::reschedule(tx, due.visit, later, now)).await,
                }
                (due.patient.number, Instant::now())
            }
        });
        futures_util::future::join_all(acts).await.into_iter().collect()
    }

    async fn dispatch(&self, over: &AtomicBool) {
        while !over.load(Ordering::Acquire) {
            self.house.engine.dispatch_due(self.house.practice).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn route(&self, act: Act, over: &AtomicBool) {
        while act == Act::Stop && !over.load(Ordering::Acquire) {
            self.house.engine.route_waiting(self.house.practice).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// When the STOP of each phone was acknowledged.
    fn acknowledged(&mut self) -> HashMap<PhoneNumber, Instant> {
        let calls = self.house.calls();
        let mut acknowledged = HashMap::new();
        for call in calls.iter().skip(self.calls_read).filter(|call| call.status == 204 && call.target.ends_with("/inbound")) {
            let text: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
            acknowledged.insert(PhoneNumber::parse(text["from"].as_str().unwrap()).unwrap(), call.answered);
        }
        self.calls_read = calls.len();
        acknowledged
    }

    fn judge(&self, act: Act, people: &[Due], committed: &HashMap<PhoneNumber, Instant>, tally: &mut Tally) {
        let mut claimed = lock(&self.claimed);
        let mut submissions = lock(&self.submissions);
        for due in people {
            tally.races += 1;
            let committed = committed.get(&due.patient.number).expect("every act is acknowledged");
            let left = submissions.iter().find(|submission| submission.message == due.message);
            let Some(left) = left else {
                tally.kept += 1;
                continue;
            };
            let claimed = claimed.get(&due.message).expect("what leaves was claimed");
            if claimed > committed {
                tally.released_after.push(format!("{act:?} of {} counted {:?} before its claim", due.message, *claimed - *committed));
            } else if left.began > *committed {
                tally.in_flight += 1;
                tally.longest_flight = tally.longest_flight.max(left.began - *committed);
            }
        }
        claimed.clear();
        submissions.clear();
    }
}

async fn races(backend: Backend, act: Act, count: usize, pause: Duration, break_it: impl Fn(&Faults)) -> Tally {
    let mut tally = Tally::default();
    let mut arena = Arena::build(backend, pause).await;
    break_it(&arena.faults);
    for round in 0..count.div_ceil(ROUND) {
        // One is enough to know.
        if !tally.released_after.is_empty() {
            break;
        }
        arena.round(act, round * ROUND, SEED.fetch_add(1, Ordering::Relaxed), &mut tally).await;
    }
    tally.reruns = arena.house.engine.store().db().stats().reruns;
    tally
}

static SEED: AtomicU64 = AtomicU64::new(1);

fn wanted() -> usize {
    std::env::var("WELLSENT_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(150)
}

fn hold(act: Act) {
    on_each(|backend| async move {
        let begun = Instant::now();
        let tally = races(backend, act, wanted(), Duration::from_millis(2), |_| {}).await;
        println!(
            "{backend:?} {act:?}: {} races, {} released after the commit, {} claimed before and under way at the acknowledgement (at most {:?} later), {} not sent, {} jobs run again after a deadlock, {:?}",
            tally.races,
            tally.released_after.len(),
            tally.in_flight,
            tally.longest_flight,
            tally.kept,
            tally.reruns,
            begun.elapsed()
        );
        assert_eq!(tally.released_after, Vec::<String>::new());
        assert!(tally.longest_flight < Duration::from_secs(2), "what was under way left within the deadline");
        assert!(tally.kept > 0 && tally.kept < tally.races, "both sides must win some of the races: {tally:?}");
    });
}

/// On each of the databases the break must show.
fn red(act: Act, backends: impl IntoIterator<Item = Backend>, break_it: impl Fn(&Faults) + Copy) {
    for backend in backends {
        let tally = run(races(backend, act, 12 * ROUND, Duration::from_millis(10), break_it));
        assert!(!tally.released_after.is_empty(), "{backend:?}: the check must see it: {tally:?}");
    }
}

fn with_row_locks() -> Vec<Backend> {
    Backend::all().into_iter().filter(|backend| *backend == Backend::Postgres).collect()
}

#[test]
fn after_a_stop_is_acknowledged_no_claim_releases_a_text() {
    hold(Act::Stop);
}

#[test]
fn after_a_cancellation_is_committed_no_claim_releases_its_reminder() {
    hold(Act::Cancel);
}

#[test]
fn after_a_visit_is_moved_no_claim_releases_the_reminder_of_its_old_time() {
    hold(Act::Move);
}

/// Every patient was reminded, answers C, and has the visit moved at about the same moment. Returns the visits that are confirmed for a time that
/// the patient never heard of, and how many answers came before the move. It ends early once one is found.
async fn answers_and_moves(backend: Backend, rounds: usize, break_it: impl Fn(&Faults)) -> (Vec<String>, usize) {
    let arena = Arena::build(backend, Duration::from_millis(8)).await;
    let house = &arena.house;
    arena.faults.watch("appointments::ANSWER", |_| std::thread::sleep(Duration::from_millis(8)));
    break_it(&arena.faults);
    let (mut wrong, mut in_time) = (Vec::new(), 0);
    for round in 0..rounds {
        let numbers: Vec<_> = (round * ROUND..(round + 1) * ROUND).map(number).collect();
        let people = crowd(house, &numbers, false).await;
        house.engine.dispatch_due(house.practice).await.unwrap();
        house.quiet_phones().await;
        let over = AtomicBool::new(false);
        let acts = async {
            for due in &people {
                house.network.text(&due.patient.number, Some(&house.sender.to_string()), "C").unwrap();
            }
            arena.act(Act::Move, &people, SEED.fetch_add(1, Ordering::Relaxed)).await;
            house.quiet_phones().await;
            over.store(true, Ordering::Release);
        };
        tokio::join!(acts, arena.route(Act::Stop, &over));
        house.engine.route_waiting(house.practice).await.unwrap();
        house.engine.dispatch_due(house.practice).await.unwrap();
        house.quiet_phones().await;
        for due in &people {
            let visit = due.visit;
            let answer = house.write(move |tx| Ok(appointments::get(tx, visit)?.answer)).await;
            if answer.is_some() {
                wrong.push(format!("{visit} is {answer:?} for its new time"));
            }
            in_time += usize::from(!house.got(&due.patient.number).iter().any(|text| text.contains("has passed")));
        }
        if !wrong.is_empty() {
            break;
        }
    }
    (wrong, in_time)
}

#[test]
fn an_answer_that_races_with_a_move_never_confirms_the_new_time() {
    on_each(|backend| async move {
        let (wrong, in_time) = answers_and_moves(backend, 2, |_| {}).await;
        assert_eq!(wrong, Vec::<String>::new());
        println!("{backend:?}: {} answers raced with a move, {in_time} came first, none was taken for the new time", 2 * ROUND);
    });
}

#[test]
fn control_an_answer_confirms_the_new_time_when_visits_are_read_without_their_lock() {
    for backend in with_row_locks() {
        let (wrong, _) = run(answers_and_moves(backend, 12, |faults| faults.arm_statement("inbound::PROMPT_VISITS", FaultAction::Unlock)));
        assert!(!wrong.is_empty(), "{backend:?}: the check must see it");
    }
}

#[test]
fn control_a_stop_that_leaves_no_mark_loses_races() {
    red(Act::Stop, Backend::all(), |faults| {
        faults.arm_statement("numbers::INBOUND_STORED", FaultAction::Swallow);
        faults.arm_statement("numbers::INBOUND_ROUTED", FaultAction::Swallow);
        faults.arm_statement("numbers::SUPPRESS", FaultAction::Swallow);
    });
}

#[test]
fn control_a_stop_loses_races_when_the_number_is_read_without_its_lock() {
    red(Act::Stop, with_row_locks(), |faults| faults.arm_statement("numbers::GET_FOR_CLAIM", FaultAction::Unlock));
}

#[test]
fn control_a_cancellation_loses_races_when_visits_are_read_without_their_lock() {
    red(Act::Cancel, with_row_locks(), |faults| faults.arm_statement("claims::VISITS", FaultAction::Unlock));
}

#[test]
fn control_a_cancellation_that_leaves_no_mark_loses_races() {
    red(Act::Cancel, Backend::all(), |faults| faults.arm_statement("appointments::SET_STATUS", FaultAction::Swallow));
    red(Act::Move, Backend::all(), |faults| faults.arm_statement("appointments::MOVE", FaultAction::Swallow));
}

/// A small deterministic generator (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
