//! Many patients at once with texts that are due, looks past the store into the database, and witnesses between the engine and the carrier.

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use wellsent_carrier::{Callback, CallbackError, Carrier, Event, LogEntry, LookupError, LookupQuery, NotSubmittedCause, Outcome, Traits};
use wellsent_db::{DbError, Row, Sql, Tx as RawTx};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::consent::Category;
use wellsent_domain::gate::{Origin, PlannedVisit, Reached, Released};
use wellsent_domain::message::{MessageState, Programme, Purpose};
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{AppointmentId, Language, MessageId, Phi, PhoneNumber};
use wellsent_store::appointments::{Upserted, VisitData};
use wellsent_store::messages::NewMessage;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::{appointments, consents, messages, people, tasks};
use wellsent_testkit::house::{Backend, House, Patient, Plan, Wrap, consent, start};
use wellsent_text::phone::AreaCode;

/// Runs a test on every database of this machine.
pub fn on_each<F: Future<Output = ()>>(test: impl Fn(Backend) -> F) {
    for backend in Backend::all() {
        run(test(backend));
    }
}

/// Runs a future on a runtime of its own.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(future)
}

pub fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

pub fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Takes a lock that a panicking test may have left behind.
pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Invented numbers of area codes where texts may arrive at noon in New York.
pub fn number(n: usize) -> PhoneNumber {
    static OPEN: OnceLock<Vec<u16>> = OnceLock::new();
    let areas = OPEN.get_or_init(|| {
        let open = |zone: &&str| {
            let zone = jiff::tz::TimeZone::get(zone).expect("a zone");
            (8..21).contains(&zone.to_datetime(start()).hour())
        };
        (201..990).filter(|area| AreaCode::zones(*area).is_some_and(|zones| zones.iter().all(open))).collect()
    });
    let area = areas[(n / 100) % areas.len()];
    PhoneNumber::parse(&format!("+1{area}55501{:02}", n % 100)).expect("a number")
}

/// A patient with a visit and a text about it that is due now.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    pub patient: Patient,
    pub visit: AppointmentId,
    pub message: MessageId,
}

/// One patient for each number, with consent, a visit in nine days, and a reminder of it that is due at this moment.
pub async fn crowd(house: &House, numbers: &[PhoneNumber], urgent: bool) -> Vec<Due> {
    let (now, location, visit_type, numbers) = (house.engine.now(), house.location, house.visit_type, numbers.to_vec());
    let known = house
        .write(move |tx| {
            let mut known = Vec::with_capacity(numbers.len());
            for number in &numbers {
                let person = PersonData {
                    record_number: None,
                    name: Phi::new(Name { given: "Ana".into(), family: "Rivera".into() }),
                    birth_date: Some(Phi::new(Date::constant(1980, 5, 5))),
                    language: Language::En,
                    zone: None,
                    standing: Standing::Active,
                    sensitive: false,
                };
                let person = people::add(tx, &person, None, now)?;
                let contact =
                    ContactData { number: Phi::new(*number), obtained: Obtained::Patient, verified_at: Some(now), reached: Reached::Own };
                let contact = people::set_number(tx, person, &contact, now)?;
                consents::grant(tx, consent(person, contact, now), Category::Appointments, true, true)?;
                let starts_at = now + days(9);
                let data = VisitData {
                    source_id: person.to_string(),
                    person,
                    location,
                    visit_type,
                    starts_at,
                    starts_local: "2027-03-10T12:00:00".into(),
                    zone: "America/New_York".into(),
                    status: AppointmentStatus::Booked,
                };
                let visit = match appointments::upsert(tx, &data, [1; 32], now)? {
                    Upserted::Added(id) | Upserted::Changed(id) | Upserted::Unchanged(id) => id,
                };
                known.push((Patient { person, contact, number: *number }, visit));
            }
            Ok(known)
        })
        .await;
    // The planner is done with them, so that it does not withdraw what it did not want.
    house.engine.plan_waiting(house.practice).await.expect("planning");
    house
        .write(move |tx| {
            let due = |(patient, visit): &(Patient, AppointmentId)| {
                let message = messages::add(tx, &reminder(patient, *visit, now, urgent), now)?.expect("an occurrence of its own");
                Ok(Due { patient: *patient, visit: *visit, message })
            };
            known.iter().map(due).collect()
        })
        .await
}

/// A reminder of a visit that is due now and of use for two hours.
pub fn reminder(patient: &Patient, visit: AppointmentId, now: Timestamp, urgent: bool) -> NewMessage {
    NewMessage {
        occurrence: format!("reminder of {visit} at {now}"),
        person: Some(patient.person),
        contact_point: Some(patient.contact),
        number: Phi::new(patient.number),
        programme: Programme::Reminders,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        template: "reminder".into(),
        language: Language::En,
        text: None,
        values: Vec::new(),
        visits: vec![PlannedVisit { appointment: visit, version: 1 }],
        prompt: Some("single"),
        due_at: now,
        useful_until: now + hours(2),
        urgent,
    }
}

/// Looks into the database past the store.
pub async fn rows(house: &House, sql: &'static Sql) -> Vec<Row> {
    let look = move |tx: &mut RawTx<'_>| -> Result<Vec<Row>, DbError> { tx.query(sql, &[]) };
    house.engine.store().db().read(look).await.expect("the database answers")
}

/// Where a message stands.
pub async fn state(house: &House, message: MessageId) -> MessageState {
    house.write(move |tx| Ok(messages::get(tx, message)?.state)).await
}

/// The kinds of the open tasks, sorted.
pub async fn kinds(house: &House) -> Vec<TaskKind> {
    let mut kinds: Vec<_> = house.write(|tx| Ok(tasks::list(tx, 500)?.into_iter().map(|task| task.about.kind).collect::<Vec<_>>())).await;
    kinds.sort_by_key(|kind| kind.as_str());
    kinds
}

/// The messages that open tasks speak of.
pub async fn with_task(house: &House) -> HashSet<MessageId> {
    house.write(|tx| Ok(tasks::list(tx, 5_000)?.into_iter().filter_map(|task| task.about.message).collect())).await
}

/// One submission as a witness saw it.
#[derive(Debug, Clone)]
pub struct Submission {
    pub message: MessageId,
    pub began: Instant,
    pub unclear: bool,
}

/// What a witness saw.
pub type Submissions = Arc<Mutex<Vec<Submission>>>;

/// Stands between the engine and the carrier and notes every submission. A broken one takes an unclear answer for a clear no.
struct Witness {
    carrier: Arc<dyn Carrier>,
    seen: Submissions,
    retries_blindly: bool,
}

/// A plan with a witness at the carrier.
pub fn witnessed(plan: Plan) -> (Plan, Submissions) {
    let seen = Submissions::default();
    (Plan { wrap: Some(witness(&seen, false)), ..plan }, seen)
}

/// Puts a witness at the carrier.
pub fn witness(seen: &Submissions, retries_blindly: bool) -> Wrap {
    let seen = Arc::clone(seen);
    Box::new(move |carrier| Arc::new(Witness { carrier, seen, retries_blindly }))
}

impl Carrier for Witness {
    fn name(&self) -> &str {
        self.carrier.name()
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let began = Instant::now();
            let message = released.message();
            let index = {
                let mut seen = lock(&self.seen);
                seen.push(Submission { message, began, unclear: false });
                seen.len() - 1
            };
            match self.carrier.submit(released).await {
                unclear @ Outcome::Unknown { .. } => {
                    lock(&self.seen)[index].unclear = true;
                    match self.retries_blindly {
                        true => Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None },
                        false => unclear,
                    }
                }
                clear => clear,
            }
        })
    }

    fn read_callback<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        self.carrier.read_callback(callback)
    }

    fn lookup<'a>(&'a self, query: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        self.carrier.lookup(query)
    }

    fn traits(&self) -> Traits {
        self.carrier.traits()
    }
}
