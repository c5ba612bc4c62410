//! What the content guard says about text that a person or an application wrote (M-01).

use wellsent_domain::gate::GuardFinding;
use wellsent_domain::person::Person;
use wellsent_domain::practice::Practice;
use wellsent_domain::{Language, Phi, Tier};
use wellsent_text::fold_letters;
use wellsent_text::guard::{Known, check};
use wellsent_text::template::{FixedTextJudge, GuardJudge};

/// Something that was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The first character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Why, to be read after "it".
    pub why: &'static str,
    /// Whether it is specially protected (H-41, H-42).
    pub sensitive: bool,
}

/// What the guard may know: the practice's own number and links, and whom the text speaks to.
pub fn known(practice: &Practice, own_hosts: &[String], person: Option<&Person>) -> Phi<Known> {
    let mut known = Known::default().practice_phone(&practice.call_back.national()).place(&practice.name).place(&practice.text_name);
    for host in own_hosts {
        known = known.host(host);
    }
    if let Some(person) = person {
        let name = person.name.expose();
        known = known.recipient_name(&name.given).recipient_name(&name.family);
        if let Some(birth) = &person.birth_date {
            let birth = birth.expose();
            known = known.birth_date(birth.year(), birth.month().unsigned_abs(), birth.day().unsigned_abs());
        }
        if let Some(record) = &person.record_number {
            known = known.record_number(record.expose());
        }
    }
    Phi::new(known)
}

/// What the gate has to know of a text.
pub fn finding(text: &str, known: &Phi<Known>) -> GuardFinding {
    let report = check(text, known.expose());
    match report.tier() {
        Tier::T0 | Tier::T1 => GuardFinding::Clear,
        tier => GuardFinding::Needs { tier, sensitive: report.is_sensitive() },
    }
}

/// What in a text may not go without permission, in the order in which it stands there.
pub fn look(text: &str, known: &Phi<Known>) -> Vec<Found> {
    let spans = check(text, known.expose()).spans;
    spans
        .into_iter()
        .filter(|span| span.tier() > Tier::T1)
        .map(|span| Found { start: span.start as usize, end: span.end as usize, why: span.why, sensitive: span.special.is_some() })
        .collect()
}

/// Words that tell of care in a name and of nothing in a sentence.
const TELLING_IN_NAMES: [&str; 21] = [
    "recovery",
    "recuperacion",
    "behavioral",
    "psych",
    "mental",
    "counsel",
    "methadone",
    "suboxone",
    "sobriety",
    "sober",
    "detox",
    "dialysis",
    "cancer",
    "memory",
    "women",
    "mujer",
    "maternity",
    "maternidad",
    "fertil",
    "gender",
    "hospice",
];

/// Whether the name of a practice or a place tells what care is given there, and why one thinks so: it must not stand in texts then
/// (H-01, H-41, M-01).
pub fn reveals(name: &str) -> Option<&'static str> {
    let needs = |language| GuardJudge.judge(name, language).into_iter().find(|concern| concern.tier >= Tier::T2);
    if let Some(concern) = needs(Language::En).or_else(|| needs(Language::Es)) {
        return Some(concern.why);
    }
    let folded = fold_letters(name);
    let begins = |word: &str| TELLING_IN_NAMES.iter().any(|telling| word.starts_with(telling));
    folded.split(' ').any(begins).then_some("it names the care that is given there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_tells_a_specialty_is_noticed() {
        for name in [
            "Behavioral Health East",
            "Riverside Recovery",
            "RIVERSIDE  RECOVERY, LLC",
            "Lakeside Oncology",
            "Centro de Salud Mental",
            "Hope Counseling",
            "Elm St HIV Clinic",
            "Women's Clinic",
        ] {
            assert!(reveals(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_plain_name_is_none() {
        for name in ["Elm Street Family Practice", "Elm St Clinic", "Main Street", "Lakeside office", "Clínica Sol", "Oak St", "Riverbend"]
        {
            assert_eq!(reveals(name), None, "{name}");
        }
    }
}
