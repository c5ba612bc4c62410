//! Numbers that changed hands, and lines that take no texts (T-14, N-14).

use crate::crowd::{on_each, rows};
use jiff::SignedDuration;
use jiff::civil::date;
use wellsent_carrier::{ChangedHands, NumberAnswer, NumberLookupError};
use wellsent_db::Sql;
use wellsent_domain::person::LineType;
use wellsent_domain::practice::{Agreement, Settings};
use wellsent_store::agreements;
use wellsent_testkit::house::{House, Patient, Plan, start};

/// A house whose practice wants numbers checked, with a patient who is to be reminded.
async fn house(backend: wellsent_testkit::house::Backend) -> (House, Patient) {
    let settings = Settings { reassigned_check_days: Some(30), ..Plan::on(backend).settings };
    let house = House::build(Plan { settings, ..Plan::on(backend) }).await;
    let ana = house.patient().await;
    house.visit(&ana, start() + SignedDuration::from_hours(24 * 9)).await;
    (house, ana)
}

static STATES: Sql = Sql::new("number_check::STATES", "SELECT state FROM message WHERE programme = 'reminders' ORDER BY due_at LIMIT 1");

async fn states(house: &House) -> Vec<String> {
    rows(house, &STATES).await.iter().map(|row| row.text(0).expect("a state").to_owned()).collect()
}

async fn reminded(house: &House, patient: &Patient) -> usize {
    house.settle().await;
    house.wait_until(start() + SignedDuration::from_hours(48));
    for _ in 0..20 {
        house.settle().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    house.got(&patient.number).len()
}

#[test]
fn a_number_is_checked_before_the_first_text_and_then_the_text_goes() {
    on_each(|backend| async move {
        let (house, ana) = house(backend).await;
        assert!(reminded(&house, &ana).await > 0);
    });
}

#[test]
fn no_number_is_looked_up_that_no_agreement_covers() {
    on_each(|backend| async move {
        let (house, ana) = house(backend).await;
        let now = house.engine.now();
        let texts_alone = move |tx: &mut wellsent_store::Tx<'_, '_>| {
            for known in agreements::list(tx)? {
                agreements::end(tx, known.id, now)?;
            }
            agreements::add(tx, "simulator", "Simulator", Agreement::for_texts(date(2026, 1, 1), None), None, now)
        };
        house.write(texts_alone).await;
        assert_eq!(house.engine.check_number(house.access(), ana.contact).await.unwrap(), None);
        assert_eq!(reminded(&house, &ana).await, 0);
        assert_eq!(states(&house).await, ["planned"], "the text waits");
    });
}

#[test]
fn a_number_that_changed_hands_gets_nothing_although_it_was_verified() {
    on_each(|backend| async move {
        let (house, ana) = house(backend).await;
        house.lookup.answer(ana.number, Ok(NumberAnswer { line: LineType::Mobile, changed_hands: ChangedHands::Yes }));
        assert_eq!(reminded(&house, &ana).await, 0);
        assert_eq!(states(&house).await, ["review"]);
    });
}

#[test]
fn a_landline_gets_nothing_and_an_unclear_answer_holds() {
    on_each(|backend| async move {
        let (house, ana) = house(backend).await;
        house.lookup.answer(ana.number, Ok(NumberAnswer { line: LineType::Landline, changed_hands: ChangedHands::No }));
        assert_eq!(reminded(&house, &ana).await, 0);

        let (house, ana) = self::house(backend).await;
        house.lookup.answer(ana.number, Err(NumberLookupError::Unavailable));
        assert_eq!(reminded(&house, &ana).await, 0);
        assert_eq!(states(&house).await, ["planned"]);
    });
}
