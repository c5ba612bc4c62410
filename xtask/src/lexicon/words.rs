//! Ordinary words, with how common each is. They decide which names and medicines are also words of every day.

use std::path::Path;

use super::names::People;
use super::{Words, by_hand};

/// Spanish words of every day, by hand.
pub const SPANISH: &str = include_str!("words_es.txt");
/// Words of text messages that books do not have, by hand.
pub const TEXTING: &str = include_str!("words_texting.txt");

/// Words below this count are rare enough to say nothing.
const RARE: u64 = 700_000;

/// Reads the counts.
pub fn read(path: &Path) -> Result<Words, String> {
    let mut words = Words::new();
    for line in super::read(path)?.lines() {
        let mut fields = line.trim_start_matches('\u{feff}').split_whitespace();
        if let (Some(word), Some(Ok(count))) = (fields.next(), fields.next().map(str::parse)) {
            words.insert(word.to_owned(), count);
        }
    }
    Ok(words)
}

/// `word<TAB>level`, 1 rare to 9 very common, names left out that are not words as well.
pub fn lines(words: &Words, people: &People) -> Vec<String> {
    let mut levels: std::collections::BTreeMap<&str, u32> = words
        .iter()
        .filter(|(word, count)| **count >= RARE && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .filter(|(word, _)| people.get(*word).is_none_or(|person| person.is_word))
        .map(|(word, count)| (word.as_str(), level(*count)))
        .collect();
    for word in by_hand(SPANISH).chain(by_hand(TEXTING)) {
        let level = levels.entry(word).or_insert(6);
        *level = (*level).max(6);
    }
    levels.iter().map(|(word, level)| format!("{word}\t{level}")).collect()
}

fn level(count: u64) -> u32 {
    ((count / RARE).ilog2() / 2 + 1).min(9)
}
