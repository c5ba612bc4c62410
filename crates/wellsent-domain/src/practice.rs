//! The practice (tenant) and its locations; its senders and agreements have files of their own.

use crate::quiet::Window;
use crate::secure_page::Factor;
use crate::words::words;
use crate::{LocationId, PhoneNumber, PracticeId};
use jiff::civil::Time;
use jiff::tz::TimeZone;

pub use crate::agreement::{Agreement, EndStage, Service, Services};
pub use crate::sender::{Registration, Sender, SenderKind};

/// A practice: everything belongs to exactly one.
#[derive(Debug, Clone)]
pub struct Practice {
    /// Its id.
    pub id: PracticeId,
    /// The name for staff.
    pub name: String,
    /// The name that stands in texts. It must not tell a specialty (H-01, H-41).
    pub text_name: String,
    /// The number to call back, as it stands in texts. It is public, not PHI.
    pub call_back: PhoneNumber,
    /// The zone of the practice's own clock.
    pub zone: TimeZone,
    /// What it has set.
    pub settings: Settings,
}

/// What a practice sets. Every default is the safe one.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whether texts may leave at all.
    pub sending: Sending,
    /// When automated texts may arrive, in the patient's own time (T-07).
    pub texting_window: Window,
    /// Automated texts to one number in any 24 hours, and on one local day (T-04 F).
    pub texts_per_day_max: u32,
    /// Automated texts to one number in any seven days (T-04 F).
    pub texts_per_week_max: u32,
    /// Parts an automated text may have (C-13).
    pub parts_max: usize,
    /// How long a verification of a number holds, in days (H-07).
    pub verification_days: i64,
    /// After how many days without proof or confirmation the front desk asks at a visit whether the number is still the patient's (H-07).
    pub recheck_days: i64,
    /// The second fact that opens a page behind a link (H-03).
    pub page_factor: Factor,
    /// Whether the first text of a category must be the opt-in confirmation (C-02).
    pub confirm_opt_in: bool,
    /// Whether clinical content (T2) may go by text at all, with warning, acceptance and a verified number.
    pub clinical_texts: bool,
    /// Automatic answers to one number in one hour before the loop breaker opens.
    pub auto_replies_per_hour_max: u32,
    /// How long a staff member may go on with a conversation that the patient began, in hours (C-01).
    pub conversation_hours: i64,
    /// How old at most a deceased-or-reassigned check may be before the first text after quiet, in days (T-14). `None` switches the check off.
    pub reassigned_check_days: Option<i64>,
    /// The birthday at which a parent's authority ends, in years (H-17).
    pub majority_years: i16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sending: Sending::On,
            texting_window: Window::new(Time::constant(8, 0, 0, 0), Time::constant(21, 0, 0, 0)),
            texts_per_day_max: 1,
            texts_per_week_max: 3,
            parts_max: 1,
            verification_days: 365,
            recheck_days: 90,
            page_factor: Factor::Code,
            confirm_opt_in: true,
            clinical_texts: true,
            auto_replies_per_hour_max: 6,
            conversation_hours: 72,
            reassigned_check_days: None,
            majority_years: 18,
        }
    }
}

words! {
    /// The switch of a practice.
    pub enum Sending {
        /// Texts leave as the gate rules.
        On = "on",
        /// Somebody switched sending off.
        Off = "off",
        /// A backup was restored and opt-outs newer than it are not reconciled yet (P10).
        RestoredNotReconciled = "restored",
    }
}

/// A place where visits happen.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// The name for staff.
    pub name: String,
    /// The name that stands in texts; `None` where the name would tell a specialty.
    pub text_name: Option<String>,
    /// Its zone: visit times are told in it.
    pub zone: TimeZone,
}
