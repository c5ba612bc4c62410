//! What really happened, one JSON line a record, appended and never changed.
//!
//! A record is in the file before anybody learns of what it says, by one `write` call: killing the process loses none. Kinds: `accepted`,
//! `refused`, `throttled`, `dropped` (not taken, and no answer that says so), `got` (the phone has it), `expired`, `undelivered`, `text` (a phone
//! texted), `answered` (the network answered the phone by itself), `replied` (a webhook's answer was texted to the phone), `code` (a
//! verification code went to the phone), `forgotten` (deleted or redacted), `acknowledged` (a callback was taken), `turned_away` (refused with
//! 4xx), `given_up`.

use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// One record. Fields that do not belong to its kind are left out.
#[derive(Serialize, Default)]
pub(super) struct Record<'a> {
    pub kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The value of `t` in the address for callbacks, by which the texting side knows the text again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// What a callback reports: the text's name, and the status for one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
}

#[derive(Serialize)]
struct Numbered<'a> {
    n: u64,
    at_us: i64,
    #[serde(flatten)]
    record: &'a Record<'a>,
}

/// The journal.
pub(super) struct Journal {
    lines: Vec<Box<str>>,
    next: u64,
    file: Option<File>,
}

impl Journal {
    /// Opens the journal; an existing file is continued.
    pub fn open(file: Option<&Path>) -> io::Result<Self> {
        let file = file.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        Ok(Self { lines: Vec::new(), next: 1, file })
    }

    /// Appends a record with its real time in microseconds.
    ///
    /// # Panics
    /// When the file cannot be written: a check that read it would believe that nothing happened.
    pub fn append(&mut self, at_us: i64, record: &Record<'_>) {
        let mut line = serde_json::to_string(&Numbered { n: self.next, at_us, record }).expect("a record is JSON");
        line.push('\n');
        self.next += 1;
        if let Some(file) = &mut self.file {
            file.write_all(line.as_bytes()).expect("the journal can be written");
        }
        self.lines.push(line.into_boxed_str());
    }

    /// All records of this run, as JSON lines.
    pub fn lines(&self) -> String {
        self.lines.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_in_the_file_as_soon_as_it_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        for run in 1..=2 {
            let mut journal = Journal::open(Some(&path)).unwrap();
            journal.append(7, &Record { kind: "got", id: Some("SM1"), ..Record::default() });
            assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), run);
            assert_eq!(journal.lines(), "{\"n\":1,\"at_us\":7,\"kind\":\"got\",\"id\":\"SM1\"}\n");
        }
    }
}
