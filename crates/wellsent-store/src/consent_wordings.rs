//! The wordings that patients were shown, word for word, so that it can be said years later what exactly somebody agreed to (H-04, H-13).

use crate::when::micros;
use crate::words::word;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::Language;
use wellsent_ledger::leaf_hash;

statements! {
    KEEP = "INSERT INTO consent_wording (practice_id, digest, name, version, language, body, first_shown_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (practice_id, digest) DO NOTHING";
    GET = "SELECT name, version, language, body FROM consent_wording WHERE practice_id = $1 AND digest = $2";
}

/// A wording as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownWording {
    /// What it is about, such as `warning`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its language.
    pub language: Language,
    /// The words.
    pub body: String,
}

/// Keeps a wording, if it is not kept yet, and gives the digest by which events name it: SHA-256 over name, version, language and words.
pub fn keep(tx: &mut Tx<'_, '_>, shown: &ShownWording, now: Timestamp) -> Result<[u8; 32], StoreError> {
    let practice = tx.practice();
    let language = shown.language.as_str();
    let digest = *leaf_hash(format!("{}\n{}\n{language}\n{}", shown.name, shown.version, shown.body).as_bytes()).as_bytes();
    tx.execute(KEEP, &args![practice.bytes(), digest, &shown.name, &shown.version, language, &shown.body, micros(now)])?;
    Ok(digest)
}

/// The wording of a digest.
pub fn get(tx: &mut Tx<'_, '_>, digest: &[u8; 32]) -> Result<ShownWording, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), *digest])?.ok_or(StoreError::NotFound { what: "wording" })?;
    Ok(ShownWording {
        name: row.text(0)?.to_owned(),
        version: row.text(1)?.to_owned(),
        language: word(Language::parse(row.text(2)?), "consent_wording", "language")?,
        body: row.text(3)?.to_owned(),
    })
}
