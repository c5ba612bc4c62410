//! Imports into a real store.

mod consent_rows;

use super::*;
use proptest::prelude::*;
use std::cell::RefCell;
use wellsent_db::Db;
use wellsent_domain::consent::{Category, Channel, Warning as Unencrypted};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Authority, ContactState, Standing};
use wellsent_domain::practice::Settings;
use wellsent_domain::{Language, PersonId, PhoneNumber};
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::people::StoredContact;
use wellsent_store::practices::NewPractice;
use wellsent_store::{Actor, appointments, ledger, numbers, people};
use wellsent_vault::Kek;

const NOW: &str = "2027-03-01T15:00:00Z";

struct House {
    _folder: tempfile::TempDir,
    store: Store,
    access: Access,
    options: Options,
    now: Timestamp,
}

impl House {
    fn new(locations: &[(&str, &str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open_sqlite(folder.path().join("test.db"), wellsent_db::Options::default()).expect("opens");
        db.migrate(wellsent_store::migrations()).expect("migrates");
        let store = Store::new(db, Kek::generate());
        let now: Timestamp = NOW.parse().expect("an instant");
        let new = NewPractice {
            name: "Riverbend".to_owned(),
            text_name: "Riverbend".to_owned(),
            call_back: PhoneNumber::parse("212-555-0100").expect("a number"),
            zone: "America/New_York".to_owned(),
            part2: false,
            settings: Settings::default(),
        };
        let practice = store.create_practice(new, now).expect("a practice");
        let access = Access { practice, actor: Actor::Operator };
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let house = Self { _folder: folder, store, access, options: Options::new(zone), now };
        for (source, name, zone) in locations.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())) {
            house.write(move |tx| practices::add_location(tx, &source, &name, None, &zone, now).map(drop));
        }
        house
    }

    fn two_places() -> Self {
        Self::new(&[("elm", "Elm Street", "America/New_York"), ("lake", "Lakeside", "America/Chicago")])
    }

    fn write<T: Send + 'static>(&self, job: impl FnMut(&mut Tx<'_, '_>) -> Result<T, StoreError> + Send + 'static) -> T {
        self.store.write_wait(self.access, job).expect("writes")
    }

    fn import(&self, kind: Kind, file: impl AsRef<[u8]>) -> Report {
        self.import_with(kind, file, &self.options)
    }

    fn import_with(&self, kind: Kind, file: impl AsRef<[u8]>, options: &Options) -> Report {
        let file = file.as_ref();
        run(&self.store, self.access, kind, file, Some(file.len() as u64), options, self.now, &mut |_| {}).expect("imports")
    }

    fn person(&self, record: &str) -> Option<PersonId> {
        let record = record.to_owned();
        self.write(move |tx| people::by_record(tx, &record)).map(|(id, _)| id)
    }

    fn get(&self, record: &str) -> wellsent_domain::person::Person {
        let id = self.person(record).expect("a patient");
        self.write(move |tx| people::get(tx, id))
    }

    fn contact(&self, record: &str) -> StoredContact {
        let id = self.person(record).expect("a patient");
        let contacts = self.write(move |tx| people::contacts(tx, id));
        contacts.into_iter().find(|contact| contact.contact.state != ContactState::Replaced).expect("a number")
    }

    fn consents(&self, record: &str) -> Vec<(Category, bool)> {
        let id = self.contact(record).contact.id;
        let standing = self.write(move |tx| consents::standing(tx, id));
        standing.into_iter().map(|(category, standing)| (category, standing.confirmed)).collect()
    }

    fn visits(&self, record: &str) -> Vec<(String, String, &'static str)> {
        let id = self.person(record).expect("a patient");
        let visits = self.write(move |tx| appointments::of_person(tx, id, 100));
        visits.into_iter().map(|visit| (visit.starts_at.to_string(), visit.visit_type, visit.status.as_str())).collect()
    }

    /// Entries that wait for the ledger, as text.
    fn entries(&self) -> u64 {
        let mut all = 0;
        loop {
            let got: u64 = self.store.system_wait(|tx| ledger::sequence(tx, 1_000)).map_err(|error: StoreError| error).expect("sequences");
            all += got;
            if got == 0 {
                return all;
            }
        }
    }
}

fn counts(report: &Report) -> [u64; 5] {
    [report.rows, report.added, report.changed, report.unchanged, report.rejected]
}

fn reasons(report: &Report) -> Vec<(u64, Option<Field>, &'static str)> {
    report.rejects.iter().map(|reject| (reject.line, reject.field, reject.reason.code())).collect()
}

fn warnings(report: &Report) -> Vec<(&'static str, u64)> {
    let mut warnings: Vec<_> = report.warnings.iter().map(|warning| (warning.kind.code(), warning.count)).collect();
    warnings.sort_unstable();
    warnings
}

const PATIENTS: &[u8] = include_bytes!("../../tests/data/patients.csv");
const LATIN1: &[u8] = include_bytes!("../../tests/data/patients-latin1.csv");
const UTF16: &[u8] = include_bytes!("../../tests/data/patients-utf16.txt");
const APPOINTMENTS: &[u8] = include_bytes!("../../tests/data/appointments.csv");
const ISO: &[u8] = include_bytes!("../../tests/data/appointments-iso.csv");

#[test]
fn a_messy_list_of_patients_is_taken_row_by_row() {
    let house = House::two_places();
    let report = house.import(Kind::Patients, PATIENTS);
    assert_eq!(
        reasons(&report),
        [
            (7, Some(Field::BirthDate), "date_impossible"),
            (8, Some(Field::MobilePhone), "phone_lost_digits"),
            (9, Some(Field::MobilePhone), "phone_missing_area_code"),
            (10, Some(Field::PatientId), "blank"),
            (11, Some(Field::TextingConsent), "answer_unclear"),
            (15, Some(Field::MobilePhone), "phone_extension"),
        ]
    );
    assert_eq!(counts(&report), [12, 6, 0, 0, 6]);
    assert_eq!(warnings(&report), [("language_unknown", 2)]);
    assert_eq!(report.header[10], ("Email".to_owned(), None));
    let jose = house.get("00104");
    assert_eq!(jose.name.expose().full(), "José Díaz-Núñez");
    assert_eq!(jose.birth_date.expect("a birth date").expose().to_string(), "1961-10-12");
    assert_eq!(jose.language, Language::Es);
    assert_eq!(house.get("00105").standing, Standing::Deceased);
    assert_eq!(house.contact("00103").contact.number.expose().to_e164(), "+12125550103");
    assert_eq!(house.contact("00111").contact.number.expose().to_e164(), "+12125550111");
    assert_eq!(house.consents("00101"), [(Category::Appointments, false)]);
    assert_eq!(house.consents("00102"), []);
}

#[test]
fn bringing_in_a_file_again_changes_nothing_and_leaves_one_ledger_entry() {
    let house = House::two_places();
    for (kind, file) in [(Kind::Patients, PATIENTS), (Kind::Patients, LATIN1), (Kind::Appointments, ISO)] {
        let first = house.import(kind, file);
        assert!(first.added > 0);
        house.entries();
        let again = house.import(kind, file);
        assert_eq!(counts(&again), [first.rows, 0, 0, first.added, first.rejected]);
        assert_eq!(house.entries(), 1);
    }
}

#[test]
fn every_encoding_brings_the_same_patients() {
    let house = House::two_places();
    let report = house.import(Kind::Patients, LATIN1);
    assert_eq!(counts(&report), [3, 3, 0, 0, 0]);
    assert_eq!(warnings(&report), [("legacy_encoding", 1)]);
    assert_eq!(house.get("A-1").name.expose().full(), "Sofía Peña Muñoz");
    assert_eq!(house.get("A-2").birth_date.expect("a birth date").expose().to_string(), "1990-10-12");
    assert_eq!(house.contact("A-1").warning, Unencrypted::Accepted);
    assert!(house.contact("A-1").contact.verified_at.is_some());
    assert_eq!(house.contact("A-3").warning, Unencrypted::NotShown);
    assert_eq!(counts(&house.import(Kind::Patients, UTF16)), [3, 0, 0, 3, 0]);
}

#[test]
fn one_schedule_alone_fills_an_empty_practice() {
    let house = House::two_places();
    let mut options = house.options.clone();
    options.consent = ConsentClaim::Appointments { confirmed: true };
    let report = house.import_with(Kind::Appointments, APPOINTMENTS, &options);
    assert_eq!(
        reasons(&report),
        [
            (9, Some(Field::VisitTime), "nonexistent_time"),
            (11, Some(Field::VisitTime), "time_missing"),
            (12, Some(Field::Location), "location_unknown"),
            (13, Some(Field::VisitStatus), "status_unknown"),
            (14, Some(Field::PatientId), "patient_unknown"),
        ]
    );
    assert_eq!(counts(&report), [12, 5, 1, 1, 5]);
    assert_eq!(warnings(&report), [("repeated", 1), ("unusual_hour", 1)]);
    let follow_up = |at: &str| (at.to_owned(), "Follow-up".to_owned(), "booked");
    assert_eq!(
        house.visits("P-1"),
        [("2027-03-17T14:00:00Z".to_owned(), "Annual physical".to_owned(), "booked"), follow_up("2027-03-10T19:45:00Z")]
    );
    assert_eq!(house.visits("P-2"), [follow_up("2027-03-10T19:15:00Z")]);
    assert_eq!(house.visits("P-3"), [("2027-03-10T19:30:00Z".to_owned(), "New patient".to_owned(), "cancelled")]);
    assert_eq!(house.visits("P-5"), [follow_up("2027-11-07T05:30:00Z")], "the first of the two half past one");
    assert_eq!(house.get("P-1").language, Language::Es);
    assert_eq!(house.consents("P-1"), [(Category::Appointments, true)]);
}

#[test]
fn instants_with_an_offset_are_the_same_instant_and_notes_are_no_visit_type() {
    let house = House::new(&[("elm", "Elm Street", "America/New_York")]);
    let report = house.import(Kind::Appointments, ISO);
    assert_eq!(counts(&report), [4, 4, 0, 0, 0]);
    assert_eq!(warnings(&report), [("visit_type_not_taken", 1)]);
    for record in ["p-1", "p-2", "p-3", "p-4"] {
        assert_eq!(house.visits(record)[0].0, "2027-03-10T19:15:00Z", "{record}");
    }
    let types = house.write(practices::visit_types);
    let types: Vec<_> = types.iter().map(|kind| (&*kind.name, kind.sensitive)).collect();
    assert_eq!(types, [("Follow-up", false), ("HIV follow-up", true), ("Visit", false)]);
    assert_eq!(house.consents("p-1"), [], "nobody vouched for consent");
}

#[test]
fn a_dry_run_counts_the_same_and_keeps_nothing() {
    let house = House::two_places();
    let options = Options { dry_run: true, batch: 2, ..house.options.clone() };
    house.entries();
    let dry = house.import_with(Kind::Appointments, APPOINTMENTS, &options);
    assert_eq!(house.entries(), 0);
    assert_eq!(house.person("P-1"), None);
    let real = house.import(Kind::Appointments, APPOINTMENTS);
    assert_eq!(counts(&dry), counts(&real));
    assert_eq!(reasons(&dry), reasons(&real));
}

#[test]
fn blank_fields_and_missing_columns_leave_what_is_stored() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,first,last,dob,phone,lang,status\n1,Ana,Ruiz,4/12/1985,212-555-0101,es,active\n");
    let report = house.import(Kind::Patients, "mrn,last,lang,phone\n1,Ruiz-Cole,,\n");
    assert_eq!(counts(&report), [1, 0, 1, 0, 0]);
    let ana = house.get("1");
    assert_eq!((ana.language, ana.birth_date.is_some()), (Language::Es, true));
    assert_eq!(house.contact("1").contact.number.expose().to_e164(), "+12125550101");
    // The other file's form of the same facts is no change either.
    let report = house.import(Kind::Patients, "mrn,last,dob,cell\n1,Ruiz-Cole,1985-04-12,+12125550101\n");
    assert_eq!(counts(&report), [1, 0, 0, 1, 0]);
}

#[test]
fn a_new_number_replaces_the_old_and_has_no_consent_of_the_old() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,last,cell,consent\n1,Ruiz,212-555-0101,yes\n");
    let report = house.import(Kind::Patients, "mrn,last,cell,consent\n1,Ruiz,212-555-0102,\n");
    assert_eq!(counts(&report), [1, 0, 1, 0, 0]);
    assert_eq!(house.contact("1").contact.number.expose().to_e164(), "+12125550102");
    assert_eq!(house.consents("1"), []);
}

#[test]
fn an_import_brings_back_nobody_after_a_revocation_unless_the_consent_is_later() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,last,cell,consent\n1,Ruiz,212-555-0101,yes\n");
    let key = house.contact("1").number;
    let (revoked, now) = ("2027-02-10T12:00:00Z".parse::<Timestamp>().expect("an instant"), house.now);
    house.write(move |tx| numbers::suppress(tx, key, Channel::Text, None, revoked).map(drop));
    let suppressed = |house: &House| house.write(move |tx| numbers::is_suppressed(tx, key));
    for row in ["Ruiz A,212-555-0101,yes,", "Ruiz B,212-555-0101,yes,2/9/2027", "Ruiz C,212-555-0101,yes,2/10/2027"] {
        let report = house.import(Kind::Patients, format!("mrn,last,cell,consent,consent date\n1,{row}\n"));
        assert_eq!(warnings(&report), [("consent_not_taken", 1)], "{row}");
        assert!(suppressed(&house), "{row}");
    }
    // Somebody else who gives the same number is not texted either.
    let report = house.import(Kind::Patients, "mrn,last,cell,consent\n2,Cole,212-555-0101,yes\n");
    assert_eq!(warnings(&report), [("consent_not_taken", 1)]);
    assert_eq!(house.consents("2"), []);
    let report = house.import(Kind::Patients, "mrn,last,cell,consent,consent date\n1,Ruiz C,212-555-0101,yes,2/11/2027\n");
    assert_eq!((counts(&report), warnings(&report)), ([1, 0, 1, 0, 0], vec![]));
    assert!(!suppressed(&house));
    assert!(house.contact("1").resumed_at.is_some_and(|at| at > revoked && at < now));
    assert!(house.contact("2").resumed_at.is_none());
    let report = house.import(Kind::Patients, "mrn,last,cell,consent\n2,Cole B,212-555-0101,yes\n");
    assert_eq!(warnings(&report), [("consent_not_taken", 1)], "the return of one patient is not that of another");
    let report = house.import(Kind::Patients, "mrn,last,cell,consent,consent date\n3,Diaz,212-555-0103,yes,3/2/2027\n");
    assert_eq!(reasons(&report), [(2, Some(Field::ConsentDate), "date_in_future")]);
}

#[test]
fn consent_withdrawn_at_the_desk_stays_withdrawn() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,last,cell,consent,consent date\n1,Ruiz,212-555-0101,yes,1/5/2027\n");
    let contact = house.contact("1").contact;
    let at: Timestamp = "2027-02-10T12:00:00Z".parse().expect("an instant");
    house.write(move |tx| {
        let (person, contact_point) = (contact.person, contact.id);
        let record = ConsentRecord { person, contact_point, channel: Channel::Spoken, wording: None, language: None, evidence: None, at };
        consents::revoke(tx, record, Category::Appointments).map(drop)
    });
    let report = house.import(Kind::Patients, "mrn,last,cell,consent,consent date\n1,Ruiz-Cole,212-555-0101,yes,1/5/2027\n");
    assert_eq!(warnings(&report), [("consent_not_taken", 1)]);
    assert_eq!(house.consents("1"), []);
    house.import(Kind::Patients, "mrn,last,cell,consent,consent date\n1,Ruiz-Cole,212-555-0101,yes,2/20/2027\n");
    assert_eq!(house.consents("1"), [(Category::Appointments, false)]);
}

#[test]
fn a_no_ends_consent_and_an_opt_out_column_is_never_a_yes() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,last,cell,consent\n1,Ruiz,212-555-0101,yes\n2,Cole,212-555-0102,yes\n");
    house.import(Kind::Patients, "mrn,last,cell,consent\n1,Ruiz,212-555-0101,no\n");
    assert_eq!(house.consents("1"), []);
    house.import(Kind::Patients, "mrn,last,cell,sms opt out\n2,Cole,212-555-0102,Y\n3,Diaz,212-555-0103,N\n");
    assert_eq!(house.consents("2"), []);
    assert_eq!(house.consents("3"), []);
}

#[test]
fn a_parents_number_is_a_proxys_and_an_unknown_relation_is_refused() {
    let house = House::two_places();
    let file = "mrn,last,dob,cell,proxy relation,phone is proxy\n1,Ruiz,1/5/2020,212-555-0101,Mother,yes\n2,Cole,1/5/2020,212-555-0102,Mother,no\n\
        3,Diaz,1/5/2020,212-555-0103,,yes\n4,Tran,1/5/2020,212-555-0104,Neighbor,yes\n";
    let report = house.import(Kind::Patients, file);
    assert_eq!(
        reasons(&report),
        [(4, Some(Field::ProxyRelation), "relation_unknown"), (5, Some(Field::ProxyRelation), "relation_unknown")]
    );
    let Reached::Proxy(proxy) = house.contact("1").reached else { panic!("not a proxy's") };
    assert_eq!((proxy.authority, proxy.clinical), (Authority::Parent, false));
    assert_eq!(house.contact("2").reached, Reached::Own);
}

#[test]
fn a_verification_without_a_day_is_none() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,last,cell,verified\n1,Ruiz,212-555-0101,yes\n2,Cole,212-555-0102,2/1/2027\n");
    assert_eq!(house.contact("1").contact.verified_at, None);
    assert_eq!(house.contact("2").contact.verified_at.map(|at| at.to_string()).as_deref(), Some("2027-02-01T05:00:00Z"));
    let report = house.import(Kind::Patients, "mrn,last,cell,verified\n1,Ruiz,212-555-0101,2/3/2027\n2,Cole,212-555-0102,1/1/2027\n");
    assert_eq!(counts(&report), [2, 0, 1, 1, 0]);
    assert_eq!(house.contact("1").contact.verified_at.map(|at| at.to_string()).as_deref(), Some("2027-02-03T05:00:00Z"));
}

#[test]
fn death_and_sensitivity_are_not_taken_back() {
    let house = House::two_places();
    house.import(Kind::Patients, "mrn,last,deceased,sensitive\n1,Ruiz,2/3/2027,yes\n2,Cole,,no\n3,Diaz,N,\n");
    assert_eq!(house.get("1").standing, Standing::Deceased);
    assert_eq!(house.get("3").standing, Standing::Active);
    let report = house.import(Kind::Patients, "mrn,last,status,sensitive\n1,Ruiz,active,no\n");
    assert_eq!(counts(&report), [1, 0, 0, 1, 0]);
    assert_eq!(warnings(&report), [("deceased_kept", 1), ("sensitive_kept", 1)]);
    assert!(house.get("1").sensitive);
}

#[test]
fn a_visit_that_moves_is_changed_and_its_location_may_be_named_in_any_way() {
    let house = House::two_places();
    house.import(Kind::Appointments, "id,mrn,last,start,office\n1,7,Ruiz,3/10/2027 2:15 PM,ELM\n");
    let report = house.import(Kind::Appointments, "id,mrn,start,office\n1,7,3/10/2027 2:15 PM,lakeside\n");
    assert_eq!(counts(&report), [1, 0, 1, 0, 0]);
    assert_eq!(house.visits("7")[0].0, "2027-03-10T20:15:00Z", "a quarter past two on the clock of Chicago");
    let report = house.import(Kind::Appointments, "id,mrn,start,office\n2,8,3/10/2027 2:15 PM,elm\n");
    assert_eq!(reasons(&report), [(2, Some(Field::PatientId), "patient_unknown")]);
}

#[test]
fn a_file_without_places_for_its_visits_is_refused_as_a_whole() {
    let house = House::new(&[]);
    let error =
        run(&house.store, house.access, Kind::Appointments, ISO, None, &house.options, house.now, &mut |_| {}).expect_err("refused");
    assert_eq!(error.code(), "no_location");
}

#[test]
fn a_file_that_breaks_off_keeps_and_counts_what_was_done() {
    struct Broken<'a>(&'a [u8]);
    impl Read for Broken<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::Error::other("unplugged"));
            }
            self.0.read(out)
        }
    }
    let house = House::two_places();
    let rows: String = (0..50).map(|row| format!("{row},Ruiz {row}\n")).collect();
    let file = format!("mrn,last\n{rows}");
    let options = Options { batch: 20, ..house.options.clone() };
    let outcome = run(&house.store, house.access, Kind::Patients, Broken(file.as_bytes()), None, &options, house.now, &mut |_| {});
    assert_eq!(outcome.expect_err("breaks off").code(), "read");
    assert!(house.person("39").is_some());
    assert!(house.person("40").is_none());
}

#[test]
fn five_thousand_rows_go_in_by_batches_with_progress() {
    let house = House::two_places();
    let rows: String = (0..5_000)
        .map(|row| {
            format!(
                "{row},Family{},Given{row},{}/{}/19{:02},212-555-01{:02},yes\n",
                row % 977,
                row % 12 + 1,
                row % 28 + 1,
                row % 90 + 10,
                row % 100
            )
        })
        .collect();
    let file = format!("mrn,last,first,dob,cell,consent\n{rows}");
    let seen = RefCell::new(Vec::new());
    let total = file.len() as u64;
    let report =
        run(&house.store, house.access, Kind::Patients, file.as_bytes(), Some(total), &house.options, house.now, &mut |progress| {
            seen.borrow_mut().push(progress);
        })
        .expect("imports");
    assert_eq!(counts(&report), [5_000, 5_000, 0, 0, 0]);
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 11);
    assert!(seen.is_sorted_by(|a, b| a.bytes <= b.bytes && a.rows <= b.rows));
    assert_eq!(seen.last().map(|progress| (progress.bytes, progress.rows)), Some((total, 5_000)));
    assert_eq!(counts(&house.import(Kind::Patients, file)), [5_000, 0, 0, 5_000, 0]);
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => "[A-Za-z0-9 ]{0,6}",
        1 => proptest::sample::select(vec!["3/10/2027 2:15 PM", "13/14/2027", "212-555-0101", "2.13E+09", "yes", "no", "elm", "\"", "\"a\nb\"", "\0", "Total", "=1"])
            .prop_map(str::to_owned),
    ];
    let rows = proptest::collection::vec(proptest::collection::vec(cell, 1..10).prop_map(|cells| cells.join(",")), 0..20);
    let noise = proptest::collection::vec(any::<u8>(), 0..60);
    (rows, noise, any::<bool>()).prop_map(|(rows, noise, with_noise)| {
        let mut file = b"appt id,mrn,last,first,dob,cell,start,office,consent\n".to_vec();
        file.extend(rows.join("\r\n").into_bytes());
        if with_noise {
            file.extend(noise);
        }
        file
    })
}

#[test]
fn whatever_is_in_a_file_every_row_is_counted_once() {
    let house = House::two_places();
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&any_file(), |file| {
        for kind in [Kind::Appointments, Kind::Patients] {
            let report = house.import(kind, &file);
            let [rows, added, changed, unchanged, rejected] = counts(&report);
            prop_assert_eq!(rows, added + changed + unchanged + rejected);
            prop_assert!(report.rejects_total >= rejected);
            write_rejects(&report, io::sink()).expect("writes");
        }
        Ok(())
    });
    outcome.expect("holds");
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_or_read_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut record = Record::default();
        if let Ok((mut records, _)) = header::open(&*bytes, Kind::Patients) {
            while !matches!(records.next(&mut record).expect("reads"), Step::End) {}
        }
    }

    #[test]
    fn a_report_never_holds_what_stood_in_a_row(secret in "[A-Z]{12}") {
        let places = [];
        let text = format!("mrn,last,dob,cell,status,consent\n1,{secret},{secret},{secret},{secret},{secret}\n");
        let (mut records, columns) = header::open(text.as_bytes(), Kind::Patients).expect("headings");
        let options = Options::new(TimeZone::UTC);
        let today = jiff::civil::date(2027, 3, 1);
        let reading = row::Reader { kind: Kind::Patients, columns: &columns, options: &options, places: &places, today };
        let mut record = Record::default();
        prop_assert!(matches!(records.next(&mut record), Ok(Step::Row)));
        let mut findings = Findings::new(2);
        prop_assert!(reading.read(&record, &mut findings).is_none());
        prop_assert_eq!(findings.rejects.len(), 4);
        for reject in findings.rejects {
            let shown = format!("{reject:?} {}", reject.reason.sentence());
            prop_assert!(!shown.contains(&secret));
        }
    }
}
