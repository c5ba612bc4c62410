//! How telling a text is.

use std::fmt;

/// How much a text says about a person's care, from least to most.
///
/// A template's tier is the highest tier among its fixed text and its variables (`M-01`), so tiers
/// compare: `Tier::T0 < Tier::T3`, and `max` combines them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Service text that tells of no care event: opt-in, HELP, STOP, a code.
    T0,
    /// Logistics: the practice's neutral name, date, time, call-back number and what to do. No full name,
    /// specialty, reason, department, procedure, drug, result or balance. Needs texting consent.
    T1,
    /// Clinical or identifying detail. Needs what T1 needs, and an accepted warning about unencrypted
    /// texts, a verified number that nobody shares, and no sensitive tag.
    T2,
    /// Never by SMS: psychotherapy and substance-use notes, HIV, STI, genetic and malignancy results, social
    /// security and card numbers, full birth dates, photos of patients, credentials.
    T3,
}

impl Tier {
    /// All tiers, from least to most telling.
    pub const ALL: [Tier; 4] = [Tier::T0, Tier::T1, Tier::T2, Tier::T3];

    /// The stable code of the tier, `"T0"` to `"T3"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tier::T0 => "T0",
            Tier::T1 => "T1",
            Tier::T2 => "T2",
            Tier::T3 => "T3",
        }
    }

    /// Reads a stable code. Anything but the four exact codes is `None`: an unknown tier must not
    /// become a permissive one.
    pub fn parse(code: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.as_str() == code)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_rise_from_service_text_to_never() {
        assert!(Tier::ALL.is_sorted());
        assert_eq!(Tier::T1.max(Tier::T2), Tier::T2);
    }

    #[test]
    fn a_code_reads_back_and_an_unknown_code_is_no_tier() {
        for tier in Tier::ALL {
            assert_eq!(Tier::parse(tier.as_str()), Some(tier));
        }
        for wrong in ["", "t1", "T4", "T1 ", "1"] {
            assert_eq!(Tier::parse(wrong), None);
        }
    }
}
