//! What the linear models know about a word and about a text.

use super::super::analysis::Analysis;
use super::super::lexicon::packed::{CATEGORIES, SPECIALS, STRENGTHS};
use super::super::lexicon::{CLASS_NAMES, Hit, Word};
use super::super::text::{Kind, Shape};
use super::Sink;
use std::sync::OnceLock;

fn class_names() -> &'static [&'static str] {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| CLASS_NAMES.lines().collect())
}

/// A word as the models know it: numbers by their length only.
fn key(word: &Word) -> &str {
    match word.kind {
        Kind::Number => ["#", "##", "###", "####", "#####"][word.text.len().clamp(1, 5) - 1],
        _ => word.meant.unwrap_or(&word.text),
    }
}

fn key_at(analysis: &Analysis, at: usize, step: isize) -> &str {
    match at.checked_add_signed(step) {
        None => "<",
        Some(index) => analysis.sentence.words.get(index).map_or(">", key),
    }
}

/// The name of what the lexicon says: category, special kind, strength, where from.
fn said(hit: &Hit) -> [&'static str; 4] {
    let packed = hit.packed;
    [
        CATEGORIES.get(usize::from(packed.category)).copied().unwrap_or(""),
        STRENGTHS.get(usize::from(packed.strength)).copied().unwrap_or(""),
        if packed.derived { "list" } else { "" },
        if hit.fuzzy { "slip" } else { "" },
    ]
}

fn special_name(hit: &Hit) -> &'static str {
    usize::from(hit.packed.special).checked_sub(1).and_then(|index| SPECIALS.get(index)).copied().unwrap_or("")
}

/// A short sign of what stands at a word: a category of the lexicon, a class or nothing.
fn sign(analysis: &Analysis, at: Option<usize>) -> &'static str {
    let Some(at) = at.filter(|at| *at < analysis.sentence.words.len()) else { return "-" };
    if analysis.trapped[at] {
        return "trap";
    }
    match analysis.term_at(at).or_else(|| analysis.rule_at(at)) {
        Some(hit) => CATEGORIES.get(usize::from(hit.packed.category)).copied().unwrap_or(""),
        None if analysis.identifier[at].is_some() => "id",
        None => "",
    }
}

/// The features of a word.
pub(in super::super) fn of_word(analysis: &Analysis, at: usize, sink: &mut impl Sink) {
    let word = &analysis.sentence.words[at];
    let k0 = key(word);
    let (b2, b1, a1, a2) = (key_at(analysis, at, -2), key_at(analysis, at, -1), key_at(analysis, at, 1), key_at(analysis, at, 2));
    sink.add(&["bias"], 1.0);
    sink.add(&["w=", k0], 1.0);
    sink.add(&["w-1=", b1], 1.0);
    sink.add(&["w+1=", a1], 1.0);
    sink.add(&["w-2=", b2], 1.0);
    sink.add(&["w+2=", a2], 1.0);
    sink.add(&["w-1,0=", b1, " ", k0], 1.0);
    sink.add(&["w0,1=", k0, " ", a1], 1.0);
    sink.add(&["w-2,-1=", b2, " ", b1], 1.0);
    sink.add(&["w+1,2=", a1, " ", a2], 1.0);
    spelling(word, k0, sink);
    sink.add(&["kind=", kind_name(word)], 1.0);
    if word.disguised {
        sink.add(&["disguised"], 1.0);
    }
    let before = at.checked_sub(1);
    let (s_before, s, s_after) = (sign(analysis, before), sign(analysis, Some(at)), sign(analysis, Some(at + 1)));
    sink.add(&["s=", s_before, "/", s, "/", s_after], 1.0);
    sink.add(&["s-1=", s_before], 1.0);
    sink.add(&["s+1=", s_after], 1.0);
    sink.add(&["s-2=", sign(analysis, at.checked_sub(2))], 1.0);
    sink.add(&["s+2=", sign(analysis, Some(at + 2))], 1.0);
    sink.add(&["s,w-1=", s, "/", b1], 1.0);
    sink.add(&["s,w+1=", s, "/", a1], 1.0);
    if let Some(hit) = analysis.term_at(at) {
        let [category, strength, list, slip] = said(hit);
        sink.add(&["lex=", category, strength, list, slip], 1.0);
        sink.add(&["lex.strength=", strength, list], 1.0);
        sink.add(&["lex.special=", special_name(hit)], 1.0);
        sink.add(&["lex.category=", category], 1.0);
        let length = ["1", "2", "3", "4"][(hit.to - hit.from).clamp(1, 4) - 1];
        sink.add(&["lex.length=", length, strength, list], 1.0);
        if word.shape == Shape::Title && !word.begins {
            sink.add(&["lex.title=", strength, list], 1.0);
        }
    }
    if let Some(hit) = analysis.rule_at(at) {
        let [category, strength, ..] = said(hit);
        sink.add(&["rule=", category, strength], 1.0);
        sink.add(&["rule.special=", special_name(hit)], 1.0);
    }
    for step in [-2isize, -1, 0, 1, 2] {
        let Some(index) = at.checked_add_signed(step).filter(|index| *index < analysis.classes.len()) else { continue };
        let place = ["c-2=", "c-1=", "c=", "c+1=", "c+2="][(step + 2) as usize];
        for_classes(analysis.classes[index], |name| {
            sink.add(&[place, name], 1.0);
            if step == 0 {
                sink.add(&["c,s+1=", name, "/", s_after], 1.0);
                sink.add(&["c,s-1=", name, "/", s_before], 1.0);
            }
        });
    }
    if let Some(category) = analysis.identifier[at] {
        sink.add(&["id=", category.as_str()], 1.0);
    }
    around(analysis, at, s, sink);
}

/// The letters of a word.
fn spelling(word: &Word, said: &str, sink: &mut impl Sink) {
    if word.kind == Kind::Number || !said.is_ascii() {
        return;
    }
    let length = said.len();
    for n in [3, 4, 5] {
        if length > n {
            sink.add(&["pre=", &said[..n]], 1.0);
            sink.add(&["suf=", &said[length - n..]], 1.0);
        }
    }
    if length >= 6 {
        for start in 1..length - 4 {
            sink.add(&["in=", &said[start..start + 4]], 1.0);
        }
    }
    sink.add(
        &[
            "shape=",
            match word.shape {
                Shape::Caseless => "none",
                Shape::Lower => "lower",
                Shape::Title => "title",
                Shape::Upper => "upper",
                Shape::Inner => "inner",
            },
            if word.begins { "^" } else { "" },
        ],
        1.0,
    );
}

fn kind_name(word: &Word) -> &'static str {
    match word.kind {
        Kind::Word => "word",
        Kind::Number => "number",
        Kind::Mixed => "mixed",
        Kind::Mark => "mark",
        Kind::Emoji => "emoji",
    }
}

/// What else the text holds.
fn around(analysis: &Analysis, at: usize, sign: &str, sink: &mut impl Sink) {
    let others = |strength: u8| analysis.hits.iter().any(|hit| hit.packed.strength == strength && !(hit.from..hit.to).contains(&at));
    for (strength, name) in [(2, "sure"), (1, "weak"), (0, "context")] {
        if others(strength) {
            sink.add(&["with ", name], 1.0);
            sink.add(&["with ", name, "/", sign], 1.0);
        }
    }
    if analysis.trapped.iter().any(|inside| *inside) {
        sink.add(&["with trap"], 1.0);
    }
    let all = analysis.classes.iter().fold(0, |all, classes| all | classes);
    for_classes(all, |name| sink.add(&["text/", name, "/", sign], 1.0));
}

fn for_classes(mut bits: u64, mut each: impl FnMut(&'static str)) {
    while bits != 0 {
        if let Some(name) = class_names().get(bits.trailing_zeros() as usize) {
            each(name);
        }
        bits &= bits - 1;
    }
}

/// The features of a text; `sums` are those of the token model for its words.
pub(in super::super) fn of_text(analysis: &Analysis, sums: &[f32], sink: &mut impl Sink) {
    sink.add(&["bias"], 1.0);
    let mut best: Vec<f32> = sums.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    let clipped = |at: usize| best.get(at).copied().unwrap_or(-8.0).clamp(-8.0, 8.0) / 4.0;
    sink.add(&["best"], clipped(0));
    sink.add(&["second"], clipped(1));
    sink.add(&["third"], clipped(2));
    let none: f32 = sums.iter().map(|sum| (1.0 - super::probability(*sum)).max(1e-4).ln()).sum();
    sink.add(&["any"], (-none).clamp(0.0, 8.0) / 4.0);
    let words = &analysis.sentence.words;
    for (at, word) in words.iter().enumerate() {
        let k0 = key(word);
        sink.add(&["w=", k0], 1.0);
        sink.add(&["w0,1=", k0, " ", key_at(analysis, at, 1)], 1.0);
        if at == 0 {
            sink.add(&["first=", k0], 1.0);
        }
    }
    let all = analysis.classes.iter().fold(0, |all, classes| all | classes);
    let mut strongest = "";
    for (strength, name) in [(0, "context"), (1, "weak"), (2, "sure")] {
        let count = analysis.hits.iter().filter(|hit| hit.packed.strength == strength && !hit.rule && !hit.packed.derived).count();
        if count > 0 {
            strongest = name;
            sink.add(&["has ", name], 1.0);
            if count > 1 {
                sink.add(&["has several ", name], 1.0);
            }
        }
    }
    for hit in &analysis.hits {
        let [category, strength, list, slip] = said(hit);
        sink.add(&[if hit.rule { "rule " } else { "lex " }, category, strength, list, slip], 1.0);
        if hit.packed.special > 0 {
            sink.add(&["special ", strength, list], 1.0);
            sink.add(&["special ", special_name(hit), if hit.rule { " rule" } else { "" }, strength], 1.0);
        }
        if analysis.sentence.words[hit.from..hit.to].iter().any(|word| word.disguised) {
            sink.add(&["disguised ", strength], 1.0);
        }
    }
    if analysis.trapped.iter().any(|inside| *inside) {
        sink.add(&["trap ", strongest], 1.0);
    }
    if analysis.identifier.iter().any(Option::is_some) {
        sink.add(&["id ", strongest], 1.0);
    }
    for_classes(all, |name| {
        sink.add(&["class ", name], 1.0);
        sink.add(&["class ", name, "/", strongest], 1.0);
    });
    let length = ["1-2", "3-5", "6-9", "10-"][match words.len() {
        ..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    }];
    sink.add(&["length ", length, "/", strongest], 1.0);
}
