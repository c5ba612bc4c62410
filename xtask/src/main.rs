//! Automation of this workspace: `cargo xtask ci | tidy | openapi`.

mod ci;
mod guard;
mod lexicon;
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
  lexicon            cut the lists of the PHI guard anew from their public-domain sources (needs python3, pip and the network)
  guard train [FILE...]    train the guard's models on marked texts and write their weights
  guard train-names [FILE...]    train the model of names on marked texts and write its weights
  guard cross-names FILE... [--errors]    how well identifiers are found in each file with a model trained on the others
  guard score FILE [--errors]   how well the guard does on marked texts, and which it gets wrong
  guard cross FILE... [--errors]   the same for each file with models trained on the others
  guard speed [FILE...]    how long the guard takes for a text and to start (build with --release)
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
        ["lexicon"] => lexicon::run(),
        ["openapi"] => openapi::check(),
        ["openapi", "--write"] => openapi::write(),
        ["guard", "train", paths @ ..] => guard::train(paths),
        ["guard", "train-names", paths @ ..] => guard::train_names(paths),
        ["guard", "cross-names", paths @ .., "--errors"] => guard::cross_names(paths, true),
        ["guard", "cross-names", paths @ ..] => guard::cross_names(paths, false),
        ["guard", "score", path] => guard::score(path, false),
        ["guard", "score", path, "--errors"] => guard::score(path, true),
        ["guard", "speed", paths @ ..] => guard::speed(paths),
        ["guard", "cross", paths @ .., "--errors"] => guard::cross(paths, true),
        ["guard", "cross", paths @ ..] => guard::cross(paths, false),
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
