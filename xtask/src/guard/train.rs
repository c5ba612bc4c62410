//! Trains the models of the guard.

use super::corpus::Example;
use super::learner::{Book, Row, Settings, learn};
use std::collections::BTreeMap;
use wellsent_text::guard::training::{Models, Sample, Weights};
use wellsent_text::guard::{Category, Special};

const TOKEN: Settings = Settings { rate: 0.12, l1: 0.6, l2: 0.5, rounds: 8, orders: 3, yes: 1.3 };
const CATEGORY: Settings = Settings { rate: 0.12, l1: 1.0, l2: 0.5, rounds: 8, orders: 1, yes: 1.0 };
const SPECIAL: Settings = Settings { rate: 0.12, l1: 1.0, l2: 0.5, rounds: 8, orders: 1, yes: 1.0 };
const MESSAGE: Settings = Settings { rate: 0.08, l1: 0.6, l2: 1.0, rounds: 8, orders: 3, yes: 1.3 };
/// How much more texts and words of specially protected kinds count.
const SPECIAL_WEIGHT: f32 = 2.0;
const CATEGORIES: [Category; 6] =
    [Category::Condition, Category::Medication, Category::Procedure, Category::Test, Category::Specialty, Category::Payment];
/// The text model learns from what a token model says that has not seen the text; so many models are trained for that.
const FOLDS: usize = 5;

/// Weights under the names of their features, one row of weights for each.
pub type Named = BTreeMap<String, Vec<f32>>;

/// What was learnt.
pub struct Learnt {
    pub token: Named,
    pub category: Named,
    pub special: Named,
    pub message: Named,
}

/// An example that has been looked at.
pub struct Prepared {
    sample: Sample,
    words: Vec<Row>,
    health: Vec<bool>,
    category: Vec<Option<Category>>,
    special: Vec<Option<Special>>,
    answer: bool,
}

/// Examples with their features numbered; looked at once, trained on several times.
pub struct Prepare {
    book: Book,
    pub examples: Vec<Prepared>,
}

impl Prepare {
    pub fn new(examples: &[Example]) -> Self {
        let mut book = Book::default();
        let mut prepared = Vec::with_capacity(examples.len());
        for example in examples {
            let sample = Sample::new(&example.text);
            let words = (0..sample.words.len()).map(|at| book.row(sample.word_features(at))).collect();
            let marked: Vec<_> = sample
                .words
                .iter()
                .map(|(start, end)| example.spans.iter().find(|span| span.category.is_health() && span.start < *end && *start < span.end))
                .collect();
            prepared.push(Prepared {
                words,
                health: marked.iter().map(Option::is_some).collect(),
                category: marked.iter().map(|span| span.map(|span| span.category)).collect(),
                special: marked.iter().map(|span| span.and_then(|span| span.special)).collect(),
                answer: marked.iter().any(Option::is_some),
                sample,
            });
        }
        let mut all: Vec<Row> = prepared.iter_mut().flat_map(|one| std::mem::take(&mut one.words)).collect();
        book.prune(&mut all, 2);
        let mut all = all.into_iter();
        for one in &mut prepared {
            one.words = all.by_ref().take(one.health.len()).collect();
        }
        Self { book, examples: prepared }
    }

    /// Trains on the examples with these numbers.
    pub fn train(&self, chosen: &[usize]) -> Learnt {
        let token = self.token(chosen);
        let mut sums: Vec<(usize, Vec<f32>)> = Vec::with_capacity(chosen.len());
        for fold in 0..FOLDS {
            let others: Vec<usize> =
                chosen.iter().copied().enumerate().filter(|(place, _)| place % FOLDS != fold).map(|(_, index)| index).collect();
            let weights = self.token(&others);
            for index in chosen.iter().copied().enumerate().filter(|(place, _)| place % FOLDS == fold).map(|(_, index)| index) {
                let of = |row: &Row| row.iter().map(|(number, value)| weights[*number as usize] * value).sum();
                sums.push((index, self.examples[index].words.iter().map(of).collect()));
            }
        }
        sums.sort_by_key(|(index, _)| *index);
        let mut texts = Book::default();
        let mut rows: Vec<Row> = sums.iter().map(|(index, sums)| texts.row(self.examples[*index].sample.text_features(sums))).collect();
        texts.prune(&mut rows, 2);
        let answers: Vec<bool> = sums.iter().map(|(index, _)| self.examples[*index].answer).collect();
        let weights: Vec<f32> = sums.iter().map(|(index, _)| weight(self.examples[*index].special.iter().any(Option::is_some))).collect();
        let message = learn(&rows.iter().collect::<Vec<_>>(), &answers, &weights, texts.names.len(), MESSAGE);
        let (category, special) = self.kinds(chosen);
        Learnt {
            token: named(&self.book.names, &[token], 0.10),
            category: named(&self.book.names, &category, 0.25),
            special: named(&self.book.names, &special, 0.25),
            message: named(&texts.names, &[message], 0.04),
        }
    }

    fn token(&self, chosen: &[usize]) -> Vec<f32> {
        let rows: Vec<&Row> = chosen.iter().flat_map(|index| &self.examples[*index].words).collect();
        let answers: Vec<bool> = chosen.iter().flat_map(|index| &self.examples[*index].health).copied().collect();
        let weights: Vec<f32> =
            chosen.iter().flat_map(|index| &self.examples[*index].special).map(|special| weight(special.is_some())).collect();
        learn(&rows, &answers, &weights, self.book.names.len(), TOKEN)
    }

    /// The weights of categories and special kinds, learnt from words of health content.
    fn kinds(&self, chosen: &[usize]) -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
        let mut rows = Vec::new();
        let mut categories = Vec::new();
        let mut specials = Vec::new();
        for one in chosen.iter().map(|index| &self.examples[*index]) {
            for at in (0..one.words.len()).filter(|at| one.health[*at]) {
                rows.push(&one.words[at]);
                categories.push(one.category[at]);
                specials.push(one.special[at]);
            }
        }
        let features = self.book.names.len();
        let one_against_others = |answers: Vec<bool>, settings| learn(&rows, &answers, &[], features, settings);
        let category =
            CATEGORIES.iter().map(|wanted| one_against_others(categories.iter().map(|found| *found == Some(*wanted)).collect(), CATEGORY));
        let category = category.collect();
        let wanted = std::iter::once(None).chain(Special::ALL.into_iter().map(Some));
        let special = wanted.map(|wanted| one_against_others(specials.iter().map(|found| *found == wanted).collect(), SPECIAL)).collect();
        (category, special)
    }
}

fn weight(special: bool) -> f32 {
    if special { SPECIAL_WEIGHT } else { 1.0 }
}

/// Weights under the names of their features. Two digits are enough; a feature none of whose weights reaches `least` is left out.
fn named(names: &[String], columns: &[Vec<f32>], least: f32) -> Named {
    let mut rows = Named::new();
    for (index, name) in names.iter().enumerate() {
        let weights: Vec<f32> = columns.iter().map(|column| (column[index] * 100.0).round() / 100.0).collect();
        if weights.iter().any(|weight| weight.abs() >= least) {
            rows.insert(name.clone(), weights);
        }
    }
    rows
}

/// Writes rows of weights, nothing for a weight of zero.
pub fn lines(rows: &Named) -> String {
    let mut text = String::new();
    for (feature, weights) in rows {
        text.push_str(feature);
        for weight in weights {
            text.push('\t');
            if *weight != 0.0 {
                text.push_str(&weight.to_string().replacen("0.", ".", 1));
            }
        }
        text.push('\n');
    }
    text
}

impl Learnt {
    /// As models that can be asked.
    pub fn models(&self) -> Models {
        let of = |named: &Named| Weights::learnt(named.iter().map(|(name, weights)| (name.as_str(), weights.clone())));
        Models { token: of(&self.token), category: of(&self.category), special: of(&self.special), message: of(&self.message) }
    }

    /// Writes one file for each model.
    pub fn write(&self, folder: &std::path::Path) -> Result<(), String> {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for (name, rows) in [("token", &self.token), ("category", &self.category), ("special", &self.special), ("message", &self.message)] {
            let mut text = format!("# The {name} model: a feature and its weights. `cargo xtask guard train` writes this file.\n");
            text.push_str(&lines(rows));
            let path = folder.join(format!("{name}.tsv"));
            std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}
