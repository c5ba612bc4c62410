//! A carrier that does what a script says: outcomes, log, what it forgets and what it received are data, and so is what it was asked.

use crate::crowd::*;
use futures_util::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use wellsent_carrier::{
    Callback, CallbackError, CallbackKind, Carrier, Event, EventSink, ForgetError, Idempotency, LogEntry, LookupError, LookupQuery,
    NotSubmittedCause, Outcome, Traits, UnknownCause, body_digest,
};
use wellsent_db::Sql;
use wellsent_domain::gate::{AttemptToken, Released};
use wellsent_domain::practice::{Agreement, SenderKind};
use wellsent_domain::{MessageId, SenderId};
use wellsent_engine::Received;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{agreements, messages};
use wellsent_testkit::house::{Backend, House, Patient, Plan};

/// One submission.
#[derive(Debug, Clone)]
pub struct Handed {
    pub message: MessageId,
    pub sender: SenderId,
    pub token: AttemptToken,
    pub digest: [u8; 32],
    /// The id that it was given, if it was taken.
    pub id: String,
}

/// The script, and what happened.
pub struct Script {
    name: String,
    accounts: Vec<Option<&'static str>>,
    account: AtomicUsize,
    made: AtomicUsize,
    pub traits: Mutex<Traits>,
    /// What the next submissions end with; when nothing is left they are accepted.
    pub outcomes: Mutex<VecDeque<Outcome>>,
    pub handed: Mutex<Vec<Handed>>,
    pub log: Mutex<Result<Vec<LogEntry>, LookupError>>,
    pub callback: Mutex<Vec<Event>>,
    /// What the next wishes to forget are answered; when nothing is left they are granted.
    pub forgetting: Mutex<VecDeque<ForgetError>>,
    pub asked_to_forget: Mutex<Vec<String>>,
    pub received: Mutex<Result<Vec<Event>, LookupError>>,
    pub asked_since: Mutex<Vec<Timestamp>>,
    pub sink: Mutex<Option<Arc<dyn EventSink>>>,
}

impl Script {
    /// One that accepts everything, keeps an empty log and has no accounts.
    pub fn new(name: &str) -> Arc<Self> {
        Self::with_accounts(name, vec![None])
    }

    /// One with accounts, on the first of them.
    pub fn with_accounts(name: &str, accounts: Vec<Option<&'static str>>) -> Arc<Self> {
        let traits = Traits {
            validity_s: 1..=36_000,
            body_chars_max: 1_600,
            idempotency: Idempotency::None,
            log_shows_token: false,
            reports_delivery: true,
            answers_stop: false,
            forgets: false,
            keeps_received: false,
            simulated: true,
        };
        Arc::new(Self {
            name: name.to_owned(),
            accounts,
            account: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            traits: Mutex::new(traits),
            outcomes: Mutex::default(),
            handed: Mutex::default(),
            log: Mutex::new(Ok(Vec::new())),
            callback: Mutex::default(),
            forgetting: Mutex::default(),
            asked_to_forget: Mutex::default(),
            received: Mutex::new(Ok(Vec::new())),
            asked_since: Mutex::default(),
            sink: Mutex::default(),
        })
    }

    /// Goes over to another of its accounts, as if the settings had been changed.
    pub fn use_account(&self, index: usize) {
        self.account.store(index, Ordering::Relaxed);
    }

    /// What the next submissions end with.
    pub fn ends_with(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        lock(&self.outcomes).extend(outcomes);
    }

    /// What was handed over.
    pub fn handed(&self) -> Vec<Handed> {
        lock(&self.handed).clone()
    }

    /// An entry of the log about a submission.
    pub fn entry(&self, of: &Handed, id: &str, sent_at: Timestamp) -> LogEntry {
        LogEntry {
            carrier_message_id: id.to_owned(),
            token: None,
            status: wellsent_domain::carrier_report::DeliveryStatus::Sent,
            failure: None,
            sent_at,
            body_digest: of.digest,
        }
    }
}

/// It could not be reached.
pub fn no_connection() -> Outcome {
    Outcome::NotSubmitted { cause: NotSubmittedCause::NoConnection, retry_after: None }
}

/// It refuses the account.
pub fn account_refused() -> Outcome {
    Outcome::NotSubmitted { cause: NotSubmittedCause::AccountRefused, retry_after: None }
}

/// Nobody knows.
pub fn unknown() -> Outcome {
    Outcome::Unknown { cause: UnknownCause::Deadline }
}

impl Carrier for Script {
    fn name(&self) -> &str {
        &self.name
    }

    fn account(&self) -> Option<&str> {
        self.accounts[self.account.load(Ordering::Relaxed)]
    }

    fn submit<'a>(&'a self, released: Released) -> BoxFuture<'a, Outcome> {
        let id = format!("SM{}-{}", self.name, self.made.fetch_add(1, Ordering::Relaxed));
        lock(&self.handed).push(Handed {
            message: released.message(),
            sender: released.sender(),
            token: released.token(),
            digest: body_digest(released.body().expose()),
            id: id.clone(),
        });
        let outcome = lock(&self.outcomes).pop_front();
        let accepted = Outcome::Accepted { carrier_message_id: id, parts: Some(released.parts()) };
        Box::pin(std::future::ready(outcome.unwrap_or(accepted)))
    }

    fn read_callback<'a>(&'a self, _: Callback<'a>) -> BoxFuture<'a, Result<Vec<Event>, CallbackError>> {
        Box::pin(std::future::ready(Ok(std::mem::take(&mut *lock(&self.callback)))))
    }

    fn lookup<'a>(&'a self, _: LookupQuery) -> BoxFuture<'a, Result<Vec<LogEntry>, LookupError>> {
        Box::pin(std::future::ready(lock(&self.log).clone()))
    }

    fn forget<'a>(&'a self, carrier_message_id: &'a str) -> BoxFuture<'a, Result<(), ForgetError>> {
        lock(&self.asked_to_forget).push(carrier_message_id.to_owned());
        Box::pin(std::future::ready(lock(&self.forgetting).pop_front().map_or(Ok(()), Err)))
    }

    fn received<'a>(&'a self, _: &'a str, since: Timestamp) -> BoxFuture<'a, Result<Vec<Event>, LookupError>> {
        lock(&self.asked_since).push(since);
        Box::pin(std::future::ready(lock(&self.received).clone()))
    }

    fn hold_line(&self, sink: Arc<dyn EventSink>) -> Option<BoxFuture<'static, ()>> {
        *lock(&self.sink) = Some(sink);
        Some(Box::pin(std::future::pending()))
    }

    fn traits(&self) -> Traits {
        lock(&self.traits).clone()
    }
}

/// A house whose texts go over scripted carriers; the simulated phones' sender stays behind them.
pub async fn house_with(backend: Backend, scripts: &[&Arc<Script>]) -> House {
    house_of(Plan::on(backend), scripts).await
}

/// The same on a plan.
pub async fn house_of(plan: Plan, scripts: &[&Arc<Script>]) -> House {
    let more_carriers = scripts.iter().map(|script| Arc::clone(*script) as Arc<dyn Carrier>).collect();
    let house = House::build(Plan { more_carriers, ..plan }).await;
    let (simulated, now) = (house.sender, house.engine.now());
    let retire = move |tx: &mut wellsent_store::Tx<'_, '_>| {
        senders::set_registration(tx, simulated, wellsent_domain::practice::Registration::Unregistered, now)
    };
    house.write(retire).await;
    for script in scripts {
        let account = script.account().map(str::to_owned);
        agree(&house, &script.name, account, None).await;
    }
    house
}

/// Records an agreement with a carrier.
pub async fn agree(house: &House, carrier: &str, account: Option<String>, until: Option<Date>) {
    let (now, carrier) = (house.engine.now(), carrier.to_owned());
    let agreement = Agreement { account, ..Agreement::for_texts(Date::constant(2026, 1, 1), until) };
    house.write(move |tx| agreements::add(tx, &carrier, "Carrier, Inc.", agreement.clone(), None, now)).await;
}

/// Adds an approved sender over a carrier, behind those that are there.
pub async fn sender(house: &House, script: &Script, address: &str, change: impl FnOnce(&mut NewSender)) -> SenderId {
    let now = house.engine.now();
    let mut new = NewSender::approved(&script.name, address, SenderKind::LongCode, 600_000);
    change(&mut new);
    house.write(move |tx| senders::add(tx, &new, now)).await
}

/// A text to a patient that is due now and of use for some hours.
pub async fn text(house: &House, patient: &Patient, useful_hours: i64, urgent: bool) -> MessageId {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let n = MADE.fetch_add(1, Ordering::Relaxed);
    let now = house.engine.now();
    let visit = house.visit(patient, now + days(9)).await;
    house.engine.plan_waiting(house.practice).await.expect("planning");
    let mut new = reminder(patient, visit, now, urgent);
    new.occurrence = format!("{} #{n}", new.occurrence);
    new.useful_until = now + hours(useful_hours);
    house.write(move |tx| Ok(messages::add(tx, &new, now)?.expect("an occurrence of its own"))).await
}

/// A callback of a scripted carrier with these events.
pub async fn calls_back(house: &House, script: &Script, over: SenderId, events: Vec<Event>) -> Received {
    *lock(&script.callback) = events;
    let none = |_: &str| None;
    let callback = Callback { kind: CallbackKind::Status, public_url: "", headers: &none, body: b"" };
    house.engine.receive(over, callback).await.expect("the callback is taken")
}

static REASONS: Sql = Sql::new("test::REASONS", "SELECT reasons FROM ruling WHERE ruling <> 'release' ORDER BY at, id");

/// The reasons of all rulings but releases, in order.
pub async fn reasons(house: &House) -> Vec<String> {
    rows(house, &REASONS).await.iter().map(|row| row.text(0).unwrap().to_owned()).collect()
}

/// When the gate is asked about a message next.
pub async fn next_at(house: &House, message: MessageId) -> Timestamp {
    house.write(move |tx| Ok(messages::get(tx, message)?.next_at)).await
}

/// Lets the engine do what is due at this instant, and at the next instants of a while.
pub async fn pass(house: &House, seconds: i64) {
    let until = house.engine.now() + SignedDuration::from_secs(seconds);
    loop {
        house.engine.dispatch_due(house.practice).await.expect("dispatching");
        house.engine.reconcile(house.practice).await.expect("reconciling");
        if house.engine.now() >= until {
            return;
        }
        house.wait_until((house.engine.now() + SignedDuration::from_secs(2)).min(until));
    }
}
