//! A text reduced to what matters for looking things up, with a way back to the code points of the original.

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Letters only.
    Word,
    /// Digits only.
    Number,
    /// Letters and digits, as in `b12` or `AX88213`.
    Mixed,
    /// One punctuation mark or symbol.
    Mark,
    /// One pictograph; its joiners and skin tones belong to it.
    Emoji,
}

/// How the letters of a token are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// No letters that have a case.
    Caseless,
    /// `word`
    Lower,
    /// `Word`, also one capital alone.
    Title,
    /// `WORD`
    Upper,
    /// `McDonald`, `iPhone`
    Inner,
}

/// A word, a number, a mark or an emoji.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// The first code point in the original.
    pub start: u32,
    /// One past the last code point in the original.
    pub end: u32,
    /// Where it stands in [`Normalised::plain`].
    pub from: u32,
    /// One past its last character in [`Normalised::plain`].
    pub to: u32,
    /// What it is made of.
    pub kind: Kind,
    /// How it is written.
    pub shape: Shape,
    /// No blank stands between it and the token before.
    pub glued: bool,
    /// It is the first word of the text, a line or a sentence.
    pub begins: bool,
    /// `'s` stood behind it; it is part of the range, and not of the word.
    pub possessive: bool,
    word: (u32, u32),
}

/// A text and its tokens.
pub(crate) struct Normalised {
    plain: Vec<char>,
    at: Vec<u32>,
    tokens: Vec<Token>,
    words: String,
}

impl Normalised {
    /// Takes a text apart.
    pub(crate) fn new(text: &str) -> Self {
        let mut plain = Vec::with_capacity(text.len());
        let mut at = Vec::with_capacity(text.len() + 1);
        let mut count: u32 = 0;
        for ch in text.chars() {
            fold(ch, |folded| {
                plain.push(folded);
                at.push(count);
            });
            count += 1;
        }
        at.push(count);
        let mut normalised = Self { plain, at, tokens: Vec::new(), words: String::with_capacity(text.len()) };
        normalised.split();
        normalised
    }

    /// The characters, case kept; accents, curly quotes, long dashes, full-width letters, unusual blanks and line ends are
    /// replaced by what they stand for, and invisible characters are gone.
    pub(crate) fn plain(&self) -> &[char] {
        &self.plain
    }

    /// The code points of the original that a range of [`Normalised::plain`] stands for.
    pub(crate) fn original(&self, range: Range<usize>) -> (u32, u32) {
        if range.is_empty() || range.end > self.plain.len() {
            return (0, 0);
        }
        (self.at[range.start], self.at[range.end - 1] + 1)
    }

    /// The tokens in order.
    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The word of a token in small letters without accents, apostrophes and possessive `'s`.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| &self.words[token.word.0 as usize..token.word.1 as usize])
    }

    fn split(&mut self) {
        let plain = std::mem::take(&mut self.plain);
        let mut begins = true;
        let mut glued = false;
        let mut i = 0;
        while i < plain.len() {
            let ch = plain[i];
            if ch.is_whitespace() {
                glued = false;
                begins |= ch == '\n';
                i += 1;
                continue;
            }
            let from = i;
            let word = self.words.len();
            let mut possessive = false;
            let kind = if ch.is_alphanumeric() {
                i = self.push_word(&plain, from, &mut possessive);
                kind_of(&plain[from..i])
            } else {
                self.words.push(ch);
                i += 1;
                if is_pictograph(ch) { Kind::Emoji } else { Kind::Mark }
            };
            let wordy = !matches!(kind, Kind::Mark | Kind::Emoji);
            self.tokens.push(Token {
                start: self.at[from],
                end: self.at[i - 1] + 1,
                from: from as u32,
                to: i as u32,
                kind,
                shape: shape_of(&plain[from..i], possessive),
                glued,
                begins: begins && wordy,
                possessive,
                word: (word as u32, self.words.len() as u32),
            });
            begins = if wordy { false } else { begins || matches!(ch, '.' | '!' | '?' | ':' | '•') };
            glued = true;
        }
        self.plain = plain;
    }

    /// Writes the word that begins at `from` and returns where it ends.
    fn push_word(&mut self, plain: &[char], from: usize, possessive: &mut bool) -> usize {
        let begin = self.words.len();
        let mut i = from;
        while i < plain.len() {
            let ch = plain[i];
            if ch.is_alphanumeric() {
                self.words.extend(ch.to_lowercase());
            } else if !(ch == '\'' && i > from && plain.get(i + 1).is_some_and(|next| next.is_alphabetic())) {
                break;
            }
            i += 1;
        }
        let owned = i - from >= 3 && plain[i - 2] == '\'' && matches!(plain[i - 1], 's' | 'S');
        if owned && !CONTRACTED.contains(&&self.words[begin..self.words.len() - 1]) {
            self.words.pop();
            *possessive = true;
        }
        i
    }
}

/// Words whose `'s` stands for "is" or "us".
const CONTRACTED: [&str; 14] =
    ["it", "he", "she", "that", "what", "there", "who", "let", "here", "how", "where", "when", "everything", "something"];

fn kind_of(chars: &[char]) -> Kind {
    let digit = chars.iter().any(|ch| ch.is_numeric());
    let letter = chars.iter().any(|ch| ch.is_alphabetic());
    match (letter, digit) {
        (true, true) => Kind::Mixed,
        (false, true) => Kind::Number,
        _ => Kind::Word,
    }
}

fn shape_of(chars: &[char], possessive: bool) -> Shape {
    let chars = if possessive { &chars[..chars.len() - 2] } else { chars };
    let mut letters = chars.iter().filter(|ch| ch.is_alphabetic());
    let Some(first) = letters.next() else { return Shape::Caseless };
    let (mut upper, mut lower) = (0, 0);
    for ch in letters {
        if ch.is_uppercase() {
            upper += 1;
        } else {
            lower += 1;
        }
    }
    match (first.is_uppercase(), upper, lower) {
        (true, 0, _) => Shape::Title,
        (true, _, 0) => Shape::Upper,
        (false, 0, _) => Shape::Lower,
        _ => Shape::Inner,
    }
}

fn is_pictograph(ch: char) -> bool {
    matches!(u32::from(ch), 0x2600..=0x27BF | 0x1F000..=0x1FAFF | 0x2B00..=0x2BFF | 0x231A..=0x23FF)
}

/// What stands for a character: nothing, one or several characters.
fn fold(ch: char, mut push: impl FnMut(char)) {
    if ch.is_ascii() {
        push(match ch {
            '`' => '\'',
            '\r' => '\n',
            '\n' => '\n',
            other if other.is_control() => ' ',
            other => other,
        });
        return;
    }
    match ch {
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E007F}' => {}
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{00B4}' | '\u{02BC}' => push('\''),
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{2033}' | '\u{00AB}' | '\u{00BB}' => push('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => push('-'),
        '\u{2028}' | '\u{2029}' | '\u{0085}' => push('\n'),
        _ if ch.is_whitespace() => push(' '),
        _ if is_combining_mark(ch) => {}
        _ if is_pictograph(ch) => push(ch),
        _ => {
            for part in std::iter::once(ch).nfkd() {
                if !is_combining_mark(part) {
                    push(look_alike(part));
                }
            }
        }
    }
}

/// A Cyrillic or Greek letter that looks like a Latin one.
fn look_alike(ch: char) -> char {
    match ch {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' => 'c',
        'С' => 'C',
        'е' | 'ε' => 'e',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'і' | 'ι' => 'i',
        'І' | 'Ι' => 'I',
        'к' | 'κ' => 'k',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Т' | 'Τ' => 'T',
        'у' => 'y',
        'х' => 'x',
        'Х' | 'Χ' => 'X',
        other => other,
    }
}
