//! What the caller knows about the practice and the recipient.

use std::fmt;

/// Facts that tell the practice's own particulars from the patient's. [`Known::default`] knows nothing.
#[derive(Clone, Default)]
pub struct Known {
    /// Telephone numbers of the practice, digits only, ten of them: no identifiers.
    pub(crate) practice_phones: Vec<String>,
    /// Link hosts of the practice, lower case: no identifiers.
    pub(crate) hosts: Vec<String>,
    /// Names of clinicians and staff: no identifiers.
    pub(crate) clinicians: Vec<String>,
    /// Names and street addresses of locations: no identifiers.
    pub(crate) places: Vec<String>,
    /// Names of the recipient and the patient: always identifiers.
    pub(crate) recipient_names: Vec<String>,
    /// Birth date of the patient as year, month, day: always an identifier.
    pub(crate) birth_date: Option<(i16, u8, u8)>,
    /// Record numbers of the patient: always identifiers.
    pub(crate) record_numbers: Vec<String>,
}

impl Known {
    /// Adds a telephone number of the practice in any form.
    #[must_use]
    pub fn practice_phone(mut self, phone: &str) -> Self {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let last = digits.len().saturating_sub(10);
        self.practice_phones.push(digits[last..].to_owned());
        self
    }

    /// Adds a host that the practice's links lead to.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.hosts.push(host.trim().to_lowercase());
        self
    }

    /// Adds the name of a clinician or a member of the staff.
    #[must_use]
    pub fn clinician(mut self, name: &str) -> Self {
        self.clinicians.push(name.to_owned());
        self
    }

    /// Adds the name or the street address of a location.
    #[must_use]
    pub fn place(mut self, place: &str) -> Self {
        self.places.push(place.to_owned());
        self
    }

    /// Adds a name of the recipient or of the patient.
    #[must_use]
    pub fn recipient_name(mut self, name: &str) -> Self {
        self.recipient_names.push(name.to_owned());
        self
    }

    /// Sets the birth date of the patient.
    #[must_use]
    pub fn birth_date(mut self, year: i16, month: u8, day: u8) -> Self {
        self.birth_date = Some((year, month, day));
        self
    }

    /// Adds a record number of the patient.
    #[must_use]
    pub fn record_number(mut self, number: &str) -> Self {
        self.record_numbers.push(number.to_owned());
        self
    }
}

/// Names nothing: what is known may be about a patient.
impl fmt::Debug for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Known(..)")
    }
}
