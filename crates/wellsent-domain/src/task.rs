//! What a person at the practice has to do.

use crate::words::words;

words! {
    /// Kinds of task, most urgent first.
    pub enum TaskKind {
        /// Somebody may be in danger (M-02).
        Distress = "distress",
        /// A number reached the wrong person (T-13); an incident may follow (H-31).
        WrongNumber = "wrong_number",
        /// The carrier refused the account: nothing goes until somebody mends that.
        CarrierStopped = "carrier_stopped",
        /// The agreement with a carrier ends soon, or is over (H-19).
        AgreementEnds = "agreement_ends",
        /// A text may or may not have gone (P4).
        UnknownOutcome = "unknown_outcome",
        /// A patient wants another time.
        Reschedule = "reschedule",
        /// A patient may want to cancel a visit.
        CancelVisit = "cancel_visit",
        /// An answer that fits no visit, or several (M-03).
        UnclearAnswer = "unclear_answer",
        /// A revocation that staff should look at: a bare "cancel", odd wording, a shared number (P11, T-12).
        CheckRevocation = "check_revocation",
        /// Somebody on a shared or suppressed number wants texts again (P11).
        Resubscribe = "resubscribe",
        /// The gate wants a person to look before a text goes.
        Review = "review",
        /// A text did not arrive and the visit is near.
        NotDelivered = "not_delivered",
        /// Somebody must be called instead of texted.
        CallInstead = "call_instead",
        /// A text from a number that nobody here has.
        UnknownSender = "unknown_sender",
        /// Somebody guesses at codes or at the second fact of a page (N-04).
        GuessedCodes = "guessed_codes",
        /// A carrier would not forget texts that it was asked to forget (TW-17).
        NotForgotten = "not_forgotten",
        /// Automatic answers stopped because they went round in a circle.
        AutoReplyLoop = "auto_reply_loop",
        /// A message in the thread that wants an answer.
        Reply = "reply",
    }
}

impl TaskKind {
    /// The title for staff.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Distress => "Possible emergency: call now",
            Self::WrongNumber => "Wrong number",
            Self::CarrierStopped => "The carrier refused the account: texts wait",
            Self::AgreementEnds => "An agreement with a carrier ends",
            Self::UnknownOutcome => "Unclear whether a text went out",
            Self::Reschedule => "Wants another time",
            Self::CancelVisit => "May want to cancel a visit",
            Self::UnclearAnswer => "Unclear answer",
            Self::CheckRevocation => "Opted out: please check",
            Self::Resubscribe => "Wants texts again",
            Self::Review => "Waiting for a decision",
            Self::NotDelivered => "Text did not arrive",
            Self::CallInstead => "Call instead of texting",
            Self::UnknownSender => "Text from an unknown number",
            Self::GuessedCodes => "Wrong codes: please check",
            Self::NotForgotten => "A carrier still has texts",
            Self::AutoReplyLoop => "Automatic answers stopped",
            Self::Reply => "Message to answer",
        }
    }

    /// Whether staff is paged at once, day or night.
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::Distress)
    }
}
