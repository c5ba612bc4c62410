//! Message templates with typed, tiered variables.
//!
//! A template is one purpose worded in several languages. It is checked when it is saved (M-01): every variable comes
//! from a closed registry and carries a tier, fixed text is judged too, and the rules about prompts, links, sender
//! identity, opt-out and length are applied to every way the wording can come out. What passes is a [`Template`], which
//! renders without surprises: values are never expanded again, and a missing one is an error, never a blank.
//!
//! A wording is a small part of the Jinja language: text, `{{variable}}`, and
//! `{% if variable %}…{% elif … %}…{% else %}…{% endif %}` with `not`, `and`, `or`. No loops, filters or includes.

pub mod builtin;
mod check;
mod finding;
mod guarded;
mod lexicon;
mod links;
mod prompt;
mod registry;
mod render;
mod wording;
mod words;

pub use check::{CheckContext, Draft, Template, check};
pub use finding::{Finding, Severity};
pub use guarded::GuardJudge;
pub use lexicon::{Concern, FixedTextJudge, LexiconJudge};
pub use links::{holds_blocked_link, holds_foreign_link};
pub use registry::{ValueKind, Variable};
pub use render::{MAX_BODY_CHARS, MAX_VALUE_CHARS, RenderError, Rendered, Values};

/// A language that wordings are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English. Every template has it, so that there is always something to fall back to.
    En,
    /// Spanish, as written in the United States.
    Es,
}

impl Language {
    /// All languages, the required one first.
    pub const ALL: [Language; 2] = [Language::En, Language::Es];

    /// The ISO 639-1 code, `"en"` or `"es"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Es => "es",
        }
    }

    /// Reads an ISO 639 or BCP 47 code such as `es`, `spa`, `es-MX` or `en_US`; `None` for a language we do not have.
    pub fn parse(code: &str) -> Option<Language> {
        let primary = code.trim().split(['-', '_']).next()?;
        match primary.to_ascii_lowercase().as_str() {
            "en" | "eng" => Some(Language::En),
            "es" | "spa" => Some(Language::Es),
            _ => None,
        }
    }
}

/// What a text is for. It decides which consent it needs (T-01) and which words it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentKind {
    /// About the recipient's own care or visits; needs informational consent.
    Informational,
    /// Promotes anything; needs written consent, and perhaps a HIPAA authorization.
    Marketing,
    /// About payment; a consent category of its own.
    Billing,
    /// About the texting itself: opt-in, HELP, STOP, codes.
    Service,
}

impl ContentKind {
    /// All kinds.
    pub const ALL: [ContentKind; 4] = [ContentKind::Informational, ContentKind::Marketing, ContentKind::Billing, ContentKind::Service];

    /// The stored code.
    pub const fn as_str(self) -> &'static str {
        match self {
            ContentKind::Informational => "informational",
            ContentKind::Marketing => "marketing",
            ContentKind::Billing => "billing",
            ContentKind::Service => "service",
        }
    }

    /// Reads a stored code.
    pub fn parse(code: &str) -> Option<ContentKind> {
        ContentKind::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_codes_round_trip_and_accept_regions() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.as_str()), Some(language));
        }
        assert_eq!(Language::parse("es-MX"), Some(Language::Es));
        assert_eq!(Language::parse("EN_us"), Some(Language::En));
        assert_eq!(Language::parse("fr"), None);
        assert_eq!(Language::parse(""), None);
    }

    #[test]
    fn content_kind_codes_round_trip() {
        for kind in ContentKind::ALL {
            assert_eq!(ContentKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(ContentKind::parse("advertising"), None);
    }
}
