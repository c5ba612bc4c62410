//! Health content: where it stands and what it tells.

use super::analysis::Analysis;
use super::lexicon::Hit;
use super::model::{Models, Sums, features, probability};
use super::text::Normalised;
use super::{Category, Span, Special};

/// From this probability on a text has health content.
const TEXT_FROM: f32 = 0.45;
/// The same for a text with a hand-written term that counts wherever it stands.
const SURE_FROM: f32 = 0.45;
/// The same for a text with such a term of a specially protected kind.
const SPECIAL_FROM: f32 = 0.25;
/// From this probability on a word that sounds specially protected counts as such.
const SPECIAL_WORD_FROM: f32 = 0.25;
/// From this probability on a word is part of a span.
const WORD_FROM: f32 = 0.40;

/// What the models say about a text.
pub(super) struct Scores {
    /// The sum of the token model for every word.
    pub token: Vec<f32>,
    category: Vec<[f32; 6]>,
    special: Vec<[f32; 6]>,
    /// The probability that the text has health content.
    pub text: f32,
}

/// Asks the models.
pub(super) fn score(analysis: &Analysis, models: &Models) -> Scores {
    let words = analysis.sentence.words.len();
    let mut scores = Scores { token: Vec::with_capacity(words), category: Vec::new(), special: Vec::new(), text: 0.0 };
    for at in 0..words {
        let mut sums = Sums::new([&models.token, &models.category, &models.special]);
        features::of_word(analysis, at, &mut sums);
        let [token, category, special] = sums.sums;
        scores.token.push(token[0]);
        scores.category.push(category);
        scores.special.push(special);
    }
    let mut sums = Sums::new([&models.message]);
    features::of_text(analysis, &scores.token, &mut sums);
    scores.text = probability(sums.sums[0][0]);
    scores
}

/// Whether a hand-written term that counts wherever it stands is there.
pub(super) fn is_sure(analysis: &Analysis) -> bool {
    analysis.hits.iter().any(|hit| hit.packed.strength == 2 && !hit.rule && !hit.packed.derived && !hit.fuzzy)
}

/// Whether such a term, or a rule, tells of a specially protected kind.
pub(super) fn is_special(analysis: &Analysis) -> bool {
    analysis.hits.iter().any(|hit| hit.packed.special > 0 && hit.packed.strength == 2)
}

/// Whether a word that may well be health content would be of a specially protected kind.
pub(super) fn sounds_special(scores: &Scores) -> bool {
    let word = |(token, special): (&f32, &[f32; 6])| probability(*token) >= SPECIAL_WORD_FROM && largest(&special[..5]) > 0;
    scores.token.iter().zip(&scores.special).any(word)
}

/// Finds health content, sorted and without overlaps.
pub(super) fn find(text: &Normalised, analysis: &Analysis, models: &Models) -> Vec<Span> {
    let scores = score(analysis, models);
    let from = match (is_special(analysis) || sounds_special(&scores), is_sure(analysis)) {
        (true, _) => SPECIAL_FROM,
        (false, true) => SURE_FROM,
        (false, false) => TEXT_FROM,
    };
    if analysis.sentence.words.is_empty() || scores.text < from {
        return Vec::new();
    }
    groups(analysis, &scores).into_iter().map(|(from, to)| span(text, analysis, &scores, from, to)).collect()
}

/// The rows of words that make a span each.
fn groups(analysis: &Analysis, scores: &Scores) -> Vec<(usize, usize)> {
    let words = analysis.sentence.words.len();
    let mut on: Vec<bool> = scores.token.iter().map(|sum| probability(*sum) >= WORD_FROM).collect();
    if !on.contains(&true) {
        // Something in the text tells; the word that says most stands for it.
        let best = (0..words).max_by(|a, b| scores.token[*a].total_cmp(&scores.token[*b]));
        if let Some(best) = best {
            on[best] = true;
        }
    }
    // A term is told whole or not at all.
    for hit in analysis.hits.iter().filter(|hit| !hit.rule) {
        if on[hit.from..hit.to].contains(&true) {
            on[hit.from..hit.to].fill(true);
        }
    }
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for at in (0..words).filter(|at| on[*at]) {
        let word = &analysis.sentence.words[at];
        let joins = groups.last().is_some_and(|(_, to)| {
            *to == at
                && !word.after_stop
                && !word.after_comma
                && !apart(analysis.term_at(at - 1), analysis.term_at(at))
                && category(scores, at - 1) == category(scores, at)
        });
        match groups.last_mut().filter(|_| joins) {
            Some(last) => last.1 = at + 1,
            None => groups.push((at, at + 1)),
        }
    }
    groups
}

/// Whether two neighbours belong to different terms of different categories.
fn apart(before: Option<&Hit>, after: Option<&Hit>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.from != after.from && before.packed.category != after.packed.category,
        _ => false,
    }
}

fn category(scores: &Scores, at: usize) -> usize {
    largest(&scores.category[at])
}

fn largest(sums: &[f32]) -> usize {
    (0..sums.len()).max_by(|a, b| sums[*a].total_cmp(&sums[*b]).then(b.cmp(a))).unwrap_or(0)
}

fn span(text: &Normalised, analysis: &Analysis, scores: &Scores, from: usize, to: usize) -> Span {
    let mut categories = [0.0; 6];
    let mut specials = [0.0; 5];
    for at in from..to {
        for (sum, more) in categories.iter_mut().zip(&scores.category[at]) {
            *sum += more;
        }
        for (sum, more) in specials.iter_mut().zip(&scores.special[at]) {
            *sum += more;
        }
    }
    let category = [Category::Condition, Category::Medication, Category::Procedure, Category::Test, Category::Specialty, Category::Payment]
        [largest(&categories)];
    let terms: Vec<&Hit> = (from..to).filter_map(|at| analysis.term_at(at).or_else(|| analysis.rule_at(at))).collect();
    let special = terms
        .iter()
        .find_map(|hit| usize::from(hit.packed.special).checked_sub(1))
        .or_else(|| largest(&specials).checked_sub(1))
        .and_then(|index| Special::ALL.get(index).copied());
    let weak = !terms.is_empty() && terms.iter().all(|hit| hit.packed.strength == 1);
    let (first, last) = (&analysis.sentence.words[from], &analysis.sentence.words[to - 1]);
    Span {
        start: text.tokens()[first.first as usize].start,
        end: text.tokens()[last.last as usize - 1].end,
        category,
        special,
        weak,
        why: why(category, special, weak),
    }
}

fn why(category: Category, special: Option<Special>, weak: bool) -> &'static str {
    match (special, category) {
        (Some(Special::Mental), _) => "tells about mental health",
        (Some(Special::Sud), _) => "tells about alcohol or drug use",
        (Some(Special::Repro), _) => "tells about pregnancy or sexual health",
        (Some(Special::Hiv), _) => "tells about HIV or another sexually transmitted infection",
        (None, Category::Medication) if weak => "mentions a prescription",
        (None, Category::Test) if weak => "mentions a test or a result",
        (None, Category::Payment) if weak => "mentions a bill or insurance",
        (None, Category::Condition) => "names an illness or a complaint",
        (None, Category::Medication) => "names a medicine",
        (None, Category::Procedure) => "names a procedure or preparation for one",
        (None, Category::Test) => "names a test or a result",
        (None, Category::Specialty) => "names a medical specialty",
        (None, _) => "tells about a person's bill or insurance",
    }
}
