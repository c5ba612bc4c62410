//! The arrows between the crates, held against the table in ARCHITECTURE.md.
//!
//! The table says which of our crates a crate is built from, and which foreign ones it must never be built from. Dependencies of tests are
//! free.

use super::{Findings, table};
use crate::metadata::Package;
use std::collections::BTreeSet;

/// What no crate is built from: they are for tests and for automation.
const NEVER_BENEATH: [&str; 3] = ["wellsent-peers", "wellsent-testkit", "xtask"];

pub fn check(architecture: &str, packages: &[Package], findings: &mut Findings) {
    let Some(rows) = table::rows(architecture, &["crate", "is built from", "never from"]) else {
        findings.fail("ARCHITECTURE.md has no table with the header | crate | is built from | never from |");
        return;
    };
    let ours: BTreeSet<&str> = packages.iter().filter(|package| package.ours).map(|package| package.name.as_str()).collect();
    let mut arrows = 0;
    for package in packages.iter().filter(|package| package.ours) {
        let name = package.name.as_str();
        let real: BTreeSet<&str> = package.uses.iter().map(String::as_str).filter(|used| ours.contains(used)).collect();
        arrows += real.len();
        for used in NEVER_BENEATH.into_iter().filter(|used| real.contains(used)) {
            findings.fail(format!("{name} is built from {used}, which is for tests and automation only"));
        }
        let Some(row) = rows.iter().find(|row| table::quoted(row[0]).next() == Some(name)) else {
            findings.fail(format!("the table of arrows in ARCHITECTURE.md does not name {name}"));
            continue;
        };
        let listed: BTreeSet<&str> = row.get(1).map(|cell| table::quoted(cell).collect()).unwrap_or_default();
        for used in real.difference(&listed) {
            findings.fail(format!("{name} is built from {used}, and the table of arrows in ARCHITECTURE.md does not allow it"));
        }
        for used in listed.difference(&real) {
            findings.fail(format!("the table of arrows in ARCHITECTURE.md says that {name} is built from {used}, and it is not"));
        }
        for banned in row.get(2).into_iter().flat_map(|cell| table::quoted(cell)) {
            if package.uses.contains(banned) {
                findings.fail(format!("{name} is built from {banned}, which the table of arrows in ARCHITECTURE.md rules out"));
            }
        }
    }
    for row in &rows {
        for gone in table::quoted(row[0]).filter(|name| !ours.contains(name)) {
            findings.fail(format!("the table of arrows in ARCHITECTURE.md names {gone}, which is no crate of ours"));
        }
    }
    findings.note(format!("{} crates, {arrows} arrows between them", ours.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, ours: bool, uses: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: "1".to_owned(),
            licence: None,
            ours,
            uses: uses.iter().map(|used| (*used).to_owned()).collect(),
        }
    }

    fn failures(table: &str, packages: &[Package]) -> Vec<String> {
        let mut findings = Findings::default();
        check(&format!("| crate | is built from | never from |\n|---|---|---|\n{table}"), packages, &mut findings);
        findings.failures
    }

    #[test]
    fn arrows_that_are_listed_pass() {
        let packages = [package("a", true, &["b", "serde"]), package("b", true, &[]), package("serde", false, &[])];
        assert!(failures("| `a` | `b` | `tokio` |\n| `b` | none of ours | |\n", &packages).is_empty());
    }

    #[test]
    fn an_arrow_that_is_not_listed_fails_and_so_does_a_listed_one_that_is_not_real() {
        let packages = [package("a", true, &["b"]), package("b", true, &[])];
        assert!(failures("| `a` | | |\n| `b` | | |\n", &packages)[0].contains("does not allow it"));
        assert!(failures("| `a` | `b` | |\n| `b` | `a` | |\n", &packages)[0].contains("and it is not"));
    }

    #[test]
    fn a_foreign_crate_that_is_ruled_out_fails() {
        let packages = [package("a", true, &["tokio"])];
        assert!(failures("| `a` | | `serde`, `tokio` |\n", &packages)[0].contains("rules out"));
    }

    #[test]
    fn nothing_is_built_from_the_testkit_even_if_listed() {
        let packages = [package("a", true, &["wellsent-testkit"]), package("wellsent-testkit", true, &[])];
        assert_eq!(failures("| `a` | `wellsent-testkit` | |\n| `wellsent-testkit` | | |\n", &packages).len(), 1);
    }

    #[test]
    fn crates_and_rows_must_match() {
        let packages = [package("a", true, &[])];
        let found = failures("| `b` | | |\n", &packages);
        assert!(found[0].contains("does not name a") && found[1].contains("no crate of ours"));
    }
}
