//! How an entry of the lexicon fits into the number that a finite-state map keeps beside its key.

/// The categories in the order of their numbers.
pub const CATEGORIES: [&str; 6] = ["CONDITION", "MEDICATION", "PROCEDURE", "TEST", "SPECIALTY", "PAYMENT"];
/// The special kinds; their numbers begin with 1, as 0 says that there is none.
pub const SPECIALS: [&str; 4] = ["MENTAL", "SUD", "REPRO", "HIV"];
/// The strengths in the order of their numbers.
pub const STRENGTHS: [&str; 3] = ["context", "weak", "sure"];

/// What the lexicon says about a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// An index into [`CATEGORIES`].
    pub category: u8,
    /// 0, or one more than an index into [`SPECIALS`].
    pub special: u8,
    /// An index into [`STRENGTHS`].
    pub strength: u8,
    /// It counts only in capitals.
    pub upper: bool,
    /// It comes from a list that was cut from a public source.
    pub derived: bool,
}

impl Packed {
    /// As a number.
    pub fn to_u64(self) -> u64 {
        u64::from(self.category)
            | (u64::from(self.special) << 3)
            | (u64::from(self.strength) << 6)
            | (u64::from(self.upper) << 8)
            | (u64::from(self.derived) << 9)
    }

    /// From the number.
    pub fn from_u64(number: u64) -> Self {
        Self {
            category: (number & 7) as u8,
            special: ((number >> 3) & 7) as u8,
            strength: ((number >> 6) & 3) as u8,
            upper: (number >> 8) & 1 == 1,
            derived: (number >> 9) & 1 == 1,
        }
    }
}
