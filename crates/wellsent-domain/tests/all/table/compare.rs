//! The table and the gate, side by side.

use super::ask::{Change, Gate};
use super::decide::{Answer, Outcome, decide};
use super::product::{Combination, Product};
use super::rows::Row;
use std::sync::OnceLock;
use std::thread;

/// How many combinations ended how, by [`Outcome::ALL`].
pub type Tally = [usize; Outcome::ALL.len()];

/// A combination of which table and gate say different things.
#[derive(Debug)]
pub struct Disagreement {
    /// Which.
    pub of: Combination,
    /// What the table says.
    pub table: Answer,
    /// What the gate says.
    pub gate: Answer,
}

/// Walks places of a product until table and gate disagree.
fn walk(product: &Product, places: impl Iterator<Item = usize>, rows: &[Row], change: Option<Change>) -> Result<Tally, Box<Disagreement>> {
    let mut gate = Gate::seeing(change);
    let mut tally = Tally::default();
    for place in places {
        let of = product.at(place);
        let (table, gate) = (decide(rows, &of), gate.ask(&of));
        if table != gate {
            return Err(Box::new(Disagreement { of, table, gate }));
        }
        tally[table.outcome as usize] += 1;
    }
    Ok(tally)
}

/// Walks a whole product, on every processor.
pub fn compare(product: &Product, rows: &[Row], change: Option<Change>) -> Result<Tally, Box<Disagreement>> {
    let hands = thread::available_parallelism().map_or(1, usize::from);
    let share = product.len().div_ceil(hands);
    thread::scope(|scope| {
        let parts: Vec<_> = (0..hands)
            .map(|hand| (hand * share)..product.len().min((hand + 1) * share))
            .map(|places| scope.spawn(move || walk(product, places, rows, change)))
            .collect();
        let mut sum = Tally::default();
        for part in parts {
            let tally = part.join().expect("a walk does not panic")?;
            sum.iter_mut().zip(tally).for_each(|(sum, count)| *sum += count);
        }
        Ok(sum)
    })
}

/// The products in full, walked once for all tests that want to know.
pub fn in_full() -> &'static [(Product, Tally)] {
    static WALKED: OnceLock<Vec<(Product, Tally)>> = OnceLock::new();
    WALKED.get_or_init(|| {
        let rows = super::rows::rows();
        let walked = |product: Product| match compare(&product, &rows, None) {
            Ok(tally) => (product, tally),
            Err(found) => panic!("the table and the gate disagree: {found:#?}"),
        };
        super::product::PRODUCTS.into_iter().map(walked).collect()
    })
}
