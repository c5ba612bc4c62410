//! The check that every template passes when it is saved (M-01).

use std::fmt;
use std::sync::Arc;

use super::links::{self, LinkFault};
use super::render::Program;
use super::wording::{self, Wording};
use super::{ContentKind, Finding, FixedTextJudge, GuardJudge, Language, Severity, Variable, lexicon, prompt};
use crate::{Tier, sms};

/// Stands for the practice's name while a wording is examined.
const PRACTICE_MARK: &str = "\u{fffa}";
/// Stands for any other value. Wordings and values cannot hold either mark.
const VALUE_MARK: &str = "\u{fffc}";

/// A template as somebody wrote it.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Its name, such as `reminder`.
    pub name: &'a str,
    /// The tier that its writer declares; it may be higher than needed, never lower.
    pub tier: Tier,
    /// What it is for.
    pub kind: ContentKind,
    /// Whether every wording must say how to opt out. Marketing always must.
    pub owes_opt_out: bool,
    /// Whether every wording must say who is texting (C-06); only live conversation need not.
    pub owes_identity: bool,
    /// The wordings, at most one a language.
    pub wordings: &'a [(Language, &'a str)],
    /// Replies that something listens for, such as `C` and `R`.
    pub answers: &'a [&'a str],
}

/// What a check needs to know of the practice.
#[derive(Clone)]
pub struct CheckContext<'a> {
    /// The practice's neutral name for texts, as `{{practice}}` will show it.
    pub practice_name: &'a str,
    /// Hosts that the practice's links may lead to, with all names below them. Without any, every fixed link is foreign.
    pub own_hosts: &'a [String],
    /// Message parts that a text may take with the longest sample values (C-13).
    pub max_parts: usize,
    /// Judges fixed text now, and free values when a text is rendered.
    pub judge: Arc<dyn FixedTextJudge>,
}

impl<'a> CheckContext<'a> {
    /// One part at most, judged by the built-in word lists.
    pub fn new(practice_name: &'a str, own_hosts: &'a [String]) -> CheckContext<'a> {
        CheckContext { practice_name, own_hosts, max_parts: 1, judge: Arc::new(GuardJudge) }
    }
}

/// A template that passed its check. Cloning it is cheap.
#[derive(Clone)]
pub struct Template(Arc<Inner>);

struct Inner {
    name: String,
    tier: Tier,
    kind: ContentKind,
    answers: Vec<String>,
    programs: Vec<Program>,
    warnings: Vec<Finding>,
    own_hosts: Vec<String>,
    judge: Arc<dyn FixedTextJudge>,
}

impl Template {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The tier of every text made from it, unless a value raises it.
    pub fn tier(&self) -> Tier {
        self.0.tier
    }

    /// What it is for.
    pub fn kind(&self) -> ContentKind {
        self.0.kind
    }

    /// Replies that it offers.
    pub fn answers(&self) -> &[String] {
        &self.0.answers
    }

    /// Languages that it has a wording in.
    pub fn languages(&self) -> impl Iterator<Item = Language> + '_ {
        self.0.programs.iter().map(Program::language)
    }

    /// Variables that a wording cannot do without; empty when there is no such wording.
    pub fn required(&self, language: Language) -> &[Variable] {
        self.program(language).map_or(&[], |program| &program.wording().required)
    }

    /// Variables that a wording can make use of, in order of first mention.
    pub fn variables(&self, language: Language) -> &[Variable] {
        self.program(language).map_or(&[], |program| &program.wording().variables)
    }

    /// What the check found without refusing the template.
    pub fn warnings(&self) -> &[Finding] {
        &self.0.warnings
    }

    pub(super) fn program(&self, language: Language) -> Option<&Program> {
        self.0.programs.iter().find(|program| program.language() == language)
    }

    pub(super) fn own_hosts(&self) -> &[String] {
        &self.0.own_hosts
    }

    pub(super) fn judge(&self) -> &dyn FixedTextJudge {
        &*self.0.judge
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("name", &self.0.name).field("tier", &self.0.tier).finish_non_exhaustive()
    }
}

/// Checks a draft in every way its wordings can come out and makes a template of it.
///
/// # Errors
///
/// All findings, warnings among them, if at least one is an error.
pub fn check(draft: &Draft<'_>, context: &CheckContext<'_>) -> Result<Template, Vec<Finding>> {
    let mut check = Check { draft, context, findings: Vec::new(), tier: Tier::T0 };
    check.answers();
    check.languages();
    let mut programs = Vec::new();
    for &(language, source) in draft.wordings {
        match wording::parse(language, source) {
            Ok(wording) => programs.extend(check.wording(wording)),
            Err(findings) => findings.into_iter().for_each(|finding| check.add(finding)),
        }
    }
    let Check { mut findings, tier, .. } = check;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    if findings.iter().any(|finding| finding.severity() == Severity::Error) {
        return Err(findings);
    }
    Ok(Template(Arc::new(Inner {
        name: draft.name.to_owned(),
        tier: draft.tier.max(tier),
        kind: draft.kind,
        answers: draft.answers.iter().map(|answer| (*answer).to_owned()).collect(),
        programs,
        warnings: findings,
        own_hosts: context.own_hosts.to_vec(),
        judge: Arc::clone(&context.judge),
    })))
}

struct Check<'a> {
    draft: &'a Draft<'a>,
    context: &'a CheckContext<'a>,
    findings: Vec<Finding>,
    /// The tier needed by what has been looked at so far.
    tier: Tier,
}

impl Check<'_> {
    fn add(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn answers(&mut self) {
        for answer in self.draft.answers {
            if prompt::is_banned_answer(answer) {
                self.add(Finding::BannedPrompt { word: (*answer).to_owned() });
            }
        }
    }

    fn languages(&mut self) {
        for language in Language::ALL {
            match self.draft.wordings.iter().filter(|(found, _)| *found == language).count() {
                0 => self.add(Finding::MissingLanguage { language }),
                1 => {}
                _ => self.add(Finding::RepeatedLanguage { language }),
            }
        }
        if self.draft.tier == Tier::T3 {
            self.add(Finding::NeverBySms { because: "it is declared as T3".to_owned(), notes: false });
        }
    }

    fn raise(&mut self, needs: Tier, because: String, notes: bool) {
        self.tier = self.tier.max(needs);
        if needs == Tier::T3 {
            self.add(Finding::NeverBySms { because, notes });
        } else if needs > self.draft.tier {
            self.add(Finding::TierTooLow { needs, because });
        }
    }

    fn wording(&mut self, wording: Wording) -> Option<Program> {
        let language = wording.language;
        for &variable in &wording.variables {
            let because = format!("it holds {{{{{}}}}}", variable.name());
            self.raise(variable.tier(), because, variable == Variable::Notes);
            if variable.is_payment() && self.draft.kind != ContentKind::Billing {
                self.add(Finding::BillingWords { word: format!("{{{{{}}}}}", variable.name()) });
            }
        }
        if wording.variables.contains(&Variable::Practice) {
            let concerns = self.context.judge.judge(self.context.practice_name, language);
            for concern in concerns {
                self.add(Finding::TellingPracticeName { word: concern.word });
            }
        }
        let mut causes: Vec<char> = sms::ucs2_causes(&wording.source).iter().map(|cause| cause.ch).collect();
        causes.sort_unstable();
        causes.dedup();
        if !causes.is_empty() {
            self.add(Finding::Ucs2 { language, causes });
        }
        let optional = wording.optional.clone();
        let program = match Program::new(wording) {
            Ok(program) => program,
            Err((line, message)) => {
                self.add(Finding::Syntax { language, line, message });
                return None;
            }
        };
        let mut offered = Vec::new();
        let mut most_parts = 0;
        // Every subset of the optional variables; their number is bounded by the parser.
        for present in 0..1_u32 << optional.len() {
            let absent = |variable| optional.iter().position(|&other| other == variable).is_some_and(|bit| present & (1 << bit) == 0);
            let skeleton = program.fill(|variable| match variable {
                variable if absent(variable) => None,
                Variable::Practice => Some(PRACTICE_MARK),
                _ => Some(VALUE_MARK),
            });
            let sample = program.fill(|variable| match variable {
                variable if absent(variable) => None,
                Variable::Practice => Some(self.context.practice_name),
                _ => Some(variable.longest_sample(language)),
            });
            let (Ok(skeleton), Ok(sample)) = (skeleton, sample) else {
                self.add(Finding::Syntax { language, line: 1, message: "the wording cannot be evaluated".to_owned() });
                return None;
            };
            self.skeleton(&skeleton, language, &mut offered);
            most_parts = most_parts.max(sms::measure(&sms::normalise(&sample)).parts);
        }
        let limit = self.context.max_parts;
        if most_parts > limit {
            self.add(Finding::TooManyParts { language, parts: most_parts, limit });
        }
        for &answer in self.draft.answers {
            if !offered.iter().any(|word| word == &answer.to_uppercase()) {
                self.add(Finding::AnswerNotOffered { language, word: answer.to_owned() });
            }
        }
        Some(program)
    }

    /// Examines one way in which a wording can come out, its values replaced by marks.
    fn skeleton(&mut self, skeleton: &str, language: Language, offered: &mut Vec<String>) {
        // Joined as well, since a variable in the middle of a word must not hide it.
        let joined = without_marks(skeleton, "");
        for text in [skeleton, joined.as_str()] {
            self.words(text, language);
        }
        if joined.trim().is_empty() && !skeleton.contains(VALUE_MARK) {
            self.add(Finding::EmptyWording { language });
        }
        let named = skeleton.contains(PRACTICE_MARK)
            || (!self.context.practice_name.is_empty() && lexicon::fold(skeleton).contains(&lexicon::fold(self.context.practice_name)));
        if self.draft.owes_identity && !named {
            self.add(Finding::MissingPracticeName { language });
        }
        let prompts = prompt::read(skeleton, language, self.draft.kind == ContentKind::Service);
        let owes_opt_out = self.draft.owes_opt_out || self.draft.kind == ContentKind::Marketing;
        if owes_opt_out && !prompts.opt_out {
            self.add(Finding::MissingOptOut { language });
        }
        if prompts.exclusive_stop {
            self.add(Finding::ExclusiveStop { language });
        }
        for word in prompts.banned {
            self.add(Finding::BannedPrompt { word });
        }
        for word in prompts.answers {
            if !self.draft.answers.iter().any(|answer| answer.to_uppercase() == word) {
                self.add(Finding::UnboundAnswer { language, word: word.clone() });
            }
            offered.push(word);
        }
        for fault in links::scan(skeleton, self.context.own_hosts) {
            self.add(match fault {
                LinkFault::Shortener(host) => Finding::PublicShortener { host },
                LinkFault::Foreign(host) => Finding::ForeignLink { host: without_marks(&host, "{{...}}") },
                LinkFault::Insecure(host) => Finding::InsecureLink { host },
                LinkFault::IpLiteral => Finding::IpLiteralLink,
                LinkFault::Userinfo => Finding::UserinfoLink,
            });
        }
    }

    /// Looks for words that the declared tier or kind does not allow.
    fn words(&mut self, text: &str, language: Language) {
        let drug = lexicon::controlled_drug(text);
        if let Some(word) = &drug {
            self.add(Finding::ControlledDrug { word: word.clone() });
        }
        let judge = Arc::clone(&self.context.judge);
        for concern in judge.judge(text, language) {
            if drug.as_ref() != Some(&concern.word) {
                self.raise(concern.tier, format!("it says \"{}\" ({})", concern.word, concern.why), false);
            }
        }
        let promotion = (self.draft.kind != ContentKind::Marketing).then(|| lexicon::marketing(text, language)).flatten();
        if let Some(word) = promotion {
            self.add(Finding::MarketingWords { word });
        }
        if self.draft.kind == ContentKind::Billing {
            if let Some(word) = lexicon::debt_collection(text) {
                self.add(Finding::DebtCollection { word });
            }
        } else if let Some(word) = lexicon::billing(text) {
            self.add(Finding::BillingWords { word });
        }
    }
}

fn without_marks(text: &str, instead: &str) -> String {
    text.replace(PRACTICE_MARK, instead).replace(VALUE_MARK, instead)
}

#[cfg(test)]
mod tests;
