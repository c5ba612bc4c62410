//! The demo as somebody starts it at the terminal.

use crate::programs::Program;
use std::process::Command;
use std::time::Duration;

/// The demo lives through three days before it prints its link; an unoptimised build on a busy machine takes its time.
const READY_WITHIN: Duration = Duration::from_secs(240);

/// A running demo.
pub struct Demo {
    link: String,
    _program: Program,
}

impl Demo {
    /// Starts the program on a free port and reads the link that it prints.
    pub fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wellsent"));
        command.args(["demo", "--port", "0"]);
        let program = Program::start("wellsent demo", command);
        let link = program.said(READY_WITHIN, |line| line.trim().strip_prefix("Open").map(|link| link.trim().to_owned()));
        Self { link, _program: program }
    }

    /// The one-time link.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The address of the console, without a slash at its end.
    pub fn base(&self) -> &str {
        self.link.split("/sign-in/").next().expect("a link has a beginning")
    }
}
