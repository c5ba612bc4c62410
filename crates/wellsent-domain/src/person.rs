//! People, the numbers at which they can be reached, and who may act for whom.

use crate::words::words;
use crate::{ContactPointId, Language, PersonId, Phi, PhoneNumber};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A patient, or a proxy who is not a patient.
#[derive(Debug, Clone)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The id that the source system gave.
    pub record_number: Option<Phi<String>>,
    /// The name for staff. It never stands in a T1 text.
    pub name: Phi<Name>,
    /// The birth date.
    pub birth_date: Option<Phi<Date>>,
    /// The language of the texts.
    pub language: Language,
    /// The zone of the home address, where known (T-07).
    pub zone: Option<TimeZone>,
    /// Whether texts to this person make sense.
    pub standing: Standing,
    /// Whether everything about this person drops to T1 wording (H-41, H-42).
    pub sensitive: bool,
}

/// A name in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
}

impl Name {
    /// "Given Family", for staff pages.
    pub fn full(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }
}

words! {
    /// Whether texts to a person make sense.
    pub enum Standing {
        /// A patient of the practice, or a proxy of one.
        Active = "active",
        /// No longer with the practice.
        Inactive = "inactive",
        /// Has died.
        Deceased = "deceased",
    }
}

/// The age of a person on a day, in whole years. Somebody born on 29 February has the birthday on 1 March in other years (H-17).
pub fn age_on(birth: Date, day: Date) -> i16 {
    let mut years = day.year() - birth.year();
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    if !had_birthday {
        years -= 1;
    }
    years
}

/// A number at which one person can be reached. The same number may be a contact point of several people (P11).
#[derive(Debug, Clone)]
pub struct ContactPoint {
    /// Its id.
    pub id: ContactPointId,
    /// Whose it is.
    pub person: PersonId,
    /// The number.
    pub number: Phi<PhoneNumber>,
    /// What is known of it.
    pub state: ContactState,
    /// When a code sent to it came back (H-07).
    pub verified_at: Option<Timestamp>,
    /// When the patient last confirmed it in person.
    pub confirmed_at: Option<Timestamp>,
    /// How the practice got the number (T-02).
    pub obtained: Obtained,
}

words! {
    /// What is known of a contact point.
    pub enum ContactState {
        /// In use.
        Live = "live",
        /// Somebody answered that it is the wrong number (T-13).
        Disputed = "disputed",
        /// The carrier says that it does not exist.
        Invalid = "invalid",
        /// It cannot receive texts.
        NotTextable = "not_textable",
        /// The person has another number now.
        Replaced = "replaced",
    }
}

words! {
    /// How a number reached the practice. A number that the patient did not give is no consent (T-02).
    pub enum Obtained {
        /// From the patient.
        Patient = "patient",
        /// From a person who may act for the patient.
        Proxy = "proxy",
        /// From a record system, where the practice vouches that the patient gave it.
        Record = "record",
        /// From a referral or another third party.
        ThirdParty = "third_party",
    }
}

words! {
    /// What kind of line a number is, as far as a lookup knows.
    pub enum LineType {
        /// Nobody asked, or the answer was unclear.
        Unknown = "unknown",
        /// A mobile phone.
        Mobile = "mobile",
        /// A landline: it cannot be texted.
        Landline = "landline",
        /// A number on the internet. It can be texted; it proves less about who holds it (N-03).
        Voip = "voip",
        /// A toll-free number: nobody's phone.
        TollFree = "toll_free",
    }
}

/// The right of one person to act for another (H-17, H-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxy {
    /// What the right rests on.
    pub authority: Authority,
    /// First day.
    pub from: Date,
    /// Last day, if it ends by itself.
    pub until: Option<Date>,
    /// Whether clinical content may go to the proxy.
    pub clinical: bool,
}

words! {
    /// What a proxy's right rests on.
    pub enum Authority {
        /// A parent of a minor: ends with majority.
        Parent = "parent",
        /// A guardian of a minor: ends with majority.
        Guardian = "guardian",
        /// A power of attorney or a court's appointment.
        Legal = "legal",
        /// The patient agreed.
        Agreed = "agreed",
    }
}

impl Proxy {
    /// Whether the right holds for a person of this birth date on `today`. A parent's right ends on the birthday of majority.
    pub fn holds(&self, birth: Option<Date>, today: Date, majority_years: i16) -> bool {
        let in_time = self.from <= today && self.until.is_none_or(|until| today <= until);
        let by_age = match self.authority {
            Authority::Parent | Authority::Guardian => birth.is_some_and(|birth| age_on(birth, today) < majority_years),
            Authority::Legal | Authority::Agreed => true,
        };
        in_time && by_age
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_person_born_on_29_february_turns_18_on_1_march_of_a_common_year() {
        let birth = date(2008, 2, 29);
        assert_eq!(age_on(birth, date(2026, 2, 28)), 17);
        assert_eq!(age_on(birth, date(2026, 3, 1)), 18);
        assert_eq!(age_on(birth, date(2028, 2, 29)), 20);
    }

    #[test]
    fn a_parents_right_ends_with_the_birthday_and_a_court_appointment_does_not() {
        let parent = Proxy { authority: Authority::Parent, from: date(2020, 1, 1), until: None, clinical: true };
        let birth = Some(date(2008, 11, 24));
        assert!(parent.holds(birth, date(2026, 11, 23), 18));
        assert!(!parent.holds(birth, date(2026, 11, 24), 18));
        assert!(!parent.holds(None, date(2026, 11, 23), 18), "an unknown birth date fails safe");
        let legal = Proxy { authority: Authority::Legal, ..parent };
        assert!(legal.holds(birth, date(2030, 1, 1), 18));
    }
}
