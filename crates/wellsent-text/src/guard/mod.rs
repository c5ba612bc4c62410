//! Finds health content and identifiers in short texts (M-01).
//!
//! A text is folded ([`text`]), looked up in a lexicon of terms ([`lexicon`]), compared with patterns of words ([`rules`]), and
//! weighed by linear models ([`model`]) that decide whether what was found is about a person. Nothing here reads a file or a clock.

mod analysis;
mod health;
mod identifier;
mod known;
mod lexicon;
mod model;
mod report;
mod rules;
mod text;
mod tier;
#[doc(hidden)]
pub mod training;

pub use known::Known;
pub use report::{Category, Class, Report, Span, Special};

use analysis::Analysis;
use model::{EMBEDDED, Models};
use text::Normalised;

/// The longest text that is checked in one piece, in code points. In a longer one, much that tells nothing would outweigh a little that
/// tells something.
const WINDOW: usize = 400;
/// How far two neighbouring windows of a longer text overlap.
const OVERLAP: usize = 120;

/// Checks a text. Any text may be given: one longer than 400 code points is checked in overlapping windows.
pub fn check(text: &str, known: &Known) -> Report {
    check_by(text, known, &EMBEDDED)
}

fn check_by(text: &str, known: &Known, models: &Models) -> Report {
    let spans =
        if text.len() <= WINDOW || text.chars().count() <= WINDOW { find(text, known, models) } else { in_windows(text, known, models) };
    let class = match spans.iter().map(|span| span.category.is_health()).max() {
        None => Class::None,
        Some(false) => Class::IdentifierOnly,
        Some(true) => Class::HealthContent,
    };
    Report { class, spans }
}

fn in_windows(text: &str, known: &Known, models: &Models) -> Vec<Span> {
    let chars: Vec<char> = text.chars().collect();
    let mut spans: Vec<Span> = Vec::new();
    let mut from = 0;
    loop {
        let to = between_words(&chars, (from + WINDOW).min(chars.len()));
        let last = to == chars.len();
        // What begins in the second half of the overlap is seen better by the next window.
        let mine = if last { to } else { to - OVERLAP / 2 };
        let window: String = chars[from..to].iter().collect();
        for span in find(&window, known, models) {
            let span = Span { start: span.start + from as u32, end: span.end + from as u32, ..span };
            if (span.start as usize) < mine && spans.last().is_none_or(|before| before.end <= span.start) {
                spans.push(span);
            }
        }
        if last {
            return spans;
        }
        from = between_words(&chars, to - OVERLAP);
    }
}

/// The last place between two words not far before `at`, or `at` itself where there is none.
fn between_words(chars: &[char], at: usize) -> usize {
    const NEAR: usize = 40;
    if at >= chars.len() {
        return chars.len();
    }
    (at.saturating_sub(NEAR)..=at).rev().find(|place| chars[*place].is_whitespace()).unwrap_or(at)
}

fn find(text: &str, known: &Known, models: &Models) -> Vec<Span> {
    let normalised = Normalised::new(text);
    let identifiers = identifier::find(&normalised, known);
    let analysis = Analysis::new(&normalised, &identifiers);
    let health = health::find(&normalised, &analysis, models);
    merged(health, identifiers)
}

/// Both kinds in order. Where they overlap, the identifier stays whole and the health span ends before it or gives way, for a number
/// within "account 123" is the more exact finding.
fn merged(health: Vec<Span>, identifiers: Vec<Span>) -> Vec<Span> {
    let mut all = identifiers;
    let count = all.len();
    for mut span in health {
        for (start, end) in all.iter().take(count).map(|other| (other.start, other.end)) {
            if start >= span.end || span.start >= end {
                continue;
            }
            if span.start < start {
                span.end = start;
            } else {
                span.start = end;
            }
        }
        if span.start < span.end {
            all.push(span);
        }
    }
    all.sort_by_key(|span| span.start);
    all
}
