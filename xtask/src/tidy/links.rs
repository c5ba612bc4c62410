//! Links in documents: the file is there, the heading is there, and the test that a link names is in the file that it points to.

use super::Findings;
use crate::workspace::{self, SourceFile};

struct Link<'a> {
    label: &'a str,
    target: &'a str,
    line: usize,
}

pub fn check(files: &[SourceFile], findings: &mut Findings) {
    let mut count = 0;
    for file in files.iter().filter(|file| file.has_extension("md")) {
        for link in links(&file.text) {
            count += 1;
            if let Err(why) = resolve(file, &link, files) {
                findings.fail(format!("{}:{} {why}", file.path, link.line));
            }
        }
    }
    findings.note(format!("{count} links in documents"));
}

fn resolve(from: &SourceFile, link: &Link<'_>, files: &[SourceFile]) -> Result<(), String> {
    let target = link.target;
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { from.path.clone() } else { joined(&from.path, path) };
    let Some(found) = files.iter().find(|file| file.path == path) else {
        // Folders and pictures.
        return if workspace::path(&path).exists() { Ok(()) } else { Err(format!("links to {target}, which is not there")) };
    };
    if let Some(anchor) = anchor
        && !headings(&found.text).any(|heading| heading == anchor)
    {
        return Err(format!("links to {target}, and there is no such heading"));
    }
    if found.has_extension("rs") {
        let name = link.label.trim_matches('`');
        let test = name.contains('_') && name.chars().all(|ch| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '_');
        if test && !found.text.contains(&format!("fn {name}(")) {
            return Err(format!("names `{name}`, which is not in {path}"));
        }
    }
    Ok(())
}

fn joined(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Links outside code: `[label](target)`.
fn links(text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (n, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let mut rest = line;
        while let Some(middle) = rest.find("](") {
            let label = &rest[..middle];
            let label = label.rfind('[').map_or(label, |start| &label[start + 1..]);
            let after = &rest[middle + 2..];
            let Some(end) = after.find(')') else { break };
            found.push(Link { label, target: &after[..end], line: n + 1 });
            rest = &after[end..];
        }
    }
    found
}

/// The anchors of the headings, as they are commonly made.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title
            .chars()
            .filter(|ch| ch.is_alphanumeric() || matches!(ch, ' ' | '-' | '_'))
            .map(|ch| if ch == ' ' { '-' } else { ch })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn failures(text: &str) -> Vec<String> {
        let files = [
            file("docs/a.md", text),
            file("docs/b.md", "# One Title, Two\n"),
            file("crates/x/tests/all.rs", "#[test]\nfn a_test_that_is_here() {}\n"),
        ];
        let mut findings = Findings::default();
        check(&files, &mut findings);
        findings.failures
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        assert!(
            failures("[b](b.md), [b](./b.md#one-title-two), [o](https://example.com/x), [root](../Cargo.toml), [self](#here)\n# Here\n")
                .is_empty()
        );
        assert!(failures("[`a_test_that_is_here`](../crates/x/tests/all.rs)").is_empty());
        assert!(failures("```\n[x](nowhere.md)\n```\n").is_empty());
    }

    #[test]
    fn links_that_lead_nowhere_fail() {
        assert!(failures("text [c](c.md)")[0].starts_with("docs/a.md:1 links to c.md"));
        assert!(failures("[b](b.md#two)")[0].contains("no such heading"));
        assert!(failures("[`a_test_that_is_gone`](../crates/x/tests/all.rs)")[0].contains("a_test_that_is_gone"));
    }
}
