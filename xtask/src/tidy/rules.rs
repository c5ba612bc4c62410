//! Rules that the code cites are explained in docs/RULES.md.

use super::{Findings, text_of};
use crate::workspace::SourceFile;
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = "docs/RULES.md";
const KINDS: [&str; 6] = ["H", "T", "C", "TW", "N", "M"];

pub fn check(files: &[SourceFile], findings: &mut Findings) {
    let explained: BTreeSet<&str> = ids(text_of(files, DOCUMENT)).collect();
    let mut cited: BTreeMap<&str, &str> = BTreeMap::new();
    let code =
        files.iter().filter(|file| file.path.starts_with("crates/") && ["rs", "sql", "toml"].iter().any(|kind| file.has_extension(kind)));
    for file in code {
        for id in ids(&file.text) {
            cited.entry(id).or_insert(&file.path);
        }
    }
    for (id, path) in cited.iter().filter(|(id, _)| !explained.contains(**id)) {
        findings.fail(format!("{path} cites {id}, which {DOCUMENT} does not explain"));
    }
    findings.note(format!("{} rules cited", cited.len()));
}

/// Words such as `T-08`, `TW-13` and `H-28k`.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|ch: char| !ch.is_ascii_alphanumeric() && ch != '-').filter(|word| is_id(word))
}

fn is_id(word: &str) -> bool {
    let Some((kind, number)) = word.split_once('-') else { return false };
    let number = number.strip_suffix(|ch: char| ch.is_ascii_lowercase()).unwrap_or(number);
    KINDS.contains(&kind) && number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn ids_are_told_from_other_words() {
        let text = "(T-08), H-28k; TW-13. UTF-16 GSM-7 T-1 C-130 C-13/C-14 x-T-08";
        assert_eq!(ids(text).collect::<Vec<_>>(), ["T-08", "H-28k", "TW-13", "C-13", "C-14"]);
    }

    #[test]
    fn a_rule_that_is_not_explained_fails() {
        let mut findings = Findings::default();
        check(&[file("crates/a/src/b.rs", "// T-08, T-99"), file(DOCUMENT, "| T-08 | x |")], &mut findings);
        assert_eq!(findings.failures, ["crates/a/src/b.rs cites T-99, which docs/RULES.md does not explain"]);
    }
}
