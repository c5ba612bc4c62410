//! Migrations are frozen once they are released: an installation that has run one will never see it changed.
//!
//! `frozen.txt` beside them holds a line `HASH FILE` for each released file, the hash as `git hash-object` prints it.

use super::{Findings, text_of};
use crate::workspace::{self, SourceFile};
use std::process::Command;

const FOLDER: &str = "crates/wellsent-store/migrations/";

pub fn check(files: &[SourceFile], findings: &mut Findings) {
    if !released(text_of(files, "CHANGELOG.md")) {
        findings.note("no release yet, so migrations are not frozen");
        return;
    }
    let frozen = text_of(files, &format!("{FOLDER}frozen.txt"));
    if frozen.trim().is_empty() {
        findings.fail(format!("there is a release, and {FOLDER}frozen.txt holds no migrations"));
    }
    for line in frozen.lines() {
        let Some((hash, name)) = line.split_once(' ') else {
            findings.fail(format!("{FOLDER}frozen.txt: `{line}` is not HASH FILE"));
            continue;
        };
        match hash_of(&format!("{FOLDER}{name}")) {
            Ok(found) if found == hash => {}
            Ok(_) => findings.fail(format!("{FOLDER}{name} is released and was changed; write a new migration instead")),
            Err(error) => findings.fail(format!("{FOLDER}{name}: {error}")),
        }
    }
}

/// Whether the change log has a version: a heading of the second level that begins with a digit.
fn released(changelog: &str) -> bool {
    changelog.lines().filter_map(|line| line.strip_prefix("## ")).any(|title| title.starts_with(|ch: char| ch.is_ascii_digit()))
}

fn hash_of(path: &str) -> Result<String, String> {
    let output = Command::new("git")
        .args(["hash-object", path])
        .current_dir(workspace::root())
        .output()
        .map_err(|error| format!("git could not be run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_version_in_the_change_log_is_a_release() {
        assert!(!released("# Changes\n\n## Unreleased\n"));
        assert!(released("# Changes\n\n## Unreleased\n\n## 0.1.0 (2027-01-04)\n"));
    }

    #[test]
    fn after_a_release_the_list_must_exist() {
        let mut findings = Findings::default();
        check(&[file("CHANGELOG.md", "## 1.0.0\n")], &mut findings);
        assert_eq!(findings.failures.len(), 1);
        let mut findings = Findings::default();
        check(&[file("CHANGELOG.md", "## Unreleased\n")], &mut findings);
        assert!(findings.failures.is_empty());
    }
}
