//! Mail addresses, personal links, internet addresses and picture files.

use super::super::text::Kind;
use super::chunk::{Chunk, View};
use super::{Category, Found, Known};
use std::ops::Range;

/// Mailboxes of a practice or a company rather than of a person.
const SHARED_MAILBOXES: &[&str] = &[
    "info",
    "forms",
    "form",
    "billing",
    "office",
    "frontdesk",
    "desk",
    "records",
    "help",
    "helpdesk",
    "support",
    "contact",
    "appointments",
    "hello",
    "admin",
    "noreply",
    "reply",
    "donotreply",
    "care",
    "nurse",
    "nurses",
    "reception",
    "citas",
    "referrals",
    "scheduling",
    "schedule",
    "pharmacy",
    "clinic",
    "team",
    "feedback",
    "privacy",
    "hr",
    "jobs",
    "careers",
    "news",
    "newsletter",
    "mail",
    "service",
    "services",
    "refills",
    "medicalrecords",
    "portal",
    "facturacion",
    "recepcion",
    "contacto",
    "ayuda",
    "intake",
    "staff",
    "manager",
    "media",
    "events",
    "welcome",
    "ask",
    "questions",
    "insurance",
    "claims",
    "it",
];

const PICTURES: &[&str] = &["jpg", "jpeg", "png", "heic", "heif", "gif", "webp", "tiff", "bmp"];

pub(super) fn find(view: &View, known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    for chunk in &view.chunks {
        let one = mail(view, chunk, known)
            .or_else(|| link(view, chunk))
            .or_else(|| internet_address(view, chunk))
            .or_else(|| picture(view, chunk));
        found.extend(one);
    }
    spoken_mail(view, &mut found);
    found
}

fn mail(view: &View, chunk: &Chunk, known: &Known) -> Option<Found> {
    let chars = view.chars(chunk);
    let at = chars.iter().position(|ch| *ch == '@')?;
    let begin = chars[..at]
        .iter()
        .rposition(|ch| !(ch.is_alphanumeric() || matches!(ch, '.' | '_' | '-' | '+' | '\'')))
        .map_or(0, |place| place + 1);
    let mut end = chars[at + 1..]
        .iter()
        .position(|ch| !(ch.is_alphanumeric() || matches!(ch, '.' | '-')))
        .map_or(chars.len(), |place| at + 1 + place);
    while end > at && matches!(chars[end - 1], '.' | '-') {
        end -= 1;
    }
    let host: String = chars[at + 1..end].iter().flat_map(|ch| ch.to_lowercase()).collect();
    if begin == at || !host.contains('.') {
        return None;
    }
    let mailbox: String = chars[begin..at].iter().filter(|ch| ch.is_alphanumeric()).flat_map(|ch| ch.to_lowercase()).collect();
    if SHARED_MAILBOXES.contains(&mailbox.as_str()) || is_of(&host, known) {
        return None;
    }
    let base = view.range(chunk.first..chunk.last).start;
    Some(Found { range: base + begin..base + end, category: Category::Email })
}

fn is_of(host: &str, known: &Known) -> bool {
    known.hosts.iter().any(|own| host == own || host.strip_suffix(own.as_str()).is_some_and(|rest| rest.ends_with('.')))
}

/// `hank dot bowie at mail dot example`
fn spoken_mail(view: &View, found: &mut Vec<Found>) {
    let count = view.tokens().len();
    for at in 1..count {
        if view.text.word(at) != "at" {
            continue;
        }
        let dotted = (at + 2..(at + 5).min(count)).find(|index| view.text.word(*index) == "dot");
        if let Some(dot) = dotted.filter(|dot| dot + 1 < count) {
            let mut first = at - 1;
            while first >= 2 && matches!(view.text.word(first - 1), "dot" | "underscore" | "dash") {
                first -= 2;
            }
            found.push(view.found(first..dot + 2, Category::Email));
        }
    }
}

/// A link is personal when its path or query holds a token, which is a part with a digit in it. A page for everybody has words.
fn link(view: &View, chunk: &Chunk) -> Option<Found> {
    let chars = view.chars(chunk);
    let text: String = chars.iter().collect();
    let lower = text.to_ascii_lowercase();
    let scheme = ["https://", "http://", "www."].iter().find_map(|scheme| lower.find(scheme).map(|at| at + scheme.len()));
    let bare = || {
        lower
            .find('/')
            .filter(|slash| lower[..*slash].contains('.') && lower[..*slash].bytes().any(|byte| byte.is_ascii_alphabetic()))
            .map(|_| 0)
    };
    let host = scheme.or_else(bare)?;
    let slash = lower[host..].find(['/', '?', '#'])? + host;
    let path = &text[slash..];
    let token = path.split(['/', '?', '&', '=', '#', '.']).filter(|part| !part.is_empty()).find(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        let version = part.len() <= 2 || (letters == 0 && digits == 4 && (part.starts_with("20") || part.starts_with("19")));
        (digits > 0 && !version && !is_title(part)) || is_scrambled(part)
    })?;
    let offset = text[..slash].chars().count() + path[..token.as_ptr() as usize - path.as_ptr() as usize].chars().count();
    let base = view.range(chunk.first..chunk.last).start;
    let range: Range<usize> = base + offset..base + offset + token.chars().count();
    Some(Found { range, category: Category::Url })
}

/// Words with a small number, as in `covid-19-guidelines`.
fn is_title(part: &str) -> bool {
    let pieces: Vec<&str> = part.split(['-', '_']).collect();
    let words = pieces.iter().filter(|piece| piece.len() >= 4 && super::names::word_level(&piece.to_ascii_lowercase()) > 0).count();
    let odd = pieces
        .iter()
        .filter(|piece| {
            !piece.bytes().all(|byte| byte.is_ascii_digit())
                && super::names::word_level(&piece.to_ascii_lowercase()) == 0
                && **piece != "covid"
        })
        .count();
    words >= 1
        && odd == 0
        && pieces.iter().all(|piece| piece.len() <= 2 || piece.starts_with("20") || !piece.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Letters of both cases in disorder, or no vowel at all.
fn is_scrambled(part: &str) -> bool {
    let bytes = part.as_bytes();
    let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    let vowels = bytes.iter().filter(|byte| b"aeiouyAEIOUY".contains(byte)).count();
    part.len() >= 5 && bytes.iter().all(u8::is_ascii_alphabetic) && (turns >= 2 || vowels == 0)
}

fn internet_address(view: &View, chunk: &Chunk) -> Option<Found> {
    let chars = view.chars(chunk);
    let text: String = chars.iter().collect();
    if chunk.letters == 0 {
        let trimmed = text.trim_start_matches(['(', '#']);
        let parts: Vec<&str> = trimmed.split(':').next()?.split('.').collect();
        let numbers = parts.len() == 4 && parts.iter().all(|part| part.len() <= 3 && part.parse::<u8>().is_ok());
        return numbers.then(|| view.found(chunk.first..chunk.last, Category::Ip));
    }
    let groups: Vec<&str> = text.split(':').collect();
    let hexadecimal =
        groups.len() >= 4 && groups.iter().all(|group| group.len() <= 4 && group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (hexadecimal && chunk.digits > 0 && view.has(&["ip", "login", "sign", "address"]))
        .then(|| view.found(chunk.first..chunk.last, Category::Ip))
}

fn picture(view: &View, chunk: &Chunk) -> Option<Found> {
    let last = chunk.last - 1;
    let named = chunk.last - chunk.first >= 3 && view.text.word(last - 1) == "." && PICTURES.contains(&view.text.word(last));
    let first = (chunk.first..last)
        .rev()
        .take_while(|at| view.tokens()[*at].kind != Kind::Mark || matches!(view.text.word(*at), "." | "-" | "_"))
        .last()?;
    named.then(|| view.found(first..chunk.last, Category::Photo))
}
