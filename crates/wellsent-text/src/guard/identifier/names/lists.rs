//! How common a word is as a given name, as a surname and as a word of every day.

use super::super::super::lexicon::Lexicon;
use super::super::super::text::{Kind, Normalised};
use fst::Map;
use std::sync::OnceLock;

struct Lists {
    people: Map<&'static [u8]>,
    words: Map<&'static [u8]>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| Lists {
        people: open(include_bytes!(concat!(env!("OUT_DIR"), "/name_people.fst"))),
        words: open(include_bytes!(concat!(env!("OUT_DIR"), "/name_words.fst"))),
    })
}

fn open(bytes: &'static [u8]) -> Map<&'static [u8]> {
    match Map::new(bytes) {
        Ok(map) => map,
        // The build of this very crate wrote the bytes, so this is a fault of the build and not of any text.
        Err(error) => panic!("the lists of names were not compiled: {error}"),
    }
}

/// What the lists say about a word. Levels go from 0 (never) to 9 (very common).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Prior {
    pub given: u8,
    pub surname: u8,
    /// A name that is a word of every day too.
    pub ambiguous: bool,
    pub word: u8,
    /// A term of health care holds it.
    pub health: bool,
}

/// How common a word of every day is, 0 when it is none.
pub(in super::super) fn word_level(word: &str) -> u8 {
    lists().words.get(word).unwrap_or_default() as u8
}

/// Looks every word of a text up.
pub(super) fn priors(text: &Normalised) -> Vec<Prior> {
    let lexicon = Lexicon::shared();
    let look_up = |(at, token): (usize, &super::super::super::text::Token)| {
        if token.kind != Kind::Word {
            return Prior::default();
        }
        let word = text.word(at);
        let person = lists().people.get(word).unwrap_or_default();
        Prior {
            given: (person / 100) as u8,
            surname: (person / 10 % 10) as u8,
            ambiguous: person % 10 == 1,
            word: word_level(word),
            health: lexicon.in_vocabulary(word),
        }
    };
    text.tokens().iter().enumerate().map(look_up).collect()
}
