//! Whether a text asks the practice to stop texting, by any reasonable wording (T-08, C-03).

use super::book::{Book, Hit, Topic};
use super::keyword::{self, Whole};
use super::words::{Spelling, Words};
use super::{Certainty, Revocation, RevocationCause, StaffNote};

/// The request to stop that the text makes, if it makes one.
pub(super) fn of(book: &Book, words: &Words, hits: &[Hit]) -> Option<Revocation> {
    if words.tapback {
        return None;
    }
    if let Some(whole) = keyword::whole(book, words) {
        return Some(from_whole(whole, words.question));
    }
    from_phrases(words, hits)
        .or_else(|| from_clause(book, words))
        .or_else(|| keyword::guess(words).map(|whole| from_whole(whole, words.question)))
}

fn from_whole(whole: Whole, question: bool) -> Revocation {
    match whole {
        Whole::Keyword(word @ ("CANCEL" | "CANCELAR")) => {
            Revocation { certainty: Certainty::Certain, cause: RevocationCause::Keyword(word), also: Some(StaffNote::MayMeanAppointment) }
        }
        Whole::Keyword(word) if question => probable(RevocationCause::Keyword(word), StaffNote::CheckWording),
        Whole::Keyword(word) => certain(RevocationCause::Keyword(word)),
        Whole::Probable => probable(RevocationCause::Phrase, StaffNote::CheckWording),
        Whole::Emoji => probable(RevocationCause::Emoji, StaffNote::CheckWording),
        Whole::Misspelt { cancel: true } => probable(RevocationCause::Misspelling, StaffNote::MayMeanAppointment),
        Whole::Misspelt { cancel: false } => probable(RevocationCause::Misspelling, StaffNote::CheckWording),
    }
}

fn from_phrases(words: &Words, hits: &[Hit]) -> Option<Revocation> {
    let annulled = hits.iter().any(|hit| hit.topic == Topic::NothingStops);
    let despair = hits.iter().any(|hit| hit.topic == Topic::StopOrDespair && counts(words, hits, hit, annulled));
    if despair {
        return Some(probable(RevocationCause::Phrase, StaffNote::MayBeDistress));
    }
    let doubted = hits.iter().any(|hit| hit.topic == Topic::Doubt);
    let mut found: Option<Revocation> = None;
    for hit in hits.iter().filter(|hit| matches!(hit.topic, Topic::Stop | Topic::ProbablyStop)) {
        if !counts(words, hits, hit, annulled) {
            continue;
        }
        let spelling = |wanted| words.list[hit.start..hit.end].iter().any(|word| word.spelling == wanted);
        let reading = if spelling(Spelling::Misspelt) {
            probable(RevocationCause::Misspelling, StaffNote::CheckWording)
        } else if spelling(Spelling::Emoji) {
            probable(RevocationCause::Emoji, StaffNote::CheckWording)
        } else if hit.topic == Topic::ProbablyStop || doubted {
            probable(RevocationCause::Phrase, StaffNote::CheckWording)
        } else {
            return Some(certain(RevocationCause::Phrase));
        };
        found = found.or(Some(reading));
    }
    found
}

/// A phrase counts unless it is somebody else's words, or a phrase around it turns its sense.
fn counts(words: &Words, hits: &[Hit], hit: &Hit, annulled: bool) -> bool {
    if hit.whole {
        return true;
    }
    let turned = hits.iter().any(|other| other.topic == Topic::NotStop && (other.start..other.end).contains(&hit.start));
    !annulled && !turned && !words.list[hit.start].quoted
}

fn from_clause(book: &Book, words: &Words) -> Option<Revocation> {
    let (word, plain) = keyword::clause(book, words)?;
    Some(if plain && !words.question {
        certain(RevocationCause::Keyword(word))
    } else {
        probable(RevocationCause::Keyword(word), StaffNote::CheckWording)
    })
}

fn certain(cause: RevocationCause) -> Revocation {
    Revocation { certainty: Certainty::Certain, cause, also: None }
}

fn probable(cause: RevocationCause, note: StaffNote) -> Revocation {
    Revocation { certainty: Certainty::Probable, cause, also: Some(note) }
}
