//! Illnesses and complaints from ICD-10-CM: what a code is called, and what it includes.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Words, by_hand};

/// Words that alone, or only with one another, name no illness.
const GENERIC: &str = include_str!("generic_conditions.txt");
/// Everyday words that do name an illness or an injury.
const TELLING: &str = include_str!("telling_conditions.txt");
const COMMON: u64 = 4_000_000;
const MOST_WORDS: usize = 4;
/// Chapters that tell how something came about or why one comes, not what one has.
const CAUSES: [char; 5] = ['U', 'V', 'W', 'X', 'Y'];

/// Phrases of one to four words.
pub fn cut(path: &Path, words: &Words) -> Result<Vec<String>, String> {
    let generic: BTreeSet<&str> = by_hand(GENERIC).collect();
    let telling: BTreeSet<&str> = by_hand(TELLING).collect();
    let says_nothing = |word: &str| {
        word.len() < 3 || generic.contains(word) || (!telling.contains(word) && words.get(word).is_some_and(|count| *count >= COMMON))
    };
    let mut phrases = BTreeSet::new();
    let mut code = String::new();
    let mut included = false;
    for line in super::read(path)?.lines() {
        let line = line.trim();
        match line {
            "<inclusionTerm>" | "<includes>" => included = true,
            "</inclusionTerm>" | "</includes>" => included = false,
            _ => {}
        }
        if let Some(name) = element(line, "name") {
            code = name.to_owned();
            continue;
        }
        let text = element(line, "desc").or_else(|| element(line, "note").filter(|_| included));
        let Some(text) = text else { continue };
        if code.is_empty() || code.starts_with('Z') || code.starts_with(CAUSES) {
            continue;
        }
        if let Some(phrase) = phrase(text)
            && !phrase.split(' ').all(says_nothing)
            && phrase.split(' ').any(|word| word.len() > 2)
        {
            phrases.insert(phrase);
        }
    }
    Ok(phrases.into_iter().collect())
}

/// What stands between the tags of an element on one line.
fn element<'a>(line: &'a str, tag: &str) -> Option<&'a str> {
    line.strip_prefix(&format!("<{tag}>")).and_then(|rest| rest.strip_suffix(&format!("</{tag}>")))
}

/// The head of a description: no brackets, nothing behind a comma, none of the register's own words.
fn phrase(text: &str) -> Option<String> {
    let mut depth = 0_u32;
    let bare: String = text
        .chars()
        .filter(|letter| {
            match letter {
                '(' | '[' => depth += 1,
                ')' | ']' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect();
    let lower = bare.to_lowercase();
    let head = lower.split([',', ';', ':']).next().unwrap_or_default().replace(['-', '\u{2019}'], " ").replace("'s", "");
    let parts: Vec<&str> = head.split_whitespace().filter(|word| !matches!(*word, "nos" | "nec" | "unspecified")).collect();
    let mut parts = parts.as_slice();
    while let ["other" | "specified" | "certain" | "acute" | "chronic" | "unilateral" | "bilateral" | "any", rest @ ..] = parts {
        parts = rest;
    }
    let plain = parts.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    let dangling = matches!(parts.first(), Some(&("and" | "or" | "of" | "with" | "in" | "to" | "by")))
        || parts.last().is_some_and(|word| matches!(*word, "and" | "or" | "of" | "with" | "in" | "to" | "by" | "the"));
    let joined = parts
        .iter()
        .any(|word| matches!(*word, "encounter" | "other" | "elsewhere" | "classified" | "sequela" | "sequelae" | "type" | "stage"));
    ((1..=MOST_WORDS).contains(&parts.len()) && plain && !dangling && !joined).then(|| parts.join(" "))
}
