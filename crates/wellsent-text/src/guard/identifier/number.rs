//! Numbers and codes that belong to a person, told by the words beside them.

use super::super::text::{Kind, Shape};
use super::chunk::{Chunk, View};
use super::label::{BETWEEN, CARS, label};
use super::{Category, Found, Known};

pub(super) fn find(view: &View, _known: &Known) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut taken = vec![false; view.chunks.len()];
    for at in 0..view.chunks.len() {
        if taken[at] {
            continue;
        }
        let chunk = view.chunks[at];
        let shape = self_evident(view, &chunk);
        let labelled = label_before(view, at).or_else(|| label_after(view, at));
        let (category, from, to) = match (shape, labelled) {
            (Some(category), _) => (category, chunk.first, chunk.last),
            (None, Some(category)) if suits(view, at, category) => {
                let to = extended(view, at, category, &mut taken);
                (category, chunk.first, to)
            }
            (None, _)
                if view.before(chunk.first, 2, &["four", "4"])
                    && view.before(chunk.first, 3, &["last"])
                    && chunk.digits == 4
                    && chunk.letters == 0 =>
            {
                (Category::Ssn, chunk.first, chunk.last)
            }
            (None, Some(Category::License)) if view.chars(&chunk).contains(&'_') && view.before(chunk.first, 2, &["id"]) => {
                (Category::OtherId, chunk.first, chunk.last)
            }
            _ => match unlabelled(view, at) {
                Some(category) => (category, chunk.first, chunk.last),
                None => continue,
            },
        };
        let mut range = view.range(from..to);
        if matches!(view.text.plain().get(range.start), Some('(' | '$')) {
            range.start += 1;
        }
        found.push(Found { range, category });
        taken[at] = true;
    }
    found
}

/// A number whose form alone says what it is.
fn self_evident(view: &View, chunk: &Chunk) -> Option<Category> {
    let chars = view.chars(chunk);
    let form: String = chars
        .iter()
        .map(|ch| {
            if ch.is_ascii_digit() {
                '9'
            } else if ch.is_ascii_alphabetic() {
                'A'
            } else {
                *ch
            }
        })
        .collect();
    let text: String = chars.iter().collect::<String>().to_ascii_lowercase();
    match form.trim_start_matches('#') {
        "999-99-9999" => Some(Category::Ssn),
        "9AA9-AA9-AA99" | "9A99-AA9-AA99" | "9AA9AA9AA99" | "9A99AA9AA99" | "9AA9-A99-AA99" | "9A99-A99-AA99" => Some(Category::HealthPlan),
        _ if text.starts_with("1z") && chars.len() >= 10 && chunk.digits >= 6 => Some(Category::OtherId),
        _ if text.starts_with("inv-") && chunk.digits >= 3 => Some(Category::Account),
        _ if chunk.digits >= 4
            && chunk.digits <= 8
            && ["clm", "conf", "rx#", "rx-", "ref-", "#rx"].iter().any(|start| text.starts_with(start)) =>
        {
            Some(Category::OtherId)
        }
        _ if ["sn-", "s/n", "sn:"].iter().any(|start| text.starts_with(start)) && chunk.digits >= 3 => Some(Category::Device),
        _ if ["mrn", "mr-", "mr#"].iter().any(|start| text.starts_with(start)) && chunk.digits >= 3 => Some(Category::Mrn),
        _ if ["acct", "acc#"].iter().any(|start| text.starts_with(start)) && chunk.digits >= 3 => Some(Category::Account),
        _ => None,
    }
}

fn label_before(view: &View, at: usize) -> Option<Category> {
    let mut index = view.chunks[at].first;
    let mut steps = 0;
    while index > 0 && steps < 8 {
        index -= 1;
        let word = view.text.word(index);
        if view.tokens()[index].kind == Kind::Mark {
            let shortened = index > 0
                && word == "."
                && matches!(view.text.word(index - 1), "no" | "num" | "nr" | "id" | "acct" | "conf" | "lic" | "inv" | "ref");
            if matches!(word, "." | "!" | "?" | ";") && !view.tokens()[index + 1].glued && !shortened {
                return None;
            }
            continue;
        }
        let strong = view.tokens()[index + 1].kind == Kind::Mark && matches!(view.text.word(index + 1), ":" | "#");
        if let Some(category) = label(view, index) {
            // "id" on its own is vague; what stands before it may say more.
            if word == "id" && matches!(view.word_before(index), "portal" | "user" | "login") {
                return Some(Category::OtherId);
            }
            // "license plate", "key fob serial": the first label of a pair may be the better one.
            return Some(match (category, view.word_before(index)) {
                (Category::Account, "seguro" | "insurance") => Category::HealthPlan,
                (other, _) => other,
            });
        }
        let code = view.tokens()[index].kind != Kind::Word;
        if !BETWEEN.contains(&word) && !code && !strong && view.tokens()[index].shape != Shape::Upper {
            steps += 3;
        } else {
            steps += 1;
        }
    }
    None
}

/// "{W8820 44719} is my member id": a label close behind.
fn label_after(view: &View, at: usize) -> Option<Category> {
    let chunk = &view.chunks[at];
    if chunk.digits < 4 || chunk.first > 2 {
        return None;
    }
    let end = (chunk.last + 4).min(view.tokens().len());
    let index = (chunk.last..end).find(|index| view.tokens()[*index].kind == Kind::Word && label(view, *index).is_some())?;
    let linked =
        (chunk.last..index).all(|between| matches!(view.text.word(between), "is" | "my" | "the" | "es" | "mi" | "el" | "on" | ","));
    let strict = matches!(
        view.text.word(index),
        "mrn" | "ssn" | "member" | "account" | "license" | "plate" | "placa" | "confirmation" | "invoice" | "username" | "chart"
    );
    (linked && strict).then(|| label(view, index)).flatten()
}

/// Whether a piece can be a number of that kind.
fn suits(view: &View, at: usize, category: Category) -> bool {
    let chunk = &view.chunks[at];
    let chars = view.chars(chunk);
    if chars.contains(&'$')
        || chars.contains(&'@')
        || chars.contains(&'%')
        || is_time(view, chunk)
        || is_date(chars) && !(category == Category::Mrn && close(view, at) && !chars.contains(&'/'))
    {
        return false;
    }
    let phone = chars.len() == 8 && chars.starts_with(&['5', '5', '5', '-']);
    let before = view.word_before(chunk.first);
    if phone
        || matches!(
            before,
            "suite"
                | "ste"
                | "room"
                | "rm"
                | "apt"
                | "floor"
                | "door"
                | "ext"
                | "at"
                | "exit"
                | "row"
                | "spot"
                | "press"
                | "reply"
                | "level"
        )
    {
        return false;
    }
    let next = view.text.word(chunk.last);
    if matches!(
        next,
        "mg" | "mcg"
            | "ml"
            | "days"
            | "day"
            | "pages"
            | "minutes"
            | "min"
            | "am"
            | "pm"
            | "hours"
            | "hrs"
            | "weeks"
            | "months"
            | "years"
            | "pills"
            | "times"
            | "more"
            | "items"
            | "people"
    ) {
        return false;
    }
    let code = chunk.digits > 0 && chunk.letters > 0 && chars.len() >= 4;
    let joined = chunk.letters == 0 && view.chunks.get(at + 1).is_some_and(|more| more.digits >= 3 && more.letters == 0);
    let number = chunk.letters == 0 && chunk.digits >= 4;
    let hash = chars.first() == Some(&'#') && chunk.digits >= 3;
    let year = chars.len() == 4 && chunk.letters == 0 && (chars.starts_with(&['1', '9']) || chars.starts_with(&['2', '0']));
    match category {
        Category::Ssn => chunk.digits >= 4 && chunk.letters == 0 || spelt_number(view, at),
        Category::Vehicle => {
            let upper = chunk.capitals == chunk.letters && chars.len() >= 3 && chunk.letters >= 2;
            (upper && (chunk.digits > 0 || is_capital_code(view, at))) || code || (number && !year)
        }
        Category::OtherId if is_user(view, at) => true,
        Category::OtherId => {
            code && is_code(chunk)
                || hash
                || joined && chunk.digits >= 4
                || number && chunk.digits >= 5
                || number && !year && close(view, at)
        }
        Category::License => code || number && chunk.digits >= 5 || is_capital_code(view, at),
        Category::Account => code && is_code(chunk) || hash || number && !year || chars.contains(&'*') && next_is_digits(view, at),
        Category::HealthPlan => code && is_code(chunk) || number && chunk.digits >= 5 || is_capital_code(view, at),
        Category::Device => {
            code && is_code(chunk) && (chunk.digits >= 3) || number && chunk.digits >= 6 || is_capital_code(view, at) && close(view, at)
        }
        Category::Mrn => code && is_code(chunk) || hash || number && !year,
        _ => code || number,
    }
}

/// At least two digits, or capitals throughout.
fn is_code(chunk: &Chunk) -> bool {
    chunk.digits >= 2 && (chunk.capitals > 0 || chunk.digits >= 4 || chunk.letters <= 1)
}

/// The label stands right before.
fn close(view: &View, at: usize) -> bool {
    let first = view.chunks[at].first;
    (first.saturating_sub(3)..first).any(|index| label(view, index).is_some())
}

fn next_is_digits(view: &View, at: usize) -> bool {
    view.chunks.get(at + 1).is_some_and(|next| next.digits >= 3) || view.chunks[at].digits >= 3
}

/// "XQK" before "884201773", "OH" before "RT442918": capitals, with a number behind.
fn is_capital_code(view: &View, at: usize) -> bool {
    let chunk = &view.chunks[at];
    let short = chunk.digits == 0 && chunk.letters <= 5 && chunk.capitals == chunk.letters && chunk.letters >= 1;
    short && view.chunks.get(at + 1).is_some_and(|next| next.digits >= 3 && next.first == chunk.last && !is_time(view, next))
}

/// A user name: behind "is" or with a mark or digit within.
fn is_user(view: &View, at: usize) -> bool {
    let chunk = &view.chunks[at];
    let named = view.before(chunk.first, 4, &["username", "usuario", "login", "handle"])
        || view.before(chunk.first, 4, &["name", "user", "id"]) && view.before(chunk.first, 5, &["portal", "user", "login"]);
    let chars = view.chars(chunk);
    let marked = chars.iter().any(|ch| matches!(ch, '_' | '.')) && chunk.letters > 0 || chunk.digits > 0 && chunk.letters >= 2;
    let after = matches!(view.word_before(chunk.first), "username" | "usuario" | "is" | "es" | "name")
        && chunk.letters > 4
        && super::names::word_level(view.text.word(chunk.first)) == 0;
    named && (marked || after && chunk.last - chunk.first == 1)
}

fn is_time(view: &View, chunk: &Chunk) -> bool {
    let chars = view.chars(chunk);
    chars.iter().position(|ch| *ch == ':').is_some_and(|colon| colon <= 2 && colon > 0 && chars[..colon].iter().all(char::is_ascii_digit))
        || matches!(view.text.word(chunk.last), "am" | "pm" | "a" | "p") && chunk.letters == 0 && chunk.digits <= 2
}

fn is_date(chars: &[char]) -> bool {
    let marks = chars.iter().filter(|ch| **ch == '/').count();
    let text: String = chars.iter().collect();
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let digits = chars.iter().all(|ch| ch.is_ascii_digit() || matches!(ch, '-' | '/'));
    digits && (matches!(lengths.as_slice(), [1 | 2, 1 | 2, 2 | 4] | [4, 2, 2]) || marks == 1 && lengths.iter().all(|length| *length <= 2))
}

/// "nine hundred 45 6789"
fn spelt_number(view: &View, at: usize) -> bool {
    let numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let first = view.chunks[at].first;
    numbers.contains(&view.text.word(first)) && view.chunks[at + 1..].iter().take(3).any(|chunk| chunk.digits >= 2)
}

/// Where a number ends that a label introduces: pieces of digits or capitals that follow belong to it.
fn extended(view: &View, at: usize, category: Category, taken: &mut [bool]) -> usize {
    let mut last = at;
    while let Some(next) = view.chunks.get(last + 1) {
        let chars = view.chars(next);
        let adjacent = next.first == view.chunks[last].last;
        let piece = next.letters == 0 && next.digits >= 2 && (next.digits >= 3 || category == Category::Ssn)
            || next.letters > 0 && next.digits >= 2 && next.capitals == next.letters
            || category == Category::HealthPlan
                && next.digits > 0
                && next.capitals == next.letters
                && next.last - next.first == 1
                && next.digits + next.letters <= 3
            || category == Category::Ssn && spelt_or_digits(view, next);
        if !adjacent || !piece || is_time(view, next) || is_date(chars) || chars.contains(&'$') {
            break;
        }
        last += 1;
        taken[last] = true;
    }
    view.chunks[last].last
}

fn spelt_or_digits(view: &View, chunk: &Chunk) -> bool {
    matches!(
        view.text.word(chunk.first),
        "hundred" | "zero" | "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight" | "nine"
    ) || chunk.digits >= 2
}

/// A code of capitals and digits that no word explains.
fn unlabelled(view: &View, at: usize) -> Option<Category> {
    let chunk = &view.chunks[at];
    let chars = view.chars(chunk);
    // "ABC 1234"
    if is_capital_code(view, at) && (2..=4).contains(&chunk.letters) && view.has(CARS) {
        return Some(Category::Vehicle);
    }
    let plain = chars.iter().all(|ch| ch.is_ascii_uppercase() || ch.is_ascii_digit() || matches!(ch, '-' | '#'));
    if !plain || is_date(chars) || view.has(&["wifi", "password", "code", "codigo", "suite", "contrasena", "passcode"]) {
        return None;
    }
    let mixed = chunk.capitals >= 2 && chunk.digits >= 2 && chars.len() >= 5;
    if mixed && chars.len() <= 9 && view.has(CARS) {
        return Some(Category::Vehicle);
    }
    (chunk.capitals >= 1 && chunk.digits >= 4 && chars.len() >= 7 || chars.first() == Some(&'#') && chunk.digits >= 5)
        .then_some(Category::OtherId)
}
