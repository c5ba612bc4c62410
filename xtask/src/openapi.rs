//! Holds docs/openapi.json against the document that the program itself gives.
//!
//! The program is asked by its sub-command `openapi`, which prints the document. As long as there is no interface there is no document,
//! and the check says so. The routes that are compatible with Twilio's are described by Twilio's own document and are no part of it.

use crate::workspace;
use std::fs;
use std::process::Command;

const DOCUMENT: &str = "docs/openapi.json";
const INTERFACE: &str = "crates/wellsent-web/src/api/v1";

/// Compares.
pub fn check() -> Result<(), String> {
    match (workspace::path(INTERFACE).is_dir(), workspace::path(DOCUMENT).is_file()) {
        (false, false) => {
            println!("nothing was checked: wellsent-web has no REST interface ({INTERFACE}), so there is no OpenAPI document");
            Ok(())
        }
        (false, true) => {
            Err(format!("{DOCUMENT} describes an interface that does not exist: there is no {INTERFACE}; remove the document"))
        }
        (true, false) => Err(format!("{INTERFACE} has no {DOCUMENT}; run `cargo xtask openapi --write`")),
        (true, true) => {
            let kept = fs::read_to_string(workspace::path(DOCUMENT)).map_err(|error| format!("{DOCUMENT}: {error}"))?;
            if kept.trim() == ask()?.trim() {
                println!("{DOCUMENT} is what the program says");
                Ok(())
            } else {
                Err(format!("{DOCUMENT} is out of date; run `cargo xtask openapi --write` and look at the difference"))
            }
        }
    }
}

/// Writes the document anew.
pub fn write() -> Result<(), String> {
    if !workspace::path(INTERFACE).is_dir() {
        return Err(format!("wellsent-web has no REST interface ({INTERFACE}), so there is no document to write"));
    }
    fs::write(workspace::path(DOCUMENT), ask()?).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    println!("wrote {DOCUMENT}");
    Ok(())
}

fn ask() -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "wellsent", "--", "openapi"])
        .current_dir(workspace::root())
        .output()
        .map_err(|error| format!("cargo could not be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("`wellsent openapi` gives no document:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| "`wellsent openapi` prints no text".to_owned())?;
    let document: serde_json::Value = serde_json::from_str(&text).map_err(|error| format!("`wellsent openapi` prints no JSON: {error}"))?;
    let pretty = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    Ok(pretty + "\n")
}
