//! What a wording asks its reader to answer (T-12, T-08, M-03).

use super::Language;
use super::lexicon::fold;

/// Words that ask for an answer.
const VERBS: &[&str] = &[
    "reply",
    "text",
    "send",
    "respond",
    "answer",
    "type",
    "write",
    "responda",
    "responde",
    "responder",
    "conteste",
    "contesta",
    "envie",
    "envia",
    "escriba",
    "escribe",
    "mande",
    "manda",
];
/// Words that may stand between the verb and the answer.
const FILLERS: &[&str] = &[
    "with", "back", "us", "by", "the", "word", "letter", "number", "either", "just", "con", "la", "el", "palabra", "letra", "numero",
    "nos", "solo", "only", "\"", "'", "(", ":", "message", "mensaje", "texto",
];
/// Words that join one answer to the next.
const JOINERS: &[&str] = &["or", "o", "u", "and", "y", ",", "/", "\"", "'"];
/// Words that follow an answer.
const FOLLOWERS: &[&str] = &["to", "for", "if", "when", "para", "si", "=", ":", "-", "(", "or", "o", "and", "y", ",", "/", "\"", "'"];
/// Replies that the law or a carrier reads as opting out or in, or that leave doubt (T-12, rules for bare "no").
const BANNED: &[&str] = &[
    "cancel",
    "cancelar",
    "cancele",
    "cancela",
    "yes",
    "si",
    "no",
    "n",
    "end",
    "quit",
    "revoke",
    "unsubscribe",
    "stopall",
    "optout",
    "opt-out",
    "arret",
    "alto",
    "pare",
];
/// Those banned wherever they stand in capitals beside a request to answer.
const BANNED_IN_CAPITALS: &[&str] = &["cancel", "cancelar", "yes", "end", "quit", "revoke", "unsubscribe", "stopall", "optout", "opt-out"];
/// Carrier keywords, which are not answers.
const KEYWORDS: &[&str] = &["stop", "help", "info", "ayuda"];
const OPT_IN: &[&str] = &["start", "unstop"];

/// What the requests of one wording come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Prompts {
    /// Replies that must not be asked for.
    pub banned: Vec<String>,
    /// Answers asked for, in capitals.
    pub answers: Vec<String>,
    /// Whether it says that STOP ends the texts.
    pub opt_out: bool,
    /// Whether it makes STOP the only way.
    pub exclusive_stop: bool,
}

/// Whether a word must not be an answer of a template. Carrier keywords are not ours to bind.
pub(super) fn is_banned_answer(word: &str) -> bool {
    let folded = fold(word.trim());
    [BANNED, KEYWORDS, OPT_IN].iter().any(|list| list.contains(&folded.as_str()))
}

/// Reads the requests of a text whose variables were replaced by marks that are no letters.
pub(super) fn read(text: &str, language: Language, opt_in_allowed: bool) -> Prompts {
    let mut prompts = Prompts::default();
    for sentence in sentences(text) {
        read_sentence(&sentence, language, opt_in_allowed, &mut prompts);
    }
    prompts
}

#[derive(Debug)]
struct Token {
    text: String,
    folded: String,
}

impl Token {
    fn is(&self, list: &[&str]) -> bool {
        list.contains(&self.folded.as_str())
    }

    fn is_capitals(&self) -> bool {
        self.text.chars().any(char::is_alphabetic) && self.text.chars().all(|c| !c.is_lowercase())
    }

    /// One capital letter, one or two digits, a range of digits, or a word in capitals.
    fn looks_like_answer(&self) -> bool {
        let digits = !self.text.is_empty()
            && self.text.len() <= 5
            && self.text.split('-').all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
        digits || (self.is_capitals() && self.text.chars().all(char::is_alphabetic))
    }
}

/// Splits into sentences of words and marks. A full stop ends a sentence only before a space, so that
/// `p.m.` inside a word, amounts and links stay whole.
fn sentences(text: &str) -> Vec<Vec<Token>> {
    let mut done = Vec::new();
    let mut sentence: Vec<Token> = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = text.chars().collect();
    let finish = |word: &mut String, sentence: &mut Vec<Token>| {
        if !word.is_empty() {
            let text = std::mem::take(word);
            sentence.push(Token { folded: fold(&text), text });
        }
    };
    for (at, &c) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied().unwrap_or(' ');
        let inside = !word.is_empty() && next.is_alphanumeric();
        if c.is_alphanumeric() || (inside && matches!(c, '-' | '.' | ':' | '\'' | '@')) {
            word.push(c);
            continue;
        }
        finish(&mut word, &mut sentence);
        match c {
            '.' | '!' | '?' | ';' | '\n' => {
                if !sentence.is_empty() {
                    done.push(std::mem::take(&mut sentence));
                }
            }
            c if c.is_whitespace() || c == '\u{bf}' || c == '\u{a1}' => {}
            c => sentence.push(Token { text: c.to_string(), folded: c.to_string() }),
        }
    }
    finish(&mut word, &mut sentence);
    if !sentence.is_empty() {
        done.push(sentence);
    }
    done
}

fn read_sentence(tokens: &[Token], language: Language, opt_in_allowed: bool, prompts: &mut Prompts) {
    let verb = tokens.iter().position(|token| token.is(VERBS));
    let mut found: Vec<&Token> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        let followed = next.is_none_or(|next| next.is(FOLLOWERS));
        let asked = verb.is_some_and(|verb| at > verb && tokens[verb + 1..at].iter().all(|between| between.is(FILLERS)));
        let joined = verb.is_some_and(|verb| at > verb + 1) && tokens[at.saturating_sub(1)].is(JOINERS);
        if asked && !token.is(FILLERS) {
            // "Responda si quiere…" is "if", "responda si o no" is "yes".
            let if_not_yes = token.text == "si" && next.is_some_and(|next| !next.is(&["o", "y", "para", ","]));
            if token.looks_like_answer() || (token.is(BANNED) && !if_not_yes) {
                found.push(token);
            }
        } else if joined && followed && token.looks_like_answer() {
            found.push(token);
        }
        let equated = next.is_some_and(|next| next.is(&["to", "para", "=", ":"]));
        if token.is_capitals() && (verb.is_some() || equated) && token.is(BANNED_IN_CAPITALS) {
            found.push(token);
        }
        if language == Language::Es && token.is_capitals() && token.folded == "si" && (verb.is_some() || equated) {
            found.push(token);
        }
        if token.text == "STOP" {
            let after_verb = verb.is_some_and(|verb| at > verb);
            let said = next.is_some_and(|next| next.is(&["to", "for", "para", "=", ":"]));
            prompts.opt_out |= after_verb || said;
        }
    }
    let stops = tokens.iter().any(|token| token.folded == "stop" && (token.is_capitals() || verb.is_some()));
    let only = tokens.iter().any(|token| {
        token.is(&["only", "must", "exclusively", "solo", "solamente", "unicamente", "unica", "unico", "debe", "exclusivamente"])
    });
    prompts.exclusive_stop |= stops && only;
    for token in found {
        sort_answer(token, opt_in_allowed, prompts);
    }
}

fn sort_answer(token: &Token, opt_in_allowed: bool, prompts: &mut Prompts) {
    if token.is(KEYWORDS) || (opt_in_allowed && token.is(OPT_IN)) {
        return;
    }
    let list = if token.is(BANNED) || token.is(OPT_IN) { &mut prompts.banned } else { &mut prompts.answers };
    let mut add = |word: String| {
        if !list.contains(&word) {
            list.push(word);
        }
    };
    match token.text.split_once('-').map(|(from, to)| (from.parse::<u8>(), to.parse::<u8>())) {
        Some((Ok(from), Ok(to))) => (from..=to).for_each(|number| add(number.to_string())),
        _ => add(token.text.to_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn en(text: &str) -> Prompts {
        read(text, Language::En, false)
    }

    fn es(text: &str) -> Prompts {
        read(text, Language::Es, false)
    }

    #[test]
    fn cancel_and_yes_are_never_asked_for() {
        for text in [
            "Reply CANCEL to cancel.",
            "reply cancel to cancel",
            "Reply C to confirm or CANCEL to cancel",
            "Reply YES or NO",
            "Text back \"YES\" to confirm",
            "YES to confirm, C to change",
            "Please respond with yes.",
            "Reply START to confirm",
            "Reply Y or N",
        ] {
            assert!(!en(text).banned.is_empty(), "{text}");
        }
        for text in ["Responda SI para confirmar", "Responda s\u{ed}.", "Responda si o no", "Conteste CANCELAR", "Envie SI"] {
            assert!(!es(text).banned.is_empty(), "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_with_those_words_are_fine() {
        for text in [
            "To cancel or change an appointment call 212-555-0123.",
            "Reply R to reschedule or call us to cancel.",
            "We will text you when it is your turn.",
            "Reply STOP to end.",
        ] {
            assert_eq!(en(text).banned, [] as [&str; 0], "{text}");
        }
        for text in ["Responda si quiere una cita antes.", "Responda STOP para no recibir mas.", "Si tiene preguntas llame."] {
            assert_eq!(es(text).banned, [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn answers_are_read_from_both_languages() {
        assert_eq!(en("Reply C to confirm, R to reschedule or call 212-555-0123.").answers, ["C", "R"]);
        assert_eq!(en("Reply 1 or 2 to confirm that one, 3 for all, or call").answers, ["1", "2", "3"]);
        assert_eq!(en("Reply 1-5 (1 = well, 5 = unwell)").answers, ["1", "2", "3", "4", "5"]);
        assert_eq!(es("Responda C para confirmar, R para cambiarla o llame.").answers, ["C", "R"]);
        assert_eq!(en("To book a new one, reply R or call").answers, ["R"]);
        assert_eq!(en("You have an appointment. A nurse will call.").answers, [] as [&str; 0]);
    }

    #[test]
    fn an_opt_out_is_an_instruction_and_not_any_stop() {
        for text in ["Reply STOP to opt out.", "HELP for help, STOP to end.", "Text STOP", "STOP=end"] {
            assert!(en(text).opt_out, "{text}");
        }
        assert!(es("Responda STOP para no recibir mas.").opt_out);
        for text in ["We will stop by at 3.", "STOP by our office", "stop"] {
            assert!(!en(text).opt_out, "{text}");
        }
    }

    #[test]
    fn stop_as_the_only_way_is_noticed() {
        assert!(en("You can opt out only by texting STOP.").exclusive_stop);
        assert!(en("You must reply STOP to opt out.").exclusive_stop);
        assert!(es("Solo puede salir respondiendo STOP.").exclusive_stop);
        assert!(!en("For appointments only. Reply STOP to opt out.").exclusive_stop);
    }

    #[test]
    fn opt_in_words_may_be_asked_for_in_service_texts() {
        assert_eq!(read("Reply START to get texts again.", Language::En, true), Prompts::default());
    }
}
