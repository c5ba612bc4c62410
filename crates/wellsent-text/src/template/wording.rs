//! The template language: a small part of Jinja, read strictly so that staff hear of a slip when they save.

use super::{Finding, Language, Variable};
use crate::sms;

/// Longest wording that is taken, in characters.
const MAX_SOURCE_CHARS: usize = 2_000;
/// Most conditions inside one another.
const MAX_DEPTH: usize = 4;
/// Most variables that may be absent; each doubles the number of texts that a check has to look at.
const MAX_OPTIONAL: usize = 4;

/// A stretch of a wording without conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Text(Box<str>),
    Variable(Variable),
}

/// A wording whose every tag is understood.
#[derive(Debug, Clone)]
pub(super) struct Wording {
    pub language: Language,
    /// The cleaned text, which is also valid for the template engine.
    pub source: String,
    /// The wording itself when it holds no condition; otherwise `None`.
    pub segments: Option<Vec<Segment>>,
    /// Every variable, in order of first mention.
    pub variables: Vec<Variable>,
    /// Those that must have a value: written at least once outside `{% if variable %}`.
    pub required: Vec<Variable>,
    /// Those that may be absent.
    pub optional: Vec<Variable>,
}

/// Invisible characters that could hide a word from a reader or from a check.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'
    )
}

/// Look-alikes are replaced before anything is judged, since a full-width `bit.ly` is one when it arrives.
fn clean(source: &str) -> String {
    let visible: String = source.chars().filter(|&c| !is_invisible(c)).collect();
    sms::normalise(&visible).chars().map(|c| if c != '\n' && c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// Reads one wording. The error holds all that is wrong with it.
pub(super) fn parse(language: Language, source: &str) -> Result<Wording, Vec<Finding>> {
    let source = clean(source);
    if source.is_empty() {
        return Err(vec![Finding::EmptyWording { language }]);
    }
    let mut reader = Reader {
        language,
        line: 1,
        segments: Vec::new(),
        conditional: false,
        variables: Vec::new(),
        required: Vec::new(),
        open: Vec::new(),
        findings: Vec::new(),
    };
    if source.chars().count() > MAX_SOURCE_CHARS {
        reader.syntax(format!("the wording is longer than {MAX_SOURCE_CHARS} characters"));
        return Err(reader.findings);
    }
    reader.read(&source);
    if let Some(open) = reader.open.last() {
        let line = open.line;
        reader.syntax_at(line, "this {% if %} has no {% endif %}".to_owned());
    }
    let optional: Vec<Variable> = reader.variables.iter().copied().filter(|variable| !reader.required.contains(variable)).collect();
    if optional.len() > MAX_OPTIONAL {
        reader.syntax(format!("at most {MAX_OPTIONAL} variables may be left out by conditions"));
    }
    if !reader.findings.is_empty() {
        return Err(reader.findings);
    }
    Ok(Wording {
        language,
        source,
        segments: (!reader.conditional).then_some(reader.segments),
        variables: reader.variables,
        required: reader.required,
        optional,
    })
}

/// One `{% if %}` that is not closed yet.
struct Open {
    line: usize,
    /// Variables known to have a value in the branch being read.
    known: Vec<Variable>,
    /// Variables known to have a value in every later branch.
    known_later: Vec<Variable>,
    seen_else: bool,
}

struct Reader {
    language: Language,
    line: usize,
    segments: Vec<Segment>,
    conditional: bool,
    variables: Vec<Variable>,
    required: Vec<Variable>,
    open: Vec<Open>,
    findings: Vec<Finding>,
}

impl Reader {
    fn syntax(&mut self, message: String) {
        self.syntax_at(self.line, message);
    }

    fn syntax_at(&mut self, line: usize, message: String) {
        self.findings.push(Finding::Syntax { language: self.language, line, message });
    }

    fn read(&mut self, source: &str) {
        let mut rest = source;
        loop {
            let start = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min();
            let (text, tag) = rest.split_at(start.unwrap_or(rest.len()));
            self.text(text);
            if tag.is_empty() {
                return;
            }
            let close = match &tag[..2] {
                "{{" => "}}",
                "{%" => "%}",
                _ => {
                    self.syntax("notes in a wording ({# #}) are not offered; take them out".to_owned());
                    return;
                }
            };
            let Some(end) = tag.find(close) else {
                self.syntax(format!("\"{}\" has no \"{close}\"", &tag[..2]));
                return;
            };
            let inner = &tag[2..end];
            if inner.contains(['{', '\n']) {
                self.syntax(format!("\"{}\" has no \"{close}\" before the next line or tag", &tag[..2]));
            } else if inner.starts_with(['-', '+']) || inner.ends_with(['-', '+']) {
                self.syntax("no - or + inside the braces".to_owned());
            } else if close == "}}" {
                self.output(inner.trim());
            } else {
                self.statement(inner);
            }
            self.line += inner.matches('\n').count();
            rest = &tag[end + 2..];
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if text.contains("}}") || text.contains("%}") {
            self.syntax("closing braces without opening ones".to_owned());
        } else if let Some(name) = single_braced(text) {
            self.syntax(format!("write {{{{{name}}}}} with two braces"));
        }
        self.segments.push(Segment::Text(text.into()));
        self.line += text.matches('\n').count();
    }

    fn variable(&mut self, name: &str) -> Option<Variable> {
        let Some(variable) = Variable::parse(name) else {
            let finding = Finding::UnknownVariable { name: name.to_owned() };
            if !self.findings.contains(&finding) {
                self.findings.push(finding);
            }
            return None;
        };
        if !self.variables.contains(&variable) {
            self.variables.push(variable);
        }
        Some(variable)
    }

    fn output(&mut self, name: &str) {
        if !is_name(name) {
            self.syntax("only the name of a variable may stand between {{ and }}".to_owned());
            return;
        }
        if let Some(variable) = self.variable(name) {
            let known = self.open.iter().any(|open| open.known.contains(&variable));
            if !known && !self.required.contains(&variable) {
                self.required.push(variable);
            }
            self.segments.push(Segment::Variable(variable));
        }
    }

    fn statement(&mut self, inner: &str) {
        self.conditional = true;
        let words: Vec<&str> = inner.split_whitespace().collect();
        match words.split_first() {
            Some((&"if", condition)) => {
                if self.open.len() == MAX_DEPTH {
                    self.syntax(format!("at most {MAX_DEPTH} conditions inside one another"));
                }
                let (known, known_later) = self.condition(condition);
                self.open.push(Open { line: self.line, known, known_later, seen_else: false });
            }
            Some((&"elif", condition)) => {
                let (mut known, known_later) = self.condition(condition);
                match self.open.last_mut() {
                    Some(open) if !open.seen_else => {
                        known.extend_from_slice(&open.known_later);
                        open.known = known;
                        open.known_later.extend(known_later);
                    }
                    _ => self.syntax("{% elif %} without {% if %} before it".to_owned()),
                }
            }
            Some((&"else", [])) => match self.open.last_mut() {
                Some(open) if !open.seen_else => {
                    open.seen_else = true;
                    open.known = open.known_later.clone();
                }
                _ => self.syntax("{% else %} without {% if %} before it".to_owned()),
            },
            Some((&"endif", [])) => {
                if self.open.pop().is_none() {
                    self.syntax("{% endif %} without {% if %} before it".to_owned());
                }
            }
            Some((word, _)) => {
                let message = format!("{{% {word} %}} is not offered; use if, elif, else, endif");
                self.syntax(message);
            }
            None => self.syntax("nothing between {% and %}".to_owned()),
        }
    }

    /// Reads `[not] name ((and|or) [not] name)*` and returns what is known to be there in this branch and in later ones.
    fn condition(&mut self, words: &[&str]) -> (Vec<Variable>, Vec<Variable>) {
        let (mut plain, mut negated, mut any_or) = (Vec::new(), Vec::new(), false);
        let mut rest = words;
        loop {
            let negate = rest.first() == Some(&"not");
            let after = if negate { &rest[1..] } else { rest };
            let Some((&name, tail)) = after.split_first().filter(|(name, _)| is_name(name)) else {
                self.syntax("a condition is one or more variables joined by and, or, not".to_owned());
                return (Vec::new(), Vec::new());
            };
            if let Some(variable) = self.variable(name) {
                if negate { &mut negated } else { &mut plain }.push(variable);
            }
            match tail.split_first() {
                None => break,
                Some((&"and", next)) => rest = next,
                Some((&"or", next)) => {
                    any_or = true;
                    rest = next;
                }
                Some(_) => {
                    self.syntax("a condition is one or more variables joined by and, or, not".to_owned());
                    return (Vec::new(), Vec::new());
                }
            }
        }
        let alone = plain.len() + negated.len() == 1;
        (if any_or { Vec::new() } else { plain }, if alone { negated } else { Vec::new() })
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(text, "and" | "or" | "not" | "if" | "in" | "is")
}

/// The name in `{name}`, the slip that would otherwise reach a patient.
fn single_braced(text: &str) -> Option<&str> {
    text.match_indices('{').find_map(|(at, _)| {
        let inner = &text[at + 1..];
        let name = inner[..inner.find('}')?].trim();
        is_name(name).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(source: &str) -> Vec<String> {
        match parse(Language::En, source) {
            Ok(_) => Vec::new(),
            Err(findings) => findings.iter().map(Finding::sentence).collect(),
        }
    }

    #[test]
    fn a_plain_wording_becomes_segments() {
        let wording = parse(Language::En, " {{practice}}: see you {{ when }}. ").expect("valid");
        assert_eq!(
            wording.segments,
            Some(vec![
                Segment::Variable(Variable::Practice),
                Segment::Text(": see you ".into()),
                Segment::Variable(Variable::When),
                Segment::Text(".".into()),
            ])
        );
        assert_eq!(wording.required, [Variable::Practice, Variable::When]);
        assert!(wording.optional.is_empty());
    }

    #[test]
    fn a_variable_is_optional_only_where_a_condition_guards_it() {
        let guarded = parse(Language::En, "Hi{% if first_name %} {{first_name}}{% endif %}").expect("valid");
        assert_eq!(guarded.optional, [Variable::FirstName]);
        let both = parse(Language::En, "{{first_name}}{% if first_name %}!{% endif %}").expect("valid");
        assert_eq!(both.required, [Variable::FirstName]);
        let either = parse(Language::En, "{% if link or location %}{{link}}{% endif %}").expect("valid");
        assert_eq!(either.required, [Variable::Link]);
        let inverted = parse(Language::En, "{% if not link %}call{% else %}{{link}}{% endif %}").expect("valid");
        assert_eq!(inverted.optional, [Variable::Link]);
        let wrong_branch = parse(Language::En, "{% if link %}x{% else %}{{link}}{% endif %}").expect("valid");
        assert_eq!(wrong_branch.required, [Variable::Link]);
    }

    #[test]
    fn loops_filters_calls_and_notes_are_refused() {
        for source in [
            "{% for x in link %}a{% endfor %}",
            "{% set x = link %}",
            "{% include 'a' %}",
            "{% raw %}{{ssn}}{% endraw %}",
            "{{ link|upper }}",
            "{{ link.host }}",
            "{{ range(100000) }}",
            "{{ 'text' }}",
            "{{- link }}",
            "{# note #}x",
            "{% if link == 'x' %}a{% endif %}",
            "{% if link and %}a{% endif %}",
            "{% if %}a{% endif %}",
            "{%%}",
        ] {
            assert!(!messages(source).is_empty(), "{source}");
        }
    }

    #[test]
    fn unclosed_and_unopened_tags_are_found_with_their_line() {
        for source in ["{{link", "a}} b", "{% if link %}a", "a{% endif %}", "a{% else %}", "{first_name} hello"] {
            assert!(!messages(source).is_empty(), "{source}");
        }
        let Err(findings) = parse(Language::En, "one\ntwo {{link|x}}") else { panic!("refused") };
        assert!(matches!(findings[0], Finding::Syntax { line: 2, .. }), "{findings:?}");
    }

    #[test]
    fn an_unknown_name_is_reported_once() {
        let Err(findings) = parse(Language::En, "{{patient}} and {{patient}}") else { panic!("refused") };
        assert_eq!(findings, [Finding::UnknownVariable { name: "patient".to_owned() }]);
    }

    #[test]
    fn invisible_characters_cannot_hide_a_word() {
        let wording = parse(Language::En, "colo\u{200b}nos\u{ad}copy").expect("valid");
        assert_eq!(wording.source, "colonoscopy");
    }
}
