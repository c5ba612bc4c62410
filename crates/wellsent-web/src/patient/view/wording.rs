//! The wordings that a patient agrees to, whole, as they are shown and as they are kept (H-04, T-03, C-01).

use wellsent_domain::Language;
use wellsent_domain::consent::Category;

use super::phrases::{Agreement, Phrase};

/// Raised with every change of a word in [`Agreement`]. Consents keep the wording that they were given to.
const VERSION: &str = "1";

/// A wording to keep with the act of consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownWording {
    /// What it is about: `warning`, `terms`, `statement`, `care_with_details`, or the word of a category.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its language.
    pub language: Language,
    /// The words, a paragraph a line.
    pub body: String,
}

/// The wordings of one practice in one language.
#[derive(Clone, Copy)]
pub struct Wording<'a> {
    /// The practice's name.
    pub practice: &'a str,
    /// The practice's number for calls.
    pub phone: &'a str,
    /// The language.
    pub lang: Language,
}

impl Wording<'_> {
    const fn words(&self) -> &'static Agreement {
        Agreement::of(self.lang)
    }

    /// The paragraphs of the warning about unencrypted texts (H-04).
    pub fn warning(&self) -> Vec<String> {
        let words = self.words();
        [words.warning_who, words.warning_what, words.warning_choice].map(|phrase| phrase.to_string()).into()
    }

    /// The sentences that say what any yes means: who texts, how often, at what cost, how it ends (C-01).
    pub fn terms(&self) -> Vec<String> {
        let words = self.words();
        vec![
            words.terms_sender.with(self.practice),
            words.terms_how_many.to_string(),
            words.terms_stop.with(self.phone),
            words.terms_free.to_string(),
        ]
    }

    /// The name of a category and what its texts are.
    pub const fn topic(&self, category: Category) -> (Phrase, Phrase) {
        let words = self.words();
        match category {
            Category::Appointments => (words.appointments, words.appointments_what),
            Category::Care => (words.care, words.care_what),
            Category::Billing => (words.billing, words.billing_what),
            Category::Surveys => (words.surveys, words.surveys_what),
            Category::Marketing => (words.marketing, words.marketing_what),
        }
    }

    /// The same as the check-in screen asks it: texts about care include details there, and a yes accepts the warning.
    pub const fn check_in_topic(&self, category: Category) -> (Phrase, Phrase) {
        let words = self.words();
        match category {
            Category::Care => (words.details, words.details_what),
            other => self.topic(other),
        }
    }

    /// The warning to keep.
    pub fn shown_warning(&self) -> ShownWording {
        self.shown("warning", self.words().warning_title, &self.warning())
    }

    /// The terms to keep.
    pub fn shown_terms(&self) -> ShownWording {
        self.shown("terms", self.words().terms_title, &self.terms())
    }

    /// What the patient ticks beside the signature, to keep.
    pub fn shown_statement(&self) -> ShownWording {
        ShownWording { name: "statement", version: VERSION, language: self.lang, body: self.words().statement.to_string() }
    }

    /// A category as the preferences ask about it, with the terms, to keep.
    pub fn shown_topic(&self, category: Category) -> ShownWording {
        self.shown_with_terms(category.as_str(), self.topic(category))
    }

    /// A category as the check-in screen asks about it, with the terms, to keep.
    pub fn shown_check_in_topic(&self, category: Category) -> ShownWording {
        let name = if category == Category::Care { "care_with_details" } else { category.as_str() };
        self.shown_with_terms(name, self.check_in_topic(category))
    }

    fn shown_with_terms(&self, name: &'static str, (title, what): (Phrase, Phrase)) -> ShownWording {
        let mut paragraphs = vec![what.to_string()];
        paragraphs.extend(self.terms());
        self.shown(name, title, &paragraphs)
    }

    fn shown(&self, name: &'static str, title: Phrase, paragraphs: &[String]) -> ShownWording {
        ShownWording { name, version: VERSION, language: self.lang, body: format!("{title}\n{}", paragraphs.join("\n")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(lang: Language) -> Wording<'static> {
        Wording { practice: "Riverbend Family Health", phone: "212-555-0100", lang }
    }

    #[test]
    fn the_terms_say_who_how_often_at_what_cost_and_how_it_ends() {
        for (lang, needs) in [
            (
                Language::En,
                [
                    "Riverbend Family Health",
                    "automated",
                    "How many",
                    "rates may apply",
                    "STOP",
                    "HELP",
                    "212-555-0100",
                    "do not have to agree",
                ],
            ),
            (
                Language::Es,
                [
                    "Riverbend Family Health",
                    "automáticos",
                    "La cantidad",
                    "tarifas",
                    "STOP",
                    "HELP",
                    "212-555-0100",
                    "No tiene que aceptar",
                ],
            ),
        ] {
            let body = wording(lang).shown_topic(Category::Billing).body;
            for need in needs {
                assert!(body.contains(need), "{need}");
            }
        }
    }

    #[test]
    fn the_warning_says_that_others_could_read_it_and_that_one_may_say_no() {
        let en = wording(Language::En).shown_warning();
        assert!(en.body.contains("not encrypted") && en.body.contains("could read") && en.body.contains("may say no"));
        let es = wording(Language::Es).shown_warning();
        assert!(es.body.contains("no están cifrados") && es.body.contains("podrían leerlo") && es.body.contains("Puede decir que no"));
        assert_ne!(en.language, es.language);
    }

    #[test]
    fn a_yes_to_care_at_the_desk_is_another_wording_than_one_in_the_preferences() {
        let wording = wording(Language::En);
        let (desk, preferences) = (wording.shown_check_in_topic(Category::Care), wording.shown_topic(Category::Care));
        assert_ne!(desk.name, preferences.name);
        assert!(desk.body.contains("you accept that texts are not encrypted"));
        assert!(!preferences.body.contains("you accept"));
        assert_eq!(wording.shown_check_in_topic(Category::Surveys), wording.shown_topic(Category::Surveys));
    }

    /// When this fails, raise [`VERSION`] before the snapshot is taken anew: its name has the version.
    #[test]
    fn a_changed_word_needs_a_new_version() {
        let all = Language::ALL.into_iter().flat_map(|lang| {
            let wording = wording(lang);
            let topics = Category::ALL.iter().map(move |topic| wording.shown_topic(*topic));
            topics.chain([
                wording.shown_check_in_topic(Category::Care),
                wording.shown_warning(),
                wording.shown_terms(),
                wording.shown_statement(),
            ])
        });
        let all: Vec<String> = all.map(|shown| format!("{}, {}\n{}", shown.name, shown.language.as_str(), shown.body)).collect();
        insta::assert_snapshot!(format!("wording-{VERSION}"), all.join("\n\n"));
    }
}
