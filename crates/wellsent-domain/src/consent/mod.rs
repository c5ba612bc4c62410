//! The four independent permissions per person and number, and the suppression that ends texts to a number.
//!
//! None of the permissions implies another: texting consent by category, the warning about unencrypted texts and its
//! acceptance, a marketing authorization, and confidential-communication directives.

mod authorization;
mod event;
mod permissions;

pub use authorization::{AuthorizationForm, Expiry, FormFault};
pub use event::{Act, Event};
pub use permissions::Permissions;

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
        /// The opt-in confirmation of a category went out (C-02).
        Confirmed = "confirmed",
        /// The warning about unencrypted texts was shown (H-04).
        Warned = "warned",
        /// The warning was accepted.
        WarningAccepted = "warning_accepted",
        /// The acceptance is withdrawn, or the warning was declined.
        WarningWithdrawn = "warning_withdrawn",
        /// A marketing authorization was signed (H-13).
        Authorized = "authorized",
        /// A marketing authorization ended: revoked in writing, or closed by hand (H-14).
        AuthorizationEnded = "authorization_ended",
        /// A confidential-communication request was recorded (H-08).
        Directed = "directed",
        /// Such a request ended.
        DirectiveEnded = "directive_ended",
        /// A code was asked for (N-02). It changes no permission and is the basis on which the code goes.
        CodeAsked = "code_asked",
        /// A code that was sent to the number came back (H-07).
        Verified = "verified",
        /// The patient confirmed in person that the number is still theirs (H-07).
        NumberConfirmed = "number_confirmed",
        /// The person has another number now: nothing carries over (H-04).
        NumberReplaced = "number_replaced",
        /// Texts to the number are stopped (T-08).
        Suppressed = "suppressed",
        /// The person came back by an act of their own (P11).
        Resumed = "resumed",
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

impl Directive {
    /// The stable word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NeverText => "never_text",
            Self::NotThisNumber => "not_this_number",
            Self::OnlyBetween(_) => "only_between",
            Self::NothingClinical => "nothing_clinical",
        }
    }
}

/// A HIPAA marketing authorization (H-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorization {
    /// The event that recorded it.
    pub event: ConsentEventId,
    /// Last day, if it ends by itself. One that ends with an event is closed by hand.
    pub until: Option<Date>,
}

impl Authorization {
    /// Whether it is alive on a day.
    pub fn holds(&self, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }
}
