//! Linear models: a sum of weights for the features that a word or a text has.

pub(super) mod features;
#[allow(dead_code, reason = "the build lays tables out, and the library reads them")]
pub(super) mod table;

use std::collections::HashMap;
use std::fmt;
use table::{SEED, Table, hash};

macro_rules! embedded {
    ($name:literal, $width:literal) => {
        Weights::Embedded(Table::new(include_bytes!(concat!(env!("OUT_DIR"), "/guard_", $name, ".bin")), $width))
    };
}

/// Weights by feature.
pub enum Weights {
    /// Those that were compiled in.
    Embedded(Table),
    /// Those that a trainer has just found.
    Learnt(HashMap<u64, Vec<f32>>),
}

impl Weights {
    /// Weights under the names of their features.
    pub fn learnt<'n>(rows: impl IntoIterator<Item = (&'n str, Vec<f32>)>) -> Self {
        Self::Learnt(rows.into_iter().map(|(name, weights)| (hash(SEED, name.as_bytes()), weights)).collect())
    }

    fn add(&self, hash: u64, value: f32, sums: &mut [f32]) {
        match self {
            Self::Embedded(table) => table.add(hash, value, sums),
            Self::Learnt(rows) => {
                for (sum, weight) in sums.iter_mut().zip(rows.get(&hash).into_iter().flatten()) {
                    *sum += value * weight;
                }
            }
        }
    }
}

impl fmt::Debug for Weights {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Weights(..)")
    }
}

/// The models that decide together.
#[derive(Debug)]
pub struct Models {
    /// Whether a word is part of health content.
    pub token: Weights,
    /// Which category a word of health content has.
    pub category: Weights,
    /// Which special kind a word of health content has; the first weight stands for none.
    pub special: Weights,
    /// Whether a text has health content.
    pub message: Weights,
}

/// The models that were compiled in.
pub(super) static EMBEDDED: Models = Models {
    token: embedded!("token", 1),
    category: embedded!("category", 6),
    special: embedded!("special", 5),
    message: embedded!("message", 1),
};

/// Takes features.
pub(super) trait Sink {
    /// Takes a feature; its name is the pieces one after another.
    fn add(&mut self, name: &[&str], value: f32);
}

/// Sums up the weights of features in several models at once.
pub(super) struct Sums<'m, const N: usize> {
    models: [&'m Weights; N],
    seen: Vec<u64>,
    /// A row of sums for every model.
    pub sums: [[f32; 6]; N],
}

impl<'m, const N: usize> Sums<'m, N> {
    /// Nothing summed up yet.
    pub(super) fn new(models: [&'m Weights; N]) -> Self {
        Self { models, seen: Vec::with_capacity(128), sums: [[0.0; 6]; N] }
    }
}

impl<const N: usize> Sink for Sums<'_, N> {
    fn add(&mut self, name: &[&str], value: f32) {
        let hash = name.iter().fold(SEED, |state, piece| hash(state, piece.as_bytes()));
        // A feature is there or not: a word that a text repeats does not count again.
        if self.seen.contains(&hash) {
            return;
        }
        self.seen.push(hash);
        for (model, sums) in self.models.iter().zip(&mut self.sums) {
            model.add(hash, value, sums);
        }
    }
}

/// Writes features down.
#[derive(Default)]
pub(super) struct Names(pub Vec<(String, f32)>);

impl Sink for Names {
    fn add(&mut self, name: &[&str], value: f32) {
        self.0.push((name.concat(), value));
    }
}

/// A sum as a probability.
pub(super) fn probability(sum: f32) -> f32 {
    1.0 / (1.0 + (-sum).exp())
}
