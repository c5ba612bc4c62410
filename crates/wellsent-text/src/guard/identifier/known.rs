//! What the caller knows about the recipient: names, birth date and record numbers are identifiers wherever they stand.

use super::super::text::{Kind, Normalised};
use super::{Category, Found, Known};

/// Finds the recipient's own particulars.
pub(super) fn find(text: &Normalised, known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    for name in &known.recipient_names {
        let name = Normalised::new(name);
        let parts = words(&name);
        phrase(text, &parts, Category::Name, &mut found);
        for part in parts.iter().filter(|part| part.chars().count() >= 3) {
            for at in 0..text.tokens().len() {
                if text.word(at) == *part && !covered(text, at, &found) && written_as_name(text, at) {
                    found.push(token(text, at, at + 1, Category::Name));
                }
            }
        }
    }
    for number in &known.record_numbers {
        let number = Normalised::new(number);
        phrase(text, &words(&number), Category::Mrn, &mut found);
    }
    found
}

/// A name in small letters within a text that has capitals elsewhere is more likely the ordinary word (`will`, `grace`), unless no
/// such word is common.
fn written_as_name(text: &Normalised, at: usize) -> bool {
    let token = &text.tokens()[at];
    token.shape != super::super::text::Shape::Lower || super::names::word_level(text.word(at)) < 4
}

/// Whether a token is the name of a clinician or a place of the practice.
pub(super) fn belongs_to_practice(text: &Normalised, at: usize, known: &Known) -> bool {
    let word = text.word(at);
    known.clinicians.iter().chain(&known.places).any(|name| {
        let name = Normalised::new(name);
        words(&name).contains(&word)
    })
}

fn words(text: &Normalised) -> Vec<&str> {
    (0..text.tokens().len()).filter(|at| text.tokens()[*at].kind != Kind::Mark).map(|at| text.word(at)).collect()
}

fn phrase(text: &Normalised, parts: &[&str], category: Category, found: &mut Vec<Found>) {
    if parts.is_empty() {
        return;
    }
    let places: Vec<usize> = (0..text.tokens().len()).filter(|at| text.tokens()[*at].kind != Kind::Mark).collect();
    for window in places.windows(parts.len()) {
        let matches = window.iter().zip(parts).all(|(at, part)| text.word(*at) == *part);
        if let (true, [first, ..], Some(last)) = (matches, window, window.last())
            && !covered(text, *first, found)
            && (parts.len() > 1 || category != Category::Name || written_as_name(text, *first))
        {
            found.push(token(text, *first, last + 1, category));
        }
    }
}

fn covered(text: &Normalised, at: usize, found: &[Found]) -> bool {
    let from = text.tokens()[at].from as usize;
    found.iter().any(|one| one.range.contains(&from))
}

fn token(text: &Normalised, first: usize, last: usize, category: Category) -> Found {
    let (from, mut to) = (text.tokens()[first].from as usize, text.tokens()[last - 1].to as usize);
    if text.tokens()[last - 1].possessive {
        to -= 2;
    }
    Found { range: from..to, category }
}
