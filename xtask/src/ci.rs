//! Everything that a change must pass, one step after the other. Every step runs even when one before it failed, so that a run shows all
//! there is to repair.

use crate::{openapi, tidy, workspace};
use std::process::Command;
use std::time::{Duration, Instant};

/// How much is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every test.
    Everything,
    /// Tests that stand in the code itself.
    UnitTests,
}

struct Step {
    name: &'static str,
    run: Box<dyn Fn() -> Result<(), String>>,
}

struct Done {
    name: &'static str,
    took: Duration,
    outcome: Result<(), String>,
}

/// Runs the steps and prints what became of each.
pub fn run(extent: Extent) -> Result<(), String> {
    let steps = steps(extent);
    let count = steps.len();
    let mut done: Vec<Done> = Vec::with_capacity(count);
    for (n, step) in steps.into_iter().enumerate() {
        println!("\n=== {}/{count} {} ===", n + 1, step.name);
        let began = Instant::now();
        let outcome = (step.run)();
        let took = began.elapsed();
        match &outcome {
            Ok(()) => println!("--- {} passed in {}", step.name, shown(took)),
            Err(error) => println!("--- {} FAILED after {}: {error}", step.name, shown(took)),
        }
        done.push(Done { name: step.name, took, outcome });
    }
    println!();
    for Done { name, took, outcome } in &done {
        let word = if outcome.is_ok() { "passed" } else { "FAILED" };
        println!("{word}  {:>8}  {name}", shown(*took));
    }
    let failed: Vec<_> = done.iter().filter(|done| done.outcome.is_err()).map(|done| done.name).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

fn steps(extent: Extent) -> Vec<Step> {
    let tests: &'static [&'static str] = match extent {
        Extent::Everything => &["test", "--workspace", "--no-fail-fast"],
        Extent::UnitTests => &["test", "--workspace", "--no-fail-fast", "--lib", "--bins"],
    };
    vec![
        Step { name: "format", run: cargo(&["fmt", "--all", "--check", "--", "-l"]) },
        Step { name: "lints", run: cargo(&["clippy", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"]) },
        Step { name: "documentation", run: Box::new(documentation) },
        Step { name: "tests", run: cargo(tests) },
        Step { name: "tidy", run: Box::new(tidy::run) },
        Step { name: "openapi", run: Box::new(openapi::check) },
    ]
}

fn cargo(arguments: &'static [&'static str]) -> Box<dyn Fn() -> Result<(), String>> {
    Box::new(move || {
        println!("cargo {}", arguments.join(" "));
        finish(Command::new(env!("CARGO")).args(arguments))
    })
}

fn documentation() -> Result<(), String> {
    // A link to a private item does nothing on a page and helps in an editor.
    let flags = "-D warnings -A rustdoc::private-intra-doc-links";
    let arguments = ["doc", "--workspace", "--no-deps", "--keep-going"];
    println!("RUSTDOCFLAGS=\"{flags}\" cargo {}", arguments.join(" "));
    finish(Command::new(env!("CARGO")).args(arguments).env("RUSTDOCFLAGS", flags))
}

fn finish(command: &mut Command) -> Result<(), String> {
    let status = command.current_dir(workspace::root()).status().map_err(|error| format!("could not be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(status.to_string()) }
}

fn shown(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 { format!("{:.1} s", took.as_secs_f64()) } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(shown(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(shown(Duration::from_secs(605)), "10 min 05 s");
    }
}
