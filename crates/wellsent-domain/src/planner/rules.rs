//! Reminder rules.

use crate::{LocationId, ReminderRuleId};
use jiff::SignedDuration;
use jiff::civil::Time;

/// When a reminder is due, counted from the beginning of the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lead {
    /// So many days before by the calendar, at this wall time where the patient is.
    DaysAt {
        /// Days.
        days: i32,
        /// Wall time.
        at: Time,
    },
    /// So many days before by the calendar, at the wall time of the visit: "24 h before" over a clock change is 25 or 23 hours (T-07).
    Days(i32),
    /// So many minutes of elapsed time.
    Minutes(i64),
}

/// A rule that says when the reminders of a visit are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderRule {
    /// Its id.
    pub id: ReminderRuleId,
    /// Only for visits at this place; for all if `None`.
    pub location: Option<LocationId>,
    /// Only for this visit type; for all if `None`.
    pub visit_type: Option<String>,
    /// When.
    pub lead: Lead,
    /// The template for one visit.
    pub template: String,
    /// The template for several visits of one day.
    pub template_for_several: String,
    /// For how long the text is of use after it is due. Afterwards it is dropped, not sent (T-07).
    pub useful_for: SignedDuration,
    /// The last moment before the visit at which the text still helps.
    pub not_within: SignedDuration,
}

impl ReminderRule {
    /// Whether the rule speaks of visits of this kind.
    pub fn applies(&self, location: LocationId, visit_type: &str) -> bool {
        self.location.is_none_or(|wanted| wanted == location)
            && self.visit_type.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(visit_type))
    }
}
