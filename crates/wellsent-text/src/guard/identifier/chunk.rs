//! A text as pieces between blanks, which is how numbers and codes are written.

use super::super::text::{Kind, Normalised, Token};
use super::{Category, Found};
use std::ops::Range;

/// Tokens without blanks between them, quotes, brackets and stops around them left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    /// Its first token.
    pub first: usize,
    /// One past its last token.
    pub last: usize,
    pub digits: usize,
    pub letters: usize,
    pub capitals: usize,
}

/// A text with its pieces.
pub(super) struct View<'t> {
    pub text: &'t Normalised,
    pub chunks: Vec<Chunk>,
}

impl<'t> View<'t> {
    pub(super) fn new(text: &'t Normalised) -> Self {
        let tokens = text.tokens();
        let mut chunks = Vec::new();
        let mut first = 0;
        while first < tokens.len() {
            let mut last = first + 1;
            while last < tokens.len() && tokens[last].glued {
                last += 1;
            }
            let (mut from, mut to) = (first, last);
            while from < to && tokens[from].kind == Kind::Mark && !matches!(text.word(from), "#" | "+" | "*" | "$" | "(" | "@") {
                from += 1;
            }
            while from < to && matches!(tokens[to - 1].kind, Kind::Mark | Kind::Emoji) && text.word(to - 1) != "*" {
                to -= 1;
            }
            if from < to {
                chunks.push(chunk(text, from, to));
            }
            first = last;
        }
        Self { text, chunks }
    }

    pub(super) fn tokens(&self) -> &'t [Token] {
        self.text.tokens()
    }

    /// The characters of some tokens.
    pub(super) fn range(&self, tokens: Range<usize>) -> Range<usize> {
        match (self.tokens().get(tokens.start), tokens.end.checked_sub(1).and_then(|last| self.tokens().get(last))) {
            (Some(first), Some(last)) if first.from < last.to => first.from as usize..last.to as usize,
            _ => 0..0,
        }
    }

    /// Some tokens as an identifier.
    pub(super) fn found(&self, tokens: Range<usize>, category: Category) -> Found {
        Found { range: self.range(tokens), category }
    }

    /// The characters of a chunk.
    pub(super) fn chars(&self, chunk: &Chunk) -> &'t [char] {
        &self.text.plain()[self.range(chunk.first..chunk.last)]
    }

    /// Whether the text holds one of these words.
    pub(super) fn has(&self, words: &[&str]) -> bool {
        (0..self.tokens().len()).any(|at| words.contains(&self.text.word(at)))
    }

    /// Whether one of these words stands among the `count` tokens before a token.
    pub(super) fn before(&self, at: usize, count: usize, words: &[&str]) -> bool {
        (at.saturating_sub(count)..at).any(|index| words.contains(&self.text.word(index)))
    }

    /// Whether one of these words stands among the `count` tokens from a token on.
    pub(super) fn after(&self, at: usize, count: usize, words: &[&str]) -> bool {
        (at..(at + count).min(self.tokens().len())).any(|index| words.contains(&self.text.word(index)))
    }

    /// The word before a token, marks left out.
    pub(super) fn word_before(&self, at: usize) -> &str {
        (0..at).rev().find(|index| self.tokens()[*index].kind != Kind::Mark).map_or("", |index| self.text.word(index))
    }

    /// The word at or after a token, marks left out.
    pub(super) fn word_after(&self, at: usize) -> &str {
        (at..self.tokens().len()).find(|index| self.tokens()[*index].kind != Kind::Mark).map_or("", |index| self.text.word(index))
    }

    /// Whether these words stand one after another somewhere, marks between them left out.
    pub(super) fn has_phrase(&self, phrase: &[&str]) -> bool {
        let count = self.tokens().len();
        let words: Vec<usize> = (0..count).filter(|at| self.tokens()[*at].kind != Kind::Mark).collect();
        words.windows(phrase.len()).any(|window| window.iter().zip(phrase).all(|(at, word)| self.text.word(*at) == *word))
    }
}

fn chunk(text: &Normalised, first: usize, last: usize) -> Chunk {
    let tokens = &text.tokens()[first..last];
    let (from, to) = (tokens.first().map_or(0, |token| token.from as usize), tokens.last().map_or(0, |token| token.to as usize));
    let chars = &text.plain()[from..to];
    Chunk {
        first,
        last,
        digits: chars.iter().filter(|ch| ch.is_ascii_digit()).count(),
        letters: chars.iter().filter(|ch| ch.is_alphabetic()).count(),
        capitals: chars.iter().filter(|ch| ch.is_uppercase()).count(),
    }
}
