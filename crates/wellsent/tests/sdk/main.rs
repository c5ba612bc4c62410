//! Twilio's own libraries speak with this server, for Python and for Node: as clients of its API, and as judges of its signatures.
//!
//! A whole house with its web routes on a real socket; the libraries come from their registries and are no part of this repository (`./test
//! peers` installs them). Each has a script of its own that says what has to hold, the controls among it: a call of which one byte was changed
//! must not pass.
//!
//! Without the libraries the test says so loudly and passes; with `WELLSENT_PEERS=required` it fails.

mod house;

use house::Told;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// No script takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where a library is; without it the test says so loudly, or fails where the libraries are required.
fn found(variable: &str, beneath: Option<&str>) -> Option<String> {
    let named = std::env::var(variable).unwrap_or_default();
    let looked_for = beneath.map_or_else(|| Path::new(&named).to_owned(), |part| Path::new(&named).join(part));
    if !named.is_empty() && looked_for.exists() {
        return Some(named);
    }
    let missing = format!("{variable} does not lead to Twilio's library; run ./test peers");
    assert_ne!(std::env::var("WELLSENT_PEERS").as_deref(), Ok("required"), "{missing}");
    eprintln!("\n!!!!! NOTHING WAS TESTED: {missing}\n");
    None
}

/// Runs a script against a house of its own, which goes on living meanwhile. How many checks held.
async fn run(mut command: Command) -> u32 {
    let house = Told::build().await;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().expect("the script starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(house.told().to_string().as_bytes()).await.expect("the script listens");
    drop(input);
    let live = async {
        loop {
            house.live().await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ended = tokio::select! {
        ended = tokio::time::timeout(PATIENCE, child.wait_with_output()) => ended.expect("the script ends").expect("the script ran"),
        () = live => unreachable!("a house lives on"),
    };
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{out}\n{err}");
    house.live().await;
    house.check();
    println!("{}", out.trim());
    out.trim().strip_suffix(" checks").and_then(|count| count.parse().ok()).expect("the script counts")
}

#[tokio::test(flavor = "multi_thread")]
async fn twilios_library_for_python_speaks_with_this_server() {
    let Some(python) = found("WELLSENT_PEERS_PYTHON", None) else { return };
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/client.py"));
    assert!(run(command).await > 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn twilios_library_for_node_speaks_with_this_server() {
    let Some(modules) = found("WELLSENT_NODE_MODULES", Some("twilio")) else { return };
    let mut command = Command::new("node");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/client.cjs")).env("WELLSENT_NODE_MODULES", modules);
    assert!(run(command).await > 50);
}
