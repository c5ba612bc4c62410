//! What a check of a template found, in words for staff.

use super::Language;
use crate::Tier;

/// Whether a finding stops the template from being saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Saved, but worth a look.
    Warning,
    /// Not saved.
    Error,
}

impl Severity {
    /// The code for interfaces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that a check of a template found. It speaks of the template's own words, never of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Finding {
    /// The wording asks for a variable that does not exist.
    UnknownVariable {
        /// The name as written.
        name: String,
    },
    /// The template declares a lower tier than its text or variables have.
    TierTooLow {
        /// The tier it needs.
        needs: Tier,
        /// The word or variable that raises it, and why.
        because: String,
    },
    /// The template holds something that never goes by SMS.
    NeverBySms {
        /// The word or variable, and why.
        because: String,
        /// Whether it is a psychotherapy or treatment note (H-15).
        notes: bool,
    },
    /// The wording asks for a reply that carriers or the law read as opt-out or opt-in.
    BannedPrompt {
        /// The word asked for.
        word: String,
    },
    /// The wording does not say who is texting.
    MissingPracticeName {
        /// The wording.
        language: Language,
    },
    /// The wording does not say how to opt out.
    MissingOptOut {
        /// The wording.
        language: Language,
    },
    /// With sample values the text is longer than allowed.
    TooManyParts {
        /// The wording.
        language: Language,
        /// Parts with the longest sample values.
        parts: usize,
        /// Parts allowed.
        limit: usize,
    },
    /// Characters that make every text of this wording dearer.
    Ucs2 {
        /// The wording.
        language: Language,
        /// The characters, each once.
        causes: Vec<char>,
    },
    /// The wording is not in the template language.
    Syntax {
        /// The wording.
        language: Language,
        /// Line in the wording, from 1.
        line: usize,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// A link of a public shortener.
    PublicShortener {
        /// Its host.
        host: String,
    },
    /// A link to a host that is not the practice's own.
    ForeignLink {
        /// The host.
        host: String,
    },
    /// A link without encryption.
    InsecureLink {
        /// The host.
        host: String,
    },
    /// A link to a bare address instead of a name.
    IpLiteralLink,
    /// A link with a name before an `@`, which hides its real host.
    UserinfoLink,
    /// Promotion in a text that is not marketing.
    MarketingWords {
        /// The words.
        word: String,
    },
    /// Payment words in a text that is not billing.
    BillingWords {
        /// The words.
        word: String,
    },
    /// The tone of a debt collector in a billing text.
    DebtCollection {
        /// The words.
        word: String,
    },
    /// A controlled drug by name.
    ControlledDrug {
        /// The drug.
        word: String,
    },
    /// The wording says that STOP is the only way, or a must.
    ExclusiveStop {
        /// The wording.
        language: Language,
    },
    /// There is no wording in this language.
    MissingLanguage {
        /// The language.
        language: Language,
    },
    /// There are two wordings in one language.
    RepeatedLanguage {
        /// The language.
        language: Language,
    },
    /// A wording without text.
    EmptyWording {
        /// The language.
        language: Language,
    },
    /// The wording asks for an answer that the template does not listen for.
    UnboundAnswer {
        /// The wording.
        language: Language,
        /// The answer asked for.
        word: String,
    },
    /// The template listens for an answer that the wording does not offer.
    AnswerNotOffered {
        /// The wording.
        language: Language,
        /// The answer.
        word: String,
    },
    /// The practice's name for texts tells what kind of care it gives.
    TellingPracticeName {
        /// The telling word.
        word: String,
    },
}

impl Finding {
    /// A stable code for interfaces and tests.
    pub const fn code(&self) -> &'static str {
        match self {
            Finding::UnknownVariable { .. } => "unknown_variable",
            Finding::TierTooLow { .. } => "tier_too_low",
            Finding::NeverBySms { .. } => "never_by_sms",
            Finding::BannedPrompt { .. } => "banned_prompt",
            Finding::MissingPracticeName { .. } => "missing_practice_name",
            Finding::MissingOptOut { .. } => "missing_opt_out",
            Finding::TooManyParts { .. } => "too_many_parts",
            Finding::Ucs2 { .. } => "ucs2",
            Finding::Syntax { .. } => "syntax",
            Finding::PublicShortener { .. } => "public_shortener",
            Finding::ForeignLink { .. } => "foreign_link",
            Finding::InsecureLink { .. } => "insecure_link",
            Finding::IpLiteralLink => "ip_literal_link",
            Finding::UserinfoLink => "userinfo_link",
            Finding::MarketingWords { .. } => "marketing_words",
            Finding::BillingWords { .. } => "billing_words",
            Finding::DebtCollection { .. } => "debt_collection",
            Finding::ControlledDrug { .. } => "controlled_drug",
            Finding::ExclusiveStop { .. } => "exclusive_stop",
            Finding::MissingLanguage { .. } => "missing_language",
            Finding::RepeatedLanguage { .. } => "repeated_language",
            Finding::EmptyWording { .. } => "empty_wording",
            Finding::UnboundAnswer { .. } => "unbound_answer",
            Finding::AnswerNotOffered { .. } => "answer_not_offered",
            Finding::TellingPracticeName { .. } => "telling_practice_name",
        }
    }

    /// Whether it stops the template from being saved.
    pub fn severity(&self) -> Severity {
        match self {
            Finding::Ucs2 { .. } | Finding::AnswerNotOffered { .. } | Finding::TellingPracticeName { .. } => Severity::Warning,
            // English is what everyone without another wording gets, so it cannot be left out.
            Finding::MissingLanguage { language } if *language != Language::En => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The id of the rule that the finding keeps.
    pub const fn rule(&self) -> &'static str {
        match self {
            Finding::NeverBySms { notes: true, .. } => "H-15",
            Finding::UnknownVariable { .. }
            | Finding::TierTooLow { .. }
            | Finding::NeverBySms { .. }
            | Finding::Syntax { .. }
            | Finding::MissingLanguage { .. }
            | Finding::RepeatedLanguage { .. }
            | Finding::EmptyWording { .. } => "M-01",
            Finding::BannedPrompt { .. } => "T-12",
            Finding::MissingPracticeName { .. } => "C-06",
            Finding::MissingOptOut { .. } => "C-03",
            Finding::TooManyParts { .. } | Finding::Ucs2 { .. } => "C-13",
            Finding::PublicShortener { .. }
            | Finding::ForeignLink { .. }
            | Finding::InsecureLink { .. }
            | Finding::IpLiteralLink
            | Finding::UserinfoLink => "C-07",
            Finding::MarketingWords { .. } => "T-01",
            Finding::BillingWords { .. } => "T-04",
            Finding::DebtCollection { .. } | Finding::ControlledDrug { .. } => "C-12",
            Finding::ExclusiveStop { .. } => "T-08",
            Finding::UnboundAnswer { .. } | Finding::AnswerNotOffered { .. } => "M-03",
            Finding::TellingPracticeName { .. } => "H-01",
        }
    }

    /// One or two sentences for staff: what is wrong and what to do about it.
    pub fn sentence(&self) -> String {
        match self {
            Finding::UnknownVariable { name } => {
                format!("There is no variable \"{name}\". Choose one from the list of variables.")
            }
            Finding::TierTooLow { needs, because } => {
                format!("This text is {} because {because}. Raise its tier, or take that out.", needs.as_str())
            }
            Finding::NeverBySms { because, .. } => {
                format!("This never goes by text message: {because}. Send a notice with a secure link instead.")
            }
            Finding::BannedPrompt { word } => {
                format!("Do not ask for the reply {word}: carriers read it as opting out of or into texts. Use C, R, T or a digit.")
            }
            Finding::MissingPracticeName { language } => format!(
                "The {} wording does not say who is texting. Put {{{{practice}}}} into it, outside any condition.",
                name_of(*language)
            ),
            Finding::MissingOptOut { language } => {
                format!("The {} wording does not say how to stop the texts. Add \"Reply STOP to opt out.\"", name_of(*language))
            }
            Finding::TooManyParts { language, parts, limit } => {
                format!("The {} wording takes {parts} message parts with sample values; {limit} allowed. Shorten it.", name_of(*language))
            }
            Finding::Ucs2 { language, causes } => {
                let list: Vec<String> = causes.iter().map(char::to_string).collect();
                format!(
                    "In the {} wording these characters cut a message part from 160 to 70 characters: {}",
                    name_of(*language),
                    list.join(" ")
                )
            }
            Finding::Syntax { language, line, message } => {
                format!("{} wording, line {line}: {message}", name_of(*language))
            }
            Finding::PublicShortener { host } => {
                format!("{host} is a public link shortener, which carriers block. Use {{{{link}}}}.")
            }
            Finding::ForeignLink { host } => {
                format!("{host} is not one of the practice's own addresses. Use {{{{link}}}}, or add it to the settings.")
            }
            Finding::InsecureLink { host } => {
                format!("The link to {host} does not begin with https://.")
            }
            Finding::IpLiteralLink => "A link needs a name of the practice, not a bare number address.".to_owned(),
            Finding::UserinfoLink => "A link with an @ before its address hides where it leads.".to_owned(),
            Finding::MarketingWords { word } => {
                format!("\"{word}\" makes this marketing, which needs written consent. Take it out, or make it a marketing template.")
            }
            Finding::BillingWords { word } => {
                format!("\"{word}\" speaks of payment, which is a consent of its own. Take it out, or make it a billing template.")
            }
            Finding::DebtCollection { word } => {
                format!("\"{word}\" reads like debt collection, which carriers forbid. Word it neutrally.")
            }
            Finding::ControlledDrug { word } => {
                format!("\"{word}\" is a controlled drug; carriers filter such texts. Take the name out.")
            }
            Finding::ExclusiveStop { language } => format!(
                "The {} wording makes STOP the only way out. Any clear wish to stop counts, so do not say that.",
                name_of(*language)
            ),
            Finding::MissingLanguage { language } => {
                format!("There is no {} wording.", name_of(*language))
            }
            Finding::RepeatedLanguage { language } => {
                format!("There are two {} wordings. Keep one.", name_of(*language))
            }
            Finding::EmptyWording { language } => {
                format!("The {} wording is empty.", name_of(*language))
            }
            Finding::UnboundAnswer { language, word } => format!(
                "The {} wording asks for the reply {word}, but nothing is done with it. Add it to the answers or take it out.",
                name_of(*language)
            ),
            Finding::AnswerNotOffered { language, word } => {
                format!("The answer {word} is listened for, but the {} wording does not offer it.", name_of(*language))
            }
            Finding::TellingPracticeName { word } => {
                format!("The practice's name for texts says \"{word}\", which tells what care its patients get. Choose a neutral one.")
            }
        }
    }
}

fn name_of(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Es => "Spanish",
    }
}
