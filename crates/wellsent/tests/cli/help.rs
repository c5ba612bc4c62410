//! What a new user reads first.

use crate::program::wellsent;

const COMMANDS: [&str; 14] =
    ["demo", "init", "serve", "import", "staff", "app", "sms", "audit", "doctor", "bench", "simulator", "sender", "agreement", "carrier"];

#[test]
fn the_help_names_every_command_and_shows_how_to_begin() {
    let ran = wellsent(&["--help"]).good();
    for command in COMMANDS {
        assert!(ran.out.contains(&format!("\n  {command} ")), "{command}: {}", ran.out);
    }
    assert!(ran.out.contains("wellsent demo") && ran.out.contains("wellsent init --data"));
}

#[test]
fn every_command_explains_itself() {
    let nested = [
        vec!["sms", "parts"],
        vec!["audit", "verify"],
        vec!["audit", "export"],
        vec!["audit", "checkpoint"],
        vec!["staff", "add"],
        vec!["staff", "list"],
        vec!["staff", "disable"],
        vec!["staff", "reset"],
        vec!["sender", "add"],
        vec!["sender", "list"],
        vec!["sender", "set"],
        vec!["agreement", "add"],
        vec!["agreement", "list"],
        vec!["agreement", "end"],
        vec!["carrier", "list"],
        vec!["carrier", "check"],
        vec!["app", "add"],
        vec!["app", "change"],
        vec!["app", "list"],
        vec!["app", "disable"],
        vec!["app", "rotate"],
        vec!["app", "key", "add"],
        vec!["app", "key", "revoke"],
    ];
    for command in COMMANDS.map(|command| vec![command]).into_iter().chain(nested) {
        let mut args = vec!["help"];
        args.extend(&command);
        let ran = wellsent(&args).good();
        let first = ran.out.lines().next().unwrap_or_default();
        assert!(first.len() > 15 && ran.out.contains("Usage:"), "{command:?}: {}", ran.out);
        // Each option and argument says what it is for: the line goes on, or the next one does.
        let lines: Vec<_> = ran.out.lines().collect();
        for (line, next) in lines.iter().zip(lines.iter().skip(1)) {
            let entry = line.trim_start();
            let is_example = line.len() - entry.len() > 6;
            if entry.starts_with('-') && !is_example {
                let explained = entry.split_once("  ").is_some_and(|(_, words)| words.trim().len() > 5) || next.starts_with("          ");
                assert!(explained, "{command:?} does not explain {entry:?}");
            }
        }
        let same = wellsent(&[&command[..], &["--help"]].concat()).good();
        assert!(same.out.starts_with(first), "{command:?}");
    }
    for with_example in [["help", "init"], ["help", "import"], ["help", "staff"], ["help", "app"]] {
        assert!(wellsent(&with_example).good().out.contains("  wellsent "), "{with_example:?}");
    }
}

#[test]
fn what_it_does_not_know_is_wrong_usage() {
    wellsent(&[]).misused(&["Usage"]);
    wellsent(&["frobnicate"]).misused(&["frobnicate", "--help"]);
    wellsent(&["demo", "--frobnicate"]).misused(&["--frobnicate"]);
    wellsent(&["demo", "--port", "lots"]).misused(&["--port"]);
    wellsent(&["demo", "--port", "70000"]).misused(&["--port"]);
    wellsent(&["demo", "--until", "2027-03-10T18:00"]).misused(&["--once"]);
    wellsent(&["import", "patience", "x.csv"]).misused(&["patients", "appointments", "consents"]);
    wellsent(&["init", "--data", "x"]).misused(&["--practice", "--text-name", "--phone", "--zone"]);
    wellsent(&["sms"]).misused(&["parts"]);
}

#[test]
fn the_version_is_told() {
    assert!(wellsent(&["--version"]).good().out.starts_with("wellsent 0."));
}

#[test]
fn without_an_installation_it_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("nothing-here");
    let data = data.to_str().unwrap();
    for command in [
        &["serve"][..],
        &["doctor"],
        &["audit", "verify"],
        &["audit", "export"],
        &["audit", "checkpoint"],
        &["import", "patients", "x.csv"],
    ] {
        let mut args = command.to_vec();
        args.extend(["--data", data]);
        wellsent(&args).failed(&["wellsent init", data]);
        assert!(!std::path::Path::new(data).exists(), "{command:?} made something");
    }
}

#[test]
fn a_reader_that_has_seen_enough_hears_no_complaint() {
    let place = crate::place::Place::with_patients();
    place.run(&["audit", "checkpoint"]).good();
    let data = place.data();
    let visits = place.file("visits.csv", crate::place::VISITS);
    let commands: [&[&str]; 8] = [
        &["audit", "export"],
        &["audit", "verify"],
        &["audit", "checkpoint"],
        &["doctor"],
        &["import", "appointments", &visits],
        &["demo", "--once", &visits],
        &["sms", "parts", "hello"],
        &["help"],
    ];
    for command in commands {
        let mut process = crate::program::program();
        process.args(command);
        if matches!(command[0], "audit" | "doctor" | "import") {
            process.args(["--data", data.to_str().unwrap()]);
        }
        // Nobody reads from the first byte on.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        process.stdout(writer);
        let mut child = process.spawn().unwrap();
        let err = crate::program::read(child.stderr.take().unwrap());
        // Nobody may take it for a verdict that all is well.
        let expected = if command[0] == "help" { 0 } else { 1 };
        assert_eq!(child.wait().unwrap().code(), Some(expected), "{command:?}");
        assert_eq!(err.join().unwrap(), "", "{command:?}");
    }
}
