//! Codes that a carrier's verification service makes, texts and checks (TW-20). The limits on guesses stay ours (N-04), and so does the gate.

use crate::crowd::*;
use crate::scripted::{self, Script, house_of, reasons};
use crate::secure_pages::{address, page};
use crate::verification::{in_the_clear, ledger, newcomer};
use futures_util::future::{BoxFuture, join_all};
use jiff::civil::Date;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wellsent_carrier::{Checked, Started, VerifyError, VerifyService};
use wellsent_db::Sql;
use wellsent_domain::consent::Channel;
use wellsent_domain::gate::Origin;
use wellsent_domain::message::{MessageState, Programme, Purpose};
use wellsent_domain::person::ContactState;
use wellsent_domain::practice::{Agreement, Service, Services};
use wellsent_domain::task::TaskKind;
use wellsent_domain::verification::{CODE_LIFE, FAILURES_PER_HOUR, TRIES_PER_CODE, Tried};
use wellsent_domain::{ConsentEventId, MessageId, Phi, PhoneNumber};
use wellsent_engine::{EngineError, SecondFact};
use wellsent_store::codes::NewCode;
use wellsent_store::messages::NewMessage;
use wellsent_store::{agreements, codes, messages, numbers, people};
use wellsent_testkit::house::{Backend, House, Patient, Plan, start};
use wellsent_text::template::Variable;

/// What the service texts.
const RIGHT: &str = "314159";
const WRONG: &str = "271828";

/// A service that does what a script says; without one it texts a code and knows it again once.
#[derive(Default)]
struct Scripted {
    starts: Mutex<VecDeque<Result<Started, VerifyError>>>,
    checks: Mutex<VecDeque<Result<Checked, VerifyError>>>,
    waiting: Mutex<HashMap<PhoneNumber, bool>>,
    /// Whether it forgets that a code was used.
    forgetful: bool,
    started: Mutex<Vec<PhoneNumber>>,
    checked: AtomicUsize,
    pause: Duration,
}

impl Scripted {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    fn started(&self) -> usize {
        lock(&self.started).len()
    }

    fn checked(&self) -> usize {
        self.checked.load(Ordering::Relaxed)
    }

    fn starts_with(&self, outcomes: impl IntoIterator<Item = Result<Started, VerifyError>>) {
        lock(&self.starts).extend(outcomes);
    }

    fn checks_with(&self, outcomes: impl IntoIterator<Item = Result<Checked, VerifyError>>) {
        lock(&self.checks).extend(outcomes);
    }
}

impl VerifyService for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn start<'a>(&'a self, number: Phi<PhoneNumber>) -> BoxFuture<'a, Result<Started, VerifyError>> {
        lock(&self.started).push(*number.expose());
        let outcome = lock(&self.starts).pop_front().unwrap_or(Ok(Started::Sent));
        if outcome == Ok(Started::Sent) {
            lock(&self.waiting).insert(*number.expose(), true);
        }
        Box::pin(std::future::ready(outcome))
    }

    fn check<'a>(&'a self, number: Phi<PhoneNumber>, code: &'a str) -> BoxFuture<'a, Result<Checked, VerifyError>> {
        self.checked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::time::sleep(self.pause).await;
            if let Some(outcome) = lock(&self.checks).pop_front() {
                return outcome;
            }
            let mut waiting = lock(&self.waiting);
            Ok(match (waiting.get(number.expose()), code == RIGHT) {
                (None | Some(false), _) => Checked::Gone,
                (Some(true), false) => Checked::Wrong,
                (Some(true), true) => {
                    waiting.insert(*number.expose(), self.forgetful);
                    Checked::Approved
                }
            })
        })
    }
}

fn plan(backend: Backend, service: &Arc<Scripted>) -> Plan {
    Plan { verify: Some(Arc::clone(service) as Arc<dyn VerifyService>), ..Plan::on(backend) }
}

async fn ask(house: &House, patient: &Patient) -> MessageId {
    let id = house.engine.send_code(house.access(), patient.contact, Channel::Spoken, None).await.unwrap().expect("a code");
    house.settle().await;
    id
}

async fn type_in(house: &House, patient: &Patient, code: &str) -> Tried {
    house.engine.try_code(house.access(), patient.contact, &Phi::new(code.to_owned()), Channel::Spoken).await.unwrap()
}

/// So many guesses at one instant.
async fn at_once(house: &House, patient: &Patient, code: &str, guesses: usize) -> Vec<Tried> {
    join_all((0..guesses).map(|_| type_in(house, patient, code))).await
}

async fn is_verified(house: &House, patient: &Patient) -> bool {
    let contact = patient.contact;
    house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.verified_at.is_some())).await
}

async fn failures(house: &House, patient: &Patient) -> (u32, u32) {
    let contact = patient.contact;
    let counted = house
        .write(move |tx| {
            let number = people::contact_point(tx, contact)?.number;
            codes::guesses(tx, number)
        })
        .await;
    (counted.failures_in_hour, counted.failures_in_a_row)
}

/// A code of these very digits of ours, which the service is to make in their place.
async fn ask_with_digits(house: &House, patient: &Patient, digits: &'static str) {
    let (now, patient) = (house.engine.now(), *patient);
    house
        .write(move |tx| {
            let stored = people::contact_point(tx, patient.contact)?;
            let code = Phi::new(digits.to_owned());
            let (id, request) =
                codes::ask(tx, &NewCode { contact: &stored, code: &code, channel: Channel::Spoken, page: None }, now)?.expect("a code");
            let message = NewMessage {
                occurrence: format!("code/{id}"),
                programme: Programme::Verification,
                purpose: Purpose::Operations,
                origin: Origin::Code { request },
                useful_until: now + CODE_LIFE,
                ..crate::verification::detail(&patient, "code", vec![(Variable::Code, code)], now)
            };
            Ok(messages::add(tx, &message, now)?.expect("new"))
        })
        .await;
    house.settle().await;
}

static SERVICES: Sql = Sql::new("test::SERVICES", "SELECT service FROM verification_code ORDER BY asked_at, id");

async fn services(house: &House) -> Vec<Option<String>> {
    rows(house, &SERVICES).await.iter().map(|row| row.opt_text(0).unwrap().map(str::to_owned)).collect()
}

#[test]
fn a_code_that_the_service_made_proves_the_phone_once() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        let id = ask(&house, &ben).await;
        assert_eq!(*lock(&service.started), [ben.number], "the service was told the number");
        assert_eq!((house.got(&ben.number), state(&house, id).await), (vec![], MessageState::Submitted), "no text of ours went");
        assert_eq!(services(&house).await, [Some("simulator".to_owned())]);
        assert_eq!(type_in(&house, &ben, WRONG).await, Tried::Wrong);
        assert_eq!((failures(&house, &ben).await, is_verified(&house, &ben).await), ((1, 1), false));
        assert_eq!(type_in(&house, &ben, "314 159").await, Tried::Passed);
        assert_eq!((failures(&house, &ben).await, is_verified(&house, &ben).await), ((0, 0), true));
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::NoCode, "a code works once");
        assert_eq!((service.started(), service.checked()), (1, 2), "nothing is asked about a code that was used");
        let acts = ledger(&house).await;
        assert!(acts.contains(r#""service":"simulator""#) && acts.contains(r#""result":"wrong""#), "{acts}");
    });
}

#[test]
fn control_without_a_service_the_code_is_a_text_of_ours() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        ask_with_digits(&house, &ben, WRONG).await;
        assert_eq!((house.got(&ben.number).len(), services(&house).await), (1, vec![None]));
        assert_eq!(type_in(&house, &ben, WRONG).await, Tried::Passed);
    });
}

#[test]
fn our_own_digits_prove_nothing_where_the_service_makes_the_code() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        ask_with_digits(&house, &ben, WRONG).await;
        assert_eq!(type_in(&house, &ben, WRONG).await, Tried::Wrong);
        house.says(&ben.number, WRONG).await;
        assert!(!is_verified(&house, &ben).await);
    });
}

#[test]
fn guesses_made_at_once_are_no_more_than_the_limits_and_a_new_code_gives_no_new_ones() {
    on_each(|backend| async move {
        let service = Arc::new(Scripted { pause: Duration::from_millis(60), ..Scripted::default() });
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        let per_code = TRIES_PER_CODE as usize;
        // Those beyond a code's own limit are tries at no code, and count as such.
        ask(&house, &ben).await;
        let tried = at_once(&house, &ben, WRONG, per_code + 3).await;
        assert_eq!(tried.iter().filter(|tried| **tried == Tried::Wrong).count(), per_code, "{tried:?}");
        assert_eq!((service.checked(), failures(&house, &ben).await.0), (per_code, TRIES_PER_CODE + 3));
        ask(&house, &ben).await;
        let tried = at_once(&house, &ben, WRONG, 3 * per_code).await;
        let left = (FAILURES_PER_HOUR - TRIES_PER_CODE - 3) as usize;
        assert_eq!(tried.iter().filter(|tried| **tried == Tried::Wrong).count(), left, "{tried:?}");
        assert_eq!(tried.iter().filter(|tried| **tried == Tried::TooMany).count(), 3 * per_code - left);
        assert_eq!((service.checked(), failures(&house, &ben).await.0), (per_code + left, FAILURES_PER_HOUR));
        let asked = service.checked();
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::TooMany, "the right code does not help now");
        assert!(house.engine.send_code(house.access(), ben.contact, Channel::Spoken, None).await.unwrap().is_err());
        assert_eq!((service.checked(), service.started()), (asked, 2));
        assert_eq!(kinds(&house).await, [TaskKind::GuessedCodes]);
    });
}

#[test]
fn control_the_service_of_the_tests_answers_every_guess_that_reaches_it() {
    run(async {
        let service = Scripted::new();
        let number = Phi::new(number(0));
        service.start(number.clone()).await.unwrap();
        let answers = join_all((0..20).map(|_| service.check(number.clone(), WRONG))).await;
        assert!(answers.iter().all(|answer| *answer == Ok(Checked::Wrong)));
        assert_eq!(service.checked(), 20);
    });
}

#[test]
fn of_two_who_type_the_right_code_at_once_one_gets_in() {
    on_each(|backend| async move {
        let service = Arc::new(Scripted { pause: Duration::from_millis(60), forgetful: true, ..Scripted::default() });
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        ask(&house, &ben).await;
        let tried = at_once(&house, &ben, RIGHT, 4).await;
        assert_eq!(tried.iter().filter(|tried| **tried == Tried::Passed).count(), 1, "{tried:?}");
        assert!(service.checked() > 1, "the service itself approved it more than once");
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::NoCode);
    });
}

#[test]
fn a_guess_that_could_not_be_checked_is_given_back() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        ask(&house, &ben).await;
        let nothing = [Err(VerifyError::Unavailable), Ok(Checked::Throttled), Err(VerifyError::Refused)];
        for nothing in nothing.into_iter().cycle().take(3 * FAILURES_PER_HOUR as usize) {
            service.checks_with([nothing]);
            assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::Unchecked);
        }
        assert_eq!((failures(&house, &ben).await, kinds(&house).await), ((0, 0), vec![]));
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::Passed);
    });
}

#[test]
fn a_code_that_the_service_has_no_more_is_as_one_whose_time_is_over() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        ask(&house, &ben).await;
        for gone in [Checked::Gone, Checked::ChecksUsedUp] {
            service.checks_with([Ok(gone)]);
            assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::NoCode);
        }
        assert_eq!(failures(&house, &ben).await, (2, 2), "it counts, as for a code of ours");
        house.wait_until(start() + CODE_LIFE);
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::NoCode);
        assert_eq!(service.checked(), 2, "after ten minutes nobody is asked");
    });
}

#[test]
fn what_the_service_says_at_the_start_is_what_became_of_the_text() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let cases = [
            (Started::SendsUsedUp, ContactState::Live, vec![TaskKind::NotDelivered]),
            (Started::NotTextable, ContactState::NotTextable, vec![TaskKind::NotDelivered, TaskKind::NotDelivered]),
        ];
        for (n, (says, learnt, open)) in cases.into_iter().enumerate() {
            let ben = newcomer(&house, number(n)).await;
            service.starts_with([Ok(says)]);
            let id = ask(&house, &ben).await;
            assert_eq!(state(&house, id).await, MessageState::Failed, "{says:?}");
            let contact = ben.contact;
            let now = house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.state)).await;
            assert_eq!((now, kinds(&house).await), (learnt, open), "{says:?}");
        }
        let ben = newcomer(&house, number(7)).await;
        service.starts_with([Ok(Started::Throttled), Ok(Started::Throttled)]);
        let before = service.started();
        let id = ask(&house, &ben).await;
        assert_eq!(state(&house, id).await, MessageState::Planned);
        scripted::pass(&house, 10).await;
        assert_eq!((state(&house, id).await, service.started() - before), (MessageState::Submitted, 3));
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::Passed);
    });
}

#[test]
fn a_start_of_unknown_outcome_is_never_repeated_and_a_code_that_arrived_after_all_proves() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let (ben, eve) = (newcomer(&house, number(0)).await, newcomer(&house, number(1)).await);
        service.starts_with([Err(VerifyError::Unavailable)]);
        let id = ask(&house, &ben).await;
        assert_eq!(state(&house, id).await, MessageState::Unknown);
        scripted::pass(&house, 120).await;
        assert_eq!((state(&house, id).await, service.started()), (MessageState::Failed, 1));
        assert_eq!(kinds(&house).await, [TaskKind::UnknownOutcome], "a person is asked, for no log of the account shows it");
        lock(&service.waiting).insert(ben.number, true);
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::Passed);
        ask(&house, &eve).await;
        assert_eq!(type_in(&house, &eve, RIGHT).await, Tried::Passed, "the account goes on");
    });
}

#[test]
fn a_service_that_refuses_us_is_a_task_and_stops_no_other_text() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        service.starts_with([Err(VerifyError::Refused)]);
        let id = ask(&house, &ben).await;
        assert_eq!((state(&house, id).await, kinds(&house).await), (MessageState::Planned, vec![TaskKind::CarrierStopped]));
        let ana = house.patient().await;
        let reminder = scripted::text(&house, &ana, 5, false).await;
        house.settle().await;
        assert_eq!((house.got(&ana.number).len(), state(&house, reminder).await), (1, MessageState::Delivered));
        scripted::pass(&house, 10).await;
        assert_eq!(state(&house, id).await, MessageState::Submitted, "mended, it goes");
    });
}

/// Puts an agreement with these services in the place of all that there are.
async fn swap_agreement(house: &House, services: &'static [Service]) {
    let now = house.engine.now();
    house
        .write(move |tx| {
            for stored in agreements::list(tx)?.into_iter().filter(|stored| stored.agreement.ended_at.is_none()) {
                agreements::end(tx, stored.id, now)?;
            }
            let agreement = Agreement { services: Services::of(services), ..Agreement::for_texts(Date::constant(2026, 1, 1), None) };
            agreements::add(tx, "simulator", "Simulator", agreement, None, now)
        })
        .await;
}

#[test]
fn codes_wait_where_the_agreement_covers_texts_alone_and_other_texts_go() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let (ben, ana) = (newcomer(&house, number(0)).await, house.patient().await);
        swap_agreement(&house, &[Service::Sms, Service::Lookup]).await;
        ask(&house, &ben).await;
        assert_eq!((service.started(), house.got(&ben.number), reasons(&house).await), (0, vec![], vec!["not_eligible".to_owned()]));
        scripted::text(&house, &ana, 5, false).await;
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), 1);
        swap_agreement(&house, &[Service::Sms, Service::Verify]).await;
        ask(&house, &ben).await;
        assert_eq!(service.started(), 1);
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::Passed);
    });
}

#[test]
fn a_code_over_an_account_without_a_service_is_a_text_of_ours() {
    on_each(|backend| async move {
        let (service, script) = (Scripted::new(), Script::new("other"));
        let house = house_of(plan(backend, &service), &[&script]).await;
        scripted::sender(&house, &script, "+12125550198", |_| {}).await;
        let ben = newcomer(&house, number(0)).await;
        ask_with_digits(&house, &ben, WRONG).await;
        assert_eq!((service.started(), script.handed().len(), services(&house).await), (0, 1, vec![None]));
        assert_eq!((type_in(&house, &ben, WRONG).await, service.checked()), (Tried::Passed, 0));
    });
}

#[test]
fn a_stopped_number_and_a_landline_get_no_code_of_the_service_either() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let (ben, eve) = (newcomer(&house, number(0)).await, newcomer(&house, number(1)).await);
        house.says(&ben.number, "STOP").await;
        let (contact, now) = (eve.contact, house.engine.now());
        house
            .write(move |tx| {
                let number = people::contact_point(tx, contact)?.number;
                numbers::set_line(tx, number, wellsent_domain::person::LineType::Landline, now)
            })
            .await;
        for patient in [ben, eve] {
            let id = ask(&house, &patient).await;
            assert_eq!(state(&house, id).await, MessageState::Refused);
        }
        assert_eq!(service.started(), 0);
    });
}

#[test]
fn digits_texted_back_to_a_code_of_the_service_are_for_staff() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        ask(&house, &ben).await;
        house.says(&ben.number, RIGHT).await;
        assert_eq!((service.checked(), is_verified(&house, &ben).await, failures(&house, &ben).await), (0, false, (0, 0)));
        assert_eq!(kinds(&house).await, [TaskKind::UnclearAnswer]);
        assert_eq!(type_in(&house, &ben, RIGHT).await, Tried::Passed, "staff types it in");
    });
}

#[test]
fn the_door_of_a_page_opens_by_a_code_of_the_service_and_counts_no_try_that_was_not_checked() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ana = house.patient().await;
        let link = page(&house, &ana).await;
        house.engine.page_send_code(&link, address(1)).await.unwrap();
        house.settle().await;
        assert_eq!(service.started(), 1);
        let attempt = |code: &'static str, from| {
            let (engine, link) = (house.engine.clone(), link.clone());
            async move { engine.page_try(&link, SecondFact::Code(Phi::new(code.to_owned())), address(from)).await }
        };
        for n in 0..30 {
            service.checks_with([Err(VerifyError::Unavailable)]);
            assert!(matches!(attempt(RIGHT, n).await, Err(EngineError::CodeUnchecked)));
        }
        assert!(attempt(WRONG, 40).await.unwrap().is_none());
        let session = attempt(RIGHT, 41).await.unwrap().expect("it opens");
        assert!(house.engine.page_of_session(&session).await.unwrap().is_some());
        assert!(attempt(RIGHT, 42).await.unwrap().is_none(), "the code works once");
    });
}

#[test]
fn nothing_of_a_code_that_was_typed_is_stored() {
    on_each(|backend| async move {
        let service = Scripted::new();
        let house = House::build(plan(backend, &service)).await;
        let ben = newcomer(&house, number(0)).await;
        // Longer than a code of ours, so that no chance puts it somewhere.
        let typed = "31415926535";
        ask(&house, &ben).await;
        assert_eq!(type_in(&house, &ben, typed).await, Tried::Wrong);
        service.checks_with([Ok(Checked::Approved)]);
        assert_eq!(type_in(&house, &ben, typed).await, Tried::Passed);
        assert!(!ledger(&house).await.contains(typed));
        assert_eq!(in_the_clear(&house, backend, typed).await, Vec::<String>::new());
        let request = ConsentEventId::from_bytes(rows(&house, &REQUEST).await[0].id(0).unwrap());
        house.write(move |tx| codes::set_service(tx, request, Some(typed))).await;
        assert!(!in_the_clear(&house, backend, typed).await.is_empty(), "what is kept is found");
    });
}

static REQUEST: Sql = Sql::new("test::REQUEST", "SELECT request_id FROM verification_code");
