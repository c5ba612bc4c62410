use super::*;

const GOOD_EN: &str =
    "{{practice}}: you have an appointment {{when}}. Reply C to confirm, R to reschedule or call {{phone}}. Reply STOP to opt out.";
const GOOD_ES: &str = "{{practice}}: tiene una cita {{when}}. Responda C para confirmar, R para cambiarla o llame al {{phone}}. Responda STOP para no recibir mas.";

fn run(draft: &Draft<'_>) -> Result<Template, Vec<Finding>> {
    let hosts = ["elmst.example".to_owned()];
    check(draft, &CheckContext::new("Elm St Clinic", &hosts))
}

fn draft<'a>(wordings: &'a [(Language, &'a str)]) -> Draft<'a> {
    Draft {
        name: "test",
        tier: Tier::T1,
        kind: ContentKind::Informational,
        owes_opt_out: true,
        owes_identity: true,
        wordings,
        answers: &["C", "R"],
    }
}

/// The codes found when this text takes the place of the good one's end.
fn codes(kind: ContentKind, tier: Tier, text: &str) -> Vec<&'static str> {
    let wordings = [(Language::En, text)];
    let draft = Draft { kind, tier, owes_opt_out: false, owes_identity: false, answers: &[], ..draft(&wordings) };
    let findings = match run(&draft) {
        Ok(template) => template.warnings().to_vec(),
        Err(findings) => findings,
    };
    // Two words of one sentence may be found for the same reason.
    let mut codes: Vec<_> = findings.iter().map(Finding::code).filter(|code| *code != "missing_language").collect();
    codes.dedup();
    codes
}

fn informational(text: &str) -> Vec<&'static str> {
    codes(ContentKind::Informational, Tier::T1, text)
}

#[test]
fn a_good_reminder_passes_and_keeps_its_properties() {
    let wordings = [(Language::En, GOOD_EN), (Language::Es, GOOD_ES)];
    let template = run(&draft(&wordings)).expect("passes");
    assert_eq!(template.tier(), Tier::T1);
    assert_eq!(template.warnings(), []);
    assert_eq!(template.answers(), ["C", "R"]);
    assert_eq!(template.languages().collect::<Vec<_>>(), Language::ALL);
    assert_eq!(template.required(Language::En), [Variable::Practice, Variable::When, Variable::Phone]);
}

#[test]
fn templates_cross_threads() {
    fn crosses<T: Send + Sync + Clone>() {}
    crosses::<Template>();
}

#[test]
fn a_tier_is_the_highest_of_text_and_variables() {
    assert_eq!(informational("Hi {{first_name}}"), ["tier_too_low"]);
    assert_eq!(informational("No food before your colonoscopy"), ["tier_too_low"]);
    assert_eq!(informational("colono{{practice}}scopy"), ["tier_too_low"]);
    assert_eq!(codes(ContentKind::Informational, Tier::T2, "Hi {{first_name}}, your labs"), [] as [&str; 0]);
    assert_eq!(codes(ContentKind::Service, Tier::T0, "See you {{when}}"), ["tier_too_low"]);
    let wordings = [(Language::En, "Hello.")];
    let plain = Draft { tier: Tier::T2, owes_opt_out: false, owes_identity: false, answers: &[], ..draft(&wordings) };
    assert_eq!(run(&plain).expect("passes").tier(), Tier::T2, "a declared tier is kept");
}

#[test]
fn a_clinical_word_inside_a_condition_counts() {
    assert_eq!(informational("Hi{% if location %} oncology{% endif %}"), ["tier_too_low"]);
    assert_eq!(informational("onco{% if location %}logy{% endif %}"), ["tier_too_low"]);
}

#[test]
fn a_variable_bound_to_notes_fails_when_saved_whatever_the_tier() {
    for tier in Tier::ALL {
        let wordings = [(Language::En, "{{notes}}")];
        let draft = Draft { tier, owes_opt_out: false, owes_identity: false, answers: &[], ..draft(&wordings) };
        let findings = run(&draft).expect_err("refused");
        assert!(findings.iter().any(|finding| finding.code() == "never_by_sms" && finding.rule() == "H-15"));
    }
    assert_eq!(codes(ContentKind::Informational, Tier::T2, "Your {{result}}"), ["never_by_sms"]);
    assert_eq!(codes(ContentKind::Informational, Tier::T2, "your STI check"), ["never_by_sms"]);
}

#[test]
fn identity_and_opt_out_are_needed_in_every_way_it_can_come_out() {
    for (text, code) in [
        ("You have an appointment. Reply STOP to opt out.", "missing_practice_name"),
        ("{% if location %}{{practice}}{% endif %}: hello. Reply STOP to opt out.", "missing_practice_name"),
        ("{{practice}}: hello.", "missing_opt_out"),
        ("{{practice}}: hello.{% if location %} Reply STOP to opt out.{% endif %}", "missing_opt_out"),
    ] {
        let wordings = [(Language::En, text)];
        let findings = run(&Draft { answers: &[], ..draft(&wordings) }).expect_err(text);
        assert!(findings.iter().any(|finding| finding.code() == code), "{text}: {findings:?}");
    }
    let wordings = [(Language::En, "ELM ST CLINIC: hello. Reply STOP to opt out.")];
    assert!(run(&Draft { answers: &[], ..draft(&wordings) }).is_ok(), "the name may be written out");
}

#[test]
fn marketing_owes_an_opt_out_even_if_the_draft_says_otherwise() {
    assert_eq!(codes(ContentKind::Marketing, Tier::T1, "20% off this week"), ["missing_opt_out"]);
    assert_eq!(codes(ContentKind::Marketing, Tier::T1, "20% off. Reply STOP to opt out."), [] as [&str; 0]);
}

#[test]
fn one_promotional_sentence_makes_a_reminder_marketing() {
    assert_eq!(informational("See you soon. Ask about our classes, 20% off"), ["marketing_words"]);
    assert_eq!(codes(ContentKind::Billing, Tier::T1, "special offer"), ["marketing_words"]);
}

#[test]
fn payment_words_belong_in_billing_texts_and_neutrally() {
    assert_eq!(informational("a statement is ready"), ["billing_words"]);
    assert_eq!(codes(ContentKind::Informational, Tier::T2, "{{balance}}"), ["billing_words"]);
    assert_eq!(codes(ContentKind::Billing, Tier::T1, "a statement is ready"), [] as [&str; 0]);
    assert!(codes(ContentKind::Billing, Tier::T1, "your account is past due").contains(&"debt_collection"));
}

#[test]
fn a_controlled_drug_is_refused_by_name() {
    assert!(codes(ContentKind::Informational, Tier::T2, "Adderall refill ready").contains(&"controlled_drug"));
}

#[test]
fn prompts_must_be_bound_and_never_carrier_words() {
    assert_eq!(informational("Reply YES to confirm"), ["banned_prompt"]);
    assert_eq!(informational("Reply C to confirm"), ["unbound_answer"]);
    let wordings = [(Language::En, GOOD_EN)];
    let findings = run(&Draft { answers: &["C", "R", "CANCEL"], ..draft(&wordings) }).expect_err("refused");
    assert!(findings.iter().any(|finding| finding.code() == "banned_prompt"));
    let template = run(&Draft { answers: &["C", "R", "T"], ..draft(&wordings) }).expect("a warning only");
    assert!(template.warnings().contains(&Finding::AnswerNotOffered { language: Language::En, word: "T".to_owned() }));
}

#[test]
fn stop_is_never_the_only_way() {
    assert_eq!(informational("Opt out only by texting STOP."), ["exclusive_stop"]);
}

#[test]
fn links_must_be_the_practices_own() {
    assert_eq!(informational("See https://go.elmst.example/x"), [] as [&str; 0]);
    assert_eq!(informational("See https://bit.ly/x"), ["public_shortener"]);
    assert_eq!(informational("See https://evil.test/x"), ["foreign_link"]);
    assert_eq!(informational("See https://{{practice}}/x"), ["foreign_link"]);
    assert_eq!(informational("See {{practice}}.com"), ["foreign_link"]);
    assert_eq!(informational("See http://elmst.example/x"), ["insecure_link"]);
    assert_eq!(informational("See https://192.0.2.1/x"), ["ip_literal_link"]);
    assert!(informational("See https://elmst.example@evil.test/x").contains(&"userinfo_link"));
    assert_eq!(informational("See \u{ff42}\u{ff49}\u{ff54}\u{ff0e}\u{ff4c}\u{ff59}/x"), ["public_shortener"]);
}

#[test]
fn length_is_measured_with_the_longest_samples_and_the_practices_own_name() {
    let fits = format!("{{{{practice}}}}{}", "a".repeat(160 - "Elm St Clinic".len()));
    assert_eq!(informational(&fits), [] as [&str; 0]);
    assert_eq!(informational(&format!("{fits}a")), ["too_many_parts"]);
    assert_eq!(informational(&"a".repeat(159)), [] as [&str; 0]);
}

#[test]
fn a_spanish_accent_that_triples_the_price_is_named() {
    let wordings = [(Language::En, GOOD_EN), (Language::Es, &GOOD_ES.replace("mas", "m\u{e1}s"))];
    let findings = run(&draft(&wordings)).expect_err("three parts");
    assert!(findings.contains(&Finding::Ucs2 { language: Language::Es, causes: vec!['\u{e1}'] }));
    assert!(findings.iter().any(|f| matches!(f, Finding::TooManyParts { parts: 3, limit: 1, .. })), "{findings:?}");
}

#[test]
fn english_is_required_and_spanish_is_advised() {
    let en = [(Language::En, GOOD_EN)];
    assert_eq!(run(&draft(&en)).expect("saved").warnings(), [Finding::MissingLanguage { language: Language::Es }]);
    let es = [(Language::Es, GOOD_ES)];
    assert!(run(&draft(&es)).expect_err("refused").contains(&Finding::MissingLanguage { language: Language::En }));
    let twice = [(Language::En, GOOD_EN), (Language::En, GOOD_EN)];
    assert!(run(&draft(&twice)).expect_err("refused").contains(&Finding::RepeatedLanguage { language: Language::En }));
    assert_eq!(informational("  \n"), ["empty_wording"]);
    assert_eq!(informational("{% if location %}{{location}}{% endif %}"), ["empty_wording"]);
}

#[test]
fn a_telling_practice_name_is_pointed_out() {
    let wordings = [(Language::En, GOOD_EN)];
    let template = check(&draft(&wordings), &CheckContext::new("Elm St Fertility", &[])).expect("saved");
    assert!(template.warnings().iter().any(|finding| finding.code() == "telling_practice_name"));
}

#[test]
fn another_judge_can_take_the_place_of_the_word_lists() {
    struct Strict;
    impl FixedTextJudge for Strict {
        fn judge(&self, text: &str, _: Language) -> Vec<super::super::Concern> {
            let telling = text.contains("zebra");
            let concern = super::super::Concern { tier: Tier::T2, word: "zebra".to_owned(), why: "it is rare" };
            if telling { vec![concern] } else { Vec::new() }
        }
    }
    let wordings = [(Language::En, "{{practice}} zebra. STOP to end.")];
    let draft = Draft { answers: &[], ..draft(&wordings) };
    let context = CheckContext { judge: Arc::new(Strict), ..CheckContext::new("Elm", &[]) };
    let findings = check(&draft, &context).expect_err("refused");
    assert_eq!(findings[0].sentence(), "This text is T2 because it says \"zebra\" (it is rare). Raise its tier, or take that out.");
}
