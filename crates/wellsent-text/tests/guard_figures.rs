//! How well the guard does on marked texts: a change that makes it worse fails here.
//!
//! A line is `lang dir topic tags<TAB>text`, with spans as `{words|CATEGORY}` or `{words|CATEGORY|SPECIAL}`.

use wellsent_text::guard::training::{Models, Weights, check_with};
use wellsent_text::guard::{Known, Report, check};

const DEV: &str = include_str!("phi/dev.txt");
const HELD_A: &str = include_str!("phi/held_a.txt");
const HELD_B: &str = include_str!("phi/held_b.txt");
const HEALTH: [&str; 6] = ["CONDITION", "MEDICATION", "PROCEDURE", "TEST", "SPECIALTY", "PAYMENT"];

struct Marked {
    text: String,
    health: bool,
    special: bool,
    identifier: bool,
}

fn marked(line: &str) -> Marked {
    let (_, rest) = line.split_once('\t').expect("a line has a tab");
    let mut found = Marked { text: String::new(), health: false, special: false, identifier: false };
    let mut pieces = rest.split('{');
    found.text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (span, after) = piece.split_once('}').expect("a mark is closed");
        let fields: Vec<&str> = span.split('|').collect();
        let health = HEALTH.contains(&fields[1]);
        found.health |= health;
        found.identifier |= !health;
        found.special |= fields.len() > 2;
        found.text.push_str(fields[0]);
        found.text.push_str(after);
    }
    found
}

/// Shares in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    precision: f64,
    recall: f64,
    special: f64,
    identifiers: f64,
}

impl Figures {
    fn reach(self, floors: Self) -> bool {
        self.precision >= floors.precision
            && self.recall >= floors.recall
            && self.special >= floors.special
            && self.identifiers >= floors.identifiers
    }
}

fn figures(texts: &str, guard: impl Fn(&str) -> Report) -> Figures {
    let judged: Vec<(Marked, Report)> = texts
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let one = marked(line);
            let report = guard(&one.text);
            (one, report)
        })
        .collect();
    let count = |wanted: &dyn Fn(&Marked, &Report) -> bool| judged.iter().filter(|(one, report)| wanted(one, report)).count() as f64;
    let both = count(&|one, report| one.health && report.has_health());
    let identified = count(&|one, report| one.identifier && report.has_identifier());
    Figures {
        precision: 100.0 * both / count(&|_, report| report.has_health()),
        recall: 100.0 * both / count(&|one, _| one.health),
        special: 100.0 * count(&|one, report| one.special && report.has_health()) / count(&|one, _| one.special),
        identifiers: 200.0 * identified / (count(&|one, _| one.identifier) + count(&|_, report| report.has_identifier())),
    }
}

fn guard(text: &str) -> Report {
    check(text, &Known::default())
}

const DEV_FLOORS: Figures = Figures { precision: 90.0, recall: 97.0, special: 98.0, identifiers: 93.0 };
const HELD_FLOORS: Figures = Figures { precision: 90.0, recall: 94.0, special: 95.0, identifiers: 88.0 };

#[test]
fn the_guard_stays_as_good_as_it_is() {
    for (name, texts, floors) in [("dev", DEV, DEV_FLOORS), ("held A", HELD_A, HELD_FLOORS), ("held B", HELD_B, HELD_FLOORS)] {
        let found = figures(texts, guard);
        assert!(found.reach(floors), "{name}: {found:?}, and at least {floors:?} is wanted");
    }
}

#[test]
fn a_guard_that_has_learnt_nothing_does_not_pass() {
    let nothing = || Weights::learnt([]);
    let empty = Models { token: nothing(), category: nothing(), special: nothing(), message: nothing() };
    for (texts, floors) in [(DEV, DEV_FLOORS), (HELD_A, HELD_FLOORS)] {
        assert!(!figures(texts, |text| check_with(text, &empty)).reach(floors));
    }
}
