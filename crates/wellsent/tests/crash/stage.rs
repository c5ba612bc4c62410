//! What a run stands on: a folder with keys, a database, a practice, and the order book in the database.

use crate::beside::Beside;
use crate::look::{self, Look};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use wellsent::config::{Config, Installation};
use wellsent::open::{Opened, make_keys, open, private_folder};
use wellsent_db::{DbError, Options, Tx as RawTx};
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::planner::Lead;
use wellsent_domain::practice::{Agreement, Settings};
use wellsent_domain::{ContactPointId, Language, LocationId, PersonId, Phi, PhoneNumber, PracticeId, SenderId, VisitTypeId};
use wellsent_engine::Clock;
use wellsent_store::consents::ConsentRecord;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::practices::NewPractice;
use wellsent_store::rules::NewRule;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Access, Actor, StoreError, Tx, agreements, consents, people, practices, rules};
use wellsent_testkit::postgres::{Postgres, Writes};

/// The zone of the practice and of every patient.
pub const ZONE: &str = "America/New_York";
/// How long before a visit its one reminder is due.
pub const LEAD: SignedDuration = SignedDuration::from_mins(120);

/// The practice's number, which no phone of the run has.
const SENDER: &str = "+14845550199";

/// The ids that every process needs, and where things are. It goes to the processes as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ground {
    pub folder: PathBuf,
    pub beside: Beside,
    pub database: Option<String>,
    /// By how much the clock of the run is ahead, so that it begins at noon in New York whatever the time is.
    pub offset_us: i64,
    pub practice: String,
    pub location: String,
    pub sender: String,
    pub visit_type: String,
}

impl Ground {
    /// The folders as `serve` knows them.
    pub fn installation(&self) -> Installation {
        installation(&self.folder, self.database.clone())
    }

    /// The clock of the run.
    pub fn clock(&self) -> Clock {
        let clock = Clock::system();
        clock.set_offset_micros(self.offset_us);
        clock
    }

    /// The practice's sender as phones know it.
    pub fn sender_to_phones(&self) -> String {
        match self.beside {
            Beside::Simulator => self.sender.clone(),
            Beside::Twilio | Beside::Smpp => SENDER.to_owned(),
        }
    }

    /// The journal of the phones.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("phones.jsonl")
    }

    /// Opens the installation. Only one process at a time can, where the database is a file.
    pub fn open(&self, options: Options) -> Opened {
        open(&self.installation(), options, self.clock().now()).expect("the installation opens")
    }

    /// The practice as the server's operator.
    pub fn access(&self) -> Access {
        Access { practice: parsed::<PracticeId>(&self.practice), actor: Actor::Operator }
    }
}

/// A patient that the server has.
#[derive(Debug, Clone)]
pub struct Patient {
    pub number: String,
    pub person: String,
    pub contact: String,
}

/// Area codes where it is noon when it is noon in New York.
const AREAS: [&str; 10] = ["212", "646", "718", "917", "347", "929", "516", "914", "631", "845"];

/// The invented number of a phone; there are a thousand.
pub fn number(n: usize) -> String {
    format!("+1{}55501{:02}", AREAS[n / 100 % AREAS.len()], n % 100)
}

/// What the text of a key says. One in ten needs two parts.
pub fn words(key: &str) -> String {
    let mut words = format!("Your message number is {key}.");
    if key.ends_with('7') {
        words.push_str(&" Thank you for your patience with us.".repeat(4));
    }
    words
}

/// An id that this test wrote itself.
pub fn parsed<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is not an id"))
}

fn installation(folder: &Path, database: Option<String>) -> Installation {
    let mut config = Config::default();
    config.database.url = database;
    Installation { data: folder.join("data"), keys: folder.join("keys"), config }
}

/// The PostgreSQL server of these tests: one that writes durably, unless the environment names one.
pub fn postgres() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    match std::env::var("WELLSENT_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => Postgres::shared(),
        _ => SERVER.get_or_init(|| Postgres::start(Writes::Durable)).as_ref(),
    }
}

/// Makes keys, database, and a practice with patients.
pub fn furnish(folder: &Path, beside: Beside, database: Option<String>, patients: usize) -> (Ground, Vec<Patient>) {
    let place = installation(folder, database.clone());
    private_folder(&place.data).expect("a folder");
    make_keys(&place).expect("keys");
    beside.write_secrets(&place.keys);
    let clock = Clock::system();
    let real = clock.now();
    let zone = jiff::tz::TimeZone::get(ZONE).expect("a zone");
    let noon = zone.to_datetime(real).date().to_datetime(Time::constant(12, 0, 0, 0)).to_zoned_datetime(zone).expect("noon").timestamp();
    clock.set_offset_micros(noon.as_microsecond() - real.as_microsecond());
    let now = clock.now();
    let opened = open(&place, Options::default(), now).expect("the installation opens");
    let store = &opened.store;
    let new = NewPractice {
        name: "Elm Street Clinic".into(),
        text_name: "Elm St Clinic".into(),
        call_back: PhoneNumber::parse("212-555-0100").expect("a number"),
        zone: ZONE.into(),
        part2: false,
        settings: Settings {
            texts_per_day_max: 100_000,
            texts_per_week_max: 100_000,
            auto_replies_per_hour_max: 100_000,
            parts_max: 2,
            ..Settings::default()
        },
    };
    let practice = store.create_practice(new, now).expect("a practice");
    let access = Access { practice, actor: Actor::Operator };
    let furnished = store.write_wait(access, move |tx: &mut Tx<'_, '_>| furnish_in(tx, beside, now));
    let (location, sender, visit_type) = furnished.expect("a furnished practice");
    let add = move |tx: &mut Tx<'_, '_>| -> Result<Vec<Patient>, StoreError> {
        (0..patients)
            .map(number)
            .map(|number| {
                let (person, contact) = patient(tx, &number, PhoneNumber::parse(&number).expect("a number"), now)?;
                Ok(Patient { number, person: person.to_string(), contact: contact.to_string() })
            })
            .collect()
    };
    let patients = store.write_wait(access, add).expect("patients");
    let order_book =
        |tx: &mut RawTx<'_>| -> Result<(), DbError> { look::ORDER_BOOK.iter().try_for_each(|sql| tx.execute(sql, &[]).map(drop)) };
    store.db().write_wait(order_book).expect("the order book");
    store.db().close();
    let ground = Ground {
        folder: folder.to_owned(),
        beside,
        database,
        offset_us: clock.offset_micros(),
        practice: practice.to_string(),
        location: location.to_string(),
        sender: sender.to_string(),
        visit_type: visit_type.to_string(),
    };
    (ground, patients)
}

fn furnish_in(tx: &mut Tx<'_, '_>, beside: Beside, now: Timestamp) -> Result<(LocationId, SenderId, VisitTypeId), StoreError> {
    let location = practices::add_location(tx, "main", "Main Street", Some("Main St office"), ZONE, now)?;
    let sender = senders::add(tx, &NewSender::approved(beside.name(), SENDER, beside.sender_kind(), 600_000), now)?;
    let mut agreement = Agreement::for_texts(Date::constant(2026, 1, 1), None);
    if let Some(account) = beside.account() {
        agreement = agreement.on_account(account);
    }
    agreements::add(tx, beside.name(), "The carrier", agreement, None, now)?;
    let visit_type = practices::ensure_visit_type(tx, "Follow-up", false, now)?;
    let rule = NewRule {
        location: None,
        visit_type: None,
        lead: Lead::Minutes(LEAD.as_secs() / 60),
        template: "reminder_soon".into(),
        template_for_several: "reminder_day".into(),
        useful_for: SignedDuration::from_mins(90),
        not_within: SignedDuration::from_mins(15),
    };
    rules::add(tx, &rule, now)?;
    Ok((location, sender, visit_type))
}

/// Adds a patient with a confirmed consent, or answers the one that was added under this record number before.
pub fn patient(tx: &mut Tx<'_, '_>, record: &str, number: PhoneNumber, now: Timestamp) -> Result<(PersonId, ContactPointId), StoreError> {
    if let Some((person, _)) = people::by_record(tx, record)? {
        let known = people::contacts(tx, person)?.pop().ok_or(StoreError::NotFound { what: "contact point" })?;
        return Ok((person, known.contact.id));
    }
    let person = PersonData {
        record_number: Some(Phi::new(record.to_owned())),
        name: Phi::new(Name { given: "Ana".into(), family: "Rivera".into() }),
        birth_date: Some(Phi::new(Date::constant(1980, 5, 5))),
        language: Language::En,
        zone: Some(ZONE.into()),
        standing: Standing::Active,
        sensitive: false,
    };
    let person = people::add(tx, &person, None, now)?;
    let contact = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: Some(now), reached: Reached::Own };
    let contact = people::set_number(tx, person, &contact, now)?;
    let record = ConsentRecord {
        person,
        contact_point: contact,
        channel: Channel::Paper,
        wording: None,
        evidence: None,
        language: Some(Language::En),
        at: now,
    };
    consents::grant(tx, record, Category::Appointments, true, true)?;
    Ok((person, contact))
}

/// Reads everything that the checker needs, from an installation that no server has open.
pub fn look(opened: &Opened) -> Look {
    let read = |tx: &mut RawTx<'_>| Look::read(tx);
    opened.store.db().read_wait(read).expect("the database answers")
}
