//! What the compiler does not check.
//!
//! Each check returns what it found wrong; a warning is printed and fails nothing. Lists of exceptions only shrink: an exception that is
//! no longer needed fails as well.

mod arrows;
mod lengths;
mod licences;
mod links;
mod migrations;
mod rules;
mod statements;
mod table;
mod words;

use crate::{metadata, workspace};
use workspace::SourceFile;

/// What the checks found.
#[derive(Debug, Default)]
pub struct Findings {
    failures: Vec<String>,
    warnings: Vec<String>,
    notes: Vec<String>,
}

impl Findings {
    /// Something to repair.
    pub fn fail(&mut self, text: impl Into<String>) {
        self.failures.push(text.into());
    }

    /// Something to look at.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// What was counted.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}

/// Runs all checks.
pub fn run() -> Result<(), String> {
    let files = workspace::files(workspace::root()).map_err(|error| format!("the workspace cannot be read: {error}"))?;
    let packages = metadata::load()?;
    let mut findings = Findings::default();
    let architecture = text_of(&files, "ARCHITECTURE.md");
    arrows::check(architecture, &packages, &mut findings);
    lengths::check(&files, &mut findings);
    words::check(&files, &mut findings);
    statements::check(&files, architecture, &mut findings);
    licences::check(&packages, &mut findings);
    migrations::check(&files, &mut findings);
    rules::check(&files, &mut findings);
    links::check(&files, &mut findings);

    for note in &findings.notes {
        println!("{note}");
    }
    for warning in &findings.warnings {
        println!("warning: {warning}");
    }
    for failure in &findings.failures {
        println!("error: {failure}");
    }
    match findings.failures.len() {
        0 => Ok(()),
        1 => Err("tidy found 1 error".to_owned()),
        count => Err(format!("tidy found {count} errors")),
    }
}

fn text_of<'a>(files: &'a [SourceFile], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}

/// A file of a test.
#[cfg(test)]
fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}
