//! Logistic regression that keeps few weights: follow the regularised leader, coordinate by coordinate, with a penalty on the size of
//! a weight that leaves most of them at exactly nothing. The same rows in the same order give the same weights.

use std::collections::HashMap;

/// Features under numbers.
#[derive(Default)]
pub struct Book {
    numbers: HashMap<String, u32>,
    pub names: Vec<String>,
    counts: Vec<u32>,
}

/// A row: features with values.
pub type Row = Vec<(u32, f32)>;

impl Book {
    /// Numbers the features of a row.
    pub fn row(&mut self, features: Vec<(String, f32)>) -> Row {
        let mut row: Row = Vec::with_capacity(features.len());
        for (name, value) in features {
            let next = self.names.len() as u32;
            let number = *self.numbers.entry(name).or_insert_with_key(|name| {
                self.names.push(name.clone());
                self.counts.push(0);
                next
            });
            if !row.iter().any(|(known, _)| *known == number) {
                self.counts[number as usize] += 1;
                row.push((number, value));
            }
        }
        row
    }

    /// Takes features that stand in fewer than `least` rows out of the rows.
    pub fn prune(&self, rows: &mut [Row], least: u32) {
        for row in rows {
            row.retain(|(number, _)| self.counts[*number as usize] >= least);
        }
    }
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub rate: f32,
    /// The penalty on the size of a weight.
    pub l1: f32,
    /// The penalty on its square.
    pub l2: f32,
    pub rounds: usize,
    /// In how many orders the rows are gone through.
    pub orders: usize,
    /// How much more a row counts whose answer is yes.
    pub yes: f32,
}

/// Learns weights for `features` features from rows and answers.
///
/// `weights` says how much each row counts, or is empty. The rows are gone through in several orders, and the mean of what they
/// teach is taken: it depends less on the order, and does better on texts that have not been seen.
pub fn learn(rows: &[&Row], answers: &[bool], weights: &[f32], features: usize, settings: Settings) -> Vec<f32> {
    let orders = settings.orders.max(1);
    let mut mean = vec![0f32; features];
    for order in 0..orders {
        for (sum, weight) in mean.iter_mut().zip(learn_once(rows, answers, weights, features, settings, order as u64)) {
            *sum += weight / orders as f32;
        }
    }
    mean
}

fn learn_once(rows: &[&Row], answers: &[bool], weights: &[f32], features: usize, settings: Settings, seed: u64) -> Vec<f32> {
    let mut z = vec![0f32; features];
    let mut n = vec![0f32; features];
    let weight = |z: f32, n: f32| {
        if z.abs() <= settings.l1 { 0.0 } else { -(z - z.signum() * settings.l1) / ((1.0 + n.sqrt()) / settings.rate + settings.l2) }
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * seed + 1);
    for _ in 0..settings.rounds {
        for index in (1..order.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            order.swap(index, (state % (index as u64 + 1)) as usize);
        }
        for at in &order {
            let row = rows[*at];
            let sum: f32 = row.iter().map(|(number, value)| weight(z[*number as usize], n[*number as usize]) * value).sum();
            let mut error = 1.0 / (1.0 + (-sum.clamp(-30.0, 30.0)).exp()) - if answers[*at] { 1.0 } else { 0.0 };
            if answers[*at] {
                error *= settings.yes;
            }
            error *= weights.get(*at).copied().unwrap_or(1.0);
            for (number, value) in row {
                let index = *number as usize;
                let gradient = error * value;
                let sigma = ((n[index] + gradient * gradient).sqrt() - n[index].sqrt()) / settings.rate;
                z[index] += gradient - sigma * weight(z[index], n[index]);
                n[index] += gradient * gradient;
            }
        }
    }
    z.iter().zip(&n).map(|(z, n)| weight(*z, *n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_tells_gets_a_weight_and_one_that_does_not_gets_none() {
        let mut book = Book::default();
        let mut rows = Vec::new();
        let mut answers = Vec::new();
        for index in 0..200 {
            let told = if index % 2 == 0 { "yes" } else { "no" };
            let noise = if index % 4 < 2 { "a" } else { "b" };
            rows.push(book.row(vec![(told.to_owned(), 1.0), (noise.to_owned(), 1.0)]));
            answers.push(index % 2 == 0);
        }
        let rows: Vec<&Row> = rows.iter().collect();
        let settings = Settings { rate: 0.2, l1: 0.5, l2: 0.1, rounds: 5, orders: 2, yes: 1.0 };
        let weights = learn(&rows, &answers, &[], book.names.len(), settings);
        let of = |name: &str| weights[book.names.iter().position(|known| known == name).unwrap()];
        assert!(of("yes") > 1.0 && of("no") < -1.0, "{weights:?}");
        assert!(of("a").abs() < 0.2 && of("b").abs() < 0.2, "{weights:?}");
    }
}
