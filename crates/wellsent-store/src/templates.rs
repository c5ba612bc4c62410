//! Wordings that a practice wrote itself.

use crate::entry::Entry;
use crate::words::word;
use crate::{StoreError, Tx, micros};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::Tier;
use wellsent_text::template::ContentKind;

statements! {
    INSERT = "INSERT INTO template (practice_id, name, version, tier, kind, neutral_twin, wording_en, wording_es, saved_at, saved_by) VALUES ($1, $2, (SELECT coalesce(max(version), 0) + 1 FROM template WHERE practice_id = $1 AND name = $2), $3, $4, $5, $6, $7, $8, $9)";
    LATEST = "SELECT name, version, tier, kind, neutral_twin, wording_en, wording_es FROM template t WHERE practice_id = $1 AND version = (SELECT max(version) FROM template u WHERE u.practice_id = t.practice_id AND u.name = t.name) ORDER BY name";
    CHANGES = "SELECT count(*) FROM template WHERE practice_id = $1";
}

/// A wording of a practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTemplate {
    /// Its name; that of a built-in one replaces it.
    pub name: String,
    /// Its tier.
    pub tier: Tier,
    /// What it speaks of.
    pub kind: ContentKind,
    /// The template to use where this one may not go.
    pub neutral_twin: Option<String>,
    /// The English wording.
    pub english: String,
    /// The Spanish wording.
    pub spanish: Option<String>,
}

/// Saves a wording that was checked. Earlier versions stay.
pub fn save(tx: &mut Tx<'_, '_>, template: &StoredTemplate, now: Timestamp) -> Result<(), StoreError> {
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    tx.execute(
        INSERT,
        &args![
            practice.bytes(),
            &template.name,
            template.tier.as_str(),
            template.kind.as_str(),
            template.neutral_twin.clone(),
            &template.english,
            template.spanish.clone(),
            micros(now),
            actor,
        ],
    )?;
    tx.record(now, Entry::new("template_saved", now).word("template", &template.name).word("tier", template.tier));
    Ok(())
}

/// The latest version of each.
pub fn latest(tx: &mut Tx<'_, '_>) -> Result<Vec<StoredTemplate>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(LATEST, &args![practice.bytes()])?;
    rows.iter()
        .map(|row| {
            Ok(StoredTemplate {
                name: row.text(0)?.to_owned(),
                tier: word(Tier::parse(row.text(2)?), "template", "tier")?,
                kind: word(ContentKind::parse(row.text(3)?), "template", "kind")?,
                neutral_twin: row.opt_text(4)?.map(str::to_owned),
                english: row.text(5)?.to_owned(),
                spanish: row.opt_text(6)?.map(str::to_owned),
            })
        })
        .collect()
}

/// A number that grows with every save, so that compiled templates can be kept until it changes.
pub fn changes(tx: &mut Tx<'_, '_>) -> Result<i64, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(CHANGES, &args![practice.bytes()])?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(0))
}
