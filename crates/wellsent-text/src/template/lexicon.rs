//! Telling words: which fixed words make a text clinical, promotional, or about payment.
//!
//! The lists are modest and err on the side of speaking up, since a finding costs the writer a minute and a miss tells
//! a stranger about somebody's care. A fuller guard can take their place through [`FixedTextJudge`].

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Language;
use super::words::{
    BILLING_WORDS, CONDITION_WORDS, CONTROLLED_WORDS, DEBT_WORDS, MARKETING_EN_WORDS, MARKETING_ES_WORDS, MEDICINE_WORDS, NEVER_WORDS,
    RESULT_WORDS, SPECIALTY_WORDS, TREATMENT_WORDS,
};
use crate::Tier;

/// A word that raises the tier of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Concern {
    /// The tier that the word belongs to.
    pub tier: Tier,
    /// The word, folded to lower case. It may come from a patient's record; do not log it.
    pub word: String,
    /// Why, to be read after "because".
    pub why: &'static str,
}

/// Judges text that no variable accounts for: the fixed text of a wording, and free text put into it (M-01).
pub trait FixedTextJudge: Send + Sync {
    /// Every concern about the text; empty when it is neutral.
    fn judge(&self, text: &str, language: Language) -> Vec<Concern>;

    /// The highest tier among the concerns, or T0. Called for each free value when a text is rendered.
    fn tier(&self, text: &str, language: Language) -> Tier {
        self.judge(text, language).iter().map(|concern| concern.tier).max().unwrap_or(Tier::T0)
    }
}

/// The judge that works from the built-in word lists, English and Spanish at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct LexiconJudge;

impl FixedTextJudge for LexiconJudge {
    fn judge(&self, text: &str, _language: Language) -> Vec<Concern> {
        let folded = fold(text);
        let mut concerns: Vec<Concern> =
            CLINICAL.find(&folded).into_iter().map(|(word, &(tier, why))| Concern { tier, word, why }).collect();
        concerns.extend(doses(&folded));
        if has_ssn_shape(text) {
            concerns.push(Concern { tier: Tier::T3, word: "###-##-####".to_owned(), why: "it has the shape of a Social Security number" });
        }
        concerns
    }
}

/// Words that promote, by language, since the Spanish verb "sale" is no offer.
pub(super) fn marketing(text: &str, language: Language) -> Option<String> {
    let folded = fold(text);
    let list = match language {
        Language::En => &MARKETING_EN,
        Language::Es => &MARKETING_ES,
    };
    list.find(&folded).into_iter().next().map(|(word, ())| word)
}

/// Words about payment.
pub(super) fn billing(text: &str) -> Option<String> {
    BILLING.find(&fold(text)).into_iter().next().map(|(word, ())| word)
}

/// Words of a debt collector.
pub(super) fn debt_collection(text: &str) -> Option<String> {
    DEBT.find(&fold(text)).into_iter().next().map(|(word, ())| word)
}

/// Names of controlled drugs (C-12).
pub(super) fn controlled_drug(text: &str) -> Option<String> {
    CONTROLLED.find(&fold(text)).into_iter().next().map(|(word, _)| word)
}

/// Lower case without accents, so that lists are written once.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect()
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .flat_map(|piece| {
            // `%` and `$` count as words of their own: "20% off", "$40".
            let last = piece.char_indices().next_back().filter(|(_, c)| !c.is_alphanumeric());
            match last {
                Some((at, '%' | '$')) => [&piece[..at], &piece[at..]],
                Some((at, _)) => [&piece[..at], ""],
                None => [piece, ""],
            }
        })
        .filter(|word| !word.is_empty())
}

/// Terms by the first letter of their first word. A trailing `*` matches any ending of that word.
struct Lexicon<T: 'static> {
    by_letter: HashMap<char, Vec<Term<T>>>,
}

struct Term<T: 'static> {
    words: Vec<Pattern>,
    tag: T,
}

struct Pattern {
    text: &'static str,
    stem: bool,
}

impl Pattern {
    fn matches(&self, word: &str) -> bool {
        if self.stem { word.starts_with(self.text) } else { word == self.text }
    }
}

impl<T: Clone> Lexicon<T> {
    fn new(groups: &[(T, &'static str)]) -> Lexicon<T> {
        let mut by_letter: HashMap<char, Vec<Term<T>>> = HashMap::new();
        for (tag, terms) in groups {
            for term in terms.split(", ") {
                let words: Vec<Pattern> =
                    term.split(' ').map(|word| Pattern { text: word.trim_end_matches('*'), stem: word.ends_with('*') }).collect();
                if let Some(letter) = term.chars().next() {
                    by_letter.entry(letter).or_default().push(Term { words, tag: tag.clone() });
                }
            }
        }
        Lexicon { by_letter }
    }

    /// Every place where a term stands, in order of the text.
    fn find(&self, folded: &str) -> Vec<(String, &T)> {
        let words: Vec<&str> = words(folded).collect();
        let mut found = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let Some(terms) = word.chars().next().and_then(|letter| self.by_letter.get(&letter)) else {
                continue;
            };
            for term in terms {
                let here = &words[at..];
                if here.len() >= term.words.len() && term.words.iter().zip(here).all(|(pattern, word)| pattern.matches(word)) {
                    found.push((here[..term.words.len()].join(" "), &term.tag));
                }
            }
        }
        found
    }
}

/// Amounts of a drug: "50 mg", "50mg", "10 mcg".
fn doses(folded: &str) -> Option<Concern> {
    let mut before_is_number = false;
    for word in words(folded) {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        if matches!(unit, "mg" | "mcg" | "ml") && (unit.len() < word.len() || before_is_number) {
            return Some(Concern { tier: Tier::T2, word: word.to_owned(), why: "it gives a dose" });
        }
        before_is_number = unit.is_empty();
    }
    None
}

fn has_ssn_shape(text: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_digit() || c == '-')).any(|run| {
        let groups: Vec<&str> = run.split('-').collect();
        matches!(groups.as_slice(), [a, b, c] if a.len() == 3 && b.len() == 2 && c.len() == 4)
    })
}

const NEVER: &str = "it is among the subjects that never go by text";
const SPECIALTY: &str = "it names a specialty";
const MEDICINE: &str = "it names or points to a medicine";
const RESULT: &str = "it speaks of a test or a result";
const TREATMENT: &str = "it names a procedure or treatment";
const CONDITION: &str = "it names a condition";

type Clinical = (Tier, &'static str);

static CLINICAL: LazyLock<Lexicon<Clinical>> = LazyLock::new(|| {
    Lexicon::new(&[
        ((Tier::T3, NEVER), NEVER_WORDS),
        ((Tier::T3, NEVER), CONTROLLED_WORDS),
        ((Tier::T2, SPECIALTY), SPECIALTY_WORDS),
        ((Tier::T2, MEDICINE), MEDICINE_WORDS),
        ((Tier::T2, RESULT), RESULT_WORDS),
        ((Tier::T2, TREATMENT), TREATMENT_WORDS),
        ((Tier::T2, CONDITION), CONDITION_WORDS),
    ])
});
static MARKETING_EN: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), MARKETING_EN_WORDS)]));
static MARKETING_ES: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), MARKETING_ES_WORDS)]));
static BILLING: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), BILLING_WORDS)]));
static DEBT: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), DEBT_WORDS)]));
static CONTROLLED: LazyLock<Lexicon<()>> = LazyLock::new(|| Lexicon::new(&[((), CONTROLLED_WORDS)]));

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(text: &str) -> Tier {
        LexiconJudge.tier(text, Language::En)
    }

    #[test]
    fn clinical_words_raise_the_tier_in_both_languages() {
        for text in [
            "No food before your colonoscopy",
            "Your A1C is 9.2",
            "lab results",
            "Oncology",
            "Behavioral Health East",
            "physical therapy",
            "your prescription",
            "Resultados de laboratorio",
            "su cirug\u{ed}a",
            "ONCOLOG\u{cd}A",
            "take 50mg",
            "take 50 mg",
            "your X-ray",
        ] {
            assert_eq!(tier(text), Tier::T2, "{text}");
        }
    }

    #[test]
    fn subjects_that_never_go_by_text_are_t3() {
        for text in ["your STI results are in", "HIV", "Suboxone", "prueba de VIH", "078-05-1120"] {
            assert_eq!(tier(text), Tier::T3, "{text}");
        }
    }

    #[test]
    fn logistics_stay_neutral() {
        for text in [
            "you have an appointment. Reply C to confirm, R to reschedule or call",
            "su cita. Responda C para confirmar",
            "We are running about 30 min late",
            "Main St office",
            "212-555-0123",
            "please review the instructions for your upcoming visit",
            "label available",
        ] {
            assert_eq!(LexiconJudge.judge(text, Language::En), [], "{text}");
        }
    }

    #[test]
    fn promotion_is_read_in_its_own_language() {
        assert_eq!(marketing("ask about whitening, 20% off", Language::En).as_deref(), Some("whitening"));
        assert_eq!(marketing("now 20% off", Language::En).as_deref(), Some("% off"));
        assert!(marketing("un descuento especial", Language::Es).is_some());
        assert_eq!(marketing("el bus sale a las 2", Language::Es), None);
        assert_eq!(marketing("call the office, feel free to ask", Language::En), None);
    }

    #[test]
    fn payment_and_collection_words_are_told_apart() {
        assert!(billing("a statement is ready").is_some());
        assert!(billing("you owe $40").is_some());
        assert!(billing("su estado de cuenta").is_some());
        assert_eq!(billing("see you Tuesday"), None);
        assert_eq!(debt_collection("a statement is ready"), None);
        assert!(debt_collection("your account is past due").is_some());
    }

    #[test]
    fn controlled_drugs_are_known_by_name() {
        assert_eq!(controlled_drug("Adderall refill ready").as_deref(), Some("adderall"));
        assert_eq!(controlled_drug("your request is ready"), None);
    }
}
