//! Words and names that have no place in the project.

use super::Findings;
use crate::workspace::SourceFile;

/// One a line: a word, a tab, why not. Its own file, so that the words stand nowhere else.
const FORBIDDEN: &str = include_str!("../../forbidden_words.tsv");
/// The file itself.
const LIST: &str = "xtask/forbidden_words.tsv";
/// The exceptions name words, too.
const HERE: &str = "xtask/src/tidy/words.rs";
/// Where a word stands for a reason: path and word.
const EXCEPTIONS: [(&str, &str); 2] = [
    // Run as a child process by the other tests of its file.
    ("crates/wellsent-store/tests/all/power.rs", "#[ignore"),
    // Writes the pages into a folder, for looking at them.
    ("crates/wellsent-web/src/console/view/tests.rs", "#[ignore"),
];
/// Settings are read once, by the binary. Beside it, these read the environment.
const READS_ENVIRONMENT: [&str; 4] = ["crates/wellsent/", "crates/wellsent-testkit/", "xtask/", "crates/wellsent-vault/src/source.rs"];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["util", "utils", "helper", "helpers", "common"];

pub fn check(files: &[SourceFile], findings: &mut Findings) {
    check_words(files, &forbidden(), &EXCEPTIONS, findings);
    check_names(files, findings);
    check_environment(files, findings);
}

fn forbidden() -> Vec<(&'static str, &'static str)> {
    FORBIDDEN.lines().filter_map(|line| line.split_once('\t')).collect()
}

fn check_words(files: &[SourceFile], forbidden: &[(&str, &str)], exceptions: &[(&str, &str)], findings: &mut Findings) {
    let mut used = vec![false; exceptions.len()];
    for file in files.iter().filter(|file| file.path != LIST && file.path != HERE && !file.path.ends_with(".lock")) {
        for (n, line) in file.text.lines().enumerate() {
            for (word, why) in forbidden.iter().filter(|(word, _)| line.contains(word)) {
                match exceptions.iter().position(|exception| *exception == (file.path.as_str(), *word)) {
                    Some(position) => used[position] = true,
                    None => findings.fail(format!("{}:{} holds `{word}`: {why}", file.path, n + 1)),
                }
            }
        }
    }
    for ((path, word), _) in exceptions.iter().zip(used).filter(|(_, used)| !used) {
        findings.fail(format!("{path} no longer holds `{word}`: remove the exception from xtask/src/tidy/words.rs"));
    }
}

fn check_names(files: &[SourceFile], findings: &mut Findings) {
    for file in files.iter().filter(|file| file.has_extension("rs")) {
        let name = file.path.trim_end_matches(".rs").trim_end_matches("/mod").rsplit('/').next().unwrap_or_default();
        if EMPTY_NAMES.contains(&name) {
            findings.fail(format!("{} is named for nothing: name it after the concept that it holds", file.path));
        }
    }
}

fn check_environment(files: &[SourceFile], findings: &mut Findings) {
    let is_test = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs");
    // A build script is told its folders in no other way.
    let is_build = |path: &str| path.ends_with("/build.rs");
    let may = |path: &str| is_test(path) || is_build(path) || READS_ENVIRONMENT.iter().any(|place| path.starts_with(place));
    for file in files.iter().filter(|file| file.has_extension("rs") && !may(&file.path)) {
        if let Some((n, _)) = file.text.lines().enumerate().find(|(_, line)| line.contains("env::var")) {
            findings.fail(format!("{}:{} reads the environment; settings come from the binary, as arguments", file.path, n + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_forbidden_word_fails_where_it_stands_unless_it_is_an_exception() {
        let files = [file("a.rs", "fine\nxyzzy here"), file("b.rs", "xyzzy")];
        let mut findings = Findings::default();
        check_words(&files, &[("xyzzy", "magic")], &[("b.rs", "xyzzy")], &mut findings);
        assert_eq!(findings.failures, ["a.rs:2 holds `xyzzy`: magic"]);
    }

    #[test]
    fn an_exception_that_is_not_needed_fails() {
        let mut findings = Findings::default();
        check_words(&[], &[("xyzzy", "magic")], &[("b.rs", "xyzzy")], &mut findings);
        assert_eq!(findings.failures.len(), 1);
    }

    #[test]
    fn the_list_is_read() {
        assert!(forbidden().len() > 3);
        assert_eq!(forbidden().len(), FORBIDDEN.lines().count(), "every line has a tab");
    }

    #[test]
    fn a_module_must_be_named_for_what_it_holds() {
        let mut findings = Findings::default();
        check_names(&[file("a/src/utils.rs", ""), file("a/src/common/mod.rs", ""), file("a/src/commonplace.rs", "")], &mut findings);
        assert_eq!(findings.failures.len(), 2);
    }

    #[test]
    fn only_the_binary_and_tests_read_the_environment() {
        let read = "let level = std::env::var(\"LEVEL\");";
        let paths = ["crates/wellsent/src/config.rs", "crates/wellsent-db/tests/a.rs", "crates/wellsent-web/src/view/tests.rs"];
        let mut findings = Findings::default();
        check_environment(&paths.map(|path| file(path, read)), &mut findings);
        assert!(findings.failures.is_empty());
        check_environment(&[file("crates/wellsent-db/src/db.rs", read)], &mut findings);
        assert_eq!(findings.failures.len(), 1);
    }
}
