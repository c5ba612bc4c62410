//! Invented patients. Every value about them is a canary.

use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_domain::consent::{Category, Channel, ConsentAct};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Name, Obtained, Standing};
use wellsent_domain::{ContactPointId, Language, PersonId, Phi, PhoneNumber};
use wellsent_store::consents::ConsentRecord;
use wellsent_store::people::{ContactData, PersonData};
use wellsent_store::{StoreError, Tx, consents, people};
use wellsent_testkit::canary::{Canary, Kind};

/// A patient.
#[derive(Debug, Clone)]
pub struct Patient {
    n: usize,
    pub number: String,
    birth_date: Date,
    name: Name,
    record: String,
    /// What the patient writes about, and what staff and an application write.
    pub symptom: String,
    pub remedy: String,
    pub portal: String,
}

/// A word of letters that nobody else uses.
fn word(begins: &str, n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).expect("a letter"));
    format!("{begins}{}{}x", letter(n * 7 + 3), letter(n * 11 + 5))
}

impl Patient {
    /// The patient of a number; none is like another.
    pub fn invented(n: usize) -> Self {
        let areas = ["646", "718", "917", "347", "929"];
        let birth_date =
            Date::constant(1931, 3, 1).checked_add(jiff::Span::new().days(i64::try_from(n).expect("a few") * 401)).expect("a day");
        Self {
            n,
            number: format!("+1{}55501{:02}", areas[n % areas.len()], 10 + n),
            birth_date,
            name: Name { given: word("Quetzalin", n), family: word("Zwijndrecht", n) },
            record: word("mrnplovdiv", n),
            symptom: word("quorvitis", n),
            remedy: word("Plimvastatin", n),
            portal: word("Vexillum", n),
        }
    }

    /// What must turn up nowhere else.
    pub fn canaries(&self) -> Vec<Canary> {
        let canary =
            |what: &str, kind, value: &str| Canary { what: format!("{what} of patient {}", self.n), kind, value: value.to_owned() };
        vec![
            canary("number", Kind::Number, &self.number),
            canary("birth date", Kind::Date, &self.birth_date.to_string()),
            canary("given name", Kind::Words, &self.name.given),
            canary("family name", Kind::Words, &self.name.family),
            canary("record number", Kind::Words, &self.record),
            canary("symptom", Kind::Words, &self.symptom),
            canary("remedy", Kind::Words, &self.remedy),
            canary("word of the portal", Kind::Words, &self.portal),
        ]
    }

    /// Adds the patient, who agreed to texts and was warned about them.
    pub fn add(&self, tx: &mut Tx<'_, '_>, zone: &str, now: Timestamp) -> Result<(PersonId, ContactPointId), StoreError> {
        let person = PersonData {
            record_number: Some(Phi::new(self.record.clone())),
            name: Phi::new(Name { given: self.name.given.clone(), family: self.name.family.clone() }),
            birth_date: Some(Phi::new(self.birth_date)),
            language: Language::En,
            zone: Some(zone.to_owned()),
            standing: Standing::Active,
            sensitive: false,
        };
        let person = people::add(tx, &person, None, now)?;
        let number = PhoneNumber::parse(&self.number).expect("a number");
        let contact = ContactData { number: Phi::new(number), obtained: Obtained::Patient, verified_at: Some(now), reached: Reached::Own };
        let contact_point = people::set_number(tx, person, &contact, now)?;
        let language = Some(Language::En);
        let record = ConsentRecord { person, contact_point, channel: Channel::Paper, wording: None, evidence: None, language, at: now };
        consents::grant(tx, record, Category::Appointments, true, true)?;
        consents::record_warning(tx, record, ConsentAct::Warned)?;
        consents::record_warning(tx, record, ConsentAct::WarningAccepted)?;
        Ok((person, contact_point))
    }
}
