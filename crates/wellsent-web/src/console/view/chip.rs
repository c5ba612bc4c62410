//! The closed lists of states that pages show as chips: an icon, a label and a tone each, so that
//! colour never speaks alone.

macro_rules! chips {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $css:literal, $tone:ident, $icon:literal, $label:literal; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// Every value, in the order in which pages list them.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The stable name: CSS class, form value and query value.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $css, )+ }
            }

            /// The value of that stable name, for reading a form or a query.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }

            /// The words shown to staff.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )+ }
            }

            /// The symbol in `assets/icons.svg`.
            pub const fn icon(self) -> &'static str {
                match self { $( Self::$variant => $icon, )+ }
            }

            /// The tone that colours it.
            pub const fn tone(self) -> Tone {
                match self { $( Self::$variant => Tone::$tone, )+ }
            }
        }
    };
}

/// How a chip feels; each is a pair of colours in `app.css`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done and well.
    Good,
    /// Under way.
    Info,
    /// Nothing to say yet.
    Quiet,
    /// Somebody should look.
    Warn,
    /// Something went wrong or must not happen.
    Bad,
    /// Switched off by the patient or by staff.
    Off,
}

impl Tone {
    /// The CSS class suffix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Quiet => "quiet",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Off => "off",
        }
    }
}

chips! {
    /// Where a patient stands for texts of a category.
    CoverageState {
        /// Texts with details may go.
        Details = "details", Good, "shield-check", "Details, phone verified";
        /// Details were accepted; the phone is not proven, or the proof is too old.
        NotVerified = "not_verified", Warn, "key", "Details, phone not verified";
        /// Consent without details.
        General = "general", Good, "check", "General texts";
        /// Details may not go to this number.
        DetailsBarred = "details_barred", Info, "lock", "No details at this number";
        /// The opt-in confirmation has not gone out.
        NotConfirmed = "not_confirmed", Info, "clock", "Consent, not yet confirmed";
        /// No consent.
        NoConsent = "no_consent", Warn, "question", "No consent yet";
        /// A minor, or a proxy whose right ended.
        NoProxy = "no_proxy", Warn, "group", "Nobody who may answer";
        /// The patient asked for no texts.
        NeverText = "never_text", Off, "ban", "Asked never to be texted";
        /// Texts are stopped.
        Stopped = "stopped", Off, "bell-off", "Texts stopped";
        /// The number does not work.
        NumberFails = "number_fails", Bad, "alert", "Number cannot be texted";
        /// There is no number.
        NoNumber = "no_number", Quiet, "dash", "No number";
    }
}

chips! {
    /// Where the reminder of a visit stands.
    ReminderState {
        /// No text is planned for this visit.
        NotPlanned = "not-planned", Quiet, "dash", "No text planned";
        /// A text is planned for later.
        Planned = "planned", Quiet, "clock", "Planned";
        /// The carrier has it.
        Sent = "sent", Info, "send", "Sent";
        /// The phone has it; no answer yet.
        Delivered = "delivered", Info, "check", "Delivered";
        /// The gate holds it until a later time.
        Held = "held", Warn, "pause", "Held";
        /// The gate asks staff to look first.
        NeedsReview = "needs-review", Warn, "eye", "Needs review";
        /// The gate refused it.
        Refused = "refused", Bad, "ban", "Refused";
        /// Whether the carrier has it is not known.
        Unknown = "unknown", Warn, "question", "Unknown";
        /// The carrier could not deliver it.
        Undelivered = "undelivered", Bad, "alert", "Undelivered";
        /// The patient confirmed.
        Confirmed = "confirmed", Good, "check-double", "Confirmed";
        /// The patient asks for another time.
        WantsReschedule = "wants-reschedule", Warn, "swap", "Wants to reschedule";
        /// The visit is cancelled.
        Cancelled = "cancelled", Off, "x", "Cancelled";
        /// The patient stopped texts.
        OptedOut = "opted-out", Off, "bell-off", "Opted out";
    }
}

chips! {
    /// What the gate decided about a message.
    Decision {
        /// It may go.
        Released = "released", Good, "check", "Released";
        /// It waits for a time.
        Held = "held", Warn, "pause", "Held";
        /// Staff decide.
        NeedsReview = "needs-review", Warn, "eye", "Needs review";
        /// It does not go.
        Refused = "refused", Bad, "ban", "Refused";
        /// It is planned and not ruled on yet.
        NotYetRuled = "not-yet-ruled", Quiet, "clock", "Not ruled yet";
    }
}

chips! {
    /// What the gate would decide about a text that went now.
    MayGo {
        /// It may go.
        Now = "now", Good, "check", "May go";
        /// It would go as a notice with a link to a page.
        OnPage = "on-page", Info, "lock", "On a secure page";
        /// It would go in neutral words.
        Neutral = "neutral", Info, "message", "Neutral words";
        /// It would wait for a time.
        Later = "later", Warn, "pause", "Not now";
        /// Staff would decide.
        AfterReview = "after-review", Warn, "eye", "Review first";
        /// It would not go.
        Never = "never", Bad, "ban", "May not go";
    }
}

chips! {
    /// Where a message stands on its way.
    MessageState {
        /// Waits for its time.
        Planned = "planned", Quiet, "clock", "Planned";
        /// Held by the gate.
        Held = "held", Warn, "pause", "Held";
        /// Waits for staff.
        NeedsReview = "needs-review", Warn, "eye", "Needs review";
        /// Refused by the gate.
        Refused = "refused", Bad, "ban", "Refused";
        /// Withdrawn before it was due.
        Withdrawn = "withdrawn", Off, "x", "Withdrawn";
        /// Claimed; bytes are leaving.
        Sending = "sending", Info, "send", "Sending";
        /// The carrier took it.
        Sent = "sent", Info, "send", "Sent";
        /// The phone has it.
        Delivered = "delivered", Good, "check", "Delivered";
        /// The carrier gave up.
        Undelivered = "undelivered", Bad, "alert", "Undelivered";
        /// The carrier refused it.
        Failed = "failed", Bad, "alert", "Failed";
        /// Whether the carrier has it is not known.
        Unknown = "unknown", Warn, "question", "Unknown";
        /// It came from the patient.
        Received = "received", Quiet, "inbox", "Received";
    }
}

chips! {
    /// What became of one attempt to submit a message.
    AttemptOutcome {
        /// Still within its deadline.
        Open = "open", Info, "clock", "In flight";
        /// The carrier took it.
        Accepted = "accepted", Good, "check", "Accepted";
        /// The carrier refused it.
        Rejected = "rejected", Bad, "ban", "Rejected";
        /// No byte reached the carrier.
        NotSubmitted = "not-submitted", Quiet, "dash", "Not submitted";
        /// It may or may not have reached the carrier.
        Unknown = "unknown", Warn, "question", "Unknown";
    }
}

chips! {
    /// The state of one consent category at one contact point.
    ConsentState {
        /// Given and in force.
        Given = "given", Good, "check", "Given";
        /// Never asked or never answered.
        NotAsked = "not-asked", Quiet, "dash", "Not asked";
        /// Taken back.
        Revoked = "revoked", Off, "bell-off", "Revoked";
        /// Lapsed with time or with a change of person.
        Lapsed = "lapsed", Warn, "clock", "Lapsed";
    }
}

chips! {
    /// Whether a number is known to belong to the person.
    Verification {
        /// Verified recently enough.
        Verified = "verified", Good, "shield-check", "Verified";
        /// Verified too long ago.
        Stale = "stale", Warn, "clock", "Verify again";
        /// Not verified.
        Unverified = "unverified", Quiet, "shield", "Not verified";
        /// Somebody else answered.
        Disputed = "disputed", Bad, "alert", "Wrong number";
    }
}

chips! {
    /// May this person be texted at all, in one word.
    TextingState {
        /// At least one contact point may be texted.
        May = "may", Good, "check", "May be texted";
        /// There is no consent.
        NoConsent = "no-consent", Quiet, "dash", "No consent yet";
        /// The person stopped texts.
        OptedOut = "opted-out", Off, "bell-off", "Opted out";
        /// The number is not verified.
        Unverified = "unverified", Warn, "shield", "Not verified";
        /// The number is disputed.
        Disputed = "disputed", Bad, "alert", "Wrong number";
        /// There is no number.
        NoNumber = "no-number", Quiet, "dash", "No number";
    }
}

chips! {
    /// Why staff are asked to look; the order is the order of urgency.
    TaskKind {
        /// The patient may be in danger (M-02).
        Distress = "distress", Bad, "siren", "Possible emergency";
        /// Somebody else has the number (T-13).
        WrongNumber = "wrong-number", Bad, "alert", "Wrong number";
        /// The carrier refused the account.
        CarrierStopped = "carrier-stopped", Bad, "ban", "Carrier refuses the account";
        /// An agreement ends.
        AgreementEnds = "agreement-ends", Bad, "clock", "Agreement ends";
        /// It may be a wish to stop, or about the visit (T-12).
        MaybeStop = "maybe-stop", Warn, "bell-off", "Check the opt-out";
        /// The patient asks for another time.
        Reschedule = "reschedule", Warn, "swap", "Wants to reschedule";
        /// The reply was not understood.
        UnclearReply = "unclear-reply", Info, "question", "Unclear reply";
        /// The gate asks for a decision.
        NeedsReview = "needs-review", Warn, "eye", "Needs review";
        /// A text did not arrive.
        Undelivered = "undelivered", Warn, "alert", "Undelivered";
        /// Whether a text went out is not known.
        UnknownOutcome = "unknown-outcome", Warn, "question", "Outcome unknown";
        /// The patient may want to cancel a visit.
        CancelVisit = "cancel-visit", Warn, "x", "May want to cancel";
        /// Somebody on a shared or stopped number wants texts again (P11).
        Resubscribe = "resubscribe", Info, "reply", "Wants texts again";
        /// Somebody must be called instead of texted.
        CallInstead = "call-instead", Warn, "phone", "Call instead";
        /// A text from a number that nobody here has.
        UnknownSender = "unknown-sender", Quiet, "question", "Unknown number";
        /// Somebody guesses at codes.
        GuessedCodes = "guessed-codes", Bad, "alert", "Wrong codes";
        /// A carrier still has texts that it should have forgotten.
        NotForgotten = "not-forgotten", Warn, "eye", "Carrier still has texts";
        /// Automatic answers stopped because they went round in a circle.
        AutoReplyLoop = "auto-reply-loop", Warn, "pause", "Answers stopped";
        /// A text that wants an answer.
        Reply = "reply", Info, "reply", "To answer";
        /// Anything else worth a look.
        Other = "other", Quiet, "flag", "To look at";
    }
}

chips! {
    /// How a carrier account is doing.
    AccountState {
        /// Texts go over it.
        Works = "works", Good, "check", "Works";
        /// One text tries whether it answers again.
        Trying = "trying", Info, "clock", "Trying again";
        /// Nothing is handed over for a while.
        Resting = "resting", Warn, "pause", "Resting";
        /// The carrier refused the account.
        Refused = "refused", Bad, "ban", "Account refused";
        /// It is not in the settings.
        NotSetUp = "not-set-up", Bad, "alert", "Not in the settings";
    }
}

chips! {
    /// How an agreement stands today.
    AgreementState {
        /// It is in force.
        InForce = "in-force", Good, "shield-check", "In force";
        /// It ends within thirty days.
        EndsSoon = "ends-soon", Warn, "clock", "Ends soon";
        /// It begins on a later day.
        Ahead = "ahead", Info, "clock", "Begins later";
        /// It is over.
        Over = "over", Off, "x", "Over";
    }
}

chips! {
    /// How far a sender's registration with the carriers is.
    RegistrationState {
        /// Texts may leave from it.
        Approved = "approved", Good, "check", "Approved";
        /// The carriers are looking at it.
        Pending = "pending", Warn, "clock", "Under review";
        /// Refused, withdrawn or never made.
        Unregistered = "unregistered", Bad, "ban", "Not registered";
    }
}

chips! {
    /// How the simulated carrier answers a submission.
    SubmitMode {
        /// Accepts at once.
        Normal = "normal", Good, "check", "Normal";
        /// Answers after several seconds.
        Slow = "slow", Quiet, "clock", "Slow";
        /// Asks to try later.
        Throttle = "throttle", Warn, "pause", "Throttle";
        /// Refuses every text.
        Refuse = "refuse", Bad, "ban", "Refuse";
        /// Takes the text, then the line drops before its answer.
        DropLine = "drop-line", Warn, "question", "Accept, then drop the line";
    }
}

chips! {
    /// What the simulated carrier does to receipts.
    ReceiptTrouble {
        /// Receipts never come.
        Lose = "lose", Warn, "x", "Lose receipts";
        /// Each receipt comes twice.
        Duplicate = "duplicate", Warn, "copy", "Duplicate receipts";
        /// Receipts come in the wrong order.
        Reorder = "reorder", Warn, "swap", "Reorder receipts";
    }
}

impl SubmitMode {
    /// What one will see, in a sentence.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Normal => "Every text is accepted and delivered.",
            Self::Slow => "Each answer takes several seconds.",
            Self::Throttle => "The carrier asks to come back later.",
            Self::Refuse => "Every text is rejected with a reason.",
            Self::DropLine => "The text arrives, the answer does not: the outcome is unknown.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stable_name_reads_back_as_the_same_state() {
        for state in ReminderState::ALL {
            assert_eq!(ReminderState::parse(state.as_str()), Some(*state));
        }
        assert_eq!(TaskKind::parse("nonsense"), None);
    }

    #[test]
    fn distress_comes_before_every_other_task() {
        assert_eq!(TaskKind::ALL.first(), Some(&TaskKind::Distress));
    }

    #[test]
    fn every_icon_of_a_state_is_drawn() {
        let icons = include_str!("../../../assets/icons.svg");
        let used = ReminderState::ALL
            .iter()
            .map(|s| s.icon())
            .chain(Decision::ALL.iter().map(|s| s.icon()))
            .chain(MayGo::ALL.iter().map(|s| s.icon()))
            .chain(MessageState::ALL.iter().map(|s| s.icon()))
            .chain(AttemptOutcome::ALL.iter().map(|s| s.icon()))
            .chain(ConsentState::ALL.iter().map(|s| s.icon()))
            .chain(Verification::ALL.iter().map(|s| s.icon()))
            .chain(TextingState::ALL.iter().map(|s| s.icon()))
            .chain(AccountState::ALL.iter().map(|s| s.icon()))
            .chain(AgreementState::ALL.iter().map(|s| s.icon()))
            .chain(RegistrationState::ALL.iter().map(|s| s.icon()))
            .chain(TaskKind::ALL.iter().map(|s| s.icon()))
            .chain(SubmitMode::ALL.iter().map(|s| s.icon()))
            .chain(ReceiptTrouble::ALL.iter().map(|s| s.icon()));
        for icon in used {
            assert!(icons.contains(&format!("id=\"{icon}\"")), "icon {icon} is missing");
        }
    }
}
