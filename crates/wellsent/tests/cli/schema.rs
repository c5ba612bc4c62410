//! A database of another release.

use crate::place::{PATIENTS, Place};

#[test]
fn a_newer_database_is_refused_by_every_command_and_left_as_it_is() {
    let place = Place::with_patients();
    place.database().execute("INSERT INTO wellsent_schema (version, name, checksum) VALUES (999, 'future', 1)", []).unwrap();
    let before = std::fs::read(place.data().join("wellsent.db")).unwrap();
    let patients = place.file("patients.csv", PATIENTS);
    let commands: [&[&str]; 6] = [
        &["serve", "--port", "0"],
        &["import", "patients", &patients],
        &["audit", "verify"],
        &["audit", "export"],
        &["audit", "checkpoint"],
        &["doctor"],
    ];
    for command in commands {
        let ran = place.run(command);
        assert_eq!(ran.code, 1, "{ran:?}");
        let said = format!("{}{}", ran.out, ran.err);
        for word in ["schema version 999", "newer release"] {
            assert!(said.contains(word), "{word}: {ran:?}");
        }
        assert!(before == std::fs::read(place.data().join("wellsent.db")).unwrap(), "{command:?} wrote to it");
    }
    assert_eq!(place.count("person"), 2);
    place.database().execute("DELETE FROM wellsent_schema WHERE version = 999", []).unwrap();
    place.run(&["import", "patients", &patients]).good();
}

#[test]
fn a_database_whose_migration_is_not_ours_is_refused() {
    let place = Place::new();
    place.database().execute("UPDATE wellsent_schema SET checksum = checksum + 1 WHERE version = 1", []).unwrap();
    place.run(&["serve", "--port", "0"]).failed(&["migration 1", "release"]);
}
