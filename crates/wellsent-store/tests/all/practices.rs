//! Practices do not meet (P8): in every statement of the store on both engines, and on PostgreSQL in row-level security behind them.

use crate::fixture::{access, add_person, connect, now, number, practice};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use tokio_postgres::{Client, Config};
use wellsent_db::{Db, Options};
use wellsent_domain::appointment::{AppointmentStatus, VisitAnswer};
use wellsent_domain::consent::{AuthorizationForm, Category, Channel, Directive};
use wellsent_domain::message::Purpose;
use wellsent_domain::practice::Registration;
use wellsent_domain::secure_page::{Factor, PageKind};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{
    AppointmentId, ContactPointId, InboundId, Language, MessageId, PersonId, Phi, PracticeId, ReminderRuleId, SenderId, TaskId,
};
use wellsent_ledger::SigningKey;
use wellsent_store::applications::{self, NewApplication};
use wellsent_store::codes::{self, NewCode};
use wellsent_store::consent_wordings::{self, ShownWording};
use wellsent_store::consents::ConsentRecord;
use wellsent_store::evidence::{self, EvidenceKind, NewEvidence};
use wellsent_store::imports::Counts;
use wellsent_store::pages::{self, KeyKind, NewPage};
use wellsent_store::templates::StoredTemplate;
use wellsent_store::{
    Store, StoreError, SystemTx, Tx, agreements, application_texts, appointments, audit, authorizations, brand_days, consent_log, consents,
    directives, erasures, imports, inbound, ledger, messages, migrations, numbers, people, plans, practices, rules, senders, tasks,
    templates, views,
};
use wellsent_testkit::house::{Backend, House, Plan, consent, start};
use wellsent_testkit::postgres::Postgres;
use wellsent_vault::Kek;

/// A house in which everything has happened once.
async fn lived_in(backend: Backend) -> House {
    let house = House::build(Plan::on(backend)).await;
    add_application(&house).await;
    let (ana, ben, cleo) = (house.patient().await, house.patient().await, house.patient().await);
    for patient in [&ana, &ben, &cleo] {
        house.visit(patient, start() + SignedDuration::from_hours(24 * 9)).await;
    }
    house.settle().await;
    house.wait_until(start() + SignedDuration::from_hours(48));
    house.settle().await;
    house.says(&ana.number, "C").await;
    house.says(&ben.number, "R").await;
    house.says(&cleo.number, "STOP").await;
    let (now, sender) = (house.engine.now(), house.sender);
    house
        .write(move |tx| {
            directives::add(tx, ana.person, None, Directive::NothingClinical, Channel::Spoken, now)?;
            permissions_of(tx, ana.person, ana.contact, now)?;
            imports::record(tx, "patients", Counts::default(), now)?;
            let template = StoredTemplate {
                name: "own".into(),
                tier: wellsent_domain::Tier::T1,
                kind: wellsent_text::template::ContentKind::Informational,
                neutral_twin: None,
                english: "Please call us.".into(),
                spanish: None,
            };
            templates::save(tx, &template, now)?;
            let today = jiff::civil::date(2027, 3, 3);
            brand_days::used_for_claim(tx, "B1", today)?;
            brand_days::take(tx, "B1", today, 1)?;
            erasures::queue(tx, sender, "SM1", true, now)?;
            plans::mark_all(tx, now)
        })
        .await;
    house
}

/// A program that is told of what patients write.
async fn add_application(house: &House) {
    let (now, sender) = (house.engine.now(), house.sender);
    let new = NewApplication {
        name: "Portal".into(),
        account_sid: "AC00000000000000000000000000000001".into(),
        service_sid: "MG00000000000000000000000000000001".into(),
        token: Phi::new("00000000000000000000000000000002".into()),
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        hosts: vec!["app.example.com".into()],
        inbound_url: Some("https://app.example.com/sms".into()),
        status_url: None,
        senders: vec![sender],
        requests_per_minute: 60,
    };
    house
        .write(move |tx| {
            let id = applications::add(tx, &new, now)?;
            assert!(matches!(applications::add(tx, &new, now), Err(StoreError::Stale { .. })), "an account is known once");
            let (secret, key) = (Phi::new("secret".to_owned()), "SK00000000000000000000000000000001");
            applications::add_key(tx, id, key, &secret, now)?;
            let kept = application_texts::by_key(tx, id, "a key", b"request")?;
            assert!(kept.is_none());
            application_texts::keep_key(tx, id, "a key", b"request", MessageId::from_bytes([1; 16]), now)
        })
        .await;
}

/// A signature, an authorization, a code, a wrong birth date and a page of a patient.
fn permissions_of(tx: &mut Tx<'_, '_>, person: PersonId, contact: ContactPointId, now: jiff::Timestamp) -> Result<(), StoreError> {
    let said = || Phi::new("everything".to_owned());
    let shown =
        ShownWording { name: "warning".into(), version: "1".into(), language: Language::En, body: "Texts are not encrypted.".into() };
    let wording = consent_wordings::keep(tx, &shown, now)?;
    let signature = NewEvidence { kind: EvidenceKind::Reference, body: Phi::new(b"Ana Rivera".to_vec()) };
    let signature = evidence::add(tx, person, &signature, now)?;
    let record = ConsentRecord { wording: Some(wording), evidence: Some(signature), ..consent(person, contact, now) };
    consents::grant(tx, record, Category::Marketing, true, true)?;
    let form = AuthorizationForm {
        information: said(),
        discloser: said(),
        recipient: said(),
        purpose: said(),
        paid_for: false,
        states_payment: false,
        expiry: None,
        signed_on: None,
        representative: None,
        states_revocation: true,
        states_not_a_condition: true,
        states_redisclosure: true,
    };
    authorizations::add(tx, person, &form, None, Channel::Paper, None, now)?;
    let stored = people::contact_point(tx, contact)?;
    let code = Phi::new("123456".to_owned());
    let _ = codes::ask(tx, &NewCode { contact: &stored, code: &code, channel: Channel::Spoken, page: None }, now)?;
    let page = NewPage {
        person,
        contact_point: contact,
        message: None,
        kind: PageKind::Message,
        factor: Factor::BirthDate,
        language: Language::En,
        body: Some(said()),
    };
    let page = pages::make(tx, &page, now)?;
    pages::add_key(tx, page, KeyKind::Link, "a link", now)?;
    pages::birth_date_opens(tx, person, None, now).map(drop)
}

/// What a stranger might hold: one id of each kind.
#[derive(Debug, Clone, Copy)]
struct Ids {
    person: PersonId,
    contact: ContactPointId,
    visit: AppointmentId,
    message: MessageId,
    inbound: InboundId,
    task: TaskId,
    rule: ReminderRuleId,
    sender: SenderId,
}

async fn ids(house: &House) -> Ids {
    let sender = house.sender;
    house
        .write(move |tx| {
            let task = tasks::list(tx, 50)?.into_iter().find(|task| task.about.kind == TaskKind::Reschedule).expect("a task");
            let person = task.about.person.expect("a person");
            Ok(Ids {
                person,
                contact: people::contacts(tx, person)?[0].contact.id,
                visit: appointments::of_person(tx, person, 1)?[0].id,
                message: views::messages::of_person(tx, person, 1)?[0].id,
                inbound: task.about.inbound.expect("a text"),
                task: task.id,
                rule: rules::list(tx)?[0].id,
                sender,
            })
        })
        .await
}

fn on_each<F: Future<Output = ()>>(test: impl Fn(Backend) -> F) {
    for backend in Backend::all() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(test(backend));
    }
}

async fn neighbour(house: &House) -> PracticeId {
    let store = house.engine.store().clone();
    tokio::task::spawn_blocking(move || practice(&store, "Oak Street Clinic")).await.unwrap()
}

type Job = Box<dyn FnMut(&mut Tx<'_, '_>) -> Result<(), StoreError> + Send>;

#[test]
fn an_id_of_another_practice_leads_nowhere() {
    on_each(|backend| async move {
        let house = lived_in(backend).await;
        let (ids, stranger, at) = (ids(&house).await, neighbour(&house).await, house.engine.now());
        let store = house.engine.store();
        let reads: Vec<(&str, Job)> = vec![
            ("person", Box::new(move |tx| people::get(tx, ids.person).map(drop))),
            ("contact point", Box::new(move |tx| people::contact_point(tx, ids.contact).map(drop))),
            ("visit", Box::new(move |tx| appointments::get(tx, ids.visit).map(drop))),
            ("message", Box::new(move |tx| messages::get(tx, ids.message).map(drop))),
            ("text", Box::new(move |tx| inbound::get(tx, ids.inbound).map(drop))),
            ("dossier", Box::new(move |tx| views::message::load(tx, ids.message).map(drop))),
            ("chart", Box::new(move |tx| views::person::chart(tx, ids.person, at).map(drop))),
            ("status", Box::new(move |tx| appointments::set_status(tx, ids.visit, AppointmentStatus::Cancelled, at))),
            ("time", Box::new(move |tx| appointments::reschedule(tx, ids.visit, at, at))),
            ("answer", Box::new(move |tx| appointments::set_answer(tx, ids.visit, VisitAnswer::Declined, at))),
            ("decision", Box::new(move |tx| messages::decide(tx, ids.message, true, at))),
            ("withdrawal", Box::new(move |tx| messages::withdraw(tx, ids.message, at))),
            ("task", Box::new(move |tx| tasks::done(tx, ids.task, at))),
            ("rule", Box::new(move |tx| rules::disable(tx, ids.rule, at))),
            ("registration", Box::new(move |tx| senders::set_registration(tx, ids.sender, Registration::Unregistered, at))),
            (
                "consent",
                Box::new(move |tx| consents::grant(tx, consent(ids.person, ids.contact, at), Category::Care, true, true).map(drop)),
            ),
        ];
        for (what, mut job) in reads {
            let answer = store.write(access(stranger), move |tx: &mut Tx<'_, '_>| job(tx)).await;
            let nothing = matches!(answer, Err(StoreError::NotFound { .. } | StoreError::Stale { .. }));
            assert!(nothing, "{backend:?} {what}: {answer:?}");
        }
        let empty = move |tx: &mut Tx<'_, '_>| -> Result<Vec<(&'static str, usize)>, StoreError> {
            let key = people_key(tx);
            let far = at + SignedDuration::from_hours(24 * 365);
            Ok(vec![
                ("people", people::recent(tx, 100)?.len() + people::count(tx)? as usize),
                ("search", people::search(tx, "Rivera")?.len() + people::search(tx, "Ana")?.len()),
                ("record", usize::from(people::by_record(tx, "R1")?.is_some())),
                ("contacts", people::contacts(tx, ids.person)?.len()),
                ("number", usize::from(numbers::get(tx, key)?.is_some()) + people::contacts_at(tx, key)?.len()),
                ("visits", appointments::of_person(tx, ids.person, 9)?.len() + messages::visits(tx, ids.message)?.len()),
                ("tasks", tasks::list(tx, 100)?.len() + tasks::count(tx)? as usize + views::tasks::open(tx, 100)?.len()),
                ("texts", inbound::unrouted(tx, 100)?.len()),
                ("due", wellsent_store::claims::claim(tx, far, 100)?.len() + usize::from(messages::next_due(tx)?.is_some())),
                ("lines", views::messages::of_person(tx, ids.person, 9)?.len() + views::thread::at(tx, key, 9)?.len()),
                ("threads", views::inbox::threads(tx, 100)?.len() + usize::from(views::inbox::phone(tx, key)?.is_some())),
                ("consents", consents::standing(tx, ids.contact)?.len() + consent_log::lines(tx, ids.person, 100)?.len()),
                ("rules", rules::list(tx)?.len() + templates::latest(tx)?.len()),
                ("places", practices::locations(tx)?.len() + practices::visit_types(tx)?.len() + practices::senders(tx)?.len()),
                ("agreements", agreements::list(tx)?.len() + agreements::of_carrier(tx, "simulator")?.len()),
                ("carriers", views::carriers::load(tx, jiff::civil::date(2027, 3, 1), 100, at)?.senders.len()),
                ("traffic", {
                    let traffic = views::traffic::load(tx, at, far)?;
                    traffic.hours.len() + traffic.erasures.len() + views::traffic::applications(tx, 100, far)?.len()
                }),
                ("erasures", erasures::due(tx, far, 100)?.len() + erasures::counts(tx, far)?.waiting as usize),
                ("plans", plans::take(tx, 100)?.len()),
            ])
        };
        for (what, found) in store.write(access(stranger), empty).await.unwrap() {
            assert_eq!(found, 0, "{backend:?}: the neighbour sees {what}");
        }
        let own = store.write(access(house.practice), empty).await.unwrap();
        let blind: Vec<_> = own.iter().filter(|(_, found)| *found == 0).map(|(what, _)| *what).collect();
        assert_eq!(blind, ["texts"], "what the owner does not see either shows nothing");
        let untouched = move |tx: &mut Tx<'_, '_>| appointments::get(tx, ids.visit);
        let visit = store.write(access(house.practice), untouched).await.unwrap();
        assert_eq!((visit.status, visit.answer), (AppointmentStatus::Booked, Some(VisitAnswer::WantsReschedule)));
    });
}

/// The key of a number under this practice's own index key.
fn people_key(tx: &Tx<'_, '_>) -> numbers::NumberKey {
    numbers::key(tx, number(0))
}

/// A role that owns nothing and is no superuser, as production uses it.
async fn clerk(server: &Postgres, database: &str, owner: &Client) -> (Config, String) {
    let role = format!("clerk_{database}");
    owner
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'clerk'; GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
        ))
        .await
        .unwrap();
    let url = server.url(database);
    let host = url.rsplit('@').next().unwrap().trim_start_matches("postgres://");
    let url = format!("postgres://{role}:clerk@{host}");
    (url.parse().unwrap(), url)
}

/// The database of a house, among all of the server.
async fn database_of(server: &Postgres, practice: PracticeId) -> (String, Client) {
    let all = connect(server.url("postgres").parse().unwrap()).await;
    for row in all.query("SELECT datname::text FROM pg_database WHERE datname LIKE 't\\_%'", &[]).await.unwrap() {
        let name: String = row.get(0);
        let Ok((client, line)) = tokio_postgres::connect(&server.url(&name), tokio_postgres::NoTls).await else { continue };
        tokio::spawn(line);
        let found = client.query_opt("SELECT 1 FROM practice WHERE id = $1", &[&practice.bytes().as_slice()]).await;
        if matches!(found, Ok(Some(_))) {
            return (name, client);
        }
    }
    panic!("the house has no database");
}

fn hex(practice: PracticeId) -> String {
    practice.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn rows(client: &Client, table: &str, of: PracticeId) -> (i64, i64) {
    let text = format!("SELECT count(*), count(*) FILTER (WHERE practice_id = $1) FROM {table}");
    let row = client.query_one(&text, &[&of.bytes().as_slice()]).await.unwrap();
    (row.get(0), row.get(1))
}

#[test]
fn row_level_security_hides_every_row_of_another_practice_from_statements_without_a_scope() {
    let Some(server) = Postgres::shared() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let house = lived_in(Backend::Postgres).await;
        let (theirs, own) = (house.practice, neighbour(&house).await);
        let store = house.engine.store().clone();
        store.write(access(own), |tx: &mut Tx<'_, '_>| add_person(tx, "R1", number(1))).await.unwrap();
        let (database, owner) = database_of(server, theirs).await;
        owner
            .execute("INSERT INTO idempotency VALUES ($1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), $1, 0)", &[&theirs.bytes().as_slice()])
            .await
            .unwrap();
        let (config, _) = clerk(server, &database, &owner).await;
        let client = connect(config).await;
        let tables: Vec<String> = owner
            .query("SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'practice_id' ORDER BY 1", &[])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        let secured: BTreeSet<String> = owner
            .query("SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity", &[])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        let open: Vec<&String> = tables.iter().filter(|table| !secured.contains(*table)).collect();
        // They are looked up before it is known which practice it is about, and hold no PHI.
        assert_eq!(open, ["application_name", "page_key", "sender", "session", "sign_in_link", "staff"]);
        assert_eq!(secured.len() + open.len(), tables.len());
        for table in &secured {
            let (_, there) = rows(&owner, table, theirs).await;
            assert!(there > 0, "nothing in {table}, so nothing would be shown");

            client.batch_execute("BEGIN").await.unwrap();
            assert_eq!(rows(&client, table, theirs).await, (0, 0), "{table} without a setting");
            client.batch_execute("ROLLBACK").await.unwrap();

            client.batch_execute(&format!("BEGIN; SELECT set_config('wellsent.practice', '{}', true)", hex(own))).await.unwrap();
            let (_, seen) = rows(&client, table, theirs).await;
            assert_eq!(seen, 0, "{table} in a transaction of another practice");
            let practice_id = theirs.bytes();
            let deleted = client.execute(&format!("DELETE FROM {table} WHERE practice_id = $1"), &[&practice_id.as_slice()]).await.unwrap();
            let changed = client.execute(&format!("UPDATE {table} SET practice_id = practice_id"), &[]).await.unwrap();
            assert_eq!((deleted, changed), (0, rows(&client, table, own).await.1 as u64), "{table} changed by another practice");
            client.batch_execute("ROLLBACK").await.unwrap();

            client.batch_execute(&format!("BEGIN; SELECT set_config('wellsent.practice', '{}', true)", hex(theirs))).await.unwrap();
            assert_eq!(rows(&client, table, theirs).await, (there, there), "{table} in a transaction of its own practice");
            client.batch_execute("ROLLBACK").await.unwrap();
        }
        client.batch_execute(&format!("BEGIN; SELECT set_config('wellsent.practice', '{}', true)", hex(own))).await.unwrap();
        let planted = client.execute("INSERT INTO plan_queue VALUES ($1, $1, 0)", &[&theirs.bytes().as_slice()]).await;
        assert_eq!(planted.unwrap_err().code().map(tokio_postgres::error::SqlState::code), Some("42501"), "a row for another practice");
        client.batch_execute("ROLLBACK").await.unwrap();
        // The setting ends with its transaction.
        assert_eq!(rows(&client, "person", theirs).await, (0, 0));
        println!("{} tables behind row-level security", secured.len());
    });
}

#[test]
fn the_store_works_as_a_role_that_owns_nothing() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.database();
    let database = url.rsplit('/').next().unwrap().to_owned();
    let owner_db = Db::open_postgres(&url, Options::default()).unwrap();
    owner_db.migrate(migrations()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let role_url = runtime.block_on(async {
        let owner = connect(url.parse().unwrap()).await;
        clerk(server, &database, &owner).await.1
    });
    let store = Store::new(Db::open_postgres(&role_url, Options::default()).unwrap(), Kek::generate());
    let (one, two) = (practice(&store, "Elm Street Clinic"), practice(&store, "Oak Street Clinic"));
    for practice in [one, two] {
        let act = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
            let (person, contact) = add_person(tx, "R1", number(1))?;
            consents::grant(tx, consent(person, contact, now()), Category::Appointments, true, true)?;
            numbers::suppress(tx, numbers::key(tx, number(1)), Channel::Text, None, now())?;
            tasks::open(tx, &tasks::NewTask { kind: TaskKind::Reschedule, person: Some(person), ..Default::default() }, now())?;
            plans::mark_all(tx, now())
        };
        store.write_wait(access(practice), act).unwrap();
    }
    let seen = |practice| store.read_wait(access(practice), |tx: &mut Tx<'_, '_>| people::count(tx)).unwrap();
    assert_eq!((seen(one), seen(two)), (1, 1));
    let key = SigningKey::generate("wellsent.example/role").unwrap();
    let keys = [key.verifying_key().clone()];
    let report = store.system_wait(move |tx: &mut SystemTx<'_, '_>| -> Result<_, StoreError> {
        ledger::sequence(tx, 100)?;
        ledger::checkpoint(tx, "wellsent.example/role", &key, now())?;
        assert_eq!(practices::list(tx)?.len(), 2);
        audit::verify(tx, &keys, "wellsent.example/role", &[])
    });
    assert!(report.unwrap().is_sound());
}

#[test]
fn a_row_cannot_refer_to_a_row_of_another_practice() {
    on_each(|backend| async move {
        let house = lived_in(backend).await;
        let (ids, stranger, at) = (ids(&house).await, neighbour(&house).await, house.engine.now());
        let (location, visit_type) = (house.location, house.visit_type);
        let jobs: Vec<(&str, Job)> = vec![
            (
                "a number of their patient",
                Box::new(move |tx| {
                    let contact = wellsent_store::people::ContactData {
                        number: wellsent_domain::Phi::new(number(9)),
                        obtained: wellsent_domain::person::Obtained::Patient,
                        verified_at: None,
                        reached: wellsent_domain::gate::Reached::Own,
                    };
                    people::set_number(tx, ids.person, &contact, at).map(drop)
                }),
            ),
            (
                "a request of their patient",
                Box::new(move |tx| directives::add(tx, ids.person, None, Directive::NeverText, Channel::Spoken, at).map(drop)),
            ),
            (
                "a visit of their patient",
                Box::new(move |tx| {
                    let visit = appointments::VisitData {
                        source_id: "V1".into(),
                        person: ids.person,
                        location,
                        visit_type,
                        starts_at: at,
                        starts_local: "2027-03-10T14:00:00".into(),
                        zone: "America/New_York".into(),
                        status: AppointmentStatus::Booked,
                    };
                    appointments::upsert(tx, &visit, [1; 32], at).map(drop)
                }),
            ),
            (
                "a warning of their patient",
                Box::new(move |tx| {
                    consents::record_warning(tx, consent(ids.person, ids.contact, at), wellsent_domain::consent::ConsentAct::Warned)
                        .map(drop)
                }),
            ),
            (
                "a revocation of their patient",
                Box::new(move |tx| consents::revoke(tx, consent(ids.person, ids.contact, at), Category::Appointments).map(drop)),
            ),
            ("a verification", Box::new(move |tx| people::set_verified(tx, ids.contact, Channel::Spoken, at))),
        ];
        let mut taken = Vec::new();
        for (what, mut job) in jobs {
            let answer = house.engine.store().write(access(stranger), move |tx: &mut Tx<'_, '_>| job(tx)).await;
            if answer.is_ok() {
                taken.push(what);
            }
        }
        assert!(taken.is_empty(), "{backend:?}: taken for a patient of another practice: {taken:?}");
    });
}
