//! What the content guard says about text that a person or an application wrote (M-01).

use wellsent_domain::gate::GuardFinding;
use wellsent_domain::{Language, Tier};
use wellsent_text::template::{FixedTextJudge, LexiconJudge};

/// What is known of the two sides of a text.
#[derive(Debug, Clone, Default)]
pub struct Known {}

/// What the gate has to know of it.
pub fn finding(text: &str, language: Language, _known: &Known) -> GuardFinding {
    match LexiconJudge.tier(text, language) {
        Tier::T0 | Tier::T1 => GuardFinding::Clear,
        tier => GuardFinding::Needs { tier, sensitive: false },
    }
}
