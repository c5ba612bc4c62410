//! Words that carry a meaning by standing alone.

use unicode_normalization::UnicodeNormalization;

use super::StartWord;
use super::book::Book;
use super::lexicon;
use super::words::{Break, Spelling, Word, Words};

const HELP: &[&str] = &["help", "info", "ayuda", "informacion"];

/// The usual writing of each keyword, for the record of a revocation.
const WRITTEN: &[(&str, &str)] = &[
    ("stop", "STOP"),
    ("stops", "STOP"),
    ("stopall", "STOPALL"),
    ("quit", "QUIT"),
    ("end", "END"),
    ("revoke", "REVOKE"),
    ("optout", "OPTOUT"),
    ("unsubscribe", "UNSUBSCRIBE"),
    ("unsub", "UNSUBSCRIBE"),
    ("cancel", "CANCEL"),
    ("remove", "REMOVE"),
    ("unenroll", "UNENROLL"),
    ("arret", "ARRET"),
    ("arreter", "ARRET"),
    ("arretez", "ARRET"),
    ("pare", "PARE"),
    ("paren", "PARE"),
    ("parenle", "PARE"),
    ("alto", "ALTO"),
    ("basta", "BASTA"),
    ("baja", "BAJA"),
    ("cancelar", "CANCELAR"),
    ("detener", "DETENER"),
    ("стоп", "STOP"),
];

/// Short words that a slip of one finger must not turn into a keyword.
const REAL_WORDS: &[&str] = &[
    "step",
    "shop",
    "slop",
    "stow",
    "star",
    "spot",
    "atop",
    "quite",
    "quiet",
    "quilt",
    "suit",
    "unit",
    "quid",
    "cancer",
    "cancels",
    "canceled",
    "cancelled",
    "revoked",
    "evoke",
    "revive",
    "subscribe",
    "option",
    "stock",
    "stomp",
    "stoop",
    "strop",
    "stopper",
    "chancel",
    "cancelan",
    "basto",
    "pasta",
    "vasta",
    "hasta",
    "busta",
    "gasta",
];

/// Keywords long enough to recognise through a slip, and how many slips.
const FORGIVING: &[(&str, usize)] = &[
    ("stop", 1),
    ("quit", 1),
    ("cancel", 1),
    ("revoke", 1),
    ("optout", 1),
    ("stopall", 1),
    ("basta", 1),
    ("cancelar", 1),
    ("unsubscribe", 2),
    ("desuscribirme", 2),
];

/// How a text came to be a keyword.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whole {
    /// The keyword in its usual writing.
    Keyword(&'static str),
    /// A word that ends texting when alone but has other uses ("para", "spam").
    Probable,
    Emoji,
    /// With a slip. The flag tells that "cancel" was meant.
    Misspelt {
        cancel: bool,
    },
}

/// START or UNSTOP with nothing but punctuation around it (T-12). No slip and no politeness is forgiven:
/// what lifts a suppression has to be exact.
pub(super) fn start(text: &str) -> Option<StartWord> {
    let mut letters = String::new();
    let mut ended = false;
    for c in text.chars().take(64).nfkc().flat_map(char::to_lowercase) {
        if matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}') {
            continue;
        }
        if c.is_alphanumeric() {
            if ended {
                return None;
            }
            letters.push(c);
        } else if !letters.is_empty() {
            ended = true;
        }
    }
    if text.chars().nth(64).is_some() {
        return None;
    }
    match letters.as_str() {
        "start" => Some(StartWord::Start),
        "unstop" => Some(StartWord::Unstop),
        _ => None,
    }
}

/// HELP, INFO or AYUDA with at most politeness around it (C-04).
pub(super) fn is_help(words: &Words) -> bool {
    let (start, end) = words.core();
    end == start + 1 && HELP.contains(&words.text(start))
}

/// The whole text is one keyword or several, with at most politeness around them.
pub(super) fn whole(book: &Book, words: &Words) -> Option<Whole> {
    let (start, end) = words.core();
    let core = words.list.get(start..end).filter(|core| !core.is_empty())?;
    if core.iter().all(|word| word.spelling == Spelling::Emoji) {
        let stop_sign = core.iter().all(|word| words.of_word(word) == lexicon::STOP_SIGN);
        return (stop_sign && core.len() == words.list.len()).then_some(Whole::Emoji);
    }
    all_keywords(book, words, core)
}

fn all_keywords(book: &Book, words: &Words, core: &[Word]) -> Option<Whole> {
    let mut best = None;
    for word in core.iter().filter(|word| word.spelling != Spelling::Emoji && !word.pad) {
        let found = if !book.class_has(lexicon::KEYWORD, word.id) {
            let probable = book.class_has(lexicon::PROBABLE_KEYWORD, word.id);
            if !probable {
                return None;
            }
            Whole::Probable
        } else if word.spelling == Spelling::Misspelt {
            Whole::Misspelt { cancel: book.class_has(lexicon::CANCEL_WORD, word.id) }
        } else {
            Whole::Keyword(written(book, words, word))
        };
        best = better(best, found);
    }
    // "Stop para": a probable word beside a keyword adds nothing.
    best
}

/// The stronger reading: a keyword that cannot mean the visit, then any keyword, then the rest.
fn better(best: Option<Whole>, found: Whole) -> Option<Whole> {
    let rank = |whole: &Whole| match whole {
        Whole::Keyword("CANCEL" | "CANCELAR") => 2,
        Whole::Keyword(_) => 3,
        Whole::Misspelt { .. } => 1,
        Whole::Probable | Whole::Emoji => 0,
    };
    match best {
        Some(best) if rank(&best) >= rank(&found) => Some(best),
        _ => Some(found),
    }
}

/// The keyword as it is recorded.
pub(super) fn written(book: &Book, words: &Words, word: &Word) -> &'static str {
    let text = words.of_word(word);
    WRITTEN.iter().find(|(folded, _)| *folded == text || book.id(folded) == Some(word.id)).map_or("STOP", |(_, written)| *written)
}

/// A keyword on its own in a clause that a sentence ends or starts ("Stop. Thank you").
///
/// "Cancel" is left out: beside other words it is about the visit (T-12).
pub(super) fn clause(book: &Book, words: &Words) -> Option<(&'static str, bool)> {
    let list = &words.list;
    let hedged = list.iter().any(|word| {
        matches!(words.of_word(word), "if" | "when" | "until" | "told" | "says" | "saying" | "said" | "si" | "cuando" | "dijo" | "walk")
    });
    let mut start = 0;
    while start < list.len() {
        let end = list[start].clause.1.max(start + 1);
        let (from, to) = super::words::trim(list, start, end);
        let core = &list[from..to];
        let spoken = core.first().filter(|first| {
            first.spelling == Spelling::Plain
                && !first.quoted
                && book.class_has(lexicon::KEYWORD, first.id)
                && !book.class_has(lexicon::CANCEL_WORD, first.id)
                && core.iter().all(|word| word.id == first.id || word.spelling == Spelling::Emoji)
        });
        if let Some(first) = spoken {
            // "If I get dizzy, stop" and "it says: stop" tell what somebody else said.
            let leans_on_the_last = list[start].before == Break::Comma;
            let leaned_on = list.get(end).is_some_and(|next| next.before == Break::Comma);
            if !(hedged && leans_on_the_last) {
                let plain = start == 0 || !leans_on_the_last && !leaned_on;
                return Some((written(book, words, first), plain));
            }
        }
        start = end;
    }
    None
}

/// One or two short words that are a slip away from a keyword, or a keyword torn apart ("st op").
pub(super) fn guess(words: &Words) -> Option<Whole> {
    let (start, end) = words.core();
    let core = words.list.get(start..end)?;
    if core.is_empty() || core.len() > 3 {
        return None;
    }
    let text: String = core.iter().map(|word| words.of_word(word)).collect();
    if text.len() > 16 || !text.bytes().all(|b| b.is_ascii_lowercase()) || text == "unstop" {
        return None;
    }
    for (keyword, _) in WRITTEN {
        if core.len() > 1 && keyword.len() > 3 && text == *keyword {
            return Some(Whole::Misspelt { cancel: matches!(*keyword, "cancel" | "cancelar") });
        }
    }
    if core.len() > 1 || REAL_WORDS.contains(&text.as_str()) {
        return None;
    }
    FORGIVING
        .iter()
        .find(|(keyword, slips)| slips_between(keyword.as_bytes(), text.as_bytes()) <= *slips)
        .map(|(keyword, _)| Whole::Misspelt { cancel: keyword.starts_with("cancel") })
}

/// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
fn slips_between(a: &[u8], b: &[u8]) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_neighbours_is_one_slip() {
        assert_eq!(slips_between(b"stop", b"stpo"), 1);
        assert_eq!(slips_between(b"stop", b"sotp"), 1);
        assert_eq!(slips_between(b"unsubscribe", b"unsuscribe"), 1);
        assert_eq!(slips_between(b"stop", b"shape"), 3);
    }

    #[test]
    fn no_slip_lifts_a_suppression() {
        assert_eq!(start(" Start! "), Some(StartWord::Start));
        assert_eq!(start("strat"), None);
        assert_eq!(start("start please"), None);
        assert_eq!(start(&format!("start{}", " ".repeat(100))), None);
    }
}
