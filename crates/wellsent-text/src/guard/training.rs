//! What the trainer of the models needs; nothing else should.

use super::analysis::Analysis;
use super::model::{Names, features};
use super::text::Normalised;
use super::{Known, Report, identifier};

pub use super::model::{Models, Weights};

/// A text that has been looked at.
pub struct Sample {
    analysis: Analysis,
    /// First and one past the last code point of every word.
    pub words: Vec<(u32, u32)>,
}

impl std::fmt::Debug for Sample {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sample(..)")
    }
}

impl Sample {
    /// Looks at a text.
    pub fn new(text: &str) -> Self {
        let normalised = Normalised::new(text);
        let identifiers = identifier::find(&normalised, &Known::default());
        let analysis = Analysis::new(&normalised, &identifiers);
        let tokens = normalised.tokens();
        let words =
            analysis.sentence.words.iter().map(|word| (tokens[word.first as usize].start, tokens[word.last as usize - 1].end)).collect();
        Self { analysis, words }
    }

    /// Names and values of the features of a word.
    pub fn word_features(&self, at: usize) -> Vec<(String, f32)> {
        let mut names = Names::default();
        features::of_word(&self.analysis, at, &mut names);
        names.0
    }

    /// Names and values of the features of the text; `sums` are those of the token model.
    pub fn text_features(&self, sums: &[f32]) -> Vec<(String, f32)> {
        let mut names = Names::default();
        features::of_text(&self.analysis, sums, &mut names);
        names.0
    }
}

/// Checks a text with other models than those that were compiled in.
pub fn check_with(text: &str, models: &Models) -> Report {
    super::check_by(text, &Known::default(), models)
}

/// The probability, as the models see it, that a text has health content, and whether that would be of a specially protected kind.
pub fn probability_with(text: &str, models: &Models) -> (f32, bool) {
    let normalised = Normalised::new(text);
    let identifiers = identifier::find(&normalised, &Known::default());
    let analysis = Analysis::new(&normalised, &identifiers);
    let scores = super::health::score(&analysis, models);
    (scores.text, super::health::is_special(&analysis) || super::health::sounds_special(&scores))
}

/// For every word of a text that may be a name: its code points and its features. `is_name` says whether code points belong to a name.
pub fn name_features(text: &str, is_name: impl Fn(u32, u32) -> bool) -> Vec<((u32, u32), Vec<(String, f32)>)> {
    identifier::names::Sample::new(text, is_name).words
}

/// The identifiers of a text as other weights for names than those that were compiled in find them.
pub fn identifiers_with(text: &str, weights: &Weights) -> Vec<super::Span> {
    identifier::find_with(&Normalised::new(text), &Known::default(), weights)
}
