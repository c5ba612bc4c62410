//! The rules as a table, written from the rules themselves and not from the code of the gate.
//!
//! All rows that match count. What follows from them is said in [`super::decide`].

use super::dimensions::*;
use super::product::When;
use wellsent_domain::gate::Reason;

/// What a row does to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does not go.
    Refuse,
    /// It waits.
    Hold,
    /// This wording does not go; another may.
    OtherWords,
}

impl Effect {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Refuse => "refused",
            Self::Hold => "held",
            Self::OtherWords => "not in these words",
        }
    }
}

/// One row: where all conditions hold, the effect follows for that reason.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// All of them have to hold.
    pub when: &'static [When],
    /// What follows.
    pub effect: Effect,
    /// The reason that staff reads.
    pub reason: Reason,
    /// The rules that it keeps.
    pub rules: &'static [&'static str],
}

/// Rows that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// What it is about, in plain words.
    pub about: &'static str,
    /// Its rows.
    pub rows: &'static [Row],
}

/// Every row of every section.
pub fn rows() -> Vec<Row> {
    SECTIONS.iter().flat_map(|section| section.rows).copied().collect()
}

const PRACTICE: &[Cause] = &[Cause::Programme, Cause::Conversation, Cause::Staff, Cause::Safety, Cause::OverdueSafety];
const BY_HAND: &[Cause] = &[Cause::Conversation, Cause::Staff, Cause::Safety, Cause::OverdueSafety];
const NOT_HELP_OR_STOP: &[Cause] =
    &[Cause::Programme, Cause::Answer, Cause::Conversation, Cause::Staff, Cause::Code, Cause::Safety, Cause::OverdueSafety];
const CLINICAL: &[Content] = &[Content::ClinicalOrNeutral, Content::ClinicalOrNotice, Content::ClinicalOnly, Content::Never];

const BY_PROGRAMME: When = When::Cause(&[Cause::Programme]);
const BY_PRACTICE: When = When::Cause(PRACTICE);
const NOT_OWED: When = When::Cause(NOT_HELP_OR_STOP);
const IS_CLINICAL: When = When::Content(CLINICAL);
const IS_MARKETING: When = When::Category(&[Category::Marketing]);

/// The table.
pub const SECTIONS: &[Section] = &[
    Section {
        title: "A stop ends everything",
        about: "A stop counts for the number, whoever sent it and whatever it answered. It beats every consent, staff and safety notices. Two \
                texts are still owed: one confirmation of the stop, and the answer to HELP.",
        rows: &[
            Row {
                when: &[When::Consent(&[Consent::Stopped]), NOT_OWED],
                effect: Effect::Refuse,
                reason: Reason::Suppressed,
                rules: &["T-08", "T-06"],
            },
            Row {
                when: &[When::Consent(&[Consent::Stopped]), When::Cause(&[Cause::OldStop])],
                effect: Effect::Refuse,
                reason: Reason::ConfirmationTooLate,
                rules: &["T-09"],
            },
            Row {
                when: &[When::Consent(&[Consent::Nothing, Consent::Given, Consent::Written]), When::Cause(&[Cause::Stop, Cause::OldStop])],
                effect: Effect::Refuse,
                reason: Reason::ConfirmationTooLate,
                rules: &["T-09"],
            },
        ],
    },
    Section {
        title: "Consent to texts of this category",
        about: "Consent is given for one category at one number. An answer to the patient's own text and a code that was asked for need none: \
                the patient began it. A safety notice needs none as long as the approval of a named person holds.",
        rows: &[
            Row {
                when: &[When::Consent(&[Consent::Nothing]), BY_PROGRAMME],
                effect: Effect::Refuse,
                reason: Reason::NoConsent,
                rules: &["T-01", "C-01"],
            },
            Row {
                when: &[When::Consent(&[Consent::Nothing]), When::Cause(&[Cause::Staff])],
                effect: Effect::Refuse,
                reason: Reason::ConversationOver,
                rules: &["C-01"],
            },
            Row {
                when: &[When::Cause(&[Cause::OverdueSafety])],
                effect: Effect::Refuse,
                reason: Reason::EmergencyApprovalOver,
                rules: &["T-06"],
            },
        ],
    },
    Section {
        title: "Marketing",
        about: "Marketing needs two signatures that have nothing to do with each other: consent to texts in writing, and a HIPAA authorization \
                that is in force, whoever sets it off. Where there is no consent at all, that is said first.",
        rows: &[
            Row {
                when: &[IS_MARKETING, BY_PRACTICE, When::Consent(&[Consent::Given])],
                effect: Effect::Refuse,
                reason: Reason::NoWrittenConsent,
                rules: &["T-03", "T-01"],
            },
            Row {
                when: &[IS_MARKETING, When::Cause(BY_HAND), When::Consent(&[Consent::Nothing])],
                effect: Effect::Refuse,
                reason: Reason::NoConsent,
                rules: &["T-03", "T-01"],
            },
            Row {
                when: &[
                    IS_MARKETING,
                    BY_PRACTICE,
                    When::Authorization(&[Authorization::Nothing, Authorization::Over]),
                    When::Consent(&[Consent::Written, Consent::Given, Consent::Stopped]),
                ],
                effect: Effect::Refuse,
                reason: Reason::NoAuthorization,
                rules: &["H-12", "H-13"],
            },
        ],
    },
    Section {
        title: "Requests of the patient",
        about: "A request beats every campaign, safety notice and proxy. It does not keep the program from answering what the patient sends or \
                asks for at the desk; that nothing clinical may go holds for answers too, and stands with the clinical rows below.",
        rows: &[
            Row {
                when: &[When::Request(&[Request::NeverText]), BY_PRACTICE],
                effect: Effect::Refuse,
                reason: Reason::DirectiveNeverText,
                rules: &["H-08"],
            },
            Row {
                when: &[When::Request(&[Request::NotThisNumber]), BY_PRACTICE],
                effect: Effect::Refuse,
                reason: Reason::DirectiveNotThisNumber,
                rules: &["H-08"],
            },
            Row {
                when: &[When::Request(&[Request::OtherHours]), BY_PRACTICE],
                effect: Effect::Hold,
                reason: Reason::DirectiveHours,
                rules: &["H-08"],
            },
        ],
    },
    Section {
        title: "Who is reached",
        about: "A text goes to the patient or to somebody whose right to act for the patient holds on the day it leaves, not on the day it was \
                planned. Only HELP and STOP are answered whoever holds the phone.",
        rows: &[
            Row {
                when: &[When::Ear(&[Ear::Minor]), NOT_OWED],
                effect: Effect::Refuse,
                reason: Reason::MinorWithoutProxy,
                rules: &["T-17", "H-17"],
            },
            Row {
                when: &[When::Ear(&[Ear::ParentOfAdult, Ear::EndedProxy]), NOT_OWED],
                effect: Effect::Refuse,
                reason: Reason::ProxyEnded,
                rules: &["H-17"],
            },
        ],
    },
    Section {
        title: "Clinical content",
        about: "Every one of these has to be in order before a clinical wording (T2) goes. They look at the wording, not at the text as a \
                whole: where one of them speaks, the next wording is tried. T3 never goes.",
        rows: &[
            Row { when: &[When::Content(&[Content::Never])], effect: Effect::OtherWords, reason: Reason::NeverByText, rules: &["H-15"] },
            Row {
                when: &[IS_CLINICAL, When::Warning(&[Warning::NotShown])],
                effect: Effect::OtherWords,
                reason: Reason::WarningNotShown,
                rules: &["H-04"],
            },
            Row {
                when: &[IS_CLINICAL, When::Warning(&[Warning::Shown, Warning::Withdrawn])],
                effect: Effect::OtherWords,
                reason: Reason::WarningNotAccepted,
                rules: &["H-04"],
            },
            Row {
                when: &[IS_CLINICAL, When::Verification(&[Verification::Never])],
                effect: Effect::OtherWords,
                reason: Reason::NumberNotVerified,
                rules: &["H-07"],
            },
            Row {
                when: &[IS_CLINICAL, When::Verification(&[Verification::Lapsed])],
                effect: Effect::OtherWords,
                reason: Reason::VerificationLapsed,
                rules: &["H-07"],
            },
            Row {
                when: &[IS_CLINICAL, When::Phone(&[Phone::Shared])],
                effect: Effect::OtherWords,
                reason: Reason::SharedNumber,
                rules: &["H-07", "H-17"],
            },
            Row {
                when: &[IS_CLINICAL, When::Sensitivity(&[Sensitivity::Visit, Sensitivity::Wording, Sensitivity::Person])],
                effect: Effect::OtherWords,
                reason: Reason::Sensitive,
                rules: &["H-42"],
            },
            Row {
                when: &[IS_CLINICAL, When::Sensitivity(&[Sensitivity::PartTwo])],
                effect: Effect::OtherWords,
                reason: Reason::PartTwo,
                rules: &["H-41"],
            },
            Row {
                when: &[IS_CLINICAL, When::Ear(&[Ear::VisitsOnlyProxy])],
                effect: Effect::OtherWords,
                reason: Reason::ProxyNotClinical,
                rules: &["H-18"],
            },
            Row {
                when: &[IS_CLINICAL, When::Request(&[Request::NothingClinical])],
                effect: Effect::OtherWords,
                reason: Reason::DirectiveNothingClinical,
                rules: &["H-08"],
            },
        ],
    },
];
