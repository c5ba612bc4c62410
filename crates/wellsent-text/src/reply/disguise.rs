//! Finds the word that a folded row of letters stands for: `st0p`, `stoppp`, `stopstop`, look-alike letters, common slips.

use super::book::{Book, NUMBER, UNKNOWN};
use super::lexicon;

/// The vocabulary id of a folded word, and whether it took a guess at a misspelling.
pub(super) fn recognise(text: &str, book: &Book) -> (u16, bool) {
    if let Some(id) = book.id(text) {
        return (id, false);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return (NUMBER, false);
    }
    if let Some(right) = lexicon::misspelling(text) {
        return (book.id(right).unwrap_or(UNKNOWN), true);
    }
    if text.len() > 60 {
        return (UNKNOWN, false);
    }
    disguised(text, book).unwrap_or((UNKNOWN, false))
}

fn disguised(text: &str, book: &Book) -> Option<(u16, bool)> {
    if !text.is_ascii() {
        let latin: String = text.chars().map(look_alike).collect();
        return book.id(&latin).map(|id| (id, false));
    }
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters < text.len() && letters >= 2 {
        for one in ['i', 'l'] {
            let plain: String = text.chars().map(|c| digit_letter(c, one)).collect();
            if let Some(id) = book.id(&plain).filter(|&id| book.class_has(lexicon::KEYWORD, id)) {
                return Some((id, false));
            }
        }
    }
    if has_run(text, 3) {
        for keep in [1, 2] {
            if let Some(id) = book.id(&shorten_runs(text, 3, keep)) {
                return Some((id, false));
            }
        }
        let single = shorten_runs(text, 2, 1);
        return book.id(&single).map(|id| (id, false));
    }
    for keyword in lexicon::REPEATABLE {
        if text.len() > keyword.len() && text.len().is_multiple_of(keyword.len()) && text.replace(keyword, "").is_empty() {
            return book.id(keyword).map(|id| (id, false));
        }
    }
    if has_run(text, 2) {
        let id = book.id(&shorten_runs(text, 2, 1)).filter(|&id| book.class_has(lexicon::KEYWORD, id))?;
        return Some((id, true));
    }
    None
}

fn digit_letter(c: char, one: char) -> char {
    match c {
        '0' => 'o',
        '1' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn has_run(text: &str, length: usize) -> bool {
    text.as_bytes().windows(length).any(|window| window.iter().all(|b| *b == window[0]))
}

/// Shortens every run of at least `from` equal letters to `keep` of them.
fn shorten_runs(text: &str, from: usize, keep: usize) -> String {
    let mut short = String::with_capacity(text.len());
    for run in text.as_bytes().chunk_by(|a, b| a == b) {
        let kept = if run.len() >= from { keep } else { run.len() };
        short.extend(run.iter().take(kept).map(|b| char::from(*b)));
    }
    short
}

/// A Cyrillic or Greek letter that looks like a Latin one.
fn look_alike(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' => 'b',
        'с' => 'c',
        'е' | 'ε' => 'e',
        'н' => 'h',
        'і' | 'ι' => 'i',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'у' => 'y',
        'х' => 'x',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> (Option<&'static str>, bool) {
        let book = Book::shared();
        let (id, misspelt) = recognise(text, book);
        (book.name(id), misspelt)
    }

    #[test]
    fn digits_stretching_and_repetition_hide_no_keyword() {
        for text in ["st0p", "5top", "$top", "stoppp", "stooop", "stopstop", "ѕтор"] {
            assert_eq!(word(text), (Some("stop"), false), "{text}");
        }
    }

    #[test]
    fn a_doubled_letter_is_a_slip() {
        assert_eq!(word("stopp"), (Some("stop"), true));
    }

    #[test]
    fn a_number_is_no_word() {
        assert_eq!(recognise("57", Book::shared()), (NUMBER, false));
    }
}
