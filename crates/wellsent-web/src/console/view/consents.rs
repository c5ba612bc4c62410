//! How much of the panel can be texted, and who lacks what.

use askama::Template;

use super::{CoverageState, Shell, When};

/// The report on consents.
#[derive(Clone, Template)]
#[template(path = "console/consents.html")]
pub struct Consents {
    /// The frame.
    pub shell: Shell,
    /// The categories of texts to choose from.
    pub categories: Vec<Choice>,
    /// All patients that were looked at, with separators.
    pub patients: String,
    /// Are there more than a report looks at?
    pub is_cut_off: bool,
    /// The classes; together they are all patients.
    pub classes: Vec<ClassRow>,
    /// The way to texts with details.
    pub steps: Vec<StepRow>,
    /// The same way by location and by language.
    pub tables: Vec<StepTable>,
    /// Whose number should be confirmed, as a choice of the list.
    pub recheck: Choice,
    /// The list.
    pub list: MissingList,
    /// The periods to choose from.
    pub periods: Vec<Choice>,
    /// What was said in the period, by which way.
    pub ways: Vec<WayRow>,
    /// Where the coverage is saved as a file; `None` for who may not.
    pub export: Option<String>,
}

/// A link of several.
#[derive(Clone)]
pub struct Choice {
    /// The words.
    pub label: String,
    /// How many, with separators; empty shows none.
    pub count: String,
    /// The address.
    pub href: String,
    /// Is it the present one?
    pub current: bool,
}

/// A class of patients.
#[derive(Clone)]
pub struct ClassRow {
    /// Which.
    pub class: CoverageState,
    /// How many, with separators.
    pub count: String,
    /// The share of all patients.
    pub share: Share,
    /// The list of them.
    pub href: String,
    /// Is that list shown?
    pub current: bool,
}

/// A step of the way.
#[derive(Clone)]
pub struct StepRow {
    /// The words.
    pub label: String,
    /// How many came so far, with separators.
    pub count: String,
    /// The share of all patients.
    pub share: Share,
    /// How many of the step before did not come so far, with separators; empty for none.
    pub lost: String,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// In whole per cent.
    pub per_cent: u64,
    /// The width of its bar, in thousandths.
    pub width: u64,
}

impl Share {
    /// The share that `part` is of `whole`. A part that is not nothing has a bar that can be seen.
    pub fn of(part: u64, whole: u64) -> Self {
        match (part, whole) {
            (0, _) | (_, 0) => Self { per_cent: 0, width: 0 },
            _ => Self { per_cent: (part * 100 + whole / 2) / whole, width: (part * 1000 / whole).max(4) },
        }
    }
}

/// The steps of several groups.
#[derive(Clone)]
pub struct StepTable {
    /// What the groups are: `By location`.
    pub title: String,
    /// What the first column is: `Location`.
    pub head: String,
    /// The id of its heading.
    pub id: &'static str,
    /// The names of the steps.
    pub steps: Vec<String>,
    /// A row a group.
    pub rows: Vec<(String, Vec<String>)>,
    /// What the table counts.
    pub note: String,
}

/// Who lacks something.
#[derive(Clone)]
pub struct MissingList {
    /// What the list is of.
    pub title: String,
    /// How many there are in all, with separators.
    pub total: String,
    /// What there is to do for them.
    pub advice: String,
    /// The part that is shown.
    pub rows: Vec<MissingRow>,
    /// `1 to 50`; empty where all are shown.
    pub range: String,
    /// The part before.
    pub previous: Option<String>,
    /// The part after.
    pub next: Option<String>,
}

/// A patient of the list.
#[derive(Clone)]
pub struct MissingRow {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The birth date in words.
    pub born: String,
    /// The record number.
    pub record: String,
    /// The language in words.
    pub language: String,
    /// The visit within a week.
    pub visit: Option<When>,
    /// When the number was last proven or confirmed, where it is to be confirmed again.
    pub confirmed: Option<When>,
}

impl MissingRow {
    /// The initials beside the name.
    pub fn initials(&self) -> String {
        super::shell::initials(&self.name)
    }
}

/// What came in by one way.
#[derive(Clone)]
pub struct WayRow {
    /// The way in words.
    pub way: String,
    /// Consents.
    pub granted: String,
    /// Withdrawals.
    pub revoked: String,
    /// Details accepted.
    pub accepted: String,
    /// Details declined.
    pub declined: String,
    /// Numbers stopped.
    pub stopped: String,
    /// Phones proven.
    pub verified: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_and_its_bar_can_be_seen() {
        assert_eq!(Share::of(1, 3), Share { per_cent: 33, width: 333 });
        assert_eq!(Share::of(1, 100_000), Share { per_cent: 0, width: 4 });
        assert_eq!(Share::of(7, 7), Share { per_cent: 100, width: 1000 });
        assert_eq!((Share::of(0, 7), Share::of(0, 0)), (Share { per_cent: 0, width: 0 }, Share { per_cent: 0, width: 0 }));
    }
}
