//! Visits.

use crate::words::words;
use crate::{AppointmentId, LocationId, PersonId};
use jiff::Timestamp;

/// A visit.
#[derive(Debug, Clone)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// The patient.
    pub person: PersonId,
    /// The place.
    pub location: LocationId,
    /// The neutral name of the visit type, as rules name it.
    pub visit_type: String,
    /// When it begins. The wall time and zone of the location stand beside it in the store, so that a change of zone rules can be followed.
    pub starts_at: Timestamp,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// Goes up whenever time, place or patient changes: a reminder planned for another version is stale.
    pub version: i64,
    /// When the present time and place became known. A reminder that would have been due before that is not sent late.
    pub known_at: Timestamp,
    /// What the patient answered.
    pub answer: Option<VisitAnswer>,
    /// Whether it drops to T1 wording whatever the patient accepted (H-42).
    pub sensitive: bool,
}

words! {
    /// Where a visit stands.
    pub enum AppointmentStatus {
        /// It is to happen.
        Booked = "booked",
        /// The patient is here.
        Arrived = "arrived",
        /// It happened.
        Completed = "completed",
        /// It will not happen.
        Cancelled = "cancelled",
        /// The patient did not come.
        NoShow = "no_show",
    }
}

impl AppointmentStatus {
    /// Whether reminders make sense.
    pub const fn is_coming(self) -> bool {
        matches!(self, Self::Booked)
    }
}

words! {
    /// What a patient answered about a visit.
    pub enum VisitAnswer {
        /// Will come.
        Confirmed = "confirmed",
        /// Wants another time.
        WantsReschedule = "wants_reschedule",
        /// Says that it does not work; staff decides.
        Declined = "declined",
    }
}
