//! The phones' journal: what really happened, whatever our database says.

use crate::beside::Beside;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

/// One record.
#[derive(Debug, Clone, Deserialize)]
pub struct Record {
    pub at_us: i64,
    pub kind: String,
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub token: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    pub event: String,
    /// An SMPP centre numbers the phones' texts.
    #[serde(default)]
    pub text: Option<u64>,
    /// Which part it is of a text of several.
    #[serde(default)]
    pub part: Option<u8>,
}

/// A text that the network took.
#[derive(Debug, Clone)]
pub struct Taken {
    pub at_us: i64,
    /// The network's own name for it.
    pub id: String,
    /// Empty where the network hears no tokens.
    pub token: String,
    pub to: String,
    /// What it says; of a text that travels in parts, the first one.
    pub body: String,
    pub in_parts: bool,
    /// Whether the phone has it, the whole of it.
    pub got: bool,
    /// Whether the first of its parts did not arrive.
    pub first_lost: bool,
}

impl Taken {
    /// Whether this is what a text of these words begins with, or is.
    pub fn says(&self, words: &str) -> bool {
        if self.in_parts { words.starts_with(&self.body) } else { words == self.body }
    }
}

/// A text that a phone sent.
#[derive(Debug, Clone)]
pub struct Texted {
    pub event: String,
    pub from: String,
    pub body: String,
    /// When the server acknowledged it, if it did.
    pub acknowledged_us: Option<i64>,
}

/// The journal, sorted out.
#[derive(Debug, Default)]
pub struct Journal {
    /// Texts that were taken, in order.
    pub taken: Vec<Taken>,
    /// Texts from phones, in order.
    pub texted: Vec<Texted>,
    /// Tokens of submissions that were surely not taken.
    pub not_taken: Vec<String>,
    /// Callbacks that were given up or turned away: there must be none.
    pub abandoned: usize,
}

impl Journal {
    /// Reads the file of a network that has ended.
    pub fn read(path: &Path, beside: Beside) -> Self {
        let text = std::fs::read_to_string(path).expect("the journal");
        let mut journal = Self::default();
        let (mut by_id, mut by_event) = (HashMap::new(), HashMap::new());
        let mut to_phone: HashMap<String, Vec<usize>> = HashMap::new();
        for line in text.lines() {
            let mut record: Record = serde_json::from_str(line).expect("a record of the journal");
            if beside == Beside::Smpp {
                spell_as_others(&mut record);
            }
            match record.kind.as_str() {
                // Only the first part of a text says that it was taken; the centre sees the others as texts of their own.
                "accepted" if record.part.is_some_and(|part| part > 1) => {}
                "accepted" => {
                    by_id.insert(record.id.clone(), journal.taken.len());
                    to_phone.entry(record.to.clone()).or_default().push(journal.taken.len());
                    let Record { at_us, id, token, to, body, part, .. } = record;
                    journal.taken.push(Taken { at_us, id, token, to, body, in_parts: part.is_some(), got: false, first_lost: false });
                }
                "got" if beside == Beside::Smpp => {
                    let to = to_phone.get(&record.to).map(Vec::as_slice).unwrap_or_default();
                    if let Some(at) = to.iter().find(|at| !journal.taken[**at].got && journal.taken[**at].says(&record.body)) {
                        journal.taken[*at].got = true;
                    }
                }
                "got" => {
                    if let Some(at) = by_id.get(&record.id) {
                        journal.taken[*at].got = true;
                    }
                }
                "undelivered" if record.part == Some(1) => {
                    let to = to_phone.get(&record.to).map(Vec::as_slice).unwrap_or_default();
                    let lost = to.iter().rev().find(|at| !journal.taken[**at].got && journal.taken[**at].body == record.body);
                    if let Some(at) = lost {
                        journal.taken[*at].first_lost = true;
                    }
                }
                "refused" | "throttled" | "dropped" if beside.hears_tokens() => journal.not_taken.push(record.token),
                "text" => {
                    by_event.insert(record.event.clone(), journal.texted.len());
                    let Record { event, from, body, .. } = record;
                    journal.texted.push(Texted { event, from, body, acknowledged_us: None });
                }
                "acknowledged" => {
                    if let Some(at) = by_event.get(&record.event) {
                        journal.texted[*at].acknowledged_us = Some(record.at_us);
                    }
                }
                "turned_away" | "given_up" => journal.abandoned += 1,
                _ => {}
            }
        }
        journal
    }
}

/// A centre writes numbers without the plus and numbers texts instead of naming them.
fn spell_as_others(record: &mut Record) {
    for number in [&mut record.from, &mut record.to] {
        if !number.is_empty() {
            number.insert(0, '+');
        }
    }
    if let Some(text) = record.text {
        record.event = text.to_string();
    }
}
