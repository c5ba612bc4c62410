//! Given names and surnames with how common each is, and which of them are ordinary words too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Words, by_hand};

const GIVEN_BY_HAND: &str = include_str!("given_names.txt");
const SURNAMES_BY_HAND: &str = include_str!("surnames.txt");
/// Names that are ordinary words although they are also very common names.
const WORDS_BY_HAND: &str = include_str!("names_that_are_words.txt");

/// How many surnames of the census are kept.
const SURNAMES: usize = 20_000;
/// About how often a name is counted in running text for every percent of people that bear it.
const TEXT_PER_PERCENT: f64 = 80e6;

/// What is known about one name.
#[derive(Debug, Default, Clone, Copy)]
pub struct Person {
    /// Percent of people with this given name.
    pub given: f64,
    /// Percent of people with this surname.
    pub surname: f64,
    /// Whether it is a word of every day too.
    pub is_word: bool,
}

/// Names in small letters without accents.
pub type People = BTreeMap<String, Person>;

/// Reads the census and what was added by hand.
pub fn read(folder: &Path, words: &Words) -> Result<People, String> {
    let mut people = People::new();
    for list in ["dist.female.first", "dist.male.first"] {
        for (name, percent) in census(&folder.join(list))? {
            let person = people.entry(name).or_default();
            person.given = person.given.max(percent);
        }
    }
    for (name, percent) in census(&folder.join("dist.all.last"))?.into_iter().take(SURNAMES) {
        people.entry(name).or_default().surname = percent;
    }
    for name in by_hand(GIVEN_BY_HAND) {
        let person = people.entry(name.to_owned()).or_default();
        person.given = person.given.max(0.03);
    }
    for name in by_hand(SURNAMES_BY_HAND) {
        let person = people.entry(name.to_owned()).or_default();
        person.surname = person.surname.max(0.01);
    }
    people.retain(|name, _| name.len() > 1);
    let listed: BTreeSet<&str> =
        by_hand(WORDS_BY_HAND).chain(by_hand(super::words::SPANISH)).chain(by_hand(super::words::TEXTING)).collect();
    for (name, person) in &mut people {
        let expected = TEXT_PER_PERCENT * (person.given + person.surname).max(0.02) * 4.0;
        let counted = words.get(name).copied().unwrap_or_default();
        person.is_word = listed.contains(name.as_str()) || counted as f64 > expected;
    }
    Ok(people)
}

/// `name<TAB>number`: the number is `100 * given + 10 * surname`, each a level from 0 (never) to 9 (very common), and 1 more when
/// the name is also a word.
pub fn lines(people: &People) -> Vec<String> {
    people
        .iter()
        .map(|(name, person)| {
            let number = 100 * u16::from(level(person.given)) + 10 * u16::from(level(person.surname)) + u16::from(person.is_word);
            format!("{name}\t{number}")
        })
        .collect()
}

fn level(percent: f64) -> u8 {
    if percent <= 0.0 {
        return 0;
    }
    (1.0 + 2.28 * (percent / 0.001).log10()).clamp(1.0, 9.0) as u8
}

fn census(path: &Path) -> Result<Vec<(String, f64)>, String> {
    let text = super::read(path)?;
    let rows = text.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        Some((fields.next()?.to_ascii_lowercase(), fields.next()?.parse().ok()?))
    });
    Ok(rows.collect())
}
