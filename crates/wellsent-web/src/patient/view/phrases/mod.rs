//! Every word on the patients' pages, English and Spanish side by side.
//!
//! A group of phrases is a struct, so that a page cannot ask for a phrase that a language lacks. Spanish is that of the United States, with `usted`.

mod agreement;
mod check_in;
mod everywhere;
mod preferences;
mod secure;

pub use agreement::Agreement;
pub use check_in::CheckIn;
pub use everywhere::Everywhere;
pub use preferences::PreferencesWords;
pub use secure::Secure;

use std::fmt;

/// A phrase in one language. A phrase may have one gap, `{}`, for a name, a number or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrase(&'static str);

impl Phrase {
    /// The phrase as it stands, gap and all.
    pub const fn as_str(&self) -> &'static str {
        self.0
    }

    /// The phrase with its gap filled.
    pub fn with(&self, value: impl fmt::Display) -> String {
        self.0.replace("{}", &value.to_string())
    }

    /// What stands before the gap; all of it where there is none.
    pub fn before(&self) -> &'static str {
        self.0.split_once("{}").map_or(self.0, |(before, _)| before)
    }

    /// What stands after the gap.
    pub fn after(&self) -> &'static str {
        self.0.split_once("{}").map_or("", |(_, after)| after)
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Declares a group of phrases: a name, then English, then Spanish.
macro_rules! phrases {
    ($(#[$meta:meta])* pub struct $group:ident { $($name:ident: $en:literal, $es:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $group { $(#[doc = $en] pub $name: $crate::patient::view::phrases::Phrase,)+ }

        impl $group {
            const EN: Self = Self { $($name: $crate::patient::view::phrases::Phrase($en),)+ };
            const ES: Self = Self { $($name: $crate::patient::view::phrases::Phrase($es),)+ };

            /// The phrases of a language.
            pub const fn of(lang: wellsent_domain::Language) -> &'static Self {
                match lang {
                    wellsent_domain::Language::En => &Self::EN,
                    wellsent_domain::Language::Es => &Self::ES,
                }
            }

            /// Name, English and Spanish of each, for the tests.
            #[cfg(test)]
            pub(super) const ALL: &'static [(&'static str, &'static str, &'static str)] = &[$((stringify!($name), $en, $es),)+];
        }
    };
}
pub(crate) use phrases;

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
        [Agreement::ALL, CheckIn::ALL, Everywhere::ALL, PreferencesWords::ALL, Secure::ALL].into_iter().flatten()
    }

    #[test]
    fn no_phrase_is_missing_in_either_language() {
        for (name, en, es) in all() {
            for text in [en, es] {
                assert!(!text.is_empty() && text.trim() == *text && !text.contains("  "), "{name}: {text:?}");
            }
        }
    }

    #[test]
    fn a_gap_in_one_language_is_a_gap_in_the_other() {
        for (name, en, es) in all() {
            let gaps = en.matches("{}").count();
            assert!(gaps <= 1, "{name}");
            assert_eq!(gaps, es.matches("{}").count(), "{name}");
        }
    }

    #[test]
    fn what_is_a_question_or_a_sentence_in_english_is_one_in_spanish() {
        for (name, en, es) in all() {
            let end = |text: &str| text.chars().last().filter(|ch| matches!(ch, '.' | '?' | '!' | ':'));
            assert_eq!(end(en), end(es), "{name}");
            assert_eq!(es.matches('?').count(), es.matches('¿').count(), "{name}");
            assert_eq!(es.matches('!').count(), es.matches('¡').count(), "{name}");
        }
    }

    #[test]
    fn no_phrase_was_left_untranslated() {
        for (name, en, es) in all() {
            assert!(en != es || *en == "No", "{name}: {en}");
        }
    }

    #[test]
    fn spanish_keeps_its_accents() {
        const BARE: [&str; 16] = [
            "codigo",
            "telefono",
            "numero",
            "tambien",
            "informacion",
            "atencion",
            "pagina",
            "esta cifrad",
            "dia ",
            "aqui",
            "ningun ",
            "movil",
            "mas ",
            "despues",
            "medico",
            "facil",
        ];
        for (name, _, es) in all() {
            let es = format!("{} ", es.to_lowercase());
            for word in BARE {
                assert!(!es.contains(word), "{name}: {word}");
            }
        }
    }

    #[test]
    fn a_gap_is_filled_and_cut_at_the_same_place() {
        let phrase = Phrase("Call {} now.");
        assert_eq!(phrase.with("212-555-0100"), "Call 212-555-0100 now.");
        assert_eq!((phrase.before(), phrase.after()), ("Call ", " now."));
        assert_eq!((Phrase("Call.").before(), Phrase("Call.").after()), ("Call.", ""));
    }
}
