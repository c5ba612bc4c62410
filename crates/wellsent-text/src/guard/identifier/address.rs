//! Streets, cities and ZIP codes where a person lives.

use super::super::text::{Kind, Shape};
use super::chunk::View;
use super::words::{KIN, STREETS};
use super::{Category, Found, Known};

/// Words that stand where a person's home, mail or ride is spoken of.
const HOME: &[&str] = &[
    "my",
    "mi",
    "your",
    "su",
    "his",
    "her",
    "their",
    "moved",
    "live",
    "lives",
    "living",
    "vivo",
    "vive",
    "viviendo",
    "vivimos",
    "mail",
    "mailed",
    "mailing",
    "mailbox",
    "address",
    "adress",
    "direccion",
    "domicilio",
    "deliver",
    "delivery",
    "delivered",
    "entregamos",
    "entrega",
    "ride",
    "driver",
    "pickup",
    "picks",
    "pick",
    "shuttle",
    "van",
    "ship",
    "ships",
    "shipped",
    "still",
    "sigue",
    "apt",
    "house",
    "home",
    "casa",
    "package",
    "paquete",
    "courier",
    "oxygen",
    "truck",
    "correo",
    "arrives",
    "reaches",
    "headed",
    "transport",
    "transporte",
    "file",
    "returned",
    "i",
    "im",
    "we",
    "vivimos",
    "nos",
    "mudamos",
    "mude",
    "leaves",
    "gps",
    "ramp",
];

/// Words that speak of the practice's own place.
const OFFICE: &[&str] = &[
    "our",
    "nuestra",
    "nuestro",
    "office",
    "offices",
    "clinic",
    "clinica",
    "location",
    "suite",
    "ste",
    "building",
    "bldg",
    "consultorio",
    "oficina",
    "relocated",
    "entrance",
    "parking",
    "lobby",
    "pharmacy",
    "hospital",
    "ubicacion",
    "estamos",
    "venue",
    "lab",
    "imaging",
    "urgent",
    "sucursal",
    "evacuation",
    "hq",
    "entrada",
];

pub(super) fn find(view: &View, known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < view.tokens().len() {
        let one = street(view, at).filter(|(first, last, sure)| is_home(view, *first, *last, *sure));
        let one = one.or_else(|| box_number(view, at)).or_else(|| zip(view, at)).or_else(|| city(view, at));
        match one.map(|(first, last, _)| (first, last)) {
            Some((first, last))
                if !(first..last).any(|index| {
                    super::known::belongs_to_practice(view.text, index, known)
                        && view.tokens()[index].kind == Kind::Word
                        && !known.places.is_empty()
                }) =>
            {
                found.push(view.found(first..last, Category::Geo));
                at = last;
            }
            _ => at += 1,
        }
    }
    found
}

fn is_home(view: &View, first: usize, last: usize, numbered: bool) -> bool {
    let office = view.has(OFFICE) && !view.has_phrase(&["post", "office"])
        || view.has_phrase(&["we", "moved", "to"]) && view.has(&["come", "see", "new", "patients"]) && view.has(&["office"]);
    let close = view.before(first, 4, &["my", "mi", "your", "vivo", "live", "lives", "vive", "viviendo", "his", "her", "su"])
        || view.before(first, 6, KIN);
    let home = view.has(HOME);
    let small = view.tokens().first().is_some_and(|token| token.shape == Shape::Lower) && view.has(&["now", "ahora"]);
    let us = !small && view.has_phrase(&["were", "at"])
        || view.has_phrase(&["find", "us"])
        || view.has_phrase(&["visit", "us"])
        || !small && view.has_phrase(&["we", "are", "at"]);
    if numbered {
        let person = view.has(&[
            "address",
            "direccion",
            "domicilio",
            "apt",
            "mail",
            "ride",
            "driver",
            "delivery",
            "live",
            "lives",
            "vivo",
            "moved",
            "still",
            "sigue",
            "file",
        ]);
        let nobody = view.has(&["our", "nuestra", "evacuation", "estamos", "clinic", "building", "entrada"]);
        return !us && (!office || close && !nobody || person && !nobody && !view.has(&["suite"]));
    }
    let mailed = view.has(&[
        "mail", "correo", "package", "delivery", "reaches", "house", "driver", "ride", "van", "truck", "oxygen", "street", "mailbox",
    ]);
    home && !office
        && !us
        && (close && view.before(first, 3, &["live", "lives", "vivo", "on", "en", "at"])
            || mailed && view.before(first, 2, &["from", "to", "by", "on", "onto", "reaches", "at", "de", "en"]))
        || view.after(last, 4, &["my"]) && view.after(last, 6, &["street", "road", "house", "place"])
}

/// `12 Dune Rd`, `1907 W Cherry`, `calle Olmo 45`: first and last token and whether a house number is there.
fn street(view: &View, at: usize) -> Option<(usize, usize, bool)> {
    let tokens = view.tokens();
    let word = |index: usize| view.text.word(index);
    if matches!(
        word(at),
        "calle"
            | "avenida"
            | "av"
            | "ave"
            | "camino"
            | "bo"
            | "barrio"
            | "colonia"
            | "col"
            | "carrera"
            | "callejon"
            | "privada"
            | "urb"
            | "urbanizacion"
            | "county"
    ) {
        let mut index = at + 1;
        let mut words = 0;
        while index < tokens.len() && words < 4 {
            let token = &tokens[index];
            match token.kind {
                Kind::Mark if matches!(word(index), "." | "#" | ",") && (word(index) != "," || words > 0) => {}
                Kind::Number | Kind::Mixed if words > 0 || matches!(word(index + 1), "#") => {
                    return Some((at, tail(view, index + 1), true));
                }
                Kind::Word
                    if token.shape == Shape::Title
                        || matches!(word(index), "de" | "del" | "la" | "las" | "los" | "y" | "no" | "num" | "numero" | "rd") =>
                {
                    words += 1
                }
                _ => return None,
            }
            index += 1;
        }
        return None;
    }
    let numbered = matches!(tokens[at].kind, Kind::Number | Kind::Mixed)
        && word(at).len() <= 6
        && !(tokens[at].glued && at > 0 && !matches!(word(at - 1), "(" | "\"" | "#"))
        && word(at).chars().next().is_some_and(|ch| ch.is_ascii_digit());
    if !numbered && tokens[at].shape != Shape::Title {
        return None;
    }
    let mut index = if numbered { at + 1 } else { at };
    let mut names = 0;
    let mut titled = 0;
    while index < tokens.len() && names < 5 {
        let token = &tokens[index];
        let said = word(index);
        if token.kind == Kind::Mark {
            if said == "." && names > 0 && token.glued && matches!(word(index - 1), "n" | "s" | "e" | "w" | "st") {
                index += 1;
                continue;
            }
            break;
        }
        let is_street = STREETS.contains(&said) && names > 0 && !(said == "dr" && matches!(word(at), "with" | "w"));
        if is_street && (numbered || titled == names) && !(said == "way" && titled == 0) && !(said == "st" && names == 0) {
            let mut last = index + 1;
            if matches!(said, "hwy" | "highway" | "rd" | "route" | "rte") && tokens.get(last).is_some_and(|next| next.kind == Kind::Number)
            {
                last += 1;
            }
            // "2:30 with Dr. Bui": a title and no drive.
            if said == "dr" && word(last) == "." && tokens.get(last + 1).is_some_and(|next| next.shape == Shape::Title) {
                return None;
            }
            return (names > 0).then(|| (at, if numbered { tail(view, last) } else { last }, numbered));
        }
        let ordinary = token.shape == Shape::Lower && super::names::word_level(said) >= 5 && !matches!(said, "n" | "s" | "e" | "w");
        if ordinary || token.kind == Kind::Number && !numbered || token.kind == Kind::Emoji || !numbered && token.shape != Shape::Title {
            break;
        }
        names += 1;
        titled += usize::from(token.shape == Shape::Title || token.kind == Kind::Mixed);
        index += 1;
    }
    // "1907 W Cherry", "9 Loma Vista", "18 Quail Hollow": a number and a name where a home is spoken of.
    let compass = matches!(word(at + 1), "n" | "s" | "e" | "w") && tokens.get(at + 1).is_some_and(|token| token.shape == Shape::Title);
    let named = numbered && titled >= 2 && titled == names && tokens.get(at + 1).is_some_and(|token| token.shape == Shape::Title);
    let place = view.before(at, 3, &["at", "from", "to", "pickup", "delivery", "address", "on", "is"])
        && view.has(&["pickup", "pick", "delivery", "driver", "ride", "mail", "address", "shuttle", "live", "house"]);
    ((compass && names >= 2 || named) && place).then(|| (at, at + 1 + names, true))
}

/// An apartment, city, state and ZIP code behind a street.
fn tail(view: &View, mut last: usize) -> usize {
    let tokens = view.tokens();
    for _ in 0..6 {
        let mut next = last;
        while matches!(view.text.word(next), "," | ".") {
            next += 1;
        }
        let word = view.text.word(next);
        let Some(token) = tokens.get(next) else { break };
        let unit = matches!(word, "apt" | "unit" | "apartment" | "lot" | "no" | "dept" | "depto" | "trailer");
        if unit || word == "#" {
            let number = if view.text.word(next + 1) == "#" { next + 2 } else { next + 1 };
            if tokens.get(number).is_some_and(|token| matches!(token.kind, Kind::Number | Kind::Mixed) || token.to - token.from == 1) {
                last = number + 1;
                continue;
            }
        }
        let zip = token.kind == Kind::Number && word.len() == 5;
        let state = token.shape == Shape::Upper && word.len() == 2 && next <= last + 1;
        let city = next > last && view.text.word(next - 1) == "," && token.shape == Shape::Title && super::names::word_level(word) < 6;
        let city_goes_on = next == last
            && token.shape == Shape::Title
            && last >= 2
            && tokens[last - 1].shape == Shape::Title
            && view.text.word(last - 2) == ","
            && super::names::word_level(word) < 6;
        if zip || state || city || city_goes_on {
            last = next + 1;
        } else {
            break;
        }
    }
    last
}

fn box_number(view: &View, at: usize) -> Option<(usize, usize, bool)> {
    let word = |index: usize| view.text.word(index);
    let first_number = if matches!((word(at), word(at + 1)), ("po", "box")) {
        at + 2
    } else if matches!((word(at), word(at + 1), word(at + 2), word(at + 3)), ("p", ".", "o", ".")) && word(at + 4) == "box" {
        at + 5
    } else {
        return None;
    };
    let number = view.tokens().get(first_number).is_some_and(|token| matches!(token.kind, Kind::Number | Kind::Mixed));
    (number && !view.has(&["our", "payments", "checks"])).then(|| (at, tail(view, first_number + 1), true))
}

fn zip(view: &View, at: usize) -> Option<(usize, usize, bool)> {
    let token = &view.tokens()[at];
    let alone = token.kind == Kind::Number && token.to - token.from == 5 && !(token.glued && at > 0 && view.text.word(at - 1) != "(");
    let said = view.before(at, 8, &["zip", "zipcode", "postal", "zona"]) || view.after(at + 1, 4, &["zip", "zipcode", "postal"]);
    let asked = at <= 2 && matches!(view.word_before(at), "still" | "is") && view.text.word(at + 1) == "?";
    let mut last = at + 1;
    if view.text.word(last) == "-" && view.text.word(last + 1).len() == 4 {
        last += 2;
    }
    (alone && (said && !view.has(&["our", "office", "clinic"]) || asked)).then_some((at, last, true))
}

/// "we moved to Flagstaff", "vivo en Laredo"
fn city(view: &View, at: usize) -> Option<(usize, usize, bool)> {
    let tokens = view.tokens();
    let word = |index: usize| view.text.word(index);
    let title = |index: usize| tokens.get(index).is_some_and(|token| token.kind == Kind::Word && token.shape == Shape::Title);
    if !title(at) {
        return None;
    }
    let back = |count: usize| at.checked_sub(count).map_or("", word);
    let lives = matches!(
        (back(2), back(1)),
        ("moved", "to")
            | ("live", "in")
            | ("lives" | "living", "in")
            | ("vivo" | "vive" | "vivimos" | "viviendo", "en")
            | ("mudamos" | "mude", "a")
    ) || matches!((back(3), back(1)), ("live" | "lives", "in" | "near") | ("moved", "to") | ("living", "in"));
    let asked = view.after(at + 1, 5, &["hometown"]) || view.after(at + 1, 4, &["home"]) && view.after(at + 1, 5, &["city"]);
    let office = view.has(&["office", "clinic", "dr", "our", "nuestra", "appt", "appointment"]);
    if !(lives || asked && (at == 1 || back(1) == "show" || back(1) == "is"))
        || office
        || super::date::month(word(at)).is_some()
        || super::date::is_weekday(word(at))
        || word(at) == "i"
    {
        return None;
    }
    let mut last = at + 1;
    while title(last) && last < at + 3 {
        last += 1;
    }
    let known_word = super::names::word_level(word(at)) >= 6;
    (!known_word).then(|| (at, tail(view, last), true))
}
