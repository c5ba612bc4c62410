//! Turns an inbound text into words that the phrase book knows.
//!
//! Letters are folded (width, case, accents, look-alikes), disguises are undone (`s t o p`, `st0p`,
//! `stoppp`), and the places where a thought ends are kept, because "Stop. Thank you" and
//! "stop thanking me" are not the same request.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::book::{Book, UNKNOWN};
use super::disguise::recognise;
use super::lexicon;

/// Only this many characters of a text are read; the rest of a hostile text costs nothing.
const LONGEST: usize = 1_600;

/// Folding can lengthen a text (one ligature becomes eighteen letters), so the folded text is bounded too.
const LONGEST_FOLDED: usize = 4 * LONGEST;

/// What stands between a word and the one before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Break {
    None,
    Comma,
    Sentence,
}

/// How the word was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spelling {
    Plain,
    Misspelt,
    Emoji,
}

/// One word of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    start: usize,
    end: usize,
    /// The word as the vocabulary writes it, if it is there.
    name: Option<&'static str>,
    /// The word's place in the phrase book's vocabulary.
    pub(super) id: u16,
    pub(super) before: Break,
    pub(super) spelling: Spelling,
    /// Written as names are: a capital, then small letters.
    pub(super) capitalised: bool,
    /// Somebody else's words: inside quotation marks.
    pub(super) quoted: bool,
    /// Politeness that changes nothing at the edge of a sentence ("please", "gracias").
    pub(super) pad: bool,
    /// The clause it stands in (a stretch without any break), as a range of indexes.
    pub(super) clause: (usize, usize),
}

/// An inbound text, folded and cut into words.
pub(super) struct Words {
    folded: String,
    pub(super) list: Vec<Word>,
    /// The text holds a question mark.
    pub(super) question: bool,
    /// The text holds a letter or mark that Spanish has and English does not.
    pub(super) spanish_mark: bool,
    /// Something other than words and plain punctuation stands in the text, so an answer in it is not bare.
    pub(super) odd: bool,
    /// A phone's report that somebody liked a text, which quotes that text in full.
    pub(super) tapback: bool,
}

impl Words {
    /// Reads the first 1,600 characters of `text`.
    pub(super) fn of(text: &str, book: &Book) -> Words {
        let mut reader = Reader::new();
        let mut previous = ' ';
        let mut chars = text.chars().take(LONGEST).map(plain_apostrophe).nfkd().peekable();
        while let Some(c) = chars.next() {
            if reader.folded.len() > LONGEST_FOLDED {
                break;
            }
            if invisible(c) {
                continue;
            }
            let next = chars.peek().copied().unwrap_or(' ');
            reader.take(c, previous, next);
            previous = c;
        }
        reader.finish_word();
        reader.into_words(book)
    }

    /// The folded letters of a word.
    pub(super) fn text(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |word| self.of_word(word))
    }

    /// The folded letters of `word`, which must be one of this text; undisguised where the vocabulary knows it.
    pub(super) fn of_word(&self, word: &Word) -> &str {
        word.name.or_else(|| self.folded.get(word.start..word.end)).unwrap_or("")
    }

    /// The words without the politeness at both edges, as a range of indexes.
    pub(super) fn core(&self) -> (usize, usize) {
        trim(&self.list, 0, self.list.len())
    }
}

/// Narrows `start..end` by the politeness at its edges.
pub(super) fn trim(list: &[Word], mut start: usize, mut end: usize) -> (usize, usize) {
    while start < end && list[start].pad {
        start += 1;
    }
    while end > start && list[end - 1].pad {
        end -= 1;
    }
    (start, end)
}

fn plain_apostrophe(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{00B4}' | '`' | '\u{02BC}' | '\u{2032}' | '\u{FF07}' => '\'',
        other => other,
    }
}

/// Zero-width characters, direction marks, variation selectors and the enclosing keycap.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{20E3}'
        | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0000}'..='\u{E0FFF}')
        || (is_combining_mark(c) && c != '\u{0301}' && c != '\u{0303}')
}

/// The picture word that an emoji stands for.
fn picture(c: char) -> Option<&'static str> {
    match c {
        '🛑' | '⛔' | '🚫' | '✋' | '🤚' | '⏹' | '🖕' => Some(lexicon::STOP_SIGN),
        '👍' | '👌' | '✅' | '✔' | '🆗' | '☑' => Some(lexicon::THUMB_UP),
        '👎' | '🙅' | '❌' => Some(lexicon::THUMB_DOWN),
        _ => None,
    }
}

struct Reader {
    folded: String,
    list: Vec<Word>,
    word: Option<(usize, bool, bool)>,
    before: Break,
    quote: Option<usize>,
    question: bool,
    spanish_mark: bool,
    odd: bool,
}

impl Reader {
    fn new() -> Reader {
        Reader {
            folded: String::with_capacity(192),
            list: Vec::with_capacity(32),
            word: None,
            before: Break::None,
            quote: None,
            question: false,
            spanish_mark: false,
            odd: false,
        }
    }

    fn take(&mut self, c: char, previous: char, next: char) {
        if c == '\u{0301}' || c == '\u{0303}' {
            self.spanish_mark |= previous.is_ascii_alphabetic();
            return;
        }
        let symbol_letter = matches!(c, '$' | '@') && (next.is_ascii_alphabetic() || previous.is_ascii_alphabetic());
        if c.is_alphanumeric() && picture(c).is_none() || symbol_letter {
            let (_, capital, small) = self.word.get_or_insert((self.folded.len(), c.is_uppercase(), false));
            *small |= *capital && c.is_lowercase();
            self.folded.extend(c.to_lowercase());
            return;
        }
        if c == '\'' && self.word.is_some() && next.is_alphanumeric() {
            return;
        }
        self.finish_word();
        self.mark(c, previous, next);
    }

    fn mark(&mut self, c: char, previous: char, next: char) {
        let ends_word = !next.is_alphanumeric() || !previous.is_alphanumeric();
        match c {
            '.' | ':' if !ends_word => {}
            // The dots of "S. T. O. P." and "Dr. Chen" end no sentence.
            '.' if self.list.last().is_some_and(|w| w.end - w.start == 1 && w.before != Break::Sentence)
                && previous.is_alphabetic()
                && next == ' ' => {}
            '?' => {
                self.question = true;
                self.before = Break::Sentence;
            }
            '.' | '!' | ';' | '\n' | '\r' | '(' | ')' | '\u{2013}' | '\u{2014}' | '\u{2026}' => {
                self.before = Break::Sentence;
            }
            '-' if previous == ' ' && next == ' ' => self.before = Break::Sentence,
            '-' if next.is_ascii_digit() && !previous.is_ascii_digit() => self.odd = true,
            ',' | ':' => self.before = self.before.max(Break::Comma),
            '¿' | '¡' => {
                self.spanish_mark = true;
                self.before = self.before.max(Break::Comma);
            }
            '"' | '\u{201C}' | '\u{201D}' | '«' | '»' => self.quotation(c, previous),
            '#' if self.list.last().is_some_and(|w| self.folded.get(w.start..w.end) == Some("wrong")) => {
                self.push_literal("number", Spelling::Plain);
            }
            '*' | '#' | '\'' | '-' | '_' | '~' | '[' | ']' | '{' | '}' | '|' => {}
            c if c.is_whitespace() => {}
            c => match picture(c) {
                Some(word) => self.push_literal(word, Spelling::Emoji),
                None => self.odd = true,
            },
        }
    }

    fn quotation(&mut self, c: char, previous: char) {
        let can_open = previous.is_whitespace() || previous == '(' || previous == ':';
        match self.quote {
            Some(first) if c != '\u{201C}' => {
                self.list[first..].iter_mut().for_each(|word| word.quoted = true);
                self.quote = None;
                self.before = self.before.max(Break::Comma);
            }
            None if can_open && c != '\u{201D}' => self.quote = Some(self.list.len()),
            _ => {}
        }
    }

    fn push_literal(&mut self, text: &str, spelling: Spelling) {
        let start = self.folded.len();
        self.folded.push_str(text);
        self.push(start, spelling, false);
    }

    fn finish_word(&mut self) {
        if let Some((start, capital, small)) = self.word.take() {
            self.push(start, Spelling::Plain, capital && small);
        }
    }

    fn push(&mut self, start: usize, spelling: Spelling, capitalised: bool) {
        let before = std::mem::replace(&mut self.before, Break::None);
        self.list.push(Word {
            start,
            end: self.folded.len(),
            name: None,
            id: UNKNOWN,
            before,
            spelling,
            capitalised,
            quoted: false,
            pad: false,
            clause: (0, 0),
        });
    }

    fn into_words(mut self, book: &Book) -> Words {
        self.join_spelled_letters(book);
        for word in &mut self.list {
            let text = self.folded.get(word.start..word.end).unwrap_or("");
            let (id, misspelt) = recognise(text, book);
            word.id = id;
            word.name = book.name(id);
            if misspelt && word.spelling == Spelling::Plain {
                word.spelling = Spelling::Misspelt;
            }
        }
        let tapback = self.quote_of_a_tapback(book);
        if self.list.iter().all(|word| word.quoted) {
            self.list.iter_mut().for_each(|word| word.quoted = false);
        }
        book.mark_pads(&mut self.list);
        mark_clauses(&mut self.list);
        Words { folded: self.folded, list: self.list, question: self.question, spanish_mark: self.spanish_mark, odd: self.odd, tapback }
    }

    /// "Liked “…”": everything after the first words is the practice's own text.
    fn quote_of_a_tapback(&mut self, book: &Book) -> bool {
        let quoted_from = self.list.iter().position(|word| word.quoted).or(self.quote);
        let Some(first) = quoted_from.filter(|&first| first > 0 && first <= 6) else {
            return false;
        };
        let reported = self.list[..first].iter().any(|word| book.class_has(lexicon::TAPBACK, word.id));
        if reported {
            self.list[first..].iter_mut().for_each(|word| word.quoted = true);
        }
        reported
    }

    /// Joins `s t o p` and `S.T.O.P` into one word where the letters spell a keyword.
    fn join_spelled_letters(&mut self, book: &Book) {
        let mut index = 0;
        while index < self.list.len() {
            let run = self.list[index..].iter().take(16).enumerate().take_while(|(offset, word)| {
                self.folded.get(word.start..word.end).is_some_and(|text| text.chars().count() == 1)
                    && (*offset == 0 || word.before == Break::None)
            });
            let run = run.count();
            if run >= 3 {
                let spelled: String = self.list[index..index + run].iter().filter_map(|w| self.folded.get(w.start..w.end)).collect();
                let longest = (3..=spelled.chars().count()).rev().find_map(|letters| {
                    let end = spelled.char_indices().nth(letters).map_or(spelled.len(), |(at, _)| at);
                    let candidate = spelled.get(..end)?;
                    let id = book.id(candidate)?;
                    book.class_has(lexicon::KEYWORD, id).then(|| (letters, candidate.to_owned()))
                });
                if let Some((letters, keyword)) = longest {
                    let start = self.folded.len();
                    self.folded.push_str(&keyword);
                    let end = self.folded.len();
                    let first = &mut self.list[index];
                    (first.start, first.end) = (start, end);
                    self.list.drain(index + 1..index + letters);
                }
            }
            index += 1;
        }
    }
}

fn mark_clauses(list: &mut [Word]) {
    // "STOP. TEXTING. ME." is one thought.
    let staccato = list.len() > 2 && list.iter().skip(1).all(|word| word.before != Break::None);
    if staccato {
        list.iter_mut().for_each(|word| word.before = Break::None);
    }
    let mut start = 0;
    for end in 1..=list.len() {
        if end == list.len() || list[end].before != Break::None {
            list[start..end].iter_mut().for_each(|word| word.clause = (start, end));
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        let words = Words::of(text, Book::shared());
        (0..words.list.len()).map(|index| words.text(index).to_owned()).collect()
    }

    #[test]
    fn width_case_accents_and_invisible_marks_are_folded() {
        assert_eq!(folded("ＳＴＯＰ No Más don’t s\u{200B}top"), ["stop", "no", "mas", "dont", "stop"]);
    }

    #[test]
    fn spelled_letters_join_only_where_they_make_a_keyword() {
        assert_eq!(folded("s t o p"), ["stop"]);
        assert_eq!(folded("S.T.O.P. now"), ["stop", "now"]);
        assert_eq!(folded("a b c d"), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_clause_ends_at_a_sentence_but_not_inside_an_address() {
        let words = Words::of("Stop. Thank you", Book::shared());
        assert_eq!(words.list[0].clause, (0, 1));
        let words = Words::of("see elmst.example/stop", Book::shared());
        assert_eq!(words.list[0].clause, (0, 4));
    }

    #[test]
    fn a_very_long_text_is_cut() {
        assert!(Words::of(&"a ".repeat(100_000), Book::shared()).list.len() <= LONGEST);
        assert!(Words::of(&"\u{FDFA}".repeat(100_000), Book::shared()).folded.len() <= LONGEST_FOLDED + 64);
    }
}
