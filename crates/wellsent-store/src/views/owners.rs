//! Whose a number is.

use crate::numbers::NumberKey;
use crate::words::word;
use crate::{StoreError, Tx, people};
use wellsent_db::{args, statements};
use wellsent_domain::person::Name;
use wellsent_domain::{ContactPointId, Language, PersonId, Phi, PhoneNumber};

statements! {
    AT = "SELECT c.person_id, p.name_sealed, c.id, c.number_sealed, p.language FROM contact_point c JOIN person p ON p.id = c.person_id WHERE c.practice_id = $1 AND c.number_idx = $2 AND c.state <> 'replaced' ORDER BY c.created_at, c.id LIMIT 8";
    NEWEST = "SELECT number_idx FROM contact_point WHERE practice_id = $1 AND state <> 'replaced' ORDER BY id DESC LIMIT $2";
}

/// Somebody who is reached at a number.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: Phi<Name>,
    /// The contact point.
    pub contact_point: ContactPointId,
    /// The number.
    pub number: Phi<PhoneNumber>,
    /// The language of texts.
    pub language: Language,
}

/// Who is reached at each of these numbers, in the order of the numbers; at most eight a number.
pub fn at(tx: &mut Tx<'_, '_>, numbers: &[NumberKey]) -> Result<Vec<Vec<Owner>>, StoreError> {
    let practice = tx.practice();
    let keys: Vec<_> = numbers.iter().map(|number| args![practice.bytes(), number.0]).collect();
    let found = tx.query_many(AT, &keys)?;
    found
        .iter()
        .map(|rows| {
            rows.iter()
                .map(|row| {
                    let (person, contact) = (row.id(0)?, row.id(2)?);
                    Ok(Owner {
                        person: PersonId::from_bytes(person),
                        name: people::name(tx, &person, row.blob(1)?)?,
                        contact_point: ContactPointId::from_bytes(contact),
                        number: people::phone(&tx.open("contact_point", "number", &contact, row.blob(3)?)?)?,
                        language: word(Language::parse(row.text(4)?), "person", "language")?,
                    })
                })
                .collect()
        })
        .collect()
}

/// The numbers that were added last, without repetition.
pub fn newest_numbers(tx: &mut Tx<'_, '_>, limit: i64) -> Result<Vec<NumberKey>, StoreError> {
    let practice = tx.practice();
    let mut numbers = Vec::new();
    for row in tx.query(NEWEST, &args![practice.bytes(), limit])? {
        let number = NumberKey(row.id(0)?);
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}
