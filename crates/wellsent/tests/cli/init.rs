//! `init`.

use crate::place::{Place, mode, path};
use crate::program::{program, wellsent, wellsent_in};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        found.insert(name, std::fs::read(entry.path()).unwrap());
    }
    found
}

#[test]
fn it_makes_an_installation_that_only_its_owner_can_read() {
    let place = Place::empty();
    let ran = place.init(&[]).good();
    assert!(ran.out.contains("wellsent doctor --data"), "{}", ran.out);
    assert_eq!((mode(&place.data()), mode(&place.keys())), (0o700, 0o700));
    for key in ["kek.key", "ledger.key", "simulator.secret"] {
        assert_eq!(mode(&place.keys().join(key)), 0o600, "{key}");
    }
    assert_eq!(contents(&place.keys()).len(), 3);
    assert_eq!(mode(&place.settings()), 0o600);
    for name in contents(&place.data()).keys() {
        assert_eq!(mode(&place.data().join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_password_in_a_database_address_is_kept_from_others_and_never_said() {
    let place = Place::empty();
    let ran = place.init(&["--database", "postgres://wellsent:hunter-two@127.0.0.1:1/none"]).failed(&["database"]);
    assert!(!ran.err.contains("hunter-two") && !ran.out.contains("hunter-two"), "{ran:?}");
    assert!(!place.settings().exists());
}

#[test]
fn a_second_time_it_refuses_and_changes_nothing() {
    let place = Place::new();
    let (data, keys) = (contents(&place.data()), contents(&place.keys()));
    place.init(&["--simulator", "http://127.0.0.1:2"]).failed(&["installation already", "nothing was changed", path(&place.data())]);
    assert!(data == contents(&place.data()) && keys == contents(&place.keys()));
}

#[test]
fn wrong_words_are_wrong_usage_and_leave_nothing_behind() {
    let place = Place::empty();
    let data = place.data();
    let init = |practice: &str, text_name: &str, phone: &str, zone: &str, location: &str| {
        let mut args = vec!["init", "--data", path(&data), "--practice", practice, "--text-name", text_name];
        args.extend(["--phone", phone, "--zone", zone, "--location", location]);
        wellsent(&args)
    };
    let (name, short, phone, zone, location) = ("Elm Street", "Elm St", "212-555-0100", "America/New_York", "main=Main Street");
    for bad in ["Mars/Olympus", "", "EST5", "../etc/passwd"] {
        init(name, short, phone, bad, location).misused(&["--zone", "America/New_York"]);
    }
    for bad in ["12", "hello", "+44 20 7946 0000", "911", "212-555-0100 x12"] {
        init(name, short, bad, zone, location).misused(&["--phone"]);
    }
    for bad in ["", "   ", "A name of twenty-one c", "Elm\nSt"] {
        init(name, bad, phone, zone, location).misused(&["--text-name", "20"]);
    }
    init("  ", short, phone, zone, location).misused(&["--practice"]);
    for bad in ["main", "=Main", "main="] {
        init(name, short, phone, zone, bad).misused(&["--location", "ID=NAME"]);
    }
    assert!(!data.exists() && !place.keys().exists());
    init(name, short, phone, zone, location).good();
}

#[test]
fn a_key_folder_is_meant_from_where_the_user_is() {
    let place = Place::empty();
    let run = |args: &[&str]| wellsent_in(place.folder(), args);
    let init = ["init", "--data", "data", "--keys", "my keys", "--practice", "Elm Street", "--text-name", "Elm St"];
    run(&[&init[..], &["--phone", "212-555-0100", "--zone", "America/Chicago"]].concat()).good();
    assert!(place.folder().join("my keys/kek.key").exists());
    let patients = place.file("patients.csv", crate::place::PATIENTS);
    run(&["import", "patients", &patients, "--data", "data"]).good();
    // The settings do not depend on where the next command is given.
    wellsent_in(Path::new("/"), &["import", "patients", &patients, "--data", path(&place.data())]).good();
}

#[test]
fn a_letter_that_makes_every_text_longer_is_told() {
    let place = Place::empty();
    let data = place.data();
    let args = ["init", "--data", path(&data), "--practice", "Clínica", "--text-name", "Clínica Sol", "--phone", "212-555-0100"];
    let ran = wellsent(&[&args[..], &["--zone", "America/New_York"]].concat()).good();
    assert!(ran.out.contains("Note:") && ran.out.contains("sms parts"), "{}", ran.out);
}

#[test]
fn an_init_that_was_killed_anywhere_can_be_run_again() {
    for millis in [0, 8, 15, 25, 40, 60, 90, 140] {
        let place = Place::empty();
        let data = place.data();
        let args = ["init", "--data", path(&data), "--practice", "Elm Street Family Practice", "--text-name", "Elm St Clinic"];
        let more = ["--phone", "212-555-0100", "--zone", "America/New_York", "--simulator", "http://127.0.0.1:1"];
        let mut child = program().args(args).args(more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        child.wait().unwrap();
        if !place.settings().exists() {
            place.init(&["--simulator", "http://127.0.0.1:1"]).good();
        }
        assert_complete(&place);
    }
}

#[test]
fn what_an_interrupted_init_left_is_completed_and_not_doubled() {
    // Half a key file that was never in use, and nothing else.
    let place = Place::empty();
    std::fs::create_dir_all(place.keys()).unwrap();
    std::fs::write(place.keys().join("kek.key.new"), "wellsent-key-v1 01").unwrap();
    place.init(&["--simulator", "http://127.0.0.1:1"]).good();
    assert_complete(&place);

    // Everything but the settings.
    std::fs::remove_file(place.settings()).unwrap();
    std::fs::write(place.data().join("wellsent.toml.new"), "[serv").unwrap();
    let ran = place.init(&["--simulator", "http://127.0.0.1:1"]).good();
    assert!(ran.out.contains("earlier init"), "{}", ran.out);
    assert_complete(&place);

    // The practice, and nothing in it yet.
    for table in ["reminder_rule", "agreement", "sender", "location", "staff"] {
        place.database().execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    std::fs::remove_file(place.settings()).unwrap();
    place.init(&["--simulator", "http://127.0.0.1:1"]).good();
    assert_complete(&place);

    // Another name is no repetition: nothing is guessed.
    std::fs::remove_file(place.settings()).unwrap();
    let data = place.data();
    let args = ["init", "--data", path(&data), "--practice", "Oak Street", "--text-name", "Oak St", "--phone", "212-555-0100"];
    wellsent(&[&args[..], &["--zone", "America/New_York"]].concat()).failed(&["another name", "--data"]);
    place.init(&["--simulator", "http://127.0.0.1:1"]).good();
    assert_complete(&place);
}

#[track_caller]
fn assert_complete(place: &Place) {
    assert_eq!(contents(&place.keys()).into_keys().collect::<Vec<_>>(), ["kek.key", "ledger.key", "simulator.secret"]);
    let counts = ["practice", "location", "sender", "staff", "agreement"].map(|table| place.count(table));
    assert_eq!(counts, [1; 5]);
    assert_eq!(place.count("reminder_rule"), 3);
    let patients = place.file("patients.csv", crate::place::PATIENTS);
    assert!(place.run(&["import", "patients", &patients]).good().out.contains("rejected"));
}

#[test]
fn a_name_that_tells_what_care_is_given_does_not_become_a_name_in_texts() {
    let place = Place::empty();
    let data = place.data();
    let init = |text_name: &str, locations: &[&str]| {
        let mut args = vec!["init", "--data", path(&data), "--practice", "Riverside Recovery", "--text-name", text_name];
        args.extend(["--phone", "212-555-0100", "--zone", "America/New_York"]);
        args.extend(locations.iter().flat_map(|location| ["--location", location]));
        wellsent(&args)
    };
    for telling in ["Riverside Recovery", "Lakeside Oncology", "Hope Counseling"] {
        init(telling, &[]).misused(&["--text-name", "neutral"]);
    }
    assert!(!data.exists());
    let ran = init("Riverside Clinic", &["main=Main Street", "east=Behavioral Health East"]).good();
    assert!(ran.out.contains("texts will not name the location \"Behavioral Health East\""), "{}", ran.out);
    assert!(!ran.out.contains("the location \"Main Street\""), "{}", ran.out);
    let named = |id: &str| -> Option<String> {
        place.database().query_row("SELECT text_name FROM location WHERE source_id = ?1", [id], |row| row.get(0)).unwrap()
    };
    assert_eq!((named("main").as_deref(), named("east")), (Some("Main Street"), None));
}
