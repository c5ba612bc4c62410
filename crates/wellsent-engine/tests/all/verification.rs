//! Codes that prove a phone, as a phone and a guesser meet them (N-01 to N-04, N-14), and what goes in details only while the proof is fresh (H-07).

use crate::crowd::*;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::simulator::{Behaviour, Receipts};
use wellsent_db::Sql;
use wellsent_domain::consent::{Category, Channel, ConsentAct};
use wellsent_domain::gate::{Origin, Reached};
use wellsent_domain::message::{MessageState, Programme, Purpose};
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::practice::Settings;
use wellsent_domain::task::TaskKind;
use wellsent_domain::verification::{CODE_LIFE, CODES_PER_HOUR, FAILURES_IN_A_ROW, FAILURES_PER_HOUR, Limit, TRIES_PER_CODE, Tried};
use wellsent_domain::{Language, MessageId, Phi, PhoneNumber};
use wellsent_store::codes::NewCode;
use wellsent_store::messages::NewMessage;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::practices::NewPractice;
use wellsent_store::{Tx, codes, consents, messages, people};
use wellsent_testkit::canary::{Canary, Kind, Scanner};
use wellsent_testkit::house::{Backend, House, Patient, Plan, consent, start};
use wellsent_testkit::postgres::Postgres;
use wellsent_text::template::Variable;

/// Somebody of whom nothing is known but the number.
pub async fn newcomer(house: &House, number: PhoneNumber) -> Patient {
    let now = house.engine.now();
    house
        .write(move |tx| {
            let person = PersonData {
                record_number: None,
                name: Phi::new(Name { given: "Ben".into(), family: "Okafor".into() }),
                birth_date: Some(Phi::new(Date::constant(1980, 5, 5))),
                language: Language::En,
                zone: None,
                standing: Standing::Active,
                sensitive: false,
            };
            let person = people::add(tx, &person, None, now)?;
            let data = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: None, reached: Reached::Own };
            Ok(Patient { person, contact: people::set_number(tx, person, &data, now)?, number })
        })
        .await
}

/// The six digits of the last text that a phone got.
pub fn code_on(house: &House, number: &PhoneNumber) -> Option<String> {
    let text = house.got(number).pop()?;
    let (_, rest) = text.split_once("code: ")?;
    let code: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (code.len() == 6).then_some(code)
}

/// Everything on the ledger, as text.
pub async fn ledger(house: &House) -> String {
    static BUNDLES: Sql = Sql::new("test::BUNDLES", "SELECT entries FROM ledger_bundle ORDER BY idx");
    house.engine.sequence().await.unwrap();
    rows(house, &BUNDLES).await.iter().map(|row| String::from_utf8_lossy(row.blob(0).unwrap()).into_owned()).collect()
}

/// Where a word stands in the clear in the database, its files included.
pub async fn in_the_clear(house: &House, backend: Backend, word: &str) -> Vec<String> {
    let scanner = Scanner::new(vec![Canary { what: "it".into(), kind: Kind::Words, value: word.to_owned() }]);
    let hits = match backend {
        Backend::Sqlite => scanner.scan_folder(house.folder.path()).0,
        Backend::Postgres => scanner.scan_postgres(Postgres::shared().unwrap(), &house.practice.bytes()).await.hits,
    };
    hits.into_iter().map(|hit| format!("{} in {}", hit.spelling, hit.place)).collect()
}

async fn ask(house: &House, patient: &Patient) -> Result<MessageId, Limit> {
    house.engine.send_code(house.access(), patient.contact, Channel::Spoken, None).await.unwrap()
}

/// Asks for a code and reads it from the phone.
async fn fresh_code(house: &House, patient: &Patient) -> String {
    ask(house, patient).await.expect("a code");
    house.settle().await;
    code_on(house, &patient.number).expect("the code arrived")
}

async fn type_in(house: &House, patient: &Patient, code: &str) -> Tried {
    house.engine.try_code(house.access(), patient.contact, &Phi::new(code.to_owned()), Channel::Spoken).await.unwrap()
}

async fn verified_at(house: &House, patient: &Patient) -> Option<Timestamp> {
    let contact = patient.contact;
    house.write(move |tx| Ok(people::contact_point(tx, contact)?.contact.verified_at)).await
}

/// Six digits that are not the code.
fn wrong(code: &str, n: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + n + 1) % 1_000_000)
}

#[test]
fn a_code_that_arrived_on_the_phone_and_comes_back_proves_it_once() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        let code = fresh_code(&house, &ben).await;
        assert_eq!(
            house.got(&ben.number),
            [format!("Elm St Clinic code: {code}. Expires in 10 min. We will never ask you for this code.")]
        );
        assert_eq!(type_in(&house, &ben, &wrong(&code, 0)).await, Tried::Wrong);
        assert_eq!(verified_at(&house, &ben).await, None);
        // With the blank that people put into codes.
        assert_eq!(type_in(&house, &ben, &format!(" {} {} ", &code[..3], &code[3..])).await, Tried::Passed);
        assert_eq!(verified_at(&house, &ben).await, Some(start()));
        assert_eq!(type_in(&house, &ben, &code).await, Tried::NoCode, "a code works once");
    });
}

#[test]
fn a_new_code_takes_the_place_of_the_old_one() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        let old = fresh_code(&house, &ben).await;
        let new = fresh_code(&house, &ben).await;
        if old != new {
            assert_eq!(type_in(&house, &ben, &old).await, Tried::Wrong);
        }
        assert_eq!(type_in(&house, &ben, &new).await, Tried::Passed);
    });
}

#[test]
fn a_code_lives_ten_minutes_and_no_longer() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let cases = [(CODE_LIFE - SignedDuration::from_millis(1), Tried::Passed), (CODE_LIFE, Tried::NoCode)];
        let late = (CODE_LIFE + SignedDuration::from_millis(1), Tried::NoCode);
        for (n, (wait, wanted)) in cases.into_iter().chain([late]).enumerate() {
            let ben = newcomer(&house, number(n)).await;
            let code = fresh_code(&house, &ben).await;
            house.wait_until(house.engine.now() + wait);
            assert_eq!(type_in(&house, &ben, &code).await, wanted, "after {wait}");
        }
    });
}

#[test]
fn guesses_are_counted_by_number_and_a_new_code_gives_no_new_ones() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        let code = fresh_code(&house, &ben).await;
        for n in 0..TRIES_PER_CODE {
            assert_eq!(type_in(&house, &ben, &wrong(&code, n)).await, Tried::Wrong);
        }
        assert_eq!(type_in(&house, &ben, &code).await, Tried::NoCode, "after five wrong ones the right one does not help");
        assert_eq!(kinds(&house).await, []);
        let code = fresh_code(&house, &ben).await;
        for n in TRIES_PER_CODE + 1..FAILURES_PER_HOUR {
            assert_eq!(type_in(&house, &ben, &wrong(&code, n)).await, Tried::Wrong);
        }
        for _ in 0..3 {
            assert_eq!(type_in(&house, &ben, &code).await, Tried::TooMany, "ten failures in an hour, whatever the number of codes");
        }
        assert_eq!(ask(&house, &ben).await, Err(Limit::Hour { until: start() + hours(1) }));
        assert_eq!(verified_at(&house, &ben).await, None);
        assert_eq!(kinds(&house).await, [TaskKind::GuessedCodes]);
        let said = ledger(&house).await;
        assert_eq!(said.matches(r#""kind":"alarm","at":"#).count(), 1, "one alarm");
        assert!(said.contains(r#""what":"codes_guessed""#) && said.contains(r#""kind":"code_refused""#));
        assert_eq!(said.matches(r#""result":"wrong""#).count(), 9);
        house.wait_until(start() + hours(1));
        let code = fresh_code(&house, &ben).await;
        assert_eq!(type_in(&house, &ben, &code).await, Tried::Passed);
    });
}

#[test]
fn a_hundred_failures_in_a_row_lock_a_number_until_a_manager_looks() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        for n in 0..FAILURES_IN_A_ROW {
            if n > 0 && n % 9 == 0 {
                // Slowly enough that no hour is full.
                house.wait_until(house.engine.now() + hours(1));
            }
            assert_eq!(type_in(&house, &ben, "123456").await, Tried::NoCode, "{n}");
        }
        house.wait_until(start() + days(30));
        assert_eq!(type_in(&house, &ben, "123456").await, Tried::Locked);
        assert_eq!(ask(&house, &ben).await, Err(Limit::Locked), "no time opens it");
        house.settle().await;
        assert!(house.got(&ben.number).is_empty());
        assert_eq!(kinds(&house).await, [TaskKind::GuessedCodes]);
        assert_eq!(ledger(&house).await.matches(r#""what":"codes_locked""#).count(), 1);
        house.engine.unlock_codes(house.access(), ben.contact).await.unwrap();
        let code = fresh_code(&house, &ben).await;
        assert_eq!(type_in(&house, &ben, &code).await, Tried::Passed);
        assert!(ledger(&house).await.contains(r#""kind":"codes_unlocked""#));
    });
}

#[test]
fn a_phone_gets_five_codes_an_hour_and_no_flood() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        for _ in 0..CODES_PER_HOUR {
            fresh_code(&house, &ben).await;
        }
        assert_eq!(ask(&house, &ben).await, Err(Limit::Hour { until: start() + hours(1) }));
        house.settle().await;
        assert_eq!(house.got(&ben.number).len(), CODES_PER_HOUR as usize);
    });
}

#[test]
fn of_two_who_type_a_code_at_once_one_gets_in() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        for n in 0..50 {
            let ben = newcomer(&house, number(n)).await;
            let now = house.engine.now();
            let keep = move |tx: &mut Tx<'_, '_>| {
                let stored = people::contact_point(tx, ben.contact)?;
                let new = NewCode { contact: &stored, code: &Phi::new("271828".to_owned()), channel: Channel::Spoken, page: None };
                codes::ask(tx, &new, now).map(drop)
            };
            house.write(keep).await;
            let both: Vec<_> = (0..2)
                .map(|_| {
                    let (engine, access) = (house.engine.clone(), house.access());
                    let code = Phi::new("271828".to_owned());
                    tokio::spawn(async move { engine.try_code(access, ben.contact, &code, Channel::Spoken).await.unwrap() })
                })
                .collect();
            let mut passed = 0;
            for tried in both {
                passed += usize::from(tried.await.unwrap() == Tried::Passed);
            }
            assert_eq!(passed, 1, "round {n}");
        }
    });
}

/// Sends these very digits.
async fn send_digits(house: &House, patient: &Patient, digits: &'static str) -> MessageId {
    let (now, patient) = (house.engine.now(), *patient);
    let id = house
        .write(move |tx| {
            let stored = people::contact_point(tx, patient.contact)?;
            let code = Phi::new(digits.to_owned());
            let new = NewCode { contact: &stored, code: &code, channel: Channel::Spoken, page: None };
            let (id, request) = codes::ask(tx, &new, now)?.expect("a code");
            let message = NewMessage {
                occurrence: format!("code/{id}"),
                programme: Programme::Verification,
                purpose: Purpose::Operations,
                origin: Origin::Code { request },
                useful_until: now + CODE_LIFE,
                ..detail(&patient, "code", vec![(Variable::Code, code)], now)
            };
            Ok(messages::add(tx, &message, now)?.expect("new"))
        })
        .await;
    house.settle().await;
    id
}

#[test]
fn a_code_keeps_its_leading_zeros() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        send_digits(&house, &ben, "000123").await;
        assert_eq!(code_on(&house, &ben.number).as_deref(), Some("000123"));
        assert_eq!(type_in(&house, &ben, "123").await, Tried::Wrong);
        assert_eq!(type_in(&house, &ben, "0000123").await, Tried::Wrong);
        assert_eq!(type_in(&house, &ben, "000123").await, Tried::Passed);
        let eve = newcomer(&house, number(1)).await;
        send_digits(&house, &eve, "000045").await;
        house.says(&eve.number, "000045").await;
        assert!(verified_at(&house, &eve).await.is_some());
    });
}

#[test]
fn a_code_can_be_texted_back_and_other_digits_are_for_staff() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        let code = fresh_code(&house, &ben).await;
        house.says(&ben.number, &wrong(&code, 0)).await;
        assert_eq!(house.got(&ben.number).len(), 1, "a wrong code is not answered");
        assert_eq!((verified_at(&house, &ben).await, kinds(&house).await), (None, vec![]));
        house.says(&ben.number, &format!("{code}.")).await;
        assert_eq!(verified_at(&house, &ben).await, Some(start()));
        assert!(house.got(&ben.number)[1].contains("this phone is now verified"), "{:?}", house.got(&ben.number));
        assert_eq!(kinds(&house).await, []);
        let eve = newcomer(&house, number(1)).await;
        house.says(&eve.number, "482913").await;
        assert_eq!((house.got(&eve.number), verified_at(&house, &eve).await), (vec![], None));
        assert_eq!(kinds(&house).await, [TaskKind::UnclearAnswer]);
    });
}

#[test]
fn a_code_that_was_texted_from_a_shared_phone_proves_it_for_who_asked() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let (ben, eve) = (newcomer(&house, number(0)).await, newcomer(&house, number(0)).await);
        let code = fresh_code(&house, &eve).await;
        house.says(&eve.number, &code).await;
        assert_eq!((verified_at(&house, &ben).await, verified_at(&house, &eve).await), (None, Some(start())));
    });
}

static WITH_VALUES: Sql = Sql::new("test::WITH_VALUES", "SELECT id FROM message WHERE values_sealed IS NOT NULL");

#[test]
fn nothing_of_a_code_is_left_in_the_database() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let mut found = Vec::new();
        // Six digits may turn up by chance, but not of three codes in a row.
        for n in 0..3 {
            let ben = newcomer(&house, number(n)).await;
            let id = ask(&house, &ben).await.unwrap();
            assert_eq!(rows(&house, &WITH_VALUES).await.len(), 1, "the code waits, sealed, for its text");
            house.settle().await;
            let code = code_on(&house, &ben.number).unwrap();
            let stored = house.write(move |tx| messages::get(tx, id)).await;
            let body = stored.body.expect("it left").into_exposed();
            assert!(body.contains("code: \u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}. Expires") && !body.contains(&code), "{body}");
            assert!(stored.values.is_empty() && stored.text.is_none());
            assert!(rows(&house, &WITH_VALUES).await.is_empty(), "and is forgotten when it has left");
            let hits: Vec<_> = in_the_clear(&house, backend, &code).await;
            let hits: Vec<_> = hits.into_iter().filter(|hit| backend == Backend::Sqlite || !hit.contains('/')).collect();
            if hits.is_empty() {
                return;
            }
            found.push(hits);
        }
        panic!("{found:?}");
    });
}

#[test]
fn a_code_is_forgotten_even_if_its_receipt_comes_before_the_carriers_answer() {
    on_each(|backend| async move {
        let receipts = Receipts { before_answer: 1.0, ..Receipts::default() };
        let house = House::build(Plan { behaviour: Behaviour { receipts, ..Behaviour::default() }, ..Plan::on(backend) }).await;
        for n in 0..20 {
            let ben = newcomer(&house, number(n)).await;
            ask(&house, &ben).await.expect("a code");
        }
        house.settle().await;
        assert_eq!(rows(&house, &WITH_VALUES).await.len(), 0);
    });
}

#[test]
fn control_a_code_that_was_kept_is_found() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let careless = NewPractice {
            name: "482913".into(),
            text_name: "Elm St Clinic".into(),
            call_back: number(0),
            zone: "America/New_York".into(),
            part2: false,
            settings: Settings::default(),
        };
        let store = house.engine.store().clone();
        tokio::task::spawn_blocking(move || store.create_practice(careless, start())).await.unwrap().unwrap();
        assert!(!in_the_clear(&house, backend, "482913").await.is_empty());
    });
}

#[test]
fn a_stopped_number_gets_no_code_and_the_code_is_forgotten() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        house.says(&ben.number, "STOP").await;
        let before = house.got(&ben.number);
        let id = ask(&house, &ben).await.expect("it is for the gate to refuse");
        house.settle().await;
        assert_eq!(state(&house, id).await, MessageState::Refused);
        assert_eq!(house.got(&ben.number), before);
        assert!(rows(&house, &WITH_VALUES).await.is_empty());
    });
}

/// A text with details about somebody's care that is due now.
pub fn detail(patient: &Patient, template: &str, values: Vec<(Variable, Phi<String>)>, now: Timestamp) -> NewMessage {
    NewMessage {
        occurrence: format!("{template} for {} at {now}", patient.contact),
        person: Some(patient.person),
        contact_point: Some(patient.contact),
        number: Phi::new(patient.number),
        programme: Programme::Application,
        category: Category::Care,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        template: template.to_owned(),
        language: Language::En,
        text: None,
        values,
        visits: Vec::new(),
        prompt: None,
        due_at: now,
        useful_until: now + hours(2),
        urgent: false,
    }
}

/// Agrees to texts about care and accepts that they are not encrypted.
pub async fn accepts_details(house: &House, patient: &Patient) {
    let (patient, now) = (*patient, house.engine.now());
    house
        .write(move |tx| {
            let record = consent(patient.person, patient.contact, now);
            consents::grant(tx, record, Category::Appointments, true, true)?;
            consents::grant(tx, record, Category::Care, true, true)?;
            consents::record_warning(tx, record, ConsentAct::Warned)?;
            consents::record_warning(tx, record, ConsentAct::WarningAccepted)
        })
        .await;
}
