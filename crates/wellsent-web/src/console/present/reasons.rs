//! The reasons of the gate in the few words of a list. The full sentences stand on the message's own page.

use super::capital;
use wellsent_domain::gate::Reason;

/// A reason in a few words, to go on with after a comma or a colon.
pub(crate) const fn short(reason: Reason) -> &'static str {
    match reason {
        Reason::SendingOff => "sending is off",
        Reason::RestoreNotReconciled => "a restore is not reconciled",
        Reason::Suppressed => "this number opted out",
        Reason::ConfirmationTooLate => "more than five minutes after the opt-out",
        Reason::InboundNotRouted => "a text of theirs is being read",
        Reason::NoConsent => "no consent on record",
        Reason::NumberNotGiven => "the number is not from the patient",
        Reason::OptInNotConfirmed => "the first text has to go before",
        Reason::NoWrittenConsent => "no written consent",
        Reason::NoAuthorization => "no marketing authorization",
        Reason::DirectiveNeverText => "asked never to be texted",
        Reason::DirectiveNotThisNumber => "asked not to be texted at this number",
        Reason::DirectiveHours => "outside the hours that they asked for",
        Reason::Deceased => "the patient has died",
        Reason::NotActive => "no longer with the practice",
        Reason::MinorWithoutProxy => "a minor, and not a parent's number",
        Reason::ProxyEnded => "the proxy's right has ended",
        Reason::ProxyNotClinical => "the proxy may know about visits only",
        Reason::NumberDisputed => "wrong number",
        Reason::NumberInvalid => "the number does not exist",
        Reason::NotTextable => "the number cannot get texts",
        Reason::NumberReplaced => "the patient has another number",
        Reason::NumberReassigned => "the number changed hands",
        Reason::ReassignedCheckDue => "the number has to be checked",
        Reason::VisitCancelled => "the visit is cancelled",
        Reason::VisitMoved => "the visit was moved",
        Reason::VisitPassed => "the visit has begun",
        Reason::VisitNotPermitted => "may not be texted at this number",
        Reason::TooLate => "too late to be of use",
        Reason::TooLateAfterHold => "too late by the time it may go",
        Reason::OutsideHours => "outside texting hours",
        Reason::NoCommonHour => "no hour suits each possible time zone",
        Reason::DailyCap => "enough texts for one day",
        Reason::WeeklyCap => "enough texts for one week",
        Reason::ConversationOver => "the conversation is over",
        Reason::AutoReplyLoop => "automatic answers went in a circle",
        Reason::EmergencyApprovalOver => "its approval has ended",
        Reason::WarningNotShown => "not warned about unencrypted texts",
        Reason::WarningNotAccepted => "unencrypted texts not accepted",
        Reason::NumberNotVerified => "the number is not verified",
        Reason::VerificationLapsed => "the number was verified too long ago",
        Reason::SharedNumber => "several people share the number",
        Reason::Sensitive => "specially protected",
        Reason::PartTwo => "a practice under 42 CFR Part 2",
        Reason::ClinicalTextsOff => "no clinical texts here",
        Reason::DirectiveNothingClinical => "asked for nothing clinical",
        Reason::NeverByText => "never goes by text",
        Reason::TooManyParts => "too long",
        Reason::GuardFound => "may tell too much",
        Reason::NoWording => "no wording that may go",
        Reason::SenderNotApproved => "the sender is not approved",
        Reason::SenderBusy => "the sender is busy",
        Reason::NoAgreement => "no agreement with the carrier",
        Reason::NotEligible => "not covered by the agreement",
        Reason::BrandCap => "enough parts for one day at the carriers",
        Reason::CarrierUnavailable => "the carrier is out of reach",
    }
}

/// Several reasons in one line: `No consent on record, wrong number`.
pub(crate) fn short_line(reasons: &[Reason]) -> String {
    capital(&reasons.iter().map(|reason| short(*reason)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_fits_a_line_and_goes_on_a_sentence() {
        for reason in Reason::ALL {
            let words = short(*reason);
            assert!(words.len() <= 42, "{words}");
            assert!(!words.contains('_') && !words.ends_with('.'), "{words}");
            assert!(words.starts_with(|first: char| first.is_lowercase()), "{words}");
        }
    }

    #[test]
    fn a_line_begins_with_a_capital() {
        assert_eq!(short_line(&[Reason::NumberDisputed, Reason::Suppressed]), "Wrong number, this number opted out");
        assert_eq!(short_line(&[]), "");
    }
}
