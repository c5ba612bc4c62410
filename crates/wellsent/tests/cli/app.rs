//! Applications at the command line.

use crate::http::Server;
use crate::place::{Place, path};
use crate::program::{wellsent, wellsent_fed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::io::{Read, Write};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "fedcba9876543210fedcba9876543210";

fn added(place: &Place, more: &[&str]) -> Value {
    let mut args = vec!["app", "add", "--name", "Portal", "--json"];
    args.extend(more);
    place.run(&args).good().json_lines().remove(0)
}

/// The status that a server answers to these credentials.
fn status(server: &Server, account: &str, name: &str, secret: &str) -> u16 {
    let mut stream = std::net::TcpStream::connect(server.at).unwrap();
    let basic = STANDARD.encode(format!("{name}:{secret}"));
    let request = format!(
        "GET /2010-04-01/Accounts/{account}/Messages.json HTTP/1.1\r\nhost: x\r\nauthorization: Basic {basic}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn what_it_prints_opens_the_api_and_a_token_that_was_taken_over_is_not_printed() {
    let place = Place::new();
    let new = added(&place, &["--host", "app.example.com", "--inbound-url", "https://app.example.com/sms"]);
    let word = |value: &Value, name: &str| value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned();
    let (id, account, token) = (word(&new, "application"), word(&new, "account"), word(&new, "token"));
    assert!(id.starts_with("app_") && account.starts_with("AC") && word(&new, "service").starts_with("MG"));
    assert_eq!(new["senders"].as_array().unwrap().len(), 1, "all that the practice has");
    let data = place.data();
    let args = ["app", "add", "--name", "Old app", "--account", ACCOUNT, "--token-stdin", "--data", path(&data)];
    let adopted = wellsent_fed(&args, format!("{TOKEN}\n").as_bytes()).good();
    assert!(adopted.out.contains(ACCOUNT) && !adopted.out.contains(TOKEN), "{}", adopted.out);
    wellsent_fed(&args, TOKEN.as_bytes()).failed(&["known here already"]);
    let key = place.run(&["app", "key", "add", ACCOUNT, "--json"]).good().json_lines().remove(0);
    let (key, secret) = (word(&key, "key"), word(&key, "secret"));
    let second = place.run(&["app", "rotate", &id, "--json"]).good().json_lines().remove(0);
    let second = word(&second, "token");

    let server = Server::start(&place);
    assert_eq!(status(&server, &account, &account, &token), 200);
    assert_eq!(status(&server, &account, &account, &second), 200, "both while it changes");
    assert_eq!(status(&server, ACCOUNT, ACCOUNT, TOKEN), 200);
    assert_eq!(status(&server, ACCOUNT, &key, &secret), 200);
    assert_eq!(status(&server, ACCOUNT, &account, &token), 404, "another account");
    assert_eq!(status(&server, ACCOUNT, ACCOUNT, &token), 401);
    drop(server);

    place.run(&["app", "rotate", &id, "--finish"]).good();
    place.run(&["app", "rotate", &id, "--finish"]).failed(&["app rotate"]);
    place.run(&["app", "key", "revoke", ACCOUNT, &key]).good();
    place.run(&["app", "key", "revoke", ACCOUNT, &key]).failed(&["no such key"]);
    let listed = place.run(&["app", "list", "--json"]).good();
    for secret in [token.as_str(), second.as_str(), secret.as_str(), TOKEN] {
        assert!(!listed.out.contains(secret));
    }
    assert_eq!(listed.json_lines().len(), 2);
    place.run(&["app", "change", &id, "--name", "Desk"]).good();
    assert!(place.run(&["app", "disable", ACCOUNT]).good().out.contains("refused from its next request"));
    assert!(place.run(&["app", "disable", ACCOUNT]).good().out.contains("nothing was changed"));
    assert!(place.run(&["app", "list"]).good().out.contains("Old app  disabled"));

    let server = Server::start(&place);
    assert_eq!(status(&server, &account, &account, &token), 401);
    assert_eq!(status(&server, &account, &account, &second), 200);
    assert_eq!((status(&server, ACCOUNT, ACCOUNT, TOKEN), status(&server, ACCOUNT, &key, &secret)), (401, 401));
    drop(server);
    let told = place.run(&["audit", "export"]).good().out;
    for kind in [
        "application_added",
        "application_token_added",
        "application_token_changed",
        "application_changed",
        "application_key_revoked",
        "application_disabled",
    ] {
        assert!(told.contains(kind), "{kind}");
    }
    for secret in [token.as_str(), second.as_str(), secret.as_str(), TOKEN] {
        assert!(!told.contains(secret));
    }
}

#[test]
fn what_is_changed_counts_and_what_is_not_named_stays() {
    let place = Place::new();
    let new = added(&place, &["--host", "app.example.com", "--inbound-url", "https://app.example.com/sms"]);
    let account = new["account"].as_str().unwrap();
    let listed = || place.run(&["app", "list", "--json"]).good().json_lines().remove(0);
    let before = listed();
    place.run(&["app", "change", account, "--inbound-url", "https://new.example.com/sms"]).misused(&["--inbound-url", "--host"]);
    place.run(&["app", "change", account, "--host", "new.example.com"]).misused(&["--inbound-url"]);
    place.run(&["app", "change", account, "--sender", "+12125550111"]).failed(&["no such sender"]);
    assert_eq!(listed(), before, "nothing of it was done");
    place
        .run(&[
            "app",
            "change",
            account,
            "--host",
            "new.example.com",
            "--inbound-url",
            "https://new.example.com/sms",
            "--requests-per-minute",
            "5",
        ])
        .good();
    let after = listed();
    assert_eq!((&after["hosts"][0], &after["inbound_url"]), (&"new.example.com".into(), &"https://new.example.com/sms".into()));
    assert_eq!((&after["name"], &after["senders"], &after["requests_per_minute"]), (&before["name"], &before["senders"], &5.into()));
    place.run(&["app", "change", account, "--inbound-url", "none", "--name", "Desk"]).good();
    assert_eq!((listed()["inbound_url"].is_null(), &listed()["name"]), (true, &"Desk".into()));
}

#[test]
fn what_cannot_be_meant_is_refused_and_changes_nothing() {
    let place = Place::new();
    let data = place.data();
    let add = |more: &[&str]| {
        let mut args = vec!["app", "add", "--name", "Portal"];
        args.extend(more);
        place.run(&args)
    };
    add(&["--account", ACCOUNT]).misused(&["--token-stdin"]);
    add(&["--inbound-url", "https://app.example.com/sms"]).misused(&["--inbound-url", "--host"]);
    add(&["--host", "app.example.com", "--inbound-url", "http://app.example.com/sms"]).misused(&["https://"]);
    add(&["--host", "https://app.example.com/"]).misused(&["--host"]);
    add(&["--service", "MG12"]).misused(&["--service"]);
    add(&["--requests-per-minute", "0"]).misused(&["--requests-per-minute"]);
    add(&["--category", "gossip"]).misused(&["appointments"]);
    add(&["--sender", "+12125550111"]).failed(&["no such sender"]);
    place.run(&["app", "add", "--name", "two\nlines"]).misused(&["--name"]);
    for (account, token) in [("AC12", TOKEN), (ACCOUNT, "short"), (ACCOUNT, "")] {
        let args = ["app", "add", "--name", "Portal", "--account", account, "--token-stdin", "--data", path(&data)];
        wellsent_fed(&args, token.as_bytes()).misused(&["--"]);
    }
    place.run(&["app", "disable", "app_0198c3f2a8b97def8123456789abcdef"]).failed(&["no such application", "app list"]);
    place.run(&["app", "key", "revoke", ACCOUNT, "SK1"]).misused(&["SK"]);
    assert_eq!(place.count("application"), 0);
    wellsent(&["app", "list", "--data", "/nowhere"]).failed(&["wellsent init"]);
}
