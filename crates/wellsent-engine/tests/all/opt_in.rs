//! How texts come to be agreed to, how they end, and how somebody comes back (C-02, H-04, T-08, T-12, P11).

use crate::crowd::*;
use crate::verification::newcomer;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use wellsent_domain::consent::{Category, Channel, ConsentAct, Permissions, Warning};
use wellsent_domain::inbound::CarrierOptOut;
use wellsent_domain::message::MessageState;
use wellsent_domain::person::ContactState;
use wellsent_domain::secure_page::{Factor, PageKind};
use wellsent_domain::task::TaskKind;
use wellsent_domain::{Language, Phi, PhoneNumber, StaffId};
use wellsent_engine::Choices;
use wellsent_store::evidence::{EvidenceKind, NewEvidence};
use wellsent_store::inbound::NewInbound;
use wellsent_store::pages::{KeyKind, NewPage};
use wellsent_store::{Access, Actor, Tx, consent_log, consents, inbound, messages, numbers, pages, people};
use wellsent_testkit::house::{Backend, House, Patient, Plan, consent, start};
use wellsent_text::consent_wording::Subject;

fn phone() -> PhoneNumber {
    number(7)
}

/// What the log says of somebody.
async fn permissions(house: &House, patient: &Patient) -> Permissions {
    let (patient, now) = (*patient, house.engine.now());
    house.write(move |tx| Ok(Permissions::at(&consent_log::of_person(tx, patient.person)?, patient.contact, now))).await
}

async fn agreed(house: &House, patient: &Patient) -> bool {
    permissions(house, patient).await.consents.contains_key(&Category::Appointments)
}

/// Whether a reminder that is due now reaches the phone.
async fn reminder_arrives(house: &House, patient: &Patient) -> bool {
    house.wait_until(house.engine.now() + SignedDuration::from_mins(1));
    let now = house.engine.now();
    let visit = house.visit(patient, now + days(20)).await;
    house.settle().await;
    let (before, patient) = (house.got(&patient.number).len(), *patient);
    let message = house.write(move |tx| Ok(messages::add(tx, &reminder(&patient, visit, now, false), now)?.expect("new"))).await;
    house.engine.dispatch_due(house.practice).await.unwrap();
    house.quiet_phones().await;
    let arrived = state(house, message).await == MessageState::Delivered;
    assert_eq!(house.got(&patient.number).len() - before, usize::from(arrived));
    arrived
}

fn last(house: &House) -> String {
    house.got(&phone()).pop().unwrap_or_default()
}

#[test]
fn who_texts_start_is_asked_and_a_is_the_consent() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, phone()).await;
        house.says(&phone(), "START").await;
        assert!(house.got(&phone()).len() == 1 && last(&house).contains("reply A to get appt texts"), "{}", last(&house));
        assert!(!agreed(&house, &ben).await, "asking is no consent");
        assert!(!reminder_arrives(&house, &ben).await);
        house.says(&phone(), "a").await;
        assert!(agreed(&house, &ben).await);
        let got = house.got(&phone());
        assert!(got.len() == 2 && got[1].contains("you will get appt texts"), "the confirmation is the first text: {got:?}");
        assert!(permissions(&house, &ben).await.consents[&Category::Appointments].confirmed);
        assert!(reminder_arrives(&house, &ben).await);
        assert_eq!(kinds(&house).await, []);
        // The words that were texted are the wording of the consent.
        let lines = house.write(move |tx| consent_log::lines(tx, ben.person, 50)).await;
        let granted = lines.iter().find(|line| line.event.act.category().is_some() && line.wording.is_some()).expect("a wording");
        assert_eq!(granted.channel, Channel::Text);
    });
}

#[test]
fn a_without_a_question_is_for_staff() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ben = newcomer(&house, phone()).await;
        house.says(&phone(), "A").await;
        assert_eq!((agreed(&house, &ben).await, house.got(&phone()).len()), (false, 0));
        assert_eq!(kinds(&house).await, [TaskKind::UnclearAnswer]);
        // Nor does it answer a question after which something else came.
        house.says(&phone(), "START").await;
        house.wait_until(house.engine.now() + SignedDuration::from_mins(5));
        house.says(&phone(), "HELP").await;
        house.says(&phone(), "A").await;
        assert!(!agreed(&house, &ben).await);
        assert_eq!(kinds(&house).await, [TaskKind::UnclearAnswer; 2]);
    });
}

#[test]
fn on_a_shared_phone_nobody_can_tell_who_agrees() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let (ben, eve) = (newcomer(&house, phone()).await, newcomer(&house, phone()).await);
        house.says(&phone(), "START").await;
        assert_eq!((kinds(&house).await, house.got(&phone())), (vec![TaskKind::Resubscribe], vec![]));
        // Even where one of them was asked.
        assert!(house.engine.text_warning(house.access(), ben.contact).await.unwrap().is_some());
        house.settle().await;
        house.says(&phone(), "A").await;
        for patient in [ben, eve] {
            let standing = permissions(&house, &patient).await;
            assert!(standing.consents.is_empty() && standing.warning == Warning::NotShown);
        }
        assert!(kinds(&house).await.contains(&TaskKind::UnclearAnswer));
    });
}

#[test]
fn a_warning_by_text_is_accepted_with_a_and_by_nothing_vaguer() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        let (contact, now) = (ana.contact, house.engine.now());
        let forget = move |tx: &mut Tx<'_, '_>| {
            let record = consent(ana.person, contact, now);
            consents::record_warning(tx, record, ConsentAct::WarningWithdrawn)
        };
        house.write(forget).await;
        house.engine.text_warning(house.access(), contact).await.unwrap();
        house.settle().await;
        assert!(last(&house).contains("Reply A to accept"), "{}", last(&house));
        house.says(&phone(), "ok").await;
        assert_eq!(permissions(&house, &ana).await.warning, Warning::Withdrawn);
        house.says(&phone(), "A").await;
        assert_eq!(permissions(&house, &ana).await.warning, Warning::Accepted);
        assert!(last(&house).contains("you accept texts that are not encrypted"));
    });
}

#[test]
fn yes_is_no_way_back_after_stop() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        house.says(&phone(), "STOP").await;
        let texts = house.got(&phone()).len();
        for text in ["YES", "yes please", "A", "ok"] {
            house.wait_until(house.engine.now() + SignedDuration::from_mins(1));
            house.says(&phone(), text).await;
            assert!(permissions(&house, &ana).await.suppressed_at.is_some(), "{text}");
        }
        assert_eq!(house.got(&phone()).len(), texts);
        assert!(!reminder_arrives(&house, &ana).await);
        house.says(&phone(), "START").await;
        assert!(last(&house).contains("texts are on again"));
        assert!(reminder_arrives(&house, &ana).await);
    });
}

#[test]
fn who_came_back_and_went_away_opens_the_number_for_nobody() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        house.says(&phone(), "STOP").await;
        house.says(&phone(), "START").await;
        assert!(reminder_arrives(&house, &ana).await);
        house.engine.change_number(house.access(), ana.person, number(8)).await.unwrap();
        // Ben joins a number that was stopped: it binds him, whatever Ana did while it was hers.
        let ben = house.patient_at(phone(), Language::En).await;
        let key = house.write(move |tx| Ok(numbers::key(tx, phone()))).await;
        assert!(permissions(&house, &ben).await.suppressed_at.is_none(), "the consent of the fixture is one of his own");
        house.says(&phone(), "STOP").await;
        house.engine.change_number(house.access(), ben.person, number(9)).await.unwrap();
        house.says(&phone(), "START").await;
        let eve = newcomer(&house, phone()).await;
        assert!(house.write(move |tx| numbers::is_suppressed(tx, key)).await);
        house.says(&phone(), "START").await;
        assert!(last(&house).contains("texts are on again"), "{}", last(&house));
        assert!(reminder_arrives(&house, &eve).await, "who texts START from the phone of their own comes back");
        // Ana returns to the number: what she said for it before does not return with her.
        house.engine.change_number(house.access(), ana.person, phone()).await.unwrap();
        assert!(permissions(&house, &ana).await.suppressed_at.is_some());
        assert!(!reminder_arrives(&house, &ana).await && reminder_arrives(&house, &eve).await);
    });
}

async fn suppressed(house: &House) -> bool {
    let look = |tx: &mut Tx<'_, '_>| {
        let key = numbers::key(tx, phone());
        numbers::is_suppressed(tx, key)
    };
    house.write(look).await
}

#[test]
fn who_goes_away_and_returns_to_a_stopped_number_is_stopped() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        house.says(&phone(), "STOP").await;
        house.says(&phone(), "START").await;
        assert!(!suppressed(&house).await);
        house.engine.change_number(house.access(), ana.person, number(8)).await.unwrap();
        assert!(suppressed(&house).await, "the one who had come back is gone");
        house.engine.change_number(house.access(), ana.person, phone()).await.unwrap();
        assert!(suppressed(&house).await && permissions(&house, &ana).await.suppressed_at.is_some());
        assert!(comes_back(&house, &ana, None).await);
    });
}

#[test]
fn a_form_from_before_a_stop_or_a_return_brings_nobody_back() {
    on_each(|backend| async move {
        let house = House::build(Plan::on(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        let day = |n| start() + days(n);
        house.wait_until(day(2));
        house.says(&phone(), "STOP").await;
        assert!(!comes_back(&house, &ana, Some(day(1))).await);
        house.wait_until(day(4));
        house.engine.change_number(house.access(), ana.person, number(8)).await.unwrap();
        house.wait_until(day(5));
        house.engine.change_number(house.access(), ana.person, phone()).await.unwrap();
        assert!(!comes_back(&house, &ana, Some(day(3))).await);
        assert!(suppressed(&house).await && permissions(&house, &ana).await.suppressed_at.is_some());
        assert!(comes_back(&house, &ana, None).await);
        // Who is new at the number has the stop against them, and a form of their own that is newer than it for them.
        let ben = newcomer(&house, phone()).await;
        assert!(permissions(&house, &ben).await.suppressed_at.is_some());
        assert!(!comes_back(&house, &ben, Some(day(1))).await);
        assert!(comes_back(&house, &ben, Some(day(3))).await);
        assert!(permissions(&house, &ben).await.suppressed_at.is_none());
    });
}

/// Records a signed consent and tries a reminder.
async fn comes_back(house: &House, patient: &Patient, at: Option<jiff::Timestamp>) -> bool {
    let choices = Choices {
        person: patient.person,
        contact_point: patient.contact,
        channel: Channel::Paper,
        language: Language::En,
        answers: vec![(Subject::Appointments, true)],
        evidence: Some(reference()),
        at,
    };
    house.engine.record_choices(house.access(), choices).await.unwrap();
    house.settle().await;
    reminder_arrives(house, patient).await
}

fn reference() -> NewEvidence {
    NewEvidence { kind: EvidenceKind::Reference, body: Phi::new(b"folder 7".to_vec()) }
}

type Route = for<'h> fn(&'h House, &'h Patient) -> BoxFuture<'h, ()>;

/// Has somebody open a page of theirs and acts on it.
async fn on_page(house: &House, patient: &Patient, kind: PageKind) -> (Access, pages::StoredPage) {
    let (patient, now) = (*patient, house.engine.now());
    let page = house
        .write(move |tx| {
            let factor = Factor::Code;
            let (person, contact_point, language) = (patient.person, patient.contact, Language::En);
            let page = pages::make(tx, &NewPage { person, contact_point, message: None, kind, factor, language, body: None }, now)?;
            pages::add_key(tx, page, KeyKind::Link, &wellsent_vault::random_token(), now)?;
            pages::get(tx, page)
        })
        .await;
    (Access { practice: house.practice, actor: Actor::Patient(page.id) }, page)
}

/// Every way in which texts to a number end: how, and the confirmations that may follow.
const ROUTES: &[(&str, Route, usize)] = &[
    ("STOP", |house, patient| Box::pin(house.says(&patient.number, "STOP")), 1),
    ("STOP in Spanish", |house, patient| Box::pin(house.says(&patient.number, "PARAR")), 1),
    ("plain words", |house, patient| Box::pin(house.says(&patient.number, "please stop texting me")), 1),
    ("plain words in Spanish", |house, patient| Box::pin(house.says(&patient.number, "no me manden mas mensajes")), 1),
    (
        "the desk",
        |house, patient| Box::pin(async { house.engine.stop(house.access(), patient.contact, Channel::Spoken).await.unwrap() }),
        0,
    ),
    (
        "the page of preferences",
        |house, patient| {
            Box::pin(async {
                let (access, page) = on_page(house, patient, PageKind::Preferences).await;
                house.engine.stop(access, page.contact_point, Channel::Portal).await.unwrap();
            })
        },
        0,
    ),
    (
        "a reply on a page",
        |house, patient| {
            Box::pin(async {
                let (access, page) = on_page(house, patient, PageKind::Message).await;
                house.engine.page_reply(access, &page, Phi::new("stop texting me".into())).await.unwrap();
            })
        },
        1,
    ),
    (
        "the carrier",
        |house, patient| {
            Box::pin(async {
                let (from, now, sender) = (patient.number, house.engine.now(), house.sender);
                let (body, opt_out) = (Phi::new("ARRET".to_owned()), Some(CarrierOptOut::Stop));
                let new =
                    NewInbound { sender, event_key: [9; 32], from: Phi::new(from), body, opt_out, page: None, late: false, erase: None };
                house.write(move |tx| inbound::keep(tx, &new, now)).await;
            })
        },
        0,
    ),
];

#[test]
fn whatever_the_way_a_revocation_stops_everybody_on_the_phone() {
    on_each(|backend| async move {
        for (name, route, confirmations) in ROUTES {
            let house = House::build(generous(backend)).await;
            let (ana, ben) = (house.patient_at(phone(), Language::En).await, house.patient_at(phone(), Language::En).await);
            assert!(reminder_arrives(&house, &ana).await && reminder_arrives(&house, &ben).await, "{name}: before, texts go");
            let before = house.got(&phone()).len();
            house.wait_until(house.engine.now() + SignedDuration::from_mins(1));
            route(&house, &ana).await;
            house.settle().await;
            for patient in [&ana, &ben] {
                assert!(!reminder_arrives(&house, patient).await, "{name}");
                let staff = house.engine.send_page(house.access(), StaffId::from_bytes([7; 16]), patient.contact, Phi::new("hi".into()));
                staff.await.unwrap();
                house.engine.send_code(house.access(), patient.contact, Channel::Spoken, None).await.unwrap().unwrap();
                house.settle().await;
                let standing = permissions(&house, patient).await;
                assert!(standing.suppressed_at.is_some(), "{name}: the log says so");
            }
            assert_eq!(house.got(&phone()).len() - before, *confirmations, "{name}");
            // Each comes back by a fresh consent of their own.
            assert!(comes_back(&house, &ana, None).await, "{name}");
            assert!(!reminder_arrives(&house, &ben).await, "{name}");
            assert!(permissions(&house, &ana).await.suppressed_at.is_none() && permissions(&house, &ben).await.suppressed_at.is_some());
            assert!(comes_back(&house, &ben, None).await, "{name}");
        }
    });
}

fn generous(backend: Backend) -> Plan {
    let mut plan = Plan::on(backend);
    plan.settings.texts_per_day_max = 100;
    plan.settings.texts_per_week_max = 100;
    plan
}

#[test]
fn a_no_to_one_category_at_check_in_is_a_no_to_that_and_by_that_patient() {
    on_each(|backend| async move {
        let house = House::build(generous(backend)).await;
        let (ana, ben) = (house.patient_at(phone(), Language::En).await, house.patient_at(phone(), Language::En).await);
        let code = house.engine.start_check_in(house.access(), ana.contact).await.unwrap();
        let from = std::net::IpAddr::from([10, 0, 0, 1]);
        let session = house.engine.enter_check_in(&code, from).await.unwrap().expect("the code is right");
        assert_eq!(house.engine.enter_check_in(&code, from).await.unwrap(), None, "a code works once");
        let (access, page) = house.engine.page_of_session(&session).await.unwrap().expect("it is open");
        let answers = vec![(Subject::Appointments, false), (Subject::Care, true)];
        house.engine.finish_check_in(access, &page, Language::En, answers, Vec::new(), reference()).await.unwrap();
        house.settle().await;
        assert!(!reminder_arrives(&house, &ana).await);
        assert!(reminder_arrives(&house, &ben).await, "the other on the phone said nothing");
        let standing = permissions(&house, &ana).await;
        assert!(standing.suppressed_at.is_none() && standing.consents.contains_key(&Category::Care));
        assert!(standing.consents[&Category::Care].written && standing.confirmed_at.is_some());
        assert!(comes_back(&house, &ana, None).await);
    });
}

#[test]
fn of_two_tablets_that_enter_a_code_at_once_one_gets_in() {
    on_each(|backend| async move {
        let house = House::build(generous(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        for n in 0..20 {
            let code = house.engine.start_check_in(house.access(), ana.contact).await.unwrap();
            let both: Vec<_> = (0..2)
                .map(|tablet| {
                    let (engine, code) = (house.engine.clone(), code.clone());
                    let from = std::net::IpAddr::from([10, 0, n, tablet]);
                    tokio::spawn(async move { engine.enter_check_in(&code, from).await.unwrap() })
                })
                .collect();
            let mut open = 0;
            for tablet in both {
                open += usize::from(tablet.await.unwrap().is_some());
            }
            assert_eq!(open, 1, "round {n}");
        }
    });
}

#[test]
fn a_stop_is_heard_at_every_number_of_a_person_for_that_number_alone() {
    on_each(|backend| async move {
        let house = House::build(generous(backend)).await;
        let ana = house.patient_at(phone(), Language::En).await;
        house.says(&phone(), "STOP").await;
        let contact = house.engine.change_number(house.access(), ana.person, number(8)).await.unwrap();
        let moved = Patient { contact, number: number(8), ..ana };
        assert!(!reminder_arrives(&house, &moved).await, "nothing carries over to the new number");
        assert!(permissions(&house, &moved).await.suppressed_at.is_none(), "not the stop either");
        assert!(comes_back(&house, &moved, None).await);
        let stored = house.write(move |tx| people::contact_point(tx, ana.contact)).await;
        assert_eq!(stored.contact.state, ContactState::Replaced);
    });
}
