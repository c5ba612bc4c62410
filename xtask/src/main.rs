//! Automation of this workspace: `cargo xtask ci | tidy | openapi`.

mod ci;
mod metadata;
mod openapi;
mod tidy;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  ci                 everything that a change must pass: format, lints, documentation, tests, tidy, OpenAPI
  ci --quick         the same with unit tests only
  tidy               what the compiler does not check: arrows, file lengths, words, statements, licences, migrations, links
  openapi            compare docs/openapi.json with the program's own document
  openapi --write    bring docs/openapi.json up to date
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["ci"] => ci::run(ci::Extent::Everything),
        ["ci", "--quick"] => ci::run(ci::Extent::UnitTests),
        ["tidy"] => tidy::run(),
        ["openapi"] => openapi::check(),
        ["openapi", "--write"] => openapi::write(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
