//! The settings file.

use crate::place::{Place, path};

/// The settings with one thing changed are refused with these words by each command that reads them.
#[track_caller]
fn refused(from: &str, to: &str, words: &[&str]) {
    let place = Place::new();
    place.change_settings(from, to);
    for command in [&["serve"][..], &["doctor"], &["audit", "verify"], &["import", "patients", "x.csv"]] {
        place.run(command).failed(words);
    }
}

#[test]
fn a_key_that_is_not_known_is_refused_with_its_name() {
    refused("listen = ", "listne = ", &["listne", "wellsent.toml"]);
    refused("[log]", "[logs]", &["logs"]);
}

#[test]
fn an_address_that_others_can_reach_is_refused() {
    for address in ["0.0.0.0:8080", "[::]:8080", "192.0.2.7:8080"] {
        refused("listen = \"127.0.0.1:8080\"", &format!("listen = \"{address}\""), &["server.listen", "127.0.0.1"]);
        refused("# metrics = \"127.0.0.1:9464\"", &format!("metrics = \"{address}\""), &["server.metrics", "127.0.0.1"]);
    }
}

#[test]
fn values_that_are_none_are_refused_with_their_line() {
    refused("listen = \"127.0.0.1:8080\"", "listen = 8080", &["line 5", "listen", "socket address"]);
    refused("level = \"info\"", "level = \"inof\"", &["log.level", "inof", "debug"]);
    refused("[server]", "[server", &["line 3"]);
}

#[test]
fn a_password_in_settings_that_are_not_understood_is_not_repeated() {
    let place = Place::new();
    let url = "postgres://wellsent:hunter-two@127.0.0.1/x";
    place.change_settings("# url = \"postgres://wellsent@127.0.0.1/wellsent\"", &format!("url = \"{url}\"\nurll = \"{url}\""));
    let ran = place.run(&["doctor"]).failed(&["urll", "line 14"]);
    assert!(!ran.err.contains("hunter-two"), "{ran:?}");
    place.change_settings("urll = ", "[keys.folder]\nx = ");
    let ran = place.run(&["doctor"]).failed(&["line 1"]);
    assert!(!ran.err.contains("hunter-two"), "{ran:?}");
    std::fs::write(place.settings(), format!("database = \"{url}\"\n")).unwrap();
    let ran = place.run(&["doctor"]).failed(&["line 1", "database"]);
    assert!(!ran.err.contains("hunter-two"), "{ran:?}");
}

#[test]
fn settings_that_are_no_text_are_refused() {
    let place = Place::new();
    std::fs::write(place.settings(), [0xff, 0xfe, 0x00]).unwrap();
    place.run(&["doctor"]).failed(&[path(&place.settings()), "cannot be read"]);
}
