//! Words and names that have no place in the project.

use super::Findings;
use crate::workspace::SourceFile;

/// One a line: a word, a tab, why not. Its own file, so that the words stand nowhere else.
const FORBIDDEN: &str = include_str!("../../forbidden_words.tsv");
/// The file itself.
const LIST: &str = "xtask/forbidden_words.tsv";
/// Where a word stands for a reason: path and word.
const EXCEPTIONS: [(&str, &str); 0] = [];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["util", "utils", "helper", "helpers", "common"];

pub fn check(files: &[SourceFile], findings: &mut Findings) {
    check_words(files, &forbidden(), &EXCEPTIONS, findings);
    check_names(files, findings);
}

fn forbidden() -> Vec<(&'static str, &'static str)> {
    FORBIDDEN.lines().filter_map(|line| line.split_once('\t')).collect()
}

fn check_words(files: &[SourceFile], forbidden: &[(&str, &str)], exceptions: &[(&str, &str)], findings: &mut Findings) {
    let mut used = vec![false; exceptions.len()];
    for file in files.iter().filter(|file| file.path != LIST && !file.path.ends_with(".lock")) {
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
}
