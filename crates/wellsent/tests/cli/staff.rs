//! `staff`: who may sign in.

use crate::http::get;
use crate::place::Place;
use crate::program::{Ran, program, read, wellsent};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command};

fn json(ran: Ran) -> serde_json::Value {
    ran.good().json_lines().remove(0)
}

/// A server of the installation, ended when it is dropped.
struct Server {
    child: Child,
    at: SocketAddr,
}

impl Server {
    fn of(place: &Place) -> Self {
        let mut child = program().args(["serve", "--port", "0", "--data", place.data().to_str().unwrap()]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let at = loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the server did not start");
            if let Some(rest) = line.strip_prefix("Listening at ") {
                break rest.split(". ").next().unwrap().parse().unwrap();
            }
        };
        drop(read(lines));
        Self { child, at }
    }

    /// The page behind a link.
    fn open(&self, link: &str) -> String {
        let path = link.split_once("/sign-in/").map(|(_, secret)| format!("/sign-in/{secret}")).unwrap();
        get(self.at, &path).1
    }

    fn end(mut self) {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_member_is_added_with_a_link_that_names_them_and_the_list_knows_them() {
    let place = Place::new();
    let ran = place.run(&["staff", "add", "--name", "Dana Whitfield", "--role", "front-desk"]).good();
    assert!(ran.out.contains("Dana Whitfield (Front desk, stf_") && ran.out.contains("was added"), "{}", ran.out);
    let link = ran.out.lines().find_map(|line| line.strip_prefix("Sign in (once, within 30 minutes): ")).unwrap().to_owned();
    assert!(link.contains("/sign-in/"), "{link}");
    let added = json(place.run(&["staff", "add", "--name", "Luis Ortega", "--role", "clinician", "--json"]));
    assert_eq!((&added["role"], &added["name"]), (&"clinician".into(), &"Luis Ortega".into()));
    let members = place.run(&["staff", "list", "--json"]).good().json_lines();
    let roles: Vec<_> = members.iter().map(|member| member["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["manager", "front_desk", "clinician"], "the first was made by init");
    assert!(place.run(&["staff", "list"]).good().out.contains("Clinician"));
    let server = Server::of(&place);
    assert!(server.open(&link).contains("Dana Whitfield"));
    assert!(server.open(added["link"].as_str().unwrap()).contains("Luis Ortega"));
    server.end();
}

#[test]
fn a_new_link_makes_the_older_ones_void_and_who_is_disabled_has_none() {
    let place = Place::new();
    let added = json(place.run(&["staff", "add", "--name", "Dana Whitfield", "--role", "front-desk", "--json"]));
    let id = added["staff"].as_str().unwrap();
    let fresh = json(place.run(&["staff", "reset", id, "--json"]));
    let other = json(place.run(&["staff", "add", "--name", "Luis Ortega", "--role", "clinician", "--json"]));
    let other_id = other["staff"].as_str().unwrap();
    // A session that is open while its member is disabled.
    let open = "INSERT INTO session (digest, id, practice_id, staff_id, created_at, seen_at) SELECT zeroblob(32), id, practice_id, id, created_at, created_at FROM staff WHERE name = 'Luis Ortega'";
    assert_eq!(place.database().execute(open, []).unwrap(), 1);
    let ran = place.run(&["staff", "disable", other_id]).good();
    assert!(ran.out.contains("may not sign in any more"), "{}", ran.out);
    let ended: Option<i64> = place.database().query_row("SELECT ended_at FROM session", [], |row| row.get(0)).unwrap();
    assert!(ended.is_some());
    assert!(place.run(&["staff", "disable", other_id]).good().out.contains("nothing was changed"));
    assert!(place.run(&["staff", "list"]).good().out.contains("Luis Ortega  disabled"));
    place.run(&["staff", "reset", other_id]).failed(&["disabled", "staff add"]);

    let server = Server::of(&place);
    let void = server.open(added["link"].as_str().unwrap());
    assert!(!void.contains("Dana Whitfield"), "{void}");
    assert!(server.open(fresh["link"].as_str().unwrap()).contains("Dana Whitfield"));
    assert!(!server.open(other["link"].as_str().unwrap()).contains("Luis Ortega"));
    server.end();
    let told = place.run(&["audit", "export"]).good().out;
    for kind in ["staff_added", "staff_reset", "staff_disabled", "sign_in_link"] {
        assert!(told.contains(kind), "{kind}");
    }
    assert!(!told.contains("Ortega") && !told.contains("Whitfield"));
}

#[test]
fn the_last_manager_does_not_go_unnoticed() {
    let place = Place::new();
    let manager = place.run(&["staff", "list", "--json"]).good().json_lines().remove(0);
    let ran = place.run(&["staff", "disable", manager["staff"].as_str().unwrap()]).good();
    assert!(ran.out.contains("no manager"), "{}", ran.out);
}

#[test]
fn what_cannot_be_meant_is_refused_and_changes_nothing() {
    let place = Place::new();
    for name in ["", "   ", "two\nlines", &"x".repeat(81)] {
        place.run(&["staff", "add", "--name", name, "--role", "manager"]).misused(&["--name"]);
    }
    place.run(&["staff", "add", "--name", "Dana", "--role", "boss"]).misused(&["front-desk", "clinician", "manager"]);
    place.run(&["staff", "add", "--role", "manager"]).misused(&["--name"]);
    for id in ["dana", "", "prc_0198c3f2a8b97def8123456789abcdef"] {
        place.run(&["staff", "disable", id]).misused(&["staff list"]);
    }
    place.run(&["staff", "reset", "stf_0198c3f2a8b97def8123456789abcdef"]).failed(&["no member of staff", "staff list"]);
    assert_eq!(place.count("staff"), 1);
    wellsent(&["staff", "list", "--data", "/nowhere"]).failed(&["wellsent init"]);
}
