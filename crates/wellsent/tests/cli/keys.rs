//! Key files that are missing, foreign, open to others or damaged: clear words, nothing lost, and with the right key everything works again.

use crate::place::{PATIENTS, Place, set_mode, silent};

/// What every command does that needs the keys.
#[track_caller]
fn refused(place: &Place, words: &[&str]) {
    let patients = place.file("patients.csv", PATIENTS);
    for command in [&["serve", "--port", "0"][..], &["import", "patients", &patients], &["audit", "checkpoint"]] {
        let ran = place.run(command).failed(words);
        silent(&ran.err);
    }
    let doctor = place.run(&["doctor"]);
    assert_eq!(doctor.code, 1, "{doctor:?}");
    let said = doctor.out.lines().filter(|line| line.starts_with("not safe")).collect::<Vec<_>>().join("\n");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[track_caller]
fn works(place: &Place) {
    let patients = place.file("patients.csv", PATIENTS);
    let ran = place.run(&["import", "patients", &patients, "--json"]).good();
    assert_eq!(ran.json_lines()[0]["unchanged"], 2, "{}", ran.out);
    place.run(&["audit", "checkpoint"]).good();
    assert!(place.run(&["audit", "verify"]).good().out.contains("The ledger is whole."));
}

#[test]
fn a_key_file_that_does_not_fit_is_refused_and_the_right_one_opens_everything_again() {
    let place = Place::with_patients();
    let other = Place::new();
    for name in ["kek.key", "ledger.key"] {
        let key = place.keys().join(name);
        let right = std::fs::read(&key).unwrap();

        std::fs::remove_file(&key).unwrap();
        refused(&place, &["there is no", &format!("wellsent-keys/{name}")]);
        assert!(!key.exists(), "a new key was made");

        std::fs::write(&key, &right).unwrap();
        for mode in [0o644, 0o640, 0o604] {
            set_mode(&key, mode);
            refused(&place, &["read by others", "chmod 600"]);
        }
        set_mode(&key, 0o600);

        std::fs::write(&key, std::fs::read(other.keys().join(name)).unwrap()).unwrap();
        match name {
            "kek.key" => refused(&place, &["key file that belongs to this database"]),
            _ => refused(&place, &["belongs to another installation"]),
        }

        let mut flipped = right.clone();
        let middle = right.len() - 10;
        flipped[middle] = if flipped[middle] == b'A' { b'B' } else { b'A' };
        for garbage in [Vec::new(), b"garbage\n".to_vec(), vec![0xff; 4_000], flipped, right[..right.len() / 2].to_vec()] {
            std::fs::write(&key, garbage).unwrap();
            refused(&place, &["key"]);
        }

        std::fs::write(&key, &right).unwrap();
        works(&place);
    }
}

#[test]
fn a_key_file_with_windows_line_ends_or_a_comment_still_opens() {
    let place = Place::with_patients();
    let key = place.keys().join("kek.key");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::write(&key, format!("# Safe 2, shelf 1\r\n{}", text.replace('\n', "\r\n"))).unwrap();
    works(&place);
}

#[test]
fn what_the_key_commands_say_holds_no_key() {
    let place = Place::with_patients();
    let secret = std::fs::read_to_string(place.keys().join("kek.key")).unwrap();
    let secret = secret.lines().last().unwrap().trim();
    let seed = std::fs::read_to_string(place.keys().join("ledger.key")).unwrap();
    let seed = seed.lines().last().unwrap().trim();
    assert!(secret.len() > 40 && seed.len() > 40);
    for command in [&["doctor"][..], &["audit", "checkpoint", "--key"], &["audit", "verify"], &["audit", "export"]] {
        let ran = place.run(command);
        for said in [&ran.out, &ran.err] {
            assert!(!said.contains(secret) && !said.contains(seed), "{command:?}");
        }
    }
}
