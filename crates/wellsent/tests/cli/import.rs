//! `import` on an installation.

use crate::place::{PATIENTS, Place, VISITS, silent};
use crate::program::wellsent_fed;

#[test]
fn a_dry_run_says_what_would_come_and_keeps_nothing() {
    let place = Place::new();
    let file = place.file("patients.csv", PATIENTS);
    for _ in 0..2 {
        let ran = place.run(&["import", "patients", &file, "--dry-run"]).good();
        assert!(ran.out.contains("2 added") && ran.out.contains("nothing was kept"), "{}", ran.out);
        silent(&ran.out);
    }
    assert_eq!((place.count("person"), place.count("contact_point"), place.count("consent_event")), (0, 0, 0));
}

#[test]
fn the_same_file_again_changes_nothing() {
    let place = Place::new();
    for (kind, content, table) in [("patients", PATIENTS, "person"), ("appointments", VISITS, "appointment")] {
        let file = place.file("rows.csv", content);
        let args = ["import", kind, &file, "--vouch-consent", "--json"];
        let first = place.run(&args).good().json_lines().remove(0);
        assert_eq!((&first["added"], &first["rejected"]), (&2.into(), &0.into()), "{first}");
        let consents = place.count("consent_event");
        for _ in 0..2 {
            let again = place.run(&args).good();
            silent(&again.out);
            let again = again.json_lines().remove(0);
            assert_eq!((&again["added"], &again["changed"], &again["unchanged"]), (&0.into(), &0.into(), &2.into()), "{again}");
        }
        assert_eq!((place.count(table), place.count("consent_event")), (2, consents));
    }
}

#[test]
fn rejects_have_a_line_a_field_and_a_reason_and_no_value() {
    let place = Place::new();
    let rows = "\
patient_id,first_name,last_name,date_of_birth,mobile_phone
MRN-PLANTED-1,Zebulon,Quackenbush,1931-02-03,555-0142
MRN-PLANTED-2,Ottoline,Featherstonehaugh,1931-02-33,2125550143
,Zebulon,Quackenbush,1931-02-03,2125550142
MRN-PLANTED-3,Zebulon,Quackenbush,1931-02-03,2125550142,Quackenbush,5550142
MRN-PLANTED-4,Ada,Byron,1990-12-10,2125550144
";
    let file = place.file("patients.csv", rows);
    let rejects = place.folder().join("rejects.csv");
    let ran = place.run(&["import", "patients", &file, "--rejects", rejects.to_str().unwrap()]).good();
    assert!(ran.out.contains("1 added") && ran.out.contains("4 rejected"), "{}", ran.out);
    silent(&ran.out);
    let written = std::fs::read_to_string(&rejects).unwrap();
    silent(&written);
    let lines: Vec<_> = written.lines().collect();
    assert_eq!(lines[0], "line,field,code,reason");
    for (number, field) in [(2, "phone"), (3, "birth"), (4, "id"), (5, "")] {
        let line = lines.iter().find(|line| line.starts_with(&format!("{number},"))).unwrap_or_else(|| panic!("{number}: {written}"));
        let parts: Vec<_> = line.splitn(4, ',').collect();
        assert!(parts[1].contains(field) && !parts[2].is_empty() && parts[3].len() > 10, "{line}");
    }
    let json = place.run(&["import", "patients", &file, "--dry-run", "--json"]).good();
    silent(&json.out);
    let json = json.json_lines().remove(0);
    assert_eq!(json["rejects"].as_array().map(Vec::len), Some(lines.len() - 1), "{json}");
}

#[test]
fn a_list_of_rejects_that_cannot_be_written_stops_the_import_before_it_begins() {
    let place = Place::new();
    let file = place.file("patients.csv", PATIENTS);
    place.run(&["import", "patients", &file, "--rejects", "/nowhere/rejects.csv"]).failed(&["--rejects", "/nowhere/rejects.csv"]);
    assert_eq!(place.count("person"), 0);
}

#[test]
fn standard_input_is_a_file_too() {
    let place = Place::new();
    let data = place.data();
    let args = ["import", "patients", "-", "--data", data.to_str().unwrap()];
    assert!(wellsent_fed(&args, PATIENTS.as_bytes()).good().out.contains("2 added"));
    wellsent_fed(&args, b"").failed(&["empty"]);
}

#[test]
fn files_that_cannot_be_taken_are_refused_in_words_and_not_repeated() {
    let place = Place::new();
    place.run(&["import", "patients", "/nowhere/patients.csv"]).failed(&["/nowhere/patients.csv", "No such file"]);
    place.run(&["import", "patients", "/tmp"]).failed(&["/tmp", "directory"]);
    let swapped = place.file("patients.csv", PATIENTS);
    let ran = place.run(&["import", "appointments", &swapped]).failed(&["lacks", "appointment"]);
    silent(&ran.err);
    let headless = place.file("headless.csv", PATIENTS.lines().skip(1).collect::<Vec<_>>().join("\n"));
    let ran = place.run(&["import", "patients", &headless]).failed(&["headings"]);
    silent(&ran.err);
    assert_eq!(place.count("person"), 0);
}

#[test]
fn an_unknown_practice_is_refused_and_the_known_one_named() {
    let place = Place::new();
    let file = place.file("patients.csv", PATIENTS);
    for id in ["elm", "", "prc_12", "per_0198c3f2a8b97def8123456789abcdef"] {
        place.run(&["import", "patients", &file, "--practice", id]).misused(&["--practice", "prc_"]);
    }
    let other = "prc_0198c3f2a8b97def8123456789abcdef";
    let ran = place.run(&["import", "patients", &file, "--practice", other]).failed(&[other, "Elm Street Family Practice"]);
    let known = ran.err.split("prc_").last().map(|rest| format!("prc_{}", &rest[..32])).unwrap();
    assert!(place.run(&["import", "patients", &file, "--practice", &known]).good().out.contains("2 added"));
}

#[test]
fn consents_come_in_with_their_evidence_and_a_second_time_nothing_changes() {
    let place = Place::with_patients();
    let rows = "\
patient_id,phone,category,act,date,channel,written,evidence
MRN-PLANTED-1,(212) 555-0142,care,granted,2026-01-05,paper,yes,Cabinet 3
MRN-PLANTED-1,(212) 555-0142,warning,accepted,2026-01-05,paper,yes,Cabinet 3
MRN-PLANTED-2,2125550142,care,granted,2026-01-05,paper,no,
MRN-PLANTED-9,2125550142,care,granted,2026-01-05,paper,no,
";
    let file = place.file("consents.csv", rows);
    let before = place.count("consent_event");
    let dry = place.run(&["import", "consents", &file, "--dry-run"]).good();
    silent(&dry.out);
    assert!(dry.out.contains("2 added") && dry.out.contains("2 rejected"), "{}", dry.out);
    assert_eq!((place.count("consent_event"), place.count("evidence")), (before, 0));
    let ran = place.run(&["import", "consents", &file]).good();
    silent(&ran.out);
    assert!(ran.out.contains("line 4, Phone:") && ran.out.contains("line 5, Patient id:"), "{}", ran.out);
    let (events, kept) = (place.count("consent_event"), place.count("evidence"));
    assert_eq!((events - before, kept), (3, 2), "a grant, and a warning shown and accepted");
    let again = place.run(&["import", "consents", &file, "--json"]).good().json_lines().remove(0);
    assert_eq!((&again["added"], &again["unchanged"], &again["rejected"]), (&0.into(), &2.into(), &2.into()), "{again}");
    assert_eq!((place.count("consent_event"), place.count("evidence")), (events, kept));
    place.run(&["import", "consents", &file, "--vouch-consent"]).misused(&["--vouch-consent"]);
}
