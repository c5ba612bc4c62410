//! `serve` from its start to its end.

use crate::http::Server;
use crate::place::{PATIENTS, Place, path};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

#[test]
fn it_serves_at_the_port_that_it_names_and_ends_in_order() {
    let place = Place::with_patients();
    let server = Server::start(&place);
    assert!(server.metrics.is_none());
    assert!(server.link.starts_with(&format!("http://{}/sign-in/", server.at)), "{}", server.link);
    assert_eq!((server.get("/healthz").0, server.get("/readyz").0), (200, 200));
    let path_of_link = server.link.split_once(&server.at.to_string()).unwrap().1.to_owned();
    assert_eq!(server.get(&path_of_link).0, 200);
    // Lines that say nothing, or half of something, do not hold the end up.
    let mut half = TcpStream::connect(server.at).unwrap();
    let head = format!("POST /hooks/simulator/{}/inbound HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{{", place.sender());
    half.write_all(head.as_bytes()).unwrap();
    let idle: Vec<_> = (0..20).map(|_| TcpStream::connect(server.at).unwrap()).collect();
    let at = server.at;
    let ended = server.terminate();
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(ended.took < Duration::from_secs(15), "{:?}", ended.took);
    assert!(!ended.log.contains("ERROR") && !ended.log.contains('\x1b'), "{}", ended.log);
    drop((idle, half));
    assert!(TcpStream::connect(at).is_err());
    let verified = place.run(&["audit", "verify", "--json"]).good().json_lines().remove(0);
    assert_eq!(verified["sound"], true, "{verified}");
    assert!(
        verified["size"].as_u64() > Some(0) && verified["size"] == verified["covered"],
        "the last checkpoint covers everything: {verified}"
    );
}

#[test]
fn a_second_process_on_the_same_data_is_refused_and_the_first_goes_on() {
    let place = Place::with_patients();
    let server = Server::start(&place);
    let patients = place.file("patients.csv", PATIENTS);
    for command in [&["serve", "--port", "0"][..], &["import", "patients", &patients]] {
        place.run(command).failed(&["in use by another instance", "stop it first"]);
    }
    // Looking is allowed meanwhile.
    assert!(place.run(&["audit", "verify"]).good().out.contains("whole"));
    assert_eq!(place.run(&["doctor"]).err, "");
    assert!(place.run(&["audit", "export"]).good().out.lines().count() > 0);
    assert_eq!(server.get("/readyz").0, 200);
    assert_eq!(server.terminate().code, Some(0));
    place.run(&["import", "patients", &patients]).good();
}

#[test]
fn a_port_that_is_taken_is_told() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    place.run(&["serve", "--port", &port]).failed(&["cannot listen", &port, "--port"]);
}

#[test]
fn a_server_that_was_killed_starts_again_and_its_ledger_is_whole() {
    let place = Place::with_patients();
    drop(Server::start(&place));
    let server = Server::start(&place);
    assert_eq!(server.get("/readyz").0, 200);
    assert_eq!(server.terminate().code, Some(0));
    place.run(&["audit", "verify"]).good();
}

#[test]
fn json_logs_are_json_lines() {
    let place = Place::new();
    place.change_settings("json = false", "json = true");
    let server = Server::start(&place);
    server.get("/healthz");
    server.get("/nothing-here");
    let ended = server.terminate();
    assert!(ended.log.lines().count() >= 2, "{}", ended.log);
    for line in ended.log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn simulated_phones_need_their_secret_and_a_behaviour_that_is_one() {
    let place = Place::new();
    let secret = place.keys().join("simulator.secret");
    let secret = path(&secret);
    let wrong = place.file("behaviour.json", "{\"latency\": ");
    let run = |args: &[&str]| crate::program::wellsent(&[&["simulator", "--port", "0"], args].concat());
    run(&["--secret", "/nowhere/simulator.secret"]).failed(&["/nowhere/simulator.secret"]);
    run(&["--secret", secret, "--behaviour", &wrong]).failed(&["behaviour.json"]);
    run(&["--secret", secret, "--behaviour", "/nowhere/b.json"]).failed(&["/nowhere/b.json"]);
    run(&[]).misused(&["--secret"]);
}
