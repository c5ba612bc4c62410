//! What stands in a field, read for what it means.

use super::report::RejectReason;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use wellsent_domain::Language;
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::person::{Authority, Name, Standing};
use wellsent_text::fold_letters;

/// The longest id of a source system, in bytes.
const ID_MAX: usize = 64;
/// The longest part of a name, in bytes.
const NAME_MAX: usize = 100;

/// The field without spaces around it and without what spreadsheets put around text (`="00123"`, `'00123`), in normal form C.
pub(super) fn clean(field: &str) -> Cow<'_, str> {
    let edge =
        |ch: char| ch.is_whitespace() || ch.is_control() || matches!(ch, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{FEFF}');
    let mut text = field.trim_matches(edge);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = inner.trim_matches(edge);
    }
    if let Some(marked) = text.strip_prefix('\'')
        && marked.starts_with(|ch: char| ch.is_ascii_digit() || matches!(ch, '+' | '(' | '='))
    {
        text = marked;
    }
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Whether a field says that there is nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.len() <= 14
        && matches!(
            text.to_ascii_lowercase().as_str(),
            "" | "-" | "--" | "." | "n/a" | "na" | "#n/a" | "null" | "(null)" | "none" | "nil" | "nan" | "unknown" | "not on file" | "?"
        )
}

/// Whether the part of a name is a placeholder. "None", "Na" and "Null" are names.
fn is_blank_name(text: &str) -> bool {
    matches!(text, "" | "-" | "--" | "." | "n/a" | "N/A" | "#N/A" | "(null)" | "NULL" | "?")
}

/// An id of a source system. A spreadsheet's decimal zero is taken off.
pub(super) fn id(text: &str) -> Result<Option<String>, RejectReason> {
    if is_blank(text) {
        return Ok(None);
    }
    if text.len() > ID_MAX {
        return Err(RejectReason::TooLong);
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E'])
        && let Some((whole, fraction)) = mantissa.split_once('.')
        && let Some(exponent) = exponent.strip_prefix('+')
        && digits(whole)
        && digits(fraction)
        && digits(exponent)
    {
        return Err(RejectReason::IdRounded);
    }
    if let Some((whole, "0" | "00")) = text.split_once('.')
        && digits(whole)
    {
        return Ok(Some(whole.to_owned()));
    }
    Ok(Some(one_line(text)))
}

/// The text on one line, without control characters, with single spaces.
pub(super) fn one_line(text: &str) -> String {
    if !text.contains(|ch: char| ch.is_control() || ch.is_whitespace()) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split(|ch: char| ch.is_whitespace() || ch.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A name from its parts.
pub(super) fn name(first: &str, last: &str) -> Result<Option<Name>, RejectReason> {
    let part = |text: &str| if is_blank_name(text) { String::new() } else { one_line(text) };
    let (given, family) = (part(first), part(last));
    if given.len() > NAME_MAX || family.len() > NAME_MAX {
        return Err(RejectReason::TooLong);
    }
    Ok(if given.is_empty() && family.is_empty() { None } else { Some(Name { given, family }) })
}

/// A name from one field: "Last, First" or "First Last". A suffix stays with the family name.
pub(super) fn full_name(text: &str) -> Result<Option<Name>, RejectReason> {
    const SUFFIXES: [&str; 6] = ["jr", "sr", "ii", "iii", "iv", "v"];
    let is_suffix = |word: &str| SUFFIXES.contains(&word.trim_end_matches('.').to_ascii_lowercase().as_str());
    let text = one_line(text);
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    match parts[..] {
        [last, suffix, first] if is_suffix(suffix) => name(first, &format!("{last} {suffix}")),
        [last, first, suffix] if is_suffix(suffix) => name(first, &format!("{last} {suffix}")),
        [whole, suffix] if is_suffix(suffix) => full_name(&format!("{whole} {suffix}")),
        [last, first, ..] => name(first, last),
        _ => {
            let mut words: Vec<&str> = text.split(' ').collect();
            let suffix = words.pop_if(|word| is_suffix(word)).filter(|_| words.len() > 1);
            let last = words.pop().unwrap_or_default();
            let (first, last) = if words.is_empty() { (last, "") } else { (&*words.join(" "), last) };
            name(first, &format!("{last} {}", suffix.unwrap_or_default()))
        }
    }
}

/// Yes, no, or nothing said.
pub(super) fn yes_no(text: &str) -> Result<Option<bool>, RejectReason> {
    if is_blank(text) {
        return Ok(None);
    }
    Ok(Some(match fold_letters(text).as_str() {
        "yes" | "y" | "true" | "t" | "1" | "on" | "x" | "si" | "s" | "opted in" | "opt in" | "optin" | "granted" | "consented"
        | "given" | "agreed" | "accepted" | "signed" | "ok" | "okay" | "allowed" | "active" | "verdadero" | "acepta" | "acepto" => true,
        "no" | "n" | "false" | "f" | "0" | "off" | "opted out" | "opt out" | "optout" | "declined" | "refused" | "revoked"
        | "withdrawn" | "denied" | "stop" | "do not text" | "not allowed" | "inactive" | "falso" | "rechaza" | "rechazo" => false,
        "pending" | "not asked" | "unasked" | "not recorded" | "unspecified" => return Ok(None),
        // A check mark folds to nothing.
        "" if matches!(text, "✓" | "✔" | "☑" | "✅") => true,
        "" if matches!(text, "✗" | "✘" | "☐" | "❌") => false,
        _ => return Err(RejectReason::AnswerUnclear),
    }))
}

/// A language; `Err` for one that has no templates.
pub(super) fn language(text: &str) -> Result<Language, ()> {
    let first = fold_letters(text).split(' ').next().unwrap_or_default().to_owned();
    match first.as_str() {
        "en" | "eng" | "english" | "ingles" => Ok(Language::En),
        "es" | "spa" | "esp" | "sp" | "spanish" | "espanol" | "castellano" | "castilian" => Ok(Language::Es),
        _ => Language::parse(text).ok_or(()),
    }
}

/// A time zone by its IANA name or by what Americans call it.
pub(super) fn zone(text: &str) -> Option<String> {
    let name = match fold_letters(text).as_str() {
        "eastern" | "est" | "edt" | "et" | "eastern time" | "eastern standard time" | "us eastern" => "America/New_York",
        "central" | "cst" | "cdt" | "ct" | "central time" | "central standard time" | "us central" => "America/Chicago",
        "mountain" | "mst" | "mdt" | "mt" | "mountain time" | "mountain standard time" | "us mountain" => "America/Denver",
        "arizona" | "us arizona" | "us mountain standard time" => "America/Phoenix",
        "pacific" | "pst" | "pdt" | "pt" | "pacific time" | "pacific standard time" | "us pacific" => "America/Los_Angeles",
        "alaska" | "akst" | "akdt" | "alaskan standard time" | "us alaska" => "America/Anchorage",
        "hawaii" | "hst" | "hawaiian standard time" | "us hawaii" => "Pacific/Honolulu",
        "atlantic" | "ast" | "puerto rico" => "America/Puerto_Rico",
        _ if text.contains('/') => return Some(jiff::tz::TimeZone::get(text).ok()?.iana_name()?.to_owned()),
        _ => return None,
    };
    Some(name.to_owned())
}

/// Whether texts to a patient make sense.
pub(super) fn standing(text: &str) -> Result<Option<Standing>, RejectReason> {
    if is_blank(text) {
        return Ok(None);
    }
    Ok(Some(match fold_letters(text).as_str() {
        "active" | "a" | "current" | "yes" | "y" | "true" | "1" | "new" | "established" | "patient" | "activo" | "activa" | "si" => {
            Standing::Active
        }
        "inactive" | "i" | "no" | "n" | "false" | "0" | "former" | "discharged" | "transferred" | "moved" | "archived" | "dismissed"
        | "closed" | "deleted" | "inactivo" | "inactiva" => Standing::Inactive,
        "deceased" | "d" | "dead" | "died" | "expired" | "fallecido" | "fallecida" | "difunto" | "difunta" => Standing::Deceased,
        _ => return Err(RejectReason::StatusUnknown),
    }))
}

/// Where a visit stands. A blank field is a visit that will happen; one that was moved elsewhere will not.
pub(super) fn visit_status(text: &str) -> Result<AppointmentStatus, RejectReason> {
    if is_blank(text) {
        return Ok(AppointmentStatus::Booked);
    }
    let folded = fold_letters(text);
    Ok(match folded.as_str() {
        "booked" | "scheduled" | "confirmed" | "unconfirmed" | "pending" | "active" | "new" | "open" | "reminded" | "left message"
        | "future" | "programada" | "programado" | "confirmada" | "confirmado" | "pendiente" | "reservada" | "agendada" => {
            AppointmentStatus::Booked
        }
        "no show" | "noshow" | "ns" | "missed" | "did not attend" | "dna" | "failed" | "no asistio" | "no se presento" | "ausente" => {
            AppointmentStatus::NoShow
        }
        "arrived" | "checked in" | "checkedin" | "check in" | "checkin" | "in room" | "roomed" | "waiting" | "in progress" | "in lobby"
        | "present" | "here" | "llego" | "en espera" => AppointmentStatus::Arrived,
        "completed" | "complete" | "checked out" | "checkedout" | "check out" | "checkout" | "seen" | "fulfilled" | "done" | "finished"
        | "closed" | "kept" | "attended" | "charge entered" | "completada" | "completado" | "atendido" | "atendida" => {
            AppointmentStatus::Completed
        }
        "rescheduled" | "moved" | "deleted" | "removed" | "void" | "voided" | "bumped" | "entered in error" | "reprogramada" => {
            AppointmentStatus::Cancelled
        }
        _ if folded.starts_with("cancel") => AppointmentStatus::Cancelled,
        _ => return Err(RejectReason::StatusUnknown),
    })
}

/// Whose the number is: `None` for the patient's own.
pub(super) fn relation(text: &str) -> Result<Option<Authority>, RejectReason> {
    if is_blank(text) {
        return Ok(None);
    }
    Ok(match fold_letters(text).as_str() {
        "self" | "no" | "n" | "false" | "0" | "own" | "patient" | "same" | "mismo" | "misma" | "paciente" => None,
        "parent" | "parents" | "mother" | "father" | "mom" | "mum" | "dad" | "mother father" | "padre" | "madre" | "mama" | "papa" => {
            Some(Authority::Parent)
        }
        "guardian" | "legal guardian" | "guardian of minor" | "foster parent" | "tutor" | "tutora" | "tutor legal" => {
            Some(Authority::Guardian)
        }
        "power of attorney"
        | "poa"
        | "healthcare proxy"
        | "health care proxy"
        | "health care agent"
        | "conservator"
        | "court appointed"
        | "legal representative"
        | "personal representative"
        | "apoderado"
        | "apoderada" => Some(Authority::Legal),
        _ => return Err(RejectReason::RelationUnknown),
    })
}

/// The fillers that programs put where there is no number: one digit over and over.
pub(super) fn is_no_number(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let same = digits.next().is_some_and(|first| digits.all(|digit| digit == first));
    let word = fold_letters(text);
    is_blank(text)
        || same
        || matches!(word.as_str(), "no phone" | "declined" | "refused" | "no cell" | "no tiene" | "unlisted" | "disconnected")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let name = full_name(text).expect("short").expect("a name");
        (name.given, name.family)
    }

    #[test]
    fn a_name_in_one_field_comes_apart() {
        for (text, given, family) in [
            ("Ruiz, Ana", "Ana", "Ruiz"),
            ("RUIZ,ANA M", "ANA M", "RUIZ"),
            ("Ana Ruiz", "Ana", "Ruiz"),
            ("Ana María  Ruiz", "Ana María", "Ruiz"),
            ("Cole, Ben, Jr.", "Ben", "Cole Jr."),
            ("Cole, III, Ben", "Ben", "Cole III"),
            ("Ben Cole Jr", "Ben", "Cole Jr"),
            ("Ben Cole, Jr", "Ben", "Cole Jr"),
            ("Cher", "Cher", ""),
            ("de la Cruz, José", "José", "de la Cruz"),
            ("Ruiz,\nAna", "Ana", "Ruiz"),
        ] {
            assert_eq!(parts(text), (given.to_owned(), family.to_owned()), "{text}");
        }
        assert_eq!(full_name(" , "), Ok(None));
        assert_eq!(full_name(&"x".repeat(500)), Err(RejectReason::TooLong));
    }

    #[test]
    fn what_a_spreadsheet_does_to_an_id_is_undone_or_refused() {
        assert_eq!(id(&clean("=\"00123\"")), Ok(Some("00123".to_owned())));
        assert_eq!(id(&clean("'00123")), Ok(Some("00123".to_owned())));
        assert_eq!(id("12345.0"), Ok(Some("12345".to_owned())));
        assert_eq!(id("1.23457E+11"), Err(RejectReason::IdRounded));
        assert_eq!(id("12E7"), Ok(Some("12E7".to_owned())));
        assert_eq!(id("N/A"), Ok(None));
    }

    #[test]
    fn an_accent_of_two_characters_becomes_one() {
        assert_eq!(clean("  Jose\u{301}\u{A0}"), "José");
        assert_eq!(clean("\u{FEFF}x\u{200B}"), "x");
        assert_eq!(clean("'t Hooft"), "'t Hooft");
    }

    #[test]
    fn an_answer_that_is_neither_yes_nor_no_is_no_answer_at_all() {
        for text in ["Yes", "Y", "TRUE", "1", "Sí", "opted-in", "X", "✓"] {
            assert_eq!(yes_no(text), Ok(Some(true)), "{text}");
        }
        for text in ["No", "n", "0", "Opted Out", "STOP", "declined"] {
            assert_eq!(yes_no(text), Ok(Some(false)), "{text}");
        }
        assert_eq!(yes_no("not asked"), Ok(None));
        assert_eq!(yes_no("maybe"), Err(RejectReason::AnswerUnclear));
    }

    #[test]
    fn languages_zones_and_states_have_many_names() {
        assert_eq!(language("Español"), Ok(Language::Es));
        assert_eq!(language("es-MX"), Ok(Language::Es));
        assert_eq!(language("Spanish; Castilian"), Ok(Language::Es));
        assert_eq!(language("ENGLISH"), Ok(Language::En));
        assert_eq!(language("Estonian"), Err(()));
        assert_eq!(zone("Central").as_deref(), Some("America/Chicago"));
        assert_eq!(zone("America/Boise").as_deref(), Some("America/Boise"));
        assert_eq!(zone("Mars/Base"), None);
        assert_eq!(visit_status("Checked In"), Ok(AppointmentStatus::Arrived));
        assert_eq!(visit_status("Canceled by patient"), Ok(AppointmentStatus::Cancelled));
        assert_eq!(visit_status("NO-SHOW"), Ok(AppointmentStatus::NoShow));
        assert_eq!(visit_status("Waitlist"), Err(RejectReason::StatusUnknown));
        assert_eq!(relation("Mother"), Ok(Some(Authority::Parent)));
        assert_eq!(relation("Neighbor"), Err(RejectReason::RelationUnknown));
        assert!(is_no_number("000-000-0000") && is_no_number("none") && !is_no_number("212-555-0123"));
    }
}
