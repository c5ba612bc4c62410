//! The programs of the test, and processes that end with their handles.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The browser and its driver.
pub struct Tools {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

impl Tools {
    /// Looks for them in `PATH`; the error says what is missing and how to get it.
    pub fn find() -> Result<Self, String> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| in_path(name));
        match (chromium, in_path("chromedriver")) {
            (Some(chromium), Some(chromedriver)) => Ok(Self { chromium, chromedriver }),
            (chromium, driver) => {
                let names = [("chromium", chromium.is_none()), ("chromedriver", driver.is_none())];
                let missing: Vec<_> = names.iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| *name).collect();
                Err(format!("{} not found in PATH; on Debian: apt-get install chromium chromium-driver", missing.join(" and ")))
            }
        }
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// A running program. It is killed when the handle goes.
pub struct Program {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts it and listens to what it prints.
    pub fn start(name: &'static str, mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} did not start: {error}"));
        let from = child.stdout.take().expect("its output is a pipe");
        let (to, lines) = channel();
        // Read to the end, so that the program never waits for a reader.
        std::thread::spawn(move || BufReader::new(from).lines().map_while(Result::ok).for_each(|line| drop(to.send(line))));
        Self { name, child, lines }
    }

    /// Waits for a line in which `pick` finds something.
    pub fn said<T>(&self, within: Duration, pick: impl Fn(&str) -> Option<T>) -> T {
        let until = Instant::now() + within;
        let mut said = String::new();
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(found) = pick(&line) {
                        return found;
                    }
                    said.push_str(&line);
                    said.push('\n');
                }
                Err(RecvTimeoutError::Timeout) => panic!("{} did not say what was waited for within {within:?}:\n{said}", self.name),
                Err(RecvTimeoutError::Disconnected) => panic!("{} ended too early:\n{said}", self.name),
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
