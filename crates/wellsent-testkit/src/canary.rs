//! Canaries: values about invented patients that must turn up nowhere in the clear (P6).
//!
//! A scan looks for every canary in every spelling in which a careless program could leave it: plain, UTF-16, hexadecimal, base64 at each of
//! its three alignments, URL-encoded, JSON-escaped, backwards, and numbers and dates in the forms in which people write them. Letters match
//! in either case.

use crate::postgres::Postgres;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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
        let automaton =
            AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::ContiguousNFA)).build(&bytes).expect("patterns");
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

/// What a scan of a PostgreSQL database looked through.
#[derive(Debug, Default)]
pub struct Scanned {
    /// What it found.
    pub hits: BTreeSet<Hit>,
    /// Rows of tables, as text.
    pub rows: usize,
    /// Bytes of the server's files, its write-ahead log and its own log; 0 where this user may not read them.
    pub file_bytes: u64,
}

impl Scanner {
    /// Looks through the database that holds this practice: every row of every table as text, in which bytes are hexadecimal, and the files.
    pub async fn scan_postgres(&self, server: &Postgres, practice: &[u8; 16]) -> Scanned {
        let mut scanned = Scanned::default();
        let client = database_of(server, practice).await;
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        for table in client.query(tables, &[]).await.expect("the tables") {
            let table: String = table.get(0);
            for row in client.query(&format!("SELECT t::text FROM {table} t"), &[]).await.expect("the rows") {
                scanned.hits.extend(self.scan(&table, row.get::<_, String>(0).as_bytes()));
                scanned.rows += 1;
            }
        }
        client.batch_execute("CHECKPOINT").await.expect("a checkpoint");
        let place = client
            .query_one("SELECT current_setting('data_directory'), oid::text FROM pg_database WHERE datname = current_database()", &[])
            .await
            .expect("the folder");
        let folder = Path::new(place.get::<_, &str>(0)).to_owned();
        for part in [folder.join("base").join(place.get::<_, &str>(1)), folder.join("pg_wal")] {
            let (hits, size) = self.scan_folder(&part);
            scanned.hits.extend(hits);
            scanned.file_bytes += size;
        }
        if let Some(Ok(log)) = folder.parent().map(|folder| std::fs::read(folder.join("server.log"))) {
            scanned.hits.extend(self.scan("the server's log", &log));
            scanned.file_bytes += log.len() as u64;
        }
        scanned
    }
}

/// A connection to the database, among all test databases of a server, that holds a practice.
async fn database_of(server: &Postgres, practice: &[u8; 16]) -> tokio_postgres::Client {
    let all = connect(&server.url("postgres")).await.expect("the server answers");
    for row in all.query("SELECT datname::text FROM pg_database WHERE datname LIKE 't\\_%'", &[]).await.expect("the databases") {
        // Another test's database may be gone or empty by now.
        let Ok(client) = connect(&server.url(row.get(0))).await else { continue };
        if matches!(client.query_opt("SELECT 1 FROM practice WHERE id = $1", &[&practice.as_slice()]).await, Ok(Some(_))) {
            return client;
        }
    }
    panic!("no database holds this practice");
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, line) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(line);
    Ok(client)
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
            vec![
                value.clone(),
                digits.clone(),
                format!("{month}/{day}/{year}"),
                format!("{day}.{month}.{year}"),
                format!("{month}-{day}-{year}"),
            ]
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
        let names = [["base64 at 0", "base64 at 1", "base64 at 2"], ["base64url at 0", "base64url at 1", "base64url at 2"]];
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
    /// Listens to the log of this process. All callers hear the same, since a process has one log: a test looks for words of its own in it.
    pub fn listen() -> Self {
        static HEARD: OnceLock<LogBuffer> = OnceLock::new();
        let heard = HEARD.get_or_init(|| {
            let heard = Self::default();
            let log = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
            // It fails where something else listens already; then nothing is heard, and the test that wants to hear says so.
            let _ = log.with_writer(heard.clone()).try_init();
            heard
        });
        heard.clone()
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
    use base64::Engine as _;

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
