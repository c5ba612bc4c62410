//! The `wellsent` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    wellsent::commands::run()
}
