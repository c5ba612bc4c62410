//! Other people's programs: whether they are here.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Says that a test is left out for want of a program, or fails if programs are required.
pub fn missing(what: &str) {
    assert!(std::env::var("WELLSENT_PEERS").as_deref() != Ok("required"), "{what} is required here and is not installed");
    eprintln!("left out: {what} is not installed");
}

/// The folder that node finds the package `smpp` in, if it does.
pub fn node_modules() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("WELLSENT_NODE_MODULES").map(PathBuf::from) {
        return folder.join("smpp/package.json").is_file().then_some(folder);
    }
    let script = "console.log(require('path').dirname(require('path').dirname(require.resolve('smpp/package.json'))))";
    let found = Command::new("node").args(["-e", script]).stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(PathBuf::from(String::from_utf8(found.stdout).ok()?.trim()))
}

/// Whether a program can be started.
pub fn has(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
