//! A message: a text that is wanted, on its way, or sent.

use crate::words::words;

words! {
    /// The programme that wants a message.
    pub enum Programme {
        /// Appointment reminders.
        Reminders = "reminders",
        /// The first text of a category (C-02).
        OptIn = "opt_in",
        /// Answers to what a patient sent.
        Answers = "answers",
        /// What a staff member wrote.
        Conversation = "conversation",
        /// Codes that prove a phone.
        Verification = "verification",
        /// Messages of an application through the API.
        Application = "application",
        /// Safety notices to many.
        Broadcast = "broadcast",
    }
}

words! {
    /// Why PHI is used in a message (H-05).
    pub enum Purpose {
        /// Care, reminders included (H-11).
        Treatment = "treatment",
        /// Payment.
        Payment = "payment",
        /// Running the practice.
        Operations = "operations",
        /// Encouraging to buy or use something (H-12).
        Marketing = "marketing",
        /// The patient asked for a copy of their data (H-05).
        AccessRequest = "access_request",
    }
}

words! {
    /// Where a message stands. Every move is listed in [`MessageState::may_become`].
    pub enum MessageState {
        /// Wanted, waiting for its time or for a hold to end.
        Planned = "planned",
        /// Waiting for a person's decision.
        Review = "review",
        /// Handed to the carrier, answer not known yet: an attempt is open.
        Submitting = "submitting",
        /// The carrier has it.
        Submitted = "submitted",
        /// Nobody can tell yet whether the carrier has it (P4).
        Unknown = "unknown",
        /// The handset's carrier confirms it.
        Delivered = "delivered",
        /// It left and did not arrive.
        Undelivered = "undelivered",
        /// It did not leave: the carrier refused it or gave up.
        Failed = "failed",
        /// The gate said no.
        Refused = "refused",
        /// Nobody wants it any more: the visit moved or was cancelled.
        Withdrawn = "withdrawn",
    }
}

impl MessageState {
    /// Whether the carrier can have it.
    pub const fn may_have_left(self) -> bool {
        matches!(self, Self::Submitting | Self::Submitted | Self::Unknown | Self::Delivered | Self::Undelivered)
    }

    /// Whether nothing more will happen to it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Undelivered | Self::Failed | Self::Refused | Self::Withdrawn)
    }

    /// The moves that exist. `Unknown` goes back to `Planned` only when the carrier is known not to have it, or for urgent templates (P4).
    pub fn may_become(self, next: Self) -> bool {
        use MessageState::*;
        match self {
            Planned => matches!(next, Planned | Review | Submitting | Refused | Withdrawn),
            Review => matches!(next, Planned | Refused | Withdrawn),
            Submitting => matches!(next, Submitted | Unknown | Planned | Failed | Delivered | Undelivered),
            Unknown => matches!(next, Submitted | Planned | Failed | Delivered | Undelivered),
            Submitted => matches!(next, Delivered | Undelivered | Failed),
            Undelivered => matches!(next, Delivered),
            Failed => matches!(next, Delivered | Undelivered),
            Delivered | Refused | Withdrawn => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_may_have_left_is_planned_again_without_passing_a_known_outcome() {
        for state in [MessageState::Submitted, MessageState::Delivered, MessageState::Undelivered] {
            assert!(!state.may_become(MessageState::Planned));
        }
    }

    #[test]
    fn a_refused_message_stays_refused() {
        for next in MessageState::ALL {
            assert!(!MessageState::Refused.may_become(*next));
        }
    }

    #[test]
    fn words_read_back() {
        for state in MessageState::ALL {
            assert_eq!(MessageState::parse(state.as_str()), Some(*state));
        }
    }
}
