//! Finding people.

use askama::Template;

use super::{Shell, TextingState};

/// The search page with its results.
#[derive(Clone, Template)]
#[template(path = "console/people.html")]
pub struct People {
    /// The frame.
    pub shell: Shell,
    /// What was searched for; empty before a search.
    pub query: String,
    /// The results, or the people added lately before a search.
    pub results: Vec<PersonRow>,
    /// Were there more than are shown?
    pub more: bool,
}

/// One person in a list.
#[derive(Clone)]
pub struct PersonRow {
    /// The person's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The birth date in words.
    pub born: String,
    /// The record number.
    pub record: String,
    /// The preferred number in words; may be empty.
    pub number: String,
    /// The language in words.
    pub language: String,
    /// The next visit in words; may be empty.
    pub next_visit: String,
    /// May they be texted?
    pub texting: TextingState,
}

impl PersonRow {
    /// The initials beside the name.
    pub fn initials(&self) -> String {
        super::shell::initials(&self.name)
    }
}
