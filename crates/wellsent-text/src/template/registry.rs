//! The closed list of variables that a template may hold.

use super::Language;
use crate::Tier;

/// What a value must look like, and whether it is free text that has to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Set up by the practice itself: its texting name, how often it texts.
    Setting,
    /// A telephone number as the recipient should dial it.
    Phone,
    /// A way to get help: a number, an e-mail address, or a page of the practice.
    Contact,
    /// A date, a time, or several, already written out in the recipient's zone and language.
    Moment,
    /// A secure page of the practice, `https://…`.
    Link,
    /// A whole number, or a range such as `15-20`.
    Number,
    /// A one-time code of 4 to 10 letters and digits.
    Code,
    /// Free text from a record: a name, a place, a drug. It is judged and searched for links when rendered.
    Free,
}

impl ValueKind {
    /// Whether a cleaned value has the right shape. Free text always has.
    pub fn accepts(self, value: &str) -> bool {
        match self {
            ValueKind::Setting | ValueKind::Contact | ValueKind::Moment | ValueKind::Free => true,
            ValueKind::Phone => {
                value.bytes().filter(u8::is_ascii_digit).count() >= 3
                    && value.bytes().all(|byte| byte.is_ascii_digit() || b" ()-+.#*extEXT".contains(&byte))
            }
            ValueKind::Link => {
                (value.starts_with("https://") || value.starts_with("http://")) && value.bytes().all(|byte| byte.is_ascii_graphic())
            }
            ValueKind::Number => {
                value.len() <= 9
                    && value.starts_with(|first: char| first.is_ascii_digit())
                    && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
            }
            ValueKind::Code => (4..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        }
    }
}

struct Entry {
    variable: Variable,
    name: &'static str,
    kind: ValueKind,
    tier: Tier,
    description: &'static str,
    en: &'static [&'static str],
    es: &'static [&'static str],
}

macro_rules! registry {
    ($( $variant:ident $name:literal $kind:ident $tier:ident $description:literal en $en:expr, es $es:expr; )*) => {
        /// A variable that a wording may hold, written `{{name}}`. The list is closed (M-01): what is not here
        /// cannot get into a text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Variable {
            $( #[doc = $description] $variant, )*
        }

        impl Variable {
            /// Every variable, in the order in which an editor should offer them.
            pub const ALL: &'static [Variable] = &[ $( Variable::$variant, )* ];
        }

        static REGISTRY: &[Entry] = &[ $( Entry {
            variable: Variable::$variant,
            name: $name,
            kind: ValueKind::$kind,
            tier: Tier::$tier,
            description: $description,
            en: &$en,
            es: &$es,
        }, )* ];
    };
}

registry! {
    Practice "practice" Setting T0 "The practice's neutral name for texts."
        en ["Elm St Clinic"], es ["Clinica Elm St"];
    Phone "phone" Phone T0 "The practice's call-back number."
        en ["212-555-0123"], es ["212-555-0123"];
    Frequency "frequency" Setting T0 "How often texts come."
        en ["about 4/mo"], es ["unos 4 al mes"];
    Help "help" Contact T0 "Where to get help with the texts."
        en ["212-555-0123", "212-555-0123 or help@elmst.example"], es ["212-555-0123", "212-555-0123 o help@elmst.example"];
    Code "code" Code T0 "A one-time verification code."
        en ["482913"], es ["482913"];
    Date "date" Moment T1 "The date of the visit."
        en ["Tue 3/10", "Wed 12/10"], es ["mar 3/10", "mie 12/10"];
    Time "time" Moment T1 "The time of the visit."
        en ["2:15 PM", "12:15 PM"], es ["2:15 PM", "12:15 PM"];
    Day "day" Moment T1 "A day in words or figures."
        en ["today", "Wed 12/10"], es ["hoy", "mie 12/10"];
    When "when" Moment T1 "The day and time of the visit."
        en ["Tue 3/10 2:15 PM", "Wed 12/10 12:15 PM"], es ["mar 3/10 2:15 PM", "mie 12/10 12:15 PM"];
    VisitTimes "visit_times" Moment T1 "The times of several visits on one day."
        en ["9:00 AM and 2:15 PM", "10:00 AM and 12:15 PM"], es ["9:00 AM y 2:15 PM", "10:00 AM y 12:15 PM"];
    VisitList "visit_list" Moment T1 "Several visits, numbered as the answers are."
        en ["1) 9:00 AM 2) 2:15 PM", "1) 10:00 AM 2) 12:15 PM"], es ["1) 9:00 AM 2) 2:15 PM", "1) 10:00 AM 2) 12:15 PM"];
    Location "location" Free T1 "The neutral name of the place of the visit."
        en ["Main St office"], es ["oficina Main St"];
    Link "link" Link T1 "A link to a secure page of the practice."
        en ["https://go.elmst.example/s/k7Qm2xTz9bWq4LpN8vRc6A"], es ["https://go.elmst.example/s/k7Qm2xTz9bWq4LpN8vRc6A"];
    ReplyBy "reply_by" Moment T1 "Until when an answer counts."
        en ["5 PM today", "9:30 AM today"], es ["5 PM hoy", "9:30 AM hoy"];
    Minutes "minutes" Number T1 "How many minutes, roughly."
        en ["30", "30-45"], es ["30", "30-45"];
    WaitPosition "wait_position" Number T1 "The place in the walk-in queue."
        en ["3", "12"], es ["3", "12"];
    FirstName "first_name" Free T2 "The patient's first name."
        en ["Ana", "Guadalupe"], es ["Ana", "Guadalupe"];
    FullName "full_name" Free T2 "The patient's full name."
        en ["Ana Rivera", "Guadalupe Hernandez"], es ["Ana Rivera", "Guadalupe Hernandez"];
    Clinician "clinician" Free T2 "The clinician's name."
        en ["Dr. Chen", "Dr. Martinez"], es ["Dr. Chen", "Dr. Martinez"];
    Specialty "specialty" Free T2 "The clinic or specialty."
        en ["cardiology"], es ["cardiologia"];
    Medication "medication" Free T2 "The name of a medicine."
        en ["metformin", "levothyroxine"], es ["metformina", "levotiroxina"];
    Dose "dose" Free T2 "How much of a medicine to take."
        en ["500 mg"], es ["500 mg"];
    Procedure "procedure" Free T2 "The procedure or test."
        en ["ultrasound"], es ["ecografia"];
    Reason "reason" Free T2 "Why the visit takes place."
        en ["annual physical"], es ["examen anual"];
    Instructions "instructions" Free T2 "What to do before or after a visit."
        en ["Nothing to eat after midnight."], es ["No coma despues de medianoche."];
    Balance "balance" Free T2 "An amount owed."
        en ["$40.00"], es ["$40.00"];
    Result "result" Free T3 "A result. It goes on a secure page, never by SMS."
        en ["normal"], es ["normal"];
    BirthDate "birth_date" Free T3 "The full date of birth. Never by SMS."
        en ["1/2/1980"], es ["1/2/1980"];
    Notes "notes" Free T3 "Psychotherapy or treatment notes. Never by SMS (H-15)."
        en ["(notes)"], es ["(notas)"];
    Ssn "ssn" Free T3 "The Social Security number. Never by SMS."
        en ["000-00-0000"], es ["000-00-0000"];
}

impl Variable {
    fn entry(self) -> &'static Entry {
        &REGISTRY[self as usize]
    }

    /// The name used in wordings, such as `first_name`.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Finds a variable by the name used in wordings.
    pub fn parse(name: &str) -> Option<Variable> {
        REGISTRY.iter().find(|entry| entry.name == name).map(|entry| entry.variable)
    }

    /// What its values look like.
    pub fn kind(self) -> ValueKind {
        self.entry().kind
    }

    /// The lowest tier that a text with this variable can have (M-01).
    pub fn tier(self) -> Tier {
        self.entry().tier
    }

    /// One sentence for the person who writes a template.
    pub fn description(self) -> &'static str {
        self.entry().description
    }

    /// Sample values for previews and for measuring; never taken from a real person.
    pub fn samples(self, language: Language) -> &'static [&'static str] {
        match language {
            Language::En => self.entry().en,
            Language::Es => self.entry().es,
        }
    }

    /// The longest sample value, which is what length is checked with (C-13).
    pub fn longest_sample(self, language: Language) -> &'static str {
        self.samples(language).iter().copied().max_by_key(|sample| sample.chars().count()).unwrap_or("")
    }

    /// Whether the variable speaks of payment and so belongs in billing texts only.
    pub fn is_payment(self) -> bool {
        self == Variable::Balance
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms;

    #[test]
    fn each_variable_stands_at_its_own_place_and_is_found_by_name() {
        assert_eq!(Variable::ALL.len(), REGISTRY.len());
        for (index, &variable) in Variable::ALL.iter().enumerate() {
            assert_eq!(variable as usize, index);
            assert_eq!(variable.entry().variable, variable);
            assert_eq!(Variable::parse(variable.name()), Some(variable));
        }
        assert_eq!(Variable::parse("patient"), None);
    }

    #[test]
    fn every_sample_has_the_shape_of_its_kind_and_stays_in_gsm7() {
        for &variable in Variable::ALL {
            for language in Language::ALL {
                assert!(!variable.samples(language).is_empty(), "{variable:?}");
                for sample in variable.samples(language) {
                    assert!(variable.kind().accepts(sample), "{variable:?} {sample}");
                    assert_eq!(sms::measure(sample).encoding, sms::Encoding::Gsm7, "{sample}");
                }
            }
        }
    }

    #[test]
    fn notes_results_and_identity_numbers_are_never_sendable() {
        for variable in [Variable::Notes, Variable::Result, Variable::Ssn, Variable::BirthDate] {
            assert_eq!(variable.tier(), Tier::T3);
        }
    }

    #[test]
    fn a_value_of_the_wrong_shape_is_not_accepted() {
        assert!(!ValueKind::Phone.accepts("call the desk"));
        assert!(!ValueKind::Code.accepts("12"));
        assert!(!ValueKind::Code.accepts("12 34"));
        assert!(!ValueKind::Number.accepts("many"));
        assert!(!ValueKind::Number.accepts(""));
        assert!(!ValueKind::Link.accepts("javascript:alert(1)"));
        assert!(!ValueKind::Link.accepts("https://go.elmst.example/a b"));
    }
}
