//! Dates that are tied to a person. Public dates, days of the week and times are none.

use super::super::text::{Kind, Shape};
use super::chunk::View;
use super::{Category, Found, Known};

/// Words of notices to everybody.
const PUBLIC: &[&str] = &[
    "closed",
    "closing",
    "close",
    "closes",
    "holiday",
    "holidays",
    "cerrado",
    "cerrada",
    "cerrados",
    "cerramos",
    "cerraremos",
    "cierra",
    "feriado",
    "festivo",
    "enrollment",
    "invited",
    "rsvp",
    "longer",
    "live",
    "effective",
    "everybody",
    "volunteers",
    "donate",
    "community",
    "fair",
    "parade",
    "festival",
    "everyone",
    "todos",
    "thanksgiving",
    "christmas",
    "independence",
    "veterans",
    "memorial",
    "juneteenth",
    "july4",
    "horario",
    "webinar",
    "seminar",
    "abrimos",
    "moving",
    "construction",
    "holy",
    "santa",
    "concert",
    "gala",
    "raffle",
    "picnic",
    "launch",
    "launches",
    "flyer",
    "movie",
    "marathon",
    "5k",
    "bbq",
    "potluck",
    "network",
    "joins",
    "joining",
];

/// Words that tie a date to somebody although others would make it public.
const PERSONAL: &[&str] = &[
    "appt",
    "appointment",
    "appointments",
    "visit",
    "cita",
    "born",
    "dob",
    "birthday",
    "bday",
    "nacimiento",
    "naci",
    "your",
    "my",
    "su",
    "tu",
    "mi",
    "due",
    "slot",
    "confirm",
    "i",
    "im",
    "reschedule",
    "booked",
    "consulta",
    "slot",
];

pub(super) fn find(view: &View, known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < view.tokens().len() {
        match date(view, at) {
            Some(last) => {
                if is_personal(view, at, last) || is_birth_date(view, at, last, known) {
                    found.push(view.found(at..last, Category::Date));
                }
                at = last;
            }
            None => at += 1,
        }
    }
    found
}

fn is_birth_date(view: &View, first: usize, last: usize, known: &Known) -> bool {
    let Some((year, month_of, day)) = known.birth_date else { return false };
    let numbers: Vec<i16> = (first..last)
        .filter_map(|at| {
            let word = view.text.word(at);
            month(word).map(i16::from).or_else(|| word.trim_end_matches(|ch: char| ch.is_alphabetic()).parse().ok())
        })
        .collect();
    numbers.contains(&i16::from(month_of))
        && numbers.contains(&i16::from(day))
        && (numbers.len() < 3 || numbers.iter().any(|number| *number == year || *number == year % 100))
}

fn is_personal(view: &View, first: usize, last: usize) -> bool {
    if view.before(first, 2, &["exp", "expires", "expiration", "vence"]) && view.has(&["card", "tarjeta", "visa"]) {
        return false;
    }
    let practice = view.has(&["our", "office", "clinic", "nuestra", "oficina", "clinica"])
        && view.has(&["hours", "open", "opens", "opening", "reopens", "available", "offering"]);
    let public = view.has(PUBLIC) || practice;
    if !public {
        return true;
    }
    let near = view.before(first, 6, PERSONAL) || view.after(last, 5, PERSONAL);
    let about_practice = view.has(&["our", "nuestra", "nuestro", "we", "estaremos"]) && !view.has(&["your", "su", "my", "mi"]);
    let strongly =
        view.has(&["closed", "closing", "holiday", "holidays", "cerrado", "cerrados", "cerramos", "enrollment", "fair", "everyone"]);
    near && !about_practice && (!strongly || view.has(&["appt", "appointment", "visit", "cita", "born", "dob"]))
        || view.has(&["slot", "opened"]) && !strongly
}

/// Where the date that begins at a token ends.
fn date(view: &View, at: usize) -> Option<usize> {
    if view.tokens()[at].kind == Kind::Mark {
        return None;
    }
    let weekday = is_weekday(view.text.word(at)).then(|| {
        let mut next = at + 1;
        while matches!(view.text.word(next), "," | ".") || view.text.word(next) == "el" {
            next += 1;
        }
        next
    });
    let Some(next) = weekday else { return bare(view, at) };
    if next >= view.tokens().len() {
        return None;
    }
    // "Tuesday the 9th"
    if view.text.word(next) == "the" && ordinal(view.text.word(next + 1)) {
        return bare(view, next + 1).or(Some(next + 2));
    }
    bare(view, next)
}

fn bare(view: &View, at: usize) -> Option<usize> {
    written(view, at).or_else(|| in_digits(view, at))
}

fn day(word: &str) -> bool {
    word.len() <= 2 && word.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
}

fn ordinal(word: &str) -> bool {
    let digits = word.trim_end_matches(|ch: char| ch.is_alphabetic());
    day(digits) && matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th")
}

fn year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1900..=2110).contains(&year))
}

/// A month by its name with a day.
fn written(view: &View, at: usize) -> Option<usize> {
    let word = |index: usize| view.text.word(index);
    let skip = |mut index: usize, words: &[&str]| {
        while words.contains(&word(index)) {
            index += 1;
        }
        index
    };
    if month(word(at)).is_some() {
        if matches!(word(at), "may" | "march" | "mar")
            && view.tokens()[at].shape == Shape::Lower
            && at > 0
            && matches!(word(at - 1), "it" | "you" | "they" | "i" | "we" | "this" | "that" | "he" | "she")
        {
            return None;
        }
        let mut next = at + 1;
        next = skip(next, &[".", ",", "the"]);
        if !day(word(next)) && !ordinal(word(next))
            || matches!(word(next + 1), ":" | "am" | "pm" | "%" | "people" | "years" | "days")
                && !view.tokens().get(next).is_some_and(|token| token.shape != Shape::Caseless)
        {
            return None;
        }
        let mut last = next + 1;
        if word(last) == "-" && day(word(last + 1)) {
            last += 2;
        }
        return Some(with_year(view, last));
    }
    if day(word(at)) || ordinal(word(at)) {
        let next = skip(at + 1, &["of", "de", "del"]);
        let mut named = word(next);
        if named == "-" && view.tokens()[next].glued {
            named = word(next + 1);
        }
        let glued_month = month(named).is_some()
            && !(matches!(named, "mar" | "may" | "ago")
                && next == at + 1
                && view.tokens()[next].shape == Shape::Lower
                && !ordinal(word(at)));
        let measured = matches!(word(at.wrapping_sub(1)), "$" | "." | ":" | "/") && at > 0 && view.tokens()[at].glued;
        return (glued_month && !measured).then(|| with_year(view, next + if named == word(next) { 1 } else { 2 }));
    }
    // "4oct", "oct4"
    let digits = word(at).trim_start_matches(|ch: char| ch.is_alphabetic());
    let name = &word(at)[..word(at).len() - digits.len()];
    (!digits.is_empty() && name.len() >= 3 && month(name).is_some() && day(digits)).then_some(at + 1)
}

/// A year may follow, behind a comma or "de".
fn with_year(view: &View, last: usize) -> usize {
    let mut next = last;
    while matches!(view.text.word(next), "," | "." | "de" | "del" | "'" | "/" | "-") && next < last + 2 {
        next += 1;
    }
    let short = view.text.word(next).len() == 2 && next == last + 1 && view.text.word(last) == "'";
    if year(view.text.word(next)) || short { next + 1 } else { last }
}

/// `3/14`, `3/14/85`, `3-14-1985`, `2026-03-14`, `12.11.`
fn in_digits(view: &View, at: usize) -> Option<usize> {
    let tokens = view.tokens();
    let word = |index: usize| view.text.word(index);
    let mark = word(at + 1);
    let glued = |index: usize| tokens.get(index).is_some_and(|token| token.glued);
    if !matches!(mark, "/" | "-" | ".")
        || !glued(at + 1)
        || !glued(at + 2)
        || at > 0 && tokens[at].glued && matches!(word(at - 1), "/" | "-" | "." | "$" | "#" | ":")
    {
        return None;
    }
    let number = |index: usize| word(index).parse::<u16>().ok().filter(|_| tokens[index].kind == Kind::Number);
    let (first, second) = (number(at)?, number(at + 2)?);
    let third = (word(at + 3) == mark && glued(at + 3) && glued(at + 4)).then(|| number(at + 4)).flatten();
    let month_and_day = |a: u16, b: u16| (1..=12).contains(&a) && (1..=31).contains(&b) || (1..=12).contains(&b) && (1..=31).contains(&a);
    if let Some(third) = third {
        let more = glued(at + 5) && (matches!(word(at + 5), "-" | "/") || word(at + 5) == "." && glued(at + 6));
        let length = word(at + 4).len();
        let ends = month_and_day(first, second)
            && (length == 2 || length == 4)
            && !(mark == "." && length != 4 && word(at).len() + word(at + 2).len() < 3);
        let begins = word(at).len() == 4 && month_and_day(second, third);
        return ((ends || begins) && !more).then_some(at + 5);
    }
    if mark == "." {
        let closed = word(at + 3) == "." && glued(at + 3) && !glued(at + 4);
        return (closed && month_and_day(first, second) && word(at + 2).len() == 2).then_some(at + 4);
    }
    if mark != "/" || !((1..=12).contains(&first) && (1..=31).contains(&second)) || word(at).len() > 2 || word(at + 2).len() > 2 {
        return None;
    }
    (!is_fraction(view, at, first, second)).then_some(at + 3)
}

/// `1/2 hr`, `pain 7/10`, `24/7`, `50/50`, `8/2` of a dose.
fn is_fraction(view: &View, at: usize, first: u16, second: u16) -> bool {
    let ten = second == 10
        && first <= 10
        && !view.before(
            at,
            2,
            &["on", "el", "for", "due", "dob", "appt", "by", "of", "until", "thru", "para", "born", "from", "is", "del", ","],
        )
        && !view.after(at + 3, 1, &["at", ",", ":", "w", "with", "a", "works", "?"]);
    let rated = ten && view.tokens().iter().all(|token| token.end == 0 || token.shape != Shape::Title || token.begins)
        || view.has(&["pain", "scale", "rate", "rated", "score", "dolor", "stars", "out"]) && second == 10;
    let measure = view.after(
        at + 3,
        2,
        &[
            "hr", "hour", "hours", "tab", "tabs", "tablet", "pill", "cup", "tsp", "tbsp", "mg", "ml", "dose", "of", "off", "price", "mile",
            "block", "strips", "film", "films", "inch", "cm", "strength", "pastilla", "taza", "hora", "way", "full", "done", "cigs",
            "pack", "ppd",
        ],
    );
    let whole = view.before(at, 2, &["bup", "suboxone", "zubsolv", "take", "half", "percocet", "norco", "vicodin", "ratio", "score"]);
    rated || measure || whole || view.after(at + 3, 1, &["%", "/"])
}

/// Months, English and Spanish, with the number of each.
pub(super) fn month(word: &str) -> Option<u8> {
    Some(match word {
        "jan" | "january" | "enero" | "ene" => 1,
        "feb" | "february" | "febrero" => 2,
        "mar" | "march" | "marzo" => 3,
        "apr" | "april" | "abril" | "abr" => 4,
        "may" | "mayo" => 5,
        "jun" | "june" | "junio" => 6,
        "jul" | "july" | "julio" => 7,
        "aug" | "august" | "agosto" | "ago" => 8,
        "sep" | "sept" | "september" | "septiembre" | "setiembre" => 9,
        "oct" | "october" | "octubre" => 10,
        "nov" | "november" | "noviembre" => 11,
        "dec" | "december" | "diciembre" | "dic" => 12,
        _ => return None,
    })
}

/// Days of the week.
pub(super) fn is_weekday(word: &str) -> bool {
    matches!(
        word,
        "mon"
            | "monday"
            | "tue"
            | "tues"
            | "tuesday"
            | "wed"
            | "weds"
            | "wednesday"
            | "thu"
            | "thur"
            | "thurs"
            | "thursday"
            | "fri"
            | "friday"
            | "sat"
            | "saturday"
            | "sun"
            | "sunday"
            | "lunes"
            | "martes"
            | "miercoles"
            | "jueves"
            | "viernes"
            | "sabado"
            | "domingo"
    )
}
