//! Forms with a scan: what was typed is kept whatever is wrong with the file.

use crate::failure::Failed;
use axum::extract::Multipart;
use std::collections::HashMap;
use wellsent_domain::Phi;
use wellsent_store::evidence::{BYTES_MAX, EvidenceKind, NewEvidence, ScanType};

/// The largest body of such a form. It is larger than a scan may be, so that one that is a little too large gets a sentence.
pub(super) const BODY_BYTES_MAX: usize = 2 * BYTES_MAX;
/// The longest text of a field.
const FIELD_CHARS_MAX: usize = 500;

/// What was sent.
#[derive(Default)]
pub(super) struct Uploaded {
    fields: HashMap<String, String>,
    /// The scan.
    pub scan: Scan,
}

/// The scan of a form.
#[derive(Default)]
pub(super) enum Scan {
    /// None was chosen.
    #[default]
    None,
    /// One that is kept.
    Good(NewEvidence),
    /// One that is not, and why.
    Bad(&'static str),
}

impl Uploaded {
    /// Reads a form. The file comes last in it: when it is too large to be read, everything else is there already.
    pub(super) async fn read(mut form: Multipart) -> Result<Self, Failed> {
        let mut read = Self::default();
        while let Some(field) = form.next_field().await.map_err(|_| Failed::BAD_REQUEST)? {
            let Some(name) = field.name().map(str::to_owned) else { continue };
            if name != "scan" {
                let text = field.text().await.map_err(|_| Failed::BAD_REQUEST)?;
                read.fields.insert(name, text.trim().chars().take(FIELD_CHARS_MAX).collect());
                continue;
            }
            let Ok(bytes) = field.bytes().await else {
                read.scan = Scan::Bad(TOO_LARGE);
                break;
            };
            read.scan = match ScanType::of(&bytes) {
                _ if bytes.is_empty() => Scan::None,
                _ if bytes.len() > BYTES_MAX => Scan::Bad(TOO_LARGE),
                Some(kind) => Scan::Good(NewEvidence { kind: EvidenceKind::Scan(kind), body: Phi::new(bytes.to_vec()) }),
                None => Scan::Bad("The file is neither a PDF nor a JPEG or PNG picture. Choose another."),
            };
        }
        Ok(read)
    }

    /// The text of a field; empty for one that was not sent.
    pub(super) fn text(&self, name: &str) -> String {
        self.fields.get(name).cloned().unwrap_or_default()
    }

    /// Whether a box is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| value == "yes")
    }
}

const TOO_LARGE: &str = "The scan is larger than 5 MB. Scan it in grey or with fewer dots, and choose it again.";
