//! The log of consent is the truth and the live tables are drawn from it (H-04): random histories, and after every act the state that a claim would
//! see is the one that the log gives.

use crate::crowd::*;
use crate::verification::detail;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wellsent_db::{FaultAction, Faults};
use wellsent_domain::consent::{AuthorizationForm, Category, Channel, ConsentAct, Directive, Event, Expiry, Permissions};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{ContactState, Name, Obtained, Standing};
use wellsent_domain::quiet::Window;
use wellsent_domain::verification::Tried;
use wellsent_domain::{ContactPointId, Language, PersonId, Phi, PhoneNumber};
use wellsent_engine::Choices;
use wellsent_store::codes::{NewCode, TryAt};
use wellsent_store::inbound::NewInbound;
use wellsent_store::messages::NewMessage;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::{
    StoreError, Tx, authorizations, claims, codes, consent_log, consents, directives, inbound, messages, numbers, people,
};
use wellsent_testkit::house::{Backend, House, Patient, Plan, consent};
use wellsent_testkit::power::Chance;
use wellsent_text::consent_wording::Subject;
use wellsent_vault::random_token;

const HISTORIES: u64 = 60;
const STEPS: usize = 40;
const PEOPLE: usize = 3;

/// A few people who share and swap a few phones.
struct World<'h> {
    house: &'h House,
    chance: Chance,
    people: Vec<PersonId>,
    phones: Vec<PhoneNumber>,
    texts: u64,
    /// What was computed for instants that no act has come before since.
    past: Vec<(PersonId, ContactPointId, Timestamp, Permissions)>,
    seen: Seen,
}

/// What a run of histories showed.
#[derive(Default)]
struct Seen {
    violations: Vec<String>,
    /// Acts without which the log would have given something else: so the comparison looks at each of them.
    noticed: BTreeSet<&'static str>,
    recorded: BTreeSet<&'static str>,
    compared: usize,
    remembered: usize,
}

/// The state as a claim sees it.
fn live(tx: &mut Tx<'_, '_>, person: PersonId, contact: ContactPointId) -> Result<Permissions, StoreError> {
    let stored = people::contact_point(tx, contact)?;
    let suppression = numbers::get(tx, stored.number)?.and_then(|state| state.suppression);
    let bound = suppression.filter(|suppression| stored.resumed_at.is_none_or(|at| at < suppression.at));
    let binding = directives::of_person(tx, person)?;
    let mut directives: Vec<_> = binding
        .into_iter()
        .filter(|held| held.contact_point.is_none_or(|at| at == contact))
        .map(|held| (held.id, held.directive))
        .collect();
    directives.sort_by_key(|(id, _)| *id);
    Ok(Permissions {
        consents: consents::standing(tx, contact)?.into_iter().collect::<BTreeMap<_, _>>(),
        warning: stored.warning,
        directives,
        authorizations: authorizations::of_person(tx, person)?,
        verified_at: stored.contact.verified_at,
        confirmed_at: stored.contact.confirmed_at,
        suppressed_at: bound.map(|suppression| suppression.at),
    })
}

/// Whether the log gives the same. Somebody who joined a number that was stopped before is stopped from then on: the instants differ.
fn same(log: &[Event], contact: ContactPointId, now: Timestamp, live: &Permissions) -> bool {
    let mut given = Permissions::at(log, contact, now);
    given.directives.sort_by_key(|(id, _)| *id);
    if given.suppressed_at.is_some() && live.suppressed_at.is_some() {
        given.suppressed_at = live.suppressed_at;
    }
    given == *live
}

/// Whether the claim of a text to this number finds the same, in the tables and columns that it locks.
fn claimed(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    contact: ContactPointId,
    category: Category,
    given: &Permissions,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let number = people::contact_point(tx, contact)?.contact.number;
    let patient = Patient { person, contact, number: *number.expose() };
    // Due before everything else that waits, so that it is the one that is claimed.
    let message =
        NewMessage { category, due_at: Timestamp::UNIX_EPOCH, occurrence: random_token(), ..detail(&patient, "reminder", Vec::new(), now) };
    let id = messages::add(tx, &message, now)?.expect("an occurrence of its own");
    let claimed = claims::claim(tx, now, 1)?.pop().expect("it is due");
    messages::withdraw(tx, id, now)?;
    assert_eq!(claimed.message.id, id);
    let words = |directives: &mut dyn Iterator<Item = Directive>| {
        let mut words: Vec<_> = directives.map(|directive| format!("{directive:?}")).collect();
        words.sort();
        words
    };
    let stored = &claimed.contact.as_ref().expect("a contact point").stored;
    Ok(claimed.consent == given.consents.get(&category).copied()
        && claimed.suppression.is_some() == given.suppressed_at.is_some()
        && stored.warning == given.warning
        && (stored.contact.verified_at, stored.contact.confirmed_at) == (given.verified_at, given.confirmed_at)
        && words(&mut claimed.directives.iter().copied()) == words(&mut given.directives.iter().map(|(_, directive)| *directive))
        && (category != Category::Marketing || claimed.authorizations == given.authorizations))
}

impl<'h> World<'h> {
    async fn new(house: &'h House, seed: u64) -> Self {
        let phones = (0..3).map(|n| number(seed as usize * 3 + n)).collect();
        let mut world =
            Self { house, chance: Chance::new(seed), people: Vec::new(), phones, texts: 0, past: Vec::new(), seen: Seen::default() };
        for _ in 0..PEOPLE {
            let (now, phone) = (house.engine.now(), world.phone());
            let verified_at = world.chance.coin().then(|| now - days(3));
            let add = move |tx: &mut Tx<'_, '_>| {
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
                let data = ContactData { number: Phi::new(phone), obtained: Obtained::Patient, verified_at, reached: Reached::Own };
                people::set_number(tx, person, &data, now)?;
                Ok(person)
            };
            let person = house.write(add).await;
            world.people.push(person);
        }
        world
    }

    fn phone(&mut self) -> PhoneNumber {
        let which = self.chance.below(self.phones.len());
        self.phones[which]
    }

    fn category(&mut self) -> Category {
        Category::ALL[self.chance.below(Category::ALL.len())]
    }

    /// An act of now, or one that is entered late.
    fn when(&mut self) -> Timestamp {
        let now = self.house.engine.now();
        if self.chance.below(10) < 6 { now } else { now - SignedDuration::from_mins(self.chance.below(12 * 24 * 60) as i64) }
    }

    /// Somebody with one of their numbers: mostly the present one, sometimes one that they had.
    async fn somebody(&mut self) -> (PersonId, ContactPointId) {
        let person = self.people[self.chance.below(PEOPLE)];
        let known = self.house.write(move |tx| people::contacts(tx, person)).await;
        let current = known.iter().find(|known| known.contact.state != ContactState::Replaced).expect("a number");
        let contact = if self.chance.below(8) == 0 { known[self.chance.below(known.len())].contact.id } else { current.contact.id };
        (person, contact)
    }

    /// One act, and the instant at which it was done.
    async fn act(&mut self) -> Timestamp {
        let (house, now, at) = (self.house, self.house.engine.now(), self.when());
        let ((person, contact), category) = (self.somebody().await, self.category());
        let (first, second) = (self.chance.coin(), self.chance.coin());
        let record = consent(person, contact, at);
        match self.chance.below(20) {
            0..=2 => {
                house.write(move |tx| consents::grant(tx, record, category, first, second)).await;
                return at;
            }
            3 | 4 => {
                house.write(move |tx| consents::revoke(tx, record, category)).await;
                return at;
            }
            5..=7 => {
                let acts = [ConsentAct::Warned, ConsentAct::WarningAccepted, ConsentAct::WarningWithdrawn];
                let act = acts[self.chance.below(acts.len())];
                house.write(move |tx| consents::record_warning(tx, record, act)).await;
                return at;
            }
            8 => {
                let subjects = Subject::ALL.into_iter().filter(|_| self.chance.coin()).collect::<Vec<_>>();
                let answers = subjects.into_iter().map(|subject| (subject, self.chance.coin())).collect();
                let channel = Channel::Paper;
                let choices =
                    Choices { person, contact_point: contact, channel, language: Language::Es, answers, evidence: None, at: Some(at) };
                house.engine.record_choices(house.access(), choices).await.expect("they are recorded");
                return at;
            }
            9 => house.write(move |tx| consents::confirm(tx, contact, category, now)).await,
            10 => {
                let typed = if first { "271828" } else { "314159" };
                let tried = move |tx: &mut Tx<'_, '_>| {
                    let stored = people::contact_point(tx, contact)?;
                    let new = NewCode { contact: &stored, code: &Phi::new("271828".to_owned()), channel: Channel::Spoken, page: None };
                    let asked = codes::ask(tx, &new, now)?;
                    Ok((asked.is_ok(), codes::try_code(tx, TryAt::Contact(contact), typed, Channel::Spoken, now)?.0))
                };
                let (asked, tried) = house.write(tried).await;
                assert!(!asked || matches!(tried, Tried::TooMany) || (tried == Tried::Passed) == first, "{tried:?}");
            }
            11 => {
                house.write(move |tx| people::set_verified(tx, contact, Channel::Import, at)).await;
                return at;
            }
            12 => house.write(move |tx| people::set_confirmed(tx, contact, Channel::Spoken, now)).await,
            13 => {
                let phone = self.phone();
                house.engine.change_number(house.access(), person, phone).await.map(drop).expect("another number");
            }
            14 => self.text("STOP").await,
            15 => self.text("START").await,
            16 => house.engine.stop(house.access(), contact, Channel::Spoken).await.expect("it stops"),
            17 => {
                let hours = Window::new(Time::constant(9, 30, 0, 0), Time::constant(17, 0, 0, 0));
                let all = [Directive::NeverText, Directive::NotThisNumber, Directive::OnlyBetween(hours), Directive::NothingClinical];
                let directive = all[self.chance.below(all.len())];
                let _ = house.engine.direct(house.access(), person, first.then_some(contact), directive).await.expect("it is recorded");
            }
            18 => {
                let held = house.write(move |tx| directives::of_person(tx, person)).await;
                if let Some(held) = held.get(self.chance.below(held.len())) {
                    house.engine.end_directive(house.access(), person, held.id).await.expect("it ends");
                }
            }
            _ if first => {
                let until = second.then_some(Expiry::On(Date::constant(2031, 1, 1)));
                let form = form(until.unwrap_or_else(|| Expiry::With(Phi::new("end of treatment".into()))));
                house.engine.authorize(house.access(), person, form, None).await.expect("a transaction").map(drop).expect("a whole form");
            }
            _ => {
                let held = house.write(move |tx| authorizations::of_person(tx, person)).await;
                if let Some(held) = held.get(self.chance.below(held.len())) {
                    house.engine.end_authorization(house.access(), person, held.event, None).await.expect("it ends");
                }
            }
        }
        now
    }

    /// A phone says something, and it is routed.
    async fn text(&mut self, body: &'static str) {
        let (phone, now, sender) = (self.phone(), self.house.engine.now(), self.house.sender);
        self.texts += 1;
        let mut event_key = [0; 32];
        event_key[..8].copy_from_slice(&self.chance.number().to_be_bytes());
        event_key[8..16].copy_from_slice(&self.texts.to_be_bytes());
        let new = NewInbound {
            sender,
            event_key,
            from: Phi::new(phone),
            body: Phi::new(body.into()),
            opt_out: None,
            page: None,
            late: false,
            erase: None,
        };
        self.house.write(move |tx| inbound::keep(tx, &new, now)).await;
        self.house.engine.route_waiting(self.house.practice).await.expect("it is routed");
    }

    /// Compares every number in use of everybody.
    async fn compare(&mut self, step: usize, done_at: Timestamp) {
        let (now, people, category) = (self.house.engine.now(), self.people.clone(), self.category());
        let states = self
            .house
            .write(move |tx| {
                let mut states = Vec::new();
                for person in &people {
                    let log = consent_log::of_person(tx, *person)?;
                    for known in people::contacts(tx, *person)? {
                        if known.contact.state != ContactState::Replaced {
                            let contact = known.contact.id;
                            let given = Permissions::at(&log, contact, now);
                            let claimed = claimed(tx, *person, contact, category, &given, now)?;
                            states.push((*person, contact, live(tx, *person, contact)?, claimed, log.clone()));
                        }
                    }
                }
                Ok(states)
            })
            .await;
        // What was known about an instant before everything that was done since is what it still is.
        self.past.retain(|(_, _, at, _)| *at < done_at);
        for (person, contact, at, then) in &self.past {
            if let Some((.., log)) = states.iter().find(|(owner, ..)| owner == person) {
                self.seen.remembered += 1;
                let given = Permissions::at(log, *contact, *at);
                if given != *then {
                    self.seen.violations.push(format!("step {step}: the past of {contact} changed: {then:?} is now {given:?}"));
                }
            }
        }
        for (person, contact, live, claimed, log) in states {
            self.seen.compared += 1;
            let given = Permissions::at(&log, contact, now);
            if !claimed || !same(&log, contact, now, &live) {
                let last: Vec<_> = log.iter().rev().take(8).map(|event| (event.at, event.act)).collect();
                self.seen
                    .violations
                    .push(format!("step {step}: claim of {category:?} {claimed}, live {live:?}, log {given:?}, last acts {last:?}"));
            }
            for act in ConsentAct::ALL {
                let without: Vec<Event> = log.iter().filter(|event| event.act.word() != *act).copied().collect();
                if without.len() < log.len() {
                    self.seen.recorded.insert(act.as_str());
                    if !same(&without, contact, now, &live) {
                        self.seen.noticed.insert(act.as_str());
                    }
                }
            }
            self.past.push((person, contact, now, given));
        }
    }
}

fn form(expiry: Expiry) -> AuthorizationForm {
    let text = |text: &str| Phi::new(text.to_owned());
    AuthorizationForm {
        information: text("name, phone number"),
        discloser: text("the practice"),
        recipient: text("the practice's texting service"),
        purpose: text("news about classes"),
        paid_for: false,
        states_payment: false,
        expiry: Some(expiry),
        signed_on: Some(Date::constant(2027, 3, 1)),
        representative: None,
        states_revocation: true,
        states_not_a_condition: true,
        states_redisclosure: true,
    }
}

/// Plays histories until one shows a violation.
async fn histories(house: &House, seeds: std::ops::Range<u64>) -> Seen {
    let mut all = Seen::default();
    for seed in seeds {
        let mut world = World::new(house, seed).await;
        for step in 0..STEPS {
            // Several acts of one instant, or of days that lie apart.
            let waits = [SignedDuration::ZERO, SignedDuration::from_secs(1), hours(1), days(1)];
            let wait = waits[world.chance.below(waits.len())];
            house.wait_until(house.engine.now() + wait);
            let done_at = world.act().await;
            world.compare(step, done_at).await;
        }
        all.compared += world.seen.compared;
        all.remembered += world.seen.remembered;
        all.noticed.extend(world.seen.noticed);
        all.recorded.extend(world.seen.recorded);
        if let Some(first) = world.seen.violations.first() {
            all.violations.push(format!("seed {seed}: {first}"));
            return all;
        }
    }
    all
}

#[test]
fn after_every_act_the_live_state_is_what_the_log_gives() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let seen = histories(&house, 0..HISTORIES).await;
        assert_eq!(seen.violations, Vec::<String>::new());
        assert!(seen.compared >= HISTORIES as usize * STEPS * PEOPLE && seen.remembered > 10_000, "{} {}", seen.compared, seen.remembered);
        let all: BTreeSet<_> = ConsentAct::ALL.iter().map(|act| act.as_str()).collect();
        assert_eq!(seen.recorded, all, "the histories know every act");
        // A log from which the acts of one kind are missing gives something else. That a code was asked for changes nothing.
        let telling: BTreeSet<_> = all.into_iter().filter(|act| *act != ConsentAct::CodeAsked.as_str()).collect();
        assert_eq!(seen.noticed, telling);
    });
}

#[test]
fn control_a_live_state_that_does_not_follow_the_log_is_seen() {
    let statements = [
        "consents::SET",
        "consents::CONFIRM",
        "consents::SET_WARNING",
        "consents::REDRAW_CONFIRMED",
        "consents::REDRAW_WARNING",
        "people::REPLACE",
        "people::END_CONSENTS",
        "people::VERIFIED",
        "people::CONFIRMED",
        "numbers::SUPPRESS",
        "numbers::RESUME",
        "directives::END",
        "directives::INSERT",
        "directives::HAS",
        "authorizations::END",
        "authorizations::INSERT",
    ];
    let run = |backend, statement: &'static str| async move {
        let faults = Arc::new(Faults::new());
        let mut plan = Plan::on(backend);
        plan.options.faults = Some(Arc::clone(&faults));
        let house = House::build(plan).await;
        faults.arm_statement(statement, FaultAction::Swallow);
        let seen = histories(&house, 0..HISTORIES).await;
        assert!(!seen.violations.is_empty(), "nobody misses {statement}");
    };
    for statement in statements {
        crate::crowd::run(run(Backend::Sqlite, statement));
    }
}
