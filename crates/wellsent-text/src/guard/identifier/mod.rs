//! Identifiers: who somebody is. They follow the list of 45 CFR 164.514(b)(2)(i) as far as it can stand in a short text.

mod address;
mod age;
mod chunk;
mod date;
mod known;
mod label;
pub(super) mod names;
mod number;
mod phone;
mod picture;
mod web;
mod words;

use super::model::Weights;
use super::text::Normalised;
use super::{Category, Known, Span};
use std::ops::Range;

/// An identifier, in characters of [`Normalised::plain`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    range: Range<usize>,
    category: Category,
}

/// Finds identifiers, sorted and without overlaps.
pub(super) fn find(text: &Normalised, known: &Known) -> Vec<Span> {
    find_with(text, known, &names::EMBEDDED)
}

/// The same with other weights for names than those that were compiled in.
pub(super) fn find_with(text: &Normalised, known: &Known, weights: &Weights) -> Vec<Span> {
    // What was found earlier stands, and what overlaps it gives way.
    let mut found = known::find(text, known);
    let view = chunk::View::new(text);
    for search in [web::find, number::find, phone::find, date::find, age::find, address::find, picture::find] {
        let more = search(&view, known);
        add(&mut found, more);
    }
    let named = names::find(&view, known, &found, weights);
    add(&mut found, named);
    found.sort_by_key(|one| one.range.start);
    found.into_iter().map(|one| span(text, one)).collect()
}

fn add(found: &mut Vec<Found>, more: Vec<Found>) {
    for one in more {
        if found.iter().all(|other| one.range.end <= other.range.start || other.range.end <= one.range.start) {
            found.push(one);
        }
    }
}

fn span(text: &Normalised, found: Found) -> Span {
    let (start, end) = text.original(found.range);
    Span { start, end, category: found.category, special: None, weak: false, why: why(found.category) }
}

fn why(category: Category) -> &'static str {
    match category {
        Category::Name => "names a person",
        Category::Geo => "tells where a person lives",
        Category::Date => "holds a date of a person",
        Category::Phone => "holds a telephone number of a person",
        Category::Fax => "holds a fax number of a person",
        Category::Email => "holds an e-mail address",
        Category::Ssn => "holds a social security number",
        Category::Mrn => "holds a record number",
        Category::HealthPlan => "holds a number of a health plan",
        Category::Account => "holds an account, invoice or card number",
        Category::License => "holds a licence number",
        Category::Vehicle => "holds a licence plate",
        Category::Device => "holds a serial number",
        Category::Url => "holds a personal link",
        Category::Ip => "holds an internet address",
        Category::Biometric => "speaks of a finger, face or voice print",
        Category::Photo => "speaks of a photo of a person",
        _ => "holds a number that belongs to a person",
    }
}

#[cfg(test)]
mod tests;
