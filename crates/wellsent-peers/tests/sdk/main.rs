//! Twilio's own libraries as clients of the peer: if they take it for the real one, adapters may be tried against it.
//!
//! The libraries come from their registries and are not part of this project. `WELLSENT_PEERS_PYTHON` names an interpreter that has the package
//! `twilio`, `WELLSENT_NODE_MODULES` a `node_modules` folder that has it. What is not there is left out, unless `WELLSENT_PEERS` is `required`.

use std::env;
use std::process::Command;
use wellsent_peers::twilio::{Behaviour, Running, Settings, Twilio};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const KEY: &str = "SK00000000000000000000000000000001";
const TOKEN: &str = "an auth token of the account";
const SERVICE: &str = "VA00000000000000000000000000000001";
const MESSAGING: &str = "MG00000000000000000000000000000001";
const NUMBER: &str = "+12125550199";

async fn peer() -> Running {
    let settings = Settings {
        api_keys: vec![(KEY.into(), "a secret of the key".into())],
        verify_services: vec![SERVICE.into()],
        behaviour: Behaviour { advanced_opt_out: true, ..Behaviour::default() },
        ..Settings::new(ACCOUNT, TOKEN)
    };
    let running = Twilio::start(settings).await.expect("a peer");
    running.twilio.add_sender(NUMBER, &[], None);
    running.twilio.add_sender(MESSAGING, &["+12125550198"], None);
    running
}

/// Runs a client against a peer of its own; what it prints is shown when it fails.
async fn run(name: &str, mut client: Command, script: &str) {
    let running = peer().await;
    client.arg(format!("{}/tests/sdk/{script}", env!("CARGO_MANIFEST_DIR"))).args([
        &running.base_url(),
        ACCOUNT,
        KEY,
        "a secret of the key",
        TOKEN,
        NUMBER,
        MESSAGING,
        SERVICE,
    ]);
    let output = tokio::task::spawn_blocking(move || client.output()).await.expect("the client ran").expect("the client starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {said}");
    let stats = running.twilio.stats();
    assert!(stats.accepted > 0 && stats.acknowledged > 0 && stats.turned_away == 0, "{name}: {stats:?} {said}");
}

/// Whether a library is there; fails when it must be.
fn there(name: &str, probe: &mut Command) -> bool {
    let there = probe.output().is_ok_and(|output| output.status.success());
    assert!(there || env::var("WELLSENT_PEERS").as_deref() != Ok("required"), "the {name} library of Twilio is not there");
    if !there {
        eprintln!("left out: the {name} library of Twilio is not there");
    }
    there
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_library_takes_the_peer_for_twilio() {
    let python = env::var("WELLSENT_PEERS_PYTHON").unwrap_or_else(|_| "python3".into());
    if there("Python", Command::new(&python).args(["-c", "import twilio.rest"])) {
        run("Python", Command::new(python), "client.py").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_library_takes_the_peer_for_twilio() {
    let modules = env::var("WELLSENT_NODE_MODULES").unwrap_or_default();
    let node = || {
        let mut node = Command::new("node");
        node.env("NODE_PATH", &modules);
        node
    };
    if there("Node", node().args(["-e", "require('twilio')"])) {
        run("Node", node(), "client.cjs").await;
    }
}
