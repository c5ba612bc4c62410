//! What a combination is made of: each dimension with its values, in the words in which the page shows them.

/// One of the things that a ruling depends on.
pub trait Dimension: Copy + PartialEq + Sized + 'static {
    /// What the page calls it.
    const TITLE: &'static str;
    /// Every value.
    const ALL: &'static [Self];

    /// The value in words.
    fn words(self) -> &'static str;

    /// Values that the page names together.
    fn groups() -> &'static [(&'static str, &'static [Self])] {
        &[]
    }

    /// Some of the values in words. Where nearly all are meant, those that are not are named.
    fn some(values: &[Self]) -> String {
        if let Some((name, _)) = Self::groups().iter().find(|(_, group)| *group == values) {
            return (*name).to_owned();
        }
        let others: Vec<Self> = Self::ALL.iter().copied().filter(|value| !values.contains(value)).collect();
        if others.len() < values.len() { format!("anything but {}", list(&others)) } else { list(values) }
    }
}

fn list<D: Dimension>(values: &[D]) -> String {
    values.iter().map(|value| value.words()).collect::<Vec<_>>().join(" / ")
}

macro_rules! dimension {
    ($(#[$meta:meta])* $name:ident, $title:literal { $($variant:ident = $words:literal,)+ } $(groups { $($group:literal = [$($member:ident),+],)+ })?) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl Dimension for $name {
            const TITLE: &'static str = $title;
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),+ }
            }

            $(fn groups() -> &'static [(&'static str, &'static [Self])] {
                &[$(($group, &[$(Self::$member),+])),+]
            })?
        }
    };
}

dimension! {
    /// Consent to texts of the message's category at this number (T-01). The record always holds written consent to every other category, and
    /// consent to everything at another number of the same person: neither may count.
    Consent, "Texting consent" {
        Nothing = "none for this category at this number",
        Given = "given, not in writing",
        Written = "given in writing",
        Stopped = "given in writing, then stopped by STOP",
    }
}

dimension! {
    /// The warning that texts are not encrypted, and the answer to it (H-04).
    Warning, "Warning that texts are not encrypted" {
        NotShown = "never shown at this number",
        Shown = "shown, not answered",
        Accepted = "shown and accepted",
        Withdrawn = "accepted, then withdrawn",
    }
}

dimension! {
    /// The signed authorization for marketing (H-12, H-13).
    Authorization, "Marketing authorization" {
        Nothing = "none",
        Alive = "in force",
        Over = "past its last day",
    }
}

dimension! {
    /// How the patient asked to be reached (H-08).
    Request, "Request of the patient" {
        Nothing = "none",
        NeverText = "never text",
        NotThisNumber = "not at this number",
        OtherHours = "only at certain hours, and it is another hour",
        NothingClinical = "nothing clinical by text",
    }
}

dimension! {
    /// Whether it is known that the phone is the patient's (H-07).
    Verification, "Verification of the number" {
        Never = "never verified",
        Lapsed = "verified more than 365 days ago",
        LapsedThenConfirmed = "verified more than 365 days ago, confirmed at a visit since",
        Fresh = "verified within 365 days",
    }
}

dimension! {
    /// What the text says, by tier, and whether there is another wording of it.
    Content, "Content" {
        Service = "T0 service",
        Logistics = "T1 logistics",
        ClinicalOrNeutral = "T2 clinical, with a neutral twin",
        ClinicalOrNotice = "T2 clinical, with a notice of a secure page",
        ClinicalOnly = "T2 clinical, no other wording",
        Never = "T3",
    }
    groups {
        "T2 or T3" = [ClinicalOrNeutral, ClinicalOrNotice, ClinicalOnly, Never],
    }
}

dimension! {
    /// Which consent the text needs.
    Category, "Category" {
        Appointments = "appointments",
        Care = "care",
        Billing = "billing",
        Marketing = "marketing",
    }
}

dimension! {
    /// What is specially protected, if anything (H-41, H-42).
    Sensitivity, "Specially protected" {
        Nothing = "nothing",
        Visit = "the kind of visit",
        Wording = "the template",
        Person = "everything about the person",
        PartTwo = "the whole practice, under 42 CFR Part 2",
    }
    groups {
        "the kind of visit, the template, or everything about the person" = [Visit, Wording, Person],
    }
}

dimension! {
    /// Whether more than one person is reached at the number (H-07).
    Phone, "Phone" {
        Own = "one person's",
        Shared = "shared by several people",
    }
}

dimension! {
    /// Whose ear the number is (H-17, H-18, T-17).
    Ear, "Who is reached" {
        Adult = "the patient, an adult",
        Minor = "the patient, a minor",
        MatureMinor = "the patient, a minor who may consent alone",
        ParentOfMinor = "a parent of a minor",
        ParentOfAdult = "a parent of a patient who is 18 as of today",
        LegalProxy = "a proxy by power of attorney or court",
        VisitsOnlyProxy = "a proxy with whom the patient shares visits, not care",
        EndedProxy = "a proxy whose right has ended",
    }
}

dimension! {
    /// What set the text off.
    Cause, "Set off by" {
        Programme = "a programme or an application",
        Answer = "a text that the patient just sent",
        Help = "the patient's HELP",
        Stop = "the patient's STOP, up to five minutes ago",
        OldStop = "the patient's STOP, more than five minutes ago",
        Conversation = "staff, within 72 hours of the patient's last text",
        Staff = "staff, later than that or with no text from the patient",
        Code = "a request for a code, at the desk or on the check-in screen",
        Safety = "a safety notice with its approver",
        OverdueSafety = "a safety notice whose approval has ended",
    }
    groups {
        "the practice (a programme, staff, a safety notice)" = [Programme, Conversation, Staff, Safety, OverdueSafety],
        "anything but the patient's HELP or STOP" = [Programme, Answer, Conversation, Staff, Code, Safety, OverdueSafety],
        "the patient's STOP" = [Stop, OldStop],
    }
}
