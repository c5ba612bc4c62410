//! What the tests of the store share.

use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::practice::Settings;
use wellsent_domain::{ContactPointId, Language, PersonId, Phi, PhoneNumber, PracticeId};
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::practices::NewPractice;
use wellsent_store::{Access, Actor, Store, StoreError, Tx, people};
use wellsent_testkit::house::start;

pub fn now() -> Timestamp {
    start()
}

pub fn access(practice: PracticeId) -> Access {
    Access { practice, actor: Actor::Operator }
}

pub fn new_practice(name: &str) -> NewPractice {
    NewPractice {
        name: name.to_owned(),
        text_name: name.to_owned(),
        call_back: PhoneNumber::parse("212-555-0100").expect("a number"),
        zone: "America/New_York".to_owned(),
        part2: false,
        settings: Settings::default(),
    }
}

pub fn practice(store: &Store, name: &str) -> PracticeId {
    store.create_practice(new_practice(name), now()).expect("a practice")
}

pub fn person(record: &str) -> PersonData {
    PersonData {
        record_number: Some(Phi::new(record.to_owned())),
        name: Phi::new(Name { given: "Ana".into(), family: "Rivera".into() }),
        birth_date: Some(Phi::new(Date::constant(1980, 5, 5))),
        language: Language::En,
        zone: None,
        standing: Standing::Active,
        sensitive: false,
    }
}

pub fn number(n: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1{}55501{:02}", [212, 646, 718, 917][n / 100 % 4], n % 100)).expect("a number")
}

/// A person with a number.
pub fn add_person(tx: &mut Tx<'_, '_>, record: &str, number: PhoneNumber) -> Result<(PersonId, ContactPointId), StoreError> {
    let person = people::add(tx, &person(record), None, now())?;
    let contact = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: Some(now()), reached: Reached::Own };
    Ok((person, people::set_number(tx, person, &contact, now())?))
}

/// A connection of the test's own to PostgreSQL.
pub async fn connect(config: tokio_postgres::Config) -> tokio_postgres::Client {
    let (client, line) = config.connect(tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(line);
    client
}
