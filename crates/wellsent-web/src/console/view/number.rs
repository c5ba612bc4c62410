//! One number of a person: what was agreed to for it, how it is proven, and everything that staff record about it.

use askama::Template;

use super::{ConsentCell, SharedWith, Shell, Suppression, Verification, When};

/// The page of a number.
#[derive(Clone, Template)]
#[template(path = "console/number.html")]
pub struct NumberPage {
    /// The frame.
    pub shell: Shell,
    /// The person's id.
    pub person_id: String,
    /// The name.
    pub person: String,
    /// The contact point's id.
    pub id: String,
    /// The number in words.
    pub number: String,
    /// What it is, for example `Own number, from the patient`.
    pub label: String,
    /// Whether it is in use: nothing is recorded for one that was replaced.
    pub live: bool,
    /// Is it theirs?
    pub verification: Verification,
    /// When it was proven and confirmed last, in a sentence.
    pub proven: String,
    /// Whether the patient should be asked if it is still theirs.
    pub confirm_due: bool,
    /// Others on the same number.
    pub shared_with: Vec<SharedWith>,
    /// Present while texts to this number are stopped.
    pub suppression: Option<Suppression>,
    /// Consent by category, and the warning.
    pub consents: Vec<ConsentCell>,
    /// The part that is unfolded.
    pub open: NumberPart,
    /// The form of consent.
    pub consent: ConsentForm,
    /// Why no code is sent or looked at now, in a sentence.
    pub code_limit: Option<String>,
    /// Whether whoever looks may open a number that wrong codes locked.
    pub may_unlock: bool,
    /// The requests that bind.
    pub requests: Vec<RequestRow>,
    /// The form of a request.
    pub request: RequestForm,
    /// The marketing authorizations.
    pub authorizations: Vec<AuthorizationRow>,
    /// The form of an authorization.
    pub authorization: AuthorizationForm,
}

impl NumberPage {
    /// Is this part unfolded?
    pub fn is_open(&self, part: &str) -> bool {
        self.open.as_str() == part
    }
}

/// The parts of the page, each of which folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberPart {
    /// None.
    None,
    /// What the patient agreed to.
    Consent,
    /// The code.
    Verify,
    /// What can be texted to ask.
    Ask,
    /// Requests about communication.
    Requests,
    /// Marketing.
    Authorization,
    /// Stop everything.
    Stop,
}

impl NumberPart {
    /// Each.
    pub const ALL: [Self; 7] = [Self::None, Self::Consent, Self::Verify, Self::Ask, Self::Requests, Self::Authorization, Self::Stop];

    /// The id on the page and the value in its address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Consent => "consent",
            Self::Verify => "verify",
            Self::Ask => "ask",
            Self::Requests => "requests",
            Self::Authorization => "authorization",
            Self::Stop => "stop",
        }
    }

    /// The part of that name; none for anything else.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|part| part.as_str() == word).unwrap_or(Self::None)
    }
}

/// The form in which staff record what a patient agreed to.
#[derive(Clone)]
pub struct ConsentForm {
    /// The language in which the wordings stand, `en` or `es`.
    pub lang: String,
    /// Each subject with its wording.
    pub topics: Vec<Topic>,
    /// Whether it is on paper.
    pub on_paper: bool,
    /// The day of the form.
    pub date: String,
    /// The last day that can be given.
    pub today: String,
    /// Where the form is kept.
    pub reference: String,
    /// What is wrong with what was entered.
    pub fault: Option<String>,
}

/// A subject that the patient is asked about.
#[derive(Clone)]
pub struct Topic {
    /// Its stable word, the name of the field.
    pub name: String,
    /// In words.
    pub title: String,
    /// The exact words to be read out.
    pub wording: String,
    /// What was entered: `yes`, `no` or empty.
    pub answer: String,
}

/// A request about communication that binds.
#[derive(Clone)]
pub struct RequestRow {
    /// The event that recorded it.
    pub id: String,
    /// In a sentence.
    pub what: String,
    /// Since when.
    pub since: When,
}

/// The form of a request.
#[derive(Clone, Default)]
pub struct RequestForm {
    /// What is asked.
    pub kind: String,
    /// Whether for every number.
    pub everywhere: bool,
    /// From when.
    pub opens: String,
    /// Until when.
    pub closes: String,
    /// What is wrong with what was entered.
    pub fault: Option<String>,
}

impl RequestForm {
    /// Is this what was chosen?
    pub fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

/// A marketing authorization.
#[derive(Clone)]
pub struct AuthorizationRow {
    /// The event that recorded it.
    pub id: String,
    /// Until when, in words.
    pub until: String,
    /// Whether it holds today.
    pub holds: bool,
    /// What it says, one element a line.
    pub lines: Vec<String>,
}

/// The form of an authorization: every element of H-13 has a field, and what is wrong stands beside it.
#[derive(Clone, Default)]
pub struct AuthorizationForm {
    /// What information.
    pub information: String,
    /// Who discloses.
    pub discloser: String,
    /// Who receives.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// The last day.
    pub until: String,
    /// The event that ends it.
    pub until_event: String,
    /// The day of the signature.
    pub signed_on: String,
    /// Who signed for the patient.
    pub representative: String,
    /// Whether somebody pays for it.
    pub paid_for: bool,
    /// Whether the form says so.
    pub states_payment: bool,
    /// Whether it says how to revoke.
    pub states_revocation: bool,
    /// Whether it says that care does not depend on it.
    pub states_not_a_condition: bool,
    /// Whether it speaks of disclosing again.
    pub states_redisclosure: bool,
    /// What is wrong, by the name of the field.
    pub faults: Vec<(&'static str, String)>,
}

impl AuthorizationForm {
    /// What is wrong with a field; empty for nothing.
    pub fn fault(&self, field: &str) -> String {
        let of_field: Vec<_> = self.faults.iter().filter(|(name, _)| *name == field).map(|(_, fault)| fault.as_str()).collect();
        of_field.join(" ")
    }
}

/// The page on which a person gets another number.
#[derive(Clone, Template)]
#[template(path = "console/change_number.html")]
pub struct ChangeNumber {
    /// The frame.
    pub shell: Shell,
    /// The person's id.
    pub person_id: String,
    /// The name.
    pub person: String,
    /// The number as it is; empty for none.
    pub present: String,
    /// What was entered.
    pub entered: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// The page that shows the code of a check-in.
#[derive(Clone, Template)]
#[template(path = "console/check_in_started.html")]
pub struct CheckInStarted {
    /// The frame.
    pub shell: Shell,
    /// The person's id.
    pub person_id: String,
    /// The name.
    pub person: String,
    /// The contact point's id.
    pub id: String,
    /// The number in words.
    pub number: String,
    /// The code in two groups.
    pub code: String,
    /// The address to open on the tablet.
    pub address: String,
    /// Until when the code opens it.
    pub until: When,
    /// The page to go back to.
    pub back: String,
}

impl NumberPage {
    /// The address of the page itself.
    pub fn here(&self) -> String {
        format!("/people/{}/numbers/{}", self.person_id, self.id)
    }
}
