//! What really happened, one JSON line a record, appended and never changed.
//!
//! A record is in the file before the caller learns of what it says, by one `write` call: killing the process loses none.
//! Kinds: `accepted`, `refused`, `throttled`, `dropped` (line dropped, not taken), `got` (the phone has it), `expired`, `undelivered`, `text` (a phone texted),
//! `acknowledged` (the server answered a callback with 2xx), `turned_away` (4xx), `given_up`.

use serde::Serialize;
use std::collections::VecDeque;
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
    pub token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<&'a str>,
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

/// The journal: the newest records in memory, all of them in a file if there is one.
pub(super) struct Journal {
    kept: VecDeque<Box<str>>,
    kept_max: usize,
    next: u64,
    file: Option<File>,
    file_failed: bool,
}

impl Journal {
    /// Opens the journal. An existing file is continued; its old records are not read back.
    pub fn open(file: Option<&Path>, kept_max: usize) -> io::Result<Self> {
        let file = file.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        Ok(Self { kept: VecDeque::new(), kept_max, next: 1, file, file_failed: false })
    }

    /// Appends a record with its real time in microseconds.
    pub fn append(&mut self, at_us: i64, record: &Record<'_>) {
        let numbered = Numbered { n: self.next, at_us, record };
        let mut line = serde_json::to_string(&numbered).unwrap_or_else(|_| format!(r#"{{"n":{},"kind":"unwritable"}}"#, self.next));
        line.push('\n');
        self.next += 1;
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_err()
            && !self.file_failed
        {
            self.file_failed = true;
            tracing::error!("the simulator's journal file cannot be written; checks that read it will miss records");
        }
        if self.kept.len() == self.kept_max {
            self.kept.pop_front();
        }
        self.kept.push_back(line.into_boxed_str());
    }

    /// The records after number `after`, at most `limit`, as JSON lines. `None` when some of them are no longer in memory.
    pub fn after(&self, after: u64, limit: usize) -> Option<String> {
        let first = self.next - self.kept.len() as u64;
        let from = after.saturating_add(1);
        if from < first {
            return None;
        }
        let skip = usize::try_from(from - first).unwrap_or(usize::MAX);
        Some(self.kept.iter().skip(skip).take(limit).map(|line| &**line).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_goes_on_where_it_stopped_and_learns_what_it_missed() {
        let mut journal = Journal::open(None, 3).unwrap();
        assert_eq!(journal.after(0, 10).as_deref(), Some(""));
        for kind in ["a", "b", "c"] {
            journal.append(5, &Record { kind, ..Record::default() });
        }
        assert_eq!(journal.after(1, 1).as_deref(), Some("{\"n\":2,\"at_us\":5,\"kind\":\"b\"}\n"));
        journal.append(5, &Record { kind: "d", ..Record::default() });
        assert_eq!(journal.after(0, 10), None, "the first is gone from memory");
        assert_eq!(journal.after(4, 10).as_deref(), Some(""));
        assert_eq!(journal.after(u64::MAX - 1, 10).as_deref(), Some(""));
    }

    #[test]
    fn every_record_is_in_the_file_as_soon_as_it_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::open(Some(&path), 1).unwrap();
        for kind in ["a", "b"] {
            journal.append(0, &Record { kind, ..Record::default() });
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2, "the file keeps what memory does not");
        let mut journal = Journal::open(Some(&path), 1).unwrap();
        journal.append(0, &Record { kind: "c", ..Record::default() });
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3);
    }
}
