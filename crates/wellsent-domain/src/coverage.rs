//! How far the panel of a practice can be texted: one class for each patient, from the same facts that the gate looks at.
//!
//! The classes exclude one another and cover everybody. A test holds the last of them against the gate's own answer.

use crate::Phi;
use crate::consent::{Directive, Warning};
use crate::gate::{Reached, Reassigned};
use crate::person::{ContactState, LineType, age_on};
use crate::practice::Settings;
use crate::verification::{Recheck, recheck};
use crate::words::words;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

words! {
    /// Where a patient stands for texts of one category. The first that is true counts.
    pub enum Coverage {
        /// There is no number.
        NoNumber = "no_number",
        /// The number cannot be texted: wrong, dead, a landline, or somebody else's by now (T-13, T-14).
        NumberFails = "number_fails",
        /// Texts are stopped (T-08).
        Stopped = "stopped",
        /// The patient asked never to be texted, or not at this number (H-08).
        NeverText = "never_text",
        /// A minor with no parent on the number, or somebody whose proxy's right has ended (H-17, H-18).
        NoProxy = "no_proxy",
        /// No consent to the category stands (T-01).
        NoConsent = "no_consent",
        /// Consent stands and its confirmation has not gone out (C-02).
        NotConfirmed = "not_confirmed",
        /// General texts may go. Details may not, whatever the patient does at this number: it is shared, the record is sensitive, or the
        /// patient or the practice wants none by text (H-07, H-08, H-41, H-42).
        DetailsBarred = "details_barred",
        /// General texts may go. Unencrypted details were not accepted (H-04).
        General = "general",
        /// Details were accepted, and the phone is not proven, or the proof has lapsed (H-07).
        NotVerified = "not_verified",
        /// Details may go.
        Details = "details",
    }
}

impl Coverage {
    /// Whether general texts of the category may go, perhaps after the opt-in confirmation.
    pub const fn has_consent(self) -> bool {
        matches!(self, Self::NotConfirmed | Self::DetailsBarred | Self::General | Self::NotVerified | Self::Details)
    }

    /// Whether there is a number that can be texted.
    pub const fn has_number(self) -> bool {
        !matches!(self, Self::NoNumber | Self::NumberFails)
    }
}

words! {
    /// How far a patient came on the way to texts with details. Each step has the one before behind it.
    pub enum Step {
        /// A patient of the practice.
        Patient = "patient",
        /// With a number that can be texted.
        Number = "number",
        /// Was asked.
        Asked = "asked",
        /// Consent stands.
        Consented = "consented",
        /// The opt-in confirmation went out, where the practice sends one.
        Confirmed = "confirmed",
        /// Accepted unencrypted details.
        Accepted = "accepted",
        /// The phone is proven.
        Verified = "verified",
    }
}

/// What holds for every patient of a practice.
#[derive(Debug, Clone)]
pub struct PanelSetting<'a> {
    /// What the practice has set.
    pub settings: &'a Settings,
    /// The practice's own zone.
    pub zone: &'a TimeZone,
    /// Whether the practice is under 42 CFR Part 2.
    pub part2: bool,
    /// The present instant.
    pub now: Timestamp,
}

/// The facts of one active patient.
#[derive(Debug, Clone)]
pub struct PanelFacts {
    /// The birth date.
    pub birth_date: Option<Phi<Date>>,
    /// Whether everything about the patient drops to T1.
    pub sensitive: bool,
    /// The number that texts go to.
    pub number: Option<PanelNumber>,
    /// Confidential-communication requests that bind at that number.
    pub directives: Vec<Directive>,
}

/// The facts of a patient's number.
#[derive(Debug, Clone)]
pub struct PanelNumber {
    /// What is known of it.
    pub state: ContactState,
    /// What kind of line it is.
    pub line: LineType,
    /// What the reassigned-number database says.
    pub reassigned: Reassigned,
    /// Whether more than one person is reached at it.
    pub shared: bool,
    /// When a code last came back from it.
    pub verified_at: Option<Timestamp>,
    /// When the patient last confirmed it at a visit.
    pub confirmed_at: Option<Timestamp>,
    /// Whose ear it is.
    pub reached: Reached,
    /// Whether a revocation binds this patient.
    pub stopped: bool,
    /// The warning about unencrypted texts.
    pub warning: Warning,
    /// The consent to the category.
    pub consent: Asked,
}

/// How a patient answered to texts of a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing is known.
    Never,
    /// No, or no longer.
    No,
    /// Yes.
    Yes {
        /// Whether the opt-in confirmation went out.
        confirmed: bool,
    },
}

impl PanelNumber {
    fn fails(&self, setting: &PanelSetting<'_>) -> bool {
        let checked_at = match self.reassigned {
            Reassigned::Yes => return true,
            Reassigned::No { checked_at } => Some(checked_at),
            Reassigned::Unchecked | Reassigned::NoData => None,
        };
        let stale = setting.settings.reassigned_check_days.is_some_and(|days| checked_at.is_none_or(|at| is_older(at, days, setting.now)));
        stale || self.state != ContactState::Live || matches!(self.line, LineType::Landline | LineType::TollFree)
    }

    /// Whether the phone is proven, and that recently enough (H-07).
    pub fn is_verified(&self, setting: &PanelSetting<'_>) -> bool {
        let Some(verified_at) = self.verified_at else { return false };
        let fresh_at = self.confirmed_at.map_or(verified_at, |at| at.max(verified_at));
        !is_older(fresh_at, setting.settings.verification_days, setting.now)
    }
}

fn is_older(at: Timestamp, days: i64, now: Timestamp) -> bool {
    now.duration_since(at) > SignedDuration::from_hours(24 * days)
}

impl PanelFacts {
    /// The class of the patient.
    pub fn coverage(&self, setting: &PanelSetting<'_>) -> Coverage {
        let Some(number) = &self.number else { return Coverage::NoNumber };
        if number.fails(setting) {
            return Coverage::NumberFails;
        }
        if number.stopped {
            return Coverage::Stopped;
        }
        if self.directives.iter().any(|directive| matches!(directive, Directive::NeverText | Directive::NotThisNumber)) {
            return Coverage::NeverText;
        }
        if !self.is_reached_rightly(number, setting) {
            return Coverage::NoProxy;
        }
        match number.consent {
            Asked::Never | Asked::No => return Coverage::NoConsent,
            Asked::Yes { confirmed: false } if setting.settings.confirm_opt_in => return Coverage::NotConfirmed,
            Asked::Yes { .. } => {}
        }
        if self.details_are_barred(number, setting) {
            Coverage::DetailsBarred
        } else if number.warning != Warning::Accepted {
            Coverage::General
        } else if !number.is_verified(setting) {
            Coverage::NotVerified
        } else {
            Coverage::Details
        }
    }

    fn is_reached_rightly(&self, number: &PanelNumber, setting: &PanelSetting<'_>) -> bool {
        let today = setting.zone.to_datetime(setting.now).date();
        let birth = self.birth_date.as_ref().map(|date| *date.expose());
        let majority = setting.settings.majority_years;
        match number.reached {
            Reached::Own => birth.is_none_or(|birth| age_on(birth, today) >= majority),
            Reached::MatureMinor => true,
            Reached::Proxy(proxy) => proxy.holds(birth, today, majority),
        }
    }

    fn details_are_barred(&self, number: &PanelNumber, setting: &PanelSetting<'_>) -> bool {
        !setting.settings.clinical_texts
            || setting.part2
            || self.sensitive
            || number.shared
            || self.directives.contains(&Directive::NothingClinical)
            || matches!(number.reached, Reached::Proxy(proxy) if !proxy.clinical)
    }

    /// How far the patient came, given their class.
    pub fn step(&self, coverage: Coverage, setting: &PanelSetting<'_>) -> Step {
        let Some(number) = self.number.as_ref().filter(|_| coverage.has_number()) else { return Step::Patient };
        if number.consent == Asked::Never && number.warning == Warning::NotShown {
            Step::Number
        } else if !coverage.has_consent() {
            Step::Asked
        } else if coverage == Coverage::NotConfirmed {
            Step::Consented
        } else if number.warning != Warning::Accepted {
            Step::Confirmed
        } else if !number.is_verified(setting) {
            Step::Accepted
        } else {
            Step::Verified
        }
    }

    /// Since when the number was neither proven nor confirmed, where it is time to ask again at a visit (H-07).
    pub fn recheck_due(&self, coverage: Coverage, setting: &PanelSetting<'_>) -> Option<Timestamp> {
        let number = self.number.as_ref().filter(|_| coverage.has_consent())?;
        match recheck(number.verified_at, number.confirmed_at, setting.settings.recheck_days, setting.now) {
            Recheck::Due { since } => Some(since),
            Recheck::NeverVerified | Recheck::NotDue => None,
        }
    }
}
