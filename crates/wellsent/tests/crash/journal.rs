//! The phones' journal: what really happened, whatever our database says.

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
}

/// A text that the network took.
#[derive(Debug, Clone)]
pub struct Taken {
    pub at_us: i64,
    pub token: String,
    pub to: String,
    pub body: String,
    /// Whether the phone has it.
    pub got: bool,
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
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("the journal");
        let mut journal = Self::default();
        let (mut by_id, mut by_event) = (HashMap::new(), HashMap::new());
        for line in text.lines() {
            let record: Record = serde_json::from_str(line).expect("a record of the journal");
            match record.kind.as_str() {
                "accepted" => {
                    by_id.insert(record.id, journal.taken.len());
                    let Record { at_us, token, to, body, .. } = record;
                    journal.taken.push(Taken { at_us, token, to, body, got: false });
                }
                "got" => {
                    if let Some(at) = by_id.get(&record.id) {
                        journal.taken[*at].got = true;
                    }
                }
                "refused" | "throttled" | "dropped" => journal.not_taken.push(record.token),
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
