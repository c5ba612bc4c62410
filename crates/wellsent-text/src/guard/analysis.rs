//! Everything that the scorers look at, worked out once for a text.

use super::lexicon::{Hit, Lexicon, Sentence, find_classes, find_terms, trapped};
use super::rules::{Rules, View};
use super::text::Normalised;
use super::{Category, Span};

/// A text as the scorers see it.
pub(super) struct Analysis {
    pub sentence: Sentence,
    /// Terms that count and the work of the rules; terms do not overlap one another.
    pub hits: Vec<Hit>,
    /// For every word the term over it.
    pub term: Vec<Option<usize>>,
    /// For every word the strongest work of a rule over it.
    pub rule: Vec<Option<usize>>,
    /// For every word its classes, a bit each.
    pub classes: Vec<u64>,
    /// For every word whether it lies in a phrase that only sounds like health.
    pub trapped: Vec<bool>,
    /// For every word the identifier that it is a part of.
    pub identifier: Vec<Option<Category>>,
}

impl Analysis {
    /// Looks at a text and what was found in it.
    pub(super) fn new(text: &Normalised, identifiers: &[Span]) -> Self {
        let lexicon = Lexicon::shared();
        let sentence = Sentence::new(text, lexicon);
        let identifier: Vec<Option<Category>> = sentence
            .words
            .iter()
            .map(|word| {
                let (start, end) = (text.tokens()[word.first as usize].start, text.tokens()[word.last as usize - 1].end);
                identifiers.iter().find(|span| span.start < end && start < span.end).map(|span| span.category)
            })
            .collect();
        let trapped = trapped(&sentence, lexicon);
        let classes = find_classes(&sentence, lexicon);
        let found: Vec<Hit> = find_terms(&sentence, lexicon)
            .into_iter()
            .filter(|hit| {
                let inside = trapped[hit.from..hit.to].iter().all(|inside| *inside);
                let named = identifier[hit.from..hit.to].iter().all(|category| {
                    category.is_some_and(|category| {
                        !matches!(category, Category::Date | Category::OtherId | Category::Account | Category::HealthPlan)
                    })
                });
                !inside && !named
            })
            .collect();
        let mut begins = vec![Vec::new(); sentence.words.len()];
        for hit in &found {
            begins[hit.from].push(*hit);
        }
        let work = Rules::shared().find(&View { sentence: &sentence, classes: &classes, terms: &begins });
        let work = work.into_iter().filter(|hit| {
            !trapped[hit.from..hit.to].iter().any(|inside| *inside) && !identifier[hit.from..hit.to].contains(&Some(Category::Name))
        });
        let mut hits = without_overlaps(found);
        let terms = hits.len();
        hits.extend(work);
        let mut term = vec![None; sentence.words.len()];
        let mut rule: Vec<Option<usize>> = vec![None; sentence.words.len()];
        for (index, hit) in hits.iter().enumerate() {
            for word in hit.from..hit.to {
                if index < terms {
                    term[word] = Some(index);
                } else if rule[word].is_none_or(|old| {
                    let old = &hits[old];
                    (hit.packed.strength, hit.to - hit.from) > (old.packed.strength, old.to - old.from)
                }) {
                    rule[word] = Some(index);
                }
            }
        }
        Self { sentence, hits, term, rule, classes, trapped, identifier }
    }

    /// The term over a word.
    pub(super) fn term_at(&self, word: usize) -> Option<&Hit> {
        self.term.get(word).copied().flatten().map(|index| &self.hits[index])
    }

    /// The work of a rule over a word.
    pub(super) fn rule_at(&self, word: usize) -> Option<&Hit> {
        self.rule.get(word).copied().flatten().map(|index| &self.hits[index])
    }
}

/// Of terms that overlap, the longer one stays; of equally long ones the stronger, then the earlier.
fn without_overlaps(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.to - hit.from), hit.fuzzy, std::cmp::Reverse(hit.packed.strength), hit.from));
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        if kept.iter().all(|other| hit.to <= other.from || other.to <= hit.from) {
            kept.push(hit);
        }
    }
    kept.sort_by_key(|hit| hit.from);
    kept
}
