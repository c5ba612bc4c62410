use std::sync::Arc;

use proptest::prelude::*;

use super::super::check::{CheckContext, Draft, check};
use super::super::{ContentKind, LexiconJudge};
use super::*;

const OWN: &str = "elmst.example";

fn template(tier: Tier, wording: &str) -> Template {
    let own_hosts = [OWN.to_owned()];
    let draft = Draft {
        name: "test",
        tier,
        kind: ContentKind::Informational,
        owes_opt_out: false,
        owes_identity: false,
        wordings: &[(Language::En, wording)],
        answers: &[],
    };
    let context = CheckContext { practice_name: "Elm St Clinic", own_hosts: &own_hosts, max_parts: 12, judge: Arc::new(LexiconJudge) };
    check(&draft, &context).unwrap_or_else(|findings| panic!("{wording}: {findings:?}"))
}

fn text(template: &Template, values: &Values) -> String {
    template.render(Language::En, values).expect("renders").text
}

#[test]
fn a_missing_or_blank_value_is_an_error_that_names_only_the_variable() {
    let template = template(Tier::T1, "See you {{when}}.");
    let missing = Err(RenderError::Missing(Variable::When));
    assert_eq!(template.render(Language::En, &Values::new()), missing);
    assert_eq!(template.render(Language::En, &Values::new().with(Variable::When, " \n ")), missing);
    assert_eq!(
        RenderError::Missing(Variable::When).to_string(),
        "no value for {{when}}: fill it in on the record, or use a wording without it"
    );
}

#[test]
fn a_missing_language_is_an_error_and_not_another_language() {
    let template = template(Tier::T0, "Hello.");
    assert_eq!(template.render(Language::Es, &Values::new()), Err(RenderError::NoWording(Language::Es)));
}

#[test]
fn conditions_leave_out_what_is_absent() {
    let template = template(Tier::T1, "See you {{when}}{% if location %} at {{location}}{% else %} as always{% endif %}.");
    let values = Values::new().with(Variable::When, "Tue 3/10");
    assert_eq!(text(&template, &values), "See you Tue 3/10 as always.");
    assert_eq!(text(&template, &values.with(Variable::Location, "Main St")), "See you Tue 3/10 at Main St.");
}

#[test]
fn a_value_with_braces_stays_as_it_is() {
    let values = Values::new().with(Variable::FirstName, "{{ssn}}").with(Variable::Ssn, "000-00-0000");
    for wording in ["Hi {{first_name}}!", "Hi {% if first_name %}{{first_name}}{% endif %}!"] {
        assert_eq!(text(&template(Tier::T2, wording), &values), "Hi {{ssn}}!");
    }
}

#[test]
fn line_breaks_and_control_characters_in_values_become_spaces() {
    let values = Values::new().with(Variable::FirstName, "An\r\na\u{7}\u{2028}\tR\u{200b}ivera\0");
    assert_eq!(text(&template(Tier::T2, "{{first_name}}."), &values), "An a Rivera.");
}

#[test]
fn values_and_bodies_are_bounded() {
    let one = template(Tier::T2, "{{first_name}}");
    let at_limit = Values::new().with(Variable::FirstName, "a".repeat(160));
    assert!(one.render(Language::En, &at_limit).is_ok());
    let above = Values::new().with(Variable::FirstName, "a".repeat(161));
    assert_eq!(one.render(Language::En, &above), Err(RenderError::TooLong(Variable::FirstName)));
    let eleven = template(Tier::T2, &"{{first_name}} ".repeat(11));
    assert_eq!(eleven.render(Language::En, &at_limit), Err(RenderError::BodyTooLong));
}

#[test]
fn a_curly_quote_in_a_name_does_not_raise_the_price() {
    let values = Values::new().with(Variable::FirstName, "D\u{2019}Andre");
    let rendered = template(Tier::T2, "Hi {{first_name}}").render(Language::En, &values).expect("renders");
    assert_eq!(rendered.text, "Hi D'Andre");
    assert_eq!(rendered.measure.encoding, sms::Encoding::Gsm7);
}

#[test]
fn a_telling_value_raises_the_tier_of_the_text() {
    let template = template(Tier::T1, "See you at {{location}}.");
    let tier = |place: &str| template.render(Language::En, &Values::new().with(Variable::Location, place)).expect("renders").tier;
    assert_eq!(tier("Main St office"), Tier::T1);
    assert_eq!(tier("Behavioral Health East"), Tier::T2);
    assert_eq!(tier("Methadone Center"), Tier::T3);
}

#[test]
fn a_link_in_a_value_must_be_the_practices_own() {
    let with_link = template(Tier::T1, "See {{link}}");
    let link = |link: &str| with_link.render(Language::En, &Values::new().with(Variable::Link, link)).map(drop);
    assert_eq!(link("https://go.elmst.example/s/abc"), Ok(()));
    assert_eq!(link("https://evil.test/s/abc"), Err(RenderError::ForbiddenLink(Variable::Link)));
    assert_eq!(link("https://elmst.example@evil.test/"), Err(RenderError::ForbiddenLink(Variable::Link)));
    assert_eq!(link("http://go.elmst.example/s/abc"), Err(RenderError::ForbiddenLink(Variable::Link)));
    assert_eq!(link("go.elmst.example"), Err(RenderError::WrongKind(Variable::Link)));
    let named = template(Tier::T2, "Hi {{first_name}}");
    for name in ["bit.ly/win", "\u{ff42}\u{ff49}\u{ff54}\u{ff0e}\u{ff4c}\u{ff59}/win", "https://evil.test"] {
        assert_eq!(
            named.render(Language::En, &Values::new().with(Variable::FirstName, name)).map(drop),
            Err(RenderError::ForbiddenLink(Variable::FirstName)),
            "{name}"
        );
    }
}

#[test]
fn debug_output_tells_no_values() {
    let values = Values::new().with(Variable::FirstName, "Guadalupe");
    let rendered = template(Tier::T2, "Hi {{first_name}}").render(Language::En, &values).expect("renders");
    let shown = format!("{values:?} {rendered:?}");
    assert!(!shown.contains("Guadalupe"), "{shown}");
    assert!(shown.contains("FirstName"));
}

fn any_piece() -> impl Strategy<Value = (String, bool)> {
    prop_oneof![
        "[ -z|~\u{e9}\u{f1}\n]{0,20}".prop_map(|text| (text, false)),
        (0..Variable::ALL.len()).prop_map(|index| (Variable::ALL[index].name().to_owned(), true)),
    ]
}

proptest! {
    #[test]
    fn joined_segments_equal_the_engines_text(
        pieces in proptest::collection::vec(any_piece(), 1..12),
        values in proptest::collection::vec("[ -~\u{e9}{}%]{0,30}", Variable::ALL.len()),
    ) {
        let source: String = pieces
            .iter()
            .map(|(piece, variable)| if *variable { format!("{{{{ {piece} }}}}") } else { piece.clone() })
            .collect();
        let Ok(wording) = super::super::wording::parse(Language::En, &source) else { return Ok(()) };
        let segments = wording.segments.clone().expect("no conditions");
        let mut set = Values::new();
        for (&variable, value) in Variable::ALL.iter().zip(&values) {
            set.set(variable, value);
        }
        let engine = compile(&wording.source).expect("a wording that we take, the engine takes");
        prop_assert_eq!(
            Some(join(&segments, |variable| set.get(variable))),
            evaluate(&engine, &wording.variables, |variable| set.get(variable))
        );
    }

    #[test]
    fn a_cleaned_value_is_one_visible_line(value in "\\PC{0,40}|[\\s\\S]{0,40}") {
        let cleaned = clean(&value);
        prop_assert!(!cleaned.chars().any(|c| c.is_control() || is_invisible(c)), "{cleaned:?}");
        prop_assert_eq!(clean(&cleaned), cleaned);
    }

    #[test]
    fn conditions_come_out_as_written_and_never_blank(
        nodes in proptest::collection::vec(any_node(), 1..5),
        present in any::<[bool; 3]>(),
    ) {
        let mut source = String::new();
        write_nodes(&nodes, &mut source);
        let Ok(wording) = super::super::wording::parse(Language::En, &source) else { return Ok(()) };
        let has = |variable: Variable| {
            wording.required.contains(&variable)
                || CHOICES.iter().position(|&choice| choice == variable).is_some_and(|at| present[at])
        };
        let mut wanted = String::new();
        expand(&nodes, &has, &mut wanted);
        prop_assert!(!wanted.contains("BLANK"), "{source}");
        let program = Program::new(wording.clone()).expect("the engine takes it");
        let filled = program.fill(|variable| has(variable).then(|| variable.name())).expect("fills");
        prop_assert_eq!(filled, wanted, "{}", source);
    }
}

/// A wording as a tree, and what it should come out as: a model apart from both ways of rendering.
#[derive(Debug, Clone)]
enum Node {
    Text(&'static str),
    Output(Variable),
    If { negated: bool, variable: Variable, then: Vec<Node>, otherwise: Option<Vec<Node>> },
}

const CHOICES: [Variable; 3] = [Variable::Link, Variable::Location, Variable::FirstName];

fn any_node() -> impl Strategy<Value = Node> {
    let choice = || (0..CHOICES.len()).prop_map(|at| CHOICES[at]);
    let leaf = prop_oneof![Just(Node::Text("x-")), Just(Node::Text("y.")), choice().prop_map(Node::Output)];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        let list = proptest::collection::vec(inner, 0..4);
        (any::<bool>(), choice(), list.clone(), proptest::option::of(list)).prop_map(|(negated, variable, then, otherwise)| Node::If {
            negated,
            variable,
            then,
            otherwise,
        })
    })
}

fn write_nodes(nodes: &[Node], source: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => source.push_str(text),
            Node::Output(variable) => source.push_str(&format!("{{{{{}}}}}", variable.name())),
            Node::If { negated, variable, then, otherwise } => {
                let not = if *negated { "not " } else { "" };
                source.push_str(&format!("{{% if {not}{} %}}", variable.name()));
                write_nodes(then, source);
                if let Some(otherwise) = otherwise {
                    source.push_str("{% else %}");
                    write_nodes(otherwise, source);
                }
                source.push_str("{% endif %}");
            }
        }
    }
}

fn expand(nodes: &[Node], has: &impl Fn(Variable) -> bool, text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(fixed) => text.push_str(fixed),
            Node::Output(variable) => text.push_str(if has(*variable) { variable.name() } else { "BLANK" }),
            Node::If { negated, variable, then, otherwise } => {
                if has(*variable) != *negated {
                    expand(then, has, text);
                } else if let Some(otherwise) = otherwise {
                    expand(otherwise, has, text);
                }
            }
        }
    }
}
