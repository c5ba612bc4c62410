//! Names of patients, relatives and members of a household, told from those of clinicians, places and ordinary words.
//!
//! A linear model looks at every word that may be a name; rules for titles stand above it.

mod features;
mod lists;

pub(super) use lists::word_level;

use super::super::model::table::Table;
use super::super::model::{Names, Sums, Weights};
use super::super::text::{Kind, Normalised, Shape};
use super::chunk::View;
use super::words::{CLINICIANS, KIN, ORGANISATIONS, STREETS, STRONG_TITLES, TITLES};
use super::{Category, Found, Known};
use features::Scene;
use std::ops::Range;

/// The weights that were compiled in.
pub(super) static EMBEDDED: Weights = Weights::Embedded(Table::new(include_bytes!(concat!(env!("OUT_DIR"), "/guard_name.bin")), 1));

/// A word counts as a name above this sum.
const THRESHOLD: f32 = 0.0;

/// What a rule says about a token before the model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Name,
    NoName,
}

/// Finds names outside of what was `found` already.
pub(super) fn find(view: &View, known: &Known, found: &[Found], weights: &Weights) -> Vec<Found> {
    let text = view.text;
    let scene = Scene::new(text);
    let rules = rules(&scene, known);
    let mut named = vec![false; text.tokens().len()];
    let mut before = false;
    for at in 0..named.len() {
        let token = &text.tokens()[at];
        if token.kind == Kind::Mark {
            before &= matches!(text.word(at), "-" | "." | "'");
            continue;
        }
        let taken = found.iter().any(|one| one.range.contains(&(token.from as usize)));
        named[at] = !taken
            && match rules[at] {
                Some(rule) => rule == Rule::Name,
                None => scene.is_candidate(at) && score(&scene, at, before, weights) > THRESHOLD,
            };
        before = named[at];
    }
    spans(&scene, &named, &rules).into_iter().map(|tokens| one(text, tokens)).collect()
}

fn score(scene: &Scene, at: usize, before: bool, weights: &Weights) -> f32 {
    let mut sums = Sums::new([weights]);
    features::of_token(scene, at, before, &mut sums);
    sums.sums[0][0]
}

fn one(text: &Normalised, tokens: Range<usize>) -> Found {
    let (first, last) = (&text.tokens()[tokens.start], &text.tokens()[tokens.end - 1]);
    let end = if last.possessive { last.to - 2 } else { last.to };
    Found { range: first.from as usize..end as usize, category: Category::Name }
}

/// What titles and the caller's lists decide.
fn rules(scene: &Scene, known: &Known) -> Vec<Option<Rule>> {
    let text = scene.text;
    let tokens = text.tokens();
    let mut rules = vec![None; tokens.len()];
    let capital = |at: usize| tokens.get(at).is_some_and(|token| token.kind == Kind::Word && token.shape != Shape::Lower);
    // "Dr. Marsh, as a patient you may ..."
    let patient = (2..tokens.len()).any(|at| text.word(at) == "patient" && text.word(at - 1) == "a" && text.word(at - 2) == "as");
    for at in 0..tokens.len() {
        if tokens[at].kind != Kind::Word {
            continue;
        }
        let word = text.word(at);
        // "Mark your calendar", "May I", "Grace period"
        let verb = scene.priors[at].ambiguous && tokens[at].begins && !tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Mark);
        if verb
            && matches!(
                text.word(at + 1),
                "i" | "we"
                    | "you"
                    | "your"
                    | "the"
                    | "my"
                    | "our"
                    | "a"
                    | "an"
                    | "us"
                    | "me"
                    | "it"
                    | "this"
                    | "that"
                    | "all"
                    | "period"
                    | "to"
            )
        {
            rules[at] = Some(Rule::NoName);
            continue;
        }
        // Places: "San Jose", "St. Patrick's"
        if matches!(word, "san" | "st" | "saint" | "mt" | "fort" | "ft") && tokens[at].shape == Shape::Title {
            let next = at + 1 + usize::from(text.word(at + 1) == ".");
            let jude = !tokens.get(next).is_some_and(|token| token.begins) || text.word(at + 1) == ".";
            if capital(next) && jude && rules[at].is_none() {
                (rules[at], rules[next]) = (Some(Rule::NoName), Some(Rule::NoName));
            }
            continue;
        }
        let mut next = at + 1;
        while matches!(text.word(next), "." | "&") && next < at + 3 {
            next += 1;
        }
        let clinician = !patient
            && CLINICIANS.contains(&word)
            && !(matches!(word, "pa" | "ma" | "do" | "lic" | "doc") && tokens[at].shape == Shape::Lower);
        if clinician && matches!(text.word(at + 1), "." | "") | capital(next) | matches!(word, "dr" | "dra" | "nurse") {
            let mut index = next;
            rules[at] = Some(Rule::NoName);
            while index < next + 4 {
                let goes_on = capital(index) && !tokens[index].begins
                    || index == next
                        && tokens.get(index).is_some_and(|token| {
                            token.kind == Kind::Word
                                && token.shape == Shape::Lower
                                && (matches!(word, "dr" | "dra" | "nurse") && scene.priors[index].word < 4)
                        });
                let joined = matches!(text.word(index), "-" | "'") && tokens[index].glued && index > next;
                if !goes_on && !joined {
                    break;
                }
                if STRONG_TITLES.contains(&text.word(index)) {
                    break;
                }
                rules[index] = Some(Rule::NoName);
                // "Nurse Bea, Ms. Lee": a possessive or the next title ends it.
                if tokens[index].possessive {
                    break;
                }
                index += 1;
            }
        } else if STRONG_TITLES.contains(&word)
            || patient && matches!(word, "dr" | "dra")
            || matches!(word, "sr" | "don") && capital(at) && capital(next) && !tokens[next].begins
        {
            let mut index = next;
            if matches!(text.word(index), "and" | "y" | "e") {
                index += 1;
            }
            if STRONG_TITLES.contains(&text.word(index)) {
                continue;
            }
            let lower = tokens
                .get(index)
                .is_some_and(|token| token.kind == Kind::Word && token.shape == Shape::Lower && scene.priors[index].word < 6);
            let mut behind = index + 1;
            while capital(behind) {
                behind += 1;
            }
            let staff = text.word(behind) == "from"
                || text.word(behind) == "at" && matches!(text.word(behind + 1), "the" | "check" | "front" | "reception")
                || at > 0 && matches!(text.word(at - 1), "teacher" | "maestra" | "maestro" | "principal" | "la" | "el");
            if staff && rules[index].is_none() {
                continue;
            }
            let far = tokens.get(index).is_some_and(|token| token.begins) && text.word(at + 1) != ".";
            if (capital(index) || lower && matches!(word, "mr" | "mrs" | "ms" | "sra" | "dona" | "senora"))
                && !far
                && rules[index].is_none()
            {
                rules[index] = Some(Rule::Name);
            }
        }
        // "Amy Wong, RN"
        let degree = matches!(
            word,
            "rn" | "np" | "md" | "lpn" | "cna" | "dds" | "dmd" | "do" | "pa" | "fnp" | "lcsw" | "phd" | "psyd" | "dpt" | "crnp" | "aprn"
        ) && tokens[at].shape == Shape::Upper;
        if degree {
            let mut index = at;
            while index > 0 && index + 4 > at && (capital(index - 1) || matches!(text.word(index - 1), "," | ".")) {
                index -= 1;
                if tokens[index].kind == Kind::Word {
                    rules[index] = Some(Rule::NoName);
                }
            }
        }
        if rules[at].is_none() && is_introduced(scene, at) {
            rules[at] = Some(Rule::Name);
        }
        if super::known::belongs_to_practice(text, at, known) && capital(at) && rules[at].is_none() {
            rules[at] = Some(Rule::NoName);
        }
    }
    rules
}

/// "this is kofi", "my name is Ana", "soy lupe": whoever writes tells the name, unless it is somebody of the staff.
fn is_introduced(scene: &Scene, at: usize) -> bool {
    let text = scene.text;
    let back = |count: usize| at.checked_sub(count).map_or("", |index| text.word(index));
    let told = back(1) == "soy"
        || matches!(
            (back(2), back(1)),
            ("this", "is")
                | ("name", "is" | "s")
                | ("me", "llamo")
                | ("nombre" | "apellido", "es")
                | ("le", "habla")
                | ("hi" | "hey" | "hola" | "hello", "its" | "im")
        );
    let prior = &scene.priors[at];
    let listed = prior.given >= 2 || prior.surname >= 4;
    let staff = (at + 1..(at + 4).min(text.tokens().len()))
        .any(|index| matches!(text.word(index), "from" | "at" | "with" | "de" | "en" | "your" | "su" | "here" | "la" | "el"));
    told && listed && prior.word < 3 && !prior.health && !staff
}

/// Tokens that are names, joined with those that belong to them.
fn spans(scene: &Scene, named: &[bool], rules: &[Option<Rule>]) -> Vec<Range<usize>> {
    let text = scene.text;
    let tokens = text.tokens();
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < named.len() {
        if !named[at] {
            at += 1;
            continue;
        }
        let mut first = at;
        let mut last = at + 1;
        loop {
            let mut next = last;
            if tokens[last - 1].possessive {
                break;
            }
            while next < named.len()
                && matches!(text.word(next), "-" | "'" | ".")
                && tokens[next].glued
                && next < last + 2
                && tokens.get(next + 1).is_some()
            {
                next += 1;
            }
            let initial_stop = next == last + 1 && text.word(last) == ".";
            let Some(token) = tokens.get(next) else { break };
            let hyphen = next > last && text.word(last) == "-";
            let follows = named[next]
                || hyphen && token.glued && token.kind == Kind::Word
                || matches!(text.word(next), "jr" | "sr" | "ii" | "iii" | "iv") && token.shape != Shape::Lower
                || rules[next].is_none()
                    && token.kind == Kind::Word
                    && token.shape == Shape::Title
                    && !token.begins
                    && scene.priors[next].word < 3
                    && !scene.priors[next].health
                    && !ORGANISATIONS.contains(&text.word(next))
                    && !STREETS.contains(&text.word(next));
            let allowed =
                next == last || hyphen || initial_stop && tokens[last - 1].to - tokens[last - 1].from <= 2 || text.word(last) == "'";
            if !follows || !allowed {
                break;
            }
            last = next + 1;
        }
        while first > 0 {
            let title = if text.word(first - 1) == "." && first > 1 { first - 2 } else { first - 1 };
            let joined = matches!(text.word(title), "&" | "and" | "y")
                && title > 0
                && STRONG_TITLES.contains(&text.word(title.saturating_sub(1)).trim_end_matches('.'));
            if TITLES.contains(&text.word(title))
                && (tokens[title].shape != Shape::Lower
                    || KIN.contains(&text.word(title))
                    || STRONG_TITLES.contains(&text.word(title))
                    || text.word(title) == "don")
            {
                first = title;
            } else if joined && title + 1 == first {
                first = title - 1;
            } else {
                break;
            }
        }
        if let Some(previous) = spans.last_mut().filter(|previous| previous.end > first) {
            previous.end = last;
        } else {
            spans.push(first..last);
        }
        at = last;
    }
    spans
}

/// A text as the trainer of the model sees it.
pub(in super::super) struct Sample {
    /// For every word that the model is asked about: its code points and its features.
    pub words: Vec<((u32, u32), Vec<(String, f32)>)>,
}

impl Sample {
    /// Looks at a text; `is_name` says of code points whether they are part of a name.
    pub(in super::super) fn new(text: &str, is_name: impl Fn(u32, u32) -> bool) -> Self {
        let normalised = Normalised::new(text);
        let view = View::new(&normalised);
        let known = Known::default();
        let scene = Scene::new(&normalised);
        let rules = rules(&scene, &known);
        let mut found = Vec::new();
        for search in [
            super::web::find,
            super::number::find,
            super::phone::find,
            super::date::find,
            super::age::find,
            super::address::find,
            super::picture::find,
        ] {
            super::add(&mut found, search(&view, &known));
        }
        let mut words = Vec::new();
        let mut before = false;
        for (at, token) in normalised.tokens().iter().enumerate() {
            if token.kind == Kind::Mark {
                before &= matches!(normalised.word(at), "-" | "." | "'");
                continue;
            }
            let range = (token.start, token.end);
            let taken = found.iter().any(|one| one.range.contains(&(token.from as usize)));
            if !taken && rules[at].is_none() && scene.is_candidate(at) {
                let mut names = Names::default();
                features::of_token(&scene, at, before, &mut names);
                words.push((range, names.0));
            }
            before = is_name(range.0, range.1);
        }
        Self { words }
    }
}
