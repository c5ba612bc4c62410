//! The processes of the test. Each is killed when its handle goes, and ends by itself when this process does.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The variable that says which role a process plays.
pub const ROLE: &str = "WELLSENT_CRASH_ROLE";
/// The variable with what the role needs to know, as JSON.
pub const PLAN: &str = "WELLSENT_CRASH_PLAN";
/// What every line of a role begins with; everything else on its standard output is the test program's own.
pub const MARK: char = '@';

/// A line that a process said, without the mark; `None` when it has ended.
pub type Said = (usize, Option<String>);

/// A running process.
pub struct Process {
    child: Child,
    to: Option<ChildStdin>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts this program again in a role. What it says comes out of `said` together with `id`; its log goes to `log`.
    pub fn start(role: &str, plan: &impl serde::Serialize, log: &Path, id: usize, said: Sender<Said>) -> Self {
        let log = File::options().create(true).append(true).open(log).expect("a log file");
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "role", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .env(PLAN, serde_json::to_string(plan).expect("a plan is JSON"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("this program starts again");
        let (to, from) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        // Read to its end: what was acknowledged before a kill is still in the pipe after it.
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                if let Some(line) = line.strip_prefix(MARK)
                    && said.send((id, Some(line.to_owned()))).is_err()
                {
                    return;
                }
            }
            let _ = said.send((id, None));
        });
        Self { child, to, reader: Some(reader) }
    }

    /// Asks it for something. A process that is gone hears nothing, which is its right.
    pub fn ask(&mut self, line: &str) {
        if let Some(to) = &mut self.to {
            let _ = writeln!(to, "{line}");
        }
    }

    /// `kill -9`, and waits until it is gone and everything that it said was read.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }

    /// Waits until it ends by itself; whether it did so in time and without an error.
    pub fn ended(&mut self, within: Duration) -> bool {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.kill();
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
