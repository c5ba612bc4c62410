//! The phrase book: phrases written as readable lines, compiled once, all found in one pass over a text.
//!
//! A line is a row of steps. `word` is that word; `a|b` either; `<class>` any word of a list in the
//! lexicon; `step?` may be absent; `!step` must not come next; `..3` skips up to three words; `~` skips
//! determiners ("any more of your"). `^` and `$` are the edges of a clause (`$` may stand among
//! choices) and `=` of the whole text, where politeness does not count.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon;
use super::words::{Word, Words, trim};
use super::{AnswerWord, AppointmentRequest, DistressKind};
use super::{answer, appointment, automatic, distress, phrases_en, phrases_es, wrong_number};

/// The id of a word that no phrase uses.
pub(super) const UNKNOWN: u16 = 0;
/// The id of any row of digits.
pub(super) const NUMBER: u16 = 1;

/// The most words that `~` skips.
const MOST_DETERMINERS: usize = 4;

/// What a phrase says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Topic {
    /// A request to stop that a reasonable person cannot misread (T-08).
    Stop,
    /// Very likely a request to stop.
    ProbablyStop,
    /// May be a request to stop or may be despair.
    StopOrDespair,
    /// A request to stop that starts inside this phrase is none: negated, quoted, told about somebody else.
    NotStop,
    /// No request to stop stands in this text, whatever else it says.
    NothingStops,
    /// The request is limited in time or scope; staff should read it.
    Doubt,
    WrongNumber,
    NotWrongNumber,
    Distress(DistressKind),
    NotDistress,
    Automatic,
    Appointment(AppointmentRequest),
    NotAppointment,
    AboutVisits,
    Answer(AnswerWord),
    NotAnswer,
}

/// A phrase that was found: its words are `start..end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) topic: Topic,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The phrase is the whole text.
    pub(super) whole: bool,
}

/// A table of phrases about one topic.
pub(super) type Table = (Topic, &'static [&'static str]);

struct Step {
    /// Sorted vocabulary ids.
    words: Box<[u16]>,
    /// Matches a capitalised word that the vocabulary does not know.
    name: bool,
    /// Matches the end of the clause, taking no word.
    edge: bool,
    gap: u8,
    determiners: bool,
    optional: bool,
    forbidden: bool,
}

struct Phrase {
    topic: Topic,
    steps: Vec<Step>,
    clause_start: bool,
    clause_end: bool,
    whole: bool,
}

/// All phrases, compiled.
pub(super) struct Book {
    vocabulary: HashMap<&'static str, u16>,
    /// The words by id.
    names: Vec<Option<&'static str>>,
    classes: HashMap<&'static str, Vec<u16>>,
    phrases: Vec<Phrase>,
    /// For each vocabulary id, the phrases that can begin with it.
    by_first: Vec<Vec<u16>>,
}

static SHARED: LazyLock<Book> = LazyLock::new(|| Book::compile().0);

fn tables() -> impl Iterator<Item = &'static Table> {
    [phrases_en::TABLES, phrases_es::TABLES, wrong_number::TABLES, distress::TABLES, automatic::TABLES, appointment::TABLES, answer::TABLES]
        .into_iter()
        .flatten()
}

impl Book {
    /// The one phrase book of the process.
    pub(super) fn shared() -> &'static Book {
        &SHARED
    }

    /// Compiles every table. The second value lists the lines that are not well formed; a test keeps it empty.
    fn compile() -> (Book, Vec<&'static str>) {
        let mut book =
            Book { vocabulary: HashMap::new(), names: Vec::new(), classes: HashMap::new(), phrases: Vec::new(), by_first: Vec::new() };
        for (class, words) in lexicon::CLASSES {
            let ids = words.split_whitespace().map(|word| book.intern(word)).collect();
            book.classes.insert(class, ids);
        }
        let mut faults = Vec::new();
        for (topic, lines) in tables() {
            for line in *lines {
                match book.phrase(*topic, line) {
                    Some(phrase) => book.phrases.push(phrase),
                    None => faults.push(*line),
                }
            }
        }
        book.names = vec![None; book.vocabulary.len() + 2];
        for (word, id) in &book.vocabulary {
            book.names[usize::from(*id)] = Some(word);
        }
        book.by_first = vec![Vec::new(); book.vocabulary.len() + 2];
        for (index, phrase) in book.phrases.iter().enumerate() {
            let Some(first) = phrase.steps.first() else {
                continue;
            };
            let name = first.name.then_some(UNKNOWN);
            for id in first.words.iter().copied().chain(name) {
                book.by_first[usize::from(id)].push(u16::try_from(index).unwrap_or(u16::MAX));
            }
        }
        (book, faults)
    }

    fn intern(&mut self, word: &'static str) -> u16 {
        let next = u16::try_from(self.vocabulary.len() + 2).unwrap_or(UNKNOWN);
        *self.vocabulary.entry(word).or_insert(next)
    }

    fn phrase(&mut self, topic: Topic, line: &'static str) -> Option<Phrase> {
        let mut phrase = Phrase { topic, steps: Vec::new(), clause_start: false, clause_end: false, whole: false };
        let (mut gap, mut determiners) = (0, false);
        for part in line.split_whitespace() {
            match part {
                "=" => phrase.whole = true,
                "^" => phrase.clause_start = true,
                "$" => phrase.clause_end = true,
                "~" => determiners = true,
                part => {
                    if let Some(width) = part.strip_prefix("..") {
                        gap = width.parse().ok()?;
                        continue;
                    }
                    let mut step = self.step(part)?;
                    (step.gap, step.determiners) = (gap, determiners);
                    (gap, determiners) = (0, false);
                    phrase.steps.push(step);
                }
            }
        }
        let first = phrase.steps.first()?;
        let sound = !first.optional && !first.forbidden && first.gap == 0 && !first.determiners;
        (sound && gap == 0 && !determiners).then_some(phrase)
    }

    fn step(&mut self, part: &'static str) -> Option<Step> {
        let (part, optional) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
        let (part, forbidden) = part.strip_prefix('!').map_or((part, false), |part| (part, true));
        let mut words = Vec::new();
        let (mut name, mut edge) = (false, false);
        for choice in part.split('|') {
            match choice.strip_prefix('<') {
                Some("name>") => name = true,
                Some("n>") => words.push(NUMBER),
                Some(class) => words.extend(self.classes.get(class.strip_suffix('>')?)?),
                None if choice == "$" => edge = true,
                None if choice.is_empty() => return None,
                None => words.push(self.intern(choice)),
            }
        }
        words.sort_unstable();
        words.dedup();
        Some(Step { words: words.into(), name, edge, gap: 0, determiners: false, optional, forbidden })
    }

    /// The id of a folded word, if any phrase uses it.
    pub(super) fn id(&self, word: &str) -> Option<u16> {
        self.vocabulary.get(word).copied()
    }

    /// The word with this id.
    pub(super) fn name(&self, id: u16) -> Option<&'static str> {
        self.names.get(usize::from(id)).copied().flatten()
    }

    /// Whether the lexicon lists the word under `class`.
    pub(super) fn class_has(&self, class: &str, id: u16) -> bool {
        self.classes.get(class).is_some_and(|ids| ids.contains(&id))
    }

    /// Marks the polite words, which count for nothing at the edge of a clause.
    pub(super) fn mark_pads(&self, list: &mut [Word]) {
        let (Some(pads), Some(pairs)) = (self.classes.get(lexicon::PAD), self.classes.get(lexicon::PAD_PAIR)) else {
            return;
        };
        for word in list.iter_mut() {
            word.pad = pads.contains(&word.id);
        }
        for index in 1..list.len() {
            let (first, second) = (list[index - 1].id, list[index].id);
            if pairs.chunks_exact(2).any(|pair| pair == [first, second]) {
                list[index - 1].pad = true;
                list[index].pad = true;
            }
        }
    }

    /// Finds every phrase in the text.
    pub(super) fn find(&self, words: &Words) -> Vec<Hit> {
        let mut hits = Vec::new();
        let core = words.core();
        for start in 0..words.list.len() {
            for &index in &self.by_first[usize::from(words.list[start].id)] {
                let phrase = &self.phrases[usize::from(index)];
                if let Some(end) = self.matches(phrase, words, start, core) {
                    hits.push(Hit { topic: phrase.topic, start, end, whole: phrase.whole });
                }
            }
        }
        hits
    }

    fn matches(&self, phrase: &Phrase, words: &Words, start: usize, core: (usize, usize)) -> Option<usize> {
        let clause = words.list[start].clause;
        let trimmed = trim(&words.list, clause.0, clause.1);
        if phrase.whole && start != core.0 && start != 0 {
            return None;
        }
        if phrase.clause_start && start != clause.0 && start != trimmed.0 {
            return None;
        }
        let limit = if phrase.whole { words.list.len() } else { clause.1 };
        let last = if phrase.whole { Some((core.1, words.list.len())) } else { phrase.clause_end.then_some((trimmed.1, clause.1)) };
        let row = Row { list: &words.list, limit, last, edge: (trimmed.1, clause.1), determiners: self.classes.get(lexicon::DETERMINER) };
        row.follow(&phrase.steps, start)
    }
}

/// The words that a phrase may use while it is tried at one place.
struct Row<'a> {
    list: &'a [Word],
    limit: usize,
    /// Where the phrase must end, without and with the politeness behind it.
    last: Option<(usize, usize)>,
    /// The end of the clause, without and with the politeness behind it.
    edge: (usize, usize),
    determiners: Option<&'a Vec<u16>>,
}

impl Row<'_> {
    fn follow(&self, steps: &[Step], at: usize) -> Option<usize> {
        let Some((step, rest)) = steps.split_first() else {
            let ends = self.last.is_none_or(|(core, full)| (core..=full).contains(&at));
            return ends.then_some(at);
        };
        if step.forbidden {
            let present = at < self.limit && self.fits(step, at);
            return if present { None } else { self.follow(rest, at) };
        }
        if step.edge
            && (self.edge.0..=self.edge.1).contains(&at)
            && let Some(end) = self.follow(rest, at)
        {
            return Some(end);
        }
        let widest = if step.determiners { MOST_DETERMINERS } else { usize::from(step.gap) };
        for skipped in 0..=widest {
            let place = at + skipped;
            if place >= self.limit {
                break;
            }
            if step.determiners && skipped > 0 && !self.is_determiner(place - 1) {
                break;
            }
            if self.fits(step, place)
                && let Some(end) = self.follow(rest, place + 1)
            {
                return Some(end);
            }
        }
        if step.optional { self.follow(rest, at) } else { None }
    }

    fn fits(&self, step: &Step, at: usize) -> bool {
        let word = &self.list[at];
        if step.name && word.id == UNKNOWN && word.capitalised {
            return true;
        }
        step.words.binary_search(&word.id).is_ok()
    }

    fn is_determiner(&self, at: usize) -> bool {
        self.determiners.is_some_and(|list| list.contains(&self.list[at].id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_phrase_book_is_well_formed() {
        let (book, faults) = Book::compile();
        assert!(faults.is_empty(), "badly formed lines: {faults:#?}");
        assert!(book.phrases.len() < usize::from(u16::MAX));
    }

    #[test]
    fn every_word_of_the_phrase_book_is_written_as_texts_are_folded() {
        let book = Book::shared();
        let unfolded: Vec<_> = book
            .vocabulary
            .keys()
            .filter(|word| {
                let words = Words::of(word, book);
                words.list.len() != 1 || words.text(0) != **word
            })
            .collect();
        assert!(unfolded.is_empty(), "these words can never match: {unfolded:?}");
    }
}
