//! No PHI in the clear in the database, its log files, the program's own log, errors or `Debug` (P6).
//!
//! Invented patients are planted everywhere a value about a person can come in: files, replies, texts of staff, searches, failures. Then
//! everything that the server leaves behind is read byte by byte. The simulated phones stand for the world outside and are not looked at.

use jiff::SignedDuration;
use std::fmt::Debug;
use wellsent_carrier::simulator::Quirk;
use wellsent_db::{DbError, FaultAction, FaultPoint, Faults};
use wellsent_domain::consent::Channel;
use wellsent_domain::staff::{OverrideReason, Role};
use wellsent_domain::{Language, Phi, PhoneNumber};
use wellsent_engine::import::{self, ConsentClaim, Kind, Options};
use wellsent_engine::{Engine, ReplyRequest};
use wellsent_store::practices::NewPractice;
use wellsent_store::{Access, Store, StoreError, SystemTx, Tx, audit, claims, inbound, messages, numbers, people, plans, practices, views};
use wellsent_testkit::canary::{Canary, Kind as CanaryKind, LogBuffer, Scanner, spellings};
use wellsent_testkit::house::{Backend, House, Patient, Plan, start};
use wellsent_testkit::postgres::Postgres;

const PATIENTS: usize = 14;

/// A word that nobody else uses, of letters only.
fn word(begins: &str, n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    format!("{begins}{}{}x", letter(n * 7 + 3), letter(n * 11 + 5))
}

struct Planted {
    canaries: Vec<Canary>,
}

impl Planted {
    fn plant(&mut self, what: String, kind: CanaryKind, value: &str) -> String {
        self.canaries.push(Canary { what, kind, value: value.to_owned() });
        value.to_owned()
    }

    fn words(&mut self, what: &str, n: usize, value: &str) -> String {
        self.plant(format!("{what} {n}"), CanaryKind::Words, value)
    }
}

struct Sheet {
    patients: String,
    visits: String,
    numbers: Vec<PhoneNumber>,
}

/// Two files as a practice's system writes them. Every value in them is a canary.
fn sheet(planted: &mut Planted) -> Sheet {
    let mut patients = String::from("patient_id,first_name,last_name,birth_date,mobile_phone,language\n");
    let mut visits = String::from("appointment_id,patient_id,start,visit_type,location\n");
    let mut numbers = Vec::new();
    for n in 0..PATIENTS {
        let record = planted.words("record number", n, &format!("QZ{}-{}", 7_340_000 + n * 13, word("k", n)));
        let given = planted.words("given name", n, &word(if n % 3 == 0 { "Zoñvíq" } else { "Zorviq" }, n));
        let family = planted.words("family name", n, &word("Brankwuttle", n));
        let date = format!("19{:02}-{:02}-{:02}", 21 + n, n % 12 + 1, n + 10);
        planted.plant(format!("birth date {n}"), CanaryKind::Date, &date);
        let number = format!("+1{}55501{:02}", [503, 541, 971][n % 3], n + 40);
        planted.plant(format!("number {n}"), CanaryKind::Number, &number);
        let source = planted.words("source id", n, &format!("VX{}-{}", 9_910_000 + n * 17, word("w", n)));
        let written = [number.clone(), format!("({}) {}-{}", &number[2..5], &number[5..8], &number[8..])][n % 2].clone();
        patients.push_str(&format!("{record},{given},{family},{date},{written},{}\n", ["en", "es"][n % 2]));
        visits.push_str(&format!("{source},{record},2027-03-{:02} 14:00,Follow-up,Main Street\n", 10 + n % 3));
        numbers.push(PhoneNumber::parse(&number).unwrap());
    }
    Sheet { patients, visits, numbers }
}

/// What was said aloud: errors and `Debug` of what holds values of patients.
#[derive(Default)]
struct Said(Vec<String>);

impl Said {
    fn debug(&mut self, value: &impl Debug) {
        self.0.push(format!("{value:?} {value:#?}"));
    }

    fn error(&mut self, error: &(impl std::error::Error + ?Sized)) {
        self.0.push(format!("{error} {error:?}"));
        let mut source = error.source();
        while let Some(cause) = source {
            self.0.push(format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
}

fn bring_in(store: &Store, access: Access, sheet: &Sheet, said: &mut Said) {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let options = Options { consent: ConsentClaim::Appointments { confirmed: true }, ..Options::new(zone) };
    let mut run = |kind, text: &str| {
        let report = import::run(store, access, kind, text.as_bytes(), None, &options, start(), &mut |_| ());
        match &report {
            Ok(report) => {
                said.debug(report);
                let mut rejects = Vec::new();
                import::write_rejects(report, &mut rejects).unwrap();
                said.0.push(String::from_utf8(rejects).unwrap());
                for reject in &report.rejects {
                    said.0.push(reject.reason.sentence());
                }
            }
            Err(error) => said.error(error),
        }
        report.map(|report| report.added + report.changed).unwrap_or(0)
    };
    assert_eq!(run(Kind::Patients, &sheet.patients), PATIENTS as u64);
    assert_eq!(run(Kind::Appointments, &sheet.visits), PATIENTS as u64);
    // Rows and files that cannot be taken.
    for broken in [sheet.patients.replace("+1", "+999"), sheet.patients.replace("19", "99"), sheet.patients.replace(',', "\u{1}")] {
        run(Kind::Patients, &broken);
    }
    let headless = sheet.patients.split_once('\n').unwrap().1.to_owned();
    run(Kind::Patients, &headless);
    run(Kind::Appointments, &sheet.patients);
    run(Kind::Appointments, &sheet.visits.replace("2027", "9999"));
}

async fn patients(house: &House, sheet: &Sheet) -> Vec<Patient> {
    let (numbers, now) = (sheet.numbers.clone(), house.engine.now());
    house
        .write(move |tx| {
            let mut found = Vec::new();
            for number in &numbers {
                let key = numbers::key(tx, *number);
                let contact = people::contacts_at(tx, key)?.pop().expect("the import gave everybody a number");
                people::set_verified(tx, contact.contact.id, Channel::Spoken, now)?;
                found.push(Patient { person: contact.contact.person, contact: contact.contact.id, number: *number });
            }
            plans::mark_all(tx, now)?;
            Ok(found)
        })
        .await
}

/// A day in the house in which everything goes right and wrong once.
async fn live(house: &House, planted: &mut Planted, patients: &[Patient], faults: &Faults, said: &mut Said) {
    let mut behaviour = house.network.behaviour();
    for (n, quirk) in [
        (3, Quirk::Refuse(21211)),
        (4, Quirk::DropAfterAccept),
        (5, Quirk::GarbageAfterAccept),
        (6, Quirk::ErrorAfterAccept),
        (7, Quirk::Refuse(30007)),
    ] {
        behaviour.numbers.insert(patients[n].number.to_e164(), quirk);
    }
    house.network.set_behaviour(behaviour);
    house.settle().await;
    house.wait_until(start() + SignedDuration::from_hours(52));
    house.settle().await;
    for _ in 0..5 {
        house.wait_until(house.engine.now() + SignedDuration::from_secs(200));
        if let Err(error) = house.engine.reconcile(house.practice).await {
            said.error(&error);
        }
        house.settle().await;
    }
    for (n, patient) in patients.iter().enumerate() {
        let symptom = planted.words("text of a patient", n, &word("quorvitis", n));
        let text = match n % 4 {
            0 => format!("Hi, since tuesday i have {symptom} — can you call?"),
            1 => format!("STOP it with this {symptom}"),
            2 => format!("my {symptom} is worse 🤒 i want to die"),
            _ => format!("wrong number, i am {symptom}"),
        };
        house.says(&patient.number, &text).await;
        house.says(&patient.number, "C").await;
    }
    for (n, patient) in patients.iter().enumerate().step_by(2) {
        let secret = planted.words("text of staff", n, &word("Plimvastatin", n));
        let request = ReplyRequest {
            person: patient.person,
            contact_point: patient.contact,
            body: Phi::new(format!("Please take {secret} twice a day")),
            acknowledged: (n % 4 == 0).then_some(OverrideReason::Urgent),
            role: Role::Clinician,
        };
        said.debug(&request);
        if n == 4 {
            faults.arm(FaultPoint::Statement, 6, FaultAction::Fail);
        }
        match house.engine.reply(house.access(), request).await {
            Ok(outcome) => said.debug(&outcome),
            Err(error) => said.error(&error),
        }
        faults.clear();
    }
    // A stranger, and callbacks that are not what they should be.
    let stranger = planted.plant("number of a stranger".into(), CanaryKind::Number, "+14585550188");
    let confession = planted.words("text of a stranger", 0, "Vuxlorphobia");
    house.says(&PhoneNumber::parse(&stranger).unwrap(), &format!("this is about {confession}")).await;
    let target = format!("/hooks/simulator/{}/inbound?From={}", house.sender, stranger.replace('+', "%2B"));
    for body in
        [format!("{{\"from\":\"{stranger}\",\"body\":\"{confession}\"}}"), confession.clone(), format!("From={stranger}&Body={confession}")]
    {
        for headers in [vec![], vec![("x-wellsent-signature".to_owned(), confession.clone())]] {
            house.call(&target, &headers, body.as_bytes()).await;
        }
    }
    house.settle().await;
    house.engine.sequence().await.unwrap();
    house.engine.checkpoint().await.unwrap();
}

/// Reads everything back and says it aloud.
async fn say(house: &House, sheet: &Sheet, canaries: Vec<Canary>, patients: &[Patient]) -> Said {
    let (all, numbers_) = (patients.to_vec(), sheet.numbers.clone());
    let now = house.engine.now();
    house
        .write(move |tx| {
            let mut said = Said::default();
            for patient in &all {
                said.debug(&people::get(tx, patient.person)?);
                said.debug(&people::contacts(tx, patient.person)?);
                said.debug(&views::person::chart(tx, patient.person, now)?);
                for line in views::messages::of_person(tx, patient.person, 50)? {
                    said.debug(&messages::get(tx, line.id)?);
                    said.debug(&views::message::load(tx, line.id)?);
                    said.debug(&line);
                }
                let key = numbers::key(tx, patient.number);
                said.debug(&(patient, numbers::get(tx, key)?, people::contacts_at(tx, key)?, views::thread::at(tx, key, 50)?));
            }
            said.debug(&views::inbox::threads(tx, 100)?);
            said.debug(&views::tasks::open(tx, 200)?);
            said.debug(&inbound::unrouted(tx, 100)?);
            said.debug(&claims::claim(tx, now + SignedDuration::from_hours(24 * 30), 100)?);
            said.debug(&numbers_);
            for canary in &canaries {
                said.debug(&people::search(tx, &canary.value)?);
                said.debug(&people::by_record(tx, &canary.value)?);
            }
            Ok(said)
        })
        .await
}

/// Errors of the database with values in the statements.
async fn fail(house: &House, sheet: &Sheet, said: &mut Said) {
    let record = sheet.patients.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let store = house.engine.store();
    let twice = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        let (known, _) = people::by_record(tx, &record)?.expect("somebody");
        let data = wellsent_store::people::PersonData {
            record_number: Some(Phi::new(record.clone())),
            name: Phi::new(people::get(tx, known)?.name.into_exposed()),
            birth_date: None,
            language: Language::En,
            zone: None,
            standing: wellsent_domain::person::Standing::Active,
            sensitive: false,
        };
        people::add(tx, &data, None, start()).map(drop)
    };
    let error = store.write(house.access(), twice).await.unwrap_err();
    assert!(matches!(&error, StoreError::Db(DbError::Unique { .. })), "{error:?}");
    said.error(&error);
}

async fn scan(house: &House, backend: Backend, scanner: &Scanner, said: &Said, logged: &[u8]) -> Vec<String> {
    let mut hits = std::collections::BTreeSet::new();
    let mut looked = Vec::new();
    for text in &said.0 {
        hits.extend(scanner.scan(&text.chars().take(60).collect::<String>(), text.as_bytes()));
    }
    looked.push(format!("{} errors and debug texts", said.0.len()));
    hits.extend(scanner.scan("the log", logged));
    looked.push(format!("{} bytes of log", logged.len()));
    match backend {
        Backend::Sqlite => {
            let backup = house.folder.path().join("backup.db");
            let _ = std::fs::remove_file(&backup);
            house.engine.store().db().snapshot_to(backup).unwrap();
            let (found, size) = scanner.scan_folder(house.folder.path());
            hits.extend(found);
            looked.push(format!("{size} bytes of database files and their backup"));
        }
        Backend::Postgres => {
            let scanned = scanner.scan_postgres(Postgres::shared().unwrap(), &house.practice.bytes()).await;
            assert!(scanned.rows > 300);
            hits.extend(scanned.hits);
            looked.push(format!("{} rows and {} bytes of the server's files", scanned.rows, scanned.file_bytes));
        }
    }
    println!("{backend:?}: {:?} canaries and spellings, {} hits in {}", scanner.size(), hits.len(), looked.join(", "));
    hits.into_iter().map(|hit| format!("{} in {} in {}", hit.what, hit.spelling, hit.place)).collect()
}

#[test]
fn planted_patients_turn_up_nowhere_in_the_clear() {
    let log = LogBuffer::listen();
    for backend in Backend::all() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        // The control of the run before wrote a canary into the log.
        let heard = log.bytes().len();
        runtime.block_on(async {
            let faults = std::sync::Arc::new(Faults::new());
            let mut plan = Plan::on(backend);
            plan.options.faults = Some(faults.clone());
            let house = House::build(plan).await;
            let (mut planted, mut said) = (Planted { canaries: Vec::new() }, Said::default());
            let sheet = sheet(&mut planted);
            let (store, access) = (house.engine.store().clone(), house.access());
            let (sheet, told) = tokio::task::spawn_blocking(move || {
                let mut said = Said::default();
                bring_in(&store, access, &sheet, &mut said);
                (sheet, said)
            })
            .await
            .unwrap();
            said.0.extend(told.0);
            let patients = patients(&house, &sheet).await;
            live(&house, &mut planted, &patients, &faults, &mut said).await;
            fail(&house, &sheet, &mut said).await;
            said.0.extend(say(&house, &sheet, planted.canaries.clone(), &patients).await.0);
            texts_went_out(&house, &patients);

            assert!(planted.canaries.len() >= 60, "{}", planted.canaries.len());
            let scanner = Scanner::new(planted.canaries.clone());
            let hits = scan(&house, backend, &scanner, &said, &log.bytes()[heard..]).await;
            assert!(hits.is_empty(), "{} hits: {:#?}", hits.len(), hits.iter().take(40).collect::<Vec<_>>());
            control(&house, backend, &planted, &scanner, &log).await;
        });
    }
}

/// The canaries went through the house and not past it.
fn texts_went_out(house: &House, patients: &[Patient]) {
    let phones = patients.iter().filter(|patient| !house.got(&patient.number).is_empty()).count();
    let staff = patients.iter().flat_map(|patient| house.got(&patient.number)).filter(|text| text.contains("Plimvastatin")).count();
    assert!(phones >= 8 && staff >= 1, "{phones} phones, {staff} texts of staff");
}

/// The negative control: what is not sealed is found, in every spelling and every place.
async fn control(house: &House, backend: Backend, planted: &Planted, scanner: &Scanner, log: &LogBuffer) {
    let canary = &planted.canaries[1];
    let careless = NewPractice {
        name: canary.value.clone(),
        text_name: "Elm St Clinic".into(),
        call_back: PhoneNumber::parse("212-555-0100").unwrap(),
        zone: "America/New_York".into(),
        part2: false,
        settings: Default::default(),
    };
    let store = house.engine.store().clone();
    tokio::task::spawn_blocking(move || store.create_practice(careless, start())).await.unwrap().unwrap();
    let hits = scan(house, backend, scanner, &Said::default(), &[]).await;
    assert!(hits.iter().any(|hit| hit.starts_with(&canary.what)), "a name in the clear was not found: {hits:?}");

    let heard = log.bytes().len();
    tracing::trace!(name = canary.value, "careless");
    assert!(!scanner.scan("the log", &log.bytes()[heard..]).is_empty(), "a name in the log was not found");
    let mut tried = 0;
    for canary in &planted.canaries {
        let alone = Scanner::new(vec![canary.clone()]);
        for (spelling, bytes) in spellings(canary) {
            let surrounded = [&b"\x00\x17qwe"[..], &bytes, b"rty\xff"].concat();
            assert!(!alone.scan("", &surrounded).is_empty(), "{spelling} of {}", canary.what);
            tried += 1;
        }
    }
    println!("{tried} spellings of the control found");
}

#[test]
fn the_ledger_of_a_busy_day_verifies_and_bears_out_its_rulings() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let faults = Faults::new();
        let house = House::build(Plan::on(Backend::Sqlite)).await;
        let (mut planted, mut said) = (Planted { canaries: Vec::new() }, Said::default());
        let sheet = sheet(&mut planted);
        let (store, access) = (house.engine.store().clone(), house.access());
        let sheet = tokio::task::spawn_blocking(move || {
            bring_in(&store, access, &sheet, &mut Said::default());
            sheet
        })
        .await
        .unwrap();
        let patients = patients(&house, &sheet).await;
        live(&house, &mut planted, &patients, &faults, &mut said).await;
        check(&house.engine).await;
    });
}

async fn check(engine: &Engine) {
    let (keys, origin) = ([engine.verifying_key().clone()], engine.origin().to_owned());
    let verified = engine.store().system_read(move |tx: &mut SystemTx<'_, '_>| audit::verify(tx, &keys, &origin, &[])).await.unwrap();
    assert!(verified.is_sound() && verified.ledger.size > 100, "{verified:?}");
    for practice in engine.practices().await.unwrap() {
        let crossed = engine.store().system_read(move |tx: &mut SystemTx<'_, '_>| audit::cross_check(tx, practice)).await.unwrap();
        assert!(crossed.is_sound() && crossed.rulings > 10 && crossed.attempts > 10, "{crossed:?}");
        let listed = engine.store().system_read(|tx: &mut SystemTx<'_, '_>| practices::list(tx)).await.unwrap();
        assert_eq!(listed.len(), 1);
    }
}
