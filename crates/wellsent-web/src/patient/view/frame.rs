//! The frame around every page of a patient.

use wellsent_domain::Language;

use super::phrases::{Agreement, Everywhere};
use super::wording::Wording;

/// What the frame needs to know; every page carries one.
#[derive(Clone)]
pub struct Frame {
    /// The practice's name: the title, and the only name on the door.
    pub practice: String,
    /// The number at which the practice is reached by voice, for example `212-555-0100`.
    pub phone: String,
    /// The language of the page.
    pub lang: Language,
}

impl Frame {
    /// The phrases that every page uses.
    pub const fn words(&self) -> &'static Everywhere {
        Everywhere::of(self.lang)
    }

    /// The phrases of what is agreed to.
    pub const fn agreement(&self) -> &'static Agreement {
        Agreement::of(self.lang)
    }

    /// The full wordings of what is agreed to.
    pub const fn wording(&self) -> Wording<'_> {
        Wording { practice: self.practice.as_str(), phone: self.phone.as_str(), lang: self.lang }
    }

    /// The practice's number as the target of a `tel:` link.
    pub fn dial(&self) -> String {
        let digits: String = self.phone.chars().filter(char::is_ascii_digit).collect();
        match digits.len() {
            10 => format!("+1{digits}"),
            11 => format!("+{digits}"),
            _ => digits,
        }
    }

    /// What a screen reader says in place of a number whose beginning is hidden: the dots mean nothing to the ear.
    pub fn spoken(&self, hidden: &str) -> String {
        let digits: Vec<String> = hidden.chars().filter(char::is_ascii_digit).map(String::from).collect();
        self.words().ending_in.with(digits.join(" "))
    }

    /// The first letters of the first two words of the practice's name.
    pub fn initials(&self) -> String {
        self.practice.split_whitespace().filter_map(|word| word.chars().find(|ch| ch.is_alphanumeric())).take(2).collect()
    }

    /// Both languages: code, name in itself, and whether the page is in it.
    pub fn languages(&self) -> [(&'static str, &'static str, bool); 2] {
        [Language::En, Language::Es].map(|lang| {
            let name = match lang {
                Language::En => "English",
                Language::Es => "Español",
            };
            (lang.as_str(), name, lang == self.lang)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_dialled_and_spoken() {
        let frame = |phone: &str| Frame { practice: "Riverbend Family Health".into(), phone: phone.into(), lang: Language::En };
        assert_eq!(frame("212-555-0100").dial(), "+12125550100");
        assert_eq!(frame("1 (212) 555-0100").dial(), "+12125550100");
        assert_eq!(frame("212-555-0100").initials(), "RF");
        assert_eq!(frame("").spoken("(•••) •••-0123"), "ending in 0 1 2 3");
    }
}
