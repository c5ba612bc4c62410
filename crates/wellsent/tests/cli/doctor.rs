//! `doctor`: what it says, and when it says that all is not well.

use crate::place::{Place, set_mode, silent};

/// Grade and words of each finding about `what`.
#[track_caller]
fn findings(place: &Place, what: &str) -> Vec<(String, String)> {
    let ran = place.run(&["doctor", "--json"]);
    assert_eq!(ran.err, "");
    silent(&ran.out);
    let lines = ran.json_lines();
    let bad = lines.iter().any(|line| line["grade"] == "not safe");
    assert_eq!(ran.code, i32::from(bad), "{}", ran.out);
    let words = |line: &serde_json::Value, key: &str| line[key].as_str().expect("words").to_owned();
    assert!(lines.iter().all(|line| !words(line, "rule").is_empty() && words(line, "says").len() > 5), "{}", ran.out);
    lines.iter().filter(|line| line["what"] == what).map(|line| (words(line, "grade"), words(line, "says"))).collect()
}

#[track_caller]
fn bad(place: &Place, what: &str, says: &str) {
    let found = findings(place, what);
    assert!(found.iter().any(|(grade, words)| grade == "not safe" && words.contains(says)), "{what}: {found:?}");
}

#[test]
fn an_installation_with_simulated_phones_is_not_safe_to_go_live() {
    let place = Place::with_patients();
    let ran = place.run(&["doctor"]);
    assert_eq!(ran.code, 1);
    silent(&ran.out);
    assert!(ran.out.contains("Not safe to go live yet.") && ran.out.contains("simulat"), "{}", ran.out);
    bad(&place, "carrier", "simulator");
    assert_eq!(findings(&place, "key file")[0].0, "ok");
    // Without the line the sender is still one that reaches nobody.
    place.change_settings("[simulator]\nurl = \"http://127.0.0.1:1\"\n", "");
    bad(&place, "carrier", "no carrier account");
    bad(&place, "sender", "no text reaches a real phone");
}

#[test]
fn without_a_sender_nothing_can_be_sent() {
    let place = Place::empty();
    place.init(&[]).good();
    bad(&place, "sender", "nothing can be sent");
}

#[test]
fn keys_in_the_data_folder_are_not_safe() {
    let place = Place::empty();
    let inside = place.data().join("keys");
    place.init(&["--keys", inside.to_str().unwrap()]).good();
    bad(&place, "keys apart", "inside the data folder");
}

#[test]
fn an_address_without_tls_is_not_safe() {
    let place = Place::new();
    place.change_settings("public_url = \"http://127.0.0.1:8080\"", "public_url = \"http://texts.example.com\"");
    bad(&place, "TLS", "https://");
}

#[test]
fn settings_that_others_can_read_are_told() {
    let place = Place::new();
    set_mode(&place.settings(), 0o644);
    let found = findings(&place, "settings");
    assert!(found[0].0 == "warning" && found[0].1.contains("chmod 600"), "{found:?}");
    set_mode(&place.settings(), 0o600);
    assert!(findings(&place, "settings").is_empty());
}

#[test]
fn it_looks_and_changes_nothing() {
    let place = Place::with_patients();
    let hash = |name: &str| std::fs::read(place.data().join(name)).ok();
    let before = hash("wellsent.db");
    findings(&place, "database");
    assert!(before == hash("wellsent.db"));
}

#[test]
fn a_database_that_is_missing_or_garbage_is_told() {
    let place = Place::new();
    let file = place.data().join("wellsent.db");
    let kept = std::fs::read(&file).unwrap();
    std::fs::write(&file, "this is no database, and it is longer than a header of one would be. ".repeat(20)).unwrap();
    bad(&place, "database", "");
    for command in [&["serve", "--port", "0"][..], &["audit", "verify"], &["audit", "checkpoint"]] {
        place.run(command).failed(&["database"]);
    }
    std::fs::remove_file(&file).unwrap();
    bad(&place, "database", "");
    // No empty practice takes the place of one that is only somewhere else.
    for command in [&["serve", "--port", "0"][..], &["audit", "checkpoint"]] {
        place.run(command).failed(&["there is no database", "wellsent.db"]);
        assert!(!file.exists(), "{command:?}");
    }
    std::fs::write(&file, kept).unwrap();
    assert_eq!(findings(&place, "database")[0].0, "ok");
}
