//! Twilio's own libraries, unchanged, told of the proxy by their environment alone.
//!
//! Where they are is said by `WELLSENT_PEERS_PYTHON` (an interpreter with `twilio`) and `WELLSENT_NODE_MODULES` (a folder with `twilio`); `./test peers`
//! installs them. Without them the tests say so loudly and pass; with `WELLSENT_PEERS=required` they fail.

use crate::house::{ACCOUNT, FROM, House, TO, soon};
use std::path::Path;
use std::process::{Command, Output};

const PYTHON: &str = r#"
import sys
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

account, sender, to = sys.argv[1:]
client = Client(account, "secret")
for _ in range(2):
    message = client.messages.create(to=to, from_=sender, body="See you tomorrow.")
    print(message.sid, message.status)
try:
    client.verify.v2.services("VA" + "0" * 32).verifications.create(to=to, channel="sms")
except TwilioRestException as error:
    print(error.status, error.code, error.msg)
"#;

const NODE: &str = r#"
const [account, sender, to] = process.argv.slice(2);
const client = require("twilio")(account, "secret");
(async () => {
  for (let count = 0; count < 2; count++) {
    const message = await client.messages.create({ to, from: sender, body: "See you tomorrow." });
    console.log(message.sid, message.status);
  }
  try {
    await client.verify.v2.services("VA" + "0".repeat(32)).verifications.create({ to, channel: "sms" });
  } catch (error) {
    console.log(error.status, error.code, error.message);
  }
})();
"#;

/// Where a library is, by the variable that says so.
fn library(variable: &str) -> Option<std::ffi::OsString> {
    let found = std::env::var_os(variable);
    if found.is_none() {
        assert!(std::env::var_os("WELLSENT_PEERS").is_none_or(|value| value != "required"), "{variable} does not say where the library is");
        eprintln!("\n!!!!! NOTHING WAS TESTED: {variable} does not say where the library is; ./test peers installs it\n");
    }
    found
}

/// Writes a program beside the authority's certificate, and runs it with nothing in its environment but what is set here and where programs are.
async fn run(
    house: &House,
    interpreter: impl AsRef<std::ffi::OsStr>,
    file: &str,
    program: &str,
    environment: &[(&str, &Path)],
    proxy: &str,
) -> Output {
    let path = house.folder.path().join(file);
    std::fs::write(&path, program).expect("written");
    let mut command = Command::new(interpreter);
    command.arg(path).args([ACCOUNT, FROM, TO]).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env(proxy, format!("http://{}", house.at));
    for (name, value) in environment {
        command.env(name, value);
    }
    soon(tokio::task::spawn_blocking(move || command.output())).await.expect("no panic").expect("started")
}

fn authority(house: &House) -> std::path::PathBuf {
    let path = house.folder.path().join("ca.pem");
    std::fs::write(&path, &house.pem).expect("written");
    path
}

fn check(house: &House, output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    assert!(output.status.success() && lines.len() == 3, "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines[..2], ["SM00000000000000000000000000000001 queued"; 2]);
    assert!(
        lines[2].starts_with("404 20404 ") && lines[2].ends_with("Codes are sent from the console, not through this interface."),
        "{text}"
    );
    let seen = house.requests();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| seen.body.contains("Body=See") && seen.headers.contains_key("authorization")));
}

#[tokio::test]
async fn the_library_for_python_sends_through_the_proxy() {
    let Some(python) = library("WELLSENT_PEERS_PYTHON") else { return };
    let house = House::usual().await;
    let authority = authority(&house);
    let output = run(&house, &python, "send.py", PYTHON, &[("REQUESTS_CA_BUNDLE", &authority)], "HTTPS_PROXY").await;
    check(&house, &output);
}

#[tokio::test]
async fn the_library_for_node_sends_through_the_proxy_and_refuses_it_without_the_authority() {
    let Some(modules) = library("WELLSENT_NODE_MODULES") else { return };
    let house = House::usual().await;
    let (authority, modules) = (authority(&house), Path::new(&modules));
    let output = run(&house, "node", "send.cjs", NODE, &[("NODE_PATH", modules)], "HTTP_PROXY").await;
    assert!(!output.status.success() && house.requests().is_empty(), "trusted without being told to");
    let output = run(&house, "node", "send.cjs", NODE, &[("NODE_PATH", modules), ("NODE_EXTRA_CA_CERTS", &authority)], "HTTP_PROXY").await;
    check(&house, &output);
}
