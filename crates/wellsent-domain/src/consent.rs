//! The four independent permissions per person and number, and the suppression that ends texts to a number.
//!
//! None of the permissions implies another: texting consent by category, the warning about unencrypted texts and its
//! acceptance, a marketing authorization, and confidential-communication directives.

use crate::quiet::Window;
use crate::words::words;
use crate::{ConsentEventId, SuppressionId};
use jiff::Timestamp;
use jiff::civil::Date;

words! {
    /// What a consent to texts is about. Consent to one category is none to another (C-01).
    pub enum Category {
        /// Appointment reminders and what belongs to a visit.
        Appointments = "appointments",
        /// Instructions, medication reminders, results.
        Care = "care",
        /// Statements and payments: never under the health-care exemption (T-04 D).
        Billing = "billing",
        /// Questions about a visit.
        Surveys = "surveys",
        /// News and offers: needs written consent (T-01, T-03), and where somebody pays for it an authorization (H-12).
        Marketing = "marketing",
    }
}

words! {
    /// The way in which a consent, warning or revocation reached the practice.
    pub enum Channel {
        /// A paper form.
        Paper = "paper",
        /// The check-in screen.
        CheckIn = "check_in",
        /// A portal or secure page.
        Portal = "portal",
        /// Spoken to staff.
        Spoken = "spoken",
        /// A text.
        Text = "text",
        /// Brought in with a file that vouches for it.
        Import = "import",
        /// The carrier reported it.
        Carrier = "carrier",
    }
}

words! {
    /// What an event in the consent log says.
    pub enum ConsentAct {
        /// Texts of a category are agreed to.
        Granted = "granted",
        /// That agreement is withdrawn.
        Revoked = "revoked",
        /// The warning about unencrypted texts was shown (H-04).
        Warned = "warned",
        /// The warning was accepted.
        WarningAccepted = "warning_accepted",
        /// The acceptance is withdrawn.
        WarningWithdrawn = "warning_withdrawn",
    }
}

/// A consent that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The event that gave it.
    pub event: ConsentEventId,
    /// When.
    pub at: Timestamp,
    /// Whether it is written consent in the sense of T-03.
    pub written: bool,
    /// Whether the opt-in confirmation of this category went out before (C-02).
    pub confirmed: bool,
}

/// The revocation that ended texts to a number, whoever sent it: the law speaks of the number (T-08, P11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    /// The revocation.
    pub id: SuppressionId,
    /// When it was received.
    pub at: Timestamp,
    /// How.
    pub channel: Channel,
}

/// How far the warning about unencrypted texts has come for one person and number (H-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// Never shown for this number.
    NotShown,
    /// Shown, not answered.
    Shown,
    /// Shown and accepted.
    Accepted,
    /// Accepted and later withdrawn.
    Withdrawn,
}

/// A confidential-communication request that binds (H-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive {
    /// Never text.
    NeverText,
    /// Not to this number.
    NotThisNumber,
    /// Only between these hours of the patient's day.
    OnlyBetween(Window),
    /// Nothing clinical by text.
    NothingClinical,
}

/// A HIPAA marketing authorization (H-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorization {
    /// The event that recorded it.
    pub event: ConsentEventId,
    /// Last day, if it ends by itself.
    pub until: Option<Date>,
}
