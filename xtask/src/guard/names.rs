//! The model of names: training, and how well identifiers of every kind are found with it.

use super::corpus::{self, Example};
use super::learner::{Book, Row, Settings, learn};
use super::{TRAINING_TEXTS, WEIGHTS};
use std::collections::BTreeMap;
use std::fmt::Write;
use wellsent_text::guard::training::{Weights, identifiers_with, name_features};
use wellsent_text::guard::{Category, Span};

const SETTINGS: Settings = Settings { rate: 0.15, l1: 0.4, l2: 0.3, rounds: 16, orders: 1, yes: 1.0 };

struct Prepared {
    book: Book,
    /// For every example its words.
    words: Vec<Vec<Row>>,
    answers: Vec<Vec<bool>>,
}

fn prepare(examples: &[Example]) -> Prepared {
    let mut book = Book::default();
    let (mut words, mut answers) = (Vec::new(), Vec::new());
    let mut changed = Changed::new();
    for example in examples {
        let is_name =
            |start: u32, end: u32| example.spans.iter().any(|span| span.category == Category::Name && span.start < end && start < span.end);
        let (mut rows, mut said) = (Vec::new(), Vec::new());
        for ((start, end), features) in name_features(&example.text, is_name) {
            rows.push(book.row(features));
            said.push(is_name(start, end));
        }
        // The same text with other names teaches that it is the place of a name that counts.
        for _ in 0..COPIES {
            let Some(copy) = changed.copy(example) else { break };
            let is_name = |start: u32, end: u32| {
                copy.spans.iter().any(|span| span.category == Category::Name && span.start < end && start < span.end)
            };
            for ((start, end), features) in name_features(&copy.text, is_name) {
                rows.push(book.row(features));
                said.push(is_name(start, end));
            }
        }
        // The same text written without capitals, or with nothing else.
        let other_case: Option<fn(char) -> char> = match words.len() % 12 {
            0 | 6 => Some(|ch| if ch.is_alphabetic() { ch.to_lowercase().next().unwrap_or(ch) } else { ch }),
            3 => Some(|ch| if ch.is_alphabetic() { ch.to_uppercase().next().unwrap_or(ch) } else { ch }),
            _ => None,
        };
        if let Some(other_case) = other_case {
            let text: String = example.text.chars().map(other_case).collect();
            for ((start, end), features) in name_features(&text, is_name) {
                rows.push(book.row(features));
                said.push(is_name(start, end));
            }
        }
        words.push(rows);
        answers.push(said);
    }
    for rows in &mut words {
        book.prune(rows, 2);
    }
    Prepared { book, words, answers }
}

/// How many copies with other names a text with names gets.
const COPIES: usize = 1;

/// Puts other names into texts, always the same ones.
struct Changed {
    given: Vec<String>,
    surnames: Vec<String>,
    state: u64,
}

impl Changed {
    fn new() -> Self {
        let path = crate::workspace::path("crates/wellsent-text/lexicon/derived/name_people.txt");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let (mut given, mut surnames) = (Vec::new(), Vec::new());
        for (name, number) in text.lines().filter_map(|line| line.split_once('\t')) {
            let number: u32 = number.parse().unwrap_or_default();
            if number / 100 >= 3 && number.is_multiple_of(10) {
                given.push(name.to_owned());
            }
            if number / 10 % 10 >= 2 && number.is_multiple_of(10) {
                surnames.push(name.to_owned());
            }
        }
        Self { given, surnames, state: 0x2545_f491_4f6c_dd1d }
    }

    fn next(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % below.max(1) as u64) as usize
    }

    fn copy(&mut self, example: &Example) -> Option<Example> {
        if self.given.is_empty() || !example.spans.iter().any(|span| span.category == Category::Name) {
            return None;
        }
        let characters: Vec<char> = example.text.chars().collect();
        let mut copy = Example { head: example.head.clone(), text: String::new(), spans: Vec::new() };
        let (mut at, mut count) = (0, 0);
        for span in &example.spans {
            let before: String = characters[at..span.start as usize].iter().collect();
            let inside: String = characters[span.start as usize..span.end as usize].iter().collect();
            let said = if span.category == Category::Name { self.other(&inside) } else { inside };
            count += before.chars().count() as u32;
            let mut new = span.clone();
            new.start = count;
            count += said.chars().count() as u32;
            new.end = count;
            copy.text.push_str(&before);
            copy.text.push_str(&said);
            copy.spans.push(new);
            at = span.end as usize;
        }
        copy.text.extend(&characters[at..]);
        Some(copy)
    }

    fn other(&mut self, name: &str) -> String {
        const KEPT: [&str; 24] = [
            "mr", "mrs", "ms", "miss", "mx", "sr", "sra", "srta", "don", "doña", "señor", "señora", "tía", "tío", "aunt", "uncle",
            "grandma", "jr", "ii", "iii", "and", "de", "y", "sister",
        ];
        let parts: Vec<&str> = name.split(' ').collect();
        let mut words = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let bare = part.trim_matches(|ch: char| !ch.is_alphabetic());
            let plain = bare.chars().count() > 2 && bare.chars().all(char::is_alphabetic);
            if !plain || KEPT.contains(&bare.to_lowercase().as_str()) {
                words.push((*part).to_owned());
                continue;
            }
            let last = index > 0 && index + 1 == parts.len();
            let list = if last { self.surnames.len() } else { self.given.len() };
            let chosen = self.next(list);
            let mut new = if last { self.surnames[chosen].clone() } else { self.given[chosen].clone() };
            // One in six is a name that no list has.
            if self.next(6) == 0 {
                let tail = self.next(self.given.len());
                let half = new.len() / 2 + 1;
                let other = &self.given[tail];
                new = format!("{}{}", &new[..half], &other[other.len() / 2..]);
            }
            if bare.chars().next().is_some_and(char::is_uppercase) {
                new = new[..1].to_uppercase() + &new[1..];
            }
            words.push(part.replace(bare, &new));
        }
        words.join(" ")
    }
}

fn weights(prepared: &Prepared, chosen: &[usize]) -> BTreeMap<String, f32> {
    let rows: Vec<&Row> = chosen.iter().flat_map(|index| &prepared.words[*index]).collect();
    let answers: Vec<bool> = chosen.iter().flat_map(|index| &prepared.answers[*index]).copied().collect();
    let learnt = learn(&rows, &answers, &[], prepared.book.names.len(), SETTINGS);
    let rounded = learnt.into_iter().map(|weight| (weight * 100.0).round() / 100.0);
    prepared.book.names.iter().cloned().zip(rounded).filter(|(_, weight)| weight.abs() >= 0.08).collect()
}

/// Trains on marked texts and writes the weights.
pub fn train(paths: &[&str]) -> Result<(), String> {
    let paths = if paths.is_empty() { &[TRAINING_TEXTS] } else { paths };
    let mut examples = Vec::new();
    for path in paths {
        examples.extend(corpus::read(path)?);
    }
    let prepared = prepare(&examples);
    let weights = weights(&prepared, &(0..examples.len()).collect::<Vec<_>>());
    let mut text = "# The model of names: a feature and its weight. `cargo xtask guard train-names` writes this file.\n".to_owned();
    for (feature, weight) in &weights {
        writeln!(text, "{feature}\t{weight}").map_err(|error| error.to_string())?;
    }
    let folder = crate::workspace::path(WEIGHTS);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let path = folder.join("name.tsv");
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{} texts, {} weights", examples.len(), weights.len());
    Ok(())
}

/// For every file: trains on the others and scores on it. Files behind `--` are scored with a model of all.
pub fn cross(paths: &[&str], errors: bool) -> Result<(), String> {
    let (trained, only_scored) = match paths.iter().position(|path| *path == "--") {
        Some(at) => (&paths[..at], &paths[at + 1..]),
        None => (paths, &paths[..0]),
    };
    let (mut examples, mut file) = (Vec::new(), Vec::new());
    for (index, path) in trained.iter().enumerate() {
        let read = corpus::read(path)?;
        file.extend(vec![index; read.len()]);
        examples.extend(read);
    }
    let prepared = prepare(&examples);
    let model = |chosen: &[usize]| {
        let weights = weights(&prepared, chosen);
        Weights::learnt(weights.iter().map(|(name, weight)| (name.as_str(), vec![*weight])).collect::<Vec<_>>())
    };
    let mut together = Score::default();
    for (index, path) in trained.iter().enumerate() {
        let others: Vec<usize> = (0..examples.len()).filter(|at| file[*at] != index).collect();
        let learnt = model(&others);
        let mut score = Score::default();
        for example in (0..examples.len()).filter(|at| file[*at] == index).map(|at| &examples[at]) {
            let spans = identifiers_with(&example.text, &learnt);
            score.add(example, &spans, errors);
            together.add(example, &spans, false);
        }
        println!("== {path}, trained on the others\n{}", score.table(false));
    }
    if trained.len() > 1 {
        println!("== all of them\n{}", together.table(true));
    }
    let learnt = model(&(0..examples.len()).collect::<Vec<_>>());
    for path in only_scored {
        let mut score = Score::default();
        for example in corpus::read(path)? {
            score.add(&example, &identifiers_with(&example.text, &learnt), errors);
        }
        println!("== {path}, trained on all\n{}", score.table(true));
    }
    Ok(())
}

#[derive(Default)]
struct Score {
    /// Messages: found, falsely found, missed.
    messages: [u32; 3],
    /// For every category of marked spans: how many, found, found with the same category; and predicted, predicted rightly.
    spans: BTreeMap<&'static str, [u32; 5]>,
}

impl Score {
    fn add(&mut self, example: &Example, found: &[Span], errors: bool) {
        let characters: Vec<char> = example.text.chars().collect();
        let cut = |start: u32, end: u32| characters[start as usize..end as usize].iter().collect::<String>();
        let marked: Vec<_> = example.spans.iter().filter(|span| !span.category.is_health()).collect();
        match (marked.is_empty(), found.is_empty()) {
            (false, false) => self.messages[0] += 1,
            (true, false) => self.messages[1] += 1,
            (false, true) => self.messages[2] += 1,
            (true, true) => {}
        }
        for span in &marked {
            let row = self.spans.entry(span.category.as_str()).or_default();
            row[0] += 1;
            let hit = |other: &&Span| other.start < span.end && span.start < other.end;
            row[1] += u32::from(found.iter().any(|other| hit(&other)));
            row[2] += u32::from(found.iter().any(|other| hit(&other) && other.category == span.category));
            if errors && !found.iter().any(|other| hit(&other)) {
                println!("missed {} {:?} | {} | {}", span.category.as_str(), cut(span.start, span.end), example.head, example.text);
            }
        }
        for span in found {
            let row = self.spans.entry(span.category.as_str()).or_default();
            row[3] += 1;
            let right = marked.iter().any(|other| other.start < span.end && span.start < other.end);
            row[4] += u32::from(right);
            if errors && !right {
                println!("false {} {:?} | {} | {}", span.category.as_str(), cut(span.start, span.end), example.head, example.text);
            }
        }
    }

    fn table(&self, each: bool) -> String {
        let [right, wrong, missed] = self.messages.map(f64::from);
        let (precision, recall) = (right / (right + wrong), right / (right + missed));
        let sum = |index: usize| f64::from(self.spans.values().map(|row| row[index]).sum::<u32>());
        let mut text = format!(
            "messages: precision {precision:.3} recall {recall:.3} F1 {:.3} ({right}/{wrong}/{missed}); spans: recall {:.3}, of the same category {:.3}, precision {:.3}",
            2.0 * precision * recall / (precision + recall),
            sum(1) / sum(0),
            sum(2) / sum(0),
            sum(4) / sum(3)
        );
        if each {
            for (category, [all, found, same, predicted, rightly]) in &self.spans {
                let _ =
                    write!(text, "\n  {category:11} {all:4} found {found:4} same {same:4} | predicted {predicted:4} rightly {rightly:4}");
            }
        }
        text
    }
}
