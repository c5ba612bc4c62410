//! Names of medicines from the FDA's register of substances: brand names and official names.

use std::collections::BTreeSet;
use std::path::Path;

use super::names::People;
use super::{Words, by_hand};

/// Medicines that are common words of English texts, and stay.
const KEPT: &str = include_str!("drugs_kept.txt");
/// Foods, plants, household goods and the like, which the register also names.
const NOT_MEDICINES: &str = include_str!("not_drugs.txt");
/// A word counted this often is a word of every day, whatever the register says.
const COMMON: u64 = 500_000;
const SHORTEST: usize = 3;
const LONGEST: usize = 30;
const MOST_WORDS: usize = 3;

/// Brand and official names of 3 to 30 letters that are not ordinary words or names of people.
pub fn cut(path: &Path, words: &Words, people: &People) -> Result<Vec<String>, String> {
    let kept: BTreeSet<&str> = by_hand(KEPT).collect();
    let dropped: BTreeSet<&str> = by_hand(NOT_MEDICINES).collect();
    let common = |word: &str| {
        dropped.contains(word) || (!kept.contains(word) && (word.len() < 3 || words.get(word).is_some_and(|count| *count >= COMMON)))
    };
    let mut names = BTreeSet::new();
    for line in super::read(path)?.lines() {
        let mut fields = line.split('\t');
        let (Some(name), Some("bn" | "of")) = (fields.next(), fields.next()) else { continue };
        let name = name.to_lowercase().replace('-', " ");
        if !(SHORTEST..=LONGEST).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ') {
            continue;
        }
        let parts: Vec<&str> = name.split_whitespace().collect();
        let is_person = parts.len() == 1 && people.contains_key(parts[0]) && !kept.contains(parts[0]);
        if parts.is_empty() || parts.len() > MOST_WORDS || is_person || parts.iter().all(|part| common(part)) {
            continue;
        }
        if parts.len() > 1 && parts.iter().any(|part| dropped.contains(part)) {
            continue;
        }
        names.insert(parts.join(" "));
    }
    Ok(names.into_iter().collect())
}
