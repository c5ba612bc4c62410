//! The lengths of source files.

use super::Findings;
use crate::workspace::SourceFile;

const LONG: usize = 500;
const TOO_LONG: usize = 800;
/// Tables that were made by a program.
const TABLES: [&str; 1] = ["crates/wellsent-text/src/phone/area_codes.rs"];

pub fn check(files: &[SourceFile], findings: &mut Findings) {
    let mut lines = 0;
    let mut count = 0;
    for file in files.iter().filter(|file| file.has_extension("rs")) {
        let length = file.text.lines().count();
        lines += length;
        count += 1;
        if TABLES.contains(&file.path.as_str()) {
            continue;
        }
        match length {
            ..=LONG => {}
            _ if length <= TOO_LONG => {
                findings.warn(format!("{} has {length} lines; a file holds one concept in at most about {LONG}", file.path))
            }
            _ => findings.fail(format!("{} has {length} lines, and {TOO_LONG} is the limit: split it by concepts", file.path)),
        }
    }
    findings.note(format!("{count} Rust files, {lines} lines"));
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_long_file_warns_a_longer_one_fails_and_a_table_may_be_long() {
        let mut findings = Findings::default();
        let files = [
            file("a.rs", &"\n".repeat(500)),
            file("b.rs", &"\n".repeat(501)),
            file("c.rs", &"\n".repeat(801)),
            file("d.css", &"\n".repeat(900)),
            file(TABLES[0], &"\n".repeat(900)),
        ];
        check(&files, &mut findings);
        assert!(findings.warnings.len() == 1 && findings.warnings[0].starts_with("b.rs"));
        assert!(findings.failures.len() == 1 && findings.failures[0].starts_with("c.rs"));
    }
}
