//! What really happened, one JSON line a record, appended and never changed. A record is in the file before anybody learns of what it says.
//!
//! Kinds: `bound`, `bind_refused`, `accepted` (a part was taken), `refused`, `cut_before`, `got` (the phone has the whole text),
//! `undelivered`, `text` (a phone texted), `acknowledged` (every part of that text was taken over), `turned_away` (one was refused for
//! good).

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    /// Which part of a text of several, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u32>,
    /// The number of a phone's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<u64>,
}

#[derive(Serialize)]
struct Numbered<'a> {
    n: usize,
    at_us: u128,
    #[serde(flatten)]
    record: &'a Record<'a>,
}

/// The journal, in memory and in a file if there is one.
pub(super) struct Journal {
    lines: Vec<String>,
    file: Option<File>,
}

impl Journal {
    pub fn open(file: Option<&Path>) -> io::Result<Self> {
        let file = file.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        Ok(Self { lines: Vec::new(), file })
    }

    #[allow(clippy::disallowed_methods, reason = "this process is somebody else's, with a clock of its own")]
    pub fn append(&mut self, record: &Record<'_>) {
        let at_us = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_micros());
        let mut line = serde_json::to_string(&Numbered { n: self.lines.len() + 1, at_us, record }).unwrap_or_default();
        line.push('\n');
        if let Some(file) = &mut self.file {
            // A check that reads the file finds that a record is missing by the gap in their numbers.
            let _ = file.write_all(line.as_bytes());
        }
        self.lines.push(line);
    }

    /// The records after number `after`.
    pub fn after(&self, after: usize) -> String {
        self.lines.iter().skip(after).map(String::as_str).collect()
    }
}
