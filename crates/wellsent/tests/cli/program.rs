//! Running the program to its end.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// No command of these tests takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a run ended with.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Exit 0 and nothing on standard error, or the test fails.
    #[track_caller]
    pub fn good(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        assert_eq!(self.err, "", "{self:#?}");
        self
    }

    /// Exit 1 with words on standard error that have all of these in them.
    #[track_caller]
    pub fn failed(self, words: &[&str]) -> Self {
        self.ended(1, words)
    }

    /// Exit 2 with words on standard error that have all of these in them.
    #[track_caller]
    pub fn misused(self, words: &[&str]) -> Self {
        self.ended(2, words)
    }

    #[track_caller]
    fn ended(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is missing in {self:#?}");
        }
        assert!(!self.err.contains("panicked") && !self.err.contains("Error {"), "{self:#?}");
        self
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    }
}

/// The program, not started yet.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wellsent"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program with these arguments.
#[track_caller]
pub fn wellsent(args: &[&str]) -> Ran {
    finish(program().args(args), None)
}

/// Runs the program in a folder.
#[track_caller]
pub fn wellsent_in(folder: &Path, args: &[&str]) -> Ran {
    finish(program().current_dir(folder).args(args), None)
}

/// Runs the program with something on its standard input.
#[track_caller]
pub fn wellsent_fed(args: &[&str], input: &[u8]) -> Ran {
    finish(program().args(args).stdin(Stdio::piped()), Some(input.to_vec()))
}

#[track_caller]
fn finish(command: &mut Command, input: Option<Vec<u8>>) -> Ran {
    let mut child = command.spawn().expect("the program starts");
    if let (Some(mut to), Some(input)) = (child.stdin.take(), input) {
        // A program that has heard enough may hang up.
        std::thread::spawn(move || drop(to.write_all(&input)));
    }
    let out = read(child.stdout.take().expect("a pipe"));
    let err = read(child.stderr.take().expect("a pipe"));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program is a child") {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it does not end: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    Ran { code: status.code().unwrap_or(-1), out: out.join().expect("the output is read"), err: err.join().expect("the output is read") }
}

/// Reads a stream to its end beside everything else.
pub fn read(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
