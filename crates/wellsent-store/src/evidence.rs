//! What shows an act of consent: a signature from the check-in screen, a scanned form, a reference to a paper file.

use crate::entry::Entry;
use crate::when::micros;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use wellsent_db::{args, statements};
use wellsent_domain::{EvidenceId, PersonId, Phi};

statements! {
    INSERT = "INSERT INTO evidence (id, practice_id, person_id, kind, media_type, body_sealed, digest, at, actor) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 FROM person WHERE practice_id = $2 AND id = $3";
    GET = "SELECT kind, media_type, body_sealed FROM evidence WHERE practice_id = $1 AND person_id = $2 AND id = $3";
}

/// The largest scan that is kept.
pub const BYTES_MAX: usize = 5 * 1024 * 1024;

/// What is kept.
#[derive(Debug, Clone)]
pub struct NewEvidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// The bytes: a picture, a document, a line of text.
    pub body: Phi<Vec<u8>>,
}

/// What a piece of evidence is. The media type follows from it and is never taken from whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// A signature drawn on the check-in screen, as SVG paths that this program wrote.
    Signature,
    /// A scanned form.
    Scan(ScanType),
    /// A reference to a file kept elsewhere, or the name typed as a signature.
    Reference,
}

/// What a scan may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanType {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

impl ScanType {
    /// What the bytes are, by how they begin; `None` for anything that is not kept.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            _ => None,
        }
    }
}

impl EvidenceKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Scan(_) => "scan",
            Self::Reference => "reference",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Signature => "image/svg+xml",
            Self::Scan(ScanType::Pdf) => "application/pdf",
            Self::Scan(ScanType::Jpeg) => "image/jpeg",
            Self::Scan(ScanType::Png) => "image/png",
            Self::Reference => "text/plain; charset=utf-8",
        }
    }

    fn parse(kind: &str, media_type: &str) -> Option<Self> {
        let all = [Self::Signature, Self::Reference, Self::Scan(ScanType::Pdf), Self::Scan(ScanType::Jpeg), Self::Scan(ScanType::Png)];
        all.into_iter().find(|known| known.word() == kind && known.media_type() == media_type)
    }
}

/// Keeps a piece of evidence.
pub fn add(tx: &mut Tx<'_, '_>, person: PersonId, new: &NewEvidence, now: Timestamp) -> Result<EvidenceId, StoreError> {
    let id = tx.fresh(now, EvidenceId::from_uuid);
    let (practice, actor) = (tx.practice(), tx.actor().to_string());
    let body = new.body.expose();
    let digest = tx.digest("evidence", body);
    let sealed = tx.seal("evidence", "body", &id.bytes(), body);
    let (kind, media_type) = (new.kind.word(), new.kind.media_type());
    let added =
        tx.execute(INSERT, &args![id.bytes(), practice.bytes(), person.bytes(), kind, media_type, sealed, digest, micros(now), actor])?;
    if added == 0 {
        return Err(StoreError::NotFound { what: "patient" });
    }
    tx.record(now, Entry::new("evidence", now).word("evidence", id).word("person", person).word("kind", kind).digest("body", &digest));
    Ok(id)
}

/// A piece of evidence of a person.
pub fn get(tx: &mut Tx<'_, '_>, person: PersonId, id: EvidenceId) -> Result<(EvidenceKind, Phi<Vec<u8>>), StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(GET, &args![practice.bytes(), person.bytes(), id.bytes()])?;
    let row = row.ok_or(StoreError::NotFound { what: "evidence" })?;
    let kind = EvidenceKind::parse(row.text(0)?, row.text(1)?).ok_or(StoreError::corrupt("evidence", "kind"))?;
    Ok((kind, tx.open_bytes("evidence", "body", &id.bytes(), row.blob(2)?)?))
}
