//! Statements that differ between the engines.
//!
//! ARCHITECTURE.md lists them. The list only shrinks without a reason: a pair that is new has to be entered there with one.

use super::{Findings, table};
use crate::workspace::SourceFile;
use std::collections::BTreeSet;

const STORE: &str = "crates/wellsent-store/src/";

pub fn check(files: &[SourceFile], architecture: &str, findings: &mut Findings) {
    let Some(rows) = table::rows(architecture, &["statement", "why it differs"]) else {
        findings.fail("ARCHITECTURE.md has no table with the header | statement | why it differs |");
        return;
    };
    let listed: BTreeSet<String> = rows.iter().flat_map(|row| table::quoted(row[0])).map(str::to_owned).collect();
    let real: BTreeSet<String> =
        files.iter().filter(|file| file.path.starts_with(STORE) && file.has_extension("rs")).flat_map(pairs).collect();
    for name in real.difference(&listed) {
        findings.fail(format!(
            "the statement {name} differs between the engines; write one text for both, or enter it in ARCHITECTURE.md with the reason"
        ));
    }
    for name in listed.difference(&real) {
        findings.fail(format!("ARCHITECTURE.md lists the statement {name}, which does not differ between the engines: remove the line"));
    }
    findings.note(format!("{} statements that differ between the engines", real.len()));
}

/// The pairs of a file, as `module::NAME`.
fn pairs(file: &SourceFile) -> impl Iterator<Item = String> {
    let module = file.path.trim_start_matches(STORE).trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    file.text.lines().filter_map(move |line| {
        let (before, after) = line.split_once('=')?;
        let name = before.split_whitespace().last()?;
        let constant = name.chars().all(|ch| ch.is_ascii_uppercase() || ch.is_ascii_digit() || ch == '_');
        (constant && after.trim_start().starts_with("sqlite \"")).then(|| format!("{module}::{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const STATEMENTS: &str =
        "    ONE = \"SELECT 1 = 1\";\n    pub(crate) TWO = sqlite \"SELECT 2\"\n        postgres \"SELECT 2::BIGINT\";\n";

    fn failures(listed: &str) -> Vec<String> {
        let mut findings = Findings::default();
        let files = [file("crates/wellsent-store/src/views/day.rs", STATEMENTS), file("crates/other/src/a.rs", STATEMENTS)];
        check(&files, &format!("| statement | why it differs |\n|---|---|\n{listed}"), &mut findings);
        findings.failures
    }

    #[test]
    fn a_pair_that_is_listed_passes() {
        assert!(failures("| `views::day::TWO` | because |\n").is_empty());
    }

    #[test]
    fn a_new_pair_fails_and_so_does_a_line_that_is_not_needed() {
        assert!(failures("")[0].contains("views::day::TWO"));
        assert!(failures("| `views::day::TWO` | |\n| `views::day::ONE` | |\n")[0].contains("remove the line"));
    }
}
