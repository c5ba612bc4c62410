//! What a patient wants to be texted, and when.

use askama::Template;
use wellsent_domain::Language;
use wellsent_domain::consent::Category;

use super::date_words::hour_words;
use super::frame::Frame;
use super::phrases::{Phrase, PreferencesWords};

/// The preferences of one person at one number.
///
/// Forms, all with `lang`: `step=save`, or `step=start` while all texts are stopped, with a field for each category (`appointments`, `care`,
/// `billing`, `surveys`, `marketing`: `yes` or `no`), `warning` (`yes` or `no`), `text_lang` (`en` or `es`), `hours` (`any` or `between`),
/// `from` and `to` (whole hours, `8` to `21`) · `step=stop`, which leads to [`StopTexts`].
#[derive(Clone, Template)]
#[template(path = "patient/preferences.html")]
pub struct Preferences {
    /// The frame.
    pub frame: Frame,
    /// The number, all but its end hidden: `(•••) •••-0123`.
    pub number: String,
    /// The categories in the order in which they are asked.
    pub topics: Vec<TopicChoice>,
    /// Whether a signed paper for news and offers is there (T-03).
    pub marketing_paper: bool,
    /// Whether the warning about unencrypted texts is accepted for this number; `None` while it is unanswered (H-04).
    pub warning_accepted: Option<bool>,
    /// The language of the texts.
    pub text_lang: Language,
    /// When texts may arrive.
    pub hours: Hours,
    /// The hours that the practice allows: the first, and the one at which it ends.
    pub allowed: (u8, u8),
    /// Whether all texts to this number are stopped.
    pub stopped: bool,
    /// What became of the form just sent.
    pub note: Option<PreferencesNote>,
}

/// A category and what the patient said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicChoice {
    /// Which.
    pub topic: Category,
    /// The answer that stands, if there is one.
    pub answer: Option<bool>,
}

/// When texts may arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// Whenever the practice allows.
    Any,
    /// From one whole hour until another.
    Between(u8, u8),
}

/// What became of the preferences just sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreferencesNote {
    /// They are kept.
    Saved,
    /// The end of the hours is not after their start.
    HoursWrong,
    /// A question is unanswered.
    Unanswered,
}

impl Preferences {
    pub(super) const fn t(&self) -> &'static PreferencesWords {
        PreferencesWords::of(self.frame.lang)
    }

    pub(super) const fn at(&self) -> &'static str {
        ""
    }

    /// What the texts of a category are.
    pub(super) const fn what(&self, topic: &Category) -> Phrase {
        self.frame.wording().topic(*topic).1
    }

    /// The question about a category.
    pub(super) const fn ask(&self, topic: &Category) -> Phrase {
        match topic {
            Category::Appointments => self.t().appointments_ask,
            Category::Care => self.t().care_ask,
            Category::Billing => self.t().billing_ask,
            Category::Surveys => self.t().surveys_ask,
            Category::Marketing => self.t().marketing_ask,
        }
    }

    pub(super) fn is_saved(&self) -> bool {
        self.note == Some(PreferencesNote::Saved)
    }

    pub(super) fn fault(&self) -> Option<Phrase> {
        match self.note? {
            PreferencesNote::Saved => None,
            PreferencesNote::HoursWrong => Some(self.t().hours_wrong),
            PreferencesNote::Unanswered => Some(self.frame.words().answer_each),
        }
    }

    pub(super) fn are_hours_wrong(&self) -> bool {
        self.note == Some(PreferencesNote::HoursWrong)
    }

    pub(super) const fn is_between(&self) -> bool {
        matches!(self.hours, Hours::Between(..))
    }

    /// The hours to choose a start from: number, words, and whether it is chosen.
    pub(super) fn starts(&self) -> Vec<(u8, String, bool)> {
        let chosen = match self.hours {
            Hours::Any => self.allowed.0,
            Hours::Between(from, _) => from,
        };
        (self.allowed.0..self.allowed.1).map(|hour| (hour, hour_words(self.frame.lang, hour), hour == chosen)).collect()
    }

    /// The hours to choose an end from.
    pub(super) fn ends(&self) -> Vec<(u8, String, bool)> {
        let chosen = match self.hours {
            Hours::Any => self.allowed.1,
            Hours::Between(_, to) => to,
        };
        (self.allowed.0 + 1..=self.allowed.1).map(|hour| (hour, hour_words(self.frame.lang, hour), hour == chosen)).collect()
    }
}

/// Asks once more before all texts end. Its address is `?at=stop`.
///
/// Form: `step=stop_yes`, with `lang`. The way back is a link to the preferences.
#[derive(Clone, Template)]
#[template(path = "patient/stop.html")]
pub struct StopTexts {
    /// The frame.
    pub frame: Frame,
    /// The number, all but its end hidden.
    pub number: String,
}

impl StopTexts {
    pub(super) const fn t(&self) -> &'static PreferencesWords {
        PreferencesWords::of(self.frame.lang)
    }

    pub(super) const fn at(&self) -> &'static str {
        "stop"
    }
}
