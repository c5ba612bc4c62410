//! What the guard knows by heart: terms, traps, classes of words, and which words are common.

mod fuzzy;
mod inflection;
#[allow(dead_code, reason = "the build packs, and the library unpacks")]
pub(super) mod packed;
mod scan;
mod words;

pub(super) use packed::Packed;
pub(super) use scan::{Hit, find_classes, find_terms, trapped};
pub(super) use words::{Sentence, Word};

use fst::raw::{Fst, Output};
use std::sync::OnceLock;

macro_rules! embedded {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// The maps that the build has made.
pub(super) struct Lexicon {
    pub(super) terms: Fst<&'static [u8]>,
    pub(super) traps: Fst<&'static [u8]>,
    pub(super) classes: Fst<&'static [u8]>,
    vocabulary: Fst<&'static [u8]>,
    common: Fst<&'static [u8]>,
    fuzzy: fuzzy::Index,
}

/// The names of the word classes; the place of a name is its bit.
pub(super) const CLASS_NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/guard_class_names.txt"));

/// A position in a map and what has been gathered on the way.
#[derive(Clone, Copy)]
pub(super) struct Position {
    address: usize,
    output: Output,
}

impl Lexicon {
    /// The one lexicon of the process.
    pub(super) fn shared() -> &'static Self {
        static SHARED: OnceLock<Lexicon> = OnceLock::new();
        SHARED.get_or_init(|| Self {
            terms: open(embedded!("guard_terms.fst")),
            traps: open(embedded!("guard_traps.fst")),
            classes: open(embedded!("guard_classes.fst")),
            vocabulary: open(embedded!("guard_vocabulary.fst")),
            common: open(embedded!("guard_common.fst")),
            fuzzy: fuzzy::Index::new(include_str!(concat!(env!("OUT_DIR"), "/guard_fuzzy.txt"))),
        })
    }

    /// Whether a term holds the word.
    pub(super) fn in_vocabulary(&self, word: &str) -> bool {
        self.vocabulary.contains_key(word)
    }

    /// Whether the word is one that everybody uses, and so no misspelling of another.
    pub(super) fn is_common(&self, word: &str) -> bool {
        self.common.contains_key(word) || self.classes.contains_key(word)
    }

    /// The word of a term where a star stands for a letter, as in `h*rpes`.
    pub(super) fn starred(&self, word: &str) -> Option<&'static str> {
        self.fuzzy.starred(word)
    }

    /// The word of a term that this one is a misspelling of.
    pub(super) fn meant(&self, word: &str) -> Option<&'static str> {
        if self.is_common(word) { None } else { self.fuzzy.nearest(word) }
    }
}

fn open(bytes: &'static [u8]) -> Fst<&'static [u8]> {
    match Fst::new(bytes) {
        Ok(map) => map,
        // The build of this very crate wrote the bytes, so this is a fault of the build and not of any text.
        Err(error) => panic!("the lexicon was not compiled: {error}"),
    }
}

/// Walks on from a position over the bytes of a word.
pub(super) fn walk(map: &Fst<&'static [u8]>, mut position: Position, word: &[u8]) -> Option<Position> {
    for byte in word {
        position = step(map, position, *byte)?;
    }
    Some(position)
}

/// Walks on by a byte.
pub(super) fn step(map: &Fst<&'static [u8]>, position: Position, byte: u8) -> Option<Position> {
    let node = map.node(position.address);
    let found = node.transition(node.find_input(byte)?);
    Some(Position { address: found.addr, output: position.output.cat(found.out) })
}

/// The beginning of a map.
pub(super) fn root(map: &Fst<&'static [u8]>) -> Position {
    Position { address: map.root().addr(), output: Output::zero() }
}

/// The value of the key that ends at a position.
pub(super) fn value(map: &Fst<&'static [u8]>, position: Position) -> Option<u64> {
    let node = map.node(position.address);
    node.is_final().then(|| position.output.cat(node.final_output()).value())
}
