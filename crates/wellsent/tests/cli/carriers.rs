//! `carrier`, `sender`, `agreement`: connecting a carrier, and what the doctor says of it.

use crate::place::{Place, set_mode};

const ACCOUNT: &str = "\n[[carriers]]\nkind = \"twilio\"\nname = \"twilio-main\"\naccount_sid = \"AC0123\"\napi_key_sid = \"SK0123\"\napi_secret_file = \"main.secret\"\nauth_token_file = \"main.token\"\n\n[log]";

/// An installation with one account in its settings and its secrets in place.
fn connected() -> Place {
    let place = Place::empty();
    place.init(&[]).good();
    place.change_settings("\n[log]", ACCOUNT);
    for (file, secret) in [("main.secret", "hunter-two"), ("main.token", "hunter-three")] {
        let path = place.keys().join(file);
        std::fs::write(&path, format!("{secret}\n")).unwrap();
        set_mode(&path, 0o600);
    }
    place
}

fn doctor(place: &Place, what: &str) -> Vec<String> {
    let lines = place.run(&["doctor", "--json"]).json_lines();
    let of = lines.iter().filter(|line| line["what"] == what);
    of.map(|line| format!("{}: {}", line["grade"].as_str().unwrap(), line["says"].as_str().unwrap())).collect()
}

const SENDER: [&str; 10] =
    ["sender", "add", "--carrier", "twilio-main", "--address", "(212) 555-0199", "--kind", "long-code", "--parts-per-minute", "240"];

#[test]
fn the_accounts_are_listed_without_their_secrets() {
    let place = connected();
    let line = place.run(&["carrier", "list", "--json"]).good().json_lines().remove(0);
    assert_eq!((&line["carrier"], &line["kind"], &line["account"]), (&"twilio-main".into(), &"twilio".into(), &"AC0123".into()));
    assert_eq!(line["features"], serde_json::json!(["sms"]));
    let said = place.run(&["carrier", "list"]).good().out;
    assert!(said.contains("twilio-main") && !said.contains("hunter") && !said.contains("SK0123"), "{said}");
}

#[test]
fn a_secret_that_is_missing_or_open_to_others_is_told_and_not_shown() {
    let place = connected();
    let path = place.keys().join("main.token");
    set_mode(&path, 0o644);
    for command in [&["carrier", "check"][..], &["carrier", "check", "--json"]] {
        let ran = place.run(command);
        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("auth_token_file") && ran.out.contains("chmod 600") && !ran.out.contains("hunter"), "{}", ran.out);
    }
    std::fs::remove_file(&path).unwrap();
    assert!(place.run(&["carrier", "check"]).out.contains("auth_token_file"));
    place.run(&["serve", "--port", "0"]).failed(&["twilio-main", "auth_token_file"]);
    assert!(doctor(&place, "carrier").iter().any(|says| says.starts_with("not safe") && says.contains("auth_token_file")));
}

#[test]
fn a_channel_that_no_agreement_covers_keeps_the_server_from_starting() {
    let place = connected();
    place.change_settings("\naccount_sid", "\nfeatures = [\"sms\", \"whatsapp\"]\naccount_sid");
    for command in [&["serve", "--port", "0"][..], &["doctor"], &["carrier", "list"], &["sender", "list"]] {
        place.run(command).failed(&["whatsapp", "sms, lookup"]);
    }
}

#[test]
fn a_sender_is_added_changed_and_listed_and_a_campaign_shares_its_limits() {
    let place = connected();
    let shared = ["--campaign", "C1", "--brand", "B1", "--parts-per-day", "2000", "--json"];
    let first = place.run(&[&SENDER[..], &shared].concat()).good().json_lines().remove(0);
    assert_eq!((&first["address"], &first["registration"], &first["rank"]), (&"+12125550199".into(), &"pending".into(), &1.into()));
    let hook = format!("/hooks/twilio-main/{}/inbound", first["sender"].as_str().unwrap());
    assert!(first["inbound_url"].as_str().unwrap().ends_with(&hook), "{first}");
    assert!(place.run(&["sender", "list"]).good().out.contains(&hook));
    place.run(&SENDER).failed(&["has that address already"]);
    let mut second = [&SENDER[..], &shared].concat();
    second[5] = "+12125550198";
    place.run(&second).good();
    let id = first["sender"].as_str().unwrap();
    place
        .run(&["sender", "set", id, "--registration", "approved", "--parts-per-minute", "75", "--parts-per-day", "1000", "--rank", "9"])
        .good();
    let listed = place.run(&["sender", "list", "--json"]).good().json_lines();
    let seen = |n: usize| (listed[n]["address"].as_str().unwrap(), listed[n]["parts_per_minute"].as_i64().unwrap());
    assert_eq!([seen(0), seen(1)], [("+12125550198", 75), ("+12125550199", 75)], "one limit, and the new order");
    assert_eq!((&listed[0]["parts_per_day"], &listed[0]["registration"]), (&1000.into(), &"pending".into()));
    assert_eq!(listed[1]["registration"], "approved");
    assert!(place.run(&["sender", "list"]).good().out.contains("75 parts a minute, 1000 a day"));
}

#[test]
fn a_sender_that_is_no_sender_of_texts_is_wrong_usage() {
    let place = connected();
    for (address, kind) in [
        ("whatsapp:+12125550199", "messaging-service"),
        ("rcs:agent", "messaging-service"),
        ("12", "long-code"),
        ("12345678", "short-code"),
        ("a b", "smpp"),
    ] {
        let mut args = SENDER;
        (args[5], args[7]) = (address, kind);
        place.run(&args).misused(&["--address"]);
    }
    place.run(&["sender", "set", "snd_1"]).misused(&["sender list"]);
    place.run(&["sender", "set", "snd_0198c3f2a8b97def8123456789abcdef", "--rank", "1"]).failed(&["sender list"]);
    place.run(&[&SENDER[..], &["--parts-per-day", "5"]].concat()).misused(&["--brand"]);
    let mut other = SENDER;
    other[3] = "nobody";
    assert!(place.run(&other).good().out.contains("no carrier account named"));
}

#[test]
fn an_agreement_keeps_the_digest_of_its_file_and_takes_the_account_from_the_settings() {
    let place = connected();
    let file = place.file("baa.pdf", "signed");
    let add = ["agreement", "add", "--carrier", "twilio-main", "--party", "Twilio Inc.", "--from", "2026-01-01", "--file", &file, "--json"];
    let added = place.run(&add).good().json_lines().remove(0);
    assert_eq!(added["account"], "AC0123");
    // The digest that any other program finds.
    assert_eq!(added["file_sha256"], "4a3cdfae6f291c8f544daea5b72905cf9e74c1ed427d831ad0d7ca00c73c794d");
    assert_eq!(added["services"], serde_json::json!(["sms"]));
    let id = added["agreement"].as_str().unwrap().to_owned();
    place.run(&SENDER).good();
    assert!(doctor(&place, "agreement")[0].starts_with("ok"), "{:?}", doctor(&place, "agreement"));
    // Another account in the settings is not the one that was marked for it.
    place.change_settings("AC0123", "AC9999");
    assert!(doctor(&place, "agreement")[0].contains("does not name the account"));
    place.change_settings("AC9999", "AC0123");
    place.run(&["agreement", "end", &id]).good();
    place.run(&["agreement", "end", &id]).failed(&["ended before"]);
    assert_eq!(place.run(&["agreement", "list", "--json"]).good().json_lines()[0]["stage"], "over");
    assert!(doctor(&place, "agreement")[0].contains("texts wait"));
}

#[test]
fn an_agreement_that_cannot_be_meant_is_wrong_usage() {
    let place = connected();
    let add = |more: &[&str]| place.run(&[&["agreement", "add", "--carrier", "twilio-main", "--from", "2026-01-01"][..], more].concat());
    add(&["--party", "Twilio Inc.", "--until", "2025-01-01"]).misused(&["--until"]);
    add(&["--party", " "]).misused(&["--party"]);
    add(&["--party", "Twilio Inc.", "--service", "whatsapp"]).misused(&["whatsapp"]);
    add(&["--party", "Twilio Inc.", "--file", "/nowhere/baa.pdf"]).failed(&["/nowhere/baa.pdf"]);
    place.run(&["agreement", "end", "agr_1"]).misused(&["agreement list"]);
    let noted = add(&["--party", "Twilio Inc.", "--account", "AC7777"]).good().out;
    assert!(noted.contains("another account") && noted.contains("no --file"), "{noted}");
}

#[test]
fn the_doctor_sees_what_stands_against_going_live_over_a_carrier() {
    let place = connected();
    place.run(&SENDER).good();
    let soon = "2027-01-01";
    place.run(&["agreement", "add", "--carrier", "twilio-main", "--party", "Twilio Inc.", "--from", "2026-01-01", "--until", soon]).good();
    assert!(doctor(&place, "sender").iter().any(|says| says.starts_with("not safe") && says.contains("pending")));
    assert!(doctor(&place, "redaction").iter().any(|says| says.starts_with("warning") && says.contains("redaction")));
    place.change_settings(
        "\naccount_sid",
        "\nredaction_ready = true\nbase_url = \"https://gateway.example.com\"\nfeatures = [\"sms\", \"lookup\"]\naccount_sid",
    );
    assert!(doctor(&place, "redaction").is_empty());
    assert!(doctor(&place, "carrier").iter().any(|says| says.starts_with("warning") && says.contains("gateway.example.com")));
    assert!(doctor(&place, "agreement").iter().any(|says| says.starts_with("not safe") && says.contains("lookup")));
    place.change_settings(
        "\n[[carriers]]\nkind = \"twilio\"\n",
        "\n[[carriers]]\nkind = \"smpp\"\nname = \"line\"\nhost = \"smpp.example.com\"\nport = 2775\nplain_text = \"private_line\"\nsystem_id = \"elm\"\npassword_file = \"main.secret\"\n\n[[carriers]]\nkind = \"twilio\"\n",
    );
    assert!(doctor(&place, "carrier").iter().any(|says| says.starts_with("not safe") && says.contains("in the clear")));
}
