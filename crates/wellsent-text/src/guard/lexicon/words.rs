//! The words of a text as the lexicon looks them up: disguises taken off, other forms of a word beside it.

use super::super::text::{Kind, Normalised, Shape, Token};
use super::{Lexicon, inflection};

/// A word, number or emoji of a text, without the marks around it.
pub(in super::super) struct Word {
    /// Its first token.
    pub first: u32,
    /// One past its last token.
    pub last: u32,
    /// What it says.
    pub text: String,
    /// What it is made of.
    pub kind: Kind,
    /// How it is written.
    pub shape: Shape,
    /// It begins a sentence.
    pub begins: bool,
    /// The end of a sentence stands before it.
    pub after_stop: bool,
    /// A comma, colon, bracket or dash stands before it.
    pub after_comma: bool,
    /// It is spelt in a way that hides it.
    pub disguised: bool,
    /// It stands for this word of the lexicon, with a slip in the spelling.
    pub meant: Option<&'static str>,
    /// Other forms of it.
    pub forms: Vec<String>,
}

/// The words of a text.
pub(in super::super) struct Sentence {
    pub words: Vec<Word>,
}

impl Sentence {
    /// Takes the words out of a text.
    pub(in super::super) fn new(text: &Normalised, lexicon: &Lexicon) -> Self {
        let mut words = Vec::with_capacity(text.tokens().len());
        let (mut stop, mut comma) = (true, false);
        let mut at = 0;
        while at < text.tokens().len() {
            let token = text.tokens()[at];
            let hidden = if token.kind == Kind::Mark { begins_disguised(text, at, lexicon) } else { None };
            if token.kind == Kind::Mark && hidden.is_none() {
                match text.word(at) {
                    "." if touches_next(text, at) => {}
                    "." | "!" | "?" | ";" => stop = true,
                    "," | ":" | "(" | ")" | "\"" => comma = true,
                    "-" if !token.glued => comma = true,
                    _ => {}
                }
                at += 1;
                continue;
            }
            if token.begins {
                stop = true;
            }
            let mut word = hidden.or_else(|| undisguised(text, at, lexicon)).unwrap_or_else(|| plain(text, at));
            word.after_stop = stop;
            word.after_comma = comma;
            word.begins = token.begins;
            (stop, comma) = (false, false);
            at = word.last as usize;
            add_forms(&mut word, lexicon);
            words.push(word);
        }
        Self { words }
    }
}

fn touches_next(text: &Normalised, at: usize) -> bool {
    text.tokens().get(at + 1).is_some_and(|next| next.glued) && text.tokens()[at].glued
}

fn word_of(first: usize, last: usize, said: String, token: Token, disguised: bool) -> Word {
    Word {
        first: first as u32,
        last: last as u32,
        text: said,
        kind: token.kind,
        shape: token.shape,
        begins: false,
        after_stop: false,
        after_comma: false,
        disguised,
        meant: None,
        forms: Vec::new(),
    }
}

fn plain(text: &Normalised, at: usize) -> Word {
    let token = text.tokens()[at];
    let mut last = at + 1;
    if token.kind == Kind::Emoji {
        // The same emoji several times over is one of it.
        while text.tokens().get(last).is_some_and(|next| next.kind == Kind::Emoji && text.word(last) == text.word(at)) {
            last += 1;
        }
    }
    word_of(at, last, text.word(at).to_owned(), token, false)
}

fn add_forms(word: &mut Word, lexicon: &Lexicon) {
    if word.kind == Kind::Number || word.kind == Kind::Emoji || word.text.len() > 40 {
        return;
    }
    for keep in [2, 1] {
        if let Some(short) = inflection::shorten_runs(&word.text, keep)
            && (keep == 1 || lexicon.in_vocabulary(&short) || lexicon.is_common(&short))
        {
            word.text = short;
            break;
        }
    }
    let mut forms = Vec::new();
    inflection::bases(&word.text, |base| {
        if !forms.iter().any(|known| known == base) {
            forms.push(base.to_owned());
        }
    });
    let known = lexicon.in_vocabulary(&word.text) || forms.iter().any(|form| lexicon.in_vocabulary(form) || lexicon.is_common(form));
    if !known && word.kind == Kind::Word {
        word.meant = lexicon.meant(&word.text);
        if let Some(meant) = word.meant {
            forms.push(meant.to_owned());
            inflection::bases(meant, |base| forms.push(base.to_owned()));
        }
    }
    word.forms = forms;
}

/// A word that is spelt with blanks, dots, digits or signs between or instead of its letters.
fn undisguised(text: &Normalised, at: usize, lexicon: &Lexicon) -> Option<Word> {
    spaced(text, at, lexicon).or_else(|| leet(text, at, lexicon))
}

/// `$yphilis`, `@bortion`
fn begins_disguised(text: &Normalised, at: usize, lexicon: &Lexicon) -> Option<Word> {
    let token = text.tokens()[at];
    if token.glued || !matches!(text.word(at), "@" | "$") {
        return None;
    }
    let mut word = leet(text, at, lexicon).filter(|word| word.text.len() >= 4)?;
    word.kind = Kind::Word;
    word.shape = Shape::Lower;
    Some(word)
}

/// `h.i.v.`, `h-i-v`, `h i v`
fn spaced(text: &Normalised, at: usize, lexicon: &Lexicon) -> Option<Word> {
    let tokens = text.tokens();
    let single =
        |index: usize| tokens.get(index).is_some_and(|token| token.to - token.from == 1 && matches!(token.kind, Kind::Word | Kind::Number));
    if !single(at) || tokens[at].kind != Kind::Word {
        return None;
    }
    let mut ends = vec![at + 1];
    let mut said = vec![text.word(at).to_owned()];
    let mut next = at + 1;
    while ends.len() < 16 {
        let gap = tokens.get(next).is_some_and(|token| token.kind == Kind::Mark && token.glued)
            && matches!(text.word(next), "." | "-" | "*" | "_" | "/")
            && tokens.get(next + 1).is_some_and(|token| token.glued);
        let letter = if gap { next + 1 } else { next };
        if !single(letter) {
            break;
        }
        let mut longer = said[said.len() - 1].clone();
        longer.push_str(text.word(letter));
        said.push(longer);
        next = letter + 1;
        ends.push(next);
    }
    for (said, end) in said.iter().zip(&ends).rev().filter(|(said, _)| said.len() >= 2) {
        let dotted = end - at > said.len();
        let found = [said.clone(), from_leet(said, 'i'), from_leet(said, 'l')]
            .into_iter()
            .find(|word| (word.len() >= 3 || dotted) && lexicon.in_vocabulary(word));
        if let Some(word) = found {
            let closing = dotted && tokens.get(*end).is_some_and(|token| token.glued && token.kind == Kind::Mark) && text.word(*end) == ".";
            let mut found = word_of(at, end + usize::from(closing), word, tokens[at], true);
            if found.shape == Shape::Title {
                found.shape = Shape::Upper;
            }
            return Some(found);
        }
    }
    None
}

/// `pr3gnant`, `0zempic`, `p@in`, `$uboxone`, `de*pressed`
fn leet(text: &Normalised, at: usize, lexicon: &Lexicon) -> Option<Word> {
    let tokens = text.tokens();
    let mut end = at + 1;
    while let Some(next) = tokens.get(end).filter(|next| next.glued) {
        let inside =
            next.kind != Kind::Emoji && (next.kind != Kind::Mark || matches!(text.word(end), "@" | "$" | "*" | "." | "-" | "_" | "!"));
        if !inside || end - at > 12 {
            break;
        }
        end += 1;
    }
    while end > at + 1 && tokens[end - 1].kind == Kind::Mark {
        end -= 1;
    }
    if end == at + 1 && tokens[at].kind != Kind::Mixed {
        return None;
    }
    let mut raw = String::new();
    for index in at..end {
        raw.push_str(text.word(index));
    }
    let letters = raw.bytes().filter(u8::is_ascii_alphabetic).count();
    let marks = raw.bytes().filter(|byte| matches!(byte, b'.' | b'-')).count();
    if letters < 2
        || raw.len() > 24
        || (marks > 0
            && marks * 2 + 1 < raw.len()
            && end - at > 1
            && !raw.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'@' | b'$' | b'*' | b'_')))
    {
        return None;
    }
    if lexicon.in_vocabulary(&raw) {
        return None;
    }
    let stars = raw.bytes().filter(|byte| *byte == b'*').count();
    if stars > 0
        && stars * 2 < raw.len()
        && stars + letters == raw.len()
        && let Some(word) = one_star(&raw, stars, lexicon).or_else(|| lexicon.starred(&raw).map(str::to_owned))
    {
        return Some(word_of(at, end, word, tokens[at], true));
    }
    for one in ['i', 'l'] {
        let word = from_leet(&raw, one);
        if word.len() >= 3
            && word != raw
            && !word.bytes().any(|byte| byte.is_ascii_digit())
            && (lexicon.in_vocabulary(&word) || word.len() >= 4 && lexicon.is_common(&word))
        {
            return Some(word_of(at, end, word, tokens[at], true));
        }
    }
    None
}

/// `k*ll`: the first letter that makes a word of it, the likelier ones first.
fn one_star(raw: &str, stars: usize, lexicon: &Lexicon) -> Option<String> {
    if stars != 1 || raw.len() < 4 || raw.starts_with('*') || raw.ends_with('*') {
        return None;
    }
    "ieaoubcdfghjklmnpqrstvwxyz"
        .chars()
        .map(|letter| raw.replace('*', letter.encode_utf8(&mut [0; 4])))
        .find(|word| lexicon.in_vocabulary(word) || lexicon.is_common(word))
}

fn from_leet(word: &str, one: char) -> String {
    word.chars()
        .filter_map(|ch| match ch {
            '0' => Some('o'),
            '1' | '!' => Some(one),
            '3' => Some('e'),
            '4' | '@' => Some('a'),
            '5' | '$' => Some('s'),
            '7' => Some('t'),
            '8' => Some('b'),
            '.' | '-' | '*' | '_' => None,
            other => Some(other),
        })
        .collect()
}
