//! The processes: the server with a loader on its standard input, and the phones.

mod phones;
mod server;

use crate::child::{MARK, PLAN, ROLE};
use std::io::Write;

pub use phones::PhonesPlan;
pub use server::{Control, ServerPlan};

/// Plays the role that the environment asks for, if any; it does not return before the role has ended.
pub fn play() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let plan = std::env::var(PLAN).expect("a role has a plan");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    match role.as_str() {
        "server" => runtime.block_on(server::serve(serde_json::from_str(&plan).expect("a plan"))),
        "phones" => runtime.block_on(phones::serve_phones(serde_json::from_str(&plan).expect("a plan"))),
        other => panic!("there is no role {other}"),
    }
}

/// Says a line to the test. It is in the pipe when this returns, whatever happens to this process then.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The test program may have begun a line of its own; a test that is gone hears nothing.
    let _ = out.write_all(format!("\n{MARK}{line}\n").as_bytes()).and_then(|()| out.flush());
}

/// The lines that the test asks with. When the test is gone, this process ends.
fn asked() -> tokio::sync::mpsc::UnboundedReceiver<String> {
    let (lines, asked) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
        #[allow(clippy::disallowed_methods, reason = "nobody is left who would hear of anything")]
        std::process::exit(1);
    });
    asked
}
