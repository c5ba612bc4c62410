//! The judge of fixed text that asks the guard.

use super::Language;
use super::lexicon::{Concern, FixedTextJudge, LexiconJudge};
use crate::Tier;
use crate::guard::{Category, Known, check};

/// The judge that asks the guard, and beside it the list of words that never go by text.
///
/// Names, dates, numbers and amounts of patients come in by variables, which carry a tier of their own; in fixed text a name is the practice's, and
/// words about payment have a check of their own.
#[derive(Debug, Clone, Copy, Default)]
pub struct GuardJudge;

impl FixedTextJudge for GuardJudge {
    fn judge(&self, text: &str, language: Language) -> Vec<Concern> {
        let letters: Vec<char> = text.chars().collect();
        let tells = |category: Category| (category.is_health() && category != Category::Payment) || category == Category::Ssn;
        let found = check(text, &Known::default()).spans.into_iter().filter(|span| tells(span.category));
        let mut concerns: Vec<Concern> = found
            .filter(|span| span.tier() > Tier::T1)
            .map(|span| Concern {
                tier: span.tier(),
                word: letters[span.start as usize..span.end as usize].iter().collect::<String>().to_lowercase(),
                why: span.why,
            })
            .collect();
        concerns.extend(LexiconJudge.judge(text, language).into_iter().filter(|concern| concern.tier >= Tier::T3));
        concerns
    }
}
