//! Bringing a visit to what a row says.

use super::patients::Outcome;
use super::report::WarningKind;
use super::row::VisitRow;
use jiff::Timestamp;
use std::collections::HashMap;
use wellsent_domain::{PersonId, VisitTypeId};
use wellsent_store::appointments::{self, Upserted, VisitData};
use wellsent_store::{StoreError, Tx, practices};
use wellsent_text::fold_letters;

/// The visit type of rows that name none.
const PLAIN: &str = "Visit";
/// A longer name is a note. Names of types stand unsealed beside the rules, so notes must not get there.
const TYPE_CHARS_MAX: usize = 48;
/// More types than any practice has: the column holds something else.
const TYPES_MAX: usize = 200;

/// The visit types, as known within one transaction.
#[derive(Default)]
pub(super) struct Types {
    known: Option<HashMap<String, VisitTypeId>>,
}

impl Types {
    fn resolve(
        &mut self,
        tx: &mut Tx<'_, '_>,
        name: &str,
        now: Timestamp,
        warnings: &mut Vec<WarningKind>,
    ) -> Result<VisitTypeId, StoreError> {
        let known = match &mut self.known {
            Some(known) => known,
            none => none.insert(practices::visit_types(tx)?.into_iter().map(|kind| (fold_letters(&kind.name), kind.id)).collect()),
        };
        let mut name = if name.is_empty() { PLAIN } else { name };
        let mut folded = fold_letters(name);
        if let Some(id) = known.get(&folded) {
            return Ok(*id);
        }
        if folded.is_empty() || name.chars().count() > TYPE_CHARS_MAX || known.len() >= TYPES_MAX {
            warnings.push(WarningKind::VisitTypeNotTaken);
            name = PLAIN;
            folded = fold_letters(PLAIN);
            if let Some(id) = known.get(&folded) {
                return Ok(*id);
            }
        }
        let id = practices::ensure_visit_type(tx, name, is_sensitive(&folded), now)?;
        known.insert(folded, id);
        Ok(id)
    }
}

/// Whether the name of a new type tells of care that is specially protected (H-41, H-42). Staff can take the mark away; texts that went out
/// without it cannot be taken back.
fn is_sensitive(folded: &str) -> bool {
    const BEGINNINGS: [&str; 28] = [
        "psych",
        "mental",
        "behavior",
        "counsel",
        "therapist",
        "substance",
        "addict",
        "detox",
        "recovery",
        "suboxone",
        "methadone",
        "buprenorphine",
        "naltrexone",
        "hiv",
        "aids",
        "prep",
        "std",
        "sti",
        "abortion",
        "termination",
        "contracep",
        "pregnan",
        "prenatal",
        "fertil",
        "gender",
        "obgyn",
        "rehab",
        "salud mental",
    ];
    const WORDS: [&str; 8] = ["mat", "oud", "sud", "iud", "ob", "gyn", "anc", "tb"];
    folded.split(' ').any(|word| WORDS.contains(&word) || BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)))
        || folded.contains("salud mental")
}

/// Adds the visit or brings it to what the row says.
pub(super) fn upsert(
    tx: &mut Tx<'_, '_>,
    types: &mut Types,
    person: PersonId,
    row: &VisitRow,
    now: Timestamp,
    warnings: &mut Vec<WarningKind>,
) -> Result<Outcome, StoreError> {
    let visit_type = types.resolve(tx, &row.visit_type, now, warnings)?;
    let canonical =
        format!("1\n{person}\n{}\n{visit_type}\n{}\n{}\n{}", row.location, row.starts_at.as_microsecond(), row.zone, row.status.as_str());
    let digest = tx.digest("import_visit", canonical.as_bytes());
    let data = VisitData {
        source_id: row.source_id.clone(),
        person,
        location: row.location,
        visit_type,
        starts_at: row.starts_at,
        starts_local: row.starts_local.to_string(),
        zone: row.zone.clone(),
        status: row.status,
    };
    Ok(match appointments::upsert(tx, &data, digest, now)? {
        Upserted::Added(_) => Outcome::Added,
        Upserted::Changed(_) => Outcome::Changed,
        Upserted::Unchanged(_) => Outcome::Unchanged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_protected_care_are_sensitive_from_the_start() {
        for name in ["Psychotherapy", "HIV follow-up", "Behavioral Health", "MAT visit", "Prenatal", "IUD insertion"] {
            assert!(is_sensitive(&fold_letters(name)), "{name}");
        }
        for name in ["Follow-up", "Physical therapy", "Annual physical", "Visit", "New patient", "Cleaning"] {
            assert!(!is_sensitive(&fold_letters(name)), "{name}");
        }
    }
}
