//! Filling a checked wording with values.
//!
//! A wording without conditions is kept as segments and joined directly; one with conditions runs in minijinja, with
//! strict variables and a fuel limit. A property test holds the two ways together.

use std::fmt;

use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::check::Template;
use super::links::{self, LinkFault};
use super::wording::{Segment, Wording, is_invisible};
use super::{Language, ValueKind, Variable};
use crate::{Tier, sms};

/// Longest value, in characters.
pub const MAX_VALUE_CHARS: usize = 160;
/// Longest finished text, in characters; carriers take no more (C-13).
pub const MAX_BODY_CHARS: usize = 1_600;

/// Engine instructions that one rendering may use; a checked wording uses a few dozen.
const FUEL: u64 = 20_000;
const ENGINE_NAME: &str = "wording";

/// Why a text could not be made. It names variables, never their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A variable has no value, or a blank one.
    #[error("no value for {{{{{}}}}}: fill it in on the record, or use a wording without it", .0.name())]
    Missing(Variable),
    /// A value is longer than [`MAX_VALUE_CHARS`].
    #[error("the value of {{{{{}}}}} is longer than 160 characters: shorten it", .0.name())]
    TooLong(Variable),
    /// A value does not look like one of its kind.
    #[error("the value of {{{{{}}}}} is not of its kind: correct it on the record", .0.name())]
    WrongKind(Variable),
    /// A value holds a link that may not be sent (C-07).
    #[error("the value of {{{{{}}}}} holds a link that is not the practice's own: take it out", .0.name())]
    ForbiddenLink(Variable),
    /// The template has no wording in this language.
    #[error("the template has no wording in \"{}\": add one, or use English", .0.as_str())]
    NoWording(Language),
    /// The text is longer than [`MAX_BODY_CHARS`].
    #[error("the text is longer than 1600 characters: shorten the wording or its values")]
    BodyTooLong,
    /// The template engine refused a checked wording.
    #[error("the wording could not be evaluated: open the template and save it again")]
    Engine,
}

/// A finished text.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the patient reads. Holds PHI.
    pub text: String,
    /// What it costs.
    pub measure: sms::Measure,
    /// The tier of the template, or a higher one if a value is more telling than its variable (M-01).
    pub tier: Tier,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("tier", &self.tier).finish_non_exhaustive()
    }
}

/// Values for variables. They are cleaned when set and never expanded, whatever braces they hold.
#[derive(Clone)]
pub struct Values {
    slots: [Option<Box<str>>; Variable::ALL.len()],
}

impl Values {
    /// No values.
    pub fn new() -> Values {
        Values { slots: [const { None }; Variable::ALL.len()] }
    }

    /// Sets a value. Line breaks and control characters become spaces, and look-alike punctuation its plain form;
    /// a blank value counts as none.
    pub fn set(&mut self, variable: Variable, value: impl AsRef<str>) -> &mut Values {
        let value = clean(value.as_ref());
        self.slots[variable as usize] = (!value.is_empty()).then(|| value.into_boxed_str());
        self
    }

    /// Like [`Values::set`], for building in one expression.
    #[must_use]
    pub fn with(mut self, variable: Variable, value: impl AsRef<str>) -> Values {
        self.set(variable, value);
        self
    }

    /// Whether there is a value.
    pub fn has(&self, variable: Variable) -> bool {
        self.get(variable).is_some()
    }

    /// The longest sample of every variable, for previews.
    pub fn samples(language: Language) -> Values {
        let mut values = Values::new();
        for &variable in Variable::ALL {
            values.set(variable, variable.longest_sample(language));
        }
        values
    }

    fn get(&self, variable: Variable) -> Option<&str> {
        self.slots[variable as usize].as_deref()
    }
}

impl Default for Values {
    fn default() -> Values {
        Values::new()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Variable::ALL.iter().filter(|&&variable| self.has(variable))).finish()
    }
}

fn clean(value: &str) -> String {
    let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'`');
    if plain && !value.contains("  ") {
        return value.trim().to_owned();
    }
    // Invisible characters go first, so that what they kept apart is composed once and for all.
    let visible: String = value.chars().filter(|&c| !is_invisible(c)).collect();
    let line: String = sms::normalise(&visible).chars().map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c }).collect();
    line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A wording made ready to be filled.
pub(super) struct Program {
    wording: Wording,
    /// Only for wordings with conditions.
    engine: Option<Environment<'static>>,
}

impl Program {
    /// Makes a wording ready. The error is the engine's own objection, with its line.
    pub fn new(wording: Wording) -> Result<Program, (usize, String)> {
        let engine =
            compile(&wording.source).map_err(|error| (error.line().unwrap_or(1), error.detail().unwrap_or("not understood").to_owned()))?;
        let engine = wording.segments.is_none().then_some(engine);
        Ok(Program { wording, engine })
    }

    pub fn language(&self) -> Language {
        self.wording.language
    }

    pub fn wording(&self) -> &Wording {
        &self.wording
    }

    /// Fills the wording from a function that knows the values. What it does not know counts as blank.
    pub fn fill<'v>(&self, value: impl Fn(Variable) -> Option<&'v str>) -> Result<String, RenderError> {
        if let Some(segments) = &self.wording.segments {
            return Ok(join(segments, value));
        }
        let engine = self.engine.as_ref().ok_or(RenderError::Engine)?;
        evaluate(engine, &self.wording.variables, value).ok_or(RenderError::Engine)
    }
}

fn join<'v>(segments: &[Segment], value: impl Fn(Variable) -> Option<&'v str>) -> String {
    let mut text = String::with_capacity(240);
    for segment in segments {
        match segment {
            Segment::Text(fixed) => text.push_str(fixed),
            Segment::Variable(variable) => text.push_str(value(*variable).unwrap_or("")),
        }
    }
    text
}

fn compile(source: &str) -> Result<Environment<'static>, minijinja::Error> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(16);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.add_template_owned(ENGINE_NAME, source.to_owned())?;
    Ok(engine)
}

fn evaluate<'v>(engine: &Environment<'static>, variables: &[Variable], value: impl Fn(Variable) -> Option<&'v str>) -> Option<String> {
    let template = engine.get_template(ENGINE_NAME).ok()?;
    let context = minijinja::Value::from_pairs(variables.iter().map(|&variable| (variable.name(), value(variable).unwrap_or(""))));
    template.render(context).ok()
}

impl Template {
    /// Makes the text for one person.
    ///
    /// The tier of the result may be above the template's own: a location called "Behavioral Health East" tells more
    /// than a location should (M-01). The caller decides anew with that tier.
    ///
    /// # Errors
    ///
    /// See [`RenderError`]; nothing is ever rendered with a blank.
    pub fn render(&self, language: Language, values: &Values) -> Result<Rendered, RenderError> {
        let program = self.program(language).ok_or(RenderError::NoWording(language))?;
        let wording = program.wording();
        if let Some(&missing) = wording.required.iter().find(|&&variable| !values.has(variable)) {
            return Err(RenderError::Missing(missing));
        }
        let mut tier = self.tier();
        for &variable in &wording.variables {
            if let Some(value) = values.get(variable) {
                tier = tier.max(self.judge_value(variable, value, language)?);
            }
        }
        let text = sms::normalise(&program.fill(|variable| values.get(variable))?);
        if text.chars().count() > MAX_BODY_CHARS {
            return Err(RenderError::BodyTooLong);
        }
        let measure = sms::measure(&text);
        Ok(Rendered { text, measure, tier })
    }

    /// Checks a value and returns the tier that it needs by itself.
    fn judge_value(&self, variable: Variable, value: &str, language: Language) -> Result<Tier, RenderError> {
        if value.len() > MAX_VALUE_CHARS && value.chars().count() > MAX_VALUE_CHARS {
            return Err(RenderError::TooLong(variable));
        }
        let kind = variable.kind();
        if !kind.accepts(value) {
            return Err(RenderError::WrongKind(variable));
        }
        let own_hosts = self.own_hosts();
        let forbidden = match kind {
            // Without known hosts the link cannot be told from a foreign one, but its make can still be judged.
            ValueKind::Link => links::scan(value, own_hosts)
                .iter()
                .any(|fault| !own_hosts.is_empty() || matches!(fault, LinkFault::Shortener(_) | LinkFault::Userinfo)),
            ValueKind::Free | ValueKind::Contact => links::may_hold_link(value) && !links::scan(value, own_hosts).is_empty(),
            _ => false,
        };
        if forbidden {
            return Err(RenderError::ForbiddenLink(variable));
        }
        Ok(if kind == ValueKind::Free { self.judge().tier(value, language) } else { Tier::T0 })
    }
}

#[cfg(test)]
mod tests;
