//! Rules over words and classes of words, such as "a part of the body, then a complaint".
//!
//! A pattern is a row of elements: a word, `@class`, `#` for a number, `CONDITION` (or another category) for a term of the lexicon;
//! alternatives stand with `|` between them, a `?` behind makes an element optional, a `!` before makes it forbidden at that place,
//! `~3` is a gap of at most three words, `^` is the beginning of a sentence, and `[` and `]` narrow what is reported.

use super::lexicon::packed::CATEGORIES;
use super::lexicon::{CLASS_NAMES, Hit, Packed, Sentence, Word};
use super::text::Kind;
use std::collections::HashMap;
use std::sync::OnceLock;

const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/guard_rules.txt"));

#[derive(Default)]
struct OneOf {
    words: Vec<&'static str>,
    classes: u64,
    categories: u8,
    number: bool,
}

enum Element {
    OneOf(OneOf),
    Optional(OneOf),
    Forbidden(OneOf),
    Gap(usize),
    Beginning,
    Open,
    Close,
}

struct Rule {
    packed: Packed,
    elements: Vec<Element>,
}

/// The rules, and for every class and word the rules that can begin with it.
pub(super) struct Rules {
    rules: Vec<Rule>,
    by_word: HashMap<&'static str, Vec<u16>>,
    by_class: Vec<Vec<u16>>,
    by_category: Vec<Vec<u16>>,
    by_number: Vec<u16>,
    anywhere: Vec<u16>,
}

/// What a rule looks at.
pub(super) struct View<'a> {
    pub sentence: &'a Sentence,
    pub classes: &'a [u64],
    /// For every word the terms that begin there, the longest first.
    pub terms: &'a [Vec<Hit>],
}

impl Rules {
    /// The one set of rules of the process.
    pub(super) fn shared() -> &'static Self {
        static SHARED: OnceLock<Rules> = OnceLock::new();
        SHARED.get_or_init(|| Self::read(TEXT))
    }

    fn read(text: &'static str) -> Self {
        let classes: Vec<&str> = CLASS_NAMES.lines().collect();
        let mut all = Self {
            rules: Vec::new(),
            by_word: HashMap::new(),
            by_class: vec![Vec::new(); classes.len()],
            by_category: vec![Vec::new(); CATEGORIES.len()],
            by_number: Vec::new(),
            anywhere: Vec::new(),
        };
        for line in text.lines() {
            let Some((number, pattern)) = line.split_once('\t') else { continue };
            let Ok(number) = number.parse() else { continue };
            let elements = pattern.split_whitespace().map(|element| element_of(element, &classes)).collect();
            let index = all.rules.len() as u16;
            all.rules.push(Rule { packed: Packed::from_u64(number), elements });
            all.index(index);
        }
        all
    }

    fn index(&mut self, index: u16) {
        let first = self.rules[usize::from(index)].elements.iter().find(|element| !matches!(element, Element::Open));
        let Some(Element::OneOf(first)) = first else {
            self.anywhere.push(index);
            return;
        };
        for word in &first.words {
            self.by_word.entry(word).or_default().push(index);
        }
        for (bit, rules) in self.by_class.iter_mut().enumerate() {
            if (first.classes >> bit) & 1 == 1 {
                rules.push(index);
            }
        }
        for (bit, rules) in self.by_category.iter_mut().enumerate() {
            if (first.categories >> bit) & 1 == 1 {
                rules.push(index);
            }
        }
        if first.number {
            self.by_number.push(index);
        }
    }

    /// Everything that the rules find.
    pub(super) fn find(&self, view: &View<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut tried: Vec<u16> = Vec::new();
        for at in 0..view.sentence.words.len() {
            tried.clear();
            let word = &view.sentence.words[at];
            for text in texts(word) {
                tried.extend(self.by_word.get(text).into_iter().flatten());
            }
            let mut bits = view.classes[at];
            while bits != 0 {
                tried.extend(self.by_class.get(bits.trailing_zeros() as usize).into_iter().flatten());
                bits &= bits - 1;
            }
            for term in &view.terms[at] {
                tried.extend(&self.by_category[usize::from(term.packed.category)]);
            }
            if is_number(word) {
                tried.extend(&self.by_number);
            }
            tried.extend(&self.anywhere);
            tried.sort_unstable();
            tried.dedup();
            for index in &tried {
                let rule = &self.rules[usize::from(*index)];
                let mut place = Place { open: None, close: None };
                if let Some(end) = matches(&rule.elements, view, at, at, &mut place) {
                    let (from, to) = (place.open.unwrap_or(at), place.close.unwrap_or(end));
                    if from < to {
                        hits.push(Hit { from, to, packed: rule.packed, fuzzy: false, rule: true });
                    }
                }
            }
        }
        hits
    }
}

struct Place {
    open: Option<usize>,
    close: Option<usize>,
}

fn element_of(text: &'static str, classes: &[&str]) -> Element {
    match text {
        "^" => return Element::Beginning,
        "[" => return Element::Open,
        "]" => return Element::Close,
        _ => {}
    }
    if let Some(most) = text.strip_prefix('~') {
        return Element::Gap(most.parse().unwrap_or(1));
    }
    if let Some(rest) = text.strip_prefix('!') {
        return Element::Forbidden(one_of(rest, classes));
    }
    match text.strip_suffix('?') {
        Some(rest) => Element::Optional(one_of(rest, classes)),
        None => Element::OneOf(one_of(text, classes)),
    }
}

fn one_of(text: &'static str, classes: &[&str]) -> OneOf {
    let mut one = OneOf::default();
    for part in text.split('|') {
        if part == "#" {
            one.number = true;
        } else if let Some(name) = part.strip_prefix('@') {
            match classes.iter().position(|known| *known == name) {
                Some(bit) => one.classes |= 1 << bit,
                None => debug_assert!(false, "a rule names the class {name}, which does not exist"),
            }
        } else if let Some(category) = CATEGORIES.iter().position(|known| *known == part) {
            one.categories |= 1 << category;
        } else {
            one.words.push(part);
        }
    }
    one
}

fn texts(word: &Word) -> impl Iterator<Item = &str> {
    std::iter::once(word.text.as_str()).chain(word.forms.iter().map(String::as_str))
}

fn is_number(word: &Word) -> bool {
    matches!(word.kind, Kind::Number | Kind::Mixed) && word.text.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// One past the last word that an element takes at a place.
fn taken(one: &OneOf, view: &View<'_>, at: usize) -> Option<usize> {
    let word = view.sentence.words.get(at)?;
    if one.categories != 0
        && let Some(term) = view.terms[at].iter().find(|term| (one.categories >> term.packed.category) & 1 == 1)
    {
        return Some(term.to);
    }
    let fits = view.classes[at] & one.classes != 0
        || one.number && is_number(word)
        || one.words.iter().any(|wanted| texts(word).any(|text| text == *wanted));
    fits.then_some(at + 1)
}

fn matches(elements: &[Element], view: &View<'_>, begin: usize, at: usize, place: &mut Place) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else { return Some(at) };
    let crosses = at > begin && view.sentence.words.get(at).is_some_and(|word| word.after_stop);
    match element {
        Element::Beginning => {
            let first = view.sentence.words.get(at)?;
            if first.after_stop { matches(rest, view, begin, at, place) } else { None }
        }
        Element::Open => {
            place.open = Some(at);
            matches(rest, view, begin, at, place)
        }
        Element::Close => {
            place.close = Some(at);
            matches(rest, view, begin, at, place)
        }
        Element::OneOf(one) if !crosses => matches(rest, view, begin, taken(one, view, at)?, place),
        Element::OneOf(_) => None,
        Element::Optional(one) => {
            if !crosses
                && let Some(next) = taken(one, view, at)
                && let Some(end) = matches(rest, view, begin, next, place)
            {
                return Some(end);
            }
            matches(rest, view, begin, at, place)
        }
        Element::Forbidden(one) => {
            if taken(one, view, at).is_some() {
                None
            } else {
                matches(rest, view, begin, at, place)
            }
        }
        Element::Gap(most) => {
            for skipped in 0..=*most {
                if at + skipped > begin && view.sentence.words.get(at + skipped).is_none_or(|word| skipped > 0 && word.after_stop) {
                    break;
                }
                if let Some(end) = matches(rest, view, begin, at + skipped, place) {
                    return Some(end);
                }
            }
            None
        }
    }
}
