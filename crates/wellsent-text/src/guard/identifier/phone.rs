//! Telephone and fax numbers of a person; the practice's own are none.

use super::super::text::{Kind, Shape};
use super::chunk::View;
use super::words::KIN;
use super::{Category, Found, Known};

const DIGIT_WORDS: &[&str] = &[
    "zero", "oh", "o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "cero", "uno", "dos", "tres", "cuatro",
    "cinco", "seis", "siete", "ocho", "nueve",
];

pub(super) fn find(view: &View, known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < view.tokens().len() {
        match number(view, at) {
            Some((last, digits)) => {
                if !known.practice_phones.iter().any(|own| own.ends_with(&digits) || digits.ends_with(own.as_str()))
                    && let Some(category) = owner(view, at, last)
                {
                    found.push(view.found(at..last, category));
                }
                at = last;
            }
            None => at += 1,
        }
    }
    found
}

/// The token behind a telephone number that begins here, and its digits without the country's.
fn number(view: &View, at: usize) -> Option<(usize, String)> {
    let tokens = view.tokens();
    spelt(view, at).or_else(|| {
        let start = at.checked_sub(1).map_or("", |before| view.text.word(before));
        if at > 0 && tokens[at].glued && matches!(start, "-" | "/" | "." | "$" | "#" | ":")
            || tokens[at].kind == Kind::Mark && !matches!(view.text.word(at), "(" | "+")
        {
            return None;
        }
        let mut groups: Vec<(usize, usize)> = Vec::new();
        let mut index = at;
        let mut marks = 0;
        while index < tokens.len() && groups.len() < 4 {
            let token = &tokens[index];
            match token.kind {
                Kind::Number => {
                    groups.push((index, (token.to - token.from) as usize));
                    marks = 0;
                }
                Kind::Mark if matches!(view.text.word(index), "-" | "." | "(" | ")" | "+") && marks < 2 => marks += 1,
                _ => break,
            }
            index += 1;
        }
        // The longest reading of the groups that is a number.
        for count in (1..=groups.len()).rev() {
            let lengths: Vec<usize> = groups[..count].iter().map(|(_, length)| *length).collect();
            let last = groups[count - 1].0;
            let digits: String = groups[..count].iter().map(|(token, _)| view.text.word(*token)).collect();
            let good = match lengths.as_slice() {
                [1, 3, 3, 4] | [3, 3, 4] | [1, 3, 4] => true,
                [3, 4] => true,
                [10] => !digits.starts_with('0') && !digits.starts_with('1'),
                [11] => digits.starts_with('1'),
                [7] => digits.starts_with("555"),
                [3, 7] => true,
                _ => false,
            };
            if good {
                let digits = if digits.len() == 11 || digits.len() == 8 { digits[1..].to_owned() } else { digits };
                return Some((last + 1, digits));
            }
        }
        None
    })
}

/// "five five five 0 1 8 4"
fn spelt(view: &View, at: usize) -> Option<(usize, String)> {
    let mut digits = String::new();
    let mut index = at;
    let mut words = 0;
    while index < view.tokens().len() {
        let word = view.text.word(index);
        if let Some(place) = DIGIT_WORDS.iter().position(|known| *known == word) {
            let digit = match place {
                ..=2 => 0,
                3..=11 => place - 2,
                _ => place - 12,
            };
            digits.push_str(&digit.to_string());
            words += 1;
        } else if word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            digits.push_str(word);
        } else if word != "-" {
            break;
        }
        index += 1;
    }
    (words >= 2 && (7..=11).contains(&digits.len())).then_some((index, digits))
}

/// Whether the number is a person's telephone or fax, or the practice's.
fn owner(view: &View, first: usize, last: usize) -> Option<Category> {
    if view.text.word(first).bytes().all(|byte| byte.is_ascii_alphabetic()) && !view.text.word(first).is_empty() {
        return Some(Category::Phone);
    }
    let mut score = 0;
    let near = |words: &[&str], count: usize| view.before(first, count, words) || view.after(last, 4, words);
    let fax = near(&["fax", "faxed", "faxing", "faxes", "faxear", "faxeamos"], 8);
    let first_person = view.has(&["my", "mi", "im", "mine", "mis"]);
    let of_kin = view.before(first, 6, KIN) || view.after(last, 5, KIN);
    score += if first_person { 3 } else { 0 };
    score += if of_kin { 3 } else { 0 };
    score += if near(&["cell", "cel", "celular", "cellphone", "landline", "mobile", "movil", "work", "job", "home", "trabajo", "casa"], 5) {
        3
    } else {
        0
    };
    score += if view.has(&["file", "bounced", "opted", "saved", "verify", "backup", "voicemail", "contesta", "contestan", "landline"]) {
        2
    } else {
        0
    };
    score += if near(&["your", "ur", "his", "her", "their", "yours", "him", "them", "su", "usted"], 5) { 2 } else { 0 };
    score += if near(
        &["old", "new", "nuevo", "viejo", "instead", "use", "change", "changed", "cambie", "cambio", "number", "numero", "phone"],
        4,
    ) {
        1
    } else {
        0
    };
    score += if near(&["emergency", "contact", "contacto", "hr", "school", "lawyer", "employer", "payroll", "attorney", "sisters"], 6) {
        2
    } else {
        0
    };
    score += if view.has_phrase(&["call", "me"])
        || view.has_phrase(&["text", "me"])
        || view.has_phrase(&["reach", "me"])
        || view.has_phrase(&["call", "back", "number", "we"])
    {
        2
    } else {
        0
    };
    score += if view.has_phrase(&["we", "have"])
        || view.has_phrase(&["tenemos"])
        || view.has_phrase(&["text", "sent", "to"])
        || view.has_phrase(&["faxed"])
    {
        2
    } else {
        0
    };
    let clinician = near(super::words::CLINICIANS, 4) && !first_person;
    score -= if clinician { 3 } else { 0 };
    score -= if view.has(&[
        "us",
        "office",
        "clinic",
        "clinica",
        "oficina",
        "recepcion",
        "reception",
        "questions",
        "preguntas",
        "billing",
        "llamenos",
        "comuniquese",
    ]) {
        3
    } else {
        0
    };
    score -= if near(&["our", "nuestro", "nuestra", "main", "desk", "line", "office"], 4) { 3 } else { 0 };
    let other = ["her", "him", "them", "me"]
        .iter()
        .any(|who| view.has_phrase(&["call", who]) || view.has_phrase(&["text", who]) || view.has_phrase(&["reach", who]));
    let begins_small = view.tokens().first().is_some_and(|token| token.shape == Shape::Lower);
    score += if other && begins_small { 3 } else { 0 };
    score += if begins_small { 1 } else { 0 };
    score += if view.before(first, 6, &["message", "contact", "reach"]) && view.has(&["we", "couldnt", "cant"]) || view.has(&["mailbox"]) {
        2
    } else {
        0
    };
    score += if view.tokens()[..first].iter().any(|token| token.possessive) { 2 } else { 0 };
    score += if view.has_phrase(&["call", "her"]) || view.has_phrase(&["call", "him"]) { 4 } else { 0 };
    score += if view.has(&["still"]) && view.has(&["good", "best", "right", "correct"]) { 3 } else { 0 };
    let call = near(&["call", "llame", "llamar", "marque", "ring", "dial"], 3) || view.before(first, 3, &["text", "back"]) && !first_person;
    score -= if call { 2 } else { 0 };
    score -= if view.has(&["please", "favor"]) && call { 2 } else { 0 };
    let asked = begins_small && !first_person && near(&["your", "ur", "from", "yours"], 3);
    score -= if asked { 5 } else { 0 };
    score -= if view.has(&["our", "nuestro", "nuestra"]) && !of_kin && !first_person { 3 } else { 0 };
    let we = view.has_phrase(&["we", "called"]) || view.has_phrase(&["we", "tried"]) || view.has(&["llamamos", "manden", "mande"]);
    score += if we { 3 } else { 0 };
    let sent_to = fax && (view.before(first, 2, &["to", "a", "al", "at"]) || view.has(&["faxed", "home", "hr", "attn", "received"]));
    score += if sent_to && !view.has(&["us", "our"]) { 3 } else { 0 };
    (score > 0).then_some(if fax { Category::Fax } else { Category::Phone })
}
