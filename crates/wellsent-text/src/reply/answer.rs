//! Answers to what the practice asked: C, R, T, a number, a code, or words to that effect (T-12, M-03).

use std::fmt;

use super::book::{Book, Hit, NUMBER, Table, Topic};
use super::lexicon;
use super::words::{Break, Words};
use super::{DistressKind, Meaning};

/// An answer, and how plainly it was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What was answered.
    pub word: AnswerWord,
    /// Whether the text is that answer and nothing else.
    pub strength: Strength,
}

/// What was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerWord {
    /// C, "yes", "sí", 👍, "I'll be there".
    Confirm,
    /// R, "I need to reschedule".
    Reschedule,
    /// T, "I'll take it".
    Take,
    /// A, "accept", "acepto": to a question that asks for agreement. It stands for nothing else.
    Accept,
    /// N, "no", "can't make it". Never changes a visit by itself.
    Decline,
    /// A number from 0 to 10.
    Digit(u8),
    /// Six digits, as in a verification text.
    Code(VerificationCode),
}

/// How plainly an answer was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strength {
    /// The whole text is the bare letter, word, number or code. Act on this.
    Exact,
    /// The answer has to be inferred (politeness, a sentence, "ok", an emoji).
    Loose,
}

/// A six-digit code. `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerificationCode([u8; 6]);

impl VerificationCode {
    /// The six ASCII digits. Compare them in constant time, and never log them.
    pub fn expose(&self) -> &[u8; 6] {
        &self.0
    }
}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerificationCode(..)")
    }
}

pub(super) const TABLES: &[Table] = &[
    (Topic::Answer(AnswerWord::Reschedule), RESCHEDULE),
    (Topic::Answer(AnswerWord::Decline), DECLINE),
    (Topic::Answer(AnswerWord::Take), TAKE),
    (Topic::Answer(AnswerWord::Confirm), CONFIRM),
    (Topic::NotAnswer, NOT_ANSWER),
];

const BARE: &[(&str, AnswerWord)] = &[
    ("c", AnswerWord::Confirm),
    ("confirm", AnswerWord::Confirm),
    ("confirmed", AnswerWord::Confirm),
    ("confirmo", AnswerWord::Confirm),
    ("confirmado", AnswerWord::Confirm),
    ("confirmar", AnswerWord::Confirm),
    ("r", AnswerWord::Reschedule),
    ("reschedule", AnswerWord::Reschedule),
    ("reprogramar", AnswerWord::Reschedule),
    ("t", AnswerWord::Take),
    ("take", AnswerWord::Take),
    ("tomar", AnswerWord::Take),
    ("a", AnswerWord::Accept),
    ("accept", AnswerWord::Accept),
    ("agree", AnswerWord::Accept),
    ("acepto", AnswerWord::Accept),
    ("no", AnswerWord::Decline),
    ("n", AnswerWord::Decline),
];

/// Assent that says nothing alone ("will", "it").
const HALF_ASSENT: &[&str] = &["good", "will", "do", "got", "it", "sounds", "great", "bueno", "bien", "fine", "ya"];

const DIGIT_WORDS: &[(&str, u8)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("cero", 0),
    ("uno", 1),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
];

const RESCHEDULE: &[&str] = &[
    "= r to|for? reschedule?",
    "need|want|like|have|please|id|must|prefer|gotta|can|could|lets to|i|we|you|u? to? reschedule|resched",
    "can|could|need|want|like|please|have|id i|we|you|to|u? to? move|change|switch|push|postpone ~ <appt>|it|time|day|date",
    "necesito|quiero|puedo|quisiera|podria|podemos|favor cambiar|reprogramar|reagendar|mover|posponer",
    "= reprogramar|reschedule por|please favor?",
];

const DECLINE: &[&str] = &[
    "= nope|nah|naw|👎|negative|nunca|n|no|nop 👎|thanks|gracias|thank|sir|maam|nope? you?",
    "= no thank you",
    "= no thanks|gracias|ty|thx|quiero|puedo|sorry|perdon|lo? siento?",
    "not interested",
    "= not interested|today|available",
    "= no not interested|today|available",
    "ill|i pass on|$",
    "cant|cannot|wont|not|unable|couldnt be|able|going|gonna? able|to? to? make|come|attend it|in|tomorrow|today|my|the|this|that|to|$",
    "not coming|attending|going",
    "wont be there|coming|able",
    "no puedo|podre|voy|podemos a? poder|ir|asistir|llegar|venir",
    "no me interesa",
    "= no quiero",
];

const TAKE: &[&str] = &[
    "= t to|for|please? take?",
    "ill|i|we|well will|would? take|want|accept|have it|that|the slot|spot|time|one|appointment?",
    "= take it|that|the slot|spot|time|one?",
    "= lo|la tomo|quiero|acepto",
    "= yes take it",
];

const CONFIRM: &[&str] = &[
    "ill|well|i|we|will will? be there|in|coming",
    "^ see you|u|ya|yall then|there|tomorrow|soon|<day>",
    "^ yes|yep|yeah|si|sure ..3 works|fine|good|perfect|great|bien|perfecto",
    "= that|this works|is|time|one perfect|fine|good|great|works|for|me?",
    "= works for me",
    "= c to|for confirm",
    "= i|we confirm|accept|can make it|come?",
    "^ confirm|confirming|confirmed|confirmo my|the|our|for|mi|la|and appointment|appt|visit|cita|<day>",
    "= ahi|alli|alla|aqui estare|estaremos|nos vemos?",
    "si ahi|alli|alla estare|estaremos",
    "= claro que si",
    "= nos vemos manana|ahi|alla|el? <day>?",
    "= de acuerdo",
    "= esta bien",
];

const NOT_ANSWER: &[&str] = &[
    "but|pero|however|instead|unless|except|or|if|o|not|cant|cannot|wont|aunque",
    "reply|respond|responda|liked",
    "what|when|where|who|how|why|que|cuando|donde|quien|como hora|time|is|are|do|day|about|if",
];

/// The answer in the text, if there is one.
pub(super) fn of(
    book: &Book,
    words: &Words,
    hits: &[Hit],
    meaning: &Meaning,
    distress: Option<DistressKind>,
    automatic: bool,
) -> Option<Answer> {
    if words.tapback || automatic || !matches!(meaning, Meaning::Other) {
        return None;
    }
    if let Some(answer) = code(words) {
        return Some(answer);
    }
    if words.question || distress.is_some() {
        return None;
    }
    bare(words).or_else(|| number(words)).or_else(|| assent(book, words)).or_else(|| phrase(words, hits))
}

fn exact(word: AnswerWord) -> Option<Answer> {
    Some(Answer { word, strength: Strength::Exact })
}

fn loose(word: AnswerWord) -> Option<Answer> {
    Some(Answer { word, strength: Strength::Loose })
}

fn bare(words: &Words) -> Option<Answer> {
    let alone = words.list.len() == 1;
    let (start, end) = words.core();
    let index = if alone { 0 } else { start };
    if !alone && end != start + 1 {
        return None;
    }
    let text = words.text(index);
    let word = BARE.iter().find(|(bare, _)| *bare == text)?.1;
    if alone && !words.odd { exact(word) } else { loose(word) }
}

fn number(words: &Words) -> Option<Answer> {
    let alone = words.list.len() == 1;
    let (start, end) = words.core();
    // "8, the knee is better": the number that was asked for, then a remark.
    let opens = words.list.first().is_some_and(|first| first.id == NUMBER && first.clause.1 == 1);
    let index = if alone || opens { 0 } else { start };
    if !alone && !opens && end != start + 1 {
        return None;
    }
    let text = words.text(index);
    if let Some((_, value)) = DIGIT_WORDS.iter().find(|(word, _)| *word == text) {
        return loose(AnswerWord::Digit(*value));
    }
    let value = match text.as_bytes() {
        [digit @ b'0'..=b'9'] => digit - b'0',
        b"10" => 10,
        _ => return None,
    };
    if alone && !words.odd { exact(AnswerWord::Digit(value)) } else { loose(AnswerWord::Digit(value)) }
}

/// Six digits in a row (or three and three, or one by one), alone or beside the word "code".
fn code(words: &Words) -> Option<Answer> {
    let mut digits: Vec<u8> = Vec::new();
    let mut groups = 0;
    let (mut others, mut named) = (0, false);
    for word in &words.list {
        let text = words.of_word(word);
        if word.id == NUMBER {
            // Two numbers in two sentences are no code.
            if groups > 0 && word.before == Break::Sentence || digits.len() + text.len() > 6 {
                return None;
            }
            groups += 1;
            digits.extend(text.bytes());
        } else if !word.pad {
            named |= matches!(text, "code" | "codigo" | "pin" | "clave");
            others += usize::from(!matches!(
                text,
                "code" | "codigo" | "pin" | "clave" | "its" | "it" | "is" | "es" | "my" | "mi" | "el" | "the" | "here"
            ));
        }
    }
    let code = VerificationCode(<[u8; 6]>::try_from(digits).ok()?);
    let split_as_codes_are = matches!(groups, 1 | 2 | 6);
    if !split_as_codes_are {
        return None;
    }
    if words.list.len() == groups && !words.odd {
        return exact(AnswerWord::Code(code));
    }
    let beside_its_name = named && words.list.len() <= 14;
    (others == 0 || beside_its_name).then_some(()).and_then(|()| loose(AnswerWord::Code(code)))
}

fn assent(book: &Book, words: &Words) -> Option<Answer> {
    let mut found = false;
    for word in &words.list {
        let text = words.of_word(word);
        let half = HALF_ASSENT.contains(&text);
        if book.class_has(lexicon::ASSENT, word.id) {
            found |= !half || words.list.len() > 1 && !word.pad;
        } else if !word.pad || book.class_has(lexicon::KEYWORD, word.id) {
            return None;
        }
    }
    if found { loose(AnswerWord::Confirm) } else { None }
}

fn phrase(words: &Words, hits: &[Hit]) -> Option<Answer> {
    let undecided = hits.iter().any(|hit| hit.topic == Topic::NotAnswer);
    let order = [AnswerWord::Reschedule, AnswerWord::Decline, AnswerWord::Take, AnswerWord::Confirm];
    order.into_iter().find_map(|word| {
        let said = hits.iter().any(|hit| hit.topic == Topic::Answer(word) && !words.list[hit.start].quoted);
        // "Not" stands in every refusal, so only assent is undone by it.
        let undone = undecided && matches!(word, AnswerWord::Confirm | AnswerWord::Take);
        (said && !undone).then_some(()).and_then(|()| loose(word))
    })
}
