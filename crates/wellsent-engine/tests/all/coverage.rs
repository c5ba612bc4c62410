//! The report on the panel: everybody is in one class, and the class is the one that the person's own record gives, on both databases.

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use wellsent_domain::consent::{Category, Channel, ConsentAct, Directive};
use wellsent_domain::coverage::{Asked, Coverage, PanelFacts, PanelNumber, PanelSetting, Step};
use wellsent_domain::gate::{Reached, Reassigned};
use wellsent_domain::person::{Authority, ContactState, LineType, Name, Obtained, Proxy, Standing};
use wellsent_domain::quiet::Window;
use wellsent_domain::{Language, PersonId, Phi, PhoneNumber};
use wellsent_engine::{CoverageQuestion, CoverageReport, Shown};
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::views::person::{Chart, chart};
use wellsent_store::{StoreError, Tx, consent_log, consents, directives, numbers, people, practices};
use wellsent_testkit::house::{Backend, House, Plan, consent};

const AREAS: [u16; 6] = [212, 646, 718, 917, 347, 929];

/// What happened to a patient, one after the other.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Number(u16, u8),
    Grant(Category, bool, i64),
    Revoke(Category),
    Warn(bool),
    Verify(i64),
    Confirm,
    Stop,
    Line(LineType),
    State(ContactState),
    Reassigned,
    Direct(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    let category = || proptest::sample::select(vec![Category::Appointments, Category::Appointments, Category::Care]);
    prop_oneof![
        4 => (0_u16..600, 0_u8..9).prop_map(|(number, reached)| Deed::Number(number, reached)),
        24 => (category(), any::<bool>(), 0_i64..500).prop_map(|(category, confirmed, days)| Deed::Grant(category, confirmed, days)),
        3 => category().prop_map(Deed::Revoke),
        16 => proptest::bool::weighted(0.8).prop_map(Deed::Warn),
        16 => (0_i64..500).prop_map(Deed::Verify),
        1 => Just(Deed::Confirm),
        2 => Just(Deed::Stop),
        1 => proptest::sample::select(LineType::ALL).prop_map(Deed::Line),
        1 => proptest::sample::select(vec![ContactState::Disputed, ContactState::Invalid, ContactState::Live]).prop_map(Deed::State),
        1 => Just(Deed::Reassigned),
        3 => (0_u8..4).prop_map(Deed::Direct),
    ]
}

/// A patient: standing, whether young, whether sensitive, and what happened.
type Life = (Standing, bool, bool, Vec<Deed>);

fn life() -> impl Strategy<Value = Life> {
    let standing = prop_oneof![8 => Just(Standing::Active), 1 => Just(Standing::Inactive), 1 => Just(Standing::Deceased)];
    let first = (0_u16..600, 0_u8..9).prop_map(|(number, reached)| Deed::Number(number, reached));
    let deeds = (proptest::option::weighted(0.9, first), proptest::collection::vec(deed(), 0..9))
        .prop_map(|(first, rest)| first.into_iter().chain(rest).collect());
    (standing, proptest::bool::weighted(0.15), proptest::bool::weighted(0.1), deeds)
}

fn reached(kind: u8) -> Reached {
    let proxy = |authority, clinical| Reached::Proxy(Proxy { authority, from: date(2020, 1, 1), until: None, clinical });
    match kind {
        0 => proxy(Authority::Parent, true),
        1 => proxy(Authority::Legal, false),
        2 => Reached::MatureMinor,
        _ => Reached::Own,
    }
}

fn live(tx: &mut Tx<'_, '_>, life: &Life, n: usize, now: Timestamp) -> Result<(), StoreError> {
    let (standing, young, sensitive, deeds) = life;
    let data = PersonData {
        record_number: Some(Phi::new(format!("P{n}"))),
        name: Phi::new(Name { given: "Ana".into(), family: format!("Rivera{n}") }),
        birth_date: Some(Phi::new(if *young { date(2015, 5, 5) } else { date(1980, 5, 5) })),
        language: if n.is_multiple_of(4) { Language::Es } else { Language::En },
        zone: None,
        standing: *standing,
        sensitive: *sensitive,
    };
    let person = people::add(tx, &data, None, now)?;
    for deed in deeds {
        act(tx, person, *deed, now)?;
    }
    Ok(())
}

fn act(tx: &mut Tx<'_, '_>, person: PersonId, deed: Deed, now: Timestamp) -> Result<(), StoreError> {
    let ago = |days: i64| now - SignedDuration::from_hours(24 * days);
    if let Deed::Number(number, kind) = deed {
        let number = PhoneNumber::parse(&format!("+1{}55501{:02}", AREAS[usize::from(number / 100)], number % 100)).expect("a number");
        let data = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: None, reached: reached(kind) };
        people::set_number(tx, person, &data, now)?;
        return Ok(());
    }
    let current = people::contacts(tx, person)?.into_iter().find(|known| known.contact.state != ContactState::Replaced);
    let Some(contact) = current else { return Ok(()) };
    let (id, key) = (contact.contact.id, contact.number);
    match deed {
        Deed::Number(..) => {}
        Deed::Grant(category, confirmed, days) => {
            consents::grant(tx, consent(person, id, ago(days)), category, true, confirmed)?;
        }
        Deed::Revoke(category) => {
            consents::revoke(tx, consent(person, id, now), category)?;
        }
        Deed::Warn(yes) => {
            let answer = if yes { ConsentAct::WarningAccepted } else { ConsentAct::WarningWithdrawn };
            consents::record_warning(tx, consent(person, id, now), ConsentAct::Warned)?;
            consents::record_warning(tx, consent(person, id, now), answer)?;
        }
        Deed::Verify(days) => people::set_verified(tx, id, Channel::Text, ago(days))?,
        Deed::Confirm => people::set_confirmed(tx, id, Channel::Spoken, now)?,
        Deed::Stop => {
            numbers::suppress(tx, key, Channel::Text, None, ago(100))?;
        }
        Deed::Line(line) => numbers::set_line(tx, key, line, now)?,
        Deed::State(state) => numbers::set_contact_state(tx, key, state, now)?,
        Deed::Reassigned => numbers::set_reassigned(tx, key, Reassigned::Yes, now)?,
        Deed::Direct(kind) => {
            let (directive, at) = match kind {
                0 => (Directive::NeverText, None),
                1 => (Directive::NothingClinical, Some(id)),
                2 => (Directive::NotThisNumber, Some(id)),
                _ => (Directive::OnlyBetween(Window::new(time(9, 0, 0, 0), time(17, 0, 0, 0))), None),
            };
            directives::add(tx, person, at, directive, Channel::Spoken, now)?;
        }
    }
    Ok(())
}

/// The same facts as the person's page reads them, one person at a time.
fn facts_of(chart: &Chart, category: Category, was_asked: bool) -> PanelFacts {
    let number = chart.numbers.iter().find(|number| number.stored.contact.state != ContactState::Replaced);
    let id = number.map(|number| number.stored.contact.id);
    PanelFacts {
        birth_date: chart.person.birth_date.clone(),
        sensitive: chart.person.sensitive,
        directives: chart
            .directives
            .iter()
            .filter(|directive| directive.contact_point.is_none() || directive.contact_point == id)
            .map(|directive| directive.directive)
            .collect(),
        number: number.map(|number| PanelNumber {
            state: number.stored.contact.state,
            line: number.state.line,
            reassigned: number.state.reassigned,
            shared: number.state.people > 1,
            verified_at: number.stored.contact.verified_at,
            confirmed_at: number.stored.contact.confirmed_at,
            reached: number.stored.reached,
            stopped: number.stopped.is_some(),
            warning: number.stored.warning,
            consent: match number.consents.iter().find(|(known, _)| *known == category) {
                Some((_, standing)) => Asked::Yes { confirmed: standing.confirmed },
                None if was_asked => Asked::No,
                None => Asked::Never,
            },
        }),
    }
}

fn question(category: Category, list: Shown, now: Timestamp) -> CoverageQuestion {
    CoverageQuestion { category, list: Some(list), skip: 0, take: 10_000, with_records: false, since: now }
}

/// The classes that the records of these people give one by one.
async fn one_by_one(house: &House, report: &CoverageReport, category: Category) -> Vec<(PersonId, Coverage)> {
    let (now, people): (_, Vec<_>) = (house.engine.now(), report.listed.iter().map(|listed| listed.person).collect());
    house
        .write(move |tx| {
            let practice = practices::get(tx)?;
            let setting = PanelSetting { settings: &practice.practice.settings, zone: &practice.practice.zone, part2: practice.part2, now };
            let mut classes = Vec::new();
            for person in &people {
                let chart = chart(tx, *person, now)?;
                let log = consent_log::of_person(tx, *person)?;
                let asked = log.iter().any(|event| event.act.category() == Some(category));
                classes.push((*person, facts_of(&chart, category, asked).coverage(&setting)));
            }
            Ok(classes)
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_in_the_class_that_their_own_record_gives() {
    for backend in Backend::all() {
        let house = House::build(Plan::on(backend)).await;
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let lives: Vec<Life> = (0..240).map(|_| life().new_tree(&mut runner).expect("a life").current()).collect();
        let now = house.engine.now();
        let active = lives.iter().filter(|(standing, ..)| *standing == Standing::Active).count() as u64;
        house.write(move |tx| lives.iter().enumerate().try_for_each(|(n, life)| live(tx, life, n, now))).await;
        for category in [Category::Appointments, Category::Care] {
            let report = house.engine.coverage(house.access(), question(category, Shown::All, now)).await.expect("a report");
            assert_eq!((report.patients, report.classes.iter().sum::<u64>()), (active, active), "{backend:?}");
            assert_eq!((report.listed_total as u64, report.listed.len() as u64), (active, active));
            assert!(!report.is_cut_off);
            let listed: Vec<_> = report.listed.iter().map(|listed| (listed.person, listed.coverage)).collect();
            assert_eq!(listed, one_by_one(&house, &report, category).await, "{backend:?}");
            for (place, class) in Coverage::ALL.iter().enumerate() {
                let members = listed.iter().filter(|(_, known)| known == class).count() as u64;
                assert_eq!(report.classes[place], members, "{class:?}");
                let alone = house.engine.coverage(house.access(), question(category, Shown::Class(*class), now)).await.expect("a report");
                assert_eq!(alone.listed_total as u64, members, "{class:?}");
            }
            assert!(report.classes.iter().filter(|count| **count > 0).count() >= 9, "{:?}", report.classes);
            assert!(report.steps.0.is_sorted_by(|before, after| before >= after), "{:?}", report.steps);
            assert_eq!(report.steps.0[0], active);
            let by_language = report.by_language.iter().map(|(_, steps)| steps.0[0]).sum::<u64>();
            assert_eq!(by_language, active);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_soon_stands_first_and_pages_do_not_overlap() {
    for backend in Backend::all() {
        let house = House::build(Plan::on(backend)).await;
        let mut patients = Vec::new();
        for _ in 0..7 {
            patients.push(house.patient().await);
        }
        let now = house.engine.now();
        let hours = |hours: i64| now + SignedDuration::from_hours(hours);
        house.visit(&patients[5], hours(50)).await;
        house.visit(&patients[3], hours(20)).await;
        house.visit(&patients[3], hours(90)).await;
        house.visit(&patients[1], hours(24 * 8)).await;
        let ask = |skip, take| CoverageQuestion { skip, take, ..question(Category::Appointments, Shown::Class(Coverage::Details), now) };
        let whole = house.engine.coverage(house.access(), ask(0, 100)).await.expect("a report");
        let people: Vec<_> = whole.listed.iter().map(|listed| listed.person).collect();
        let expected: Vec<_> = [3, 5, 0, 1, 2, 4, 6].map(|n: usize| patients[n].person).into();
        assert_eq!(people, expected, "{backend:?}");
        assert_eq!(whole.listed[0].visit.as_ref().map(|visit| visit.starts_at), Some(hours(20)));
        assert!(whole.listed[3].visit.is_none(), "in eight days is not this week");
        assert_eq!(whole.by_location.len(), 1);
        assert_eq!(whole.by_location[0].1.0[0], 2, "who comes twice is counted once");
        let mut paged = Vec::new();
        for skip in [0, 3, 6] {
            let part = house.engine.coverage(house.access(), ask(skip, 3)).await.expect("a report");
            assert_eq!(part.listed_total, 7);
            paged.extend(part.listed.into_iter().map(|listed| listed.person));
        }
        assert_eq!(paged, expected);
        let nobody = CoverageQuestion { list: None, ..ask(0, 100) };
        assert!(house.engine.coverage(house.access(), nobody).await.expect("a report").listed.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_are_counted_by_the_way_they_came_and_a_number_is_due_after_its_time() {
    for backend in Backend::all() {
        let house = House::build(Plan::on(backend)).await;
        let patient = house.patient().await;
        house.says(&patient.number, "STOP").await;
        let began = house.engine.now();
        house.wait_until(began + SignedDuration::from_hours(24 * 91));
        let now = house.engine.now();
        let ask = |since| CoverageQuestion { since, ..question(Category::Appointments, Shown::Recheck, now) };
        let report = house.engine.coverage(house.access(), ask(began - SignedDuration::from_hours(1))).await.expect("a report");
        let count =
            |channel, act| report.answers.iter().find(|known| (known.channel, known.act) == (channel, act)).map_or(0, |known| known.count);
        assert_eq!(count(Channel::Paper, ConsentAct::Granted), 1, "{backend:?}");
        assert_eq!(count(Channel::Paper, ConsentAct::WarningAccepted), 1);
        assert_eq!(count(Channel::Text, ConsentAct::Suppressed), 1);
        assert_eq!(report.recheck_due, 0, "whose texts are stopped need not be asked about the number");
        let (person, contact) = (patient.person, patient.contact);
        house.write(move |tx| consents::grant(tx, consent(person, contact, now), Category::Appointments, true, true).map(drop)).await;
        let report = house.engine.coverage(house.access(), ask(now)).await.expect("a report");
        assert_eq!((report.recheck_due, report.listed.len()), (1, 1));
        assert!(report.answers.iter().all(|known| known.act != ConsentAct::Suppressed));
        assert_eq!(report.steps.0[Step::ALL.len() - 1], 1);
        house.write(move |tx| people::set_confirmed(tx, contact, Channel::Spoken, now)).await;
        let report = house.engine.coverage(house.access(), ask(now)).await.expect("a report");
        assert_eq!(report.recheck_due, 0);
    }
}
