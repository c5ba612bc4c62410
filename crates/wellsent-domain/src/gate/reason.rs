//! Why the gate holds, asks or refuses. Each reason has a stable code, a sentence for staff, the rule that it keeps, and what would change it.

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident { $code:literal, $rule:literal, $sentence:literal, $remedy:literal },)+) => {
        /// Why the gate holds, asks or refuses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])* $variant,)+ }

        impl Reason {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code, for storage and API.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The rule that it keeps.
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule),+ }
            }

            /// The sentence for staff.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence),+ }
            }

            /// What would change it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy),+ }
            }

            /// Reads a stored code.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

reasons! {
    /// Sending is switched off.
    SendingOff { "sending_off", "H-28d", "Sending is switched off for this practice.", "A manager switches sending on." },
    /// A restore has not been reconciled.
    RestoreNotReconciled { "restore_not_reconciled", "H-28k", "A backup was restored and opt-outs that came after it are not reconciled yet.", "Reconcile the opt-outs, then switch sending on." },
    /// The number revoked.
    Suppressed { "suppressed", "T-08", "Somebody at this number asked for texts to stop.", "The patient texts START, or gives fresh consent that is recorded here." },
    /// The one confirmation came too late.
    ConfirmationTooLate { "confirmation_too_late", "T-09", "More than five minutes passed since the opt-out, or it stands no more, so the confirmation is not sent.", "Nothing: a confirmation that comes late does harm." },
    /// A text of this number has not been read by the program yet.
    InboundNotRouted { "inbound_not_routed", "T-08", "A text from this number is being read; it could be an opt-out.", "Nothing to do: it is asked again in a moment." },
    /// No consent.
    NoConsent { "no_consent", "T-01", "There is no recorded consent to texts of this kind at this number.", "Record the patient's consent." },
    /// The number did not come from the patient.
    NumberNotGiven { "number_not_given", "T-02", "The number came from a third party, not from the patient.", "Ask the patient for the number and record the consent." },
    /// The opt-in confirmation has to go first.
    OptInNotConfirmed { "opt_in_not_confirmed", "C-02", "The opt-in confirmation has not gone out yet; it must be the first text.", "Nothing to do: it goes once the confirmation has." },
    /// Marketing without written consent.
    NoWrittenConsent { "no_written_consent", "T-03", "Marketing texts need written consent, and there is none.", "Have the patient sign the marketing consent." },
    /// Marketing without authorization.
    NoAuthorization { "no_authorization", "H-12", "There is no live HIPAA authorization for marketing.", "Have the patient sign an authorization." },
    /// Never text.
    DirectiveNeverText { "directive_never_text", "H-08", "The patient asked never to be texted.", "Call or write instead. Only the patient can change the request." },
    /// Not this number.
    DirectiveNotThisNumber { "directive_not_this_number", "H-08", "The patient asked not to be texted at this number.", "Use the number that the patient named." },
    /// Outside the hours the patient asked for.
    DirectiveHours { "directive_hours", "H-08", "The patient asked for texts only at certain hours.", "Nothing to do: it goes when those hours begin." },
    /// Has died.
    Deceased { "deceased", "H-01", "The patient has died.", "Nothing. If this is a mistake, correct the record." },
    /// Not a patient any more.
    NotActive { "not_active", "T-02", "The person is no longer with the practice.", "Set the person active again." },
    /// Nobody responsible is reached.
    MinorWithoutProxy { "minor_without_proxy", "T-17", "The patient is a minor and the number is not a parent's or guardian's.", "Add the parent's number, or record the basis on which the minor consents alone." },
    /// The proxy's right ended.
    ProxyEnded { "proxy_ended", "H-17", "The right of the person at this number to act for the patient has ended.", "Ask the patient for a number and consent of their own." },
    /// The proxy may not see clinical content.
    ProxyNotClinical { "proxy_not_clinical", "H-18", "The person at this number may know about visits, not about care.", "Record that the patient agreed to more." },
    /// The wrong person answered.
    NumberDisputed { "number_disputed", "T-13", "Somebody at this number says that it is the wrong number.", "Ask the patient for the right number." },
    /// Does not exist.
    NumberInvalid { "number_invalid", "TW-15", "The carrier says that this number does not exist.", "Ask the patient for the right number." },
    /// Not a mobile.
    NotTextable { "not_textable", "TW-15", "This number cannot receive texts.", "Ask for a mobile number, or call." },
    /// The person has another number.
    NumberReplaced { "number_replaced", "H-04", "The patient has another number now.", "Plan the message again for the present number." },
    /// The number may belong to somebody else.
    NumberReassigned { "number_reassigned", "T-14", "The number was given to another person since the patient consented.", "Ask the patient for the present number." },
    /// The check is too old.
    ReassignedCheckDue { "reassigned_check_due", "T-14", "The check whether the number changed hands is due.", "Run the check, or verify the number with the patient." },
    /// The visit is cancelled or gone.
    VisitCancelled { "visit_cancelled", "TW-16", "The visit no longer takes place.", "Nothing: the reminder is not wanted any more." },
    /// The visit moved.
    VisitMoved { "visit_moved", "TW-16", "The visit was moved after this text was planned.", "Nothing: a text for the new time is planned instead." },
    /// The visit began.
    VisitPassed { "visit_passed", "T-07", "The visit has begun or is over.", "Nothing: the reminder is of no use any more." },
    /// Another member of the household may not be texted here.
    VisitNotPermitted { "visit_not_permitted", "H-18", "The patient of this visit may not be texted at this number.", "Record the patient's consent for this number." },
    /// Too late.
    TooLate { "too_late", "T-07", "The text would come too late to be of use.", "Nothing: call if it matters." },
    /// Held too long for the window or a cap.
    TooLateAfterHold { "too_late_after_hold", "T-07", "By the time it may go, it is of no use any more.", "Call the patient if it matters." },
    /// Outside the hours.
    OutsideHours { "outside_hours", "T-07", "It is too early or too late in the day where the patient lives.", "Nothing to do: it goes when the hours begin." },
    /// The zones have no common hour.
    NoCommonHour { "no_common_hour", "T-07", "The patient's possible time zones have no hour in common.", "Record where the patient lives." },
    /// Daily cap.
    DailyCap { "daily_cap", "T-04", "This number already had as many automated texts as one day allows.", "Nothing to do: it goes when the day has passed." },
    /// Weekly cap.
    WeeklyCap { "weekly_cap", "T-04", "This number already had as many automated texts as seven days allow.", "Nothing to do: it goes when there is room again." },
    /// The conversation is over.
    ConversationOver { "conversation_over", "C-01", "The patient's last text is too long ago to go on with the conversation.", "Record consent to texts of this kind." },
    /// A circle of automatic answers.
    AutoReplyLoop { "auto_reply_loop", "C-03", "Too many automatic answers went to this number within an hour.", "Look at the thread: the other side may be a machine." },
    /// The approval is missing or over.
    EmergencyApprovalOver { "emergency_approval_over", "T-06", "The approval of this safety notice has ended.", "Have it approved again." },
    /// The warning was never shown.
    WarningNotShown { "warning_not_shown", "H-04", "The patient was never warned at this number that texts are not encrypted.", "Show the warning and ask whether the patient accepts." },
    /// The warning was not accepted.
    WarningNotAccepted { "warning_not_accepted", "H-04", "The patient has not accepted that texts are not encrypted.", "Ask the patient, and record the answer." },
    /// Never verified.
    NumberNotVerified { "number_not_verified", "H-07", "It is not verified that this phone is the patient's.", "Verify the number with a code." },
    /// Verified too long ago.
    VerificationLapsed { "verification_lapsed", "H-07", "The number was verified too long ago.", "Verify the number again." },
    /// Shared phone.
    SharedNumber { "shared_number", "H-07", "Several people are reached at this number.", "Ask the patient for a number of their own." },
    /// Sensitive.
    Sensitive { "sensitive", "H-42", "This kind of visit or content is specially protected.", "Nothing: neutral wording goes instead." },
    /// Part 2.
    PartTwo { "part_two", "H-41", "This practice is under 42 CFR Part 2: only neutral wording may go.", "Nothing: neutral wording goes instead." },
    /// The practice does not text clinical content.
    ClinicalTextsOff { "clinical_texts_off", "H-04", "This practice does not send clinical content by text.", "A manager can allow it." },
    /// The patient asked for nothing clinical.
    DirectiveNothingClinical { "directive_nothing_clinical", "H-08", "The patient asked for nothing clinical by text.", "Only the patient can change the request." },
    /// Never by text.
    NeverByText { "never_by_text", "H-15", "This content never goes by text.", "Use the secure page or the phone." },
    /// Too long.
    TooManyParts { "too_many_parts", "C-13", "The text takes more parts than an automated text may.", "Shorten the template." },
    /// The guard found PHI in free text.
    GuardFound { "guard_found", "M-01", "The text tells something about a patient's health or identity that may not go to this number.", "Use neutral wording or the secure page, or confirm with a reason." },
    /// No wording.
    NoWording { "no_wording", "M-01", "There is no wording of this message that may go.", "Add a neutral wording to the template." },
    /// Not registered.
    SenderNotApproved { "sender_not_approved", "C-08", "The sender's registration with the carriers is not approved.", "Finish the registration." },
    /// Busy.
    SenderBusy { "sender_busy", "C-09", "The sender's throughput is used up for the moment.", "Nothing to do: it goes when there is room." },
    /// No agreement.
    NoAgreement { "no_agreement", "H-19", "No agreement (BAA) with the carrier is in force.", "Sign the agreement and record it." },
    /// Not covered.
    NotEligible { "not_eligible", "TW-02", "The agreement with the carrier does not cover this text from this account.", "Use the account that was marked for the agreement, or record an agreement that names this one and covers texts, and verify where the carrier makes the codes." },
    /// The brand's day is used up.
    BrandCap { "brand_cap", "C-09", "The practice has sent as many parts today as the carriers allow its brand.", "Nothing to do: it goes after midnight Pacific time. A higher limit is asked for at the carrier." },
    /// The carrier is out of reach.
    CarrierUnavailable { "carrier_unavailable", "TW-14", "The carrier cannot be reached, refuses the account, or is not set up.", "Nothing to do if the carrier is out of reach: it goes when the carrier answers again. Otherwise mend the account's settings." },
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_reason_has_a_code_of_its_own_a_rule_a_sentence_and_a_remedy() {
        let codes: HashSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.code()), Some(*reason));
            assert!(reason.sentence().ends_with('.') && reason.remedy().ends_with('.'), "{}", reason.code());
            assert!(reason.rule().contains('-'));
        }
    }
}
