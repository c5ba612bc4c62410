//! What follows from what a phone says: which visit is meant (M-03), the words that end texts (T-08, T-12), wrong numbers (T-13), machines that answer
//! (C-03), and phones that several people share (P11).

use crate::crowd::*;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use wellsent_carrier::{Callback, CallbackError, Carrier, Event, LogEntry, LookupError, LookupQuery, Outcome, Traits};
use wellsent_db::{FaultAction, Faults, Sql};
use wellsent_domain::appointment::{AppointmentStatus, VisitAnswer};
use wellsent_domain::consent::Category;
use wellsent_domain::gate::Released;
use wellsent_domain::message::MessageState;
use wellsent_domain::person::ContactState;
use wellsent_domain::staff::{OverrideReason, Role};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AppointmentId, Language, Phi, PhoneNumber};
use wellsent_engine::ReplyRequest;
use wellsent_store::inbound::NewInbound;
use wellsent_store::{appointments, consents, inbound, messages, numbers, people};
use wellsent_testkit::house::{Backend, House, Patient, Plan, consent, start};

fn phone() -> PhoneNumber {
    PhoneNumber::parse("+12125550177").unwrap()
}

/// The first visit of the cases, nine days from the start; the second is a day later.
fn first_visit() -> Timestamp {
    start() + days(9) + hours(2)
}

/// The last text that a phone got.
fn last(house: &House, number: &PhoneNumber) -> String {
    house.got(number).pop().unwrap_or_default()
}

async fn answer(house: &House, visit: AppointmentId) -> Option<VisitAnswer> {
    house.write(move |tx| Ok(appointments::get(tx, visit)?.answer)).await
}

async fn suppressed(house: &House, number: PhoneNumber) -> bool {
    house.write(move |tx| numbers::is_suppressed(tx, numbers::key(tx, number))).await
}

/// Queues a reminder for a person that is due now and says what became of it.
async fn try_reminder(house: &House, patient: &Patient) -> MessageState {
    let now = house.engine.now();
    let visit = house.visit(patient, now + days(20)).await;
    house.settle().await;
    let patient = *patient;
    let message = house.write(move |tx| Ok(messages::add(tx, &reminder(&patient, visit, now, false), now)?.expect("new"))).await;
    house.engine.dispatch_due(house.practice).await.unwrap();
    house.quiet_phones().await;
    state(house, message).await
}

/// Something that happens before the phone speaks, or a word of the phone.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many days after the start.
    At(i64),
    /// A second visit a day after the first.
    AnotherVisit,
    Move,
    Cancel,
    /// Staff writes.
    Staff(&'static str),
    Says(&'static str),
}

use Step::{AnotherVisit, At, Cancel, Move, Says, Staff};
use TaskKind::{CancelVisit, CheckRevocation, Reply, Reschedule, UnclearAnswer};

struct Case {
    name: &'static str,
    steps: &'static [Step],
    answers: [Option<VisitAnswer>; 2],
    tasks: &'static [TaskKind],
    /// Words in the last text on the phone.
    last: &'static str,
    suppressed: bool,
}

const C: Option<VisitAnswer> = Some(VisitAnswer::Confirmed);
const R: Option<VisitAnswer> = Some(VisitAnswer::WantsReschedule);

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "one visit", steps: &[At(3), Says("C")], answers: [C, None], tasks: &[], last: "you are confirmed for Wed 3/10 2:00 PM", suppressed: false },
    Case { name: "one visit, in lower case with a full stop", steps: &[At(3), Says(" c. ")], answers: [C, None], tasks: &[], last: "you are confirmed", suppressed: false },
    Case { name: "another time", steps: &[At(3), Says("R")], answers: [R, None], tasks: &[Reschedule], last: "request to reschedule", suppressed: false },
    Case { name: "two visits within 48 hours", steps: &[AnotherVisit, At(4), Says("C")], answers: [None, None], tasks: &[], last: "which visit", suppressed: false },
    Case { name: "two visits, then the second", steps: &[AnotherVisit, At(4), Says("C"), Says("2")], answers: [None, C], tasks: &[], last: "confirmed for Thu 3/11", suppressed: false },
    Case { name: "two visits, then both", steps: &[AnotherVisit, At(4), Says("C"), Says("3")], answers: [C, C], tasks: &[], last: "confirmed for", suppressed: false },
    Case { name: "two visits, another time for the first", steps: &[AnotherVisit, At(4), Says("R"), Says("1")], answers: [R, None], tasks: &[Reschedule], last: "request to reschedule", suppressed: false },
    Case { name: "two visits and still unclear", steps: &[AnotherVisit, At(4), Says("C"), Says("C")], answers: [None, None], tasks: &[UnclearAnswer], last: "which visit", suppressed: false },
    Case { name: "a number that nobody offered", steps: &[AnotherVisit, At(4), Says("C"), Says("7")], answers: [None, None], tasks: &[Reply], last: "which visit", suppressed: false },
    Case { name: "after the visit", steps: &[At(10), Says("C")], answers: [None, None], tasks: &[UnclearAnswer], last: "has passed", suppressed: false },
    Case { name: "after it was moved", steps: &[At(3), Move, Says("C")], answers: [None, None], tasks: &[UnclearAnswer], last: "has passed", suppressed: false },
    Case { name: "after it was cancelled", steps: &[At(3), Cancel, Says("C")], answers: [None, None], tasks: &[UnclearAnswer], last: "has passed", suppressed: false },
    Case { name: "loose, to the latest text", steps: &[At(3), Says("ok")], answers: [C, None], tasks: &[], last: "you are confirmed", suppressed: false },
    Case { name: "loose, after another text", steps: &[At(3), Staff("Please bring your card."), Says("ok")], answers: [None, None], tasks: &[Reply], last: "bring your card", suppressed: false },
    Case { name: "a plain C, after another text", steps: &[At(3), Staff("Please bring your card."), Says("C")], answers: [C, None], tasks: &[], last: "you are confirmed", suppressed: false },
    Case { name: "yes is no way back but an answer", steps: &[At(3), Says("yes")], answers: [C, None], tasks: &[], last: "you are confirmed", suppressed: false },
    Case { name: "a bare CANCEL", steps: &[At(3), Says("CANCEL")], answers: [None, None], tasks: &[CancelVisit], last: "unsubscribed", suppressed: true },
    Case { name: "a plain wish to cancel a visit", steps: &[At(3), Says("please cancel my appt tomorrow")], answers: [None, None], tasks: &[CancelVisit], last: "you have an appointment", suppressed: false },
    Case { name: "stop in plain words", steps: &[At(3), Says("please stop texting me")], answers: [None, None], tasks: &[], last: "unsubscribed", suppressed: true },
    Case { name: "stop in Spanish", steps: &[At(3), Says("no más mensajes por favor")], answers: [None, None], tasks: &[], last: "unsubscribed", suppressed: true },
    Case { name: "stop with a slip", steps: &[At(3), Says("stpo")], answers: [None, None], tasks: &[CheckRevocation], last: "unsubscribed", suppressed: true },
    Case { name: "C after STOP", steps: &[At(3), Says("STOP"), Says("C")], answers: [None, None], tasks: &[Reply], last: "unsubscribed", suppressed: true },
    Case { name: "words for a person", steps: &[At(3), Says("where do I park?")], answers: [None, None], tasks: &[Reply], last: "you have an appointment", suppressed: false },
];

#[test]
fn every_answer_means_the_visit_that_it_must_mean_or_a_person_decides() {
    for (backend, case) in Backend::all().into_iter().flat_map(|backend| CASES.iter().map(move |case| (backend, case))) {
        run(async {
            let house = House::build(Plan::on(backend)).await;
            let ana = house.patient_at(phone(), Language::En).await;
            let mut visits = vec![house.visit(&ana, first_visit()).await];
            for step in case.steps {
                play(&house, &ana, &mut visits, *step).await;
            }
            let name = case.name;
            for (visit, wanted) in visits.iter().zip(case.answers) {
                assert_eq!(answer(&house, *visit).await, wanted, "{name}");
            }
            assert_eq!(kinds(&house).await, case.tasks, "{name}");
            let last = last(&house, &phone());
            assert!(last.contains(case.last), "{name}: {last}");
            assert_eq!(suppressed(&house, phone()).await, case.suppressed, "{name}");
        });
    }
}

async fn play(house: &House, ana: &Patient, visits: &mut Vec<AppointmentId>, step: Step) {
    let (now, visit) = (house.engine.now(), visits[0]);
    match step {
        At(day) => {
            // Day by day, so that every reminder goes when it is due.
            house.settle().await;
            for day in 1..=day {
                house.wait_until(start() + days(day));
                house.settle().await;
            }
        }
        AnotherVisit => visits.push(house.visit(ana, first_visit() + days(1)).await),
        Move => {
            house.write(move |tx| appointments::reschedule(tx, visit, first_visit() + days(30), now)).await;
            house.settle().await;
        }
        Cancel => {
            house.write(move |tx| appointments::set_status(tx, visit, AppointmentStatus::Cancelled, now)).await;
            house.settle().await;
        }
        Staff(body) => {
            // The patient wrote last, so that staff may go on.
            let request = ReplyRequest {
                person: ana.person,
                contact_point: ana.contact,
                body: Phi::new(body.into()),
                acknowledged: Some(OverrideReason::PatientAsked),
                role: Role::Clinician,
            };
            house.wait_until(now + SignedDuration::from_mins(5));
            house.engine.reply(house.access(), request).await.unwrap();
            house.settle().await;
        }
        Says(text) => {
            house.wait_until(now + SignedDuration::from_mins(5));
            house.says(&phone(), text).await;
        }
    }
}

/// What breaks P11 when one of two people on a phone texts STOP, START comes back, and one of them consents anew.
async fn shared_phone(house: &House) -> Vec<&'static str> {
    let mut violations = Vec::new();
    let (ana, ben) = (house.patient_at(phone(), Language::En).await, house.patient_at(phone(), Language::En).await);
    house.settle().await;
    let mut check = |holds: bool, what: &'static str| {
        if !holds {
            violations.push(what);
        }
    };
    check(try_reminder(house, &ana).await == MessageState::Delivered, "before the STOP texts go");
    house.says(&phone(), "STOP").await;
    check(try_reminder(house, &ana).await == MessageState::Refused, "STOP stops the first person");
    check(try_reminder(house, &ben).await == MessageState::Refused, "STOP stops the second person");
    check(kinds(house).await == [CheckRevocation], "staff is told whom it reached");
    house.says(&phone(), "START").await;
    check(try_reminder(house, &ana).await == MessageState::Refused, "START does not bring the first back");
    check(try_reminder(house, &ben).await == MessageState::Refused, "START does not bring the second back");
    check(kinds(house).await.contains(&TaskKind::Resubscribe), "staff is told that somebody wants texts");
    let now = house.engine.now();
    house.write(move |tx| consents::grant(tx, consent(ana.person, ana.contact, now), Category::Appointments, false, true)).await;
    check(try_reminder(house, &ana).await == MessageState::Delivered, "a fresh consent brings its person back");
    check(try_reminder(house, &ben).await == MessageState::Refused, "and nobody else");
    house.says(&phone(), "stop").await;
    check(try_reminder(house, &ana).await == MessageState::Refused, "a second STOP stops who had come back, in the same instant even");
    check(try_reminder(house, &ben).await == MessageState::Refused, "and the other stays stopped");
    violations
}

#[test]
fn a_stop_from_a_shared_phone_stops_everybody_and_each_comes_back_alone() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        assert_eq!(shared_phone(&house).await, Vec::<&str>::new());
    });
}

async fn faulty(backend: Backend, statement: &'static str) -> House {
    let faults = Arc::new(Faults::new());
    let mut plan = Plan::on(backend);
    plan.options.faults = Some(Arc::clone(&faults));
    let house = House::build(plan).await;
    faults.arm_statement(statement, FaultAction::Swallow);
    house
}

#[test]
fn control_a_shared_phone_whose_stop_is_not_kept_is_seen() {
    on_each(|backend| async move {
        let violations = shared_phone(&faulty(backend, "numbers::SUPPRESS").await).await;
        assert!(
            violations.contains(&"STOP stops the first person") && violations.contains(&"STOP stops the second person"),
            "{violations:?}"
        );
        let violations = shared_phone(&faulty(backend, "numbers::FORGET_RESUMED").await).await;
        assert_eq!(violations, ["a second STOP stops who had come back, in the same instant even"]);
    });
}

#[test]
fn a_stop_right_behind_a_start_wins() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        house.says(&phone(), "STOP").await;
        house.wait_until(start() + hours(1));
        // Neither is routed before the other has come.
        for text in ["START", "STOP"] {
            house.network.text(&phone(), Some(&house.sender.to_string()), text).unwrap();
            house.quiet_phones().await;
            house.wait_until(house.engine.now() + SignedDuration::from_micros(1));
        }
        house.settle().await;
        assert!(suppressed(&house, phone()).await);
        assert_eq!(try_reminder(&house, &ana).await, MessageState::Refused);
    });
}

#[test]
fn a_stop_that_comes_after_a_start_wins_even_if_the_clock_was_set_back_between_them() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        house.says(&ana.number, "STOP").await;
        let (sender, from, now) = (house.sender, ana.number, house.engine.now());
        house
            .write(move |tx| {
                for (n, (word, at)) in [("START", now + hours(1)), ("STOP", now)].into_iter().enumerate() {
                    let body = Phi::new(word.to_owned());
                    let text = NewInbound {
                        sender,
                        event_key: [n as u8; 32],
                        from: Phi::new(from),
                        body,
                        opt_out: None,
                        page: None,
                        late: false,
                        erase: None,
                    };
                    inbound::keep(tx, &text, at)?;
                }
                Ok(())
            })
            .await;
        house.settle().await;
        let key = house.write(move |tx| Ok(numbers::key(tx, from))).await;
        assert!(house.write(move |tx| numbers::is_suppressed(tx, key)).await, "{backend:?}");
    });
}

#[test]
fn a_wrong_number_on_a_shared_phone_marks_every_chart_and_holds_every_text() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let mut people = Vec::new();
        for _ in 0..3 {
            people.push(house.patient_at(phone(), Language::En).await);
        }
        house.says(&phone(), "you have the wrong number").await;
        assert_eq!(kinds(&house).await, [TaskKind::WrongNumber]);
        for patient in people {
            let contact = patient.contact;
            let found = house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.state)).await;
            assert_eq!(found, ContactState::Disputed);
            assert_eq!(try_reminder(&house, &patient).await, MessageState::Refused);
        }
        assert!(house.got(&phone()).is_empty(), "nothing more goes to a stranger");
    });
}

#[test]
fn help_is_answered_even_after_stop_and_to_a_stranger() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        house.patient_at(phone(), Language::En).await;
        house.says(&phone(), "STOP").await;
        house.says(&phone(), "HELP").await;
        assert!(last(&house, &phone()).contains("Help: 212-555-0100"), "{}", last(&house, &phone()));
        assert!(suppressed(&house, phone()).await, "asking for help brings nothing back");
        let stranger = number(7);
        house.says(&stranger, "AYUDA").await;
        assert!(last(&house, &stranger).starts_with("Textos de Elm St Clinic"), "{}", last(&house, &stranger));
    });
}

#[test]
fn a_stranger_gets_no_answer_but_staff_a_task_and_a_stop_counts_all_the_same() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let stranger = number(7);
        house.says(&stranger, "is this the clinic?").await;
        assert!(house.got(&stranger).is_empty());
        assert_eq!(kinds(&house).await, [TaskKind::UnknownSender]);
        house.says(&stranger, "C").await;
        assert!(house.got(&stranger).is_empty());
        house.says(&stranger, "STOP").await;
        assert_eq!(house.got(&stranger).len(), 1);
        let later = house.patient_at(stranger, Language::En).await;
        house.says(&stranger, "STOP").await;
        assert_eq!(try_reminder(&house, &later).await, MessageState::Refused);
    });
}

/// Lets a machine answer every text that its phone gets. Returns how many texts it got from the moment it began.
async fn robot(house: &House, word: &str) -> usize {
    let before = house.got(&phone()).len();
    let mut answered = 0;
    house.says(&phone(), word).await;
    while house.got(&phone()).len() > before + answered && answered < 40 {
        answered += 1;
        house.wait_until(house.engine.now() + SignedDuration::from_secs(20));
        house.says(&phone(), word).await;
    }
    house.got(&phone()).len() - before
}

#[test]
fn a_machine_that_answers_every_text_is_soon_left_alone() {
    let words =
        [("I'm driving and will get back to you later", 0), ("C", 6), ("HELP", 6), ("R", 6), ("START", 6), ("STOP", 1), ("thanks", 0)];
    for (backend, (word, at_most)) in Backend::all().into_iter().flat_map(|backend| words.map(|word| (backend, word))) {
        run(async {
            let house = House::build(Plan::on(backend)).await;
            let ana = house.patient_at(phone(), Language::En).await;
            let visit = house.visit(&ana, first_visit()).await;
            house.settle().await;
            house.wait_until(start() + days(3) - hours(2));
            house.settle().await;
            let got = robot(&house, word).await;
            assert!(got <= at_most, "{word:?} was answered {got} times");
            let told = kinds(&house).await.into_iter().filter(|kind| *kind == TaskKind::AutoReplyLoop).count();
            assert_eq!(told, usize::from(got == 6), "{word:?}: staff is told once when answers stop");
            if word.starts_with("I'm") {
                assert_eq!((answer(&house, visit).await, kinds(&house).await), (None, vec![]), "a machine means nothing");
            }
        });
    }
}

#[test]
fn who_reads_spanish_is_answered_in_spanish() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::Es).await;
        let visit = house.visit(&ana, first_visit()).await;
        house.settle().await;
        house.wait_until(start() + days(2));
        house.settle().await;
        assert!(last(&house, &phone()).contains("tiene una cita mie 3/10"), "{}", last(&house, &phone()));
        house.says(&phone(), "C").await;
        assert_eq!(answer(&house, visit).await, C);
        assert!(last(&house, &phone()).contains("gracias"));
        house.says(&phone(), "ALTO").await;
        assert!(last(&house, &phone()).contains("dado de baja"));
        assert!(suppressed(&house, phone()).await);
    });
}

/// Which event a carrier says it is, as a broken adapter sees it: never the same twice.
struct Forgetful(Arc<dyn Carrier>, AtomicU8);

impl Carrier for Forgetful {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        self.0.submit(released)
    }
    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        Box::pin(async move {
            let mut events = self.0.read_callback(callback).await?;
            for event in &mut events {
                if let Event::Inbound { key, .. } = event {
                    key[0] = self.1.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(events)
        })
    }
    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        self.0.lookup(query)
    }
    fn traits(&self) -> Traits {
        self.0.traits()
    }
}

static TEXTS: Sql = Sql::new("test::TEXTS", "SELECT count(*) FROM inbound");

/// What breaks when a carrier repeats every callback, the old ones last.
async fn repeated(house: &House) -> Vec<&'static str> {
    let ana = house.patient_at(phone(), Language::En).await;
    let visit = house.visit(&ana, first_visit()).await;
    house.settle().await;
    house.wait_until(start() + days(2));
    house.settle().await;
    for text in ["C", "STOP", "START", "HELP", "STOP", "where do I park?"] {
        house.wait_until(house.engine.now() + SignedDuration::from_mins(1));
        house.says(&phone(), text).await;
    }
    let (got, tasks) = (house.got(&phone()).len(), kinds(house).await);
    for call in house.calls() {
        house.wait_until(house.engine.now() + SignedDuration::from_secs(1));
        assert_eq!(house.call(&call.target, &call.headers, &call.body).await, 204, "a repetition is acknowledged");
        house.settle().await;
    }
    let mut violations = Vec::new();
    let mut check = |holds: bool, what: &'static str| {
        if !holds {
            violations.push(what);
        }
    };
    check(rows(house, &TEXTS).await[0].int(0).unwrap() == 6, "every text is in the thread once");
    check(house.got(&phone()).len() == got, "no answer goes twice");
    check(kinds(house).await == tasks, "no task is opened twice");
    check(answer(house, visit).await == C, "the answer stands");
    check(suppressed(house, phone()).await, "an old START does not undo a later STOP");
    violations
}

#[test]
fn a_text_that_is_delivered_twice_has_one_effect() {
    on_each(|backend| async move {
        let house = House::build(Plan { keep_calls: true, ..Plan::on(backend) }).await;
        assert_eq!(repeated(&house).await, Vec::<&str>::new());
    });
}

#[test]
fn control_a_carrier_whose_events_have_no_lasting_identity_is_seen() {
    on_each(|backend| async move {
        let wrap: wellsent_testkit::house::Wrap = Box::new(|carrier| Arc::new(Forgetful(carrier, AtomicU8::new(0))));
        let house = House::build(Plan { keep_calls: true, wrap: Some(wrap), ..Plan::on(backend) }).await;
        let violations = repeated(&house).await;
        assert!(violations.contains(&"no answer goes twice") && violations.contains(&"every text is in the thread once"), "{violations:?}");
    });
}
