//! Pages behind links, as a patient, a stranger with the phone in hand, and somebody who guesses meet them (H-03, H-42, N-04).

use crate::crowd::*;
use crate::verification::{accepts_details, code_on, detail, in_the_clear, ledger, newcomer};
use jiff::SignedDuration;
use jiff::civil::Date;
use std::net::IpAddr;
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::gate::{Origin, Reached};
use wellsent_domain::message::{MessageState, Programme};
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::practice::Settings;
use wellsent_domain::secure_page::{Factor, PageKind, SESSION_IDLE, SESSION_LIFE};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Language, PageId, Phi, PhoneNumber, StaffId};
use wellsent_engine::{Door, SecondFact};
use wellsent_store::messages::NewMessage;
use wellsent_store::pages::{KeyKind, NewPage, StoredPage};
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::practices::NewPractice;
use wellsent_store::views::thread;
use wellsent_store::{Access, Actor, StoreError, Tx, messages, numbers, pages, people};
use wellsent_testkit::house::{House, Patient, Plan, start};

const SECRET: &str = "Your culture grew nothing; the quorvitis is gone.";
const BASE: &str = "https://go.elmst.example/s/";

fn by() -> StaffId {
    StaffId::from_bytes([7; 16])
}

pub fn address(n: usize) -> IpAddr {
    IpAddr::from([10, (n >> 16) as u8, (n >> 8) as u8, n as u8])
}

/// The secret of the link in the last text that a phone got.
fn link_on(house: &House, number: &PhoneNumber) -> Option<String> {
    let text = house.got(number).pop()?;
    let (_, rest) = text.split_once(BASE)?;
    Some(rest.split(' ').next().unwrap_or_default().to_owned())
}

/// Sends a page and reads the link from the phone.
pub async fn page(house: &House, patient: &Patient) -> String {
    house.engine.send_page(house.access(), by(), patient.contact, Phi::new(SECRET.to_owned())).await.unwrap();
    house.settle().await;
    link_on(house, &patient.number).expect("the link arrived")
}

/// Asks for a code at the door and reads it from the phone.
pub async fn code(house: &House, patient: &Patient, link: &str) -> String {
    house.engine.page_send_code(link, address(1)).await.unwrap();
    house.settle().await;
    code_on(house, &patient.number).expect("a code arrived")
}

pub async fn try_code(house: &House, link: &str, code: &str, from: usize) -> Option<String> {
    house.engine.page_try(link, SecondFact::Code(Phi::new(code.to_owned())), address(from)).await.unwrap()
}

/// Sends a page and opens it as its patient would.
async fn opened(house: &House, patient: &Patient) -> String {
    let link = page(house, patient).await;
    let code = code(house, patient, &link).await;
    try_code(house, &link, &code, 1).await.expect("the code opens it")
}

pub async fn shown(house: &House, session: &str) -> Option<(Access, StoredPage)> {
    house.engine.page_of_session(session).await.unwrap()
}

/// The pages of a person, the newest first.
async fn pages_of(house: &House, patient: &Patient) -> Vec<StoredPage> {
    let person = patient.person;
    house.write(move |tx| pages::of_person(tx, person, 50)).await
}

pub fn with_birth_dates(plan: Plan) -> Plan {
    Plan { settings: Settings { page_factor: Factor::BirthDate, ..plan.settings }, ..plan }
}

pub fn born(year: i16) -> SecondFact {
    SecondFact::BirthDate(Some(Phi::new(Date::constant(year, 5, 5))))
}

#[test]
fn a_page_opens_with_a_code_to_the_phone_and_says_when_it_was_read() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let link = page(&house, &ana).await;
        let url_safe = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_');
        assert!(link.len() == 22 && link.chars().all(url_safe), "{link}");
        let notice = format!("Elm St Clinic: you have a new message: {BASE}{link} Questions? 212-555-0100. Reply STOP to opt out.");
        assert_eq!(house.got(&ana.number), [notice]);
        let code = code(&house, &ana, &link).await;
        assert_eq!(try_code(&house, &link, "12345", 1).await, None);
        let session = try_code(&house, &link, &code, 1).await.expect("it opens");
        assert_eq!(pages_of(&house, &ana).await[0].read_at, None, "nobody has read it yet");
        house.wait_until(start() + SignedDuration::from_mins(3));
        let (access, page) = shown(&house, &session).await.expect("it shows");
        assert_eq!((access.practice, page.person), (house.practice, ana.person));
        assert_eq!(page.body.expect("a message").into_exposed(), SECRET);
        assert_eq!(pages_of(&house, &ana).await[0].read_at, Some(start() + SignedDuration::from_mins(3)));
        assert_eq!(try_code(&house, &link, &code, 1).await, None, "the code works once");
        house.engine.close_page(&session).await.unwrap();
        assert!(shown(&house, &session).await.is_none());
        assert!(ledger(&house).await.contains(r#""what":"secure_page""#), "the reading is on the ledger");
    });
}

#[test]
fn the_door_of_every_link_looks_the_same_and_looking_does_nothing() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let session = opened(&house, &ana).await;
        let used = house.got(&ana.number)[0].split(BASE).nth(1).unwrap()[..22].to_owned();
        let revoked = page(&house, &ana).await;
        let newest = pages_of(&house, &ana).await[0].id;
        house.engine.revoke_page(house.access(), newest).await.unwrap();
        let expired = page(&house, &ana).await;
        house.wait_until(start() + PageKind::Message.life());
        let good = page(&house, &ana).await;
        let (texts, before) = (house.got(&ana.number).len(), ledger(&house).await);
        let phone = PhoneNumber::parse("212-555-0100").unwrap();
        for link in [&*good, &used, &revoked, &expired, "AAAAAAAAAAAAAAAAAAAAAA", "x", "", &"y".repeat(400)] {
            let view = house.engine.page_door(link, address(9)).await.unwrap();
            assert_eq!((view.door, view.practice), (Door::Ask(Factor::Code), Some(("Elm St Clinic".into(), phone))), "{link}");
        }
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), texts);
        assert_eq!(ledger(&house).await, before, "no trace and no counter");
        // Whoever asks for a code or tries one gets the same answer too, and only the good link moves anything.
        for link in [&*used, &revoked, &expired, "AAAAAAAAAAAAAAAAAAAAAA"] {
            house.engine.page_send_code(link, address(2)).await.unwrap();
            assert_eq!(try_code(&house, link, "482913", 2).await, None);
        }
        house.settle().await;
        assert_eq!(house.got(&ana.number).len(), texts, "no code goes out for a link that leads nowhere");
        assert!(shown(&house, &session).await.is_none(), "two weeks later nothing is open");
        let code = code(&house, &ana, &good).await;
        assert!(try_code(&house, &good, &code, 2).await.is_some());
    });
}

#[test]
fn an_opened_page_closes_when_nothing_happens_and_at_the_latest_after_an_hour() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let idle = opened(&house, &ana).await;
        house.wait_until(start() + SESSION_IDLE);
        assert!(shown(&house, &idle).await.is_some());
        house.wait_until(house.engine.now() + SESSION_IDLE + SignedDuration::from_millis(1));
        assert!(shown(&house, &idle).await.is_none());
        let busy = opened(&house, &ana).await;
        let begun = house.engine.now();
        for minutes in [10, 20, 30, 40, 50, 59] {
            house.wait_until(begun + SignedDuration::from_mins(minutes));
            assert!(shown(&house, &busy).await.is_some(), "{minutes}");
        }
        house.wait_until(begun + SESSION_LIFE);
        assert!(shown(&house, &busy).await.is_none());
    });
}

#[test]
fn a_page_that_is_taken_back_shuts_out_who_reads_it() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let session = opened(&house, &ana).await;
        assert!(shown(&house, &session).await.is_some());
        let newest = pages_of(&house, &ana).await[0].id;
        house.engine.revoke_page(house.access(), newest).await.unwrap();
        assert!(shown(&house, &session).await.is_none());
        assert!(house.engine.revoke_page(house.access(), newest).await.is_err(), "it is taken back once");
    });
}

/// What a phone and the pages of its people said, as staff see it.
async fn received(house: &House, number: PhoneNumber) -> Vec<String> {
    let lines = house
        .write(move |tx| {
            let key = numbers::key(tx, number);
            thread::at(tx, key, 50)
        })
        .await;
    let body = |line| match line {
        thread::Line::Received(line) => Some(line.body.into_exposed()),
        thread::Line::Sent(_) => None,
    };
    lines.into_iter().filter_map(body).collect()
}

#[test]
fn a_reply_on_a_page_goes_the_way_of_a_text_and_counts_once() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let session = opened(&house, &ana).await;
        let (access, page) = shown(&house, &session).await.unwrap();
        let texts = house.got(&ana.number).len();
        for _ in 0..2 {
            house.engine.page_reply(access, &page, Phi::new(" Can I swim again? ".into())).await.unwrap();
        }
        house.settle().await;
        assert_eq!(received(&house, ana.number).await, ["Can I swim again?"], "a form that was sent twice is one reply");
        assert_eq!(kinds(&house).await, [TaskKind::Reply]);
        assert_eq!(house.got(&ana.number).len(), texts);
        house.wait_until(house.engine.now() + SignedDuration::from_mins(2));
        house.engine.page_reply(access, &page, Phi::new("Can I swim again?".into())).await.unwrap();
        house.settle().await;
        assert_eq!(received(&house, ana.number).await.len(), 2, "the same words later are another reply");
        assert!(house.engine.page_reply(access, &page, Phi::new("  ".into())).await.is_err());
        assert!(house.engine.page_reply(access, &page, Phi::new("x".repeat(1_001))).await.is_err());
        house.engine.page_reply(access, &page, Phi::new("STOP".into())).await.unwrap();
        house.settle().await;
        assert!(house.got(&ana.number).last().unwrap().contains("unsubscribed"));
        let number = ana.number;
        let stopped = move |tx: &mut Tx<'_, '_>| {
            let key = numbers::key(tx, number);
            numbers::is_suppressed(tx, key)
        };
        assert!(house.write(stopped).await);
    });
}

/// Another practice on the same server with a page of its own.
async fn neighbours(house: &House) -> (Access, PageId, String) {
    let new = NewPractice {
        name: "Oak Street Clinic".into(),
        text_name: "Oak St Clinic".into(),
        call_back: number(90),
        zone: "America/New_York".into(),
        part2: false,
        settings: Settings { page_factor: Factor::BirthDate, ..Settings::default() },
    };
    let store = house.engine.store().clone();
    let practice = tokio::task::spawn_blocking(move || store.create_practice(new, start())).await.unwrap().unwrap();
    let access = Access { practice, actor: Actor::Operator };
    let make = |tx: &mut Tx<'_, '_>| -> Result<PageId, StoreError> {
        let person = PersonData {
            record_number: None,
            name: Phi::new(Name { given: "Eve".into(), family: "Stone".into() }),
            birth_date: Some(Phi::new(Date::constant(1980, 5, 5))),
            language: Language::En,
            zone: None,
            standing: Standing::Active,
            sensitive: false,
        };
        let person = people::add(tx, &person, None, start())?;
        let contact = ContactData { number: Phi::new(number(91)), obtained: Obtained::Patient, verified_at: None, reached: Reached::Own };
        let contact_point = people::set_number(tx, person, &contact, start())?;
        let (kind, factor, language) = (PageKind::Message, Factor::BirthDate, Language::En);
        let body = Some(Phi::new("for Eve".to_owned()));
        let page = pages::make(tx, &NewPage { person, contact_point, message: None, kind, factor, language, body }, start())?;
        assert!(pages::add_key(tx, page, KeyKind::Link, "the-link-of-the-other-1", start())?);
        Ok(page)
    };
    let page = house.engine.store().write(access, make).await.unwrap();
    (access, page, "the-link-of-the-other-1".to_owned())
}

#[test]
fn a_page_of_another_practice_is_out_of_reach() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let session = opened(&house, &ana).await;
        let (theirs, other, link) = neighbours(&house).await;
        let own = pages_of(&house, &ana).await[0].id;
        let store = house.engine.store();
        assert!(store.read(house.access(), move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { pages::get(tx, other) }).await.is_err());
        assert!(store.read(theirs, move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { pages::get(tx, own) }).await.is_err());
        assert!(house.engine.revoke_page(house.access(), other).await.is_err());
        assert!(house.engine.revoke_page(theirs, own).await.is_err());
        assert!(shown(&house, &session).await.is_some(), "nothing happened to it");
        // The door of each shows its own practice, and each link leads into its own.
        let view = house.engine.page_door(&link, address(1)).await.unwrap();
        assert_eq!((view.door, view.practice.map(|(name, _)| name)), (Door::Ask(Factor::BirthDate), Some("Oak St Clinic".into())));
        assert_eq!(house.engine.page_door("AAAAAAAAAAAAAAAAAAAAAA", address(1)).await.unwrap().practice, None, "it names neither");
        let session = house.engine.page_try(&link, born(1980), address(1)).await.unwrap().expect("it opens");
        let (access, page) = shown(&house, &session).await.unwrap();
        assert_eq!((access.practice, page.id), (theirs.practice, other));
    });
}

#[test]
fn neither_a_link_nor_a_session_nor_what_a_page_says_is_in_the_database_in_the_clear() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient().await;
        let session = opened(&house, &ana).await;
        let link = house.got(&ana.number)[0].split(BASE).nth(1).unwrap()[..22].to_owned();
        let (access, page) = shown(&house, &session).await.unwrap();
        house.engine.page_reply(access, &page, Phi::new("the zworvel itches".into())).await.unwrap();
        house.settle().await;
        for word in [&*link, &session, "quorvitis", "zworvel"] {
            assert_eq!(in_the_clear(&house, backend, word).await, Vec::<String>::new(), "{word}");
        }
    });
}

/// A text that staff wrote and sent without a second look.
async fn staff_writes(house: &House, patient: &Patient, body: &str) -> MessageState {
    let (patient, now, body) = (*patient, house.engine.now(), body.to_owned());
    let id = house
        .write(move |tx| {
            let message = NewMessage {
                occurrence: format!("staff/{now}/{}", patient.contact),
                programme: Programme::Conversation,
                category: Category::Appointments,
                origin: Origin::Staff { by: by(), overridden: false },
                text: Some(Phi::new(body.clone())),
                ..detail(&patient, "text", Vec::new(), now)
            };
            Ok(messages::add(tx, &message, now)?.expect("new"))
        })
        .await;
    house.settle().await;
    state(house, id).await
}

#[test]
fn a_clinical_text_of_staff_goes_as_a_notice_until_the_phone_is_proven_and_the_patient_warned() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let text = "Please take your metformin 500 mg with food.";
        let ben = newcomer(&house, number(0)).await;
        accepts_details(&house, &ben).await;
        assert_eq!(staff_writes(&house, &ben, text).await, MessageState::Delivered);
        let link = link_on(&house, &ben.number).expect("a notice");
        assert_eq!(pages_of(&house, &ben).await[0].body.clone().unwrap().into_exposed(), text, "the page holds the text");
        let code = code(&house, &ben, &link).await;
        let session = try_code(&house, &link, &code, 1).await.expect("the link leads to it");
        assert_eq!(shown(&house, &session).await.unwrap().1.body.unwrap().into_exposed(), text);
        // The code that opened the page proved the phone.
        house.wait_until(start() + hours(1));
        assert_eq!(staff_writes(&house, &ben, text).await, MessageState::Delivered);
        assert_eq!(house.got(&ben.number).last().unwrap(), text);
        assert_eq!(pages_of(&house, &ben).await.len(), 1);
        // What is no detail goes as it is, to anybody who agreed to texts.
        let ana = house.patient_at(number(1), Language::En).await;
        staff_writes(&house, &ana, "Please bring your card.").await;
        assert_eq!(house.got(&ana.number), ["Please bring your card."]);
    });
}

#[test]
fn a_template_whose_neutral_words_only_say_to_call_gets_a_page() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, number(0)).await;
        accepts_details(&house, &ben).await;
        let message = detail(&ben, "lab_ready", Vec::new(), start());
        let id = house.write(move |tx| messages::add(tx, &message, start())).await.expect("new");
        house.settle().await;
        assert!(link_on(&house, &ben.number).is_some(), "{:?}", house.got(&ben.number));
        let stored = house.write(move |tx| messages::get(tx, id)).await;
        assert_eq!((stored.rendering.as_deref(), stored.tier.map(|tier| tier.as_str())), (Some("notice"), Some("T1")));
        let page = &pages_of(&house, &ben).await[0];
        assert_eq!((page.message, page.kind), (Some(id), PageKind::Message));
        assert!(page.body.as_ref().unwrap().expose().contains("your lab results are ready"));
    });
}

#[test]
fn who_is_specially_protected_gets_the_same_notice_as_everybody() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let now = house.engine.now();
        let mut texts = Vec::new();
        // One who is not proven yet, and one who is proven, warned and specially protected.
        for (n, sensitive) in [(0, false), (1, true)] {
            let patient = newcomer(&house, number(n)).await;
            accepts_details(&house, &patient).await;
            if sensitive {
                let protect = move |tx: &mut Tx<'_, '_>| {
                    let known = people::get(tx, patient.person)?;
                    let (record_number, name, birth_date) = (None, known.name, known.birth_date);
                    let (language, zone, standing) = (known.language, None, known.standing);
                    let data = PersonData { record_number, name, birth_date, language, zone, standing, sensitive };
                    people::update(tx, patient.person, &data, None, now)?;
                    people::set_verified(tx, patient.contact, Channel::Text, now)
                };
                house.write(protect).await;
            }
            staff_writes(&house, &patient, "Please take your metformin 500 mg with food.").await;
            let message = detail(&patient, "lab_ready", Vec::new(), now);
            house.write(move |tx| messages::add(tx, &message, now)).await;
            house.settle().await;
            let got = house.got(&patient.number);
            let links: Vec<_> = got.iter().map(|text| text.split(BASE).nth(1).unwrap().split(' ').next().unwrap().to_owned()).collect();
            assert!(links.len() == 2 && links.iter().all(|link| link.len() == 22), "{got:?}");
            texts.push(got.iter().zip(&links).map(|(text, link)| text.replace(link.as_str(), "*")).collect::<Vec<_>>());
        }
        assert_eq!(texts[0], texts[1]);
    });
}
