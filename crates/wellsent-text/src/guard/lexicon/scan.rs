//! Finds terms, traps and classes in the words of a text.

use super::super::text::{Kind, Shape};
use super::{Lexicon, Packed, Position, Sentence, Word, root, step, value, walk};
use fst::raw::Fst;

/// A term of the lexicon, or the work of a rule, over some words.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Hit {
    /// Its first word.
    pub from: usize,
    /// One past its last word.
    pub to: usize,
    /// What the lexicon says.
    pub packed: Packed,
    /// A word of it is misspelt.
    pub fuzzy: bool,
    /// A rule found it.
    pub rule: bool,
}

/// Every term that stands in the text, longer ones first where they begin at the same word.
pub(in super::super) fn find_terms(sentence: &Sentence, lexicon: &Lexicon) -> Vec<Hit> {
    let mut hits = Vec::new();
    for from in 0..sentence.words.len() {
        let before = hits.len();
        search(&lexicon.terms, sentence, from, &mut |to, number, fuzzy| {
            let packed = Packed::from_u64(number);
            let words = &sentence.words[from..to];
            if packed.upper
                && !words
                    .iter()
                    .all(|word| matches!(word.shape, Shape::Upper | Shape::Caseless) || word.text.len() == 1 && word.shape == Shape::Title)
            {
                return;
            }
            hits.push(Hit { from, to, packed, fuzzy, rule: false });
        });
        hits[before..].sort_by_key(|hit| (std::cmp::Reverse(hit.to), hit.fuzzy));
        // Of several readings of the same words the exact one counts.
        let mut kept = before;
        for index in before..hits.len() {
            if kept == before || hits[index].to != hits[kept - 1].to {
                hits[kept] = hits[index];
                kept += 1;
            }
        }
        hits.truncate(kept);
    }
    hits
}

/// Which words lie in a phrase that only sounds like health.
pub(in super::super) fn trapped(sentence: &Sentence, lexicon: &Lexicon) -> Vec<bool> {
    let mut inside = vec![false; sentence.words.len()];
    for from in 0..sentence.words.len() {
        search(&lexicon.traps, sentence, from, &mut |to, _, fuzzy| {
            if !fuzzy {
                inside[from..to].fill(true);
            }
        });
    }
    inside
}

/// The classes of every word.
pub(in super::super) fn find_classes(sentence: &Sentence, lexicon: &Lexicon) -> Vec<u64> {
    let mut classes = vec![0; sentence.words.len()];
    for from in 0..sentence.words.len() {
        search(&lexicon.classes, sentence, from, &mut |to, bits, fuzzy| {
            if !fuzzy {
                for class in &mut classes[from..to] {
                    *class |= bits;
                }
            }
        });
    }
    classes
}

fn search(map: &Fst<&'static [u8]>, sentence: &Sentence, from: usize, found: &mut impl FnMut(usize, u64, bool)) {
    go_on(map, sentence, from, from, root(map), false, found);
    // "ear ache" for "earache"
    if let [first, second, ..] = &sentence.words[from..] {
        let whole = first.text.len() + second.text.len();
        if first.kind == Kind::Word
            && second.kind == Kind::Word
            && first.text.len() >= 2
            && second.text.len() >= 2
            && whole >= 6
            && joined(second)
        {
            let position = walk(map, root(map), first.text.as_bytes()).and_then(|position| walk(map, position, second.text.as_bytes()));
            if let Some(position) = position {
                after_word(map, sentence, from, from + 2, position, false, found);
            }
        }
    }
}

fn joined(word: &Word) -> bool {
    !word.after_stop && !word.after_comma
}

fn go_on(
    map: &Fst<&'static [u8]>,
    sentence: &Sentence,
    from: usize,
    at: usize,
    position: Position,
    fuzzy: bool,
    found: &mut impl FnMut(usize, u64, bool),
) {
    let Some(word) = sentence.words.get(at) else { return };
    if at > from && !joined(word) && !(word.after_stop && at - from == 1 && sentence.words[from].text.len() <= 2 && !word.begins_line()) {
        return;
    }
    if at - from > 8 {
        return;
    }
    read(map, sentence, from, at, position, &word.text, fuzzy, found);
    for form in &word.forms {
        let slip = word.meant.is_some();
        read(map, sentence, from, at, position, form, fuzzy || slip, found);
    }
}

impl Word {
    fn begins_line(&self) -> bool {
        self.shape == Shape::Title
    }
}

#[expect(clippy::too_many_arguments, reason = "a search carries its state along")]
fn read(
    map: &Fst<&'static [u8]>,
    sentence: &Sentence,
    from: usize,
    at: usize,
    position: Position,
    word: &str,
    fuzzy: bool,
    found: &mut impl FnMut(usize, u64, bool),
) {
    let mut here = position;
    for (count, byte) in word.bytes().enumerate() {
        // A star in a term stands for any ending.
        if count >= 3
            && let Some(open) = step(map, here, b'*')
        {
            after_word(map, sentence, from, at + 1, open, fuzzy, found);
        }
        match step(map, here, byte) {
            Some(next) => here = next,
            None => return,
        }
    }
    if let Some(open) = step(map, here, b'*') {
        after_word(map, sentence, from, at + 1, open, fuzzy, found);
    }
    after_word(map, sentence, from, at + 1, here, fuzzy, found);
}

fn after_word(
    map: &Fst<&'static [u8]>,
    sentence: &Sentence,
    from: usize,
    to: usize,
    position: Position,
    fuzzy: bool,
    found: &mut impl FnMut(usize, u64, bool),
) {
    if let Some(number) = value(map, position) {
        found(to, number, fuzzy);
    }
    if let Some(next) = step(map, position, b' ') {
        go_on(map, sentence, from, to, next, fuzzy, found);
    }
}
