//! Which language a text is in, from the commonest words of each.

use super::Language;
use super::book::Book;
use super::words::Words;

/// The language that most known words of the text belong to; none where it does not show.
pub(super) fn of(book: &Book, words: &Words) -> Option<Language> {
    let count = |class| words.list.iter().filter(|word| !word.quoted && book.class_has(class, word.id)).count();
    let english = count("english");
    let spanish = count("spanish") + 2 * usize::from(words.spanish_mark);
    match english.cmp(&spanish) {
        std::cmp::Ordering::Greater => Some(Language::En),
        std::cmp::Ordering::Less => Some(Language::Es),
        std::cmp::Ordering::Equal => None,
    }
}
