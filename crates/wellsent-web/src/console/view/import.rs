//! Uploading a file and reading what became of it.

use askama::Template;

use super::{Shell, When};

/// The import page.
#[derive(Clone, Template)]
#[template(path = "console/import.html")]
pub struct Import {
    /// The frame.
    pub shell: Shell,
    /// The kind chosen in the form.
    pub kind: ImportedKind,
    /// Why the file as a whole could not be read.
    pub failure: Option<String>,
    /// What became of the file just uploaded.
    pub report: Option<ImportReport>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedKind {
    /// Visits.
    Appointments,
    /// Patients.
    Patients,
    /// Acts of consent.
    Consents,
}

impl ImportedKind {
    /// All kinds.
    pub const ALL: &[Self] = &[Self::Appointments, Self::Patients, Self::Consents];

    /// The form value, posted as `kind`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appointments => "appointments",
            Self::Patients => "patients",
            Self::Consents => "consents",
        }
    }

    /// The words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Appointments => "Appointments",
            Self::Patients => "Patients",
            Self::Consents => "Consents",
        }
    }

    /// The kind of a form value.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// What became of a file.
#[derive(Clone)]
pub struct ImportReport {
    /// The file's name.
    pub file: String,
    /// When it was read.
    pub at: When,
    /// New rows.
    pub accepted: u32,
    /// Rows that changed something known.
    pub changed: u32,
    /// Rows that said nothing new.
    pub unchanged: u32,
    /// Planned texts that follow, in a sentence; may be empty.
    pub effect: String,
    /// Rows that could not be taken.
    pub rejected: Vec<Rejected>,
    /// Rejected rows beyond those listed.
    pub rejected_more: u32,
}

impl ImportReport {
    /// All rejected rows.
    pub fn rejected_total(&self) -> u32 {
        u32::try_from(self.rejected.len()).unwrap_or(u32::MAX).saturating_add(self.rejected_more)
    }
}

/// A row that could not be taken.
#[derive(Clone)]
pub struct Rejected {
    /// The line in the file, counted from 1 with the heading.
    pub line: u64,
    /// The column's name; may be empty.
    pub field: String,
    /// What is wrong and how to mend it.
    pub reason: String,
}
