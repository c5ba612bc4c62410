//! What the model of names knows about a word.

use super::super::super::model::Sink;
use super::super::super::text::{Kind, Normalised, Shape};
use super::super::date::{is_weekday, month};
use super::super::words::{self, CLINICIANS, GREETINGS, KIN, ORGANISATIONS, STREETS, STRONG_TITLES, TITLES};
use super::lists::Prior;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What somebody does whose name stands before it.
const VERBS: &[&str] = &[
    "is", "isnt", "was", "has", "had", "hasnt", "will", "wont", "can", "cant", "cannot", "could", "would", "should", "says", "said",
    "wants", "wanted", "needs", "needed", "asked", "asks", "got", "gets", "came", "comes", "goes", "went", "took", "takes", "forgot",
    "lost", "left", "does", "doesnt", "did", "didnt", "keeps", "kept", "threw", "fell", "feels", "felt", "likes", "loves", "hates",
    "knows", "thinks", "told", "called", "signed", "signs", "turns", "turned", "starts", "started", "brought", "brings", "drives", "drove",
    "lives", "works", "woke", "ate", "eats", "sees", "saw", "made", "makes", "may", "might", "must", "running", "coming", "going", "dice",
    "dijo", "tiene", "tenia", "viene", "vino", "va", "fue", "quiere", "puede", "podra", "esta", "estaba", "necesita", "sigue", "llega",
    "llego", "perdio", "olvido", "trae", "toma", "salio", "falto", "lo", "la", "le", "no", "ya", "se", "recoge", "pidio", "pregunta",
    "llamo",
];

/// Words beside the names of those who work for a practice or a shop.
const STAFF: &[&str] = &[
    "from",
    "ask",
    "desk",
    "interpreter",
    "interprete",
    "volunteer",
    "driver",
    "chofer",
    "covering",
    "covers",
    "hiring",
    "accounting",
    "facilities",
    "teacher",
    "recepcion",
    "reception",
    "therapist",
    "stars",
    "office",
    "team",
    "manager",
    "supervisor",
    "colleague",
    "staff",
    "intern",
    "student",
    "joins",
    "welcome",
    "retiring",
    "meet",
    "coordinator",
    "artist",
    "speaker",
    "hosted",
    "host",
    "pregunte",
    "biller",
    "billing",
    "coach",
    "dr",
    "nurse",
    "front",
    "oficina",
    "companera",
    "tech",
    "rn",
    "our",
];

/// Words beside a name that is being told.
const CALLED: &[&str] = &[
    "name", "names", "named", "nombre", "apellido", "llama", "llamo", "spelling", "spelled", "spelt", "legal", "nickname", "maiden",
    "married", "goes", "soy", "under", "family", "familia", "initials", "surname", "firma",
];

/// The lists of words and what each is called; the place of a list is its bit. Where a word is in several, the first one counts.
const SORTS: [(&[&str], &str); 9] = [
    (STRONG_TITLES, "title"),
    (CLINICIANS, "clinician"),
    (TITLES, "soft title"),
    (KIN, "kin"),
    (GREETINGS, "greeting"),
    (ORGANISATIONS, "place"),
    (STREETS, "street"),
    (words::OWN, "own"),
    (VERBS, "verb"),
];
const STAFF_BIT: u16 = 1 << 9;
const CALLED_BIT: u16 = 1 << 10;
const STREET_BIT: u16 = 1 << 6;
const PLACE_BIT: u16 = 1 << 5;
const KIN_BIT: u16 = 1 << 3;

/// The lists that hold a word, a bit each.
fn lists_of(word: &str) -> u16 {
    static LISTS: OnceLock<HashMap<&str, u16>> = OnceLock::new();
    let lists = LISTS.get_or_init(|| {
        let mut bits = HashMap::new();
        let more = [(STAFF, ""), (CALLED, "")];
        for (index, (list, _)) in SORTS.iter().chain(&more).enumerate() {
            for word in *list {
                *bits.entry(*word).or_default() |= 1 << index;
            }
        }
        bits
    });
    lists.get(word).copied().unwrap_or_default()
}

/// A text as the model sees it.
pub(super) struct Scene<'t> {
    pub text: &'t Normalised,
    pub priors: Vec<Prior>,
    /// For every token the lists that hold it.
    lists: Vec<u16>,
    sorts: Vec<&'static str>,
    /// The tokens that are no marks.
    solid: Vec<usize>,
    /// For every token its place among the solid ones.
    place: Vec<usize>,
    /// Capitals are used as one learns at school.
    cased: &'static str,
    length: &'static str,
}

impl<'t> Scene<'t> {
    pub(super) fn new(text: &'t Normalised) -> Self {
        let priors = super::lists::priors(text);
        let tokens = text.tokens();
        let solid: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].kind != Kind::Mark).collect();
        let mut place = vec![0; tokens.len()];
        for (index, at) in solid.iter().enumerate() {
            place[*at] = index;
        }
        let words: Vec<Shape> =
            tokens.iter().filter(|token| token.kind == Kind::Word && token.to - token.from > 1).map(|token| token.shape).collect();
        let titled = words.iter().filter(|shape| **shape == Shape::Title).count();
        let upper = words.iter().filter(|shape| **shape == Shape::Upper).count();
        let cased = if words.len() > 1 && upper * 10 > words.len() * 7 {
            "loud"
        } else if titled + upper == 0 {
            "low"
        } else if titled * 10 > words.len() * 6 && words.len() > 3 {
            "heading"
        } else if tokens.first().is_some_and(|token| token.shape == Shape::Lower) {
            "mixed"
        } else {
            "usual"
        };
        let length = match solid.len() {
            ..=3 => "short",
            4..=9 => "middle",
            _ => "long",
        };
        let lists = (0..tokens.len()).map(|at| if tokens[at].kind == Kind::Word { lists_of(text.word(at)) } else { 0 }).collect();
        let mut scene = Self { text, priors, lists, sorts: Vec::new(), solid, place, cased, length };
        scene.sorts = (0..tokens.len()).map(|at| scene.sort_of(at)).collect();
        scene
    }

    /// Whether the model is asked about a token at all: ordinary words in small letters that no list of names has are none.
    pub(super) fn is_candidate(&self, at: usize) -> bool {
        let token = &self.text.tokens()[at];
        let prior = &self.priors[at];
        let listed = prior.given > 0 || prior.surname > 0;
        let initial = token.to - token.from == 1;
        if initial
            && !(self.near(at, -1).is_some_and(|other| self.is_capital(other))
                || self.near(at, 1).is_some_and(|other| self.is_capital(other) && self.priors[other].word < 3))
        {
            return false;
        }
        // "We've", "They'll"
        let plain = &self.text.plain()[token.from as usize..token.to as usize];
        let contracted = plain.iter().rposition(|ch| *ch == '\'').is_some_and(|mark| {
            let ending: String = plain[mark + 1..].iter().flat_map(|ch| ch.to_lowercase()).collect();
            matches!(ending.as_str(), "ve" | "ll" | "re" | "t" | "d" | "m")
        });
        if contracted {
            return false;
        }
        token.kind == Kind::Word
            && !(token.shape == Shape::Lower && prior.word >= if listed { 8 } else { 3 })
            && !(token.shape == Shape::Lower && token.to - token.from < 2)
    }

    fn is_capital(&self, at: usize) -> bool {
        let token = &self.text.tokens()[at];
        token.kind == Kind::Word && token.shape != Shape::Lower
    }

    fn near(&self, at: usize, step: isize) -> Option<usize> {
        self.place[at].checked_add_signed(step).and_then(|index| self.solid.get(index)).copied()
    }

    fn key(&self, at: Option<usize>, edge: &'static str) -> &str {
        match at {
            None => edge,
            Some(at) if self.text.tokens()[at].kind == Kind::Number => "#",
            Some(at) if self.text.tokens()[at].kind == Kind::Emoji => "emoji",
            Some(at) => self.text.word(at),
        }
    }

    /// The mark that stands right before (-1) or after (+1) a token.
    fn mark(&self, at: usize, step: isize) -> &str {
        match at.checked_add_signed(step) {
            None => "^",
            Some(index) => match self.text.tokens().get(index) {
                None => "$",
                Some(token) if token.kind == Kind::Mark => self.text.word(index),
                Some(_) => "",
            },
        }
    }

    /// The lists that hold the words within so many words of a token.
    fn within(&self, at: usize, count: usize) -> u16 {
        let place = self.place[at];
        let solid = &self.solid[place.saturating_sub(count)..(place + count + 1).min(self.solid.len())];
        solid.iter().filter(|other| **other != at).fold(0, |all, other| all | self.lists[*other])
    }

    /// What the capitals around a token spell together: a place, a phrase before a colon, one word, several.
    fn run(&self, at: usize) -> &'static str {
        let tokens = self.text.tokens();
        let inside = |index: usize| {
            tokens.get(index).is_some_and(|token| match token.kind {
                Kind::Word => token.shape != Shape::Lower,
                Kind::Mark => matches!(self.text.word(index), "&" | "'" | "-") || self.text.word(index) == "/",
                _ => false,
            })
        };
        if !inside(at) {
            return "small";
        }
        let (mut first, mut last) = (at, at + 1);
        while first > 0 && inside(first - 1) {
            first -= 1;
        }
        while inside(last) {
            last += 1;
        }
        let solid = (first..last).filter(|index| tokens[*index].kind == Kind::Word).count();
        let behind = self.text.word(last);
        let mut others = (first..last).filter(|index| *index != at);
        if others.clone().any(|index| self.lists[index] & PLACE_BIT != 0) {
            "place"
        } else if others.clone().any(|index| self.lists[index] & STREET_BIT != 0 && index > at) {
            "street"
        } else if others.any(|index| self.priors[index].health && self.priors[index].given + self.priors[index].surname == 0) {
            "health"
        } else {
            match (solid, tokens[first].begins, behind) {
                (1, true, ":") => "one:",
                (1, true, ",") => "one,",
                (1, _, _) => "one",
                (2, true, ":") => "two:",
                (2, _, _) => "two",
                (_, true, ":") => "many:",
                _ => "many",
            }
        }
    }

    /// What sort of word stands there.
    fn sort(&self, at: Option<usize>) -> &'static str {
        at.map_or("edge", |at| self.sorts[at])
    }

    fn sort_of(&self, at: usize) -> &'static str {
        let token = &self.text.tokens()[at];
        let word = self.text.word(at);
        match token.kind {
            Kind::Number => return "number",
            Kind::Mixed => return "mixed",
            Kind::Emoji => return "emoji",
            _ => {}
        }
        if let Some((_, name)) = SORTS.get(self.lists[at].trailing_zeros() as usize) {
            return name;
        }
        if matches!(word, "st" | "saint" | "san" | "santa" | "santo" | "mt" | "fort" | "ft" | "port" | "team" | "camp")
            && token.shape != Shape::Lower
        {
            return "saint";
        }
        if is_weekday(word) || month(word).is_some() {
            return "calendar";
        }
        let prior = &self.priors[at];
        let capital = token.shape != Shape::Lower;
        match (capital, prior.given.max(prior.surname), prior.word, prior.ambiguous) {
            (true, 1.., 0, _) | (true, 4.., _, false) => "Name",
            (true, 1.., _, _) => "Name or word",
            (false, 1.., 0, _) | (false, 4.., _, false) => "name",
            (true, 0, 0, _) if prior.health => "Health",
            (true, 0, 0, _) => "Strange",
            (true, 0, _, _) => "Word",
            (false, _, 0, _) if prior.health => "health",
            (false, 0, 0, _) => "strange",
            (false, _, 6.., _) => "common",
            _ => "word",
        }
    }
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Caseless => "none",
        Shape::Lower => "lower",
        Shape::Title => "Title",
        Shape::Upper => "UPPER",
        Shape::Inner => "inNer",
    }
}

fn level_name(level: u8) -> &'static str {
    ["0", "1", "1", "3", "3", "5", "5", "7", "7", "9"][usize::from(level.min(9))]
}

/// The features of a token; `before` says whether the one before it is a name.
pub(super) fn of_token(scene: &Scene, at: usize, before: bool, sink: &mut impl Sink) {
    let token = &scene.text.tokens()[at];
    let prior = scene.priors[at];
    let word = scene.text.word(at);
    let (b1, b2, a1, a2) = (scene.near(at, -1), scene.near(at, -2), scene.near(at, 1), scene.near(at, 2));
    let (kb1, kb2, ka1, ka2) = (scene.key(b1, "<"), scene.key(b2, "<"), scene.key(a1, ">"), scene.key(a2, ">"));
    let (sb1, sb2, sa1, sa2) = (scene.sort(b1), scene.sort(b2), scene.sort(a1), scene.sort(a2));
    let own = scene.sort(Some(at));
    let begins = if token.begins { "^" } else { "" };
    let initial = token.to - token.from == 1;
    let shape = if initial { "initial" } else { shape_name(token.shape) };
    let (mb, ma) = (scene.mark(at, -1), scene.mark(at, 1));
    let given = level_name(prior.given);
    let surname = level_name(prior.surname);
    let common = level_name(prior.word);
    let mut add = |name: &[&str]| sink.add(name, 1.0);
    add(&["bias"]);
    add(&["given=", given]);
    add(&["surname=", surname]);
    add(&["common=", common]);
    add(&["shape=", shape, begins, "/", scene.cased]);
    add(&["own=", own, begins]);
    add(&["own=", own, "/", shape, "/", scene.cased]);
    add(&["given/common=", given, "/", common, begins, "/", shape]);
    if prior.ambiguous {
        add(&["ambiguous/", shape, begins]);
        add(&["ambiguous/", sb1, "/", sa1]);
    }
    if prior.health {
        add(&["health/", shape, begins]);
        add(&["health/given=", given]);
    }
    if token.possessive {
        add(&["possessive/", own]);
    }
    add(&["b1=", kb1]);
    add(&["a1=", ka1]);
    add(&["b2=", kb2]);
    add(&["a2=", ka2]);
    add(&["b1=", kb1, "/", own]);
    add(&["a1=", ka1, "/", own]);
    add(&["b2b1=", kb2, " ", kb1]);
    add(&["a1a2=", ka1, " ", ka2]);
    add(&["sb1=", sb1]);
    add(&["sa1=", sa1]);
    add(&["sb1/own=", sb1, "/", own, begins]);
    add(&["sa1/own=", sa1, "/", own, begins]);
    add(&["sb1/own/sa1=", sb1, "/", own, "/", sa1]);
    add(&["sb2/sb1/own=", sb2, "/", sb1, "/", own]);
    add(&["own/sa1/sa2=", own, "/", sa1, "/", sa2]);
    add(&["mb=", mb, "/", own]);
    add(&["ma=", ma, "/", own]);
    add(&["mb/ma=", mb, "/", ma, "/", shape, begins]);
    add(&["ma/a1=", ma, "/", ka1]);
    add(&["mb/b1=", mb, "/", kb1]);
    add(&["length=", scene.length, "/", own]);
    if before {
        add(&["before"]);
        add(&["before/", own, "/", mb]);
        add(&["before/", shape]);
    }
    add(&["mb/ma/own=", mb, "/", ma, "/", own]);
    add(&["kb1/own/ma=", kb1, "/", own, "/", ma]);
    if matches!(ka1, "and" | "y" | "e" | "or" | "o" | "n" | "und") || ma == "&" {
        add(&["pair=", own, begins, "/", sa2]);
    }
    if matches!(kb1, "and" | "y" | "e" | "or" | "o" | "n") || mb == "&" {
        add(&["pair behind=", own, "/", sb2]);
    }
    if token.shape == Shape::Upper && !initial && token.to - token.from <= 4 {
        add(&["abbreviation/", scene.cased]);
    }
    if token.shape == Shape::Title && !token.begins && given >= "3" {
        add(&["vocative=", mb, "/", ma, "/", sa1]);
    }
    add(&["run=", scene.run(at), "/", own]);
    let around = scene.within(at, 4);
    for (name, bit) in [("staff", STAFF_BIT), ("called", CALLED_BIT), ("street", STREET_BIT), ("person", KIN_BIT)] {
        if around & bit != 0 {
            add(&["near ", name]);
            add(&["near ", name, "/", own]);
        }
    }
    if prior.ambiguous {
        add(&["word=", word]);
    }
    if prior.given == 0 && prior.surname == 0 {
        let bytes = word.as_bytes();
        if word.is_ascii() && bytes.len() > 4 {
            add(&["suffix=", &word[bytes.len() - 3..]]);
            add(&["suffix=", &word[bytes.len() - 2..]]);
        }
    }
    let place = scene.place[at];
    if place < 3 {
        add(&["place=", ["0", "1", "2"][place], "/", own, "/", ma]);
    }
    if a1.is_none() {
        add(&["last/", own, "/", mb]);
    }
}
