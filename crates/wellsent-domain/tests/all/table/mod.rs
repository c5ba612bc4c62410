//! The gate held against a table of the rules on every combination of permissions, number, content and person. The same table is the page
//! docs/GATE.md.

mod ask;
mod compare;
mod decide;
mod dimensions;
mod page;
mod product;
mod rows;

use ask::Change;
use compare::{compare, in_full};
use decide::{Outcome, decide};
use dimensions::*;
use product::{CAUSES, Combination, EVERY_KIND, Product};
use wellsent_domain::consent::{Standing, Warning::Accepted};
use wellsent_domain::gate::Reason;

#[test]
fn the_gate_rules_as_the_table_says_on_every_combination() {
    for (product, tally) in in_full() {
        assert_eq!(tally.iter().sum::<usize>(), product.len());
    }
    let seen = |outcome: Outcome| in_full().iter().any(|(_, tally)| tally[outcome as usize] > 0);
    assert!(Outcome::ALL.into_iter().all(seen), "a comparison that never sees an outcome says nothing about it");
}

#[test]
fn every_value_of_every_dimension_is_in_a_product() {
    for at in 0..Product::ALL.dimensions().len() {
        let most = product::PRODUCTS.iter().map(|product| product.dimensions()[at]).max_by_key(|(_, here, _)| *here);
        let (title, here, all) = most.expect("there are products");
        assert_eq!(here, all, "{title}");
    }
}

#[test]
fn without_any_one_of_its_rows_the_table_disagrees_with_the_gate() {
    let rows = rows::rows();
    for (n, row) in rows.iter().enumerate() {
        let mut alone = Combination::IN_ORDER;
        row.when.iter().for_each(|when| when.make_hold(&mut alone));
        let mut gate = ask::Gate::seeing(None);
        assert_eq!(decide(&rows, &alone), gate.ask(&alone), "{row:?}");
        let mut fewer = rows.clone();
        fewer.remove(n);
        assert_ne!(decide(&fewer, &alone), gate.ask(&alone), "nothing shows that this row is kept: {row:?}");
    }
}

#[test]
fn a_table_that_forgets_the_warning_is_found_out() {
    let mut rows = rows::rows();
    rows.retain(|row| row.reason != Reason::WarningNotShown);
    let found = compare(&CAUSES, &rows, None).expect_err("a row is missing");
    assert_eq!(found.of.warning, Warning::NotShown);
    assert!(found.gate.reasons.iter().any(|reason| reason == Reason::WarningNotShown));
    assert!(found.table.reasons.iter().all(|reason| reason != Reason::WarningNotShown));
}

#[test]
fn a_gate_that_overlooks_a_fact_is_found_out() {
    let overlooked: [(&str, Change); 10] = [
        ("a shared number", |facts| facts.contact.shared = false),
        ("a stop", |facts| facts.suppression = None),
        ("a missing consent", |facts| {
            let event = wellsent_domain::ConsentEventId::from_bytes([1; 16]);
            facts.consent = Some(Standing { event, at: jiff::Timestamp::UNIX_EPOCH, written: true, confirmed: true });
        }),
        ("a missing acceptance", |facts| facts.warning = Accepted),
        ("an authorization that is over", |facts| {
            if let Some(held) = &mut facts.authorization {
                held.until = None;
            }
        }),
        ("a request", |facts| facts.directives.clear()),
        ("a verification that lapsed", |facts| facts.settings.verification_days = 1_000),
        ("a protected person", |facts| facts.person.as_mut().expect("a person").sensitive = false),
        ("42 CFR Part 2", |facts| facts.part2 = false),
        ("the birthday of majority", |facts| facts.settings.majority_years = 19),
    ];
    let rows = rows::rows();
    for (what, change) in overlooked {
        assert!(compare(&EVERY_KIND, &rows, Some(change)).is_err(), "a gate that overlooks {what} passes");
    }
}

#[test]
fn the_table_cites_the_rule_of_each_reason_and_only_rules_that_are_explained() {
    let explained = page::read("RULES.md");
    for row in rows::rows() {
        assert!(row.rules.contains(&row.reason.rule()), "{row:?}");
        for rule in row.rules {
            assert!(explained.contains(&format!("\n| {rule} | ")), "docs/RULES.md does not explain {rule}");
        }
    }
}

#[test]
fn the_page_is_what_the_table_says() {
    page::check("GATE.md", &page::write(in_full()));
}
