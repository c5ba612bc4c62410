//! What the guard found.

/// What a stranger would learn from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing about a particular person.
    None,
    /// Who somebody is.
    IdentifierOnly,
    /// Something about a person's health, care or payment for care.
    HealthContent,
}

impl Class {
    /// `none`, `identifier-only` or `health-content`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::IdentifierOnly => "identifier-only",
            Self::HealthContent => "health-content",
        }
    }
}

macro_rules! categories {
    ($($name:ident $text:literal $meaning:literal)*) => {
        /// What a span is about: six kinds of health content, and the identifiers of 45 CFR 164.514(b)(2)(i).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category { $(#[doc = $meaning] $name,)* }

        impl Category {
            /// Every category, health content first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The category in capitals, as in `CONDITION`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

categories! {
    Condition "CONDITION" "An illness, an injury, a complaint or pregnancy."
    Medication "MEDICATION" "A medicine or a vaccine."
    Procedure "PROCEDURE" "Surgery, imaging, therapy, dental work, a device or preparation for one of them."
    Test "TEST" "A test, a screening, its value or its result."
    Specialty "SPECIALTY" "A medical specialty or service line."
    Payment "PAYMENT" "A person's balance, claim, coverage or bill."
    Name "NAME" "The name of a patient, relative or member of the household."
    Geo "GEO" "A home street, city or ZIP code."
    Date "DATE" "A date tied to a person, or an age above 89."
    Phone "PHONE" "A telephone number."
    Fax "FAX" "A fax number."
    Email "EMAIL" "An e-mail address."
    Ssn "SSN" "A social security number."
    Mrn "MRN" "A medical record number."
    HealthPlan "HEALTHPLAN" "A member number of a health plan."
    Account "ACCOUNT" "An account, invoice, cheque or card number."
    License "LICENSE" "A certificate or driver's licence number."
    Vehicle "VEHICLE" "A vehicle identifier or licence plate."
    Device "DEVICE" "A device identifier or serial number."
    Url "URL" "A link with a token of the person."
    Ip "IP" "An internet address."
    Biometric "BIOMETRIC" "A finger or voice print."
    Photo "PHOTO" "A photograph of a person."
    OtherId "OTHERID" "Any other number or code that belongs to the person."
}

impl Category {
    /// Whether the category is health content rather than an identifier.
    pub fn is_health(self) -> bool {
        self <= Self::Payment
    }
}

/// Health content that law or custom protects more than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Special {
    /// Psychiatry, therapy and the medicines for it.
    Mental,
    /// Treatment of alcohol and drug use.
    Sud,
    /// Pregnancy, contraception, abortion, fertility.
    Repro,
    /// HIV and other sexually transmitted infections.
    Hiv,
}

impl Special {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Mental, Self::Sud, Self::Repro, Self::Hiv];

    /// `MENTAL`, `SUD`, `REPRO` or `HIV`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mental => "MENTAL",
            Self::Sud => "SUD",
            Self::Repro => "REPRO",
            Self::Hiv => "HIV",
        }
    }
}

/// A piece of the text that tells something. Offsets count code points of the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first code point.
    pub start: u32,
    /// One past the last code point.
    pub end: u32,
    /// What it tells.
    pub category: Category,
    /// Whether it is of a specially protected kind.
    pub special: Option<Special>,
    /// It is only a bare word such as "refill" or "bill".
    pub weak: bool,
    /// The reason in words for staff, such as "names a medicine".
    pub why: &'static str,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Follows from the spans.
    pub class: Class,
    /// Sorted, without overlaps.
    pub spans: Vec<Span>,
}

impl Report {
    /// Whether a span tells something about health, care or payment.
    pub fn has_health(&self) -> bool {
        self.class == Class::HealthContent
    }

    /// Whether a span tells who somebody is.
    pub fn has_identifier(&self) -> bool {
        self.spans.iter().any(|span| !span.category.is_health())
    }

    /// The specially protected kinds, each once.
    pub fn specials(&self) -> Vec<Special> {
        Special::ALL.into_iter().filter(|kind| self.spans.iter().any(|span| span.special == Some(*kind))).collect()
    }
}
