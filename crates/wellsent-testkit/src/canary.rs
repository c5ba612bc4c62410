//! Canaries: values about invented patients that must turn up nowhere in the clear (P6).
//!
//! A scan looks for every canary in every spelling in which a careless program could leave it: plain, UTF-16, hexadecimal, base64 at each of
//! its three alignments, URL-encoded, JSON-escaped, backwards, and numbers and dates in the forms in which people write them. Letters match
//! in either case.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// Shorter spellings would turn up by chance.
const SHORTEST: usize = 6;

/// What kind of value it is, which says how it could be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Words: a name, an id, a text.
    Words,
    /// A telephone number in E.164.
    Number,
    /// A date in ISO 8601.
    Date,
}

/// One planted value.
#[derive(Debug, Clone)]
pub struct Canary {
    /// What it was planted as.
    pub what: String,
    /// Its kind.
    pub kind: Kind,
    /// The value.
    pub value: String,
}

/// A canary that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// What it was planted as.
    pub what: String,
    /// In which spelling.
    pub spelling: &'static str,
    /// Where.
    pub place: String,
}

/// All canaries of a run.
pub struct Scanner {
    automaton: AhoCorasick,
    /// What each pattern of the automaton stands for.
    patterns: Vec<(usize, &'static str)>,
    canaries: Vec<Canary>,
}

impl Scanner {
    /// A scanner for these canaries.
    pub fn new(canaries: Vec<Canary>) -> Self {
        let (mut patterns, mut bytes) = (Vec::new(), Vec::new());
        for (number, canary) in canaries.iter().enumerate() {
            for (spelling, pattern) in spellings(canary) {
                patterns.push((number, spelling));
                bytes.push(pattern);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&bytes)
            .expect("patterns");
        Self { automaton, patterns, canaries }
    }

    /// How many canaries and spellings it looks for.
    pub fn size(&self) -> (usize, usize) {
        (self.canaries.len(), self.patterns.len())
    }

    /// Looks for all of them in some bytes.
    pub fn scan(&self, place: &str, bytes: &[u8]) -> BTreeSet<Hit> {
        let found = self.automaton.find_overlapping_iter(bytes);
        found
            .map(|found| {
                let (canary, spelling) = self.patterns[found.pattern().as_usize()];
                Hit { what: self.canaries[canary].what.clone(), spelling, place: place.to_owned() }
            })
            .collect()
    }

    /// Looks through every file below a folder. Returns what it found and how many bytes it read.
    pub fn scan_folder(&self, folder: &Path) -> (BTreeSet<Hit>, u64) {
        let (mut hits, mut size) = (BTreeSet::new(), 0);
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let (found, read) = match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.scan_folder(&path),
                // A file that went away since is no place to find anything in.
                Ok(kind) if kind.is_file() => match std::fs::read(&path) {
                    Ok(bytes) => (self.scan(&path.display().to_string(), &bytes), bytes.len() as u64),
                    Err(_) => continue,
                },
                _ => continue,
            };
            hits.extend(found);
            size += read;
        }
        (hits, size)
    }
}

/// The forms in which people write a value of this kind.
fn forms(canary: &Canary) -> Vec<String> {
    let value = &canary.value;
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    match canary.kind {
        Kind::Words => vec![value.clone()],
        Kind::Number => {
            let national = digits.strip_prefix('1').unwrap_or(&digits);
            let (area, exchange, line) = (&national[..3], &national[3..6], &national[6..]);
            vec![
                national.to_owned(),
                format!("{area}-{exchange}-{line}"),
                format!("({area}) {exchange}-{line}"),
                format!("{area}.{exchange}.{line}"),
                format!("{area} {exchange} {line}"),
            ]
        }
        Kind::Date => {
            let (year, month, day) = (&digits[..4], &digits[4..6], &digits[6..8]);
            vec![value.clone(), digits.clone(), format!("{month}/{day}/{year}"), format!("{day}.{month}.{year}"), format!("{month}-{day}-{year}")]
        }
    }
}

/// Every spelling that is looked for, with its name.
pub fn spellings(canary: &Canary) -> Vec<(&'static str, Vec<u8>)> {
    let mut all: Vec<(&'static str, Vec<u8>)> = Vec::new();
    for form in forms(canary) {
        let bytes = form.as_bytes();
        all.push(("plain", bytes.to_vec()));
        all.push(("UTF-16LE", form.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        all.push(("UTF-16BE", form.encode_utf16().flat_map(u16::to_be_bytes).collect()));
        all.push(("hexadecimal", bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()));
        let names = [
            ["base64 at 0", "base64 at 1", "base64 at 2"],
            ["base64url at 0", "base64url at 1", "base64url at 2"],
        ];
        for (engine, names) in [&STANDARD, &URL_SAFE].into_iter().zip(names) {
            for (before, name) in names.into_iter().enumerate() {
                all.push((name, base64_at(engine, before, bytes)));
            }
        }
        all.push(("URL-encoded", url_encoded(bytes).into_bytes()));
        all.push(("form-encoded", url_encoded(bytes).replace("%20", "+").into_bytes()));
        all.push(("JSON-escaped", json_escaped(&form).into_bytes()));
        all.push(("backwards", form.chars().rev().collect::<String>().into_bytes()));
    }
    all.retain(|(_, pattern)| pattern.len() >= SHORTEST);
    let mut seen = BTreeSet::new();
    all.retain(|(_, pattern)| seen.insert(pattern.clone()));
    all
}

/// The characters that stand for `bytes` when `before` other bytes come first, whatever these and the following ones are.
fn base64_at(engine: &impl base64::Engine, before: usize, bytes: &[u8]) -> Vec<u8> {
    let mut padded = vec![0; before];
    padded.extend_from_slice(bytes);
    let text = engine.encode(&padded);
    // A character stands for six bits; those that reach into the neighbours are left out.
    let from = (before * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    text.as_bytes()[from..to.max(from)].to_vec()
}

fn url_encoded(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn json_escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|ch| match ch {
            '"' | '\\' => format!("\\{ch}"),
            ' '..='~' => ch.to_string(),
            other => other.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        })
        .collect()
}

/// Everything that the program logs, at every level, for the rest of this process.
#[derive(Debug, Clone, Default)]
pub struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl LogBuffer {
    /// Starts to listen. Only the first caller of a process hears anything.
    pub fn listen() -> Self {
        let buffer = Self::default();
        let _ = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).with_writer(buffer.clone()).try_init();
        buffer
    }

    /// What was logged so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogBuffer {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_found_whatever_stands_around() {
        for before in 0..7 {
            for after in 0..4 {
                let text = STANDARD.encode([&vec![b'x'; before][..], b"Quetzalina", &vec![b'y'; after]].concat());
                let canary = Canary { what: "name".into(), kind: Kind::Words, value: "Quetzalina".into() };
                assert_eq!(Scanner::new(vec![canary]).scan("", text.as_bytes()).len(), 1, "{before} before, {after} after");
            }
        }
    }

    #[test]
    fn a_number_is_found_in_the_forms_in_which_people_write_it() {
        let scanner = Scanner::new(vec![Canary { what: "number".into(), kind: Kind::Number, value: "+12125550142".into() }]);
        for text in ["+12125550142", "212-555-0142", "(212) 555-0142", "2410555212", "%28212%29%20555-0142", "212.555.0142"] {
            assert!(!scanner.scan("", text.as_bytes()).is_empty(), "{text}");
        }
        assert!(scanner.scan("", b"+12125550143").is_empty());
    }
}
