//! Consents that were given elsewhere.

use super::*;
use wellsent_domain::consent::{Act, Event};
use wellsent_store::consent_log;
use wellsent_store::evidence::{self, EvidenceKind};

const EXAMPLE: &[u8] = include_bytes!("../../../../../docs/examples/consents.csv");

const PEOPLE: &str = "\
patient_id,first_name,last_name,mobile_phone
P100,Ana,Ruiz,212-555-0123
P101,Ben,Cole,646-555-0144
P102,Cal,Diaz,917-555-0155
P103,Dee,Eng,718-555-0166
";

const HEAD: &str = "patient_id,phone,category,act,date,channel,written,evidence\n";

fn house() -> House {
    let house = House::two_places();
    house.import(Kind::Patients, PEOPLE);
    house
}

impl House {
    fn log(&self, record: &str) -> Vec<Event> {
        let id = self.person(record).expect("a patient");
        self.write(move |tx| consent_log::of_person(tx, id))
    }

    fn rows(&self, rows: &str) -> Report {
        self.import(Kind::Consents, format!("{HEAD}{rows}"))
    }

    fn categories(&self, record: &str) -> Vec<Category> {
        self.consents(record).into_iter().map(|(category, _)| category).collect()
    }

    fn is_stopped(&self, record: &str) -> bool {
        let contact = self.contact(record);
        let (number, resumed) = (contact.number, contact.resumed_at);
        let state = self.write(move |tx| numbers::get(tx, number)).expect("a number");
        state.suppression.is_some_and(|stop| resumed.is_none_or(|at| at < stop.at))
    }

    fn stop(&self, record: &str, at: &str) {
        let (number, at): (_, Timestamp) = (self.contact(record).number, at.parse().expect("an instant"));
        self.write(move |tx| numbers::suppress(tx, number, Channel::Text, None, at).map(drop));
    }
}

#[test]
fn the_example_is_taken_with_its_evidence_and_a_second_time_changes_nothing() {
    let house = house();
    let report = house.import(Kind::Consents, EXAMPLE);
    assert_eq!((counts(&report), reasons(&report)), ([6, 6, 0, 0, 0], vec![]));
    assert_eq!(warnings(&report), []);
    assert_eq!(house.consents("P100"), [(Category::Appointments, false)]);
    assert_eq!(house.contact("P100").warning, Unencrypted::Accepted);
    assert_eq!(house.categories("P101"), [Category::Appointments]);
    assert_eq!(house.categories("P102"), [Category::Care]);
    assert!(house.categories("P103").is_empty());

    let id = house.person("P100").expect("a patient");
    let lines = house.write(move |tx| consent_log::lines(tx, id, 10));
    let granted = lines.iter().find(|line| matches!(line.event.act, Act::Granted { .. })).expect("a grant");
    assert_eq!(granted.event.act, Act::Granted { category: Category::Appointments, written: true, confirmed: false });
    assert_eq!((granted.channel, granted.language), (Channel::Paper, Some(Language::En)));
    // The first instant of the day at the practice, which is in New York.
    assert_eq!(granted.event.at.to_string(), "2026-10-02T04:00:00Z");
    let kept = granted.evidence.expect("evidence");
    let (kind, body) = house.write(move |tx| evidence::get(tx, id, kept));
    assert_eq!((kind, body.expose().as_slice()), (EvidenceKind::Reference, b"Cabinet 3 / form 2026-0117".as_slice()));

    house.entries();
    let logs: Vec<_> = ["P100", "P101", "P102", "P103"].map(|record| house.log(record)).into();
    for _ in 0..2 {
        let again = house.import(Kind::Consents, EXAMPLE);
        assert_eq!(counts(&again), [6, 0, 0, 6, 0]);
        assert_eq!(house.entries(), 1, "the import alone is told");
    }
    let after: Vec<_> = ["P100", "P101", "P102", "P103"].map(|record| house.log(record)).into();
    assert_eq!(logs, after);
}

#[test]
fn a_withdrawal_of_today_is_not_repeated_by_an_import_an_hour_later() {
    let mut house = house();
    let rows = "P100,2125550123,appointments,revoked,2027-03-01,spoken,no,\n";
    assert_eq!(counts(&house.rows(rows)), [1, 1, 0, 0, 0]);
    house.now += jiff::SignedDuration::from_hours(1);
    assert_eq!(counts(&house.rows(rows)), [1, 0, 0, 1, 0]);
}

#[test]
fn rows_that_cannot_be_meant_are_told_by_line_and_field() {
    let house = house();
    let report = house.rows(
        "\
P999,2125550123,appointments,granted,2026-10-02,paper,no,
P100,6465550144,appointments,granted,2026-10-02,paper,no,
P100,2125550123,appointments,granted,2027-03-02,paper,no,
P100,2125550123,weather,granted,2026-10-02,paper,no,
P100,2125550123,appointments,perhaps,2026-10-02,paper,no,
P100,2125550123,appointments,granted,2026-10-02,pigeon,no,
P100,2125550123,appointments,granted,2026-10-02,spoken,yes,Form 1
P100,2125550123,appointments,granted,2026-10-02,paper,yes,
P100,,appointments,granted,2026-10-02,paper,no,
,2125550123,appointments,granted,,paper,no,
P100,2125550123,appointments,granted,2026-10-02,,no,
P100,555-0123,appointments,granted,2026-10-02,paper,no,
",
    );
    assert_eq!(counts(&report), [12, 0, 0, 0, 12]);
    let mut found = reasons(&report);
    found.sort_unstable_by_key(|(line, field, _)| (*line, field.map(Field::code)));
    assert_eq!(
        found,
        [
            (2, Some(Field::PatientId), "patient_unknown"),
            (3, Some(Field::Phone), "phone_not_theirs"),
            (4, Some(Field::ActDate), "date_in_future"),
            (5, Some(Field::Category), "category_unknown"),
            (6, Some(Field::Act), "answer_unclear"),
            (7, Some(Field::Channel), "channel_unknown"),
            (8, Some(Field::Written), "spoken_not_written"),
            (9, Some(Field::Evidence), "evidence_missing"),
            (10, Some(Field::Phone), "blank"),
            (11, Some(Field::ActDate), "blank"),
            (11, Some(Field::PatientId), "blank"),
            (12, Some(Field::Channel), "blank"),
            (13, Some(Field::Phone), "phone_missing_area_code"),
        ]
    );
    assert!(house.log("P100").is_empty());
}

#[test]
fn a_consent_older_than_a_stop_is_recorded_and_brings_nobody_back() {
    let house = house();
    house.stop("P100", "2026-12-01T15:00:00Z");
    let report = house.rows("P100,2125550123,appointments,granted,2026-11-30,paper,yes,Form 7\n");
    assert_eq!((counts(&report), warnings(&report)), ([1, 1, 0, 0, 0], vec![("consent_before_stop", 1)]));
    assert!(house.is_stopped("P100"));
    assert!(house.log("P100").iter().any(|event| matches!(event.act, Act::Granted { .. })));
    // A form of the same day may have been signed before the STOP.
    house.rows("P100,2125550123,appointments,granted,2026-12-01,paper,yes,Form 8\n");
    assert!(house.is_stopped("P100"));
    let report = house.rows("P100,2125550123,appointments,granted,2026-12-02,paper,yes,Form 9\n");
    assert_eq!(warnings(&report), []);
    assert!(!house.is_stopped("P100"), "a fresh consent of their own brings them back");
}

#[test]
fn a_consent_older_than_a_withdrawal_changes_nothing_that_stands() {
    let house = house();
    let report = house.rows(
        "\
P100,2125550123,care,revoked,2026-12-05,spoken,no,
P100,2125550123,care,granted,2026-11-05,paper,no,
P100,2125550123,warning,declined,2026-12-05,spoken,no,
P100,2125550123,warning,accepted,2026-11-05,paper,no,
P101,6465550144,care,granted,2026-11-05,paper,no,
P101,6465550144,care,revoked,2026-11-05,paper,no,
",
    );
    assert_eq!((counts(&report), warnings(&report)), ([6, 6, 0, 0, 0], vec![("consent_overtaken", 2)]));
    assert!(house.categories("P100").is_empty());
    assert_eq!(house.contact("P100").warning, Unencrypted::Withdrawn);
    assert!(house.categories("P101").is_empty(), "yes and no of one day is no");
}

#[test]
fn a_dry_run_keeps_nothing_and_headings_of_other_programs_are_understood() {
    let house = house();
    let file = "MRN;Cell Phone;Type;Decision;Signed on;How;Reference\nP100;212-555-0123;Reminders;Yes;10/2/2026;Paper form;17\n";
    let dry = Options { dry_run: true, ..house.options.clone() };
    assert_eq!(counts(&house.import_with(Kind::Consents, file, &dry)), [1, 1, 0, 0, 0]);
    assert!(house.log("P100").is_empty());
    assert_eq!(counts(&house.import(Kind::Consents, file)), [1, 1, 0, 0, 0]);
    assert_eq!(house.categories("P100"), [Category::Appointments]);
    let lacking = run(
        &house.store,
        house.access,
        Kind::Consents,
        "patient_id,phone,act\nP100,1,yes\n".as_bytes(),
        None,
        &house.options,
        house.now,
        &mut |_| {},
    );
    assert_eq!(lacking.expect_err("columns are missing").to_string(), "the file lacks needed columns: category, act_date, channel");
}
