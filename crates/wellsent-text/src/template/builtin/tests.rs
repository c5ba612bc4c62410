use super::super::{CheckContext, Values, Variable, check};
use super::*;
use crate::sms::Encoding;

/// Twenty characters.
const PRACTICE: &str = "Elm Street Clinic NY";

fn own_hosts() -> Vec<String> {
    vec!["elmst.example".to_owned()]
}

#[test]
fn every_builtin_passes_without_findings_and_fits_one_part_in_both_languages() {
    assert_eq!(PRACTICE.chars().count(), 20);
    let hosts = own_hosts();
    let context = CheckContext::new(PRACTICE, &hosts);
    for builtin in all() {
        let template = check(&builtin.draft(), &context).unwrap_or_else(|findings| {
            let sentences: Vec<String> = findings.iter().map(|finding| finding.sentence()).collect();
            panic!("{}: {sentences:#?}", builtin.name)
        });
        assert_eq!(template.warnings(), [], "{}", builtin.name);
        assert_eq!(template.tier(), builtin.tier, "{}", builtin.name);
        for language in Language::ALL {
            let values = Values::samples(language).with(Variable::Practice, PRACTICE);
            let rendered = template.render(language, &values).expect("renders");
            assert_eq!(rendered.measure.parts, 1, "{} {language:?}: {}", builtin.name, rendered.text);
            assert_eq!(rendered.measure.encoding, Encoding::Gsm7, "{}", builtin.name);
            assert!(!rendered.text.contains("{{"), "{}", builtin.name);
        }
    }
}

#[test]
fn no_builtin_declares_a_higher_tier_than_it_has() {
    let hosts = own_hosts();
    let context = CheckContext::new(PRACTICE, &hosts);
    for builtin in all().iter().filter(|builtin| builtin.tier == Tier::T2) {
        let lowered = Draft { tier: Tier::T1, ..builtin.draft() };
        let findings = check(&lowered, &context).expect_err(builtin.name);
        assert!(findings.iter().any(|finding| finding.code() == "tier_too_low"), "{}", builtin.name);
    }
}

#[test]
fn names_are_unique_and_both_languages_ask_for_the_same_values() {
    let hosts = own_hosts();
    let context = CheckContext::new(PRACTICE, &hosts);
    for builtin in all() {
        assert_eq!(all().iter().filter(|other| other.name == builtin.name).count(), 1, "{}", builtin.name);
        let template = check(&builtin.draft(), &context).expect("valid");
        let sorted = |language| {
            let mut variables = template.required(language).to_vec();
            variables.sort_unstable();
            variables
        };
        assert_eq!(sorted(Language::En), sorted(Language::Es), "{}", builtin.name);
    }
}

#[test]
fn a_twin_is_less_telling_and_needs_no_further_value_or_answer() {
    let hosts = own_hosts();
    let context = CheckContext::new(PRACTICE, &hosts);
    for builtin in all() {
        let Some(name) = builtin.twin else {
            assert!(builtin.tier <= Tier::T1, "{} needs a twin", builtin.name);
            continue;
        };
        let twin = find(name).expect("the twin exists");
        assert!(twin.tier <= Tier::T1 && twin.kind == builtin.kind);
        assert!(twin.answers.iter().all(|answer| builtin.answers.contains(answer)));
        let needs = check(&twin.draft(), &context).expect("valid");
        let has = check(&builtin.draft(), &context).expect("valid");
        for language in Language::ALL {
            for variable in needs.required(language) {
                assert!(has.required(language).contains(variable), "{}: {variable:?}", builtin.name);
            }
        }
    }
}

#[test]
fn asking_which_visit_stays_one_part_when_the_visits_are_on_different_days() {
    let hosts = own_hosts();
    let template = check(&find("ask_which").expect("exists").draft(), &CheckContext::new(PRACTICE, &hosts)).expect("valid");
    for (language, list) in
        [(Language::En, "1) Wed 12/10 10:00 AM 2) Fri 12/12 12:15 PM"), (Language::Es, "1) mie 12/10 10:00 AM 2) vie 12/12 12:15 PM")]
    {
        let values = Values::samples(language).with(Variable::Practice, PRACTICE).with(Variable::VisitList, list);
        assert_eq!(template.render(language, &values).expect("renders").measure.parts, 1);
    }
}
