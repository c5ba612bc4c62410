//! From what was found to the tier that it needs (M-01).

use super::{Category, Report, Span, Special};
use crate::Tier;

impl Span {
    /// The lowest tier that a text with this span can have. Appointments, clock times and links are logistics (T1); who somebody is and anything
    /// about health is T2; numbers that open accounts, and results of tests for HIV and the like, never go by text (T3).
    pub fn tier(&self) -> Tier {
        match self.category {
            Category::Ssn => Tier::T3,
            Category::Test if self.special == Some(Special::Hiv) => Tier::T3,
            Category::Phone | Category::Fax | Category::Date | Category::Url => Tier::T1,
            // That there is a bill tells no more than that somebody is a patient (H-01).
            Category::Payment if self.weak => Tier::T1,
            _ => Tier::T2,
        }
    }
}

impl Report {
    /// The lowest tier that the text can have.
    pub fn tier(&self) -> Tier {
        self.spans.iter().map(Span::tier).max().unwrap_or(Tier::T1)
    }

    /// Whether it speaks of something specially protected (H-41, H-42).
    pub fn is_sensitive(&self) -> bool {
        self.spans.iter().any(|span| span.special.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Known, check};
    use super::*;

    fn tier(text: &str) -> Tier {
        check(text, &Known::default()).tier()
    }

    #[test]
    fn logistics_stay_logistics_and_health_does_not() {
        assert_eq!(tier("You have an appointment Tue 3/10 2:15 PM. Reply C to confirm."), Tier::T1);
        assert_eq!(tier("Your colonoscopy is Friday at 7 AM"), Tier::T2);
        assert_eq!(tier("SSN 123-45-6789"), Tier::T3);
        assert_eq!(tier("Your HIV test came back negative"), Tier::T3);
    }

    #[test]
    fn what_is_specially_protected_is_known_as_such() {
        assert!(check("Your Suboxone is ready", &Known::default()).is_sensitive());
        assert!(!check("Your amoxicillin is ready", &Known::default()).is_sensitive());
    }
}
