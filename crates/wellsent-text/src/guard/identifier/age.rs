//! Ages above 89.

use super::super::text::Kind;
use super::chunk::View;
use super::{Category, Found, Known};

pub(super) fn find(view: &View, _known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, token) in view.tokens().iter().enumerate() {
        let digits: String = view.text.word(at).chars().take_while(char::is_ascii_digit).collect();
        let rest = &view.text.word(at)[digits.len()..];
        if !matches!(token.kind, Kind::Number | Kind::Mixed) || !digits.parse::<u16>().is_ok_and(|age| (90..=115).contains(&age)) {
            continue;
        }
        if let Some(last) = end(view, at, rest) {
            found.push(view.found(at..last, Category::Date));
        }
    }
    found
}

/// Where the age that begins here ends, if it is one.
fn end(view: &View, at: usize, rest: &str) -> Option<usize> {
    let word = |index: usize| view.text.word(index);
    let (before, next) = (at.checked_sub(1).map_or("", word), word(at + 1));
    let dashed = next == "-" && matches!(word(at + 2), "year" | "yr") && view.after(at + 3, 2, &["old", "-"]);
    if matches!(before, "$" | "/" | "." | ":" | "-" | "#" | "#." | "%") && (before != "-" || view.tokens()[at].glued) {
        return None;
    }
    if matches!(rest, "yo" | "yrs" | "yr" | "y" | "f" | "m") && view.tokens()[at].kind == Kind::Mixed {
        return (rest != "f" && rest != "m" || view.has(&["pt", "patient"])).then_some(at + 1);
    }
    if matches!(rest, "th" | "st" | "nd" | "rd") {
        let party = view.before(at, 3, &["happy", "her", "his", "my", "your", "moms", "mom", "dads", "dad"])
            || view.after(at + 1, 2, &["birthday", "bday"]);
        return (party && !view.after(at + 1, 1, &["percentile", "floor", "st", "street", "ave", "day"])).then_some(at + 1);
    }
    if !rest.is_empty() {
        return None;
    }
    if dashed {
        return Some(at + 3);
    }
    if matches!(next, "yrs" | "yr" | "years" | "year" | "anos" | "yo") {
        let of_age = next == "yo"
            || next == "anos"
            || view.after(at + 2, 2, &["old", "young", "of"])
            || matches!(before, "im" | "is" | "shes" | "hes" | "am" | "turns" | "turned");
        let long = matches!(before, "for" | "por" | "over" | "the")
            || view.after(at + 2, 1, &["of", "in", "ago", "sober"]) && !view.after(at + 3, 1, &["age"]);
        return (of_age && !long).then_some(if word(at + 2) == "old" { at + 3 } else { at + 2 });
    }
    if before == "(" && next == ")" && at > 1 && super::words::KIN.contains(&word(at - 2)) {
        return Some(at + 1);
    }
    let measured = matches!(
        next,
        "." | "/"
            | "%"
            | "mg"
            | "degrees"
            | "lbs"
            | "pounds"
            | "kg"
            | "min"
            | "mins"
            | "minutes"
            | "days"
            | "day"
            | "percent"
            | "f"
            | "over"
            | "bpm"
            | "-"
            | "on"
            | "last"
            | "this"
    ) && (next != "." || view.tokens().get(at + 2).is_some_and(|token| token.glued))
        || view.has(&[
            "temp",
            "temperature",
            "fever",
            "bp",
            "pulse",
            "sugar",
            "glucose",
            "oxygen",
            "o2",
            "sat",
            "weight",
            "weighs",
            "scale",
            "ldl",
            "hdl",
            "hr",
            "rate",
        ]);
    let turned = matches!(before, "turns" | "turned" | "turning" | "cumple" | "cumplio" | "aged" | "age" | "edad");
    let is = matches!(before, "shes" | "hes" | "im" | "is" | "am" | "almost" | "nearly");
    let person = matches!(before, "shes" | "hes" | "im")
        || view.before(at, 6, super::words::KIN)
        || matches!(word(at.saturating_sub(2)), "she" | "he" | "who" | "i");
    ((turned || is && person) && !measured).then_some(at + 1)
}
