//! Who works at the practice, as far as a decision depends on it.

use crate::words::words;

words! {
    /// What somebody does at the practice.
    pub enum Role {
        /// Appointments, check-in, the inbox.
        FrontDesk = "front_desk",
        /// Care.
        Clinician = "clinician",
        /// Runs the practice, answers for compliance.
        Manager = "manager",
    }
}

impl Role {
    /// The name for pages.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FrontDesk => "Front desk",
            Self::Clinician => "Clinician",
            Self::Manager => "Manager",
        }
    }

    /// Whether what the content guard finds may be overridden, with a reason (M-01). Whether a text may say something about somebody's care is
    /// not for the front desk to decide.
    pub const fn may_override_guard(self) -> bool {
        matches!(self, Self::Clinician | Self::Manager)
    }

    /// Whether agreements, senders and texts of unknown outcome are this person's to look after (H-19, C-08, P4).
    pub const fn may_manage_carriers(self) -> bool {
        matches!(self, Self::Manager)
    }

    /// Whether numbers that too many wrong codes locked may be opened again (N-04).
    pub const fn may_unlock(self) -> bool {
        matches!(self, Self::Manager)
    }
}

words! {
    /// Why a finding of the content guard was overridden (M-01). A closed list, so that the reason itself tells nothing about a patient.
    pub enum OverrideReason {
        /// The guard is mistaken.
        NotHealth = "not_health",
        /// The patient asked for this answer by text.
        PatientAsked = "patient_asked",
        /// Waiting could harm the patient.
        Urgent = "urgent",
    }
}

impl OverrideReason {
    /// The sentence for pages.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotHealth => "It says nothing about anybody's health or identity",
            Self::PatientAsked => "The patient asked for this answer by text",
            Self::Urgent => "Waiting could harm the patient",
        }
    }
}
