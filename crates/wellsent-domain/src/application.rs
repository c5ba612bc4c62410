//! Applications: programs of the practice's own that send texts through the API of a well-known carrier, and what they are told about their texts.
//!
//! What they are told is a ladder of steps that only goes up (TW-12), drawn from where a message stands here, and error codes that such
//! programs know already (TW-15).

use crate::carrier_report::Failure;
use crate::gate::Reason;
use crate::message::MessageState;
use crate::words::words;

words! {
    /// Which way a text went.
    pub enum Direction {
        /// From a patient to a sender that the application uses.
        Inbound = "inbound",
        /// Asked for through the API.
        Api = "outbound-api",
        /// Asked for in the answer to a patient's text.
        Reply = "outbound-reply",
    }
}

words! {
    /// How far a text has come, in the words of that API. The order is that of the ladder (TW-12).
    pub enum Step {
        /// Taken; the gate or a person has yet to let it go.
        Accepted = "accepted",
        /// Waits for the instant that the application asked for.
        Scheduled = "scheduled",
        /// Waits for its turn.
        Queued = "queued",
        /// With the carrier, whose answer is not known.
        Sending = "sending",
        /// The carrier has it.
        Sent = "sent",
        /// Taken back before it left.
        Canceled = "canceled",
        /// It did not leave.
        Failed = "failed",
        /// It left and did not arrive.
        Undelivered = "undelivered",
        /// The handset's carrier confirms it.
        Delivered = "delivered",
        /// A patient's text came in.
        Received = "received",
    }
}

impl Step {
    /// The step on which a message in this state stands. `asked` is the step that the application was told when it handed the text over: it holds
    /// as long as the message has not moved.
    pub const fn of(state: MessageState, asked: Self) -> Self {
        match state {
            MessageState::Planned | MessageState::Review => asked,
            MessageState::Submitting | MessageState::Unknown => Self::Sending,
            MessageState::Submitted => Self::Sent,
            MessageState::Delivered => Self::Delivered,
            MessageState::Undelivered => Self::Undelivered,
            MessageState::Failed | MessageState::Refused => Self::Failed,
            MessageState::Withdrawn => Self::Canceled,
        }
    }

    /// The steps that an application is called about when a text goes up from `self` to `next`, in their order: none for the first step, none for
    /// one that it has been called about, and what was passed on the way as well (TW-09).
    pub fn told_on_the_way_to(self, next: Self) -> Vec<Self> {
        let passed: &[Self] = match next {
            Self::Sending => &[Self::Queued],
            Self::Sent => &[Self::Queued, Self::Sent],
            Self::Undelivered => &[Self::Queued, Self::Sent, Self::Undelivered],
            Self::Delivered => &[Self::Queued, Self::Sent, Self::Delivered],
            Self::Failed => &[Self::Failed],
            Self::Canceled => &[Self::Canceled],
            Self::Accepted | Self::Scheduled | Self::Queued | Self::Received => &[],
        };
        // What failed and then arrived all the same was sent, whether or not that was told.
        passed.iter().copied().filter(|step| *step > self).collect()
    }

    /// Whether nothing more is expected.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::Failed | Self::Undelivered | Self::Delivered | Self::Received)
    }

    /// Whether the text is still here, so that it can be taken back.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Accepted | Self::Scheduled | Self::Queued)
    }
}

/// The code under which an application learns of a carrier's failure (TW-15).
pub const fn failure_code(failure: Failure) -> i64 {
    match failure {
        Failure::InvalidNumber => 21211,
        Failure::NotTextable => 30006,
        Failure::OptedOut => 21610,
        Failure::Blocked => 30004,
        Failure::Filtered => 30007,
        Failure::SenderNotRegistered => 30034,
        Failure::Unreachable => 30003,
        Failure::UnknownHandset => 30005,
        Failure::Expired => 30036,
        Failure::Configuration | Failure::Other => 30008,
    }
}

/// The code under which an application learns why the gate refused. Where that API has no word for it the code is one of ours, from 70000 on; the
/// reasons themselves go with it.
pub const fn refusal_code(reason: Reason) -> i64 {
    use Reason::*;
    match reason {
        Suppressed => 21610,
        NumberInvalid => 21211,
        NotTextable => 21614,
        NoConsent | NumberNotGiven | OptInNotConfirmed | NoWrittenConsent | NoAuthorization | ConversationOver => 70001,
        WarningNotShown
        | WarningNotAccepted
        | NumberNotVerified
        | VerificationLapsed
        | SharedNumber
        | Sensitive
        | PartTwo
        | ClinicalTextsOff
        | DirectiveNothingClinical
        | NeverByText
        | TooManyParts
        | GuardFound
        | NoWording
        | ProxyNotClinical => 70002,
        DirectiveNeverText | DirectiveNotThisNumber | DirectiveHours | Deceased | NotActive | MinorWithoutProxy | ProxyEnded => 70003,
        TooLate | TooLateAfterHold | OutsideHours | NoCommonHour | DailyCap | WeeklyCap | AutoReplyLoop => 70004,
        NumberDisputed | NumberReplaced | NumberReassigned | ReassignedCheckDue => 70005,
        _ => 70006,
    }
}

/// The code for a list of reasons: that of the first that has a word in that API, or else of the first.
pub fn refusal_code_of(reasons: &[Reason]) -> i64 {
    let codes = || reasons.iter().map(|reason| refusal_code(*reason));
    codes().find(|code| *code < 70_000).or_else(|| codes().next()).unwrap_or(70_006)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_once_and_in_order_whatever_was_skipped() {
        for from in [Step::Accepted, Step::Scheduled, Step::Queued, Step::Sending, Step::Sent] {
            for to in [Step::Sending, Step::Sent, Step::Undelivered, Step::Delivered] {
                let told = from.told_on_the_way_to(to);
                assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "{from:?} {to:?}");
                assert!(told.iter().all(|step| *step > from && *step <= to), "{from:?} {to:?}");
            }
        }
        assert_eq!(Step::Queued.told_on_the_way_to(Step::Delivered), [Step::Sent, Step::Delivered]);
        assert_eq!(Step::Sent.told_on_the_way_to(Step::Delivered), [Step::Delivered]);
        assert_eq!(Step::Delivered.told_on_the_way_to(Step::Sent), []);
        assert_eq!(Step::Failed.told_on_the_way_to(Step::Delivered), [Step::Delivered]);
    }

    #[test]
    fn a_text_that_waits_stands_where_the_application_was_told() {
        for asked in [Step::Accepted, Step::Scheduled, Step::Queued] {
            assert_eq!(Step::of(MessageState::Planned, asked), asked);
            assert!(asked.is_waiting() && !asked.is_final());
        }
        assert_eq!(Step::of(MessageState::Refused, Step::Queued), Step::Failed);
        assert_eq!(Step::of(MessageState::Withdrawn, Step::Scheduled), Step::Canceled);
    }

    #[test]
    fn an_opt_out_has_the_code_that_programs_look_for() {
        assert_eq!(refusal_code_of(&[Reason::NoConsent, Reason::Suppressed]), 21610);
        assert_eq!(refusal_code_of(&[Reason::NoConsent]), 70001);
        assert_eq!(refusal_code_of(&[]), 70006);
    }
}
